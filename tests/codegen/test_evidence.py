"""codegen.review.evidence and evidence_check: what is known of the statements that claims rest on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import EvidenceError
from codegen.model.origins import Symbol
from codegen.review import evidence, overrides_file, supported
from codegen.review.basis import bases, source_words
from codegen.review.evidence import KnownDefinition, Statements
from codegen.review.evidence_check import Examination, examine, has_unknown_statements
from codegen.review.overrides import Overrides
from codegen.upstream.symbols import Library
from tests.codegen import fake_source, places

F = Symbol(CONFIGURATION, "f")
SOURCE = """
def f(config, past):
    if config.width > 3:
        raise ValueError("too wide")
    if config.depth > 3:
        raise ValueError("too deep")
    return config.past.get("past")
"""


def fact(name: str, reason: str) -> str:
    return (
        f'[params.{name}]\nrole = "length"\nrole_reason = "x"\ndescription = "x"\n'
        f'[[params.{name}.claims]]\nbound = "<= 3"\nreason = "{reason}"\nevidence = ["{F}"]\n'
    )


TOML = fact("width", "It is refused.") + fact("depth", "That, too.")


@pytest.fixture
def overrides(tmp_path: Path) -> Overrides:
    return places.with_overrides(tmp_path, TOML)


def source(*edits: tuple[str, str]) -> Library:
    text = SOURCE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return fake_source.library(configuration=text)


def read(overrides: Overrides, version: str = "2.1.0", library: Library | None = None) -> Overrides:
    """The overrides, after a person read everything in a release."""
    found = examine(overrides, library or source(), version)
    for each in found.unread:
        made = Statements(about=each.about, fingerprint=each.current.fingerprint).confirmed(version, "Read.")
        found.evidence[each.symbol] = found.evidence[each.symbol].with_statements(made)
    return replace(overrides, evidence=found.evidence)


def asked(found: Examination) -> list[str]:
    return [claim.claim for each in found.unread for claim in each.claims]


def test_what_nobody_read_is_asked(overrides: Overrides) -> None:
    found = examine(overrides, source(), "2.1.0")
    assert asked(found) == ["depth.bound", "width.bound"]
    assert found.unread[0].message == f"{F}: nobody has read the statements about depth"
    assert found.unread[0].claims[0].sentence == "depth bound <= 3: That, too."
    assert asked(examine(read(overrides), source(), "2.1.0")) == []


def test_only_claims_whose_statements_changed_are_asked(overrides: Overrides) -> None:
    found = examine(read(overrides), source(("width > 3", "width > 4")), "2.3.0")
    assert asked(found) == ["width.bound"]
    assert found.unread[0].message == f"{F}: the statements about width are not those of 2.1.0"
    assert "config.width > 4" in found.unread[0].current.text
    assert "depth" not in found.unread[0].current.text


@pytest.mark.parametrize(
    "edit",
    [
        ("too wide", "other words"),
        ("def f(config, past)", "def f(settings, past)"),
        ("    return config", "    logger.warning('x')\n    return config"),
        ('config.past.get("past")', "None"),
    ],
)
def test_a_change_that_concerns_no_claim_is_kept_without_asking(
    overrides: Overrides, edit: tuple[str, str]
) -> None:
    text = SOURCE.replace(*edit)
    text = text.replace("config.", "settings.") if "settings" in edit[1] else text
    found = examine(read(overrides), fake_source.library(configuration=text), "2.3.0")
    assert asked(found) == []
    known = found.evidence[F]
    assert list(known.digests) == ["2.1.0", "2.3.0"]
    assert [(each.read, each.same) for each in known.statements] == [(("2.1.0",), ("2.3.0",))] * 2


def test_a_form_that_was_known_once_is_known_again(overrides: Overrides) -> None:
    other = source(("width > 3", "width > 4"))
    once = read(read(overrides), "2.3.0", other)
    assert asked(examine(once, source(), "2.4.0")) == []
    assert asked(examine(once, other, "2.4.0")) == []


def test_a_new_claim_on_a_definition_that_was_read_needs_no_reading(
    overrides: Overrides, tmp_path: Path
) -> None:
    before = read(replace(overrides, params={"width": overrides.params["width"]}))
    more = replace(overrides, evidence=before.evidence)
    assert asked(examine(more, source(), "2.1.0")) == []
    changed = source(("depth > 3", "depth > 4"))
    assert asked(examine(more, changed, "2.3.0")) == ["depth.bound"]


def test_what_no_claim_rests_on_any_more_is_forgotten(overrides: Overrides) -> None:
    fewer = replace(read(overrides), params={"width": overrides.params["width"]})
    assert [each.about for each in examine(fewer, source(), "2.1.0").evidence[F].statements] == [("width",)]


def test_a_renamed_key_is_recognised(overrides: Overrides) -> None:
    old = SOURCE.replace("width > 3", 'width > config.get("past")')
    new = old.replace('"past"', '"cache"')
    declared = '@deprecate_kwarg("past", "3.0", new_name="cache")\ndef f' + new.split("def f", 1)[1].replace(
        "config.past", "config.cache"
    ).replace("(config, past)", "(config, cache)")
    known = read(overrides, library=fake_source.library(configuration=old))
    assert asked(examine(known, fake_source.library(configuration=new), "2.4.0")) == ["width.bound"]
    found = examine(known, fake_source.library(configuration=declared), "2.4.0")
    assert asked(found) == []
    assert found.notes == [
        f"{F}: past is called cache now, as the source says; nothing else changed about width"
    ]


def test_the_file_gives_back_what_was_written(overrides: Overrides, tmp_path: Path) -> None:
    known = read(overrides).evidence
    path = tmp_path / "evidence.json"
    path.write_text(evidence.dumps(known), encoding="utf-8")
    assert evidence.load(path, "evidence.json") == known
    path.write_text(evidence.dumps({}), encoding="utf-8")
    assert evidence.load(path, "evidence.json") == {}
    assert evidence.load(tmp_path / "none.json", "none.json") == {}


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"format": 2}, "format: 2 is not the format 1 that this version of codegen reads"),
        ({"more": 1}, "the file: 'more' is not known; known are definitions, format"),
        ({"definitions": {"f": {}}}, "definitions.f: 'f' is not a symbol"),
        (
            {"definitions": {str(F): {"statements": [{"about": ["a"], "fingerprint": 3}]}}},
            f"definitions.'{F}'.statements[0].fingerprint: a text is expected here",
        ),
        (
            {"definitions": {str(F): {"statements": [{"about": ["a"], "fingerprint": "0"}]}}},
            f"definitions.'{F}'.statements[0]: nobody read them, and there is no reason",
        ),
        (
            {
                "definitions": {
                    str(F): {"statements": [{"about": [], "fingerprint": "0", "read": ["2.0.0"]}] * 2}
                }
            },
            f"definitions.'{F}'.statements[1]: they are listed twice",
        ),
    ],
)
def test_mistakes_in_the_file(tmp_path: Path, change: dict[str, object], mistake: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps({"format": 1, "definitions": {}} | change), encoding="utf-8")
    with pytest.raises(EvidenceError) as raised:
        evidence.load(path, "evidence.json")
    assert mistake in str(raised.value)


def test_a_file_that_is_no_json(tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(EvidenceError, match="it cannot be read"):
        evidence.load(path, "evidence.json")


def test_what_a_name_stands_for() -> None:
    about = ("Mark.ratio", "cache_config.nbits", "call.batch_size", "extra.past", "num_beams")
    assert source_words(about) == ({"ratio", "cache_config", "nbits", "past", "num_beams"}, {"batch_size"})


def test_everything_that_is_said_of_a_supported_release_was_read() -> None:
    overrides = overrides_file.load(places.ENGINE, places.ROOT)
    releases = supported.load(places.ENGINE, places.ROOT)
    assert [version for version in releases if has_unknown_statements(overrides, version)] == []
    assert {basis.symbol for basis in bases(overrides)} >= set(overrides.evidence)


def test_known_statements_are_of_known_releases() -> None:
    known = KnownDefinition().with_digest("2.1.0", "aa").with_digest("2.0.0", "bb")
    assert list(known.digests) == ["2.0.0", "2.1.0"]
    assert known.was_read("aa") is None
    read = known.with_statements(Statements(about=("a",), fingerprint="0", read=("2.0.0",), same=("2.1.0",)))
    assert (read.was_read("aa"), read.was_read("bb")) == (None, "2.0.0")
