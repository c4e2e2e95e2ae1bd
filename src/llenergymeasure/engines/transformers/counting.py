"""Counting tokens from the ids that ``generate()`` returned, as one would by hand.

A sequence's output tokens are those after its prompt, up to and including the one that ended it: the first
end-of-sequence token, or the one that completed a stop string. What follows is padding to the longest
sequence of the batch and is never counted; neither is padding in front of a prompt. A sequence that nothing
ended is counted to its last id, generated padding tokens included.
"""

from collections.abc import Collection, Sequence
from typing import Any

import torch


def prompt_tokens(attention_mask: Sequence[Sequence[int]]) -> int:
    """Tokens that are not padding, over all prompts."""
    return sum(sum(row) for row in attention_mask)


def healed_width(tokenizer: Any, ids: torch.Tensor) -> int:
    """The number of tokens of the longest prompt after token healing; output begins after these.

    Token healing strips the texts and tokenizes them again. It then replaces the last token of each, which
    does not change their number.

    Args:
        tokenizer: the tokenizer that ``generate()`` gets.
        ids: the prompts, padded; of shape (prompts, tokens).
    """
    texts = [text.strip() for text in tokenizer.batch_decode(ids, skip_special_tokens=True)]
    return max(map(len, tokenizer(texts)["input_ids"]))


def output_tokens(
    row: Sequence[int], *, prompt_width: int, eos: Collection[int], stopped_after: int | None = None
) -> int:
    """How many tokens of a returned row were generated for it.

    Args:
        row: the ids: first the padded prompt (or the decoder's start token), then the output.
        prompt_width: how many ids come before the first generated one.
        eos: the end-of-sequence ids in effect; empty if none ends a sequence.
        stopped_after: the output token, counted from 1, that completed a stop string; None if none did.
    """
    generated = row[prompt_width:]
    for number, token in enumerate(generated, start=1):
        if token < 0:  # beam search fills with -1 where the model has neither padding nor end token
            return number - 1
        if token in eos or number == stopped_after:
            return number
    return len(generated)


def end_ids(eos_token_id: int | Sequence[int] | None) -> frozenset[int]:
    """The end-of-sequence ids of a generation setting."""
    if eos_token_id is None:
        return frozenset()
    return frozenset([eos_token_id] if isinstance(eos_token_id, int) else eos_token_id)
