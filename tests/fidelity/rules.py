"""Each rule by itself: combinations drawn from its own parameters, on both sides of it, put to ``generate()``."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from transformers import DynamicCache

from llenergymeasure.config.facts import Rule
from llenergymeasure.config.rules import holds
from llenergymeasure.config.values import defaults_of, layers_of
from tests.fidelity import drawing, places
from tests.fidelity.jobs import Report, judged
from tests.fidelity.judging import NEEDS, facts_of, missing, rejections, sent
from tests.fidelity.oracle import execute
from tests.fidelity.schema import Schema, load, plain
from tests.fidelity.worlds import VOCABULARY, WORLDS, World, built, tokenizer

TRIES = 1500
"""Drawn combinations of a rule's parameters before it counts as one that never fires."""
ENOUGH_WORLDS = 4
"""In which a rule has fired before it is left."""


def rejection_job(folder: str, rule_id: str) -> Report:
    """Combinations that a rule rejects, and what upstream does with one of them in each world."""
    schema, report = load(Path(folder)), Report()
    rule = _rule(schema, rule_id)
    fired: set[str] = set()
    for given in [*examples(rule_id), *_combinations(schema, rule)]:
        for world in WORLDS:
            if world in fired or rule_id not in rejections(schema, given, WORLDS[world]):
                continue
            fired.add(world)
            if missing(given, NEEDS) is not None:
                report.rules.setdefault(rule_id, 0)
            judged(schema, given, world, report, "rules")
        if len(fired) >= ENOUGH_WORLDS:
            break
    if not fired:
        report.problems.append(f"never fired: no drawn combination breaks the rule {rule_id}")
    return report


def need_job(folder: str, rule_id: str) -> Report:
    """A precondition where it is met, and the call runs; and where it is the only one that is not, and the call raises."""
    schema, report = load(Path(folder)), Report()
    rule = _rule(schema, rule_id)
    sides = {"met": False, "unmet": False}
    why_not: set[str] = set()
    for given in [*examples(rule_id), *_combinations(schema, rule, of_some=True)]:
        for world in WORLDS.values():
            side = _side(schema, rule, given, world)
            if side is None or sides[side]:
                continue
            absent = missing(given, NEEDS)
            if absent is not None:
                why_not.add(f"{absent.what}: {absent.reason}")
            if absent is not None and not (side == "unmet" and _is_about_here(rule)):
                continue
            sides[side] = _as_said(schema, rule, given, world, report)
        if all(sides.values()) or (sides["unmet"] and why_not and _is_about_here(rule)):
            break
    for side, seen in sides.items():
        if not seen and why_not:
            for why in why_not:
                report.environments[why] = report.environments.get(why, 0) + 1
        elif not seen:
            report.problems.append(f"never {side}: no drawn combination shows the precondition {rule_id} so")
    return report


def _side(schema: Schema, rule: Rule, given: places.Given, world: World) -> str | None:
    """Whether a precondition is met; None where nobody asks it, or something else is in the way that could be here."""
    try:
        broken = set(rejections(schema, given, world))
    except ValueError:
        return None
    if any(not _is_about_here(_rule(schema, each)) for each in broken - {rule.id}):
        return None
    if rule.id in broken:
        return "unmet"
    layers = layers_of(schema.config.model_validate(given), world.model_defaults)
    values = layers.over(defaults_of(schema.config), facts_of(given, world))
    return "met" if holds(rule.when, values) and rule.need and holds(rule.need, values) else None


def _is_about_here(rule: Rule) -> bool:
    """Whether a rule asks for a device, a package or a kind of model, so that it fails where they are missing."""
    return bool(re.search(r"\b(device|packages)\.|\bmodel\.dflash", rule.need_text))


def _as_said(schema: Schema, rule: Rule, given: places.Given, world: World, report: Report) -> bool:
    """Whether a call ends as its precondition says; what runs without it has to be a declared tightening."""
    is_met = not rejections(schema, given, world)
    done = execute(sent(schema, given), world)
    if is_met:
        return done.ran
    if done.ran:
        if not rule.tightening:
            report.problems.append(f"undeclared: {json.dumps(plain(given))} in {world.name}: {rule.id}")
        return False
    report.rules[rule.id] = report.rules.get(rule.id, 0) + 1
    return True


_QUANTIZED: Mapping[str, places.Given] = {
    "quanto-bits": {"nbits": 3},
    "quanto-axes": {"axis_key": 1},
    "hqq-axes": {"backend": "hqq", "axis_key": -1},
    "fp8-has-no-groups": {"backend": "fp8", "nbits": 4},
    "quantized-decoder-only": {"backend": "fp8"},
}
"""Settings of the quantized cache that the rules about it are for."""


def examples(rule_id: str) -> tuple[places.Given, ...]:
    """Combinations for rules that hardly any draw from their parameters meets, or that are about objects in ``extra``."""
    if rule_id in _QUANTIZED:
        return ({"cache_implementation": "quantized", "cache_config": _QUANTIZED[rule_id]},)
    match rule_id:
        case "drafted-attentions":
            kept = {"output_attentions": True, "return_dict_in_generate": True}
            return ({"prompt_lookup_num_tokens": 3, **kept},)
        case "end-to-grow-towards-exists":
            return ({"exponential_decay_length_penalty": [1, 1.5], "eos_token_id": 2 * VOCABULARY},)
        case "cache-given-twice":
            return ({"cache_implementation": "dynamic", "extra": {"past_key_values": DynamicCache()}},)
        case "translated-drafts-need-a-flag":
            drafting = {"assistant_model": built("assisted").inputs["assistant_model"]}
            drafting |= {"assistant_tokenizer": tokenizer(), "tokenizer": tokenizer()}
            return ({"do_sample": None, "extra": drafting},)
    return ()


def _rule(schema: Schema, rule_id: str) -> Rule:
    return next(each for each in schema.config.rules if each.id == rule_id)


def _combinations(schema: Schema, rule: Rule, *, of_some: bool = False) -> Iterator[places.Given]:
    """Usual settings with drawn values of all of the rule's parameters, or of some, each where it takes effect."""
    random = Random(rule.id)
    names = [
        name
        for name in dict.fromkeys(each.partition(".")[0] for each in rule.fields)
        if name in schema.params
    ]
    for _ in range(TRIES):
        label = random.choice(list(places.usual(schema)))
        given = dict(places.usual(schema)[label])
        for name in names:
            if of_some and random.random() < 0.3:
                continue
            around = places.context(schema, name) if of_some else {}
            given = places.with_value({**given, **around}, name, drawing.value(random, schema, name))
        yield {name: value for name, value in given.items() if name in schema.params}
