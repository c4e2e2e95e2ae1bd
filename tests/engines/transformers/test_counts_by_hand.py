"""Prompts and returned sequences, written out as letters, with their tokens counted by hand.

Each letter is a token. ``^`` begins a text and ``$`` ends one. ``_`` is padding, ``~`` is padding with the
end token, and ``-`` is the -1 with which beam search fills up if there is no padding token. A returned row
begins with its padded prompt or, in an encoder-decoder model, with the decoder's start token.
"""

from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import Any

import pytest
import torch
from transformers import (
    MaxTimeCriteria,
    StoppingCriteria,
    StoppingCriteriaList,
    T5Config,
    T5ForConditionalGeneration,
)

from llenergymeasure.engines.calls import TokenCounts
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.generation import Generated, Generator
from llenergymeasure.engines.transformers.model_loader import ModelParts

TOKENIZER = build_tokenizer()
MARKS = {"_": 0, "^": 1, "$": 2, "~": 2, "-": -1}
A, Z = TOKENIZER.convert_tokens_to_ids(["a", "z"])


def ids(text: str) -> list[int]:
    return [
        MARKS[token] if token in MARKS else TOKENIZER.convert_tokens_to_ids(token) for token in text.split()
    ]


class StopAfter(StoppingCriteria):
    """Ends a sequence after a token. It remembers nothing: it is true for that token only."""

    def __init__(self, token: int) -> None:
        self.token = token

    def __call__(self, input_ids: torch.Tensor, scores: Any, **arguments: Any) -> torch.Tensor:
        return input_ids[:, -1] == self.token


@dataclass(frozen=True, kw_only=True)
class Case:
    """Batches, each of prompts and the sequences returned for them; settings; and the expected counts."""

    about: str
    batches: list[tuple[list[str], list[str]]]
    settings: dict[str, Any] = field(default_factory=dict)
    encoder_decoder: bool = False
    prompt: int
    output: int


CASES = [
    Case(
        about="one prompt, to the full length",
        batches=[(["^ a b"], ["^ a b c d e"])],
        prompt=3,
        output=3,
    ),
    Case(
        about="padding on the left is not part of the prompt",
        batches=[(["_ _ ^ a", "^ a b c"], ["_ _ ^ a b c", "^ a b c d e"])],
        prompt=2 + 4,
        output=2 + 2,
    ),
    Case(
        about="padding on the right is part of neither prompt nor output",
        batches=[(["^ a _ _", "^ a b c"], ["^ a _ _ b c", "^ a b c d e"])],
        prompt=2 + 4,
        output=2 + 2,
    ),
    Case(
        about="padded with the end token, which ends nothing in front of the output",
        batches=[(["~ ~ ^ a", "^ a b c"], ["~ ~ ^ a b $", "^ a b c d e"])],
        prompt=2 + 4,
        output=2 + 2,
    ),
    Case(
        about="an end token within the prompt ends nothing",
        batches=[(["^ a $ b"], ["^ a $ b c d"])],
        prompt=4,
        output=2,
    ),
    Case(
        about="the end counts, and the padding after it does not",
        batches=[(["^ a", "^ b"], ["^ a b $ _ _", "^ b c d e f"])],
        prompt=4,
        output=2 + 4,
    ),
    Case(
        about="ended with the first token",
        batches=[(["^ a", "^ b"], ["^ a $ _ _ _", "^ b c d e f"])],
        prompt=4,
        output=1 + 4,
    ),
    Case(
        about="all ended with the first token",
        batches=[(["^ a", "^ b"], ["^ a $", "^ b $"])],
        prompt=4,
        output=1 + 1,
    ),
    Case(
        about="filled up with the end token",
        batches=[(["^ a", "^ b"], ["^ a b $ ~ ~", "^ b c d e $"])],
        prompt=4,
        output=2 + 4,
    ),
    Case(
        about="either of two end tokens",
        batches=[(["^ a", "^ b"], ["^ a b z _ _", "^ b c d $ _"])],
        settings={"eos_token_id": [2, Z]},
        prompt=4,
        output=2 + 3,
    ),
    Case(
        about="no end token in effect: the id is a token like any other",
        batches=[(["^ a"], ["^ a b $ c $ d"])],
        settings={"eos_token_id": None},
        prompt=2,
        output=5,
    ),
    Case(
        about="a padding token that the model generated, before the end",
        batches=[(["^ a"], ["^ a b _ c $"])],
        prompt=2,
        output=4,
    ),
    Case(
        about="nothing generated",
        batches=[(["^ a b"], ["^ a b"])],
        prompt=3,
        output=0,
    ),
    Case(
        about="three sequences of one prompt: the prompt counts once",
        batches=[(["^ a"], ["^ a b c d", "^ a c $ _", "^ a $ _ _"])],
        settings={"num_return_sequences": 3, "do_sample": True},
        prompt=2,
        output=3 + 2 + 1,
    ),
    Case(
        about="two sequences of each of two padded prompts",
        batches=[
            (
                ["_ ^ a", "^ b c"],
                ["_ ^ a b $ _", "_ ^ a c d e", "^ b c $ _ _", "^ b c d e $"],
            )
        ],
        settings={"num_return_sequences": 2, "do_sample": True},
        prompt=2 + 3,
        output=2 + 3 + 1 + 3,
    ),
    Case(
        about="beams: only the best of each prompt is returned, the others are not output",
        batches=[(["^ a", "^ b"], ["^ a b c $ _", "^ b c d e f"])],
        settings={"num_beams": 4},
        prompt=4,
        output=3 + 4,
    ),
    Case(
        about="several beams that are returned",
        batches=[(["^ a"], ["^ a b c $", "^ a b $ _"])],
        settings={"num_beams": 4, "num_return_sequences": 2},
        prompt=2,
        output=3 + 2,
    ),
    Case(
        about="beams without a padding token",
        batches=[(["^ a"], ["^ a b c d", "^ a b - -"])],
        settings={"num_beams": 2, "num_return_sequences": 2, "eos_token_id": None},
        prompt=2,
        output=3 + 1,
    ),
    Case(
        about="encoder-decoder: the prompt is not returned, and the decoder's start is not output",
        batches=[(["^ a b $ _ _", "^ a b c d $"], ["_ x y $ _", "_ x y z $"])],
        encoder_decoder=True,
        prompt=4 + 6,
        output=3 + 4,
    ),
    Case(
        about="encoder-decoder whose decoder starts with the end token",
        batches=[(["^ a $"], ["$ x y $"])],
        encoder_decoder=True,
        prompt=3,
        output=3,
    ),
    Case(
        about="encoder-decoder that ends at once",
        batches=[(["^ a $", "b c $"], ["_ $ _", "_ x $"])],
        encoder_decoder=True,
        prompt=3 + 3,
        output=1 + 2,
    ),
    Case(
        about="encoder-decoder with several beams that are returned",
        batches=[(["^ a $"], ["_ x y $", "_ x $ _"])],
        settings={"num_beams": 2, "num_return_sequences": 2},
        encoder_decoder=True,
        prompt=3,
        output=3 + 2,
    ),
    Case(
        about="a stop string counts, the padding after it does not",
        batches=[(["^ a", "^ b"], ["^ a b c _ _", "^ b d e f g"])],
        settings={"stop_strings": "bc"},
        prompt=4,
        output=2 + 4,
    ),
    Case(
        about="the first of two stop strings",
        batches=[(["^ a"], ["^ a b c d e"])],
        settings={"stop_strings": ["de", "bc"], "eos_token_id": None},
        prompt=2,
        output=2,
    ),
    Case(
        about="a stop string that is the whole output, and an end token before one",
        batches=[(["^ a", "^ b"], ["^ a x _ _", "^ b c $ x"])],
        settings={"stop_strings": "x"},
        prompt=4,
        output=1 + 2,
    ),
    Case(
        about="a stop string in the prompt stops nothing",
        batches=[(["^ a x a"], ["^ a x a b c"])],
        settings={"stop_strings": "x"},
        prompt=4,
        output=2,
    ),
    Case(
        about="assisted: what was drafted and rejected is not output",
        batches=[(["^ a b"], ["^ a b c d e f $"])],
        settings={"prompt_lookup_num_tokens": 3},
        prompt=3,
        output=5,
    ),
    Case(
        about="a criterion of the caller's, per sequence",
        batches=[(["^ a", "^ b"], ["^ a c z _ _", "^ b c d e f"])],
        settings={"stopping_criteria": StoppingCriteriaList([StopAfter(Z)])},
        prompt=4,
        output=2 + 4,
    ),
    Case(
        about="a time limit, which ends all sequences at once",
        batches=[(["^ a", "^ b"], ["^ a c d", "^ b c $"])],
        settings={"stopping_criteria": StoppingCriteriaList([MaxTimeCriteria(max_time=0.0)])},
        prompt=4,
        output=2 + 2,
    ),
    Case(
        about="five requests in batches of two: the last batch has one",
        batches=[
            (["_ ^ a", "^ a b"], ["_ ^ a b c", "^ a b c $"]),
            (["^ c", "^ d"], ["^ c $ _", "^ d e f"]),
            (["^ e"], ["^ e f"]),
        ],
        prompt=(2 + 3) + (2 + 2) + 2,
        output=(2 + 2) + (1 + 2) + 1,
    ),
]


@pytest.fixture(scope="module")
def decoder() -> ModelParts:
    return ModelParts(
        model=build_model("builtin:llama-tiny"), tokenizer=TOKENIZER, device=torch.device("cpu")
    )


@pytest.fixture(scope="module")
def encoder_decoder() -> ModelParts:
    config = T5Config(
        vocab_size=259,
        d_model=8,
        d_kv=4,
        d_ff=8,
        num_layers=1,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=2,
        decoder_start_token_id=0,
    )
    return ModelParts(
        model=T5ForConditionalGeneration(config).eval(), tokenizer=TOKENIZER, device=torch.device("cpu")
    )


def batch_of(prompts: list[str]) -> Batch:
    return Batch(
        input_ids=torch.tensor(list(map(ids, prompts))),
        attention_mask=torch.tensor([[int(token not in "_~") for token in row.split()] for row in prompts]),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_tokens_are_counted_as_by_hand(case: Case, decoder: ModelParts, encoder_decoder: ModelParts) -> None:
    loaded = encoder_decoder if case.encoder_decoder else decoder
    generator = Generator(loaded, case.settings)
    counts = [
        generator.count(
            Generated(batch=batch_of(prompts), sequences=torch.tensor(list(map(ids, returned))), arguments={})
        )
        for prompts, returned in case.batches
    ]
    assert reduce(add, counts) == TokenCounts(
        prompts=sum(len(prompts) for prompts, _ in case.batches),
        sequences=sum(len(returned) for _, returned in case.batches),
        prompt_tokens=case.prompt,
        output_tokens=case.output,
    )
