"""The checks of a window as a whole: how it ended, whether its counters can be trusted, how long it was.

What is checked of a device is the matter of its sensor; what is checked of a whole run, over many windows, is
in :mod:`llenergymeasure.measurement`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.planning import Resolution


def check_window(
    device: str, faults: Sequence[CounterFault], resolution: Resolution | None, interrupted: str
) -> Iterator[WindowFinding]:
    """The findings that no sensor makes.

    Args:
        device: the name of the total.
        faults: the counters that could not be trusted.
        resolution: whether the window was long enough, where that is known.
        interrupted: the name of the exception that the work ended with, or empty.
    """
    for fault in faults:
        yield WindowFinding(id=fault.finding, device=fault.device, message=fault.reason, invalidates=True)
    if interrupted:
        message = f"the work ended with {interrupted}; the energy is that up to there"
        yield WindowFinding(id="interrupted", device=device, message=message, invalidates=True)
    if resolution is not None and not resolution.met:
        message = (
            f"the window lasted {resolution.length_s:.3g} s, and a relative uncertainty of {resolution.target:.2g} "
            f"takes {resolution.smallest_window_s:.3g} s: repeat the work inside the window"
        )
        yield WindowFinding(id="under-resolution", device=device, message=message, invalidates=False)
