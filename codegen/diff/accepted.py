"""``accepted.toml``: findings that a person accepts, with a reason. Every mistake in it is reported at once.

An acceptance is for one finding: its id, its parameter and its new value. One that matches nothing, or that has run out, is a
mistake: what was accepted is settled by then, or has become something else.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.diff.catalog import KINDS
from codegen.diff.findings import Finding
from codegen.diff.parameters import same
from codegen.errors import AcceptedError
from codegen.model.lock import frozen
from codegen.model.types import Value

_KEYS = frozenset({"id", "parameter", "new", "reason", "until"})


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One accepted finding.

    Args:
        place: of the entry, for messages.
        id: of the kind.
        parameter: as the finding names it.
        new: the finding's new value; None where it has none.
        reason: why it is accepted.
        until: the release from which on it no longer counts.
    """

    place: str
    id: str
    parameter: str
    new: Value
    reason: str
    until: Version | None

    def matches(self, finding: Finding) -> bool:
        """Whether it is about that finding."""
        return (self.id, self.parameter) == (finding.id, finding.parameter) and same(self.new, finding.new)

    def is_about(self, other: "Acceptance") -> bool:
        """Whether another one accepts the same finding."""
        return (self.id, self.parameter) == (other.id, other.parameter) and same(self.new, other.new)


def load(path: Path, label: str, *, optional: bool = False) -> tuple[Acceptance, ...]:
    """Read the file, called ``label`` in messages; nothing is accepted where there is none and that is ``optional``.

    Raises:
        AcceptedError: it has mistakes; all of them are listed.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        if optional and isinstance(error, FileNotFoundError):
            return ()
        raise AcceptedError(label, [f"it cannot be read ({error.strerror})"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AcceptedError(label, [f"it is not TOML: {error}"]) from error
    entries = raw.get("accepted", [])
    mistakes = [f"{key!r} is not known; write [[accepted]]" for key in raw if key != "accepted"]
    if not isinstance(entries, list):
        mistakes.append("accepted: write [[accepted]], with two brackets")
        entries = []
    read = (_entry(f"accepted[{index}]", entry, mistakes) for index, entry in enumerate(entries))
    found = tuple(each for each in read if each is not None)
    for number, each in enumerate(found):
        mistakes += [
            f"{each.place}: the same finding as {other.place}"
            for other in found[:number]
            if each.is_about(other)
        ]
    if mistakes:
        raise AcceptedError(label, mistakes)
    return found


def _entry(place: str, raw: object, mistakes: list[str]) -> Acceptance | None:
    if not isinstance(raw, dict):
        mistakes.append(f"{place}: a table is expected here")
        return None
    known = len(mistakes)
    mistakes += [
        f"{place}: {key!r} is not known; known are {', '.join(sorted(_KEYS))}"
        for key in raw
        if key not in _KEYS
    ]
    texts = {key: raw.get(key) for key in ("id", "parameter", "reason")}
    mistakes += [
        f"{place}: it has no {key}"
        for key, text in texts.items()
        if not isinstance(text, str) or not text.strip()
    ]
    if isinstance(texts["id"], str) and texts["id"] and texts["id"] not in KINDS:
        mistakes.append(f"{place}.id: {texts['id']!r} is no finding; `python -m codegen rules` lists them")
    until = _until(place, raw.get("until"), mistakes)
    if len(mistakes) > known:
        return None
    return Acceptance(
        place, str(texts["id"]), str(texts["parameter"]), frozen(raw.get("new")), str(texts["reason"]), until
    )


def _until(place: str, raw: object, mistakes: list[str]) -> Version | None:
    if raw is None:
        return None
    try:
        return Version(raw) if isinstance(raw, str) else Version("")
    except InvalidVersion:
        mistakes.append(f'{place}.until: {raw!r} is no release; write for example until = "5.24"')
        return None


def apply(
    findings: Iterable[Finding], acceptances: tuple[Acceptance, ...], version: str, label: str
) -> tuple[Finding, ...]:
    """The findings, those that are accepted with the reason.

    Args:
        findings: of one comparison.
        acceptances: of the file called ``label``.
        version: the release on the new side.
        label: names the file in messages.

    Raises:
        AcceptedError: an acceptance matches nothing, or has run out.
    """
    mistakes: list[str] = []
    used: set[str] = set()
    marked = []
    for finding in findings:
        one = next((each for each in acceptances if each.matches(finding)), None)
        if one is not None:
            used.add(one.place)
            finding = replace(finding, accepted=one.reason)  # noqa: PLW2901 - the same finding, marked
        marked.append(finding)
    for each in acceptances:
        about = f"{each.place}: {each.id} of {each.parameter} with the new value {each.new!r}"
        if each.place not in used:
            mistakes.append(
                f"{about} is not found in this comparison; remove it, or leave out the file with --accepted none"
            )
        elif each.until is not None and _reached(version, each.until):
            mistakes.append(f"{about} was accepted until {each.until}, and this is {version}; decide again")
    if mistakes:
        raise AcceptedError(label, mistakes)
    return tuple(marked)


def _reached(version: str, until: Version) -> bool:
    try:
        return Version(version) >= until
    except InvalidVersion:
        return False
