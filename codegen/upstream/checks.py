"""Which values a function refuses: its ``raise`` statements, and the conditions that lead there.

Constructors and ``validate`` methods are read in the same way. Combinations of values are rules, which an
engine reads itself.
"""

import ast
import builtins
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    ORDERINGS,
    And,
    Compare,
    Condition,
    Constant,
    HasType,
    IsTrue,
    Name,
    Not,
    Or,
    atoms,
    conjuncts,
    partial_eval,
)
from codegen.model.origins import Symbol
from codegen.model.regions import NOTHING, Region, extent
from codegen.model.types import Choice
from codegen.model.values import PlainValue
from codegen.upstream import signatures
from codegen.upstream.expressions import Lazy, unknown
from codegen.upstream.flow import Path
from codegen.upstream.paths import paths_to
from codegen.upstream.reader import Reader, attribute
from codegen.upstream.symbols import Module, remembered, walk

CHECKING = (ast.Raise, ast.Assert, ast.Expr)
"""Kinds of statements that may refuse a value."""

_HARMLESS = ("logging", "warnings")
"""Modules whose functions refuse nothing."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which values of one argument are refused.

    Args:
        numbers: those that surely end in a raise.
        choices: the only values that are accepted, None if it is not a membership test.
        takes_none: False if None surely ends in a raise.
        unread: symbols of functions that raise depending on the value in a way that is not understood.
    """

    numbers: Region = NOTHING
    choices: Choice | None = None
    takes_none: bool = True
    unread: tuple[Symbol, ...] = ()

    def __or__(self, other: "Refusal") -> "Refusal":
        """What either refuses."""
        return Refusal(
            numbers=self.numbers | other.numbers,
            choices=_common(self.choices, other.choices),
            takes_none=self.takes_none and other.takes_none,
            unread=tuple(dict.fromkeys((*self.unread, *other.unread))),
        )


@dataclass(frozen=True, slots=True)
class Raise:
    """A statement that raises.

    Args:
        when: what has to hold for it to be reached.
        about: the values that the tests on the path use.
        symbol: of the function that contains it.
        statement: itself, or the call that may raise.
    """

    when: Condition
    about: tuple[str, ...]
    symbol: Symbol
    statement: ast.stmt


def raises(module: Module, function: str, reader: Reader) -> tuple[Raise, ...]:
    """Every statement that raises depending on a value, in a function and in those that it calls.

    Raises:
        UnknownShapeError: the function is not there, or too large to be followed.
    """
    return raises_among(paths_to(CHECKING, module, function), module, reader)


def raises_among(
    reached: Iterable[tuple[ast.stmt, Path]], module: Module, reader: Reader
) -> tuple[Raise, ...]:
    """Those of some statements that raise depending on a value.

    A call of a function from elsewhere may raise, too, if it is given a value.
    """
    found = []
    for statement, path in reached:
        match statement:
            case ast.Raise() | ast.Assert():
                found.append(_raise(statement, path, module.symbol(path.function), reader))
            case ast.Expr(value=ast.Call() as call) if _may_refuse(call, path, module, reader):
                handed = path.assuming(Lazy.of(unknown(path.resolve(call))))
                symbol = module.symbol(_named(call, path.function))
                found.append(_raise(statement, handed, symbol, reader))
    return tuple(each for each in found if each.about and each.when != NEVER)


def _raise(statement: ast.stmt, path: Path, symbol: Symbol, reader: Reader) -> Raise:
    about = dict.fromkeys(name for test in path.tests for name in reader.mentioned(test.expression))
    return Raise(reader.condition(path) if about else NEVER, tuple(about), symbol, statement)


def _may_refuse(call: ast.Call, path: Path, module: Module, reader: Reader) -> bool:
    """Whether a statement that is nothing but a call may check a value."""
    match call.func:
        case ast.Name(id=name):
            is_elsewhere = not hasattr(builtins, name)
        case ast.Attribute(value=ast.Name(id=root)) if root in reader.owners:
            return True  # a method of a base that is not here
        case ast.Attribute(value=ast.Name(id=root)):
            is_elsewhere = root in _imported(module)
        case _:
            return False
    given = [path.resolve(each) for each in signatures.passed_values(call)]
    return is_elsewhere and any(reader.is_value(each) for each in given)


def _named(call: ast.expr, function: str) -> str:
    """The function to blame for a call: a method of the same class, or else the function that calls."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
            return f"{function.rpartition('.')[0]}.{name}"
    return function


@remembered
def _imported(module: Module) -> frozenset[str]:
    """The names that a module imports, except those of modules that check nothing."""
    nested = [each for top in module.tree.body if isinstance(top, ast.If | ast.Try) for each in walk(top)]
    found = [each for each in (*module.tree.body, *nested) if isinstance(each, ast.Import | ast.ImportFrom)]
    names = {alias.asname or alias.name.partition(".")[0] for each in found for alias in each.names}
    return frozenset(names.difference(_HARMLESS))


def refusal(raised: Iterable[Raise], name: str) -> Refusal:
    """Which values of one argument are surely refused, whatever else is given.

    Args:
        raised: statements that raise, each depending on the value.
        name: of the value, in their conditions.
    """
    found = Refusal()
    for each in raised:
        takes_none = _holds_of_none(each.when, name) is not True
        if (choices := _closed_set(each.when, name)) is not None:
            found |= Refusal(choices=choices, takes_none=takes_none)
            continue
        region = extent(each.when, name)
        is_of_numbers = region.surely == NOTHING or _compares_numbers(each.when)
        numbers = region.surely if is_of_numbers else NOTHING
        unread = () if region.is_exact and is_of_numbers else (each.symbol,)
        found |= Refusal(numbers=numbers, takes_none=takes_none, unread=unread)
    return found


def _compares_numbers(when: Condition) -> bool:
    """Whether a condition compares with a number; one that does not may be about a text or a list."""
    compared = [atom for atom in atoms(when) if isinstance(atom, Compare)]
    terms = [term for atom in compared for term in (atom.left, atom.right)]
    return any(isinstance(term, Constant) and type(term.value) in (int, float) for term in terms)


def _holds_of_none(when: Condition, name: str) -> bool | None:
    """Whether a condition holds where a value is None, whatever else is given; None if that is unknown.

    An ordering is unknown: comparing None is an error of its own.
    """
    match when:
        case And(of=parts) | Or(of=parts):
            found = {_holds_of_none(part, name) for part in parts}
            decisive = isinstance(when, Or)
            return decisive if decisive in found else None if None in found else not decisive
        case Not(of=inner):
            holds = _holds_of_none(inner, name)
            return None if holds is None else not holds
        case HasType(of=Name(path=path)) | IsTrue(of=Name(path=path)) if path == name:
            return False
        case Compare(left=Name(path=path), op=op, right=Constant()) if path == name and op not in ORDERINGS:
            return partial_eval(when, {name: None}) == ALWAYS
    return None


def _closed_set(when: Condition, name: str) -> Choice | None:
    """The only values that are let through, if a condition lists them; None is not one of them."""
    allowed: list[PlainValue] = []
    is_closed = False
    for part in conjuncts(when):
        match part:
            case Compare(left=Name(path=path), op="not in", right=Constant(value=tuple(values))) if (
                path == name
            ):
                is_closed = True
                allowed += values
            case Compare(left=Name(path=path), op="!=" | "is not", right=Constant(value=value)) if (
                path == name
            ):
                is_closed = is_closed or isinstance(value, str)
                allowed.append(value)
            case _:
                return None
    known = [value for value in allowed if isinstance(value, str | int)]
    is_known = len(known) + allowed.count(None) == len(allowed)
    return Choice(tuple(dict.fromkeys(known))) if is_closed and is_known else None


def _common(one: Choice | None, other: Choice | None) -> Choice | None:
    """The values that are in both of two sets; None means all values."""
    if one is None or other is None:
        return one or other
    return Choice(tuple(value for value in one.values if value in other.values))


def argument_reader(function: ast.FunctionDef) -> Reader:
    """Reads tests of a function's arguments, and of the attributes of ``self`` that have their names."""
    arguments = signatures.names(function.args) - {"self"}

    def read_term(node: ast.expr) -> Name | None:
        name = node.id if isinstance(node, ast.Name) else attribute(node, ("self",))
        return Name(name) if name is not None and name in arguments else None

    return Reader(read_term, owners=("self",))


def field_reader(fields: Collection[str]) -> Reader:
    """Reads tests of the attributes of ``self``."""

    def read_term(node: ast.expr) -> Name | None:
        name = attribute(node, ("self",))
        return Name(name) if name is not None and name in fields else None

    return Reader(read_term, owners=("self",))
