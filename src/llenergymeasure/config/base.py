"""The base class of the generated configurations: its methods are what a user calls on one.

Other modules implement them: ``rules``, ``dormancy``, ``sending`` and ``explain``. The generated modules
import this one, :mod:`~llenergymeasure.config.nested` and :mod:`~llenergymeasure.config.metadata`; the types
of their fields are explained in :mod:`llenergymeasure.config.types`.
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
    BrokenRule,
    UnmetNeed,
    broken_on_construction,
    broken_on_model,
    describe_broken,
    unmet_needs,
)
from llenergymeasure.config.sending import sent
from llenergymeasure.config.strict import set_fields


class BackendConfig(ParameterModel):
    """The parameters of one backend's ``generate()``.

    A field that was not set shows the backend's effective default. Only what was set is sent. None is a
    value: it is sent, and overrides the model's own setting. Configurations are equal when they set the same
    fields to the same values.
    """

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Validate the data, and report all that is wrong in simple words.

        Rules across parameters are applied only if each value is valid.
        """
        invalid = None
        try:
            config = handler(data)
        except ValidationError as error:
            invalid = error
        else:
            if config is data:
                return config
        given = data if isinstance(data, dict) else {}
        extra = given.get("extra")
        twice = given.keys() & extra.keys() if isinstance(extra, dict) else ()
        if invalid is None and not twice and not (rules := broken_on_construction(config)):
            return config
        from llenergymeasure.config import combination_errors, explain  # noqa: PLC0415 - only errors need them

        if invalid is not None:
            hint = f" (extra takes what only your version of {cls.engine} knows)"
            invalid = explain.explained(cls, invalid, hint)
        if twice:
            raise combination_errors.set_twice(cls, sorted(twice, key=str), given["extra"], invalid)
        if invalid is not None:
            raise invalid
        broken = [describe_broken(rule, {**config.extra, **given}) for rule in rules]
        raise combination_errors.refused_combinations(cls, broken, given)

    @property
    def bypassed(self) -> tuple[str, ...]:
        """The parameters that are set in ``extra`` instead of their field, so without validation."""
        return tuple(name for name in fields_of(type(self)) if name in self.extra)

    def check(
        self, model_defaults: Mapping[str, Any], facts: Mapping[str, object] | None = None
    ) -> tuple[BrokenRule, ...]:
        """The combinations that ``generate()`` refuses on a model.

        The same rules are applied on construction, where the model's own defaults are not known yet.

        Args:
            model_defaults: what the model's own generation configuration sets; a None in it means "not set".
            facts: what is known of the model, the call, the device and the packages, as ``{"model.layers":
                24}``. A rule that needs a fact that is not given is not applied.
        """
        return broken_on_model(self, model_defaults, facts or {})

    def unmet(
        self, facts: Mapping[str, object], model_defaults: Mapping[str, Any] | None = None
    ) -> tuple[UnmetNeed, ...]:
        """The needs of parameters in effect that are not met, according to the facts.

        Args:
            facts: what is known of the model, the call, the device and the packages, as ``{"packages.hqq":
                False}``. A need that no fact is given about is not judged.
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
            model_defaults: what the model's own generation configuration sets. If it is not given, only the
                engine's defaults are considered.
            device: the device that the model runs on, such as ``cuda:0``.
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

        Two configurations with equal canonical forms make ``generate()`` do the same. The canonical form does
        not depend on the model's own generation configuration: it contains what that sets, in ``extra`` where
        a field refuses the value. It leaves out what is dormant, and replaces values that ``generate()``
        treats alike by one of them.

        Args:
            model_defaults: what the model's own generation configuration sets. If it is not given, only the
                engine's defaults are considered.
            device: the device that the model runs on, such as ``cuda:0``.
            facts: what else is known, as for :meth:`check`.
        """
        return self._unchecked(canonical_settings(self, model_defaults, _with_device(facts, device)))

    @classmethod
    def _unchecked(cls, settings: Mapping[str, Any]) -> Self:
        """A configuration of values that are each valid; no rule across them is applied."""
        names = {field.alias or name: name for name, field in cls.model_fields.items()}
        chosen = {names[name] for name in settings}
        return cls.model_construct(chosen, **settings)  # type: ignore[return-value]  # pydantic's plugin does not say Self

    def generate_kwargs(self) -> dict[str, Any]:
        """The keyword arguments for ``model.generate()``: exactly what was set, ``extra`` included.

        Containers are copies and sequences are lists. A nested configuration becomes an object of upstream's
        class for it, if there is one; upstream is imported only to make such an object.

        Raises:
            UpstreamError: upstream is not installed, lacks a class, or refuses the values.
        """
        settings = set_fields(self)
        extra: dict[str, Any] = thaw(settings.pop("extra", FrozenDict()))
        return {name: sent(value, self._upstream_object) for name, value in settings.items()} | extra

    @classmethod
    def _upstream_object(cls, name: str, arguments: dict[str, Any]) -> Any:
        """An object of the upstream class of that name, for a nested configuration that is sent as one."""
        raise NotImplementedError(f"{cls.__name__} does not say how {name} is made")


def _with_device(facts: Mapping[str, object] | None, device: str | None) -> dict[str, object]:
    known: dict[str, object] = {} if device is None else {"device.type": str(device).partition(":")[0]}
    return {**(facts or {}), **known}
