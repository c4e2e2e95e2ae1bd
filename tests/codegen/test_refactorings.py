"""Refactorings ask hardly anybody: :mod:`tests.codegen.refactorings` makes as many as one likes."""

import random

import pytest

from tests.codegen import refactorings
from tests.codegen.mutation import Release


@pytest.fixture(scope="module")
def release() -> Release:
    return Release()


@pytest.mark.parametrize("kind", refactorings.KINDS)
def test_what_does_the_same_is_taken_for_it(release: Release, kind: str) -> None:
    found = list(refactorings.refactorings(release, kind, 4, random.Random(f"seed 0, {kind}")))
    asked = [each for each in found if each.asked]
    # What is extracted from statements that a claim rests on has to be asked about, until the claim names it.
    assert len(asked) <= (3 if kind == "a helper extracted" else 1), asked
