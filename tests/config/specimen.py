"""A small configuration in the form that ``codegen`` renders, with every kind of annotation.

Tests of the base classes use it instead of the generated one, so that they do not change with transformers.
``test_generated_config.py`` tests the generated one.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import Field

from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.conditions import all_of, highest, not_, subset, v
from llenergymeasure.config.generation_config import GenerationConfigMixin
from llenergymeasure.config.metadata import ParamInfo, PlainValue, Rule
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.types import FixedTuple, FrozenMap, Pairs, Seq, exact, one_of


class CompileConfig(NestedConfig):
    """Value of ``compile_config``; sent to ``generate()`` as ``transformers.CompileConfig``."""

    upstream: ClassVar[str] = "CompileConfig"

    fullgraph: bool = Field(default=False, description="One graph.")
    dynamic: bool | None = Field(default=None, description="Shapes.")
    backend: str = Field(default="inductor", description="Backend.")
    mode: str = Field(default="reduce-overhead", description="Mode.")
    options: FrozenMap[str, bool | int | float | str] | None = Field(default=None, description="Options.")


class WatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.WatermarkingConfig``."""

    upstream: ClassVar[str] = "WatermarkingConfig"

    greenlist_ratio: Annotated[float, Gt(0), Lt(1)] = Field(default=0.25, description="Share.")
    bias: float = Field(default=2.0, description="Bias.")
    context_width: Annotated[int, Ge(1)] = Field(default=1, description="Width.")


class SynthIDTextWatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as
    ``transformers.SynthIDTextWatermarkingConfig``."""

    upstream: ClassVar[str] = "SynthIDTextWatermarkingConfig"

    ngram_len: Annotated[int, Ge(1)] = Field(description="Length.")
    keys: Seq[int] = Field(description="Keys.")
    context_history_size: Annotated[int, Ge(0)] = Field(default=1024, description="History.")


class QuantizedCache(NestedConfig):
    """Value of ``cache_config``; sent to ``generate()`` as a plain dictionary."""

    upstream: ClassVar[str] = ""

    backend: Literal["quanto", "hqq"] = Field(default="quanto", description="Backend.")
    nbits: Annotated[Literal[2, 4, 8], exact] | None = Field(default=None, description="Bits.")


def param(effective_default: PlainValue = None, *equivalent_values: PlainValue, **flags: bool) -> ParamInfo:
    """The facts that rules and ``canonical()`` use; the others are left empty."""
    return ParamInfo(
        section="",
        type="",
        description="",
        effective_default=effective_default,
        equivalent_values=equivalent_values,
        **flags,
    )


PARAMS: dict[str, ParamInfo] = {
    "max_length": param(20, unset_differs=True),
    "max_new_tokens": param(),
    "early_stopping": param(False, False, None),
    "stop_strings": param(),
    "do_sample": param(False, False, None),
    "num_beams": param(1),
    "num_return_sequences": param(1),
    "temperature": param(1.0, 1.0, None),
    "top_k": param(50, 0, None),
    "top_p": param(1.0, 1.0, None),
    "typical_p": param(1.0),
    "epsilon_cutoff": param(0.0, 0.0, None, 1.0),
    "bad_words_ids": param(),
    "suppress_tokens": param(),
    "eos_token_id": param(model_owned=True),
    "decoder_start_token_id": param(model_owned=True, per_prompt=True),
    "exponential_decay_length_penalty": param(),
    "sequence_bias": param(),
    "watermarking_config": param(),
    "is_assistant": param(False),
    "low_memory": param(None, False, None),
    "use_cache": param(True),
    "cache_implementation": param(),
    "cache_config": param(None, None, {}),
    "compile_config": param(None, None, {}),
    "constraints": param(),
    "copy": param(),
}


RULES: tuple[Rule, ...] = (
    Rule(
        id="greedy-returns-one",
        effect="reject",
        fields=("num_return_sequences", "num_beams", "do_sample"),
        triggers=("num_return_sequences",),
        when=all_of(v.num_return_sequences > 1, v.num_beams == 1, not_(v.do_sample)),
        message="greedy decoding returns one sequence; set do_sample: true, or num_beams",
    ),
    Rule(
        id="no-more-sequences-than-beams",
        effect="reject",
        fields=("num_return_sequences", "num_beams"),
        triggers=("num_return_sequences", "num_beams"),
        when=all_of(v.num_beams > 1, v.num_return_sequences > v.num_beams),
        message="each beam gives at most one sequence; raise num_beams",
    ),
    Rule(
        id="hqq-has-no-three-bits",
        effect="reject",
        fields=("cache_config.backend", "cache_config.nbits", "cache_implementation"),
        triggers=("cache_config",),
        when=all_of(v.cache_config.backend == "hqq", v.cache_config.nbits.is_(None)),
        message="hqq has no default; set nbits",
    ),
    Rule(
        id="mode-moved-to-the-hub",
        effect="reject",
        fields=("low_memory", "num_beams"),
        triggers=("low_memory",),
        when=all_of(v.low_memory, v.num_beams > 1, v.extra.custom_generate.is_(None)),
        message="beam search no longer has it; name the custom_generate in extra that does",
        tightening="a custom_generate could run it",
    ),
    Rule(
        id="cache-given-twice",
        effect="reject",
        fields=("cache_implementation",),
        triggers=("extra",),
        when=all_of(v.cache_implementation.is_not(None), v.extra.past_key_values.is_not(None)),
        message="extra.past_key_values is already a cache; leave cache_implementation unset",
    ),
    Rule(
        id="every-end-suppressed",
        effect="reject",
        fields=("suppress_tokens", "eos_token_id"),
        triggers=("eos_token_id",),
        when=subset(v.eos_token_id, v.suppress_tokens),
        message="no end can be generated; allow one of them",
    ),
    Rule(
        id="without-sampling",
        effect="dormant",
        fields=("temperature", "top_k", "top_p", "typical_p", "epsilon_cutoff"),
        when=not_(v.do_sample),
        message="nothing is sampled; set do_sample: true",
    ),
    Rule(
        id="without-beams",
        effect="dormant",
        fields=("early_stopping",),
        when=v.num_beams == 1,
        message="there are no beams; raise num_beams",
    ),
    Rule(
        id="new-tokens-decide",
        effect="dormant",
        fields=("max_length",),
        when=v.max_new_tokens.is_not(None),
        message="max_new_tokens decides",
    ),
    Rule(
        id="no-cache",
        effect="dormant",
        fields=("cache_implementation", "cache_config"),
        when=v.use_cache.is_(False),
        message="there is no cache; leave use_cache on",
    ),
    Rule(
        id="config-of-no-quantized-cache",
        effect="dormant",
        fields=("cache_config",),
        when=v.cache_implementation != "static",
        message="only the static cache reads it here",
    ),
    Rule(
        id="compiles-on-accelerators",
        effect="dormant",
        fields=("compile_config",),
        when=v.device.type == "cpu",
        message="nothing is compiled on the CPU",
    ),
    Rule(
        id="ids-in-the-vocabulary",
        effect="require",
        fields=("bad_words_ids",),
        when=v.bad_words_ids.is_not(None),
        need=highest(v.bad_words_ids) < v.model.vocab_size,
        message="the model has no such token; use ids of its tokenizer",
    ),
    Rule(
        id="max-length-exceeds-prompt",
        effect="require",
        fields=("max_length",),
        when=v.max_new_tokens.is_(None),
        need=v.call.prompt_tokens < v.max_length,
        message="it counts the prompt too; raise it, or set max_new_tokens",
    ),
    Rule(
        id="stop-strings-need-a-tokenizer",
        effect="require",
        fields=("stop_strings",),
        when=v.stop_strings,
        need=v.call.tokenizer,
        message="generate() looks for texts with a tokenizer; pass it tokenizer=",
    ),
    Rule(
        id="hqq-is-a-package",
        effect="require",
        fields=("cache_config.backend",),
        when=all_of(v.cache_config.backend == "hqq", v.cache_implementation == "static"),
        need=v.packages.hqq,
        message="it is a package of its own; pip install hqq",
    ),
)


class PyTorchConfig(GenerationConfigMixin, BackendConfig):
    """The parameters of ``model.generate()``, under transformers' own names."""

    engine: ClassVar[str] = "transformers"
    engine_version: ClassVar[str] = "2.3.0"
    default_facts: ClassVar[Mapping[str, object]] = {"call.assistant_model": False}
    rules: ClassVar[tuple[Rule, ...]] = RULES
    params: ClassVar[Mapping[str, ParamInfo]] = PARAMS

    # Length of the output

    max_length: Annotated[int, Gt(0)] | None = Field(default=20, description="Length.")
    max_new_tokens: Annotated[int, Gt(0)] | None = Field(default=None, description="New tokens.")
    early_stopping: bool | Literal["never"] | None = Field(default=False, description="Stopping.")
    stop_strings: str | Annotated[Seq[str], MinLen(1)] | None = Field(default=None, description="Stop.")

    # Strategy and logits

    do_sample: bool | None = Field(default=False, description="Sampling.")
    num_beams: Annotated[int, Ge(1)] = Field(default=1, description="Beams.")
    num_return_sequences: Annotated[int, Ge(1)] = Field(default=1, description="Sequences.")
    temperature: Annotated[float, Gt(0)] | None = Field(default=1.0, description="Temperature.")
    top_k: Annotated[int, Ge(0)] | None = Field(default=50, description="Top k.")
    top_p: Annotated[float, Ge(0), Le(1)] | None = Field(default=1.0, description="Top p.")
    typical_p: Annotated[float, Gt(0), Le(1)] = Field(default=1.0, description="Typical p.")
    epsilon_cutoff: Annotated[float, Ge(0), Le(1)] = Field(default=0.0, description="Cutoff.")
    bad_words_ids: Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)] | None = Field(
        default=None, description="Bad words."
    )
    suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = Field(default=None, description="Suppressed.")
    eos_token_id: Annotated[int, Ge(0)] | Seq[Annotated[int, Ge(0)]] | None = Field(
        default=None, description="End."
    )
    decoder_start_token_id: Annotated[int, Ge(0)] | Seq[Annotated[int, Ge(0)]] | None = Field(
        default=None, description="Start."
    )
    exponential_decay_length_penalty: (
        Annotated[tuple[Annotated[int, Ge(0)], Annotated[float, Gt(0)]], FixedTuple] | None
    ) = Field(default=None, description="Decay.")
    sequence_bias: Annotated[Pairs[Seq[Annotated[int, Ge(0)]], float], MinLen(1)] | None = Field(
        default=None, description="Bias."
    )
    watermarking_config: Annotated[WatermarkingConfig | SynthIDTextWatermarkingConfig, one_of] | None = Field(
        default=None, description="Watermark."
    )

    # The rest

    is_assistant: Annotated[Literal[False], exact] = Field(default=False, description="Assistant.")
    low_memory: bool = Field(default=False, description="Memory.")
    use_cache: bool | None = Field(default=True, description="Cache or not.")
    cache_implementation: Literal["dynamic", "static"] | None = Field(default=None, description="Cache.")
    cache_config: QuantizedCache | None = Field(default=None, description="Cache's arguments.")
    compile_config: CompileConfig | None = Field(default=None, description="Compile.")
    constraints: None = Field(default=None, description="No data form.")
    copy_: int | None = Field(default=None, alias="copy", description="A name that pydantic has.")
