"""What the schema accepts, ``generate()`` runs, and what it says of the work is so: a bounded part of ``make fidelity``."""

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llenergymeasure.config.backend_configs import PARAMS, RULES
from tests.fidelity import drawing, jobs, outside, places, rules, verdicts, witnesses
from tests.fidelity.dormancy import unkept
from tests.fidelity.judging import FORBIDDEN, judge, missing
from tests.fidelity.run import EXECUTED
from tests.fidelity.schema import ROOT, Schema, load
from tests.fidelity.worlds import WORLDS

SLOW = "continuous_batching_config"
"""Each of its calls takes half a second; ``make fidelity`` makes them."""
QUICK = [name for name in PARAMS if name != SLOW]


@pytest.mark.parametrize("name", QUICK)
def test_verdicts_are_those_on_record(schema: Schema, name: str) -> None:
    record = json.loads((ROOT / EXECUTED).read_text(encoding="utf-8"))["parameters"][name]
    known = {json.dumps(each["value"]): each["verdict"] for each in record["values"]}
    tried = [value for value in verdicts.values(schema, name) if value != "paged"][:4]
    found = {json.dumps(value): verdicts.of_value(schema, name, value).kind for value in tried}
    assert found == {value: known[value] for value in found}


@pytest.mark.parametrize("name", QUICK)
def test_what_is_refused_fails_or_is_a_declared_tightening(name: str) -> None:
    assert jobs.outside_job(str(ROOT), name).problems == []


@pytest.mark.parametrize("rule", [rule.id for rule in RULES if rule.effect == "reject"])
def test_each_rejecting_rule_fires_where_upstream_raises(rule: str) -> None:
    assert rules.rejection_job(str(ROOT), rule).problems == []


@pytest.mark.parametrize("rule", [rule.id for rule in RULES if rule.effect == "require"])
def test_each_precondition_runs_where_it_is_met_and_raises_where_it_is_not(rule: str) -> None:
    assert rules.need_job(str(ROOT), rule).problems == []


@pytest.mark.parametrize("label", ["continuous batching", "continuous sampling"])
@pytest.mark.parametrize(
    "name",
    ["max_new_tokens", "no_repeat_ngram_size", "prefill_chunk_size", "sequence_bias", "top_k", "use_mtp"],
)
def test_values_do_under_continuous_batching_as_the_schema_says(label: str, name: str) -> None:
    assert jobs.context_job(str(ROOT), name, label).problems == []


@pytest.mark.parametrize("rule", ["cache-given-twice", "own-prediction-layers", "start-tokens-exist"])
def test_a_rule_rejects_under_continuous_batching_what_fails_there(rule: str) -> None:
    assert rules.batching_job(str(ROOT), rule).problems == []


def test_a_length_that_continuous_batching_passes_by_is_no_precondition(schema: Schema) -> None:
    batched = {
        "cache_implementation": "paged",
        "continuous_batching_config": dict(places.SMALL),
        "max_length": 3,
    }
    found = judge(schema, batched, WORLDS["single"])
    assert found.judged == "tightening"
    assert found.rules == ("continuous-batches-have-a-length",)


@given(st.randoms(use_true_random=False), st.sampled_from(QUICK))
@settings(max_examples=40)
def test_drawn_configurations_do_as_the_schema_says(random: Random, about: str) -> None:
    schema = load()
    chosen, world = drawing.configuration(random, schema, about)
    found = judge(schema, chosen, WORLDS[world])
    assert found.judged not in FORBIDDEN, (chosen, world, found.why)
    if found.judged == "agree-run" and found.outcome:
        assert unkept(schema, chosen, WORLDS[world], found.outcome) == []


@pytest.mark.parametrize("name", [name for name in witnesses.WITNESSES if name != SLOW])
def test_a_witness_shows_that_a_parameter_is_not_dormant(schema: Schema, name: str) -> None:
    chosen, world = witnesses.WITNESSES[name]
    if not chosen.keys() <= schema.params.keys() or missing(chosen):
        pytest.skip("of another release, or in need of what is not here")
    assert list(witnesses.dead(schema, name, WORLDS[world])) == []


@pytest.mark.parametrize("pair", witnesses.PAIRS, ids=str)
def test_different_work_is_never_the_same_configuration(schema: Schema, pair: tuple[dict, dict, str]) -> None:
    one, other, world = pair
    assert list(witnesses.same(schema, one, other, WORLDS[world])) == []


def test_every_refused_value_is_refused(schema: Schema) -> None:
    for case in outside.cases(schema):
        with pytest.raises(ValueError, match=case.name):
            schema.config.model_validate({case.name: case.value})
