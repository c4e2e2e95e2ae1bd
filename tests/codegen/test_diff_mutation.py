"""Single edits of the real source are named, or end the reading: :mod:`tests.codegen.mutation` says how that
is judged."""

import random

import pytest

from tests.codegen import mutation


@pytest.fixture(scope="module")
def release() -> mutation.Release:
    return mutation.Release()


@pytest.mark.parametrize("kind", mutation.KINDS)
def test_no_edit_goes_unnoticed(release: mutation.Release, kind: str) -> None:
    edits = list(release.edits(kind, mutation.COUNT // len(mutation.KINDS), random.Random(f"seed 0, {kind}")))
    assert len(edits) == 34  # six kinds: over 200 in all
    outcomes = [mutation.judge(release, edit) for edit in edits]
    missed = [
        (each.edit.symbol, each.edit.old, each.edit.new, each.said)
        for each in outcomes
        if each.verdict == "missed"
    ]
    assert missed == []
    assert sum(each.verdict == "nothing" for each in outcomes) <= 3  # edits are meant to change something


def test_the_judge_is_not_content_with_another_digest(release: mutation.Release) -> None:
    """A comparison of nothing but locks knows that evidence changed, and not what: that does not pass
    here."""
    from dataclasses import replace

    [edit] = release.edits("literal", 1, random.Random(3))
    blind = mutation.Release()
    blind.side = replace(blind.side, library=None)
    assert mutation.judge(release, edit).verdict in ("named", "error")
    assert mutation.judge(blind, edit).verdict in ("missed", "error")
