"""The base class of every configuration: strict, frozen, compared by what was set, with readable errors.

Strict means that a value must have the declared type: text and booleans are not numbers, 2.5 is not a whole
number, NaN and infinities are refused. Only two conversions are made, because they lose nothing: an int where
a float is expected, and a list where a tuple is.
"""

from collections.abc import Hashable, Iterator, Mapping
from inspect import Signature
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler

from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.frozen import as_data, fingerprint, opaque


class _DeferredSignature:
    """The signature of a class whose validator is not built yet: reading the signature builds it."""

    def __get__(self, instance: object, owner: type[BaseModel]) -> Signature:
        if instance is not None:
            raise AttributeError("__signature__")
        owner.model_rebuild()  # which replaces this with pydantic's own
        return owner.__signature__


class StrictModel(BaseModel):
    """A frozen model that knows what was set.

    Equality, hash, representation and saved form depend only on the fields that were *set*: a field that was
    left out differs from a field that was set to its default.

    Raises:
        ValidationError: (pydantic's) on construction: one sentence for each wrong key, with its path, what is
            allowed there, and the value that was given.
        OpaqueValueError: on hashing or saving, when a value is an object that cannot be written as data.
    """

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        defer_build=True,  # a validator is built when it is first used: importing a hundred fields stays light
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if not cls.__pydantic_complete__:
            cls.__signature__ = _DeferredSignature()  # type: ignore[assignment]  # it gives one

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            from llenergymeasure.config.explain import explained  # noqa: PLC0415 - only an error needs it

            raise explained(cls, error) from None

    @model_serializer(mode="wrap")
    def _only_what_was_set(self, handler: SerializerFunctionWrapHandler, info: Any) -> dict[str, Any]:
        if info.mode == "json":
            self.to_data()  # names the key of a value that cannot be saved; pydantic's own error does not
        chosen = self.model_fields_set | set_fields(self).keys()  # an alias replaces its field's name
        if not self.__dict__.get("extra", True):
            chosen.discard("extra")
        return {name: value for name, value in handler(self).items() if name in chosen}

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A configuration with some fields changed, validated like a new one.

        Args:
            update: the fields to set, and their values.
            deep: also copy the objects in ``extra``; all else is frozen, so nothing is shared that could
                change.
        """
        source = self.__deepcopy__() if deep else self
        return type(self).model_validate({**set_fields(source), **(update or {})})

    def to_data(self) -> dict[str, Any]:
        """What was set, in a form for JSON and YAML; a model that is built from it is equal to this one.

        Tuples in ``extra`` come back as lists: neither format has tuples.

        Raises:
            OpaqueValueError: a value has no such form; the message names its key.
        """
        return {name: _as_data(value, name) for name, value in set_fields(self).items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StrictModel) or type(other) is not type(self):
            return NotImplemented
        return _identity(self, "", _by_reference) == _identity(other, "", _by_reference)

    def __hash__(self) -> int:
        return hash(_identity(self, "", _no_hash))

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        yield from set_fields(self).items()


def describe(model: type[BaseModel], descriptions: Mapping[str, str]) -> None:
    """Give the fields of a model their descriptions, which generated classes keep in a separate table.

    Args:
        model: the class.
        descriptions: by upstream's names.
    """
    for name, field in fields_of(model).items():
        if name in descriptions and field.description is None:
            field.description = descriptions[name]


def set_fields(model: StrictModel) -> dict[str, Any]:
    """What was set on a model, under upstream's names, in field order; an empty ``extra`` is not set."""
    fields, chosen = type(model).model_fields, model.model_fields_set
    return {
        fields[name].alias or name: value
        for name, value in model.__dict__.items()
        if name in chosen and not (name == "extra" and not value)
    }


def identity(value: Any) -> Hashable:
    """A key that is equal for two values exactly when they are the same data.

    An opaque object is equal only to itself.
    """
    return fingerprint(value, "", _identity_by_reference)


def _identity_by_reference(value: Any, at: str) -> Hashable:
    return _identity(value, at, _by_reference) if isinstance(value, StrictModel) else id(value)


def _as_data(value: Any, at: str) -> Any:
    if isinstance(value, StrictModel):
        return value.to_data()
    if isinstance(value, tuple) and any(isinstance(item, StrictModel) for item in value):
        return [_as_data(item, f"{at}[{index}]") for index, item in enumerate(value)]
    return as_data(value, at)


def _identity(model: StrictModel, at: str, of_opaque: Any) -> Hashable:
    def of_other(value: Any, at: str) -> Hashable:
        return (
            _identity(value, f"{at}.", of_opaque) if isinstance(value, StrictModel) else of_opaque(value, at)
        )

    pairs = ((name, fingerprint(value, at + name, of_other)) for name, value in set_fields(model).items())
    return type(model), tuple(pairs)


def _by_reference(value: object, _: str) -> Hashable:
    return id(value)


def _no_hash(value: object, at: str) -> Hashable:
    raise opaque(value, at, "hashed")
