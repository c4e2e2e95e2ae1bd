"""What claims and rules rest on: definitions of upstream, and the names that matter there."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from packaging.specifiers import SpecifierSet

from codegen.model import condition_text
from codegen.model.conditions import FACT_PREFIXES, Condition, names
from codegen.model.origins import Symbol
from codegen.review.claims import Claim, TypeClaim, applies
from codegen.review.evidence import About
from codegen.review.overrides import NamedRule, Overrides, WrittenRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One definition that one claim, or one rule, rests on.

    Args:
        claim: its name: ``num_beams.bound``, or the id of a rule.
        say: makes the sentence.
        symbol: the definition.
        about: the names that it is about.
        limits: the releases that it is about.
    """

    claim: str
    say: Callable[[], str]
    symbol: Symbol
    about: About
    limits: tuple[SpecifierSet, ...] = ()

    @property
    def sentence(self) -> str:
        """What it states, and why."""
        return self.say()

    def applies(self, version: str) -> bool:
        """Whether it is about that release."""
        return all(applies(versions, version) for versions in self.limits)


def bases(overrides: Overrides, version: str | None = None) -> Iterator[Basis]:
    """What everything that is said of a release, or of any, rests on."""
    for basis in (*_of_claims(overrides), *_of_rules(overrides)):
        if version is None or basis.applies(version):
            yield basis


def _of_claims(overrides: Overrides) -> Iterator[Basis]:
    for name, entry in overrides.entries().items():
        for claim in entry.claims:
            about = _about_claim(name, claim)
            for symbol in claim.evidence:
                yield Basis(
                    claim=f"{name}.{claim.kind}",
                    say=partial(_claim_sentence, name, claim),
                    symbol=symbol,
                    about=about,
                    limits=(entry.versions, claim.versions),
                )


def _of_rules(overrides: Overrides) -> Iterator[Basis]:
    for rule in overrides.rules:
        if rule.evidence:
            about, limits = _about_rule(rule, overrides), (rule.versions,)
            for symbol in rule.evidence:
                say = partial(_rule_sentence, rule)
                yield Basis(claim=rule.id, say=say, symbol=symbol, about=about, limits=limits)
    for change in overrides.behaviour_changes:
        name = f"behaviour of {', '.join(change.fields)}"
        for symbol in change.evidence:
            yield Basis(
                claim=name,
                say=partial("{}: {}".format, name, change.meaning),
                symbol=symbol,
                about=tuple(sorted(change.fields)),
                limits=(change.versions,),
            )


def _about_claim(name: str, claim: Claim) -> About:
    """The parameter, and the classes that a type names."""
    classes = re.findall(r"\b[A-Z]\w+", claim.stated) if isinstance(claim, TypeClaim) else ()
    return tuple(sorted({name, *classes} - {"None", "True", "False", "Literal"}))


def _claim_sentence(name: str, claim: Claim) -> str:
    parts = (name, "".join(claim.at), claim.kind.replace("_", " "), claim.stated)
    return f"{' '.join(filter(None, parts))}: {claim.reason}"


def _about_rule(rule: NamedRule | WrittenRule, overrides: Overrides) -> About:
    found: set[str] = {*rule.fields}
    conditions: list[Condition | None] = [rule.when]
    match rule:
        case WrittenRule(need=need):
            conditions.append(need)
        case NamedRule(when=None, fields=(), extracted=keys):
            found.update(part.strip() for key in keys for part in key.partition(":")[2].split(","))
            found.update(rule.wrong)
        case NamedRule(wrong=wrong):
            found.update(wrong)
    for condition in conditions:
        if condition is not None:
            found.update(_named(condition, overrides))
    return tuple(sorted(found))


def _named(condition: Condition, overrides: Overrides) -> Iterator[str]:
    """The names in a condition, and in those that it takes from ``[conditions]``."""
    for name in names(condition):
        if name in overrides.conditions:
            yield from _named(overrides.conditions[name], overrides)
        else:
            yield name


def _rule_sentence(rule: NamedRule | WrittenRule) -> str:
    when = f" where {condition_text.text(rule.when)}" if rule.when is not None else ""
    effect = f" {rule.effect}" if isinstance(rule, WrittenRule) else ""
    return f"rule {rule.id}:{effect} {', '.join(rule.fields)}{when}: {rule.reason or rule.message}"


def words(about: About) -> tuple[frozenset[str], frozenset[str]]:
    """The words of source that stand for the names of values, and those for facts of the surroundings."""
    values: set[str] = set()
    facts: set[str] = set()
    for name in about:
        head, *rest = name.split(".")
        if head in FACT_PREFIXES:
            facts.update(rest[-1:])
        elif head == "extra" or (head[:1].isupper() and rest):
            values.update(rest)
        else:
            values.update((head, *rest))
    return frozenset(values), frozenset(facts)
