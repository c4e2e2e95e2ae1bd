"""Prompts into batches of token ids: texts, padded on the side that the model's kind needs, or random ids of one length."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, repeat

import torch
from transformers import PreTrainedTokenizerBase

from llenergymeasure.engines.transformers.errors import PromptError, TokenizerError
from llenergymeasure.engines.transformers.loading import LoadedModel
from llenergymeasure.engines.transformers.model_info import context_length, special_ids, vocabulary_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Prompts that go to ``generate()`` together; the tensors are prompts x width, on the model's device.

    The negative prompts have a width of their own; None where there are none.
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
        """The length of the longest prompt, to which the others are padded."""
        return int(self.input_ids.shape[1])


def make_batches(
    prompts: Sequence[str],
    *,
    requests: int,
    batch_size: int,
    loaded: LoadedModel,
    negative_prompts: Sequence[str] | None = None,
) -> tuple[Batch, ...]:
    """The workload: ``requests`` prompts in their order, starting over at the end, ``batch_size`` at a time.

    Where the tokenizer has no padding token its end token pads; the attention mask keeps either out of the model's sight.

    Raises:
        PromptError: a prompt has no tokens, or more than the model's context.
        TokenizerError: a batch needs padding, and the tokenizer has neither token.
    """
    tokenizer = _tokenizer(loaded)
    if batch_size > 1 and tokenizer.pad_token is None:
        if tokenizer.eos_token is None:
            raise TokenizerError(
                "model.tokenizer: the tokenizer has no padding token and no end token, so prompts of different lengths "
                "cannot share a batch. Set workload.batch_size to 1, or name a tokenizer that has one."
            )
        tokenizer.pad_token = tokenizer.eos_token
    texts = _repeated(prompts, requests, batch_size)
    negatives = (
        repeat(None) if negative_prompts is None else _repeated(negative_prompts, requests, batch_size)
    )
    return tuple(
        _batch(_encoded(part, "workload.prompts", loaded), against, loaded)
        for part, against in zip(texts, negatives, strict=False)
    )


def make_synthetic_batches(
    tokens: int,
    *,
    requests: int,
    batch_size: int,
    seed: int,
    loaded: LoadedModel,
    negative_prompts: Sequence[str] | None = None,
) -> tuple[Batch, ...]:
    """Prompts of random ids, each of exactly that many tokens, all of them different draws.

    The ids are drawn evenly from the model's vocabulary, but for those that begin, end or pad a text for it. The draw is made on the
    CPU, so a seed gives the same prompts on every device.

    Raises:
        PromptError: the model's context is shorter, or a negative prompt has no tokens.
    """
    _require_room(tokens, "each prompt", "workload.prompts.tokens", loaded)
    special = special_ids(loaded.model)
    allowed = torch.tensor([token for token in range(vocabulary_size(loaded.model)) if token not in special])
    drawn = torch.randint(len(allowed), (requests, tokens), generator=torch.Generator().manual_seed(seed))
    ids = allowed[drawn].to(loaded.device)
    negatives = (
        repeat(None) if negative_prompts is None else _repeated(negative_prompts, requests, batch_size)
    )
    return tuple(
        _batch((part, torch.ones_like(part)), against, loaded)
        for part, against in zip(ids.split(batch_size), negatives, strict=False)
    )


def _batch(
    prompts: tuple[torch.Tensor, torch.Tensor], negatives: Sequence[str] | None, loaded: LoadedModel
) -> Batch:
    against = (None, None) if negatives is None else _encoded(negatives, "workload.negative_prompts", loaded)
    return Batch(
        input_ids=prompts[0],
        attention_mask=prompts[1],
        negative_prompt_ids=against[0],
        negative_prompt_attention_mask=against[1],
    )


def _encoded(texts: Sequence[str], place: str, loaded: LoadedModel) -> tuple[torch.Tensor, torch.Tensor]:
    """The ids of texts and their mask, on the model's device."""
    encoded = _tokenizer(loaded)(
        list(texts), padding=len(texts) > 1, return_attention_mask=True, return_tensors="pt"
    )
    mask = encoded["attention_mask"].to(torch.long)
    for text, length in zip(texts, mask.sum(dim=1).tolist(), strict=True):
        if length == 0:
            raise PromptError(f"{place}: the tokenizer makes no tokens of the prompt {text!r}. Remove it.")
        _require_room(length, f"the prompt {_beginning(text)}", place, loaded)
    return encoded["input_ids"].to(loaded.device, torch.long), mask.to(loaded.device)


def _require_room(length: int, what: str, place: str, loaded: LoadedModel) -> None:
    context = context_length(loaded.model)
    if context is not None and length > context:
        raise PromptError(
            f"{place}: {what} has {length} tokens, and the model's context is {context}. Shorten it, or take a model with a "
            "longer context."
        )


def _beginning(text: str) -> str:
    """Enough of a text to find it by."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def _tokenizer(loaded: LoadedModel) -> PreTrainedTokenizerBase:
    if loaded.tokenizer is None:  # whoever has texts asks load_model() for it
        raise TokenizerError("model.tokenizer: the run has texts, and no tokenizer was loaded for them.")
    return loaded.tokenizer


def _repeated(texts: Sequence[str], requests: int, size: int) -> Iterator[Sequence[str]]:
    """That many texts in their order, starting over at the end, in runs of ``size``; the last one may be shorter."""
    repeated = list(islice(cycle(texts), requests))
    for start in range(0, requests, size):
        yield repeated[start : start + size]
