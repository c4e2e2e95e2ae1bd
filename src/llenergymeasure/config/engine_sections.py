"""The engines: one field of :class:`EngineSections` each, the section of an experiment with its settings.

Every list of engines is derived from these fields: the sections of
:class:`~llenergymeasure.config.experiment.ExperimentConfig` and its JSON Schema, the backends of
:mod:`~llenergymeasure.config.introspection`, and the command ``params``. The code of an engine is found by
the name in its configuration class (:mod:`llenergymeasure.engines.registry`).

To add an engine, add a field to :class:`EngineSections` and, for type checkers, to :class:`EngineArguments`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypedDict

from pydantic import Field, model_validator

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.strict import StrictModel

if TYPE_CHECKING:
    from llenergymeasure.config.pytorch_settings import PyTorchSettings


class EngineArguments(TypedDict, total=False):
    """The sections as keyword arguments, for type checkers: each may be an object or a mapping."""

    pytorch: "PyTorchConfig | PyTorchSettings | Mapping[str, Any]"


class EngineSections(StrictModel):
    """One section for each engine. An experiment sets one of them; if it sets none, the first applies."""

    pytorch: PyTorchConfig = Field(
        default_factory=PyTorchConfig,
        description="The parameters of generate(). Only those that are set are sent.",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_engine(cls, data: Any) -> Any:
        given = [name for name in engine_sections(cls) if isinstance(data, Mapping) and name in data]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are settings of different engines; keep one of them")
        return data

    @property
    def engine_section(self) -> str:
        """The name of the section with the settings of this experiment's engine."""
        sections = list(engine_sections(type(self)))
        return next((name for name in sections if name in self.model_fields_set), sections[0])

    @property
    def engine_settings(self) -> BackendConfig:
        """The settings of this experiment's engine."""
        settings: BackendConfig = getattr(self, self.engine_section)
        return settings


def engine_sections(
    model: type[EngineSections] = EngineSections,
) -> MappingProxyType[str, type[BackendConfig]]:
    """The configuration class of each engine, by the name of its section."""
    return MappingProxyType(
        {
            name: field.annotation
            for name, field in model.model_fields.items()
            if isinstance(field.annotation, type) and issubclass(field.annotation, BackendConfig)
        }
    )
