"""``GenerationConfig.validate``: what it refuses of one parameter by itself.

Combinations of parameters are left to the cross-field rules.
"""

import ast

from codegen.engines.transformers.engine import CONFIGURATION
from codegen.model.origins import Symbol
from codegen.upstream.checks import Refusal, refusal
from codegen.upstream.symbols import Module
from codegen.upstream.tables import resolver

SYMBOL = "GenerationConfig.validate"
FULL_SYMBOL = Symbol(CONFIGURATION, SYMBOL)


def read(module: Module, names: list[str]) -> dict[str, Refusal]:
    """What ``validate`` refuses, for each parameter that it checks on its own."""
    function = module.function(SYMBOL)
    resolve = resolver(module, function)
    found = {}
    for name in names:
        others = frozenset(names) - {name}
        said = refusal(
            function,
            lambda node, wanted=name: attribute(node) == wanted,  # type: ignore[misc]  # mypy wants no default here
            resolve,
            is_other=lambda node, others=others: attribute(node) in others,  # type: ignore[misc]  # as above
        )
        if said != Refusal():
            found[name] = said
    return found


def attribute(node: ast.AST) -> str | None:
    """The name in ``self.name``, None for any other expression."""
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return None
