"""``GenerationConfig.validate``: what it refuses, and what it calls ignored.

What it refuses of one parameter by itself is a check of that parameter; combinations are left to
:mod:`codegen.engines.transformers.cross_field`.
"""

import ast
from collections.abc import Collection
from dataclasses import dataclass

from codegen.engines.transformers import terms
from codegen.engines.transformers.engine import CONFIGURATION
from codegen.model.conditions import Condition, names
from codegen.model.origins import Symbol
from codegen.upstream.checks import CHECKING, Raise, Refusal, raises_among, refusal
from codegen.upstream.flow import Path
from codegen.upstream.paths import paths_to
from codegen.upstream.symbols import Module, remembered

SYMBOL = "GenerationConfig.validate"
FULL_SYMBOL = Symbol(CONFIGURATION, SYMBOL)


@dataclass(frozen=True, slots=True)
class Issue:
    """A parameter that ``validate`` calls ignored.

    Args:
        parameter: its name.
        when: the condition under which it does so.
    """

    parameter: str
    when: Condition


def read(module: Module, parameters: Collection[str]) -> dict[str, Refusal]:
    """What is refused of each parameter that is checked on its own."""
    alone: dict[str, list[Raise]] = {}
    for each in statements(module, frozenset(parameters)):
        match each:
            case Raise(when=when) if len(asked := names(when)) == 1 and asked[0] in parameters:
                alone.setdefault(asked[0], []).append(each)
    return {name: refusal(found, name) for name, found in alone.items()}


@remembered
def statements(module: Module, parameters: frozenset[str]) -> tuple[Raise | Issue, ...]:
    """The statements that refuse a value, and those that call a parameter ignored, in order."""
    reader = terms.reader(parameters, owners=("self",))
    found: list[Raise | Issue] = []
    for statement, path in paths_to((*CHECKING, ast.Assign), module, SYMBOL, terms.OPTIONS):
        ignored = _ignored(statement, path)
        if ignored in parameters:
            found.append(Issue(str(ignored), reader.condition(path)))
        found += raises_among([(statement, path)], module, reader)
    return tuple(found)


def _ignored(statement: ast.stmt, path: Path) -> str | None:
    """The name that ``minor_issues[...] = ...`` is about."""
    match statement:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name() as issues, slice=key)]):
            match path.resolve(issues), path.resolve(key):
                case ast.Name(id="minor_issues"), ast.Constant(value=str(name)):
                    return name
    return None
