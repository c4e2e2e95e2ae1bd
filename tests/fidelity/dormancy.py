"""Dormancy and ``canonical()``, compared with the work trace: what is said to change nothing, and to be
the same."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tests.fidelity.judging import rejections, sent
from tests.fidelity.needs import NEEDS, missing
from tests.fidelity.oracle import Outcome, differences, execute
from tests.fidelity.scenarios import SCENARIOS, Scenario
from tests.fidelity.schema import Schema


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A promise that the trace does not keep.

    Args:
        promise: ``dormant`` or ``canonical``.
        given: what was set, in YAML form.
        scenario: where.
        about: the field, or what the canonical form sets.
        difference: of the traces, a few lines.
    """

    promise: str
    given: Mapping[str, Any]
    scenario: str
    about: str
    difference: str

    @property
    def kinds(self) -> list[str]:
        """The kinds of work that differ: ``forward``, ``processor``, ``returned``."""
        lines = [line for line in self.difference.splitlines() if line[:1] in ("+", "-")]
        return sorted({line[1:].partition(":")[0] for line in lines})


DEPENDING: Mapping[str, str] = {
    "max_new_tokens": "it is the usual length where it is 20 and max_length is not set",
    "max_length": "it is the usual length where it is 20 more than the prompt has",
    "min_new_tokens": "it is the least length where min_length is that much more than the prompt has",
    "pad_token_id": "padding is put only where one sequence ends before another",
    "decoder_start_token_id": "one for each prompt may be what the model itself says for all of them",
    "assistant_ensemble_weight": "it changes what is accepted only where both models differ by more than it weighs",
    "max_cache_len": "the cache is as long as the call needs where that is more",
}
"""Fields that have an effect depending on their values and on what is generated, which nobody can know in
advance: without them the work may be the same."""


def without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is set but for one field."""
    return {other: value for other, value in given.items() if other != name}


AGAINST: Mapping[str, Mapping[str, Any]] = {"continuous_batching_config": {"num_blocks": 16}}
"""Other settings of a field, where a call without the field would take all memory there is."""


def otherwise(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is set but for one field; where nothing can be called without it, with other settings of it."""
    if name in AGAINST:
        return {**given, name: {**(given[name] or {}), **AGAINST[name]}}
    return without(given, name)


def dormant(schema: Schema, given: Mapping[str, Any], scenario: Scenario) -> dict[str, str]:
    """The dormant fields of a configuration in a scenario, each with the reason."""
    return schema.config.model_validate(dict(given)).dormant(scenario.model_defaults, facts=scenario.facts)


def canonical(schema: Schema, given: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """What the canonical form of a configuration in a scenario sets, in YAML form."""
    config = schema.config.model_validate(dict(given))
    return config.canonical(scenario.model_defaults, facts=scenario.facts).to_data()


def unkept(
    schema: Schema,
    given: Mapping[str, Any],
    scenario: Scenario,
    done: Outcome,
    fields: Collection[str] | None = None,
) -> list[Mismatch]:
    """The promises about a configuration that its work trace does not keep.

    Args:
        schema: of the installed release.
        given: what is set; it is accepted, and runs.
        scenario: where.
        done: what happened.
        fields: the dormant ones to take away, each by itself; all if not given. ``canonical()`` takes all of
            them away at once.
    """
    found = []
    for name in dormant(schema, given, scenario) if fields is None else fields:
        rest = without(given, name)
        if missing(rest, NEEDS) is None:
            found += _compared(
                "dormant", (given, scenario.name, name), done, execute(sent(schema, rest), scenario)
            )
    form = canonical(schema, given, scenario)
    twin = SCENARIOS[scenario.twin] if scenario.twin else scenario
    blank = dict.fromkeys(twin.model_defaults)  # the form is for a model whose own settings say nothing
    kwargs = blank | sent(schema, {name: value for name, value in form.items() if name in schema.params})
    found += _compared("canonical", (given, scenario.name, repr(form)), done, execute(kwargs, twin))
    return found


def idle(
    schema: Schema, given: Mapping[str, Any], scenario: Scenario, done: Outcome, name: str
) -> bool | None:
    """Whether the work is the same without a field that is not called dormant, or with other settings of it.

    Args:
        schema: of the installed release.
        given: what is set; it is accepted, and runs.
        scenario: where.
        done: what happened.
        name: the field.

    Returns:
        False where the rest asks for what is not here, and so is another call; None where the schema rejects
        the rest.
    """
    rest = otherwise(given, name)
    if missing(rest, NEEDS) is not None:
        return False
    if rejections(schema, rest, scenario):
        return None
    return execute(sent(schema, rest), scenario) == done


def _compared(
    promise: str, what: tuple[Mapping[str, Any], str, str], one: Outcome, other: Outcome
) -> list[Mismatch]:
    given, scenario, about = what
    return [] if one == other else [Mismatch(promise, given, scenario, about, differences(one, other))]
