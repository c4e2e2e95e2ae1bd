"""codegen.review.accepted_problems: what fidelity found counts until a person accepts it."""

from pathlib import Path

import pytest

from codegen.errors import AcceptedError
from codegen.review import accepted_problems
from codegen.review.accepted_problems import Acceptance
from codegen.review.executed import Executed, Problem

LABEL = Path("folder/accepted_problems.toml")
PAGED = Problem(
    "unsound: AttributeError: no length (a.py::f), with Bart", 500, '{"cache": "paged"} in translating'
)
ONCE = Problem("dead witness: top_k: without it the work is the same", 1)


def _record(*problems: Problem) -> Executed:
    return Executed("transformers", "2.4.0", {}, problems=problems)


def _accepted(*problems: Problem) -> tuple[Acceptance, ...]:
    return tuple(Acceptance(cause=problem.cause, reason="As it is.") for problem in problems)


HOW = f"Correct what they name and run make fidelity, or accept them with a reason in {LABEL}"


@pytest.mark.parametrize(
    ("record", "acceptances", "sentences"),
    [
        (None, (), []),
        (_record(), (), []),
        (_record(PAGED), _accepted(PAGED), []),
        (
            _record(PAGED, ONCE),
            _accepted(ONCE),
            [
                f"Fidelity found (500 times) {PAGED.cause}. For example: {PAGED.example}",
                HOW,
            ],
        ),
        (_record(ONCE), (), [f"Fidelity found (once) {ONCE.cause}.", HOW]),
        (
            _record(),
            _accepted(PAGED),
            [f"{LABEL}: the file accepts what fidelity no longer finds ({PAGED.cause}); remove it"],
        ),
    ],
)
def test_findings_and_accepted_entries_have_to_match(
    record: Executed | None, acceptances: tuple[Acceptance, ...], sentences: list[str]
) -> None:
    assert list(accepted_problems.findings(record, acceptances, LABEL)) == sentences


def _read(tmp_path: Path, text: str) -> tuple[Acceptance, ...]:
    path = tmp_path / "accepted_problems.toml"
    path.write_text(text, encoding="utf-8")
    return accepted_problems.load(path, LABEL)


ENTRY = '[[accepted]]\ncause = "a"\nreason = "b"\n'


def test_the_file_is_read(tmp_path: Path) -> None:
    assert accepted_problems.load(tmp_path / "none.toml", LABEL) == ()
    assert _read(tmp_path, "# nothing yet\n") == ()
    [found] = _read(tmp_path, ENTRY)
    assert (found.cause, found.reason, str(found.place)) == ("a", "b", "accepted[0]")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('[[accepted]]\ncause = "a"\n', "accepted[0]: it has no reason"),
        ('[[accepted]]\ncause = "a"\nreason = " "\n', "accepted[0].reason: it is empty"),
        (ENTRY + "more = 1\n", "accepted[0]: 'more' is not known"),
        (ENTRY + ENTRY, "accepted[1]: the same cause as accepted[0]"),
        ("[", "the file: it is not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_reported(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(AcceptedError) as raised:
        _read(tmp_path, text)
    assert str(raised.value).startswith(f"{LABEL} has 1 mistake:")
    assert what in str(raised.value)
