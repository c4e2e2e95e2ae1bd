"""CPU energy by a model: busy seconds times watts per core. Only where a caller asks for it."""

from __future__ import annotations

import resource
import time

from llenergymeasure.energy.figures import Modelled, Scope

DEVICE = "cpu"


def busy_seconds() -> float:
    """CPU time that this process, and the children it has waited for, have used so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def modelled_cpu(busy_s: float, watts_per_core: float) -> Modelled:
    """The model's joules for ``busy_s`` seconds of one core."""
    return Modelled(
        energy_j=busy_s * watts_per_core,
        model="busy-core-seconds",
        assumptions=(
            f"each busy core draws {watts_per_core:g} W (given by the user)",
            f"{busy_s:.4g} core-seconds were busy: CPU time of this process and of children it waited for",
            "idle cores, memory and everything else draw nothing",
        ),
        scope=Scope.CPU_CORES,
        device=DEVICE,
    )
