"""Every parameter of ``generate()`` in transformers, typed.

GENERATED from transformers 5.24.0 by ``python -m codegen refresh``. Do not edit.

What was decided by hand is in ``codegen/engines/transformers/overrides.toml``; the rest follows the source.
``python -m codegen explain NAME`` shows where each fact comes from. More about each parameter is in
``pytorch_metadata``, and the rules across parameters are in ``pytorch_rules``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Unpack

from annotated_types import Ge, Gt, Le, Lt, MinLen

from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.generation_config import GenerationConfigMixin
from llenergymeasure.config.metadata import ParamInfo, Rule
from llenergymeasure.config.pytorch_metadata import PARAMS
from llenergymeasure.config.pytorch_nested import (
    CompileConfig,
    ContinuousBatchingConfig,
    QuantizedCacheConfig,
    SynthIDTextWatermarkingConfig,
    WatermarkingConfig,
)
from llenergymeasure.config.pytorch_rules import RULES
from llenergymeasure.config.types import FixedTuple, Pairs, Seq, exact, one_of

if TYPE_CHECKING:
    from llenergymeasure.config.pytorch_settings import PyTorchSettings

__all__ = [
    "CompileConfig",
    "ContinuousBatchingConfig",
    "PyTorchConfig",
    "QuantizedCacheConfig",
    "SynthIDTextWatermarkingConfig",
    "WatermarkingConfig",
]


class PyTorchConfig(GenerationConfigMixin, BackendConfig):
    """The parameters of ``generate()``, under the names that transformers gives them.

    A field shows the default that ``generate()`` works with, but only fields that were set are passed to it.
    For the others, the model's own settings apply. None is a value, which overrides those too.
    :class:`~llenergymeasure.config.base.BackendConfig` has the methods.
    """

    engine: ClassVar[str] = "transformers"
    engine_version: ClassVar[str] = "5.24.0"
    default_facts: ClassVar[Mapping[str, object]] = {"call.assistant_model": False}
    params: ClassVar[Mapping[str, ParamInfo]] = PARAMS
    rules: ClassVar[tuple[Rule, ...]] = RULES

    # Length of the output

    max_length: Annotated[int, Gt(1)] = 20
    """Limit on prompt and new tokens together. Unless it is set, 20 new tokens are generated. max_new_tokens
    overrides it. Range: > 1.

    Requires: it includes the prompt, so it has to exceed the length of the longest prompt; max_new_tokens
    counts only new tokens.
    """

    max_new_tokens: Annotated[int, Gt(0)] | None = None
    """Limit on new tokens per sequence. The strongest lever on energy: each token is one more forward pass.
    Range: > 0.

    Requires: continuous batching has no default length and ignores max_length; set max_new_tokens.
    """

    min_length: Annotated[int, Ge(0)] | None = 0
    """Minimum of prompt and new tokens together before a sequence may end. Keeps sequences from ending early.
    Range: >= 0. Off: 0.
    """

    min_new_tokens: Annotated[int, Ge(0)] | None = None
    """Minimum of new tokens before a sequence may end. Set equal to max_new_tokens, it gives every run the
    same length. Range: >= 0.
    """

    early_stopping: bool | Literal["never"] | None = False
    """When beam search ends: as soon as it has enough candidates, by a heuristic, or only when none can
    improve.
    """

    max_time: Annotated[float, Ge(0)] | None = None
    """Seconds after which no further token is started. The amount of work then depends on the machine's
    speed. Range: >= 0.
    """

    stop_strings: Annotated[str, MinLen(1)] | Annotated[Seq[Annotated[str, MinLen(1)]], MinLen(1)] | None = (
        None
    )
    """Texts that end a sequence when they appear in it. Matching them is a small extra cost per token. Range:
    length >= 1, each length >= 1, at least 1 long.

    Requires:
    - it needs the model's tokenizer, passed as the argument tokenizer
    - no token of the model's tokenizer can end any of these texts, and generate() refuses to search for
      them; use texts that the tokenizer can produce
    """

    # Decoding strategy

    do_sample: bool | None = False
    """Draw each token at random instead of taking the most likely one. Adds little work per token, but
    lengths vary.
    """

    num_beams: Annotated[int, Ge(1)] = 1
    """Candidate sequences kept per prompt. Work and cache grow almost in proportion to it. Range: >= 1. Off:
    1.
    """

    use_mtp: bool | None = False
    """Draft several tokens at once with the model's own prediction layers. Fewer passes if most drafts are
    accepted.

    Requires:
    - assisted generation removes rejected tokens from the cache, which the fixed-size cache of an
      encoder-decoder model cannot do; leave cache_implementation unset
    - assisted generation removes rejected tokens from the cache, which a fixed-size cache with a window
      cannot do; leave cache_implementation unset, or use a model without a window
    - assisted generation takes one prompt at a time; set batch_size to 1
    - it needs a model whose state can be rolled back; that of a recurrent model cannot
    - it needs a model with its own prediction layers (MTP)
    """

    # Key-value cache

    use_cache: bool = True
    """Keep the keys and values of past tokens. Without them, work per token grows with the length of the
    sequence.
    """

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
    ) = None
    """Kind of key-value cache: growing, fixed-size, quantized, or offloaded to the CPU. Trades memory for
    transfers or arithmetic.

    Requires:
    - assisted generation removes rejected tokens from the cache, which the fixed-size cache of an
      encoder-decoder model cannot do; leave cache_implementation unset
    - assisted generation removes rejected tokens from the cache, which a fixed-size cache with a window
      cannot do; leave cache_implementation unset, or use a model without a window
    - q_group_size has to divide the size of what a layer keeps of one token (number of key-value heads
      times head size)
    - the quantized cache makes groups of 64, which does not divide the size of what a layer keeps of one
      token; set q_group_size in cache_config to a number that does
    - an offloaded cache moves between the CPU and an accelerator, so it needs an accelerator
    - the quantized cache needs a decoder-only model in which every layer attends to every token
    - the quanto backend of the quantized cache needs the package optimum-quanto
    - the hqq backend of the quantized cache needs the package hqq
    - continuous batching needs a prompt, and a model that keeps keys and values
    - generate() cannot return sequences of different lengths together from continuous batching; set
      batch_size to 1
    - continuous batching does not draft tokens; remove the assistant model, or leave cache_implementation
      unset
    - continuous batching has no default length and ignores max_length; set max_new_tokens
    - this model's code cannot use the cache of continuous batching; leave cache_implementation unset, or
      use another model
    """

    cache_config: QuantizedCacheConfig | None = None
    """Settings of the quantized cache: backend, bits, groups. Saves memory at the cost of extra arithmetic
    per token.

    Requires:
    - q_group_size has to divide the size of what a layer keeps of one token (number of key-value heads
      times head size)
    - the quantized cache makes groups of 64, which does not divide the size of what a layer keeps of one
      token; set q_group_size in cache_config to a number that does
    - the quanto backend of the quantized cache needs the package optimum-quanto
    - the hqq backend of the quantized cache needs the package hqq
    """

    max_cache_len: Annotated[int, Ge(1)] | None = None
    """Number of tokens that a static cache has room for. Longer calls later then need no new cache and no
    recompilation. Range: >= 1.
    """

    # Changes to the logits

    temperature: Annotated[float, Ge(1e-06)] | None = 1.0
    """Divides the logits before sampling: lower is greedier, higher is more random. Affects lengths more than
    work per token. Range: >= 1e-06. Off: 1.0.
    """

    top_k: Annotated[int, Ge(0)] | None = 50
    """Number of most likely tokens to draw from. One partial sort of the vocabulary per token. Range: >= 0.
    Off: 0.
    """

    top_p: Annotated[float, Ge(0), Le(1)] | None = 1.0
    """Share of the probability to draw from, most likely tokens first. One full sort of the vocabulary per
    token. Range: >= 0, <= 1. Off: 1.0.
    """

    min_p: Annotated[float, Ge(0), Le(1)] | None = None
    """Minimum probability of a token, as a share of that of the most likely token. One softmax over the
    vocabulary per token. Range: >= 0, <= 1.
    """

    top_h: Annotated[float, Gt(0), Le(1)] | None = None
    """Share of the distribution's entropy to keep when sampling. One partial sort and one running sum per
    token. Range: > 0, <= 1.
    """

    typical_p: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of the probability to draw from, tokens whose surprisal is nearest to the entropy first. One
    entropy and one sort per token. Range: > 0, <= 1. Off: 1.0.
    """

    epsilon_cutoff: Annotated[float, Ge(0), Le(1)] = 0.0
    """Minimum probability of a token that may be drawn. One softmax over the vocabulary per token. Range: >=
    0, <= 1. Off: 0.0.
    """

    eta_cutoff: Annotated[float, Ge(0), Le(1)] = 0.0
    """Cutoff of small probabilities that adapts to how uncertain the model is. One entropy per token. Range:
    >= 0, <= 1. Off: 0.0.
    """

    repetition_penalty: Annotated[float, Gt(0)] | None = 1.0
    """Above 1 it lowers and below 1 it raises the logits of tokens that have appeared. One gather over the
    sequence per token. Range: > 0. Off: 1.0.
    """

    encoder_repetition_penalty: Annotated[float, Ge(1)] = 1.0
    """Raises the logits of tokens that are in the input. One gather over the input per token. Range: >= 1.
    Off: 1.0.
    """

    length_penalty: Annotated[float, Le(50)] = 1.0
    """Exponent on length in beam scores: above zero favours long sequences, below zero short ones. Range: <=
    50.
    """

    no_repeat_ngram_size: Annotated[int, Ge(0)] | None = 0
    """Length of n-grams that must not occur twice. One search through the whole sequence per token. Range: >=
    0. Off: 0.
    """

    bad_words_ids: Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)] | None = None
    """Sequences of token ids that must not be generated. One comparison per sequence and entry for every
    token. Range: each >= 0, at least 1 long.

    Requires:
    - every id in it has to be in the model's vocabulary
    - every id of a banned word has to be in the model's vocabulary, even if an end-of-sequence token is
      not
    """

    renormalize_logits: bool | None = False
    """Make the scores a probability distribution again after all processors. One more log-softmax over the
    vocabulary per token.
    """

    forced_bos_token_id: Annotated[int, Ge(0)] | None = None
    """Token forced right after a single start token, such as a target language. One length check per token.
    Range: >= 0.

    Requires: it has to be in the model's vocabulary.
    """

    forced_eos_token_id: Annotated[int, Ge(0)] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None = (
        None
    )
    """Token, or one of several, forced as the last one at the length limit. One length check per token.
    Range: >= 0, each >= 0, at least 1 long.

    Requires: every id in it has to be in the model's vocabulary.
    """

    remove_invalid_values: bool | None = False
    """Replace NaN and infinite scores. Three scans over the vocabulary per token."""

    exponential_decay_length_penalty: (
        Annotated[tuple[Annotated[int, Ge(0)], Annotated[float, Gt(0)]], FixedTuple] | None
    ) = None
    """Start index and factor. From that token on, a factor above 1 makes the end of a sequence ever more
    likely, one below 1 less likely. Range: [0] >= 0, [1] > 0.

    Requires: it raises the scores of the end-of-sequence tokens, so they have to be in the model's
    vocabulary.
    """

    suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = None
    """Token ids that must never be generated. One mask over the vocabulary per token. Range: each >= 0."""

    begin_suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = None
    """Token ids that must not be generated first. One mask over the vocabulary per token. Range: each >= 0.
    """

    sequence_bias: (
        Annotated[Pairs[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)], float], MinLen(1)] | None
    ) = None
    """Pairs of a token sequence and a bias on its last token. One addition per token and one comparison per
    entry. Range: keys each >= 0, at least 1 long.

    Requires: every id in it has to be in the model's vocabulary.
    """

    token_healing: bool | None = False
    """Generate the last token of each prompt again, so that a longer token can replace it. One more short run
    per prompt.

    Requires: it needs the model's tokenizer, passed as the argument tokenizer.
    """

    guidance_scale: Annotated[float, Ge(1)] | None = None
    """Classifier-free guidance: weight of the prompt against a second pass without it. About doubles work and
    cache per token. Range: >= 1. Off: 1.0.
    """

    watermarking_config: Annotated[WatermarkingConfig | SynthIDTextWatermarkingConfig, one_of] | None = None
    """Mark the text by favouring pseudo-random tokens. One hash or one permutation of the vocabulary per
    sequence and token.
    """

    # What is returned

    num_return_sequences: Annotated[int, Ge(1)] = 1
    """Sequences returned per prompt. When sampling, each is one more row in every forward pass. Range: >= 1.
    """

    output_attentions: bool | None = False
    """Ask every pass for its attention weights, even if they are not returned. Eager attention then keeps
    those of all layers; fused kernels have none.

    Requires:
    - assisted generation cuts the attention weights to the accepted tokens, and only eager attention has
      weights; load the model with attn_implementation eager
    - the model has no attention heads, and so no attention weights to return
    """

    output_hidden_states: bool | None = False
    """Keep the hidden states of all layers, in every pass, even if they are not returned. Costs memory."""

    output_scores: bool | None = False
    """Keep the processed scores of every token. One row of vocabulary size per sequence and token stays in
    memory.
    """

    output_logits: bool | None = False
    """Keep the unprocessed logits of every token. One row of vocabulary size per sequence and token stays in
    memory.
    """

    return_dict_in_generate: bool | None = False
    """Return the cache and the kept tensors together with the tokens. All of them stay in memory."""

    # Special tokens

    pad_token_id: Annotated[int, Ge(0)] | None = None
    """Token that fills sequences that end before others. The passes over it cost the same whichever token it
    is. Range: >= 0.

    Requires: it has to be in the model's vocabulary.
    """

    bos_token_id: Annotated[int, Ge(0)] | None = None
    """Token to start from if no prompt is given. Does not change the amount of work. Range: >= 0.

    Requires:
    - the decoder of an encoder-decoder model needs a token to begin with; set decoder_start_token_id
    - without a start token, generate() needs a prompt
    - without a prompt it is the first token, so it has to be in the model's vocabulary
    """

    eos_token_id: int | Annotated[Seq[int], MinLen(1)] | None = None
    """Token, or one of several, that ends a sequence. With None every sequence runs to its length limit.
    Range: at least 1 long.

    Requires: every id of a banned word has to be in the model's vocabulary, even if an end-of-sequence
    token is not.
    """

    # Encoder-decoder models

    encoder_no_repeat_ngram_size: Annotated[int, Ge(0)] | None = 0
    """Length of n-grams of the input that must not be repeated. One look-up on the CPU per sequence and
    token. Range: >= 0. Off: 0.
    """

    decoder_start_token_id: (
        Annotated[int, Ge(0)] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None
    ) = None
    """First token of the decoder, or one per prompt. Does not change the amount of work. Range: >= 0, each >=
    0, at least 1 long.

    Requires:
    - the decoder of an encoder-decoder model needs a token to begin with; set decoder_start_token_id
    - a list needs one entry per prompt of a batch
    - it has to be in the model's vocabulary
    """

    # Speculative decoding

    is_assistant: Annotated[Literal[False], exact] | None = False
    """Marks the internal calls that draft tokens; transformers sets it itself. Leave it off."""

    num_assistant_tokens: Annotated[int, Ge(1)] | None = 20
    """Tokens drafted per round. Read from the drafting model's generation config; passed to generate(), it
    changes nothing. Range: >= 1.
    """

    num_assistant_tokens_schedule: Literal["heuristic", "heuristic_transient", "constant"] | None = "constant"
    """How the number of drafted tokens changes. Read from the drafting model's generation config; passed to
    generate(), it changes nothing.
    """

    assistant_confidence_threshold: Annotated[float, Ge(0), Le(1)] | None = 0.4
    """Probability below which drafting stops. Read from the drafting model's generation config; passed to
    generate(), it changes nothing. Range: >= 0, <= 1. Off: 0.0.
    """

    prompt_lookup_num_tokens: Annotated[int, Ge(1)] | None = None
    """Number of tokens to draft by copying what followed the same n-gram before. Fewer passes if the output
    repeats the input. Range: >= 1.

    Requires:
    - assisted generation removes rejected tokens from the cache, which the fixed-size cache of an
      encoder-decoder model cannot do; leave cache_implementation unset
    - assisted generation removes rejected tokens from the cache, which a fixed-size cache with a window
      cannot do; leave cache_implementation unset, or use a model without a window
    - assisted generation takes one prompt at a time; set batch_size to 1
    - it needs a model whose state can be rolled back; that of a recurrent model cannot
    - the drafting layers look up drafts of their own, and both remove tokens from the cache of these
      layers, which its sliding window does not allow; leave one of them unset, or use a model without a
      sliding window
    """

    max_matching_ngram_size: Annotated[int, Ge(0)] | None = None
    """Longest n-gram that prompt lookup tries to match. Longer matches give better drafts, but are rarer.
    Range: >= 0.
    """

    assistant_early_exit: Annotated[int, Ge(1)] | None = None
    """Layer after which the model drafts tokens for itself. Pays off only in models trained to exit early.
    Range: >= 1.

    Requires:
    - assisted generation removes rejected tokens from the cache, which the fixed-size cache of an
      encoder-decoder model cannot do; leave cache_implementation unset
    - assisted generation removes rejected tokens from the cache, which a fixed-size cache with a window
      cannot do; leave cache_implementation unset, or use a model without a window
    - assisted generation takes one prompt at a time; set batch_size to 1
    - it needs a model whose state can be rolled back; that of a recurrent model cannot
    - the drafting layers look up drafts of their own, and both remove tokens from the cache of these
      layers, which its sliding window does not allow; leave one of them unset, or use a model without a
      sliding window
    """

    assistant_lookbehind: Annotated[int, Ge(0)] | None = 10
    """Number of drafted tokens encoded again to align two tokenizers. Read from the drafting model's
    generation config, not from generate(). Range: >= 0.
    """

    target_lookbehind: Annotated[int, Ge(0)] | None = 10
    """Number of verified tokens encoded again to align two tokenizers. Read from the drafting model's
    generation config, not from generate(). Range: >= 0.
    """

    assistant_ensemble_weight: Annotated[float, Gt(0), Lt(1)] | None = None
    """Weight of the main model when verifying drafts. Lower accepts more drafts, saving passes, but changes
    the output. Range: > 0, < 1.
    """

    speculation_type: Literal["dflash"] | None = None
    """Drafting method of the assistant model. One pass, fed with the main model's hidden states, drafts a
    block of tokens.

    Requires: it needs an assistant model that was trained for it.
    """

    # Compilation and performance

    compile_config: CompileConfig | None = None
    """How the forward pass is compiled, which needs a fixed-size cache and an accelerator. Costs time once,
    saves time at each token.
    """

    disable_compile: bool | None = False
    """Never compile the forward pass. Saves the cost of compiling, but loses its gain at each token."""

    # Deprecated

    continuous_batching_config: ContinuousBatchingConfig | None = None
    """Settings of continuous batching, which replaces finished sequences at once and so keeps the device
    busy.

    Requires:
    - use_async_batching prepares batches on a stream of an accelerator, so it needs an accelerator
    - cpu_offload_space is memory for what does not fit on an accelerator, so it needs an accelerator
    - with cpu_offload_space null, the package psutil is needed to find out how much memory there is;
      install it, or set a number of GiB

    Deprecated upstream since 5.13; its removal was announced for 5.19.
    """

    low_memory: bool = False
    """Contrastive search: try candidates one by one. Less memory, more passes. Beam search refuses it.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5. Existing
    configurations may still set it; transformers itself only reads it to refuse it in beam search.
    """

    penalty_alpha: Annotated[float, Ge(0), Le(1)] | None = None
    """Weight of the repetition penalty in contrastive search. Each token then costs a pass over top_k
    candidates. Range: >= 0, <= 1. Off: 0.0.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5.
    """

    dola_layers: Literal["low", "high"] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None = None
    """Layers to contrast with the last one (DoLa). One more projection to the vocabulary per layer and token.
    Range: each >= 0, at least 1 long.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5.
    """

    diversity_penalty: Annotated[float, Ge(0)] = 0.0
    """Group beam search: penalty on tokens that another group chose in the same step. One count over the
    vocabulary per token. Range: >= 0.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5. Existing
    configurations may still set it; transformers itself no longer reads it.
    """

    num_beam_groups: Annotated[int, Ge(1)] | None = 1
    """Number of groups that beams are divided into, so that they differ. Token selection runs once per group
    and step. Range: >= 1. Off: 1.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5.
    """

    constraints: None = None
    """Objects that say what has to appear in the output. They cannot be written as data, so only extra can
    carry them.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5.
    """

    force_words_ids: (
        Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)]
        | Annotated[
            Seq[Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)]], MinLen(1)
        ]
        | None
    ) = None
    """Token sequences that have to appear, or sets of alternatives. Bookkeeping on the CPU per beam and
    token. Range: each >= 0, at least 1 long.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5.
    """

    # Other parameters

    prefill_chunk_size: Annotated[int, Ge(1)] | None = None
    """Tokens of the prompt per forward pass. Smaller pieces need less memory at once, but more passes. Range:
    >= 1.

    Requires: it needs a model that keeps keys and values, which recurrent models do not.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[PyTorchSettings]) -> None: ...
