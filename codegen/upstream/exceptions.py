"""Exceptions: what a statement raises, what a handler catches, and what else in a block may raise."""

import ast
import builtins

from codegen.upstream.symbols import walk

_SAFE = ("isinstance", "bool", "hasattr", "callable", "type", "repr")
"""Functions that do not raise."""


def raised_by(statement: ast.Raise) -> str | None:
    """The name of the exception's class; None if the statement does not name it."""
    match statement.exc:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name
        case ast.Name(id=name) if builtin_exception(name) is not None:
            return name
    return None


def catches(handler: ast.ExceptHandler, exception: str | None) -> bool | None:
    """Whether a handler catches an exception, None if that is not known."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    answers = [_is_a(exception, kind) for kind in kinds]
    return True if True in answers else None if None in answers else False


def _is_a(exception: str | None, kind: ast.expr) -> bool | None:
    name = kind.id if isinstance(kind, ast.Name) else None
    if name in ("Exception", "BaseException"):
        return True
    if exception is None or name is None:
        return None
    one, other = builtin_exception(exception), builtin_exception(name)
    if one is None:
        return True if exception == name else None
    return other is not None and issubclass(one, other)


def builtin_exception(name: str) -> type[BaseException] | None:
    """The class of exceptions that Python knows under a name, None if there is none."""
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None


def may_fail(node: ast.AST) -> tuple[ast.expr, ...]:
    """The calls, look-ups and calculations in a statement, any of which may raise.

    Reading an attribute and comparing are taken to succeed, as values are taken to be of the right type.
    """
    match node:
        case ast.Raise() | ast.FunctionDef() | ast.ClassDef() | ast.Lambda():
            return ()
        case ast.Call(func=ast.Name(id=name)) if name in _SAFE:
            pass
        case ast.Call() | ast.Subscript(ctx=ast.Load()) | ast.BinOp() | ast.Await():
            return (node,)
    return tuple(each for child in ast.iter_child_nodes(node) for each in may_fail(child))


def as_try(statement: ast.With) -> ast.Try | None:
    """``with suppress(...)`` as a ``try``; None for any other context."""
    for item in statement.items:
        match item.context_expr:
            case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=kinds):
                caught = ast.Tuple(elts=kinds, ctx=ast.Load())
                handler = ast.ExceptHandler(type=caught, name=None, body=[ast.Pass()])
                return ast.Try(body=statement.body, handlers=[handler], orelse=[], finalbody=[])
    return None


def raising(function: ast.AST) -> tuple[ast.stmt, ...]:
    """The statements in a function that raise."""
    return tuple(each for each in walk(function) if isinstance(each, ast.Raise | ast.Assert))
