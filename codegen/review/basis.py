"""What claims and rules rest on: upstream definitions, and the names that matter in them."""

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
        claim: how messages name it: ``num_beams.bound``, or the id of a rule.
        make_sentence: makes :attr:`sentence`, which is rarely needed.
        symbol: the definition.
        about: the names that the claim is about.
        limits: the releases that the claim is about; all of these have to fit.
    """

    claim: str
    make_sentence: Callable[[], str]
    symbol: Symbol
    about: About
    limits: tuple[SpecifierSet, ...] = ()

    @property
    def sentence(self) -> str:
        """What the claim states, and why."""
        return self.make_sentence()

    def applies(self, version: str) -> bool:
        """Whether the claim is about that release."""
        return all(applies(versions, version) for versions in self.limits)


def bases(overrides: Overrides, version: str | None = None) -> Iterator[Basis]:
    """What all claims and rules about a release rest on; without a release, those about any."""
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
                    make_sentence=partial(_claim_sentence, name, claim),
                    symbol=symbol,
                    about=about,
                    limits=(entry.versions, claim.versions),
                )


def _of_rules(overrides: Overrides) -> Iterator[Basis]:
    for rule in overrides.rules:
        if rule.evidence:
            about, limits = _about_rule(rule, overrides), (rule.versions,)
            for symbol in rule.evidence:
                make_sentence = partial(_rule_sentence, rule)
                yield Basis(
                    claim=rule.id, make_sentence=make_sentence, symbol=symbol, about=about, limits=limits
                )
    for change in overrides.behaviour_changes:
        name = f"behaviour of {', '.join(change.fields)}"
        for symbol in change.evidence:
            yield Basis(
                claim=name,
                make_sentence=partial("{}: {}".format, name, change.meaning),
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
    """The names in a condition; a name from ``[conditions]`` stands for those in its condition."""
    for name in names(condition):
        if name in overrides.conditions:
            yield from _named(overrides.conditions[name], overrides)
        else:
            yield name


def _rule_sentence(rule: NamedRule | WrittenRule) -> str:
    when = f" where {condition_text.text(rule.when)}" if rule.when is not None else ""
    effect = f" {rule.effect}" if isinstance(rule, WrittenRule) else ""
    return f"rule {rule.id}:{effect} {', '.join(rule.fields)}{when}: {rule.reason or rule.message}"


def source_words(about: About) -> tuple[frozenset[str], frozenset[str]]:
    """The words in source for some names: those of values, and those of facts of the surroundings."""
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
