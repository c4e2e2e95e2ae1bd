"""The methods that convert to and from Hugging Face's ``GenerationConfig``; only ``PyTorchConfig`` has them.

They call :mod:`llenergymeasure.config.conversion`, which imports transformers when it is needed.
"""

from os import PathLike
from pathlib import Path
from typing import Any, Self

from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.parameter_model import ParameterModel
from llenergymeasure.config.strict import set_fields


class GenerationConfigMixin(ParameterModel):
    """Conversions to and from Hugging Face's ``GenerationConfig``, as an object and as a file."""

    @classmethod
    def _upstream_object(cls, name: str, arguments: dict[str, Any]) -> Any:
        from llenergymeasure.config.transformers_bridge import real_object  # noqa: PLC0415 - most imports never send

        return real_object(name, arguments)

    def to_generation_config(self) -> Any:
        """A ``transformers.GenerationConfig`` with what was set; keys of ``extra`` become attributes.

        Raises:
            UpstreamError: transformers is not installed, lacks a class, or refuses the values.

        Warns:
            LossyConversionWarning: a None was set. The object has the attribute, but there None means unset
                to ``generate()``.
        """
        from llenergymeasure.config.conversion import to_real  # noqa: PLC0415 - most imports never convert

        return to_real(set_fields(self), fields_of(type(self)))

    @classmethod
    def from_generation_config(cls, real: Any, *, keep_unknown: bool = False) -> Self:
        """A configuration that sets what a ``transformers.GenerationConfig`` has different from its defaults.

        An object of :meth:`to_generation_config` gives back the configuration that it was made from.

        Args:
            real: the object.
            keep_unknown: put attributes that are not fields here into ``extra``, instead of leaving them out
                with a warning.

        Raises:
            TypeError: ``real`` is not a ``GenerationConfig``.
            UpstreamError: transformers is not installed.
            ValidationError: (pydantic's) it has a value that is not allowed here.

        Warns:
            LossyConversionWarning: an attribute was left out.
        """
        from llenergymeasure.config.conversion import from_real  # noqa: PLC0415 - most imports never convert

        return cls.model_validate(from_real(real, fields_of(cls), keep_unknown=keep_unknown))

    @classmethod
    def from_generation_config_file(cls, path: str | PathLike[str], *, keep_unknown: bool = False) -> Self:
        """A configuration that sets what a saved ``generation_config.json`` says.

        transformers need not be installed.

        Args:
            path: the file, or the model's folder that it is in.
            keep_unknown: put keys that are not fields here, such as those of an older transformers, into
                ``extra``, instead of leaving them out with a warning.

        Raises:
            DocumentError: there is no such file, or it is not a mapping in JSON.
            ValidationError: (pydantic's) it has a value that is not allowed here.

        Warns:
            LossyConversionWarning: a key was left out.
        """
        from llenergymeasure.config.conversion import from_file  # noqa: PLC0415 - most imports never convert

        return cls.model_validate(from_file(Path(path), fields_of(cls), keep_unknown=keep_unknown))
