"""Merges the rules that were found with those in the overrides.

A found rule that has no name yet is kept, worded from its condition, and asked about. A raise that
extraction could not read has to be restated by a hand-written rule, or listed in ``[unrestated]``.

A rule whose statement is gone in a release is kept as it was, and marked as unproven: what it refuses may
fail elsewhere. Fidelity or a person decides; :mod:`codegen.review.unproven` asks for it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.errors import UnknownShapeError
from codegen.mistakes import Place
from codegen.model.condition_text import text
from codegen.model.conditions import (
    ALWAYS,
    FACT_PREFIXES,
    NEVER,
    Atom,
    Compare,
    Condition,
    Constant,
    Name,
    names,
    partial_eval,
    with_atoms,
)
from codegen.model.facts import SourceRule, SourceRules
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.schema import Effect, NestedModel, Param, Rule
from codegen.review.merge_context import MergeContext
from codegen.review.overrides import NamedRule, WrittenRule
from codegen.upstream.refusal_sites import keys


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A found rule that no entry of the overrides names."""

    key: str
    effect: Effect
    when: Condition


@dataclass(frozen=True, slots=True)
class MergedRules:
    """The rules of a release, the conditions that several share, and the rules that have no name yet."""

    rules: tuple[Rule, ...]
    conditions: Mapping[str, Condition]
    unnamed: tuple[Unnamed, ...]


def merge_rules(
    found: SourceRules, params: tuple[Param, ...], nested: tuple[NestedModel, ...], context: MergeContext
) -> MergedRules:
    """The rules of a release; what the overrides state wrongly about them is noted in the context.

    Raises:
        UnknownShapeError: a raise could not be read and is not restated, and the merge is not lenient.
    """
    statements = frozenset(each.key for each in found.unread)
    merge = _RuleMerge({param.name: param for param in params}, nested, statements, context)
    rules = (*merge.found_rules(found.rules), *merge.written_rules())
    for name, count in Counter(rule.id for rule in rules).items():
        if count > 1:
            context.mistake(Place.of("rules", name), f"there are two of that name for {context.release}")
    merge.check_restated(found)
    return MergedRules(rules, merge.shared(context.overrides.conditions), tuple(merge.unnamed))


class _RuleMerge:
    """Merges the rules of one release; notes mistakes in the context."""

    def __init__(
        self,
        params: Mapping[str, Param],
        nested: tuple[NestedModel, ...],
        statements: frozenset[str],
        context: MergeContext,
    ) -> None:
        self.context = context
        self.params = params
        self.statements = statements
        entries = [rule for rule in context.overrides.rules if rule.applies(context.version)]
        self.named = [rule for rule in entries if isinstance(rule, NamedRule)]
        self.written = [rule for rule in entries if isinstance(rule, WrittenRule)]
        self.absent = {  # parameters of other releases
            name
            for name, entry in context.overrides.params.items()
            if name not in params and not entry.applies(context.version)
        }
        self.arguments = {f"{model.parameter}.{field.name}" for model in nested for field in model.fields}
        self.unnamed: list[Unnamed] = []

    def found_rules(self, rules: tuple[SourceRule, ...]) -> Iterator[Rule]:
        """The rules that the source states, under our names."""
        entries = {key: entry for entry in self.named for key in entry.extracted}
        known = {rule.key for rule in rules}
        for rule in rules:
            named = entries.get(rule.key)
            when = self._simplified(rule.when if named is None or named.when is None else named.when)
            if when != NEVER:
                yield self._unnamed_rule(rule, when) if named is None else self._named_rule(rule, when, named)
        for entry in self.named:
            if known.isdisjoint(entry.extracted):
                yield from self._carried_over(entry)

    def _carried_over(self, entry: NamedRule) -> Iterator[Rule]:
        """A rule that the source no longer states, as the release before had it."""
        gone = " or ".join(map(repr, entry.extracted))
        before = self.context.previous_rule(entry.id)
        if before is None:
            what = f"{self.context.release} has no rule {gone}, nor has the lock one of that name"
            self.context.mistake(entry.place, f"{what}; state it with when and fields, or remove it")
            return
        fields = tuple(name for name in before.fields if name in self.params)
        when = self._simplified(before.when if entry.when is None else entry.when)
        if when != NEVER and fields:
            origins = tuple(each for each in before.origins if self._is_there(each.symbol))
            yield replace(
                before, fields=fields, when=when, message=entry.message, origins=origins, unproven=gone
            )

    def _is_there(self, symbol: Symbol | None) -> bool:
        return symbol is None or self.context.library.find(symbol) is not None

    def _missing_statement(self, entry: WrittenRule) -> str:
        """The statement that a rule restates, if this release does not have it; empty if it has."""
        missing = [str(symbol) for symbol in entry.evidence if not self._is_there(symbol)]
        if missing:
            return missing[0]
        if not entry.restates or not self.statements.isdisjoint(entry.restates):
            return ""
        there = {key for symbol in entry.evidence for key in self._keys(symbol)}
        return "" if there & {*entry.restates} else " or ".join(map(repr, entry.restates))

    def _keys(self, symbol: Symbol) -> Iterable[str]:
        """The keys of the statements of a function that raise."""
        return keys(self.context.library.module(symbol.path), symbol.qualname).values()

    def _unnamed_rule(self, rule: SourceRule, when: Condition) -> Rule:
        self.unnamed.append(Unnamed(rule.key, rule.effect, when))
        need = self._need(rule.need)
        match rule.effect:
            case "dormant":
                does = f"says it ignores this with {text(when)}"
            case "require" if need is not None:
                does = f"needs {text(need)} with {text(when)}"
            case _:
                does = f"refuses {text(when)}"
        return Rule(
            id=rule.key.replace(": ", "-").replace(", ", "-").replace("_", "-").lower(),
            effect=rule.effect,
            fields=rule.fields,
            when=when,
            need=need,
            message=f"{self.context.engine.name} {does}",
            origins=(Origin(OriginKind.RULE, rule.symbol, rule.key),),
        )

    def _named_rule(self, rule: SourceRule, when: Condition, entry: NamedRule) -> Rule:
        unknown = [name for name in entry.wrong if name not in rule.fields and name not in self.absent]
        if unknown:
            what = f"the rule does not list {', '.join(unknown)}"
            self.context.mistake(entry.place / "wrong", what)
        fields = self._present_fields(entry) or rule.fields
        return Rule(
            id=entry.id,
            effect=rule.effect,
            fields=tuple(name for name in fields if name not in entry.wrong),
            when=when,
            need=self._need(rule.need),
            message=entry.message,
            origins=(Origin(OriginKind.RULE, rule.symbol, rule.key), *_origins(entry)),
        )

    def written_rules(self) -> Iterator[Rule]:
        """The hand-written rules."""
        for entry in self.written:
            for path in (*names(entry.when), *(names(entry.need) if entry.need else ())):
                self._check_known(path, entry.place)
            fields = self._present_fields(entry)
            when = self._simplified(entry.when)
            if when == NEVER or not fields:
                what = f"it can never hold in {self.context.release}; state the versions it applies to"
                self.context.mistake(entry.place, what)
            yield Rule(
                id=entry.id,
                effect=entry.effect,
                fields=fields,
                when=when,
                need=self._need(entry.need),
                message=entry.message,
                tightening=entry.reason if entry.tightening else None,
                origins=_origins(entry),
                unproven=self._missing_statement(entry),
            )

    def shared(self, named: Mapping[str, Condition]) -> dict[str, Condition]:
        """The conditions that have a name, simplified for this release, without trivial and equal ones."""
        shared: dict[str, Condition] = {}
        for name, condition in named.items():
            simple = self._simplified(condition)
            if simple not in (ALWAYS, NEVER, *shared.values()):
                shared[name] = simple
        return shared

    def check_restated(self, found: SourceRules) -> None:
        """Refuse a raise that cannot be read, is restated by no rule, and is not listed as needing none.

        A comparison only notes it.
        """
        restated = {key for entry in self.written for key in entry.restates}
        for unread in found.unread:
            if unread.key not in restated and unread.key not in self.context.overrides.unrestated:
                place = self.context.library.place(unread.symbol)
                about = f"depending on {', '.join(unread.parameters)}"
                what = f"it refuses something, {about}, in a way that cannot be read, and no rule restates it"
                hint = f"restates = [{unread.key!r}] in a rule, or an entry of [unrestated], does"
                if not self.context.lenient:
                    raise UnknownShapeError(place, f"{what}; {hint}")
                self.context.mistake(Place.of("unrestated"), f"{place}: {what}; {hint}")

    def _present_fields(self, entry: NamedRule | WrittenRule) -> tuple[str, ...]:
        """The fields that this release has; one that no release has is a mistake."""
        for name in entry.fields:
            if name not in self.params and name not in self.absent:
                what = f"{self.context.release} has no parameter {name}"
                self.context.mistake(entry.place / "fields", what)
        return tuple(name for name in entry.fields if name in self.params)

    def _check_known(self, path: str, place: Place) -> None:
        """A condition may ask for parameters, their arguments, ``extra``, and facts of the surroundings."""
        head, _, rest = path.partition(".")
        if rest and (head in ("extra", *FACT_PREFIXES) or path in self.arguments or head in self.absent):
            return
        if rest and any(argument.startswith(f"{head}.") for argument in self.arguments):
            self.context.mistake(place, f"{head} has no argument {rest} in {self.context.release}")
        elif rest or (head not in self.params and head not in self.absent):
            self.context.mistake(place, f"{self.context.release} has no parameter {path}")

    def _need(self, condition: Condition | None) -> Condition | None:
        return None if condition is None else self._simplified(condition)

    def _simplified(self, condition: Condition) -> Condition:
        """The condition with absent parameters as None, and without tests for an impossible None."""
        lacking = {path: None for path in names(condition) if path.partition(".")[0] in self.absent}
        never_none = {name for name, param in self.params.items() if not param.takes_none}
        known = partial_eval(condition, lacking)
        return with_atoms(known, lambda atom: _without_none(atom, never_none))


def _origins(entry: NamedRule | WrittenRule) -> tuple[Origin, ...]:
    """Where an entry is, and what it rests on."""
    evidence = (Origin(OriginKind.EVIDENCE, symbol, entry.id) for symbol in entry.evidence)
    return (Origin(OriginKind.RULE, about=entry.id), *evidence)


def _without_none(atom: Atom, never_none: set[str]) -> Condition:
    match atom:
        case Compare(left=Name(path=path), op="is", right=Constant(value=None)) if path in never_none:
            return NEVER
        case Compare(left=Name(path=path), op="is not", right=Constant(value=None)) if path in never_none:
            return ALWAYS
    return atom
