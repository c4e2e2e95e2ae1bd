"""The installed transformers refuses the numbers that extraction finds refused, and runs all others.

The real ``GenerationConfig`` and ``_get_logits_processor`` are run, in a separate process.
"""

import json
import subprocess
import sys

import pytest

from codegen.model.facts import SourceField
from codegen.model.types import Scalar
from tests.codegen import places, releases

PROGRAM = """
import json, logging, sys, warnings
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
import torch
from transformers import GenerationConfig
from transformers.generation.logits_process import LogitsProcessorList
from transformers.generation.utils import GenerationMixin

class Config:
    is_encoder_decoder = False
    vocab_size = 32

    def get_text_config(self, *_, **__):
        return self

model = object.__new__(type("Model", (GenerationMixin,), {"config": Config(), "device": torch.device("cpu")}))

def runs(name, value):
    prompt = torch.tensor([[1, 2]])
    try:
        config = GenerationConfig(**{"do_sample": True, name: value})
        config.update(**GenerationConfig._get_default_generation_params(), defaults_only=True)
        config._eos_token_tensor = torch.tensor([1])
        config._pad_token_tensor = config._bos_token_tensor = None
        model._get_logits_processor(
            generation_config=config, input_ids_seq_length=2, encoder_input_ids=prompt,
            prefix_allowed_tokens_fn=None, logits_processor=LogitsProcessorList(), device="cpu", model_kwargs={},
        )
    except ValueError:
        return False
    return True

print(json.dumps([runs(name, value) for name, value in json.load(sys.stdin)]))
"""

PROBES = (-2.0, -1.0, -0.5, 0.0, 0.01, 0.5, 0.99, 1.0, 1.5, 2.0, 50.0)


def _probes(param: SourceField) -> list[float]:
    kind = param.type.kind if isinstance(param.type, Scalar) else ""
    whole = [int(value) for value in PROBES if value == int(value)]
    return {"float": list(PROBES), "int": whole}.get(kind, [])


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, float], bool]:
    """Whether each value of each number runs."""
    cases = [
        (param.name, value)
        for param in releases.facts(places.SUPPORTED[-1]).params
        for value in _probes(param)
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(cases), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(cases, json.loads(done.stdout), strict=True))


def test_the_numbers_that_are_accepted_are_those_that_run(outcomes: dict[tuple[str, float], bool]) -> None:
    accepted = {param.name: param.accepted for param in releases.facts(places.SUPPORTED[-1]).params}
    wrong = [
        (name, value, runs) for (name, value), runs in outcomes.items() if (value in accepted[name]) != runs
    ]
    assert wrong == []


def test_both_outcomes_were_seen(outcomes: dict[tuple[str, float], bool]) -> None:
    assert len({name for (name, _), runs in outcomes.items() if not runs}) >= 10
    assert sum(outcomes.values()) > 100
