"""Every fact about one parameter, with the file and line that it came from, live from the source."""

import difflib
from collections.abc import Iterator

from codegen import checkout
from codegen.errors import CodegenError
from codegen.model import condition_text, conditions
from codegen.model.origins import Origin, OriginKind
from codegen.model.schema import Field, Param, Rule
from codegen.model.type_text import text
from codegen.render import phrases
from codegen.review.pipeline import Reading


class UnknownNameError(CodegenError):
    """There is no parameter of that name."""


def explain(reading: Reading, name: str) -> str:
    """What is known of a parameter, or of ``parameter.argument`` of a nested class, as lines to print.

    Raises:
        UnknownNameError: there is none of that name; the message has the closest ones.
    """
    fields = dict(_fields(reading))
    found = fields.get(name.removeprefix(f"{reading.engine.section}."))
    if found is None:
        close = difflib.get_close_matches(name, fields, n=3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise UnknownNameError(f"{reading.schema.release} has no parameter {name!r}.{hint}")
    return "\n".join(_lines(reading, name, *found))


def _fields(reading: Reading) -> Iterator[tuple[str, tuple[str, Field]]]:
    """Every argument by the name that a user types, with its path in the overrides."""
    for param in reading.schema.params:
        yield param.name, (f"params.{param.name}", param)
    for model in reading.schema.nested:
        for field in model.fields:
            yield f"{model.parameter}.{field.name}", (f"nested.{model.name}.{field.name}", field)


def _lines(reading: Reading, name: str, path: str, field: Field) -> Iterator[str]:
    yield f"{name}  ({reading.schema.release}, {reading.tree.label})"
    facts: list[tuple[str, str]] = [("type", text(field.type, takes_none=field.takes_none))]
    if field.required:
        facts.append(("required", "yes"))
    else:
        facts += [
            ("declared default", repr(field.declared_default)),
            ("effective default", repr(field.effective_default)),
            ("default shown", repr(field.default)),
        ]
    facts += [("constraint", each) for each in phrases.constraints(field.type)]
    if field.unbounded_reason:
        facts.append(("needs no bound", field.unbounded_reason))
    facts += [("choice", repr(each)) for each in phrases.choices(field.type)]
    if field.disabled_value is not None:
        facts.append(("switched off by", repr(field.disabled_value)))
    facts.append(("description", field.description + ("" if field.described else " (assembled from facts)")))
    if isinstance(field, Param):
        role = f"{field.role}: {field.role_reason}" if field.role else "undecided"
        facts += [("section", field.section), ("energy role", role)]
        if field.deprecation:
            facts.append(("deprecation", str(field.deprecation)))
        if field.context:
            facts.append(
                ("takes effect with", ", ".join(f"{key}={value!r}" for key, value in field.context.items()))
            )
    if isinstance(field, Param):
        facts += [(_EFFECTS[rule.effect], _rule_text(rule)) for rule in _rules_of(reading, name)]
    facts += [("tightening", f"{each.what}: {each.reason}") for each in field.tightenings]
    facts.append(("test values", ", ".join(map(repr, field.test_values))))
    facts.append(("documentation digest", field.doc_digest or "none: it is not documented"))
    width = max(len(key) for key, _ in facts)
    yield from (f"  {key.ljust(width)}  {value}" for key, value in facts)
    yield "sources"
    stated = [(origin, rule) for rule in _rules_of(reading, name) for origin in rule.origins]
    for origin, rule in dict.fromkeys([*((origin, None) for origin in field.origins), *stated]):
        symbol = f"{origin.symbol.qualname}: " if origin.symbol else ""
        yield f"  {_where(reading, origin, rule, field, path)}  {symbol}{_origin_text(origin, rule)}"


_EFFECTS = {"reject": "refused when", "dormant": "no effect when", "require": "needs"}


def _rules_of(reading: Reading, name: str) -> list[Rule]:
    """The rules about a parameter, which is named as a user types it."""
    return [
        rule
        for rule in reading.schema.rules
        if name.removeprefix(f"{reading.engine.section}.") in rule.fields
    ]


def _rule_text(rule: Rule) -> str:
    when = condition_text.text(rule.when)
    if rule.need is None:
        return f"{'always' if rule.when == conditions.ALWAYS else when}: {rule.message} [{rule.id}]"
    return f"{condition_text.text(rule.need)}, when {when}: {rule.message} [{rule.id}]"


def _origin_text(origin: Origin, rule: Rule | None) -> str:
    """What was read at an origin of a parameter, or of a rule about it."""
    match origin.kind:
        case OriginKind.CLAIM:
            return f"{origin.about}: {origin.reason}"
        case OriginKind.EVIDENCE:
            return f"evidence of the {'rule ' if rule else ''}{origin.about}"
        case OriginKind.RULE if rule is not None:
            return f"rule {origin.about!r}" if origin.symbol else f"rule {rule.id}: {rule.message}"
    return origin.kind.value


def _where(reading: Reading, origin: Origin, rule: Rule | None, field: Field, path: str) -> str:
    """``path:line`` of an origin; of a claim, the line of its reason in that entry of the overrides."""
    if origin.symbol is not None:
        return reading.library.where(origin.symbol, field.name)
    table, sought = (path, origin.reason) if rule is None else ("rules", rule.message)
    place = reading.engine.overrides
    lines = enumerate((checkout.ROOT / place).read_text(encoding="utf-8").splitlines(), start=1)
    inside, named = False, rule is None
    for number, line in lines:
        if line.startswith("["):
            inside = line.strip("[] ").removesuffix(".claims") == table
        elif inside and rule is not None and line.startswith("id = "):
            named = line.removeprefix("id = ").strip('" ') == rule.id
        elif inside and named and sought in line:
            return f"{place}:{number}"
    return str(place)
