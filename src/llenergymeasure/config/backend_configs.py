"""Every parameter of ``generate()`` in transformers, typed.

GENERATED from transformers 5.23.0 by ``python -m codegen refresh``. Do not edit.

What people decide is in ``codegen/engines/transformers/overrides.toml``; the rest follows the source.
``python -m codegen explain NAME`` shows where each fact comes from. More about each parameter is in
``pytorch_metadata``, and what holds across parameters in ``pytorch_rules``.
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
    The model decides about the others. None is a value. What a configuration can do is described in
    :class:`~llenergymeasure.config.base.BackendConfig`.
    """

    engine: ClassVar[str] = "transformers"
    engine_version: ClassVar[str] = "5.23.0"
    without_call: ClassVar[Mapping[str, object]] = {"call.assistant_model": False}
    params: ClassVar[Mapping[str, ParamInfo]] = PARAMS
    rules: ClassVar[tuple[Rule, ...]] = RULES

    # Length of the output

    max_length: Annotated[int, Gt(1)] = 20
    """Limit on prompt and new tokens together. Where nobody sets it, 20 new tokens are made. max_new_tokens
    overrides it. Range: > 1.

    Requires: it counts the prompt too, so it has to be more than the longest prompt has; max_new_tokens
    does not count it.
    """

    max_new_tokens: Annotated[int, Gt(0)] | None = None
    """Limit on new tokens per sequence. The strongest lever on energy: each token is one more forward pass.
    Range: > 0.

    Requires: continuous batching has no usual length and does not look at max_length; set max_new_tokens.
    """

    min_length: Annotated[int, Ge(0)] | None = 0
    """Prompt and new tokens together before a sequence may end. Keeps sequences from ending early. Range: >=
    0. Off: 0.
    """

    min_new_tokens: Annotated[int, Ge(0)] | None = None
    """New tokens before a sequence may end. Set to max_new_tokens, it makes every run the same length. Range:
    >= 0.
    """

    early_stopping: bool | Literal["never"] | None = False
    """When beam search ends: as soon as it has enough candidates, by a heuristic, or only when none can
    improve.
    """

    max_time: Annotated[float, Ge(0)] | None = None
    """Seconds after which no further token is begun. Makes the amount of work depend on the machine's speed.
    Range: >= 0.
    """

    stop_strings: Annotated[str, MinLen(1)] | Annotated[Seq[Annotated[str, MinLen(1)]], MinLen(1)] | None = (
        None
    )
    """Texts that end a sequence when they appear in it. Matching them is a small extra cost per token. Range:
    length >= 1, each length >= 1, at least 1 long.

    Requires:
    - it needs the model's tokenizer, as the argument tokenizer
    - no token of the model's tokenizer can be the last of any of these texts, and generate() refuses to
      look for them; use texts that the tokenizer can spell
    """

    # Decoding strategy

    do_sample: bool | None = False
    """Draw each token at random instead of taking the likeliest. Adds little work per token, but lengths then
    vary.
    """

    num_beams: Annotated[int, Ge(1)] = 1
    """Candidate sequences kept per prompt. Work and cache grow with it almost in proportion. Range: >= 1.
    Off: 1.
    """

    use_mtp: bool | None = False
    """Draft several tokens at once with the model's own prediction layers. Fewer passes if most drafts are
    accepted.

    Requires:
    - assisted generation takes one prompt at a time; set batch_size to 1
    - it needs a model whose state can be taken back, which recurrent ones cannot
    - it needs a model with prediction layers of its own (MTP)
    """

    # Key-value cache

    use_cache: bool = True
    """Keep keys and values of past tokens. Without it, work per token grows with the length of the sequence.
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
    """Kind of key-value cache: growing, of fixed size, quantized, or moved to the CPU. Trades memory for
    traffic or arithmetic.

    Requires:
    - q_group_size has to divide what a layer keeps of one token (heads that keys and values are shared by,
      times their size)
    - the quantized cache makes groups of 64, which do not divide what a layer keeps of one token; set
      q_group_size in cache_config to a number that does
    - an offloaded cache moves between the CPU and an accelerator, so it needs one
    - the quantized cache needs a decoder-only model, all of whose layers attend to every token
    - the quanto backend of the quantized cache needs the package optimum-quanto
    - the hqq backend of the quantized cache needs the package hqq
    - continuous batching needs a prompt, and a model that keeps keys and values
    - generate() cannot return sequences of different lengths together from continuous batching; set
      batch_size to 1
    - continuous batching drafts nothing; leave the assistant model out, or cache_implementation unset
    - continuous batching has no usual length and does not look at max_length; set max_new_tokens
    """

    cache_config: QuantizedCacheConfig | None = None
    """Settings of the quantized cache: backend, bits, groups. Less memory for extra arithmetic per token.

    Requires:
    - q_group_size has to divide what a layer keeps of one token (heads that keys and values are shared by,
      times their size)
    - the quantized cache makes groups of 64, which do not divide what a layer keeps of one token; set
      q_group_size in cache_config to a number that does
    - the quanto backend of the quantized cache needs the package optimum-quanto
    - the hqq backend of the quantized cache needs the package hqq
    """

    max_cache_len: Annotated[int, Ge(1)] | None = None
    """Tokens that a static cache is sized for. Spares later, longer calls a new cache and a recompilation.
    Range: >= 1.
    """

    # Changes to the logits

    temperature: Annotated[float, Ge(1e-06)] | None = 1.0
    """Divides the logits before sampling: lower is greedier, higher more random. Shifts lengths more than
    work per token. Range: >= 1e-06. Off: 1.0.
    """

    top_k: Annotated[int, Ge(0)] | None = 50
    """Number of likeliest tokens to draw from. One partial sort of the vocabulary per token. Range: >= 0.
    Off: 0.

    Requires: with per_request_processors, top_k has to be at most the size of the model's vocabulary.
    """

    top_p: Annotated[float, Ge(0), Le(1)] | None = 1.0
    """Share of probability to draw from, likeliest tokens first. One full sort of the vocabulary per token.
    Range: >= 0, <= 1. Off: 1.0.
    """

    min_p: Annotated[float, Ge(0), Le(1)] | None = None
    """Least probability of a token, as a share of the likeliest one's. One softmax over the vocabulary per
    token. Range: >= 0, <= 1.
    """

    top_h: Annotated[float, Gt(0), Le(1)] | None = None
    """Share of the distribution's entropy to keep when sampling. A partial sort and a running sum per token.
    Range: > 0, <= 1.
    """

    typical_p: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of probability to draw from, tokens of the most typical surprise first. An entropy and a sort per
    token. Range: > 0, <= 1. Off: 1.0.
    """

    epsilon_cutoff: Annotated[float, Ge(0), Le(1)] = 0.0
    """Least probability of a token that may be drawn. One softmax over the vocabulary per token. Range: >= 0,
    <= 1. Off: 0.0.
    """

    eta_cutoff: Annotated[float, Ge(0), Le(1)] = 0.0
    """Cutoff of small probabilities that adapts to how uncertain the model is. An entropy per token. Range:
    >= 0, <= 1. Off: 0.0.
    """

    repetition_penalty: Annotated[float, Gt(0)] | None = 1.0
    """Above 1 lowers, below 1 raises the logits of tokens that have appeared. A gather over the sequence per
    token. Range: > 0. Off: 1.0.
    """

    encoder_repetition_penalty: Annotated[float, Ge(1)] = 1.0
    """Raises the logits of tokens that are in the input. A gather over the input per token. Range: >= 1. Off:
    1.0.
    """

    length_penalty: Annotated[float, Le(50)] = 1.0
    """Exponent on length in beam scores: above zero favours long sequences, below zero short ones. Range: <=
    50.
    """

    no_repeat_ngram_size: Annotated[int, Ge(0)] | None = 0
    """Length of n-grams that must not occur twice. A search through the whole sequence at every token. Range:
    >= 0. Off: 0.
    """

    bad_words_ids: Annotated[Seq[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)]], MinLen(1)] | None = None
    """Sequences of token ids that must not be generated. One comparison per sequence and entry at every
    token. Range: each >= 0, at least 1 long.

    Requires:
    - every id in it has to be in the model's vocabulary
    - every id of a banned word has to be in the model's vocabulary, also beside an end of the sequence
      that is not
    """

    renormalize_logits: bool | None = False
    """Make scores sum up to one again after all processors. One more log-softmax over the vocabulary per
    token.
    """

    forced_bos_token_id: Annotated[int, Ge(0)] | None = None
    """Token forced right after a single start token, such as a target language. A length check per token.
    Range: >= 0.

    Requires: it has to be in the model's vocabulary.
    """

    forced_eos_token_id: Annotated[int, Ge(0)] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None = (
        None
    )
    """Token, or one of several, forced as the last one at the length limit. A length check per token. Range:
    >= 0, each >= 0, at least 1 long.

    Requires: every id in it has to be in the model's vocabulary.
    """

    remove_invalid_values: bool | None = False
    """Replace NaN and infinite scores. Three scans over the vocabulary per token."""

    exponential_decay_length_penalty: (
        Annotated[tuple[Annotated[int, Ge(0)], Annotated[float, Gt(0)]], FixedTuple] | None
    ) = None
    """Start index and factor: above 1 the end of a sequence becomes ever likelier from there on, below 1 less
    likely. Range: [0] >= 0, [1] > 0.

    Requires: the end-of-sequence tokens, which it raises, have to be in the model's vocabulary.
    """

    suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = None
    """Token ids that must never be generated. One mask over the vocabulary per token. Range: each >= 0."""

    begin_suppress_tokens: Seq[Annotated[int, Ge(0)]] | None = None
    """Token ids that must not come first. One mask over the vocabulary per token. Range: each >= 0."""

    sequence_bias: (
        Annotated[Pairs[Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)], float], MinLen(1)] | None
    ) = None
    """Pairs of a token sequence and a bias on its last token. One addition per token and a comparison per
    entry. Range: keys each >= 0, at least 1 long.

    Requires: every id in it has to be in the model's vocabulary.
    """

    token_healing: bool | None = False
    """Generate the last token of each prompt again so that it can grow. One more short run per prompt.

    Requires: it needs the model's tokenizer, as the argument tokenizer.
    """

    guidance_scale: Annotated[float, Ge(1)] | None = None
    """Weight of the prompt against a second pass without it (classifier-free guidance). About doubles work
    and cache per token. Range: >= 1. Off: 1.0.
    """

    watermarking_config: Annotated[WatermarkingConfig | SynthIDTextWatermarkingConfig, one_of] | None = None
    """Mark the text by favouring pseudo-random tokens. A hash or a permutation of the vocabulary per sequence
    and token.
    """

    # What is returned

    num_return_sequences: Annotated[int, Ge(1)] = 1
    """Sequences returned per prompt. When sampling, each is one more row in every forward pass. Range: >= 1.
    """

    output_attentions: bool | None = False
    """Ask every pass for its attention weights, returned or not. Eager attention then keeps those of all
    layers; fused kernels have none.

    Requires:
    - assisted generation cuts the attention weights to what was accepted, and only the eager attention has
      some; load the model with attn_implementation eager
    - the model has no attention heads, and so nothing to return of them
    """

    output_hidden_states: bool | None = False
    """Keep the hidden states of all layers, in every pass, even where they are not returned. Costs memory."""

    output_scores: bool | None = False
    """Keep processed scores of every token. One row of vocabulary size per sequence and token stays in
    memory.
    """

    output_logits: bool | None = False
    """Keep unprocessed logits of every token. One row of vocabulary size per sequence and token stays in
    memory.
    """

    return_dict_in_generate: bool | None = False
    """Return cache and kept tensors together with the tokens. What is returned stays in memory."""

    # Special tokens

    pad_token_id: Annotated[int, Ge(0)] | None = None
    """Token that fills sequences which end before others. The passes over them cost the same whatever it is.
    Range: >= 0.

    Requires: it has to be in the model's vocabulary.
    """

    bos_token_id: Annotated[int, Ge(0)] | None = None
    """Token to start from where no prompt is given. Does not change the amount of work. Range: >= 0.

    Requires:
    - without a first token, generate() needs a prompt
    - where no prompt is given it is the first token, so it has to be in the model's vocabulary
    """

    eos_token_id: int | Annotated[Seq[int], MinLen(1)] | None = None
    """Token, or one of several, that ends a sequence. With None every sequence runs to its length limit.
    Range: at least 1 long.

    Requires: every id of a banned word has to be in the model's vocabulary, also beside an end of the
    sequence that is not.
    """

    # Encoder-decoder models

    encoder_no_repeat_ngram_size: Annotated[int, Ge(0)] | None = 0
    """Length of n-grams of the input that must not be repeated. A look-up on the CPU per sequence and token.
    Range: >= 0. Off: 0.
    """

    decoder_start_token_id: (
        Annotated[int, Ge(0)] | Annotated[Seq[Annotated[int, Ge(0)]], MinLen(1)] | None
    ) = None
    """First token of the decoder, or one per prompt. Does not change the amount of work. Range: >= 0, each >=
    0, at least 1 long.

    Requires:
    - a list of it has one entry per prompt of a batch
    - it has to be in the model's vocabulary
    """

    # Speculative decoding

    is_assistant: Annotated[Literal[False], exact] | None = False
    """Marks the inner calls that draft tokens; transformers sets it by itself. Leave it off."""

    num_assistant_tokens: Annotated[int, Ge(1)] | None = 20
    """Tokens drafted per round. Read from the drafting model's generation config: passed to generate() it
    changes nothing. Range: >= 1.
    """

    num_assistant_tokens_schedule: Literal["heuristic", "heuristic_transient", "constant"] | None = "constant"
    """How drafts grow and shrink. Read from the drafting model's generation config: passed to generate() it
    changes nothing.
    """

    assistant_confidence_threshold: Annotated[float, Ge(0), Le(1)] | None = 0.4
    """Probability below which drafting stops. Read from the drafting model's generation config: passed to
    generate() it changes nothing. Range: >= 0, <= 1. Off: 0.0.
    """

    prompt_lookup_num_tokens: Annotated[int, Ge(1)] | None = None
    """Tokens to draft by copying what followed the same n-gram before. Fewer passes where the output repeats
    the input. Range: >= 1.

    Requires:
    - assisted generation takes one prompt at a time; set batch_size to 1
    - it needs a model whose state can be taken back, which recurrent ones cannot
    - the layers that draft look up drafts of their own, and both take tokens back from the cache of these
      layers, which its window does not bear; leave one of them unset, or use a model without a window
    """

    max_matching_ngram_size: Annotated[int, Ge(0)] | None = None
    """Longest n-gram that prompt lookup tries to match. Longer matches draft better, but are rarer. Range: >=
    0.
    """

    assistant_early_exit: Annotated[int, Ge(1)] | None = None
    """Layer after which the model drafts tokens for itself. Pays off only in models trained to exit early.
    Range: >= 1.

    Requires:
    - assisted generation takes one prompt at a time; set batch_size to 1
    - it needs a model whose state can be taken back, which recurrent ones cannot
    - the layers that draft look up drafts of their own, and both take tokens back from the cache of these
      layers, which its window does not bear; leave one of them unset, or use a model without a window
    """

    assistant_lookbehind: Annotated[int, Ge(0)] | None = 10
    """Drafted tokens encoded again to align two tokenizers. Read from the drafting model's generation config,
    not from generate(). Range: >= 0.
    """

    target_lookbehind: Annotated[int, Ge(0)] | None = 10
    """Verified tokens encoded again to align two tokenizers. Read from the drafting model's generation
    config, not from generate(). Range: >= 0.
    """

    assistant_ensemble_weight: Annotated[float, Gt(0), Lt(1)] | None = None
    """Weight of the main model when verifying drafts. Lower accepts more drafts, saving passes, but changes
    the output. Range: > 0, < 1.
    """

    speculation_type: Literal["dflash"] | None = None
    """Drafting method of the assistant model. A block of tokens comes from one pass, fed by the main model's
    hidden states.

    Requires: it needs an assistant model that was trained for it.
    """

    # Compilation and performance

    compile_config: CompileConfig | None = None
    """How the forward pass is compiled, where it is: fixed-size cache and an accelerator. Costs once, saves
    at each token.
    """

    disable_compile: bool | None = False
    """Never compile the forward pass. Saves the cost of compiling and gives up its gain at each token."""

    # Deprecated

    continuous_batching_config: ContinuousBatchingConfig | None = None
    """Settings of continuous batching, which fills places of finished sequences at once and so keeps the
    device busy.

    Requires:
    - with per_request_processors, top_k has to be at most the size of the model's vocabulary
    - use_async_batching prepares batches on a stream of an accelerator, so it needs one
    - cpu_offload_space is memory for what an accelerator has no room for, so it needs one
    - cpu_offload_space null asks the package psutil how much memory there is; install it, or say how many
      GiB

    Deprecated upstream since 5.13; its removal was announced for 5.19.
    """

    low_memory: bool = False
    """Contrastive search: try candidates one by one. Less memory, more passes. Beam search refuses it.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5. It is kept so
    that configurations name it, but core only reads it to refuse it in beam search.
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
    """Group beam search: penalty on tokens that another group chose in the same step. A count over the
    vocabulary per token. Range: >= 0.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5. It is kept so
    that configurations name it, but core no longer reads it.
    """

    num_beam_groups: Annotated[int, Ge(1)] | None = 1
    """Groups that beams are divided into, to make them differ. Token selection runs once per group and step.
    Range: >= 1. Off: 1.

    Deprecated upstream; its decoding mode moved to the Hub; its removal was announced for 5.
    """

    constraints: None = None
    """Objects that say what has to appear in the output. They have no form as data, so only extra can carry
    them.

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

    Requires: it needs a model that keeps keys and values, which recurrent ones do not.
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Unpack[PyTorchSettings]) -> None: ...
