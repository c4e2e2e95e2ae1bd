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
from llenergymeasure.energy.load import Load
from llenergymeasure.results.statistics import Summary, Trend


class Part(BaseModel):
    """A frozen part of a record; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _figure(value: Any) -> Figure:
    """A figure; one that was saved as data is made from that."""
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

    ``target`` is the relative standard uncertainty that the sensor may cause in a window. ``window_s`` is the
    minimum length of a window: the configured one or, after the warm-up, a longer one that the sensors need
    to reach the target.
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
    """A device before the run: the sensor that measures it, or why none does, and what else ran on it.

    ``processes`` has the process ids of others on a GPU; None if they are not known.
    """

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
    """A part of the warm-up: some passes over the workload, and the power and temperature of the GPUs."""

    passes: int
    seconds_per_pass: float
    power_w: float | None
    temperature_c: float | None


class WarmUp(Part):
    """The warm-up; ``steady`` says whether its last blocks met the criterion of ``docs/measuring.md``."""

    blocks: tuple[Block, ...]
    seconds: float
    steady: bool


class Tokens(Part):
    """Tokens, counted from the returned ids without padding."""

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

    ``id`` stays the same from version to version; ``text`` is for the reader. ``device`` and ``windows`` are
    set if it is about some in particular. A finding that ``invalidates`` makes the run invalid: the record is
    kept, but its figures are not those of the work alone.
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
    load: Load | None = None
    findings: tuple[Finding, ...]
    interrupted: bool = False

    @property
    def name(self) -> str:
        """Its kind and number; for an idle window only the kind, since there is one of each."""
        return self.kind if self.kind.startswith("idle") else f"{self.kind} {self.number}"


class Estimate(Part):
    """A quantity over the windows: its spread, and apart from that the uncertainty due to the sensors.

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
    """Joules per unit of work. Total tokens are those of prompts and outputs together."""

    per_request: Estimate
    per_output_token: Estimate | None
    per_total_token: Estimate | None


class IdlePower(Part):
    """The power of the measured devices with the model loaded and idle, and its standard uncertainty."""

    power_w: float
    uncertainty_w: float
    before_w: float | None
    after_w: float | None


class Energies(Part):
    """The energy of the workload. ``net`` is ``gross`` minus idle power over the same time, if that is known.

    ``power_w`` is the mean gross power in the windows.
    """

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
    """How fast the calls in the windows were; the devices are synchronised at both ends of a window."""

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
    """A distribution of times in seconds; ``p95_s`` is None for fewer than twenty times."""

    count: int
    mean_s: float
    sd_s: float | None
    min_s: float
    median_s: float
    p95_s: float | None
    max_s: float


class CallTiming(Part):
    """Times of calls outside the energy windows.

    ``missing_calls`` says why there are no times of calls, ``missing`` why there are none of single tokens.
    """

    call: Distribution | None
    first_token: Distribution | None
    between_tokens: Distribution | None
    missing: str
    missing_calls: str = ""


class Memory(Part):
    """Peak memory during one pass over the workload."""

    bytes: int
    where: str
    method: str


class Flops(Part):
    """Estimated floating point operations of the timed calls; ``missing`` says why there are none."""

    per_output_token: float | None
    formula: str
    missing: str


class Carbon(Part):
    """Grams of CO2 equivalent for the gross energy, by the carbon intensity in the configuration."""

    grams_per_request: float
    grams_per_output_token: float | None
    grams_per_kwh: Annotated[float, Field(gt=0)]
    source: str
