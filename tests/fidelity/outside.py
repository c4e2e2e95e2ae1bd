"""Values that the schema refuses: outside of every bound, not among the choices, of every wrong type.

They are made from the types in the lock. Each comes with the words of the tightening that would cover it, so
that for a refusal that ``generate()`` does not share one can look up whether it is declared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from tests.fidelity.schema import Schema, plain

Kind = Literal["bound", "length", "none", "choice", "type", "number"]
"""What is wrong: ``number`` is NaN or an infinity, ``type`` another type than the declared one."""

CLASS_WIDE: Mapping[str, str] = {
    "bool": "a number or a text for a flag",
    "int": "a text or a flag for a number, or a fraction for a whole number",
    "float": "a text or a flag for a number, or a fraction for a whole number",
    "str": "a number or a flag for a text",
    "number": "NaN and infinities",
    "choice": "a text that is not in the list that transformers documents",
    "nested none": "None for an argument of a nested configuration whose default is a value",
    "wrong length": "a tuple of another length than the documented one",
}
"""The words of the class-wide tightening that covers a case, by the declared type or by what is wrong."""


@dataclass(frozen=True, slots=True)
class Case:
    """One refused value.

    Args:
        name: the parameter.
        value: the whole value, in YAML form, with one thing wrong in it.
        kind: what is wrong.
        label: the words of the tightening that would declare it, such as ``[0] >= 0``.
        holder: the parameter, or ``Class.argument`` of a nested one, that would declare it.
    """

    name: str
    value: Any
    kind: Kind
    label: str
    holder: str


@dataclass(frozen=True, slots=True)
class _Wrong:
    """A refused value of a part of a type: what is wrong, at which path of the type, and the words about it.

    ``holder`` is only given where the part belongs to a nested class, see :class:`Case`.
    """

    value: Any
    kind: Kind
    at: str
    what: str
    holder: str | None = None


def cases(schema: Schema) -> list[Case]:
    """Every refused value, in the order of the parameters."""
    found = []
    for name, entry in schema.entries().items():
        seen = []
        objects = [_Wrong(5, "type", "", "an object")] if entry["type"]["is"] == "NoData" else []
        for wrong in (*_of_entry(entry, schema), *objects):
            if repr(wrong.value) in seen or _accepted(schema, name, wrong.value):
                continue
            seen.append(repr(wrong.value))
            label = f"{wrong.at} {wrong.what}".strip()
            found.append(Case(name, wrong.value, wrong.kind, label, wrong.holder or name))
    return found


@dataclass(frozen=True, slots=True)
class Tightening:
    """A declared tightening.

    Args:
        name: the parameter, or ``Class.argument`` of a nested one, and the restriction; of a class-wide
            tightening only the restriction.
        reason: why it is restricted.
    """

    name: str
    reason: str


def declared(case: Case, schema: Schema) -> Tightening | None:
    """The tightening that covers a case, if one does."""
    for tightening in _tightenings(case.holder, schema):
        if tightening["what"] in (case.label, *_looser(case)):
            return Tightening(f"{case.holder}: {tightening['what']}", tightening["reason"])
    words = CLASS_WIDE.get(_wide(case), "")
    wide = {each["what"]: each["reason"] for each in schema.lock["class_tightenings"]}
    return Tightening(words, wide[words]) if words in wide else None


def inside(case: Case, schema: Schema) -> list[Any]:
    """Values that the schema accepts in place of a refused one.

    For an argument of a nested class, the other arguments stay, and the argument gets another value or none.
    """
    owner, _, argument = case.holder.rpartition(".")
    if not owner:
        return [plain(value) for value in schema.params[case.name]["test_values"] if value is not None]
    others = {name: value for name, value in case.value.items() if name != argument}
    field = next(each for each in schema.nested()[owner]["fields"] if each["name"] == argument)
    with_it = [others | {argument: plain(value)} for value in field.get("test_values", [])]
    return with_it if field.get("required") else [others, *with_it]


def _wide(case: Case) -> str:
    """The key of a case in :data:`CLASS_WIDE`."""
    if case.kind == "none" and "." in case.holder:
        return "nested none"
    return case.label if case.kind == "type" or case.label == "wrong length" else case.kind


def _looser(case: Case) -> tuple[str, ...]:
    """Other words of tightenings that cover a case.

    A list of choices, or a type that a person chose, covers every value that is not in it.
    """
    if case.kind in ("choice", "type"):
        return (case.label, "str", "bool", "int", "float")
    return ()


def _tightenings(holder: str, schema: Schema) -> list[dict[str, str]]:
    owner, _, argument = holder.rpartition(".")
    if not owner:
        return list(schema.entries()[argument].get("tightenings", []))
    fields = schema.nested()[owner]["fields"]
    return list(next(each for each in fields if each["name"] == argument).get("tightenings", []))


def _accepted(schema: Schema, name: str, value: Any) -> bool:
    """Whether the field accepts the value all the same, as another alternative of a union may."""
    try:
        schema.config.model_validate({name: value})
    except ValidationError as error:
        return all(each["loc"] in ((), ("__root__",)) for each in error.errors(include_url=False))
    return True


def _of_entry(entry: dict[str, Any], schema: Schema) -> Iterator[_Wrong]:
    if not entry["takes_none"] and entry["type"]["is"] != "NoData":
        yield _Wrong(None, "none", "", "not None")
    yield from _of_type(entry["type"], "", schema)


def _of_type(shape: dict[str, Any], at: str, schema: Schema) -> Iterator[_Wrong]:
    match shape["is"]:
        case "Scalar":
            yield from _of_scalar(shape, at)
        case "Choice":
            yield from _of_choice(shape["values"], at)
        case "Union":
            for member in shape["members"]:
                yield from _of_type(member, at, schema)
        case "ListOf":
            if "min_length" in shape:
                yield _Wrong([], "length", at, f"at least {shape['min_length']} long")
            for wrong in _of_type(shape["item"], f"{at}[]", schema):
                yield _Wrong([wrong.value], wrong.kind, wrong.at, wrong.what, wrong.holder)
        case "TupleOf":
            items = [_right(item, schema) for item in shape["items"]]
            yield _Wrong(items[:-1], "length", at, "wrong length")
            for index, item in enumerate(shape["items"]):
                for wrong in _of_type(item, f"{at}[{index}]", schema):
                    yield _Wrong(
                        [*items[:index], wrong.value, *items[index + 1 :]], wrong.kind, wrong.at, wrong.what
                    )
        case "MapOf":
            yield from _of_map(shape, at, schema)
        case "Nested":
            yield from _of_nested(schema.nested()[shape["name"]], schema)


def _of_map(shape: dict[str, Any], at: str, schema: Schema) -> Iterator[_Wrong]:
    if "min_length" in shape:
        yield _Wrong([], "length", at, f"at least {shape['min_length']} long")
    key, value = _right(shape["key"], schema), _right(shape["value"], schema)
    for wrong in _of_type(shape["key"], f"{at}keys", schema):
        yield _Wrong([[wrong.value, value]], wrong.kind, wrong.at, wrong.what)
    for wrong in _of_type(shape["value"], f"{at}values", schema):
        yield _Wrong([[key, wrong.value]], wrong.kind, wrong.at, wrong.what)


def _of_nested(model: dict[str, Any], schema: Schema) -> Iterator[_Wrong]:
    needed = required(model, schema)
    for field in model["fields"]:
        for wrong in _of_entry(field, schema):
            if wrong.holder is not None:
                continue  # a nested class in a nested class: tried where it is by itself
            value = needed | {field["name"]: wrong.value}
            yield _Wrong(value, wrong.kind, wrong.at, wrong.what, f"{model['name']}.{field['name']}")


def required(model: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """Valid values for the arguments that a nested class cannot do without."""
    return {
        field["name"]: plain(next(each for each in field.get("test_values", []) if each is not None))
        for field in model["fields"]
        if field.get("required")
    }


_BEYOND = {">=": -1, ">": 0, "<=": 1, "<": 0}
"""By bound: the step from the limit to the nearest whole number that is refused."""


def _of_scalar(shape: dict[str, Any], at: str) -> Iterator[_Wrong]:
    kind = shape["kind"]
    for bound in shape.get("bounds", []):
        if kind == "str":
            yield _Wrong("", "length", at, f"at least {bound['limit']} long")
            continue
        limit, step = bound["limit"], _BEYOND[bound["op"]]
        label = f"{bound['op']} {_written(limit)}"
        yield _Wrong(limit + step if kind == "int" else float(limit) + step / 2, "bound", at, label)
        yield _Wrong(limit + 3 * (step or (-1 if bound["op"] == ">" else 1)), "bound", at, label)
    match kind:
        case "bool":
            wrong: tuple[Any, ...] = (1, "true")
        case "int":
            wrong = ("3", True, 2.5)
        case "float":
            wrong = ("0.5", True)
        case _:
            wrong = (5, True)
    for value in wrong:
        yield _Wrong(value, "type", "", kind)
    if kind == "float":
        for value in (float("nan"), float("inf"), -float("inf")):
            yield _Wrong(value, "number", at, "finite")


def _written(limit: object) -> str:
    return f"{limit:g}" if isinstance(limit, float) else str(limit)


def _of_choice(values: list[Any], at: str) -> Iterator[_Wrong]:
    label = f"one of {', '.join(map(repr, values))}"
    if all(isinstance(value, str) for value in values):
        yield _Wrong("no_such_choice", "choice", at, label)
        yield _Wrong(5, "type", "", "str")
        return
    numbers = [value for value in values if not isinstance(value, str)]
    yield _Wrong(True if values == [False] else max(numbers) + 5, "choice", at, label)


def _right(shape: dict[str, Any], schema: Schema) -> Any:
    """Some valid value of a type that needs no context."""
    match shape["is"]:
        case "Scalar":
            return {"bool": True, "int": 5, "float": 1.5, "str": "a"}[shape["kind"]]
        case "Choice":
            return shape["values"][0]
        case "Union":
            return _right(shape["members"][0], schema)
        case "ListOf":
            return [_right(shape["item"], schema)]
        case "TupleOf":
            return [_right(item, schema) for item in shape["items"]]
        case "MapOf":
            return [[_right(shape["key"], schema), _right(shape["value"], schema)]]
        case "Nested":
            return required(schema.nested()[shape["name"]], schema)
    return None
