"""codegen.migrate: in any layout, a migrated text means the same, parses and keeps its comments, and a second
migration changes nothing."""

import ast
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from codegen.migrate import documents, python
from codegen.migrate.plan import Plan
from codegen.migrate.result import Result
from tests.codegen.test_migrate import PLAN

PINNED = replace(PLAN, pins={"kept": 5, "least": 0})
VALUES: dict[str, list[Any]] = {
    "kept": [1],
    "gone": [9, 3, [1, 2], None],
    "called": [1.5],
    "kind": ["full", "grow"],
    "least": [1, -1],
    "words": [[1]],
    "extra": [{}, {"a": 1}],
    "mark": [{"depth": 2}, {"lost": 2, "depth": 1}, {"lost": 1}, {}],
}
Settings = list[tuple[str, Any]]


@st.composite
def _settings(draw: st.DrawFn) -> Settings:
    names = draw(st.lists(st.sampled_from(list(VALUES)), unique=True))
    return [(name, draw(st.sampled_from(VALUES[name]))) for name in names]


def _meant(settings: Settings, plan: Plan) -> dict[str, Any]:
    """The settings after the migration that :data:`PLAN` describes."""
    meant = dict(settings)
    if "gone" in meant and (gone := meant.pop("gone")) != 3:  # 3 is the default
        meant["extra"] = {**meant.get("extra", {}), "gone": gone}
    if "called" in meant:
        meant["named"] = meant.pop("called")
    if meant.get("kind") == "full":
        meant["kind"] = "grow"
    if "mark" in meant:
        inside = {{"depth": "height"}.get(name, name): value for name, value in meant["mark"].items()}
        meant["mark"] = {name: value for name, value in inside.items() if (name, value) != ("lost", 1)}
    return dict(plan.pins) | meant


def _holds(
    migrate: Callable[[str], Result], text: str, read: Callable[[str], Any], meant: dict[str, Any]
) -> None:
    result = migrate(text)
    assert read(result.after) == meant, result.after
    assert migrate(result.after).after == result.after
    for remark in ("# mine", "# own"):
        assert result.after.count(remark) == text.count(remark)


def _yaml(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(io.StringIO(text))["pytorch"]


@pytest.mark.parametrize("plan", [PLAN, PINNED], ids=["plain", "pinned"])
@given(settings=_settings(), data=st.data())
def test_a_document_means_the_same_after_migration(
    plan: Plan, settings: Settings, data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from(["block", "flow", "json", "json in lines"]))
    entries = [
        f'"{name}": {json.dumps(value)}' if "json" in form else f"{name}: {json.dumps(value)}"
        for name, value in settings
    ]
    if form == "block" and settings:
        behind, between = st.sampled_from(["", "  # mine"]), st.sampled_from(["", "\n", "  # own\n"])
        text = "a: 1\npytorch:\n" + "".join(
            f"  {each}{data.draw(behind)}\n{data.draw(between)}" for each in entries
        )
        text += data.draw(st.sampled_from(["", "b: 2\n"]))
    elif "json" in form:
        lead, end = ("\n    ", "\n  ") if form == "json in lines" and settings else ("", "")
        inside = lead + f",{lead or ' '}".join(entries) + end
        text = f'{{\n  "pytorch": {{{inside}}}\n}}\n'
    else:
        last = data.draw(st.sampled_from(["", " ", ", "])) if entries else ""
        text = f"pytorch: {{{', '.join(entries)}{last}}}\n"
    path = Path("a.json" if "json" in form else "a.yaml")
    _holds(lambda each: documents.migrate(path, each, plan), text, _yaml, _meant(settings, plan))


@pytest.mark.parametrize("plan", [PLAN, PINNED], ids=["plain", "pinned"])
@given(settings=_settings(), data=st.data())
def test_a_call_means_the_same_after_migration(plan: Plan, settings: Settings, data: st.DataObject) -> None:
    arguments = [f"{name}={value!r}" for name, value in settings]
    if data.draw(st.booleans()) and arguments:
        remarks = [data.draw(st.sampled_from(["", "  # mine"])) for _ in arguments]
        commas = [","] * (len(arguments) - 1) + [data.draw(st.sampled_from(["", ","]))]
        lines = map("".join, zip(arguments, commas, remarks, strict=True))
        text = "c = PyTorchConfig(\n    " + "\n    ".join(lines) + "\n)\n"
    else:
        text = f"c = PyTorchConfig({', '.join(arguments)})\n"
    _holds(lambda each: python.migrate(Path("a.py"), each, plan), text, _keywords, _meant(settings, plan))


def _keywords(text: str) -> dict[str, Any]:
    [statement] = ast.parse(text).body
    assert isinstance(statement, ast.Assign)
    assert isinstance(statement.value, ast.Call)
    names = [each.arg for each in statement.value.keywords]
    assert len(names) == len(set(names))
    return {str(each.arg): ast.literal_eval(each.value) for each in statement.value.keywords}


@given(settings=_settings())
def test_a_dictionary_means_the_same_after_migration(settings: Settings) -> None:
    text = f"s = {dict(settings)!r}\nc = PyTorchConfig(**s)\n"

    def read(after: str) -> Any:
        first = ast.parse(after).body[0]
        assert isinstance(first, ast.Assign)
        return ast.literal_eval(first.value)

    _holds(lambda each: python.migrate(Path("a.py"), each, PLAN), text, read, _meant(settings, PLAN))
