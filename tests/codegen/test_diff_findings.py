"""Every kind of finding: a change of the source that makes it, and a similar one that does not. What a row
expects is written by hand, not recorded."""

from pathlib import Path

import pytest

from codegen.diff.compare import compare
from codegen.diff.finding_kinds import KINDS, RETIRED
from codegen.errors import UnknownShapeError
from codegen.review import overrides_file
from tests.codegen import places, reach_rows
from tests.codegen.finding_rows import MADE_BY_EVERY_EDIT, NEW, OLD, Row
from tests.codegen.small_release import Edits, edited, side


def _added(name: str, role: str = "decoding") -> Edits:
    """A new parameter, with or without an entry in the overrides."""
    entry = f'[params.{name}]\nrole = "{role}"\nrole_reason = "R."\ndescription = "D."\n[params.top_k]'
    return (
        (
            "        top_k (`int`",
            f"        {name} (`bool`, *optional*):\n            New.\n        top_k (`int`",
        ),
        ("        # Length\n", f'        # Length\n        self.{name} = kwargs.pop("{name}", None)\n'),
        *((("[params.top_k]", entry),) if role else ()),
    )


def _documented(name: str, old: str, new: str) -> tuple[str, str]:
    return (f"        {name} (`{old}`", f"        {name} (`{new}`")


def _refused(when: str) -> Edits:
    """A hand-written refusal of ``shown``."""
    written = f'[[rules]]\nid = "refused"\neffect = "reject"\nwhen = "{when}"\nfields = ["shown"]\nmessage = "No."\n'
    evidence = 'evidence = ["generation/utils.py::GenerationMixin._sample"]\n'
    return (('[[rules]]\nid = "not-both"', f'{written}{evidence}[[rules]]\nid = "not-both"'),)


def _behaviour(versions: str) -> Edits:
    """A change of behaviour that a person states for these versions."""
    written = (
        f'[[behaviour_changes]]\nversions = "{versions}"\nfields = ["shown"]\nmeaning = "It shows more."\n'
    )
    evidence = 'evidence = ["generation/utils.py::GenerationMixin._sample"]\n'
    return (('[[rules]]\nid = "not-both"', f'{written}{evidence}[[rules]]\nid = "not-both"'),)


def _limited(name: str, check: str) -> tuple[str, str]:
    """A check of one parameter in validate."""
    return (
        "        minor_issues = {}\n",
        f'        minor_issues = {{}}\n        if self.{name} is not None and self.{name} {check}:\n            raise ValueError("no")\n',
    )


_MISTAKE = ("risky", "override-mistaken")
_NO_BOTH = (
    '        if self.sampled is True and self.shown is True:\n            raise ValueError("not both")\n',
    "",
)
_NO_BOTH_NAMED = (
    '[[rules]]\nid = "not-both"\nextracted = "validate: sampled, shown"\nmessage = "One of them is enough."\n',
    "",
)
_ENDING = (
    "        # Deprecated in v2.1 and will be removed in v3.0\n        self.ending",
    "        self.ending",
)

_OTHER_CLASS = (
    "    def construct_processor(self):",
    """    def construct_processor(self):
        pass


class OtherConfig(BaseWatermarkingConfig):
    def __init__(self, depth: int = 3):
        self.depth = depth

    def construct_processor(self):""",
)
_BOOKS = ("info", "bookkeeping-changed")
"""For a parameter that has other test values, since its nested class or a rule about it changed."""

ROWS = (
    Row("nothing", (), unexpected=("bookkeeping-changed", "class-changed")),
    Row(
        "a new parameter nobody knows",
        _added("fresh", ""),
        (("risky", "param-added", "fresh"),),
        ("param-removed",),
    ),
    Row(
        "a new parameter with a role",
        _added("fresh"),
        (("info", "param-added", "fresh"),),
        ("default-changed",),
    ),
    Row(
        "a parameter is gone",
        (),
        (("breaking", "param-removed", "fresh"),),
        ("param-added",),
        before=_added("fresh"),
    ),
    Row(
        "a deprecated parameter is gone",
        (
            ('        self.ending = kwargs.pop("ending", None)\n', ""),
            ("[params.ending]", f'[params.ending]\nversions = "<{NEW}"'),
        ),
        (("info", "param-removed", "ending"),),
        ("undeprecated",),
    ),
    Row(
        "an argument is new",
        (("ratio: float = 0.25)", "ratio: float = 0.25, depth: int = 3)"),),
        (
            ("risky", "argument-added", "watermarking_config.depth"),
            (*_BOOKS, "watermarking_config"),
        ),
        ("param-added", "argument-removed"),
    ),
    Row(
        "an argument is gone",
        (),
        (
            ("breaking", "argument-removed", "watermarking_config.depth"),
            (*_BOOKS, "watermarking_config"),
        ),
        ("argument-added",),
        before=(("ratio: float = 0.25)", "ratio: float = 0.25, depth: int = 3)"),),
    ),
    Row(
        "a nested class is new",
        (
            (
                "    def construct_processor(self):",
                (
                    "    def construct_processor(self):\n        pass\n\n\nclass OtherConfig(BaseWatermarkingConfig):\n"
                    "    def __init__(self, depth: int = 3):\n        self.depth = depth\n\n    def construct_processor(self):"
                ),
            ),
        ),
        (("info", "class-added", "watermarking_config"), ("info", "type-widened", "watermarking_config")),
        ("type-changed", "class-removed", "argument-added"),
    ),
    Row(
        "a nested class is gone",
        (),
        (
            ("breaking", "class-removed", "watermarking_config"),
            ("breaking", "type-narrowed", "watermarking_config"),
        ),
        ("class-added", "argument-removed"),
        before=(
            (
                "    def construct_processor(self):",
                (
                    "    def construct_processor(self):\n        pass\n\n\nclass OtherConfig(BaseWatermarkingConfig):\n"
                    "    def __init__(self, depth: int = 3):\n        self.depth = depth\n\n    def construct_processor(self):"
                ),
            ),
        ),
    ),
    Row(
        "fewer kinds of value",
        (_documented("both", "int` or `list[int]", "int"),),
        (("breaking", "type-narrowed", "both"), ("info", "doc-changed", "both")),
        ("type-widened", "type-changed"),
    ),
    Row(
        "more kinds of value",
        (_documented("both", "int` or `list[int]", "int` or `list[int]` or `bool"),),
        (("info", "type-widened", "both"), ("info", "doc-changed", "both")),
        ("type-narrowed", "default-shown", "none-allowed"),
    ),
    Row(
        "other kinds of value",
        (_documented("both", "int` or `list[int]", "bool"),),
        (("breaking", "type-changed", "both"), ("info", "doc-changed", "both"), (*_MISTAKE, "both")),
        ("type-opaque",),
    ),
    Row(
        "no form as data",
        (_documented("both", "int` or `list[int]", "Callable"),),
        (("breaking", "type-opaque", "both"), ("info", "doc-changed", "both"), (*_MISTAKE, "both")),
        ("type-changed",),
    ),
    Row(
        "None is refused",
        (
            ("self.sampled is True and", "self.sampled is True and"),
            _limited("cache_implementation", "not in KINDS"),
            (
                "        if self.cache_implementation is not None and self.cache_implementation not in KINDS",
                "        if self.cache_implementation not in KINDS",
            ),
            (
                '        self.cache_implementation = kwargs.pop("cache_implementation", None)',
                '        self.cache_implementation = kwargs.pop("cache_implementation", "grow")',
            ),
        ),
        (
            ("breaking", "none-refused", "cache_implementation"),
            ("breaking", "default-changed", "cache_implementation"),
        ),
        ("choice-removed",),
    ),
    Row(
        "None is taken",
        (),
        (
            ("info", "none-allowed", "cache_implementation"),
            ("breaking", "default-changed", "cache_implementation"),
        ),
        ("none-refused", "choice-added"),
        before=(
            (
                "        if self.cache_implementation is not None and self.cache_implementation not in KINDS",
                "        if self.cache_implementation not in KINDS",
            ),
            (
                '        self.cache_implementation = kwargs.pop("cache_implementation", None)',
                '        self.cache_implementation = kwargs.pop("cache_implementation", "grow")',
            ),
        ),
    ),
    Row(
        "an argument has to be given",
        (("ratio: float = 0.25)", "ratio: float)"),),
        (
            ("breaking", "argument-required", "watermarking_config.ratio"),
            (*_BOOKS, "watermarking_config"),
        ),
        ("default-changed", "argument-optional"),
    ),
    Row(
        "an argument can be left out",
        (("keys: list[int], ratio", "keys: list[int] | None = None, ratio"),),
        (
            ("info", "argument-optional", "watermarking_config.keys"),
            ("info", "none-allowed", "watermarking_config.keys"),
            (*_BOOKS, "watermarking_config"),
        ),
        ("default-changed", "argument-required"),
    ),
    Row(
        "a bound comes",
        (_limited("both", "< 3"),),
        (("breaking", "bound-added", "both"),),
        ("bound-tightened", "none-refused"),
    ),
    Row(
        "a bound tightens",
        (("self.max_length <= 0", "self.max_length <= 4"),),
        (("breaking", "bound-tightened", "max_length"),),
        ("bound-added", "default-changed"),
    ),
    Row(
        "a bound relaxes",
        (("self.max_length <= 0", "self.max_length <= -5"),),
        (("info", "bound-relaxed", "max_length"),),
        ("bound-removed", "bound-tightened"),
    ),
    Row(
        "a bound goes",
        ((' and self.max_length <= 0:\n            raise ValueError("too short")', ":\n            pass"),),
        (("info", "bound-removed", "max_length"),),
        ("bound-relaxed",),
    ),
    Row(
        "a bound in other words",
        (("self.max_length <= 0", "self.max_length < 1"),),
        (("info", "bookkeeping-changed", "max_length"),),
        ("bound-tightened", "bound-relaxed", "bound-added", "bound-removed"),
    ),
    Row(
        "the gate is gone, and the value that it let past with it",
        (
            ("penalty is not None and generation_config.penalty != 1.0", "penalty is not None"),
            ("if penalty < 0", "if penalty <= 1"),
            ('"penalty": 1.0', '"penalty": 2.0'),
        ),
        (
            ("breaking", "gate-value-lost", "penalty"),
            ("breaking", "bound-tightened", "penalty"),
            ("breaking", "default-changed", "penalty"),
        ),
        ("off-changed",),
    ),
    Row(
        "another value switches it off",
        (
            ("generation_config.penalty != 1.0", "generation_config.penalty != 2.0"),
            ('"penalty": 1.0', '"penalty": 2.0'),
        ),
        (("info", "off-changed", "penalty"), ("breaking", "default-changed", "penalty")),
        ("gate-value-lost", "alike-changed"),
    ),
    Row(
        "nothing switches it off",
        (("generation_config.penalty != 1.0", "generation_config.penalty != 3.0"),),
        (("risky", "off-changed", "penalty"),),
        ("gate-value-lost", "default-changed"),
    ),
    Row(
        "one more value does nothing",
        (("[params.penalty]", "[params.penalty]\nequivalent_values = [2.0]"),),
        (("info", "alike-changed", "penalty"),),
        ("off-changed",),
    ),
    Row(
        "a value that did nothing does something",
        (),
        (("risky", "alike-changed", "penalty"),),
        ("off-changed",),
        before=(("[params.penalty]", "[params.penalty]\nequivalent_values = [2.0]"),),
    ),
    Row(
        "a choice comes",
        (('KINDS = ("grow", "fixed")', 'KINDS = ("grow", "fixed", "paged")'),),
        (("info", "choice-added", "cache_implementation"),),
        ("choice-removed", "type-widened"),
    ),
    Row(
        "a choice goes",
        (('KINDS = ("grow", "fixed")', 'KINDS = ("grow",)'),),
        (("breaking", "choice-removed", "cache_implementation"),),
        ("choice-added", "type-narrowed"),
    ),
    Row(
        "choices in another order",
        (('KINDS = ("grow", "fixed")', 'KINDS = ("fixed", "grow")'),),
        (("info", "bookkeeping-changed", "cache_implementation"),),
        ("choice-added", "choice-removed"),
    ),
    Row(
        "an effective default that changes work",
        (('"top_k": 50', '"top_k": 40'),),
        (("breaking", "default-changed", "top_k"),),
        ("default-alike", "default-declared"),
        values={"default-changed": (50, 40)},
    ),
    Row(
        "an effective default without an energy role",
        (('kwargs.pop("both", None)', 'kwargs.pop("both", 3)'),),
        (("risky", "default-changed", "both"),),
        ("default-declared",),
    ),
    Row(
        "an effective default from False to None",
        (('kwargs.pop("shown", False)', 'kwargs.pop("shown", None)'),),
        (("info", "default-alike", "shown"),),
        ("default-changed", "default-declared"),
        values={"default-alike": (False, None)},
    ),
    Row(
        "a default that is a float now",
        (('"penalty": 1.0', '"penalty": 1'),),
        (("breaking", "default-changed", "penalty"),),
        ("default-alike",),
    ),
    Row(
        "only the declared default",
        (('kwargs.pop("top_k", None)', 'kwargs.pop("top_k", 50)'),),
        (("info", "default-declared", "top_k"),),
        ("default-changed", "default-alike"),
    ),
    Row(
        "a nested default that the class decides",
        (("ratio: float = 0.25)", "ratio: float | None = None)"),),
        (
            ("risky", "default-unstated", "watermarking_config.ratio"),
            ("info", "none-allowed", "watermarking_config.ratio"),
        ),
        ("default-changed",),
    ),
    Row(
        "a nested default",
        (("ratio: float = 0.25)", "ratio: float = 0.5)"),),
        (
            ("breaking", "default-changed", "watermarking_config.ratio"),
            (*_BOOKS, "watermarking_config"),
        ),
        ("default-unstated",),
    ),
    Row(
        "another default is shown",
        (
            (
                "[params.shown]",
                '[[params.both.claims]]\nshown_default = false\nreason = "None is none."\nevidence = ["generation/utils.py::GenerationMixin._sample"]\n[params.shown]',
            ),
            _documented("both", "int` or `list[int]", "int` or `list[int]` or `bool"),
        ),
        (
            ("info", "default-shown", "both"),
            ("info", "type-widened", "both"),
            ("info", "doc-changed", "both"),
        ),
        ("default-changed",),
    ),
    Row(
        "deprecated",
        (),
        (("risky", "deprecated", "ending"),),
        ("undeprecated", "removal-passed"),
        before=(_ENDING,),
    ),
    Row("no longer deprecated", (_ENDING,), (("info", "undeprecated", "ending"),), ("deprecated",)),
    Row(
        "its removal is postponed",
        (("removed in v3.0", "removed in v3.1"),),
        (("info", "deprecation-changed", "ending"),),
        ("deprecated", "removal-passed"),
    ),
    Row(
        "its removal is due",
        (),
        (("risky", "removal-passed", "ending"),),
        ("deprecation-changed",),
        versions=("2.3.0", "3.0.0"),
    ),
    Row("its removal is not due yet", (), (), ("removal-passed",), versions=("2.2.0", "2.99.0")),
    Row(
        "its documentation is gone",
        (
            ("        share (`float`, *optional*):\n            A share.\n", ""),
            (
                "[[params.share.claims]]\nunbounded",
                '[[params.share.claims]]\ntype = "float"\nreason = "As before."\nevidence = ["generation/utils.py::GenerationMixin._sample"]\n[[params.share.claims]]\nunbounded',
            ),
        ),
        (("risky", "doc-lost", "share"),),
        ("doc-changed", "type-opaque"),
    ),
    Row(
        "documented now",
        (),
        (("info", "doc-added", "share"),),
        ("doc-changed", "doc-lost"),
        before=(
            ("        share (`float`, *optional*):\n            A share.\n", ""),
            (
                "[[params.share.claims]]\nunbounded",
                '[[params.share.claims]]\ntype = "float"\nreason = "As before."\nevidence = ["generation/utils.py::GenerationMixin._sample"]\n[[params.share.claims]]\nunbounded',
            ),
        ),
    ),
    Row(
        "documented in other words",
        (("            A share.\n", "            A part.\n"),),
        (("info", "doc-changed", "share"),),
        ("description-changed", "doc-added", "doc-lost"),
    ),
    Row(
        "documented with other line breaks",
        (("            A share.\n", "            A\n            share.\n"),),
        (),
        ("doc-changed",),
    ),
    Row(
        "another role",
        (('[params.share]\nrole = "decoding"', '[params.share]\nrole = "length"'),),
        (("info", "role-changed", "share"),),
        ("bookkeeping-changed",),
    ),
    Row(
        "another reason for the role",
        (('role_reason = "It sorts."', 'role_reason = "It orders."'),),
        (("info", "bookkeeping-changed", "top_k"),),
        ("role-changed", "description-changed"),
    ),
    Row(
        "described in other words",
        (('description = "How many."', 'description = "Number."'),),
        (("info", "description-changed", "top_k"),),
        ("doc-changed", "bookkeeping-changed"),
    ),
    Row(
        "a combination is refused",
        (),
        (("breaking", "rule-added", "sampled, shown"),),
        ("rule-changed",),
        before=(_NO_BOTH, _NO_BOTH_NAMED),
    ),
    Row(
        "a combination is taken",
        (_NO_BOTH, _NO_BOTH_NAMED),
        (("info", "rule-removed", "sampled, shown"),),
        ("rule-added", "rule-unproven"),
    ),
    Row(
        "a combination that the source no longer states, with an override that does not know",
        (_NO_BOTH,),
        (("risky", "rule-unproven", "sampled, shown"),),
        ("rule-changed", "rule-removed", "override-mistaken"),
    ),
    Row(
        "a combination of something new",
        (
            *_added("fresh"),
            (
                "        minor_issues = {}\n",
                '        minor_issues = {}\n        if self.fresh is True and self.shown is True:\n            raise ValueError("no")\n',
            ),
        ),
        (("info", "param-added", "fresh"), ("info", "rule-added", "fresh, shown")),
        ("rule-removed",),
    ),
    Row(
        "a precondition",
        (),
        (("risky", "rule-added", "shown"),),
        before=(
            ('[[rules]]\nid = "shown-on-a-gpu"', f'[[rules]]\nversions = ">={NEW}"\nid = "shown-on-a-gpu"'),
        ),
    ),
    Row(
        "another combination",
        (("self.sampled is True and self.shown is True", "self.sampled is True and self.shown is not None"),),
        (("risky", "rule-changed", "sampled, shown"), (*_BOOKS, "sampled")),
        ("rule-added", "dormancy-changed", "rule-reworded"),
    ),
    Row(
        "the combination under another name",
        (('id = "not-both"', 'id = "one-at-most"'),),
        (("info", "rule-added", "sampled, shown"), ("info", "rule-removed", "sampled, shown")),
        ("rule-changed",),
    ),
    Row(
        "a combination that the rule before refused in part",
        _refused("shown is True"),
        (("breaking", "rule-added", "shown"), (*_BOOKS, "shown")),
        ("rule-removed",),
    ),
    Row(
        "a precondition of less",
        (('when = "shown"', 'when = "shown and sampled"'),),
        (("info", "rule-changed", "shown"),),
        ("rule-added",),
    ),
    Row(
        "a precondition of more",
        (('when = "shown"', 'when = "shown or sampled"'),),
        (("risky", "rule-changed", "shown"),),
        ("rule-added",),
    ),
    Row(
        "a combination with a choice that is new left out",
        (
            ('KINDS = ("grow", "fixed")', 'KINDS = ("grow", "fixed", "paged")'),
            (
                "        if self.sampled is True and",
                '        if self.cache_implementation != "paged" and self.sampled is True and',
            ),
            (
                'extracted = "validate: sampled, shown"',
                'extracted = "validate: cache_implementation, sampled, shown"\nfields = ["sampled", "shown"]',
            ),
        ),
        (("info", "choice-added", "cache_implementation"), ("info", "rule-changed", "sampled, shown")),
        ("rule-added",),
    ),
    Row(
        "a combination with a choice that is new",
        (
            ('KINDS = ("grow", "fixed")', 'KINDS = ("grow", "fixed", "paged")'),
            *_refused("shown and cache_implementation == 'paged'"),
        ),
        (("info", "choice-added", "cache_implementation"), ("info", "rule-added", "shown")),
        ("rule-changed",),
    ),
    Row(
        "other work for the same settings",
        _behaviour(f">={NEW}"),
        (("risky", "behaviour-changed", "shown"),),
        ("rule-added", "rule-changed"),
    ),
    Row(
        "other work for the same settings, in both releases",
        _behaviour(f">={OLD}"),
        (),
        ("behaviour-changed",),
    ),
    Row(
        "ignored by another rule",
        (('id = "not-drawing"', 'id = "not-sampling"'),),
        (("info", "dormancy-changed", "top_k"), ("info", "dormancy-changed", "top_k")),
        ("rule-added", "rule-removed"),
    ),
    Row(
        "nothing reads it any more",
        (
            ("generation_config.penalty != 1.0", "generation_config.penalty != 3.0"),
            (
                '[[rules]]\nid = "not-both"',
                """[[rules]]
id = "moved"
effect = "dormant"
when = "True"
fields = ["penalty"]
message = "Gone."
evidence = ["generation/utils.py::GenerationMixin._sample"]
[[rules]]
id = "not-both\"""",
            ),
        ),
        (("info", "off-changed", "penalty"), ("risky", "dormancy-changed", "penalty")),
        ("gate-value-lost",),
    ),
    Row(
        "the combination in other words",
        (('message = "One of them is enough."', 'message = "One is enough."'),),
        (("info", "rule-reworded", "sampled, shown"),),
        ("rule-changed",),
    ),
    Row(
        "ignored under another condition",
        (("        if self.sampled is not True:", "        if self.sampled is False:"),),
        (("risky", "dormancy-changed", "top_k"),),
        ("rule-changed",),
    ),
    Row(
        "no longer ignored",
        (
            (
                '            if self.top_k is not None and self.top_k != 50:\n                minor_issues["top_k"] = "only if it is drawn"',
                "            pass",
            ),
            (
                '[[rules]]\nid = "not-drawing"\nextracted = "validate: sampled"\nmessage = "Nothing is drawn."\n',
                "",
            ),
        ),
        (("risky", "dormancy-changed", "top_k"),),
        ("rule-removed",),
    ),
    Row(
        "we refuse more",
        (
            (
                "[[class_tightenings]]",
                '[[class_tightenings]]\nwhat = "infinities"\nreason = "R."\n[[class_tightenings]]',
            ),
        ),
        (("breaking", "tightening-added", "every parameter"),),
        ("tightening-removed",),
    ),
    Row(
        "we refuse less",
        (),
        (("info", "tightening-removed", "every parameter"),),
        ("tightening-added",),
        before=(
            (
                "[[class_tightenings]]",
                '[[class_tightenings]]\nwhat = "infinities"\nreason = "R."\n[[class_tightenings]]',
            ),
        ),
    ),
    Row(
        "an override for what is gone",
        (
            ('        self.share = kwargs.pop("share", None)\n', ""),
            ("        share (`float`, *optional*):\n            A share.\n", ""),
        ),
        (("breaking", "param-removed", "share"), (*_MISTAKE, "share")),
    ),
    Row(
        "an override limited to what has it",
        (
            ('        self.share = kwargs.pop("share", None)\n', ""),
            ("        share (`float`, *optional*):\n            A share.\n", ""),
            ("[params.share]", f'[params.share]\nversions = "<{NEW}"'),
        ),
        (("breaking", "param-removed", "share"),),
        ("override-mistaken",),
    ),
    Row(
        "evidence",
        (("while count < 3", "while count < 4"),),
        (("risky", "evidence-changed", "ending"), ("risky", "evidence-changed", "shown")),
        ("rule-changed",),
    ),
    Row(
        "evidence in another layout",
        (("        while count < 3:\n", "        # three times\n        while (count < 3):\n"),),
        (),
        ("evidence-changed", "code-changed", "rewritten", "path-changed"),
    ),
    *reach_rows.ROWS,
)


def _id(row: Row) -> str:
    return row.what


@pytest.mark.parametrize("row", ROWS, ids=_id)
def test_a_change_makes_exactly_these_findings(row: Row, tmp_path: Path) -> None:
    old = side(edited(*row.before), tmp_path, row.versions[0])
    new = side(edited(*row.after), tmp_path, row.versions[1], old)
    found = compare(old, new, overrides_file.load(places.ENGINE, tmp_path))
    said = sorted(
        (each.level, each.id, each.parameter) for each in found if each.id not in MADE_BY_EVERY_EDIT
    )
    assert said == sorted(row.expected)
    assert not {each.id for each in found} & set(row.unexpected)
    for kind, values in row.values.items():
        assert [(each.old, each.new) for each in found if each.id == kind] == [values]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - MADE_BY_EVERY_EDIT - {"class-changed", "shape-unknown"}))
def test_every_kind_has_a_row_that_makes_it_and_one_that_must_not(kind: str) -> None:
    assert any(kind == said[1] for row in ROWS for said in row.expected)
    assert any(kind in row.unexpected for row in ROWS)


CODE = (
    ("while count < 3", "while count <= 3", "a comparison < became <="),
    ("while count < 3", "while count < 4", "a number 3 became 4"),
    ("count = count + 1", "count = count - 1", "an operator + became -"),
    ("return input_ids\n", "return count\n", "a name input_ids became count"),
    ("        count = 0\n        while", "        while", "an assignment was dropped"),
)


@pytest.mark.parametrize(("old", "new", "what"), CODE)
def test_an_edit_of_code_is_named(old: str, new: str, what: str, tmp_path: Path) -> None:
    before, after = side(edited(), tmp_path), side(edited((old, new)), tmp_path)
    [found] = [each for each in compare(before, after) if each.id == "code-changed"]
    assert found.meaning == f"In GenerationMixin._sample, {what}. It is used in greedy search."
    assert (found.where.file, found.level) == ("generation/utils.py", "info")
    assert found.where.line is not None


def test_code_that_no_fact_rests_on_is_ignored(tmp_path: Path) -> None:
    more = ("    def _sample(self", "    def _other(self):\n        return 1\n\n    def _sample(self")
    changed = (more[0], more[1].replace("return 1", "return 2"))
    assert compare(side(edited(more), tmp_path), side(edited(changed), tmp_path)) == ()


def test_a_nested_class_in_another_form(tmp_path: Path) -> None:
    """In transformers this happens only to the quantized cache, whose class became a plain dictionary."""
    from dataclasses import replace

    old = side(edited(), tmp_path)
    [model] = old.schema.nested
    new = replace(old, schema=replace(old.schema, nested=(replace(model, upstream=None),)))
    [found] = compare(old, new)
    assert (found.id, found.level, found.parameter) == ("class-changed", "info", "watermarking_config")
    assert compare(old, old) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('return {"max_length": 20', 'return dict({"max_length": 20'),
        ('kwargs.pop("top_k", None)', "kwargs"),
        ("class GenerationMixin:", "class Mixin:"),
        (
            "if self.max_length is not None and self.max_length <= 0",
            "if self.max_length is not None and odd(self.max_length)",
        ),
    ],
)
def test_a_source_of_an_unknown_shape_is_no_comparison(old: str, new: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownShapeError):
        side(edited((old, new)), tmp_path)


def test_ids_are_never_reused() -> None:
    """The file has every id that was ever published: a new kind adds a line, and no line is removed."""
    published = set((Path(__file__).parent / "published_findings.txt").read_text(encoding="utf-8").split())
    assert set(KINDS) | RETIRED == published
    assert not set(KINDS) & RETIRED
