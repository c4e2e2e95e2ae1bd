"""The scenarios in which a parameter is tried, and the settings under which it takes effect."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from tests.fidelity.scenarios import SCENARIOS
from tests.fidelity.schema import Schema, plain

Given = dict[str, Any]
"""What is set, in YAML form."""

_ASSISTED = ("assisted",)
_SCENARIOS: Mapping[str, tuple[str, ...]] = {
    "max_length": ("start", "single"),
    "stop_strings": ("tokenizer",),
    "token_healing": ("tokenizer",),
    "bos_token_id": ("promptless",),
    "pad_token_id": ("batch",),
    "decoder_start_token_id": ("translating",),
    "forced_bos_token_id": ("start", "translating"),
    "length_penalty": ("single", "batch"),
    "early_stopping": ("single", "batch"),
    "encoder_repetition_penalty": ("single", "translating"),
    "encoder_no_repeat_ngram_size": ("single", "translating"),
    "use_mtp": ("predicting",),
    "num_assistant_tokens": _ASSISTED,
    "num_assistant_tokens_schedule": _ASSISTED,
    "assistant_confidence_threshold": _ASSISTED,
    "assistant_lookbehind": _ASSISTED,
    "target_lookbehind": _ASSISTED,
    "speculation_type": _ASSISTED,
}

SMALL: Given = {"num_blocks": 8, "max_batch_tokens": 64, "page_size": 32}
"""Settings of continuous batching for little memory; without them it takes all there is."""
SHORT = 8
"""New tokens under continuous batching where no length is set, since it has no default length."""

SETTINGS: Mapping[str, Given] = {
    "greedy": {},
    "sampling": {"do_sample": True},
    "beams": {"num_beams": 2},
    "beam sampling": {"num_beams": 3, "do_sample": True},
    "lookup": {"prompt_lookup_num_tokens": 3},
    "early exit": {"assistant_early_exit": 1},
    "dictionary": {"return_dict_in_generate": True, "output_scores": True},
    "static cache": {"cache_implementation": "static"},
    "no cache": {"use_cache": False},
    "continuous batching": {
        "cache_implementation": "paged",
        "continuous_batching_config": SMALL,
        "max_new_tokens": SHORT,
    },
    "continuous sampling": {
        "cache_implementation": "paged",
        "continuous_batching_config": {
            **SMALL,
            "per_request_processors": True,
            "drop_unsupported_processors": False,
        },
        "max_new_tokens": SHORT,
        "do_sample": True,
        "top_k": 5,
    },
}
"""Settings that every value of every parameter is tried under."""

SCENARIOS_OF_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "greedy": ("single", "batch", "translating", "own", "assisted"),
    "sampling": ("single", "translating", "assisted"),
    "beams": ("batch", "translating"),
    "beam sampling": ("single", "translating"),
}
"""The scenarios in which each of :data:`SETTINGS` is tried; for the others ``single`` is enough."""


def scenarios_for(name: str) -> tuple[str, ...]:
    """The names of the scenarios in which a parameter is tried, of those that the release can have."""
    return tuple(scenario for scenario in _SCENARIOS.get(name, ("single",)) if scenario in SCENARIOS)


def context(schema: Schema, name: str) -> Given:
    """The other settings under which a parameter takes effect."""
    found: Given = {key: plain(value) for key, value in schema.params[name]["context"].items()}
    if found.get("cache_implementation") == "paged":
        found["continuous_batching_config"] = dict(SMALL)
    return found


def with_value(settings: Mapping[str, Any], name: str, value: Any) -> Given:
    """The settings with one more. If it is about continuous batching, its memory and length stay small."""
    if name == "continuous_batching_config" and name in settings and value:
        value = {**SMALL, **value}
    if name == "cache_implementation" and value == "paged":
        settings = {"max_new_tokens": SHORT, **settings, "continuous_batching_config": dict(SMALL)}
    return {**settings, name: plain(value)}


def usual(schema: Schema) -> Mapping[str, Given]:
    """Those of :data:`SETTINGS` of which this release has every parameter and value."""
    return {label: given for label, given in SETTINGS.items() if known(schema, given)}


def known(schema: Schema, given: Given) -> bool:
    """Whether this release has every parameter, and each accepts its value by itself; rules do not count."""
    return all(_takes(schema, name, value) for name, value in given.items())


def _takes(schema: Schema, name: str, value: Any) -> bool:
    try:
        schema.config.model_validate({name: value})
    except ValidationError as error:
        return name in schema.params and all(
            each["type"] == "combination" for each in error.errors(include_url=False)
        )
    return True


def values_set(given: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """A text for each value that is set: texts, booleans and None as they are, other values by their type."""
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from values_set(value, f"{prefix}{name}.")
        else:
            what = repr(value) if isinstance(value, str | bool | None) else type(value).__name__
            yield f"{prefix}{name} {what}"
