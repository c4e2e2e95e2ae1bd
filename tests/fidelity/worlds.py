"""Worlds: a tiny model built in code, with the inputs of one call of ``generate()`` and the facts about both.

Weights are drawn by a generator of our own, in the order of their names, so that a model says the same under every release of
transformers. The vocabulary has 48 tokens; the end-of-sequence token is one that really occurs, so that rows end early.
"""

import gc
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import torch
import transformers
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

PAD, BOS, EOS = 0, 1, 2
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MERGES = (("a", "b"), ("ab", "c"), ("c", "d"), ("d", "e"), ("Ġ", "a"), ("t", "h"), ("th", "e"))
VOCABULARY = 48
LAYERS = 3

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Built:
    """What one call needs, and what has to be put back after it.

    Args:
        model: that generates.
        inputs: the arguments of ``generate()`` beside the configuration.
        watched: the modules whose forward passes are recorded, by the part that they play.
    """

    model: Any
    inputs: dict[str, Any]
    watched: dict[str, torch.nn.Module]


@dataclass(frozen=True, slots=True)
class World:
    """One place in which configurations are tried.

    Args:
        name: short, for tables.
        build: makes the models; called once a process.
        facts: what is known of the model and the call, by the names of the rules' conditions.
        model_defaults: what the model's own generation config says.
        since: the first release that has what it needs.
        twin: the world with the same model and call, whose generation config names special tokens only; empty if it is one.
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


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level pairs over the small letters, with merges, so that a token can be the beginning of another."""
    tokens = ["<pad>", "<s>", "</s>", "Ġ", *LETTERS, *(a + b for a, b in MERGES)]
    backend = Tokenizer(
        models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=list(MERGES))
    )
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<s>", eos_token="</s>", padding_side="left"
    )


def weigh(model: torch.nn.Module, seed: int, spread: float) -> None:
    """Draw every weight anew, the same under every release; gains of norms stay 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.ndim > 1:
                weight.copy_(torch.randn(weight.shape, generator=generator) * spread)
            elif name.endswith("bias"):
                weight.zero_()


def llama(
    seed: int = 42,
    layers: int = LAYERS,
    config_class: Any = LlamaConfig,
    model_class: Any = LlamaForCausalLM,
    **more: Any,
) -> Any:
    """A decoder-only model of three layers."""
    config = config_class(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
        tie_word_embeddings=False,
        **more,
    )
    model = model_class(config).eval()
    weigh(model, seed, 0.4)
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD)
    return model


def bart(seed: int = 27) -> Any:
    """An encoder-decoder model of two layers each."""
    config = BartConfig(
        vocab_size=VOCABULARY,
        d_model=16,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_position_embeddings=4096,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
        decoder_start_token_id=EOS,
        forced_eos_token_id=None,
    )
    model = BartForConditionalGeneration(config).eval()
    weigh(model, seed, 0.5)
    model.generation_config = GenerationConfig(
        bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD, decoder_start_token_id=EOS
    )
    return model


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
        "model.dflash_assistant": False,
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


def _plain(rows: tuple[list[int], ...] | None, **defaults: Any) -> Built:
    model = llama()
    model.generation_config.update(**defaults)
    inputs = prompt(rows) if rows else {}
    return Built(model, inputs, {"model": model})


def _told() -> Built:
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
    config = transformers.MambaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        state_size=4,
        num_hidden_layers=LAYERS,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
    )
    model = transformers.MambaForCausalLM(config).eval()
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD)
    return Built(model, prompt(SINGLE), {"model": model})


def _translating(rows: tuple[list[int], ...]) -> Built:
    model = bart()
    return Built(model, prompt(rows), {"model": model, "encoder": model.get_encoder()})


class PredictingLlama(LlamaForCausalLM):  # type: ignore[misc]  # transformers is not typed
    """A Llama whose checkpoint has one more layer, which predicts the token after the next."""

    _keys_to_ignore_on_load_unexpected: ClassVar[list[str]] = [rf"model\.layers\.{LAYERS}.*"]


def _predicting() -> Built:
    """A model with a prediction layer; such layers are loaded from where the model was saved."""
    model = llama(model_class=PredictingLlama, num_mtp_layers=1)
    held = {name: weight.clone() for name, weight in model.state_dict().items()}
    last, more = f"layers.{LAYERS - 1}", f"layers.{LAYERS}"
    held |= {name.replace(last, more): weight for name, weight in held.items() if last in name}
    width = model.config.hidden_size
    held[f"model.{more}.eh_proj.weight"] = torch.eye(width, 2 * width)
    for norm in ("enorm", "hnorm", "shared_head.norm"):
        held[f"model.{more}.{norm}.weight"] = torch.ones(width)
    folder = tempfile.mkdtemp(prefix="fidelity-")
    weakref.finalize(model, shutil.rmtree, folder, ignore_errors=True)
    save_file(
        {name: weight.contiguous().clone() for name, weight in held.items()},
        Path(folder) / "model.safetensors",
        metadata={"format": "pt"},
    )
    model.config.name_or_path = folder
    model.config.dtype = torch.float32
    return Built(model, prompt(SINGLE), {"model": model})


TOKENS = {"bos_token_id": BOS, "eos_token_id": EOS, "pad_token_id": PAD}
"""What every model here says of its tokens."""
TRANSLATING = TOKENS | {"decoder_start_token_id": EOS}
OWN = {"do_sample": True, "top_k": 10, "temperature": 0.7, "repetition_penalty": 1.2}
"""What the model of the world ``own`` ships."""

_BART: dict[str, object] = {
    "model__encoder_decoder": True,
    "model__layers": 2,
    "model__class_name": "BartForConditionalGeneration",
}

WORLDS: Mapping[str, World] = {
    world.name: world
    for world in (
        World("single", lambda: _plain(SINGLE), facts(SINGLE), TOKENS),
        World("batch", lambda: _plain(BATCH), facts(BATCH), TOKENS),
        World("start", lambda: _plain(START), facts(START), TOKENS),
        World("promptless", lambda: _plain(None), facts(None), TOKENS),
        World("tokenizer", _told, facts(SINGLE, call__tokenizer=True), TOKENS),
        World("own", lambda: _plain(SINGLE, **OWN), facts(SINGLE), TOKENS | OWN, twin="single"),
        World("assisted", _assisted, facts(SINGLE, call__assistant_model=True), TOKENS),
        World("eager", _eager, facts(SINGLE, model__attention="eager", model__key_width=64), TOKENS),
        World(
            "windowed",
            _windowed,
            facts(SINGLE, model__class_name="MistralForCausalLM", model__full_attention=False),
            TOKENS,
        ),
        World("translating", lambda: _translating(SINGLE), facts(SINGLE, **_BART), TRANSLATING),
        World("translating-batch", lambda: _translating(BATCH), facts(BATCH, **_BART), TRANSLATING),
        World(
            "stateful",
            _stateful,
            facts(
                SINGLE,
                model__stateful=True,
                model__attention_heads=False,
                model__full_attention=False,
                model__class_name="MambaForCausalLM",
            ),
            TOKENS,
        ),
        World(
            "predicting",
            _predicting,
            facts(SINGLE, model__mtp=True, model__class_name="PredictingLlama"),
            TOKENS,
            since=(5, 17),
        ),
    )
    if world.here
}
"""The worlds that the installed release can be tried in, by name."""


@cache
def built(name: str) -> Built:
    """The models and inputs of a world, made once a process."""
    return WORLDS[name].build()


def settle() -> None:
    """One thread, as models this small are slower on more; and what is there by now is left out of later garbage collections.

    Continuous batching asks for two of them a call, each of which would go through all that is loaded.
    """
    torch.set_num_threads(1)
    for name in WORLDS:
        built(name)
    gc.collect()
    gc.freeze()
