"""Binding starts from the state after loading; nothing that an earlier session did to the model remains."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import CompileConfig, LlamaConfig, LlamaForCausalLM, PreTrainedModel
from transformers.generation import candidate_generator, stopping_criteria

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
    """A call that is compiled, on the CPU too, by a backend that needs no compiler of C."""
    config = CompileConfig(backend="eager", mode=None, **options)
    config._compile_all_devices = True
    return {"cache_implementation": "static", "extra": {"compile_config": config}}


@dataclass(frozen=True)
class Trace:
    """What a session does, from its first call on."""

    observed: object
    effective: object
    counts: object
    ids: object
    arrivals: object
    dormant: object
    canonical: object
    workload: object
    left: object


def trace(run: AnySession) -> Trace:
    """Two passes and a timed call; and the state that they leave on the models."""
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
        left=[state_of(model) for model in run._parts.models],
    )


def state_of(model: PreTrainedModel) -> dict[str, str]:
    """Every attribute of a model, its modules and configurations, as text; other objects by their class."""
    owners = {"": model, ".generation_config": model.generation_config, ".config": model.config}
    owners |= {f".{name}": module for name, module in model.named_modules() if name}
    return {
        f"{place}.{name}": _text(value)
        for place, owner in owners.items()
        for name, value in vars(owner).items()
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
    """A model whose drafts get longer from call to call, as its own generation settings ask for."""
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
    """The settings of some other engine."""


PLAIN: Settings = {"max_new_tokens": 6}
LONG_STATIC: Settings = {"cache_implementation": "static", "max_new_tokens": 40}
CASES: dict[str, tuple[Settings, Settings]] = {
    "a static cache after a longer one": ({"cache_implementation": "static"}, LONG_STATIC),
    "a plain call after a static cache": (PLAIN, LONG_STATIC),
    "a plain call after a compiled one": (PLAIN, compiled()),
    "a compiled call after a plain one": (compiled(), PLAIN),
    "a compiled call after one compiled in another way": (compiled(), compiled(dynamic=True)),
    "sampling after sampling": ({"do_sample": True, "top_k": 50}, {"do_sample": True, "max_new_tokens": 3}),
    "prompt lookup after a static cache": ({"prompt_lookup_num_tokens": 3}, LONG_STATIC),
    "a plain call after prompt lookup": (PLAIN, {"prompt_lookup_num_tokens": 3}),
    "token healing after stop strings": ({"token_healing": True}, {"stop_strings": ["x"]}),
    "stop strings after other stop strings": ({"stop_strings": ["e"]}, {"stop_strings": ["a", "bc"]}),
    "a plain call after early exits": (PLAIN, {"assistant_early_exit": 1}),
    "a plain call after attentions were returned": (
        PLAIN,
        {"return_dict_in_generate": True, "output_hidden_states": True, "output_scores": True},
    ),
    "a plain call after beams": (PLAIN, {"num_beams": 3, "num_return_sequences": 2}),
    "a plain call after continuous batching": (
        PLAIN,
        {
            "cache_implementation": "paged",
            "continuous_batching_config": {"max_batch_tokens": 64, "page_size": 16, "num_blocks": 4},
        },
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_second_binding_does_what_the_first_did(loaded: TransformersModel, case: str) -> None:
    """A, then B, then A again: the same calls, tokens and steps, and the same state of the model after it."""
    settings, between = CASES[case]
    first = trace(bind(loaded, settings))
    other = bind(loaded, between)
    for batch in other.batches:
        other.call(batch)
    assert trace(bind(loaded, settings)) == first


@pytest.mark.parametrize("loaded", ["assisted"], indirect=True)
@pytest.mark.parametrize("between", [{}, {"max_new_tokens": 30}, {"num_assistant_tokens": 7}], ids=str)
def test_a_drafter_begins_with_as_many_tokens_as_it_had_when_it_was_loaded(
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
        one = bind(model, PLAIN)
        assert one.workload.padding_token is None
        two = bind(model, PLAIN, requests=2, batch_size=2)
        assert two.workload.padding_token == "</s>"
        assert two._parts.tokenizer.pad_token == "</s>"
        assert bind(model, PLAIN)._parts.tokenizer.pad_token is None


def test_a_tokenizer_loaded_for_one_binding_is_not_used_by_another(
    loaded: TransformersModel,
) -> None:
    synthetic = {"prompts": {"tokens": 5}}
    first = bind(loaded, PLAIN, **synthetic).rule_facts()
    bind(loaded, PLAIN)
    assert bind(loaded, PLAIN, **synthetic).rule_facts() == first
    assert first["call.tokenizer"] is False


def test_frequencies_that_a_long_text_stretched_are_put_back() -> None:
    """Rotary embeddings of the kind ``dynamic`` are recomputed for the longest text so far, and stay so."""
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


def test_a_head_that_drafting_over_text_pruned_is_put_back() -> None:
    """Assisted decoding across vocabularies replaces the assistant's output head, and drops its penalty."""
    model, assistant = build_model("builtin:llama-tiny"), build_model("builtin:llama-tiny")
    assistant.generation_config.repetition_penalty = 1.5
    tokenizer, other = build_tokenizer(), build_tokenizer()
    other.add_tokens(["qu"])  # drafts go over text only where the vocabularies differ
    assistant.resize_token_embeddings(len(other))
    parts = parts_of(model, assistant=assistant, tokenizer=tokenizer, assistant_tokenizer=other)
    state, before = ModelState(parts), state_of(assistant)
    head = assistant.get_output_embeddings()
    ids = tokenizer("a cat", return_tensors="pt")
    arguments = {"assistant_model": assistant, "tokenizer": tokenizer, "assistant_tokenizer": other}
    for _ in range(
        2
    ):  # what it draws depends on an order of the vocabulary that changes, so no tokens are compared
        with collected_messages():
            model.generate(**ids, **arguments, do_sample=True, max_new_tokens=6)
        assert assistant.get_output_embeddings() is not head
        assert assistant.generation_config.repetition_penalty is None
        state.restore()
        assert assistant.get_output_embeddings() is head
        assert state_of(assistant) == before
        assert not candidate_generator.AssistantVocabTranslatorCache._cache


def test_a_call_that_was_interrupted_leaves_nothing_behind(loaded: TransformersModel) -> None:
    """Early exits set the number of layers for the length of a draft; an error in it leaves that number."""
    first = trace(bind(loaded, PLAIN))
    early = bind(loaded, {"assistant_early_exit": 1})
    model = loaded._parts.model

    def forward(*args: Any, **arguments: Any) -> Any:
        raise KeyboardInterrupt

    model.forward = forward
    with pytest.raises(KeyboardInterrupt):
        early.call(early.batches[0])
    assert trace(bind(loaded, PLAIN)) == first


def test_a_session_ends_where_its_model_is_bound_anew(loaded: TransformersModel) -> None:
    first = bind(loaded, PLAIN)
    batch = first.batches[0]
    second = bind(loaded, PLAIN)
    with pytest.raises(EngineError, match="The session has ended"):
        first.call(batch)
    second.call(second.batches[0])
    loaded.close()
    with pytest.raises(EngineError, match="The model is closed"):
        bind(loaded, PLAIN)


def test_what_a_binding_refuses_leaves_the_model_usable(loaded: TransformersModel) -> None:
    first = trace(bind(loaded, PLAIN))
    with pytest.raises(EngineError, match="the model's context"):
        bind(loaded, PLAIN, prompts=["x" * 5000])
    assert trace(bind(loaded, PLAIN)) == first


def test_tables_of_stop_strings_do_not_pile_up(loaded: TransformersModel) -> None:
    bind(loaded, {"stop_strings": ["abc"]})
    assert stopping_criteria.STOP_STRING_EMBEDDING_CACHE
    bind(loaded, PLAIN)
    assert not stopping_criteria.STOP_STRING_EMBEDDING_CACHE


def test_settings_of_another_engine_are_refused(loaded: TransformersModel) -> None:
    with pytest.raises(TypeError, match="takes a PyTorchConfig"):
        loaded.bind(OtherSettings(), WorkloadConfig(), ("a",))
