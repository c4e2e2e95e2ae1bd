"""Calls of functions in the same module: which function is called, and with which arguments."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from codegen.upstream import signatures
from codegen.upstream.expressions import Lazy
from codegen.upstream.flow import unknown_value
from codegen.upstream.symbols import Module, remembered

LONGEST = 40
"""The most lines of a function that is inlined for its value; one that raises is inlined at any length."""

RAISING = frozenset({"raise", "assert"})
"""Every statement that raises by itself contains one of these words."""


@dataclass(frozen=True, slots=True)
class Callee:
    """A function that is called.

    Args:
        name: its qualified name; for a nested function, that of the outer one.
        node: the function.
        own: arguments before those of the call: the object, or the class.
        sees_locals: whether it is nested in the function that calls it.
    """

    name: str
    node: ast.FunctionDef | ast.Lambda
    own: tuple[ast.expr, ...] = ()
    sees_locals: bool = False

    @property
    def is_separate(self) -> bool:
        """Whether it is a function of its own, neither a lambda nor nested in the one that calls it."""
        return isinstance(self.node, ast.FunctionDef) and not self.sees_locals

    @property
    def body(self) -> list[ast.stmt]:
        """Its statements."""
        return [ast.Return(value=self.node.body)] if isinstance(self.node, ast.Lambda) else self.node.body


def find(function: ast.expr, module: Module, owner: str, caller: str) -> Callee | None:
    """The function or method that is called, if it is in the same module.

    Args:
        function: what is called, with locals substituted.
        module: of the call.
        owner: the class of ``self``; empty outside of a class.
        caller: the qualified name of the function that the call is in.
    """
    found: tuple[str, ast.FunctionDef] | None = None
    own: list[ast.expr] = []
    match function:
        case ast.Lambda() as written:
            return Callee(caller, written)
        case ast.Name(id=name):
            top = module.find(name)
            found = (name, top) if isinstance(top, ast.FunctionDef) else None
        case ast.Attribute(value=ast.Name(id="self") as first, attr=name):
            found, own = method(module, owner, name), [first]
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=name):
            above = bases(module, caller.rpartition(".")[0])
            inherited = [each for base in above if (each := method(module, base, name)) is not None]
            found, own = next(iter(inherited), None), [ast.Name(id="self", ctx=ast.Load())]
        case ast.Attribute(value=ast.Name(id=cls) as first, attr=name):
            found = method(module, cls, name)
            own = [first] if found is not None and signatures.is_decorated(found[1], "classmethod") else []
    if found is None:
        return None
    name, node = found
    return Callee(name, node, () if signatures.is_decorated(node, "staticmethod") else tuple(own))


def method(module: Module, owner: str, name: str) -> tuple[str, ast.FunctionDef] | None:
    """A method of a class, or of its nearest base in the same file, with its qualified name."""
    found = module.find(f"{owner}.{name}")
    if isinstance(found, ast.FunctionDef):
        return f"{owner}.{name}", found
    for base in bases(module, owner):
        if inherited := method(module, base, name):
            return inherited
    return None


def bases(module: Module, owner: str) -> list[str]:
    """The names of those bases of a class that are in the same file."""
    cls = module.find(owner)
    if not isinstance(cls, ast.ClassDef):
        return []
    named = [base.id for base in cls.bases if isinstance(base, ast.Name) and base.id != owner]
    return [name for name in named if isinstance(module.find(name), ast.ClassDef)]


@remembered
def methods(module: Module, owner: str) -> frozenset[str]:
    """The names of the methods of a class and of its bases in the same file."""
    cls = module.find(owner)
    body = cls.body if isinstance(cls, ast.ClassDef) else []
    own = {each.name for each in body if isinstance(each, ast.FunctionDef)}
    return frozenset(own.union(*(methods(module, base) for base in bases(module, owner))))


@remembered
def functions(module: Module) -> frozenset[str]:
    """The names of the functions at the top of a module."""
    return frozenset(each.name for each in module.tree.body if isinstance(each, ast.FunctionDef))


def is_worth_inlining(module: Module, function: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether inlining a function tells something: it may raise, or is short enough to be read."""
    if isinstance(function, ast.Lambda):
        return True
    if module.mentions(function, "yield", "await"):
        return False
    length = (function.end_lineno or function.lineno) - function.lineno
    return length <= LONGEST or module.mentions(function, *RAISING)


@remembered
def raising_words(module: Module, owner: str, opaque: frozenset[str]) -> frozenset[str]:
    """Words of which every statement that may raise contains at least one.

    They are those of raising itself, and the calls of functions that may raise and are inlined.
    """
    inlined: dict[str, ast.FunctionDef] = {}
    for name in functions(module):
        if name not in opaque:
            inlined[f"{name}("] = module.function(name)
    for name in methods(module, owner):
        found = method(module, owner, name)
        if found is not None and found[0] not in opaque:
            inlined[f".{name}("] = found[1]
    words, added = frozenset[str](), RAISING
    while added:
        words |= added
        added = frozenset(
            word
            for word, function in inlined.items()
            if word not in words and module.mentions(function, *added)
        )
    return words


def passed(callee: Callee, call: ast.Call, given: Sequence[Lazy]) -> dict[str, Lazy] | None:
    """The arguments of a call by name.

    Args:
        callee: the function.
        call: the call.
        given: the values of its arguments, positional ones first.

    Returns:
        The values by the names of parameters; None if the call unpacks a sequence or a mapping.
    """
    is_spread = any(isinstance(each, ast.Starred) for each in call.args) or any(
        word.arg is None for word in call.keywords
    )
    if is_spread:
        return None
    arguments = callee.node.args
    positional = [each.arg for each in (*arguments.posonlyargs, *arguments.args)]
    in_order = [*map(Lazy.of, callee.own), *given[: len(call.args)]]
    named = {str(word.arg): value for word, value in zip(call.keywords, given[len(call.args) :], strict=True)}
    others = [each.arg for each in arguments.kwonlyargs]
    found = {name: Lazy.of(value) for name, value in signatures.defaults(arguments).items()}
    found |= dict(zip(positional, in_order, strict=False))
    found |= {name: value for name, value in named.items() if name in (*positional, *others)}
    if arguments.vararg is not None:
        rest = in_order[len(positional) :]
        found[arguments.vararg.arg] = Lazy(lambda: ast.Tuple(elts=[each.expression for each in rest]))
    if arguments.kwarg is not None:
        found[arguments.kwarg.arg] = unknown_value(
            value for name, value in named.items() if name not in found
        )
    return found
