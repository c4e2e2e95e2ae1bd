"""Constant tables: module-level tuples of texts, added up, and the locals that are built from them."""

import ast

from codegen.upstream.checks import Resolve, literals
from codegen.upstream.symbols import Module, walk


def resolver(module: Module, function: ast.FunctionDef | None = None) -> Resolve:
    """Gives the values of a name by its assignment in the function or the module; None if they are not literals.

    A table that is assigned a second time, under a condition say, is not a constant and gives None.
    """
    assigned: dict[str, list[ast.expr]] = {}
    for body in (module.tree.body, function.body if function else []):
        for statement in body:
            for node in walk(statement) if isinstance(statement, ast.If) else [statement]:
                match node:
                    case ast.Assign(targets=[ast.Name(id=name)], value=value):
                        assigned.setdefault(name, []).append(value)

    def resolve(name: str, outer: frozenset[str] = frozenset()) -> tuple[str | int | bool | None, ...] | None:
        values = assigned.get(name, [])
        if len(values) != 1 or name in outer:  # a name that is made of itself is no table
            return None
        return literals(values[0], lambda inner: resolve(inner, outer | {name}))

    return resolve
