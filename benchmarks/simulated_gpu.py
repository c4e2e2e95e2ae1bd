"""The simulated GPU of ``tests/nvml_sim`` for programs that run beside it, in real time.

Every tool that reads NVML sees it, since it comes as ``libnvidia-ml.so.1``; what it really drew is known.
Needs a C compiler.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.nvml_sim.simulated_nvml import Simulator, build


@dataclass(frozen=True, slots=True)
class SimulatedGpu:
    """A compiled driver in a folder of its own, with one configuration at a time.

    Args:
        library: the driver.
    """

    library: Path

    @classmethod
    def built_in(cls, folder: Path) -> "SimulatedGpu":
        """Compile the driver, and put a program named ``nvidia-smi`` next to it, which does nothing.

        CodeCarbon runs that program to see whether there is a GPU.
        """
        library = build(folder)
        stand_in = folder / "bin" / "nvidia-smi"
        stand_in.parent.mkdir(exist_ok=True)
        stand_in.write_text("#!/bin/sh\n", encoding="ascii")
        stand_in.chmod(0o755)
        return cls(library)

    @property
    def _config(self) -> Path:
        return self.library.with_name("config")

    def configure(self, lines: str) -> None:
        """Say what the device is and what it draws, in the lines of ``tests/nvml_sim/README.md``."""
        self._config.write_text(lines, encoding="utf-8")

    def variables(self, **more: str) -> dict[str, str]:
        """The environment variables of a process that shall see this GPU; ``more`` are set as well."""
        folder = self.library.parent
        return {
            **os.environ,
            "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "LD_LIBRARY_PATH": str(folder),
            "NVML_SIM_CONFIG": str(self._config),
            **more,
        }

    def truth(self) -> Simulator:
        """The same GPU in this process: what it drew between two instants of the monotonic clock."""
        simulator = Simulator(self.library)
        simulator.load(self._config.read_text(encoding="utf-8"))
        return simulator
