"""Continuous batching on a real model: answered requests, and one that transformers drops silently."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.engines.errors import GenerationError
from llenergymeasure.engines.protocol import AnySession
from llenergymeasure.engines.registry import open_session
from llenergymeasure.engines.transformers.engine import ENGINE
from llenergymeasure.engines.transformers.messages import collected_messages


@contextmanager
def session(**blocks: int) -> Iterator[AnySession]:
    settings: dict[str, Any] = {
        "max_new_tokens": 20,
        "cache_implementation": "paged",
        "continuous_batching_config": {"max_batch_tokens": 64, "page_size": 16, **blocks},
    }
    config = ExperimentConfig.model_validate(
        {
            "model": {"name": "builtin:llama-tiny", "device": "cpu"},
            "workload": {"requests": 1, "prompts": {"tokens": 7}},
            "pytorch": settings,
        }
    )
    with open_session(ENGINE, config) as run:
        yield run


def test_a_request_is_answered_and_counted() -> None:
    with collected_messages(), session(num_blocks=2) as run:
        counts = run.count(run.call(run.batches[0]))
    assert counts.prompt_tokens == 7
    assert 0 < counts.output_tokens <= 20


def test_a_request_that_was_given_up_is_an_error_and_nothing_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with collected_messages() as messages, session(num_blocks=1) as run:
        with pytest.raises(
            GenerationError, match="gave up a request: No requests can be scheduled"
        ) as caught:
            run.call(run.batches[0])
        assert "(Change pytorch.continuous_batching_config.)" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "generate_batch" not in vars(run._parts.model)
    assert messages
    assert capfd.readouterr().err == ""
