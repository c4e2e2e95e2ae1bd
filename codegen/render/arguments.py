"""The arguments of the generated classes' constructors, as annotations for type checkers.

A constructor accepts more than its fields hold: lists for tuples, and mappings for nested classes.
"""

from collections.abc import Callable
from typing import Any

from codegen.errors import RenderError
from codegen.model.schema import Field
from codegen.model.type_text import text
from codegen.model.types import Choice, ListOf, MapOf, Nested, NoData, Scalar, TupleOf, Type, Union
from codegen.render.python import Code, identifier, literal


def settings_name(model: str) -> Code:
    """The name of the typed dictionary of a class: ``CompileSettings`` for ``CompileConfig``."""
    return identifier(f"{model.removesuffix('Config')}Settings")


def argument(field: Field) -> Code:
    """The annotation of one argument.

    Raises:
        RenderError: the type cannot be written as data.
    """
    none = ["None"] if field.takes_none else []
    forms = _joined(*_forms(field.type), *none)
    return Code(f"Required[{forms}]" if field.required else forms)


def _render(type_: Type) -> str:
    return _joined(*_forms(type_))


def _any_of(*types: Type) -> str:
    """What any of some types accepts, each form once."""
    return _joined(*(form for type_ in types for form in _forms(type_)))


def _joined(*forms: str) -> str:
    return " | ".join(dict.fromkeys(forms))


def _forms(type_: Type) -> list[str]:
    """The annotations of every form in which a value of a type is accepted."""
    forms = _FORMS.get(type(type_))
    if forms is None:
        raise RenderError(f"{text(type_)} has no annotation.")
    return forms(type_)


def _tuple(type_: TupleOf) -> list[str]:
    items = list(map(_render, type_.items))
    return [f"tuple[{', '.join(items)}]", f"list[{_any_of(*type_.items)}]"]


def _map(type_: MapOf) -> list[str]:
    key, value = _render(type_.key), _render(type_.value)
    if isinstance(type_.key, Scalar) and type_.key.kind == "str":
        return [f"Mapping[{key}, {value}]"]
    pairs = f"Sequence[tuple[{key}, {value}] | list[{_any_of(type_.key, type_.value)}]]"
    return [f"Mapping[{_hashable(type_.key)}, {value}]", pairs]


def _hashable(type_: Type) -> str:
    """The annotation of a type as the key of a mapping: a list has to be a tuple there."""
    return f"tuple[{_hashable(type_.item)}, ...]" if isinstance(type_, ListOf) else _render(type_)


_FORMS: dict[type, Callable[[Any], list[str]]] = {
    Scalar: lambda type_: [type_.kind],
    Choice: lambda type_: [f"Literal[{', '.join(map(literal, type_.values))}]"],
    ListOf: lambda type_: [f"Sequence[{_render(type_.item)}]"],
    TupleOf: _tuple,
    MapOf: _map,
    Union: lambda type_: [form for member in type_.members for form in _forms(member)],
    Nested: lambda type_: [identifier(type_.name), "Mapping[str, Any]"],
    NoData: lambda _: ["None"],
}
