"""The verdict on each parameter and on each of its test values.

A verdict says what happened when the value was tried in the parameter's scenarios and context. Each value has
exactly one:

* ``effect``: executed, and the work differs from the work without it;
* ``no effect``: executed, and the work is the same;
* ``refused``: upstream raised, with the expected message;
* ``environment``: it needs a device, a package or a kind of model that is not here.

The verdict of a parameter is the best one of its values, in the order *effect*, *environment*, *refused*, *no
effect*.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.fidelity import places
from tests.fidelity.judging import sent
from tests.fidelity.needs import NEEDED_FOR_EFFECT, NEEDS, missing
from tests.fidelity.oracle import Outcome, execute
from tests.fidelity.scenarios import SCENARIOS
from tests.fidelity.schema import Schema, plain

Kind = Literal["effect", "no effect", "refused", "environment"]

REFUSALS: Mapping[str, str] = {
    "max_length": r"Input length of .* is \d+, but `max_length` is set to",
    "cache_config": r"fp8|FP8|nbits|axis|group",
    "cache_implementation": r"Invalid `cache_implementation`",
    "bos_token_id": r"`bos_token_id` has to be defined when no `input_ids` are provided",
}
"""What upstream says when it refuses a test value of a parameter in its own context."""


class UnexpectedRefusalError(AssertionError):
    """Upstream refused a value that it should take, or refused it with another message than expected."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one value.

    Args:
        name: the parameter.
        value: in YAML form.
        kind: what became of it.
        why: the message, the reason, or the scenario that showed the effect.
    """

    name: str
    value: Any
    kind: Kind
    why: str = ""


def of_value(schema: Schema, name: str, value: Any) -> Verdict:
    """Try one value of a parameter in its context.

    Raises:
        UnexpectedRefusalError: upstream refuses it, and not with the words of :data:`REFUSALS`.
    """
    settings = places.context(schema, name)
    given = places.with_value(settings, name, value)
    scenarios = places.scenarios_for(name)
    if not scenarios:
        return Verdict(name, value, "environment", "model: one that this release cannot have")
    need = missing(given, NEEDS)
    if need is not None:
        return Verdict(name, value, "environment", f"{need.what}: {need.reason}")
    raised = []
    for scenario in scenarios:
        done = execute(sent(schema, given), SCENARIOS[scenario])
        if not done.ran:
            raised.append(done)
        elif done.work != _without(schema, settings, name, scenario).work:
            return Verdict(name, value, "effect", scenario)
    if raised:
        return _refused(name, value, raised[0])
    need = missing({name: value}, NEEDED_FOR_EFFECT)
    if need is not None:
        return Verdict(name, value, "environment", f"{need.what}: {need.reason}")
    return Verdict(name, value, "no effect")


def _without(schema: Schema, settings: Mapping[str, Any], name: str, scenario: str) -> Outcome:
    base = dict(settings)
    if name == "cache_config" and base.get("cache_implementation") == "quantized":
        base = {}  # without this setting the backend would be the default one, whose package may not be here
    return execute(sent(schema, base), SCENARIOS[scenario])


def _refused(name: str, value: Any, outcome: Outcome) -> Verdict:
    expected = REFUSALS.get(name)
    if expected is None or not re.search(expected, outcome.error):
        raise UnexpectedRefusalError(f"{name}={value!r}: {outcome.error} ({outcome.place})")
    return Verdict(name, value, "refused", outcome.error.splitlines()[0][:160])


_RANK: tuple[Kind, ...] = ("effect", "environment", "refused", "no effect")


def of_parameter(verdicts: list[Verdict]) -> Kind:
    """The verdict of a parameter, from those of its values."""
    return min((verdict.kind for verdict in verdicts), key=_RANK.index)


def values(schema: Schema, name: str) -> list[Any]:
    """The test values of a parameter, in YAML form."""
    return [plain(value) for value in schema.params[name]["test_values"]]
