"""Turning prompts into batches of token ids: texts with padding, or random ids of one length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, repeat

import torch
from transformers import PreTrainedTokenizerBase

from llenergymeasure.config.experiment import SyntheticPrompts, WorkloadConfig
from llenergymeasure.engines.errors import PromptError, TokenizerError
from llenergymeasure.engines.prompts import Prompts
from llenergymeasure.engines.transformers.model_info import context_length, special_ids, vocabulary_size
from llenergymeasure.engines.transformers.model_loader import ModelParts


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Prompts that go to ``generate()`` together; the tensors are prompts x width, on the model's device.

    The negative prompts have a width of their own; they are None where the workload has none.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    negative_prompt_ids: torch.Tensor | None = None
    negative_prompt_attention_mask: torch.Tensor | None = None

    @property
    def prompts(self) -> int:
        """How many prompts there are."""
        return int(self.input_ids.shape[0])

    @property
    def width(self) -> int:
        """Tokens of the longest prompt, to which the others are padded."""
        return int(self.input_ids.shape[1])


def batches_of(workload: WorkloadConfig, prompts: Prompts, parts: ModelParts) -> tuple[Batch, ...]:
    """The batches of a workload with these prompts.

    Raises:
        PromptError: the model cannot use the prompts.
        TokenizerError: a batch needs padding, and the tokenizer has no token for it.
    """
    if isinstance(prompts, SyntheticPrompts):
        return make_synthetic_batches(
            prompts.tokens,
            requests=workload.requests,
            batch_size=workload.batch_size,
            seed=workload.seed,
            parts=parts,
            negative_prompts=workload.negative_prompts,
        )
    return make_batches(
        prompts,
        requests=workload.requests,
        batch_size=workload.batch_size,
        parts=parts,
        negative_prompts=workload.negative_prompts,
    )


def make_batches(
    prompts: Sequence[str],
    *,
    requests: int,
    batch_size: int,
    parts: ModelParts,
    negative_prompts: Sequence[str] | None = None,
) -> tuple[Batch, ...]:
    """``requests`` prompts in their order, starting over at the end, ``batch_size`` at a time.

    A tokenizer without a padding token pads with its end token; the attention mask hides the padding from the
    model.

    Raises:
        PromptError: a prompt has no tokens, or more than the model's context.
        TokenizerError: a batch needs padding, and the tokenizer has neither token.
    """
    tokenizer = _tokenizer(parts)
    if batch_size > 1 and tokenizer.pad_token is None:
        if tokenizer.eos_token is None:
            raise TokenizerError(
                "model.tokenizer: the tokenizer has no padding token and no end token, so prompts of "
                "different lengths cannot share a batch. Set workload.batch_size to 1, or name a tokenizer "
                "that has one."
            )
        tokenizer.pad_token = tokenizer.eos_token
    groups = _repeated(prompts, requests, batch_size)
    negative_groups = _negative_groups(negative_prompts, requests, batch_size)
    return tuple(
        _batch(_encode(texts, "workload.prompts", parts), negatives, parts)
        for texts, negatives in zip(groups, negative_groups, strict=False)
    )


def make_synthetic_batches(
    tokens: int,
    *,
    requests: int,
    batch_size: int,
    seed: int,
    parts: ModelParts,
    negative_prompts: Sequence[str] | None = None,
) -> tuple[Batch, ...]:
    """Prompts of random ids, each of exactly that many tokens, all of them different draws.

    The ids are drawn evenly from the model's vocabulary, without those that begin, end or pad a text. They
    are drawn on the CPU, so a seed gives the same prompts on every device.

    Raises:
        PromptError: the model's context is shorter, or a negative prompt has no tokens.
    """
    _require_room(tokens, "each prompt", "workload.prompts.tokens", parts)
    special = special_ids(parts.model)
    allowed = torch.tensor([token for token in range(vocabulary_size(parts.model)) if token not in special])
    drawn = torch.randint(len(allowed), (requests, tokens), generator=torch.Generator().manual_seed(seed))
    groups = allowed[drawn].to(parts.device).split(batch_size)
    negative_groups = _negative_groups(negative_prompts, requests, batch_size)
    return tuple(
        _batch((ids, torch.ones_like(ids)), negatives, parts)
        for ids, negatives in zip(groups, negative_groups, strict=False)
    )


def _negative_groups(
    texts: Sequence[str] | None, requests: int, batch_size: int
) -> Iterator[Sequence[str] | None]:
    """The negative prompts of each batch; None for each batch where there are none."""
    return repeat(None) if texts is None else _repeated(texts, requests, batch_size)


def _batch(
    prompts: tuple[torch.Tensor, torch.Tensor], negatives: Sequence[str] | None, parts: ModelParts
) -> Batch:
    """A batch of encoded prompts (ids and mask) and of negative prompts that are still texts."""
    ids, mask = (None, None) if negatives is None else _encode(negatives, "workload.negative_prompts", parts)
    return Batch(
        input_ids=prompts[0],
        attention_mask=prompts[1],
        negative_prompt_ids=ids,
        negative_prompt_attention_mask=mask,
    )


def _encode(texts: Sequence[str], place: str, parts: ModelParts) -> tuple[torch.Tensor, torch.Tensor]:
    """The ids of texts and their mask, on the model's device."""
    encoded = _tokenizer(parts)(
        list(texts), padding=len(texts) > 1, return_attention_mask=True, return_tensors="pt"
    )
    mask = encoded["attention_mask"].to(torch.long)
    for text, length in zip(texts, mask.sum(dim=1).tolist(), strict=True):
        if length == 0:
            raise PromptError(f"{place}: the tokenizer makes no tokens of the prompt {text!r}. Remove it.")
        _require_room(length, f"the prompt {_beginning(text)}", place, parts)
    return encoded["input_ids"].to(parts.device, torch.long), mask.to(parts.device)


def _require_room(length: int, prompt: str, place: str, parts: ModelParts) -> None:
    context = context_length(parts.model)
    if context is not None and length > context:
        raise PromptError(
            f"{place}: {prompt} has {length} tokens, and the model's context is {context}. Shorten it, or use "
            "a model with a longer context."
        )


def _beginning(text: str) -> str:
    """The beginning of a text, long enough to recognise the text in a message."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _tokenizer(parts: ModelParts) -> PreTrainedTokenizerBase:
    if parts.tokenizer is None:  # a binding loads one where there are texts
        raise TokenizerError("model.tokenizer: the run has texts, and no tokenizer was loaded for them.")
    return parts.tokenizer


def _repeated(texts: Sequence[str], requests: int, size: int) -> Iterator[Sequence[str]]:
    """``requests`` texts in groups of ``size``, starting over at the end; the last group may be smaller."""
    repeated = list(islice(cycle(texts), requests))
    for start in range(0, requests, size):
        yield repeated[start : start + size]
