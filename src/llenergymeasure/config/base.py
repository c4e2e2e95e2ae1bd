"""What the generated configuration is built on: the base class of a backend's parameters, and the forms of their values.

``backend_configs.py`` imports from here and from :mod:`~llenergymeasure.config.facts` only. How a type is spelled there is in the
table of :mod:`llenergymeasure.config.forms`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from llenergymeasure.config.facts import ParamFacts, Rule
from llenergymeasure.config.forms import FixedTuple, FrozenMap, Pairs, Seq, exact, one_of
from llenergymeasure.config.frozen import FrozenDict, freeze
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.strict import StrictModel, fields_of, set_fields

__all__ = ["BackendConfig", "FixedTuple", "FrozenMap", "NestedConfig", "Pairs", "Seq", "exact", "one_of"]


def _frozen_extra(value: dict[str, Any]) -> Any:
    return freeze(value, "extra")


class BackendConfig(StrictModel):
    """The parameters of one backend's ``generate()``.

    A field shows the default that the backend works with; only what was set is sent. None is a value: it is sent, and overrides the
    model's own setting. Configurations are equal when they set the same fields to the same values.
    """

    transformers_version: ClassVar[str]
    """The release that the fields were generated from."""

    rules: ClassVar[tuple[Rule, ...]] = ()
    """What holds across parameters."""

    params: ClassVar[Mapping[str, ParamFacts]] = {}
    """What is known of each parameter beside its field."""

    _hint: ClassVar[str] = " (extra takes what only your version of transformers knows)"

    extra: Annotated[dict[str, Any], AfterValidator(_frozen_extra)] = Field(
        default_factory=FrozenDict,
        description=(
            "Handed to model.generate() as it is, unvalidated: arguments that are no field here, or values that a field "
            "refuses. A key must not be set as a field too. Example: extra={'logits_processor': my_processors}."
        ),
    )

    @model_validator(mode="wrap")
    @classmethod
    def _once(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        extra = data.get("extra") if isinstance(data, dict) else None
        if not isinstance(extra, dict) or data.keys().isdisjoint(extra):
            return handler(data)
        others = None
        try:
            handler(data)
        except ValidationError as error:
            others = error
        from llenergymeasure.config.explain import set_twice  # noqa: PLC0415 - only an error needs it

        raise set_twice(cls, sorted(data.keys() & extra.keys(), key=str), extra, others)

    @property
    def bypassed(self) -> tuple[str, ...]:
        """The parameters that are only set in ``extra``, past what is known of them here."""
        return tuple(name for name in fields_of(type(self)) if name in self.extra)

    def generate_kwargs(self) -> dict[str, Any]:
        """The keyword arguments for ``model.generate()``: exactly what was set, ``extra`` included, and nothing else.

        Containers are fresh ones, sequences are lists, nested configurations are objects of the real classes; only these load
        transformers.

        Raises:
            UpstreamError: transformers, or a class in it, is not there, or it refuses the values.
        """
        from llenergymeasure.config.upstream import generate_kwargs  # noqa: PLC0415 - most imports never send

        return generate_kwargs(set_fields(self))

    def to_generation_config(self) -> Any:
        """A ``transformers.GenerationConfig`` that says what was set; keys of ``extra`` become attributes of it.

        Raises:
            UpstreamError: transformers, or a class in it, is not there, or it refuses the values.

        Warns:
            LossyConversionWarning: a None was set. The object has the attribute, but there None means unset.
        """
        from llenergymeasure.config.upstream import to_real  # noqa: PLC0415 - most imports never convert

        return to_real(set_fields(self))

    @classmethod
    def from_generation_config(cls, real: Any, *, keep_unknown: bool = False) -> Self:
        """A configuration that sets what a ``transformers.GenerationConfig`` says: what a fresh one has otherwise.

        Args:
            real: the object.
            keep_unknown: put attributes that are no field here into ``extra``. They are left out, with a warning, if not.

        Raises:
            TypeError: ``real`` is no ``GenerationConfig``.
            UpstreamError: there is no transformers.
            ValidationError: (pydantic's) it has a value that is not allowed here.

        Warns:
            LossyConversionWarning: an attribute was left out.
        """
        from llenergymeasure.config.upstream import from_real  # noqa: PLC0415 - most imports never convert

        return cls.model_validate(from_real(real, fields_of(cls), keep_unknown=keep_unknown))
