"""The simulated NVML driver, compiled once a session, and loaded into this process."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(Path(__file__).parent), str(TESTS / "nvml_sim"), str(TESTS / "energy")]

from simulated_nvml import Simulator  # noqa: E402 - found by the path above


@pytest.fixture(scope="session")
def driver(nvml_library: Path) -> Path:
    """The path of a ``libnvidia-ml.so.1`` that tests/nvml_sim describes."""
    return nvml_library


@pytest.fixture(scope="session")
def simulator(driver: Path) -> Simulator:
    """The same library in this process."""
    return Simulator(driver)
