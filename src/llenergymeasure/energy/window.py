"""One window: a stretch of work between two boundaries, in the order enter, leave, ask.

At its boundaries a window only reads; figures are worked out when they are asked for, so that measuring costs the work
as little as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal, NamedTuple, Self

from llenergymeasure.energy.attribution import Attribution, attribute, lost
from llenergymeasure.energy.boundary_readings import BeginReadings, EndReadings, read_begin, read_end, settled
from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.conditions import Conditions, conditions, sampler_cost
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.figures import EnergyBreakdown, Measured
from llenergymeasure.energy.nvml_sampler import DeviceSample
from llenergymeasure.energy.planning import DEFAULT_TARGET, Resolution
from llenergymeasure.energy.sampler import Sampler, SamplerCost
from llenergymeasure.energy.sensors import Sensors
from llenergymeasure.energy.verdict import Verdict, WindowFinding, judge


class _Loss(NamedTuple):
    """Why a window that was begun has no end: the finding, and what its figures say."""

    finding: str
    reason: str
    hint: str


class EnergyWindow:
    """A stretch of work whose energy is measured. Made by ``EnergyMeter.window``; entered once.

    After it: ``energy``, ``verdict``, ``conditions``, ``trace``, ``resolution``, ``length_s``, and ``interrupted``
    (the exception's name when the work ended with one; the energy up to there is kept).
    """

    def __init__(
        self,
        *,
        name: str,
        sensors: Sensors,
        sampler: Sampler | None,
        clock: Clock,
        synchronise: Callable[[], object] | None,
        aligned: bool,
        target: float | None,
        opened: list[EnergyWindow],
    ) -> None:
        self.name = name
        self.target = DEFAULT_TARGET if target is None else target
        self.interrupted = ""
        self._sensors = sensors
        self._sampler = sampler
        self._request_sample = _no_sampler if sampler is None else sampler.request_sample
        self._clock = clock
        self._synchronise = synchronise
        self._aligned = aligned
        self._opened = opened
        self._state: Literal["new", "open", "closed", "lost"] = "new"
        self._loss: _Loss | None = None
        self._begin: BeginReadings | None = None
        self._end: EndReadings | None = None
        self._account: Attribution | None = None
        self._trace: Sequence[DeviceSample] | None = None

    def __enter__(self) -> Self:
        if self._state != "new":
            raise WindowError(f"the window {self.name!r} was entered before: ask the meter for another")
        if self._synchronise is not None:
            self._synchronise()
        self._begin = read_begin(
            self._sensors, self._clock, aligned=self._aligned, request_sample=self._request_sample
        )
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
            self._end = read_end(
                self._sensors,
                self._clock,
                aligned=self._aligned and kind is None,
                request_sample=self._request_sample,
            )
        except BaseException as broken:
            self.interrupted = type(broken).__name__
            self._lose(
                "interrupted",
                f"waiting for the end of the work was broken off by {self.interrupted}",
                "Measure again.",
            )
            raise
        self.interrupted = "" if kind is None else kind.__name__
        self._state = "closed"

    def abandon(self) -> None:
        """Give the window up: it has no energy, and says so."""
        self._opened.remove(self)
        self._lose(
            "left-open", "the window was not closed before its meter", "Leave the window's block first."
        )

    def _lose(self, finding: str, reason: str, hint: str) -> None:
        self._state, self._loss = "lost", _Loss(finding, reason, hint)

    @property
    def is_over(self) -> bool:
        """Whether it began and is no longer open, however it ended."""
        return self._state in ("closed", "lost")

    @property
    def length_s(self) -> float:
        """How long the work took; waits for the counters are not part of it."""
        begin, end = self._boundaries()
        return end.at_s - begin.at_s

    @property
    def energy(self) -> EnergyBreakdown:
        """The energy of the window, by device and in total.

        With ``boundaries="immediate"`` the first call waits until the GPUs' counters have moved once more, which shows that
        they were alive: up to a period after the window's end, and not at all later than that.

        Raises:
            WindowError: the window is not over.

        """
        if self._loss is not None:
            return lost(self._sensors, self._loss.reason, self._loss.hint)
        return self._accounted().energy

    def _accounted(self) -> Attribution:
        begin, end = self._boundaries()
        if self._account is None:
            end = settled(self._sensors, end, self._clock)
            self._account = attribute(self._sensors, begin, end, self.trace)
        return self._account

    @property
    def trace(self) -> Sequence[DeviceSample]:
        """Every look of the sampler at the GPUs during the window, and one more on each side."""
        begin, end = self._boundaries()
        if self._trace is None:
            self._trace = self._sampler.samples(begin.at_s, end.at_s) if self._sampler is not None else ()
        return self._trace

    @property
    def conditions(self) -> tuple[Conditions | None, ...]:
        """The conditions on each GPU, in the order of the figures; None where nobody looked."""
        begin, end = self._boundaries()
        rows = self.trace
        return tuple(
            conditions(sensor.gpu.uuid, [row for row in rows if row.device == index], begin.at_s, end.at_s)
            for index, sensor in enumerate(self._sensors.gpus)
        )

    @property
    def sampler_cost(self) -> SamplerCost | None:
        """What the sampler took from this machine during the window; None where it hardly looked."""
        return sampler_cost(self.trace)

    @property
    def verdict(self) -> Verdict:
        """What is to be said against the window."""
        if self._loss is not None:
            finding = WindowFinding(
                id=self._loss.finding, device=self.name, message=self._loss.reason, invalidates=True
            )
            return Verdict(findings=(finding,))
        begin, end = self._boundaries()
        boundaries = begin.at_s, end.at_s
        return judge(
            self._sensors,
            self._accounted(),
            seen=self.conditions,
            rows=self.trace,
            boundaries=boundaries,
            resolution=self.resolution,
            interrupted=self.interrupted,
            sampled=self._sampler is not None,
        )

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

    def _boundaries(self) -> tuple[BeginReadings, EndReadings]:
        if self._loss is not None:
            raise WindowError(f"the window {self.name!r} has no end: {self._loss.reason}")
        if self._begin is None or self._end is None:
            raise WindowError(f"the window {self.name!r} is not over: leave its `with` block first")
        return self._begin, self._end


def _no_sampler() -> None:
    """There is no sampler to ask for a look."""
