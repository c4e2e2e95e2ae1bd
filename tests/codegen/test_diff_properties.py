"""Properties of comparisons of any two schemas, and of any layout of a source."""

import ast
import random
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegen.diff.compare import compare
from codegen.diff.sides import Side
from codegen.engines.transformers.engine import CONFIGURATION, GENERATE, PROCESSORS
from codegen.model.schema import NestedModel, Param, Schema
from tests.codegen import places, small_release
from tests.codegen.strategies import params, schemas


def _side(schema: Schema) -> Side:
    return Side(engine=places.ENGINE, label="a side", schema=schema)


def _distinct(schema: Schema) -> bool:
    names = [param.name for param in schema.params]
    models = [(model.parameter, model.name) for model in schema.nested]
    inside = [[field.name for field in model.fields] for model in schema.nested]
    rules = [rule.id for rule in schema.rules]
    return all(len(set(each)) == len(each) for each in (names, models, rules, *inside))


distinct = schemas.filter(_distinct)


@given(schemas)
def test_a_schema_does_not_differ_from_itself(schema: Schema) -> None:
    assert compare(_side(schema), _side(schema)) == ()


def _mentioned(old: Schema, new: Schema) -> set[str]:
    found = compare(_side(old), _side(new))
    return {name for each in found for name in each.parameter.split(", ")}


@given(distinct, distinct)
def test_every_parameter_that_differs_is_mentioned(old: Schema, new: Schema) -> None:
    first, second = ({param.name: param for param in schema.params} for schema in (old, new))
    differing = {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    assert differing <= _mentioned(old, new)


@given(params, params, st.data())
def test_every_single_field_that_differs_is_mentioned(old: Param, other: Param, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([each.name for each in fields(Param) if each.name != "name"]))
    new = replace(old, **{name: getattr(other, name)})
    first, second = (Schema(engine="transformers", version="2.0.0", params=(each,)) for each in (old, new))
    assert (old.name in _mentioned(first, second)) == (old != new)


@given(distinct, st.randoms(use_true_random=False))
def test_the_order_of_named_things_does_not_matter(schema: Schema, shuffler: random.Random) -> None:
    def shuffled(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(shuffler.sample(items, len(items)))

    def turned(model: NestedModel) -> NestedModel:
        return replace(model, fields=shuffled(model.fields))

    other = replace(
        schema,
        params=shuffled(schema.params),
        nested=shuffled(tuple(map(turned, schema.nested))),
        rules=shuffled(schema.rules),
        class_tightenings=shuffled(schema.class_tightenings),
    )
    assert compare(_side(schema), _side(other)) == ()


def _laid_out(path: str, text: str, shuffler: random.Random) -> str:
    """The same code with other line numbers, white space at the ends of lines, and comments after
    statements."""
    if path not in (CONFIGURATION, GENERATE, PROCESSORS):
        return text
    inside = {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno))
    }
    lines = ["# a remark"] * shuffler.randint(0, 5)
    for number, line in enumerate(text.split("\n"), start=1):
        remark = "  # said here" if line.strip() and number not in inside and shuffler.random() < 0.3 else ""
        lines.append(line + remark)
    return "\n".join(lines)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.randoms(use_true_random=False))
def test_the_layout_of_the_source_does_not_matter(tmp_path: Path, shuffler: random.Random) -> None:
    texts = small_release.edited()
    moved = {path: _laid_out(path, text, shuffler) for path, text in texts.items()}
    assert compare(small_release.side(texts, tmp_path), small_release.side(moved, tmp_path)) == ()


@pytest.mark.parametrize("marks", ["'", '"""'])
def test_quotes_and_brackets_do_not_matter(tmp_path: Path, marks: str) -> None:
    texts = small_release.edited(('"top_k", None', f"{marks}top_k{marks}, (None)"))
    assert (
        compare(small_release.side(small_release.edited(), tmp_path), small_release.side(texts, tmp_path))
        == ()
    )
