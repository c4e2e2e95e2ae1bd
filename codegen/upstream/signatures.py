"""Arguments and decorators of functions as they are written, and what calls give; nothing is evaluated."""

import ast

from codegen.upstream.symbols import walk


def listed(given: ast.arguments) -> list[ast.arg]:
    """The arguments in order, without the starred ones."""
    return [*given.posonlyargs, *given.args, *given.kwonlyargs]


def names(given: ast.arguments) -> frozenset[str]:
    """The names of all arguments, of the starred ones and of those of lambdas in defaults, too."""
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


def handed(call: ast.Call) -> list[ast.expr]:
    """What a call gives the function, positional arguments first."""
    return [*call.args, *(word.value for word in call.keywords)]
