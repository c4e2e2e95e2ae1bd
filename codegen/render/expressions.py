"""Conditions as expressions of the library's ``conditions`` module.

``num_beams > 1 and not do_sample`` is printed as ``all_of(v.num_beams > 1, not_(v.do_sample))``.

Where a condition contains one that has a name in the Schema, that name is printed.
"""

import keyword
from collections.abc import Mapping

from codegen.errors import RenderError
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    And,
    Compare,
    Condition,
    Constant,
    HasType,
    IsTrue,
    Name,
    Not,
    Or,
    Remainder,
    Subset,
    Summary,
    Term,
    Unknown,
    negated,
)
from codegen.render.python import Code, identifier, literal

FUNCTIONS = (
    "ALWAYS",
    "Constant",
    "NEVER",
    "Value",
    "all_of",
    "any_of",
    "highest",
    "length",
    "lowest",
    "not_",
    "subset",
    "v",
)
"""What an expression uses from the library's module."""

_METHODS = {"is": "is_", "is not": "is_not", "in": "in_", "not in": "not_in"}
_OWN_ATTRIBUTES = frozenset({*_METHODS.values(), "holds"})
"""The attributes of the library's ``Value`` itself, which the name of a parameter cannot use."""


class Printer:
    """Prints conditions, with the named ones by name, and records in ``used`` which names it printed.

    Args:
        names: the named conditions.
    """

    def __init__(self, names: Mapping[str, Condition]) -> None:
        self.used: set[str] = set()
        self._names: dict[Condition, tuple[str, str]] = {}
        for name, condition in names.items():
            self._names[condition] = (name, identifier(name))
            if isinstance(condition, Compare) and not isinstance(opposite := negated(condition), Not):
                self._names[opposite] = (name, f"not_({name})")
        compound = (condition for condition in self._names if isinstance(condition, And | Or))
        self._longest_first = sorted(compound, key=lambda condition: -len(condition.of))

    def expression(self, condition: Condition) -> Code:
        """The expression for a condition.

        Raises:
            RenderError: a name in it is not an ASCII identifier.
        """
        return Code(self._condition(condition))

    def _named(self, condition: Condition) -> str:
        name, code = self._names[condition]
        self.used.add(name)
        return code

    def _condition(self, condition: Condition) -> str:
        if condition in self._names:
            return self._named(condition)
        match condition:
            case And():
                return "ALWAYS" if condition == ALWAYS else f"all_of({self._parts(condition)})"
            case Or():
                return "NEVER" if condition == NEVER else f"any_of({self._parts(condition)})"
            case Not(of=inner):
                return f"not_({self._condition(inner)})"
            case IsTrue(of=name):
                return _value(name)
            case Subset(of=of, among=among):
                return f"subset({_value(of)}, {_value(among)})"
            case Compare():
                return _comparison(condition)
            case HasType() | Unknown():
                raise RenderError("a condition that was only read from source has no written form")

    def _parts(self, condition: And | Or) -> str:
        """The parts; where several in a row are together a named condition, its name."""
        parts, printed = condition.of, []
        while parts:
            named = next(
                (name for name in self._longest_first if _starts_with(parts, name, type(condition))), None
            )
            printed.append(self._named(named) if named else self._condition(parts[0]))
            parts = parts[len(named.of) if named else 1 :]
        return ", ".join(printed)


def _starts_with(parts: tuple[Condition, ...], start: Condition, kind: type[And | Or]) -> bool:
    return isinstance(start, kind) and parts[: len(start.of)] == start.of


def _comparison(condition: Compare) -> str:
    left, right = _term(condition.left), _term(condition.right)
    if isinstance(condition.left, Constant):
        left = f"Constant({left})"  # so that the comparison is the library's, in this order
    if condition.op in _METHODS:
        left = f"({left})" if isinstance(condition.left, Remainder) else left
        return f"{left}.{_METHODS[condition.op]}({right})"
    return f"{left} {condition.op} {right}"


def _term(term: Term) -> str:
    match term:
        case Name():
            return _value(term)
        case Summary(function=function, of=name):
            return f"{identifier(function)}({_value(name)})"
        case Remainder(of=of, by=by):
            return f"{_value(of)} % {_term(by)}"
        case Constant(value=value):
            return literal(value)


def _value(name: Name) -> str:
    steps = name.path.split(".")
    if any(keyword.iskeyword(step) or step in _OWN_ATTRIBUTES for step in steps):
        return f"Value({literal(name.path)})"
    if any(step.startswith("_") for step in steps):
        raise RenderError(f"{name.path!r} is not a public name, so no condition can use it.")
    return f"v.{'.'.join(map(identifier, steps))}"
