"""The real generate() on a model that recites the alphabet: what it is given, and what is counted, by hand."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import T5Config, T5ForConditionalGeneration

from llenergymeasure.inference.batching import Batch, make_batches
from llenergymeasure.inference.builtin import BUILTIN_PROMPTS, build_model, build_tokenizer
from llenergymeasure.inference.counting import TokenCounts
from llenergymeasure.inference.errors import DeviceMemoryError, GenerationError, PromptError, TokenizerError
from llenergymeasure.inference.generation import Generator
from llenergymeasure.inference.loading import LoadedModel

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:transformers")

F = build_tokenizer().convert_tokens_to_ids("f")
H = build_tokenizer().convert_tokens_to_ids("h")
PAD, BOS, EOS = 0, 1, 2


def batch_of(loaded: LoadedModel, *prompts: str) -> Batch:
    (batch,) = make_batches(prompts, requests=len(prompts), batch_size=len(prompts), loaded=loaded)
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
    alphabet: LoadedModel, prompts: list[str], settings: dict[str, Any], output: int, sequences: int
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


def test_the_models_own_end_token_ends_a_sequence_where_none_is_set(alphabet: LoadedModel) -> None:
    alphabet.model.generation_config.eos_token_id = F
    generator = Generator(alphabet, {"max_new_tokens": 8})
    assert generator.count(generator(batch_of(alphabet, "a", "c"))).output_tokens == 5 + 3


def test_an_assistant_drafts_and_only_the_models_tokens_count(alphabet: LoadedModel) -> None:
    loaded = LoadedModel(
        model=alphabet.model,
        tokenizer=alphabet.tokenizer,
        device=alphabet.device,
        assistant=build_model("builtin:llama-tiny"),
    )
    generator = Generator(loaded, {"max_new_tokens": 8, "eos_token_id": F})
    assert generator.count(generator(batch_of(loaded, "a"))).output_tokens == 5


class Spy:
    """Keeps the arguments of generate()."""

    def __init__(self, loaded: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arguments: dict[str, Any] = {}
        real = loaded.model.generate

        def generate(**arguments: Any) -> Any:
            self.arguments = arguments
            return real(**arguments)

        monkeypatch.setattr(loaded.model, "generate", generate)


@pytest.mark.parametrize(
    ("settings", "own"),
    [
        ({}, set()),
        ({"max_new_tokens": 2, "temperature": None, "top_k": 5, "do_sample": True}, set()),
        ({"max_new_tokens": 2, "stop_strings": "x"}, {"tokenizer"}),
        ({"max_new_tokens": 2, "token_healing": True}, {"tokenizer"}),
        ({"max_new_tokens": 2, "stop_strings": None}, set()),
    ],
)
def test_generate_gets_the_settings_and_what_the_call_must_give(
    alphabet: LoadedModel, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], own: set[str]
) -> None:
    spy = Spy(alphabet, monkeypatch)
    Generator(alphabet, settings)(batch_of(alphabet, "ab", "cdef"))
    assert spy.arguments.keys() == settings.keys() | own | {"inputs", "attention_mask"}
    assert {key: spy.arguments[key] for key in settings} == settings


@pytest.mark.parametrize("name", ["inputs", "input_ids", "attention_mask"])
def test_a_setting_that_is_the_runs_own_to_give_is_refused(alphabet: LoadedModel, name: str) -> None:
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
def test_what_generate_refuses_is_told_in_its_own_words(
    alphabet: LoadedModel, settings: dict[str, Any], words: str
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
def test_the_mend_names_the_settings_that_generate_speaks_of(
    alphabet: LoadedModel,
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
    alphabet: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def generate(*, inputs: torch.Tensor, **arguments: Any) -> torch.Tensor:
        calls.append(arguments)
        return torch.cat([inputs, inputs[:, -1:] + 1], dim=1).unsqueeze(
            0
        )  # one dimension more, as transformers

    monkeypatch.setattr(alphabet.model, "generate", generate)
    generator = Generator(alphabet, {"cache_implementation": "paged", "max_new_tokens": 1})
    with pytest.raises(GenerationError, match=r"pytorch\.cache_implementation: .*workload\.batch_size to 1"):
        generator(batch_of(alphabet, "a", "bcd"))
    assert not calls
    for prompts in (["a"], ["ab", "cd"]):
        assert generator.count(generator(batch_of(alphabet, *prompts))).output_tokens == len(prompts)


# ---------------------------------------------------------------- code from elsewhere

RECIPE = """
from pathlib import Path
Path({ran!r}).write_text("imported")

def generate(model, **arguments):
    Path({ran!r}).write_text("ran")
    return model.generate(inputs=arguments["inputs"], attention_mask=arguments["attention_mask"], max_new_tokens=3)
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A folder with a decoding mode that leaves the file ``ran`` beside it."""
    folder = tmp_path / "recipe"
    (folder / "custom_generate").mkdir(parents=True)
    (folder / "custom_generate" / "generate.py").write_text(RECIPE.format(ran=str(tmp_path / "ran")))
    return folder


@pytest.mark.parametrize("trust", [False, True])
def test_extra_does_not_decide_whom_to_trust(alphabet: LoadedModel, recipe: Path, trust: bool) -> None:
    settings = {"trust_remote_code": True, "custom_generate": str(recipe)}
    with pytest.raises(
        GenerationError, match=r"pytorch\.extra\.trust_remote_code: .*model\.trust_remote_code"
    ):
        Generator(alphabet, settings, trust_remote_code=trust)
    assert not (recipe.parent / "ran").exists()


def test_a_custom_decoding_mode_runs_only_where_code_is_trusted(
    alphabet: LoadedModel, recipe: Path, monkeypatch: pytest.MonkeyPatch
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
    assert spy.arguments["max_new_tokens"] == 3  # the mode's own call, the last one


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_no_memory_left_names_the_batch_size(
    alphabet: LoadedModel, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def generate(**arguments: Any) -> None:
        raise error

    monkeypatch.setattr(alphabet.model, "generate", generate)
    with pytest.raises(DeviceMemoryError, match=r"workload\.batch_size: 2 prompts at once"):
        Generator(alphabet, {})(batch_of(alphabet, "a", "b"))


def test_ctrl_c_is_not_caught(alphabet: LoadedModel, monkeypatch: pytest.MonkeyPatch) -> None:
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
    loaded = LoadedModel(
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


def test_prompts_start_over_and_the_last_batch_is_what_is_left(alphabet: LoadedModel) -> None:
    batches = make_batches(["a", "bb", "ccc"], requests=7, batch_size=3, loaded=alphabet)
    lengths = [batch.attention_mask.sum(dim=1).tolist() for batch in batches]
    assert lengths == [[2, 3, 4], [2, 3, 4], [2]]
    assert [batch.input_ids.shape[1] for batch in batches] == [4, 4, 2]


def test_a_decoder_is_padded_on_the_left(alphabet: LoadedModel) -> None:
    batch = batch_of(alphabet, "a", "bcd")
    assert batch.attention_mask.tolist() == [[0, 0, 1, 1], [1, 1, 1, 1]]
    assert batch.input_ids[0, :3].tolist() == [PAD, PAD, BOS]


def test_without_a_padding_token_the_end_token_pads(alphabet: LoadedModel) -> None:
    alphabet.tokenizer.pad_token = None
    assert batch_of(alphabet, "a").input_ids.shape == (1, 2)
    assert alphabet.tokenizer.pad_token is None
    assert batch_of(alphabet, "a", "bcd").input_ids[0, :2].tolist() == [EOS, EOS]


def test_a_tokenizer_that_cannot_pad_is_told(alphabet: LoadedModel) -> None:
    alphabet.tokenizer.pad_token = alphabet.tokenizer.eos_token = None
    with pytest.raises(TokenizerError, match=r"model\.tokenizer: .* Set workload\.batch_size to 1"):
        batch_of(alphabet, "a", "b")


def test_a_prompt_without_tokens_is_told(alphabet: LoadedModel) -> None:
    alphabet.tokenizer.backend_tokenizer.post_processor = None
    with pytest.raises(PromptError, match=r"workload\.prompts: .* no tokens of the prompt ''"):
        batch_of(alphabet, "")


def test_the_built_in_tokenizer_gives_every_text_back() -> None:
    tokenizer = build_tokenizer()
    for text in (*BUILTIN_PROMPTS, "héllo wörld 🙂\n\t\x00", ""):
        ids = tokenizer(text)["input_ids"]
        assert len(ids) == 1 + len(text.encode())
        assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_built_in_weights_are_the_same_every_time_and_leave_the_seed_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    first, second = build_model("builtin:llama-tiny"), build_model("builtin:llama-tiny")
    assert torch.equal(torch.rand(3), expected)
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
