"""Fixtures: the models, built once per process, and the committed schema."""

import logging
from collections.abc import Iterator

import pytest

from tests.fidelity.scenarios import settle
from tests.fidelity.schema import Schema, load


@pytest.fixture(scope="session", autouse=True)
def ready() -> None:
    settle()


@pytest.fixture(autouse=True)
def restore_logging() -> Iterator[None]:
    """The oracle silences transformers; other tests need its messages."""
    logger = logging.getLogger("transformers")
    before = logger.level
    yield
    logger.setLevel(before)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return load()
