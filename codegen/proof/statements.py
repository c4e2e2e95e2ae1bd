"""The first proof: every statement of a rendered module has a known form, so importing it runs nothing else.

A module is a docstring, imports of known names, classes of declared fields, and tables of literals and of
calls to the constructors named here. It also collects the docstrings of attributes, which are only there in
the text.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from codegen.errors import ProofError
from codegen.model.schema import Schema
from codegen.upstream.engine import Engine

_IMPORTS = {
    "collections.abc": {"Mapping", "Sequence"},
    "typing": {"Annotated", "Any", "ClassVar", "Literal", "Required", "TYPE_CHECKING", "TypedDict", "Unpack"},
    "annotated_types": {"Ge", "Gt", "Le", "Lt", "MinLen"},
    "pydantic": {"Field"},
    "llenergymeasure.config.conditions": {
        "ALWAYS", "Constant", "NEVER", "Value", "all_of", "any_of", "highest", "length", "lowest", "not_", "subset", "v",
    },
    "llenergymeasure.config.metadata": {"ParamInfo", "Rule"},
    "llenergymeasure.config.types": {"FixedTuple", "FrozenMap", "Pairs", "Seq", "exact", "one_of"},
}  # fmt: skip
"""What the modules of every engine may import; each name under its own name."""

_CALLED = frozenset(
    {
        *("Ge", "Gt", "Le", "Lt", "MinLen", "Field", "ParamInfo", "Rule"),
        *("Constant", "Value", "all_of", "any_of", "highest", "length", "lowest", "not_", "subset"),
    }
)
"""The constructors."""

_METHODS = frozenset({"is_", "is_not", "in_", "not_in"})
"""The methods of a value in a condition."""


VOCABULARY = ("EnergyRole", "ENERGY_ROLES", "Effect", "FACT_PREFIXES")
"""The names of the words that generator and library share."""


@dataclass(frozen=True, slots=True)
class Module:
    """What a rendered module defines.

    Args:
        classes: its classes, in order; each with the docstrings of its fields by the attributes' names.
        names: the other names that it defines.
        arguments: its typed dictionaries, in order; each with the annotations of its keys.
    """

    classes: dict[str, dict[str, str]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    arguments: dict[str, dict[str, str]] = field(default_factory=dict)


def importable(schema: Schema, engine: Engine) -> dict[str, set[str]]:
    """The names that the modules of an engine may import, by the module that has them."""
    config = "llenergymeasure.config"
    return _IMPORTS | {
        f"{config}.base": {engine.base_class},
        **{f"{config}.{module}": {mixin} for mixin, module in engine.mixins.items()},
        f"{config}.nested": {engine.nested_class},
        f"{config}.{engine.metadata_module.stem}": {"DESCRIPTIONS", "PARAMS"},
        f"{config}.{engine.rules_module.stem}": {"RULES"},
        f"{config}.{engine.settings_module.stem}": {settings_name(engine.config_class)},
        f"{config}.{engine.nested_module.stem}": {model.name for model in schema.nested},
    }


def read(name: str, text: str, imports: Mapping[str, set[str]]) -> Module:
    """What a module defines.

    Args:
        name: of the file, for messages.
        text: its text.
        imports: the names that it may import, by module.

    Raises:
        ProofError: it is not Python, or has a statement of another form.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ProofError("parse", f"{name} is not Python ({str(error) or type(error).__name__}).") from error
    module = Module()
    _read(name, body, imports, module)
    return module


def _read(name: str, body: list[ast.stmt], imports: Mapping[str, set[str]], module: Module) -> None:
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass  # a docstring
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), body=inner, orelse=[]):
                _read(name, inner, imports, module)
            case ast.ClassDef(name=defined, bases=[ast.Name(id="TypedDict")], decorator_list=[]) if list(
                map(ast.unparse, statement.keywords)
            ) == ["total=False"]:
                _distinct(name, defined, module)
                module.arguments[defined] = _typed_dictionary(name, statement)
            case ast.ImportFrom(module=str(source), names=names, level=0) if all(
                each.asname is None and each.name in imports.get(source, ()) for each in names
            ):
                pass
            case ast.ClassDef(name=defined, bases=bases, decorator_list=[], keywords=[]) if all(
                isinstance(base, ast.Name) for base in bases
            ):
                _distinct(name, defined, module)
                module.classes[defined] = _class(name, statement)
            case (
                ast.Assign(targets=[ast.Name(id=defined)], value=value)
                | ast.AnnAssign(target=ast.Name(id=defined), value=ast.expr() as value)
            ) if _is_pure(value) and (isinstance(statement, ast.Assign) or _is_pure(statement.annotation)):
                _distinct(name, defined, module)
                module.names.append(defined)
            case _:
                raise _unknown(name, statement)


def _distinct(name: str, defined: str, module: Module) -> None:
    if defined in (*module.classes, *module.names, *module.arguments):
        raise ProofError("parse", f"{name} defines {defined} twice.")


def _typed_dictionary(name: str, statement: ast.ClassDef) -> dict[str, str]:
    """The annotations of its keys."""
    found = {}
    for each in statement.body:
        match each:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.AnnAssign(target=ast.Name(id=key), annotation=annotation, value=None) if _is_pure(
                annotation
            ):
                found[key] = ast.unparse(annotation)
            case _:
                raise _unknown(f"{statement.name} in {name}", each)
    return found


def _class(name: str, statement: ast.ClassDef) -> dict[str, str]:
    """The docstrings of a class's fields; constants have none."""
    docstrings: dict[str, str] = {}
    declared: str | None = None
    for each in statement.body:
        match each:
            case ast.Expr(value=ast.Constant(value=str(words))):
                if declared is not None:
                    docstrings[declared] = words
                declared = None
            case ast.AnnAssign(target=ast.Name(id=declared), annotation=annotation, value=value) if _is_pure(
                annotation
            ) and (value is None or _is_pure(value)):
                pass
            case ast.If() if ast.unparse(each).replace("'", "") == _constructor(statement.name):
                pass
            case _:
                raise _unknown(f"{statement.name} in {name}", each)
    return docstrings


def settings_name(model: str) -> str:
    """The name of the typed dictionary of a class."""
    return f"{model.removesuffix('Config')}Settings"


def _constructor(model: str) -> str:
    """What a class shows type checkers as its constructor; a name that comes later is quoted there."""
    arguments = f"**settings: Unpack[{settings_name(model)}]"
    return f"if TYPE_CHECKING:\n\n    def __init__(self, {arguments}) -> None:\n        ..."


def _unknown(where: str, statement: ast.stmt) -> ProofError:
    return ProofError(
        "parse", f"{where} has a statement of a form that is not known: {ast.unparse(statement)[:80]}."
    )


_KNOWN = (
    ast.Attribute,
    ast.BinOp,
    ast.Compare,
    ast.Constant,
    ast.Dict,
    ast.List,
    ast.Name,
    ast.Subscript,
    ast.Tuple,
    ast.UnaryOp,
)


def _is_pure(node: ast.expr) -> bool:
    """Whether evaluating an expression only looks up names, and calls nothing but the constructors."""
    match node:
        case ast.Call(func=ast.Name(id=called), args=args, keywords=keywords) if called in _CALLED:
            return all(map(_is_pure, args)) and all(each.arg and _is_pure(each.value) for each in keywords)
        case ast.Call(func=ast.Attribute(value=value, attr=method), args=args, keywords=[]):
            return method in _METHODS and _is_pure(value) and all(map(_is_pure, args))
        case ast.Attribute(attr=attr) if attr.startswith("_"):
            return False
        case ast.BinOp(op=ast.operator() as op) if not isinstance(op, ast.BitOr | ast.Mod):
            return False  # unions and remainders are all that is meant
    parts = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    return isinstance(node, _KNOWN) and all(map(_is_pure, parts))
