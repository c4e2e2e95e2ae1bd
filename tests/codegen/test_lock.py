"""codegen.model.lock: the Schema as data, and back."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from codegen.errors import LockError
from codegen.model import lock
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.schema import Schema
from tests.codegen import former_locks, strategies
from tests.codegen.small_schema import SCHEMA


@settings(max_examples=30)
@given(strategies.schemas)
def test_what_is_written_reads_back(schema: Schema) -> None:
    text = lock.dumps(schema)
    read = lock.loads(text, "a lock")
    assert read == schema
    assert repr(read) == repr(schema)  # repr tells 1 from 1.0 from True
    assert lock.dumps(read) == text


def test_every_shape_reads_back() -> None:
    assert lock.loads(lock.dumps(SCHEMA), "a lock") == SCHEMA


def test_a_file_reads_back(tmp_path: Path) -> None:
    (tmp_path / "lock.json").write_text(lock.dumps(SCHEMA), encoding="utf-8")
    assert lock.load(tmp_path / "lock.json") == SCHEMA


def test_it_is_json_that_a_person_can_compare_line_by_line() -> None:
    text = lock.dumps(SCHEMA)
    assert text.endswith("}\n")
    assert max(map(len, text.splitlines())) < 200
    assert json.loads(text)["format"] == lock.FORMAT


F = Symbol("generation/utils.py", "f")
ORIGINS = (
    Origin(OriginKind.EFFECTIVE_DEFAULT, F),
    Origin(OriginKind.CLAIM, None, "min_length", "An empty one: it is a mistake."),
    Origin(OriginKind.EVIDENCE, F, "min_length"),
    Origin(OriginKind.CLAIM, None, "unbounded", "Any is fine."),
)
RULE_ORIGINS = (
    Origin(OriginKind.RULE, F, "validate: a, b"),
    Origin(OriginKind.RULE, None, "early-needs-length"),
    Origin(OriginKind.EVIDENCE, F, "early-needs-length"),
)


def test_a_lock_from_before_there_were_several_engines_is_read() -> None:
    """It had other names, and origins in prose."""
    params = (replace(SCHEMA.params[0], origins=ORIGINS), *SCHEMA.params[1:])
    rules = (replace(SCHEMA.rules[0], origins=RULE_ORIGINS), *SCHEMA.rules[1:])
    schema = replace(SCHEMA, params=params, rules=rules)
    found = lock.loads(json.dumps(former_locks.format_2(schema)), "a lock")
    assert found == schema
    assert repr(found) == repr(schema)


def test_a_lock_from_before_the_rules_is_read() -> None:
    found = lock.loads(json.dumps(former_locks.format_1(SCHEMA)), "a lock")
    assert found.rules == ()
    assert {param.equivalent_values for param in found.params} == {()}
    assert found == replace(SCHEMA, rules=(), params=found.params)
    assert [param.name for param in found.params] == [param.name for param in SCHEMA.params]
    written = lock.loads(lock.dumps(found), "a lock")
    assert written == found


def test_rules_are_written_as_people_read_them() -> None:
    rule = json.loads(lock.dumps(SCHEMA))["rules"][2]
    assert rule["when"] == "bad is not None and call.batch_size % bits == 0"
    assert rule["need"] == "highest(bad) < model.vocab_size and subset(bad, words) or extra.mark in (1, 'a')"


RULE = json.loads(lock.dumps(SCHEMA))["rules"][0]


def _edited(**changes: Any) -> str:
    return json.dumps(json.loads(lock.dumps(SCHEMA)) | changes)


PARAM = json.loads(lock.dumps(SCHEMA))["params"][0]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is not a lock"),
        ("{", "is not a lock"),
        ("[]", "is not a lock"),
        ("null", "is not a lock"),
        ("3", "is not a lock"),
        ("{}", "is not a lock"),
        ("[" * 100_000, "is not a lock"),
        (lock.dumps(SCHEMA)[:-100], "is not a lock"),
        (_edited(format=lock.FORMAT + 1), f"has format {lock.FORMAT + 1}; this codegen reads format {lock.FORMAT}"),
        (_edited(format="1"), "has format '1'"),
        (_edited(params=None), "is broken (params: a list is expected here)"),
        (_edited(params=[3]), "is broken (params[0]: a table is expected here)"),
        (_edited(params=[{}]), "params[0]: it has no name; params[0]: it has no type; params[0]: it has no takes none; and 1 more"),
        (_edited(params=[PARAM | {"type": {"is": "Magic"}}]), "params[0].type: there is no type 'Magic'"),
        (_edited(params=[PARAM | {"type": 3}]), "params[0].type: a table is expected here"),
        (_edited(params=[PARAM | {"surprise": 1}]), "params[0]: 'surprise' is not known; known are "),
        (_edited(params=[{key: PARAM[key] for key in PARAM if key != "name"}]), "params[0]: it has no name"),
        (_edited(nested=[{"name": "A"}]), "nested[0]: it has no upstream; nested[0]: it has no parameter; nested[0]: it has no fields"),
        (_edited(class_tightenings=[{"what": "a"}]), "class_tightenings[0]: it has no reason"),
        (_edited(evidence=3), "evidence: a table is expected here"),
        (_edited(rules=None), "rules: a list is expected here"),
        (_edited(rules=[RULE | {"when": "open('canary', 'w')"}]), "cannot read"),
        (_edited(rules=[RULE | {"when": None}]), "is broken"),
        (_edited(rules=[RULE | {"need": "a <"}]), "cannot read"),
        (_edited(rules=[RULE | {"surprise": 1}]), "surprise"),
        (json.dumps(former_locks.format_1(SCHEMA) | {"params": [3]}), "is broken"),
        (json.dumps(former_locks.format_1(SCHEMA) | {"nested": None}), "is broken"),
        (json.dumps({"format": 1}), "is broken"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)  # fmt: skip
def test_a_file_that_is_not_a_lock_is_refused_with_a_hint(text: str, what: str) -> None:
    with pytest.raises(LockError) as raised:
        lock.loads(text, "some/lock.json")
    message = str(raised.value)
    assert message.startswith("some/lock.json ")
    assert what in message
    assert "python -m codegen refresh" in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [None, b"\xff\xfe", "folder"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "lock.json"
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    with pytest.raises(
        LockError, match=r"lock\.json cannot be read .* create it with: python -m codegen refresh"
    ):
        lock.load(path)
