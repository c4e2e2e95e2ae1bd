"""The simulated NVML driver, compiled once a session."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "nvml_sim"))


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a ``libnvidia-ml.so.1`` that tests/nvml_sim describes."""
    from simulated_nvml import build

    return build(tmp_path_factory.mktemp("nvml"))
