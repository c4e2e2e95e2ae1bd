"""codegen.review.overrides: the hand-written file is read strictly, and every mistake is reported at once."""

import textwrap
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from codegen.errors import OverridesError
from codegen.mistakes import Place
from codegen.model.condition_text import parse
from codegen.model.origins import Symbol
from codegen.model.types import Bound, ListOf, NoData, Scalar, TupleOf
from codegen.review import overrides, overrides_file
from codegen.review.basis import bases
from codegen.review.claims import BoundClaim, Claim, TypeClaim
from tests.codegen import places

HEAD = '[params.a]\nrole = "length"\nrole_reason = "It counts."\ndescription = "Counts."\n'
FACT = '[[params.a.claims]]\nreason = "It is so."\nevidence = ["generation/utils.py::f"]\n'

RULE = '[[rules]]\nid = "x-with-y"\nmessage = "No."\n'
WHOLE_RULE = RULE + 'when = "a > 1"\nfields = ["a"]\nevidence = ["generation/utils.py::f"]\n'
F = Symbol("generation/utils.py", "f")


def _load(tmp_path: Path, text: str) -> overrides.Overrides:
    return places.with_overrides(tmp_path, textwrap.dedent(text))


def _mistakes(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(OverridesError) as raised:
        _load(tmp_path, text)
    return tuple(map(str, raised.value.mistakes))


WHOLE = """
[params.a]
versions = ">=2,<3"
role = "length"
role_reason = "It counts."
description = "Counts."
disabled_value = 0
context = { do_sample = true, beams = [1, 2] }
examples = [1, [2, [3]], "x"]

[[params.a.claims]]
bound = ">= 0"
at = "[][0]"
tightening = true
reason = "It is a mistake."
versions = ">=2.1"

[[params.a.claims]]
type = "tuple[int, float]"
reason = "The code unpacks it."
evidence = ["generation/utils.py::f", "cache_utils.py::C.g"]

[nested.CompileConfig.mode]
versions = ">=2"
description = "How."
[[nested.CompileConfig.mode.claims]]
choices = ["a", "b"]
tightening = true
reason = "The others fail."

[[rules]]
id = "a-alone"
extracted = ["validate: a", "generate: a"]
message = "No."
wrong = ["b"]
fields = ["a"]
reason = "It is used."
evidence = ["generation/utils.py::f"]
versions = ">=2"

[[rules]]
id = "a-needs-room"
effect = "require"
when = "a is not None"
need = "a < model.vocab_size"
fields = ["a"]
message = "The model has no such token."
tightening = true
reason = "Some models would run it."

[sections]
"length of the output" = "Length"
"the cache" = "Cache"

[conditions]
paged = "cache_implementation == 'paged'"

[[class_tightenings]]
what = "numbers are numbers"
reason = "A text is a mistake."
"""


def _claims(found: overrides.Overrides, version: str) -> list[tuple[str, Claim]]:
    """Every claim about a release, with the name of what it is about."""
    entries = [(name, entry) for name, entry in found.entries().items() if entry.applies(version)]
    return [(name, claim) for name, entry in entries for claim in entry.claims if claim.applies(version)]


def test_a_file_with_every_kind_of_entry(tmp_path: Path) -> None:
    found = _load(tmp_path, WHOLE)
    entry = found.params["a"]
    assert (entry.role, entry.role_reason, entry.description) == ("length", "It counts.", "Counts.")
    assert entry.disabled_value == 0
    assert entry.contexts_in("2.3.0") == ({"do_sample": True, "beams": (1, 2)},)
    assert entry.examples == (1, (2, (3,)), "x")
    assert entry.claims == (
        BoundClaim(
            place=Place.of("params", "a", "claims", 0),
            versions=SpecifierSet(">=2.1"),
            bound=Bound(">=", 0),
            at=("[]", "[0]"),
            tightening=True,
            reason="It is a mistake.",
        ),
        TypeClaim(
            place=Place.of("params", "a", "claims", 1),
            type=TupleOf((Scalar("int"), Scalar("float"))),
            reason="The code unpacks it.",
            evidence=(F, Symbol("cache_utils.py", "C.g")),
        ),
    )
    assert [claim.stated for claim in found.nested["CompileConfig"]["mode"].claims] == ["one of 'a', 'b'"]
    assert dict(found.sections) == {"length of the output": "Length", "the cache": "Cache"}
    assert found.conditions == {"paged": parse("cache_implementation == 'paged'")}
    assert [each.what for each in found.class_tightenings] == ["numbers are numbers"]
    assert found.evidence == {}  # no file says that anything was read
    alone, needy = found.rules
    assert isinstance(alone, overrides.NamedRule)
    assert isinstance(needy, overrides.WrittenRule)
    assert (alone.place, needy.place) == (Place.of("rules", "a-alone"), Place.of("rules", "a-needs-room"))
    assert (alone.extracted, alone.wrong, alone.fields) == (("validate: a", "generate: a"), ("b",), ("a",))
    assert alone.when is None
    assert (alone.reason, alone.evidence) == ("It is used.", (F,))
    assert (alone.applies("1.7.6"), alone.applies("2.0.0"), needy.applies("1.7.6")) == (False, True, True)
    assert (needy.effect, needy.when, needy.need) == (
        "require",
        parse("a is not None"),
        parse("a < model.vocab_size"),
    )
    assert (needy.tightening, needy.reason) == (True, "Some models would run it.")
    assert needy.message == "The model has no such token."
    assert list(bases(found, "1.7.6")) == []
    assert [(each.symbol, each.claim, each.about) for each in bases(found, "2.3.0")] == [
        (F, "a.type", ("a",)),
        (Symbol("cache_utils.py", "C.g"), "a.type", ("a",)),
        (F, "a-alone", ("a", "b")),
    ]
    assert [name for name, _ in _claims(found, "2.3.0")] == ["a", "a", "CompileConfig.mode"]
    assert [(name, claim.kind) for name, claim in _claims(found, "2.0.0")] == [
        ("a", "type"),
        ("CompileConfig.mode", "choices"),
    ]
    assert list(_claims(found, "1.7.6")) == []


@pytest.mark.parametrize(
    ("version", "entry", "claim"),
    [("1.7.6", False, False), ("2.0.0", True, False), ("2.1.0", True, True), ("2.99.0.dev0", True, True)],
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
        ("min_length = 1", 1),
        ('type = "None"', NoData()),
        ('type = "list[int]"', ListOf(Scalar("int"))),
        ('choices = ["a", 1, true]', ("a", 1, True)),
        ("default = 3", 3),
        ("shown_default = false", False),
        ("takes_none = false", False),
        ("unbounded = true", True),
        ('deprecated = "Since 5."', "Since 5."),
    ],
)
def test_every_kind_of_claim(tmp_path: Path, claim: str, value: object) -> None:
    [found] = _load(tmp_path, HEAD + FACT + claim).params["a"].claims
    assert found.kind == claim.split(maxsplit=1)[0]
    assert repr(getattr(found, found.kind)) == repr(value)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        # the parameter
        ('[params.a]\nrole_reason = "x"\ndescription = "x"', "params.a: it has no role; choose one of length, decoding"),
        (HEAD.replace('"length"', '"lenght"'), "params.a.role: 'lenght' is not a valid energy role; choose one of length, decoding"),
        (HEAD.replace('"length"', "3"), "params.a.role: 3 is not a valid energy role"),
        (HEAD.replace('role_reason = "It counts."\n', ""), "params.a: it has no role reason"),
        (HEAD.replace('"It counts."', '"  "'), "params.a.role_reason: it is empty"),
        (HEAD.replace('description = "Counts."\n', ""), "params.a: it has no description"),
        (HEAD.replace('"Counts."', '"a\\nb"'), "params.a.description: write it in one line"),
        (HEAD.replace('"Counts."', f'"{"x" * 161}"'), "params.a.description: 161 characters; the most is 160"),
        (HEAD.replace('"Counts."', "3"), "params.a.description: a text is expected here"),
        (HEAD + "colour = 1", "params.a: 'colour' is not known; known are claims, context, contexts, description"),
        (HEAD + "context = 3", "params.a.context: a table is expected here"),
        (HEAD + "examples = 3", "params.a.examples: a list is expected here"),
        (HEAD + "examples = [2001-01-01]", "params.a.examples"),
        (HEAD + "disabled_value = 2001-01-01", "params.a.disabled_value"),
        (HEAD + "claims = 3", "params.a.claims: a list is expected here"),
        (HEAD + "claims = [3]", "params.a.claims[0]: a table is expected here"),
        (HEAD + 'versions = "five"', "params.a.versions: 'five' is not a version range such as '>=1.2,<2'"),
        (HEAD + 'versions = ">=9"', "params.a.versions: '>=9' applies to no supported release (1.2.4"),
        (HEAD + "versions = 5", "params.a.versions: a text is expected here"),
        ("params = 3", "params: a table is expected here"),
        ("[params]\na = 3", "params.a: a table is expected here"),
        (HEAD + "equivalent_values = 3", "params.a.equivalent_values: a list is expected here"),
        (HEAD + "equivalent_values = [2001-01-01]", "params.a.equivalent_values[0]"),
        (HEAD + 'equivalent_values = [1, { versions = ">=2" }]', "params.a.equivalent_values[1]: it has no value"),
        (HEAD + 'equivalent_values = [{ value = 1, versions = ">9" }]', "params.a.equivalent_values[0].versions: '>9' applies to no supported release"),
        (HEAD + "equivalent_values = [{ a = 1 }]", "params.a.equivalent_values[0]: 'a' is not known; known are value, versions"),
        (HEAD + "contexts = 3", "params.a.contexts: a list is expected here"),
        (HEAD + "contexts = [3]", "params.a.contexts[0]: a table is expected here"),
        (HEAD + "contexts = [{ set = 3 }]", "params.a.contexts[0].set: a table is expected here"),
        (HEAD + "contexts = [{ set = { b = 2001-01-01 } }]", "params.a.contexts[0].set"),
        (HEAD + "contexts = [{ b = 1 }]", "params.a.contexts[0]: 'b' is not known; known are set, versions"),
        (HEAD + 'contexts = [{ set = {}, versions = ">9" }]', "params.a.contexts[0].versions: '>9' applies to no supported release"),
        ("[nested.CompileConfig.mode]\ncontext = { b = 1 }", "nested.CompileConfig.mode: 'context' is not known"),
        ("[nested.CompileConfig.mode]\nequivalent_values = [1]", "nested.CompileConfig.mode: 'equivalent_values' is not known"),
        # rules
        ("rules = 3", "rules: a list is expected here"),
        ("rules = [3]", "rules[0]: a table is expected here"),
        (WHOLE_RULE.replace('id = "x-with-y"\n', ""), "rules[0]: it has no id"),
        (WHOLE_RULE.replace('message = "No."\n', ""), "rules.x-with-y: it has no message"),
        (WHOLE_RULE.replace('"No."', '"No\\nway."'), "rules.x-with-y.message: write it in one line"),
        (WHOLE_RULE + "colour = 1", "rules.x-with-y: 'colour' is not known; known are effect, evidence, fields, id, message, need"),
        (WHOLE_RULE + 'wrong = ["a"]', "rules.x-with-y: 'wrong' is not known"),
        (WHOLE_RULE + 'effect = "refuse"', "rules.x-with-y.effect: 'refuse' is not a valid effect; choose one of reject, dormant, require"),
        (WHOLE_RULE + "effect = 3", "rules.x-with-y.effect: 3 is not a valid effect"),
        (WHOLE_RULE.replace('"a > 1"', '"a >"'), "rules.x-with-y.when: cannot read 'a >' as a condition"),
        (WHOLE_RULE.replace('"a > 1"', "\"open('canary', 'w')\""), "rules.x-with-y.when: cannot read"),
        (WHOLE_RULE.replace('"a > 1"', '"a in b"'), "rules.x-with-y.when: cannot compare in 'a in b'"),
        (WHOLE_RULE.replace('"a > 1"', "3"), "rules.x-with-y.when: a text is expected here"),
        (WHOLE_RULE.replace('when = "a > 1"\n', ""), "rules.x-with-y: it names no rule that was found; write extracted, or when and fields"),
        (WHOLE_RULE.replace('["a"]', "[]"), "rules.x-with-y: it names no rule that was found; write extracted, or when and fields"),
        (WHOLE_RULE.replace('["a"]', '"a"'), "rules.x-with-y.fields: a list is expected here"),
        (WHOLE_RULE.replace('["a"]', "[1]"), "rules.x-with-y.fields[0]: a text is expected here"),
        (WHOLE_RULE + 'need = "b"', "rules.x-with-y: need belongs to a rule that requires something, and to no other"),
        (WHOLE_RULE + 'effect = "require"', "rules.x-with-y: need belongs to a rule that requires something"),
        (WHOLE_RULE + 'effect = "require"\nneed = "b <"', "rules.x-with-y.need: cannot read 'b <' as a condition"),
        (WHOLE_RULE.replace('evidence = ["generation/utils.py::f"]\n', ""), "rules.x-with-y: it names no evidence; name the upstream symbols it rests on, or mark it tightening"),
        (WHOLE_RULE.replace("generation/utils.py::f", "f"), "rules.x-with-y.evidence[0]: 'f' is not a symbol"),
        (WHOLE_RULE + "tightening = true", "rules.x-with-y: it has no reason"),
        (WHOLE_RULE + 'tightening = "yes"\nreason = "x"', "rules.x-with-y.tightening: true or false is expected here"),
        (WHOLE_RULE + "reason = 3", "rules.x-with-y.reason: a text is expected here"),
        (WHOLE_RULE + 'versions = ">9"', "rules.x-with-y.versions: '>9' applies to no supported release"),
        (RULE + "extracted = 3", "rules.x-with-y.extracted: a list is expected here"),
        (RULE + "extracted = []", "rules.x-with-y: it names no rule that was found; write extracted, or when and fields"),
        (RULE + 'extracted = "f: a"\neffect = "reject"', "rules.x-with-y: 'effect' is not known; known are evidence, extracted, fields, id, message, reason, versions, when, wrong"),
        (RULE + 'extracted = "f: a"\nneed = "a"', "rules.x-with-y: 'need' is not known"),
        (RULE + 'extracted = "f: a"\nwrong = ["a"]', "rules.x-with-y: it corrects what was found; say why, with reason and evidence"),
        (RULE + 'extracted = "f: a"\nwhen = "a"\nreason = "x"', "rules.x-with-y: it corrects what was found; say why, with reason and evidence"),
        (RULE + 'extracted = "f: a"\nwhen = "a"\nevidence = ["generation/utils.py::f"]', "rules.x-with-y: it corrects what was found"),
        # its claims
        (HEAD + FACT, "params.a.claims[0]: it states nothing; state exactly one of bound, min_length"),
        (HEAD + FACT + 'bound = "> 0"\ntakes_none = false', "params.a.claims[0]: it states bound, takes_none; state exactly one of"),
        (HEAD + FACT.replace('reason = "It is so."\n', "") + 'bound = "> 0"', "params.a.claims[0]: it has no reason"),
        (HEAD + FACT.replace('"It is so."', '""') + 'bound = "> 0"', "params.a.claims[0].reason: it is empty"),
        (HEAD + FACT.replace('evidence = ["generation/utils.py::f"]\n', "") + 'bound = "> 0"', "params.a.claims[0]: it names no evidence; name the upstream symbols it rests on, or mark it tightening"),
        (HEAD + FACT.replace('["generation/utils.py::f"]', "[]") + "takes_none = false", "params.a.claims[0]: it names no evidence"),
        (HEAD + FACT.replace('["generation/utils.py::f"]', '"f"') + "takes_none = false", "params.a.claims[0].evidence: a list is expected here"),
        (HEAD + FACT.replace("generation/utils.py::f", "f") + "takes_none = false", "params.a.claims[0].evidence[0]: 'f' is not a symbol"),
        (HEAD + FACT + 'bound = "> 0"\ncolour = 1', "params.a.claims[0]: 'colour' is not known"),
        (HEAD + FACT + 'bound = "> 0"\nversions = "==2.2"', "params.a.claims[0].versions: '==2.2' applies to no supported release"),
        (HEAD + FACT + 'bound = "> 0"\nat = "first"', "params.a.claims[0].at: 'first' is not a path into a type"),
        (HEAD + FACT + 'bound = "> 0"\ntightening = "yes"', "params.a.claims[0].tightening: true or false is expected here"),
        (HEAD + FACT + 'bound = "0"', "params.a.claims[0].bound: '0' is not a bound; write for example '>= 0'"),
        (HEAD + FACT + 'bound = "== 0"', "params.a.claims[0].bound: '== 0' is not a bound"),
        (HEAD + FACT + 'bound = "> x"', "params.a.claims[0].bound: '> x' is not a bound"),
        (HEAD + FACT + 'bound = "> nan"', "params.a.claims[0].bound: '> nan' is not a bound"),
        (HEAD + FACT + 'bound = "> inf"', "params.a.claims[0].bound: '> inf' is not a bound"),
        (HEAD + FACT + "bound = 0", "params.a.claims[0].bound: 0 is not a bound"),
        (HEAD + FACT + "min_length = 0", "params.a.claims[0].min_length: 0 is not a minimum length; write 1 or more"),
        (HEAD + FACT + "min_length = true", "params.a.claims[0].min_length: True is not a minimum length"),
        (HEAD + FACT + 'type = "a sentence"', "params.a.claims[0].type: cannot read 'a sentence' as a type"),
        (HEAD + FACT + "type = 3", "params.a.claims[0].type: a type is written as a text"),
        (HEAD + FACT + "choices = []", "params.a.claims[0].choices: choices are a list of at least one value"),
        (HEAD + FACT + 'choices = "a"', "params.a.claims[0].choices: choices are a list of at least one value"),
        (HEAD + FACT + "choices = [1.5]", "params.a.claims[0].choices: 1.5 is not a choice"),
        (HEAD + FACT + 'takes_none = "no"', "params.a.claims[0].takes_none: true or false is expected here"),
        (HEAD + FACT + "unbounded = false", "params.a.claims[0].unbounded: write true, or leave it out"),
        (HEAD + FACT + 'deprecated = ""', "params.a.claims[0].deprecated: it is empty"),
        (HEAD + FACT + "default = 2001-01-01", "params.a.claims[0].default: datetime.date(2001, 1, 1) cannot be written as data"),
        # the rest of the file
        ("[colours]", "the file: 'colours' is not known; known are behaviour_changes, class_tightenings, conditions, nested, params, rules, sections"),
        ("[nested.CompileConfig.mode]\nrole = 'length'", "nested.CompileConfig.mode: 'role' is not known"),
        ("[nested.CompileConfig.mode]\noff = 1", "nested.CompileConfig.mode: it has no description"),
        ("[nested.CompileConfig.mode]\nversions = '>=9'", "nested.CompileConfig.mode.versions: '>=9' applies to no supported release"),
        ("[nested.CompileConfig]", "nested.CompileConfig: it has no argument"),
        ("[nested]\nCompileConfig = 3", "nested.CompileConfig: a table is expected here"),
        ("[nested.CompileConfig]\nmode = 3", "nested.CompileConfig.mode: a table is expected here"),
        ("[sections]\na = 3", "sections.a: a text is expected here"),
        ("sections = 3", "sections: a table is expected here"),
        ("conditions = 3", "conditions: a table is expected here"),
        ("[conditions]\nA = 'b'", "conditions.A: write a name of small letters and underscores"),
        ("[conditions]\nand = 'b'", "conditions.and: write a name of small letters and underscores"),
        ("[conditions]\nab = '1 +'", "conditions.ab: cannot read '1 +' as a condition"),
        ("[conditions]\nab = 3", "conditions.ab: a text is expected here"),
        ("[[class_tightenings]]\nwhat = 'x'", "class_tightenings[0]: it has no reason"),
        ("[[class_tightenings]]\nreason = 'x'", "class_tightenings[0]: it has no what"),
        ("class_tightenings = 3", "class_tightenings: a list is expected here"),
        ("[evidence]", "the file: 'evidence' is not known; known are behaviour_changes, class_tightenings"),
    ],
)  # fmt: skip
def test_each_mistake_is_reported_with_its_place(tmp_path: Path, text: str, finding: str) -> None:
    findings = _mistakes(tmp_path, text)
    assert [each for each in findings if each.startswith(finding)], findings


def test_a_description_may_have_160_characters(tmp_path: Path) -> None:
    text = HEAD.replace('"Counts."', f'"{"x" * 160}"')
    assert len(_load(tmp_path, text).params["a"].description) == 160


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = HEAD.replace('"length"', '"x"').replace('"Counts."', '""') + FACT + "min_length = 0"
    with pytest.raises(OverridesError) as raised:
        _load(tmp_path, text)
    assert len(raised.value.mistakes) == 3
    assert str(raised.value).startswith(
        "codegen/engines/transformers/overrides.toml has 3 mistakes:\n  params.a.description: it is empty\n"
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
def test_a_file_that_is_not_an_overrides_file_is_refused(
    tmp_path: Path, content: bytes | None, what: str
) -> None:
    path = tmp_path / places.ENGINE.overrides
    path.parent.mkdir(parents=True)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OverridesError) as raised:
        overrides_file.load(places.ENGINE, tmp_path)
    assert what in str(raised.value)
    assert "has 1 mistake:" in str(raised.value)
