"""The cross-field rules of two releases, compared by their ids."""

from collections.abc import Iterator

from codegen.conditions import NEVER, Compare, Condition, Literal, Name, conjuncts, settled, text
from codegen.diff.catalog import found
from codegen.diff.findings import Finding, Level
from codegen.diff.sides import Side
from codegen.ir import Rule, Schema
from codegen.types import admits


def compare(before: Side, after: Side) -> Iterator[Finding]:
    """Rules that came, went, or hold for something else; nothing where one of the sides does not know of rules."""
    if not (before.knows_rules and after.knows_rules):
        return
    old = {rule.id: rule for rule in before.schema.rules}
    new = {rule.id: rule for rule in after.schema.rules}
    added = _only_in(after.schema, before.schema)
    removed = _only_in(before.schema, after.schema)
    for name, rule in old.items():
        if name not in new:
            yield _gone(rule, before, removed, after.schema)
    for name, rule in new.items():
        if name not in old:
            yield _come(rule, after, added, before.schema)
        elif _holds(old[name], frozenset()) != _holds(rule, frozenset()):
            settled_alike = _holds(old[name], removed) == _holds(rule, added)
            yield _changed(old[name], rule, after, level="info" if settled_alike else None)
        elif old[name] != rule:
            yield _finding("rule-reworded", rule, after, f"The rule {name} is worded otherwise.")


def _only_in(schema: Schema, other: Schema) -> frozenset[str]:
    """Parameters and arguments that the other release does not have."""
    return frozenset(_names(schema)) - frozenset(_names(other))


def _names(schema: Schema) -> Iterator[str]:
    for param in schema.params:
        yield param.name
    for model in schema.nested:
        yield from (f"{model.parameter}.{field.name}" for field in model.fields)


def _holds(rule: Rule, lacking: frozenset[str]) -> tuple[str, frozenset[str], str, str]:
    """What a rule says, without its words, where the names that are lacking are not set."""
    unset = dict.fromkeys(lacking)
    when = text(settled(rule.when, unset))
    need = text(settled(rule.need, unset)) if rule.need else ""
    return rule.effect, frozenset(rule.fields) - lacking, when, need


def _is_about(rule: Rule, names: frozenset[str], other: Schema) -> bool:
    """Whether a rule says nothing of what could be set in the other release, which lacks those names."""
    never = settled(rule.when, dict.fromkeys(names)) == NEVER or _asks_for_a_stranger(rule.when, other)
    return never or (rule.effect != "reject" and frozenset(rule.fields) <= names)


def _asks_for_a_stranger(condition: Condition, other: Schema) -> bool:
    """Whether the condition needs a value that the other release refuses."""
    for part in conjuncts(condition):
        match part:
            case Compare(left=Name(path=path), op="==", right=Literal(value=str(value))):
                found = other.field(path)
                if found is not None and not admits(found.type, value):
                    return True
    return False


def _said(rule: Rule) -> str:
    """The rule in a line."""
    fields = ", ".join(sorted(rule.fields))
    match rule.effect:
        case "reject":
            return f"refused if {text(rule.when)}"
        case "dormant":
            return f"{fields} without effect if {text(rule.when)}"
        case "require":
            need = text(rule.need) if rule.need is not None else "nothing"
            return f"{need} needed if {text(rule.when)}"


def _gone(rule: Rule, before: Side, removed: frozenset[str], other: Schema) -> Finding:
    said = _said(rule)
    meaning = f"The rule {rule.id} is gone; before: {said}."
    kind = "dormancy-changed" if rule.effect == "dormant" else "rule-removed"
    level: Level | None = "info" if _is_about(rule, removed, other) else None
    return _finding(kind, rule, before, meaning, old=said, level=level)


def _come(rule: Rule, after: Side, added: frozenset[str], other: Schema) -> Finding:
    said = _said(rule)
    meaning = f"The rule {rule.id} is new: {said}."
    kind = "dormancy-changed" if rule.effect == "dormant" else "rule-added"
    level: Level | None = "risky" if rule.effect == "require" else None
    if _is_about(rule, added, other):
        level = "info"
    return _finding(kind, rule, after, meaning, new=said, level=level)


def _changed(old: Rule, new: Rule, after: Side, *, level: Level | None) -> Finding:
    before, now = _said(old), _said(new)
    kind = "dormancy-changed" if "dormant" in (old.effect, new.effect) else "rule-changed"
    meaning = f"The rule {new.id} differs: {'; '.join(_differences(old, new))}."
    return _finding(kind, new, after, meaning, old=before, new=now, level=level)


def _differences(old: Rule, new: Rule) -> Iterator[str]:
    """What is said of one of the two only; the parts that both have are left out."""
    if old.effect != new.effect:
        yield f"it was {old.effect}, and is {new.effect}"
    for word, first, second in (
        ("about", old.fields, new.fields),
        ("if", _parts(old.when), _parts(new.when)),
        ("needing", _parts(old.need), _parts(new.need)),
    ):
        gone = [each for each in first if each not in second]
        come = [each for each in second if each not in first]
        if come:
            yield f"now {word} {' and '.join(come)}"
        if gone:
            yield f"no longer {word} {' and '.join(gone)}"


def _parts(condition: Condition | None) -> tuple[str, ...]:
    return () if condition is None else tuple(map(text, conjuncts(condition)))


def _finding(
    kind: str,
    rule: Rule,
    side: Side,
    meaning: str,
    *,
    old: str | None = None,
    new: str | None = None,
    level: Level | None = None,
) -> Finding:
    upstream = [origin.symbol for origin in rule.origins if "::" in origin.symbol]
    name = rule.fields[0] if rule.fields else rule.id
    where = side.where(upstream[0] if upstream else "", name)
    parameter = ", ".join(rule.fields) or rule.id
    return found(kind, parameter, meaning=meaning, values=(old, new), where=where, level=level)
