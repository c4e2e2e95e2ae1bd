"""Configuration classes that are the value of one parameter; import them from ``backend_configs``.

GENERATED from transformers 5.24.0 by ``python -m codegen refresh``. Do not edit.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Required, TypedDict, Unpack

from annotated_types import Ge, Gt, Le, Lt, MinLen

from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.pytorch_metadata import DESCRIPTIONS
from llenergymeasure.config.types import FixedTuple, Seq, exact


class CompileConfig(NestedConfig):
    """Value of ``compile_config``, sent as ``transformers.CompileConfig``."""

    upstream: ClassVar[str] = "CompileConfig"
    descriptions: ClassVar[Mapping[str, str]] = DESCRIPTIONS["CompileConfig"]

    fullgraph: bool = False
    """Fail instead of falling back if the model cannot be compiled as one graph. One graph has the least
    overhead.
    """

    dynamic: bool | None = None
    """Compile for changing shapes, or for one shape at a time. Fixed shapes run faster, but each new one is
    compiled again.
    """

    backend: Annotated[str, MinLen(1)] = "inductor"
    """Compiler that torch.compile uses. Decides how much overhead and memory traffic fusion removes. Range:
    length >= 1.
    """

    mode: Literal["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"] = (
        "reduce-overhead"
    )
    """How much time compilation may take, and whether CUDA graphs are recorded. Costs time once, saves time
    at each token.
    """

    options: None = None
    """Options of the compiler backend. They exclude a mode, and a mode is always set here, so only None can
    be set.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack["CompileSettings"]) -> None: ...


class WatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``, sent as ``transformers.WatermarkingConfig``."""

    upstream: ClassVar[str] = "WatermarkingConfig"
    descriptions: ClassVar[Mapping[str, str]] = DESCRIPTIONS["WatermarkingConfig"]

    greenlist_ratio: Annotated[float, Gt(0), Lt(1)] = 0.25
    """Share of the vocabulary that is favoured at each token. Range: > 0, < 1."""

    bias: float = 2.0
    """Number added to the logits of favoured tokens. A larger one marks the text more strongly and changes it
    more.
    """

    hashing_key: Annotated[int, Ge(-9223372036854775808), Le(18446744073709551615)] = 15485863
    """Secret number that seeds which tokens are favoured. Does not change the amount of work. Range: >=
    -9223372036854775808, <= 18446744073709551615.
    """

    seeding_scheme: Literal["selfhash", "lefthash"] = "lefthash"
    """Whether favoured tokens depend on past tokens only, or also on the candidate, which costs one
    permutation per candidate.
    """

    context_width: Annotated[int, Ge(1)] = 1
    """Number of past tokens that decide which tokens are favoured. A larger number makes the mark more
    robust. Range: >= 1.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack["WatermarkingSettings"]) -> None: ...


class SynthIDTextWatermarkingConfig(NestedConfig):
    """Value of ``watermarking_config``, sent as ``transformers.SynthIDTextWatermarkingConfig``."""

    upstream: ClassVar[str] = "SynthIDTextWatermarkingConfig"
    descriptions: ClassVar[Mapping[str, str]] = DESCRIPTIONS["SynthIDTextWatermarkingConfig"]

    ngram_len: Annotated[int, Ge(1)]
    """Number of tokens that are hashed together, including the candidate. With 1 there is no context and no
    mark. Range: >= 1.
    """

    keys: Annotated[Seq[Annotated[int, Ge(-9223372036854775808), Le(9223372036854775807)]], MinLen(1)]
    """Secret numbers, one per layer of the tournament. Each one adds a pass over the vocabulary at every
    token. Range: each >= -9223372036854775808, each <= 9223372036854775807, at least 1 long.
    """

    context_history_size: Annotated[int, Ge(0)] = 1024
    """Number of past contexts that are remembered, so that none is marked twice. Each token is compared with
    all of them. Range: >= 0.
    """

    sampling_table_seed: Annotated[int, Ge(-9223372036854775808), Le(18446744073709551615)] = 0
    """Seed of the table of random bits. Does not change the amount of work. Range: >= -9223372036854775808,
    <= 18446744073709551615.
    """

    sampling_table_size: Annotated[int, Ge(1), Le(16777216)] = 65536
    """Entries in the table of random bits that hashes are looked up in. Range: >= 1, <= 16777216."""

    skip_first_ngram_calls: bool = False
    """Leave the first tokens unmarked, until there is a whole context."""

    debug_mode: bool = False
    """Discard the model's logits and mark a uniform distribution. Only for testing the method."""

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack["SynthIDTextWatermarkingSettings"]) -> None: ...


class QuantizedCacheConfig(NestedConfig):
    """Value of ``cache_config``, sent as a plain dictionary."""

    upstream: ClassVar[str] = ""
    descriptions: ClassVar[Mapping[str, str]] = DESCRIPTIONS["QuantizedCacheConfig"]

    backend: Literal["quanto", "hqq", "fp8"] = "quanto"
    """Library that quantizes keys and values. Most backends need a package of their own; fp8 needs none."""

    nbits: Annotated[Literal[1, 2, 3, 4, 8], exact] | None = None
    """Bits per stored number. Fewer bits move less memory and lose precision."""

    axis_key: Annotated[Literal[-1, 0, 1], exact] | None = None
    """Axis along which keys share a scale. Decides which values are read together."""

    axis_value: Annotated[Literal[-1, 0, 1], exact] | None = None
    """Axis along which values share a scale. Decides which values are read together."""

    q_group_size: Annotated[int, Ge(1)] | None = None
    """How many numbers share one scale. Larger groups store fewer scales and lose more precision. Range: >=
    1.
    """

    residual_length: Annotated[int, Ge(0)] | None = None
    """Number of newest tokens kept unquantized. Each time there are more, the whole cache is quantized again.
    Range: >= 0.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack["QuantizedCacheSettings"]) -> None: ...


class ContinuousBatchingConfig(NestedConfig):
    """Value of ``continuous_batching_config``, sent as ``transformers.ContinuousBatchingConfig``."""

    upstream: ClassVar[str] = "ContinuousBatchingConfig"
    descriptions: ClassVar[Mapping[str, str]] = DESCRIPTIONS["ContinuousBatchingConfig"]

    page_size: Annotated[int, Ge(4)] = 256
    """Tokens per page of the cache. Smaller pages waste less memory and need longer tables. Range: >= 4."""

    num_blocks: Annotated[int, Ge(1)] | None = None
    """Number of blocks in the cache; computed from free memory if it is not set. Range: >= 1."""

    max_batch_tokens: Annotated[int, Ge(1)] | None = None
    """Number of tokens in one forward pass, over all requests. More tokens keep the device busier and need
    more memory. Range: >= 1.
    """

    max_memory_percent: Annotated[float, Gt(0), Le(1)] | None = None
    """Share of free memory that the cache may take. Range: > 0, <= 1."""

    max_requests_per_batch: Annotated[int, Ge(1)] | None = None
    """Number of requests in one forward pass. Limits the memory for the logits. Range: >= 1."""

    max_blocks_per_request: Annotated[int, Ge(0)] | None = None
    """Blocks per request on the fast decode path; 0 turns that path off. Range: >= 0."""

    allow_block_sharing: bool = True
    """Let requests with the same beginning share cache. Saves work if prompts begin alike."""

    use_async_batching: bool | None = None
    """Prepare the next batch while one runs. Hides CPU work, but doubles the buffers."""

    use_cuda_graph: bool | Annotated[tuple[bool, bool], FixedTuple] | None = None
    """Record passes as CUDA graphs, for both paths or for each separately. Less launch overhead, more memory.
    """

    q_padding_interval_size: Annotated[int, Ge(0)] = 0
    """Query tokens are padded to a multiple of it, so that fewer graphs are recorded; 0 uses a preset. Range:
    >= 0.
    """

    kv_padding_interval_size: Annotated[int, Ge(0)] = 0
    """Cached tokens are padded to a multiple of it, so that fewer graphs are recorded; 0 uses a preset.
    Range: >= 0.
    """

    varlen_compile_config: CompileConfig | None = None
    """How passes that include prompts are compiled."""

    decode_compile_config: CompileConfig | None = None
    """How passes that only decode are compiled."""

    default_compile_level: Annotated[int, Ge(0), Le(3)] = 0
    """Level of compilation if no configuration asks for one: 0 is none, 3 the most. A higher level needs a
    longer warm-up. Range: >= 0, <= 3.
    """

    scheduler_type: Literal["fifo", "prefill_first"] = "fifo"
    """Which requests go first: in order of arrival, or those with a prompt still to process."""

    safety_margin: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of free blocks below which no new prompt is started. A larger share avoids evictions, but leaves
    memory unused. Range: >= 0, <= 1.
    """

    return_logprobs: bool = False
    """Keep the log-probability of every token. One log-softmax over the vocabulary per token."""

    seed: Annotated[int, Ge(0), Le(9223372036854775807)] | None = None
    """Seed of the random draws. Does not change the amount of work. Range: >= 0, <= 9223372036854775807."""

    auto_switch_to_flash: bool = True
    """Switch to flash attention if it is installed. Less memory traffic per token."""

    cpu_offload_space: Annotated[float, Ge(0)] | None = 0.0
    """GiB of host memory for the cache of evicted requests, which is otherwise computed again. 0 turns it
    off. Range: >= 0.
    """

    cpu_offload_space_safety_threshold: Annotated[float, Ge(0), Le(1)] = 0.8
    """Largest share of host memory that offloading may take. Range: >= 0, <= 1."""

    max_queue_size: Annotated[int, Ge(0)] = 0
    """Number of requests that may wait; 0 means any number. Range: >= 0."""

    per_request_processors: bool = False
    """Let each request have its own settings, such as a temperature. Processors then work row by row."""

    drop_unsupported_processors: bool = True
    """Leave out logits processors that continuous batching does not support, instead of keeping them with a
    warning.
    """

    disable_nccl_graph_mixing: bool = True
    """Turn off a safeguard for communication between GPUs that costs time and is not needed here."""

    cpu_group_timeout: Annotated[float, Ge(0)] | None = 300.0
    """Timeout in seconds for communication between processes on the CPU. Range: >= 0."""

    use_default_compile_configs: bool | None = None
    """Older name for compiling at the highest level, or not at all."""

    max_cached_graphs: Annotated[int, Ge(0)] | None = None
    """Number of CUDA graphs that are kept at once. Later releases ignore it. Range: >= 0."""

    block_size: Annotated[int, Ge(4)] | None = None
    """Tokens per page of the cache; the older name of page_size. Range: >= 4."""

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack["ContinuousBatchingSettings"]) -> None: ...


if TYPE_CHECKING:

    class CompileSettings(TypedDict, total=False):
        """The keyword arguments of :class:`CompileConfig`."""

        fullgraph: bool
        dynamic: bool | None
        backend: str
        mode: Literal["default", "reduce-overhead", "max-autotune", "max-autotune-no-cudagraphs"]
        options: None

    class WatermarkingSettings(TypedDict, total=False):
        """The keyword arguments of :class:`WatermarkingConfig`."""

        greenlist_ratio: float
        bias: float
        hashing_key: int
        seeding_scheme: Literal["selfhash", "lefthash"]
        context_width: int

    class SynthIDTextWatermarkingSettings(TypedDict, total=False):
        """The keyword arguments of :class:`SynthIDTextWatermarkingConfig`."""

        ngram_len: Required[int]
        keys: Required[Sequence[int]]
        context_history_size: int
        sampling_table_seed: int
        sampling_table_size: int
        skip_first_ngram_calls: bool
        debug_mode: bool

    class QuantizedCacheSettings(TypedDict, total=False):
        """The keyword arguments of :class:`QuantizedCacheConfig`."""

        backend: Literal["quanto", "hqq", "fp8"]
        nbits: Literal[1, 2, 3, 4, 8] | None
        axis_key: Literal[-1, 0, 1] | None
        axis_value: Literal[-1, 0, 1] | None
        q_group_size: int | None
        residual_length: int | None

    class ContinuousBatchingSettings(TypedDict, total=False):
        """The keyword arguments of :class:`ContinuousBatchingConfig`."""

        page_size: int
        num_blocks: int | None
        max_batch_tokens: int | None
        max_memory_percent: float | None
        max_requests_per_batch: int | None
        max_blocks_per_request: int | None
        allow_block_sharing: bool
        use_async_batching: bool | None
        use_cuda_graph: bool | tuple[bool, bool] | list[bool] | None
        q_padding_interval_size: int
        kv_padding_interval_size: int
        varlen_compile_config: CompileConfig | Mapping[str, Any] | None
        decode_compile_config: CompileConfig | Mapping[str, Any] | None
        default_compile_level: int
        scheduler_type: Literal["fifo", "prefill_first"]
        safety_margin: float | None
        return_logprobs: bool
        seed: int | None
        auto_switch_to_flash: bool
        cpu_offload_space: float | None
        cpu_offload_space_safety_threshold: float
        max_queue_size: int
        per_request_processors: bool
        drop_unsupported_processors: bool
        disable_nccl_graph_mixing: bool
        cpu_group_timeout: float | None
        use_default_compile_configs: bool | None
        max_cached_graphs: int | None
        block_size: int | None
