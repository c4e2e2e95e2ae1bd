"""The real generate() on a model that recites the alphabet: its arguments, and tokens counted by hand.

Also how prompts become batches, and which code may run.
"""

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from transformers import (
    CompileConfig,
    GenerationConfig,
    GenerationMixin,
    GPT2Config,
    GPT2LMHeadModel,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    SuppressTokensLogitsProcessor,
    T5Config,
    T5ForConditionalGeneration,
    WatermarkingConfig,
)

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.engines.calls import TokenCounts
from llenergymeasure.engines.errors import (
    DeviceMemoryError,
    GenerationError,
    PromptError,
    TokenizerError,
)
from llenergymeasure.engines.prompts import BUILTIN_PROMPTS
from llenergymeasure.engines.transformers.batching import Batch, make_batches, make_synthetic_batches
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.describe_args import describe_args
from llenergymeasure.engines.transformers.generation import Generator
from llenergymeasure.engines.transformers.model_loader import ModelParts

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:transformers")

F = build_tokenizer().convert_tokens_to_ids("f")
H = build_tokenizer().convert_tokens_to_ids("h")
PAD, BOS, EOS = 0, 1, 2
TINY = build_model("builtin:llama-tiny")


def batch_of(loaded: ModelParts, *prompts: str) -> Batch:
    (batch,) = make_batches(prompts, requests=len(prompts), batch_size=len(prompts), parts=loaded)
    return batch


@pytest.mark.parametrize(
    ("prompts", "settings", "output", "sequences"),
    [
        (["a", "c"], {"max_new_tokens": 8}, 16, 2),
        (["a", "c"], {"max_new_tokens": 8, "eos_token_id": F}, 5 + 3, 2),
        (["a", "fff e", "z"], {"max_new_tokens": 8, "eos_token_id": F}, 5 + 1 + 8, 3),
        (["a", "c"], {"max_new_tokens": 8, "eos_token_id": [H, F]}, 5 + 3, 2),
        (["a", "c"], {"max_new_tokens": 8, "eos_token_id": F, "pad_token_id": F}, 5 + 3, 2),
        (["a", "c"], {"max_new_tokens": 8, "eos_token_id": None}, 16, 2),
        (["a", "c"], {"max_new_tokens": 3, "eos_token_id": F}, 3 + 3, 2),
        (["a", "c"], {"max_new_tokens": 8, "stop_strings": ["ef"]}, 5 + 3, 2),
        (["a", "e"], {"max_new_tokens": 8, "stop_strings": "ef"}, 5 + 1, 2),
        (["a", "c"], {"max_new_tokens": 8, "stop_strings": ["gh", "ef"], "pad_token_id": EOS}, 5 + 3, 2),
        (["a", "c"], {"max_new_tokens": 8, "stop_strings": ["gh"], "eos_token_id": F}, 5 + 3, 2),
        (["a", "c"], {"max_new_tokens": 8, "eos_token_id": F, "return_dict_in_generate": True}, 5 + 3, 2),
        (
            ["a", "c"],
            {"max_new_tokens": 8, "eos_token_id": F, "do_sample": True, "num_return_sequences": 3},
            3 * (5 + 3),
            6,
        ),
        (
            ["a", "c"],
            {"max_new_tokens": 4, "num_beams": 3, "num_return_sequences": 2, "eos_token_id": None},
            16,
            4,
        ),
        (["a"], {"max_new_tokens": 8, "eos_token_id": F, "prompt_lookup_num_tokens": 2}, 5, 1),
        (["ab"], {"max_length": 6}, 3, 1),
        (["a", "c"], {"max_new_tokens": 8, "eos_token_id": F, "token_healing": True}, 5 + 3, 2),
        (["a    "], {"max_new_tokens": 5, "token_healing": True, "eos_token_id": None}, 5, 1),
        (
            ["   a  ", "c", "bb   "],
            {"max_new_tokens": 8, "eos_token_id": F, "token_healing": True},
            5 + 3 + 4,
            3,
        ),
        (["a   ", "c"], {"max_new_tokens": 8, "stop_strings": "ef", "token_healing": True}, 5 + 3, 2),
        (["a   "], {"max_new_tokens": 8, "num_beams": 2, "eos_token_id": None, "token_healing": True}, 8, 1),
    ],
)
def test_tokens_are_counted_as_by_hand(
    alphabet: ModelParts, prompts: list[str], settings: dict[str, Any], output: int, sequences: int
) -> None:
    generator = Generator(alphabet, settings)
    batch = batch_of(alphabet, *prompts)
    torch.manual_seed(0)
    assert generator.count(generator(batch)) == TokenCounts(
        prompts=len(prompts),
        sequences=sequences,
        prompt_tokens=sum(1 + len(prompt) for prompt in prompts),
        output_tokens=output,
    )


def test_the_models_own_end_token_counts_if_none_is_set(alphabet: ModelParts) -> None:
    alphabet.model.generation_config.eos_token_id = F
    generator = Generator(alphabet, {"max_new_tokens": 8})
    assert generator.count(generator(batch_of(alphabet, "a", "c"))).output_tokens == 5 + 3


def test_an_assistant_drafts_and_only_the_models_tokens_count(alphabet: ModelParts) -> None:
    loaded = ModelParts(
        model=alphabet.model,
        tokenizer=alphabet.tokenizer,
        device=alphabet.device,
        assistant=build_model("builtin:llama-tiny"),
    )
    generator = Generator(loaded, {"max_new_tokens": 8, "eos_token_id": F})
    assert generator.count(generator(batch_of(loaded, "a"))).output_tokens == 5


class Spy:
    """Records the arguments of the last call of generate()."""

    def __init__(self, loaded: ModelParts, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arguments: dict[str, Any] = {}
        real = loaded.model.generate

        def generate(**arguments: Any) -> Any:
            self.arguments = arguments
            return real(**arguments)

        monkeypatch.setattr(loaded.model, "generate", generate)


@pytest.mark.parametrize(
    ("settings", "added"),
    [
        ({}, set()),
        ({"max_new_tokens": 2, "temperature": None, "top_k": 5, "do_sample": True}, set()),
        ({"max_new_tokens": 2, "stop_strings": "x"}, {"tokenizer"}),
        ({"max_new_tokens": 2, "token_healing": True}, {"tokenizer"}),
        ({"max_new_tokens": 2, "stop_strings": None}, set()),
    ],
)
def test_generate_gets_the_settings_and_the_arguments_that_they_need(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], added: set[str]
) -> None:
    spy = Spy(alphabet, monkeypatch)
    Generator(alphabet, settings)(batch_of(alphabet, "ab", "cdef"))
    assert spy.arguments.keys() == settings.keys() | added | {"inputs", "attention_mask"}
    assert {key: spy.arguments[key] for key in settings} == settings


def test_negative_prompts_and_an_assistant_reach_generate(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    (batch,) = make_batches(
        ["ab", "cdef"], requests=2, batch_size=2, parts=alphabet, negative_prompts=["xyz", "v"]
    )
    spy = Spy(alphabet, monkeypatch)
    Generator(alphabet, {"max_new_tokens": 2, "guidance_scale": 1.5})(batch)
    x, y, z, v = alphabet.tokenizer.convert_tokens_to_ids(list("xyzv"))
    assert spy.arguments["negative_prompt_ids"].tolist() == [[BOS, x, y, z], [PAD, PAD, BOS, v]]
    assert spy.arguments["negative_prompt_attention_mask"].tolist() == [[1, 1, 1, 1], [0, 0, 1, 1]]

    small = build_model("builtin:llama-tiny")
    assisted = ModelParts(
        model=alphabet.model, tokenizer=alphabet.tokenizer, device=alphabet.device, assistant=small
    )
    Generator(assisted, {"max_new_tokens": 2})(batch_of(assisted, "ab"))
    assert spy.arguments["assistant_model"] is small


def test_an_assistant_with_a_tokenizer_of_its_own_gets_both(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its vocabulary is larger than the model's, so drafts are converted to text and back."""
    larger = build_tokenizer()
    larger.add_tokens(["qu"])
    assistant = build_model("builtin:llama-tiny")
    assistant.resize_token_embeddings(len(larger))
    loaded = ModelParts(
        model=alphabet.model,
        tokenizer=alphabet.tokenizer,
        device=alphabet.device,
        assistant=assistant,
        assistant_tokenizer=larger,
    )
    spy = Spy(loaded, monkeypatch)
    generator = Generator(loaded, {"max_new_tokens": 8, "eos_token_id": F})
    assert generator.count(generator(batch_of(loaded, "a"))).output_tokens == 5
    assert spy.arguments["assistant_tokenizer"] is larger
    assert spy.arguments["tokenizer"] is loaded.tokenizer


PLACES = {
    "inputs": "workload.prompts",
    "negative_prompt_ids": "workload.negative_prompts",
    "negative_prompt_attention_mask": "workload.negative_prompts",
    "assistant_model": "model.assistant",
    "generation_config": "pytorch",
    "logits_processor": "pytorch.extra",
    "stopping_criteria": "pytorch.extra",
    "prefix_allowed_tokens_fn": "pytorch.extra",
    "synced_gpus": "pytorch.extra",
    "streamer": "pytorch.extra",
    "custom_generate": "pytorch.extra",
}
"""Where each argument of ``generate()`` is set in a configuration."""


def test_every_argument_of_generate_has_its_place() -> None:
    arguments = set(inspect.signature(GenerationMixin.generate).parameters) - {"self", "kwargs"}
    assert arguments == PLACES.keys()


def test_objects_in_extra_reach_generate_as_they_are(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor forbids one letter, a criterion ends a sequence, and a function allows all letters."""

    def allowed(batch_id: int, ids: torch.Tensor) -> list[int]:
        return list(range(alphabet.model.config.vocab_size))

    class AfterF(StoppingCriteria):
        def __call__(self, input_ids: torch.Tensor, scores: Any, **arguments: Any) -> torch.Tensor:
            return input_ids[:, -1] == F

    extra = {
        "logits_processor": LogitsProcessorList([SuppressTokensLogitsProcessor([H])]),
        "stopping_criteria": StoppingCriteriaList([AfterF()]),
        "prefix_allowed_tokens_fn": allowed,
    }
    spy = Spy(alphabet, monkeypatch)
    settings = PyTorchConfig(max_new_tokens=6, extra=extra).generate_kwargs()
    generator = Generator(alphabet, settings)
    generated = generator(batch_of(alphabet, "d", "e"))
    for name, value in extra.items():
        assert spy.arguments[name] is value
    assert generator.count(generated).output_tokens == 2 + 1


def test_a_prefill_is_the_call_with_one_new_token(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(alphabet, monkeypatch)
    settings = {"max_length": 30, "min_new_tokens": 4, "do_sample": True, "top_k": 3, "eos_token_id": None}
    generator = Generator(alphabet, settings)
    batch = batch_of(alphabet, "ab", "c")
    assert generator.count(generator.prefill(batch)).output_tokens == 2
    expected = {"max_new_tokens": 1, "do_sample": True, "top_k": 3, "eos_token_id": None}
    assert spy.arguments == expected | {"inputs": batch.input_ids, "attention_mask": batch.attention_mask}
    generator(batch)
    assert {name: spy.arguments[name] for name in settings} == settings


def test_the_result_of_a_call_has_the_very_arguments_of_generate(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(alphabet, monkeypatch)
    generated = Generator(alphabet, {"max_new_tokens": 2, "stop_strings": "x"})(batch_of(alphabet, "ab"))
    assert generated.arguments.keys() == spy.arguments.keys()
    assert all(generated.arguments[name] is value for name, value in spy.arguments.items())


def test_arguments_are_described_as_data(alphabet: ModelParts) -> None:
    arguments = {
        "inputs": torch.zeros(2, 5, dtype=torch.long),
        "bias": torch.zeros(3),
        "temperature": 0.5,
        "eos_token_id": [1, 2],
        "sequence_bias": [[[5, 6], -2.0]],
        "stop_strings": "x",
        "do_sample": None,
        "cache_config": {"nbits": 4},
        "assistant_model": alphabet.model,
        "tokenizer": alphabet.tokenizer,
        "compile_config": CompileConfig(dynamic=True),
        "watermarking_config": WatermarkingConfig(bias=1.5),
        "logits_processor": LogitsProcessorList([SuppressTokensLogitsProcessor([3])]),
        "streamer": object(),
    }
    data = describe_args(arguments)
    assert data["inputs"] == "int64[2, 5] on cpu"
    assert data["bias"] == "float32[3] on cpu"
    unchanged = ("temperature", "eos_token_id", "sequence_bias", "stop_strings", "do_sample", "cache_config")
    assert {name: data[name] for name in unchanged} == {name: arguments[name] for name in unchanged}
    assert data["assistant_model"].endswith(".Alphabet")
    assert data["tokenizer"].startswith("transformers.")
    assert data["compile_config"]["dynamic"] is True
    assert data["watermarking_config"]["bias"] == 1.5
    assert data["logits_processor"] == [
        "transformers.generation.logits_process.SuppressTokensLogitsProcessor"
    ]
    assert data["streamer"] == "builtins.object"
    assert json.loads(json.dumps(data)) == data


def test_the_end_token_of_a_generation_config_in_extra_counts(alphabet: ModelParts) -> None:
    config = GenerationConfig(max_new_tokens=8, eos_token_id=F, pad_token_id=PAD)
    generator = Generator(alphabet, {"generation_config": config})
    assert generator.count(generator(batch_of(alphabet, "a", "c"))).output_tokens == 5 + 3


@pytest.mark.parametrize("name", ["negative_prompt_ids", "negative_prompt_attention_mask"])
def test_negative_prompts_cannot_be_set_in_extra_too(alphabet: ModelParts, name: str) -> None:
    (batch,) = make_batches(["ab"], requests=1, batch_size=1, parts=alphabet, negative_prompts=["x"])
    with pytest.raises(GenerationError, match=rf"pytorch\.extra\.{name}: the run gives this argument"):
        Generator(alphabet, {name: torch.zeros(1, 1, dtype=torch.long), "guidance_scale": 2.0})(batch)


@pytest.mark.parametrize("name", ["inputs", "input_ids", "attention_mask"])
def test_a_setting_that_only_the_run_may_give_is_refused(alphabet: ModelParts, name: str) -> None:
    with pytest.raises(GenerationError, match=rf"pytorch\.extra\.{name}: the run gives this argument"):
        Generator(alphabet, {name: [[1]]})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"num_beams": 0}, "ZeroDivisionError"),
        ({"num_return_sequences": 2}, "num_return_sequences"),
        ({"temprature": 1.0}, "temprature"),
        ({"do_sample": True, "temperature": -1.0}, "temperature"),
    ],
)
def test_what_generate_refuses_is_reported_in_its_own_words(
    alphabet: ModelParts, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(GenerationError, match=words) as caught:
        Generator(alphabet, settings)(batch_of(alphabet, "a"))
    assert str(caught.value).startswith("pytorch: generate() does not run with these settings: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message", "end"),
    [
        ({"top_k": 5}, "`top_k` has to be another", "another (Change pytorch.top_k.)"),
        ({"top_k": 5}, "no top_kind", "no top_kind"),
        ({"max_new_tokens": 5}, "`top_k` is not set here", "not set here"),
        ({"top_k": 5, "top_p": 0.5}, "top_p or top_k", "top_k (Change pytorch.top_k or pytorch.top_p.)"),
        ({"temprature": 1.0}, "unused: ['temprature']", "] (Change pytorch.extra.temprature.)"),
    ],
)
def test_the_hint_names_the_settings_in_generates_error(
    alphabet: ModelParts,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, Any],
    message: str,
    end: str,
) -> None:
    def generate(**arguments: Any) -> None:
        raise ValueError(message)

    monkeypatch.setattr(alphabet.model, "generate", generate)
    with pytest.raises(GenerationError) as caught:
        Generator(alphabet, settings)(batch_of(alphabet, "a"))
    assert str(caught.value).endswith(end)


def test_continuous_batching_is_refused_where_there_is_padding(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def generate(*, inputs: torch.Tensor, **arguments: Any) -> torch.Tensor:
        calls.append(arguments)
        # With one more dimension, as transformers returns it.
        return torch.cat([inputs, inputs[:, -1:] + 1], dim=1).unsqueeze(0)

    monkeypatch.setattr(alphabet.model, "generate", generate)
    generator = Generator(alphabet, {"cache_implementation": "paged", "max_new_tokens": 1})
    with pytest.raises(GenerationError, match=r"pytorch\.cache_implementation: .*workload\.batch_size to 1"):
        generator(batch_of(alphabet, "a", "bcd"))
    assert not calls
    for prompts in (["a"], ["ab", "cd"]):
        assert generator.count(generator(batch_of(alphabet, *prompts))).output_tokens == len(prompts)


# ---------------------------------------------------------------- remote code

RECIPE = """
from pathlib import Path
Path({ran!r}).write_text("imported")

def generate(model, **arguments):
    Path({ran!r}).write_text("ran")
    return model.generate(inputs=arguments["inputs"], attention_mask=arguments["attention_mask"], max_new_tokens=3)
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A folder with a decoding mode whose code writes the file ``ran`` next to it."""
    folder = tmp_path / "recipe"
    (folder / "custom_generate").mkdir(parents=True)
    (folder / "custom_generate" / "generate.py").write_text(RECIPE.format(ran=str(tmp_path / "ran")))
    return folder


@pytest.mark.parametrize("trust", [False, True])
def test_extra_cannot_allow_remote_code(alphabet: ModelParts, recipe: Path, trust: bool) -> None:
    settings = {"trust_remote_code": True, "custom_generate": str(recipe)}
    with pytest.raises(
        GenerationError, match=r"pytorch\.extra\.trust_remote_code: .*model\.trust_remote_code"
    ):
        Generator(alphabet, settings, trust_remote_code=trust)
    assert not (recipe.parent / "ran").exists()


def test_a_custom_decoding_mode_runs_only_where_code_is_trusted(
    alphabet: ModelParts, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"custom_generate": str(recipe)}
    with pytest.raises(
        GenerationError, match=r"pytorch\.extra\.custom_generate: .*model\.trust_remote_code: true"
    ):
        Generator(alphabet, settings)
    assert not (recipe.parent / "ran").exists()

    generator = Generator(alphabet, settings, trust_remote_code=True)
    batch = batch_of(alphabet, "ab", "c")
    assert generator.count(generator(batch)).output_tokens == 6
    assert (recipe.parent / "ran").read_text() == "ran"
    spy = Spy(alphabet, monkeypatch)
    generator(batch)
    assert spy.arguments["max_new_tokens"] == 3  # of the call that the decoding mode makes


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_running_out_of_memory_is_reported_with_the_batch_size(
    alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def generate(**arguments: Any) -> None:
        raise error

    monkeypatch.setattr(alphabet.model, "generate", generate)
    with pytest.raises(DeviceMemoryError, match=r"workload\.batch_size: 2 prompts at once"):
        Generator(alphabet, {})(batch_of(alphabet, "a", "b"))


def test_a_generator_is_usable_after_memory_really_ran_out(alphabet: ModelParts) -> None:
    settings = {"max_new_tokens": 2, "do_sample": True, "num_return_sequences": 10**13}
    with pytest.raises(
        DeviceMemoryError,
        match=r"batch_size: one prompt at a time needs .* or pytorch\.max_new_tokens or pytorch\.num_return_sequences\.",
    ):
        Generator(alphabet, settings)(batch_of(alphabet, "a"))
    generator = Generator(alphabet, {"max_new_tokens": 2})
    assert generator.count(generator(batch_of(alphabet, "a"))).output_tokens == 2


def test_a_text_longer_than_the_learned_positions_is_reported_with_the_context() -> None:
    config = GPT2Config(vocab_size=259, n_positions=8, n_embd=16, n_layer=1, n_head=2)
    model = GPT2LMHeadModel(config).eval()
    loaded = ModelParts(model=model, tokenizer=build_tokenizer(), device=torch.device("cpu"))
    with pytest.raises(
        GenerationError,
        match=r"longest prompt has 4 tokens; with 9 new ones it is longer than the model's context, 8\.",
    ):
        Generator(loaded, {"max_new_tokens": 9, "eos_token_id": None})(batch_of(loaded, "abc"))


def test_ctrl_c_is_not_caught(alphabet: ModelParts, monkeypatch: pytest.MonkeyPatch) -> None:
    def generate(**arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(alphabet.model, "generate", generate)
    with pytest.raises(KeyboardInterrupt):
        Generator(alphabet, {})(batch_of(alphabet, "a"))


def test_an_encoder_decoder_counts_from_the_decoders_start() -> None:
    config = T5Config(
        vocab_size=259,
        d_model=16,
        d_kv=4,
        d_ff=16,
        num_layers=1,
        num_heads=2,
        pad_token_id=PAD,
        eos_token_id=EOS,
        decoder_start_token_id=PAD,
    )
    torch.manual_seed(0)
    loaded = ModelParts(
        model=T5ForConditionalGeneration(config).eval(),
        tokenizer=build_tokenizer(),
        device=torch.device("cpu"),
    )
    loaded.tokenizer.padding_side = "right"
    generator = Generator(loaded, {"max_new_tokens": 6, "min_new_tokens": 6})
    counts = generator.count(generator(batch_of(loaded, "ab", "cdef")))
    assert counts == TokenCounts(prompts=2, sequences=2, prompt_tokens=3 + 5, output_tokens=12)
    ended = Generator(loaded, {"max_new_tokens": 6, "forced_bos_token_id": EOS})
    assert ended.count(ended(batch_of(loaded, "ab", "cdef"))).output_tokens == 2


# ---------------------------------------------------------------- batches


def test_prompts_start_over_and_the_last_batch_may_be_smaller(alphabet: ModelParts) -> None:
    batches = make_batches(["a", "bb", "ccc"], requests=7, batch_size=3, parts=alphabet)
    lengths = [batch.attention_mask.sum(dim=1).tolist() for batch in batches]
    assert lengths == [[2, 3, 4], [2, 3, 4], [2]]
    assert [batch.input_ids.shape[1] for batch in batches] == [4, 4, 2]


def test_a_decoder_is_padded_on_the_left(alphabet: ModelParts) -> None:
    batch = batch_of(alphabet, "a", "bcd")
    assert batch.attention_mask.tolist() == [[0, 0, 1, 1], [1, 1, 1, 1]]
    assert batch.input_ids[0, :3].tolist() == [PAD, PAD, BOS]


def test_without_a_padding_token_the_end_token_pads(alphabet: ModelParts) -> None:
    alphabet.tokenizer.pad_token = None
    assert batch_of(alphabet, "a").input_ids.shape == (1, 2)
    assert alphabet.tokenizer.pad_token is None
    assert batch_of(alphabet, "a", "bcd").input_ids[0, :2].tolist() == [EOS, EOS]


def test_a_tokenizer_that_cannot_pad_is_reported(alphabet: ModelParts) -> None:
    alphabet.tokenizer.pad_token = alphabet.tokenizer.eos_token = None
    with pytest.raises(TokenizerError, match=r"model\.tokenizer: .* Set workload\.batch_size to 1"):
        batch_of(alphabet, "a", "b")


def test_a_prompt_without_tokens_is_reported(alphabet: ModelParts) -> None:
    alphabet.tokenizer.backend_tokenizer.post_processor = None
    with pytest.raises(PromptError, match=r"workload\.prompts: .* no tokens of the prompt ''"):
        batch_of(alphabet, "")


def test_a_prompt_longer_than_the_context_is_reported(alphabet: ModelParts) -> None:
    alphabet.model.config.max_position_embeddings = 50
    batch_of(alphabet, "b" * 49)
    with pytest.raises(
        PromptError,
        match=r"workload\.prompts: the prompt 'bbb.*\.\.\.' has 51 tokens, and the model's context is 50",
    ):
        batch_of(alphabet, "a", "b" * 50)
    with pytest.raises(PromptError, match=r"workload\.prompts\.tokens: each prompt has 51 tokens"):
        make_synthetic_batches(51, requests=1, batch_size=1, seed=0, parts=alphabet)
    with pytest.raises(PromptError, match=r"workload\.negative_prompts: the prompt 'bb"):
        make_batches(["a"], requests=1, batch_size=1, parts=alphabet, negative_prompts=["b" * 50])


def test_negative_prompts_start_over_with_their_batches(alphabet: ModelParts) -> None:
    batches = make_batches(
        ["a", "b"], requests=5, batch_size=2, parts=alphabet, negative_prompts=["x", "yy", "zzz"]
    )
    lengths = [batch.negative_prompt_attention_mask.sum(dim=1).tolist() for batch in batches]
    assert lengths == [[2, 3], [4, 2], [3]]


@settings_of_hypothesis(deadline=None, max_examples=40)
@given(
    tokens=st.integers(1, 40),
    requests=st.integers(1, 9),
    batch_size=st.integers(1, 9),
    seed=st.integers(0, 2**63 - 1),
)
def test_synthetic_prompts_have_exactly_the_length_that_is_set(
    tokens: int, requests: int, batch_size: int, seed: int
) -> None:
    loaded = ModelParts(model=TINY, tokenizer=None, device=torch.device("cpu"))
    made = [
        make_synthetic_batches(tokens, requests=requests, batch_size=batch_size, seed=seed, parts=loaded)
        for _ in range(2)
    ]
    assert [batch.prompts for batch in made[0]] == [
        min(batch_size, requests - start) for start in range(0, requests, batch_size)
    ]
    for batch, again in zip(*made, strict=True):
        assert batch.width == tokens
        assert batch.attention_mask.all()
        assert batch.attention_mask.shape == batch.input_ids.shape
        assert torch.equal(batch.input_ids, again.input_ids)
        assert not set(batch.input_ids.flatten().tolist()) & {PAD, BOS, EOS}
        assert 0 <= batch.input_ids.min() <= batch.input_ids.max() < TINY.config.vocab_size


def test_synthetic_prompts_differ_from_each_other_and_from_seed_to_seed(alphabet: ModelParts) -> None:
    one, other = (
        make_synthetic_batches(16, requests=4, batch_size=4, seed=seed, parts=alphabet)[0].input_ids.tolist()
        for seed in (1, 2)
    )
    assert len({tuple(row) for row in one + other}) == 8


def test_the_built_in_tokenizer_decodes_what_it_encoded() -> None:
    tokenizer = build_tokenizer()
    for text in (*BUILTIN_PROMPTS, "héllo wörld 🙂\n\t\x00", ""):
        ids = tokenizer(text)["input_ids"]
        assert len(ids) == 1 + len(text.encode())
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_built_in_weights_are_always_the_same_and_do_not_affect_the_random_state() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first, second = build_model("builtin:llama-tiny"), build_model("builtin:llama-tiny")
    assert torch.equal(torch.rand(3), expected)
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
