"""``executed.json``: what became of every test value when it was really given to ``generate()``.

``make fidelity`` writes it; here it is only read, and compared with the Schema: a refresh that is not followed by a run is seen,
because the values, or the settings they are tried with, are no longer those that were executed.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen.errors import RecordError
from codegen.model.lock import frozen
from codegen.model.schema import Param, Schema
from codegen.model.types import Value

FORMAT = 2
VERDICTS = {
    "effect": "executed with effect",
    "no effect": "executed without effect",
    "refused": "refused upstream",
    "environment": "needs an environment that is not here",
}
"""Every verdict, with what it says."""
REDO = "make fidelity"


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one parameter.

    Args:
        verdict: of the parameter as a whole, one of :data:`VERDICTS`.
        context: the settings that its values were tried with.
        values: each value, with its verdict.
    """

    verdict: str
    context: Mapping[str, Value]
    values: tuple[tuple[Value, str], ...]


@dataclass(frozen=True, slots=True)
class Executed:
    """What became of all parameters of a release."""

    engine: str
    version: str
    parameters: Mapping[str, Tried]

    def covers(self, param: Param) -> bool:
        """Whether exactly the parameter's test values were tried, with the settings that it has now."""
        tried = self.parameters.get(param.name)
        return (
            tried is not None
            and repr(tuple(value for value, _ in tried.values)) == repr(param.test_values)
            and repr(dict(tried.context)) == repr(dict(param.context))
        )


def load(path: Path) -> Executed | None:
    """Read the record; None where there is none.

    Raises:
        RecordError: it is broken, or from a newer format.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise RecordError(
                f"{path} has format {data['format']!r}; this codegen reads format {FORMAT}. Update it."
            )
        return Executed(
            data["engine"],
            data["version"],
            {name: _tried(each) for name, each in data["parameters"].items()},
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RecordError(
            f"{path} cannot be read ({type(error).__name__}: {error}); write it anew with: {REDO}"
        ) from error


def _tried(data: Mapping[str, object]) -> Tried:
    values = data["values"]
    if not isinstance(values, list):
        raise TypeError("values are a list")
    tried = Tried(
        str(data["verdict"]),
        frozen(data["context"]),
        tuple((frozen(each["value"]), str(each["verdict"])) for each in values),
    )
    unknown = {tried.verdict, *(verdict for _, verdict in tried.values)} - VERDICTS.keys()
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))} is no verdict")
    return tried


def missing(schema: Schema, executed: Executed | None) -> Iterator[str]:
    """What was not executed since it changed, a sentence each."""
    if executed is None:
        yield f"No test value of {schema.release} was executed; run: {REDO}"
    elif executed.version != schema.version:
        release = f"{executed.engine} {executed.version}"
        yield f"The test values were executed on {release}, not {schema.version}; run: {REDO}"
    else:
        names = [param.name for param in schema.params if not executed.covers(param)]
        if names:
            yield f"The test values of {', '.join(names)} changed since they were executed; run: {REDO}"
