"""codegen.overrides: the hand-written file is read strictly, and every mistake is told at once."""

import textwrap
from pathlib import Path

import pytest

from codegen import overrides
from codegen.errors import OverridesError
from codegen.types import Bound, ListOf, NoData, Scalar, TupleOf

HEAD = '[params.a]\nrole = "length"\nrole_reason = "It counts."\ndescription = "Counts."\n'
FACT = '[[params.a.facts]]\nreason = "It is so."\nevidence = ["generation/utils.py::f"]\n'


def _load(tmp_path: Path, text: str) -> overrides.Overrides:
    path = tmp_path / "overrides.toml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return overrides.load(path)


def _mistakes(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(OverridesError) as raised:
        _load(tmp_path, text)
    return raised.value.findings


WHOLE = """
[params.a]
versions = ">=5,<6"
role = "length"
role_reason = "It counts."
description = "Counts."
off = 0
requires = ["device:cuda", { need = "package:optimum-quanto", versions = ">=5" }]
context = { do_sample = true, beams = [1, 2] }
examples = [1, [2, [3]], "x"]

[[params.a.facts]]
bound = ">= 0"
at = "[][0]"
tightening = true
reason = "Nobody means it."
versions = ">=5.12"

[[params.a.facts]]
type = "tuple[int, float]"
reason = "The code unpacks it."
evidence = ["generation/utils.py::f", "cache_utils.py::C.g"]

[nested.CompileConfig.mode]
versions = ">=5"
description = "How."
[[nested.CompileConfig.mode.facts]]
choices = ["a", "b"]
tightening = true
reason = "The others fail."

[sections]
"length of the output" = "Length"
"the cache" = "Cache"

[[class_tightenings]]
id = "strict"
what = "numbers are numbers"
reason = "A text is a mistake."

[evidence]
"generation/utils.py::f"."5.23.0" = "0123"
"""


def test_a_whole_file(tmp_path: Path) -> None:
    found = _load(tmp_path, WHOLE)
    entry = found.params["a"]
    assert (entry.role, entry.role_reason, entry.description) == ("length", "It counts.", "Counts.")
    assert entry.off == 0
    assert [need.need for need in entry.requires if need.applies("4.57.6")] == ["device:cuda"]
    assert [need.need for need in entry.requires if need.applies("5.0.0")] == [
        "device:cuda",
        "package:optimum-quanto",
    ]
    assert entry.context == {"do_sample": True, "beams": (1, 2)}
    assert entry.examples == (1, (2, (3,)), "x")
    bound, shape = entry.claims
    assert (bound.kind, bound.value, bound.at) == ("bound", Bound(">=", 0), ("[]", "[0]"))
    assert (bound.tightening, bound.reason, bound.evidence) == (True, "Nobody means it.", ())
    assert (shape.kind, shape.value) == ("type", TupleOf((Scalar("int"), Scalar("float"))))
    assert shape.evidence == ("generation/utils.py::f", "cache_utils.py::C.g")
    assert [claim.value for claim in found.nested["CompileConfig"]["mode"].claims] == [("a", "b")]
    assert found.sections == (("length of the output", "Length"), ("the cache", "Cache"))
    assert [each.what for each in found.class_tightenings] == ["numbers are numbers"]
    assert found.evidence == {"generation/utils.py::f": {"5.23.0": "0123"}}
    assert [name for name, _ in found.claims()] == ["a", "a", "CompileConfig.mode"]
    assert [(name, claim.kind) for name, claim in found.claims("5.0.0")] == [
        ("a", "type"),
        ("CompileConfig.mode", "choices"),
    ]
    assert list(found.claims("4.57.6")) == []


@pytest.mark.parametrize(
    ("version", "entry", "claim"),
    [("4.57.6", False, False), ("5.0.0", True, False), ("5.12.1", True, True), ("5.99.0.dev0", True, True)],
)
def test_entries_and_claims_hold_for_a_range_of_releases(
    tmp_path: Path, version: str, entry: bool, claim: bool
) -> None:
    found = _load(tmp_path, WHOLE).params["a"]
    assert found.applies(version) is entry
    assert found.claims[0].applies(version) is claim
    assert found.claims[1].applies(version)  # all, if not said
    assert _load(tmp_path, WHOLE).nested["CompileConfig"]["mode"].applies(version) is entry


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ('bound = "> 0"', Bound(">", 0)),
        ('bound = "<= 0.5"', Bound("<=", 0.5)),
        ('bound = ">= -1"', Bound(">=", -1)),
        ('bound = "< 1e3"', Bound("<", 1000.0)),
        ("least = 1", 1),
        ('type = "None"', NoData()),
        ('type = "list[int]"', ListOf(Scalar("int"))),
        ('choices = ["a", 1, true]', ("a", 1, True)),
        ("default = 3", 3),
        ("shown_default = false", False),
        ("takes_none = false", False),
        ("boundless = true", True),
        ('deprecated = "Since 5."', "Since 5."),
    ],
)
def test_every_kind_of_claim(tmp_path: Path, claim: str, value: object) -> None:
    [found] = _load(tmp_path, HEAD + FACT + claim).params["a"].claims
    assert repr(found.value) == repr(value)
    assert found.kind == claim.split(maxsplit=1)[0]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        # the parameter
        ('[params.a]\nrole_reason = "x"\ndescription = "x"', "params.a: it has no role; choose one of length, decoding"),
        (HEAD.replace('"length"', '"lenght"'), "params.a.role: 'lenght' is no energy role; choose one of length, decoding"),
        (HEAD.replace('"length"', "3"), "params.a.role: 3 is no energy role"),
        (HEAD.replace('role_reason = "It counts."\n', ""), "params.a: it has no role reason"),
        (HEAD.replace('"It counts."', '"  "'), "params.a: it has no role reason"),
        (HEAD.replace('description = "Counts."\n', ""), "params.a: it has no description"),
        (HEAD.replace('"Counts."', '"a\\nb"'), "params.a.description: write it in one line"),
        (HEAD.replace('"Counts."', f'"{"x" * 161}"'), "params.a.description: 161 characters; the most is 160"),
        (HEAD.replace('"Counts."', "3"), "params.a.description: a text is expected here"),
        (HEAD + "colour = 1", "params.a: 'colour' is not known; known are context, description"),
        (HEAD + 'requires = ["cuda"]', "params.a.requires: 'cuda' is not written kind:name"),
        (HEAD + 'requires = ["colour:red"]', "params.a.requires: 'colour:red' is not written kind:name"),
        (HEAD + 'requires = [{ need = "device:cuda", versions = ">9" }]', "params.a.requires.versions: '>9' applies to no supported release"),
        (HEAD + 'requires = "device:cuda"', "params.a.requires: a list is expected here"),
        (HEAD + "requires = [1]", "params.a.requires: a table is expected here"),
        (HEAD + "context = 3", "params.a.context: a table is expected here"),
        (HEAD + "examples = 3", "params.a.examples: a list is expected here"),
        (HEAD + "examples = [2020-01-01]", "params.a.examples"),
        (HEAD + "off = 2020-01-01", "params.a.off"),
        (HEAD + "facts = 3", "params.a.facts: a list is expected here"),
        (HEAD + "facts = [3]", "params.a.facts[0]: a table is expected here"),
        (HEAD + 'versions = "five"', "params.a.versions: 'five' is no version range such as '>=5,<5.12'"),
        (HEAD + 'versions = ">=9"', "params.a.versions: '>=9' applies to no supported release (4.52.4"),
        (HEAD + "versions = 5", "params.a.versions: a text is expected here"),
        ("params = 3", "params: a table is expected here"),
        ("[params]\na = 3", "params.a: a table is expected here"),
        # its claims
        (HEAD + FACT, "params.a.facts[0]: it states nothing; state exactly one of bound, least"),
        (HEAD + FACT + 'bound = "> 0"\ntakes_none = false', "params.a.facts[0]: it states bound, takes_none; state exactly one of"),
        (HEAD + FACT.replace('reason = "It is so."\n', "") + 'bound = "> 0"', "params.a.facts[0]: it has no reason"),
        (HEAD + FACT.replace('"It is so."', '""') + 'bound = "> 0"', "params.a.facts[0]: it has no reason"),
        (HEAD + FACT.replace('evidence = ["generation/utils.py::f"]\n', "") + 'bound = "> 0"', "params.a.facts[0]: it names no evidence; name the upstream symbols it rests on, or mark it tightening"),
        (HEAD + FACT.replace('["generation/utils.py::f"]', "[]") + "takes_none = false", "params.a.facts[0]: it names no evidence"),
        (HEAD + FACT.replace('["generation/utils.py::f"]', '"f"') + "takes_none = false", "params.a.facts[0].evidence: a list is expected here"),
        (HEAD + FACT.replace("generation/utils.py::f", "f") + "takes_none = false", "params.a.facts[0].evidence: 'f' is no symbol"),
        (HEAD + FACT + 'bound = "> 0"\ncolour = 1', "params.a.facts[0]: 'colour' is not known"),
        (HEAD + FACT + 'bound = "> 0"\nversions = "==5.1"', "params.a.facts[0].versions: '==5.1' applies to no supported release"),
        (HEAD + FACT + 'bound = "> 0"\nat = "first"', "params.a.facts[0]: 'first' is not a path into a type"),
        (HEAD + FACT + 'bound = "> 0"\ntightening = "yes"', "params.a.facts[0].tightening: write true or false"),
        (HEAD + FACT + 'bound = "0"', "params.a.facts[0]: '0' is no bound; write for example '>= 0'"),
        (HEAD + FACT + 'bound = "== 0"', "params.a.facts[0]: '== 0' is no bound"),
        (HEAD + FACT + 'bound = "> x"', "params.a.facts[0]"),
        (HEAD + FACT + 'bound = "> nan"', "params.a.facts[0]: '> nan' is no bound"),
        (HEAD + FACT + 'bound = "> inf"', "params.a.facts[0]: '> inf' is no bound"),
        (HEAD + FACT + "bound = 0", "params.a.facts[0]: 0 is no bound"),
        (HEAD + FACT + "least = 0", "params.a.facts[0]: 0 is no least length; write 1 or more"),
        (HEAD + FACT + "least = true", "params.a.facts[0]: True is no least length"),
        (HEAD + FACT + 'type = "a sentence"', "params.a.facts[0]: cannot read 'a sentence' as a type"),
        (HEAD + FACT + "type = 3", "params.a.facts[0]: a type is written as a text"),
        (HEAD + FACT + "choices = []", "params.a.facts[0]: choices are a list of at least one value"),
        (HEAD + FACT + 'choices = "a"', "params.a.facts[0]: choices are a list of at least one value"),
        (HEAD + FACT + "choices = [1.5]", "params.a.facts[0]: 1.5 is no choice"),
        (HEAD + FACT + 'takes_none = "no"', "params.a.facts[0]: write true or false, not 'no'"),
        (HEAD + FACT + "boundless = false", "params.a.facts[0]: boundless is true or left out"),
        (HEAD + FACT + 'deprecated = ""', "params.a.facts[0]: write a sentence"),
        (HEAD + FACT + "default = 2020-01-01", "params.a.facts[0]"),
        # the rest of the file
        ("[colours]", "the file: 'colours' is not known; known are class_tightenings, evidence, nested, params, sections"),
        ("[nested.CompileConfig.mode]\nrole = 'length'", "nested.CompileConfig.mode: 'role' is not known"),
        ("[nested.CompileConfig.mode]\noff = 1", "nested.CompileConfig.mode: it has no description"),
        ("[nested.CompileConfig.mode]\nversions = '>=9'", "nested.CompileConfig.mode.versions: '>=9' applies to no supported release"),
        ("[nested.CompileConfig]", "nested.CompileConfig: it has no argument"),
        ("[nested]\nCompileConfig = 3", "nested.CompileConfig: a table is expected here"),
        ("[nested.CompileConfig]\nmode = 3", "nested.CompileConfig.mode: a table is expected here"),
        ("[sections]\na = 3", "sections.'a': a text is expected here"),
        ("sections = 3", "sections: a table is expected here"),
        ("[[class_tightenings]]\nwhat = 'x'", "class_tightenings[0]: it has no reason"),
        ("[[class_tightenings]]\nreason = 'x'", "class_tightenings[0]: it has no what"),
        ("class_tightenings = 3", "class_tightenings: a list is expected here"),
        ("[evidence]\na = 3", "evidence.a: a table is expected here"),
        ('[evidence]\n"a"."5.0.0" = 3', "evidence.'a': a text is expected here"),
        ('[evidence]\n"generation/utils.py::f"."5.0.0" = "01"', "evidence.'generation/utils.py::f': no claim rests on it"),
        (HEAD + FACT + 'bound = "> 0"\n[evidence]\n"generation/utils.py::g"."5.0.0" = "01"', "evidence.'generation/utils.py::g': no claim rests on it"),
    ],
)  # fmt: skip
def test_one_mistake(tmp_path: Path, text: str, finding: str) -> None:
    findings = _mistakes(tmp_path, text)
    assert [each for each in findings if each.startswith(finding)], findings


@pytest.mark.parametrize("claim", ["", "least = 0"])
def test_evidence_of_a_mistaken_claim_is_not_a_second_mistake(tmp_path: Path, claim: str) -> None:
    text = f'{HEAD}{FACT}{claim}\n[evidence]\n"generation/utils.py::f"."5.0.0" = "01"\n'
    [finding] = _mistakes(tmp_path, text)
    assert finding.startswith("params.a.facts[0]: ")


def test_the_longest_description(tmp_path: Path) -> None:
    text = HEAD.replace('"Counts."', f'"{"x" * 160}"')
    assert len(_load(tmp_path, text).params["a"].description) == 160


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = HEAD.replace('"length"', '"x"').replace('"Counts."', '""') + FACT + "least = 0"
    with pytest.raises(OverridesError) as raised:
        _load(tmp_path, text)
    assert len(raised.value.findings) == 3
    assert str(raised.value).startswith(
        "codegen/overrides.toml has 3 mistakes:\n  params.a: it has no description\n"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "cannot be read (No such file or directory)"),
        (b"[params", "it is not TOML"),
        (b"a = 1\na = 2", "it is not TOML"),
        (b"\xff", "it is not TOML"),
    ],
)
def test_what_is_no_file_of_overrides(tmp_path: Path, content: bytes | None, what: str) -> None:
    path = tmp_path / "overrides.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OverridesError) as raised:
        overrides.load(path)
    assert what in str(raised.value)
    assert "has 1 mistake:" in str(raised.value)
