"""Where functions refuse to go on: each ``raise`` and ``assert``, and each warning that sets a value.

A site has a *condition*, under which it is reached, in terms of the function's arguments as far as
:mod:`codegen.upstream.paths` can follow its locals; and a *key* for display, made of the innermost test as it
is written. Messages are not part of either. An edit elsewhere in the function leaves the key as it is.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from codegen.errors import UnknownShapeError
from codegen.model.origins import Symbol
from codegen.upstream.classes import Function
from codegen.upstream.exceptions import raised_by
from codegen.upstream.expressions import all_of, is_unknown, rebuilt
from codegen.upstream.flow import Path
from codegen.upstream.inlining import Options
from codegen.upstream.messages import is_message_call, text_locals
from codegen.upstream.paths import paths_to
from codegen.upstream.symbols import Module, remembered, walk

LONGEST = 300
"""The most characters of a condition; the rest is cut off, and not compared."""

UNKNOWN = "..."
"""Stands in conditions for a value that cannot be followed."""

_OPPOSITE: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
    ast.Eq: ast.NotEq(),
    ast.NotEq: ast.Eq(),
}


@dataclass(frozen=True, slots=True)
class Site:
    """A statement that refuses, or warns and sets something.

    Args:
        function: that contains it.
        what: the exception that is raised, or ``warning, sets x``.
        when: the condition under which it is reached; empty if it always is.
    """

    function: Symbol
    what: str
    when: str

    def __str__(self) -> str:
        return f"{self.what} if {self.when}" if self.when else self.what


_OPTIONS = Options(follows_calls=False)
"""Calls are not followed: what another function raises is a site of that function."""


def sites(module: Module, qualname: str) -> tuple[Site, ...]:
    """The sites in one function, in the order of the source."""
    function = module.find(qualname)
    if not isinstance(function, Function) or not _may_have_one(module, function):
        return ()
    written = _written(function)
    followed = _followed(module, qualname, written)
    symbol = module.symbol(qualname)
    return tuple(
        Site(symbol, what, _text(followed.get(statement) or [tests], tests[-1:]))
        for statement, (what, tests) in written.items()
    )


def keys(module: Module, qualname: str) -> Mapping[ast.stmt, str]:
    """A key for each statement of a function that raises, unique in it: ``name: ValueError if x is None``."""
    function = module.find(qualname)
    return _keys(function) if isinstance(function, Function) else {}


def key(module: Module, qualname: str, statement: ast.stmt) -> str:
    """The key of one statement; for a call that may raise, it names what is called."""
    found = keys(module, qualname).get(statement)
    if found is not None:
        return found
    called = [each.func for each in walk(statement) if isinstance(each, ast.Call)]
    return f"{qualname.rpartition('.')[2]}: call of {ast.unparse(called[0]) if called else 'something'}"


@remembered
def _keys(function: Function) -> Mapping[ast.stmt, str]:
    """A key has as few of the innermost tests as tell it apart from the others with the same exception."""
    raising = {
        each: found for each, found in _written(function).items() if isinstance(each, ast.Raise | ast.Assert)
    }
    taken: Counter[str] = Counter()
    found: dict[ast.stmt, str] = {}
    for statement, (what, tests) in raising.items():
        alike = [
            other for each, (raised, other) in raising.items() if each is not statement and raised == what
        ]
        counts = range(1, len(tests) + 1)
        unique = (n for n in counts if all(_inner(each, n) != _inner(tests, n) for each in alike))
        site = Site(Symbol("", function.name), what, _inner(tests, next(unique, len(tests))))
        key = f"{function.name}: {site}"
        taken[key] += 1
        found[statement] = key if taken[key] == 1 else f"{key} ({taken[key]})"
    return found


def _inner(tests: list[ast.expr], count: int) -> str:
    """The innermost tests, as they are written."""
    return ast.unparse(all_of(tests[-count:])) if tests and count else ""


def _may_have_one(module: Module, function: Function) -> bool:
    return module.mentions(function, "raise", "assert", "warn")


# --- the sites and the tests around them, as they are written


@remembered
def _written(function: Function) -> Mapping[ast.stmt, tuple[str, list[ast.expr]]]:
    """Every site with what it does, and the tests around it as they are written, outermost first."""
    found = dict(_sites_in(function.body, []))
    texts = text_locals(function.body)
    return {
        statement: (_warning(names), tests) if isinstance(what, list) else (what, tests)
        for statement, (what, tests) in found.items()
        if not isinstance(what, list) or (names := [each for each in what if each not in texts])
    }


def _warning(names: list[str]) -> str:
    return f"warning, sets {', '.join(names)}"


def _sites_in(
    body: list[ast.stmt], tests: list[ast.expr]
) -> Iterator[tuple[ast.stmt, tuple[str | list[str], list[ast.expr]]]]:
    """Each site, with what is raised or what is set together with a warning, and with the tests around it."""
    for at, statement in enumerate(body):
        match statement:
            case ast.Raise():
                yield statement, (_exception(statement), tests)
            case ast.Assert(test=test):
                yield statement, ("AssertionError", [*tests, negated(test)])
            case ast.Expr(value=value) if tests and is_message_call(value):
                yield statement, ([*_set_by(reversed(body[:at])), *_set_by(body[at + 1 :])], tests)
            case ast.If(test=test, body=inner, orelse=other):
                yield from _sites_in(inner, [*tests, test])
                yield from _sites_in(other, [*tests, negated(test)])
            case _:
                for block in _blocks(statement):
                    yield from _sites_in(block, tests)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks inside of a statement."""
    for name in ("body", "orelse", "finalbody"):
        inside = getattr(statement, name, None)
        if isinstance(inside, list):
            yield inside
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _exception(statement: ast.Raise) -> str:
    """The class of the exception; of one that was caught before, how it is written."""
    named = raised_by(statement)
    if named is not None:
        return named
    return f"raise {ast.unparse(statement.exc)}" if statement.exc is not None else "raise"


def _set_by(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """What the first statements assign, up to one that does anything else."""
    for statement in statements:
        match statement:
            case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript() as target]):
                yield ast.unparse(target)
            case _:
                return


# --- the tests on the paths to the sites, with locals followed


def _followed(
    module: Module, qualname: str, written: Mapping[ast.stmt, object]
) -> dict[ast.stmt, list[list[ast.expr]]]:
    """The tests on each path to a site, locals followed; nothing for one that cannot be reached that way."""
    kinds = {type(statement) for statement in written}
    found: dict[ast.stmt, list[list[ast.expr]]] = {}
    try:
        for statement, path in paths_to(tuple(kinds), module, qualname, _OPTIONS):
            if statement in written:
                found.setdefault(statement, []).append(_tests(path))
    except UnknownShapeError:
        return {}  # an asynchronous function, or too many paths
    return found


def _tests(path: Path) -> list[ast.expr]:
    return [test.expression if test.holds else negated(test.expression) for test in path.tests]


def negated(test: ast.expr) -> ast.expr:
    """The opposite of a test, in the shortest form."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.Compare(left=left, ops=[op], comparators=others) if type(op) in _OPPOSITE:
            return ast.Compare(left=left, ops=[_OPPOSITE[type(op)]], comparators=others)
    return ast.UnaryOp(op=ast.Not(), operand=test)


def _text(paths: Collection[list[ast.expr]], innermost: list[ast.expr]) -> str:
    """A condition for display; several paths are alternatives.

    Args:
        paths: the tests on each of them.
        innermost: the innermost test as it is written, which is added where not all could be followed.
    """
    found = dict.fromkeys(_conjunction(tests) for tests in paths)
    if "" in found:
        return ""
    text = next(iter(found)) if len(found) == 1 else " or ".join(f"({each})" for each in found)
    if UNKNOWN in text and innermost:
        written = ast.unparse(innermost[0])
        text = written if text == UNKNOWN else f"{written} where {text}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}{UNKNOWN}"


def _conjunction(tests: list[ast.expr]) -> str:
    shown = dict.fromkeys(ast.unparse(_shortened(test)) for test in tests)
    shown.pop(UNKNOWN, None)
    shown.pop(f"not {UNKNOWN}", None)
    if not shown:
        return UNKNOWN if tests else ""
    return ast.unparse(all_of([ast.parse(each, mode="eval").body for each in shown]))


def _shortened(node: ast.AST) -> ast.AST:
    """An expression in which a value that cannot be followed is an ellipsis."""
    if isinstance(node, ast.Call) and is_unknown(node):
        return ast.Constant(value=Ellipsis)
    made = rebuilt(node, _shortened)
    match made:
        case ast.UnaryOp(op=ast.Not(), operand=ast.expr() as inner):
            return negated(inner)
    return made
