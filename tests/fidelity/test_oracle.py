"""The oracle: what is recorded, that recording changes nothing, and that its own faults are never taken for
findings."""

import time
import warnings
from typing import Any

import pytest
import torch
from transformers import GenerationConfig, GenerationMixin

from tests.fidelity import oracle, recorders
from tests.fidelity.forms import form
from tests.fidelity.judging import sent
from tests.fidelity.models import EOS, PAD, VOCABULARY
from tests.fidelity.oracle import Outcome, differences, execute
from tests.fidelity.places import SMALL
from tests.fidelity.recorders import LostPointError, RecordingError, SilentRecorderError
from tests.fidelity.scenarios import SCENARIOS, built
from tests.fidelity.schema import load


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_runs_without_settings_and_always_in_the_same_way(name: str) -> None:
    first = execute({}, SCENARIOS[name])
    assert first.ran, first.error
    assert first.of("mode")
    assert first.of("forward")
    assert differences(first, execute({}, SCENARIOS[name])) == ""


def test_sequences_really_end() -> None:
    assert f"{EOS}]]" in execute({}, SCENARIOS["single"]).of("returned")[0]
    first, second = _rows(execute({}, SCENARIOS["batch"]))
    assert (first[-1] == PAD) != (second[-1] == PAD)


def _rows(outcome: Outcome) -> Any:
    return eval(outcome.of("returned")[0].removeprefix("Tensor "), {})


@pytest.mark.parametrize("given", [{}, {"do_sample": True}, {"num_beams": 2}, {"assistant_early_exit": 1}])
def test_recording_changes_nothing(given: dict[str, Any]) -> None:
    whole = built("single")
    torch.manual_seed(oracle.SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = whole.model.generate(**whole.inputs, **given)
    assert execute(given, SCENARIOS["single"]).of("returned") == [f"Tensor {plain.tolist()}"]


@pytest.mark.parametrize("scenario", ["single", "assisted", "translating"])
def test_a_call_leaves_the_models_as_they_were(scenario: str) -> None:
    whole = built(scenario)
    execute({}, SCENARIOS[scenario])
    before = [_state(module) for module in whole.watched.values()]
    execute({"cache_implementation": "static"}, SCENARIOS[scenario])
    execute({"assistant_early_exit": 1}, SCENARIOS[scenario])
    execute({"num_return_sequences": 2}, SCENARIOS[scenario])
    assert [_state(module) for module in whole.watched.values()] == before


def _state(module: Any) -> tuple[object, ...]:
    own = getattr(module, "generation_config", None)
    weights = sum(float(weight.detach().double().sum()) for weight in module.parameters())
    return form(module.config.to_dict()), own and own.to_dict(), weights


@pytest.mark.parametrize("given", [{"output_hidden_states": True}, {"cache_implementation": "static"}])
@pytest.mark.parametrize("scenario", ["single", "translating"])
def test_a_call_does_not_depend_on_the_calls_before(given: dict[str, Any], scenario: str) -> None:
    first = execute(given, SCENARIOS[scenario])
    execute(
        {"output_hidden_states": True, "max_new_tokens": 30, "cache_implementation": "static"},
        SCENARIOS[scenario],
    )
    assert differences(first, execute(given, SCENARIOS[scenario])) == ""


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"do_sample": True}, "mode"),
        ({"repetition_penalty": 1.5}, "processor"),
        ({"max_time": 60.0}, "criterion"),
        ({"cache_implementation": "static"}, "cache"),
        ({"prompt_lookup_num_tokens": 3}, "drafts"),
        ({"num_beams": 2}, "beams"),
        ({"prefill_chunk_size": 2}, "forward"),
        ({"eos_token_id": 5}, "returned"),
    ],
)
def test_each_kind_of_work_shows(given: dict[str, Any], what: str) -> None:
    changed, plain = execute(given, SCENARIOS["single"]), execute({}, SCENARIOS["single"])
    assert changed.ran, changed.error
    assert changed.of(what) != plain.of(what)


def test_what_was_raised_and_where() -> None:
    found = execute({"num_return_sequences": 2}, SCENARIOS["single"])
    assert found.error.startswith("ValueError: Greedy methods")
    assert found.place == "generation/configuration_utils.py::GenerationConfig.validate"


def test_a_missing_method_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorders, "POINTS", ((GenerationMixin, "_get_lost", recorders.POINTS[0][2]),))
    with pytest.raises(LostPointError, match=r"has no GenerationMixin\._get_lost"):
        execute({}, SCENARIOS["single"])


def test_a_recorder_that_fails_is_not_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("ours")

    monkeypatch.setattr(recorders, "POINTS", ((GenerationConfig, "get_generation_mode", broken),))
    with pytest.raises(RecordingError, match="get_generation_mode cannot be recorded: ValueError: ours"):
        execute({}, SCENARIOS["single"])


@pytest.mark.parametrize(
    ("silent", "given", "place"),
    [
        ("_mode", {}, r"GenerationConfig\.get_generation_mode \(nothing of kind 'mode'\)"),
        ("_criteria", {}, "GenerationMixin._get_stopping_criteria"),
        ("_cache", {}, "GenerationMixin._prepare_cache_for_generation"),
        ("_finishing", {"num_beams": 2}, "GenerationMixin._check_early_stop_heuristic"),
        ("_drafts", {"prompt_lookup_num_tokens": 3}, "GenerationMixin._get_candidate_generator"),
    ],
)
def test_a_recorder_that_records_nothing_where_something_must_be_is_an_error(
    monkeypatch: pytest.MonkeyPatch, silent: str, given: dict[str, Any], place: str
) -> None:
    points = tuple(
        (owner, name, (lambda *_: None) if recorder.__name__ == silent else recorder)
        for owner, name, recorder in recorders.POINTS
    )
    monkeypatch.setattr(recorders, "POINTS", points)
    with pytest.raises(SilentRecorderError, match=place):
        execute(given, SCENARIOS["single"])


def test_a_cache_under_another_name_is_an_error() -> None:
    forward = ("forward", "model layers=3 cache=DynamicCache input_ids=int64[1, 1]")
    trace = [("mode", "greedy"), ("criterion", "a"), ("cache", "None"), forward, ("returned", "Tensor")]
    place = recorders.silent_recorder(trace, batching=False)
    assert place is not None
    assert place.startswith("GenerationMixin._prepare_cache_for_generation (no cache")
    trace[2] = ("cache", "DynamicCache()")
    assert recorders.silent_recorder(trace, batching=False) is None


def test_a_call_without_a_cache_may_make_another_one_that_has_one() -> None:
    """Token healing generates the last token of the prompt anew, with a cache of its own."""
    given = {"use_cache": False, "token_healing": True, "num_beams": 4}
    outcome = execute(given, SCENARIOS["tokenizer"])
    assert outcome.ran
    caches = outcome.of("cache")
    assert caches[0].startswith("DynamicCache")
    assert caches[-1] == "None"


def test_drafts_are_the_same_whether_sampling_is_off_or_null() -> None:
    """The generator of drafts keeps what it is given, and only asks whether it is true."""
    traces = [
        execute({"use_mtp": True, "do_sample": each}, SCENARIOS["predicting"]) for each in (None, False)
    ]
    assert traces[0] == traces[1]
    assert "do_sample=False" in traces[0].of("drafts")[0]


class _Slow:
    """A logits processor that never comes to an end."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        time.sleep(60)
        return scores


def test_a_hung_call_is_given_up() -> None:
    found = execute({"logits_processor": [_Slow()]}, SCENARIOS["single"], seconds=0.2)
    assert found.error == "HungError: still running after 0.2 s"


def test_differences_are_short_and_name_what_differs() -> None:
    lines = differences(
        execute({}, SCENARIOS["single"]), execute({"do_sample": True}, SCENARIOS["single"]), most=3
    )
    assert lines.splitlines()[:2] == ["-mode: GenerationMode.GREEDY_SEARCH", "+mode: GenerationMode.SAMPLE"]
    assert len(lines.splitlines()) <= 4


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.tensor([1, 2]), "int64[2] [1, 2]"),
        (torch.Generator().manual_seed(3), "generator(3)"),
        ([1, (2.0, None)], "[1, [2.0, None]]"),
        ({"a": True}, "{a: True}"),
        (GenerationConfig(), "GenerationConfig"),
    ],
    ids=["tensor", "generator", "list", "mapping", "object"],
)
def test_values_are_written_by_their_type(value: object, text: str) -> None:
    assert form(value) == text


def test_a_large_tensor_is_a_digest_of_its_content() -> None:
    one, other = torch.zeros(1000), torch.zeros(1000)
    assert form(one) == form(other)
    other[7] = 1
    assert form(one) != form(other)


def test_a_request_that_continuous_batching_gives_up_counts_as_raised() -> None:
    settings = {"cache_implementation": "paged", "continuous_batching_config": SMALL}
    schema = load()
    done = execute(sent(schema, settings), SCENARIOS["single"])
    assert done.ran
    done = execute(
        sent(schema, {**settings, "sequence_bias": [[[2 * VOCABULARY], 1.0]]}), SCENARIOS["single"]
    )
    assert not done.ran
    assert "vocab" in done.error


def test_requests_without_an_answer_count_as_raised_if_it_happens_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = {"often": 0}

    def unanswered(trace: Any, given: Any, result: Any) -> None:
        done["often"] += 1
        if done["often"] <= times:
            recorders._requests(trace, given, {})

    points = [
        (owner, name, unanswered if name == "generate_batch" else each)
        for owner, name, each in recorders.POINTS
    ]
    monkeypatch.setattr(recorders, "POINTS", tuple(points))
    settings = {"cache_implementation": "paged", "continuous_batching_config": SMALL, "max_new_tokens": 2}
    for times, error in ((1, ""), (2, recorders.UNANSWERED)):  # noqa: B007 - read above
        done["often"] = 0
        assert execute(sent(load(), settings), SCENARIOS["single"]).error == error
