"""The rules that the child found, compared with the Schema: their texts, and what their conditions answer."""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from codegen.model.condition_text import text
from codegen.model.conditions import (
    And,
    Compare,
    Condition,
    Constant,
    IsTrue,
    Name,
    Not,
    Or,
    Remainder,
    Subset,
    Summary,
    Term,
    conjuncts,
    names,
)
from codegen.model.schema import Rule, Schema
from codegen.model.values import PlainValue
from codegen.proof.difference import Difference, differs
from codegen.proof.evaluation import decide, is_settled
from codegen.review.refusals import triggers
from codegen.upstream.engine import Engine

_DRAWN = 12
"""Assignments to each condition that are drawn, besides those around one under which it holds."""

_TOKENS: tuple[PlainValue, ...] = (None, (), 1, (1,), (1, 2), (2, 3))
_SMALL: tuple[PlainValue, ...] = (None, 1, 2, 3)
_FLAGS: tuple[PlainValue, ...] = (None, False, True)


def rule_differences(
    found: list[Mapping[str, str | None]], schema: Schema, engine: Engine
) -> Iterator[Difference]:
    """What is different about what the rules say."""
    meant = [
        {
            "when": text(rule.when),
            "need": None if rule.need is None else text(rule.need),
            "id": repr(rule.id),
            "effect": repr(rule.effect),
            "fields": repr(rule.fields),
            "triggers": repr(triggers(rule, schema.params, engine.model_owned)),
            "message": repr(rule.message),
            "tightening": repr(rule.tightening),
        }
        for rule in schema.rules
    ]
    yield from differs(
        "rules", "the list of rules", [each["id"] for each in found], [each["id"] for each in meant]
    )
    for one, other in zip(found, meant, strict=False):
        ordered = {key: one.get(key) for key in other}
        yield from differs("rules", f"the rule {other['id']}", ordered, other)


@dataclass(frozen=True, slots=True)
class Question:
    """A condition, and the values that it is evaluated on.

    Args:
        rule: the number of the rule.
        key: ``when`` or ``need``.
        values: by name.
    """

    rule: int
    key: str
    values: dict[str, PlainValue]


def questions(rules: tuple[Rule, ...]) -> list[Question]:
    """The conditions of the rules, each with values to evaluate it on."""
    return [
        Question(number, key, values)
        for number, rule in enumerate(rules)
        for key, condition in (("when", rule.when), ("need", rule.need))
        if condition is not None
        for values in _assignments(condition)
    ]


def answer_differences(
    asked: list[Question], answers: list[bool | None], rules: tuple[Rule, ...]
) -> Iterator[Difference]:
    """What is different about the answers.

    Where a part of a condition is undecided, the library, which asks from left to right, need not decide it.
    """
    for question, answer in zip(asked, answers, strict=True):
        rule, values = rules[question.rule], question.values
        condition = rule.when if question.key == "when" else rule.need
        assert condition is not None
        meant = decide(condition, values)
        if answer != meant and (answer is not None or is_settled(condition, values)):
            said = f"with {values!r:.300} it is {answer}, not {meant}"
            yield Difference("conditions", f"the condition {question.key} of the rule {rule.id!r}: {said}.")


def _assignments(condition: Condition) -> Iterator[dict[str, PlainValue]]:
    """Values under which it holds, then with one changed or left out at a time, then some at random."""
    grid = _grid(condition)
    base = {name: values[0] for name, values in grid.items()} | _holding(condition, grid)
    yield base
    for name, values in grid.items():
        yield from (base | {name: value} for value in values if value is not base[name])
        yield {other: value for other, value in base.items() if other != name}
    draw = random.Random(0)  # noqa: S311 - a fixed sample, not a secret
    for _ in range(_DRAWN if len(grid) > 1 else 0):
        yield {name: draw.choice(values) for name, values in grid.items()}


def _holding(condition: Condition, grid: Mapping[str, tuple[PlainValue, ...]]) -> dict[str, PlainValue]:
    """Values under which all parts of a condition hold, as far as each part by itself shows."""
    found: dict[str, PlainValue] = {}
    for part in conjuncts(condition):
        asked = [name for name in names(part) if name not in found]
        for values in product(*(grid[name] for name in asked)):
            chosen = found | dict(zip(asked, values, strict=True))
            if decide(part, chosen):
                found = chosen
                break
    return found


def _grid(condition: Condition) -> dict[str, tuple[PlainValue, ...]]:
    """For each name, the values that matter to the condition: around its constants, and None."""
    found: dict[str, dict[str, PlainValue]] = {name: {} for name in names(condition)}
    for name, values in _atoms(condition):
        found[name] |= {repr(value): value for value in values}
    return {name: tuple(values.values()) for name, values in found.items()}


def _atoms(condition: Condition) -> Iterator[tuple[str, Iterable[PlainValue]]]:
    match condition:
        case IsTrue(of=name):
            yield name.path, _FLAGS
        case Subset(of=of, among=among):
            yield of.path, _TOKENS
            yield among.path, _TOKENS
        case Compare(left=left, right=right):
            yield from _compared(left, right)
            yield from _compared(right, left)
        case Not(of=inner):
            yield from _atoms(inner)
        case And(of=parts) | Or(of=parts):
            for part in parts:
                yield from _atoms(part)


def _compared(term: Term, other: Term) -> Iterator[tuple[str, Iterable[PlainValue]]]:
    """The values of the names in a term, for its comparison with the other one."""
    around = _around(other.value) if isinstance(other, Constant) else _SMALL
    match term:
        case Name(path=path):
            yield path, around
        case Summary(of=of):
            numbers = [value for value in around if type(value) is int]
            yield of.path, (None, (), *((value,) for value in numbers), ((1,), (3, *numbers)))
        case Remainder(of=of, by=by):
            yield of.path, (1, 2, 3, 8, 9)
            if isinstance(by, Name):
                yield by.path, (1, 2, 3)


def _around(constant: Any) -> tuple[PlainValue, ...]:
    match constant:
        case None | bool():
            return _FLAGS
        case int() | float():
            return (None, constant - 1, constant, constant + 1)
        case str():
            return (None, constant, f"{constant}x")
        case tuple():
            return (*constant, "other", None)
    return (None, constant)
