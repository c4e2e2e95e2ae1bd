"""YAML and JSON as data: what is read, what is refused, and the lines of values."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from llenergymeasure.config.documents import parse_json, parse_yaml, read
from llenergymeasure.config.errors import DocumentError

data = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc<=~-:#", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3e-4", 3e-4),
        ("1e5", 1e5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", float("-inf")),
        ("12", 12),
        ("+1", 1),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("no", "no"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("'3'", "3"),
        ("!!str 3", "3"),
        ("2001-01-01", "2001-01-01"),
        ("=", "="),
        ("[1, a, {b: c}]", [1, "a", {"b": "c"}]),
        ("{[5, 6]: -2.0}", {(5, 6): -2.0}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("%YAML 1.1\n---\nno", "no"),
        ("'<<'", "<<"),
    ],
)
def test_yaml_is_read_as_its_version_1_2(text: str, value: object) -> None:
    parsed = parse_yaml(text, "x").data
    assert parsed == value
    assert type(parsed) is type(value)


@given(data)
def test_json_reads_back_what_was_written(value: object) -> None:
    assert parse_json(json.dumps(value), "x").data == value


@given(data)
def test_yaml_reads_json_the_same_way(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert parse_yaml(text.replace("-Infinity", "-.inf").replace("Infinity", ".inf"), "x").data == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "x: is empty."),
        ("# only a comment\n", "x: is empty."),
        ("a: 1\nb: [1, 2", "x:2: is not YAML: expected ',' or ']', but got '<stream end>'."),
        ("a: 1\n\tb: 2", "x:2: is not YAML: found character '\\t' that cannot start any token."),
        ("a: 1\nb: \x07", "x:2: is not YAML: it has the control character 7."),
        ("a: 1\n---\nb: 2\n", "x:2: a second document starts here; keep one in each file."),
        ("a: 1\nb: 2\na: 3\n", "x:3: the key 'a' is there twice."),
        ("? [1]\n: 1\n? [1]\n: 2\n", "x:3: the key [1] is there twice."),
        ("a:\n  <<: {b: 1}\n", "x:2: merging mappings with << is not part of YAML 1.2; write the keys out."),
        ("? {a: 1}\n: 2\n", "x:1: a mapping cannot be, or be in, a key."),
        ("? [{a: 1}]\n: 2\n", "x:1: a mapping cannot be, or be in, a key."),
        ("a: &x [1, *x]", "x:1: a value contains itself."),
        ("a: *x", "x:1: is not YAML: found undefined alias 'x'."),
        ("[" * 1500, "x: is nested too deeply."),
        ("a: " + "9" * 5000, "x:1: the number has too many digits."),
        (
            "a: 1\nb: !!python/object/apply:os.system ['touch here']\n",
            "x:2: the tag !!python/object/apply:os.system asks for more than data; leave it out.",
        ),
        (
            "!!python/name:os.system",
            "x:1: the tag !!python/name:os.system asks for more than data; leave it out.",
        ),
        ("!mine 3", "x:1: the tag !mine asks for more than data; leave it out."),
        ("!!binary aGk=", "x:1: the tag !!binary asks for more than data; leave it out."),
        ("!!set {a, b}", "x:1: the tag !!set asks for more than data; leave it out."),
    ],
)
def test_yaml_that_is_more_or_less_than_data_is_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_yaml(text, "x")
    assert str(caught.value) == message


def test_aliases_cannot_expand_to_billions_of_values() -> None:
    rows = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(DocumentError, match="expands to more than 100000 values"):
        parse_yaml("\n".join(rows), "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "b": }', "x:2: is not JSON: Expecting value."),
        ("", "x:1: is not JSON: Expecting value."),
        ('{"a": {"b": 1, "b": 2}}', "x: the key 'b' is there twice."),
        ("[" * 100_000, "x: is nested too deeply."),
    ],
)
def test_text_that_is_not_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        parse_json(text, "x")
    assert str(caught.value) == message


@pytest.mark.parametrize("parse", [parse_yaml, parse_json])
def test_every_value_has_its_line(parse: object) -> None:
    text = '{\n "a": 1,\n "b": [\n  1,\n  {"c":\n    2}]\n}'
    assert parse(text, "x").lines() == {  # type: ignore[operator]
        (): 1,
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 1): 5,
        ("b", 1, "c"): 5,
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"\xff\xfea", "is not text in UTF-8; save it as UTF-8."), (None, "there is no such file.")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "study.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DocumentError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: {message}"


def test_a_folder_or_an_impossible_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"cannot be read \(Is a directory\)"):
        read(tmp_path)
    with pytest.raises(DocumentError, match="cannot be read"):
        read(tmp_path / "a\0b")


def test_the_name_of_the_file_decides_between_yaml_and_json(tmp_path: Path) -> None:
    for name, text in (("a.yaml", "a: no"), ("b.JSON", '\ufeff{"a": "no"}'), ("c", "a: no")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read(tmp_path / name).data == {"a": "no"}


def test_what_another_yaml_program_writes_is_read(tmp_path: Path) -> None:
    value = {"a": [1, 2.5, None, True, "no", "3", "x: y\nz"], "b": {"c": {}}}
    path = tmp_path / "x.yaml"
    YAML(typ="safe", pure=True).dump(value, path)
    assert read(path).data == value
