"""Literal constants and tables: those of a module or a class, and those that are built from literals."""

import ast
from collections import Counter
from collections.abc import Iterator

from codegen.upstream.expressions import (
    Lazy,
    Locals,
    effects_in,
    own_names,
    rebuilt,
    substituted,
    with_fields,
)
from codegen.upstream.patterns import elements
from codegen.upstream.symbols import Module, remembered, walk

MOST_ROWS = 64
"""The most rows of a table that a loop is unrolled over."""

_LARGEST_EXPONENT, _LARGEST_BASE = 64, 2**16


def folded(node: ast.expr) -> ast.expr:
    """The expression with constant parts evaluated: ``2**24``, ``("a",) + ("b",)``, ``len(("a", "b"))``."""
    if "[]" not in effects_in(node):
        return node
    changed = _folded(node)
    assert isinstance(changed, ast.expr)
    return changed


def _folded(node: ast.AST) -> ast.AST:
    node = rebuilt(node, _folded)
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.Set(elts=parts)]):
            return with_fields(node, comparators=[_tuple(parts)])  # in the order of the source
        case ast.BinOp(left=left, op=op, right=right):
            return _calculated(left, op, right) or node
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]):
            return _converted(name, inner) or node
        case ast.Call(
            func=ast.Attribute(value=ast.Dict() as table, attr="get"), args=[key, *default], keywords=[]
        ):
            return _entry(table, key, *default, ast.Constant(value=None)) or node
        case ast.Subscript(value=ast.Dict() as table, slice=key):
            return _entry(table, key) or node
        case ast.Subscript(value=ast.Tuple() | ast.List() as table, slice=ast.Constant(value=int(at))):
            parts = elements(table) or []
            return parts[at] if at < len(parts) else node
    return node


def _tuple(parts: list[ast.expr]) -> ast.expr:
    return ast.Tuple(elts=parts, ctx=ast.Load())


def _calculated(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr | None:
    """The sum of two literal tables, or a small power."""
    match left, op, right:
        case (ast.Tuple(elts=one), ast.Add(), ast.Tuple(elts=other)) | (
            ast.List(elts=one),
            ast.Add(),
            ast.List(elts=other),
        ):
            return with_fields(left, elts=[*one, *other])
        case ast.Constant(value=int(base)), ast.Pow(), ast.Constant(value=int(exponent)):
            is_small = 0 <= exponent <= _LARGEST_EXPONENT and abs(base) <= _LARGEST_BASE
            return ast.Constant(value=base**exponent) if is_small else None
    return None


def _converted(function: str, table: ast.expr) -> ast.expr | None:
    """A literal table as one of another kind, or its length."""
    inside = rows(table) if function in ("tuple", "list", "set", "frozenset", "len") else None
    if inside is None:
        return None
    return ast.Constant(value=len(inside)) if function == "len" else _tuple(inside)


def _entry(table: ast.Dict, key: ast.expr, *default: ast.expr) -> ast.expr | None:
    """The value of a key in a literal dictionary; the last one counts."""
    keys = [each.value for each in table.keys if isinstance(each, ast.Constant)]
    if not isinstance(key, ast.Constant) or len(keys) < len(table.keys):
        return None
    found = [value for name, value in zip(keys, table.values, strict=True) if name == key.value]
    return found[-1] if found else next(iter(default), None)


def number(node: ast.expr) -> int | float | None:
    """The number that a constant expression is, such as ``-1`` or ``2**24``; None for anything else."""
    match folded(node):
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            positive = number(inner)
            return None if positive is None else -positive
    return None


def rows(node: ast.expr) -> list[ast.expr] | None:
    """What a loop over a literal table goes over, one by one; None for any other expression."""
    found = elements(node)
    match node:
        case ast.Dict() | ast.Call(func=ast.Attribute(value=ast.Dict()), args=[], keywords=[]):
            found = _of_dictionary(node)
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]):
            inside = rows(inner)
            found = inside and [_tuple([ast.Constant(value=at), each]) for at, each in enumerate(inside)]
        case ast.Call(func=ast.Name(id="zip"), args=tables, keywords=[]):
            columns = [column for each in tables if (column := rows(each)) is not None]
            found = (
                [_tuple(list(row)) for row in zip(*columns, strict=False)]
                if len(columns) == len(tables)
                else None
            )
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]) if count <= MOST_ROWS:
            found = [ast.Constant(value=at) for at in range(count)]
    return found if found is not None and len(found) <= MOST_ROWS else None


def _of_dictionary(node: ast.Dict | ast.Call) -> list[ast.expr] | None:
    """The keys, values or items of a literal dictionary."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Dict() as table, attr=what)):
            pass
        case ast.Dict() as table:
            what = "keys"
        case _:
            return None
    keys = [each for each in table.keys if each is not None]
    if len(keys) < len(table.keys):
        return None
    pairs = [_tuple([key, value]) for key, value in zip(keys, table.values, strict=True)]
    return {"keys": keys, "values": table.values, "items": pairs}.get(what)


def is_constant(node: ast.expr) -> bool:
    """Whether an expression is literal, so that it means the same wherever it is used."""
    match node:
        case ast.Constant() | ast.Lambda():
            return True
        case ast.UnaryOp(operand=inner):
            return is_constant(inner)
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return all(map(is_constant, elements))
        case ast.Dict(keys=keys, values=values):
            return all(each is not None and is_constant(each) for each in (*keys, *values))
    return False


@remembered
def constants(module: Module) -> Locals:
    """The literal constants at the top of a module; what is assigned twice, as in a branch, is not one."""
    return _constants(module.tree.body)


@remembered
def class_constants(module: Module, name: str) -> Locals:
    """The literal constants of a class, as ``self.x``: not annotated, and not assigned in any method."""
    owner = module.find(name)
    if not isinstance(owner, ast.ClassDef):
        return {}
    found = _constants([each for each in owner.body if isinstance(each, ast.Assign)])
    paths = {f"self.{each}": value for each, value in found.items()}
    methods = [
        each for each in owner.body if isinstance(each, ast.FunctionDef) and module.mentions(each, *paths)
    ]
    stored = frozenset[str]().union(*map(own_names, methods))
    return {path: value for path, value in paths.items() if path not in stored}


def _constants(body: list[ast.stmt]) -> Locals:
    assigned = [(name, value) for name, value in _assigned(body) if isinstance(value, _LITERAL)]
    times = Counter(name for name, _ in _assigned(body))
    pending = {name: value for name, value in assigned if times[name] == 1}
    known: dict[str, Lazy] = {}
    while True:  # a table may be built from a later one
        found = {name: folded(substituted(value, known)) for name, value in pending.items()}
        constant = {name: Lazy.of(value) for name, value in found.items() if is_constant(value)}
        if not constant:
            return known
        known |= constant
        pending = {name: value for name, value in pending.items() if name not in known}


_LITERAL = (
    ast.Constant,
    ast.UnaryOp,
    ast.BinOp,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.Name,
    ast.Call,
    ast.Lambda,
)


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for statement in body:
        for node in walk(statement) if isinstance(statement, ast.If) else [statement]:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    yield name, value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    yield name, value
