"""Every parameter of Hugging Face ``generate()``, typed.

GENERATED from transformers 5.23.0 by ``python -m codegen refresh``. Do not edit: what people decide is in
``codegen/engines/transformers/overrides.toml``, and what the source states changes with the release. ``python -m codegen explain NAME``
tells where each fact comes from.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import Field

from llenergymeasure.config.base import BackendConfig, FixedTuple, NestedConfig, Pairs, Seq, exact, one_of
from llenergymeasure.config.metadata import ParamFacts, Rule, highest, length, lowest, subset

TRANSFORMERS_VERSION = "5.23.0"
"""The release that these classes were generated from."""


class CompileConfig(NestedConfig):
    """Value of ``compile_config``; sent to ``generate()`` as ``transformers.CompileConfig``."""

    upstream: ClassVar[str] = "CompileConfig"

    fullgraph: bool = Field(
        default=False,
        description=(
            "Fail instead of falling back where the model cannot be compiled as one graph. One graph "
            "has the least overhead."
        ),
    )
    dynamic: bool | None = Field(
        default=None,
        description=(
            "Compile for changing shapes, or for one shape at a time. Fixed shapes run faster, but "
            "each new one is compiled again."
        ),
    )
    backend: Annotated[str, MinLen(1)] = Field(
        default="inductor",
        description=(
            "Compiler that torch.compile uses. Decides how much of the overhead and memory traffic is"
            " fused away. Range: length >= 1."
        ),
    )
    mode: Literal["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"] = Field(
        default="reduce-overhead",
        description=(
            "How much time compilation may take, and whether CUDA graphs are recorded. Costs once, "
            "saves at each token."
        ),
    )
    options: None = Field(
        default=None,
        description=(
            "Options of the compiler backend. They exclude a mode, which is always set here, so only "
            "None can be set."
        ),
    )


class WatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.WatermarkingConfig``."""

    upstream: ClassVar[str] = "WatermarkingConfig"

    greenlist_ratio: Annotated[float, Gt(0), Lt(1)] = Field(
        default=0.25, description="Share of the vocabulary that is favoured at each token. Range: > 0, < 1."
    )
    bias: float = Field(
        default=2.0,
        description=(
            "What is added to the logits of favoured tokens. Larger marks the text more and changes it more."
        ),
    )
    hashing_key: Annotated[int, Ge(-9223372036854775808), Le(18446744073709551615)] = Field(
        default=15485863,
        description=(
            "Secret number that seeds which tokens are favoured. Does not change the amount of work. "
            "Range: >= -9223372036854775808, <= 18446744073709551615."
        ),
    )
    seeding_scheme: Literal["selfhash", "lefthash"] = Field(
        default="lefthash",
        description=(
            "Whether favoured tokens depend on past tokens only, or also on the candidate, which "
            "costs a permutation for each one tried."
        ),
    )
    context_width: Annotated[int, Ge(1)] = Field(
        default=1,
        description=(
            "Past tokens that decide which tokens are favoured. Longer marks more robustly. Range: >= 1."
        ),
    )


class SynthIDTextWatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``; sent to ``generate()`` as ``transformers.SynthIDTextWatermarkingConfig``."""

    upstream: ClassVar[str] = "SynthIDTextWatermarkingConfig"

    ngram_len: Annotated[int, Ge(1)] = Field(
        description=(
            "Tokens that are hashed together, the candidate included. With 1 there is no context and "
            "no mark. Range: >= 1."
        )
    )
    keys: Annotated[Seq[Annotated[int, Ge(-9223372036854775808), Le(9223372036854775807)]], MinLen(1)] = (
        Field(
            description=(
                "Secret numbers, one per layer of the tournament. Each one adds a pass over the "
                "vocabulary at every token. Range: each >= -9223372036854775808, each <= "
                "9223372036854775807, at least 1 long."
            )
        )
    )
    context_history_size: Annotated[int, Ge(0)] = Field(
        default=1024,
        description=(
            "Past contexts that are remembered, so that none is marked twice. Each token is compared "
            "with all of them. Range: >= 0."
        ),
    )
    sampling_table_seed: Annotated[int, Ge(-9223372036854775808), Le(18446744073709551615)] = Field(
        default=0,
        description=(
            "Seed of the table of random bits. Does not change the amount of work. Range: >= "
            "-9223372036854775808, <= 18446744073709551615."
        ),
    )
    sampling_table_size: Annotated[int, Ge(1), Le(16777216)] = Field(
        default=65536,
        description=(
            "Entries in the table of random bits that hashes are looked up in. Range: >= 1, <= 16777216."
        ),
    )
    skip_first_ngram_calls: bool = Field(
        default=False, description="Leave the first tokens unmarked, until there is a whole context."
    )
    debug_mode: bool = Field(
        default=False,
        description=(
            "Throw the model's logits away and mark a uniform distribution. Only for testing the method."
        ),
    )


class QuantizedCacheConfig(NestedConfig):
    """Value of ``cache_config``; sent to ``generate()`` as a plain dictionary."""

    upstream: ClassVar[str] = ""

    backend: Literal["quanto", "hqq", "fp8"] = Field(
        default="quanto",
        description=(
            "Library that quantizes keys and values. Most backends need a package of their own; fp8 "
            "needs none."
        ),
    )
    nbits: Annotated[Literal[1, 2, 3, 4, 8], exact] | None = Field(
        default=None, description="Bits per stored number. Fewer bits move less memory and lose precision."
    )
    axis_key: Annotated[Literal[-1, 0, 1], exact] | None = Field(
        default=None,
        description="Axis along which keys share a scale. Decides which values are read together.",
    )
    axis_value: Annotated[Literal[-1, 0, 1], exact] | None = Field(
        default=None,
        description="Axis along which values share a scale. Decides which values are read together.",
    )
    q_group_size: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Numbers that share one scale. Larger groups store fewer scales and lose more precision. "
            "Range: >= 1."
        ),
    )
    residual_length: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description=(
            "Newest tokens kept unquantized. Each time they exceed it, the whole cache is quantized "
            "again. Range: >= 0."
        ),
    )


class ContinuousBatchingConfig(NestedConfig):
    """Value of ``continuous_batching_config``; sent to ``generate()`` as ``transformers.ContinuousBatchingConfig``."""

    upstream: ClassVar[str] = "ContinuousBatchingConfig"

    page_size: Annotated[int, Ge(4)] = Field(
        default=256,
        description=(
            "Tokens per page of the cache. Smaller pages waste less memory and need longer tables. "
            "Range: >= 4."
        ),
    )
    num_blocks: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Blocks that the cache consists of; found from free memory where it is not set. Range: >= 1."
        ),
    )
    max_batch_tokens: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Tokens in one forward pass, over all requests. More keep the device busier and need more"
            " memory. Range: >= 1."
        ),
    )
    max_memory_percent: Annotated[float, Gt(0), Le(1)] | None = Field(
        default=None, description="Share of free memory that the cache may take. Range: > 0, <= 1."
    )
    max_requests_per_batch: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description="Requests in one forward pass. Bounds the memory of the logits. Range: >= 1.",
    )
    max_blocks_per_request: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description="Blocks per request on the fast decode path; 0 turns that path off. Range: >= 0.",
    )
    allow_block_sharing: bool = Field(
        default=True,
        description="Let requests with the same beginning share cache. Saves work where prompts begin alike.",
    )
    use_async_batching: bool | None = Field(
        default=None,
        description="Prepare the next batch while one runs. Hides work of the CPU and doubles the buffers.",
    )
    use_cuda_graph: bool | Annotated[tuple[bool, bool], FixedTuple] | None = Field(
        default=None,
        description=(
            "Record passes as CUDA graphs, for both paths or each by itself. Less launch overhead, "
            "more memory."
        ),
    )
    q_padding_interval_size: Annotated[int, Ge(0)] = Field(
        default=0,
        description=(
            "Query tokens are padded to a multiple of it, so that fewer graphs are recorded; 0 takes "
            "a preset. Range: >= 0."
        ),
    )
    kv_padding_interval_size: Annotated[int, Ge(0)] = Field(
        default=0,
        description=(
            "Cached tokens are padded to a multiple of it, so that fewer graphs are recorded; 0 takes"
            " a preset. Range: >= 0."
        ),
    )
    varlen_compile_config: CompileConfig | None = Field(
        default=None, description="How passes with prompts in them are compiled."
    )
    decode_compile_config: CompileConfig | None = Field(
        default=None, description="How passes that only decode are compiled."
    )
    default_compile_level: Annotated[int, Ge(0), Le(3)] = Field(
        default=0,
        description=(
            "Compilation where no configuration asks for one: 0 none, 3 the most. More costs longer "
            "warm-up. Range: >= 0, <= 3."
        ),
    )
    scheduler_type: Literal["fifo", "prefill_first"] = Field(
        default="fifo",
        description="Which requests go first: in order of arrival, or those with a prompt still to process.",
    )
    safety_margin: Annotated[float, Ge(0), Le(1)] | None = Field(
        default=None,
        description=(
            "Share of free blocks below which no new prompt is begun. More avoids evictions and idles"
            " memory. Range: >= 0, <= 1."
        ),
    )
    return_logprobs: bool = Field(
        default=False,
        description="Keep the log-probability of every token. One log-softmax over the vocabulary per token.",
    )
    seed: Annotated[int, Ge(0), Le(9223372036854775807)] | None = Field(
        default=None,
        description=(
            "Seed of the random draws. Does not change the amount of work. Range: >= 0, <= "
            "9223372036854775807."
        ),
    )
    auto_switch_to_flash: bool = Field(
        default=True,
        description="Change to flash attention where it is installed. Less memory traffic per token.",
    )
    cpu_offload_space: Annotated[float, Ge(0)] | None = Field(
        default=0.0,
        description=(
            "GiB of host memory for the cache of evicted requests, which are else computed again. 0 "
            "turns it off. Range: >= 0."
        ),
    )
    cpu_offload_space_safety_threshold: Annotated[float, Ge(0), Le(1)] = Field(
        default=0.8, description="Share of host memory that offloading may take at most. Range: >= 0, <= 1."
    )
    max_queue_size: Annotated[int, Ge(0)] = Field(
        default=0, description="Requests that may wait; 0 for any number. Range: >= 0."
    )
    per_request_processors: bool = Field(
        default=False,
        description=(
            "Let each request have settings of its own, such as a temperature. Processors then work "
            "row by row."
        ),
    )
    drop_unsupported_processors: bool = Field(
        default=True,
        description=(
            "Leave out logits processors that continuous batching does not support, instead of "
            "keeping them with a warning."
        ),
    )
    disable_nccl_graph_mixing: bool = Field(
        default=True,
        description=(
            "Turn off a safety net of communication between GPUs that costs time and is not needed here."
        ),
    )
    cpu_group_timeout: Annotated[float, Ge(0)] | None = Field(
        default=300.0,
        description="Seconds after which communication between processes on the CPU is given up. Range: >= 0.",
    )
    use_default_compile_configs: bool | None = Field(
        default=None, description="Older name for compiling at the highest level, or not at all."
    )
    max_cached_graphs: Annotated[int, Ge(0)] | None = Field(
        default=None, description="CUDA graphs that are kept at once. Later releases ignore it. Range: >= 0."
    )
    block_size: Annotated[int, Ge(4)] | None = Field(
        default=None, description="Tokens per page of the cache; the older name of page_size. Range: >= 4."
    )


PARAMS: dict[str, ParamFacts] = {
    "max_length": {
        "section": "Length of the output",
        "type": "int",
        "constraints": ("> 1",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "It limits prompt and new tokens together, and so how many forward passes are made.",
        "declared_default": None,
        "effective_default": 20,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "it counts the prompt too, so it has to be more than the longest prompt has; max_new_tokens does not count it",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._validate_generated_length",
            "generation/utils.py::GenerationMixin._prepare_generated_length",
        ),
        "test_values": (20, 32, 64, 2, 3, 10),
        "context": {},
    },
    "max_new_tokens": {
        "section": "Length of the output",
        "type": "int | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "Each new token costs one forward pass, so energy grows with it almost in proportion.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "continuous batching has no usual length and does not look at max_length; set max_new_tokens",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
        ),
        "test_values": (None, 4, 16, 1, 2, 9),
        "context": {},
    },
    "min_length": {
        "section": "Length of the output",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "The end-of-sequence token is barred until prompt and new tokens together reach it.",
        "declared_default": None,
        "effective_default": 0,
        "off": 0,
        "alike": (0, None),
        "deprecation": None,
        "requires": (),
        "tightenings": ((">= 0", "A negative length is skipped as 0 is; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::MinLengthLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (0, None, 8, 1),
        "context": {},
    },
    "min_new_tokens": {
        "section": "Length of the output",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "The end-of-sequence token is barred until that many tokens are new.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": ((">= 0", "A negative number is skipped as 0 is; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::MinNewTokensLengthLogitsProcessor.__init__",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 2, 4, 0, 1, 8),
        "context": {},
    },
    "early_stopping": {
        "section": "Length of the output",
        "type": "bool | Literal['never'] | None",
        "constraints": (),
        "choices": (False, True, "never"),
        "energy_role": "length",
        "role_reason": "It decides how long beam search goes on once it has as many finished candidates as beams.",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "alike": (False, None),
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
        "context": {"num_beams": 2},
    },
    "max_time": {
        "section": "Length of the output",
        "type": "float | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "Generation ends after the first step that passes the limit, so it caps the number of tokens by the clock.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (">= 0", "A negative time ends generation after one step as 0 does; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 60.0, 0.0, 0.01, 0.5, 1.5),
        "context": {},
    },
    "stop_strings": {
        "section": "Length of the output",
        "type": "str | list[str] | None",
        "constraints": ("length >= 1", "each length >= 1", "at least 1 long"),
        "choices": (),
        "energy_role": "length",
        "role_reason": "A sequence ends when one of them appears; each step also compares the last tokens with them.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "it needs the model's tokenizer, as the argument tokenizer",
            "no token of the model's tokenizer can be the last of any of these texts, and generate() refuses to look for them; use texts that the tokenizer can spell",
        ),
        "tightenings": (
            (
                "at least 1 long",
                "An empty text ends every sequence after one token and an empty list fails; nobody can mean either.",
            ),
            ("[] at least 1 long", "An empty text ends every sequence after one token; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, "a", ("a", "b")),
        "context": {},
    },
    "do_sample": {
        "section": "Decoding strategy",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "It swaps an argmax for the sampling processors, a softmax and a random draw in every step.",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "alike": (False, None),
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
        "section": "Decoding strategy",
        "type": "int",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "batching",
        "role_reason": "Every prompt becomes that many rows of each forward pass and of the cache.",
        "declared_default": None,
        "effective_default": 1,
        "off": 1,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._expand_inputs_for_generation",
            "generation/utils.py::GenerationMixin._beam_search",
            "generation/utils.py::GenerationMixin.generate",
        ),
        "test_values": (1, 2, 4, 9),
        "context": {},
    },
    "use_mtp": {
        "section": "Decoding strategy",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "speculation",
        "role_reason": "The model's own extra layers draft tokens that one forward pass then verifies.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (
            "assisted generation takes one prompt at a time; set batch_size to 1",
            "it needs a model whose state can be taken back, which recurrent ones cannot",
            "it needs a model with prediction layers of its own (MTP)",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "use_cache": {
        "section": "Key-value cache",
        "type": "bool",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "cache",
        "role_reason": "Without it every step computes keys and values of the whole sequence again.",
        "declared_default": None,
        "effective_default": True,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                "not None",
                "A cache is built, but every step feeds the whole sequence into it again: wrong tokens or, with a static cache, a failure.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (True, False),
        "context": {},
    },
    "cache_implementation": {
        "section": "Key-value cache",
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
        "energy_role": "cache",
        "role_reason": "It decides where keys and values lie, in which precision, and whether memory is reserved at once.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (None, "dynamic", "hybrid"),
        "deprecation": None,
        "requires": (
            "q_group_size has to divide what a layer keeps of one token (heads that keys and values are shared by, times their size)",
            "the quantized cache makes groups of 64, which do not divide what a layer keeps of one token; set q_group_size in cache_config to a number that does",
            "an offloaded cache moves between the CPU and an accelerator, so it needs one",
            "the quantized cache needs a decoder-only model, all of whose layers attend to every token",
            "the quanto backend of the quantized cache needs the package optimum-quanto",
            "the hqq backend of the quantized cache needs the package hqq",
            "continuous batching needs a prompt, and a model that keeps keys and values",
            "generate() cannot return sequences of different lengths together from continuous batching; set batch_size to 1",
            "continuous batching drafts nothing; leave the assistant model out, or cache_implementation unset",
            "continuous batching has no usual length and does not look at max_length; set max_new_tokens",
        ),
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
        "section": "Key-value cache",
        "type": "QuantizedCacheConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "cache",
        "role_reason": "It sets the precision and the groups in which keys and values are kept.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "q_group_size has to divide what a layer keeps of one token (heads that keys and values are shared by, times their size)",
            "the quantized cache makes groups of 64, which do not divide what a layer keeps of one token; set q_group_size in cache_config to a number that does",
            "the quanto backend of the quantized cache needs the package optimum-quanto",
            "the hqq backend of the quantized cache needs the package hqq",
        ),
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
            {"backend": "quanto", "nbits": 2},
            {"backend": "hqq", "nbits": 2},
            {"backend": "quanto", "nbits": 4},
            {"backend": "hqq", "nbits": 4},
            {"backend": "hqq", "nbits": 1},
            {"backend": "hqq", "nbits": 3},
            {"backend": "hqq", "nbits": 8},
            {"backend": "quanto", "axis_key": 0},
            {"backend": "hqq", "axis_key": 0},
            {"backend": "quanto", "axis_value": 0},
            {"backend": "hqq", "axis_value": 0},
            {"q_group_size": 8},
            {"q_group_size": 64},
            {"q_group_size": 1},
            {"q_group_size": 2},
            {"q_group_size": 9},
            {"residual_length": 1},
            {"residual_length": 128},
            {"residual_length": 0},
            {"residual_length": 8},
        ),
        "context": {"cache_implementation": "quantized"},
    },
    "max_cache_len": {
        "section": "Key-value cache",
        "type": "int | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "cache",
        "role_reason": "It reserves a static cache of that many tokens, which attention then reads whole.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                ">= 1",
                "Less than the call itself needs is ignored, and every call needs at least one; nobody can mean 0 or less.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 64, 1, 2, 9),
        "context": {"cache_implementation": "static"},
    },
    "temperature": {
        "section": "Changes to the logits",
        "type": "float | None",
        "constraints": (">= 1e-06",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step divides the logits by it; above all it changes which tokens are drawn, and so when sequences end.",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "alike": (1.0, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                ">= 1e-06",
                "Logits divided by less overflow when drafts are verified, and further down in every mode; sampling is greedy long before that.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TemperatureLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (1.0, None, 0.7, 1.5, 1e-06, 0.010001, 0.500001, 1.500001),
        "context": {"do_sample": True},
    },
    "top_k": {
        "section": "Changes to the logits",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step selects the largest logits and masks the rest of the vocabulary.",
        "declared_default": None,
        "effective_default": 50,
        "off": 0,
        "alike": (),
        "deprecation": None,
        "requires": (
            "with per_request_processors, top_k has to be at most the size of the model's vocabulary",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TopKLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (50, None, 1, 10, 0, 8),
        "context": {"do_sample": True},
    },
    "top_p": {
        "section": "Changes to the logits",
        "type": "float | None",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step sorts the whole vocabulary and sums it up, unless the value is 1.",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "alike": (1.0, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (("<= 1", "A share above 1 is skipped as 1 is; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TopPLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (1.0, None, 0.5, 0.9, 0.0, 0.01, 0.99),
        "context": {"do_sample": True},
    },
    "min_p": {
        "section": "Changes to the logits",
        "type": "float | None",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step computes the probabilities and masks those far below the likeliest token.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::MinPLogitsWarper.__init__",
        ),
        "test_values": (None, 0.05, 0.2, 0.0, 0.01, 0.5, 0.99, 1.0),
        "context": {"do_sample": True},
    },
    "top_h": {
        "section": "Changes to the logits",
        "type": "float | None",
        "constraints": ("> 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step sorts out the hundred likeliest tokens and adds up their entropy until the share is reached.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TopHLogitsWarper.__init__",
        ),
        "test_values": (None, 0.4, 0.01, 0.5, 0.99, 1.0),
        "context": {"do_sample": True},
    },
    "typical_p": {
        "section": "Changes to the logits",
        "type": "float",
        "constraints": ("> 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step computes the entropy, sorts the vocabulary by distance from it and sums it up, unless the value is 1.",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            ("<= 1", "A share above 1 is skipped as 1 is; nobody can mean it."),
            ("not None", "A plain number was asked for: 1.0 switches it off just as None does."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::TypicalLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (1.0, 0.5, 0.9, 0.01, 0.99),
        "context": {"do_sample": True},
    },
    "epsilon_cutoff": {
        "section": "Changes to the logits",
        "type": "float",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step computes the probabilities and masks the small ones, unless the value is 0.",
        "declared_default": None,
        "effective_default": 0.0,
        "off": 0.0,
        "alike": (0.0, 1.0),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (">= 0", "A negative probability is skipped as 0 is; nobody can mean it."),
            (
                "<= 1",
                "Above 1, and at 1 itself, the cutoff is skipped; nobody can mean a probability above 1.",
            ),
            ("not None", "A plain number was asked for: 0.0 switches it off just as None does."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EpsilonLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (0.0, 0.0003, 0.1, 0.01, 0.5, 0.99, 1.0),
        "context": {"do_sample": True},
    },
    "eta_cutoff": {
        "section": "Changes to the logits",
        "type": "float",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step computes the entropy and masks what lies below a threshold made from it, unless the value is 0.",
        "declared_default": None,
        "effective_default": 0.0,
        "off": 0.0,
        "alike": (0.0, 1.0),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (">= 0", "A negative cutoff is skipped as 0 is; nobody can mean it."),
            ("<= 1", "Above 1, and at 1 itself, the cutoff is skipped; nobody can mean a cutoff above 1."),
            ("not None", "A plain number was asked for: 0.0 switches it off just as None does."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EtaLogitsWarper.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (0.0, 0.0003, 0.1, 0.01, 0.5, 0.99, 1.0),
        "context": {"do_sample": True},
    },
    "repetition_penalty": {
        "section": "Changes to the logits",
        "type": "float | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step gathers and rescales the logits of every token that has appeared so far.",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "alike": (1.0, None),
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
        "test_values": (1.0, None, 0.9, 1.2, 0.01, 0.5, 1.5),
        "context": {},
    },
    "encoder_repetition_penalty": {
        "section": "Changes to the logits",
        "type": "float",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step gathers and rescales the logits of every token of the input.",
        "declared_default": None,
        "effective_default": 1.0,
        "off": 1.0,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                ">= 1",
                "Asked for: it is meant to keep to the input; below 1 transformers does the opposite and drives output away from it.",
            ),
            ("not None", "A plain number was asked for: 1.0 switches it off just as None does."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EncoderRepetitionPenaltyLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (1.0, 1.5, 1.01, 2.5),
        "context": {},
    },
    "length_penalty": {
        "section": "Changes to the logits",
        "type": "float",
        "constraints": ("<= 50",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "Beam scores are divided by length to this power, which decides which beams finish and when none can improve.",
        "declared_default": None,
        "effective_default": 1.0,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                "<= 50",
                "A length to a larger power overflows for long sequences, which fails; nobody can mean one.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._beam_search",
            "generation/utils.py::GenerationMixin._update_finished_beams",
        ),
        "test_values": (1.0, -1.0, 0.0, 2.0, 49.0, 49.99, 50.0),
        "context": {"num_beams": 2},
    },
    "no_repeat_ngram_size": {
        "section": "Changes to the logits",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step searches every sequence for its last tokens and bans whatever followed them before.",
        "declared_default": None,
        "effective_default": 0,
        "off": 0,
        "alike": (0, None),
        "deprecation": None,
        "requires": (),
        "tightenings": ((">= 0", "A negative length is skipped as 0 is; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::NoRepeatNGramLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (0, None, 2, 3, 1, 8),
        "context": {},
    },
    "bad_words_ids": {
        "section": "Changes to the logits",
        "type": "list[list[int]] | None",
        "constraints": ("each >= 0", "at least 1 long"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step compares the end of every sequence with each banned one and masks its last token.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "every id in it has to be in the model's vocabulary",
            "every id of a banned word has to be in the model's vocabulary, also beside an end of the sequence that is not",
        ),
        "tightenings": (
            ("[] at least 1 long", "A sequence without tokens bans nothing; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::NoBadWordsLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::NoBadWordsLogitsProcessor._validate_arguments",
        ),
        "test_values": (None, ((5,),), ((5, 6), (7,))),
        "context": {},
    },
    "renormalize_logits": {
        "section": "Changes to the logits",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "Each step ends with one more log-softmax over the vocabulary.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_logits_processor",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "forced_bos_token_id": {
        "section": "Changes to the logits",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "The first step after a start token masks all other tokens; later steps only compare a length.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("it has to be in the model's vocabulary",),
        "tightenings": (
            (">= 0", "A negative id counts from the end of the vocabulary; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::ForcedBOSTokenLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 5, 0, 1, 8),
        "context": {},
    },
    "forced_eos_token_id": {
        "section": "Changes to the logits",
        "type": "int | list[int] | None",
        "constraints": (">= 0", "each >= 0", "at least 1 long"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "The last step before the length limit masks all other tokens; earlier steps only compare a length.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("every id in it has to be in the model's vocabulary",),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::ForcedEOSTokenLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 5, (5, 6), 0, 1, 8),
        "context": {},
    },
    "remove_invalid_values": {
        "section": "Changes to the logits",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "Each step scans the scores for NaN and for both infinities and writes new ones.",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "alike": (False, None),
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
        "section": "Changes to the logits",
        "type": "tuple[int, float] | None",
        "constraints": ("[0] >= 0", "[1] > 0"),
        "choices": (),
        "energy_role": "length",
        "role_reason": "From the start index on, each step raises or lowers the score of the end-of-sequence token.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("the end-of-sequence tokens, which it raises, have to be in the model's vocabulary",),
        "tightenings": (
            (
                "[0] >= 0",
                "Asked for: it counts new tokens, so a negative start is before the first one; nobody can mean it.",
            ),
            (
                "[1] > 0",
                "Asked for: powers of a factor at or below 0 vanish or change sign from step to step; nobody can mean it.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::ExponentialDecayLengthPenalty.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, (0, 1.01), (2, 1.5), (2, 0.9)),
        "context": {},
    },
    "suppress_tokens": {
        "section": "Changes to the logits",
        "type": "list[int] | None",
        "constraints": ("each >= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step masks these tokens of the vocabulary.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (("[] >= 0", "A negative id matches no token and is ignored; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::SuppressTokensLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, (5,), (5, 6)),
        "context": {},
    },
    "begin_suppress_tokens": {
        "section": "Changes to the logits",
        "type": "list[int] | None",
        "constraints": ("each >= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "The first step masks these tokens; each step builds that mask.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (("[] >= 0", "A negative id matches no token and is ignored; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::SuppressTokensAtBeginLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, (5,), (5, 6)),
        "context": {},
    },
    "sequence_bias": {
        "section": "Changes to the logits",
        "type": "dict[list[int], float] | None",
        "constraints": ("keys each >= 0", "at least 1 long"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step adds biases over the vocabulary and compares the end of every sequence with each longer entry.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("every id in it has to be in the model's vocabulary",),
        "tightenings": (
            ("keys at least 1 long", "A sequence without tokens biases nothing; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::SequenceBiasLogitsProcessor.__init__",
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::SequenceBiasLogitsProcessor._validate_arguments",
        ),
        "test_values": (None, (((5,), 3.0),), (((5, 6), -2.0), ((7,), 1.5))),
        "context": {},
    },
    "token_healing": {
        "section": "Changes to the logits",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "decoding",
        "role_reason": "Before the run, every prompt is encoded anew and its last token generated again under biases.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": ("it needs the model's tokenizer, as the argument tokenizer",),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "guidance_scale": {
        "section": "Changes to the logits",
        "type": "float | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Unless it is 1, each step makes a second forward pass without the prompt, with a cache of its own.",
        "declared_default": None,
        "effective_default": None,
        "off": 1.0,
        "alike": (1.0, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                ">= 1",
                "Asked for: below 1 transformers runs, but steers away from the prompt, which guidance is not for.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::UnbatchedClassifierFreeGuidanceLogitsProcessor.__init__",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 1.5, 1.0, 1.01, 2.5),
        "context": {},
    },
    "watermarking_config": {
        "section": "Changes to the logits",
        "type": "WatermarkingConfig | SynthIDTextWatermarkingConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step draws or looks up a pseudo-random set of tokens per sequence and changes their scores.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
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
            {"greenlist_ratio": 0.5},
            {"greenlist_ratio": 0.01},
            {"greenlist_ratio": 0.99},
            {"bias": 4.0},
            {"bias": 0.5},
            {"bias": 1.5},
            {"bias": -0.5},
            {"hashing_key": -9223372036854775808},
            {"hashing_key": -9223372036854775807},
            {"hashing_key": -9223372036854775800},
            {"hashing_key": 18446744073709551614},
            {"hashing_key": 18446744073709551615},
            {"seeding_scheme": "selfhash"},
            {"context_width": 2},
            {"context_width": 9},
            {"ngram_len": 3, "keys": (654, 400, 836)},
            {"ngram_len": 5, "keys": (654, 400, 836)},
            {"ngram_len": 1, "keys": (654, 400, 836)},
            {"ngram_len": 2, "keys": (654, 400, 836)},
            {"ngram_len": 9, "keys": (654, 400, 836)},
            {"ngram_len": 3, "keys": (654, 400, 836), "context_history_size": 0},
            {"ngram_len": 3, "keys": (654, 400, 836), "context_history_size": 1},
            {"ngram_len": 3, "keys": (654, 400, 836), "context_history_size": 8},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_seed": -9223372036854775808},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_seed": -9223372036854775807},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_seed": -9223372036854775800},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_seed": 18446744073709551614},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_seed": 18446744073709551615},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_size": 1},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_size": 2},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_size": 9},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_size": 16777215},
            {"ngram_len": 3, "keys": (654, 400, 836), "sampling_table_size": 16777216},
            {"ngram_len": 3, "keys": (654, 400, 836), "skip_first_ngram_calls": True},
            {"ngram_len": 3, "keys": (654, 400, 836), "debug_mode": True},
        ),
        "context": {},
    },
    "num_return_sequences": {
        "section": "What is returned",
        "type": "int",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "batching",
        "role_reason": "Sampling runs every prompt as that many rows; beam search only returns that many of its beams.",
        "declared_default": None,
        "effective_default": 1,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (">= 1", "Where 0 and negative counts do not fail, they are taken for 1; nobody can mean them."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
        "test_values": (1, 2, 9),
        "context": {"do_sample": True},
    },
    "output_attentions": {
        "section": "What is returned",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "output",
        "role_reason": "Every forward pass is asked for the weights, returned or not: eager attention keeps them, and early releases leave fused kernels for it.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (
            "assisted generation cuts the attention weights to what was accepted, and only the eager attention has some; load the model with attn_implementation eager",
            "the model has no attention heads, and so nothing to return of them",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generation_config",
            "generation/utils.py::GenerationMixin._sample",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "output_hidden_states": {
        "section": "What is returned",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "output",
        "role_reason": "Every forward pass keeps the hidden states of all layers, whether or not they are returned.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generation_config",
            "generation/utils.py::GenerationMixin._sample",
        ),
        "test_values": (False, None, True),
        "context": {},
    },
    "output_scores": {
        "section": "What is returned",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "output",
        "role_reason": "Scores over the vocabulary are kept for every token, if a dictionary is returned.",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
        ),
        "test_values": (False, None, True),
        "context": {"return_dict_in_generate": True},
    },
    "output_logits": {
        "section": "What is returned",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "output",
        "role_reason": "Logits over the vocabulary are kept for every token, if a dictionary is returned.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._sample",
            "generation/utils.py::GenerationMixin._beam_search",
        ),
        "test_values": (False, None, True),
        "context": {"return_dict_in_generate": True},
    },
    "return_dict_in_generate": {
        "section": "What is returned",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "output",
        "role_reason": "The result then holds the cache and the kept tensors, which stay in memory for as long as it lives.",
        "declared_default": None,
        "effective_default": False,
        "off": None,
        "alike": (False, None),
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
        "section": "Special tokens",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "none",
        "role_reason": "It only fills rows that have ended; the forward pass runs over them all the same.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("it has to be in the model's vocabulary",),
        "tightenings": (
            (
                ">= 0",
                "transformers warns and goes on, but fails as soon as one sequence ends before another and the id has to be embedded.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 0, 5, 1, 8),
        "context": {},
    },
    "bos_token_id": {
        "section": "Special tokens",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "none",
        "role_reason": "It is the first token only where no prompt, or no other start token, is given; the work is the same whichever it is.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "without a first token, generate() needs a prompt",
            "where no prompt is given it is the first token, so it has to be in the model's vocabulary",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._maybe_initialize_input_ids_for_generation",
            "generation/utils.py::GenerationMixin._prepare_special_tokens",
        ),
        "test_values": (None, 3, 0, 1, 8),
        "context": {},
    },
    "eos_token_id": {
        "section": "Special tokens",
        "type": "int | list[int] | None",
        "constraints": ("at least 1 long",),
        "choices": (),
        "energy_role": "length",
        "role_reason": "A sequence ends when one of these tokens is generated; with None it runs to the length limit.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "every id of a banned word has to be in the model's vocabulary, also beside an end of the sequence that is not",
        ),
        "tightenings": (
            (
                "at least 1 long",
                "An empty list never ends a sequence, as None does, but fails where the model has no padding token.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 5, (5, 6), -1, 1, 0),
        "context": {},
    },
    "encoder_no_repeat_ngram_size": {
        "section": "Encoder-decoder models",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each step looks up on the CPU which tokens would repeat an n-gram of the input.",
        "declared_default": None,
        "effective_default": 0,
        "off": 0,
        "alike": (0, None),
        "deprecation": None,
        "requires": (),
        "tightenings": ((">= 0", "A negative length is skipped as 0 is; nobody can mean it."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/logits_process.py::EncoderNoRepeatNGramLogitsProcessor.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (0, None, 2, 3, 1, 8),
        "context": {},
    },
    "decoder_start_token_id": {
        "section": "Encoder-decoder models",
        "type": "int | list[int] | None",
        "constraints": (">= 0", "each >= 0", "at least 1 long"),
        "choices": (),
        "energy_role": "none",
        "role_reason": "It is the decoder's first input; the work is the same whichever token it is.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "a list of it has one entry per prompt of a batch",
            "it has to be in the model's vocabulary",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_decoder_input_ids_for_generation",
        ),
        "test_values": (None, 3, (3,), 0, 1, 8),
        "context": {},
    },
    "is_assistant": {
        "section": "Speculative decoding",
        "type": "Literal[False] | None",
        "constraints": (),
        "choices": (False,),
        "energy_role": "none",
        "role_reason": "Assisted generation sets it for its own inner calls; nothing else is meant to, so here it can only be off.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                "one of False",
                "transformers sets it for its own drafting calls; set by hand it fails by default, as it stops by scores that nobody kept.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._sample",
            "generation/utils.py::GenerationMixin._get_stopping_criteria",
        ),
        "test_values": (False, None),
        "context": {},
    },
    "num_assistant_tokens": {
        "section": "Speculative decoding",
        "type": "int | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "It sets how many tokens are drafted per round, but is read from the drafting model's own generation config.",
        "declared_default": None,
        "effective_default": 20,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                ">= 1",
                "Drafting needs at least one token: in a drafting model's config 0 drafts nothing and a negative number fails.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (20, None, 5, 1, 2, 9),
        "context": {},
    },
    "num_assistant_tokens_schedule": {
        "section": "Speculative decoding",
        "type": "Literal['heuristic', 'heuristic_transient', 'constant'] | None",
        "constraints": (),
        "choices": ("heuristic", "heuristic_transient", "constant"),
        "energy_role": "speculation",
        "role_reason": "It sets how the number of drafted tokens changes per round, but is read from the drafting model's own generation config.",
        "declared_default": None,
        "effective_default": "constant",
        "off": None,
        "alike": (),
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
        "section": "Speculative decoding",
        "type": "float | None",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "A round of drafting ends below this probability, but it is read from the drafting model's own generation config.",
        "declared_default": None,
        "effective_default": 0.4,
        "off": 0.0,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (
            (
                ">= 0",
                "It is compared with a probability: less than 0 is skipped as 0 is; nobody can mean it.",
            ),
            (
                "<= 1",
                "It is compared with a probability: more than 1 stops every draft after one token; nobody can mean it.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (0.4, None, 0.7, 0.0, 0.01, 0.5, 0.99, 1.0),
        "context": {},
    },
    "prompt_lookup_num_tokens": {
        "section": "Speculative decoding",
        "type": "int | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "Drafts are copied from the sequence itself, at no cost of a drafting model, and one pass verifies them.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "assisted generation takes one prompt at a time; set batch_size to 1",
            "it needs a model whose state can be taken back, which recurrent ones cannot",
            "the layers that draft look up drafts of their own, and both take tokens back from the cache of these layers, which its window does not bear; leave one of them unset, or use a model without a window",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::PromptLookupCandidateGenerator.__init__",
        ),
        "test_values": (None, 3, 10, 1, 2, 9),
        "context": {},
    },
    "max_matching_ngram_size": {
        "section": "Speculative decoding",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "It sets how long a match prompt lookup searches for first, and so which drafts it finds.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (None, 0, 2),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::PromptLookupCandidateGenerator.__init__",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
        "test_values": (None, 3, 0, 1, 8),
        "context": {"prompt_lookup_num_tokens": 3},
    },
    "assistant_early_exit": {
        "section": "Speculative decoding",
        "type": "int | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "Drafts are made by the first layers of the model itself and verified by one pass through all of them.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (
            "assisted generation takes one prompt at a time; set batch_size to 1",
            "it needs a model whose state can be taken back, which recurrent ones cannot",
            "the layers that draft look up drafts of their own, and both take tokens back from the cache of these layers, which its window does not bear; leave one of them unset, or use a model without a window",
        ),
        "tightenings": (
            (
                ">= 1",
                "It counts layers: 0 drafts without any, and a negative number fails or drops layers from the end; nobody can mean them.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, 1, 2, 9),
        "context": {},
    },
    "assistant_lookbehind": {
        "section": "Speculative decoding",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "It sets how many drafted tokens are encoded again to align two tokenizers, read from the drafting model's own generation config.",
        "declared_default": None,
        "effective_default": 10,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": ((">= 0", "It counts tokens; nobody can mean fewer than none."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (10, None, 0, 1, 8),
        "context": {},
    },
    "target_lookbehind": {
        "section": "Speculative decoding",
        "type": "int | None",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "It sets how many verified tokens are encoded again to align two tokenizers, read from the drafting model's own generation config.",
        "declared_default": None,
        "effective_default": 10,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": ((">= 0", "It counts tokens; nobody can mean fewer than none."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (10, None, 0, 1, 8),
        "context": {},
    },
    "assistant_ensemble_weight": {
        "section": "Speculative decoding",
        "type": "float | None",
        "constraints": ("> 0", "< 1"),
        "choices": (),
        "energy_role": "speculation",
        "role_reason": "Drafts are verified against a mixture of both models, so that more are accepted and fewer passes made.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/configuration_utils.py::GenerationConfig.validate",
        ),
        "test_values": (None, 0.5, 0.01, 0.99),
        "context": {"assistant_early_exit": 1},
    },
    "speculation_type": {
        "section": "Speculative decoding",
        "type": "Literal['dflash'] | None",
        "constraints": (),
        "choices": ("dflash",),
        "energy_role": "speculation",
        "role_reason": "It selects a drafting method that makes a block of tokens in one pass of the drafting model.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("it needs an assistant model that was trained for it",),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
        ),
        "test_values": (None, "dflash"),
        "context": {},
    },
    "compile_config": {
        "section": "Compilation and performance",
        "type": "CompileConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "compile",
        "role_reason": "With a cache of fixed size on an accelerator, the forward pass is compiled in the way it says.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
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
            {"backend": "eager"},
            {"mode": "default"},
            {"mode": "max-autotune"},
            {"mode": "max-autotune-no-cudagraphs"},
        ),
        "context": {"cache_implementation": "static"},
    },
    "disable_compile": {
        "section": "Compilation and performance",
        "type": "bool | None",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "compile",
        "role_reason": "It keeps generate() from compiling the forward pass where it would do so by itself.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": None,
        "requires": (),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._valid_auto_compile_criteria",
        ),
        "test_values": (False, None, True),
        "context": {"cache_implementation": "static"},
    },
    "continuous_batching_config": {
        "section": "Deprecated",
        "type": "ContinuousBatchingConfig | None",
        "constraints": (),
        "choices": (),
        "energy_role": "batching",
        "role_reason": "It sets how many requests and tokens one forward pass takes, and how the paged cache is cut.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": "deprecated upstream since 5.13; its removal was announced for 5.19",
        "requires": (
            "with per_request_processors, top_k has to be at most the size of the model's vocabulary",
            "use_async_batching prepares batches on a stream of an accelerator, so it needs one",
            "cpu_offload_space is memory for what an accelerator has no room for, so it needs one",
            "cpu_offload_space null asks the package psutil how much memory there is; install it, or say how many GiB",
        ),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::ContinuousBatchingConfig",
        ),
        "test_values": (
            None,
            {},
            {"page_size": 16},
            {"page_size": 4},
            {"page_size": 5},
            {"page_size": 12},
            {"num_blocks": 8},
            {"num_blocks": 1},
            {"num_blocks": 2},
            {"num_blocks": 9},
            {"max_batch_tokens": 64},
            {"max_batch_tokens": 1},
            {"max_batch_tokens": 2},
            {"max_batch_tokens": 9},
            {"max_memory_percent": 0.5},
            {"max_memory_percent": 0.01},
            {"max_memory_percent": 0.99},
            {"max_memory_percent": 1.0},
            {"max_requests_per_batch": 4},
            {"max_requests_per_batch": 1},
            {"max_requests_per_batch": 2},
            {"max_requests_per_batch": 9},
            {"max_blocks_per_request": 4},
            {"max_blocks_per_request": 0},
            {"max_blocks_per_request": 1},
            {"max_blocks_per_request": 8},
            {"allow_block_sharing": False},
            {"use_async_batching": False},
            {"use_async_batching": True},
            {"use_cuda_graph": False},
            {"use_cuda_graph": True},
            {"use_cuda_graph": (False, False)},
            {"use_cuda_graph": (True, True)},
            {"q_padding_interval_size": 1},
            {"q_padding_interval_size": 8},
            {"kv_padding_interval_size": 1},
            {"kv_padding_interval_size": 8},
            {"varlen_compile_config": {}},
            {"varlen_compile_config": {"fullgraph": True}},
            {"varlen_compile_config": {"dynamic": False}},
            {"varlen_compile_config": {"dynamic": True}},
            {"varlen_compile_config": {"backend": "eager"}},
            {"varlen_compile_config": {"mode": "default"}},
            {"varlen_compile_config": {"mode": "max-autotune"}},
            {"varlen_compile_config": {"mode": "max-autotune-no-cudagraphs"}},
            {"decode_compile_config": {}},
            {"decode_compile_config": {"fullgraph": True}},
            {"decode_compile_config": {"dynamic": False}},
            {"decode_compile_config": {"dynamic": True}},
            {"decode_compile_config": {"backend": "eager"}},
            {"decode_compile_config": {"mode": "default"}},
            {"decode_compile_config": {"mode": "max-autotune"}},
            {"decode_compile_config": {"mode": "max-autotune-no-cudagraphs"}},
            {"default_compile_level": 1},
            {"default_compile_level": 2},
            {"default_compile_level": 3},
            {"scheduler_type": "prefill_first"},
            {"safety_margin": 0.2},
            {"safety_margin": 0.0},
            {"safety_margin": 0.01},
            {"safety_margin": 0.5},
            {"safety_margin": 0.99},
            {"safety_margin": 1.0},
            {"return_logprobs": True},
            {"seed": 0},
            {"seed": 1},
            {"seed": 8},
            {"seed": 9223372036854775806},
            {"seed": 9223372036854775807},
            {"auto_switch_to_flash": False},
            {"cpu_offload_space": 0.01},
            {"cpu_offload_space": 0.5},
            {"cpu_offload_space": 1.5},
            {"cpu_offload_space_safety_threshold": 0.0},
            {"cpu_offload_space_safety_threshold": 0.01},
            {"cpu_offload_space_safety_threshold": 0.5},
            {"cpu_offload_space_safety_threshold": 0.99},
            {"cpu_offload_space_safety_threshold": 1.0},
            {"max_queue_size": 1},
            {"max_queue_size": 8},
            {"per_request_processors": True},
            {"drop_unsupported_processors": False},
            {"disable_nccl_graph_mixing": False},
            {"cpu_group_timeout": 0.0},
            {"cpu_group_timeout": 0.01},
            {"cpu_group_timeout": 0.5},
            {"cpu_group_timeout": 1.5},
            {"use_default_compile_configs": False},
            {"use_default_compile_configs": True},
            {"max_cached_graphs": 0},
            {"max_cached_graphs": 1},
            {"max_cached_graphs": 8},
            {"block_size": 16},
            {"block_size": 256},
            {"block_size": 4},
            {"block_size": 5},
            {"block_size": 12},
        ),
        "context": {"cache_implementation": "paged", "max_new_tokens": 8},
    },
    "low_memory": {
        "section": "Deprecated",
        "type": "bool",
        "constraints": (),
        "choices": (False, True),
        "energy_role": "batching",
        "role_reason": "Contrastive search runs its candidates one after another with it; beam search refuses it, and nothing else reads it.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (False, None),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5. It is kept so that configurations name it, but core only reads it to refuse it in beam search.",
        "requires": (),
        "tightenings": (("not None", "A plain flag was asked for: False does just what None does."),),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._beam_search",
            "generation/utils.py::GENERATION_MODES_MAPPING",
        ),
        "test_values": (False, True),
        "context": {
            "penalty_alpha": 0.6,
            "extra": {"custom_generate": "transformers-community/contrastive-search"},
        },
    },
    "penalty_alpha": {
        "section": "Deprecated",
        "type": "float | None",
        "constraints": (">= 0", "<= 1"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Contrastive search passes the top_k candidates of each token through the model and compares hidden states.",
        "declared_default": None,
        "effective_default": None,
        "off": 0.0,
        "alike": (0.0, None),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5",
        "requires": (),
        "tightenings": (
            (">= 0", "A negative weight is skipped as 0 is; nobody can mean it."),
            (
                "<= 1",
                "It shares a score between the model's confidence and a penalty; above 1 confidence would count against a token.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
        "test_values": (None, 0.6, 0.0, 0.01, 0.5, 0.99, 1.0),
        "context": {"extra": {"custom_generate": "transformers-community/contrastive-search"}},
    },
    "dola_layers": {
        "section": "Deprecated",
        "type": "Literal['low', 'high'] | list[int] | None",
        "constraints": ("each >= 0", "at least 1 long"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Each token contrasts the last layer's logits with those of earlier layers, each a pass through the output head.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5",
        "requires": (),
        "tightenings": (
            (
                "Literal['low', 'high'] | list[int]",
                "Since the parameter left the documentation, its last documented form is kept, which the mode's code on the Hub still takes.",
            ),
            (
                "[] >= 0",
                "Layers are counted from 0; a negative one would be taken from the end, which is no earlier layer.",
            ),
            ("at least 1 long", "Without a layer there is nothing to contrast with; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, "low", "high", (0, 1)),
        "context": {"extra": {"custom_generate": "transformers-community/dola"}},
    },
    "diversity_penalty": {
        "section": "Deprecated",
        "type": "float",
        "constraints": (">= 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Group beam search lowers, at each step, the scores of tokens that an earlier group has chosen.",
        "declared_default": None,
        "effective_default": 0.0,
        "off": None,
        "alike": (),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5. It is kept so that configurations name it, but core no longer reads it.",
        "requires": (),
        "tightenings": (
            (">= 0", "Asked for: a negative penalty would reward groups for choosing the same tokens."),
            ("not None", "A plain number was asked for: 0.0 switches it off just as None does."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig",
            "generation/utils.py::GENERATION_MODES_MAPPING",
        ),
        "test_values": (0.0, 0.5, 0.01, 1.5),
        "context": {
            "num_beams": 4,
            "num_beam_groups": 2,
            "extra": {"custom_generate": "transformers-community/group-beam-search"},
        },
    },
    "num_beam_groups": {
        "section": "Deprecated",
        "type": "int | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Group beam search goes through its groups one after another in each step, penalising what earlier ones chose.",
        "declared_default": None,
        "effective_default": 1,
        "off": 1,
        "alike": (1, None),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5",
        "requires": (),
        "tightenings": (
            (">= 1", "0 and negative numbers of groups are ignored as 1 is; nobody can mean them."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "generation/configuration_utils.py::GenerationConfig._get_default_generation_params",
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
        "test_values": (1, None, 2, 9),
        "context": {
            "num_beams": 4,
            "diversity_penalty": 0.5,
            "extra": {"custom_generate": "transformers-community/group-beam-search"},
        },
    },
    "constraints": {
        "section": "Deprecated",
        "type": "None",
        "constraints": (),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Constrained beam search advances every beam through objects that say which tokens have to appear.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5",
        "requires": (),
        "tightenings": (
            (
                "None",
                "Constraint objects cannot be written to a file or compared; extra passes them on, and force_words_ids covers the usual case.",
            ),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None,),
        "context": {},
    },
    "force_words_ids": {
        "section": "Deprecated",
        "type": "list[list[int]] | list[list[list[int]]] | None",
        "constraints": ("each >= 0", "at least 1 long"),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "Constrained beam search advances every beam through the sequences that have to appear and sorts beams by progress.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": "deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5",
        "requires": (),
        "tightenings": (
            (
                "list[list[int]] | list[list[list[int]]]",
                "Since the parameter left the documentation, its last documented form is kept, which the mode's code on the Hub still takes.",
            ),
            ("at least 1 long", "An empty list forces nothing; nobody can mean it."),
            ("[] at least 1 long", "An entry without tokens forces nothing; nobody can mean it."),
            ("[][] at least 1 long", "An alternative without tokens forces nothing; nobody can mean it."),
            ("[][] >= 0", "A negative id names no token; nobody can mean it."),
            ("[][][] >= 0", "A negative id names no token; nobody can mean it."),
        ),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
        ),
        "test_values": (None, ((5,),), (((5,), (6,)),)),
        "context": {
            "num_beams": 2,
            "extra": {"custom_generate": "transformers-community/constrained-beam-search"},
        },
    },
    "prefill_chunk_size": {
        "section": "Other parameters",
        "type": "int | None",
        "constraints": (">= 1",),
        "choices": (),
        "energy_role": "batching",
        "role_reason": "The prompt is passed through the model in pieces of this many tokens instead of all at once.",
        "declared_default": None,
        "effective_default": None,
        "off": None,
        "alike": (),
        "deprecation": None,
        "requires": ("it needs a model that keeps keys and values, which recurrent ones do not",),
        "tightenings": (),
        "sources": (
            "generation/configuration_utils.py::GenerationConfig.__init__",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prefill",
        ),
        "test_values": (None, 2, 64, 1, 9),
        "context": {"cache_implementation": "dynamic"},
    },
}
"""What is known of each parameter beside its field; read it through ``llenergymeasure.config.introspection``."""

RULES: tuple[Rule, ...] = (
    Rule(
        id="not-sampling",
        effect="dormant",
        fields=("temperature", "top_p", "min_p", "top_h", "typical_p", "epsilon_cutoff", "eta_cutoff"),
        when=lambda v: v["do_sample"] is not True,
        text="do_sample is not True",
        message="it shapes what is sampled, and do_sample is off",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="not-beam-search",
        effect="dormant",
        fields=("early_stopping", "length_penalty"),
        when=lambda v: v["num_beams"] == 1,
        text="num_beams == 1",
        message="only beam search reads it, and num_beams is 1",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="greedy-returns-one",
        effect="reject",
        fields=("num_return_sequences", "num_beams", "do_sample"),
        triggers=("num_return_sequences",),
        when=lambda v: (
            (v["num_return_sequences"] is not None and v["num_return_sequences"] > 1)
            and v["num_beams"] == 1
            and not (bool(v["do_sample"]))
        ),
        text="num_return_sequences > 1 and num_beams == 1 and not do_sample",
        message="greedy decoding makes one sequence per prompt; set do_sample to true, or num_beams to at least that many",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="beams-return-at-most-themselves",
        effect="reject",
        fields=("num_return_sequences", "num_beams"),
        triggers=("num_return_sequences",),
        when=lambda v: (
            (v["num_return_sequences"] is not None and v["num_return_sequences"] > 1)
            and v["num_beams"] != 1
            and (
                v["num_return_sequences"] is not None
                and v["num_beams"] is not None
                and v["num_return_sequences"] > v["num_beams"]
            )
        ),
        text="num_return_sequences > 1 and num_beams != 1 and num_return_sequences > num_beams",
        message="beam search returns at most as many sequences as it has beams; raise num_beams or lower num_return_sequences",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="not-caching",
        effect="dormant",
        fields=("cache_implementation", "cache_config"),
        when=lambda v: v["use_cache"] is False and v["cache_implementation"] != "paged",
        text="use_cache is False and cache_implementation != 'paged'",
        message="it is about the cache, and use_cache is off",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="not-returning-a-dictionary",
        effect="dormant",
        fields=("output_scores", "output_logits"),
        when=lambda v: v["return_dict_in_generate"] is not True,
        text="return_dict_in_generate is not True",
        message="it is kept only in the dictionary that is returned with return_dict_in_generate, which is off",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generation_config",
        ),
    ),
    Rule(
        id="forced-beginning-suppressed",
        effect="reject",
        fields=("forced_bos_token_id", "suppress_tokens"),
        triggers=("forced_bos_token_id", "suppress_tokens"),
        when=lambda v: subset(v["forced_bos_token_id"], v["suppress_tokens"]),
        text="subset(forced_bos_token_id, suppress_tokens)",
        message="every token that is forced at the beginning is suppressed too, so that none is left; take it out of one of them",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="forced-end-suppressed",
        effect="reject",
        fields=("forced_eos_token_id", "suppress_tokens"),
        triggers=("forced_eos_token_id", "suppress_tokens"),
        when=lambda v: subset(v["forced_eos_token_id"], v["suppress_tokens"]),
        text="subset(forced_eos_token_id, suppress_tokens)",
        message="every token that is forced at the end is suppressed too, so that none is left; take it out of one of them",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.validate",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="dola-moved",
        effect="reject",
        fields=("dola_layers",),
        triggers=("dola_layers",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] == 1
            and not (bool(v["call.assistant_model"]))
            and not (bool(v["use_mtp"]))
            and v["prompt_lookup_num_tokens"] is None
            and v["assistant_early_exit"] is None
            and v["dola_layers"] is not None
            and (
                not (v["top_k"] is not None and v["top_k"] > 1)
                or not (v["penalty_alpha"] is not None and v["penalty_alpha"] > 0)
                or v["do_sample"] is True
            )
            and v["extra.custom_generate"] is None
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams == 1 and not call.assistant_model and not use_mtp and prompt_lookup_num_tokens is None and assistant_early_exit is None and dola_layers is not None and (not (top_k > 1) or not (penalty_alpha > 0) or do_sample is True) and extra.custom_generate is None and cache_implementation != 'paged'",
        message="DoLa decoding is no longer part of transformers; name the code that does it in extra: {custom_generate: transformers-community/dola}",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="contrastive-search-moved",
        effect="reject",
        fields=("penalty_alpha", "top_k"),
        triggers=("penalty_alpha",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] == 1
            and v["do_sample"] is not True
            and (v["top_k"] is not None and v["top_k"] > 1)
            and (v["penalty_alpha"] is not None and v["penalty_alpha"] > 0)
            and v["extra.custom_generate"] is None
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams == 1 and do_sample is not True and top_k > 1 and penalty_alpha > 0 and extra.custom_generate is None and cache_implementation != 'paged'",
        message="contrastive search is no longer part of transformers; name the code that does it in extra: {custom_generate: transformers-community/contrastive-search}",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="group-beam-search-moved",
        effect="reject",
        fields=("num_beam_groups", "num_beams"),
        triggers=("num_beams",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] != 1
            and (v["num_beam_groups"] is not None and v["num_beam_groups"] > 1)
            and v["extra.custom_generate"] is None
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams != 1 and num_beam_groups > 1 and extra.custom_generate is None and cache_implementation != 'paged'",
        message="group beam search is no longer part of transformers; name the code that does it in extra: {custom_generate: transformers-community/group-beam-search}",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="constrained-beam-search-moved",
        effect="reject",
        fields=("force_words_ids", "constraints"),
        triggers=("constraints", "force_words_ids", "cache_implementation"),
        when=lambda v: (
            (v["constraints"] is not None or v["force_words_ids"] is not None)
            and v["extra.custom_generate"] is None
            and v["cache_implementation"] != "paged"
        ),
        text="(constraints is not None or force_words_ids is not None) and extra.custom_generate is None and cache_implementation != 'paged'",
        message="constrained beam search is no longer part of transformers; name the code that does it in extra: {custom_generate: transformers-community/constrained-beam-search}",
        sources=(
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="lookup-without-ensemble",
        effect="reject",
        fields=("prompt_lookup_num_tokens", "assistant_ensemble_weight"),
        triggers=("prompt_lookup_num_tokens",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or bool(v["use_mtp"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
            )
            and (
                not (v["top_k"] is not None and v["top_k"] > 1)
                or not (v["penalty_alpha"] is not None and v["penalty_alpha"] > 0)
                or v["do_sample"] is True
            )
            and v["assistant_early_exit"] is None
            and v["prompt_lookup_num_tokens"] is not None
            and v["assistant_ensemble_weight"] is not None
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams == 1 and (call.assistant_model or use_mtp or prompt_lookup_num_tokens is not None or assistant_early_exit is not None) and (not (top_k > 1) or not (penalty_alpha > 0) or do_sample is True) and assistant_early_exit is None and prompt_lookup_num_tokens is not None and assistant_ensemble_weight is not None and cache_implementation != 'paged'",
        message="prompt lookup drafts without probabilities, which the ensemble weighs; leave assistant_ensemble_weight unset",
        sources=(
            "generation/utils.py::GenerationMixin._get_candidate_generator",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="assisted-returns-one",
        effect="reject",
        fields=("num_return_sequences", "prompt_lookup_num_tokens", "assistant_early_exit", "use_mtp"),
        triggers=("num_return_sequences",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or bool(v["use_mtp"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
            )
            and (
                not (v["top_k"] is not None and v["top_k"] > 1)
                or not (v["penalty_alpha"] is not None and v["penalty_alpha"] > 0)
                or v["do_sample"] is True
            )
            and (v["num_return_sequences"] is not None and v["num_return_sequences"] > 1)
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams == 1 and (call.assistant_model or use_mtp or prompt_lookup_num_tokens is not None or assistant_early_exit is not None) and (not (top_k > 1) or not (penalty_alpha > 0) or do_sample is True) and num_return_sequences > 1 and cache_implementation != 'paged'",
        message="assisted generation makes one sequence per prompt; leave num_return_sequences at 1, or do without drafting",
        sources=(
            "generation/utils.py::GenerationMixin._validate_generation_mode",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="beams-without-low-memory",
        effect="reject",
        fields=("low_memory", "num_beams"),
        triggers=("num_beams",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] != 1
            and not (v["num_beam_groups"] is not None and v["num_beam_groups"] > 1)
            and bool(v["low_memory"])
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams != 1 and not (num_beam_groups > 1) and low_memory and cache_implementation != 'paged'",
        message="beam search no longer has a mode of low memory; leave low_memory unset",
        sources=(
            "generation/utils.py::GenerationMixin._beam_search",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="assisted-needs-a-cache",
        effect="reject",
        fields=("use_cache", "prompt_lookup_num_tokens", "assistant_early_exit", "use_mtp"),
        triggers=("use_cache",),
        when=lambda v: (
            v["constraints"] is None
            and v["force_words_ids"] is None
            and v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or bool(v["use_mtp"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
            )
            and (
                not (v["top_k"] is not None and v["top_k"] > 1)
                or not (v["penalty_alpha"] is not None and v["penalty_alpha"] > 0)
                or v["do_sample"] is True
            )
            and not (bool(v["use_cache"]))
            and v["cache_implementation"] != "paged"
        ),
        text="constraints is None and force_words_ids is None and num_beams == 1 and (call.assistant_model or use_mtp or prompt_lookup_num_tokens is not None or assistant_early_exit is not None) and (not (top_k > 1) or not (penalty_alpha > 0) or do_sample is True) and not use_cache and cache_implementation != 'paged'",
        message="assisted generation needs the cache; leave use_cache at true, or do without drafting",
        sources=(
            "generation/utils.py::GenerationMixin._assisted_decoding",
            "codegen/engines/transformers/overrides.toml",
        ),
    ),
    Rule(
        id="assisted-needs-a-growing-cache",
        effect="reject",
        fields=("cache_implementation", "prompt_lookup_num_tokens", "assistant_early_exit", "use_mtp"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or bool(v["use_mtp"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
            )
            and v["cache_implementation"]
            in (
                "static",
                "offloaded_static",
                "sliding_window",
                "hybrid_chunked",
                "offloaded_hybrid",
                "offloaded_hybrid_chunked",
            )
        ),
        text="num_beams == 1 and (call.assistant_model or use_mtp or prompt_lookup_num_tokens is not None or assistant_early_exit is not None) and cache_implementation in ('static', 'offloaded_static', 'sliding_window', 'hybrid_chunked', 'offloaded_hybrid', 'offloaded_hybrid_chunked')",
        message="assisted generation takes back tokens, which a cache of fixed size cannot; leave cache_implementation unset, or do without drafting",
        sources=(
            "generation/utils.py::GenerationMixin._assisted_decoding",
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generation_config",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
        ),
    ),
    Rule(
        id="quantized-caches-take-nothing-back",
        effect="reject",
        fields=("cache_implementation", "prompt_lookup_num_tokens", "assistant_early_exit", "use_mtp"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or bool(v["use_mtp"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
            )
            and v["cache_implementation"] == "quantized"
        ),
        text="num_beams == 1 and (call.assistant_model or use_mtp or prompt_lookup_num_tokens is not None or assistant_early_exit is not None) and cache_implementation == 'quantized'",
        message="assisted generation takes back tokens, which a quantized cache cannot; leave cache_implementation unset, or do without drafting",
        tightening="It fails as soon as a drafted token is refused; whether one is cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
            "generation/utils.py::GenerationMixin._assisted_decoding",
        ),
    ),
    Rule(
        id="not-sampling-top-k",
        effect="dormant",
        fields=("top_k",),
        when=lambda v: (
            not (bool(v["do_sample"])) and not (v["penalty_alpha"] is not None and v["penalty_alpha"] > 0)
        ),
        text="not do_sample and not (penalty_alpha > 0)",
        message="it shapes what is sampled, and do_sample is off",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_logits_processor",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="cache-given-twice",
        effect="reject",
        fields=("cache_implementation",),
        triggers=("extra",),
        when=lambda v: (
            v["cache_implementation"] not in (None, "paged") and v["extra.past_key_values"] is not None
        ),
        text="cache_implementation not in (None, 'paged') and extra.past_key_values is not None",
        message="extra.past_key_values is a cache already; leave cache_implementation unset",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
        ),
    ),
    Rule(
        id="chunks-need-a-cache",
        effect="reject",
        fields=("prefill_chunk_size", "use_cache"),
        triggers=("prefill_chunk_size",),
        when=lambda v: (
            v["prefill_chunk_size"] is not None
            and v["use_cache"] is False
            and v["cache_implementation"] != "paged"
        ),
        text="prefill_chunk_size is not None and use_cache is False and cache_implementation != 'paged'",
        message="a prompt in pieces needs the cache between them; leave use_cache at true, or prefill_chunk_size unset",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prefill",
        ),
    ),
    Rule(
        id="translated-drafts-need-a-flag",
        effect="reject",
        fields=("do_sample",),
        triggers=("extra",),
        when=lambda v: (
            v["do_sample"] is None
            and v["extra.assistant_model"] is not None
            and v["extra.assistant_tokenizer"] is not None
        ),
        text="do_sample is None and extra.assistant_model is not None and extra.assistant_tokenizer is not None",
        message="an assistant with a tokenizer of its own needs do_sample to be true or false",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
    ),
    Rule(
        id="no-end-to-grow-towards",
        effect="reject",
        fields=("exponential_decay_length_penalty", "eos_token_id"),
        triggers=("exponential_decay_length_penalty",),
        when=lambda v: (
            v["exponential_decay_length_penalty"] is not None
            and (v["eos_token_id"] is None or (lowest(v["eos_token_id"]) < 0))
        ),
        text="exponential_decay_length_penalty is not None and (eos_token_id is None or lowest(eos_token_id) < 0)",
        message="the penalty raises the end-of-sequence token, and there is none; set eos_token_id to one, or leave the penalty unset",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::ExponentialDecayLengthPenalty.__init__",
        ),
    ),
    Rule(
        id="quanto-bits",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] == "quanto"
            and v["cache_config.nbits"] not in (2, 4, None)
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend == 'quanto' and cache_config.nbits not in (2, 4, None) and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        message="the quanto backend has 2 or 4 bits; set nbits to one of them, or another backend",
        tightening="A model that keeps a state does not look at it; a configuration is made without one.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::QuantoQuantizedLayer.__init__",
        ),
    ),
    Rule(
        id="quanto-axes",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] == "quanto"
            and (
                v["cache_config.axis_key"] not in (0, -1, None)
                or v["cache_config.axis_value"] not in (0, -1, None)
            )
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend == 'quanto' and (cache_config.axis_key not in (0, -1, None) or cache_config.axis_value not in (0, -1, None)) and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        message="the quanto backend has the axes 0 and -1; set axis_key and axis_value to one of them, or another backend",
        tightening="A model that keeps a state does not look at it; a configuration is made without one.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::QuantoQuantizedLayer.__init__",
        ),
    ),
    Rule(
        id="hqq-axes",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] == "hqq"
            and (
                v["cache_config.axis_key"] not in (0, 1, None)
                or v["cache_config.axis_value"] not in (0, 1, None)
            )
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend == 'hqq' and (cache_config.axis_key not in (0, 1, None) or cache_config.axis_value not in (0, 1, None)) and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        message="the hqq backend has the axes 0 and 1; set axis_key and axis_value to one of them, or another backend",
        tightening="A model that keeps a state does not look at it; a configuration is made without one.",
        sources=("codegen/engines/transformers/overrides.toml", "cache_utils.py::HQQQuantizedLayer.__init__"),
    ),
    Rule(
        id="quanto-groups-across-tokens",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] == "quanto"
            and (v["cache_config.axis_key"] == -1 or v["cache_config.axis_value"] == -1)
            and v["cache_config.q_group_size"] != 1
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend == 'quanto' and (cache_config.axis_key == -1 or cache_config.axis_value == -1) and cache_config.q_group_size != 1 and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        message="along axis -1 the quanto backend cuts its groups across tokens, whose number they then have to divide; leave the axes at 0, or set q_group_size to 1",
        tightening="It fails unless each number of tokens that is quantized is a multiple of the group; which numbers there will be cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::QuantoQuantizedLayer._quantize",
            "cache_utils.py::QuantizedLayer.update",
        ),
    ),
    Rule(
        id="hqq-groups-across-tokens",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] in ("hqq", "HQQ")
            and (v["cache_config.axis_key"] == 1 or v["cache_config.axis_value"] == 1)
            and v["cache_config.nbits"] != 8
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend in ('hqq', 'HQQ') and (cache_config.axis_key == 1 or cache_config.axis_value == 1) and cache_config.nbits != 8 and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        message="along axis 1 the hqq backend packs several groups into one number, so that their count has to fit; leave the axes at 0, or set nbits to 8",
        tightening="It fails unless the tokens that are quantized make a number of groups that can be packed; which numbers there will be cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::HQQQuantizedLayer._quantize",
            "cache_utils.py::QuantizedLayer.update",
        ),
    ),
    Rule(
        id="hqq-packs-whole-groups",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] in ("hqq", "HQQ")
            and v["cache_config.nbits"] != 8
            and v["cache_config.q_group_size"] is not None
            and v["cache_config.q_group_size"] % 8 != 0
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend in ('hqq', 'HQQ') and cache_config.nbits != 8 and cache_config.q_group_size is not None and cache_config.q_group_size % 8 != 0 and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        message="the hqq backend packs up to eight values of a group into one number; set q_group_size to a multiple of 8, or nbits to 8",
        tightening="Two bits and four need less than a multiple of 8, one bit needs that; no group in use is any other.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::HQQQuantizedLayer._quantize",
        ),
    ),
    Rule(
        id="groups-fill-tokens",
        effect="require",
        fields=("cache_config", "cache_implementation"),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] in ("quanto", "hqq", "HQQ")
            and v["cache_config.q_group_size"] is not None
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
            and not (bool(v["model.stateful"]))
        ),
        need=lambda v: v["model.key_width"] % v["cache_config.q_group_size"] == 0,
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend in ('quanto', 'hqq', 'HQQ') and cache_config.q_group_size is not None and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model) and not model.stateful",
        need_text="model.key_width % cache_config.q_group_size == 0",
        message="q_group_size has to divide what a layer keeps of one token (heads that keys and values are shared by, times their size)",
        tightening="Where it does not, some numbers of tokens still fill their groups; which numbers there will be cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::QuantoQuantizedLayer._quantize",
            "cache_utils.py::HQQQuantizedLayer._quantize",
        ),
    ),
    Rule(
        id="usual-groups-fill-tokens",
        effect="require",
        fields=("cache_implementation", "cache_config"),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and (
                v["cache_config"] is None
                or (
                    v["cache_config.backend"] in ("quanto", "hqq", "HQQ")
                    and v["cache_config.q_group_size"] is None
                )
            )
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
            and not (bool(v["model.stateful"]))
        ),
        need=lambda v: v["model.key_width"] % 64 == 0,
        text="cache_implementation == 'quantized' and use_cache is not False and (cache_config is None or cache_config.backend in ('quanto', 'hqq', 'HQQ') and cache_config.q_group_size is None) and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model) and not model.stateful",
        need_text="model.key_width % 64 == 0",
        message="the quantized cache makes groups of 64, which do not divide what a layer keeps of one token; set q_group_size in cache_config to a number that does",
        tightening="Where they do not, some numbers of tokens still fill their groups; which numbers there will be cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::QuantoQuantizedLayer.__init__",
            "cache_utils.py::QuantoQuantizedLayer._quantize",
            "cache_utils.py::HQQQuantizedLayer._quantize",
        ),
    ),
    Rule(
        id="fp8-has-no-groups",
        effect="reject",
        fields=("cache_config", "cache_implementation"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "quantized"
            and v["use_cache"] is not False
            and v["cache_config"] is not None
            and v["cache_config.backend"] == "fp8"
            and (
                v["cache_config.nbits"] is not None
                or v["cache_config.axis_key"] is not None
                or v["cache_config.axis_value"] is not None
                or v["cache_config.q_group_size"] is not None
                or v["cache_config.residual_length"] is not None
            )
        ),
        text="cache_implementation == 'quantized' and use_cache is not False and cache_config is not None and cache_config.backend == 'fp8' and (cache_config.nbits is not None or cache_config.axis_key is not None or cache_config.axis_value is not None or cache_config.q_group_size is not None or cache_config.residual_length is not None)",
        message="the fp8 backend quantizes whole tensors and takes no further settings; leave them out, or set another backend",
        sources=("codegen/engines/transformers/overrides.toml", "cache_utils.py::QuantizedCache.__init__"),
    ),
    Rule(
        id="new-tokens-limit",
        effect="dormant",
        fields=("max_length",),
        when=lambda v: (
            v["max_new_tokens"] is not None
            and (v["cache_implementation"] != "paged" or v["forced_eos_token_id"] is None)
        ),
        text="max_new_tokens is not None and (cache_implementation != 'paged' or forced_eos_token_id is None)",
        message="max_new_tokens takes its place",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generated_length",
            "generation/utils.py::GenerationMixin._get_logits_processor",
        ),
    ),
    Rule(
        id="new-tokens-minimum",
        effect="dormant",
        fields=("min_length",),
        when=lambda v: v["min_new_tokens"] is not None,
        text="min_new_tokens is not None",
        message="min_new_tokens takes its place",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generated_length",
        ),
    ),
    Rule(
        id="no-end-to-hold-back",
        effect="dormant",
        fields=("min_length", "min_new_tokens"),
        when=lambda v: (
            v["eos_token_id"] is None
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (v["assistant_early_exit"] is None and not (bool(v["call.assistant_model"])))
            )
        ),
        text="eos_token_id is None and (num_beams > 1 or assistant_early_exit is None and not call.assistant_model)",
        message="it holds back the end-of-sequence token, and there is none",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_logits_processor",
        ),
    ),
    Rule(
        id="not-quantizing",
        effect="dormant",
        fields=("cache_config",),
        when=lambda v: v["cache_implementation"] != "quantized",
        text="cache_implementation != 'quantized'",
        message="only the quantized cache reads it",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
        ),
    ),
    Rule(
        id="not-of-fixed-size",
        effect="dormant",
        fields=("max_cache_len", "compile_config", "disable_compile"),
        when=lambda v: (
            v["use_cache"] is False
            or v["cache_implementation"]
            not in (
                "static",
                "offloaded_static",
                "sliding_window",
                "hybrid_chunked",
                "offloaded_hybrid",
                "offloaded_hybrid_chunked",
            )
        ),
        text="use_cache is False or cache_implementation not in ('static', 'offloaded_static', 'sliding_window', 'hybrid_chunked', 'offloaded_hybrid', 'offloaded_hybrid_chunked')",
        message="only a cache of fixed size is sized by it or compiled for",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
            "generation/utils.py::GenerationMixin._valid_auto_compile_criteria",
            "generation/configuration_utils.py::DEPRECATED_STATIC_CACHE_IMPLEMENTATIONS",
        ),
    ),
    Rule(
        id="not-compiled-on-the-cpu",
        effect="dormant",
        fields=("compile_config", "disable_compile"),
        when=lambda v: v["device.type"] == "cpu",
        text="device.type == 'cpu'",
        message="on the CPU nothing is compiled",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._valid_auto_compile_criteria",
        ),
    ),
    Rule(
        id="not-batching-continuously",
        effect="dormant",
        fields=("continuous_batching_config",),
        when=lambda v: v["cache_implementation"] != "paged",
        text="cache_implementation != 'paged'",
        message="only continuous batching reads it, which cache_implementation 'paged' chooses",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="drafting-model-decides",
        effect="dormant",
        fields=(
            "num_assistant_tokens",
            "num_assistant_tokens_schedule",
            "assistant_confidence_threshold",
            "assistant_lookbehind",
            "target_lookbehind",
        ),
        when=lambda _: True,
        text="True",
        message="transformers reads it from the drafting model's own generation config, never from what generate() is given",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::AssistedCandidateGenerator.__init__",
        ),
    ),
    Rule(
        id="not-looking-up",
        effect="dormant",
        fields=("max_matching_ngram_size",),
        when=lambda v: (
            v["prompt_lookup_num_tokens"] is None or (v["num_beams"] is not None and v["num_beams"] > 1)
        ),
        text="prompt_lookup_num_tokens is None or num_beams > 1",
        message="only prompt lookup reads it",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
    ),
    Rule(
        id="beams-draft-nothing",
        effect="dormant",
        fields=(
            "prompt_lookup_num_tokens",
            "assistant_early_exit",
            "use_mtp",
            "assistant_ensemble_weight",
            "speculation_type",
        ),
        when=lambda v: v["num_beams"] is not None and v["num_beams"] > 1,
        text="num_beams > 1",
        message="beam search drafts nothing",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="lookup-drafts",
        effect="dormant",
        fields=("use_mtp",),
        when=lambda v: v["prompt_lookup_num_tokens"] is not None and v["assistant_early_exit"] is None,
        text="prompt_lookup_num_tokens is not None and assistant_early_exit is None",
        message="prompt_lookup_num_tokens decides how tokens are drafted",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
    ),
    Rule(
        id="nothing-drafted",
        effect="dormant",
        fields=("assistant_ensemble_weight",),
        when=lambda v: (
            not (bool(v["call.assistant_model"]))
            and v["assistant_early_exit"] is None
            and not (bool(v["use_mtp"]))
        ),
        text="not call.assistant_model and assistant_early_exit is None and not use_mtp",
        message="nothing is drafted that it could weigh",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._assisted_decoding",
        ),
    ),
    Rule(
        id="no-assistant",
        effect="dormant",
        fields=("speculation_type",),
        when=lambda v: not (bool(v["call.assistant_model"])),
        text="not call.assistant_model",
        message="it chooses how an assistant model drafts, and there is none",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
    ),
    Rule(
        id="drafting-prefills-itself",
        effect="dormant",
        fields=("prefill_chunk_size",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is None
            and (v["prompt_lookup_num_tokens"] is not None or bool(v["use_mtp"]))
        ),
        text="num_beams == 1 and assistant_early_exit is None and (prompt_lookup_num_tokens is not None or use_mtp)",
        message="assisted generation passes the prompt through the model whole",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._assisted_decoding",
        ),
    ),
    Rule(
        id="groups-moved",
        effect="dormant",
        fields=("diversity_penalty",),
        when=lambda _: True,
        text="True",
        message="group beam search, the only reader, is no longer part of transformers",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GENERATION_MODES_MAPPING",
        ),
    ),
    Rule(
        id="no-beams-to-group",
        effect="dormant",
        fields=("num_beam_groups", "low_memory"),
        when=lambda v: v["num_beams"] == 1,
        text="num_beams == 1",
        message="only beam search asks for it, and num_beams is 1",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="not-contrastive",
        effect="dormant",
        fields=("penalty_alpha",),
        when=lambda v: (
            bool(v["do_sample"])
            or (v["num_beams"] is not None and v["num_beams"] > 1)
            or not (v["top_k"] is not None and v["top_k"] > 1)
        ),
        text="do_sample or num_beams > 1 or not (top_k > 1)",
        message="it chooses contrastive search only without sampling, with one beam and top_k above 1",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="no-layers-contrasted",
        effect="dormant",
        fields=("dola_layers",),
        when=lambda v: (
            (v["num_beams"] is not None and v["num_beams"] > 1)
            or (
                v["assistant_early_exit"] is None
                and (v["prompt_lookup_num_tokens"] is not None or bool(v["use_mtp"]))
            )
        ),
        text="num_beams > 1 or assistant_early_exit is None and (prompt_lookup_num_tokens is not None or use_mtp)",
        message="DoLa decoding is chosen only without beams and drafting",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="decoder-starts-with-the-prompt",
        effect="dormant",
        fields=("bos_token_id",),
        when=lambda v: not (bool(v["model.encoder_decoder"])) and bool(v["call.input_ids"]),
        text="not model.encoder_decoder and call.input_ids",
        message="a decoder-only model begins with its prompt",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_special_tokens",
            "generation/utils.py::GenerationMixin._maybe_initialize_input_ids_for_generation",
        ),
    ),
    Rule(
        id="texts-need-a-tokenizer",
        effect="require",
        fields=("stop_strings",),
        when=lambda v: v["stop_strings"] is not None and v["cache_implementation"] != "paged",
        need=lambda v: bool(v["call.tokenizer"]),
        text="stop_strings is not None and cache_implementation != 'paged'",
        need_text="call.tokenizer",
        message="it needs the model's tokenizer, as the argument tokenizer",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_stopping_criteria",
        ),
    ),
    Rule(
        id="texts-need-tokens-that-spell-them",
        effect="require",
        fields=("stop_strings",),
        when=lambda v: v["stop_strings"] is not None and v["cache_implementation"] != "paged",
        need=lambda v: bool(v["call.stop_strings_spelled"]),
        text="stop_strings is not None and cache_implementation != 'paged'",
        need_text="call.stop_strings_spelled",
        message="no token of the model's tokenizer can be the last of any of these texts, and generate() refuses to look for them; use texts that the tokenizer can spell",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/stopping_criteria.py::StopStringCriteria._stop_string_create_embedding_vec",
        ),
    ),
    Rule(
        id="healing-needs-a-tokenizer",
        effect="require",
        fields=("token_healing",),
        when=lambda v: bool(v["token_healing"]) and v["cache_implementation"] != "paged",
        need=lambda v: bool(v["call.tokenizer"]),
        text="token_healing and cache_implementation != 'paged'",
        need_text="call.tokenizer",
        message="it needs the model's tokenizer, as the argument tokenizer",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.heal_tokens",
        ),
    ),
    Rule(
        id="longer-than-the-prompt",
        effect="require",
        fields=("max_length",),
        when=lambda v: (
            v["max_new_tokens"] is None
            and not (bool(v["model.encoder_decoder"]))
            and v["cache_implementation"] != "paged"
        ),
        need=lambda v: (
            v["call.prompt_tokens"] is not None
            and v["max_length"] is not None
            and v["call.prompt_tokens"] < v["max_length"]
        ),
        text="max_new_tokens is None and not model.encoder_decoder and cache_implementation != 'paged'",
        need_text="call.prompt_tokens < max_length",
        message="it counts the prompt too, so it has to be more than the longest prompt has; max_new_tokens does not count it",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._validate_generated_length",
        ),
    ),
    Rule(
        id="one-prompt-to-draft-for",
        effect="require",
        fields=("prompt_lookup_num_tokens", "assistant_early_exit", "use_mtp"),
        when=lambda v: (
            v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
                or bool(v["use_mtp"])
            )
        ),
        need=lambda v: v["call.batch_size"] == 1,
        text="num_beams == 1 and (call.assistant_model or prompt_lookup_num_tokens is not None or assistant_early_exit is not None or use_mtp)",
        need_text="call.batch_size == 1",
        message="assisted generation takes one prompt at a time; set batch_size to 1",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._assisted_decoding",
        ),
    ),
    Rule(
        id="drafting-can-be-taken-back",
        effect="require",
        fields=("prompt_lookup_num_tokens", "assistant_early_exit", "use_mtp"),
        when=lambda v: (
            v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
                or bool(v["use_mtp"])
            )
        ),
        need=lambda v: not (bool(v["model.stateful"])),
        text="num_beams == 1 and (call.assistant_model or prompt_lookup_num_tokens is not None or assistant_early_exit is not None or use_mtp)",
        need_text="not model.stateful",
        message="it needs a model whose state can be taken back, which recurrent ones cannot",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._validate_generation_mode",
        ),
    ),
    Rule(
        id="looked-up-drafts-of-early-exit-need-the-whole-past",
        effect="require",
        fields=("assistant_early_exit", "prompt_lookup_num_tokens"),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and v["prompt_lookup_num_tokens"] is not None
            and not (bool(v["model.stateful"]))
            and v["cache_implementation"] != "paged"
        ),
        need=lambda v: bool(v["model.full_attention"]),
        text="num_beams == 1 and assistant_early_exit is not None and prompt_lookup_num_tokens is not None and not model.stateful and cache_implementation != 'paged'",
        need_text="model.full_attention",
        message="the layers that draft look up drafts of their own, and both take tokens back from the cache of these layers, which its window does not bear; leave one of them unset, or use a model without a window",
        tightening="It fails once a sequence is longer than the window; whether one will be cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::EarlyExitCandidateGenerator.get_candidates",
            "generation/candidate_generator.py::AssistedCandidateGenerator._update_past_and_masks",
            "cache_utils.py::DynamicSlidingWindowLayer.crop",
        ),
    ),
    Rule(
        id="own-prediction-layers",
        effect="require",
        fields=("use_mtp",),
        when=lambda v: (
            v["num_beams"] == 1
            and bool(v["use_mtp"])
            and v["prompt_lookup_num_tokens"] is None
            and v["cache_implementation"] != "paged"
        ),
        need=lambda v: bool(v["model.mtp"]),
        text="num_beams == 1 and use_mtp and prompt_lookup_num_tokens is None and cache_implementation != 'paged'",
        need_text="model.mtp",
        message="it needs a model with prediction layers of its own (MTP)",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::MTPCandidateGenerator.__init__",
        ),
    ),
    Rule(
        id="dflash-assistant",
        effect="require",
        fields=("speculation_type",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["speculation_type"] == "dflash"
            and bool(v["call.assistant_model"])
            and v["assistant_early_exit"] is None
            and v["prompt_lookup_num_tokens"] is None
            and not (bool(v["use_mtp"]))
        ),
        need=lambda v: bool(v["model.dflash_assistant"]),
        text="num_beams == 1 and speculation_type == 'dflash' and call.assistant_model and assistant_early_exit is None and prompt_lookup_num_tokens is None and not use_mtp",
        need_text="model.dflash_assistant",
        message="it needs an assistant model that was trained for it",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::DFlashTokenCandidateGenerator.__init__",
            "generation/utils.py::GenerationMixin._validate_generation_mode",
        ),
    ),
    Rule(
        id="offloading-needs-an-accelerator",
        effect="require",
        fields=("cache_implementation",),
        when=lambda v: (
            v["use_cache"] is not False
            and v["cache_implementation"]
            in ("offloaded", "offloaded_static", "offloaded_hybrid", "offloaded_hybrid_chunked")
        ),
        need=lambda v: v["device.type"] in ("cuda", "xpu"),
        text="use_cache is not False and cache_implementation in ('offloaded', 'offloaded_static', 'offloaded_hybrid', 'offloaded_hybrid_chunked')",
        need_text="device.type in ('cuda', 'xpu')",
        message="an offloaded cache moves between the CPU and an accelerator, so it needs one",
        tightening="A model that keeps a state does not look at it; this is asked before a model is loaded.",
        sources=("codegen/engines/transformers/overrides.toml", "cache_utils.py::Cache.__init__"),
    ),
    Rule(
        id="quantized-decoder-only",
        effect="require",
        fields=("cache_implementation",),
        when=lambda v: (
            v["use_cache"] is not False
            and v["cache_implementation"] == "quantized"
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        need=lambda v: not (bool(v["model.encoder_decoder"])) and bool(v["model.full_attention"]),
        text="use_cache is not False and cache_implementation == 'quantized' and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        need_text="not model.encoder_decoder and model.full_attention",
        message="the quantized cache needs a decoder-only model, all of whose layers attend to every token",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
            "cache_utils.py::QuantizedCache.__init__",
        ),
    ),
    Rule(
        id="quanto-installed",
        effect="require",
        fields=("cache_implementation", "cache_config"),
        when=lambda v: (
            v["use_cache"] is not False
            and v["cache_implementation"] == "quantized"
            and (v["cache_config"] is None or v["cache_config.backend"] == "quanto")
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        need=lambda v: bool(v["packages.optimum_quanto"]),
        text="use_cache is not False and cache_implementation == 'quantized' and (cache_config is None or cache_config.backend == 'quanto') and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        need_text="packages.optimum_quanto",
        message="the quanto backend of the quantized cache needs the package optimum-quanto",
        tightening="A model that keeps a state does not look at it; this is asked before a model is loaded.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "cache_utils.py::QuantoQuantizedLayer.__init__",
        ),
    ),
    Rule(
        id="hqq-installed",
        effect="require",
        fields=("cache_implementation", "cache_config"),
        when=lambda v: (
            v["use_cache"] is not False
            and v["cache_implementation"] == "quantized"
            and v["cache_config"] is not None
            and v["cache_config.backend"] in ("hqq", "HQQ")
            and (
                (v["num_beams"] is not None and v["num_beams"] > 1)
                or (
                    v["prompt_lookup_num_tokens"] is None
                    and v["assistant_early_exit"] is None
                    and not (bool(v["call.assistant_model"]))
                )
            )
        ),
        need=lambda v: bool(v["packages.hqq"]),
        text="use_cache is not False and cache_implementation == 'quantized' and cache_config is not None and cache_config.backend in ('hqq', 'HQQ') and (num_beams > 1 or prompt_lookup_num_tokens is None and assistant_early_exit is None and not call.assistant_model)",
        need_text="packages.hqq",
        message="the hqq backend of the quantized cache needs the package hqq",
        tightening="A model that keeps a state does not look at it; this is asked before a model is loaded.",
        sources=("codegen/engines/transformers/overrides.toml", "cache_utils.py::HQQQuantizedLayer.__init__"),
    ),
    Rule(
        id="assistant-chooses-its-cache",
        effect="reject",
        fields=("cache_implementation", "assistant_early_exit"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] not in (None, "hybrid", "paged")
            and v["num_beams"] == 1
            and (bool(v["call.assistant_model"]) or v["assistant_early_exit"] is not None)
        ),
        text="cache_implementation not in (None, 'hybrid', 'paged') and num_beams == 1 and (call.assistant_model or assistant_early_exit is not None)",
        message="what drafts is given the setting together with a cache, which exclude each other; leave cache_implementation unset",
        tightening="It fails with the second draft, at the latest; whether a call ends before it cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_cache_for_generation",
            "generation/candidate_generator.py::AssistedCandidateGenerator.__init__",
        ),
    ),
    Rule(
        id="assistant-needs-a-least-length",
        effect="reject",
        fields=("min_length", "assistant_early_exit"),
        triggers=("min_length",),
        when=lambda v: (
            v["min_length"] is None
            and v["min_new_tokens"] is None
            and v["num_beams"] == 1
            and v["cache_implementation"] != "paged"
            and (
                v["assistant_early_exit"] is not None
                or (
                    bool(v["call.assistant_model"])
                    and v["prompt_lookup_num_tokens"] is None
                    and not (bool(v["use_mtp"]))
                )
            )
        ),
        text="min_length is None and min_new_tokens is None and num_beams == 1 and cache_implementation != 'paged' and (assistant_early_exit is not None or call.assistant_model and prompt_lookup_num_tokens is None and not use_mtp)",
        message="what drafts calculates with it; leave it unset, or set 0 or min_new_tokens",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_generated_length",
            "generation/candidate_generator.py::AssistedCandidateGenerator._calculate_new_tokens",
        ),
    ),
    Rule(
        id="early-exit-without-guidance",
        effect="reject",
        fields=("assistant_early_exit", "guidance_scale"),
        triggers=("assistant_early_exit",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and v["guidance_scale"] is not None
            and v["guidance_scale"] != 1
        ),
        text="num_beams == 1 and assistant_early_exit is not None and guidance_scale is not None and guidance_scale != 1",
        message="the drafting layers keep no cache for the second pass of guidance; leave one of them unset",
        tightening="It fails on every decoder-only model; an encoder-decoder, whose decoder keeps its cache apart, runs.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::UnbatchedClassifierFreeGuidanceLogitsProcessor.__call__",
            "generation/candidate_generator.py::EarlyExitCandidateGenerator.get_candidates",
        ),
    ),
    Rule(
        id="chunks-of-a-prompt-need-a-cache-object",
        effect="require",
        fields=("prefill_chunk_size",),
        when=lambda v: v["prefill_chunk_size"] is not None and v["use_cache"] is not False,
        need=lambda v: not (bool(v["model.stateful"])),
        text="prefill_chunk_size is not None and use_cache is not False",
        need_text="not model.stateful",
        message="it needs a model that keeps keys and values, which recurrent ones do not",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prefill",
        ),
    ),
    Rule(
        id="drafted-attentions",
        effect="require",
        fields=("output_attentions",),
        when=lambda v: (
            v["num_beams"] == 1
            and (
                bool(v["call.assistant_model"])
                or bool(v["use_mtp"])
                or v["prompt_lookup_num_tokens"] is not None
                or v["assistant_early_exit"] is not None
            )
            and bool(v["output_attentions"])
            and bool(v["return_dict_in_generate"])
            and v["cache_implementation"] != "paged"
        ),
        need=lambda v: v["model.attention"] == "eager" or bool(v["model.encoder_decoder"]),
        text="num_beams == 1 and (call.assistant_model or use_mtp or prompt_lookup_num_tokens is not None or assistant_early_exit is not None) and output_attentions and return_dict_in_generate and cache_implementation != 'paged'",
        need_text="model.attention == 'eager' or model.encoder_decoder",
        message="assisted generation cuts the attention weights to what was accepted, and only the eager attention has some; load the model with attn_implementation eager",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._assisted_decoding",
        ),
    ),
    Rule(
        id="attentions-to-return",
        effect="require",
        fields=("output_attentions",),
        when=lambda v: bool(v["output_attentions"]) and bool(v["return_dict_in_generate"]),
        need=lambda v: bool(v["model.attention_heads"]),
        text="output_attentions and return_dict_in_generate",
        need_text="model.attention_heads",
        message="the model has no attention heads, and so nothing to return of them",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._sample",
        ),
    ),
    Rule(
        id="something-to-begin-with",
        effect="require",
        fields=("bos_token_id",),
        when=lambda v: v["bos_token_id"] is None and not (bool(v["model.encoder_decoder"])),
        need=lambda v: bool(v["call.input_ids"]),
        text="bos_token_id is None and not model.encoder_decoder",
        need_text="call.input_ids",
        message="without a first token, generate() needs a prompt",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._maybe_initialize_input_ids_for_generation",
        ),
    ),
    Rule(
        id="start-tokens-per-prompt",
        effect="require",
        fields=("decoder_start_token_id",),
        when=lambda v: (
            (length(v["decoder_start_token_id"]) > 0)
            and bool(v["model.encoder_decoder"])
            and v["cache_implementation"] != "paged"
        ),
        need=lambda v: length(v["decoder_start_token_id"]) == v["call.batch_size"],
        text="length(decoder_start_token_id) > 0 and model.encoder_decoder and cache_implementation != 'paged'",
        need_text="length(decoder_start_token_id) == call.batch_size",
        message="a list of it has one entry per prompt of a batch",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_decoder_input_ids_for_generation",
        ),
    ),
    Rule(
        id="requests-to-batch",
        effect="require",
        fields=("cache_implementation",),
        when=lambda v: v["cache_implementation"] == "paged",
        need=lambda v: bool(v["call.input_ids"]) and not (bool(v["model.stateful"])),
        text="cache_implementation == 'paged'",
        need_text="call.input_ids and not model.stateful",
        message="continuous batching needs a prompt, and a model that keeps keys and values",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="banned-tokens-exist",
        effect="require",
        fields=("bad_words_ids",),
        when=lambda v: (
            v["bad_words_ids"] is not None
            and (
                v["eos_token_id"] is None
                or (v["model.vocab_size"] is not None and highest(v["eos_token_id"]) < v["model.vocab_size"])
            )
        ),
        need=lambda v: (
            v["model.vocab_size"] is not None and highest(v["bad_words_ids"]) < v["model.vocab_size"]
        ),
        text="bad_words_ids is not None and (eos_token_id is None or highest(eos_token_id) < model.vocab_size)",
        need_text="highest(bad_words_ids) < model.vocab_size",
        message="every id in it has to be in the model's vocabulary",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::SequenceBiasLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="banned-tokens-exist-beside-an-end-that-does-not",
        effect="require",
        fields=("bad_words_ids", "eos_token_id"),
        when=lambda v: (
            v["bad_words_ids"] is not None
            and v["eos_token_id"] is not None
            and not (v["model.vocab_size"] is not None and highest(v["eos_token_id"]) < v["model.vocab_size"])
        ),
        need=lambda v: (
            v["model.vocab_size"] is not None and highest(v["bad_words_ids"]) < v["model.vocab_size"]
        ),
        text="bad_words_ids is not None and eos_token_id is not None and not (highest(eos_token_id) < model.vocab_size)",
        need_text="highest(bad_words_ids) < model.vocab_size",
        message="every id of a banned word has to be in the model's vocabulary, also beside an end of the sequence that is not",
        tightening="A word that is itself an end of the sequence is left out before anybody looks for it in the vocabulary, and such an end is never reached: a typo far more often than a wish.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::NoBadWordsLogitsProcessor.__init__",
            "generation/logits_process.py::SequenceBiasLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="forced-beginning-exists",
        effect="require",
        fields=("forced_bos_token_id",),
        when=lambda v: v["forced_bos_token_id"] is not None,
        need=lambda v: (
            v["forced_bos_token_id"] is not None
            and v["model.vocab_size"] is not None
            and v["forced_bos_token_id"] < v["model.vocab_size"]
        ),
        text="forced_bos_token_id is not None",
        need_text="forced_bos_token_id < model.vocab_size",
        message="it has to be in the model's vocabulary",
        tightening="It fails where the decoder begins with one token, and is not looked at elsewhere; which of both a call is cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::ForcedBOSTokenLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="forced-end-exists",
        effect="require",
        fields=("forced_eos_token_id",),
        when=lambda v: v["forced_eos_token_id"] is not None,
        need=lambda v: (
            v["model.vocab_size"] is not None and highest(v["forced_eos_token_id"]) < v["model.vocab_size"]
        ),
        text="forced_eos_token_id is not None",
        need_text="highest(forced_eos_token_id) < model.vocab_size",
        message="every id in it has to be in the model's vocabulary",
        tightening="It fails as soon as a sequence reaches the length limit; whether one does cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::ForcedEOSTokenLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="start-tokens-exist",
        effect="require",
        fields=("decoder_start_token_id",),
        when=lambda v: (
            v["decoder_start_token_id"] is not None
            and bool(v["model.encoder_decoder"])
            and v["cache_implementation"] != "paged"
        ),
        need=lambda v: (
            v["model.vocab_size"] is not None and highest(v["decoder_start_token_id"]) < v["model.vocab_size"]
        ),
        text="decoder_start_token_id is not None and model.encoder_decoder and cache_implementation != 'paged'",
        need_text="highest(decoder_start_token_id) < model.vocab_size",
        message="it has to be in the model's vocabulary",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_decoder_input_ids_for_generation",
        ),
    ),
    Rule(
        id="healed-prompts-are-not-batched-continuously",
        effect="dormant",
        fields=("token_healing",),
        when=lambda v: v["cache_implementation"] == "paged",
        text="cache_implementation == 'paged'",
        message="continuous batching takes the prompts as they are",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="continuous-batches-of-one",
        effect="require",
        fields=("cache_implementation",),
        when=lambda v: v["cache_implementation"] == "paged",
        need=lambda v: v["call.batch_size"] == 1,
        text="cache_implementation == 'paged'",
        need_text="call.batch_size == 1",
        message="generate() cannot return sequences of different lengths together from continuous batching; set batch_size to 1",
        tightening="It fails as soon as two sequences of a batch end at different lengths; whether they do cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="continuous-batching-takes-no-assistant",
        effect="require",
        fields=("cache_implementation",),
        when=lambda v: v["cache_implementation"] == "paged",
        need=lambda v: not (bool(v["call.assistant_model"])),
        text="cache_implementation == 'paged'",
        need_text="not call.assistant_model",
        message="continuous batching drafts nothing; leave the assistant model out, or cache_implementation unset",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="continuous-batches-have-a-length",
        effect="require",
        fields=("cache_implementation", "max_new_tokens"),
        when=lambda v: v["cache_implementation"] == "paged",
        need=lambda v: v["max_new_tokens"] is not None,
        text="cache_implementation == 'paged'",
        need_text="max_new_tokens is not None",
        message="continuous batching has no usual length and does not look at max_length; set max_new_tokens",
        tightening="It fails where a sequence fills the cache before it ends by itself, and never comes back where a sliding window keeps the cache from filling; whether sequences end cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="continuous-batching-knows-no-end",
        effect="reject",
        fields=(
            "cache_implementation",
            "exponential_decay_length_penalty",
            "bad_words_ids",
            "begin_suppress_tokens",
            "guidance_scale",
            "num_beams",
        ),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and (
                v["exponential_decay_length_penalty"] is not None
                or v["bad_words_ids"] is not None
                or v["begin_suppress_tokens"] is not None
                or (v["guidance_scale"] is not None and v["guidance_scale"] != 1)
                or (bool(v["do_sample"]) and (v["num_beams"] is not None and v["num_beams"] > 1))
            )
        ),
        text="cache_implementation == 'paged' and (exponential_decay_length_penalty is not None or bad_words_ids is not None or begin_suppress_tokens is not None or guidance_scale is not None and guidance_scale != 1 or do_sample and num_beams > 1)",
        message="these processors, and sampling with beams, ask for the end-of-sequence token or the length of the prompt, which continuous batching does not tell them; leave them out",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_logits_processor",
        ),
    ),
    Rule(
        id="continuous-batching-shows-one-token",
        effect="reject",
        fields=("cache_implementation", "sequence_bias", "watermarking_config"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and (v["sequence_bias"] is not None or v["watermarking_config"] is not None)
        ),
        text="cache_implementation == 'paged' and (sequence_bias is not None or watermarking_config is not None)",
        message="these processors look at the tokens before the next one, of which continuous batching shows them the last alone; leave them out",
        tightening="A bias on several tokens fails, and so do watermarks, but for those of a wider context, which are then left out without a word; a bias on single tokens is all that works.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::SequenceBiasLogitsProcessor.__call__",
            "generation/logits_process.py::WatermarkLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="continuous-batching-counts-no-ngrams",
        effect="reject",
        fields=("cache_implementation", "no_repeat_ngram_size"),
        triggers=("cache_implementation",),
        when=lambda v: v["cache_implementation"] == "paged" and v["no_repeat_ngram_size"] == 1,
        text="cache_implementation == 'paged' and no_repeat_ngram_size == 1",
        message="no_repeat_ngram_size is about the tokens before the next one, of which continuous batching shows the last alone; leave it out",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::NoRepeatNGramLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="best-tokens-of-each-request",
        effect="require",
        fields=("continuous_batching_config", "top_k"),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and v["continuous_batching_config"] is not None
            and bool(v["continuous_batching_config.per_request_processors"])
            and bool(v["do_sample"])
            and v["top_k"] is not None
        ),
        need=lambda v: (
            v["top_k"] is not None
            and v["model.vocab_size"] is not None
            and v["top_k"] <= v["model.vocab_size"]
        ),
        text="cache_implementation == 'paged' and continuous_batching_config is not None and continuous_batching_config.per_request_processors and do_sample and top_k is not None",
        need_text="top_k <= model.vocab_size",
        message="with per_request_processors, top_k has to be at most the size of the model's vocabulary",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/continuous_batching/cb_logits_processors.py::ContinuousBatchingTopKLogitsWarper.__call__",
        ),
    ),
    Rule(
        id="continuous-batching-returns-one",
        effect="reject",
        fields=("cache_implementation", "num_return_sequences"),
        triggers=("cache_implementation",),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and (v["num_return_sequences"] is not None and v["num_return_sequences"] > 1)
        ),
        text="cache_implementation == 'paged' and num_return_sequences > 1",
        message="generate() cannot find the further sequences of a prompt among the answers of continuous batching; leave num_return_sequences at 1",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="two-batches-at-once",
        effect="require",
        fields=("continuous_batching_config",),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and v["continuous_batching_config"] is not None
            and bool(v["continuous_batching_config.use_async_batching"])
        ),
        need=lambda v: v["device.type"] in ("cuda", "xpu"),
        text="cache_implementation == 'paged' and continuous_batching_config is not None and continuous_batching_config.use_async_batching",
        need_text="device.type in ('cuda', 'xpu')",
        message="use_async_batching prepares batches on a stream of an accelerator, so it needs one",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/continuous_batching/input_outputs.py::ContinuousBatchingAsyncIOs.__init__",
        ),
    ),
    Rule(
        id="offloaded-requests",
        effect="require",
        fields=("continuous_batching_config",),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and v["continuous_batching_config"] is not None
            and (
                v["continuous_batching_config.cpu_offload_space"] is None
                or (
                    v["continuous_batching_config.cpu_offload_space"] is not None
                    and v["continuous_batching_config.cpu_offload_space"] > 0
                )
            )
        ),
        need=lambda v: v["device.type"] != "cpu",
        text="cache_implementation == 'paged' and continuous_batching_config is not None and (continuous_batching_config.cpu_offload_space is None or continuous_batching_config.cpu_offload_space > 0)",
        need_text="device.type != 'cpu'",
        message="cpu_offload_space is memory for what an accelerator has no room for, so it needs one",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/continuous_batching/offloading_manager.py::OffloadingManager.__init__",
        ),
    ),
    Rule(
        id="free-memory-is-measured",
        effect="require",
        fields=("continuous_batching_config",),
        when=lambda v: (
            v["cache_implementation"] == "paged"
            and v["continuous_batching_config"] is not None
            and v["continuous_batching_config.cpu_offload_space"] is None
        ),
        need=lambda v: bool(v["packages.psutil"]),
        text="cache_implementation == 'paged' and continuous_batching_config is not None and continuous_batching_config.cpu_offload_space is None",
        need_text="packages.psutil",
        message="cpu_offload_space null asks the package psutil how much memory there is; install it, or say how many GiB",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/continuous_batching/offloading_manager.py::OffloadingManager.__init__",
        ),
    ),
    Rule(
        id="no-decoder-to-start",
        effect="dormant",
        fields=("decoder_start_token_id",),
        when=lambda v: not (bool(v["model.encoder_decoder"])),
        text="not model.encoder_decoder",
        message="only the decoder of an encoder-decoder begins with it",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_special_tokens",
            "generation/utils.py::GenerationMixin._prepare_decoder_input_ids_for_generation",
        ),
    ),
    Rule(
        id="decoder-starts-with-its-own-token",
        effect="dormant",
        fields=("bos_token_id",),
        when=lambda v: (
            bool(v["model.encoder_decoder"])
            and bool(v["call.input_ids"])
            and v["decoder_start_token_id"] is not None
        ),
        text="model.encoder_decoder and call.input_ids and decoder_start_token_id is not None",
        message="the decoder begins with decoder_start_token_id",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._prepare_special_tokens",
            "generation/utils.py::GenerationMixin._prepare_decoder_input_ids_for_generation",
        ),
    ),
    Rule(
        id="biased-tokens-exist",
        effect="require",
        fields=("sequence_bias",),
        when=lambda v: v["sequence_bias"] is not None,
        need=lambda v: (
            v["model.vocab_size"] is not None and highest(v["sequence_bias"]) < v["model.vocab_size"]
        ),
        text="sequence_bias is not None",
        need_text="highest(sequence_bias) < model.vocab_size",
        message="every id in it has to be in the model's vocabulary",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::SequenceBiasLogitsProcessor._prepare_bias_variables",
        ),
    ),
    Rule(
        id="first-token-exists",
        effect="require",
        fields=("bos_token_id",),
        when=lambda v: v["bos_token_id"] is not None and not (bool(v["call.input_ids"])),
        need=lambda v: (
            v["bos_token_id"] is not None
            and v["model.vocab_size"] is not None
            and v["bos_token_id"] < v["model.vocab_size"]
        ),
        text="bos_token_id is not None and not call.input_ids",
        need_text="bos_token_id < model.vocab_size",
        message="where no prompt is given it is the first token, so it has to be in the model's vocabulary",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._maybe_initialize_input_ids_for_generation",
        ),
    ),
    Rule(
        id="no-growth-from-the-lowest-number",
        effect="reject",
        fields=("exponential_decay_length_penalty", "remove_invalid_values", "min_length", "min_new_tokens"),
        triggers=("exponential_decay_length_penalty",),
        when=lambda v: (
            v["exponential_decay_length_penalty"] is not None
            and bool(v["remove_invalid_values"])
            and bool(v["do_sample"])
            and (
                (v["min_length"] is not None and v["min_length"] > 0)
                or (v["min_new_tokens"] is not None and v["min_new_tokens"] > 0)
            )
        ),
        text="exponential_decay_length_penalty is not None and remove_invalid_values and do_sample and (min_length > 0 or min_new_tokens > 0)",
        message="of an end that a least length still forbids, remove_invalid_values makes the lowest number there is, which the penalty takes past the highest, so that nothing can be drawn; leave one of them unset",
        tightening="It fails where a growing penalty has begun some tokens before the end is allowed; whether it has cannot be told before, nor a growing from a shrinking one.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::ExponentialDecayLengthPenalty.__call__",
            "generation/logits_process.py::InfNanRemoveLogitsProcessor.__call__",
        ),
    ),
    Rule(
        id="own-hash-needs-a-long-green-list",
        effect="reject",
        fields=("watermarking_config",),
        triggers=("watermarking_config",),
        when=lambda v: (
            v["watermarking_config"] is not None
            and v["watermarking_config.seeding_scheme"] == "selfhash"
            and (
                v["watermarking_config.greenlist_ratio"] is not None
                and v["watermarking_config.greenlist_ratio"] < 0.25
            )
        ),
        text="watermarking_config is not None and watermarking_config.seeding_scheme == 'selfhash' and watermarking_config.greenlist_ratio < 0.25",
        message="with selfhash a step fails where none of the 40 likeliest tokens is in the green list that it would make; leave greenlist_ratio at 0.25 or more",
        tightening="It fails by chance: once in 100,000 steps at 0.25, once in 70 at 0.1, and more often than not at 0.01.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::WatermarkLogitsProcessor._score_rejection_sampling",
        ),
    ),
    Rule(
        id="early-exit-needs-a-flag",
        effect="reject",
        fields=("do_sample", "assistant_early_exit"),
        triggers=("assistant_early_exit",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and v["do_sample"] is None
            and v["cache_implementation"] != "paged"
        ),
        text="num_beams == 1 and assistant_early_exit is not None and do_sample is None and cache_implementation != 'paged'",
        message="the model does without sampling then, but its drafting layers take the model's own setting; set do_sample to true or false, or leave it out",
        tightening="It runs, and does two things where the model's own setting is to sample; nobody can mean both.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::EarlyExitCandidateGenerator.get_candidates",
        ),
    ),
    Rule(
        id="early-exit-without-dola",
        effect="reject",
        fields=("assistant_early_exit", "dola_layers"),
        triggers=("assistant_early_exit",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and v["dola_layers"] is not None
            and v["cache_implementation"] != "paged"
            and v["extra.custom_generate"] is None
        ),
        text="num_beams == 1 and assistant_early_exit is not None and dola_layers is not None and cache_implementation != 'paged' and extra.custom_generate is None",
        message="the drafting layers are asked for DoLa decoding, which is no longer part of transformers; leave dola_layers unset",
        tightening="It fails with the first draft, and a call that makes one token drafts nothing; whether one does cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::EarlyExitCandidateGenerator.get_candidates",
            "generation/configuration_utils.py::GenerationConfig.get_generation_mode",
        ),
    ),
    Rule(
        id="end-to-grow-towards-exists",
        effect="require",
        fields=("exponential_decay_length_penalty",),
        when=lambda v: v["exponential_decay_length_penalty"] is not None and v["eos_token_id"] is not None,
        need=lambda v: (
            v["model.vocab_size"] is not None and highest(v["eos_token_id"]) < v["model.vocab_size"]
        ),
        text="exponential_decay_length_penalty is not None and eos_token_id is not None",
        need_text="highest(eos_token_id) < model.vocab_size",
        message="the end-of-sequence tokens, which it raises, have to be in the model's vocabulary",
        tightening="It fails as soon as the penalty begins; whether a call gets there cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/logits_process.py::ExponentialDecayLengthPenalty.__call__",
        ),
    ),
    Rule(
        id="early-exit-without-texts",
        effect="reject",
        fields=("assistant_early_exit", "stop_strings", "token_healing"),
        triggers=("assistant_early_exit",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and (v["stop_strings"] is not None or bool(v["token_healing"]))
            and v["cache_implementation"] != "paged"
        ),
        text="num_beams == 1 and assistant_early_exit is not None and (stop_strings is not None or token_healing) and cache_implementation != 'paged'",
        message="the drafting layers do it too, and are given no tokenizer; leave one of them unset",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/candidate_generator.py::EarlyExitCandidateGenerator.get_candidates",
            "generation/utils.py::GenerationMixin._get_stopping_criteria",
            "generation/utils.py::GenerationMixin.heal_tokens",
        ),
    ),
    Rule(
        id="early-exit-without-looked-up-ensemble",
        effect="reject",
        fields=("assistant_early_exit", "prompt_lookup_num_tokens", "assistant_ensemble_weight"),
        triggers=("assistant_early_exit",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and v["prompt_lookup_num_tokens"] is not None
            and v["assistant_ensemble_weight"] is not None
            and v["cache_implementation"] != "paged"
        ),
        text="num_beams == 1 and assistant_early_exit is not None and prompt_lookup_num_tokens is not None and assistant_ensemble_weight is not None and cache_implementation != 'paged'",
        message="the drafting layers look up their own drafts, without probabilities that the ensemble could weigh; leave one of them unset",
        tightening="It fails with the first draft, and a call that makes one token drafts nothing; whether one does cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
            "generation/candidate_generator.py::EarlyExitCandidateGenerator.get_candidates",
        ),
    ),
    Rule(
        id="continuous-batching-passes-by",
        effect="dormant",
        fields=(
            "min_length",
            "min_new_tokens",
            "early_stopping",
            "max_time",
            "num_beams",
            "use_mtp",
            "use_cache",
            "encoder_repetition_penalty",
            "length_penalty",
            "encoder_no_repeat_ngram_size",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "output_logits",
            "return_dict_in_generate",
            "pad_token_id",
            "bos_token_id",
            "decoder_start_token_id",
            "prompt_lookup_num_tokens",
            "max_matching_ngram_size",
            "assistant_early_exit",
            "assistant_ensemble_weight",
            "prefill_chunk_size",
            "penalty_alpha",
            "dola_layers",
            "low_memory",
            "num_beam_groups",
            "force_words_ids",
        ),
        when=lambda v: v["cache_implementation"] == "paged",
        text="cache_implementation == 'paged'",
        message="continuous batching does not look at it",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
            "generation/utils.py::GenerationMixin._get_logits_processor",
        ),
    ),
    Rule(
        id="texts-end-no-continuous-batch",
        effect="dormant",
        fields=("stop_strings",),
        when=lambda v: v["cache_implementation"] == "paged",
        text="cache_implementation == 'paged'",
        message="continuous batching does not look for texts",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin.generate",
        ),
    ),
    Rule(
        id="padding-exists",
        effect="require",
        fields=("pad_token_id",),
        when=lambda v: v["pad_token_id"] is not None and v["cache_implementation"] != "paged",
        need=lambda v: (
            v["pad_token_id"] is not None
            and v["model.vocab_size"] is not None
            and v["pad_token_id"] < v["model.vocab_size"]
        ),
        text="pad_token_id is not None and cache_implementation != 'paged'",
        need_text="pad_token_id < model.vocab_size",
        message="it has to be in the model's vocabulary",
        tightening="It fails as soon as one sequence ends before another and the padding is passed through the model; whether that happens cannot be told before.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._sample",
        ),
    ),
    Rule(
        id="early-exit-without-prediction-layers",
        effect="reject",
        fields=("assistant_early_exit", "use_mtp"),
        triggers=("assistant_early_exit",),
        when=lambda v: (
            v["num_beams"] == 1
            and v["assistant_early_exit"] is not None
            and bool(v["use_mtp"])
            and v["cache_implementation"] != "paged"
        ),
        text="num_beams == 1 and assistant_early_exit is not None and use_mtp and cache_implementation != 'paged'",
        message="the first layers and the prediction layers would draft for each other; leave one of them unset",
        tightening="It runs with some models and settings and fails with others, by what the drafting layers return; nobody can mean both.",
        sources=(
            "codegen/engines/transformers/overrides.toml",
            "generation/utils.py::GenerationMixin._get_candidate_generator",
        ),
    ),
)
"""What holds across parameters; ``when`` and ``need`` ask a look-up for values by name."""


class PyTorchConfig(BackendConfig):
    """The parameters of ``model.generate()``, under transformers' own names.

    A field shows the default that ``generate()`` works with, but only fields that were set reach it: what is left out is
    the model's own to decide. None is a value. See :class:`~llenergymeasure.config.base.BackendConfig` for what it can do.
    """

    transformers_version: ClassVar[str] = TRANSFORMERS_VERSION
    rules: ClassVar[tuple[Rule, ...]] = RULES
    params: ClassVar[Mapping[str, ParamFacts]] = PARAMS

    # Length of the output

    max_length: Annotated[int, Gt(1)] = Field(
        default=20,
        description=(
            "Limit on prompt and new tokens together. Where nobody sets it, 20 new tokens are made. "
            "max_new_tokens overrides it. Range: > 1."
        ),
    )
    max_new_tokens: Annotated[int, Gt(0)] | None = Field(
        default=None,
        description=(
            "Limit on new tokens per sequence. The strongest lever on energy: each token is one more "
            "forward pass. Range: > 0."
        ),
    )
    min_length: Annotated[int, Ge(0)] | None = Field(
        default=0,
        description=(
            "Prompt and new tokens together before a sequence may end. Keeps sequences from ending "
            "early. Range: >= 0. Off: 0."
        ),
    )
    min_new_tokens: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description=(
            "New tokens before a sequence may end. Set to max_new_tokens, it makes every run the same"
            " length. Range: >= 0."
        ),
    )
    early_stopping: bool | Literal["never"] | None = Field(
        default=False,
        description=(
            "When beam search ends: as soon as it has enough candidates, by a heuristic, or only when"
            " none can improve."
        ),
    )
    max_time: Annotated[float, Ge(0)] | None = Field(
        default=None,
        description=(
            "Seconds after which no further token is begun. Makes the amount of work depend on the "
            "machine's speed. Range: >= 0."
        ),
    )
    stop_strings: Annotated[str, MinLen(1)] | Annotated[Seq[Annotated[str, MinLen(1)]], MinLen(1)] | None = (
        Field(
            default=None,
            description=(
                "Texts that end a sequence when they appear in it. Matching them is a small extra cost "
                "per token. Range: length >= 1, each length >= 1, at least 1 long."
            ),
        )
    )

    # Decoding strategy

    do_sample: bool | None = Field(
        default=False,
        description=(
            "Draw each token at random instead of taking the likeliest. Adds little work per token, "
            "but lengths then vary."
        ),
    )
    num_beams: Annotated[int, Ge(1)] = Field(
        default=1,
        description=(
            "Candidate sequences kept per prompt. Work and cache grow with it almost in proportion. "
            "Range: >= 1. Off: 1."
        ),
    )
    use_mtp: bool | None = Field(
        default=False,
        description=(
            "Draft several tokens at once with the model's own prediction layers. Fewer passes if "
            "most drafts are accepted."
        ),
    )

    # Key-value cache

    use_cache: bool = Field(
        default=True,
        description=(
            "Keep keys and values of past tokens. Without it, work per token grows with the length of"
            " the sequence."
        ),
    )
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
    ) = Field(
        default=None,
        description=(
            "Kind of key-value cache: growing, of fixed size, quantized, or moved to the CPU. Trades "
            "memory for traffic or arithmetic."
        ),
    )
    cache_config: QuantizedCacheConfig | None = Field(
        default=None,
        description=(
            "Settings of the quantized cache: backend, bits, groups. Less memory for extra arithmetic"
            " per token."
        ),
    )
    max_cache_len: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Tokens that a static cache is sized for. Spares later, longer calls a new cache and a "
            "recompilation. Range: >= 1."
        ),
    )

    # Changes to the logits

    temperature: Annotated[float, Ge(1e-06)] | None = Field(
        default=1.0,
        description=(
            "Divides the logits before sampling: lower is greedier, higher more random. Shifts "
            "lengths more than work per token. Range: >= 1e-06. Off: 1.0."
        ),
    )
    top_k: Annotated[int, Ge(0)] | None = Field(
        default=50,
        description=(
            "Number of likeliest tokens to draw from. One partial sort of the vocabulary per token. "
            "Range: >= 0. Off: 0."
        ),
    )
    top_p: Annotated[float, Ge(0), Le(1)] | None = Field(
        default=1.0,
        description=(
            "Share of probability to draw from, likeliest tokens first. One full sort of the "
            "vocabulary per token. Range: >= 0, <= 1. Off: 1.0."
        ),
    )
    min_p: Annotated[float, Ge(0), Le(1)] | None = Field(
        default=None,
        description=(
            "Least probability of a token, as a share of the likeliest one's. One softmax over the "
            "vocabulary per token. Range: >= 0, <= 1."
        ),
    )
    top_h: Annotated[float, Gt(0), Le(1)] | None = Field(
        default=None,
        description=(
            "Share of the distribution's entropy to keep when sampling. A partial sort and a running "
            "sum per token. Range: > 0, <= 1."
        ),
    )
    typical_p: Annotated[float, Gt(0), Le(1)] = Field(
        default=1.0,
        description=(
            "Share of probability to draw from, tokens of the most typical surprise first. An entropy"
            " and a sort per token. Range: > 0, <= 1. Off: 1.0."
        ),
    )
    epsilon_cutoff: Annotated[float, Ge(0), Le(1)] = Field(
        default=0.0,
        description=(
            "Least probability of a token that may be drawn. One softmax over the vocabulary per "
            "token. Range: >= 0, <= 1. Off: 0.0."
        ),
    )
    eta_cutoff: Annotated[float, Ge(0), Le(1)] = Field(
        default=0.0,
        description=(
            "Cutoff of small probabilities that adapts to how uncertain the model is. An entropy per "
            "token. Range: >= 0, <= 1. Off: 0.0."
        ),
    )
    repetition_penalty: Annotated[float, Gt(0)] | None = Field(
        default=1.0,
        description=(
            "Above 1 lowers, below 1 raises the logits of tokens that have appeared. A gather over "
            "the sequence per token. Range: > 0. Off: 1.0."
        ),
    )
    encoder_repetition_penalty: Annotated[float, Ge(1)] = Field(
        default=1.0,
        description=(
            "Raises the logits of tokens that are in the input. A gather over the input per token. "
            "Range: >= 1. Off: 1.0."
        ),
    )
    length_penalty: Annotated[float, Le(50)] = Field(
        default=1.0,
        description=(
            "Exponent on length in beam scores: above zero favours long sequences, below zero short "
            "ones. Range: <= 50."
        ),
    )
    no_repeat_ngram_size: Annotated[int, Ge(0)] | None = Field(
        default=0,
        description=(
            "Length of n-grams that must not occur twice. A search through the whole sequence at "
            "every token. Range: >= 0. Off: 0."
        ),
    )
    bad_words_ids: Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)] | None = Field(
        default=None,
        description=(
            "Sequences of token ids that must not be generated. One comparison per sequence and entry"
            " at every token. Range: each >= 0, at least 1 long."
        ),
    )
    renormalize_logits: bool | None = Field(
        default=False,
        description=(
            "Make scores sum up to one again after all processors. One more log-softmax over the "
            "vocabulary per token."
        ),
    )
    forced_bos_token_id: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description=(
            "Token forced right after a single start token, such as a target language. A length check"
            " per token. Range: >= 0."
        ),
    )
    forced_eos_token_id: Annotated[int, Ge(0)] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None = (
        Field(
            default=None,
            description=(
                "Token, or one of several, forced as the last one at the length limit. A length check per"
                " token. Range: >= 0, each >= 0, at least 1 long."
            ),
        )
    )
    remove_invalid_values: bool | None = Field(
        default=False,
        description="Replace NaN and infinite scores. Three scans over the vocabulary per token.",
    )
    exponential_decay_length_penalty: (
        Annotated[tuple[Annotated[int, Ge(0)], Annotated[float, Gt(0)]], FixedTuple] | None
    ) = Field(
        default=None,
        description=(
            "Start index and factor: above 1 the end of a sequence becomes ever likelier from there "
            "on, below 1 less likely. Range: [0] >= 0, [1] > 0."
        ),
    )
    suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = Field(
        default=None,
        description=(
            "Token ids that must never be generated. One mask over the vocabulary per token. Range: "
            "each >= 0."
        ),
    )
    begin_suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = Field(
        default=None,
        description=(
            "Token ids that must not come first. One mask over the vocabulary per token. Range: each >= 0."
        ),
    )
    sequence_bias: (
        Annotated[Pairs[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)], float], MinLen(1)] | None
    ) = Field(
        default=None,
        description=(
            "Pairs of a token sequence and a bias on its last token. One addition per token and a "
            "comparison per entry. Range: keys each >= 0, at least 1 long."
        ),
    )
    token_healing: bool | None = Field(
        default=False,
        description=(
            "Generate the last token of each prompt again so that it can grow. One more short run per prompt."
        ),
    )
    guidance_scale: Annotated[float, Ge(1)] | None = Field(
        default=None,
        description=(
            "Weight of the prompt against a second pass without it (classifier-free guidance). About "
            "doubles work and cache per token. Range: >= 1. Off: 1.0."
        ),
    )
    watermarking_config: Annotated[WatermarkingConfig | SynthIDTextWatermarkingConfig, one_of] | None = Field(
        default=None,
        description=(
            "Mark the text by favouring pseudo-random tokens. A hash or a permutation of the "
            "vocabulary per sequence and token."
        ),
    )

    # What is returned

    num_return_sequences: Annotated[int, Ge(1)] = Field(
        default=1,
        description=(
            "Sequences returned per prompt. When sampling, each is one more row in every forward "
            "pass. Range: >= 1."
        ),
    )
    output_attentions: bool | None = Field(
        default=False,
        description=(
            "Ask every pass for its attention weights, returned or not. Eager attention then keeps "
            "those of all layers; fused kernels have none."
        ),
    )
    output_hidden_states: bool | None = Field(
        default=False,
        description=(
            "Keep the hidden states of all layers, in every pass, even where they are not returned. "
            "Costs memory."
        ),
    )
    output_scores: bool | None = Field(
        default=False,
        description=(
            "Keep processed scores of every token. One row of vocabulary size per sequence and token "
            "stays in memory."
        ),
    )
    output_logits: bool | None = Field(
        default=False,
        description=(
            "Keep unprocessed logits of every token. One row of vocabulary size per sequence and "
            "token stays in memory."
        ),
    )
    return_dict_in_generate: bool | None = Field(
        default=False,
        description=(
            "Return cache and kept tensors together with the tokens. What is returned stays in memory."
        ),
    )

    # Special tokens

    pad_token_id: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description=(
            "Token that fills sequences which end before others. The passes over them cost the same "
            "whatever it is. Range: >= 0."
        ),
    )
    bos_token_id: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description=(
            "Token to start from where no prompt is given. Does not change the amount of work. Range: >= 0."
        ),
    )
    eos_token_id: int | Annotated[Seq[int], MinLen(1)] | None = Field(
        default=None,
        description=(
            "Token, or one of several, that ends a sequence. With None every sequence runs to its "
            "length limit. Range: at least 1 long."
        ),
    )

    # Encoder-decoder models

    encoder_no_repeat_ngram_size: Annotated[int, Ge(0)] | None = Field(
        default=0,
        description=(
            "Length of n-grams of the input that must not be repeated. A look-up on the CPU per "
            "sequence and token. Range: >= 0. Off: 0."
        ),
    )
    decoder_start_token_id: (
        Annotated[int, Ge(0)] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None
    ) = Field(
        default=None,
        description=(
            "First token of the decoder, or one per prompt. Does not change the amount of work. "
            "Range: >= 0, each >= 0, at least 1 long."
        ),
    )

    # Speculative decoding

    is_assistant: Annotated[Literal[False], exact] | None = Field(
        default=False,
        description="Marks the inner calls that draft tokens; transformers sets it by itself. Leave it off.",
    )
    num_assistant_tokens: Annotated[int, Ge(1)] | None = Field(
        default=20,
        description=(
            "Tokens drafted per round. Read from the drafting model's generation config: passed to "
            "generate() it changes nothing. Range: >= 1."
        ),
    )
    num_assistant_tokens_schedule: Literal["heuristic", "heuristic_transient", "constant"] | None = Field(
        default="constant",
        description=(
            "How drafts grow and shrink. Read from the drafting model's generation config: passed to "
            "generate() it changes nothing."
        ),
    )
    assistant_confidence_threshold: Annotated[float, Ge(0), Le(1)] | None = Field(
        default=0.4,
        description=(
            "Probability below which drafting stops. Read from the drafting model's generation "
            "config: passed to generate() it changes nothing. Range: >= 0, <= 1. Off: 0.0."
        ),
    )
    prompt_lookup_num_tokens: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Tokens to draft by copying what followed the same n-gram before. Fewer passes where the "
            "output repeats the input. Range: >= 1."
        ),
    )
    max_matching_ngram_size: Annotated[int, Ge(0)] | None = Field(
        default=None,
        description=(
            "Longest n-gram that prompt lookup tries to match. Longer matches draft better, but are "
            "rarer. Range: >= 0."
        ),
    )
    assistant_early_exit: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Layer after which the model drafts tokens for itself. Pays off only in models trained to"
            " exit early. Range: >= 1."
        ),
    )
    assistant_lookbehind: Annotated[int, Ge(0)] | None = Field(
        default=10,
        description=(
            "Drafted tokens encoded again to align two tokenizers. Read from the drafting model's "
            "generation config, not from generate(). Range: >= 0."
        ),
    )
    target_lookbehind: Annotated[int, Ge(0)] | None = Field(
        default=10,
        description=(
            "Verified tokens encoded again to align two tokenizers. Read from the drafting model's "
            "generation config, not from generate(). Range: >= 0."
        ),
    )
    assistant_ensemble_weight: Annotated[float, Gt(0), Lt(1)] | None = Field(
        default=None,
        description=(
            "Weight of the main model when verifying drafts. Lower accepts more drafts, saving "
            "passes, but changes the output. Range: > 0, < 1."
        ),
    )
    speculation_type: Literal["dflash"] | None = Field(
        default=None,
        description=(
            "Drafting method of the assistant model. A block of tokens comes from one pass, fed by "
            "the main model's hidden states."
        ),
    )

    # Compilation and performance

    compile_config: CompileConfig | None = Field(
        default=None,
        description=(
            "How the forward pass is compiled, where it is: fixed-size cache and an accelerator. "
            "Costs once, saves at each token."
        ),
    )
    disable_compile: bool | None = Field(
        default=False,
        description=(
            "Never compile the forward pass. Saves the cost of compiling and gives up its gain at each token."
        ),
    )

    # Deprecated

    continuous_batching_config: ContinuousBatchingConfig | None = Field(
        default=None,
        description=(
            "Settings of continuous batching, which fills places of finished sequences at once and so"
            " keeps the device busy. Deprecated upstream since 5.13; its removal was announced for "
            "5.19."
        ),
    )
    low_memory: bool = Field(
        default=False,
        description=(
            "Contrastive search: try candidates one by one. Less memory, more passes. Beam search "
            "refuses it. Deprecated upstream; its decoding mode moved to the Hub; its removal was "
            "announced for 5. It is kept so that configurations name it, but core only reads it to "
            "refuse it in beam search."
        ),
    )
    penalty_alpha: Annotated[float, Ge(0), Le(1)] | None = Field(
        default=None,
        description=(
            "Weight of the repetition penalty in contrastive search. Each token then costs a pass "
            "over top_k candidates. Range: >= 0, <= 1. Off: 0.0. Deprecated upstream; its decoding "
            "mode moved to the Hub; its removal was announced for 5."
        ),
    )
    dola_layers: Literal["low", "high"] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None = Field(
        default=None,
        description=(
            "Layers to contrast with the last one (DoLa). One more projection to the vocabulary per "
            "layer and token. Range: each >= 0, at least 1 long. Deprecated upstream; its decoding "
            "mode moved to the Hub; its removal was announced for 5."
        ),
    )
    diversity_penalty: Annotated[float, Ge(0)] = Field(
        default=0.0,
        description=(
            "Group beam search: penalty on tokens that another group chose in the same step. A count "
            "over the vocabulary per token. Range: >= 0. Deprecated upstream; its decoding mode moved"
            " to the Hub; its removal was announced for 5. It is kept so that configurations name it,"
            " but core no longer reads it."
        ),
    )
    num_beam_groups: Annotated[int, Ge(1)] | None = Field(
        default=1,
        description=(
            "Groups that beams are divided into, to make them differ. Token selection runs once per "
            "group and step. Range: >= 1. Off: 1. Deprecated upstream; its decoding mode moved to the"
            " Hub; its removal was announced for 5."
        ),
    )
    constraints: None = Field(
        default=None,
        description=(
            "Objects that say what has to appear in the output. They have no form as data, so only "
            "extra can carry them. Deprecated upstream; its decoding mode moved to the Hub; its "
            "removal was announced for 5."
        ),
    )
    force_words_ids: (
        Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)]
        | Annotated[
            Seq[Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)]], MinLen(1)
        ]
        | None
    ) = Field(
        default=None,
        description=(
            "Token sequences that have to appear, or sets of alternatives. Bookkeeping on the CPU per"
            " beam and token. Range: each >= 0, at least 1 long. Deprecated upstream; its decoding "
            "mode moved to the Hub; its removal was announced for 5."
        ),
    )

    # Other parameters

    prefill_chunk_size: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description=(
            "Tokens of the prompt per forward pass. Smaller pieces need less memory at once, but more"
            " passes. Range: >= 1."
        ),
    )
