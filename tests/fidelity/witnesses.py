"""Configurations in which each parameter has an effect, and pairs of configurations that must differ.

The *witness* of a parameter is dead if the schema calls the parameter dormant there, or if the work is the
same without it.
"""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from tests.fidelity.dormancy import canonical, dormant, without_or_changed
from tests.fidelity.judging import sent
from tests.fidelity.needs import missing
from tests.fidelity.oracle import execute
from tests.fidelity.places import SETTINGS, SMALL, Given
from tests.fidelity.scenarios import Scenario
from tests.fidelity.schema import Schema

WITNESSES: Mapping[str, tuple[Given, str]] = {
    "max_length": ({"max_length": 20}, "start"),
    "max_new_tokens": ({"max_new_tokens": 4}, "single"),
    "min_length": ({"min_length": 8}, "single"),
    "min_new_tokens": ({"min_new_tokens": 2}, "single"),
    "early_stopping": ({"num_beams": 2, "early_stopping": True}, "single"),
    "max_time": ({"max_time": 60.0}, "single"),
    "stop_strings": ({"stop_strings": "a"}, "tokenizer"),
    "do_sample": ({"do_sample": True}, "single"),
    "num_beams": ({"num_beams": 2}, "single"),
    "use_mtp": ({"use_mtp": True}, "predicting"),
    "use_cache": ({"use_cache": False}, "single"),
    "cache_implementation": ({"cache_implementation": "static"}, "single"),
    "cache_config": ({"cache_implementation": "quantized", "cache_config": {"backend": "fp8"}}, "single"),
    "max_cache_len": ({"cache_implementation": "static", "max_cache_len": 64}, "single"),
    "temperature": ({"do_sample": True, "temperature": 0.7}, "single"),
    "top_k": ({"do_sample": True, "top_k": None}, "single"),
    "top_p": ({"do_sample": True, "top_p": 0.5}, "single"),
    "min_p": ({"do_sample": True, "min_p": 0.05}, "single"),
    "top_h": ({"do_sample": True, "top_h": 0.4}, "single"),
    "typical_p": ({"do_sample": True, "typical_p": 0.5}, "single"),
    "epsilon_cutoff": ({"do_sample": True, "epsilon_cutoff": 0.0003}, "single"),
    "eta_cutoff": ({"do_sample": True, "eta_cutoff": 0.0003}, "single"),
    "repetition_penalty": ({"repetition_penalty": 0.9}, "single"),
    "encoder_repetition_penalty": ({"encoder_repetition_penalty": 1.5}, "single"),
    "length_penalty": ({"num_beams": 2, "length_penalty": -1.0}, "single"),
    "no_repeat_ngram_size": ({"no_repeat_ngram_size": 2}, "single"),
    "bad_words_ids": ({"bad_words_ids": [[5]]}, "single"),
    "renormalize_logits": ({"renormalize_logits": True}, "single"),
    "forced_bos_token_id": ({"forced_bos_token_id": 5}, "start"),
    "forced_eos_token_id": ({"forced_eos_token_id": 5}, "single"),
    "remove_invalid_values": ({"remove_invalid_values": True}, "single"),
    "exponential_decay_length_penalty": ({"exponential_decay_length_penalty": [0, 1.01]}, "single"),
    "suppress_tokens": ({"suppress_tokens": [5]}, "single"),
    "begin_suppress_tokens": ({"begin_suppress_tokens": [5]}, "single"),
    "sequence_bias": ({"sequence_bias": [[[5], 3.0]]}, "single"),
    "token_healing": ({"token_healing": True}, "tokenizer"),
    "guidance_scale": ({"guidance_scale": 1.5}, "single"),
    "watermarking_config": ({"watermarking_config": {}}, "single"),
    "num_return_sequences": ({"do_sample": True, "num_return_sequences": 2}, "single"),
    "output_attentions": ({"output_attentions": True}, "single"),
    "output_hidden_states": ({"output_hidden_states": True}, "single"),
    "output_scores": ({"return_dict_in_generate": True, "output_scores": True}, "single"),
    "output_logits": ({"return_dict_in_generate": True, "output_logits": True}, "single"),
    "return_dict_in_generate": ({"return_dict_in_generate": True}, "single"),
    "pad_token_id": ({"pad_token_id": 5}, "batch"),
    "bos_token_id": ({"bos_token_id": 3}, "promptless"),
    "eos_token_id": ({"eos_token_id": 5}, "single"),
    "encoder_no_repeat_ngram_size": ({"encoder_no_repeat_ngram_size": 2}, "single"),
    "decoder_start_token_id": ({"decoder_start_token_id": 3}, "translating"),
    "prompt_lookup_num_tokens": ({"prompt_lookup_num_tokens": 3}, "single"),
    "max_matching_ngram_size": ({"prompt_lookup_num_tokens": 3, "max_matching_ngram_size": 3}, "single"),
    "assistant_early_exit": ({"assistant_early_exit": 1}, "single"),
    "assistant_ensemble_weight": ({"assistant_early_exit": 1, "assistant_ensemble_weight": 0.01}, "single"),
    "continuous_batching_config": (
        {"cache_implementation": "paged", "max_new_tokens": 8, "continuous_batching_config": SMALL},
        "single",
    ),
    "prefill_chunk_size": ({"cache_implementation": "dynamic", "prefill_chunk_size": 2}, "single"),
    "return_legacy_cache": ({"return_dict_in_generate": True, "return_legacy_cache": True}, "single"),
}
"""By parameter: a configuration and a scenario in which removing the parameter alone changes the work."""

_TWENTY: Given = {"max_length": 20}
_IN_PIECES: Given = {"cache_implementation": "dynamic"}
_FORCED_END: Given = SETTINGS["continuous batching"] | {"forced_eos_token_id": 2}
PAIRS: tuple[tuple[Given, Given, str], ...] = (
    ({}, _TWENTY, "single"),
    ({"do_sample": True}, {"do_sample": True, "top_k": 0}, "single"),
    ({"do_sample": True, "top_k": 50}, {"do_sample": True, "top_k": 49}, "single"),
    ({"do_sample": True, "temperature": 0.7}, {"do_sample": True, "temperature": 0.8}, "single"),
    ({}, {"do_sample": True}, "single"),
    ({}, {"num_beams": 2}, "single"),
    ({"num_beams": 2}, {"num_beams": 2, "early_stopping": True}, "single"),
    ({"num_beams": 2}, {"num_beams": 2, "length_penalty": 0.0}, "single"),
    ({}, {"use_cache": False}, "single"),
    ({}, {"cache_implementation": "static"}, "single"),
    ({"cache_implementation": "static"}, {"cache_implementation": "static", "max_cache_len": 64}, "single"),
    ({}, {"output_attentions": True}, "single"),
    ({}, {"output_hidden_states": True}, "single"),
    ({}, {"return_dict_in_generate": True}, "single"),
    ({}, {"eos_token_id": None}, "single"),
    ({"eos_token_id": 5}, {"eos_token_id": [5, 6]}, "single"),
    ({"max_new_tokens": 4}, {"max_length": 4}, "start"),
    ({"min_length": 8}, {"min_new_tokens": 8}, "single"),
    ({"renormalize_logits": True}, {}, "single"),
    ({"max_time": 60.0}, {}, "single"),
    ({}, {"do_sample": False}, "own"),
    ({}, {"temperature": 1.0}, "own"),
    (
        {"prompt_lookup_num_tokens": 3},
        {"prompt_lookup_num_tokens": 3, "max_matching_ngram_size": 1},
        "single",
    ),
    (_IN_PIECES | {"prefill_chunk_size": 2}, _IN_PIECES | {"prefill_chunk_size": 3}, "single"),
    ({"assistant_early_exit": 1}, {"assistant_early_exit": 2}, "single"),
    (_FORCED_END, _FORCED_END | {"max_length": 6}, "single"),
)
"""Two configurations and a scenario in which ``generate()`` does different work for them."""


def dead(schema: Schema, name: str, scenario: Scenario) -> Iterator[str]:
    """Why the witness of a parameter fails."""
    given, _ = WITNESSES[name]
    try:
        if name in dormant(schema, given, scenario):
            yield "the schema calls it dormant"
    except ValidationError as error:
        yield f"it is rejected: {error}"
        return
    other = without_or_changed(given, name)
    done = execute(sent(schema, given), scenario)
    if not done.ran:
        yield f"it does not run: {done.error}"
        return
    without_it = execute(sent(schema, other), scenario)
    if without_it == done:
        yield "without it the work is the same"
    elif not without_it.ran and missing(other) is None:  # it does not fail for lack of a package or device
        yield f"without it nothing runs: {without_it.error}"


def same(schema: Schema, one: Given, other: Given, scenario: Scenario) -> Iterator[str]:
    """Why two configurations that must differ count as equal."""
    try:
        if canonical(schema, one, scenario) == canonical(schema, other, scenario):
            yield "their canonical forms are equal"
    except ValidationError as error:
        yield f"one is rejected: {error}"
        return
    first, second = execute(sent(schema, one), scenario), execute(sent(schema, other), scenario)
    if not (first.ran and second.ran):
        yield f"one does not run: {first.error or second.error}"
    elif first == second:
        yield "their work is the same"
