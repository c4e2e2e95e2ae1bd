"""One thread, as models this small are slower on more; and the committed schema."""

import pytest
import torch

from tests.fidelity.schema import Schema, load


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def schema() -> Schema:
    return load()
