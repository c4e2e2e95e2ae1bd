"""codegen.review.executed: what became of the test values is read strictly, and compared with the Schema."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codegen.errors import RecordError
from codegen.model import lock
from codegen.model.schema import Param, Schema
from codegen.review import coverage, executed
from codegen.review.executed import (
    Executed,
    ParameterResult,
    Problem,
    RuleResult,
    TighteningResult,
    ValueResult,
)
from tests.codegen.small_schema import SCHEMA


def _tried(param: Param, verdict: str = "effect") -> ParameterResult:
    return ParameterResult(
        verdict, dict(param.context), tuple(ValueResult(value, verdict) for value in param.test_values)
    )


def _lock(schema: Schema) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(lock.dumps(schema))
    return data


RECORD = Executed(
    SCHEMA.engine,
    SCHEMA.version,
    {param.name: _tried(param) for param in SCHEMA.params},
    executed.parts(_lock(SCHEMA)),
)
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
        (SCHEMA, None, "No test value of transformers 2.3.0 was executed; run: make fidelity"),
        (
            replace(SCHEMA, version="2.4.0"),
            RECORD,
            "The test values were executed on transformers 2.3.0, not 2.4.0; run: make fidelity",
        ),
        (_changed("bits", test_values=(4, 2, 4)), RECORD, CHANGED.format("bits")),
        (_changed("do_sample", test_values=(0, 1)), RECORD, CHANGED.format("do_sample")),  # numbers are not flags
        (_changed("temperature", context={}), RECORD, CHANGED.format("temperature")),
        (_changed("temperature", context={"do_sample": 1}), RECORD, CHANGED.format("temperature")),
    ],
)  # fmt: skip
def test_what_was_not_executed_since_it_changed_is_reported(
    schema: Schema, record: Executed | None, sentence: str
) -> None:
    assert list(executed.missing(schema, record)) == [sentence]


def test_a_parameter_with_another_name_is_a_new_one_and_one_that_is_gone() -> None:
    gone = "What the schema says about max_length changed since it was executed; run: make fidelity"
    found = list(executed.missing(_changed("max_length", name="new"), RECORD))
    assert found == [CHANGED.format("new"), gone]


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        (_changed("max_length", takes_none=True), "max_length"),
        (_changed("max_length", disabled_value=3), "max_length"),
        (replace(SCHEMA, rules=SCHEMA.rules[1:]), f"rule {SCHEMA.rules[0].id}"),
        (replace(SCHEMA, rules=(replace(SCHEMA.rules[0], tightening="It may fail."), *SCHEMA.rules[1:])),
            f"rule {SCHEMA.rules[0].id}"),
        (replace(SCHEMA, nested=SCHEMA.nested[1:]), f"class {SCHEMA.nested[0].name}"),
    ],
)  # fmt: skip
def test_changes_of_the_schema_since_the_execution_are_named(schema: Schema, sentence: str) -> None:
    message = f"What the schema says about {sentence} changed since it was executed; run: make fidelity"
    assert list(executed.missing(schema, RECORD)) == [message]


@pytest.mark.parametrize(
    "schema",
    [
        _changed("max_length", description="In other words.", role="cache", role_reason="As it is."),
        _changed("max_length", doc_digest="0123", section="Another", origins=()),
        replace(SCHEMA, rules=tuple(replace(rule, message="in other words") for rule in SCHEMA.rules)),
        replace(SCHEMA, evidence={}),
    ],
)
def test_other_words_ask_for_no_run(schema: Schema) -> None:
    assert list(executed.missing(schema, RECORD)) == []


def test_many_changed_parts_are_counted() -> None:
    found = list(executed.missing(SCHEMA, replace(RECORD, lock={})))
    assert len(found) == 1
    assert re.search(r" and \d+ more changed since", found[0])


def test_a_value_that_was_not_executed_is_not_covered() -> None:
    changed = _changed("max_length", test_values=(20, 3))
    found = coverage.measure(changed, RECORD)
    assert [row.name for row in found.rows if not row.tested] == ["max_length"]
    of_another_release = replace(changed, version="2.4.0")
    assert all(row.tested for row in coverage.measure(of_another_release, RECORD).rows)


def test_verdicts_are_counted() -> None:
    verdicts = {"bits": "refused"}
    mixed = {param.name: _tried(param, verdicts.get(param.name, "effect")) for param in SCHEMA.params}
    record = replace(RECORD, parameters=mixed)
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
        "version": "2.3.0",
        "parameters": {"a": TRIED},
    }
    return json.dumps(whole | changes)


def test_the_file_is_read_with_tuples_for_lists(tmp_path: Path) -> None:
    path = tmp_path / "executed.json"
    assert executed.load(path) is None
    path.write_text(_data(), encoding="utf-8")
    tried = ParameterResult(
        "effect", {"b": (1,)}, (ValueResult((1, (2,)), "effect"), ValueResult(None, "no effect"))
    )
    assert executed.load(path) == Executed("transformers", "2.3.0", {"a": tried})


def test_problems_refusals_and_tightenings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "executed.json"
    rest = {
        "lock": {"a": "0123"},
        "problems": [{"cause": "unsound: ValueError", "count": 500, "example": '{"a": 1} in single'}],
        "rules": {"one-at-a-time": {"tried": 20, "failed": 19}},
        "tightenings": {"a: <= 1": {"reason": "0123", "behaviour": "same"}},
    }
    path.write_text(_data(**rest), encoding="utf-8")
    found = executed.load(path)
    assert found is not None
    assert found.problems == (Problem("unsound: ValueError", 500, '{"a": 1} in single'),)
    assert found.rules == {"one-at-a-time": RuleResult(20, 19)}
    assert found.tightenings == {"a: <= 1": TighteningResult("0123", "same")}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "cannot be read (Expecting value: line 1 column 1 (char 0))"),
        ("[]", "cannot be read (a table is expected here)"),
        ("{}", "has format None; this codegen reads format 3"),
        ("[" * 100_000, "maximum recursion depth exceeded"),
        (_data(format=4), "has format 4; this codegen reads format 3. Update it, or: make fidelity"),
        (_data(parameters=3), "(parameters: a table is expected here)"),
        (
            _data(tightenings={"a": {"reason": "b", "behaviour": "odd"}}),
            "'odd' is not a valid behaviour; choose one of fails",
        ),
        (_data(rules={"a": {"tried": 1}}), "rules.a: it has no failed"),
        (_data(parameters={"a": {}}), "(parameters.a: it has no verdict; choose one of effect"),
        (_data(parameters={"a": TRIED | {"values": 3}}), "make fidelity"),
        (_data(parameters={"a": TRIED | {"values": [3]}}), "make fidelity"),
        (
            _data(parameters={"a": TRIED | {"verdict": "maybe"}}),
            "(parameters.a.verdict: 'maybe' is not a valid verdict; choose one of effect",
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
