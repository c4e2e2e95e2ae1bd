"""Hypothesis strategies for codegen: values, types, conditions, schemas."""

import keyword

from hypothesis import strategies as st

from codegen.model.conditions import (
    SUMMARIES,
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
    all_of,
    any_of,
    negated,
)
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.schema import (
    ROLES,
    Deprecation,
    Field,
    NestedModel,
    Param,
    Rule,
    Schema,
    Tightening,
)
from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    union,
    with_bound,
)
from codegen.model.values import PlainValue

names = st.from_regex(r"[a-z][a-z0-9_]{0,11}", fullmatch=True).filter(
    lambda name: not keyword.iskeyword(name)
)
words = st.text(st.characters(codec="utf-8"), max_size=30)
limits = st.one_of(st.integers(-5, 5), st.sampled_from([-1.5, -0.25, 0.5, 0.9, 2.75]))
bounds = st.builds(Bound, st.sampled_from([">", ">=", "<", "<="]), limits)

plain_values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), words
)
values: st.SearchStrategy[PlainValue] = st.recursive(
    plain_values,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple), st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=6,
)

choice_values = st.one_of(words, st.integers(-20, 20), st.booleans())


def _same_kind_once(drawn: list[str | int | bool]) -> Choice:
    return Choice(tuple({(type(value), value): value for value in drawn}.values()))


choices = st.lists(choice_values, min_size=1, max_size=4).map(_same_kind_once)


@st.composite
def bounded(draw: st.DrawFn) -> Scalar:
    """The type of a number whose range contains at least one integer."""
    type_: Type = Scalar(draw(st.sampled_from(["int", "float"])))
    inside = draw(st.integers(-5, 5))
    for bound in draw(st.lists(bounds.filter(lambda bound: bound.holds(inside)), max_size=2)):
        type_ = with_bound(type_, bound) or type_
    assert isinstance(type_, Scalar)
    return type_


def _containers(inner: st.SearchStrategy[Type], *, length: st.SearchStrategy[int]) -> st.SearchStrategy[Type]:
    return st.one_of(
        st.builds(ListOf, inner, length),
        st.lists(inner, min_size=2, max_size=3).map(lambda items: TupleOf(tuple(items))),
        st.builds(MapOf, inner, inner, length),
        st.lists(inner, min_size=2, max_size=3).map(lambda members: union(*members)),
    )


_names_of_classes = names.map(lambda name: name.title().replace("_", "") + "Config")

written_types: st.SearchStrategy[Type] = st.recursive(
    st.one_of(
        st.sampled_from(["bool", "int", "float", "str"]).map(Scalar),
        choices,
        st.builds(Nested, _names_of_classes),
        st.sampled_from(["dict", "list", "Callable", "torch.dtype"]).map(Opaque),
    ),
    lambda inner: _containers(inner, length=st.just(0)),
    max_leaves=5,
)
"""Types as annotations can write them: without bounds and minimum lengths."""

data_types: st.SearchStrategy[Type] = st.recursive(
    st.one_of(
        st.just(Scalar("bool")),
        st.integers(1, 4).map(lambda length: Scalar("str", (Bound(">=", length),))),
        st.just(Scalar("str")),
        bounded(),
        choices,
    ),
    lambda inner: _containers(inner, length=st.integers(0, 3)),
    max_leaves=5,
)
"""Types with a data form, bounds and minimum lengths included, each with at least one value."""

_ids = st.none() | st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=3).map(tuple)
_plain_numbers = st.none() | st.integers(-1, 3) | st.sampled_from([0.5, 1.0])
_kinds: dict[str, st.SearchStrategy[PlainValue]] = {
    "n": _plain_numbers,
    "m": _plain_numbers,
    "config.depth": _plain_numbers,
    "i": st.integers(1, 4),
    "j": st.integers(1, 4),
    "flag": st.none() | st.booleans(),
    "word": st.none() | st.sampled_from(["", "x", "y"]),
    "extra.word": st.none() | st.sampled_from(["", "x", "y"]),
    "ids": _ids,
    "more_ids": _ids,
}
assignments = st.fixed_dictionaries(_kinds)
"""A value for each name that :data:`condition_trees` ask for."""

_any_name = st.sampled_from(list(_kinds)).map(Name)
_number_name = st.sampled_from(["n", "m", "config.depth", "i"]).map(Name)
_ids_name = st.sampled_from(["ids", "more_ids"]).map(Name)
_number = st.one_of(
    st.sampled_from([0, 1, 2, 0.5]).map(Constant),
    _number_name,
    st.builds(Summary, st.sampled_from(SUMMARIES), _ids_name),
    st.just(Remainder(Name("i"), Name("j"))),
    st.integers(1, 4).map(lambda number: Remainder(Name("i"), Constant(number))),
)
_conditions = st.one_of(
    st.builds(IsTrue, _any_name),
    st.builds(Compare, _any_name, st.sampled_from(["is", "is not"]), st.sampled_from([None, True]).map(Constant)),
    st.builds(Compare, _any_name, st.sampled_from(["==", "!="]), st.sampled_from([0, 1, "x", None, (), (1,)]).map(Constant)),
    st.builds(Compare, _any_name, st.sampled_from(["in", "not in"]), st.sampled_from([(), (1, "x"), (None,)]).map(Constant)),
    st.builds(Compare, _number, st.sampled_from(["<", "<=", ">", ">=", "=="]), _number),
    st.builds(Subset, _ids_name, _ids_name),
)  # fmt: skip
condition_trees: st.SearchStrategy[Condition] = st.recursive(
    _conditions,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, max_size=4).map(lambda parts: And(tuple(parts))),
        st.lists(inner, max_size=4).map(lambda parts: Or(tuple(parts))),
    ),
    max_leaves=9,
)
"""Conditions that are not simplified."""


def simplified(condition: Condition) -> Condition:
    """The tree, rebuilt by the functions that simplify conditions."""
    match condition:
        case Not(of=inner):
            return negated(simplified(inner))
        case And(of=parts):
            return all_of(*map(simplified, parts))
        case Or(of=parts):
            return any_of(*map(simplified, parts))
    return condition


conditions = condition_trees.map(simplified)
"""Conditions as they are after reading: simplified."""

symbols = st.builds(lambda path, qualname: Symbol(f"{path}.py", qualname), names, names)
_origins = st.lists(
    st.builds(Origin, st.sampled_from(OriginKind), st.none() | symbols, words, words), max_size=2
).map(tuple)
_tightenings = st.lists(st.builds(Tightening, words, words), max_size=2).map(tuple)
_deprecations = st.none() | st.builds(
    Deprecation, since=st.none() | words, removal=st.none() | words, moved_to_hub=st.booleans(), note=words
)
_optional_words = st.none() | words
_field_parts = {
    "type": data_types | st.just(NoData()),
    "takes_none": st.booleans(),
    "required": st.booleans(),
    "declared_default": values,
    "effective_default": values,
    "default": values,
    "description": words,
    "described": st.booleans(),
    "disabled_value": plain_values,
    "unbounded_reason": _optional_words,
    "tightenings": _tightenings,
    "test_values": st.lists(values, max_size=3).map(tuple),
    "doc_digest": _optional_words,
    "origins": _origins,
}
fields = st.builds(
    Field,
    name=names,
    contexts=st.lists(st.dictionaries(names, values, max_size=2), max_size=2).map(tuple),
    **_field_parts,
)
params = st.builds(
    Param,
    name=names,
    section=words,
    role=st.none() | st.sampled_from(list(ROLES)),
    role_reason=words,
    deprecation=_deprecations,
    context=st.dictionaries(names, values, max_size=2),
    equivalent_values=st.lists(values, max_size=2).map(tuple),
    **_field_parts,
)
rules = st.builds(
    Rule,
    id=names,
    effect=st.sampled_from(["reject", "dormant", "require"]),
    fields=st.lists(names, max_size=2).map(tuple),
    when=conditions,
    need=st.none() | conditions,
    message=words,
    tightening=_optional_words,
    origins=_origins,
)
schemas = st.builds(
    Schema,
    engine=words,
    version=words,
    params=st.lists(params, max_size=2).map(tuple),
    nested=st.lists(
        st.builds(
            NestedModel,
            name=_names_of_classes,
            upstream=_optional_words,
            parameter=names,
            fields=st.lists(fields, max_size=2).map(tuple),
            origins=_origins,
        ),
        max_size=2,
    ).map(tuple),
    rules=st.lists(rules, max_size=2).map(tuple),
    conditions=st.dictionaries(names, conditions, max_size=2),
    class_tightenings=_tightenings,
    evidence=st.dictionaries(symbols, words, max_size=2),
)
"""Arbitrary schemas, for what has to hold for all; the values do not fit their types."""
