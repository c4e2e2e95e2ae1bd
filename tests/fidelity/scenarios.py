"""Scenarios: a tiny model with the inputs of one call of ``generate()``, and the facts about both."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import torch
import transformers

from llenergymeasure.engines.transformers.paged_support import takes_paged_cache
from tests.fidelity.models import (
    BOS,
    EOS,
    LAYERS,
    PAD,
    VOCABULARY,
    bart,
    llama,
    mamba,
    predicting_llama,
    tokenizer,
)
from tests.fidelity.reached import Watch

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Built:
    """The models of a scenario, and the inputs of its call.

    Args:
        model: the one that generates.
        inputs: the arguments of ``generate()`` besides the configuration.
        watched: the modules whose forward passes are recorded, by their role.
    """

    model: Any
    inputs: dict[str, Any]
    watched: dict[str, torch.nn.Module]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A model and a call in which configurations are tried.

    Args:
        name: short, for tables.
        build: makes the models; called once a process.
        facts: what is known of the model and the call, by the names of the rules' conditions.
        model_defaults: what the model's own generation config says.
        since: the first release that has what it needs.
        twin: the scenario with the same model and call, but without settings of the model's own besides
            special tokens; empty if this scenario has none itself.
    """

    name: str
    build: Callable[[], Built]
    facts: Facts
    model_defaults: Mapping[str, Any]
    since: tuple[int, ...] = (0,)
    twin: str = ""

    @property
    def tokenizer(self) -> Any:
        """The tokenizer that a call is given; None without one."""
        return tokenizer() if self.facts["call.tokenizer"] else None

    @property
    def here(self) -> bool:
        """Whether the installed release has what it needs."""
        return release(transformers.__version__) >= self.since


def release(version: str) -> tuple[int, ...]:
    """A release as numbers to compare."""
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


SINGLE = ([7, 8, 9, 7, 8, 9, 7],)
BATCH = ([10, 11, 12, 13, 14], [PAD, PAD, 20, 21, 22])
START = ([BOS],)


def prompt(rows: tuple[list[int], ...]) -> dict[str, Any]:
    """Token ids and, where they are padded, the mask."""
    ids = torch.tensor(rows)
    return {"input_ids": ids, "attention_mask": (ids != PAD).long()}


def facts(rows: tuple[list[int], ...] | None, **more: object) -> Facts:
    """The facts of a plain decoder-only call, with changes; keys are given with ``__`` for the dot."""
    plain: dict[str, object] = {
        "model.encoder_decoder": False,
        "model.vocab_size": VOCABULARY,
        "model.layers": LAYERS,
        "model.mtp": False,
        "model.stateful": False,
        "model.class_name": "LlamaForCausalLM",
        "model.attention": "sdpa",
        "model.attention_heads": True,
        "model.key_width": 16,
        "model.full_attention": True,
        "model.own_settings": False,
        "model.dflash_assistant": False,
        "model.paged_cache": True,
        "call.tokenizer": False,
        "call.assistant_model": False,
        "call.batch_size": len(rows) if rows else 1,
        "call.prompt_tokens": len(rows[0]) if rows else 1,
        "call.least_prompt_tokens": len(rows[0]) if rows else 1,
        "call.input_ids": rows is not None,
        "device.type": "cpu",
        "packages.optimum_quanto": False,
        "packages.hqq": False,
        "packages.psutil": find_spec("psutil") is not None,
    }
    return plain | {name.replace("__", "."): value for name, value in more.items()}


def _paged(model: Any) -> dict[str, object]:
    """Whether continuous batching works with a model, as the library finds out; the runs test that."""
    answer = takes_paged_cache(model)
    return {} if answer is None else {"model__paged_cache": answer}


def _plain(rows: tuple[list[int], ...] | None, **defaults: Any) -> Built:
    model = llama()
    model.generation_config.update(**defaults)
    inputs = prompt(rows) if rows else {}
    return Built(model, inputs, {"model": model})


def _with_tokenizer() -> Built:
    return _with(_plain(SINGLE), tokenizer=tokenizer())


def _with(built: Built, **inputs: Any) -> Built:
    return Built(built.model, built.inputs | inputs, built.watched)


def _assisted() -> Built:
    built = _plain(SINGLE)
    drafting = llama(seed=11, layers=1)
    return Built(
        built.model, built.inputs | {"assistant_model": drafting}, built.watched | {"assistant": drafting}
    )


def _eager() -> Built:
    model = llama(attn_implementation="eager", head_dim=64)
    return Built(model, prompt(SINGLE), {"model": model})


def _windowed() -> Built:
    model = llama(
        config_class=transformers.MistralConfig, model_class=transformers.MistralForCausalLM, sliding_window=4
    )
    return Built(model, prompt(SINGLE), {"model": model})


def _stateful() -> Built:
    model = mamba()
    return Built(model, prompt(SINGLE), {"model": model})


def _translating(rows: tuple[list[int], ...]) -> Built:
    model = bart()
    return Built(model, prompt(rows), {"model": model, "encoder": model.get_encoder()})


def _predicting() -> Built:
    model = predicting_llama()
    return Built(model, prompt(SINGLE), {"model": model})


TOKENS = {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD}
"""The token settings of every model here."""
TRANSLATING = TOKENS | {"decoder_start_token_id": EOS}
OWN = {"do_sample": True, "top_k": 10, "temperature": 0.7, "repetition_penalty": 1.2}
"""What the model of the scenario ``own`` sets."""

_BART: dict[str, object] = {
    "model__encoder_decoder": True,
    "model__layers": 2,
    "model__class_name": "BartForConditionalGeneration",
    **_paged(bart()),
}

SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("single", lambda: _plain(SINGLE), facts(SINGLE), TOKENS),
        Scenario("batch", lambda: _plain(BATCH), facts(BATCH), TOKENS),
        Scenario("start", lambda: _plain(START), facts(START), TOKENS),
        Scenario("promptless", lambda: _plain(None), facts(None), TOKENS),
        Scenario("tokenizer", _with_tokenizer, facts(SINGLE, call__tokenizer=True), TOKENS),
        Scenario(
            "own",
            lambda: _plain(SINGLE, **OWN),
            facts(SINGLE, model__own_settings=True),
            TOKENS | OWN,
            twin="single",
        ),
        Scenario("assisted", _assisted, facts(SINGLE, call__assistant_model=True), TOKENS),
        Scenario("eager", _eager, facts(SINGLE, model__attention="eager", model__key_width=64), TOKENS),
        Scenario(
            "windowed",
            _windowed,
            facts(SINGLE, model__class_name="MistralForCausalLM", model__full_attention=False),
            TOKENS,
        ),
        Scenario("translating", lambda: _translating(SINGLE), facts(SINGLE, **_BART), TRANSLATING),
        Scenario("translating-batch", lambda: _translating(BATCH), facts(BATCH, **_BART), TRANSLATING),
        Scenario(
            "stateful",
            _stateful,
            facts(
                SINGLE,
                model__stateful=True,
                model__attention_heads=False,
                model__full_attention=False,
                model__class_name="MambaForCausalLM",
                **_paged(mamba()),
            ),
            TOKENS,
        ),
        Scenario(
            "predicting",
            _predicting,
            facts(SINGLE, model__mtp=True, model__class_name="PredictingLlama"),
            TOKENS,
            since=(5, 17),
        ),
    )
    if scenario.here
}
"""The scenarios that the installed release can be tried in, by name."""


@cache
def built(name: str) -> Built:
    """The models and inputs of a scenario, made once a process."""
    return SCENARIOS[name].build()


@cache
def entered_while_built() -> frozenset[str]:
    """The functions of transformers that make the models, and whatever is made only once a process."""
    watch = Watch()
    with watch.on():
        for name in SCENARIOS:
            built(name)
    return watch.functions


def settle() -> None:
    """Use one thread, as models this small are slower on more, and leave what exists now out of later
    garbage collections.

    Continuous batching asks for two of them a call, each of which would go through all that is loaded.
    """
    torch.set_num_threads(1)
    entered_while_built()
    gc.collect()
    gc.freeze()
