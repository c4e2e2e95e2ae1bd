"""Prompts into batches of token ids, padded on the side that the model's kind needs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import torch

from llenergymeasure.inference.errors import PromptError, TokenizerError
from llenergymeasure.inference.loading import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Prompts that go to ``generate()`` together; both tensors are prompts x width, on the model's device."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor


def make_batches(
    prompts: Sequence[str], *, requests: int, batch_size: int, loaded: LoadedModel
) -> tuple[Batch, ...]:
    """The workload: ``requests`` prompts in their order, starting over at the end, ``batch_size`` at a time.

    Where the tokenizer has no padding token its end token pads; the attention mask keeps either out of the model's sight.

    Raises:
        PromptError: a prompt has no tokens.
        TokenizerError: a batch needs padding, and the tokenizer has neither token.
    """
    texts = list(islice(cycle(prompts), requests))
    tokenizer = loaded.tokenizer
    if batch_size > 1 and tokenizer.pad_token is None:
        if tokenizer.eos_token is None:
            raise TokenizerError(
                "model.tokenizer: the tokenizer has no padding token and no end token, so prompts of different lengths "
                "cannot share a batch. Set workload.batch_size to 1, or name a tokenizer that has one."
            )
        tokenizer.pad_token = tokenizer.eos_token
    return tuple(_batch(chunk, loaded) for chunk in _chunks(texts, batch_size))


def _batch(texts: Sequence[str], loaded: LoadedModel) -> Batch:
    encoded = loaded.tokenizer(
        list(texts), padding=len(texts) > 1, return_attention_mask=True, return_tensors="pt"
    )
    mask = encoded["attention_mask"].to(torch.long)
    for text, length in zip(texts, mask.sum(dim=1).tolist(), strict=True):
        if length == 0:
            raise PromptError(
                f"workload.prompts: the tokenizer makes no tokens of the prompt {text!r}. Remove it."
            )
    return Batch(
        input_ids=encoded["input_ids"].to(loaded.device, torch.long), attention_mask=mask.to(loaded.device)
    )


def _chunks(texts: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Runs of that many; the last one may be shorter."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
