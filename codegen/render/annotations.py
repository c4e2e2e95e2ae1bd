"""Types as annotations of the generated classes, and the imports that these need."""

from collections.abc import Callable
from typing import Any

from codegen.errors import RenderError
from codegen.model.type_text import text
from codegen.model.types import Bound, Choice, ListOf, MapOf, Nested, NoData, Scalar, TupleOf, Type, Union
from codegen.render.python import Code, identifier, literal

_MARKERS = {">": "Gt", ">=": "Ge", "<": "Lt", "<=": "Le"}

MODULE_OF = {
    **dict.fromkeys(("Annotated", "ClassVar", "Literal"), "typing"),
    **dict.fromkeys((*_MARKERS.values(), "MinLen"), "annotated_types"),
    **dict.fromkeys(
        ("FixedTuple", "FrozenMap", "Pairs", "Seq", "exact", "one_of"), "llenergymeasure.config.types"
    ),
}
"""The module that each name in an annotation is imported from. :mod:`codegen.render.module` adds the nested
classes, whose module depends on the engine.
"""


def annotation(type_: Type, *, takes_none: bool = False) -> Code:
    """The annotation of a field.

    Raises:
        RenderError: the type cannot be written as data.
    """
    rendered = _render(type_)
    return Code(f"{rendered} | None" if takes_none and not isinstance(type_, NoData) else rendered)


def _render(type_: Type) -> str:
    renderer = _RENDERERS.get(type(type_))
    if renderer is None:
        raise RenderError(f"{text(type_)} has no annotation.")
    return renderer(type_)


def _scalar(type_: Scalar) -> str:
    if type_.kind == "str":
        return _annotated("str", *(f"MinLen({literal(bound.limit)})" for bound in type_.bounds))
    return _annotated(type_.kind, *map(_marker, type_.bounds))


def _marker(bound: Bound) -> str:
    return f"{_MARKERS[bound.op]}({literal(bound.limit)})"


def _choice(type_: Choice) -> str:
    choices = f"Literal[{', '.join(map(literal, type_.values))}]"
    only_texts = all(isinstance(value, str) for value in type_.values)
    return choices if only_texts else _annotated(choices, "exact")  # to pydantic, True is also 1 and 1.0


def _list(type_: ListOf) -> str:
    return _with_min_length(f"Seq[{_render(type_.item)}]", type_.min_length)


def _tuple(type_: TupleOf) -> str:
    return _annotated(f"tuple[{', '.join(map(_render, type_.items))}]", "FixedTuple")


def _map(type_: MapOf) -> str:
    has_text_keys = isinstance(type_.key, Scalar) and type_.key.kind == "str"
    alias = "FrozenMap" if has_text_keys else "Pairs"
    return _with_min_length(f"{alias}[{_render(type_.key)}, {_render(type_.value)}]", type_.min_length)


def _union(type_: Union) -> str:
    members = " | ".join(map(_render, type_.members))
    return _annotated(members, "one_of") if all(isinstance(m, Nested) for m in type_.members) else members


def _with_min_length(annotation: str, length: int) -> str:
    return _annotated(annotation, f"MinLen({literal(length)})") if length else annotation


def _annotated(annotation: str, *markers: str) -> str:
    return f"Annotated[{', '.join([annotation, *markers])}]" if markers else annotation


_RENDERERS: dict[type, Callable[[Any], str]] = {
    Scalar: _scalar,
    Choice: _choice,
    ListOf: _list,
    TupleOf: _tuple,
    MapOf: _map,
    Union: _union,
    Nested: lambda type_: identifier(type_.name),
    NoData: lambda _: "None",
}
