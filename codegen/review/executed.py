"""``executed.json``: what happened when the schema was tried on the real upstream.

``make fidelity`` writes it; here it is only read, and compared with the Schema. A refresh that is not
followed by a run is noticed, because what was executed is no longer what the Schema says. The problems of the
run are in the file, too; :mod:`codegen.review.accepted_problems` says which of them a person accepted.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from codegen.errors import RecordError
from codegen.model import lock, structured
from codegen.model.markers import OneOf
from codegen.model.schema import Param, Schema
from codegen.model.values import PlainValue

FORMAT = 3
"""The format of the file: 3 since it has the parts of the lock, the problems and the refusals of rules."""
VERDICTS = {
    "effect": "executed with effect",
    "no effect": "executed without effect",
    "refused": "refused upstream",
    "environment": "needs an environment that is not here",
}
"""Every verdict on a value, with its meaning."""
BEHAVIOURS = ("fails", "same", "effect")
"""What a tightening refuses fails somewhere; or it runs, and does what an accepted value does; or it has an
effect of its own."""
REDO = "make fidelity"
_MOST_NAMED = 8  # changed parts, in one sentence

Verdict = Annotated[str, OneOf("verdict", tuple(VERDICTS))]
Behaviour = Annotated[str, OneOf("behaviour", BEHAVIOURS)]


@dataclass(frozen=True, slots=True)
class ValueResult:
    """What became of one value."""

    value: PlainValue
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ParameterResult:
    """What became of one parameter.

    Args:
        verdict: of the parameter as a whole, one of :data:`VERDICTS`.
        context: the settings that its values were tried with.
        values: each value, with its verdict.
    """

    verdict: Verdict
    context: Mapping[str, PlainValue] = field(default_factory=dict)
    values: tuple[ValueResult, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What became of the combinations that a rule alone refuses.

    Args:
        tried: how many were passed to upstream.
        failed: how many of them failed there.
    """

    tried: int
    failed: int


@dataclass(frozen=True, slots=True)
class TighteningResult:
    """What became of a value that a declared tightening refuses.

    Args:
        reason: the digest of the reason that the tightening had then; with another one, it is tried again.
        behaviour: one of :data:`BEHAVIOURS`.
    """

    reason: str
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Problem:
    """A promise of the schema that upstream does not keep, or that was not tried.

    Args:
        cause: the same text in every run.
        count: how often it was met.
        example: the smallest case of it.
    """

    cause: str
    count: int
    example: str = ""


@dataclass(frozen=True, slots=True)
class Executed:
    """What happened with one release.

    Args:
        engine: the name of the upstream.
        version: of the release.
        lock: the digest of each part of the lock that was executed, see :func:`parts`.
        problems: what was found, by cause.
        rules: by rule, what became of the combinations that it alone refuses.
        tightenings: by tightening, what became of a value that it refuses.
        parameters: by parameter, what became of its test values.
    """

    engine: str
    version: str
    parameters: Mapping[str, ParameterResult]
    lock: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    rules: Mapping[str, RuleResult] = field(default_factory=dict)
    tightenings: Mapping[str, TighteningResult] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """The release, for display."""
        return f"{self.engine} {self.version}"

    def covers(self, param: Param) -> bool:
        """Whether exactly the parameter's test values were tried, with the settings that it has now."""
        tried = self.parameters.get(param.name)
        return (
            tried is not None
            and repr(tuple(each.value for each in tried.values)) == repr(param.test_values)
            and repr(dict(tried.context)) == repr(dict(param.context))
        )


def load(path: Path) -> Executed | None:
    """Read the record; None where there is none.

    Raises:
        RecordError: it is broken, or from another format.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found = structured.table(data).pop("format", None)
        if found != FORMAT:
            raise RecordError(
                f"{path} has format {found!r}; this codegen reads format {FORMAT}. Update it, or: {REDO}"
            )
        return structured.structure(structured.converter(), data, Executed)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, structured.MistakenError) as error:
        what = str(error) or type(error).__name__
        raise RecordError(f"{path} cannot be read ({what}); recreate it with: {REDO}") from error


_FOR_PEOPLE = frozenset(
    {
        "description",
        "described",
        "doc_digest",
        "message",
        "origins",
        "reason",
        "role",
        "role_reason",
        "section",
    }
)
"""Keys of the lock that people read: a change of them changes nothing that is executed."""


def parts(data: Mapping[str, object]) -> dict[str, str]:
    """The digest of each part of a lock that fidelity depends on, by its name for people.

    Args:
        data: the content of ``schema.lock.json``.
    """
    found = {}
    for key, noun, name in (("params", "", "name"), ("nested", "class ", "name"), ("rules", "rule ", "id")):
        for entry in structured.entries(data.get(key, [])):
            found[f"{noun}{entry[name]}"] = _digest(entry)
    found["class-wide tightenings"] = _digest(data.get("class_tightenings", []))
    return found


def _digest(value: object) -> str:
    text = json.dumps(_without_words(value), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _without_words(value: object) -> object:
    match value:
        case dict():
            return {key: _without_words(each) for key, each in value.items() if key not in _FOR_PEOPLE}
        case list():
            return [_without_words(each) for each in value]
    return value


def missing(schema: Schema, executed: Executed | None) -> Iterator[str]:
    """What was not executed since it changed, a sentence each."""
    if executed is None:
        yield f"No test value of {schema.release} was executed; run: {REDO}"
        return
    if executed.version != schema.version:
        yield f"The test values were executed on {executed.release}, not {schema.version}; run: {REDO}"
        return
    names = [param.name for param in schema.params if not executed.covers(param)]
    if names:
        yield f"The test values of {', '.join(names)} changed since they were executed; run: {REDO}"
    now = parts(json.loads(lock.dumps(schema, indent=None)))
    changed = [part for part in {**now, **executed.lock} if now.get(part) != executed.lock.get(part)]
    others = [part for part in changed if part not in names]
    if others:
        more = f" and {len(others) - _MOST_NAMED} more" if len(others) > _MOST_NAMED else ""
        listed = ", ".join(others[:_MOST_NAMED])
        yield f"What the schema says about {listed}{more} changed since it was executed; run: {REDO}"
