"""Tests of the source as conditions: the one reader of expressions.

It reads the tests that :mod:`codegen.upstream.paths` found on a path. What cannot be read becomes an
:class:`~codegen.model.conditions.Unknown` that names the values it may depend on, so that nothing is lost
silently.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from codegen.model.condition_text import OPERATORS, Grammar, ReadCondition, ReadTerm, read
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    Compare,
    Condition,
    Constant,
    HasType,
    Name,
    Or,
    Term,
    Unknown,
    all_of,
    any_of,
    names,
    negated,
    partial_eval,
)
from codegen.upstream.expressions import Node, effects_in, is_unknown, rebuilt
from codegen.upstream.flow import Path
from codegen.upstream.symbols import children
from codegen.upstream.tables import folded, rows

MOST_ALTERNATIVES = 6
"""The most choices between values that one test may contain; a test with more cannot be read."""


def attribute(node: ast.AST, owners: tuple[str, ...]) -> str | None:
    """The name of the attribute that an expression reads from one of ``owners``; None for any other one."""
    match node:
        case (
            ast.Attribute(value=ast.Name(id=owner), attr=name)
            | ast.Call(
                func=ast.Name(id="getattr"), args=[ast.Name(id=owner), ast.Constant(value=str(name)), *_]
            )
            | ast.Subscript(
                value=ast.Attribute(value=ast.Name(id=owner), attr="__dict__")
                | ast.Call(func=ast.Name(id="vars"), args=[ast.Name(id=owner)]),
                slice=ast.Constant(value=str(name)),
            )
        ) if owner in owners:
            return name
    return None


@dataclass(frozen=True)
class Reader:
    """Reads tests as conditions over some values.

    Args:
        read_term: says which expressions are the values.
        read_condition: says which expressions are one condition; asked first.
        owners: names of objects that have the values as attributes. An expression that passes on such an
            object may depend on any of them; then the object's name means all of them.
        includes_unknown: whether a value that cannot be followed mentions the values it may depend on.
    """

    read_term: ReadTerm
    read_condition: ReadCondition = lambda _: None
    owners: tuple[str, ...] = ()
    includes_unknown: bool = True
    _known: dict[tuple[ast.expr, bool], Condition] = field(default_factory=dict)
    _mentions: dict[ast.AST, tuple[str, ...]] = field(default_factory=dict)

    def condition(self, path: Path) -> Condition:
        """What has to hold for a statement to be reached.

        An alternative that cannot be read and mentions no value is left out: the others still lead there.
        """
        found = all_of(*(self.test(test.expression, holds=test.holds) for test in path.tests))
        if isinstance(found, Or) and (others := [part for part in found.of if names(part)]):
            return any_of(*others)
        return found

    def test(self, expression: ast.expr, *, holds: bool = True) -> Condition:
        """One test, or its opposite."""
        key = (expression, holds)
        if key not in self._known:
            found = read(folded(expression), self._grammar())
            self._known[key] = found if holds else negated(found)
        return self._known[key]

    def term(self, node: ast.expr) -> Term | None:
        """The value that an expression refers to, or None; ``float(x)`` refers to the same value as ``x``."""
        match node:
            case ast.Call(func=ast.Name(id="float"), args=[inner], keywords=[]):
                return self.term(inner)
            case ast.IfExp(body=one, orelse=other) if (found := self.term(one)) is not None:
                return found if self.term(other) == found else None
        return self.read_term(node)

    def is_value(self, node: ast.expr) -> bool:
        """Whether an expression is one of the values, or an object that holds them."""
        is_owner = isinstance(node, ast.Name) and node.id in self.owners
        return is_owner or isinstance(self.term(node), Name)

    def mentioned(self, node: ast.AST) -> tuple[str, ...]:
        """The values that an expression mentions, and the objects that it passes on."""
        if node not in self._mentions:
            self._mentions[node] = tuple(dict.fromkeys(self._mentioned(node)))
        return self._mentions[node]

    def _mentioned(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.expr) and isinstance(term := self.term(node), Name):
            yield term.path
            return
        inside = children(node)
        match node:
            case ast.Call() if not self.includes_unknown and is_unknown(node):
                return
            case ast.Name(id=name) if name in self.owners:
                yield name
            case ast.Attribute(value=ast.Name()):
                return  # of an object, but none of its settings
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=arguments) if name in self.owners:
                yield name
                inside = [*arguments, *node.keywords]
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(), ast.Constant(), *rest]):
                inside = list(rest)
            case ast.Call(func=ast.Name(id="hasattr")):
                return
        for child in inside:
            yield from self._mentioned(child)

    def _grammar(self) -> Grammar:
        return Grammar(self.term, self._read_whole, self._unknown)

    def _unknown(self, node: ast.expr) -> Condition:
        return Unknown(self.mentioned(node), node)

    def _read_whole(self, node: ast.expr) -> Condition | None:
        """The condition that an expression means as a whole; None if it has to be taken apart."""
        if (stated := self.read_condition(node)) is not None:
            return stated
        match node:
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()) | ast.Compare(ops=[_, _, *_]):
                return None
            case ast.IfExp(test=test, body=one, orelse=other) if self.term(node) is None:
                return self._either(test, one, other)
            case ast.Call(func=ast.Name(id="isinstance"), args=[value, kinds]):
                of = self.term(value)
                return HasType(of, _types(kinds)) if isinstance(of, Name) else self._split(node)
            case ast.Call(func=ast.Name(id="bool"), args=[inner]):
                return read(inner, self._grammar())
            case ast.Compare(
                left=left,
                ops=[ast.Is() | ast.Eq() | ast.IsNot() | ast.NotEq() as op],
                comparators=[ast.Constant(value=bool(value))],
            ) if _is_test(left):
                holds = read(left, self._grammar())
                return holds if value is isinstance(op, ast.Is | ast.Eq) else negated(holds)
            case ast.Compare(
                left=ast.IfExp(test=test) as choice,
                ops=[ast.Is() | ast.IsNot() as op],
                comparators=[ast.Constant(value=None) as none],
            ) if self.term(choice) is None:  # whatever is chosen inside of the two values does not count
                values = (choice.body, choice.orelse)
                return self._either(test, *(ast.Compare(each, [op], [none]) for each in values))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _decided(left, op, right) or self._split(node)
        if (truth := _truth(node)) is not None:
            return ALWAYS if truth else NEVER
        return self._split(node)

    def _either(self, test: ast.expr, one: ast.expr, other: ast.expr) -> Condition:
        grammar = self._grammar()
        decides = read(test, grammar)
        return any_of(all_of(decides, read(one, grammar)), all_of(negated(decides), read(other, grammar)))

    def _split(self, node: ast.expr) -> Condition | None:
        """A test of a choice between two values, such as ``(a or b) < 1``, as a choice between two tests."""
        if "if" not in effects_in(node):
            return None
        choices = [each for each in _choices(node) if self.term(each) is None]
        if len(choices) > MOST_ALTERNATIVES:
            return self._unknown(node)
        for choice in choices[:1]:
            test, *values = _taken_apart(choice)
            return self._either(test, *(folded(_replaced(node, choice, value)) for value in values))
        return None


def _choices(node: ast.AST) -> Iterator[ast.IfExp | ast.BoolOp]:
    """The choices between values in an expression, apart from those in a lambda or a comprehension."""
    if isinstance(node, ast.IfExp | ast.BoolOp):
        yield node
    if not isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        for child in children(node):
            yield from _choices(child)


def _taken_apart(choice: ast.IfExp | ast.BoolOp) -> tuple[ast.expr, ast.expr, ast.expr]:
    """The test that decides, the value where it holds, and the value where it does not."""
    match choice:
        case ast.IfExp(test=test, body=one, orelse=other):
            return test, one, other
        case ast.BoolOp(op=op, values=[first, *others]):
            rest = others[0] if len(others) == 1 else ast.BoolOp(op=op, values=others)
            return (first, first, rest) if isinstance(op, ast.Or) else (first, rest, first)
    raise AssertionError(choice)


def _replaced(node: Node, old: ast.expr, new: ast.expr) -> Node:
    return rebuilt(node, lambda each: new if each is old else _replaced(each, old, new))


def _types(kinds: ast.expr) -> tuple[str, ...]:
    """The names of the types that ``isinstance`` asks for, without the modules that they are in."""
    found: list[str] = []
    for each in rows(kinds) or [kinds]:
        match each:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.append(name)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                found += [*_types(left), *_types(right)]
            case _:
                found.append(ast.unparse(each))
    return tuple(found)


def _is_test(node: ast.expr) -> bool:
    """Whether the value of an expression is True or False, not merely truthy."""
    match node:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Call(func=ast.Name(id="isinstance" | "bool")):
            return True
        case ast.BoolOp(values=parts):
            return all(map(_is_test, parts))
    return False


def _decided(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Condition | None:
    """A comparison that does not depend on any value."""
    match op, left, right:
        case ast.Is() | ast.Eq(), _, ast.Constant(value=None) if _is_object(left):
            return NEVER
        case ast.IsNot() | ast.NotEq(), _, ast.Constant(value=None) if _is_object(left):
            return ALWAYS
    try:
        one, other = ast.literal_eval(left), ast.literal_eval(right)
    except (ValueError, TypeError):
        return None
    if isinstance(op, ast.In | ast.NotIn) and not isinstance(other, tuple | list):
        return None
    compared = Compare(
        Constant(one), OPERATORS[type(op)], Constant(tuple(other) if isinstance(other, list) else other)
    )
    found = partial_eval(compared, {})
    return None if found == compared else found


def _truth(node: ast.expr) -> bool | None:
    """Whether an expression counts as true whatever the values are, None if that depends on them."""
    match node:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
            elements = rows(node)
            return None if elements is None else bool(elements)
    return True if _is_object(node) else None


def _is_object(node: ast.expr) -> bool:
    """Whether an expression makes an object that counts as true: a text with words in it, an exception."""
    match node:
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.Constant) and part.value for part in parts)
        case ast.Tuple(elts=[_, *_]) | ast.List(elts=[_, *_]) | ast.Set() | ast.Dict(keys=[_, *_]):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name.endswith(("Error", "Exception"))
    return False
