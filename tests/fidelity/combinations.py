"""The combinations of settings on which a rule is tried: drawn from the rule's own parameters, and examples
that would hardly ever be drawn."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from random import Random

from transformers import DynamicCache

from llenergymeasure.config.metadata import Rule
from tests.fidelity import drawing, places
from tests.fidelity.models import VOCABULARY, tokenizer
from tests.fidelity.scenarios import built
from tests.fidelity.schema import Schema

TRIES = 1500
"""Combinations that are drawn of a rule's parameters before the rule counts as one that never fires."""
MOST_AT_ONCE = 5
"""The most parameters of a rule that are set together where only some of them are."""

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
"""By rule: a ``cache_config`` that the rule is about."""


def examples(rule_id: str) -> tuple[places.Given, ...]:
    """Combinations for rules whose condition is hardly ever met by drawing, or that are about objects in
    ``extra``."""
    if rule_id in _QUANTIZED:
        return ({"cache_implementation": "quantized", "cache_config": _QUANTIZED[rule_id]},)
    match rule_id:
        case "quantized-decoder-only":  # one that needs no package, and one that every release has
            settings = ({"backend": "fp8"}, {"q_group_size": 16})
            return tuple({"cache_implementation": "quantized", "cache_config": each} for each in settings)
        case "per-request-top-k":
            sampled = {**places.SETTINGS["continuous sampling"]}
            return tuple(sampled | {"top_k": number} for number in (VOCABULARY, VOCABULARY + 1))
        case "selfhash-needs-long-green-list":
            return ({"watermarking_config": {"seeding_scheme": "selfhash", "greenlist_ratio": 0.1}},)
        case "drafting-needs-eager-attention":
            kept = {"output_attentions": True, "return_dict_in_generate": True}
            return ({"prompt_lookup_num_tokens": 3, **kept},)
        case "banned-tokens-exist-if-end-token-does-not":
            return tuple(
                {"bad_words_ids": [[5, word]], "eos_token_id": [2, VOCABULARY]} for word in (6, VOCABULARY)
            )
        case "decay-end-token-exists":
            return ({"exponential_decay_length_penalty": [1, 1.5], "eos_token_id": 2 * VOCABULARY},)
        case "continuous-batching-needs-length-limit":
            # Nothing ends a sequence, and a sliding window would keep it going.
            endless = {"cache_implementation": "paged", "eos_token_id": None}
            return ({**endless, "continuous_batching_config": dict(places.SMALL)},)
        case "cache-given-twice":
            return ({"cache_implementation": "dynamic", "extra": {"past_key_values": DynamicCache()}},)
        case "assistant-tokenizer-needs-do-sample":
            drafting = {"assistant_model": built("assisted").inputs["assistant_model"]}
            drafting |= {"assistant_tokenizer": tokenizer(), "tokenizer": tokenizer()}
            return ({"do_sample": None, "extra": drafting},)
    return ()


def of_all_and_some(schema: Schema, rule: Rule) -> Iterator[places.Given]:
    """Examples, then in turn combinations that set all of a rule's parameters and ones that set some."""
    yield from examples(rule.id)
    for pair in zip(_combinations(schema, rule), _combinations(schema, rule, of_some=True), strict=True):
        yield from pair


def of_some(schema: Schema, rule: Rule) -> Iterator[places.Given]:
    """Examples, then combinations that set some of a rule's parameters."""
    return chain(examples(rule.id), _combinations(schema, rule, of_some=True))


def around(schema: Schema, rule: Rule) -> Iterator[places.Given]:
    """Combinations of the fields that a rule is about and of the parameters in its condition."""
    asked = [name for name in re.findall(r"[a-z_]+", str(rule.when)) if name in schema.params]
    for given in _combinations(schema, replace(rule, fields=(*rule.fields, *asked)), of_some=True):
        yield given
        if "== 'paged'" in str(rule.when):
            batched = places.with_value(given, "cache_implementation", "paged")
            yield {name: value for name, value in batched.items() if name in schema.params}


def _combinations(schema: Schema, rule: Rule, *, of_some: bool = False) -> Iterator[places.Given]:
    """Usual settings with drawn values of the rule's parameters: of all, or of some. In the latter case most
    come with the context in which they take effect."""
    random = Random(rule.id)
    names = [
        name
        for name in dict.fromkeys(each.partition(".")[0] for each in rule.fields)
        if name in schema.params
    ]
    usual = list(places.usual(schema).values())
    for _ in range(TRIES):
        given = dict(random.choice(usual))
        chosen = names
        if of_some:
            chosen = [name for name in names if random.random() < 0.7]
            chosen = random.sample(chosen, min(len(chosen), MOST_AT_ONCE))
        for name in chosen:
            context = places.context(schema, name) if of_some and random.random() < 0.6 else {}
            given = places.with_value({**given, **context}, name, drawing.value(random, schema, name))
        yield {name: value for name, value in given.items() if name in schema.params}
