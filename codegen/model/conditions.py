"""Conditions over the values of parameters: a small closed algebra, for cross-field rules and preconditions.

A condition is written, and shown, in a subset of Python's expressions:

- names: a parameter (``num_beams``), an argument of its nested class (``cache_config.nbits``), a key of
  ``extra`` (``extra.custom_generate``), or a fact of the run (``model.vocab_size``,
  ``call.batch_size``, ``device.type``, ``packages.hqq``);
- a name alone (whether it counts as true), ``and``, ``or``, ``not``, one comparison at a time, ``is None``,
  ``in (...)``;
- ``subset(a, b)``: a has tokens, and every one of them is one of b (a number counts as a list of one), so
  that ``subset(a, a)`` says that a has tokens;
- ``highest(a)`` and ``lowest(a)``: the largest and the smallest number anywhere inside of a, -1 and 0 if
  there is none; ``length(a)``: how many entries a list has, 0 for anything else; ``a % b``: the remainder.

An ordering comparison with None, on either side, is false. An unknown value makes a condition undecided, not
false. What is read from source may have parts without a written form: :class:`HasType` and :class:`Unknown`.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from codegen.model.values import PlainValue

FACT_PREFIXES = ("model", "call", "device", "packages")
"""What the name of a fact can begin with, as in ``model.vocab_size``."""

SUMMARIES = ("highest", "lowest", "length")
"""Functions that turn a whole value into one number."""

Op = Literal["==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"]
_OPPOSITE: dict[Op, Op] = {
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}
ORDERINGS = ("<", "<=", ">", ">=")
_RELATIONS: dict[Op, Callable[[Any, Any], object]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda value, among: value in among,
    "not in": lambda value, among: value not in among,
}


@dataclass(frozen=True, slots=True)
class Name:
    """A value, by its name; the name is dotted where the value is inside of another one."""

    path: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal value."""

    value: PlainValue


@dataclass(frozen=True, slots=True)
class Summary:
    """A number that summarises a whole value; one of :data:`SUMMARIES`."""

    function: str
    of: Name


@dataclass(frozen=True, slots=True)
class Remainder:
    """The remainder of a value after division by another, or by a whole number."""

    of: Name
    by: Name | Constant


Term = Name | Constant | Summary | Remainder


@dataclass(frozen=True, slots=True)
class IsTrue:
    """The value counts as true."""

    of: Name


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison."""

    left: Term
    op: Op
    right: Term


@dataclass(frozen=True, slots=True)
class Subset:
    """The first has tokens, and every one of them is one of the second's."""

    of: Name
    among: Name


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition, where there is no simpler way to write it (see :func:`negated`)."""

    of: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; with no parts it always holds."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds; with no parts it never holds."""

    of: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class HasType:
    """The value has one of the named types. It has no written form."""

    of: Name
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A condition that cannot be read. It has no written form.

    Two are equal only if they are the same piece of source.

    Args:
        about: the names of the values that it may depend on.
        source: the expression.
    """

    about: tuple[str, ...]
    source: ast.expr = field(repr=False)


Atom = IsTrue | Compare | Subset | HasType | Unknown
"""A condition that does not consist of others."""

Condition = Atom | Not | And | Or
ALWAYS = And(())
NEVER = Or(())


def all_of(*parts: Condition) -> Condition:
    """The conjunction of the parts: flat, without repetition, simplified."""
    required: list[Condition] = []
    for part in parts:
        for each in part.of if isinstance(part, And) else (part,):
            if each == NEVER or _opposite_is_in(required, each):
                return NEVER
            if each not in required:
                required.append(each)
    # What others imply is left out: `a is not None` beside `a > 1`, `subset(a, a)` beside `subset(a, b)`.
    not_none = {name for each in required for name in never_none(each)}
    required = [each for each in required if _compared_with_none(each, "is not") not in not_none]
    with_tokens = {each.of for each in required if isinstance(each, Subset) and each.of != each.among}
    required = [
        each for each in required if not (isinstance(each, Subset) and each.of == each.among in with_tokens)
    ]
    return required[0] if len(required) == 1 else And(tuple(required))


def any_of(*parts: Condition) -> Condition:
    """The disjunction of the parts: flat, without repetition, common parts in front, simplified."""
    alternatives: list[Condition] = []
    for part in parts:
        for each in part.of if isinstance(part, Or) else (part,):
            if each == ALWAYS or _opposite_is_in(alternatives, each):
                return ALWAYS
            if each not in alternatives:
                alternatives.append(each)
    # What implies another one is left out: `a is None` beside `not (a > 1)`, as no ordering holds of None.
    unordered = {name for each in alternatives if isinstance(each, Not) for name in _ordered(each.of)}
    alternatives = [each for each in alternatives if _compared_with_none(each, "is") not in unordered]
    shorter = [_without_opposites(each, alternatives) for each in alternatives]
    if shorter != alternatives:
        return any_of(*shorter)
    if len(alternatives) > 1 and (shared := _shared(alternatives)):
        rest = [all_of(*(each for each in conjuncts(part) if each not in shared)) for part in alternatives]
        return all_of(*shared, any_of(*rest))
    return alternatives[0] if len(alternatives) == 1 else Or(tuple(alternatives))


def _shared(alternatives: list[Condition]) -> list[Condition]:
    """The parts that every alternative requires."""
    first, *others = map(conjuncts, alternatives)
    return [each for each in first if all(each in parts for parts in others)]


def _opposite_is_in(parts: list[Condition], condition: Condition) -> bool:
    """Whether the opposite of a condition is among the parts.

    Only for conditions that do not consist of others: the parts of those were added one by one.
    """
    return bool(parts) and not isinstance(condition, And | Or) and negated(condition) in parts


def conjuncts(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that all have to hold: those of an :class:`And`, else itself."""
    return condition.of if isinstance(condition, And) else (condition,)


def _without_opposites(condition: Condition, alternatives: list[Condition]) -> Condition:
    """An alternative without parts whose opposite is another one: beside ``a``, ``not a and b`` is ``b``."""
    if not isinstance(condition, And):
        return condition
    return all_of(*(part for part in condition.of if negated(part) not in alternatives))


def _ordered(condition: Condition) -> tuple[str, ...]:
    """The names in an ordering, which is false where one of them is None."""
    match condition:
        case Compare(left=left, op=op, right=right) if op in ORDERINGS:
            return tuple(term.path for term in (left, right) if isinstance(term, Name))
    return ()


def never_none(condition: Condition) -> tuple[str, ...]:
    """The names that cannot be None where a condition holds: those of an ordering, or of a subset."""
    match condition:
        case Subset(of=of, among=among):
            return of.path, among.path
    return _ordered(condition)


def _compared_with_none(condition: Condition, op: Op) -> str | None:
    """The name that a condition compares with None by this operator; None for any other condition."""
    match condition:
        case Compare(left=Name(path=path), op=used, right=Constant(value=None)) if used == op:
            return path
    return None


def negated(condition: Condition) -> Condition:
    """The opposite, with ``not`` pushed inside as far as possible."""
    match condition:
        case Not(of=inner):
            return inner
        case And(of=parts):
            return any_of(*map(negated, parts))
        case Or(of=parts):
            return all_of(*map(negated, parts))
        case Compare(left=left, op=op, right=right) if op in _OPPOSITE:
            return Compare(left, _OPPOSITE[op], right)
    return Not(condition)  # also for orderings: with None neither `<` nor `>=` holds


def atoms(condition: Condition) -> Iterator[Atom]:
    """The conditions that it consists of and that do not consist of others, from left to right."""
    match condition:
        case And(of=parts) | Or(of=parts):
            for part in parts:
                yield from atoms(part)
        case Not(of=inner):
            yield from atoms(inner)
        case _:
            yield condition


def with_atoms(condition: Condition, change: Callable[[Atom], Condition]) -> Condition:
    """The condition with ``change`` applied to each of its :func:`atoms`, simplified."""
    match condition:
        case And(of=parts) | Or(of=parts):
            made = [with_atoms(part, change) for part in parts]
            if all(map(operator.is_, made, parts)):
                return condition
            return all_of(*made) if isinstance(condition, And) else any_of(*made)
        case Not(of=inner):
            other = with_atoms(inner, change)
            return condition if other is inner else negated(other)
    return change(condition)


def is_readable(condition: Condition) -> bool:
    """Whether a condition has a written form: nothing in it is unknown, or a check of a type."""
    return not any(isinstance(atom, HasType | Unknown) for atom in atoms(condition))


def names(condition: Condition) -> tuple[str, ...]:
    """Every name in it, in order, once."""
    return tuple(dict.fromkeys(name for atom in atoms(condition) for name in _in_atom(atom)))


def _in_atom(atom: Atom) -> list[str]:
    match atom:
        case IsTrue(of=name) | HasType(of=name):
            return [name.path]
        case Unknown(about=about):
            return list(about)
        case Compare(left=left, right=right):
            return [*_in_term(left), *_in_term(right)]
        case Subset(of=of, among=among):
            return [of.path, among.path]


def _in_term(term: Term) -> list[str]:
    match term:
        case Name(path=path) | Summary(of=Name(path=path)):
            return [path]
        case Remainder(of=of, by=by):
            return [of.path, *_in_term(by)]
    return []


def partial_eval(condition: Condition, known: Mapping[str, PlainValue]) -> Condition:
    """The condition with known values put in: :data:`ALWAYS` or :data:`NEVER` if they decide it."""
    return with_atoms(condition, lambda atom: _decided(atom, known))


def _decided(atom: Atom, known: Mapping[str, PlainValue]) -> Condition:
    match atom:
        case IsTrue(of=Name(path=path)) if path in known:
            return ALWAYS if known[path] else NEVER
        case Compare(left=left, op=op, right=right):
            first, second = _known(left, known), _known(right, known)
            if isinstance(first, Constant) and isinstance(second, Constant):
                try:
                    return ALWAYS if _holds(first.value, op, second.value) else NEVER
                except TypeError:  # a text and a number have no order
                    return atom
            if op in ORDERINGS and Constant(None) in (first, second):
                return NEVER
        case HasType(of=Name(path=path)) if path in known and known[path] is None:
            return NEVER
    return atom


def _known(term: Term, known: Mapping[str, PlainValue]) -> Term:
    match term:
        case Name(path=path) if path in known:
            return Constant(known[path])
        case Remainder(of=of, by=by):
            match _known(of, known), _known(by, known):
                case Constant(value=int(value)), Constant(value=int(divisor)) if divisor:
                    return Constant(value % divisor)
    return term


def _holds(first: PlainValue, op: Op, second: PlainValue) -> bool:
    if op in ORDERINGS and (first is None or second is None):
        return False
    return bool(_RELATIONS[op](first, second))
