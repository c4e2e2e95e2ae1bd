"""What the schema accepts runs in ``generate()``, and what it says about the work is true: a limited part of
``make fidelity``."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llenergymeasure.config.backend_configs import PyTorchConfig
from tests.codegen import expectations
from tests.fidelity import drawing, jobs, outside, places, preconditions, rules, verdicts, witnesses
from tests.fidelity.dormancy import broken_promises, dormant, makes_no_difference
from tests.fidelity.judging import FORBIDDEN, judge, sent
from tests.fidelity.needs import missing
from tests.fidelity.oracle import execute
from tests.fidelity.run import EXECUTED
from tests.fidelity.scenarios import SCENARIOS
from tests.fidelity.schema import ROOT, Schema, load

SLOW = "continuous_batching_config"
"""Each of its calls takes half a second; ``make fidelity`` makes them."""
WIDE = "continuous-batching-ignores"
"""Dozens of fields, each tried with such calls."""
QUICK = [name for name in PyTorchConfig.params if name != SLOW]


@pytest.fixture(autouse=True)
def _bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each rule is tried on fewer combinations than ``make fidelity`` tries it on."""
    monkeypatch.setattr(rules, "ENOUGH_CALLS", 2)
    monkeypatch.setattr(rules, "FEW_TRIES", 10)


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


@pytest.mark.parametrize("rule", [rule.id for rule in PyTorchConfig.rules if rule.effect == "reject"])
def test_each_rejecting_rule_fires_where_upstream_raises(rule: str) -> None:
    assert rules.rejection_job(str(ROOT), rule).problems == []


@pytest.mark.parametrize("rule", [rule.id for rule in PyTorchConfig.rules if rule.effect == "require"])
def test_each_precondition_runs_where_it_is_met_and_raises_where_it_is_not(rule: str) -> None:
    assert preconditions.need_job(str(ROOT), rule).problems == []


@pytest.mark.parametrize("label", ["continuous batching", "continuous sampling"])
@pytest.mark.parametrize(
    "name",
    ["max_new_tokens", "no_repeat_ngram_size", "prefill_chunk_size", "sequence_bias", "top_k", "use_mtp"],
)
def test_values_do_under_continuous_batching_as_the_schema_says(label: str, name: str) -> None:
    assert jobs.context_job(str(ROOT), name, label).problems == []


BATCHED = places.SETTINGS["continuous batching"]
BY_REQUEST = BATCHED | {"continuous_batching_config": places.SMALL | {"per_request_processors": True}}
DRAFTED = {"prompt_lookup_num_tokens": 3, "return_dict_in_generate": True}
LOWEST = {"exponential_decay_length_penalty": [2, 1.5], "remove_invalid_values": True, "do_sample": True}
EARLY_EXIT = {"assistant_early_exit": 3, "cache_implementation": "dynamic"}
SELFHASH = {"watermarking_config": {"seeding_scheme": "selfhash", "greenlist_ratio": 0.1}}


@pytest.mark.parametrize(
    ("given", "scenario", "expected"),
    [
        (BATCHED | {"max_new_tokens": None, "eos_token_id": None}, "single", "agree-raise"),
        (BATCHED | {"max_new_tokens": None, "max_length": 3}, "single", "tightening"),
        (BATCHED | {"no_repeat_ngram_size": 1}, "single", "agree-raise"),
        (BATCHED | {"sequence_bias": [[[5], 3.0]]}, "single", "tightening"),
        (BATCHED | {"sequence_bias": [[[5, 6], 3.0]]}, "single", "agree-raise"),
        (BATCHED | {"watermarking_config": {"context_width": 2}}, "single", "tightening"),
        (BATCHED | {"do_sample": True, "num_return_sequences": 3}, "single", "agree-raise"),
        (BATCHED | {"use_cache": False, "prefill_chunk_size": 9}, "single", "agree-run"),
        (BATCHED | {"use_mtp": True}, "single", "agree-run"),
        (BATCHED | {"pad_token_id": 96}, "single", "agree-run"),
        (BATCHED | {"forced_eos_token_id": 96}, "single", "tightening"),
        (BY_REQUEST | {"do_sample": True, "top_k": 48}, "single", "agree-run"),
        ({"suppress_tokens": [96, 44, 0], "forced_bos_token_id": 0}, "windowed", "agree-raise"),
        ({"output_attentions": True, "return_dict_in_generate": True}, "stateful", "agree-raise"),
        (SELFHASH, "single", "tightening"),
        (BATCHED | {"num_beams": 4}, "assisted", "agree-raise"),
        (DRAFTED | {"output_attentions": True}, "translating", "agree-run"),
        (DRAFTED | {"output_attentions": True}, "single", "agree-raise"),
        (LOWEST | {"min_new_tokens": 7}, "single", "agree-raise"),
        ({"assistant_early_exit": 1, "do_sample": None}, "own", "tightening"),
        (LOWEST | {"min_new_tokens": 1}, "single", "tightening"),
        ({"max_new_tokens": 1, "assistant_early_exit": 3, "dola_layers": "high"}, "single", "tightening"),
        ({"bad_words_ids": [[49]]}, "single", "agree-raise"),
        ({"bad_words_ids": [[49]], "eos_token_id": [2, 49]}, "single", "tightening"),
        ({"bad_words_ids": [[5, 49]], "eos_token_id": [2, 49]}, "single", "agree-raise"),
        ({"max_length": 6}, "tokenizer", "agree-raise"),
        ({"assistant_early_exit": 1, "prompt_lookup_num_tokens": 3}, "windowed", "agree-raise"),
        ({"assistant_early_exit": 1, "min_length": None}, "single", "agree-raise"),
        ({"assistant_early_exit": 1, "min_length": None, "min_new_tokens": 0}, "single", "agree-run"),
        ({"max_length": 6, "token_healing": True}, "tokenizer", "agree-run"),
        ({"max_length": 5, "token_healing": True}, "tokenizer", "agree-raise"),
    ],
)
def test_what_a_run_once_found_stays_fixed(
    schema: Schema, given: places.Given, scenario: str, expected: str
) -> None:
    assert judge(schema, given, SCENARIOS[scenario]).judged == expected


@pytest.mark.parametrize(
    ("name", "given", "scenario"),
    [
        ("continuous-batching-with-a-start-token", BATCHED | {"decoder_start_token_id": 96}, "translating"),
        (
            "continuous-batching-with-two-start-tokens",
            BATCHED | {"decoder_start_token_id": [3, 4]},
            "translating",
        ),
        ("sampling-per-request", BY_REQUEST | {"do_sample": True}, "single"),
        ("early-exit-with-a-dynamic-cache", EARLY_EXIT, "single"),
        ("early-exit-out-of-time", {"max_time": 0.0} | EARLY_EXIT, "single"),
    ],
)
def test_what_a_run_once_found_is_judged_as_each_release_does(
    schema: Schema, name: str, given: places.Given, scenario: str
) -> None:
    expected = expectations.of(schema.version).judged[name]
    assert judge(schema, given, SCENARIOS[scenario]).judged == expected


@pytest.mark.parametrize(
    ("given", "scenario", "name"),
    [
        (BATCHED | {"num_beams": 4}, "single", "num_beams"),
        (BATCHED | {"num_beams": 4, "length_penalty": -1.0}, "single", "length_penalty"),
        (BATCHED | {"use_cache": False}, "single", "use_cache"),
        (BATCHED | {"min_new_tokens": 4}, "translating", "min_new_tokens"),
        (BATCHED | {"prompt_lookup_num_tokens": 3}, "single", "prompt_lookup_num_tokens"),
        ({"cache_implementation": "hybrid"}, "single", "cache_implementation"),
    ],
)
def test_what_a_run_once_found_to_change_nothing_is_dormant(
    schema: Schema, given: places.Given, scenario: str, name: str
) -> None:
    assert name in dormant(schema, given, SCENARIOS[scenario])
    done = execute(sent(schema, given), SCENARIOS[scenario])
    assert broken_promises(schema, given, SCENARIOS[scenario], done) == []


@pytest.mark.parametrize(
    "rule", [rule.id for rule in PyTorchConfig.rules if rule.effect == "dormant" and rule.id != WIDE]
)
def test_what_a_rule_calls_dormant_changes_nothing(rule: str) -> None:
    assert rules.dormant_job(str(ROOT), rule).problems == []


@given(st.integers(0, 1 << 32), st.sampled_from(QUICK))
@settings(max_examples=40)
def test_drawn_configurations_do_as_the_schema_says(seed: int, about: str) -> None:
    schema = load()
    chosen, scenario = drawing.configuration(f"{seed}", schema, about)
    found = judge(schema, chosen, SCENARIOS[scenario])
    assert found.judged not in FORBIDDEN, (chosen, scenario, found.why)
    if found.judged == "agree-run" and found.outcome:
        assert broken_promises(schema, chosen, SCENARIOS[scenario], found.outcome) == []


@pytest.mark.parametrize("name", [name for name in witnesses.WITNESSES if name != SLOW])
def test_a_witness_shows_that_a_parameter_is_not_dormant(schema: Schema, name: str) -> None:
    chosen, scenario = witnesses.WITNESSES[name]
    if not chosen.keys() <= schema.params.keys() or missing(chosen):
        pytest.skip("of another release, or in need of what is not here")
    assert list(witnesses.dead(schema, name, SCENARIOS[scenario])) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"cache_implementation": "quantized", "cache_config": {"backend": "fp8"}}, "cache_config"),
        (BATCHED, "continuous_batching_config"),
    ],
)
def test_what_no_call_runs_without_here_makes_a_difference(
    schema: Schema, given: places.Given, name: str
) -> None:
    scenario = SCENARIOS["single"]
    assert makes_no_difference(schema, given, scenario, execute(sent(schema, given), scenario), name) is False


def test_no_witness_is_left_out_for_a_value_that_the_release_has(schema: Schema) -> None:
    own = [given for given, _ in witnesses.WITNESSES.values() if given.keys() <= schema.params.keys()]
    assert [given for given in own if not places.known(schema, given)] == []


@pytest.mark.parametrize("pair", witnesses.PAIRS, ids=str)
def test_different_work_is_never_the_same_configuration(
    schema: Schema, pair: tuple[places.Given, places.Given, str]
) -> None:
    one, other, scenario = pair
    assert list(witnesses.same(schema, one, other, SCENARIOS[scenario])) == []


def test_every_refused_value_is_refused(schema: Schema) -> None:
    for case in outside.cases(schema):
        with pytest.raises(ValueError, match=case.name):
            schema.config.model_validate({case.name: case.value})
