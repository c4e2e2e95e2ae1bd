"""The record of one run: what was asked for, what ran, what it took. Frozen, and plain JSON on disk.

A record holds no user name, no environment variable and no path below the home folder. A unit is in each field's name
where it is not a count.
"""

from datetime import UTC
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, PlainSerializer, PlainValidator

from llenergymeasure.energy.figures import (
    Figure,
    Measured,
    Modelled,
    Unavailable,
    WindowEnergy,
    figure_from_dict,
)

SCHEMA_VERSION: Final = 1
"""The format that this program writes, and the newest that it reads."""


def _figure(value: Any) -> Figure:
    """A figure as it is, or from the data that it was saved as."""
    if isinstance(value, Measured | Modelled | Unavailable):
        return value
    if isinstance(value, dict):
        return figure_from_dict(value)
    raise ValueError("not an energy figure")


RecordedFigure = Annotated[Figure, PlainValidator(_figure), PlainSerializer(lambda figure: figure.to_dict())]
"""Measured, modelled or unavailable; saved with its kind."""


class _Part(BaseModel):
    """A frozen part of a record; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Versions(_Part):
    """What ran. ``schema_transformers`` is the release that PyTorchConfig was generated from."""

    python: str
    llenergymeasure: str
    transformers: str
    torch: str
    schema_transformers: str
    nvidia_ml_py: str | None = None
    nvidia_driver: str | None = None


class Gpu(_Part):
    """A GPU that the driver lists, in use or not."""

    uuid: str
    name: str


class Host(_Part):
    """The machine, by its hardware."""

    system: str
    cpu: str
    cores: int
    threads: int
    gpus: tuple[Gpu, ...] = ()


class Model(_Part):
    """A model as it ran; see ``inference.facts.ModelFacts`` for the meaning of each field."""

    name: str
    architecture: str
    parameters: int
    dtype: str
    device: str
    vocabulary: int
    context: int | None = None
    layers: int | None = None
    attention: str | None
    quantization: str | None = None
    placement: tuple[str, ...] = ()
    weights_seed: int | None
    commit: str | None
    generation_defaults: dict[str, JsonValue]


class Workload(_Part):
    """What was generated from. ``padding_token`` filled short prompts up; ``seed`` is that of sampling."""

    prompts: str
    prompts_digest: str
    requests: int
    batches: int
    warmup_batches: int
    seed: int
    padding_token: str | None


class Tokens(_Part):
    """Counted from the returned ids; padding is in neither number."""

    prompt: int
    output: int
    sequences: int


class Energy(_Part):
    """The joules of the run, by device and in all."""

    total: RecordedFigure
    devices: tuple[RecordedFigure, ...]

    @classmethod
    def of(cls, energy: WindowEnergy) -> Self:
        """What a window measured."""
        return cls(total=energy.total, devices=energy.devices)


class PerOutputToken(_Part):
    """The measured total over the output tokens, with its standard uncertainty and its hard bound."""

    energy_j: float
    uncertainty_j: float
    bound_j: float


class Finding(_Part):
    """Something a reader of the numbers should know.

    ``id`` is stable, ``text`` is for a person; a finding that ``spoils`` makes the run invalid: it is kept, but its energy does
    not stand for the work alone.
    """

    id: str
    text: str
    spoils: bool = False


class Record(_Part):
    """One run.

    ``config`` is the configuration as declared: only what was set. ``generate_kwargs`` are the settings that were passed
    to ``generate()``; ``bypassed`` are those of them that went around the schema, through ``extra``.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    created: AwareDatetime
    config: dict[str, JsonValue]
    config_hash: Annotated[str, Field(pattern="^[0-9a-f]{8}$")]
    generate_kwargs: dict[str, JsonValue]
    bypassed: tuple[str, ...] = ()
    versions: Versions
    host: Host
    model: Model
    assistant: Model | None = None
    workload: Workload
    tokens: Tokens
    seconds: Annotated[float, Field(gt=0)]
    energy: Energy
    energy_per_output_token: PerOutputToken | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether no finding spoils the run."""
        return not any(finding.spoils for finding in self.findings)

    @property
    def output_tokens_per_second(self) -> float:
        """Output tokens over the run's seconds."""
        return self.tokens.output / self.seconds

    @property
    def name(self) -> str:
        """What its file is called, without the ending: when it was made (UTC), and which configuration it is of."""
        return f"{self.created.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}-{self.config_hash}"


def per_output_token(total: Figure, output_tokens: int) -> PerOutputToken | None:
    """Joules per output token, where the total is measured and there are tokens; else None."""
    if not isinstance(total, Measured) or output_tokens == 0:
        return None
    return PerOutputToken(
        energy_j=total.energy_j / output_tokens,
        uncertainty_j=total.uncertainty_j / output_tokens,
        bound_j=total.bound_j / output_tokens,
    )
