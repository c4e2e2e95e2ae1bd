"""The parts of a record: plan, devices, warm-up, windows, findings, and the figures over the windows.

Frozen data. Names contain the unit, except for counts. ``docs/measuring.md`` explains every
figure.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.figures import (
    EnergyBreakdown,
    Figure,
    Measured,
    Modelled,
    Unavailable,
    figure_from_dict,
)
from llenergymeasure.results.statistics import Summary, Trend


class Part(BaseModel):
    """A frozen part of a record; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _figure(value: Any) -> Figure:
    """A figure as it is, or from the data that it was saved as."""
    if isinstance(value, Measured | Modelled | Unavailable):
        return value
    if isinstance(value, dict):
        return figure_from_dict(value)
    raise ValueError("not an energy figure")


RecordedFigure = Annotated[Figure, PlainValidator(_figure), PlainSerializer(lambda figure: figure.to_dict())]
"""Measured, modelled or unavailable; saved with its kind."""

WindowKind = Literal["idle-before", "work", "prefill", "idle-after"]


class Plan(Part):
    """What the configuration asks for, with ``quick`` applied.

    ``target`` is the relative standard uncertainty that the sensor should leave in a window; ``window_s`` is
    the shortest length of a window: the configured one or, after the warm-up, what the sensors need for the
    target.
    """

    windows: int
    window_s: float
    target: float
    warmup_s: float
    idle_s: float
    prefill: bool
    cooldown_celsius: float | None
    quick: bool


class Device(Part):
    """A device before the run: by which sensor it is measured, or why not, and who else was on it."""

    device: str
    name: str
    scope: str
    measurable: bool
    method: str | None
    period_s: float | None
    processes: tuple[int, ...] | None
    notes: tuple[str, ...]
    reason: str
    hint: str


class Block(Part):
    """A part of the warm-up: whole passes over the workload, and the state of the GPUs meanwhile."""

    passes: int
    seconds_per_pass: float
    power_w: float | None
    temperature_c: float | None


class WarmUp(Part):
    """The warm-up; ``steady`` says whether its end met the criterion of docs/measuring.md."""

    blocks: tuple[Block, ...]
    seconds: float
    steady: bool


class Tokens(Part):
    """Counted from the returned ids, without padding."""

    requests: int
    sequences: int
    prompt: int
    output: int


class Energy(Part):
    """The joules of one window, by device and in all."""

    total: RecordedFigure
    devices: tuple[RecordedFigure, ...]

    @classmethod
    def of(cls, energy: EnergyBreakdown) -> Self:
        """What a window measured."""
        return cls(total=energy.total, devices=energy.devices)


class Finding(Part):
    """Something a reader of the numbers should know.

    ``id`` is stable, ``text`` is for the reader; ``device`` and ``windows`` say which ones it is about, where
    it is about some in particular. A finding that ``invalidates`` makes the run invalid: the record is kept,
    but its figures are not those of the work alone.
    """

    id: str
    text: str
    invalidates: bool = False
    device: str | None = None
    windows: tuple[str, ...] = ()


class Window(Part):
    """One window with its raw readings.

    ``begin_s`` is on the machine's monotonic clock, as are the readings and the trace; ``tokens`` is None in
    idle windows, and where the window was interrupted.
    """

    kind: WindowKind
    number: int
    begin_s: float
    length_s: float
    passes: int
    calls: int
    tokens: Tokens | None
    energy: Energy
    conditions: tuple[Conditions | None, ...]
    findings: tuple[Finding, ...]
    interrupted: bool = False

    @property
    def name(self) -> str:
        """Its kind and number; of an idle window, of which there is one, the kind."""
        return self.kind if self.kind.startswith("idle") else f"{self.kind} {self.number}"


class Estimate(Part):
    """A quantity over the windows: its spread, and next to it what the sensors leave open.

    ``spread`` has the mean and its 95 % interval, from how much windows differ. ``sensor`` is one standard
    uncertainty of the mean, in the same unit, from the sensors' steps and the idle power; None where the
    figure is modelled.
    """

    spread: Summary
    sensor: float | None

    @property
    def mean(self) -> float:
        """The mean over the windows."""
        return self.spread.mean


class PerUnit(Part):
    """Joules per unit of work. A total token is one of a prompt or of an output."""

    per_request: Estimate
    per_output_token: Estimate | None
    per_total_token: Estimate | None


class IdlePower(Part):
    """The power of the measured devices with the model loaded and nothing to do; one standard uncertainty."""

    power_w: float
    uncertainty_w: float
    before_w: float | None
    after_w: float | None


class Energies(Part):
    """What the workload cost; ``net`` is ``gross`` minus idle power over the same time, if that is known."""

    kind: Literal["measured", "modelled"]
    gross: PerUnit
    idle: IdlePower | None
    net: PerUnit | None
    trend: Trend | None
    power_w: float


class NoEnergy(Part):
    """Why there are no joules, and what to do about it."""

    kind: Literal["unavailable"] = "unavailable"
    reason: str
    hint: str


class Speed(Part):
    """How fast the windows were: device time, synchronised at both ends."""

    seconds_per_call: Estimate
    output_tokens_per_second: Estimate
    trend: Trend | None


class Difference(Part):
    """A difference of two means with its 95 % interval (Welch), and the sensors' standard uncertainty."""

    mean: float
    low: float
    high: float
    sensor: float | None

    @property
    def resolved(self) -> bool:
        """Whether it is above 0 by more than the interval and by more than two sensor uncertainties."""
        return self.low > 0 and self.mean > 2 * (self.sensor or 0.0)


class Phases(Part):
    """Prefill and decode in gross joules. Decode is whole requests minus prefill, given only if resolved."""

    prefill_per_request: Estimate
    decode_per_request: Difference | None
    decode_per_token: Difference | None


class Distribution(Part):
    """Single times in seconds; percentiles are None below twenty of them."""

    count: int
    mean_s: float
    sd_s: float | None
    min_s: float
    median_s: float
    p95_s: float | None
    max_s: float


class CallTiming(Part):
    """From calls outside the energy windows. ``missing`` says why there are no times of tokens."""

    call: Distribution
    first_token: Distribution | None
    between_tokens: Distribution | None
    missing: str


class Memory(Part):
    """A peak during one pass over the workload."""

    bytes: int
    where: str
    method: str


class Flops(Part):
    """Estimated floating point operations of the timed calls; ``missing`` says why there are none."""

    per_output_token: float | None
    formula: str
    missing: str


class Carbon(Part):
    """Grams of CO2 equivalent for the gross joules, from the intensity that was given."""

    grams_per_request: float
    grams_per_output_token: float | None
    grams_per_kwh: Annotated[float, Field(gt=0)]
    source: str
