"""Every parameter of Hugging Face ``generate()``, typed.

GENERATED from transformers 5.23.0 by ``python -m codegen refresh``. Do not edit: what people decide is in
``codegen/overrides.toml``, and what the source states changes with the release. ``python -m codegen explain NAME``
tells where each fact comes from.
"""

from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt
from pydantic import Field

from llenergymeasure.config.base import BackendConfig, FixedTuple, FrozenMap, NestedConfig, Pairs, Seq, one_of
from llenergymeasure.config.facts import ParamFacts

TRANSFORMERS_VERSION = "5.23.0"
"""The release that these classes were generated from."""


class CompileConfig(NestedConfig):
    """Value of ``compile_config``; sent to ``generate()`` as ``transformers.CompileConfig``."""

    upstream: ClassVar[str] = "CompileConfig"

    fullgraph: bool = Field(default=False, description="d")
    dynamic: bool | None = Field(default=None, description="d")
    backend: str = Field(default="inductor", description="d")
    mode: str = Field(default="reduce-overhead", description="d")
    options: FrozenMap[int] | None = Field(default=None, description="d")


class WatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.WatermarkingConfig``."""

    upstream: ClassVar[str] = "WatermarkingConfig"

    greenlist_ratio: Annotated[float, Gt(0), Lt(1)] = Field(default=0.25, description="d Range: > 0, < 1.")
    bias: float = Field(default=2.0, description="d")
    hashing_key: int = Field(default=15485863, description="d")
    seeding_scheme: Literal["selfhash", "lefthash"] = Field(default="lefthash", description="d")
    context_width: Annotated[int, Ge(1)] = Field(default=1, description="d Range: >= 1.")


class SynthIDTextWatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.SynthIDTextWatermarkingConfig``."""

    upstream: ClassVar[str] = "SynthIDTextWatermarkingConfig"

    ngram_len: int = Field(description="d")
    keys: Seq[int] = Field(description="d")
    context_history_size: int = Field(default=1024, description="d")
    sampling_table_seed: int = Field(default=0, description="d")
    sampling_table_size: Annotated[int, Le(16777216)] = Field(
        default=65536, description="d Range: <= 16777216."
    )
    skip_first_ngram_calls: bool = Field(default=False, description="d")
    debug_mode: bool = Field(default=False, description="d")


class QuantizedCacheConfig(NestedConfig):
    """Value of ``cache_config``; sent to ``generate()`` as a plain dictionary."""

    upstream: ClassVar[str] = ""

    backend: Literal["quanto", "hqq", "fp8"] = Field(default="quanto", description="d")
    nbits: int | None = Field(default=None, description="d")
    axis_key: int | None = Field(default=None, description="d")
    axis_value: int | None = Field(default=None, description="d")
    q_group_size: int | None = Field(default=None, description="d")
    residual_length: int | None = Field(default=None, description="d")


class ContinuousBatchingConfig(NestedConfig):
    """Value of ``continuous_batching_config``; sent to ``generate()`` as ``transformers.ContinuousBatchingConfig``."""

    upstream: ClassVar[str] = "ContinuousBatchingConfig"

    page_size: int = Field(default=256, description="d")
    num_blocks: int | None = Field(default=None, description="d")
    max_batch_tokens: int | None = Field(default=None, description="d")
    max_memory_percent: float | None = Field(default=None, description="d")
    max_requests_per_batch: int | None = Field(default=None, description="d")
    max_blocks_per_request: int | None = Field(default=None, description="d")
    allow_block_sharing: bool = Field(default=True, description="d")
    use_async_batching: bool | None = Field(default=None, description="d")
    use_cuda_graph: bool | Annotated[tuple[bool, bool], FixedTuple] | None = Field(
        default=None, description="d"
    )
    q_padding_interval_size: int = Field(default=0, description="d")
    kv_padding_interval_size: int = Field(default=0, description="d")
    varlen_compile_config: CompileConfig | None = Field(default=None, description="d")
    decode_compile_config: CompileConfig | None = Field(default=None, description="d")
    default_compile_level: int = Field(default=0, description="d")
    scheduler_type: str = Field(default="fifo", description="d")
    safety_margin: float | None = Field(default=None, description="d")
    return_logprobs: bool = Field(default=False, description="d")
    seed: int | None = Field(default=None, description="d")
    auto_switch_to_flash: bool = Field(default=True, description="d")
    cpu_offload_space: float | None = Field(default=0.0, description="d")
    cpu_offload_space_safety_threshold: float = Field(default=0.8, description="d")
    max_queue_size: int = Field(default=0, description="d")
    per_request_processors: bool = Field(default=False, description="d")
    drop_unsupported_processors: bool = Field(default=True, description="d")
    disable_nccl_graph_mixing: bool = Field(default=True, description="d")
    cpu_group_timeout: float | None = Field(default=300.0, description="d")
    use_default_compile_configs: bool | None = Field(default=None, description="d")
    max_cached_graphs: int | None = Field(default=None, description="d")
    block_size: int | None = Field(default=None, description="d")


class PyTorchConfig(BackendConfig):
    """The parameters of ``model.generate()``, under transformers' own names.

    A field shows the default that ``generate()`` works with, but only fields that were set reach it: what is left out is
    the model's own to decide. None is a value. See :class:`~llenergymeasure.config.base.BackendConfig` for what it can do.
    """

    transformers_version: ClassVar[str] = TRANSFORMERS_VERSION

    # Other parameters

    max_length: int | None = Field(default=20, description="d")
    max_new_tokens: Annotated[int, Gt(0)] | None = Field(default=None, description="d Range: > 0.")
    min_length: int | None = Field(default=0, description="d Off: 0.")
    min_new_tokens: int | None = Field(default=None, description="d")
    early_stopping: bool | Literal["never"] | None = Field(default=False, description="d")
    max_time: float | None = Field(default=None, description="d")
    stop_strings: str | Seq[str] | None = Field(default=None, description="d")
    do_sample: bool | None = Field(default=False, description="d")
    num_beams: int | None = Field(default=1, description="d")
    use_mtp: bool | None = Field(default=None, description="d")
    use_cache: bool | None = Field(default=True, description="d")
    cache_implementation: (
        Literal[
            "static",
            "offloaded_static",
            "sliding_window",
            "hybrid",
            "hybrid_chunked",
            "offloaded_hybrid",
            "offloaded_hybrid_chunked",
            "dynamic",
            "offloaded",
            "quantized",
            "paged",
        ]
        | None
    ) = Field(default=None, description="d")
    cache_config: QuantizedCacheConfig | None = Field(default=None, description="d")
    max_cache_len: int | None = Field(default=None, description="d")
    temperature: Annotated[float, Gt(0)] | None = Field(default=1.0, description="d Range: > 0. Off: 1.0.")
    top_k: Annotated[int, Ge(0)] | None = Field(default=50, description="d Range: >= 0.")
    top_p: Annotated[float, Ge(0)] | None = Field(default=1.0, description="d Range: >= 0. Off: 1.0.")
    min_p: Annotated[float, Ge(0), Le(1)] | None = Field(default=None, description="d Range: >= 0, <= 1.")
    top_h: Annotated[float, Gt(0), Le(1)] | None = Field(default=None, description="d Range: > 0, <= 1.")
    typical_p: Annotated[float, Gt(0)] | None = Field(default=1.0, description="d Range: > 0. Off: 1.0.")
    epsilon_cutoff: float | None = Field(default=0.0, description="d Off: 0.0.")
    eta_cutoff: float | None = Field(default=0.0, description="d Off: 0.0.")
    repetition_penalty: Annotated[float, Gt(0)] | None = Field(
        default=1.0, description="d Range: > 0. Off: 1.0."
    )
    encoder_repetition_penalty: Annotated[float, Gt(0)] | None = Field(
        default=1.0, description="d Range: > 0. Off: 1.0."
    )
    length_penalty: float | None = Field(default=1.0, description="d")
    no_repeat_ngram_size: int | None = Field(default=0, description="d Off: 0.")
    bad_words_ids: Seq[Seq[Annotated[int, Ge(0)]]] | None = Field(
        default=None, description="d Range: each >= 0."
    )
    renormalize_logits: bool | None = Field(default=None, description="d")
    forced_bos_token_id: int | None = Field(default=None, description="d")
    forced_eos_token_id: int | Seq[Annotated[int, Ge(0)]] | None = Field(
        default=None, description="d Range: each >= 0."
    )
    remove_invalid_values: bool | None = Field(default=False, description="d")
    exponential_decay_length_penalty: Annotated[tuple[int, float], FixedTuple] | None = Field(
        default=None, description="d"
    )
    suppress_tokens: Seq[int] | None = Field(default=None, description="d")
    begin_suppress_tokens: Seq[int] | None = Field(default=None, description="d")
    sequence_bias: Pairs[Seq[Annotated[int, Ge(0)]], float] | None = Field(
        default=None, description="d Range: keys each >= 0."
    )
    token_healing: bool | None = Field(default=None, description="d")
    guidance_scale: float | None = Field(default=None, description="d")
    watermarking_config: Annotated[WatermarkingConfig | SynthIDTextWatermarkingConfig, one_of] | None = Field(
        default=None, description="d"
    )
    num_return_sequences: int | None = Field(default=1, description="d")
    output_attentions: bool | None = Field(default=None, description="d")
    output_hidden_states: bool | None = Field(default=None, description="d")
    output_scores: bool | None = Field(default=False, description="d")
    output_logits: bool | None = Field(default=None, description="d")
    return_dict_in_generate: bool | None = Field(default=False, description="d")
    pad_token_id: int | None = Field(default=None, description="d")
    bos_token_id: int | None = Field(default=None, description="d")
    eos_token_id: int | Seq[int] | None = Field(default=None, description="d")
    encoder_no_repeat_ngram_size: int | None = Field(default=0, description="d Off: 0.")
    decoder_start_token_id: int | Seq[int] | None = Field(default=None, description="d")
    is_assistant: bool | None = Field(default=None, description="d")
    num_assistant_tokens: int | None = Field(default=20, description="d")
    num_assistant_tokens_schedule: Literal["heuristic", "heuristic_transient", "constant"] | None = Field(
        default="constant", description="d"
    )
    assistant_confidence_threshold: float | None = Field(default=0.4, description="d")
    prompt_lookup_num_tokens: int | None = Field(default=None, description="d")
    max_matching_ngram_size: int | None = Field(default=None, description="d")
    assistant_early_exit: int | None = Field(default=None, description="d")
    assistant_lookbehind: int | None = Field(default=10, description="d")
    target_lookbehind: int | None = Field(default=10, description="d")
    assistant_ensemble_weight: Annotated[float, Gt(0), Lt(1)] | None = Field(
        default=None, description="d Range: > 0, < 1."
    )
    speculation_type: Literal["dflash"] | None = Field(default=None, description="d")
    compile_config: CompileConfig | None = Field(default=None, description="d")
    disable_compile: bool | None = Field(default=None, description="d")
    continuous_batching_config: ContinuousBatchingConfig | None = Field(
        default=None, description="d Deprecated in transformers 5.13; removal is announced for 5.19."
    )
    low_memory: bool | None = Field(
        default=None,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    penalty_alpha: float | None = Field(
        default=None,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    dola_layers: Literal["low", "high"] | Seq[int] | None = Field(
        default=None,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    diversity_penalty: float | None = Field(
        default=0.0,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    num_beam_groups: int | None = Field(
        default=1,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    constraints: None = Field(
        default=None,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    force_words_ids: Seq[Seq[int]] | None = Field(
        default=None,
        description=(
            "d Deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5."
        ),
    )
    prefill_chunk_size: int | None = Field(default=None, description="d")


PARAMS: dict[str, ParamFacts] = {
    "max_length": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 20,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (20, None, 1, 0, -1),
        "context": {},
    },
    "max_new_tokens": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
        ),
        "test_values": (None, 1, 2, 9),
        "context": {},
    },
    "min_length": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0,
        "off": 0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::MinLengthLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (0, None, 1, -1),
        "context": {},
    },
    "min_new_tokens": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::MinNewTokensLengthLogitsProcessor.__init__",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "early_stopping": {
        "section": "Other parameters",
        "type": "bool | Literal['never'] | None",
        "constraints": (),
        "choices": (False, True, "never"),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (False, None, True, "never"),
        "context": {},
    },
    "max_time": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "stop_strings": {
        "section": "Other parameters",
        "type": "str | list[str] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, "a", ("a",)),
        "context": {},
    },
    "do_sample": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "num_beams": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1, None, 0, -1),
        "context": {},
    },
    "use_mtp": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "use_cache": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": True,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (True, None, False),
        "context": {},
    },
    "cache_implementation": {
        "section": "Other parameters",
        "type": "Literal['static', 'offloaded_static', 'sliding_window', 'hybrid', 'hybrid_chunked', 'offloaded_hybrid', 'offloaded_hybrid_chunked', 'dynamic', 'offloaded', 'quantized', 'paged'] | None",
        "constraints": (),
        "choices": (
            "static",
            "offloaded_static",
            "sliding_window",
            "hybrid",
            "hybrid_chunked",
            "offloaded_hybrid",
            "offloaded_hybrid_chunked",
            "dynamic",
            "offloaded",
            "quantized",
            "paged",
        ),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
        ),
        "test_values": (
            None,
            "static",
            "offloaded_static",
            "sliding_window",
            "hybrid",
            "hybrid_chunked",
            "offloaded_hybrid",
            "offloaded_hybrid_chunked",
            "dynamic",
            "offloaded",
            "quantized",
            "paged",
        ),
        "context": {},
    },
    "cache_config": {
        "section": "Other parameters",
        "type": "QuantizedCacheConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (
            None,
            {},
            {"backend": "hqq"},
            {"backend": "fp8"},
            {"nbits": 1},
            {"nbits": 0},
            {"nbits": -1},
            {"axis_key": 1},
            {"axis_key": 0},
            {"axis_key": -1},
            {"axis_value": 1},
            {"axis_value": 0},
            {"axis_value": -1},
            {"q_group_size": 1},
            {"q_group_size": 0},
            {"q_group_size": -1},
            {"residual_length": 1},
            {"residual_length": 0},
            {"residual_length": -1},
        ),
        "context": {},
    },
    "max_cache_len": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "temperature": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TemperatureLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1.0, None, 0.01, 0.5, 1.5),
        "context": {},
    },
    "top_k": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 50,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TopKLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (50, None, 0, 1, 8),
        "context": {},
    },
    "top_p": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TopPLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1.0, None, 0.0, 0.01, 0.5, 1.5),
        "context": {},
    },
    "min_p": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::MinPLogitsWarper.__init__",
        ),
        "test_values": (None, 0.0, 0.01, 0.5, 0.99, 1.0),
        "context": {},
    },
    "top_h": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": ("> 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TopHLogitsWarper.__init__",
        ),
        "test_values": (None, 0.01, 0.5, 0.99, 1.0),
        "context": {},
    },
    "typical_p": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TypicalLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1.0, None, 0.01, 0.5, 1.5),
        "context": {},
    },
    "epsilon_cutoff": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0.0,
        "off": 0.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EpsilonLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (0.0, None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "eta_cutoff": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0.0,
        "off": 0.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EtaLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (0.0, None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "repetition_penalty": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::RepetitionPenaltyLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1.0, None, 0.01, 0.5, 1.5),
        "context": {},
    },
    "encoder_repetition_penalty": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EncoderRepetitionPenaltyLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1.0, None, 0.01, 0.5, 1.5),
        "context": {},
    },
    "length_penalty": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1.0,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1.0, None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "no_repeat_ngram_size": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0,
        "off": 0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::NoRepeatNGramLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (0, None, 1, -1),
        "context": {},
    },
    "bad_words_ids": {
        "section": "Other parameters",
        "type": "list[list[int]] | None",
        "constraints": ("each >= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::NoBadWordsLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/overrides.toml",
        ),
        "test_values": (None, ((0,),), ((1,),), ((0,), (1,))),
        "context": {},
    },
    "renormalize_logits": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "forced_bos_token_id": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::ForcedBOSTokenLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "forced_eos_token_id": {
        "section": "Other parameters",
        "type": "int | list[int] | None",
        "constraints": ("each >= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::ForcedEOSTokenLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/overrides.toml",
        ),
        "test_values": (None, 1, 0, -1, (0,), (1,), (0, 1)),
        "context": {},
    },
    "remove_invalid_values": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "exponential_decay_length_penalty": {
        "section": "Other parameters",
        "type": "tuple[int, float] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::ExponentialDecayLengthPenalty.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (None, (1, 0.5), (0, 1.5), (-1, -0.5)),
        "context": {},
    },
    "suppress_tokens": {
        "section": "Other parameters",
        "type": "list[int] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::SuppressTokensLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (None, (1,), (0,), (1, 0)),
        "context": {},
    },
    "begin_suppress_tokens": {
        "section": "Other parameters",
        "type": "list[int] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::SuppressTokensAtBeginLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (None, (1,), (0,), (1, 0)),
        "context": {},
    },
    "sequence_bias": {
        "section": "Other parameters",
        "type": "dict[list[int], float] | None",
        "constraints": ("keys each >= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::SequenceBiasLogitsProcessor.__init__",
            "codegen/overrides.toml",
        ),
        "test_values": (None, (((0,), 0.5),), (((1,), 1.5),), (((0, 1), -0.5),)),
        "context": {},
    },
    "token_healing": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "guidance_scale": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::UnbatchedClassifierFreeGuidanceLogitsProcessor.__init__",
        ),
        "test_values": (None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "watermarking_config": {
        "section": "Other parameters",
        "type": "WatermarkingConfig | SynthIDTextWatermarkingConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (
            None,
            {},
            {"greenlist_ratio": 0.01},
            {"greenlist_ratio": 0.5},
            {"greenlist_ratio": 0.99},
            {"bias": 0.5},
            {"bias": 1.5},
            {"bias": -0.5},
            {"hashing_key": 1},
            {"hashing_key": 0},
            {"hashing_key": -1},
            {"seeding_scheme": "selfhash"},
            {"context_width": 2},
            {"context_width": 9},
            {"ngram_len": 1, "keys": (1,)},
            {"ngram_len": 0, "keys": (1,)},
            {"ngram_len": -1, "keys": (1,)},
            {"ngram_len": 1, "keys": (0,)},
            {"ngram_len": 1, "keys": (1, 0)},
            {"ngram_len": 1, "keys": (1,), "context_history_size": 1},
            {"ngram_len": 1, "keys": (1,), "context_history_size": 0},
            {"ngram_len": 1, "keys": (1,), "context_history_size": -1},
            {"ngram_len": 1, "keys": (1,), "sampling_table_seed": 1},
            {"ngram_len": 1, "keys": (1,), "sampling_table_seed": -1},
            {"ngram_len": 1, "keys": (1,), "sampling_table_size": 16777216},
            {"ngram_len": 1, "keys": (1,), "sampling_table_size": 16777215},
            {"ngram_len": 1, "keys": (1,), "sampling_table_size": 16777208},
            {"ngram_len": 1, "keys": (1,), "skip_first_ngram_calls": True},
            {"ngram_len": 1, "keys": (1,), "debug_mode": True},
        ),
        "context": {},
    },
    "num_return_sequences": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (1, None, 0, -1),
        "context": {},
    },
    "output_attentions": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "output_hidden_states": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "output_scores": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "output_logits": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "return_dict_in_generate": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "pad_token_id": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "bos_token_id": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "eos_token_id": {
        "section": "Other parameters",
        "type": "int | list[int] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1, (1,), (0,), (1, 0)),
        "context": {},
    },
    "encoder_no_repeat_ngram_size": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0,
        "off": 0,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EncoderNoRepeatNGramLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (0, None, 1, -1),
        "context": {},
    },
    "decoder_start_token_id": {
        "section": "Other parameters",
        "type": "int | list[int] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1, (1,), (0,), (1, 0)),
        "context": {},
    },
    "is_assistant": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "num_assistant_tokens": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 20,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (20, None, 1, 0, -1),
        "context": {},
    },
    "num_assistant_tokens_schedule": {
        "section": "Other parameters",
        "type": "Literal['heuristic', 'heuristic_transient', 'constant'] | None",
        "constraints": (),
        "choices": ("heuristic", "heuristic_transient", "constant"),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": "constant",
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": ("constant", None, "heuristic", "heuristic_transient"),
        "context": {},
    },
    "assistant_confidence_threshold": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0.4,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (0.4, None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "prompt_lookup_num_tokens": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "max_matching_ngram_size": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "assistant_early_exit": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
    "assistant_lookbehind": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 10,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (10, None, 1, 0, -1),
        "context": {},
    },
    "target_lookbehind": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 10,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (10, None, 1, 0, -1),
        "context": {},
    },
    "assistant_ensemble_weight": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": ("> 0", "< 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
        ),
        "test_values": (None, 0.01, 0.5, 0.99),
        "context": {},
    },
    "speculation_type": {
        "section": "Other parameters",
        "type": "Literal['dflash'] | None",
        "constraints": (),
        "choices": ("dflash",),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, "dflash"),
        "context": {},
    },
    "compile_config": {
        "section": "Other parameters",
        "type": "CompileConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
        ),
        "test_values": (
            None,
            {},
            {"fullgraph": True},
            {"dynamic": False},
            {"dynamic": True},
            {"backend": "a"},
            {"mode": "a"},
            {"options": {"a": 1}},
        ),
        "context": {},
    },
    "disable_compile": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, False, True),
        "context": {},
    },
    "continuous_batching_config": {
        "section": "Other parameters",
        "type": "ContinuousBatchingConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": "deprecated in transformers 5.13; removal is announced for 5.19",
        "requires": (),
        "tightenings": (("Nested(name='ContinuousBatchingConfig')", "r"),),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (
            None,
            {},
            {"page_size": 1},
            {"page_size": 0},
            {"page_size": -1},
            {"num_blocks": 1},
            {"num_blocks": 0},
            {"num_blocks": -1},
            {"max_batch_tokens": 1},
            {"max_batch_tokens": 0},
            {"max_batch_tokens": -1},
            {"max_memory_percent": 0.5},
            {"max_memory_percent": 1.5},
            {"max_memory_percent": -0.5},
            {"max_requests_per_batch": 1},
            {"max_requests_per_batch": 0},
            {"max_requests_per_batch": -1},
            {"max_blocks_per_request": 1},
            {"max_blocks_per_request": 0},
            {"max_blocks_per_request": -1},
            {"allow_block_sharing": False},
            {"use_async_batching": False},
            {"use_async_batching": True},
            {"use_cuda_graph": False},
            {"use_cuda_graph": True},
            {"use_cuda_graph": (False, False)},
            {"use_cuda_graph": (True, True)},
            {"q_padding_interval_size": 1},
            {"q_padding_interval_size": -1},
            {"kv_padding_interval_size": 1},
            {"kv_padding_interval_size": -1},
            {"varlen_compile_config": {}},
            {"varlen_compile_config": {"fullgraph": True}},
            {"varlen_compile_config": {"dynamic": False}},
            {"varlen_compile_config": {"dynamic": True}},
            {"varlen_compile_config": {"backend": "a"}},
            {"varlen_compile_config": {"mode": "a"}},
            {"varlen_compile_config": {"options": {"a": 1}}},
            {"decode_compile_config": {}},
            {"decode_compile_config": {"fullgraph": True}},
            {"decode_compile_config": {"dynamic": False}},
            {"decode_compile_config": {"dynamic": True}},
            {"decode_compile_config": {"backend": "a"}},
            {"decode_compile_config": {"mode": "a"}},
            {"decode_compile_config": {"options": {"a": 1}}},
            {"default_compile_level": 1},
            {"default_compile_level": -1},
            {"scheduler_type": "a"},
            {"safety_margin": 0.5},
            {"safety_margin": 1.5},
            {"safety_margin": -0.5},
            {"return_logprobs": True},
            {"seed": 1},
            {"seed": 0},
            {"seed": -1},
            {"auto_switch_to_flash": False},
            {"cpu_offload_space": 0.5},
            {"cpu_offload_space": 1.5},
            {"cpu_offload_space": -0.5},
            {"cpu_offload_space_safety_threshold": 0.5},
            {"cpu_offload_space_safety_threshold": 1.5},
            {"cpu_offload_space_safety_threshold": -0.5},
            {"max_queue_size": 1},
            {"max_queue_size": -1},
            {"per_request_processors": True},
            {"drop_unsupported_processors": False},
            {"disable_nccl_graph_mixing": False},
            {"cpu_group_timeout": 0.5},
            {"cpu_group_timeout": 1.5},
            {"cpu_group_timeout": -0.5},
            {"use_default_compile_configs": False},
            {"use_default_compile_configs": True},
            {"max_cached_graphs": 1},
            {"max_cached_graphs": 0},
            {"max_cached_graphs": -1},
            {"block_size": 1},
            {"block_size": 0},
            {"block_size": -1},
        ),
        "context": {},
    },
    "low_memory": {
        "section": "Other parameters",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (("Scalar(kind='bool', bounds=())", "r"),),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (None, False, True),
        "context": {},
    },
    "penalty_alpha": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (("Scalar(kind='float', bounds=())", "r"),),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "dola_layers": {
        "section": "Other parameters",
        "type": "Literal['low', 'high'] | list[int] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (
            (
                "Union(members=(Choice(values=('low', 'high')), ListOf(item=Scalar(kind='int', bounds=()), least=0)))",
                "r",
            ),
        ),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (None, "low", "high", (1,), (0,), (1, 0)),
        "context": {},
    },
    "diversity_penalty": {
        "section": "Other parameters",
        "type": "float | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 0.0,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (("Scalar(kind='float', bounds=())", "r"),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/overrides.toml",
        ),
        "test_values": (0.0, None, 0.5, 1.5, -0.5),
        "context": {},
    },
    "num_beam_groups": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": 1,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (("Scalar(kind='int', bounds=())", "r"),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/overrides.toml",
        ),
        "test_values": (1, None, 0, -1),
        "context": {},
    },
    "constraints": {
        "section": "Other parameters",
        "type": "None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (("NoData()", "r"),),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (None,),
        "context": {},
    },
    "force_words_ids": {
        "section": "Other parameters",
        "type": "list[list[int]] | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": "deprecated by transformers; its decoding mode moved to the Hub; removal is announced for 5",
        "requires": (),
        "tightenings": (("ListOf(item=ListOf(item=Scalar(kind='int', bounds=()), least=0), least=0)", "r"),),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (None, ((1,),), ((0,),), ((1,), (0,))),
        "context": {},
    },
    "prefill_chunk_size": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "x",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "deprecation": None,
        "requires": (),
        "tightenings": (("Scalar(kind='int', bounds=())", "r"),),
        "sources": ("generation/configuration_utils.py::GenerationConfig.__init__", "codegen/overrides.toml"),
        "test_values": (None, 1, 0, -1),
        "context": {},
    },
}
"""What is known of each parameter beside its field; read it through ``llenergymeasure.config.introspection``."""
