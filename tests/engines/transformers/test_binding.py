"""Binding starts from the state after loading; nothing that an earlier session did to the model remains."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from transformers import (
    CompileConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
    T5Config,
    T5ForConditionalGeneration,
)
from transformers.generation import candidate_generator, stopping_criteria
from transformers.modeling_outputs import BaseModelOutput

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.experiment import ModelConfig, WorkloadConfig
from llenergymeasure.engines.calls import TokenTimes
from llenergymeasure.engines.errors import EngineError
from llenergymeasure.engines.prompts import read_prompts
from llenergymeasure.engines.protocol import AnySession
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.loaded_model import TransformersModel
from llenergymeasure.engines.transformers.messages import collected_messages
from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.model_state import ModelState

Settings = dict[str, Any]


def compiled(**options: Any) -> Settings:
    """Settings for a compiled call, on the CPU too, with a backend that needs no C compiler."""
    config = CompileConfig(backend="eager", mode=None, **options)
    config._compile_all_devices = True
    return {"cache_implementation": "static", "extra": {"compile_config": config}}


@dataclass(frozen=True)
class Trace:
    """What a session did, and the state that it left behind."""

    observed: object
    effective: object
    counts: object
    ids: object
    arrivals: object
    dormant: object
    canonical: object
    workload: object
    random_numbers: object
    state: list[dict[str, object]]


def trace(run: AnySession) -> Trace:
    """Make two passes and a timed call."""
    outputs = [run.call(batch) for _ in range(2) for batch in run.batches]
    run.reseed()
    times = run.time_tokens(run.batches[0])
    assert isinstance(times, TokenTimes)
    return Trace(
        observed=[run.observed(output) for output in outputs],
        effective=times.effective,
        counts=[run.count(output) for output in outputs],
        ids=[output.sequences.tolist() for output in outputs],
        arrivals=[arrival.tokens for arrival in times.arrivals],
        dormant=run.dormant(),
        canonical=run.canonical(),
        workload=run.workload,
        random_numbers=(random.random(), numpy.random.random(), torch.rand(()).item()),
        state=[
            state_of_process(),
            *map(state_of, run._parts.models),
            *map(state_of_tokenizer, filter(None, (run._parts.tokenizer, run._parts.assistant_tokenizer))),
        ],
    )


def differences(one: Trace, other: Trace) -> dict[str, tuple[object, object]]:
    """What differs between two traces, by name; the attributes of the state are compared one by one."""
    first, second = flat(one), flat(other)
    return {
        name: (first.get(name), second.get(name))
        for name in {**first, **second}
        if first.get(name) != second.get(name)
    }


def flat(trace: Trace) -> dict[str, object]:
    state = {
        f"{number}{name}": value for number, part in enumerate(trace.state) for name, value in part.items()
    }
    return {
        **{field.name: getattr(trace, field.name) for field in fields(trace) if field.name != "state"},
        **state,
    }


def state_of(model: PreTrainedModel) -> dict[str, object]:
    """Every attribute of a model, its modules and configurations, as text; for other objects, their class."""
    owners: dict[str, object] = {
        ".generation_config": model.generation_config,
        ".config": model.config,
        **{f".{name}": module for name, module in model.named_modules()},
    }
    return {
        f"{place}.{name}": _text(value)
        for place, owner in owners.items()
        for name, value in vars(owner).items()
    }


def state_of_tokenizer(tokenizer: Any) -> dict[str, object]:
    """Every attribute of a tokenizer, and its padding and truncation."""
    backend = tokenizer.backend_tokenizer
    attributes: dict[str, object] = {name: _text(value) for name, value in vars(tokenizer).items()}
    return attributes | {"pads": str(backend.padding), "truncates": str(backend.truncation)}


def state_of_process() -> dict[str, object]:
    """torch's settings in this process, and the sizes of transformers' caches."""
    dynamo = torch._dynamo.config
    return {
        "dtype": torch.get_default_dtype(),
        "device": torch.get_default_device(),
        "gradients": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
        "matmul": torch.get_float32_matmul_precision(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "benchmark": torch.backends.cudnn.benchmark,
        "attention": (torch.backends.cuda.flash_sdp_enabled(), torch.backends.cuda.math_sdp_enabled()),
        "dynamo": (dynamo.recompile_limit, dynamo.capture_scalar_outputs),
        "parallelism": os.environ.get("TOKENIZERS_PARALLELISM"),
        "stop strings": len(stopping_criteria.STOP_STRING_EMBEDDING_CACHE),
        "translators": len(candidate_generator.AssistantVocabTranslatorCache._cache),
    }


def _text(value: object) -> str:
    match value:
        case torch.Tensor():
            return f"{value.dtype} {list(value.shape)} {value.double().sum().item()!r}"
        case dict():
            return str({str(key): _text(item) for key, item in value.items()})
        case list() | tuple() | set() | frozenset():
            return str([_text(item) for item in value])
        case None | bool() | int() | float() | str():
            return repr(value)
    if hasattr(value, "to_dict"):
        return _text(value.to_dict())
    return type(value).__qualname__


@pytest.fixture(scope="module")
def heuristic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose own generation configuration makes its drafts longer from call to call."""
    folder = tmp_path_factory.mktemp("heuristic")
    model = build_model("builtin:llama-tiny")
    model.generation_config.num_assistant_tokens_schedule = "heuristic"
    model.generation_config.num_assistant_tokens = 3
    model.save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture
def loaded(request: pytest.FixtureRequest, heuristic: Path) -> Iterator[TransformersModel]:
    config: Settings = {"name": "builtin:llama-tiny", "device": "cpu"}
    if getattr(request, "param", "") == "assisted":
        config |= {"assistant": {"name": str(heuristic)}}
    with collected_messages(), TransformersModel(ModelConfig.model_validate(config), "cpu") as model:
        yield model


def bind(model: TransformersModel, settings: Settings, **workload: Any) -> AnySession:
    work = {"requests": 1, "batch_size": 1, "prompts": ["a cat", "a dog and a cat"], **workload}
    length = {} if "max_length" in settings else {"max_new_tokens": 6}
    config = WorkloadConfig.model_validate(work)
    return model.bind(
        PyTorchConfig.model_validate({**length, "eos_token_id": None, **settings}),
        config,
        read_prompts(config.prompts),
    )


def parts_of(model: PreTrainedModel, **others: Any) -> ModelParts:
    return ModelParts(**{"model": model, "tokenizer": None, "device": torch.device("cpu"), **others})


class OtherSettings(BackendConfig):
    """The settings of another engine."""


DEFAULT: Settings = {"max_new_tokens": 6}
LONG_STATIC: Settings = {"cache_implementation": "static", "max_new_tokens": 40}
CASES: dict[str, tuple[Settings, Settings]] = {
    "a static cache after a longer one": ({"cache_implementation": "static"}, LONG_STATIC),
    "a plain call after a static cache": (DEFAULT, LONG_STATIC),
    "a plain call after a compiled one": (DEFAULT, compiled()),
    "a compiled call after a plain one": (compiled(), DEFAULT),
    "a compiled call after one compiled in another way": (compiled(), compiled(dynamic=True)),
    "sampling after sampling": ({"do_sample": True, "top_k": 50}, {"do_sample": True, "max_new_tokens": 3}),
    "prompt lookup after a static cache": ({"prompt_lookup_num_tokens": 3}, LONG_STATIC),
    "a plain call after prompt lookup": (DEFAULT, {"prompt_lookup_num_tokens": 3}),
    "token healing after stop strings": ({"token_healing": True}, {"stop_strings": ["x"]}),
    "stop strings after other stop strings": ({"stop_strings": ["e"]}, {"stop_strings": ["a", "bc"]}),
    "a plain call after early exits": (DEFAULT, {"assistant_early_exit": 1}),
    "a plain call after attentions were returned": (
        DEFAULT,
        {"return_dict_in_generate": True, "output_hidden_states": True, "output_scores": True},
    ),
    "a plain call after beams": (DEFAULT, {"num_beams": 3, "num_return_sequences": 2}),
    "a plain call after continuous batching": (
        DEFAULT,
        {
            "cache_implementation": "paged",
            "continuous_batching_config": {"max_batch_tokens": 64, "page_size": 16, "num_blocks": 4},
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_same_settings_do_the_same_after_another_binding(loaded: TransformersModel, case: str) -> None:
    """Bind A, B and A again: A has the same calls, tokens and steps both times, and leaves the same state."""
    settings, between = CASES[case]
    first = trace(bind(loaded, settings))
    other = bind(loaded, between)
    for batch in other.batches:
        other.call(batch)
    assert not differences(first, trace(bind(loaded, settings)))


def hooked(parts: ModelParts) -> None:
    """Add hooks of both kinds to a module of transformers, and to one of torch."""
    for module in (parts.model.model.layers[0], parts.model.lm_head):
        module.register_forward_hook(lambda *_: torch.zeros(1, 1, parts.model.config.vocab_size))
        module.register_forward_pre_hook(lambda *_: None)


def rerouted(parts: ModelParts) -> None:
    """Replace what a module does when called: by assignment, and by compiling it."""
    layer = parts.model.model.layers[0].mlp.down_proj
    layer.forward = torch.zeros_like
    parts.model.model.layers[0].mlp.compile(backend="eager")
    parts.model.generate = None


def training(parts: ModelParts) -> None:
    parts.model.train()


def other_attention(parts: ModelParts) -> None:
    parts.model.set_attn_implementation("eager")


def other_modules(parts: ModelParts) -> None:
    """Replace the output head, and remove layers."""
    parts.model.lm_head = torch.nn.Linear(parts.model.config.hidden_size, 7)
    del parts.model.model.layers[1:]


def other_defaults(parts: ModelParts) -> None:
    """Change the own settings of the model and of its drafter, also inside of containers."""
    for model in parts.models:
        model.generation_config.do_sample = True
        model.generation_config.suppress_tokens = [5]
        model.generation_config._of_a_call = 3
        model.config.rope_parameters["rope_theta"] = 5.0
        model._cache = "the last one"
        del model.generation_config.num_beams


def other_tokenizer(parts: ModelParts) -> None:
    tokenizer: Any = parts.tokenizer
    tokenizer("a", padding="max_length", max_length=3, truncation=True)
    tokenizer.padding_side = tokenizer.truncation_side = "right"
    tokenizer.pad_token = "<s>"
    tokenizer.model_max_length = 2


def other_torch(parts: ModelParts) -> None:
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.set_num_threads(2)
    torch.set_float32_matmul_precision("medium")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.enable_flash_sdp(False)
    torch.backends.cuda.enable_math_sdp(False)
    torch._dynamo.config.recompile_limit = 1
    torch._dynamo.config.capture_scalar_outputs = True


def mixed_precision(parts: ModelParts) -> None:
    """Use torch's newer setting, after which the older one cannot be read."""
    if hasattr(torch.backends.cuda.matmul, "fp32_precision"):
        torch.backends.cuda.matmul.fp32_precision = "tf32"


def draws(parts: ModelParts) -> None:
    torch.manual_seed(99)
    random.seed(99)
    numpy.random.seed(99)


def caches(parts: ModelParts) -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = "1"
    stopping_criteria.STOP_STRING_EMBEDDING_CACHE["a"] = "b"
    candidate_generator.AssistantVocabTranslatorCache._cache[parts.tokenizer] = {}


CHANGES = [
    hooked,
    rerouted,
    training,
    other_attention,
    other_modules,
    other_defaults,
    other_tokenizer,
    other_torch,
    mixed_precision,
    draws,
    caches,
]


@pytest.mark.parametrize("loaded", ["assisted"], indirect=True)
@pytest.mark.parametrize("change", CHANGES, ids=lambda function: function.__name__)
def test_a_binding_undoes_whatever_code_in_a_call_changed(
    loaded: TransformersModel, change: Callable[[ModelParts], None]
) -> None:
    """Code in ``extra`` may change the model, its tokenizer, torch or the process."""
    settings = {"do_sample": True}
    first = trace(bind(loaded, settings))
    between = bind(loaded, DEFAULT)
    between.call(between.batches[0])
    change(between._parts)
    assert not differences(first, trace(bind(loaded, settings)))


def test_closing_a_model_restores_the_process(loaded: TransformersModel) -> None:
    before = state_of_process() | {"stop strings": 0, "translators": 0}
    bound = bind(loaded, {"stop_strings": ["abc"]})
    for change in (other_torch, mixed_precision, caches):
        change(bound._parts)
    loaded.close()
    assert state_of_process() == before


def test_other_compiled_functions_are_forgotten_too(loaded: TransformersModel) -> None:
    """Attention may compile a function by itself, which counts towards torch's limit of recompilations."""
    bind(loaded, DEFAULT)
    graphs: list[object] = []

    def backend(module: Any, _: object) -> Any:
        graphs.append(module)
        return module.forward

    function = torch.compile(lambda value: value + 1, backend=backend, dynamic=False)
    function(torch.ones(2))
    bind(loaded, DEFAULT)
    function(torch.ones(2))
    assert len(graphs) == 2


def test_the_configurations_of_a_models_parts_are_restored() -> None:
    """Encoder and decoder have configurations of their own."""
    model = T5ForConditionalGeneration(
        T5Config(vocab_size=16, d_model=8, d_kv=4, d_ff=8, num_layers=2, num_heads=2)
    )
    assert model.encoder.config is not model.config
    state, before = ModelState(parts_of(model)), model.encoder.config.to_dict()
    model.encoder.config.num_layers = 1
    state.restore()
    assert model.encoder.config.to_dict() == before


def test_objects_in_a_models_own_settings_are_restored(loaded: TransformersModel) -> None:
    model = loaded._parts.model
    model.generation_config.compile_config = CompileConfig(fullgraph=True)
    state = ModelState(loaded._parts)
    model.generation_config.compile_config.fullgraph = False
    state.restore()
    assert model.generation_config.compile_config.fullgraph is True


def test_containers_that_refuse_changes_are_left_as_they_are() -> None:
    model = build_model("builtin:llama-tiny")
    model.last_output = BaseModelOutput(last_hidden_state=torch.zeros(1))
    model.layouts = {"full": ({"theta": [1.0]},)}
    state = ModelState(parts_of(model))
    model.layouts["full"][0]["theta"].append(2.0)
    state.restore()
    assert model.last_output.last_hidden_state.shape == (1,)
    assert model.layouts == {"full": ({"theta": [1.0]},)}


class Foreign(torch.nn.Linear):
    """A module whose class is of neither transformers nor torch, as with quantizers."""


def test_a_foreign_module_keeps_its_weights_and_loses_its_hooks() -> None:
    """Some quantizers prepare their weights in place at the first call, and must do so only once."""
    model = build_model("builtin:llama-tiny")
    head = Foreign(model.config.hidden_size, model.config.vocab_size, bias=False)
    model.lm_head = head
    state, was_training = ModelState(parts_of(model)), head.training
    head.register_forward_hook(lambda *_: None)
    head.forward = torch.zeros_like
    head.train(not was_training)
    head.weight = torch.nn.Parameter(torch.zeros_like(head.weight))
    head.prepared = True
    state.restore()
    assert not head._forward_hooks
    assert "forward" not in vars(head)
    assert head.training is was_training
    assert head.prepared
    assert not head.weight.any()


@pytest.mark.parametrize("loaded", ["assisted"], indirect=True)
@pytest.mark.parametrize("between", [{}, {"max_new_tokens": 30}, {"num_assistant_tokens": 7}], ids=str)
def test_a_drafter_begins_with_the_number_of_tokens_that_it_was_loaded_with(
    loaded: TransformersModel, between: Settings
) -> None:
    first = trace(bind(loaded, {"max_new_tokens": 25}))
    assistant = loaded._parts.assistant
    assert assistant.generation_config.num_assistant_tokens != 3  # the schedule has changed it
    trace(bind(loaded, between))
    again = bind(loaded, {"max_new_tokens": 25})
    assert assistant.generation_config.num_assistant_tokens == 3
    assert trace(again) == first


def test_a_padding_token_is_set_for_one_binding_only(tmp_path: Path) -> None:
    """The tokenizer has none; a batch of two pads with its end token, which token healing would see too."""
    build_model("builtin:llama-tiny").save_pretrained(tmp_path)
    tokenizer = build_tokenizer()
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    with collected_messages(), TransformersModel(ModelConfig(name=str(tmp_path)), "cpu") as model:
        one = bind(model, DEFAULT)
        assert one.workload.padding_token is None
        two = bind(model, DEFAULT, requests=2, batch_size=2)
        assert two.workload.padding_token == "</s>"
        assert two._parts.tokenizer.pad_token == "</s>"
        assert bind(model, DEFAULT)._parts.tokenizer.pad_token is None


def test_a_tokenizer_loaded_for_one_binding_is_not_used_by_another(
    loaded: TransformersModel,
) -> None:
    synthetic = {"prompts": {"tokens": 5}}
    first = bind(loaded, DEFAULT, **synthetic).rule_facts()
    bind(loaded, DEFAULT)
    assert bind(loaded, DEFAULT, **synthetic).rule_facts() == first
    assert first["call.tokenizer"] is False


def test_frequencies_that_a_long_text_changed_are_restored() -> None:
    """Rotary embeddings of type ``dynamic`` are recomputed for the longest text so far, and stay so."""
    config = LlamaConfig(
        vocab_size=259,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=8,
        rope_parameters={"rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0},
    )
    model = LlamaForCausalLM(config).eval()
    parts = parts_of(model)
    state, before = ModelState(parts), state_of(model)
    ids = torch.arange(3, 43)[None]
    short = model(ids[:, :6]).logits
    model(ids)
    assert state_of(model) != before
    state.restore()
    assert state_of(model) == before
    assert torch.equal(model(ids[:, :6]).logits, short)


def test_an_output_head_that_drafting_across_vocabularies_pruned_is_restored() -> None:
    """Such drafting replaces the assistant's output head, and removes its repetition penalty."""
    model, assistant = build_model("builtin:llama-tiny"), build_model("builtin:llama-tiny")
    assistant.generation_config.repetition_penalty = 1.5
    tokenizer, other = build_tokenizer(), build_tokenizer()
    other.add_tokens(["qu"])  # drafts are converted to text and back only if the vocabularies differ
    assistant.resize_token_embeddings(len(other))
    parts = parts_of(model, assistant=assistant, tokenizer=tokenizer, assistant_tokenizer=other)
    state, before = ModelState(parts), state_of(assistant)
    head = assistant.get_output_embeddings()
    ids = tokenizer("a cat", return_tensors="pt")
    arguments = {"assistant_model": assistant, "tokenizer": tokenizer, "assistant_tokenizer": other}
    # No tokens are compared: what is drawn depends on an order of the vocabulary that changes.
    for _ in range(2):
        with collected_messages():
            model.generate(**ids, **arguments, do_sample=True, max_new_tokens=6)
        assert assistant.get_output_embeddings() is not head
        assert assistant.generation_config.repetition_penalty is None
        state.restore()
        assert assistant.get_output_embeddings() is head
        assert state_of(assistant) == before
        assert not candidate_generator.AssistantVocabTranslatorCache._cache


def test_a_call_that_was_interrupted_leaves_nothing_behind(loaded: TransformersModel) -> None:
    """An early exit lowers the number of layers during a draft; after an error the number stays low."""
    first = trace(bind(loaded, DEFAULT))
    early = bind(loaded, {"assistant_early_exit": 1})
    model = loaded._parts.model

    def forward(*args: Any, **arguments: Any) -> Any:
        raise KeyboardInterrupt

    model.forward = forward
    with pytest.raises(KeyboardInterrupt):
        early.call(early.batches[0])
    assert trace(bind(loaded, DEFAULT)) == first


def test_a_session_ends_when_its_model_is_bound_again(loaded: TransformersModel) -> None:
    first = bind(loaded, DEFAULT)
    batch = first.batches[0]
    second = bind(loaded, DEFAULT)
    with pytest.raises(EngineError, match="The session has ended"):
        first.call(batch)
    second.call(second.batches[0])
    loaded.close()
    with pytest.raises(EngineError, match="The model is closed"):
        bind(loaded, DEFAULT)


def test_a_model_is_usable_after_a_binding_was_refused(loaded: TransformersModel) -> None:
    first = trace(bind(loaded, DEFAULT))
    with pytest.raises(EngineError, match="the model's context"):
        bind(loaded, DEFAULT, prompts=["x" * 5000])
    assert trace(bind(loaded, DEFAULT)) == first


def test_tables_of_stop_strings_do_not_accumulate(loaded: TransformersModel) -> None:
    bind(loaded, {"stop_strings": ["abc"]})
    assert stopping_criteria.STOP_STRING_EMBEDDING_CACHE
    bind(loaded, DEFAULT)
    assert not stopping_criteria.STOP_STRING_EMBEDDING_CACHE


def test_settings_of_another_engine_are_refused(loaded: TransformersModel) -> None:
    with pytest.raises(TypeError, match="takes a PyTorchConfig"):
        loaded.bind(OtherSettings(), WorkloadConfig(), ("a",))
