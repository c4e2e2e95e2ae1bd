"""What the schema says about a configuration, compared with what ``generate()`` does: the four classes.

====================  ========================  ===============================================
..                    transformers runs it      transformers raises
====================  ========================  ===============================================
the schema accepts    agree-run                 unsound: forbidden
the schema rejects    tightening: declared only agree-raise
====================  ========================  ===============================================

The schema rejects a combination in a scenario if construction fails, if ``check()`` with the model's own
settings finds a broken rule, or if ``unmet()`` finds a precondition that the scenario does not meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import transformers
from pydantic import ValidationError

from llenergymeasure.engines.transformers.counting import healed_width
from llenergymeasure.engines.transformers.requirements import stop_string_facts
from tests.fidelity.needs import missing
from tests.fidelity.oracle import Outcome, execute
from tests.fidelity.scenarios import SCENARIOS, Scenario, built
from tests.fidelity.schema import Schema

Class = Literal["agree-run", "agree-raise", "unsound", "tightening", "undeclared", "environment"]
"""The four classes of the table, where ``undeclared`` is a tightening that nobody declared; and
``environment``, for what cannot be tried here."""

MODELS_OWN = "a combination that only a model's own generation config would make work"
"""The words of the class-wide tightening about what construction rejects without knowing the model."""

FORBIDDEN: frozenset[Class] = frozenset({"unsound", "undeclared"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """One configuration in one scenario.

    Args:
        judged: the class.
        why: the error, the rules, or what is missing here, for display.
        rules: the rules that rejected it.
        outcome: of the call; None where none was made.
    """

    judged: Class
    why: str = ""
    rules: tuple[str, ...] = ()
    outcome: Outcome | None = None


def facts_of(given: Mapping[str, Any], scenario: Scenario) -> dict[str, object]:
    """The facts about the model and about this call, by the names in the conditions of rules."""
    settings = {**scenario.model_defaults, **given, **given.get("extra", {})}
    facts = {**scenario.facts, **stop_string_facts(scenario.tokenizer, settings.get("stop_strings"))}
    if settings.get("token_healing") and scenario.tokenizer is not None:
        width = healed_width(scenario.tokenizer, built(scenario.name).inputs["input_ids"])
        facts |= {"call.prompt_tokens": width, "call.least_prompt_tokens": width}
    return facts


def rejections(schema: Schema, given: Mapping[str, Any], scenario: Scenario) -> list[str]:
    """The ids of the rules by which the schema rejects a configuration in a scenario.

    Raises:
        ValidationError: a value is wrong by itself.
    """
    try:
        config = schema.config.model_validate(dict(given))
    except ValidationError as error:
        found = [_rule_of(schema, each["msg"]) for each in error.errors(include_url=False)]
        if None in found:
            raise
        return [rule for rule in found if rule]
    facts = facts_of(given, scenario)
    said = [*config.check(scenario.model_defaults, facts), *config.unmet(facts, scenario.model_defaults)]
    return [each.rule for each in said]


def _rule_of(schema: Schema, message: str) -> str | None:
    return next((rule.id for rule in schema.config.rules if message.endswith(rule.message)), None)


def judge(schema: Schema, given: Mapping[str, Any], scenario: Scenario, seconds: float = 20.0) -> Verdict:
    """Compare what the schema says about a configuration with what ``generate()`` does.

    Args:
        schema: of the installed release.
        given: what is set, in YAML form; every value valid by itself.
        scenario: where it is tried.
        seconds: after which a call counts as hung.

    Raises:
        ValidationError: a value is wrong by itself.
    """
    need = missing(given)
    if need is not None:
        return Verdict("environment", f"{need.what}: {need.reason}")
    rules = rejections(schema, given, scenario)
    outcome = execute(sent(schema, given), scenario, seconds)
    if not rules:
        if outcome.ran:
            return Verdict("agree-run", outcome=outcome)
        return Verdict("unsound", f"{outcome.error} ({outcome.place})", outcome=outcome)
    if not outcome.ran:
        return Verdict("agree-raise", outcome.error, tuple(rules), outcome)
    reasons = {rule.id: rule.tightening for rule in schema.config.rules}
    declared = all(reasons[rule] for rule in rules) or _only_by_the_model(schema, given, scenario, seconds)
    return Verdict("tightening" if declared else "undeclared", ", ".join(rules), tuple(rules), outcome)


def _only_by_the_model(schema: Schema, given: Mapping[str, Any], scenario: Scenario, seconds: float) -> bool:
    """Whether a rejected configuration runs only because of the model's own settings.

    Construction does not know them, which is declared as a tightening of the whole class.
    """
    if not scenario.twin or not any(each["what"] == MODELS_OWN for each in schema.lock["class_tightenings"]):
        return False
    return not execute(sent(schema, given), SCENARIOS[scenario.twin], seconds).ran


def sent(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values in YAML form as ``generate()`` takes them, without asking the schema whether they are allowed.

    Raises:
        Exception: of upstream's, where a real class refuses the arguments.
    """
    entries, nested = schema.entries(), schema.nested()
    fields = {
        name: _sent(entries[name]["type"], value, nested) for name, value in given.items() if name != "extra"
    }
    return {**fields, **given.get("extra", {})}


def _sent(shape: Mapping[str, Any], value: Any, nested: Mapping[str, Any]) -> Any:
    match shape["is"]:
        case "Nested" if isinstance(value, dict):
            return _of_class(nested[shape["name"]], value, nested)
        case "Union" if isinstance(value, dict):
            models = [member for member in shape["members"] if member["is"] == "Nested"]
            return _sent(
                max(models, key=lambda each: len(_names(nested, each) & value.keys())), value, nested
            )
        case "TupleOf" if isinstance(value, list):
            return tuple(value)
        case "Scalar" if shape["kind"] == "float" and type(value) is int:
            return float(value)
    return value


def _names(nested: Mapping[str, Any], shape: Mapping[str, Any]) -> set[str]:
    return {field["name"] for field in nested[shape["name"]]["fields"]}


def _of_class(model: Mapping[str, Any], value: dict[str, Any], nested: Mapping[str, Any]) -> Any:
    types = {field["name"]: field["type"] for field in model["fields"]}
    arguments = {name: _sent(types[name], each, nested) for name, each in value.items()}
    return getattr(transformers, model["upstream"])(**arguments) if model["upstream"] else arguments
