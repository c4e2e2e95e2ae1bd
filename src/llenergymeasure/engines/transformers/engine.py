"""Hugging Face transformers as an engine. Imports without torch; its methods import what they need."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.experiment import ModelConfig, WorkloadConfig
from llenergymeasure.engines.descriptions import EngineEnvironment
from llenergymeasure.engines.protocol import Engine, LoadedModel
from llenergymeasure.engines.transformers import packages


class TransformersEngine:
    """The engine of the section ``pytorch``; see :class:`llenergymeasure.engines.protocol.Engine`."""

    def require_packages(self) -> None:
        """Import torch and transformers.

        Raises:
            MissingPackageError: a package is missing, or is broken; the message says what to install.
        """
        packages.require_packages()

    def environment(self) -> EngineEnvironment:
        """The versions of transformers and of what it uses."""
        import torch  # noqa: PLC0415 - only when it is known to be installed; so are all imports below

        return EngineEnvironment(
            name="transformers",
            libraries=packages.library_versions(),
            packages=packages.package_versions(),
            cuda=torch.version.cuda or torch.version.hip,
            threads=torch.get_num_threads(),
        )

    def messages(self) -> AbstractContextManager[Sequence[str]]:
        """A context manager to put around a run: it collects warnings of transformers and its libraries."""
        from llenergymeasure.engines.transformers.messages import collected_messages  # noqa: PLC0415

        return collected_messages()

    def gpus(self, model: ModelConfig, device: str) -> tuple[str, ...]:
        """UUIDs of the GPUs that loading the model may use, before it is loaded; empty for the CPU.

        Raises:
            DeviceNotPresentError: torch does not see a device that is named.
        """
        from llenergymeasure.engines.transformers.torch_devices import planned_gpus  # noqa: PLC0415

        return planned_gpus(model, device)

    def check(self, model: ModelConfig, settings: BackendConfig, workload: WorkloadConfig) -> None:
        """Refuse, before anything is loaded, what is known to be wrong without the model.

        Raises:
            DeviceNotPresentError: ``model.device`` is not here.
            PreconditionError: (of ``config``) a parameter needs something that is not there.
            UpstreamError: (of ``config``) a setting needs another transformers.
        """
        from llenergymeasure.engines.transformers.loaded_model import as_pytorch_config  # noqa: PLC0415
        from llenergymeasure.engines.transformers.requirements import (  # noqa: PLC0415
            facts_before_loading,
            require_met,
        )

        settings = as_pytorch_config(settings)
        require_met(settings, facts_before_loading(model, settings, workload))
        settings.generate_kwargs()  # makes upstream's objects, and raises if one cannot be made

    def load(self, model: ModelConfig, device: str) -> LoadedModel:
        """Load the model, and its assistant if it has one.

        Raises:
            EngineError: there is no such device or model, or it does not load, or does not fit.
        """
        from llenergymeasure.engines.transformers.loaded_model import TransformersModel  # noqa: PLC0415

        return TransformersModel(model, device)


ENGINE: Engine = TransformersEngine()
