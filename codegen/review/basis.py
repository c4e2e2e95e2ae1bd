"""What claims and rules rest on: definitions of upstream, and the names that matter there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.model import condition_text
from codegen.model.conditions import SURROUNDINGS, Condition, names
from codegen.model.origins import Symbol
from codegen.review.claims import Claim, TypeClaim
from codegen.review.evidence import About
from codegen.review.overrides import NamedRule, Overrides, WrittenRule


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """One definition that one claim, or one rule, rests on.

    Args:
        claim: its name: ``num_beams.bound``, or the id of a rule.
        sentence: what it states, and why.
        symbol: the definition.
        about: the names that it is about.
    """

    claim: str
    sentence: str
    symbol: Symbol
    about: About


def bases(overrides: Overrides, version: str | None = None) -> Iterator[Basis]:
    """What everything that is said of a release, or of any, rests on."""
    for name, claim in overrides.claims(version):
        about, sentence = _about_claim(name, claim), f"{name} {_stated(claim)}: {claim.reason}"
        for symbol in claim.evidence:
            yield Basis(claim=f"{name}.{claim.kind}", sentence=sentence, symbol=symbol, about=about)
    for rule in overrides.rules:
        if version is None or rule.applies(version):
            about = _about_rule(rule, overrides)
            for symbol in rule.evidence:
                yield Basis(claim=rule.id, sentence=_sentence(rule), symbol=symbol, about=about)
    for change in overrides.behaviour_changes:
        if version is None or change.applies(version):
            about = tuple(sorted(change.fields))
            name = f"behaviour of {', '.join(change.fields)}"
            for symbol in change.evidence:
                yield Basis(claim=name, sentence=f"{name}: {change.meaning}", symbol=symbol, about=about)


def _about_claim(name: str, claim: Claim) -> About:
    """The parameter, and the classes that a type names."""
    classes = re.findall(r"\b[A-Z]\w+", claim.stated) if isinstance(claim, TypeClaim) else ()
    return tuple(sorted({name, *classes} - {"None", "True", "False", "Literal"}))


def _stated(claim: Claim) -> str:
    where = "".join(claim.at)
    return f"{where} {claim.kind.replace('_', ' ')} {claim.stated}".strip()


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


def _sentence(rule: NamedRule | WrittenRule) -> str:
    when = f" where {condition_text.text(rule.when)}" if rule.when is not None else ""
    effect = f" {rule.effect}" if isinstance(rule, WrittenRule) else ""
    return f"rule {rule.id}:{effect} {', '.join(rule.fields)}{when}: {rule.reason or rule.message}"


def words(about: About) -> tuple[frozenset[str], frozenset[str]]:
    """The words of source that stand for the names of values, and those for facts of the surroundings."""
    values: set[str] = set()
    facts: set[str] = set()
    for name in about:
        head, *rest = name.split(".")
        if head in SURROUNDINGS:
            facts.update(rest[-1:])
        elif head == "extra" or (head[:1].isupper() and rest):
            values.update(rest)
        else:
            values.update((head, *rest))
    return frozenset(values), frozenset(facts)
