"""What the generated configuration is built on: the base class of a backend's parameters.

The generated modules import this one, :mod:`~llenergymeasure.config.nested` and :mod:`~llenergymeasure.config.metadata`. How a type is
spelled there is in the table of :mod:`llenergymeasure.config.types`.
"""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from llenergymeasure.config.dormancy import canonical_settings, dormant_settings
from llenergymeasure.config.frozen import FrozenDict, freeze
from llenergymeasure.config.metadata import ParamInfo, Rule
from llenergymeasure.config.rules import (
    Broken,
    Unmet,
    broken_at_once,
    broken_over,
    sentence,
    unmet_needs,
)
from llenergymeasure.config.strict import StrictModel, describe, fields_of, set_fields


def _frozen_extra(value: dict[str, Any]) -> Any:
    return freeze(value, "extra")


class BackendConfig(StrictModel):
    """The parameters of one backend's ``generate()``.

    A field shows the default that the backend works with; only what was set is sent. None is a value: it is sent, and overrides the
    model's own setting. Configurations are equal when they set the same fields to the same values.
    """

    engine: ClassVar[str]
    """What generates with these parameters, such as ``transformers``."""
    engine_version: ClassVar[str]
    """The release of it that the fields were generated from."""
    rules: ClassVar[tuple[Rule, ...]] = ()
    """What holds across parameters."""
    params: ClassVar[Mapping[str, ParamInfo]] = {}
    """What is known of each parameter beside its field."""

    _hint: ClassVar[str] = " (extra takes what only your version of transformers knows)"

    extra: Annotated[dict[str, Any], AfterValidator(_frozen_extra)] = Field(
        default_factory=FrozenDict,
        description=(
            "Handed to model.generate() as it is, unvalidated: arguments that are no field here, or values that a field "
            "refuses. A key must not be set as a field too. Example: extra={'logits_processor': my_processors}."
        ),
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        describe(cls, {name: info.description for name, info in cls.params.items()})

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        wrong = None
        try:
            config = handler(data)
        except ValidationError as error:
            wrong = error
        else:
            if config is data:
                return config
        given = data if isinstance(data, dict) else {}
        extra = given.get("extra")
        twice = given.keys() & extra.keys() if isinstance(extra, dict) else ()
        if wrong is None and not twice and not (broken := broken_at_once(config)):
            return config
        from llenergymeasure.config import explain  # noqa: PLC0415 - only an error needs it

        if wrong is not None:
            wrong = explain.explained(cls, wrong, cls._hint)
        if twice:
            raise explain.set_twice(cls, sorted(twice, key=str), given["extra"], wrong)
        if wrong is not None:
            raise wrong
        raise explain.combined(cls, [sentence(rule, {**config.extra, **given}) for rule in broken], given)

    @property
    def bypassed(self) -> tuple[str, ...]:
        """The parameters that are only set in ``extra``, past what is known of them here."""
        return tuple(name for name in fields_of(type(self)) if name in self.extra)

    def check(
        self, model_defaults: Mapping[str, Any], facts: Mapping[str, object] | None = None
    ) -> tuple[Broken, ...]:
        """The combinations that ``generate()`` refuses on a model: the rules of construction, over the model's own defaults.

        Args:
            model_defaults: what the model's own generation configuration sets; None there is "not set".
            facts: what is known of the model, the call, the device and the packages, as ``{"model.layers": 24}``.
        """
        return broken_over(self, model_defaults, facts or {})

    def unmet(
        self, facts: Mapping[str, object], model_defaults: Mapping[str, Any] | None = None
    ) -> tuple[Unmet, ...]:
        """What the parameters that take effect need, and the facts say is not there; what no fact tells is not judged.

        Args:
            facts: what is known of the model, the call, the device and the packages, as ``{"packages.hqq": False}``.
            model_defaults: what the model's own generation configuration sets, if that is known.
        """
        return unmet_needs(self, facts, model_defaults)

    def dormant(
        self,
        model_defaults: Mapping[str, Any] | None = None,
        device: str | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> dict[str, str]:
        """The set fields whose removal leaves the work of ``generate()`` as it is, each with why.

        Args:
            model_defaults: what the model's own generation configuration sets; over transformers' defaults if not given.
            device: that the model runs on, such as ``cuda:0``.
            facts: what else is known, as for :meth:`check`.
        """
        return dormant_settings(self, model_defaults, _with_device(facts, device))

    def canonical(
        self,
        model_defaults: Mapping[str, Any] | None = None,
        device: str | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Self:
        """What does the same work on a model whose own generation configuration says nothing, said as shortly as possible.

        Two configurations with equal canonical ones make ``generate()`` do the same. What the model sets is set here, what is
        dormant is not, and values that are treated alike are one. A setting of the model's that a field refuses is in ``extra``.

        Args:
            model_defaults: what the model's own generation configuration sets; over transformers' defaults if not given.
            device: that the model runs on, such as ``cuda:0``.
            facts: what else is known, as for :meth:`check`.
        """
        return self._unchecked(canonical_settings(self, model_defaults, _with_device(facts, device)))

    @classmethod
    def _unchecked(cls, settings: Mapping[str, Any]) -> Self:
        """A configuration of values that are valid each; together they may break a rule, and ``check()`` is there to say so."""
        names = {field.alias or name: name for name, field in cls.model_fields.items()}
        chosen = {names[name] for name in settings}
        return cls.model_construct(chosen, **settings)  # type: ignore[return-value]  # pydantic's plugin does not say Self

    def generate_kwargs(self) -> dict[str, Any]:
        """The keyword arguments for ``model.generate()``: exactly what was set, ``extra`` included, and nothing else.

        Containers are fresh ones, sequences are lists, nested configurations are objects of the real classes; only these load
        transformers.

        Raises:
            UpstreamError: transformers, or a class in it, is not there, or it refuses the values.
        """
        from llenergymeasure.config.transformers_bridge import generate_kwargs  # noqa: PLC0415 - most imports never send

        return generate_kwargs(set_fields(self))

    def to_generation_config(self) -> Any:
        """A ``transformers.GenerationConfig`` that says what was set; keys of ``extra`` become attributes of it.

        Raises:
            UpstreamError: transformers, or a class in it, is not there, or it refuses the values.

        Warns:
            LossyConversionWarning: a None was set. The object has the attribute, but there None means unset to ``generate()``.
        """
        from llenergymeasure.config.conversion import to_real  # noqa: PLC0415 - most imports never convert

        return to_real(set_fields(self), fields_of(type(self)))

    @classmethod
    def from_generation_config(cls, real: Any, *, keep_unknown: bool = False) -> Self:
        """A configuration that sets what a ``transformers.GenerationConfig`` says: what a fresh one has otherwise.

        An object of :meth:`to_generation_config` gives back the configuration that it was made from.

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
        from llenergymeasure.config.conversion import from_real  # noqa: PLC0415 - most imports never convert

        return cls.model_validate(from_real(real, fields_of(cls), keep_unknown=keep_unknown))

    @classmethod
    def from_generation_config_file(cls, path: str | PathLike[str], *, keep_unknown: bool = False) -> Self:
        """A configuration that sets what a saved ``generation_config.json`` says. Needs no transformers.

        Args:
            path: of the file, or of the model's folder that it is in.
            keep_unknown: put keys that are no field here into ``extra``, such as those of an older transformers. They are
                left out, with a warning, if not.

        Raises:
            DocumentError: there is no such file, or it is no mapping in JSON.
            ValidationError: (pydantic's) it has a value that is not allowed here.

        Warns:
            LossyConversionWarning: a key was left out.
        """
        from llenergymeasure.config.conversion import from_file  # noqa: PLC0415 - most imports never convert

        return cls.model_validate(from_file(Path(path), fields_of(cls), keep_unknown=keep_unknown))


def _with_device(facts: Mapping[str, object] | None, device: str | None) -> dict[str, object]:
    kind: dict[str, object] = {} if device is None else {"device.type": str(device).partition(":")[0]}
    return {**(facts or {}), **kind}
