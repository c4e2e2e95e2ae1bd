"""Arguments and decorators of functions as they are written, and what calls give; nothing is evaluated."""

import ast

from codegen.upstream.symbols import walk


def unstarred(given: ast.arguments) -> list[ast.arg]:
    """The arguments in order, without ``*args`` and ``**kwargs``."""
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def names(given: ast.arguments) -> frozenset[str]:
    """The names of all arguments, with ``*args`` and ``**kwargs``, and with those of lambdas in defaults."""
    return frozenset(each.arg for each in walk(given) if isinstance(each, ast.arg))


def defaults(given: ast.arguments) -> dict[str, ast.expr]:
    """The defaults, by the names of the arguments that have one."""
    positional = [each.arg for each in (*given.posonlyargs, *given.args)]
    found = dict(zip(reversed(positional), reversed(given.defaults), strict=False))
    keyword_only = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    return found | {each.arg: value for each, value in keyword_only if value is not None}


def decorator(node: ast.expr) -> str:
    """The name of a decorator, without the module that it is from; empty for one that has none."""
    match node:
        case ast.Call(func=function):
            return decorator(function)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_decorated(function: ast.FunctionDef | ast.AsyncFunctionDef, *names: str) -> bool:
    """Whether a function has a decorator of one of some names."""
    return any(decorator(each) in names for each in function.decorator_list)


def passed_values(call: ast.Call) -> list[ast.expr]:
    """The values that a call passes, those of positional arguments first."""
    return [*call.args, *(word.value for word in call.keywords)]
