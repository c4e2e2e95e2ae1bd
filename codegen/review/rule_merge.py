"""Found and hand-written rules, put together; and which fields have to be set for one to fire.

A found rule that nobody has named yet is kept, worded from its condition, and asked about. A raise that extraction could not read
has to be restated by a hand-written rule that rests on the function it stands in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codegen.errors import UnknownShapeError
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    SURROUNDINGS,
    And,
    Compare,
    Condition,
    Constant,
    Name,
    Not,
    Or,
    all_of,
    any_of,
    names,
    negated,
    partial_eval,
    text,
)
from codegen.model.facts import Facts, FoundRule, FoundRules
from codegen.model.origins import Origin, OriginKind
from codegen.model.schema import NestedModel, Param, Rule
from codegen.model.types import Value
from codegen.review.overrides import Overrides, RuleOverrides
from codegen.upstream.symbols import Library


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A found rule that no entry of the overrides names."""

    key: str
    effect: str
    when: Condition


@dataclass(frozen=True, slots=True)
class MergedRules:
    """The rules of a release, what several of them ask, what is wrong with the overrides, and what nobody has named yet."""

    rules: tuple[Rule, ...]
    conditions: Mapping[str, Condition]
    mistakes: tuple[str, ...]
    unnamed: tuple[Unnamed, ...]


def merge_rules(
    facts: Facts,
    overrides: Overrides,
    library: Library,
    params: Mapping[str, Param],
    nested: tuple[NestedModel, ...],
) -> MergedRules:
    """The rules of a release.

    Raises:
        UnknownShapeError: a raise could be neither read nor is it restated.
    """
    merger = _Rules(overrides, library, facts.version, params, nested)
    rules = [*merger.found(facts.rules.rules), *merger.written()]
    merger.same_id(rules)
    merger.restated(facts.rules)
    shared = merger.shared(overrides.conditions)
    return MergedRules(tuple(rules), shared, tuple(merger.mistakes), tuple(merger.unnamed))


class _Rules:
    def __init__(
        self,
        overrides: Overrides,
        library: Library,
        version: str,
        params: Mapping[str, Param],
        nested: tuple[NestedModel, ...],
    ) -> None:
        self.library = library
        self.version = version
        self.engine = library.tree.package
        self.release = f"{self.engine} {version}"
        self.entries = [rule for rule in overrides.rules if rule.applies(version)]
        self.params = params
        self.absent = {
            name: None
            for name, entry in overrides.params.items()
            if name not in params and not entry.applies(version)
        }
        self.arguments = {f"{model.parameter}.{field.name}" for model in nested for field in model.fields}
        self.mistakes: list[str] = []
        self.unnamed: list[Unnamed] = []

    def found(self, rules: tuple[FoundRule, ...]) -> Iterator[Rule]:
        entries = {key: entry for entry in self.entries for key in entry.extracted}
        keys = {rule.key for rule in rules}
        for entry in self.entries:
            if entry.extracted and not keys & set(entry.extracted):
                what = f"{self.release} states no rule {' or '.join(map(repr, entry.extracted))}"
                self.mistakes.append(f"{entry.place}: {what}; say for which versions it is")
        for rule in rules:
            named = entries.get(rule.key)
            when = self._simple(rule.when if named is None or named.when is None else named.when)
            if when != NEVER:
                yield self._named(rule, when, named)

    def _named(self, rule: FoundRule, when: Condition, entry: RuleOverrides | None) -> Rule:
        origin = Origin(OriginKind.RULE, rule.symbol, rule.key)
        if entry is None:
            self.unnamed.append(Unnamed(rule.key, rule.effect, when))
            what = (
                f"{self.engine} refuses"
                if rule.effect == "reject"
                else f"{self.engine} says it ignores this with"
            )
            return Rule(
                id=rule.key.replace(": ", "-").replace(", ", "-").replace("_", "-").lower(),
                effect=rule.effect,
                fields=rule.fields,
                when=when,
                message=f"{what} {text(when)}",
                origins=(origin,),
            )
        unknown = [name for name in entry.wrong if name not in rule.fields and name not in self.absent]
        if unknown:
            self.mistakes.append(f"{entry.place}.wrong: the rule does not say so of {', '.join(unknown)}")
        named = self._present(entry.fields, entry) or rule.fields
        evidence = tuple(Origin(OriginKind.EVIDENCE, symbol, entry.id) for symbol in entry.evidence)
        return Rule(
            id=entry.id,
            effect=rule.effect,
            fields=tuple(name for name in named if name not in entry.wrong),
            when=when,
            message=entry.message,
            origins=(origin, Origin(OriginKind.RULE, about=entry.id), *evidence),
        )

    def written(self) -> Iterator[Rule]:
        for entry in self.entries:
            if entry.extracted or entry.when is None:
                continue
            for path in (*names(entry.when), *(names(entry.need) if entry.need else ())):
                self._known(path, entry)
            fields = self._present(entry.fields, entry)
            when = self._simple(entry.when)
            need = self._simple(entry.need) if entry.need else None
            if when == NEVER or not fields:
                self.mistakes.append(
                    f"{entry.place}: it can never hold in {self.release}; say for which versions it is"
                )
            evidence = tuple(Origin(OriginKind.EVIDENCE, symbol, entry.id) for symbol in entry.evidence)
            yield Rule(
                id=entry.id,
                effect=entry.effect,
                fields=fields,
                when=when,
                need=need,
                message=entry.message,
                tightening=entry.tightening,
                origins=(Origin(OriginKind.RULE, about=entry.id), *evidence),
            )

    def shared(self, named: Mapping[str, Condition]) -> dict[str, Condition]:
        """The conditions that have a name, as far as they say something of their own in this release."""
        found: dict[str, Condition] = {}
        for name, condition in named.items():
            simple = self._simple(condition)
            if simple not in (ALWAYS, NEVER, *found.values()):
                found[name] = simple
        return found

    def same_id(self, rules: list[Rule]) -> None:
        seen: set[str] = set()
        for rule in rules:
            if rule.id in seen:
                self.mistakes.append(f"rules.{rule.id}: there are two of that name for {self.release}")
            seen.add(rule.id)

    def restated(self, found: FoundRules) -> None:
        known = {symbol for entry in self.entries if not entry.extracted for symbol in entry.evidence}
        for unread in found.unread:
            if unread.symbol not in known:
                what = f"it refuses something, depending on {', '.join(unread.parameters)}, in a way that cannot be read"
                raise UnknownShapeError(
                    self.library.place(unread.symbol),
                    f"{what}, and no rule restates it",
                )

    def _present(self, fields: tuple[str, ...], entry: RuleOverrides) -> tuple[str, ...]:
        """The fields that this release has; one that no release has is a mistake."""
        for name in fields:
            if name not in self.params and name not in self.absent:
                self.mistakes.append(f"{entry.place}.fields: {self.release} has no parameter {name}")
        return tuple(name for name in fields if name in self.params)

    def _known(self, path: str, entry: RuleOverrides) -> None:
        head, _, rest = path.partition(".")
        if rest and (head in ("extra", *SURROUNDINGS) or path in self.arguments or head in self.absent):
            return
        if rest and any(each.startswith(f"{head}.") for each in self.arguments):
            self.mistakes.append(f"{entry.place}: {head} has no argument {rest} in {self.release}")
        elif rest or (head not in self.params and head not in self.absent):
            self.mistakes.append(f"{entry.place}: {self.release} has no parameter {path}")

    def _simple(self, condition: Condition) -> Condition:
        """The condition with what this release lacks taken for None, and without asking for a None that cannot be."""
        gone = {path: None for path in names(condition) if path.partition(".")[0] in self.absent}
        never_none = {name for name, param in self.params.items() if not param.takes_none}
        return _without_none(partial_eval(condition, gone), never_none)


def _without_none(condition: Condition, never_none: set[str]) -> Condition:
    match condition:
        case Compare(left=Name(path=path), op="is", right=Constant(value=None)) if path in never_none:
            return NEVER
        case Compare(left=Name(path=path), op="is not", right=Constant(value=None)) if path in never_none:
            return negated(NEVER)
        case Not(of=inner):
            return negated(_without_none(inner, never_none))
        case And(of=parts):
            return all_of(*(_without_none(part, never_none) for part in parts))
        case Or(of=parts):
            return any_of(*(_without_none(part, never_none) for part in parts))
    return condition


def triggers(rule: Rule, params: tuple[Param, ...], model_owned: tuple[str, ...]) -> tuple[str, ...]:
    """Fields, ``extra`` among them, of which one has to be set for a rule to hold over upstream's defaults; as few as possible.

    Only a ``reject`` rule is looked up by them.
    """
    if rule.effect != "reject":
        return ()
    defaults: dict[str, Value] = {
        param.name: param.effective_default for param in params if param.name not in model_owned
    }
    no_extra: dict[str, Value] = {path: None for path in names(rule.when) if path.startswith("extra.")}
    if partial_eval(rule.when, no_extra) == NEVER:
        return ("extra",)
    asked = [name for name in names(rule.when) if name in {param.name for param in params}]
    for name in asked:
        if name in defaults and partial_eval(rule.when, {name: defaults[name]}) == NEVER:
            return (name,)
    return tuple(asked)


class Refusals:
    """Which values the rules of a release surely refuse, over upstream's defaults; made once, asked often."""

    def __init__(
        self, params: tuple[Param, ...], rules: tuple[Rule, ...], model_owned: tuple[str, ...]
    ) -> None:
        without: dict[str, Value] = {
            "extra": {},
            "call.assistant_model": False,
        }  # a configuration by itself has no call
        self.unset = without | {
            param.name: param.effective_default for param in params if param.name not in model_owned
        }
        conditions = [rule.when for rule in rules if rule.effect == "reject"]
        self.conditions = [(each, frozenset(map(_head, names(each)))) for each in conditions]
        self.open: dict[frozenset[str], list[Condition]] = {}

    def refused(self, values: Mapping[str, Value]) -> bool:
        """Whether a rule about one of the values surely refuses them."""
        known = self.unset | dict(values)
        return any(_over(when, known) == ALWAYS for when in self._about(frozenset(values)))

    def _about(self, given: frozenset[str]) -> list[Condition]:
        """What the conditions about one of those names still ask, where the others are unset."""
        if given not in self.open:
            others = {name: value for name, value in self.unset.items() if name not in given}
            left = [_over(each, others) for each, about in self.conditions if about & given]
            self.open[given] = [each for each in left if each != NEVER]
        return self.open[given]


def _over(condition: Condition, known: Mapping[str, Value]) -> Condition:
    """The condition over known values of parameters, and of the arguments in them."""
    asked = [path for path in names(condition) if path in known or _head(path) in known]
    return partial_eval(condition, {path: _inside(path, known) for path in asked})


def _head(path: str) -> str:
    """The parameter of ``parameter.argument``."""
    return path.partition(".")[0]


def _inside(path: str, known: Mapping[str, Value]) -> Value:
    """A parameter's value, or that of an argument of it."""
    if path in known:
        return known[path]
    head, _, argument = path.partition(".")
    value = known[head]
    return value.get(argument) if argument and isinstance(value, dict) else None if argument else value
