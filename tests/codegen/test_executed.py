"""codegen.review.executed: what became of the test values is read strictly, and compared with the Schema."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codegen.errors import RecordError
from codegen.model.schema import Param, Schema
from codegen.review import coverage, executed
from codegen.review.executed import Executed, Tried, TriedValue
from tests.codegen.small_schema import SCHEMA


def _tried(param: Param, verdict: str = "effect") -> Tried:
    return Tried(
        verdict, dict(param.context), tuple(TriedValue(value, verdict) for value in param.test_values)
    )


RECORD = Executed(SCHEMA.engine, SCHEMA.version, {param.name: _tried(param) for param in SCHEMA.params})
CHANGED = "The test values of {} changed since they were executed; run: make fidelity"


def _changed(name: str, /, **changes: Any) -> Schema:
    params = tuple(replace(each, **changes) if each.name == name else each for each in SCHEMA.params)
    return replace(SCHEMA, params=params)


def test_a_record_of_everything_misses_nothing() -> None:
    assert list(executed.missing(SCHEMA, RECORD)) == []
    assert all(row.tested for row in coverage.measure(SCHEMA, RECORD).rows)


@pytest.mark.parametrize(
    ("schema", "record", "sentence"),
    [
        (SCHEMA, None, "No test value of transformers 5.23.0 was executed; run: make fidelity"),
        (
            replace(SCHEMA, version="5.24.0"),
            RECORD,
            "The test values were executed on transformers 5.23.0, not 5.24.0; run: make fidelity",
        ),
        (_changed("bits", test_values=(4, 2, 4)), RECORD, CHANGED.format("bits")),
        (_changed("do_sample", test_values=(0, 1)), RECORD, CHANGED.format("do_sample")),  # numbers are no flags
        (_changed("temperature", context={}), RECORD, CHANGED.format("temperature")),
        (_changed("temperature", context={"do_sample": 1}), RECORD, CHANGED.format("temperature")),
        (_changed("max_length", name="new"), RECORD, CHANGED.format("new")),
    ],
)  # fmt: skip
def test_what_was_not_executed_since_it_changed_is_reported(
    schema: Schema, record: Executed | None, sentence: str
) -> None:
    assert list(executed.missing(schema, record)) == [sentence]


def test_a_value_that_was_not_executed_is_not_covered() -> None:
    changed = _changed("max_length", test_values=(20, 3))
    found = coverage.measure(changed, RECORD)
    assert [row.name for row in found.rows if not row.tested] == ["max_length"]
    of_another_release = replace(changed, version="5.24.0")
    assert all(row.tested for row in coverage.measure(of_another_release, RECORD).rows)


def test_verdicts_are_counted() -> None:
    verdicts = {"bits": "refused"}
    mixed = {param.name: _tried(param, verdicts.get(param.name, "effect")) for param in SCHEMA.params}
    record = Executed(SCHEMA.engine, SCHEMA.version, mixed)
    lines = coverage.table(coverage.measure(SCHEMA, record)).splitlines()[-4:]
    values = sum(len(param.test_values) for param in SCHEMA.params)
    bits = sum(len(param.test_values) for param in SCHEMA.params if param.name == "bits")
    assert [line.split()[-4:] for line in lines] == [
        [str(len(SCHEMA.params) - 1), "parameters", str(values - bits), "values"],
        ["0", "parameters", "0", "values"],
        ["1", "parameters", str(bits), "values"],
        ["0", "parameters", "0", "values"],
    ]


TRIED: dict[str, Any] = {
    "verdict": "effect",
    "context": {"b": [1]},
    "values": [{"value": [1, [2]], "verdict": "effect"}, {"value": None, "verdict": "no effect"}],
}


def _data(**changes: Any) -> str:
    whole = {
        "format": executed.FORMAT,
        "engine": "transformers",
        "version": "5.23.0",
        "parameters": {"a": TRIED},
    }
    return json.dumps(whole | changes)


def test_the_file_is_read_with_tuples_for_lists(tmp_path: Path) -> None:
    path = tmp_path / "executed.json"
    assert executed.load(path) is None
    path.write_text(_data(), encoding="utf-8")
    tried = Tried("effect", {"b": (1,)}, (TriedValue((1, (2,)), "effect"), TriedValue(None, "no effect")))
    assert executed.load(path) == Executed("transformers", "5.23.0", {"a": tried})


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "cannot be read (Expecting value: line 1 column 1 (char 0))"),
        ("[]", "cannot be read (a table is expected here)"),
        ("{}", "has format None; this codegen reads format 2"),
        ("[" * 100_000, "maximum recursion depth exceeded"),
        (_data(format=3), "has format 3; this codegen reads format 2. Update it."),
        (_data(parameters=3), "(parameters: a table is expected here)"),
        (_data(parameters={"a": {}}), "(parameters.a: it has no verdict; choose one of effect"),
        (_data(parameters={"a": TRIED | {"values": 3}}), "make fidelity"),
        (_data(parameters={"a": TRIED | {"values": [3]}}), "make fidelity"),
        (
            _data(parameters={"a": TRIED | {"verdict": "maybe"}}),
            "(parameters.a.verdict: 'maybe' is no verdict; choose one of effect",
        ),
    ],
    ids=lambda value: value[:30],
)
def test_a_file_that_is_not_a_record_is_refused(tmp_path: Path, content: str, what: str) -> None:
    path = tmp_path / "executed.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordError) as raised:
        executed.load(path)
    assert str(raised.value).startswith(str(path))
    assert what in str(raised.value)
    assert "\n" not in str(raised.value)
