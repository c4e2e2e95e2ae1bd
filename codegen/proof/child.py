"""The child process of :mod:`codegen.proof.prove`, which imports the rendered modules alone.

Reads its task from standard input and writes what it found to standard output, in the form of :mod:`marshal`,
which has tuples; the same Python is at either end. It is run as a script, in isolated mode, and imports
nothing of ``codegen``. What the modules have is written as ``repr`` has it.
"""

import dataclasses
import gc
import importlib.util
import marshal
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict


class RenderedFirst:
    """Provides the rendered modules in place of the committed ones.

    It does not derive from :class:`importlib.abc.MetaPathFinder`, which is slow to import.
    """

    def __init__(self, package: str, folder: Path) -> None:
        self._places = {f"{package}.{path.stem}": path for path in folder.glob("*.py")}

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG002
        """The spec of a rendered module, None for any other."""
        place = self._places.get(name)
        return None if place is None else importlib.util.spec_from_file_location(name, place)


class Library:
    """The package that the rendered modules belong to."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, module: str) -> ModuleType:
        return importlib.import_module(f"{self._name}.{module}")


def main() -> None:
    """Do the task on standard input, if there comes one."""
    gc.disable()  # the process is short, and collecting would free nothing
    try:
        task = marshal.load(sys.stdin.buffer)  # noqa: S302 - of our own parent
    except EOFError:
        return
    sys.path.insert(0, task["library"])
    sys.meta_path.insert(0, RenderedFirst(task["package"], Path(task["folder"])))
    module = importlib.import_module(f"{task['package']}.{task['module']}")
    loaded = [name for name in task["heavy"] if name in sys.modules]
    library = Library(task["package"])
    main_class = getattr(module, task["class"])
    models = {task["class"]: main_class, **{name: getattr(module, name) for name in task["nested"]}}
    bases = (*main_class.__bases__, library.base.BackendConfig, library.nested.NestedConfig)
    validators = {name: field_validator(model) for name, model in models.items()}
    found = {
        "loaded": loaded,
        "classes": {name: described(model, bases) for name, model in models.items()},
        "params": {name: parts(info) for name, info in main_class.params.items()},
        "vocabulary": {name: words(getattr(library.vocabulary, name)) for name in task["vocabulary"]},
        "rules": [rule_parts(rule) for rule in main_class.rules],
        "accepted": [accepts(validators[name], field, value) for name, field, value in task["probes"]],
        "refused": [refusal(models[name], arguments) for name, arguments in task["cases"]],
        "answers": [
            answer(main_class.rules, number, key, values) for number, key, values in task["questions"]
        ],
    }
    marshal.dump(found, sys.stdout.buffer)


def words(value: Any) -> str:
    """A table of words, or the words of a closed set."""
    return repr(get_args(value) if get_origin(value) is Literal else value)


def described(model: Any, bases: tuple[Any, ...]) -> dict[str, Any]:
    """What a class has: its bases, its constants as text, its fields in order."""
    constants = {
        name: repr(getattr(model, name)) for name in sorted(model.__class_vars__) if name in vars(model)
    }
    tables = ("params", "rules", "descriptions")
    return {
        "bases": [base.__name__ for base in model.__bases__],
        "constants": {name: text for name, text in constants.items() if name not in tables},
        "fields": [
            {
                "attribute": attribute,
                "alias": field.alias,
                "taken": is_taken(field.alias or attribute, bases),
                "required": field.is_required(),
                "default": None
                if field.is_required()
                else repr(field.get_default(call_default_factory=True)),
                "type": shape(field.annotation, field.metadata),
                "description": field.description,
            }
            for attribute, field in model.model_fields.items()
        ],
    }


def is_taken(name: str, bases: tuple[Any, ...]) -> bool:
    """Whether one of the bases of generated classes has an attribute or a field of that name."""
    return any(hasattr(base, name) or name in {*base.model_fields, *base.__class_vars__} for base in bases)


def shape(annotation: Any, markers: Any = ()) -> list[Any]:
    """An annotation as lists: a kind, its parts, and the markers on it."""
    while get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        markers = [*inner, *markers]
    origin, inside = get_origin(annotation), get_args(annotation)
    marked = [marker(each) for each in markers]
    if origin in (Union, UnionType):
        return ["union", [shape(part) for part in inside], marked]
    if origin is Literal:
        return ["literal", repr(inside), marked]
    if origin is tuple and inside[-1] is ...:
        return ["sequence", [shape(inside[0])], marked]
    if origin is not None:
        return [origin.__name__, [shape(part) for part in inside], marked]
    return [annotation.__name__ if isinstance(annotation, type) else repr(annotation), [], marked]


def marker(value: Any) -> list[str]:
    """A marker by its class, and the function or the limit that it holds."""
    held = [value.func.__qualname__] if hasattr(value, "func") else list(parts(value).values())
    return [type(value).__name__, *held]


def parts(value: Any) -> dict[str, str]:
    """The parts of a dataclass as text; of anything else, none."""
    known = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    return {field.name: repr(getattr(value, field.name)) for field in known}


def rule_parts(rule: Any) -> dict[str, str | None]:
    """What a rule says; its conditions as their texts."""
    texts = {
        key: None if condition is None else str(condition)
        for key, condition in (("when", rule.when), ("need", rule.need))
    }
    return parts(rule) | texts


def field_validator(model: Any) -> Any:
    """Validates single fields of a class, whatever else the class requires."""
    fields = {
        field.alias or name: Annotated[field.annotation, *field.metadata]
        if field.metadata
        else field.annotation
        for name, field in model.model_fields.items()
    }
    typed_dict: Any = TypedDict
    entries = typed_dict(model.__name__, fields, total=False)
    entries.__pydantic_config__ = ConfigDict(strict=True, allow_inf_nan=False, extra="forbid")
    return TypeAdapter(entries)


def accepts(validator: Any, name: str, value: Any) -> bool:
    """Whether there is such a field, and it accepts a value by itself."""
    try:
        validator.validate_python({name: value})
    except Exception:  # noqa: BLE001 - whatever it raises, it does not take the value
        return False
    return True


def refusal(model: Any, arguments: dict[str, Any]) -> str | None:
    """Why a class refuses these arguments; None if it takes them."""
    try:
        model.model_validate(arguments)
    except Exception as error:  # noqa: BLE001 - as above
        return " ".join(str(error).split())
    return None


def answer(rules: Any, number: int, key: str, known: dict[str, Any]) -> bool | None:
    """What a condition of a rule says about values; None where it does not say anything."""
    condition = getattr(rules[number], key) if number < len(rules) else None
    try:
        return None if condition is None else bool(condition.holds(known))
    except Exception:  # noqa: BLE001 - as above; most often a value that is not known
        return None


main()
