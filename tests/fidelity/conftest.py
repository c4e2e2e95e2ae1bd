"""One thread, as models this small are slower on more; and the committed schema."""

import logging
from collections.abc import Iterator

import pytest
import torch

from tests.fidelity.schema import Schema, load


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def words_again() -> Iterator[None]:
    """The oracle silences transformers; the tests of other rooms listen to it."""
    logger = logging.getLogger("transformers")
    before = logger.level
    yield
    logger.setLevel(before)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return load()
