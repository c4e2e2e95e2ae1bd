"""Conditions as text: read from Python's expressions, and written as such.

:func:`parse` reads what a person wrote, in the notation that :mod:`codegen.model.conditions` explains, and
:func:`text` writes it. :func:`read` reads a syntax tree by a :class:`Grammar`, which says which expression is
a value there; :mod:`codegen.upstream.reader` reads upstream's tests with it.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    SUMMARIES,
    And,
    Compare,
    Condition,
    Constant,
    HasType,
    IsTrue,
    Name,
    Not,
    Op,
    Or,
    Remainder,
    Subset,
    Summary,
    Term,
    Unknown,
    all_of,
    any_of,
    negated,
)
from codegen.model.values import freeze

OPERATORS: dict[type[ast.cmpop], Op] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


class UnreadableConditionError(ValueError):
    """The text, or the piece of source, is not a known condition."""


ReadTerm = Callable[[ast.expr], Term | None]
"""Reads an expression that is a value; None for any other."""


ReadCondition = Callable[[ast.expr], "Condition | None"]
"""Reads an expression that is one condition; None for one that has to be taken apart."""


def parse(text: str) -> Condition:
    """Read a hand-written condition.

    Raises:
        UnreadableConditionError: the text is not a condition.
    """
    try:
        return read(ast.parse(text.strip(), mode="eval").body, Grammar(_read_written_term))
    except UnreadableConditionError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableConditionError(f"cannot read {text!r:.200} as a condition") from error


def _read_written_term(node: ast.expr) -> Term | None:
    """The value that an expression of a hand-written condition stands for; None for any other expression."""
    match node:
        case ast.Name(id=name):
            return Name(name)
        case ast.Attribute(value=value, attr=attribute):
            outer = _read_written_term(value)
            return Name(f"{outer.path}.{attribute}") if isinstance(outer, Name) else None
        case ast.Call(func=ast.Name(id=function), args=[argument], keywords=[]) if function in SUMMARIES:
            inner = _read_written_term(argument)
            return Summary(function, inner) if isinstance(inner, Name) else None
    return None


@dataclass(frozen=True, slots=True)
class Grammar:
    """How expressions are read when a condition is read from a syntax tree.

    Args:
        read_term: reads an expression that is a value; None for any other.
        read_condition: reads an expression that is one condition; None for one that has to be taken apart. It
            is asked first.
        unreadable: makes a condition of what cannot be read; by default that is an error.
    """

    read_term: ReadTerm
    read_condition: ReadCondition = lambda _: None
    unreadable: Callable[[ast.expr], "Condition"] | None = None


def read(node: ast.expr, grammar: Grammar) -> Condition:
    """Read a condition from a syntax tree, simplified.

    Raises:
        UnreadableConditionError: a part of it is not known, and the grammar does not handle that.
    """
    if (stated := grammar.read_condition(node)) is not None:
        return stated
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all_of(*(read(part, grammar) for part in parts))
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any_of(*(read(part, grammar) for part in parts))
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return negated(read(part, grammar))
        case ast.Compare(left=left, ops=[first, *ops], comparators=[middle, *rest]) if rest:
            head = ast.Compare(left=left, ops=[first], comparators=[middle])
            tail = ast.Compare(left=middle, ops=ops, comparators=rest)
            return all_of(read(head, grammar), read(tail, grammar))
    try:
        return _atom(node, grammar.read_term)
    except UnreadableConditionError:
        if grammar.unreadable is None:
            raise
        return grammar.unreadable(node)


def _atom(node: ast.expr, read_term: ReadTerm) -> Condition:
    """A condition that does not consist of others."""
    match node:
        case ast.Constant(value=bool(value)):
            return ALWAYS if value else NEVER
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _comparison(_term(left, read_term), OPERATORS[type(op)], _term(right, read_term))
        case (
            ast.Call(func=ast.Name(id="subset"), args=[one, other], keywords=[])
            | ast.Call(func=ast.Attribute(value=one, attr="issubset"), args=[other], keywords=[])
        ):
            of, among = read_term(one), read_term(other)
            if isinstance(of, Name) and isinstance(among, Name):
                return Subset(of, among)
    found = read_term(node)
    if isinstance(found, Name):
        return IsTrue(found)
    raise UnreadableConditionError(f"cannot read {ast.unparse(node)!r:.200} as a condition")


def _comparison(left: Term, op: Op, right: Term) -> Compare:
    """A comparison that makes sense for any value.

    That is ``is`` with a constant, ``in`` with a table, equality, or an ordering of numbers.
    """
    compared = Compare(left, op, right)
    match op, right:
        case "is" | "is not", Constant(value=None | bool()):
            return compared
        case "in" | "not in", Constant(value=tuple()):
            return compared
        case "==" | "!=", _:
            return compared
        case "<" | "<=" | ">" | ">=", _ if all(map(_is_ordered, (left, right))):
            return compared
    raise UnreadableConditionError(f"cannot compare in {text(compared)!r:.200}")


def _is_ordered(term: Term) -> bool:
    return not isinstance(term, Constant) or type(term.value) in (int, float)


def _term(node: ast.expr, read_term: ReadTerm) -> Term:
    found = read_term(node)
    if found is not None:
        return found
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        of, by = read_term(node.left), _divisor(node.right, read_term)
        if isinstance(of, Name) and by is not None:
            return Remainder(of, by)
    try:
        value = ast.literal_eval(node)
        constant = Constant(freeze(sorted(value, key=repr) if isinstance(value, set) else value, finite=True))
        hash(constant)  # mappings are not part of a condition
    except (ValueError, TypeError) as error:
        raise UnreadableConditionError(f"cannot read {ast.unparse(node)!r:.200} as a value") from error
    return constant


def _divisor(node: ast.expr, read_term: ReadTerm) -> Name | Constant | None:
    match node, read_term(node):
        case ast.Constant(value=int(number)), _ if number > 0:
            return Constant(int(number))
        case _, Name() as name:
            return name
    return None


def text(condition: Condition) -> str:
    """The condition in its written form, which :func:`parse` reads.

    Raises:
        ValueError: it was read from source, and a part of it has no written form.
    """
    match condition:
        case And(of=()):
            return "True"
        case Or(of=()):
            return "False"
        case IsTrue(of=name):
            return name.path
        case Compare(left=left, op=op, right=right):
            return f"{_term_text(left)} {op} {_term_text(right)}"
        case Subset(of=of, among=among):
            return f"subset({of.path}, {among.path})"
        case Not(of=inner):
            inside = text(inner)
            return f"not {inside}" if isinstance(inner, IsTrue | Subset) else f"not ({inside})"
        case And(of=parts):
            return " and ".join(f"({text(part)})" if isinstance(part, Or) else text(part) for part in parts)
        case Or(of=parts):
            return " or ".join(map(text, parts))
        case HasType() | Unknown():
            raise ValueError("it was only read from source, and has no written form")


def _term_text(term: Term) -> str:
    match term:
        case Name(path=path):
            return path
        case Summary(function=function, of=name):
            return f"{function}({name.path})"
        case Remainder(of=of, by=by):
            return f"{of.path} % {_term_text(by)}"
        case Constant(value=value):
            return repr(value)
