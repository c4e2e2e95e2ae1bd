"""The cross-field rules of two releases, compared by id, and by what follows from the other release's rules.

Rules are compared over what both releases have: parameters, arguments and choices that only one of them has
are left out.
"""

from collections.abc import Iterator
from typing import TypeVar

from codegen.diff import implication
from codegen.diff.catalog import make_finding
from codegen.diff.findings import Finding, Level
from codegen.diff.sides import Side
from codegen.model.condition_text import text
from codegen.model.conditions import ALWAYS, NEVER, And, Condition, conjuncts, names, partial_eval
from codegen.model.schema import Rule, Schema
from codegen.model.types import NoData, admits
from codegen.model.values import PlainValue

_Part = TypeVar("_Part")


def compare(before: Side, after: Side) -> Iterator[Finding]:
    """Rules that were added, removed or changed; nothing if one of the sides has no rules at all."""
    if not (before.knows_rules and after.knows_rules):
        return
    old = {rule.id: rule for rule in before.schema.rules}
    new = {rule.id: rule for rule in after.schema.rules}
    scope = CommonScope(before.schema, after.schema)
    for name, rule in old.items():
        if name not in new:
            yield _removed(rule, before, scope)
    for name, rule in new.items():
        if name not in old:
            yield _added(rule, after, scope)
        elif rule.unproven and not old[name].unproven:
            yield _unproven(rule, after)
        elif _meaning(old[name]) != _meaning(rule):
            yield _changed(old[name], rule, after, scope)
        elif old[name] != rule:
            yield _finding("rule-reworded", rule, after, f"The wording of the rule {name} changed.")


def _meaning(rule: Rule) -> tuple[str, frozenset[str], frozenset[Condition], frozenset[Condition]]:
    """What a rule says, without its wording and the order of its conditions."""
    return rule.effect, frozenset(rule.fields), frozenset(_parts(rule.when)), frozenset(_parts(rule.need))


def rule_text(rule: Rule) -> str:
    """What a rule says, as text: the same for rules that differ only in wording and order."""
    effect, fields, when, need = _meaning(rule)
    parts = (sorted(fields), *(sorted(map(text, each)) for each in (when, need)))
    return "; ".join([effect, *map(" and ".join, parts)])


class CommonScope:
    """The settings and values that both releases have; over these, the rules of both can be compared."""

    def __init__(self, before: Schema, after: Schema) -> None:
        self.before = before
        self.after = after
        self.lacking = _paths(before) ^ _paths(after) | _never_set(before, after)
        self.old = tuple(map(self.restricted, before.rules))
        self.new = tuple(map(self.restricted, after.rules))

    def restricted(self, rule: Rule) -> Rule:
        """What a rule says in this scope, without its wording."""
        fields = tuple(field for field in rule.fields if field not in self.lacking)
        need = self._over(rule.need) if rule.need else None
        return Rule(
            id=rule.id, effect=rule.effect, fields=fields, when=self._over(rule.when), need=need, message=""
        )

    def _over(self, condition: Condition) -> Condition:
        return implication.without(partial_eval(condition, dict.fromkeys(self.lacking)), self._refused)

    def _refused(self, path: str, value: PlainValue) -> bool:
        """Whether the value is a text that one of the releases refuses, or a None that cannot occur."""
        fields = (field for schema in (self.before, self.after) if (field := schema.field(path)) is not None)
        if value is None:
            return any(not field.takes_none and field.effective_default is not None for field in fields)
        return isinstance(value, str) and any(not admits(field.type, value) for field in fields)

    def is_silent(self, rule: Rule) -> bool:
        """Whether a rule says nothing in this scope."""
        restricted = self.restricted(rule)
        return restricted.when == NEVER or (rule.effect != "reject" and not restricted.fields)

    def implied_by(self, rule: Rule, others: tuple[Rule, ...]) -> tuple[str, ...]:
        """The ids of rules that together say at least what a rule says; empty if they do not.

        Args:
            rule: the rule, of either release.
            others: the restricted rules of the other release: ``self.old`` or ``self.new``.
        """
        restricted = self.restricted(rule)
        implying: dict[str, None] = {}
        for assumed in implication.alternatives(restricted.when) or ():
            for field in restricted.fields if rule.effect == "dormant" else (None,):
                ids = (other.id for other in others if _implies(other, restricted, assumed, field))
                first = next(ids, None)
                if first is None:
                    return ()
                implying[first] = None
        return tuple(implying)


def _implies(rule: Rule, other: Rule, assumed: implication.Assumptions, field: str | None) -> bool:
    """Whether, where the assumptions hold, a rule says what another one says (about the field, if given).

    It is assumed that nothing is passed through ``extra``: no rule is promised to hold with it.
    """
    if (rule.effect, rule.need) != (other.effect, other.need) or (field and field not in rule.fields):
        return False
    unused: dict[str, PlainValue] = {path: None for path in names(rule.when) if path.startswith("extra.")}
    return implication.follows(partial_eval(rule.when, unused), assumed)


def _never_set(*schemas: Schema) -> frozenset[str]:
    """Parameters that take no value but None in one of the releases."""
    return frozenset(
        param.name for schema in schemas for param in schema.params if isinstance(param.type, NoData)
    )


def _paths(schema: Schema) -> frozenset[str]:
    return frozenset(path for path, _ in schema.fields())


def _sentence(rule: Rule) -> str:
    """What a rule says, on one line."""
    fields = ", ".join(sorted(rule.fields))
    when = f" if {text(rule.when)}" if rule.when != ALWAYS else ""
    match rule.effect:
        case "reject":
            return f"refused{when}"
        case "dormant":
            return f"{fields} without effect{when}"
        case "require":
            need = text(rule.need) if rule.need is not None else "nothing"
            return f"{need} needed{when}"


def _unproven(rule: Rule, after: Side) -> Finding:
    meaning = f"The rule {rule.id} is kept, though {after.schema.release} does not have what it restates: {rule.unproven}."
    return _finding("rule-unproven", rule, after, meaning, old=rule.unproven)


def _removed(rule: Rule, before: Side, scope: CommonScope) -> Finding:
    sentence = _sentence(rule)
    still = scope.implied_by(rule, scope.new)
    meaning = f"The rule {rule.id} was removed; before: {sentence}.{_also('That still holds, by', still)}"
    kind = "dormancy-changed" if rule.effect == "dormant" else "rule-removed"
    level: Level | None = "info" if still or scope.is_silent(rule) else None
    return _finding(kind, rule, before, meaning, old=sentence, level=level)


def _added(rule: Rule, after: Side, scope: CommonScope) -> Finding:
    sentence = _sentence(rule)
    already = scope.implied_by(rule, scope.old)
    meaning = f"The rule {rule.id} is new: {sentence}.{_also('That held before, by', already)}"
    kind = "dormancy-changed" if rule.effect == "dormant" else "rule-added"
    level: Level | None = "risky" if rule.effect == "require" else None
    if already or scope.is_silent(rule):
        level = "info"
    return _finding(kind, rule, after, meaning, new=sentence, level=level)


def _changed(old: Rule, new: Rule, after: Side, scope: CommonScope) -> Finding:
    before, now = _sentence(old), _sentence(new)
    dormant = "dormant" in (old.effect, new.effect)
    meaning = f"The rule {new.id} differs: {'; '.join(_differences(old, new))}."
    level: Level | None = (
        "info" if _meaning(scope.restricted(old)) == _meaning(scope.restricted(new)) else None
    )
    if level is None and scope.implied_by(new, scope.old):
        meaning += " Everything it says held before."
        # Refusing less needs no review. Ignoring less does: a setting takes effect that did not.
        level = "info" if not dormant or scope.implied_by(old, scope.new) else None
    kind = "dormancy-changed" if dormant else "rule-changed"
    return _finding(kind, new, after, meaning, old=before, new=now, level=level)


def _also(words: str, rules: tuple[str, ...]) -> str:
    return f" {words} {' and '.join(rules)}." if rules else ""


def _differences(old: Rule, new: Rule) -> Iterator[str]:
    """What only one of the two rules says, in words."""
    if old.effect != new.effect:
        yield f"it was {old.effect}, and is {new.effect}"
    removed, added = _unshared(old.fields, new.fields)
    yield from _now_or_no_longer("about", " and ".join(added), " and ".join(removed))
    for word, first, second in (("if", old.when, new.when), ("needing", old.need, new.need)):
        removed_parts, added_parts = _unshared(_parts(first), _parts(second))
        yield from _now_or_no_longer(word, _conjunction(added_parts), _conjunction(removed_parts))


def _now_or_no_longer(word: str, added: str, removed: str) -> Iterator[str]:
    if added:
        yield f"now {word} {added}"
    if removed:
        yield f"no longer {word} {removed}"


def _unshared(
    first: tuple[_Part, ...], second: tuple[_Part, ...]
) -> tuple[tuple[_Part, ...], tuple[_Part, ...]]:
    """What only the first has, and what only the second has."""
    return (
        tuple(part for part in first if part not in second),
        tuple(part for part in second if part not in first),
    )


def _conjunction(parts: tuple[Condition, ...]) -> str:
    """Several conditions in a sentence; empty if there is none."""
    return text(parts[0] if len(parts) == 1 else And(parts)) if parts else ""


def _parts(condition: Condition | None) -> tuple[Condition, ...]:
    return () if condition is None else conjuncts(condition)


def _finding(
    kind: str,
    rule: Rule,
    side: Side,
    meaning: str,
    *,
    old: str | None = None,
    new: str | None = None,
    level: Level | None = None,
    todo: str | None = None,
) -> Finding:
    upstream = [origin.symbol for origin in rule.origins if origin.symbol is not None]
    name = rule.fields[0] if rule.fields else rule.id
    where = side.where(upstream[0] if upstream else None, name)
    parameter = rule.fields or rule.id
    return make_finding(
        kind, parameter, meaning=meaning, values=(old, new), where=where, level=level, todo=todo
    )
