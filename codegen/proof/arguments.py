"""What type checkers see as the constructors' arguments, read from the text and compared with the Schema."""

import ast
from collections.abc import Iterator, Mapping

from codegen.model.schema import Field
from codegen.model.types import Choice, ListOf, MapOf, Nested, NoData, Scalar, TupleOf, Type, Union
from codegen.proof.difference import Difference, differs


def argument_differences(
    name: str, fields: tuple[Field, ...], *, extra: bool, stated: Mapping[str, str]
) -> Iterator[Difference]:
    """What is different about the typed dictionary of a class.

    Args:
        name: of the class.
        fields: of the Schema.
        extra: whether it takes ``extra`` too.
        stated: the annotations that the text has, by key.
    """
    meant = {field.name: _meant(field) for field in fields} | (
        {"extra": "Mapping[str, Any]"} if extra else {}
    )
    yield from differs("arguments", f"the arguments of {name}", list(stated), list(meant))
    for key, text in meant.items():
        same_form = ast.unparse(ast.parse(text, mode="eval"))
        yield from differs("arguments", f"the argument {key} of {name}", stated.get(key), same_form)


def _meant(field: Field) -> str:
    alternatives = [*_alternatives(field.type), *(["None"] if field.takes_none else [])]
    joined = " | ".join(dict.fromkeys(alternatives))
    return f"Required[{joined}]" if field.required else joined


def _alternatives(type_: Type) -> Iterator[str]:
    match type_:
        case Scalar(kind=kind):
            yield kind
        case Choice(values=values):
            yield f"Literal[{', '.join(map(repr, values))}]"
        case ListOf(item=item):
            yield f"Sequence[{_joined(item)}]"
        case TupleOf(items=items):
            yield f"tuple[{', '.join(map(_joined, items))}]"
            yield f"list[{_joined(*items)}]"
        case MapOf(key=Scalar(kind="str") as key, value=value):
            yield f"Mapping[{_joined(key)}, {_joined(value)}]"
        case MapOf(key=key, value=value):
            pair = (_joined(key), _joined(value))
            yield f"Mapping[{_as_key(key)}, {pair[1]}]"
            yield f"Sequence[tuple[{pair[0]}, {pair[1]}] | list[{_joined(key, value)}]]"
        case Nested(name=name):
            yield from (name, "Mapping[str, Any]")
        case NoData():
            yield "None"
        case Union(members=members):
            for member in members:
                yield from _alternatives(member)


def _joined(*types: Type) -> str:
    """What any of some types takes; Python keeps each alternative once."""
    return " | ".join(dict.fromkeys(each for type_ in types for each in _alternatives(type_)))


def _as_key(type_: Type) -> str:
    """A list as it can be the key of a mapping."""
    return f"tuple[{_as_key(type_.item)}, ...]" if isinstance(type_, ListOf) else _joined(type_)
