"""What the rules of a release refuse, given upstream's defaults, and which fields have to be set for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.model.conditions import ALWAYS, NEVER, Condition, names, partial_eval
from codegen.model.schema import Param, Rule
from codegen.model.values import PlainValue
from codegen.upstream.engine import Engine


def triggers(rule: Rule, params: tuple[Param, ...], model_owned: tuple[str, ...]) -> tuple[str, ...]:
    """Fields of which one has to be set for a rule to hold, given upstream's defaults; as few as possible.

    Empty for a rule that is not a ``reject``: only those are looked up by the fields that are set.
    """
    if rule.effect != "reject":
        return ()
    defaults = _defaults(params, model_owned)
    no_extra: dict[str, PlainValue] = {path: None for path in names(rule.when) if path.startswith("extra.")}
    if partial_eval(rule.when, no_extra) == NEVER:
        return ("extra",)
    parameters = {param.name for param in params}
    asked = [name for name in names(rule.when) if name in parameters]
    for name in asked:
        if name in defaults and partial_eval(rule.when, {name: defaults[name]}) == NEVER:
            return (name,)
    return tuple(asked)


class Refusals:
    """Which values the rules of a release surely refuse, given upstream's defaults."""

    def __init__(self, params: tuple[Param, ...], rules: tuple[Rule, ...], engine: Engine) -> None:
        self.unset = {"extra": {}, **engine.default_facts, **_defaults(params, engine.model_owned)}
        self.conditions = [_IndexedCondition.of(rule.when) for rule in rules if rule.effect == "reject"]
        self.left: dict[frozenset[str], list[_IndexedCondition]] = {}

    def refused(self, values: Mapping[str, PlainValue]) -> bool:
        """Whether a rule about one of the values surely refuses them."""
        return any(each.given(values) == ALWAYS for each in self._about(frozenset(values)))

    def _about(self, names: frozenset[str]) -> list["_IndexedCondition"]:
        """What is left of the conditions about one of these names if all others are unset."""
        if names not in self.left:
            others = {name: value for name, value in self.unset.items() if name not in names}
            left = (each.given(others) for each in self.conditions if each.parameters & names)
            self.left[names] = [_IndexedCondition.of(when) for when in left if when != NEVER]
        return self.left[names]


@dataclass(frozen=True, slots=True)
class _IndexedCondition:
    """A condition, the names in it, and the parameters that these belong to."""

    when: Condition
    names: tuple[str, ...]
    parameters: frozenset[str]

    @classmethod
    def of(cls, when: Condition) -> "_IndexedCondition":
        asked = names(when)
        return cls(when, asked, frozenset(map(_parameter_of, asked)))

    def given(self, known: Mapping[str, PlainValue]) -> Condition:
        """The condition, given values of parameters, and of the arguments in them."""
        asked = (path for path in self.names if path in known or _parameter_of(path) in known)
        return partial_eval(self.when, {path: _value_at(path, known) for path in asked})


def _defaults(params: tuple[Param, ...], model_owned: tuple[str, ...]) -> dict[str, PlainValue]:
    """The values of unset parameters, where they do not depend on the model."""
    return {param.name: param.effective_default for param in params if param.name not in model_owned}


def _parameter_of(path: str) -> str:
    """The parameter of ``parameter.argument``."""
    return path.partition(".")[0]


def _value_at(path: str, known: Mapping[str, PlainValue]) -> PlainValue:
    """The value of a parameter, or of an argument inside of it; None where that is not set."""
    if path in known:
        return known[path]
    parameter, _, argument = path.partition(".")
    value = known[parameter]
    return value.get(argument) if argument and isinstance(value, dict) else None if argument else value
