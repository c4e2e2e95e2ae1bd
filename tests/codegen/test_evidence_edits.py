"""A few edits of the code that claims rest on; :mod:`tests.codegen.evidence_edits` can make many more."""

import random
from collections import Counter

import pytest

from tests.codegen import evidence_edits
from tests.codegen.evidence_edits import Evidence


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence()


@pytest.mark.parametrize("seed", range(2))
def test_every_change_of_what_a_claim_rests_on_asks_about_it(evidence: Evidence, seed: int) -> None:
    found = list(evidence_edits.mutations(evidence, 80, random.Random(seed)))
    assert [each for each in found if each.verdict == "missed"] == []
    assert Counter(each.verdict for each in found)["asked"] > 30


@pytest.mark.parametrize("seed", range(2))
def test_hardly_any_refactoring_asks_needlessly(evidence: Evidence, seed: int) -> None:
    found = list(evidence_edits.refactorings(evidence, 30, random.Random(seed)))
    needless = [each for each in found if each.verdict == "needless"]
    assert len(needless) <= len(found) / 6, needless
