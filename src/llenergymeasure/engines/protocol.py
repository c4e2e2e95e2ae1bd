"""What every engine provides, as the measurement uses it.

An :class:`Engine` loads a model once. A :class:`LoadedModel` can be bound to settings and a workload any
number of times, and each binding gives a :class:`Session`, with which the measurement makes its calls.
Every binding starts from the state after loading: nothing that an earlier session did to the model remains.

Only the session itself interprets its batches and outputs; a caller just hands them back to it.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol, Self, TypeAlias, TypeVar

from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.experiment import ModelConfig, WorkloadConfig
from llenergymeasure.engines.calls import FlopEstimate, Missing, PeakWatch, TokenCounts, TokenTimes
from llenergymeasure.engines.descriptions import EngineDevice, EngineEnvironment, ModelFacts, WorkloadFacts
from llenergymeasure.engines.prompts import Prompts

BatchT = TypeVar("BatchT")
OutputT = TypeVar("OutputT")


class Session(Protocol[BatchT, OutputT]):
    """A loaded model with the settings and the workload of one configuration.

    Only :meth:`call`, :meth:`prefill`, :meth:`reseed` and :meth:`synchronise` run inside energy windows.
    """

    @property
    def batches(self) -> Sequence[BatchT]:
        """The workload once: every request, in batches."""
        ...

    @property
    def workload(self) -> WorkloadFacts:
        """A description of the prompts."""
        ...

    @property
    def devices(self) -> tuple[EngineDevice, ...]:
        """The devices that do the work; the first one takes the prompts."""
        ...

    @property
    def facts(self) -> ModelFacts:
        """The model as it runs."""
        ...

    @property
    def assistant_facts(self) -> ModelFacts | None:
        """The model that drafts tokens, as it runs; None without such a model."""
        ...

    def reseed(self) -> None:
        """Reset the random numbers to the workload's seed, so that sampling repeats itself."""
        ...

    def synchronise(self) -> None:
        """Wait until every device has done what was queued on it.

        Raises:
            EngineError: something that was queued failed.
        """
        ...

    def call(self, batch: BatchT) -> OutputT:
        """Generate for one batch, with exactly the settings of the configuration.

        Work may still be queued on a device when this returns.

        Raises:
            GenerationError: the engine refused or failed; its words are in the message.
            DeviceMemoryError: a device ran out of memory.
        """
        ...

    def prefill(self, batch: BatchT) -> OutputT:
        """The same call, but for one new token, whatever the settings say about length.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: as for a call.
        """
        ...

    def count(self, output: OutputT) -> TokenCounts:
        """The tokens that went into a call and came out; waits for the device."""
        ...

    def observed(self, output: OutputT) -> Mapping[str, object]:
        """The arguments that reached the engine in the call that returned this output, as data."""
        ...

    def time_tokens(self, batch: BatchT) -> TokenTimes | Missing:
        """One call, timed step by step, with the same arguments as any other call.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: as for a call.
        """
        ...

    def flops(self, times: TokenTimes) -> FlopEstimate | Missing:
        """The floating-point operations of a call that was timed, by formula."""
        ...

    def peak_memory(self) -> AbstractContextManager[PeakWatch]:
        """A context manager to put around a call: it measures the most memory in use meanwhile."""
        ...

    def dormant(self) -> dict[str, str]:
        """The settings that change nothing about the work of this session, each with the reason."""
        ...

    def canonical(self) -> BackendConfig:
        """The fewest settings for the same work: the model's own resolved, dormant ones left out."""
        ...


AnySession: TypeAlias = Session[Any, Any]
"""A session of any engine."""


class LoadedModel(Protocol):
    """A model in memory, to be bound to one configuration after another; a context manager that closes it."""

    def bind(self, settings: BackendConfig, workload: WorkloadConfig, prompts: Prompts) -> AnySession:
        """A session for these settings, on the model as it was loaded. The previous session ends.

        Args:
            settings: settings of this engine.
            workload: how many requests are made, and how they are put into batches.
            prompts: the prompts of these requests; ``workload.prompts`` only names their source.

        Raises:
            EngineError: the prompts or the settings cannot be used with this model.
            PreconditionError: (of ``config``) a setting needs something that is not there.
            UpstreamError: (of ``config``) a setting needs another release of the engine.
        """
        ...

    def close(self) -> None:
        """End the session, and free the model's memory for another model."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Engine(Protocol):
    """Loads models. Constructing an engine imports nothing; its methods import what they need."""

    def require_packages(self) -> None:
        """Import what the engine needs to run a model. It is called before the other methods.

        Raises:
            MissingPackageError: a package is missing, or is broken; the message says what to install.
        """
        ...

    def environment(self) -> EngineEnvironment:
        """The versions of the engine and of what it uses."""
        ...

    def messages(self) -> AbstractContextManager[Sequence[str]]:
        """A context manager to put around a run: it collects the warnings of the engine and its libraries."""
        ...

    def gpus(self, model: ModelConfig, device: str) -> tuple[str, ...]:
        """UUIDs of the GPUs that loading the model may use, before it is loaded; empty for the CPU.

        Raises:
            DeviceNotPresentError: the configuration names a device that is not here.
        """
        ...

    def check(self, model: ModelConfig, settings: BackendConfig, workload: WorkloadConfig) -> None:
        """Refuse, before anything is loaded, what is known to be wrong without the model.

        Raises:
            DeviceNotPresentError: ``model.device`` is not here.
            PromptError: the engine cannot generate from prompts of that kind.
            PreconditionError: (of ``config``) a setting needs something that is not there.
            UpstreamError: (of ``config``) a setting needs another release of the engine.
        """
        ...

    def load(self, model: ModelConfig, device: str) -> LoadedModel:
        """Load the model, and its assistant if it has one.

        Args:
            model: what to load.
            device: the device to load onto, in the form of ``model.device``; ``model.device_map`` overrides
                it.

        Raises:
            EngineError: the device or the model does not exist, or the model does not load, or does not fit.
        """
        ...
