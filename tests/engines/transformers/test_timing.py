"""Timing a call step by step without changing it. No test depends on how long something takes."""

from typing import Any

import pytest
import torch
from transformers import T5Config, T5ForConditionalGeneration

from llenergymeasure.engines.calls import Arrival, Missing, TokenCounts, TokenTimes
from llenergymeasure.engines.errors import GenerationError
from llenergymeasure.engines.transformers.batching import Batch, make_batches
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.generation import Generator
from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.timing import time_call

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:transformers")

D, F = build_tokenizer().convert_tokens_to_ids(["d", "f"])

MODES: dict[str, dict[str, Any]] = {
    "greedy": {},
    "sampling": {"do_sample": True, "top_k": 5},
    "several sequences": {"do_sample": True, "num_return_sequences": 3},
    "beams": {"num_beams": 3, "num_return_sequences": 2},
    "an end token": {"eos_token_id": F},
    "a stop string": {"stop_strings": "ef"},
    "no cache": {"use_cache": False},
    "a static cache": {"cache_implementation": "static"},
    "healed prompts": {"token_healing": True},
    "a dictionary": {"return_dict_in_generate": True, "output_scores": True},
    "guidance": {"guidance_scale": 1.5},
}


def batch_of(loaded: ModelParts, *prompts: str) -> Batch:
    (batch,) = make_batches(prompts, requests=len(prompts), batch_size=len(prompts), parts=loaded)
    return batch


def times_of(loaded: ModelParts, settings: dict[str, Any], *prompts: str) -> TokenTimes:
    times = time_call(Generator(loaded, settings), batch_of(loaded, *prompts), lambda: None).times
    assert isinstance(times, TokenTimes)
    return times


@pytest.mark.parametrize("mode", MODES)
def test_a_timed_call_is_the_call_that_is_measured(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    """The same arguments reach generate(), the same tokens come back, and the model is left as it was."""
    sent: list[dict[str, Any]] = []
    real = type(alphabet.model).generate

    def generate(self: Any, **arguments: Any) -> Any:
        sent.append(arguments)
        return real(self, **arguments)

    monkeypatch.setattr(type(alphabet.model), "generate", generate)
    generator = Generator(alphabet, {"max_new_tokens": 7, **MODES[mode]})
    batch = batch_of(alphabet, "a", "cc")
    torch.manual_seed(0)
    untimed = generator(batch)
    before = dict(vars(alphabet.model))
    after_untimed = torch.random.get_rng_state()
    torch.manual_seed(0)
    timed = time_call(generator, batch, lambda: None)
    assert isinstance(timed.times, TokenTimes)
    assert timed.times.counts == generator.count(untimed)
    assert torch.equal(timed.generated.sequences, untimed.sequences)
    assert torch.equal(torch.random.get_rng_state(), after_untimed)
    assert vars(alphabet.model).keys() == before.keys()
    first, second = sent
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert second[name] is value or second[name] == value
    assert "streamer" not in first
    assert "stopping_criteria" not in first


@pytest.mark.parametrize(
    ("prompts", "settings", "rows", "tokens"),
    [
        (["a"], {"max_new_tokens": 1}, 1, [1]),
        (["a", "c"], {"max_new_tokens": 4, "eos_token_id": None}, 2, [1, 2, 3, 4]),
        (["c"], {"max_new_tokens": 8, "eos_token_id": F}, 1, [1, 2, 3]),
        (["e"], {"max_new_tokens": 8, "eos_token_id": F}, 1, [1]),
        (["a", "e"], {"max_new_tokens": 8, "eos_token_id": F}, 2, [1, 2, 3, 4, 5]),
        (["a", "c"], {"max_new_tokens": 3, "num_beams": 4, "eos_token_id": None}, 8, [1, 2, 3]),
        (
            ["a"],
            {"max_new_tokens": 3, "do_sample": True, "num_return_sequences": 3, "eos_token_id": None},
            3,
            [1, 2, 3],
        ),
        (["a   "], {"max_new_tokens": 3, "token_healing": True, "eos_token_id": None}, 1, [1, 2, 3]),
        # The letters so far do not repeat, so nothing is drafted from them and every step gives one token.
        (["a"], {"max_new_tokens": 3, "prompt_lookup_num_tokens": 2, "eos_token_id": None}, 1, [1, 2, 3]),
    ],
)
def test_each_step_is_noted_once(
    alphabet: ModelParts, prompts: list[str], settings: dict[str, Any], rows: int, tokens: list[int]
) -> None:
    times = times_of(alphabet, settings, *prompts)
    assert times.rows == rows
    assert [arrival.tokens for arrival in times.arrivals] == tokens
    assert times.steps == len(tokens)
    seconds = [0.0, *(arrival.seconds for arrival in times.arrivals), times.total_s]
    assert seconds == sorted(seconds)
    assert times.first_token_s == times.arrivals[0].seconds
    assert len(times.between_tokens_s) == len(tokens) - 1


def test_accepted_tokens_of_a_draft_arrive_together() -> None:
    """The drafting model is a copy, so all drafts are accepted: a step gives a draft and one more token."""
    model = build_model("builtin:llama-tiny")
    loaded = ModelParts(
        model=model,
        tokenizer=build_tokenizer(),
        device=torch.device("cpu"),
        assistant=build_model("builtin:llama-tiny"),
    )
    times = times_of(loaded, {"max_new_tokens": 9, "eos_token_id": None}, "a")
    assert times.arrivals[-1].tokens == 9
    assert times.steps < 9


def test_drafting_with_the_models_own_layers_is_noted_once_a_step() -> None:
    """The draft is a nested call of generate() on the same model, whose steps must not be noted."""
    loaded = ModelParts(
        model=build_model("builtin:llama-tiny"), tokenizer=build_tokenizer(), device=torch.device("cpu")
    )
    settings = {"max_new_tokens": 6, "assistant_early_exit": 1, "eos_token_id": None}
    tokens = [arrival.tokens for arrival in times_of(loaded, settings, "ab").arrivals]
    assert tokens == sorted(set(tokens))
    assert tokens[-1] == 6


def test_the_time_of_a_step_is_divided_by_its_tokens() -> None:
    arrivals = ((0.5, 1), (0.75, 2), (1.75, 6), (2.0, 7))
    times = TokenTimes(
        counts=TokenCounts(prompts=1, sequences=1, prompt_tokens=2, output_tokens=7),
        padded_width=2,
        is_drafted=False,
        rows=1,
        arrivals=tuple(Arrival(seconds=seconds, tokens=tokens) for seconds, tokens in arrivals),
        total_s=2.125,
        effective={},
    )
    assert times.first_token_s == 0.5
    assert times.between_tokens_s == (0.25, 0.25, 0.25)


def test_an_encoder_decoder_is_timed_from_the_decoders_start() -> None:
    config = T5Config(
        vocab_size=259, d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    loaded = ModelParts(
        model=T5ForConditionalGeneration(config).eval(),
        tokenizer=build_tokenizer(),
        device=torch.device("cpu"),
    )
    times = times_of(loaded, {"max_new_tokens": 4, "min_new_tokens": 4}, "abc", "d")
    assert [arrival.tokens for arrival in times.arrivals] == [1, 2, 3, 4]


def test_the_device_is_synchronised_before_each_note(alphabet: ModelParts) -> None:
    waits: list[int] = []
    settings = {"max_new_tokens": 4, "eos_token_id": None}
    time_call(Generator(alphabet, settings), batch_of(alphabet, "a"), lambda: waits.append(1))
    assert len(waits) == 1 + 4 + 1  # before the call, at each step, after the call


def test_the_settings_in_effect_are_recorded(alphabet: ModelParts) -> None:
    """What is set, else the model's own setting, else transformers' default; and the resolved length."""
    alphabet.model.generation_config.top_p = 0.5
    effective = times_of(alphabet, {"max_new_tokens": 4, "top_k": 7, "eos_token_id": None}, "ab").effective
    assert (effective["top_k"], effective["top_p"], effective["temperature"]) == (7, 0.5, 1.0)
    assert effective["eos_token_id"] is None
    assert effective["max_length"] == 3 + 4


def test_without_steps_there_are_no_times(alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(*, inputs: torch.Tensor, **arguments: Any) -> torch.Tensor:
        return torch.cat([inputs, inputs[:, -1:] + 1], dim=1)

    monkeypatch.setattr(alphabet.model, "generate", generate)
    missing = time_call(Generator(alphabet, {}), batch_of(alphabet, "a"), lambda: None).times
    assert isinstance(missing, Missing)
    assert "custom_generate" in missing.reason


def test_a_call_that_fails_leaves_the_model_as_it_was(alphabet: ModelParts) -> None:
    before = dict(vars(alphabet.model))
    with pytest.raises(GenerationError):
        time_call(Generator(alphabet, {"num_beams": 0}), batch_of(alphabet, "a"), lambda: None)
    assert vars(alphabet.model).keys() == before.keys()
