"""codegen.model.conditions: a condition keeps its meaning when it is written and read, simplified, or
generated as code."""

import ast
import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.errors import RenderError
from codegen.model.condition_text import UnreadableConditionError, parse, text
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
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
    negated,
    partial_eval,
)
from codegen.model.values import PlainValue
from codegen.proof.evaluation import decide
from codegen.render.expressions import Printer
from llenergymeasure.config import conditions as library
from tests.codegen import strategies
from tests.codegen.strategies import simplified

A, B, C = (IsTrue(Name(name)) for name in "abc")
LOW = Compare(Name("n"), "<", Constant(2))
UNSET = Compare(Name("n"), "is", Constant(None))
SET = Compare(Name("n"), "is not", Constant(None))


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ("a", A),
        ("True", ALWAYS),
        ("False", NEVER),
        ("extra.custom_generate", IsTrue(Name("extra.custom_generate"))),
        ("not a", Not(A)),
        ("a and b", And((A, B))),
        ("a or b", Or((A, B))),
        ("a and (b or c)", And((A, Or((B, C))))),
        ("a and b or c", Or((And((A, B)), C))),
        ("n < 2", LOW),
        ("2 <= n", Compare(Constant(2), "<=", Name("n"))),
        ("n > m", Compare(Name("n"), ">", Name("m"))),
        ("n >= -1.5", Compare(Name("n"), ">=", Constant(-1.5))),
        ("not (n < 2)", Not(LOW)),
        ("n is None", UNSET),
        ("n is not None", SET),
        ("n is True", Compare(Name("n"), "is", Constant(value=True))),
        ("n == 'it' 's'", Compare(Name("n"), "==", Constant("its"))),
        ("n != (1, (2,))", Compare(Name("n"), "!=", Constant((1, (2,))))),
        ("n in ('a', 1)", Compare(Name("n"), "in", Constant(("a", 1)))),
        ("n not in ()", Compare(Name("n"), "not in", Constant(()))),
        ("subset(n, m)", Subset(Name("n"), Name("m"))),
        ("not subset(n, m.k)", Not(Subset(Name("n"), Name("m.k")))),
        ("highest(n) < model.vocab_size", Compare(Summary("highest", Name("n")), "<", Name("model.vocab_size"))),
        ("lowest(n) == 0", Compare(Summary("lowest", Name("n")), "==", Constant(0))),
        ("length(n) > 1", Compare(Summary("length", Name("n")), ">", Constant(1))),
        ("n % m == 0", Compare(Remainder(Name("n"), Name("m")), "==", Constant(0))),
        ("n % 8 == 0", Compare(Remainder(Name("n"), Constant(8)), "==", Constant(0))),
    ],
)  # fmt: skip
def test_what_can_be_written(written: str, condition: Condition) -> None:
    assert parse(written) == condition
    assert parse(text(condition)) == condition
    assert parse(f"  ({written})\n") == condition


@pytest.mark.parametrize(
    ("written", "simple"),
    [
        # taken apart
        ("1 < n < 2", "1 < n and n < 2"),
        ("n in [1, 2]", "n in (1, 2)"),
        ("n in {2, 1}", "n in (1, 2)"),
        ("not (a and n == 1)", "not a or n != 1"),
        ("not (a or n is None)", "not a and n is not None"),
        ("not n not in (1,)", "n in (1,)"),
        ("not not a", "a"),
        ("not (n < 2 or not a)", "not (n < 2) and a"),
        # said once
        ("a and (b and a)", "a and b"),
        ("a or b or a", "a or b"),
        ("a and True", "a"),
        ("a or False", "a"),
        ("a and False", "False"),
        ("a or True", "True"),
        ("a and b and not a", "False"),
        ("a or b or not a", "True"),
        # an ordering is false of None
        ("n is not None and n < 2", "n < 2"),
        ("n < m and m is not None", "n < m"),
        ("n is None or not (n < 2)", "not (n < 2)"),
        ("n is None or n < 2", "n is None or n < 2"),
        ("n is not None and not (n < 2)", "n is not None and not (n < 2)"),
        ("n is not None and highest(n) < 2", "n is not None and highest(n) < 2"),
        # what alternatives share, and what one of them says for the others
        ("a and b or a and c", "a and (b or c)"),
        ("a and b or a", "a"),
        ("a and b or not a", "b or not a"),
        ("a and b or not a or not b", "True"),
        ("a and not (n < 2) or not a or n is None", "not (n < 2) or not a"),
        ("(a or b) and c or not a and not b", "c or not a and not b"),
    ],
)
def test_conditions_are_simplified(written: str, simple: str) -> None:
    assert text(parse(written)) == simple
    assert parse(simple) == parse(written)


@pytest.mark.parametrize(
    "written",
    [
        "", " ", "a b", "a and", "a = 1", "a; b", "import os", "a\nb", "(", "\x00", "a\x00",
        "1", "None", "'a'", "...", "(a, b)", "[a]", "a + b", "-a", "a if b else c", "a := b", "(a := b)", "lambda: a",
        "await a", "f'{a}'", "*a", "a[0]", "a[0].b", "a()", "a.b()", "().a", "(1).real", "'x'.y", "a().b", "[a for a in b]",
        "open('canary', 'w')", "open('canary', 'w').close", "open('canary', 'w') == 1", "a == open('canary', 'w')",
        "a in open('canary', 'w')", "__import__('os').system('touch canary') == 0", "highest(open('canary', 'w')) == 1",
        "a == f'{open(chr(99), chr(119))}'", "a == (lambda: 1)()",
        "subset(a)", "subset(a, b, c)", "subset(a, 1)", "subset(a, among=b)", "subset(*a)", "subset(1, a)",
        "highest(a)", "highest(1) > 0", "highest(highest(a)) > 0", "highest(a, b) > 0", "highest(a=a) > 0", "shortest(a) > 0",
        "a % 0 == 0", "a % -2 == 0", "a % 2.5 == 0", "a % 'b' == 0", "2 % a == 0", "a % b % c == 0", "a + 1 == 2", "a == b + c", "a ** 9 ** 9 ** 9 == 1",
        "a == b'x'", "a == 1j", "a == {}", "a == {1: 2}", "a == ...", "a == 1e999", "a == -1e999", "a in (1e999,)", "a == (b, 1)",
        "a in 5", "a in None", "a in 'abc'", "a in b", "1 in a", "a not in b", "a is 5", "a is 'x'", "a is b", "a is not ()", "None is a",
        "a < None", "None < a", "a >= 'x'", "a < (1, 2)", "a > True", "True <= a",
        "(" * 500 + "a" + ")" * 500, "not " * 20_000 + "a", "a" + " and a" * 3 + " and" * 2,
        "a == " + "-" * 900 + "1", "a == " + "(" * 90 + "1" + ",)" * 90 + " == (" * 900,
    ],
    ids=lambda written: f"{written[:40]!r}",
)  # fmt: skip
def test_text_that_is_not_a_condition_is_refused_and_never_executed(
    written: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableConditionError) as raised:
        parse(written)
    assert str(raised.value).startswith("cannot ")
    assert len(str(raised.value)) < 300
    assert not list(tmp_path.iterdir())


@given(
    st.text(max_size=30)
    | st.lists(
        st.sampled_from(
            ["a", "n.m", "not", "and", "or", "(", ")", "<", "in", "1", ",", "is", "None", "highest", "%"]
        ),
        max_size=9,
    ).map(" ".join)
)
def test_any_text_is_a_condition_or_refused(written: str) -> None:
    try:
        found = parse(written)
    except UnreadableConditionError:
        return
    assert parse(text(found)) == found


# --- a reference: the meaning of a tree, without using the code under test


def meaning(condition: Condition, assignment: Mapping[str, PlainValue]) -> bool:
    """Whether it holds."""
    match condition:
        case IsTrue(of=name):
            return bool(assignment[name.path])
        case Compare(left=left, op=op, right=right):
            return _compared(_value(left, assignment), op, _value(right, assignment))
        case Subset(of=of, among=among):
            tokens, others = (_listed(assignment[each.path]) for each in (of, among))
            return len(tokens) > 0 and all(token in others for token in tokens)
        case Not(of=inner):
            return not meaning(inner, assignment)
        case And(of=parts):
            return all(meaning(part, assignment) for part in parts)
        case Or(of=parts):
            return any(meaning(part, assignment) for part in parts)


def _value(term: Term, assignment: Mapping[str, PlainValue]) -> Any:
    match term:
        case Name(path=path):
            return assignment[path]
        case Constant(value=value):
            return value
        case Remainder(of=of, by=by):
            return math.fmod(*(_value(each, assignment) for each in (of, by)))  # positive numbers here
        case Summary(function=function, of=name):
            tokens = _listed(assignment[name.path])
            if function == "length":
                return 0 if isinstance(assignment[name.path], int | None) else len(tokens)
            return {"highest": max([-1, *tokens]), "lowest": min(tokens or (0,))}[function]


def _listed(value: PlainValue) -> tuple[int, ...]:
    return () if value is None else (value,) if isinstance(value, int) else value  # type: ignore[return-value]  # tokens


def _compared(first: Any, op: str, second: Any) -> bool:
    if op[0] in "<>" and None in (first, second):
        return False
    return {
        "==": lambda: first == second,
        "!=": lambda: first != second,
        "<": lambda: first < second,
        "<=": lambda: first <= second,
        ">": lambda: first > second,
        ">=": lambda: first >= second,
        "is": lambda: first is second,
        "is not": lambda: first is not second,
        "in": lambda: first in second,
        "not in": lambda: first not in second,
    }[op]()


def generated(condition: Condition, named: Mapping[str, Condition] | None = None) -> library.Condition:
    """The condition as a generated module has it, over conditions that it has by name."""
    scope = {**vars(library)}
    for name, each in (named or {}).items():
        scope[name] = eval(Printer({}).expression(each), scope)
    return eval(Printer(named or {}).expression(condition), scope)  # type: ignore[no-any-return]


@settings(max_examples=400)
@given(strategies.condition_trees, strategies.assignments)
def test_simplifying_never_changes_the_meaning(tree: Condition, assignment: dict[str, PlainValue]) -> None:
    simple = simplified(tree)
    assert meaning(simple, assignment) is meaning(tree, assignment)
    assert meaning(negated(simple), assignment) is not meaning(tree, assignment)
    assert set(names(simple)) <= set(names(tree))


@settings(max_examples=300)
@given(strategies.condition_trees)
def test_a_simplified_condition_reads_back_as_it_is(tree: Condition) -> None:
    simple = simplified(tree)
    assert simplified(simple) == simple
    assert parse(text(simple)) == simple
    ast.parse(text(simple), mode="eval")


@settings(max_examples=300)
@given(strategies.condition_trees, strategies.assignments)
def test_the_generated_condition_says_what_the_tree_says(
    tree: Condition, assignment: dict[str, PlainValue]
) -> None:
    made = generated(simplified(tree))
    assert made.holds(assignment) is meaning(tree, assignment)
    assert str(made) == text(simplified(tree))


@settings(max_examples=300)
@given(strategies.condition_trees, st.lists(strategies.condition_trees, max_size=3), strategies.assignments)
def test_named_conditions_change_neither_the_meaning_nor_the_text(
    tree: Condition, others: list[Condition], assignment: dict[str, PlainValue]
) -> None:
    condition = simplified(tree)
    parts = [
        part for part in (*conjuncts(condition), *map(simplified, others)) if part not in (ALWAYS, NEVER)
    ]
    named = {f"named_{number}": part for number, part in enumerate(dict.fromkeys(parts))}
    made = generated(condition, named)
    assert made.holds(assignment) is meaning(tree, assignment)
    assert str(made) == text(condition)


@settings(max_examples=300)
@given(strategies.condition_trees, strategies.assignments, st.data())
def test_the_proofs_decide_what_the_tree_says(
    tree: Condition, assignment: dict[str, PlainValue], data: st.DataObject
) -> None:
    assert decide(simplified(tree), assignment) is meaning(tree, assignment)
    known = {path: assignment[path] for path in data.draw(st.sets(st.sampled_from(sorted(assignment))))}
    assert decide(simplified(tree), known) in (None, meaning(tree, assignment))


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("a and b and c == 1", "all_of(both, v.c == 1)"),
        ("c == 1 and a and b", "all_of(v.c == 1, both)"),
        ("a and c == 1 and b", "all_of(v.a, v.c == 1, v.b)"),  # the order of a text is kept
        ("a and b", "both"),
        ("c != 1 and (a and b or d)", "all_of(v.c != 1, any_of(both, v.d))"),
        ("mode == 'x' or a", "any_of(paged, v.a)"),
        ("mode != 'x' and a", "all_of(not_(paged), v.a)"),
        ("not (a and b and n < 2)", "any_of(not_(v.a), not_(v.b), not_(v.n < 2))"),
        ("a or d or c", "any_of(either, v.c)"),
    ],
)
def test_what_has_a_name_is_printed_by_it(written: str, printed: str) -> None:
    named = {"both": parse("a and b"), "paged": parse("mode == 'x'"), "either": parse("a or d")}
    assert Printer(named).expression(parse(written)) == printed


@pytest.mark.parametrize(
    ("written", "assignment", "holds"),
    [
        ("True", {}, True),
        ("False", {}, False),
        ("i % j == 0", {"i": 4, "j": 2}, True),
        ("i % j == 0", {"i": 3, "j": 2}, False),
        ("n < 2", {"n": None}, False),
        ("not (n < 2)", {"n": None}, True),
        ("n < m", {"n": 1, "m": None}, False),
        ("n < m and a or b", {"n": 1, "m": 2, "a": 0, "b": ""}, False),
        ("a and (b or c)", {"a": 1, "b": (), "c": "x"}, True),
        ("not subset(a, b)", {"a": (), "b": (1,)}, True),
        ("subset(a, b)", {"a": 1, "b": (1, 2)}, True),
        ("highest(a) < 3 and lowest(a) == -1 and length(a) == 2", {"a": ((2, -1), (0.5, True))}, True),
        ("x.y in ('a', None)", {"x.y": None}, True),
    ],
)
def test_a_generated_condition_of_every_kind(
    written: str, assignment: dict[str, PlainValue], *, holds: bool
) -> None:
    assert generated(parse(written)).holds(assignment) is holds
    assert str(generated(parse(written))) == text(parse(written))
    assert decide(parse(written), assignment) is holds


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("x.in_ is None", "Value('x.in_').is_(None)"),
        ("x.holds", "Value('x.holds')"),
        ("2 <= n", "Constant(2) <= v.n"),
        ("n % m in (1, 2)", "(v.n % v.m).in_((1, 2))"),
    ],
)
def test_what_python_or_the_library_would_misread(written: str, printed: str) -> None:
    assert Printer({}).expression(parse(written)) == printed
    assert str(generated(parse(written))) == written


def test_a_private_name_is_refused() -> None:
    with pytest.raises(RenderError, match="not a public name"):
        Printer({}).expression(parse("x._y == 1"))


@settings(max_examples=300)
@given(strategies.condition_trees, strategies.assignments, st.data())
def test_a_partial_evaluation_holds_for_every_completion(
    tree: Condition, assignment: dict[str, PlainValue], data: st.DataObject
) -> None:
    """What is known may decide it, and never changes it; so ALWAYS and NEVER are said only where all that is
    unknown agrees."""
    known = {path: assignment[path] for path in data.draw(st.sets(st.sampled_from(sorted(assignment))))}
    rest = partial_eval(simplified(tree), known)
    completed = {**data.draw(strategies.assignments), **known}
    assert meaning(rest, completed) is meaning(tree, completed)


@given(strategies.assignments)
def test_a_condition_over_known_values_is_decided(assignment: dict[str, PlainValue]) -> None:
    tree = parse(
        "n < 2 and (flag or word in ('x', None)) or i % j == 0 or not (n > m) and word != 'y' and flag is not True"
    )
    assert partial_eval(tree, assignment) == (ALWAYS if meaning(tree, assignment) else NEVER)


@pytest.mark.parametrize(
    ("written", "known", "left"),
    [
        ("n < m", {"n": None}, "False"),
        ("n < m", {"m": None}, "False"),
        ("not (n < m)", {"m": None}, "True"),
        ("n < m and a", {"n": 1}, "n < m and a"),
        ("n < m and a", {"n": 1, "m": 2}, "a"),
        ("n < m and a", {"n": 1, "m": "x"}, "n < m and a"),  # they have no order
        ("a and b or c", {"a": 0}, "c"),
        ("a and b or c", {"a": "x"}, "b or c"),
        ("n is None or a", {"n": None}, "True"),
        ("n in (1, 2) and a", {"n": 2}, "a"),
        ("n not in (1, 2) and a", {"n": 2}, "False"),
        ("i % j == 0", {"i": 4, "j": 2}, "True"),
        ("i % j == 0", {"i": 4}, "i % j == 0"),
        ("i % j == 0", {"i": 4, "j": 0}, "i % j == 0"),
        ("subset(a, b) and n == 1", {"a": (1,), "b": (1,), "n": 1}, "subset(a, b)"),
        ("highest(a) < 3 and n == 1", {"a": (1,), "n": 1}, "highest(a) < 3"),
    ],
)
def test_what_is_known_is_put_in(written: str, known: dict[str, PlainValue], left: str) -> None:
    assert text(partial_eval(parse(written), known)) == left


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("a and n.m < b or c and b", ("a", "n.m", "b", "c")),
        ("subset(a, b) and highest(c) > 1 and d % e == 0 and 1 < f", ("a", "b", "c", "d", "e", "f")),
        ("True", ()),
        ("False", ()),
    ],
)
def test_names_come_in_order_and_once(written: str, found: tuple[str, ...]) -> None:
    assert names(parse(written)) == found
