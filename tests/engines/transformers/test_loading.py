"""Loading built-in and saved models, and the errors about them, which name their place in a configuration."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
import torch
from transformers import (
    GenerationConfig,
    GPT2Config,
    LlamaConfig,
    MixtralConfig,
    T5Config,
    T5ForConditionalGeneration,
)

from llenergymeasure.config.experiment import AssistantConfig, ModelConfig
from llenergymeasure.engines.errors import (
    DeviceMemoryError,
    DeviceNotPresentError,
    EngineError,
    GenerationError,
    MissingPackageError,
    ModelError,
    PromptError,
    TokenizerError,
)
from llenergymeasure.engines.transformers.builtin import (
    BUILTIN_MODELS,
    build_model,
    build_tokenizer,
)
from llenergymeasure.engines.transformers.messages import collected_messages
from llenergymeasure.engines.transformers.model_info import model_facts
from llenergymeasure.engines.transformers.model_loader import ModelParts, load_parts, load_tokenizer
from llenergymeasure.engines.transformers.packages import require_packages
from llenergymeasure.engines.transformers.torch_devices import (
    choose_device,
    gpu_uuid,
    planned_gpus,
    synchronise,
)

CPU = torch.device("cpu")


def load(**fields: object) -> ModelParts:
    """Load a model, and its tokenizer as for a run with texts."""
    config = ModelConfig.model_validate(fields)
    with collected_messages():
        parts = load_parts(config, CPU)
        return replace(parts, tokenizer=parts.tokenizer or load_tokenizer(config, parts))


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a saved model and its tokenizer: the tiny Llama."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    build_model("builtin:llama-tiny").save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("name", "millions"), [("llama", (10, 30)), ("llama-tiny", (0.05, 1))])
def test_built_in_models_have_the_documented_size(name: str, millions: tuple[float, float]) -> None:
    facts = model_facts(load(name=f"builtin:{name}").model, f"builtin:{name}")
    assert millions[0] <= facts.parameters / 1e6 <= millions[1]
    assert (facts.architecture, facts.dtype, facts.weights_seed, facts.commit) == (
        "LlamaForCausalLM",
        "float32",
        0,
        None,
    )
    assert facts.vocabulary == len(build_tokenizer())
    assert facts.generation_defaults["eos_token_id"] == build_tokenizer().eos_token_id
    assert name in BUILTIN_MODELS


@pytest.mark.parametrize("dtype", ["auto", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("attention", [None, "eager", "sdpa"])
def test_dtype_and_attention_are_as_configured_for_built_in_and_saved_models(
    saved: Path, dtype: str, attention: str | None
) -> None:
    for name in ("builtin:llama-tiny", str(saved)):
        model = load(name=name, dtype=dtype, attn_implementation=attention).model
        facts = model_facts(model, name)
        assert facts.dtype == ("float32" if dtype == "auto" else dtype)
        assert facts.attention == (attention or "sdpa")
        assert not model.training


def test_a_saved_model_is_the_one_that_was_saved(saved: Path) -> None:
    loaded = load(name=str(saved))
    for one, other in zip(
        loaded.model.state_dict().values(),
        build_model("builtin:llama-tiny").state_dict().values(),
        strict=True,
    ):
        assert torch.equal(one, other)
    assert loaded.tokenizer("ab")["input_ids"] == build_tokenizer()("ab")["input_ids"]
    assert loaded.tokenizer.padding_side == "left"
    assert model_facts(loaded.model, str(saved)).weights_seed is None


def test_an_assistant_has_a_tokenizer_only_if_one_is_named(saved: Path) -> None:
    unnamed = load(name="builtin:llama-tiny", assistant={"name": str(saved)})
    assert unnamed.assistant is not None
    assert unnamed.assistant_tokenizer is None
    named = load(name="builtin:llama-tiny", assistant={"name": "builtin:llama-tiny", "tokenizer": str(saved)})
    assert named.assistant_tokenizer is not None


def test_an_encoder_decoder_is_loaded_and_padded_on_the_right(tmp_path: Path) -> None:
    config = T5Config(
        vocab_size=259, d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2, decoder_start_token_id=0
    )
    T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    build_tokenizer().save_pretrained(tmp_path)
    loaded = load(name=str(tmp_path))
    assert loaded.is_encoder_decoder
    assert type(loaded.model) is T5ForConditionalGeneration
    assert loaded.tokenizer.padding_side == "right"


# ---------------------------------------------------------------- random weights

ARCHITECTURES = {
    "llama": LlamaConfig(
        vocab_size=259, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
    ),
    "mixtral": MixtralConfig(
        vocab_size=259,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        num_local_experts=2,
    ),
    "gpt2": GPT2Config(vocab_size=259, n_embd=16, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=2),
    "t5": T5Config(
        vocab_size=259, d_model=16, d_kv=4, d_ff=16, num_layers=1, num_heads=2, decoder_start_token_id=0
    ),
}


@pytest.mark.parametrize("dtype", ["auto", "bfloat16"])
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_random_weights_need_only_the_models_configuration(tmp_path: Path, name: str, dtype: str) -> None:
    """The folder has nothing else. Each load gives the same weights, and does not affect the random state."""
    ARCHITECTURES[name].save_pretrained(tmp_path)
    fields = {"name": str(tmp_path), "random_weights": True, "dtype": dtype, "attn_implementation": "eager"}
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    one = load_parts(ModelConfig.model_validate(fields), CPU)
    other = load_parts(ModelConfig.model_validate(fields), CPU)
    assert torch.equal(torch.rand(3), expected)
    assert one.tokenizer is None
    facts = model_facts(one.model, str(tmp_path), random_weights=True)
    assert facts.weights_seed == 0
    assert facts.dtype == ("float32" if dtype == "auto" else dtype)
    assert facts.attention == "eager"
    assert facts.placement == ("cpu",)
    assert not one.model.training
    pairs = zip(one.model.state_dict().values(), other.model.state_dict().values(), strict=True)
    assert all(torch.equal(first, second) for first, second in pairs)


def test_random_weights_keep_the_models_own_generation_settings(saved: Path, tmp_path: Path) -> None:
    folder = without(saved, tmp_path / "bare", "model.safetensors")
    GenerationConfig(do_sample=True, top_k=7, eos_token_id=[2, 5]).save_pretrained(folder)
    loaded = load(name=str(folder), random_weights=True)
    assert loaded.model.generation_config.top_k == 7
    assert loaded.model.generation_config.eos_token_id == [2, 5]
    assert loaded.tokenizer is not None


def test_random_weights_are_refused_for_a_model_that_was_saved_quantized(saved: Path, tmp_path: Path) -> None:
    folder = without(saved, tmp_path / "quantized", "config.json")
    config = json.loads((saved / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "gptq", "bits": 4}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"model\.random_weights: .*/quantized was saved quantized"):
        load(name=str(folder), random_weights=True)


def test_an_argument_for_loading_weights_is_refused_with_random_weights(saved: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.extra\.key_mapping: .*random_weights loads none"):
        load(name=str(saved), random_weights=True, extra={"key_mapping": {"a": "b"}})


def test_memory_that_really_runs_out_while_loading_is_reported(tmp_path: Path) -> None:
    """The embedding has 2**48 rows of 16 numbers of 4 bytes, which is about 18 petabytes."""
    LlamaConfig(
        vocab_size=2**48, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2
    ).save_pretrained(tmp_path)
    config = ModelConfig(name=str(tmp_path), random_weights=True)
    with pytest.raises(DeviceMemoryError, match=r"model\.name: .* does not fit into memory\. Use a smaller"):
        load_parts(config, CPU)


# ---------------------------------------------------------------- arguments of from_pretrained


def test_extra_reaches_from_pretrained(saved: Path, tmp_path: Path) -> None:
    """``subfolder`` applies to model, configuration and tokenizer; ``key_mapping`` to the weights."""
    without(saved, tmp_path / "inner")
    loaded = load(name=str(tmp_path), extra={"subfolder": "inner", "key_mapping": {"none": "other"}})
    assert loaded.tokenizer is not None
    with pytest.raises(ModelError, match=r"model\.name: .* has no config\.json"):
        load(name=str(tmp_path))
    with pytest.raises(ModelError, match=r"no_such_argument"):
        load(name=str(saved), extra={"no_such_argument": 1})


def test_an_assistant_is_loaded_as_the_model_is(saved: Path, tmp_path: Path) -> None:
    bare = without(saved, tmp_path / "bare", "model.safetensors")
    config = {
        "name": str(bare),
        "random_weights": True,
        "dtype": "bfloat16",
        "attn_implementation": "eager",
    }
    assistant = load(name=str(saved), assistant=config).assistant
    assert assistant is not None
    facts = model_facts(assistant, str(bare), random_weights=True)
    assert (facts.dtype, facts.attention, facts.weights_seed) == ("bfloat16", "eager", 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quantization": {"quant_method": "nothing"}}, r"model\.quantization: .*Unknown quantization type"),
        ({"quantization": {"bits": 4}}, r"model\.quantization: .*quant_method"),
        (
            {"quantization": {"load_in_4bit": True, "bnb_4bit_quant_tpye": "nf4"}},
            r"model\.quantization\.bnb_4bit_quant_tpye: transformers' BitsAndBytesConfig has no such argument",
        ),
        ({"device_map": "auto"}, r"model\.device_map: .*pip install accelerate"),
    ],
)
def test_a_missing_package_or_argument_for_loading_is_reported(
    saved: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, object], words: str
) -> None:
    monkeypatch.setattr("llenergymeasure.engines.transformers.weights.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=words):
        load(name=str(saved), **fields)


def test_a_quantization_without_its_package_is_reported(saved: Path) -> None:
    """The message is transformers' own, and names the package."""
    with pytest.raises(ModelError, match=r"model\.name: .* cannot be loaded: .*(?i:pip install)"):
        load(name=str(saved), quantization={"quant_method": "eetq"})


@pytest.mark.parametrize(
    "fields",
    [
        {"quantization": {"quant_method": "hqq"}},
        {"extra": {"subfolder": "x"}},
        {"device_map": "auto"},
    ],
)
def test_built_in_models_refuse_arguments_for_loading(fields: dict[str, object]) -> None:
    (key,) = fields
    with pytest.raises(ModelError, match=rf"model\.{key}: builtin:llama-tiny is built in and loads nothing"):
        load(name="builtin:llama-tiny", **fields)


def test_a_tokenizer_is_loaded_if_something_needs_it(saved: Path, tmp_path: Path) -> None:
    def tokenizer_of(name: Path, **fields: object) -> object:
        config = ModelConfig.model_validate({"name": str(name), **fields})
        return load_parts(config, CPU).tokenizer

    bare = without(saved, tmp_path / "bare", "tokenizer.json", "tokenizer_config.json")
    assert tokenizer_of(bare) is None
    assert tokenizer_of(bare, tokenizer=str(saved)) is not None
    assert tokenizer_of(saved, assistant={"name": str(saved), "tokenizer": str(saved)}) is not None
    stops = without(saved, tmp_path / "stops")
    GenerationConfig(stop_strings=["x"]).save_pretrained(stops)
    assert tokenizer_of(stops) is not None


def without(saved: Path, folder: Path, *names: str) -> Path:
    """A copy of the saved model that lacks some files."""
    folder.mkdir(exist_ok=True)
    for file in saved.iterdir():
        if file.name not in names:
            (folder / file.name).write_bytes(file.read_bytes())
    return folder


def test_a_folder_without_weights_or_configuration_is_reported(saved: Path, tmp_path: Path) -> None:
    weightless = without(saved, tmp_path / "a", "model.safetensors")
    torch.save(build_model("builtin:llama-tiny").state_dict(), weightless / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"model\.name: .*/a has no \*\.safetensors file.*not read"):
        load(name=str(weightless))
    with pytest.raises(ModelError, match=r"model\.name: .*/b has no config\.json"):
        load(name=str(without(saved, tmp_path / "b", "config.json")))
    with pytest.raises(TokenizerError, match=r"model\.name: the tokenizer of .*/c cannot be loaded"):
        load(name=str(without(saved, tmp_path / "c", "tokenizer.json", "tokenizer_config.json")))


def test_broken_weights_are_reported(saved: Path, tmp_path: Path) -> None:
    folder = without(saved, tmp_path / "cut", "model.safetensors")
    (folder / "model.safetensors").write_bytes((saved / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"model\.name: .*/cut cannot be loaded: "):
        load(name=str(folder))


def test_a_models_own_code_does_not_run_without_permission(saved: Path, tmp_path: Path) -> None:
    folder = without(saved, tmp_path / "remote", "config.json")
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit\n")
    config = {
        "model_type": "unheard-of",
        "auto_map": {"AutoConfig": "code.C", "AutoModelForCausalLM": "code.M"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="trust_remote_code"):
        load(name=str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"name": "builtin:lama"}, ModelError, r"model\.name: .*did you mean builtin:llama\?"),
        ({"name": "builtin:x"}, ModelError, r"model\.name: .*there are builtin:llama and builtin:llama-tiny"),
        ({"name": "/no/such/folder"}, ModelError, r"model\.name: there is no folder /no/such/folder"),
        ({"name": "./none"}, ModelError, r"there is no folder \./none"),
        ({"name": "~/none"}, ModelError, "there is no folder ~/none"),
        (
            {"name": "builtin:llama-tiny", "tokenizer": "builtin:lama"},
            ModelError,
            r"model\.tokenizer: .*did you mean builtin:llama",
        ),
        (
            {"name": "builtin:llama-tiny", "tokenizer": "./none"},
            TokenizerError,
            r"model\.tokenizer: there is no folder",
        ),
        (
            {"name": "builtin:llama-tiny", "assistant": {"name": "builtin:x"}},
            ModelError,
            r"model\.assistant\.name: there is no built-in model",
        ),
        (
            {
                "name": "builtin:llama-tiny",
                "assistant": {"name": "builtin:llama-tiny", "tokenizer": "./none"},
            },
            TokenizerError,
            r"model\.assistant\.tokenizer: there is no folder",
        ),
        ({"name": "builtin:llama-tiny", "attn_implementation": "bogus"}, ModelError, r"model\.name: .*bogus"),
        ({"name": "~nosuchuser/x"}, ModelError, r"model\.name: ~nosuchuser/x begins with a home folder"),
        (
            {"name": "builtin:llama-tiny", "tokenizer": "~nosuchuser/x"},
            TokenizerError,
            r"model\.tokenizer: ~nosuchuser/x begins with a home folder",
        ),
        (
            {"name": "builtin:llama-tiny", "revision": "main"},
            ModelError,
            r"model\.revision: builtin:llama-tiny is built in and loads nothing, so it has no revision",
        ),
        (
            {"name": "builtin:llama-tiny", "assistant": {"name": "builtin:llama-tiny", "revision": "v1"}},
            ModelError,
            r"model\.assistant\.revision: builtin:llama-tiny is built in",
        ),
    ],
)
def test_an_error_of_loading_names_its_place_in_the_configuration(
    fields: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        load(**fields)


def test_a_hub_model_that_cannot_be_loaded_is_an_error_of_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        ModelError, match=r"model\.name: nobody/nothing cannot be loaded: .*hf auth login"
    ) as caught:
        load(name="nobody/nothing")
    assert "\n" not in str(caught.value)


def test_a_model_that_does_not_fit_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*arguments: object, **named: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("llenergymeasure.engines.transformers.weights.build_model", build)
    with pytest.raises(DeviceMemoryError, match=r"model\.name: builtin:llama does not fit"):
        load(name="builtin:llama")


def test_the_gpus_that_loading_may_use_are_known_before() -> None:
    assert planned_gpus(ModelConfig(name="x"), "cpu") == ()
    assert planned_gpus(ModelConfig(name="x", device_map={"a": "cpu", "b": "disk"}), "auto") == ()
    if not torch.cuda.is_available():
        assert planned_gpus(ModelConfig(name="x", device_map="auto"), "auto") == ()
        with pytest.raises(DeviceNotPresentError, match=r"model\.device_map: cuda:1 is not available"):
            planned_gpus(ModelConfig(name="x", device_map={"a": 1}), "auto")


def test_choosing_a_device() -> None:
    assert choose_device("cpu") == CPU
    assert gpu_uuid(CPU) is None
    synchronise(CPU)
    if not torch.cuda.is_available():
        assert choose_device("auto") == CPU
        for name in ("cuda", "cuda:1"):
            with pytest.raises(
                DeviceNotPresentError, match=rf"model\.device: {name} is not available.*no CUDA device"
            ):
                choose_device(name)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (
            "CUDA error: an illegal memory access",
            GenerationError,
            "model.device: what was queued on cuda:0 failed: ",
        ),
        ("CUDA error: out of memory", DeviceMemoryError, "model.device: cuda:0 ran out of memory. Lower "),
    ],
)
def test_an_error_that_a_gpu_reports_late_is_raised_by_synchronising(
    monkeypatch: pytest.MonkeyPatch, words: str, error: type[Exception], message: str
) -> None:
    def fails(_: torch.device) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr(torch.cuda, "synchronize", fails)
    with pytest.raises(error, match=message):
        synchronise(torch.device("cuda", 0))


# ---------------------------------------------------------------- packages and errors


@pytest.mark.parametrize("missing", [["torch"], ["transformers"], ["torch", "transformers"]])
def test_without_its_packages_the_engine_says_what_to_install(missing: list[str]) -> None:
    program = (
        "import importlib.util as u, llenergymeasure.engines.transformers.packages as p\n"
        f"p.find_spec = lambda name: None if name in {missing} else u.find_spec(name)\n"
        "try: p.require_packages()\n"
        "except p.MissingPackageError as error: print(error)\n"
        "import sys; print('torch' in sys.modules, 'transformers' in sys.modules)\n"
    )
    source = str(Path(__file__).parents[3] / "src")
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {source!r})\n{program}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert f"needs {' and '.join(missing)}, which" in lines[0]
    assert lines[0].endswith("pip install 'llenergymeasure[run]'")
    assert lines[1] == "False False"


@pytest.mark.parametrize("name", ["torch", "transformers"])
@pytest.mark.parametrize(
    "error", [ImportError("undefined symbol:\n x"), OSError("libcudart.so: cannot open"), RuntimeError("no")]
)
def test_a_broken_package_is_named_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, error: Exception
) -> None:
    (tmp_path / f"{name}.py").write_text(f"raise {type(error).__name__}({str(error)!r})\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name)
    with pytest.raises(MissingPackageError) as caught:
        require_packages()
    reason = " ".join(str(error).split())
    assert (
        f"needs {name}, which is installed but cannot be imported ({type(error).__name__}: {reason})."
        in str(caught.value)
    )


def test_every_error_of_an_engine_has_one_base() -> None:
    for error in (DeviceMemoryError, DeviceNotPresentError, ModelError, PromptError, TokenizerError):
        assert issubclass(error, EngineError)
    assert AssistantConfig(name="x").tokenizer is None
