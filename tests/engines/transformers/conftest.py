"""A model whose answers are known: after a byte comes the next byte."""

from typing import Any

import pytest
import torch
from transformers import LlamaForCausalLM

from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.model_loader import ModelParts


class Alphabet(LlamaForCausalLM):
    """A Llama that runs as any, but says the successor of the last token: after ``a`` comes ``b``."""

    def forward(self, input_ids: torch.Tensor, **arguments: Any) -> Any:
        output = super().forward(input_ids=input_ids, **arguments)
        said = output.logits.shape[1]
        successors = (input_ids[:, -said:] + 1) % self.config.vocab_size
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
