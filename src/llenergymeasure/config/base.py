"""What the generated configuration is built on: the base class of a backend's parameters.

The generated modules import this one, :mod:`~llenergymeasure.config.nested` and
:mod:`~llenergymeasure.config.metadata`. How a type is spelled there is in the table of
:mod:`llenergymeasure.config.types`.
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import ValidationError, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler

from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.dormancy import canonical_settings, dormant_settings
from llenergymeasure.config.frozen import FrozenDict, thaw
from llenergymeasure.config.parameter_model import ParameterModel
from llenergymeasure.config.rules import (
    Broken,
    Unmet,
    broken_at_once,
    broken_over,
    sentence,
    unmet_needs,
)
from llenergymeasure.config.sending import sent
from llenergymeasure.config.strict import set_fields


class BackendConfig(ParameterModel):
    """The parameters of one backend's ``generate()``.

    A field shows the default that the backend works with; only what was set is sent. None is a value: it is
    sent, and overrides the model's own setting. Configurations are equal when they set the same fields to the
    same values.
    """

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
        from llenergymeasure.config import combination_errors, explain  # noqa: PLC0415 - only errors need them

        if wrong is not None:
            hint = f" (extra takes what only your version of {cls.engine} knows)"
            wrong = explain.explained(cls, wrong, hint)
        if twice:
            raise combination_errors.set_twice(cls, sorted(twice, key=str), given["extra"], wrong)
        if wrong is not None:
            raise wrong
        sentences = [sentence(rule, {**config.extra, **given}) for rule in broken]
        raise combination_errors.combined(cls, sentences, given)

    @property
    def bypassed(self) -> tuple[str, ...]:
        """The parameters that are only set in ``extra``, without validation."""
        return tuple(name for name in fields_of(type(self)) if name in self.extra)

    def check(
        self, model_defaults: Mapping[str, Any], facts: Mapping[str, object] | None = None
    ) -> tuple[Broken, ...]:
        """The combinations that ``generate()`` refuses on a model.

        They are the rules that apply on construction, here over the model's own defaults.

        Args:
            model_defaults: what the model's own generation configuration sets; None there is "not set".
            facts: what is known of the model, the call, the device and the packages, as ``{"model.layers":
                24}``.
        """
        return broken_over(self, model_defaults, facts or {})

    def unmet(
        self, facts: Mapping[str, object], model_defaults: Mapping[str, Any] | None = None
    ) -> tuple[Unmet, ...]:
        """What parameters need, and the facts say is missing.

        Only parameters that take effect count. What no fact is known about is not judged.

        Args:
            facts: what is known of the model, the call, the device and the packages, as ``{"packages.hqq":
                False}``.
            model_defaults: what the model's own generation configuration sets, if that is known.
        """
        return unmet_needs(self, facts, model_defaults)

    def dormant(
        self,
        model_defaults: Mapping[str, Any] | None = None,
        device: str | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> dict[str, str]:
        """The set fields whose removal leaves the work of ``generate()`` as it is, each with the reason.

        Args:
            model_defaults: what the model's own generation configuration sets; over the engine's defaults if
                not given.
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
        """The configuration with the fewest settings that does the same work.

        It is for a model whose own generation configuration sets nothing.

        Two configurations with equal canonical ones make ``generate()`` do the same. What the model sets is
        set here, what is dormant is not, and values that are treated alike are one. A setting of the model's
        that a field refuses is in ``extra``.

        Args:
            model_defaults: what the model's own generation configuration sets; over the engine's defaults if
                not given.
            device: that the model runs on, such as ``cuda:0``.
            facts: what else is known, as for :meth:`check`.
        """
        return self._unchecked(canonical_settings(self, model_defaults, _with_device(facts, device)))

    @classmethod
    def _unchecked(cls, settings: Mapping[str, Any]) -> Self:
        """A configuration of single values that are valid; together they may break a rule."""
        names = {field.alias or name: name for name, field in cls.model_fields.items()}
        chosen = {names[name] for name in settings}
        return cls.model_construct(chosen, **settings)  # type: ignore[return-value]  # pydantic's plugin does not say Self

    def generate_kwargs(self) -> dict[str, Any]:
        """The keyword arguments for ``model.generate()``: exactly what was set, ``extra`` included.

        Containers are fresh ones, sequences are lists, nested configurations are objects of upstream's
        classes where it has such; only these load upstream.

        Raises:
            UpstreamError: upstream, or a class in it, is not there, or it refuses the values.
        """
        settings = set_fields(self)
        extra: dict[str, Any] = thaw(settings.pop("extra", FrozenDict()))
        return {name: sent(value, self._upstream_object) for name, value in settings.items()} | extra

    @classmethod
    def _upstream_object(cls, name: str, arguments: dict[str, Any]) -> Any:
        """An object of the upstream class of that name, for a nested configuration that is sent as one."""
        raise NotImplementedError(f"{cls.__name__} does not say how {name} is made")


def _with_device(facts: Mapping[str, object] | None, device: str | None) -> dict[str, object]:
    kind: dict[str, object] = {} if device is None else {"device.type": str(device).partition(":")[0]}
    return {**(facts or {}), **kind}
