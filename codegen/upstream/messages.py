"""Messages in code: texts in exceptions, warnings and logs; and which expressions can be left out with them.

:mod:`codegen.upstream.normal` leaves such code out. Everything here is decided from the syntax. Where that
does not suffice, code is taken to have an effect.
"""

import ast
from collections.abc import Collection

from codegen.upstream.signatures import passed_values
from codegen.upstream.symbols import children, walk

_LOGGERS = ("log", "logger", "logging", "_logger")
_LEVELS = frozenset(
    {
        *("debug", "info", "info_once", "warning", "warning_once", "warning_advice", "warn", "error"),
        *("exception", "critical", "fatal", "log"),
    }
)
_WARNINGS = ("warn", "warn_explicit")

_PURE = frozenset(
    {
        *("all", "any", "bool", "callable", "dict", "float", "frozenset", "getattr", "hasattr", "int"),
        *("isinstance", "issubclass", "len", "list", "max", "min", "repr", "round", "set", "sorted", "str"),
        *("sum", "tuple", "type"),
    }
)
"""Builtins that change nothing."""

_PURE_METHODS = frozenset(
    {
        *("endswith", "format", "get", "items", "join", "keys", "lower", "replace", "rstrip", "split"),
        *("startswith", "strip", "upper", "values"),
    }
)
"""Methods of texts and mappings that change nothing."""

_SAFE = frozenset({"bool", "callable", "hasattr", "isinstance", "type"})
"""Builtins that change nothing and do not raise, whatever they are given."""


def is_message_call(node: ast.expr) -> bool:
    """Whether an expression is a call that warns or logs, and changes nothing besides that."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="warnings"), attr=name)) if name in _WARNINGS:
            pass
        case ast.Call(func=ast.Attribute(value=ast.Name(id=root), attr=level)) if (
            root in _LOGGERS and level in _LEVELS
        ):
            pass
        case _:
            return False
    return all(changes_nothing(each) for each in passed_values(node))


def is_text(node: ast.expr, texts: Collection[str] = ()) -> bool:
    """Whether an expression surely is a text, built without changing anything.

    Args:
        node: the expression.
        texts: locals that are never anything but a text.
    """
    return _is_text(node, texts) and changes_nothing(node)


def _is_text(node: ast.expr, texts: Collection[str]) -> bool:
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.Name(id=name):
            return name in texts
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _is_text(left, texts) or _is_text(right, texts)
        case ast.BinOp(op=ast.Mod(), left=left):
            return _is_text(left, texts)
        case ast.IfExp(body=one, orelse=other):
            return _is_text(one, texts) and _is_text(other, texts)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "join" | "strip")):
            return _is_text(value, texts)
        case ast.Call(func=ast.Name(id="str" | "repr")):
            return True
    return False


def changes_nothing(node: ast.expr) -> bool:
    """Whether evaluating an expression surely changes nothing; it may raise."""
    return not any(map(_changes, walk(node)))


def _changes(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)):
            return name not in _PURE
        case ast.Call(func=ast.Attribute(attr=name)):
            return name not in _PURE_METHODS
        case ast.Call() | ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
            return True
    return False


def has_no_effect(node: ast.expr) -> bool:
    """Whether an expression surely changes nothing, nor raises.

    Reading a name or an attribute is taken to succeed. Ordering two values is not: some claims rest on that
    None cannot be compared with a number.
    """
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value) | ast.UnaryOp(op=ast.Not(), operand=value):
            return has_no_effect(value)
        case ast.Compare(ops=ops, comparators=others):
            return all(
                isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq)
                or (isinstance(op, ast.In | ast.NotIn) and isinstance(other, ast.Tuple | ast.List))
                for op, other in zip(ops, others, strict=True)
            ) and all(has_no_effect(each) for each in (node.left, *others))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return (name in _SAFE or (name == "getattr" and len(args) == 3)) and all(map(has_no_effect, args))
        case ast.BoolOp() | ast.IfExp() | ast.Tuple() | ast.List():
            return all(has_no_effect(each) for each in children(node) if isinstance(each, ast.expr))
    return False


def text_locals(body: Collection[ast.stmt]) -> frozenset[str]:
    """The locals that statements only ever assign a text to; mostly a message that is raised later."""
    assigned: dict[str, list[ast.expr]] = {}
    otherwise: list[str] = []
    for node in (each for statement in body for each in walk(statement)):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                assigned.setdefault(name, []).append(value)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                otherwise.append(name)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                otherwise += names
    return frozenset(
        name
        for name, values in assigned.items()
        if otherwise.count(name) == len(values)  # the target of each assignment is a name, too
        and all(is_text(value, [name]) for value in values)
    )
