"""``executed.json``: the result of really passing every test value to upstream.

``make fidelity`` writes it; here it is only read, and compared with the Schema: a refresh that is not
followed by a run is noticed, because the values, or the settings they are tried with, are no longer those
that were executed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from codegen.errors import RecordError
from codegen.model import structured
from codegen.model.markers import OneOf
from codegen.model.schema import Param, Schema
from codegen.model.values import PlainValue

FORMAT = 2
VERDICTS = {
    "effect": "executed with effect",
    "no effect": "executed without effect",
    "refused": "refused upstream",
    "environment": "needs an environment that is not here",
}
"""Every verdict, with what it says."""
REDO = "make fidelity"

Verdict = Annotated[str, OneOf("verdict", tuple(VERDICTS))]


@dataclass(frozen=True, slots=True)
class TriedValue:
    """What became of one value."""

    value: PlainValue
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one parameter.

    Args:
        verdict: of the parameter as a whole, one of :data:`VERDICTS`.
        context: the settings that its values were tried with.
        values: each value, with its verdict.
    """

    verdict: Verdict
    context: Mapping[str, PlainValue] = field(default_factory=dict)
    values: tuple[TriedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of all parameters of a release."""

    engine: str
    version: str
    parameters: Mapping[str, Tried]

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
            raise RecordError(f"{path} has format {found!r}; this codegen reads format {FORMAT}. Update it.")
        return structured.structure(structured.converter(), data, Executed)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, structured.MistakenError) as error:
        what = str(error) or type(error).__name__
        raise RecordError(f"{path} cannot be read ({what}); recreate it with: {REDO}") from error


def missing(schema: Schema, executed: Executed | None) -> Iterator[str]:
    """What was not executed since it changed, a sentence each."""
    if executed is None:
        yield f"No test value of {schema.release} was executed; run: {REDO}"
    elif executed.version != schema.version:
        yield f"The test values were executed on {executed.release}, not {schema.version}; run: {REDO}"
    else:
        names = [param.name for param in schema.params if not executed.covers(param)]
        if names:
            yield f"The test values of {', '.join(names)} changed since they were executed; run: {REDO}"
