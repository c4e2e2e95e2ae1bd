"""The keyword arguments of ``PyTorchConfig``, for type checkers and editors.

GENERATED from transformers 5.24.0 by ``python -m codegen refresh``. Do not edit.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from llenergymeasure.config.pytorch_nested import (
    CompileConfig,
    ContinuousBatchingConfig,
    QuantizedCacheConfig,
    SynthIDTextWatermarkingConfig,
    WatermarkingConfig,
)


class PyTorchSettings(TypedDict, total=False):
    """The settings by upstream's names. A list may stand for a tuple, and a mapping for a nested class."""

    max_length: int
    max_new_tokens: int | None
    min_length: int | None
    min_new_tokens: int | None
    early_stopping: bool | Literal["never"] | None
    max_time: float | None
    stop_strings: str | Sequence[str] | None
    do_sample: bool | None
    num_beams: int
    use_mtp: bool | None
    use_cache: bool
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
    )
    cache_config: QuantizedCacheConfig | Mapping[str, Any] | None
    max_cache_len: int | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    min_p: float | None
    top_h: float | None
    typical_p: float
    epsilon_cutoff: float
    eta_cutoff: float
    repetition_penalty: float | None
    encoder_repetition_penalty: float
    length_penalty: float
    no_repeat_ngram_size: int | None
    bad_words_ids: Sequence[Sequence[int]] | None
    renormalize_logits: bool | None
    forced_bos_token_id: int | None
    forced_eos_token_id: int | Sequence[int] | None
    remove_invalid_values: bool | None
    exponential_decay_length_penalty: tuple[int, float] | list[int | float] | None
    suppress_tokens: Sequence[int] | None
    begin_suppress_tokens: Sequence[int] | None
    sequence_bias: (
        Mapping[tuple[int, ...], float]
        | Sequence[tuple[Sequence[int], float] | list[Sequence[int] | float]]
        | None
    )
    token_healing: bool | None
    guidance_scale: float | None
    watermarking_config: WatermarkingConfig | Mapping[str, Any] | SynthIDTextWatermarkingConfig | None
    num_return_sequences: int
    output_attentions: bool | None
    output_hidden_states: bool | None
    output_scores: bool | None
    output_logits: bool | None
    return_dict_in_generate: bool | None
    pad_token_id: int | None
    bos_token_id: int | None
    eos_token_id: int | Sequence[int] | None
    encoder_no_repeat_ngram_size: int | None
    decoder_start_token_id: int | Sequence[int] | None
    is_assistant: Literal[False] | None
    num_assistant_tokens: int | None
    num_assistant_tokens_schedule: Literal["heuristic", "heuristic_transient", "constant"] | None
    assistant_confidence_threshold: float | None
    prompt_lookup_num_tokens: int | None
    max_matching_ngram_size: int | None
    assistant_early_exit: int | None
    assistant_lookbehind: int | None
    target_lookbehind: int | None
    assistant_ensemble_weight: float | None
    speculation_type: Literal["dflash"] | None
    compile_config: CompileConfig | Mapping[str, Any] | None
    disable_compile: bool | None
    continuous_batching_config: ContinuousBatchingConfig | Mapping[str, Any] | None
    low_memory: bool
    penalty_alpha: float | None
    dola_layers: Literal["low", "high"] | Sequence[int] | None
    diversity_penalty: float
    num_beam_groups: int | None
    constraints: None
    force_words_ids: Sequence[Sequence[int]] | Sequence[Sequence[Sequence[int]]] | None
    prefill_chunk_size: int | None
    extra: Mapping[str, Any]
