"""Decoding modes: when each is chosen, which method runs it, and which calls are rerouted before.

They are read from ``GenerationConfig.get_generation_mode``, the table of modes in ``generation/utils.py``,
and the first statements of ``GenerationMixin.generate``.
"""

import ast
from collections.abc import Collection

from codegen.engines.transformers import terms
from codegen.engines.transformers.engine import CONFIGURATION, GENERATE
from codegen.engines.transformers.terms import Modes
from codegen.errors import UnknownShapeError
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    Compare,
    Condition,
    Constant,
    Name,
    all_of,
    any_of,
    is_readable,
    negated,
)
from codegen.upstream.symbols import Module

MODE = "GenerationConfig.get_generation_mode"
MIXIN = "GenerationMixin"
TABLE = "GENERATION_MODES_MAPPING"

_WHERE = f"transformers/{CONFIGURATION}, {MODE}"

_Branch = tuple[str, Condition]
"""A mode, and the condition under which it is the current one."""


def read(configuration: Module, parameters: Collection[str]) -> Modes:
    """Under which condition each mode is chosen.

    Raises:
        UnknownShapeError: the function chooses in a way that is not known.
    """
    chosen: dict[str, Condition] = {}
    for mode, condition in _execute(configuration.function(MODE).body, [("", ALWAYS)], parameters):
        chosen[mode] = any_of(chosen.get(mode, NEVER), condition)
    return chosen


def _execute(body: list[ast.stmt], branches: list[_Branch], parameters: Collection[str]) -> list[_Branch]:
    """The possible modes after some statements, each with its condition; ``branches`` has those before."""
    for statement in body:
        match statement:
            case (
                ast.Assign(
                    targets=[ast.Name(id="generation_mode")],
                    value=ast.Attribute(value=ast.Name(id="GenerationMode"), attr=mode),
                )
                | ast.AnnAssign(
                    target=ast.Name(id="generation_mode"),
                    value=ast.Attribute(value=ast.Name(id="GenerationMode"), attr=mode),
                )
            ):
                branches = [(mode, condition) for _, condition in branches]
            case ast.If():
                branches = [after for branch in branches for after in _split(statement, branch, parameters)]
            case ast.Expr() | ast.Return():
                pass
            case _:
                raise UnknownShapeError(_WHERE, f"{ast.unparse(statement)[:80]!r} is not known there")
    return branches


def _split(statement: ast.If, branch: _Branch, parameters: Collection[str]) -> list[_Branch]:
    mode, condition = branch
    decision = terms.reader(parameters, {mode: ALWAYS}).test(statement.test)
    if not is_readable(decision):
        raise UnknownShapeError(_WHERE, f"the mode depends on {ast.unparse(statement.test)[:80]!r}")
    yes = _execute(statement.body, [(mode, all_of(condition, decision))], parameters)
    no = _execute(statement.orelse, [(mode, all_of(condition, negated(decision)))], parameters)
    if {after for after, _ in (*yes, *no)} == {mode}:
        return [branch]  # on either branch, the mode stays the same
    return [(after, each) for after, each in (*yes, *no) if each != NEVER]


def table(generate: Module) -> dict[str, str]:
    """What serves each mode: the name of a decoding method, or a repository of the Hub.

    Raises:
        UnknownShapeError: it is not written as a table.
    """
    found = generate.find(TABLE)
    if found is None:  # an older generate() has one branch for each mode, and every mode in core
        if generate.find(f"{MIXIN}._group_beam_search") is None:
            raise UnknownShapeError(f"transformers/{GENERATE}", f"there is no {TABLE}")
        return {}
    match found:
        case ast.Assign(value=ast.Dict(keys=keys, values=values)):
            pairs = {}
            for key, value in zip(keys, values, strict=True):
                match key, value:
                    case ast.Attribute(attr=mode), ast.Constant(value=str(where)):
                        pairs[mode] = where
            if len(pairs) == len(keys):
                return pairs
    raise UnknownShapeError(f"transformers/{GENERATE}, {TABLE}", "it is not a table of modes and names")


def not_rerouted(generate: Module, parameters: Collection[str]) -> tuple[Condition, ...]:
    """What has to hold for ``generate()`` not to reroute the call at once, as it does for a few values."""
    conditions: list[Condition] = []
    for statement in generate.function(f"{MIXIN}.generate").body:
        match statement:
            case ast.If(
                test=ast.Compare(
                    left=ast.Call(
                        func=ast.Attribute(value=ast.Name(id="kwargs"), attr="get"),
                        args=[ast.Constant(value=str(name)), *_],
                    ),
                    ops=[ast.Eq()],
                    comparators=[ast.Constant(value=str(value))],
                ),
                body=[*_, ast.Return()],
            ) if name in parameters:
                conditions.append(Compare(Name(name), "!=", Constant(value)))
    return tuple(conditions)
