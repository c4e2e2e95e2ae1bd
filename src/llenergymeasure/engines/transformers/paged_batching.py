"""Errors of continuous batching: ``generate()`` returns a failed request as if it had ended normally."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from transformers import PreTrainedModel


@contextmanager
def failures_raised(model: PreTrainedModel) -> Iterator[None]:
    """While open, continuous batching raises if a request failed or got no answer.

    Raises:
        RuntimeError: a request failed; transformers' reason is in the message.
    """
    generate_batch = model.generate_batch

    @functools.wraps(generate_batch)
    def checked(*args: Any, **kwargs: Any) -> Any:
        answers = generate_batch(*args, **kwargs)
        failed = [str(answer.error) for answer in answers.values() if answer.error is not None]
        if failed or not answers:
            why = failed[0] if failed else "there is no answer"
            raise RuntimeError(
                f"continuous batching failed on a request: {why} Where nothing can be scheduled, the request "
                "does not fit into the blocks of continuous_batching_config"
            )
        return answers

    model.generate_batch = checked
    try:
        yield
    finally:
        del model.generate_batch  # the method of its class remains
