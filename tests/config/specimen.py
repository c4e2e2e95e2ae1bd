"""A small module of the shape that ``codegen`` renders, with every kind of annotation in it.

Tests of the base classes use this one, so that they do not change with transformers; ``test_generated_config.py`` looks at
the real one.
"""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import Field

from llenergymeasure.config.base import (
    BackendConfig,
    FixedTuple,
    FrozenMap,
    NestedConfig,
    Pairs,
    Seq,
    exact,
    one_of,
)

TRANSFORMERS_VERSION = "5.23.0"


class CompileConfig(NestedConfig):
    """Value of ``compile_config``; sent to ``generate()`` as ``transformers.CompileConfig``."""

    upstream: ClassVar[str] = "CompileConfig"

    fullgraph: bool = Field(default=False, description="One graph.")
    dynamic: bool | None = Field(default=None, description="Shapes.")
    backend: str = Field(default="inductor", description="Backend.")
    mode: str = Field(default="reduce-overhead", description="Mode.")
    options: FrozenMap[bool | int | float | str] | None = Field(default=None, description="Options.")


class WatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.WatermarkingConfig``."""

    upstream: ClassVar[str] = "WatermarkingConfig"

    greenlist_ratio: Annotated[float, Gt(0), Lt(1)] = Field(default=0.25, description="Share.")
    bias: float = Field(default=2.0, description="Bias.")
    context_width: Annotated[int, Ge(1)] = Field(default=1, description="Width.")


class SynthIDTextWatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.SynthIDTextWatermarkingConfig``."""

    upstream: ClassVar[str] = "SynthIDTextWatermarkingConfig"

    ngram_len: Annotated[int, Ge(1)] = Field(description="Length.")
    keys: Seq[int] = Field(description="Keys.")
    context_history_size: Annotated[int, Ge(0)] = Field(default=1024, description="History.")


class QuantizedCache(NestedConfig):
    """Value of ``cache_config``; sent to ``generate()`` as a plain dictionary."""

    upstream: ClassVar[str] = ""

    backend: Literal["quanto", "hqq"] = Field(default="quanto", description="Backend.")
    nbits: Annotated[Literal[2, 4, 8], exact] | None = Field(default=None, description="Bits.")


class PyTorchConfig(BackendConfig):
    """The parameters of ``model.generate()``, under transformers' own names."""

    transformers_version: ClassVar[str] = TRANSFORMERS_VERSION

    # Length of the output

    max_length: Annotated[int, Gt(0)] | None = Field(default=20, description="Length.")
    max_new_tokens: Annotated[int, Gt(0)] | None = Field(default=None, description="New tokens.")
    early_stopping: bool | Literal["never"] | None = Field(default=False, description="Stopping.")
    stop_strings: str | Annotated[Seq[str], MinLen(1)] | None = Field(default=None, description="Stop.")

    # Strategy and logits

    do_sample: bool | None = Field(default=False, description="Sampling.")
    num_beams: Annotated[int, Ge(1)] = Field(default=1, description="Beams.")
    temperature: Annotated[float, Gt(0)] | None = Field(default=1.0, description="Temperature.")
    top_k: Annotated[int, Ge(0)] | None = Field(default=50, description="Top k.")
    top_p: Annotated[float, Ge(0), Le(1)] | None = Field(default=1.0, description="Top p.")
    typical_p: Annotated[float, Gt(0), Le(1)] = Field(default=1.0, description="Typical p.")
    bad_words_ids: Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)] | None = Field(
        default=None, description="Bad words."
    )
    eos_token_id: Annotated[int, Ge(0)] | Seq[Annotated[int, Ge(0)]] | None = Field(
        default=None, description="End."
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
    cache_implementation: Literal["dynamic", "static"] | None = Field(default=None, description="Cache.")
    cache_config: QuantizedCache | None = Field(default=None, description="Cache's arguments.")
    compile_config: CompileConfig | None = Field(default=None, description="Compile.")
    constraints: None = Field(default=None, description="No data form.")
    copy_: int | None = Field(default=None, alias="copy", description="A name that pydantic has.")
