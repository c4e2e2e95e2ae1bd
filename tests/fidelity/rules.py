"""Each rule by itself: combinations drawn from its own parameters, on both sides of it, put to ``generate()``."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Literal

from transformers import DynamicCache

from llenergymeasure.config.facts import Rule
from llenergymeasure.config.rules import holds
from llenergymeasure.config.values import defaults_of, layers_of
from tests.fidelity import dormancy, drawing, places
from tests.fidelity.dormancy import without
from tests.fidelity.jobs import Report, judged
from tests.fidelity.judging import NEEDS, Need, facts_of, missing, rejections, sent
from tests.fidelity.oracle import differences, execute
from tests.fidelity.schema import Schema, load, plain
from tests.fidelity.worlds import VOCABULARY, WORLDS, World, built, tokenizer

TRIES = 1500
"""Drawn combinations of a rule's parameters before it counts as one that never fires."""
ENOUGH_WORLDS = 4
"""In which a rule has rejected under continuous batching before it is left."""
ENOUGH_CALLS = 6
"""That have shown a rule, a side of a precondition or a dormant field before it is left."""
ENOUGH_OF_ONE = 2
"""Of them that are of the same combination, in different worlds."""
FEW_TRIES = 60
"""After which is left what was shown less often than that."""
MOST_AT_ONCE = 5
"""Of a rule's parameters that are drawn together where some of them are."""
ENOUGH_TRIES = 400
"""After which what only wants an environment is left."""


def rejection_job(folder: str, rule_id: str) -> Report:
    """Combinations that a rule rejects, and what upstream does with them: those that no other rule rejects count most."""
    schema, report = load(Path(folder)), Report()
    rule = _rule(schema, rule_id)
    fired = {"alone": 0, "beside others": 0}
    absent: dict[str, None] = {}
    for number, given in enumerate(_of_all_and_some(schema, rule)):
        enough = {how: min(ENOUGH_CALLS, calls + ENOUGH_OF_ONE) for how, calls in fired.items()}
        for world in WORLDS:
            found = _rejections(schema, given, WORLDS[world])
            how = "alone" if found == [rule_id] else "beside others"
            if rule_id not in found or fired[how] >= enough[how]:
                continue
            if (need := missing(given, NEEDS)) is not None:
                absent[_words(need)] = None
                continue
            fired[how] += 1
            judged(schema, given, world, report, "rules")
        if fired["alone"] >= ENOUGH_CALLS or (number >= FEW_TRIES and fired["alone"]):
            break
        if absent and number >= ENOUGH_TRIES:
            break
    if not fired["alone"]:
        report.rules.setdefault(rule_id, 0)
        _not_shown(
            report, absent, f"never fired: no drawn combination breaks the rule {rule_id} and no other"
        )
    return report


def need_job(folder: str, rule_id: str) -> Report:
    """A precondition where it is met, and the call runs; and where it is the only one that is not, and the call raises."""
    schema, report = load(Path(folder)), Report()
    rule = _rule(schema, rule_id)
    shown: dict[Side, int] = {"met": 0, "unmet": 0}
    absent: dict[Side, dict[str, None]] = {"met": {}, "unmet": {}}
    if _is_about_here(rule):
        absent["met"][rule.need_text] = None
    for number, given in enumerate([*examples(rule_id), *_combinations(schema, rule, of_some=True)]):
        enough = {side: min(ENOUGH_CALLS, calls + ENOUGH_OF_ONE) for side, calls in shown.items()}
        for world in WORLDS.values():
            found = _side(schema, rule, given, world)
            if found is None or shown[found.side] >= enough[found.side]:
                continue
            if found.needs and not (found.side == "unmet" and found.is_only_need):
                absent[found.side] |= dict.fromkeys(found.needs)
            elif _as_said(schema, rule, given, world, report):
                shown[found.side] += 1
        if all(calls >= ENOUGH_CALLS for calls in shown.values()):
            break
        if number >= FEW_TRIES and all(shown.values()):
            break
        if number >= ENOUGH_TRIES and all(shown[side] or absent[side] for side in shown):
            break
    for side, why in absent.items():
        if not shown[side]:
            _not_shown(report, why, f"never {side}: no drawn combination shows the precondition {rule_id} so")
    return report


def batching_job(folder: str, rule_id: str) -> Report:
    """What a rule rejects under continuous batching, which passes by most of what ``generate()`` else does."""
    schema, report = load(Path(folder)), Report()
    around = places.usual(schema).get("continuous batching")
    if around is None:
        return report
    rule = _rule(schema, rule_id)
    tried: set[str] = set()
    for number, given in enumerate([*examples(rule_id), *_combinations(schema, rule, of_some=True)]):
        batched = {**given, **around, "max_new_tokens": given.get("max_new_tokens") or places.SHORT}
        for name, world in WORLDS.items():
            if (
                name not in tried
                and missing(batched, NEEDS) is None
                and _rejections(schema, batched, world) == [rule_id]
            ):
                tried.add(name)
                judged(schema, batched, name, report, "rules")
        if len(tried) >= ENOUGH_WORLDS or number >= ENOUGH_TRIES:
            break
    return report


def _rejections(schema: Schema, given: places.Given, world: World) -> list[str]:
    """The rules that reject a call; none where a value is wrong by itself."""
    try:
        return rejections(schema, given, world)
    except ValueError:
        return []


def dormant_job(folder: str, rule_id: str) -> Report:
    """Combinations in which a rule calls a field dormant: without the field, the work is the same."""
    schema, report = load(Path(folder)), Report()
    rule = _rule(schema, rule_id)
    shown = {
        name: 0
        for name in rule.fields
        if any(each is not None for each in schema.params[name]["test_values"])
    }
    absent: dict[str, dict[str, None]] = {name: {} for name in shown}
    for number, given in enumerate(_around(schema, rule)):
        enough = {name: min(ENOUGH_CALLS, calls + ENOUGH_OF_ONE) for name, calls in shown.items()}
        for world in WORLDS.values():
            for name in _called_dormant(schema, rule, given, world):
                if shown[name] >= enough[name]:
                    continue
                if (need := missing(given, NEEDS) or missing(without(given, name), NEEDS)) is not None:
                    absent[name][_words(need)] = None
                    continue
                shown[name] += 1
                _put_to_removal(schema, given, name, world, report)
        if all(calls >= ENOUGH_CALLS for calls in shown.values()):
            break
        if number >= FEW_TRIES and all(shown.values()):
            break
        if number >= ENOUGH_TRIES and all(shown[name] or absent[name] for name in shown):
            break
    report.dormant[rule_id] = sum(shown.values())
    for name, calls in shown.items():
        if not calls:
            _not_shown(
                report,
                absent[name],
                f"never dormant: no drawn combination makes {name} so by the rule {rule_id}",
            )
    return report


def _around(schema: Schema, rule: Rule) -> Iterator[places.Given]:
    """Combinations of the fields that a rule is about and of those that its condition asks for."""
    asked = [name for name in re.findall(r"[a-z_]+", rule.text) if name in schema.params]
    for given in _combinations(schema, replace(rule, fields=(*rule.fields, *asked)), of_some=True):
        yield given
        if "== 'paged'" in rule.text:
            batched = places.with_value(given, "cache_implementation", "paged")
            yield {name: value for name, value in batched.items() if name in schema.params}


def _called_dormant(schema: Schema, rule: Rule, given: places.Given, world: World) -> list[str]:
    """The set fields that a rule calls dormant in a call that is accepted."""
    if not set(given) & set(rule.fields):
        return []
    try:
        reasons = dormancy.dormant(schema, given, world)
    except ValueError:
        return []
    named = [
        name for name in rule.fields if given.get(name) is not None and reasons.get(name) == rule.message
    ]
    return named if named and not rejections(schema, given, world) else []


def _put_to_removal(schema: Schema, given: places.Given, name: str, world: World, report: Report) -> None:
    done = execute(sent(schema, given), world)
    told = f"{json.dumps(plain(given), default=repr)} in {world.name}"
    if not done.ran:
        report.problems.append(f"unsound: {told}: {done.error[:200]}")
    elif (less := execute(sent(schema, without(given, name)), world)) != done:
        report.problems.append(f"dormant: {told}: {name}: {differences(done, less)[:300]}")


def _of_all_and_some(schema: Schema, rule: Rule) -> Iterator[places.Given]:
    """Examples, then combinations of all of a rule's parameters and of some, by turns."""
    yield from examples(rule.id)
    for pair in zip(_combinations(schema, rule), _combinations(schema, rule, of_some=True), strict=True):
        yield from pair


def _not_shown(report: Report, absent: Iterable[str], problem: str) -> None:
    """Write down why something was not executed: for want of an environment, or, which is a problem, for no reason."""
    for why in absent:
        report.environments[why] = report.environments.get(why, 0) + 1
    if not absent:
        report.problems.append(problem)


def _words(need: Need) -> str:
    return f"{need.what}: {need.reason}"


Side = Literal["met", "unmet"]


@dataclass(frozen=True, slots=True)
class Found:
    """A combination that asks a precondition.

    Args:
        side: whether it is met.
        needs: what the combination needs besides, and is not here.
        is_only_need: whether the precondition itself is all that asks for it.
    """

    side: Side
    needs: tuple[str, ...]
    is_only_need: bool


def _side(schema: Schema, rule: Rule, given: places.Given, world: World) -> Found | None:
    """On which side of a precondition a call is; None where nobody asks it, or something is in the way that could be here."""
    try:
        broken = set(rejections(schema, given, world))
    except ValueError:
        return None
    others = [_rule(schema, each) for each in broken - {rule.id}]
    if not all(map(_is_about_here, others)):
        return None
    absent = missing(given, NEEDS)
    needs = (*(each.need_text for each in others), *([] if absent is None else [_words(absent)]))
    if rule.id in broken:
        return Found("unmet", needs, is_only_need=not others and _is_about_here(rule))
    layers = layers_of(schema.config.model_validate(given), world.model_defaults)
    values = layers.over(defaults_of(schema.config), facts_of(given, world))
    is_met = holds(rule.when, values) and rule.need and holds(rule.need, values)
    return Found("met", needs, is_only_need=False) if is_met else None


def _is_about_here(rule: Rule) -> bool:
    """Whether a rule asks for a device, a package or a kind of model, so that it fails where they are missing."""
    return bool(re.search(r"\b(device|packages)\.|\bmodel\.dflash", rule.need_text))


def _as_said(schema: Schema, rule: Rule, given: places.Given, world: World, report: Report) -> bool:
    """Whether a call ends as its precondition says. What is refused and runs may be a declared tightening; nothing else is fine."""
    is_met = rule.id not in rejections(schema, given, world)
    done = execute(sent(schema, given), world)
    told = f"{json.dumps(plain(given), default=repr)} in {world.name}"
    if is_met:
        if not done.ran:
            report.problems.append(f"unsound: {told}: {done.error[:200]}")
    elif done.ran:
        if not rule.tightening:
            report.problems.append(f"undeclared: {told}: {rule.id}")
        return False
    else:
        report.rules[rule.id] = report.rules.get(rule.id, 0) + 1
    return True


_QUANTIZED: Mapping[str, places.Given] = {
    "quanto-bits": {"nbits": 3},
    "quanto-axes": {"axis_key": 1},
    "hqq-axes": {"backend": "hqq", "axis_key": -1},
    "quanto-groups-across-tokens": {"axis_key": -1},
    "hqq-groups-across-tokens": {"backend": "hqq", "axis_key": 1},
    "hqq-packs-whole-groups": {"backend": "hqq", "q_group_size": 12},
    "hqq-installed": {"backend": "hqq", "q_group_size": 8},
    "quanto-installed": {"q_group_size": 16},
    "fp8-has-no-groups": {"backend": "fp8", "nbits": 4},
}
"""Settings of the quantized cache that the rules about it are for."""


def examples(rule_id: str) -> tuple[places.Given, ...]:
    """Combinations for rules that hardly any draw from their parameters meets, or that are about objects in ``extra``."""
    if rule_id in _QUANTIZED:
        return ({"cache_implementation": "quantized", "cache_config": _QUANTIZED[rule_id]},)
    match rule_id:
        case "quantized-decoder-only":  # one that needs no package, and one that every release has
            settings = ({"backend": "fp8"}, {"q_group_size": 16})
            return tuple({"cache_implementation": "quantized", "cache_config": each} for each in settings)
        case "own-hash-needs-a-long-green-list":
            return ({"watermarking_config": {"seeding_scheme": "selfhash", "greenlist_ratio": 0.1}},)
        case "drafted-attentions":
            kept = {"output_attentions": True, "return_dict_in_generate": True}
            return ({"prompt_lookup_num_tokens": 3, **kept},)
        case "end-to-grow-towards-exists":
            return ({"exponential_decay_length_penalty": [1, 1.5], "eos_token_id": 2 * VOCABULARY},)
        case (
            "continuous-batches-have-a-length"
        ):  # where nothing ends a sequence, and a window would keep it going
            endless = {"cache_implementation": "paged", "eos_token_id": None}
            return ({**endless, "continuous_batching_config": dict(places.SMALL)},)
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
        chosen = names
        if of_some:
            chosen = [name for name in names if random.random() < 0.7]
            chosen = random.sample(chosen, min(len(chosen), MOST_AT_ONCE))
        for name in chosen:
            around = places.context(schema, name) if of_some and random.random() < 0.6 else {}
            given = places.with_value({**given, **around}, name, drawing.value(random, schema, name))
        yield {name: value for name, value in given.items() if name in schema.params}
