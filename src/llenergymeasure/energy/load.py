"""The load of the machine's processors during a window: by the work, and by everything else.

Other processes slow the work, and what they use is in the joules of a CPU package.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.load_sampling import LoadSample

SAMPLING = "llenergymeasure.energy.load_sampling"
"""What the child process runs."""
ANSWER_S = 0.2
"""A window's own samples are taken within this time of its boundaries, or not at all."""
NOTICED_CORES, NOTICED_SHARE = 0.25, 0.05
"""Others are a finding above this many cores, and above this share of all: any system does a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many cores were busy on average: with this process and its children, and with everything else."""

    cores: int
    own: float
    others: float


def load_between(samples: Sequence[LoadSample], begin_s: float, end_s: float) -> Load | None:
    """The mean load between two instants; None where no sample was taken close enough to both."""
    first, last = _at(samples, begin_s), _at(samples, end_s)
    if first is None or last is None or end_s <= begin_s:
        return None
    own_s = max(0.0, last.own_s - first.own_s)
    others_s = max(0.0, last.machine_s - first.machine_s - own_s)
    length_s = end_s - begin_s
    return Load(cores=os.cpu_count() or 1, own=own_s / length_s, others=others_s / length_s)


def _at(samples: Sequence[LoadSample], at_s: float) -> LoadSample | None:
    """The sums at an instant: on the line between the samples around it, or those of one right next to it."""
    for before, after in pairwise(samples):
        if before.at_s <= at_s <= after.at_s:
            share = (at_s - before.at_s) / (after.at_s - before.at_s) if after.at_s > before.at_s else 0.0
            return LoadSample(
                at_s,
                before.machine_s + share * (after.machine_s - before.machine_s),
                before.own_s + share * (after.own_s - before.own_s),
            )
    nearest = min(samples, key=lambda sample: abs(sample.at_s - at_s), default=None)
    return nearest if nearest is not None and abs(nearest.at_s - at_s) <= ANSWER_S else None


def load_finding(load: Load | None) -> WindowFinding | None:
    """That others kept processors busy, if they did."""
    if load is None or load.others <= max(NOTICED_CORES, NOTICED_SHARE * load.cores):
        return None
    return WindowFinding(
        id="other-load",
        device=None,
        message=(
            f"other processes kept {load.others:.2g} of {load.cores} cores busy: they slow the work down, and what they "
            "use is in the joules of the CPU. End them, or measure when the machine is idle"
        ),
        invalidates=False,
    )
