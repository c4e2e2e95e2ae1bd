"""The record of one measurement: what was asked for, what ran, what it took. Frozen, and JSON on disk.

A record holds no user name, no environment variable, no secret and no path below the home folder. A unit is
in each field's name where it is not a count.
"""

from datetime import UTC
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, InstanceOf, JsonValue

from llenergymeasure.results.schema import (
    CallTiming,
    Carbon,
    Device,
    Energies,
    Finding,
    Flops,
    Memory,
    NoEnergy,
    Part,
    Phases,
    Plan,
    Speed,
    Tokens,
    WarmUp,
    Window,
)
from llenergymeasure.results.trace_file import Trace

SCHEMA_VERSION: Final = 3
"""The format that this program writes."""
OLDEST_VERSION: Final = 2
"""The oldest format that it reads. Format 1, for single runs, was in no release."""


class Versions(Part):
    """The software that ran.

    ``engine`` is the name of the engine. ``libraries`` has its version and those of the libraries it is built
    on, such as torch; ``packages`` has those of other installed packages that the work may depend on.
    ``schema_release`` is the engine's release that the settings were checked against. ``cuda`` is what the
    engine was built for (CUDA, or ROCm's HIP); None for the CPU.
    """

    python: str
    llenergymeasure: str
    engine: str
    libraries: dict[str, str]
    schema_release: str
    nvidia_ml_py: str | None = None
    nvidia_driver: str | None = None
    cuda: str | None = None
    packages: dict[str, str] = Field(default_factory=dict)

    @property
    def engine_version(self) -> str:
        """The engine's own release."""
        return self.libraries.get(self.engine, "")


class HostGpu(Part):
    """A GPU of the machine, used by the run or not."""

    uuid: str
    name: str


class Host(Part):
    """The machine's hardware and operating system."""

    system: str
    cpu: str
    cores: int
    threads: int
    gpus: tuple[HostGpu, ...] = ()


class Git(Part):
    """The revision of the repository that the run was started in; ``modified`` if files differed from it."""

    commit: str
    modified: bool


class Model(Part):
    """A model as it ran; :class:`llenergymeasure.engines.descriptions.ModelFacts` explains each field."""

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


class Workload(Part):
    """The prompts.

    ``padding_token`` is what shorter prompts were filled up with. ``seed`` is that of sampling; the random
    numbers start from it in each pass.
    """

    prompts: str
    prompts_digest: str
    requests: int
    batch_size: int
    batches: int
    shortest_prompt: int
    longest_prompt: int
    seed: int
    padding_token: str | None


class Record(Part):
    """One measurement.

    - ``status`` is ``complete``, ``interrupted`` (by Ctrl-C, SIGTERM or SIGHUP) or ``failed`` (midway; the
      finding ``failed`` has the reason); the last two keep the windows so far.
    - ``seconds`` is how long the measurement took once the model was loaded.
    - ``config`` is the configuration as declared: only what was set. ``section`` is the name of its section
      with the engine's settings. ``effective`` is the same with every default in its place.
    - ``generation`` is what the engine made of its settings; empty where that is not known. ``canonical`` is
      the fewest settings for the same work: equal for two configurations that make the engine do the same.
    - ``observed`` has the arguments that reached the engine in a call, ``observed_prefill`` those in a
      prefill. ``bypassed`` are the parameters that were set in ``extra``, and so not validated.
    - ``tokens`` are those of one pass over the workload.
    """

    schema_version: Literal[3] = SCHEMA_VERSION
    status: Literal["complete", "interrupted", "failed"]
    created: AwareDatetime
    seconds: Annotated[float, Field(ge=0)]
    config: dict[str, JsonValue]
    config_hash: Annotated[str, Field(pattern="^[0-9a-f]{8}$")]
    section: str
    effective: dict[str, JsonValue]
    generation: dict[str, JsonValue]
    canonical: dict[str, JsonValue]
    observed: dict[str, JsonValue]
    observed_prefill: dict[str, JsonValue] = Field(default_factory=dict)
    bypassed: tuple[str, ...] = ()
    versions: Versions
    host: Host
    git: Git | None
    model: Model
    assistant: Model | None = None
    workload: Workload
    devices: tuple[Device, ...]
    plan: Plan
    warmup: WarmUp | None
    prefill_warmup: WarmUp | None = None
    windows: tuple[Window, ...]
    tokens: Tokens | None
    energy: Annotated[Energies | NoEnergy, Field(discriminator="kind")]
    speed: Speed | None
    phases: Phases | None
    timing: CallTiming | None
    memory: tuple[Memory, ...]
    flops: Flops | None
    carbon: Carbon | None
    findings: tuple[Finding, ...] = ()
    trace: Annotated[InstanceOf[Trace] | None, Field(exclude=True, repr=False)] = None

    @property
    def valid(self) -> bool:
        """Whether the run is complete and no finding invalidates it."""
        return self.status == "complete" and not any(finding.invalidates for finding in self.findings)

    @property
    def settings(self) -> dict[str, JsonValue]:
        """The engine's settings as declared: only those that were set."""
        settings = self.config.get(self.section)
        return settings if isinstance(settings, dict) else {}

    @property
    def work(self) -> tuple[Window, ...]:
        """The windows that the figures are computed from: those of the whole workload, if not interrupted."""
        return tuple(window for window in self.windows if window.kind == "work" and not window.interrupted)

    @property
    def name(self) -> str:
        """The name of its file, without the ending: when it was made (UTC), and the configuration's hash."""
        return f"{self.created.astimezone(UTC):%Y-%m-%dT%H-%M-%SZ}-{self.config_hash}"
