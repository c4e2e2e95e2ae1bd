"""Compile the simulated NVML driver, and run Python programs on it; its configuration is described in nvml_sim.c."""

import os
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("nvml_sim.c")
ROOT = Path(__file__).parents[2]


def build(directory: Path) -> Path:
    """Compile the driver into ``directory`` with the system's C compiler; the library's path."""
    directory.mkdir(parents=True, exist_ok=True)
    library = directory / "libnvidia-ml.so.1"
    command = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run([*command, "-o", str(library), str(SOURCE), "-lm"], check=True)
    return library


def environment(library: Path, configuration: Path) -> dict[str, str]:
    """The variables under which a new process finds this driver, and the package of this checkout."""
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(library.parent),
        "NVML_SIM_CONFIG": str(configuration),
        "PYTHONPATH": str(ROOT / "src"),
    }


def run(program: str, library: Path, configuration: Path) -> subprocess.CompletedProcess[str]:
    """Run a Python program on this driver, in a process of its own."""
    command = [sys.executable, "-c", program]
    env = environment(library, configuration)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
