"""Facts about ``kiln``: a dataclass of settings with attribute docstrings, and a ``validate`` that raises."""

import ast
from collections.abc import Iterator

from codegen.errors import UnknownShapeError
from codegen.model import condition_text, conditions
from codegen.model.conditions import Compare, Condition, Constant, Name
from codegen.model.facts import Facts, SourceField, SourceRule, SourceRules
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.regions import EVERYTHING, Region, of_bounds
from codegen.model.schema import Field
from codegen.model.type_text import from_annotation
from codegen.model.types import Bound, Op
from codegen.upstream.symbols import Library, text_digest

SETTINGS = "settings.py"
CLASS = Symbol(SETTINGS, "Firing")
VALIDATE = Symbol(SETTINGS, "Firing.validate")
_OPPOSITES: dict[str, Op] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def extract(library: Library) -> Facts:
    """All facts of one release."""
    module = library.module(SETTINGS)
    refused = list(_refused(module.function(VALIDATE.qualname), library))
    alone = [when for when in refused if len(conditions.names(when)) == 1]
    together = [when for when in refused if len(conditions.names(when)) > 1]
    params = tuple(_param(*each, alone) for each in _fields(module.class_(CLASS.qualname)))
    return Facts(
        engine=library.tree.package,
        version=library.tree.version,
        params=params,
        rules=SourceRules(tuple(map(_rule, together)), ()),
    )


def documented(library: Library, field: Field) -> list[str] | None:
    """The docstring under an attribute, sentence by sentence."""
    entries = _fields(library.module(SETTINGS).class_(CLASS.qualname))
    text = next((text for statement, text in entries if ast.unparse(statement.target) == field.name), None)
    return None if text is None else text.replace(". ", ".\n").split("\n")


def _fields(cls: ast.ClassDef) -> Iterator[tuple[ast.AnnAssign, str | None]]:
    """Each attribute with the text under it."""
    for statement, after in zip(cls.body, [*cls.body[1:], ast.Pass()], strict=True):
        match statement, after:
            case ast.AnnAssign(), ast.Expr(value=ast.Constant(value=str(text))):
                yield statement, text
            case ast.AnnAssign(), _:
                yield statement, None


def _param(statement: ast.AnnAssign, text: str | None, refused: list[Condition]) -> SourceField:
    name, default = ast.unparse(statement.target), ast.literal_eval(statement.value or ast.Constant(None))
    type_, takes_none = from_annotation(statement.annotation)
    own = [when for when in refused if conditions.names(when) == (name,)]
    accepted = EVERYTHING
    for when in own:
        accepted &= _accepted(when)
    check = (Origin(OriginKind.CHECK, VALIDATE),) if own else ()
    return SourceField(
        name=name,
        type=type_,
        takes_none=takes_none,
        declared_default=default,
        effective_default=default,
        accepted=accepted,
        heading="Settings",
        doc_digest=text_digest(text) if text else None,
        origins=(Origin(OriginKind.TYPE, CLASS), Origin(OriginKind.DECLARED_DEFAULT, CLASS), *check),
    )


def _accepted(when: Condition) -> Region:
    match when:
        case Compare(left=Name(), op=op, right=Constant(value=int() | float() as limit)) if op in _OPPOSITES:
            return of_bounds([Bound(_OPPOSITES[op], limit)])
    raise UnknownShapeError(
        f"kiln/{SETTINGS}, {VALIDATE.qualname}", f"cannot read {condition_text.text(when)}"
    )


def _refused(function: ast.FunctionDef, library: Library) -> Iterator[Condition]:
    """The test in front of each raise."""
    for statement in function.body:
        match statement:
            case ast.If(test=test, body=[ast.Raise()], orelse=[]):
                yield condition_text.parse(ast.unparse(test).replace("self.", ""))
            case _:
                raise UnknownShapeError(library.place(VALIDATE), f"cannot read {ast.unparse(statement)!r}")


def _rule(when: Condition) -> SourceRule:
    names = conditions.names(when)
    return SourceRule(f"validate: {', '.join(sorted(names))}", "reject", names, when, VALIDATE)
