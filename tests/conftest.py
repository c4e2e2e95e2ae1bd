"""What all tests share: how hard hypothesis searches, and the simulated driver, one per process."""

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before torch is imported, here or in a command that a test runs: a thread for each core in each of several
# workers is slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_SIMULATOR = Path(__file__).with_name("nvml_sim") / "simulated_nvml.py"

# No deadline: two cores are shared, and a slow example is not a failure. A failing example prints how to
# replay it.
settings.register_profile("house", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The path of a ``libnvidia-ml.so.1`` that tests/nvml_sim describes, compiled once."""
    spec = importlib.util.spec_from_file_location("simulated_nvml_builder", _SIMULATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    library: Path = module.build(tmp_path_factory.mktemp("nvml"))
    return library
