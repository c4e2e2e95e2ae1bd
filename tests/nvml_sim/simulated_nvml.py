"""Build and drive the simulated NVML driver; its lines of configuration are in README.md next to this file.

    python tests/nvml_sim/simulated_nvml.py DIRECTORY      # compile libnvidia-ml.so.1 there

In-process: ``Simulator(build(directory))`` loads the library under the name that pynvml asks for, so pynvml
finds it already there. One process holds one library; :meth:`Simulator.load` puts it into a new state.
"""

from __future__ import annotations

import ctypes
import heapq
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

SOURCE = Path(__file__).with_name("nvml_sim.c")


def build(directory: Path, *, without: tuple[str, ...] = ()) -> Path:
    """Compile the driver; ``without`` leaves out symbols (``FIELD_VALUES``, ``ENERGY_COUNTER``)."""
    directory.mkdir(parents=True, exist_ok=True)
    library = directory / "libnvidia-ml.so.1"
    flags = [f"-DWITHOUT_{symbol}" for symbol in without]
    command = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", *flags]
    command += ["-Wl,-soname,libnvidia-ml.so.1", "-o", str(library), str(SOURCE), "-lm"]
    subprocess.run(command, check=True)
    return library


class Simulator:
    """The library in this process: its clock, its true joules, how often each call was made."""

    def __init__(self, library: Path) -> None:
        self.library = library
        self._c = ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
        self._c.sim_now.restype = ctypes.c_double
        self._c.sim_true_joules.restype = ctypes.c_double
        self._c.sim_true_joules.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_double]
        self._c.sim_set_time.argtypes = [ctypes.c_double]
        self._c.sim_set_level.argtypes = [ctypes.c_int, ctypes.c_double]
        self._c.sim_calls.restype = ctypes.c_long
        self._c.sim_call_name.restype = ctypes.c_char_p
        self._c.sim_load.argtypes = [ctypes.c_char_p]

    def load(self, configuration: str) -> None:
        """Reset everything and load this configuration."""
        self._c.sim_load(configuration.encode())

    def now(self) -> float:
        """Seconds on the driver's clock."""
        return float(self._c.sim_now())

    def set_time(self, seconds: float) -> None:
        """Put the virtual clock there."""
        self._c.sim_set_time(seconds)

    def true_joules(self, begin_s: float, end_s: float, device: int = 0) -> float:
        """The energy that the device really used between two instants, in closed form."""
        return float(self._c.sim_true_joules(device, begin_s, end_s))

    def add_curve(self, line: str, device: int = 0) -> None:
        """Add power by a ``curve`` line, which must not change the past."""
        if self._c.sim_add_curve(device, line.encode()):
            raise ValueError("the device has no room for another curve")

    def set_level(self, watts: float, device: int = 0) -> None:
        """Draw this many watts on top of the curves from now on, until the next call."""
        self._c.sim_set_level(device, watts)

    def calls(self) -> dict[str, int]:
        """How often each NVML function was called since :meth:`load`."""
        names = itertools.takewhile(bool, (self._c.sim_call_name(i) for i in range(64)))
        return {name.decode(): self._c.sim_calls(name) for name in names}


class VirtualClock:
    """The meter's clock, shared with the simulated driver: sleeping and calling the driver move it."""

    WALL_OFFSET_S = 1.7e9

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._due: list[tuple[float, int, float, Callable[[], None]]] = []
        self._order = itertools.count()

    def monotonic(self) -> float:
        return self._simulator.now()

    def wall(self) -> float:
        return self.WALL_OFFSET_S + self._simulator.now()

    def sleep(self, seconds: float) -> None:
        self.sleep_until(self.monotonic() + max(seconds, 0.0))

    def sleep_until(self, instant: float) -> None:
        """Move to ``instant``, and on the way run what :meth:`every` asked for."""
        while self._due and self._due[0][0] <= instant:
            at, _, period_s, act = heapq.heappop(self._due)
            self._simulator.set_time(max(at, self._simulator.now()))
            act()
            heapq.heappush(self._due, (at + period_s, next(self._order), period_s, act))
        self._simulator.set_time(max(instant, self._simulator.now()))

    def every(self, period_s: float, act: Callable[[], None]) -> None:
        """Run ``act`` at this period from now on, whenever time passes: the sampler's in-process mode."""
        heapq.heappush(self._due, (self.monotonic() + period_s, next(self._order), period_s, act))

    def stop(self, act: Callable[[], None]) -> None:
        """Stop running ``act``."""
        self._due = [entry for entry in self._due if entry[3] != act]
        heapq.heapify(self._due)


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
