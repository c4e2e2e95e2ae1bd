"""codegen.engines.transformers.processors: a constructor's check, behind the gate that lets values past
it."""

import pytest

from codegen.engines.transformers import processors
from codegen.engines.transformers.engine import PROCESSORS
from codegen.errors import UnknownShapeError
from codegen.model.origins import Symbol
from codegen.model.regions import EVERYTHING, NOTHING, Region, of_bounds
from codegen.model.types import Bound
from tests.codegen.fake_source import library

ABOVE_0 = of_bounds([Bound(">", 0)])
UNIT = of_bounds([Bound(">=", 0), Bound("<=", 1)])
OPEN_UNIT = of_bounds([Bound(">", 0), Bound("<", 1)])


def _inputs(
    gates: str, constructors: str, names: tuple[str, ...] = ("x", "y")
) -> list[processors.ProcessorInput]:
    inside = "\n".join(f"        {line}" for line in gates.split("\n"))
    generate = f"class GenerationMixin:\n    def _get_logits_processor(self, generation_config):\n{inside}\n"
    return processors.read(library(generate=generate, processors=constructors), dict.fromkeys(names))


def _accepted(gates: str, constructors: str) -> Region:
    accepted = EVERYTHING
    for each in _inputs(gates, constructors):
        if each.parameter == "x":
            accepted &= ~each.refused
    return accepted


def _warper(check: str) -> str:
    return f"class Warper:\n    def __init__(self, x, other=None):\n        if {check}:\n            raise ValueError\n"


GATE = "if {}:\n    processors.append(Warper(x=generation_config.x))"


@pytest.mark.parametrize(
    ("gate", "check", "accepted"),
    [
        # The gate lets nothing past that the constructor refuses.
        ("generation_config.x is not None", "x <= 0", ABOVE_0),
        # It lets past what it does not build a processor for, and only that.
        ("generation_config.x is not None and generation_config.x != 1.0", "x <= 0", ABOVE_0),
        ("generation_config.x is not None and generation_config.x < 1.0", "not (0 < x <= 1)", ABOVE_0),
        ("generation_config.x is not None and 0.0 < generation_config.x < 1.0", "not 0 < x < 1", EVERYTHING),
        ("generation_config.x is not None and generation_config.x > 0", "not isinstance(x, int) or x <= 0", EVERYTHING),
        ("generation_config.x is not None and generation_config.x != 0", "x < 0", of_bounds([Bound(">=", 0)])),
        ("generation_config.x is not None", "not 0 <= x <= 1.0", UNIT),
        # A gate that also asks something else may be open: what it lets past counts as refused.
        ("generation_config.x is not None and some_thing", "x <= 0", ABOVE_0),
        ("generation_config.x is not None and generation_config.do_sample", "x <= 0", ABOVE_0),
        # A check that cannot be read proves nothing.
        ("generation_config.x is not None", "x in odd()", EVERYTHING),
    ],
)  # fmt: skip
def test_accepted_is_not_gated_or_passing_the_check(gate: str, check: str, accepted: Region) -> None:
    assert _accepted(GATE.format(gate), _warper(check)) == accepted


GATE_BELOW_1 = {
    "a local": "value = generation_config.x\nif value is not None and value < 1.0:\n    processors.append(Warper(x=value))",
    "a walrus": "if (value := generation_config.x) is not None and value < 1.0:\n    processors.append(Warper(x=value))",
    "a processor in a local": "if generation_config.x is not None:\n    if generation_config.x < 1.0:\n        warper = Warper(generation_config.x)\n        processors.append(warper)",
    "else, and +=": "if generation_config.x is None or generation_config.x >= 1.0:\n    pass\nelse:\n    processors += [Warper(x=generation_config.x)]",
    "a table": "for cls, value in ((Warper, generation_config.x),):\n    if value is not None and value < 1.0:\n        processors.append(cls(value))",
    "a function inside": "def add(value):\n    if value is not None and value < 1.0:\n        processors.append(Warper(value))\nadd(generation_config.x)",
    "a conditional expression": "low = generation_config.x is not None and generation_config.x < 1.0\nprocessors.extend([Warper(x=generation_config.x)] if low else [])",
    "a short circuit": "value = generation_config.x\nvalue is not None and value < 1.0 and processors.append(Warper(value))",
    "an early return": "config = generation_config\nif config.x is None:\n    return processors\nif config.x < 1.0:\n    processors.append(Warper(x=config.x))\nreturn processors",
    "match": "match generation_config.x:\n    case None:\n        pass\n    case value if value < 1.0:\n        processors.append(Warper(value))",
}  # fmt: skip
"""Ways to build a processor for values below 1."""


@pytest.mark.parametrize("name", GATE_BELOW_1)
def test_every_way_to_write_a_gate(name: str) -> None:
    [given] = _inputs(GATE_BELOW_1[name], _warper("x < 0"))
    assert (given.refused, given.gate) == (of_bounds([Bound("<", 0)]), of_bounds([Bound("<", 1)]))
    assert not given.unread


def test_a_processor_that_is_always_built_has_no_gate() -> None:
    [given] = _inputs("processors.append(Warper(generation_config.x))", _warper("x < 0"))
    assert (given.refused, given.gate) == (of_bounds([Bound("<", 0)]), EVERYTHING)


@pytest.mark.parametrize(
    "gates",
    [
        "processors = [Warper(x=x) for x in generation_config.x]",
        "processors.extend(map(lambda x: Warper(x), generation_config.x))",
    ],
)
def test_a_processor_for_each_of_some_values_is_named_as_unread(gates: str) -> None:
    [given] = _inputs(gates, _warper("x < 0"))
    assert given.unread == (Symbol(PROCESSORS, "Warper.__init__"),)


def test_gates_inside_of_gates() -> None:
    gates = (
        "if generation_config.do_sample:\n"
        "    if generation_config.x is not None and generation_config.x < 1.0:\n"
        "        processors.append(Warper(generation_config.x))"
    )
    [given] = _inputs(gates, _warper("x < 0"))
    assert given.refused == of_bounds([Bound("<", 0)])
    assert given.gate == of_bounds([Bound("<", 1)])


def test_the_default_that_the_gate_skips_is_the_disabled_value() -> None:
    [given] = _inputs(
        GATE.format("generation_config.x is not None and generation_config.x != 1.0"), _warper("x <= 0")
    )
    assert given.is_skipped_for(1.0)
    assert not given.is_skipped_for(0.5)
    assert not given.is_skipped_for(None)
    assert not given.is_skipped_for(True)


def test_positional_and_keyword_arguments_and_what_is_not_a_parameter() -> None:
    given = _inputs(
        "if generation_config.x is not None and generation_config.y is not None:\n"
        "    processors.append(Warper(generation_config.x, other=generation_config.y, device=device))",
        "class Warper:\n"
        "    def __init__(self, x, other, device='cpu'):\n"
        "        if x < 0:\n            raise ValueError\n"
        "        if other > 1:\n            raise ValueError\n",
    )
    assert {each.parameter: each.refused for each in given} == {
        "x": of_bounds([Bound("<", 0)]),
        "y": of_bounds([Bound(">", 1)]),
    }


def test_a_gate_about_another_parameter_makes_it_a_combination() -> None:
    gates = (
        "if generation_config.x is not None:\n"
        "    processors.append(Warper(generation_config.x, generation_config.y))"
    )
    assert [each.parameter for each in _inputs(gates, _warper("other < 0"))] == ["x"]


def test_the_constructor_of_the_nearest_base() -> None:
    inherited = _warper("x <= 0").replace("Warper", "Base") + "class Warper(Base):\n    pass\n"
    [given] = _inputs(GATE.format("generation_config.x is not None"), inherited)
    assert given.refused == ~ABOVE_0
    assert str(given.symbol) == "generation/logits_process.py::Base.__init__"


def test_a_check_of_the_attribute_that_the_argument_became() -> None:
    constructors = (
        "class Warper:\n"
        "    def __init__(self, x):\n"
        "        self.x = x\n"
        "        self.y = 3\n"
        "        if self.x <= 0 or self.y < 0 and y.x > 5:\n            raise ValueError\n"
    )
    [given] = _inputs(GATE.format("generation_config.x is not None"), constructors)
    assert given.refused == ~ABOVE_0


def test_a_processor_without_a_constructor_refuses_nothing() -> None:
    gates = (
        GATE.format("generation_config.x is not None") + "\n" + GATE.replace("Warper", "Plain").format("True")
    )
    assert [str(each.symbol) for each in _inputs(gates, _warper("x <= 0") + "class Plain:\n    pass\n")] == [
        "generation/logits_process.py::Warper.__init__"
    ]


def test_helpers_that_validate_are_named_as_unread() -> None:
    constructors = (
        "class Warper:\n    def __init__(self, x):\n        self.x = x\n        self._validate_arguments()\n"
    )
    [given] = _inputs(GATE.format("generation_config.x is not None"), constructors)
    assert given.refused == NOTHING
    assert given.unread == (Symbol(PROCESSORS, "Warper._validate_arguments"),)


def test_a_check_that_cannot_be_read_is_named_as_unread() -> None:
    [given] = _inputs(GATE.format("generation_config.x is not None"), _warper("any(each < 0 for each in x)"))
    assert given.unread == (Symbol(PROCESSORS, "Warper.__init__"),)


@pytest.mark.parametrize(
    ("gates", "constructors", "what"),
    [
        ("pass", _warper("x < 0"), "no parameter feeds a logits processor"),
        (GATE.format("generation_config.x"), "", "no parameter feeds a logits processor"),
        (
            "if generation_config.z is not None:\n    processors.append(Warper(generation_config.z))",
            _warper("x < 0"),
            "z feeds Warper but GenerationConfig.__init__ does not set it",
        ),
    ],
)
def test_unknown_shapes(gates: str, constructors: str, what: str) -> None:
    with pytest.raises(UnknownShapeError) as raised:
        _inputs(gates, constructors)
    assert raised.value.where == "transformers/generation/utils.py, GenerationMixin._get_logits_processor"
    assert raised.value.what == what


def test_a_missing_function_is_named() -> None:
    with pytest.raises(UnknownShapeError, match=r"there is no GenerationMixin\._get_logits_processor"):
        processors.read(library(generate="class GenerationMixin:\n    pass"), {})
