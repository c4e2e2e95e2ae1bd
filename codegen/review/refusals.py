"""What the rules of a release refuse over upstream's defaults.

Which values, and which fields have to be set for a rule to hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.model.conditions import ALWAYS, NEVER, Condition, names, partial_eval
from codegen.model.schema import Param, Rule
from codegen.model.values import PlainValue
from codegen.upstream.engine import Engine


def triggers(rule: Rule, params: tuple[Param, ...], model_owned: tuple[str, ...]) -> tuple[str, ...]:
    """Fields of which one has to be set for a rule to hold over upstream's defaults; as few as possible.

    Only a ``reject`` rule is looked up by them.
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
    """Which values the rules of a release surely refuse, over upstream's defaults; made once, asked often."""

    def __init__(self, params: tuple[Param, ...], rules: tuple[Rule, ...], engine: Engine) -> None:
        self.unset = {"extra": {}, **engine.default_facts, **_defaults(params, engine.model_owned)}
        self.conditions = [_AskedCondition.of(rule.when) for rule in rules if rule.effect == "reject"]
        self.open: dict[frozenset[str], list[_AskedCondition]] = {}

    def refused(self, values: Mapping[str, PlainValue]) -> bool:
        """Whether a rule about one of the values surely refuses them."""
        return any(each.over(values) == ALWAYS for each in self._about(frozenset(values)))

    def _about(self, given: frozenset[str]) -> list["_AskedCondition"]:
        """What is left of the conditions about one of those names if the others are unset."""
        if given not in self.open:
            others = {name: value for name, value in self.unset.items() if name not in given}
            left = (each.over(others) for each in self.conditions if each.heads & given)
            self.open[given] = [_AskedCondition.of(when) for when in left if when != NEVER]
        return self.open[given]


@dataclass(frozen=True, slots=True)
class _AskedCondition:
    """A condition, the names in it, and the parameters that these belong to."""

    when: Condition
    names: tuple[str, ...]
    heads: frozenset[str]

    @classmethod
    def of(cls, when: Condition) -> "_AskedCondition":
        asked = names(when)
        return cls(when, asked, frozenset(map(_head, asked)))

    def over(self, known: Mapping[str, PlainValue]) -> Condition:
        """The condition over known values of parameters, and of the arguments in them."""
        asked = (path for path in self.names if path in known or _head(path) in known)
        return partial_eval(self.when, {path: _value_at(path, known) for path in asked})


def _defaults(params: tuple[Param, ...], model_owned: tuple[str, ...]) -> dict[str, PlainValue]:
    """What is known to hold of what is not set."""
    return {param.name: param.effective_default for param in params if param.name not in model_owned}


def _head(path: str) -> str:
    """The parameter of ``parameter.argument``."""
    return path.partition(".")[0]


def _value_at(path: str, known: Mapping[str, PlainValue]) -> PlainValue:
    """A parameter's value, or that of an argument of it."""
    if path in known:
        return known[path]
    head, _, argument = path.partition(".")
    value = known[head]
    return value.get(argument) if argument and isinstance(value, dict) else None if argument else value
