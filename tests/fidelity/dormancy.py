"""Compares what the schema says of dormancy and of canonical forms with the work traces of real calls."""

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
    """A promise of the schema that the work trace contradicts.

    Args:
        promise: ``dormant`` or ``canonical``.
        given: what was set, in YAML form.
        scenario: the name of the scenario.
        about: the dormant field, or what the canonical form sets.
        difference: a few lines of the difference of the traces.
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


DEPENDS_ON_OUTPUT: Mapping[str, str] = {
    "max_new_tokens": "it is the usual length where it is 20 and max_length is not set",
    "max_length": "it is the usual length where it is 20 more than the prompt has",
    "min_new_tokens": "it is the least length where min_length is that much more than the prompt has",
    "pad_token_id": "padding is put only where one sequence ends before another",
    "decoder_start_token_id": "one for each prompt may be what the model itself says for all of them",
    "assistant_ensemble_weight": "it changes what is accepted only where both models differ by more than it weighs",
    "max_cache_len": "the cache is as long as the call needs where that is more",
    "prefill_chunk_size": "a prompt with no more tokens than a chunk is passed at once",
}
"""Fields whose effect depends on their value and on what is generated, with the reason. Without them the work
may be the same, which cannot be known in advance."""


def without(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The configuration without one field."""
    return {other: value for other, value in given.items() if other != name}


_OTHER_VALUE: Mapping[str, Mapping[str, Any]] = {"continuous_batching_config": {"num_blocks": 16}}
"""By field: another value of it, for fields without which a call would take all memory there is."""


def without_or_changed(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The configuration without one field or, if no call can do without it, with another value of it."""
    if name in _OTHER_VALUE:
        return {**given, name: {**(given[name] or {}), **_OTHER_VALUE[name]}}
    return without(given, name)


def dormant(schema: Schema, given: Mapping[str, Any], scenario: Scenario) -> dict[str, str]:
    """The dormant fields of a configuration in a scenario, each with the reason."""
    return schema.config.model_validate(dict(given)).dormant(scenario.model_defaults, facts=scenario.facts)


def canonical(schema: Schema, given: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """What the canonical form of a configuration in a scenario sets, in YAML form."""
    config = schema.config.model_validate(dict(given))
    return config.canonical(scenario.model_defaults, facts=scenario.facts).to_data()


def broken_promises(
    schema: Schema,
    given: Mapping[str, Any],
    scenario: Scenario,
    done: Outcome,
    fields: Collection[str] | None = None,
) -> list[Mismatch]:
    """The promises about a configuration that its work trace contradicts.

    Args:
        schema: of the installed release.
        given: what is set; it is accepted, and runs.
        scenario: where it runs.
        done: the outcome of that call.
        fields: the dormant fields to remove, one at a time; all if not given. The canonical form, which is
            compared as well, is without all of them.
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
    blank = dict.fromkeys(twin.model_defaults)  # canonical forms assume a model without settings of its own
    kwargs = blank | sent(schema, {name: value for name, value in form.items() if name in schema.params})
    found += _compared("canonical", (given, scenario.name, repr(form)), done, execute(kwargs, twin))
    return found


def makes_no_difference(
    schema: Schema, given: Mapping[str, Any], scenario: Scenario, done: Outcome, name: str
) -> bool | None:
    """Whether the work is the same without a field that is not called dormant, or with another value of it.

    Args:
        schema: of the installed release.
        given: what is set; it is accepted, and runs.
        scenario: where it runs.
        done: the outcome of that call.
        name: the field.

    Returns:
        False also where the configuration without the field needs something that is not here, since it is
        another call then. None where the schema rejects it.
    """
    rest = without_or_changed(given, name)
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
