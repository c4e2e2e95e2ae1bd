"""Rows about the code that ``generate()`` can run: helpers of ``_sample``, and what callers see."""

from tests.codegen.finding_rows import FindingKey, Row
from tests.codegen.small_release import Edits

_MIXIN = "generation/utils.py::GenerationMixin"
_CLAIMED: tuple[FindingKey, ...] = (
    ("risky", "evidence-changed", "ending"),
    ("risky", "evidence-changed", "shown"),
)


def _helpers(*functions: str, calls: tuple[str, ...] = ("_helper",), before: str = "") -> Edits:
    """Add methods that ``_sample`` calls, and code before the class."""
    inside = "\n".join(f"    {line}" for function in functions for line in function.split("\n"))
    called = "".join(f"        self.{name}(input_ids)\n" for name in calls)
    return (
        ("    def _sample(self, input_ids):\n", f"{inside}\n\n    def _sample(self, input_ids):\n{called}"),
        ("\n\nclass GenerationMixin:", f"\n{before}\n\nclass GenerationMixin:"),
    )


def _generate(signature: str, *, decorator: str = "", before: str = "") -> Edits:
    """Give ``generate`` other arguments."""
    return (
        (
            "    def generate(self, input_ids, generation_config):",
            f"    {decorator}\n    def generate(self, {signature}:",
        ),
        ("\n\nclass GenerationMixin:", f"\n{before}\n\nclass GenerationMixin:"),
    )


_RAISES = "def _helper(self, x):\n    if x > 1:\n        raise ValueError('no')"
_PASSES = "def _helper(self, x):\n    if x > 1:\n        x = 1"
_OTHER = "def _other(self, x):\n    if x > 1:\n        raise ValueError('no')"
_QUIET = "def _other(self, x):\n    x = 1"
_WARNS = "def _helper(self, x):\n    if x > 1:\n        logger.warning('no')\n        x = 1"
_PAST = "def {}(self, past):\n    past.first()\n    past = past.second(past=past)\n    return past"


def _past(name: str, word: str) -> str:
    return _PAST.format(name).replace("past", word)


def _keyed(name: str, word: str) -> str:
    """A function that uses a word as an attribute and as the key of an item."""
    return f"def {name}(self, x):\n    x.{word} = x['{word}']\n    return x.{word}"


def _output(*fields: str) -> str:
    inside = "".join(f"    {name}: int = 0\n" for name in fields)
    return f"class Output:\n{inside}\nResult = Output | int\n"


def _changed(name: str = "_helper") -> FindingKey:
    return ("info", "reached-code-changed", f"{_MIXIN}.{name}")


ROWS = (
    Row(
        "code in reach on which nothing rests",
        _helpers("def _helper(self, x):\n    return 2"),
        (_changed(),),
        ("rewritten", "refusal-changed", "reach-grown"),
        before=_helpers("def _helper(self, x):\n    return 1"),
    ),
    Row(
        "another annotation, message and local",
        _helpers(
            "def _helper(self, x) -> int:\n    if x:\n        raise OSError('b')\n    z = x.a\n    return z"
        ),
        (("info", "rewritten", f"{_MIXIN}._helper"),),
        ("reached-code-changed", "refusal-changed", "refusal-added", "refusal-removed", "renamed"),
        before=_helpers(
            "def _helper(self, x):\n    if x:\n        raise OSError('a')\n    y = x.a\n    return y"
        ),
    ),
    Row(
        "a refusal is new",
        _helpers(_RAISES),
        (_changed(), ("risky", "refusal-added", f"{_MIXIN}._helper")),
        ("refusal-changed", "refusal-moved"),
        before=_helpers(_PASSES),
        values={"refusal-added": (None, "ValueError if x > 1")},
    ),
    Row(
        "a refusal is gone",
        _helpers(_PASSES),
        (_changed(), ("risky", "refusal-removed", f"{_MIXIN}._helper")),
        ("refusal-added", "refusal-moved"),
        before=_helpers(_RAISES),
    ),
    Row(
        "a refusal under another condition",
        _helpers(_RAISES.replace("x > 1", "x > 2")),
        (_changed(), ("risky", "refusal-changed", f"{_MIXIN}._helper")),
        ("refusal-added", "refusal-removed"),
        before=_helpers(_RAISES),
        values={"refusal-changed": ("ValueError if x > 1", "ValueError if x > 2")},
    ),
    Row(
        "a refusal under one more test",
        _helpers(
            _RAISES.replace("x > 1", "getattr(self.config.get_text_config(), 'is_causal', True) and x > 1")
        ),
        (_changed(), ("risky", "refusal-changed", f"{_MIXIN}._helper")),
        ("refusal-added", "refusal-removed"),
        before=_helpers(_RAISES),
    ),
    Row(
        "a refusal under one more test, and the old one in another function",
        _helpers(
            _RAISES.replace("x > 1", "self.is_causal and x > 1"),
            _RAISES.replace("_helper", "_other"),
            calls=("_helper", "_other"),
        ),
        (
            _changed(),
            _changed("_other"),
            ("risky", "refusal-changed", f"{_MIXIN}._helper"),
            ("risky", "refusal-added", f"{_MIXIN}._other"),
        ),
        ("refusal-moved", "refusal-removed"),
        before=_helpers(_RAISES, _QUIET, calls=("_helper", "_other")),
    ),
    Row(
        "another exception",
        _helpers(_RAISES.replace("ValueError", "OSError")),
        (
            _changed(),
            ("risky", "refusal-added", f"{_MIXIN}._helper"),
            ("risky", "refusal-removed", f"{_MIXIN}._helper"),
        ),
        ("refusal-changed",),
        before=_helpers(_RAISES),
    ),
    Row(
        "a refusal is in another function",
        _helpers(_PASSES, _OTHER, calls=("_helper", "_other")),
        (_changed(), _changed("_other"), ("info", "refusal-moved", f"{_MIXIN}._other")),
        ("refusal-added", "refusal-removed"),
        before=_helpers(_RAISES, _QUIET, calls=("_helper", "_other")),
    ),
    Row(
        "a warning that sets something",
        _helpers(_WARNS),
        (_changed(), ("risky", "refusal-added", f"{_MIXIN}._helper")),
        before=_helpers("def _helper(self, x):\n    if x > 1:\n        y = 2"),
    ),
    Row(
        "an attribute and a key have another name",
        _helpers(_keyed("_helper", "cache"), _keyed("_other", "cache"), calls=("_helper", "_other")),
        (("info", "renamed", "past"),),
        ("reached-code-changed", "rewritten", "path-changed"),
        before=_helpers(_keyed("_helper", "past"), _keyed("_other", "past"), calls=("_helper", "_other")),
        values={"renamed": ("past", "cache")},
    ),
    Row(
        "another name, and something else",
        _helpers(
            _keyed("_helper", "cache").replace("return x", "return not x"),
            _keyed("_other", "cache"),
            calls=("_helper", "_other"),
        ),
        (("info", "renamed", "past"), _changed()),
        before=_helpers(_keyed("_helper", "past"), _keyed("_other", "past"), calls=("_helper", "_other")),
    ),
    Row(
        "a name that was used beside the new one",
        _helpers(f"{_keyed('_helper', 'cache')}\n    x.past = 1\n    x.past"),
        (_changed(),),
        ("renamed",),
        before=_helpers(f"{_keyed('_helper', 'past')}\n    x.past = 1\n    x.past"),
    ),
    Row(
        "a method has another name",
        _helpers("def _better(self, x):\n    return x.value", calls=("_better",)),
        (*_CLAIMED, ("info", "moved", f"{_MIXIN}._helper")),
        ("reach-grown", "reach-shrunk"),
        before=_helpers("def _helper(self, x):\n    return x.value"),
    ),
    Row(
        "a function is in another file",
        (
            *_helpers("def _helper(self, x):\n    return far(x)", before="from .logits_process import far"),
            ("\nclass TopProcessor:", "\ndef far(x):\n    return x.value\n\n\nclass TopProcessor:"),
        ),
        (("info", "moved", "generation/utils.py::far"),),
        ("reach-grown", "reach-shrunk", "reached-code-changed"),
        before=_helpers("def _helper(self, x):\n    return far(x)", before="def far(x):\n    return x.value"),
    ),
    Row(
        "a helper is extracted",
        _helpers(
            "def _helper(self, x):\n    return self._other(x)", "def _other(self, y):\n    return y.value + 1"
        ),
        (("info", "rewritten", f"{_MIXIN}._helper"), ("info", "reach-grown", f"{_MIXIN}._other")),
        ("path-changed", "reached-code-changed"),
        before=_helpers("def _helper(self, x):\n    return x.value + 1"),
    ),
    Row(
        "a helper is extracted, and does something else",
        _helpers(
            "def _helper(self, x):\n    return self._other(x)", "def _other(self, y):\n    return y.value + 2"
        ),
        (_changed(), ("info", "reach-grown", f"{_MIXIN}._other")),
        ("rewritten",),
        before=_helpers("def _helper(self, x):\n    return x.value + 1"),
    ),
    Row(
        "branches change places",
        _helpers("def _helper(self, x):\n    if x is None:\n        return 1\n    else:\n        return x"),
        (("info", "rewritten", f"{_MIXIN}._helper"),),
        ("path-changed", "reached-code-changed"),
        before=_helpers(
            "def _helper(self, x):\n    if x is not None:\n        return x\n    else:\n        return 1"
        ),
    ),
    Row(
        "more code is reached",
        _helpers("def _helper(self, x):\n    return self._other(x)", "def _other(self, x):\n    return 2"),
        (_changed(), ("info", "reach-grown", f"{_MIXIN}._other")),
        ("reach-shrunk", "moved"),
        before=_helpers(
            "def _helper(self, x):\n    return 1", "def _other(self, x):\n    return 2", calls=("_helper",)
        ),
    ),
    Row(
        "less code is reached",
        _helpers("def _helper(self, x):\n    return 1", "def _other(self, x):\n    return 1"),
        (_changed(), ("info", "reach-shrunk", f"{_MIXIN}._other")),
        ("reach-grown", "moved"),
        before=_helpers(
            "def _helper(self, x):\n    return self._other(x)", "def _other(self, x):\n    return 1"
        ),
    ),
    Row(
        "an argument of the call is deprecated",
        _generate(
            "input_ids, generation_config)", decorator='@deprecate_kwarg("past", "3.0.0", new_name="cache")'
        ),
        (("risky", "keyword-deprecated", "past"),),
        ("reached-code-changed", "call-argument-added"),
        values={"keyword-deprecated": ("past", "cache")},
    ),
    Row(
        "an argument of the call is new",
        _generate("input_ids, generation_config, streamer=None)"),
        (_changed("generate"), ("info", "call-argument-added", "generate.streamer")),
        ("call-argument-removed", "keyword-deprecated"),
    ),
    Row(
        "an argument of the call is gone",
        (),
        (_changed("generate"), ("breaking", "call-argument-removed", "generate.streamer")),
        ("call-argument-added", "call-default-changed"),
        before=_generate("input_ids, generation_config, streamer=None)"),
    ),
    Row(
        "an argument of the call has another default",
        _generate("input_ids, generation_config, warmup=False)"),
        (_changed("generate"), ("risky", "call-default-changed", "generate.warmup")),
        ("call-argument-added", "call-argument-removed"),
        before=_generate("input_ids, generation_config, warmup=True)"),
        values={"call-default-changed": ("True", "False")},
    ),
    Row(
        "the result has another field",
        _generate("input_ids, generation_config) -> Result", before=_output("sequences", "logits")),
        (("info", "output-field-added", "logits"),),
        ("output-field-removed", "call-default-changed"),
        before=_generate("input_ids, generation_config) -> Result", before=_output("sequences")),
    ),
    Row(
        "the result lacks a field",
        _generate("input_ids, generation_config) -> Result", before=_output("sequences")),
        (("breaking", "output-field-removed", "logits"),),
        ("output-field-added",),
        before=_generate("input_ids, generation_config) -> Result", before=_output("sequences", "logits")),
    ),
)
"""``_sample`` is evidence in the small release; what it calls is not."""
