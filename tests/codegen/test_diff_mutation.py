"""Single edits of the real source are named, or end the reading: :mod:`tests.codegen.mutation` says how that
is judged.

``make mutation`` makes all edits of a seed; this is a third of those of seed 0.
"""

import random

import pytest

from tests.codegen import mutation, refusal_mutation

EACH = 12
"""Edits of each kind."""


@pytest.fixture(scope="module")
def release() -> mutation.Release:
    return mutation.Release()


def _outcomes(release: mutation.Release, kind: str) -> list[mutation.Outcome]:
    edits = list(release.edits(kind, EACH, random.Random(f"seed 0, {kind}")))
    assert len(edits) == EACH
    outcomes = [mutation.judge(release, edit) for edit in edits]
    missed = [
        (each.edit.symbol, each.edit.old, each.edit.new, each.said)
        for each in outcomes
        if each.verdict == "missed"
    ]
    assert missed == []
    return outcomes


@pytest.mark.parametrize("kind", mutation.KINDS)
def test_no_edit_goes_unnoticed(release: mutation.Release, kind: str) -> None:
    verdicts = [each.verdict for each in _outcomes(release, kind)]
    assert verdicts.count("nothing") <= 1  # edits are meant to change something


def test_a_check_that_is_written_in_another_way_means_the_same(release: mutation.Release) -> None:
    verdicts = [each.verdict for each in _outcomes(release, mutation.REWRITTEN)]
    assert verdicts.count("same") >= 10  # a few forms may end the reading instead


def test_a_check_that_is_written_in_another_way_and_changed_is_found(release: mutation.Release) -> None:
    verdicts = [each.verdict for each in _outcomes(release, mutation.CHANGED)]
    assert verdicts.count("same") <= 4  # a few changes change nothing
    assert verdicts.count("named") >= 4


def test_a_changed_digest_alone_does_not_count_as_found(release: mutation.Release) -> None:
    """A comparison of nothing but locks knows that evidence changed, and not what: that does not pass
    here."""
    from dataclasses import replace

    [edit] = release.edits("literal", 1, random.Random(3))
    blind = mutation.Release()
    blind.side = replace(blind.side, library=None)
    assert mutation.judge(release, edit).verdict in ("named", "error")
    assert mutation.judge(blind, edit).verdict in ("missed", "error")


@pytest.mark.parametrize("kind", refusal_mutation.KINDS)
def test_no_refusal_in_reach_comes_goes_or_moves_unnoticed(release: mutation.Release, kind: str) -> None:
    edits = refusal_mutation.edits(release, kind, 8, random.Random(f"seed 0, {kind}"))
    outcomes = [refusal_mutation.judge(release, edit) for edit in edits]
    assert len(outcomes) == 8
    assert [(each.edit.symbol, each.edit.old) for each in outcomes if each.verdict == "missed"] == []
