"""A model whose output is known: after each letter comes the next letter."""

from typing import Any

import pytest
import torch
from transformers import LlamaForCausalLM

from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.model_loader import ModelParts


class Alphabet(LlamaForCausalLM):
    """A Llama that does its work, but always chooses the successor of the last token: ``b`` after ``a``."""

    def forward(self, input_ids: torch.Tensor, **arguments: Any) -> Any:
        output = super().forward(input_ids=input_ids, **arguments)
        scored = output.logits.shape[1]
        successors = (input_ids[:, -scored:] + 1) % self.config.vocab_size
        output.logits = 60.0 * torch.nn.functional.one_hot(successors, self.config.vocab_size).float()
        return output


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def alphabet() -> ModelParts:
    model = build_model("builtin:llama-tiny")
    model.__class__ = Alphabet
    return ModelParts(model=model, tokenizer=build_tokenizer(), device=torch.device("cpu"))
