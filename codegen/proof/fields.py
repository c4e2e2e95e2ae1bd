"""The classes that the child found, compared with the Schema: fields, types, defaults, documentation."""

import keyword
from collections.abc import Iterator, Mapping
from typing import Any

from codegen.model.schema import Field, Param, Schema
from codegen.model.type_paths import leaves
from codegen.model.type_text import text
from codegen.model.types import Scalar, Type
from codegen.proof import phrases
from codegen.proof.difference import Difference, differs
from codegen.proof.types import UnmeantTypeError, read

EXTRA = "extra"
"""The field that every configuration has besides the parameters."""


def class_differences(
    name: str,
    meant: tuple[Field, ...],
    found: Mapping[str, Any],
    docstrings: Mapping[str, str],
    schema: Schema,
) -> Iterator[Difference]:
    """What is different about a class's fields.

    Args:
        name: of the class.
        meant: the fields of the Schema.
        found: what the child says about the class.
        docstrings: of its attributes, in the text.
        schema: all that is known.
    """
    fields = [each for each in found["fields"] if each["attribute"] != EXTRA]
    names = [each["alias"] or each["attribute"] for each in fields]
    if names != [field.name for field in meant]:
        yield Difference("fields", f"{name} has the fields {names}, not {[field.name for field in meant]}.")
        return
    for field, each in zip(meant, fields, strict=True):
        place = f"{name}.{field.name}"
        yield from _declared(place, field, each)
        yield from _type(place, field, each["type"])
        meaning = phrases.documentation(field, schema)
        yield from differs("descriptions", f"the description of {place}", each["description"], meaning)
        said = docstrings.get(each["attribute"], "")
        yield from differs("descriptions", f"the docstring of {place}", said.split(), meaning.split())


def _declared(place: str, field: Field, found: Mapping[str, Any]) -> Iterator[Difference]:
    taken = found["taken"] or keyword.iskeyword(field.name) or field.name.startswith("model_")
    attribute = f"{field.name}_" if taken else field.name
    yield from differs("fields", f"the attribute of {place}", found["attribute"], attribute)
    yield from differs("fields", f"whether {place} is required", found["required"], field.required)
    default = None if field.required else repr(_as_number(field.type, field.default))
    yield from differs("fields", f"the default of {place}", found["default"], default)


def _as_number(type_: Type, default: Any) -> Any:
    """A default as its field has it: a float in a field that takes only floats."""
    numbers = [leaf.kind for _, leaf in leaves(type_) if isinstance(leaf, Scalar)]
    is_int = isinstance(default, int) and not isinstance(default, bool)
    return float(default) if is_int and isinstance(type_, Scalar) and numbers == ["float"] else default


def _type(place: str, field: Field, found: list[Any]) -> Iterator[Difference]:
    try:
        type_, takes_none = read(found)
    except (UnmeantTypeError, ValueError, KeyError, TypeError) as error:
        yield Difference("types", f"the annotation of {place} does not correspond to a type ({error}).")
        return
    if type_ != field.type or repr(type_) != repr(field.type):  # `==` takes 1 for 1.0 and for True
        said, meant = (f"{text(each)} {each!r:.300}" for each in (type_, field.type))
        yield Difference("types", f"the type of {place} came out as {said}, not as {meant}.")
    meant_none = field.takes_none or (isinstance(field, Param) and text(field.type) == "None")
    yield from differs("types", f"whether {place} takes None", takes_none, meant_none)
