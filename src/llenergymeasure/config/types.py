"""Markers for the annotations of fields: what they accept, and in which form it is kept and sent.

====================================  =========================================  ========================
annotation                            accepted                                   sent to ``generate()`` as
====================================  =========================================  ========================
``Seq[T]``                            a list or tuple of any length              a list
``Annotated[tuple[A], FixedTuple]``   a list or tuple of that length             a tuple
``Pairs[K, V]``                       ``[[k, v], ...]`` or ``{k: v, ...}``       a list of ``[k, v]``
``FrozenMap[K, V]``                   a mapping with text keys                   a dict
``Annotated[A | B, one_of]``          an A or B, or a mapping with its keys      upstream's class of A or B
``Annotated[Literal[1, 2], exact]``   1 or 2; not True, not 1.0                  the same
====================================  =========================================  ========================

Bounds are those of ``annotated_types``: ``Annotated[int, Ge(0)]``, ``Annotated[Seq[int], MinLen(1)]``.
Sequences are kept as tuples. A ``Literal`` of texts needs no ``exact``, which is there because pydantic takes
True and 1.0 for 1.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, GetCoreSchemaHandler
from pydantic_core import PydanticKnownError, core_schema

from llenergymeasure.config.frozen import FrozenDict, SentTuple

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _as_pairs(value: object) -> object:
    if isinstance(value, Mapping):
        value = list(value.items())
    if not isinstance(value, list | tuple):
        return value
    return tuple(map(_as_tuple, value))


class _Fixed:
    """Marks a tuple of fixed length, which is sent to upstream as a tuple."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        inner = core_schema.no_info_before_validator_function(_as_tuple, handler(source))
        return core_schema.no_info_after_validator_function(SentTuple, inner)


class _Exact:
    """Marks a choice among numbers or booleans: a value must have the type of the choice, too."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        choices = get_args(source)
        expected = ", ".join(map(repr, choices))

        def check(value: object) -> object:
            if any(value == choice and type(value) is type(choice) for choice in choices):
                return value
            raise PydanticKnownError("literal_error", {"expected": expected})

        return core_schema.no_info_before_validator_function(check, handler(source))


class OneOf:
    """Marks a union of models: a mapping becomes the model that has most of its keys, or else the first."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        models: tuple[type[BaseModel], ...] = get_args(source)
        return core_schema.tagged_union_schema(
            {model.__name__: handler.generate_schema(model) for model in models}, self._chooser(models)
        )

    @staticmethod
    def _chooser(models: tuple[type[BaseModel], ...]) -> Callable[[object], str | None]:
        def choose(value: object) -> str | None:
            if isinstance(value, models):
                return type(value).__name__
            if not isinstance(value, dict):
                return None
            return max(models, key=lambda model: len(value.keys() & model.model_fields.keys())).__name__

        return choose


Seq = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]
"""A list or tuple of any length; kept as a tuple, sent as a list."""

Pairs = Annotated[tuple[tuple[K, V], ...], BeforeValidator(_as_pairs)]
"""A mapping whose keys are not text, or a list of its pairs; kept as a tuple of pairs, sent as a list of
lists.
"""

FrozenMap = Annotated[dict[K, V], AfterValidator(FrozenDict)]
"""A mapping with text keys."""

FixedTuple = _Fixed()
exact = _Exact()
one_of = OneOf()
