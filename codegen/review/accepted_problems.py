"""``accepted_problems.toml``: problems of a fidelity run that a person accepts, with a reason.

For example a fault of upstream that no rule can describe, or that is fixed with the next release. An
acceptance is for one cause, word for word as the run prints it. An acceptance that matches nothing is stale,
and is a finding: the problem is gone, or has become another one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Annotated

from codegen.errors import AcceptedError
from codegen.mistakes import Mistake, Place
from codegen.model.markers import OneLine
from codegen.review.executed import Executed


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One accepted cause.

    Args:
        place: of the entry.
        cause: as ``make fidelity`` prints it.
        reason: why it is accepted.
    """

    place: Place = Place()  # noqa: RUF009 - frozen
    cause: Annotated[str, OneLine()]
    reason: Annotated[str, OneLine()]


@dataclass(frozen=True, slots=True)
class _File:
    accepted: tuple[Acceptance, ...] = ()


def load(path: Path, label: Path) -> tuple[Acceptance, ...]:
    """Read the file, called ``label`` in messages; nothing is accepted where there is none.

    Raises:
        AcceptedError: it has mistakes; all of them are listed.
    """
    if not path.exists():
        return ()
    from codegen.model import structured  # noqa: PLC0415 - slow to import, and often there is no file

    try:
        found = structured.structure(structured.converter(), structured.toml(path), _File).accepted
    except structured.MistakenError as error:
        raise AcceptedError(str(label), error.mistakes) from error
    mistakes = [
        Mistake(second.place, f"the same cause as {first.place}")
        for first, second in combinations(found, 2)
        if first.cause == second.cause
    ]
    if mistakes:
        raise AcceptedError(str(label), mistakes)
    return found


def findings(executed: Executed | None, acceptances: tuple[Acceptance, ...], label: Path) -> Iterator[str]:
    """The problems that nobody accepted, and the acceptances that match none, a sentence each.

    Args:
        executed: the record of the last run; None where there was none.
        acceptances: of the file called ``label``.
        label: names the file, for people.
    """
    problems = executed.problems if executed else ()
    accepted = {each.cause for each in acceptances}
    open_ = [each for each in problems if each.cause not in accepted]
    for problem in open_:
        often = "once" if problem.count == 1 else f"{problem.count} times"
        example = f" For example: {problem.example}" if problem.example else ""
        yield f"Fidelity found ({often}) {problem.cause}.{example}"
    if open_:
        yield f"Correct what they name and run make fidelity, or accept them with a reason in {label}"
    known = {each.cause for each in problems}
    for each in acceptances:
        if each.cause not in known:
            yield f"{label}: {each.place} accepts what fidelity no longer finds ({each.cause}); remove it"
