"""``accepted.toml``: findings that a person accepts, with a reason. All mistakes in it are reported at once.

An acceptance is for one finding: its id, its parameter and its new value. It is a mistake if it matches no
finding or has expired: somebody has to decide again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Annotated

from packaging.version import InvalidVersion, Version

from codegen.diff.finding_kinds import KINDS
from codegen.diff.findings import Finding
from codegen.errors import AcceptedError
from codegen.mistakes import Mistake, Place
from codegen.model.markers import OneLine, OneOf
from codegen.model.values import PlainValue, same


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """One accepted finding.

    Args:
        place: where the entry is in the file.
        id: the id of the kind of finding.
        parameter: as the finding names it.
        new: the finding's new value; None where it has none.
        reason: why the finding is accepted.
        until: the first release for which the acceptance no longer counts.
    """

    place: Place = Place()  # noqa: RUF009 - frozen
    id: Annotated[str, OneOf("finding", tuple(KINDS), "`python -m codegen findings` lists them")]
    parameter: Annotated[str, OneLine()]
    new: PlainValue = None
    reason: Annotated[str, OneLine()]
    until: Version | None = None

    def matches(self, other: "Finding | Acceptance") -> bool:
        """Whether it is about that finding, or about the same finding as another acceptance."""
        return (self.id, self.parameter) == (other.id, other.parameter) and same(self.new, other.new)

    def __str__(self) -> str:
        return f"{self.id} of {self.parameter} with the new value {self.new!r}"


@dataclass(frozen=True, slots=True)
class _File:
    accepted: tuple[Acceptance, ...] = ()


def load(path: Path, label: str, *, optional: bool = False) -> tuple[Acceptance, ...]:
    """Read the file.

    Args:
        path: of the file.
        label: the name of the file in messages.
        optional: whether a missing file means that nothing is accepted.

    Raises:
        AcceptedError: the file cannot be read or has mistakes; all of them are listed.
    """
    if optional and not path.exists():
        return ()
    from codegen.model import structured  # noqa: PLC0415 - slow to import, and often there is no file

    try:
        acceptances = structured.structure(structured.converter(), structured.toml(path), _File).accepted
    except structured.MistakenError as error:
        raise AcceptedError(label, error.mistakes) from error
    mistakes = [
        Mistake(second.place, f"the same finding as {first.place}")
        for first, second in combinations(acceptances, 2)
        if second.matches(first)
    ]
    if mistakes:
        raise AcceptedError(label, mistakes)
    return acceptances


def apply(
    findings: Iterable[Finding], acceptances: tuple[Acceptance, ...], version: str, label: str
) -> tuple[Finding, ...]:
    """The findings, with ``accepted`` set to the reason in those that are accepted.

    Args:
        findings: the findings of one comparison.
        acceptances: the entries of the file.
        version: the release on the new side.
        label: the name of the file in messages.

    Raises:
        AcceptedError: an acceptance matches nothing, or has expired.
    """
    findings = tuple(findings)
    mistakes = [
        Mistake(acceptance.place, what)
        for acceptance in acceptances
        for what in _problems(acceptance, findings, version)
    ]
    if mistakes:
        raise AcceptedError(label, mistakes)
    return tuple(_marked(finding, acceptances) for finding in findings)


def _marked(finding: Finding, acceptances: tuple[Acceptance, ...]) -> Finding:
    reasons = (acceptance.reason for acceptance in acceptances if acceptance.matches(finding))
    reason = next(reasons, None)
    return finding if reason is None else replace(finding, accepted=reason)


def _problems(acceptance: Acceptance, findings: tuple[Finding, ...], version: str) -> Iterator[str]:
    """What is wrong with an acceptance in this comparison."""
    if not any(map(acceptance.matches, findings)):
        hint = "remove it, or leave out the file with --accepted none"
        yield f"{acceptance} is not found in this comparison; {hint}"
    elif acceptance.until is not None and _is_reached(version, acceptance.until):
        yield f"{acceptance} was accepted until {acceptance.until}, and this is {version}; decide again"


def _is_reached(version: str, until: Version) -> bool:
    try:
        return Version(version) >= until
    except InvalidVersion:
        return False
