"""codegen.upstream.checks and validation: what a function surely refuses of one value."""

import textwrap

import pytest

from codegen.engines.transformers import validation
from codegen.model.conditions import names
from codegen.model.origins import Symbol
from codegen.model.regions import of_bounds
from codegen.model.types import Bound, Choice
from codegen.upstream.checks import Refusal, argument_reader, raises, refusal
from tests.codegen.fake_source import module

TABLES = textwrap.dedent(
    """
    TABLE = ("low", "high")
    MORE = TABLE + ("never",)
    SET = {"low", None}
    COMPUTED = tuple(names())
    CYCLE = CYCLE + ("a",)
    TWICE = ("a",)
    if something:
        TWICE = ("a", "b")
    """
)

BELOW_0 = of_bounds([Bound("<", 0)])
UP_TO_0 = of_bounds([Bound("<=", 0)])
OUTSIDE = ~of_bounds([Bound(">=", 0), Bound("<=", 1)])


SYMBOL = Symbol("generation/configuration_utils.py", "check")
UNREAD = Refusal(unread=(SYMBOL,))


def _refused(body: str) -> Refusal:
    """What is refused of x alone; what is refused of it together with y is a combination."""
    source = module(f"{TABLES}\ndef check(x, y):\n{textwrap.indent(body, '    ')}\n")
    raised = raises(source, "check", argument_reader(source.function("check")))
    return refusal([each for each in raised if names(each.when) == ("x",)], "x")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("pass", Refusal()),
        ("if x < 0:\n    raise ValueError", Refusal(BELOW_0)),
        ("if not x >= 0:\n    raise ValueError", Refusal(BELOW_0)),
        ("if not isinstance(x, float) or x <= 0:\n    raise ValueError", Refusal(UP_TO_0, takes_none=False)),
        ("if not (isinstance(x, int) and x > 0):\n    raise ValueError", Refusal(UP_TO_0, takes_none=False)),
        ("if x < 0 or x > 1.0:\n    raise ValueError", Refusal(OUTSIDE)),
        ("if not 0 <= x <= 1:\n    raise ValueError", Refusal(OUTSIDE)),
        ("if x is not None and x <= 0:\n    raise ValueError", Refusal(UP_TO_0)),
        ("if x < 0:\n    raise ValueError\nif x == 0:\n    raise ValueError", Refusal(UP_TO_0)),
        ("if x < 0:\n    warn('no')", Refusal()),
        ("if x > 0:\n    pass\nelse:\n    raise ValueError", Refusal(UP_TO_0)),
        ("if x > 1:\n    pass\nelif x > 0:\n    pass\nelse:\n    raise ValueError", Refusal(UP_TO_0)),
        ("if x is not None:\n    if x <= 0:\n        raise ValueError", Refusal(UP_TO_0)),
        ("try:\n    if x < 0:\n        raise ValueError\nfinally:\n    pass", Refusal(BELOW_0)),
        ("with lock:\n    if x < 0:\n        raise ValueError", Refusal(BELOW_0)),
        ("raise ValueError", Refusal()),  # not about x
        ("if y:\n    raise ValueError", Refusal()),
        ("if x < 0 and y:\n    raise ValueError", Refusal()),  # a combination
        ("if y:\n    if x < 0:\n        raise ValueError", Refusal()),  # as well
        ("if x < 0 and z:\n    raise ValueError", UNREAD),  # not surely
        ("if x < 0 or z:\n    raise ValueError", Refusal(BELOW_0)),  # surely, and others in the same way
        ("if x % 2:\n    raise ValueError", UNREAD),
        ("if x < 0 and check(x):\n    raise ValueError", UNREAD),
        ("for n, v in [('x', x), ('y', y)]:\n    if v < 0:\n        raise ValueError", Refusal(BELOW_0)),
        ("for v in [x, y]:\n    if v < 0:\n        raise ValueError", Refusal(BELOW_0)),
        ("for i in range(3):\n    if x < 0:\n        raise ValueError", Refusal(BELOW_0)),
        ("for i in range(z):\n    if x < 0:\n        raise ValueError", UNREAD),  # range() may be empty
        ("match x:\n    case 1:\n        raise ValueError", Refusal(of_bounds([Bound(">=", 1), Bound("<=", 1)]))),
        ("match x:\n    case [1]:\n        raise ValueError", UNREAD),
        ("if x is None:\n    return\nif x < 0:\n    raise ValueError", Refusal(BELOW_0)),
        ("if z:\n    return\nif x < 0:\n    raise ValueError", UNREAD),
        ("for i in x:\n    if i < 0:\n        raise ValueError", UNREAD),
        ("while x < 0:\n    raise ValueError", Refusal(BELOW_0)),
        ("if x < 0:\n    return\nif x < 1:\n    raise ValueError", Refusal(of_bounds([Bound(">=", 0), Bound("<", 1)]))),
        ("if x is None:\n    raise ValueError", Refusal(takes_none=False)),
        ("if x is None or x < 0:\n    raise ValueError", Refusal(BELOW_0, takes_none=False)),
        ("if not isinstance(x, (int, float)) or x < 0:\n    raise ValueError", Refusal(BELOW_0, takes_none=False)),
        ("if not isinstance(x, list):\n    raise ValueError", Refusal(takes_none=False, unread=(SYMBOL,))),
        ("if not x:\n    raise ValueError", Refusal(takes_none=False, unread=(SYMBOL,))),  # of a text, too
        ("x = x or 1\nif x < 0:\n    raise ValueError", Refusal(BELOW_0)),
    ],
)  # fmt: skip
def test_which_numbers_a_check_refuses(body: str, refused: Refusal) -> None:
    assert _refused(body) == refused


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("if x not in TABLE:\n    raise ValueError", Refusal(choices=Choice(("low", "high")), takes_none=False)),
        ("if x not in ('a', None):\n    raise ValueError", Refusal(choices=Choice(("a",)))),
        ("if x is not None and x not in TABLE:\n    raise ValueError", Refusal(choices=Choice(("low", "high")))),
        ("if x not in {False, True, 'never'}:\n    raise ValueError", Refusal(choices=Choice((False, True, "never")), takes_none=False)),
        ("if x not in MORE:\n    raise ValueError", Refusal(choices=Choice(("low", "high", "never")), takes_none=False)),
        ("if x not in TABLE + ('a',):\n    raise ValueError", Refusal(choices=Choice(("low", "high", "a")), takes_none=False)),
        ("local = TABLE + ('b',)\nif x not in local:\n    raise ValueError", Refusal(choices=Choice(("low", "high", "b")), takes_none=False)),
        ("if x not in SET:\n    raise ValueError", Refusal(choices=Choice(("low",)))),
        ("if x not in COMPUTED:\n    raise ValueError", UNREAD),
        ("if x not in TWICE:\n    raise ValueError", UNREAD),
        ("if x not in NOWHERE:\n    raise ValueError", UNREAD),
        ("if x not in CYCLE:\n    raise ValueError", UNREAD),
        ("if x in TABLE:\n    raise ValueError", UNREAD),
        ("if z and x not in TABLE:\n    raise ValueError", UNREAD),
        ("if z:\n    if x not in TABLE:\n        raise ValueError", UNREAD),
        ("if len(x) > 2 and x not in TABLE:\n    raise ValueError", UNREAD),
    ],
)  # fmt: skip
def test_which_choices_a_check_leaves(body: str, refused: Refusal) -> None:
    assert _refused(body) == refused


VALIDATE = """
ALL_OF_THEM = ("dynamic", "static")

class GenerationConfig:
    def validate(self, strict=False):
        if self.early_stopping not in {True, False, "never"}:
            raise ValueError("no")
        if self.max_new_tokens is not None and self.max_new_tokens <= 0:
            raise ValueError("no")
        if self.pad_token_id is not None and self.pad_token_id < 0:
            warn("no")
        if self.cache_implementation is not None and self.cache_implementation not in ALL_OF_THEM:
            raise ValueError("no")
        if self.num_return_sequences > self.num_beams:
            raise ValueError("no")
        if self.num_beams == 1 and self.num_return_sequences > 1:
            raise ValueError("no")
        if self.watermarking_config is not None and not isinstance(self.watermarking_config, Mark):
            raise ValueError("no")
        for name in ("a", "b"):
            if getattr(self, name):
                raise ValueError("no")
"""


def test_what_validate_refuses_of_one_parameter_by_itself() -> None:
    names = [
        "early_stopping",
        "max_new_tokens",
        "pad_token_id",
        "cache_implementation",
        "num_return_sequences",
        "num_beams",
        "watermarking_config",
    ]
    assert validation.read(module(VALIDATE), names) == {
        "early_stopping": Refusal(choices=Choice((True, False, "never")), takes_none=False),
        "max_new_tokens": Refusal(UP_TO_0),
        "cache_implementation": Refusal(choices=Choice(("dynamic", "static"))),
        "watermarking_config": Refusal(unread=(validation.FULL_SYMBOL,)),
    }
