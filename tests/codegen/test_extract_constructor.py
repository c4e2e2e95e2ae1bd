"""codegen.engines.transformers.constructor: one row per shape of a statement in
``GenerationConfig.__init__``."""

import pytest
from hypothesis import given

from codegen.engines.transformers import constructor
from codegen.errors import UnknownShapeError
from codegen.model.schema import Deprecation
from codegen.model.values import PlainValue
from tests.codegen import strategies
from tests.codegen.fake_source import configuration, module

PLACE = "transformers/generation/configuration_utils.py, GenerationConfig.__init__"


def _read(body: str) -> tuple[constructor.Declared, ...]:
    return constructor.read(module(configuration(body)))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ('self.a = kwargs.pop("a", None)', {"a": None}),
        ('self.a = kwargs.pop("a", 1.0)', {"a": 1.0}),
        ('self.a = kwargs.pop("a", -1)', {"a": -1}),
        ('self.a = kwargs.pop("a", "x")', {"a": "x"}),
        ('self.a = kwargs.pop("a", [1, [2]])', {"a": (1, (2,))}),
        ('self.a = kwargs.pop("a", {"x": (1,)})', {"a": {"x": (1,)}}),
        ('self.a = kwargs.get("a", True)', {"a": True}),
        ('self.a = kwargs.pop("a")', {"a": None}),
        ("self.a = False", {"a": False}),
        ("self.a = None", {"a": None}),
        ('popped = kwargs.pop("a", 2)\nself.a = 2 if popped else 3', UnknownShapeError),
        ('popped = kwargs.pop("a", 2)\nif popped is None:\n    self.a = None\nelse:\n    self.a = popped', {"a": 2}),
        ('a = kwargs.pop("a", None)\nif isinstance(a, dict):\n    self.a = Config(**a)\nelse:\n    self.a = a', {"a": None}),
        ('self.a = kwargs.pop("a", None)\nif isinstance(self.a, dict):\n    self.a = Config(**self.a)', {"a": None}),
        ('self.a = 1; self.b = kwargs.pop("b", 2)', {"a": 1, "b": 2}),
        ('self._a = kwargs.pop("_a", expression())', {}),
        ('self.transformers_version = kwargs.pop("transformers_version", __version__)', {}),
        ('kwargs.pop("_a", None)', {}),
        ('"""A docstring."""', {}),
        ("local = 3", {}),
        ("self.validate()", {}),
        ('if kwargs.get("before", False):\n    self._before = True', {}),
        ('"""\nat the margin\n"""\nself.a = kwargs.pop("a", None)', {"a": None}),
        ("if not self._from_model_config:\n    for key, value in kwargs.items():\n        setattr(self, key, value)", {}),
    ],
)  # fmt: skip
def test_the_default_that_a_statement_gives(
    statement: str, found: dict[str, PlainValue] | type[Exception]
) -> None:
    if isinstance(found, dict):
        read = {each.name: each.default for each in _read(statement)}
        assert repr(read) == repr(found)
    else:
        with pytest.raises(found):
            _read(statement)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ('self.a = kwargs.pop("b", None)', "self.a takes the argument b"),
        ('self.a = kwargs.pop(name, None)', "the name in a kwargs.pop is name, which is not a literal"),
        ('self.a = kwargs.pop(1, None)', "the name in a kwargs.pop is not a text"),
        ('self.a = kwargs.pop("a", compute())', "the default of a is compute()"),
        ('self.a = kwargs.pop("a", 1 if x else 2)', "the default of a is 1 if x else 2"),
        ('self.a = kwargs.pop("a", b"bytes")', "the default of a"),
        ('self.a = kwargs.pop()', "kwargs.pop with 0 arguments"),
        ('self.a = kwargs.pop("a", None, 3)', "kwargs.pop with 3 arguments"),
        ('self.a = kwargs.pop("a", default=3)', "kwargs.pop with 2 arguments"),
        ('self.a = kwargs.pop("a", {[]: 1})', "the default of a is {[]: 1}, which is not a literal"),
        ('self.a = kwargs.pop("a", None) or 3', "the value of self.a"),
        ('self.a = kwargs["a"]', "the value of self.a"),
        ('self.a = a', "the value of self.a is a, which is not a literal"),
        ('self.a = 1\nself.a = 2', "self.a is set twice"),
        ('kwargs.pop("a", None)', "a is taken from the arguments and dropped"),
        ('print(kwargs.pop("a", None))', "a is taken"),
        ('self.a = None\nself._set(b=kwargs.pop("b", None))', "b is taken"),
        ('self.a = None\nif a:\n    setattr(self, "b", 1)', "b is taken or set"),
        ('popped = kwargs.pop("a", None)', "a: taken from the arguments but never set"),
        ('popped = kwargs.pop("a", None) or 3', "a"),
        ('if (popped := kwargs.pop("a", None)):\n    pass', "only under a condition"),
        ('if cond:\n    self.a = kwargs.pop("a", None)', "self.a is set only under a condition"),
        ('if cond:\n    kwargs.pop("a", None)', "an argument is taken only under a condition"),
        ('self.a: int = kwargs.pop("a", 1)', "self.a is set in a way that is not known"),
        ('self.a = 1\nself.a += 1', "self.a is set in a way that is not known"),
        ('self.a = self.b = 1', "a is taken or set"),
        ('self.a, self.b = 1, 2', "a is taken or set"),
        ('[self.a] = [1]', "a is taken or set"),
        ('setattr(self, "a", kwargs.pop("a", None))', "a"),
        ('setattr(self, "a", 1)', "a"),
        ('self.__dict__["a"] = 1', "__dict__"),
        ('self.__dict__.update(a=1)', "__dict__"),
        ('for name in ("a", "b"):\n    setattr(self, name, kwargs.pop(name, None))', "For"),
        ('with context():\n    self.a = kwargs.pop("a", None)', "With"),
        ('try:\n    self.a = kwargs.pop("a")\nexcept KeyError:\n    self.a = 1', "Try"),
        ('def inner():\n    self.a = 1\ninner()', "FunctionDef"),
    ],
)  # fmt: skip
def test_a_shape_that_is_not_known_is_never_a_smaller_schema(statement: str, what: str) -> None:
    with pytest.raises(UnknownShapeError) as raised:
        _read(statement)
    assert raised.value.where.startswith(PLACE)
    assert what in raised.value.what


@given(strategies.plain_values)
def test_any_literal_default_is_read(value: PlainValue) -> None:
    [found] = _read(f"self.a = kwargs.pop('a', {value!r})")
    assert repr(found.default) == repr(value)


def test_a_body_on_the_line_of_its_name() -> None:
    with pytest.raises(UnknownShapeError, match="on the line of its name"):
        constructor.read(module("class GenerationConfig:\n    def __init__(self, **kwargs): self.a = 1"))


def test_parameters_come_in_the_order_of_the_source() -> None:
    body = "\n".join(f'self.{name} = kwargs.pop("{name}", None)' for name in ("z", "a", "m"))
    assert [each.name for each in _read(body)] == ["z", "a", "m"]


def test_other_functions_are_left_alone() -> None:
    others = """
    def update(self, **kwargs):
        self.b = kwargs.pop("b", compute())
        kwargs.pop("c")

    @classmethod
    def from_pretrained(cls, **kwargs):
        for name in kwargs:
            kwargs.pop(name)
    """
    text = configuration('self.a = kwargs.pop("a", None)', others=others)
    assert [each.name for each in constructor.read(module(text))] == ["a"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "there is no GenerationConfig.__init__"),
        ("class GenerationConfig:\n    pass", "there is no GenerationConfig.__init__"),
        ("class GenerationConfig:\n    __init__ = make()", "GenerationConfig.__init__ is not a function"),
        ("GenerationConfig = make()", "there is no GenerationConfig.__init__"),
    ],
)
def test_a_missing_constructor_is_an_unknown_shape(text: str, what: str) -> None:
    with pytest.raises(UnknownShapeError, match=r"configuration_utils\.py") as raised:
        constructor.read(module(text))
    assert what in str(raised.value)


HEADINGS = """
# Parameters that control the length
self.a = kwargs.pop("a", None)
self.b = kwargs.pop("b", None)
# a remark in the middle of a group is not a heading
self.c = kwargs.pop("c", None)

# Parameters that control
# the strategy
self.d = kwargs.pop("d", None)

self.e = kwargs.pop("e", None)

## a double one is a remark too
self.f = kwargs.pop("f", None)
"""


def test_comments_after_a_blank_line_are_headings() -> None:
    assert {each.name: each.heading for each in _read(HEADINGS)} == {
        "a": "Parameters that control the length",
        "b": "Parameters that control the length",
        "c": "Parameters that control the length",
        "d": "Parameters that control the strategy",
        "e": "Parameters that control the strategy",
        "f": "Parameters that control the strategy",
    }


DEPRECATED = """
# Plain ones
self.a = kwargs.pop("a", None)

# Deprecated (moved to the Hub). TODO: remove for v5
self.b = kwargs.pop("b", None)
# another reason
self.c = kwargs.pop("c", None)

# Later ones
self.d = kwargs.pop("d", None)
"""


def test_a_deprecated_group_ends_at_the_next_blank_line() -> None:
    found = {each.name: (each.heading, each.deprecation) for each in _read(DEPRECATED)}
    moved = ("Deprecated", Deprecation(removal="5", moved_to_hub=True))
    assert found == {"a": ("Plain ones", None), "b": moved, "c": moved, "d": ("Later ones", None)}


def test_a_group_without_a_heading_after_a_deprecated_one_is_not_deprecated() -> None:
    found = {each.name: each.deprecation for each in _read(DEPRECATED.replace("# Later ones\n", ""))}
    assert found["d"] is None


@pytest.mark.parametrize(
    "body",
    [
        'if a:\n    pass\n    # Of the branch\nself.a = kwargs.pop("a", None)',
        'if a:\n    pass\n\n    # Of the branch\nself.a = kwargs.pop("a", None)',
        'text = """\n\n# Of the text"""\nself.a = kwargs.pop("a", None)',
        'self._a = 1  # Of the line before\nself.a = kwargs.pop("a", None)',
        'self._a = 1; self.a = kwargs.pop("a", None)  # Of its own line',
    ],
)
def test_comments_that_do_not_belong_to_a_statement(body: str) -> None:
    [found] = _read(body)
    assert found.heading is None


@pytest.mark.parametrize(
    ("warning", "deprecation"),
    [
        ('"`a` is deprecated and will be removed in v2.19"', Deprecation(removal="2.19")),
        ('"`a` is deprecated and will be removed in version 2.19.0."', Deprecation(removal="2.19.0")),
        ('"Deprecated in v2.13: use b"', Deprecation(since="2.13")),
        ('f"{name} is Deprecated in 1.50" " and removed in v3"', Deprecation(since="1.50", removal="3")),
        ('"set, but it will be ignored"', None),
    ],
)
def test_a_warning_when_it_is_set_deprecates_it(warning: str, deprecation: Deprecation | None) -> None:
    body = f'self.a = kwargs.pop("a", None)\nif self.a is not None:\n    logger.warning_once({warning})'
    [found] = _read(body)
    assert found.deprecation == deprecation


def test_a_warning_adds_to_what_the_comment_says() -> None:
    body = """
    # Deprecated (moved to the Hub)
    self.a = kwargs.pop("a", None)
    if self.a is not None:
        logger.warning("`a` is deprecated and will be removed in v2.19")
    """
    [found] = _read(body)
    assert found.deprecation == Deprecation(removal="2.19", moved_to_hub=True)
