"""Conditions of rules, as expressions that can be evaluated and printed.

A generated rule is written with these: ``all_of(v.num_beams > 1, not_(v.do_sample))``. The object that
evaluates the condition also gives its text, ``num_beams > 1 and not do_sample``, so each condition is in
the rules once and the two cannot differ. The alternatives were worse: a lambda with a text next to it says
everything twice, and a text that is compiled when it is first needed takes a second parser, and ``eval``.

An expression looks values up by name in a mapping (:class:`llenergymeasure.config.resolution.Values`).
``and`` and ``or`` stop at the first part that decides them. An ordering comparison with None is false.

:mod:`llenergymeasure.config.rules` evaluates the conditions. The grammar is that of
``codegen.model.conditions``; each refresh checks that both give the same answers and the same texts.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda value, table: value in table,
    "not in": lambda value, table: value not in table,
}
_OPPOSITE = {
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}
_ORDERINGS = frozenset({"<", "<=", ">", ">="})


class UnknownValueError(KeyError):
    """A condition needs a value that is not known: the rule is then undecided."""


class Condition:
    """Something that is true or false for given values of parameters and facts."""

    __slots__ = ()

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it is true for these values, which it looks up by name.

        Raises:
            UnknownValueError: it needs a value that is not known.
        """
        return self._holds(values)

    def _holds(self, values: Mapping[str, Any]) -> bool:
        raise NotImplementedError

    def __bool__(self) -> bool:
        raise TypeError(
            "a condition is not true or false by itself; holds(values) evaluates it, not_() negates it"
        )


class Term(Condition):
    """An expression that has a value. Used as a condition, it holds if the value counts as true."""

    __slots__ = ()

    def _value(self, values: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def _holds(self, values: Mapping[str, Any]) -> bool:
        return bool(self._value(values))

    __hash__ = None  # type: ignore[assignment]  # `==` makes a condition

    def __eq__(self, other: object) -> "Comparison":  # type: ignore[override]  # as above
        return Comparison(self, "==", _term(other))

    def __ne__(self, other: object) -> "Comparison":  # type: ignore[override]  # as above
        return Comparison(self, "!=", _term(other))

    def __lt__(self, other: object) -> "Comparison":
        return Comparison(self, "<", _term(other))

    def __le__(self, other: object) -> "Comparison":
        return Comparison(self, "<=", _term(other))

    def __gt__(self, other: object) -> "Comparison":
        return Comparison(self, ">", _term(other))

    def __ge__(self, other: object) -> "Comparison":
        return Comparison(self, ">=", _term(other))

    def is_(self, constant: bool | None) -> "Comparison":
        """Whether the value is None, True or False itself."""
        return Comparison(self, "is", Constant(constant))

    def is_not(self, constant: bool | None) -> "Comparison":
        """The opposite of :meth:`is_`."""
        return Comparison(self, "is not", Constant(constant))

    def in_(self, table: tuple[Any, ...]) -> "Comparison":
        """Whether the value is one of those in the table."""
        return Comparison(self, "in", Constant(table))

    def not_in(self, table: tuple[Any, ...]) -> "Comparison":
        """The opposite of :meth:`in_`."""
        return Comparison(self, "not in", Constant(table))


class Constant(Term):
    """A constant. It is written as ``Constant(2)`` only on the left side of a comparison."""

    __slots__ = ("_constant",)

    def __init__(self, value: object) -> None:
        self._constant = value

    def _value(self, values: Mapping[str, Any]) -> Any:  # noqa: ARG002 - it needs none
        return self._constant

    def __str__(self) -> str:
        return repr(self._constant)


def _term(value: object) -> Term:
    return value if isinstance(value, Term) else Constant(value)


class Value(Term):
    """A value by its name; ``Value("cache_config").nbits`` is an argument of that value.

    Args:
        name: the name of a parameter, as ``num_beams``; of an argument of one, as ``cache_config.nbits``; or
            of a fact, as ``model.vocab_size``.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> "Value":
        if name.startswith("_"):
            raise AttributeError(name)
        return Value(f"{self._name}.{name}")

    def __mod__(self, by: "Value | int") -> Term:
        return _Remainder(self, _term(by))

    def _value(self, values: Mapping[str, Any]) -> Any:
        return values[self._name]

    def __str__(self) -> str:
        return self._name


class _Names:
    """Gives :class:`Value` objects as attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_"):
            raise AttributeError(name)
        return Value(name)


v = _Names()
"""``v.num_beams`` is the value of the parameter ``num_beams``, ``v.model.vocab_size`` that of a fact."""


class _Remainder(Term):
    """The remainder of a value after division."""

    __slots__ = ("_by", "_of")

    def __init__(self, of: Value, by: Term) -> None:
        self._of, self._by = of, by

    def _value(self, values: Mapping[str, Any]) -> Any:
        return self._of._value(values) % self._by._value(values)

    def __str__(self) -> str:
        return f"{self._of} % {self._by}"


class _Summary(Term):
    """A number computed from a value that may be a container, such as its length."""

    __slots__ = ("_function", "_of")

    def __init__(self, function: Callable[[object], int], of: Value) -> None:
        self._function, self._of = function, of

    def _value(self, values: Mapping[str, Any]) -> int:
        return self._function(self._of._value(values))

    def __str__(self) -> str:
        return f"{self._function.__name__.removeprefix('_')}({self._of})"


def highest(value: Value) -> Term:
    """The largest whole number anywhere in a value, such as a token id; -1 if there is none."""
    return _Summary(_highest, value)


def lowest(value: Value) -> Term:
    """The smallest whole number anywhere in a value; 0 if there is none."""
    return _Summary(_lowest, value)


def length(value: Value) -> Term:
    """How many entries a list has; 0 for anything else."""
    return _Summary(_length, value)


def _highest(value: object) -> int:
    return max(_numbers(value), default=-1)


def _lowest(value: object) -> int:
    return min(_numbers(value), default=0)


def _length(value: object) -> int:
    return len(value) if isinstance(value, list | tuple) else 0


def _numbers(value: object) -> Iterator[int]:
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        yield from _numbers((*value, *value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)


class Comparison(Condition):
    """A term compared with another."""

    __slots__ = ("_left", "_op", "_right")

    def __init__(self, left: Term, op: str, right: Term) -> None:
        self._left, self._op, self._right = left, op, right

    def _holds(self, values: Mapping[str, Any]) -> bool:
        left = self._left._value(values)
        if left is None and self._op in _ORDERINGS:
            return False
        right = self._right._value(values)
        if right is None and self._op in _ORDERINGS:
            return False
        return _COMPARE[self._op](left, right)

    def opposite(self) -> Condition:
        """What holds exactly where this does not."""
        if self._op in _OPPOSITE:
            return Comparison(self._left, _OPPOSITE[self._op], self._right)
        return _Not(self)  # with None both `<` and `>=` are false

    def __str__(self) -> str:
        return f"{self._left} {self._op} {self._right}"


class _Subset(Condition):
    """Whether one list of tokens is contained in another; see :func:`subset`."""

    __slots__ = ("_among", "_of")

    def __init__(self, of: Value, among: Value) -> None:
        self._of, self._among = of, among

    def _holds(self, values: Mapping[str, Any]) -> bool:
        of, among = self._of._value(values), self._among._value(values)  # undecided unless both are known
        tokens = _as_tokens(of)
        return bool(tokens) and set(tokens) <= set(_as_tokens(among))

    def __str__(self) -> str:
        return f"subset({self._of}, {self._among})"


def subset(tokens: Value, among: Value) -> Condition:
    """True where the first value has tokens and each of them is in the second; a number is a list of one."""
    return _Subset(tokens, among)


def _as_tokens(tokens: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if tokens is None:
        return ()
    return (tokens,) if isinstance(tokens, int) else tuple(tokens)


class _Not(Condition):
    __slots__ = ("_of",)

    def __init__(self, of: Condition) -> None:
        self._of = of

    def _holds(self, values: Mapping[str, Any]) -> bool:
        return not self._of._holds(values)

    def __str__(self) -> str:
        return f"not {self._of}" if isinstance(self._of, Term | _Subset) else f"not ({self._of})"


class _All(Condition):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts

    def _holds(self, values: Mapping[str, Any]) -> bool:
        return all(part._holds(values) for part in self.parts)

    def __str__(self) -> str:
        texts = (f"({part})" if isinstance(part, _Any) else str(part) for part in self.parts)
        return " and ".join(texts) or "True"


class _Any(Condition):
    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Condition, ...]) -> None:
        self.parts = parts

    def _holds(self, values: Mapping[str, Any]) -> bool:
        return any(part._holds(values) for part in self.parts)

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts)) or "False"


def not_(condition: Condition) -> Condition:
    """What holds exactly where the condition does not."""
    return condition.opposite() if isinstance(condition, Comparison) else _Not(condition)


def all_of(*parts: Condition) -> Condition:
    """The condition that all parts hold; true without parts. Parts that are conjunctions are flattened."""
    return _All(
        tuple(
            condition for part in parts for condition in (part.parts if isinstance(part, _All) else (part,))
        )
    )


def any_of(*parts: Condition) -> Condition:
    """The condition that any part holds; false without parts. Parts that are disjunctions are flattened."""
    return _Any(
        tuple(
            condition for part in parts for condition in (part.parts if isinstance(part, _Any) else (part,))
        )
    )


ALWAYS = all_of()
NEVER = any_of()
