"""One window: a stretch of work between two boundaries. It is entered, left, and then read.

At its boundaries a window only reads. Figures are worked out when they are asked for, so that measuring costs
the work as little as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Literal, NamedTuple, Self

from llenergymeasure.energy.checks import check_window
from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import EnergyBreakdown, Figure, Measured, Scope, Unavailable
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.load import Load, load_between, load_finding
from llenergymeasure.energy.load_sampling import LoadSample
from llenergymeasure.energy.planning import DEFAULT_TARGET, Resolution
from llenergymeasure.energy.sampler import Recording, SamplerCost, sampler_cost
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensors import Sensors, numbered


class _Loss(NamedTuple):
    """Why a window that was entered has no end: the finding, and the reason in its figures."""

    finding: str
    reason: str
    hint: str


class EnergyWindow:
    """A stretch of work whose energy is measured. Made by :meth:`.EnergyMeter.window`; entered once.

    Afterwards it has ``energy``, ``findings``, ``valid``, ``conditions``, ``trace``, ``resolution``,
    ``begin_s``, ``length_s``, and ``interrupted``: the name of the exception that the work ended with (the
    energy up to there is kept), else empty.
    """

    def __init__(
        self,
        *,
        name: str,
        sensors: Sensors,
        clock: Clock,
        load: Recording | None,
        synchronise: Callable[[], object] | None,
        aligned: bool,
        target: float | None,
        opened: list[EnergyWindow],
    ) -> None:
        self.name = name
        self.target = DEFAULT_TARGET if target is None else target
        self.interrupted = ""
        self._sensors = sensors
        self._parts = [sensor.open_window() for sensor in sensors.opened]
        self._clock = clock
        self._load = load
        self._request_load = _no_recording if load is None else load.request_sample
        self._synchronise = synchronise
        self._aligned = aligned
        self._opened = opened
        self._state: Literal["new", "open", "closed", "lost"] = "new"
        self._loss: _Loss | None = None
        self._begin_s = self._end_s = 0.0
        self._figures: list[Figure | CounterFault] | None = None
        self._energy: EnergyBreakdown | None = None
        self._trace: Sequence[DeviceSample] | None = None

    def __enter__(self) -> Self:
        if self._state != "new":
            raise WindowError(f"the window {self.name!r} was entered before: ask the meter for another")
        if self._synchronise is not None:
            self._synchronise()
        if self._aligned:
            for part in self._parts:
                part.align()
        # The GPUs are read last here and first at the end, so that no other read falls into their share.
        for part in reversed(self._parts):
            part.read_begin()
        self._begin_s = self._clock.monotonic()
        for part in self._parts:
            part.request_sample()
        self._request_load()
        self._state = "open"
        self._opened.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._state != "open":
            why = "its meter was closed inside it" if self._loss is not None else "it is not open"
            if kind is not None:
                return  # the work's own error matters more
            raise WindowError(f"the window {self.name!r} cannot be closed: {why}")
        self._opened.remove(self)
        try:
            if kind is None and self._synchronise is not None:
                self._synchronise()
            self._read_end(aligned=self._aligned and kind is None)
        except BaseException as broken:
            self.interrupted = type(broken).__name__
            self._lose(
                "interrupted",
                f"waiting for the end of the work was interrupted by {self.interrupted}",
                "Measure again.",
            )
            raise
        self.interrupted = "" if kind is None else kind.__name__
        self._state = "closed"

    def _read_end(self, *, aligned: bool) -> None:
        self._end_s = self._clock.monotonic()
        for part in self._parts:
            part.read_end()
        for part in self._parts:
            part.request_sample()
        self._request_load()
        if aligned:
            for part in self._parts:
                part.follow()

    def abandon(self) -> None:
        """Abandon the window: it has no energy, and says so. The meter does this when it is closed."""
        self._opened.remove(self)
        self._lose(
            "left-open", "the window was not closed before its meter", "Leave the window's block first."
        )

    def _lose(self, finding: str, reason: str, hint: str) -> None:
        self._state, self._loss = "lost", _Loss(finding, reason, hint)

    @property
    def is_over(self) -> bool:
        """Whether it was entered and is no longer open, however it ended."""
        return self._state in ("closed", "lost")

    @property
    def begin_s(self) -> float:
        """When the work began, on the monotonic clock."""
        return self._boundaries()[0]

    @property
    def length_s(self) -> float:
        """How long the work took; waits for the counters are not part of it."""
        begin_s, end_s = self._boundaries()
        return end_s - begin_s

    @property
    def energy(self) -> EnergyBreakdown:
        """The energy of the window, by device and in total.

        With ``boundaries="immediate"`` the first call waits until the GPUs' counters have moved once more,
        which shows that they were alive: up to a period after the window's end, and not at all later than
        that.

        Raises:
            WindowError: the window is not over.
        """
        if self._loss is not None:
            return self._lost(self._loss)
        if self._energy is None:
            figures = [
                result.figure() if isinstance(result, CounterFault) else result
                for result in self._worked_out()
            ]
            self._energy = EnergyBreakdown.of([*figures, *self._sensors.missing])
        return self._energy

    def _worked_out(self) -> list[Figure | CounterFault]:
        """What each sensor reports for each of its devices, GPUs first."""
        begin_s, end_s = self._boundaries()
        if self._figures is None:
            for part in self._parts:
                part.confirm()
            self._figures = [result for part in self._parts for result in part.figures(begin_s, end_s)]
        return self._figures

    def _lost(self, loss: _Loss) -> EnergyBreakdown:
        figures = [
            Unavailable(reason=loss.reason, hint=loss.hint, scope=device.scope, device=device.id)
            for device in self._sensors.devices
        ]
        window = Unavailable(reason=loss.reason, hint=loss.hint, scope=Scope.SUM, device="window")
        return EnergyBreakdown.of([*figures, *self._sensors.missing] or [window])

    @property
    def trace(self) -> Sequence[DeviceSample]:
        """Every sample that was taken during the window, and one more on each side.

        A sample's number of its device is the place of that device's figure.
        """
        begin_s, end_s = self._boundaries()
        if self._trace is None:
            self._trace = numbered(
                [
                    (len(sensor.devices), part.samples(begin_s, end_s))
                    for sensor, part in zip(self._sensors.opened, self._parts, strict=True)
                ]
            )
        return self._trace

    @property
    def conditions(self) -> tuple[Conditions | None, ...]:
        """The conditions on each device that has some, as GPUs have, in the order of the figures.

        None where no sample was taken.
        """
        begin_s, end_s = self._boundaries()
        return tuple(known for part in self._parts for known in part.conditions(begin_s, end_s))

    @property
    def load(self) -> Load | None:
        """How busy the machine's processors were with the work, and with anything else; None if unknown."""
        begin_s, end_s = self._boundaries()
        if self._load is None:
            return None
        self._load.await_record(end_s)
        samples = [LoadSample(*values) for values in self._load.records(begin_s, end_s)]
        return load_between(samples, begin_s, end_s)

    @property
    def sampler_cost(self) -> SamplerCost | None:
        """What the sampler took from this machine during the window; None with fewer than two samples."""
        return sampler_cost(self.trace)

    @property
    def findings(self) -> tuple[WindowFinding, ...]:
        """What is wrong with the window."""
        if self._loss is not None:
            loss = self._loss
            return (WindowFinding(id=loss.finding, device=None, message=loss.reason, invalidates=True),)
        faults = [result for result in self._worked_out() if isinstance(result, CounterFault)]
        others = load_finding(self.load)
        return (
            *self._findings_of_sensors(),
            *(() if others is None else (others,)),
            *check_window(self.energy.total.device, faults, self.resolution, self.interrupted),
        )

    def _findings_of_sensors(self) -> Iterator[WindowFinding]:
        begin_s, end_s = self._boundaries()
        first = 0
        for sensor, part in zip(self._sensors.opened, self._parts, strict=True):
            after = first + len(sensor.devices)
            yield from part.findings(self.energy.devices[first:after], begin_s, end_s)
            first = after

    @property
    def valid(self) -> bool:
        """Whether no finding invalidates the window."""
        return not any(finding.invalidates for finding in self.findings)

    @property
    def resolution(self) -> Resolution | None:
        """The smallest window that would meet the target at this power; None without a measured energy."""
        total = self.energy.total
        if not isinstance(total, Measured) or total.energy_j <= 0:
            return None
        return Resolution(
            target=self.target,
            smallest_window_s=self.length_s * total.relative_uncertainty / self.target,
            length_s=self.length_s,
        )

    def _boundaries(self) -> tuple[float, float]:
        if self._loss is not None:
            raise WindowError(f"the window {self.name!r} has no end: {self._loss.reason}")
        if self._state != "closed":
            raise WindowError(f"the window {self.name!r} is not over: leave its `with` block first")
        return self._begin_s, self._end_s


def _no_recording() -> None:
    """Nothing is recorded, so there is nothing to request."""
