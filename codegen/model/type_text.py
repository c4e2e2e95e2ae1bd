"""Types as text.

:func:`parse` reads Python's annotations and the looser notation of upstream's docstrings (``tuple(int,
float)``, ``str or list[str]``, unbalanced backticks); :func:`text` writes annotations, for display. Rendering
into the generated modules is the business of :mod:`codegen.render.annotations`.
"""

import ast
from collections.abc import Iterator

from codegen.model.types import (
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Union,
    union,
)


class UnreadableTypeError(ValueError):
    """The text is not a known type."""


_NONE_NAMES = ("None", "NoneType")
_LISTS = ("list", "List", "Sequence", "Iterable")


def parse(text: str) -> tuple[Type | None, bool]:
    """Read a type: the type without None, and whether None is among its alternatives.

    Returns ``(None, True)`` for a plain ``None``.

    Raises:
        UnreadableTypeError: the text is not a known type expression.
    """
    plain = text.strip().rstrip(":").strip()
    node = _expression(plain) or _expression(plain.strip("`")) or _expression(plain.replace("`", ""))
    if node is None:
        raise UnreadableTypeError(f"cannot read {text!r:.200} as a type")
    try:
        return from_annotation(node)
    except RecursionError as error:
        raise UnreadableTypeError(f"cannot read {text!r:.200} as a type: it is nested too deeply") from error


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last three: NULs, and nesting
        return None


def from_annotation(node: ast.expr) -> tuple[Type | None, bool]:
    """:func:`parse` on a syntax tree."""
    members: list[Type] = []
    takes_none = False
    for alternative in _alternatives(node):
        if (isinstance(alternative, ast.Constant) and alternative.value is None) or (
            isinstance(alternative, ast.Name) and alternative.id in _NONE_NAMES
        ):
            takes_none = True
        else:
            members.append(_single(alternative))
    return (union(*members) if members else None), takes_none


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _alternatives(left)
            yield from _alternatives(right)
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=members)):
            for member in members:
                yield from _alternatives(member)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=member):
            yield from _alternatives(member)
            yield ast.Constant(value=None)
        case ast.BoolOp(op=ast.Or(), values=members):
            for member in members:
                yield from _alternatives(member)
        case ast.Constant(value=str(quoted)) if (inner := _expression(quoted)) is not None:
            yield from _alternatives(inner)
        case _:
            yield node


def _single(node: ast.expr) -> Type:
    match node:
        case ast.Name(id="bool" | "int" | "float" | "str" as kind):
            return Scalar(kind)
        case ast.Name(id="dict" | "Dict"):
            return Opaque("dict")
        case ast.Name(id="list" | "List"):
            return Opaque("list")
        case ast.Name(id=name):
            return Nested(name) if name.endswith("Config") else Opaque(name)
        case ast.Attribute():
            return Opaque(ast.unparse(node))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            return Choice(tuple(map(_choice, inner.elts if isinstance(inner, ast.Tuple) else [inner])))
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name in _LISTS:
            return ListOf(_item_type(inner))
        case ast.Subscript(
            value=ast.Name(id="tuple" | "Tuple"), slice=ast.Tuple(elts=[item, ast.Constant(value=rest)])
        ) if rest is ...:
            return ListOf(_item_type(item))
        case ast.Subscript(value=ast.Name(id="tuple" | "Tuple"), slice=inner):
            elements = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            # A tuple of one type, as in `dict[tuple[int], float]`, is how upstream writes one of any length.
            return (
                ListOf(_item_type(elements[0]))
                if len(elements) == 1
                else TupleOf(tuple(map(_item_type, elements)))
            )
        case ast.Subscript(
            value=ast.Name(id="dict" | "Dict" | "Mapping"), slice=ast.Tuple(elts=[key, value])
        ):
            return MapOf(_item_type(key), _item_type(value))
        case ast.Subscript(value=value):
            return Opaque(ast.unparse(value))
        case ast.Call(func=ast.Name(id="tuple" | "list" | "dict") as container, args=[_, *_] as items):
            return _single(ast.Subscript(value=container, slice=ast.Tuple(items) if items[1:] else items[0]))
    raise UnreadableTypeError(f"cannot read {ast.unparse(node)!r} as a type")


def _choice(node: ast.expr) -> str | int | bool:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = None
    if not isinstance(value, str | int):
        raise UnreadableTypeError(f"cannot read {ast.unparse(node)!r} as a choice")
    return value


def _item_type(node: ast.expr) -> Type:
    inner, takes_none = from_annotation(node)
    if inner is None or takes_none:
        raise UnreadableTypeError(f"None inside of a container is not known: {ast.unparse(node)!r}")
    return inner


def text(type_: Type, *, takes_none: bool = False) -> str:
    """The type in Python annotation syntax, bounds left out: ``int | list[int] | None``."""
    match type_:
        case Scalar(kind=kind):
            written: str = kind
        case Choice(values=values):
            written = f"Literal[{', '.join(map(repr, values))}]"
        case ListOf(item=item):
            written = f"list[{text(item)}]"
        case TupleOf(items=items):
            written = f"tuple[{', '.join(map(text, items))}]"
        case MapOf(key=key, value=value):
            written = f"dict[{text(key)}, {text(value)}]"
        case Nested(name=name) | Opaque(name=name):
            written = name
        case NoData():
            return "None"
        case Union(members=members):
            written = " | ".join(map(text, members))
    return f"{written} | None" if takes_none else written
