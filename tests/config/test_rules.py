"""Rules across parameters: which combinations are refused, what has no effect, what is needed, and the
canonical form. The rules are those of ``specimen``."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from llenergymeasure.config.conditions import UnknownValueError, highest, subset, v
from llenergymeasure.config.resolution import Values
from tests.config.specimen import PyTorchConfig

MODEL = {"do_sample": True, "eos_token_id": 2, "top_k": 9}
"""A model's own generation configuration, with settings that many models have."""


def refused(**settings: Any) -> list[str]:
    """The sentences of the refusal, each after its place; none if the settings are accepted."""
    try:
        PyTorchConfig(**settings)
    except ValidationError as error:
        return [f"{each['loc'][0]}: {each['msg']}" for each in error.errors(include_url=False)]
    return []


# Refused at construction


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        (
            {"num_return_sequences": 2},
            [
                ("num_return_sequences: num_return_sequences=2, with num_beams and do_sample unset: greedy decoding returns one "
                "sequence; set do_sample: true, or num_beams")
            ],
        ),
        (
            {"do_sample": None, "num_return_sequences": 2, "num_beams": 1},
            [
                ("num_return_sequences: num_return_sequences=2, num_beams=1 and do_sample=null: greedy decoding returns one "
                "sequence; set do_sample: true, or num_beams")
            ],
        ),
        (
            {"suppress_tokens": [1, 2], "eos_token_id": (2,)},
            ["suppress_tokens: suppress_tokens=[1, 2] and eos_token_id=[2]: no end can be generated; allow one of them"],
        ),
        (
            {"cache_config": {"backend": "hqq"}},
            [
                ("cache_config: cache_config.backend='hqq', with cache_config.nbits and cache_implementation unset: hqq has no "
                "default; set nbits")
            ],
        ),
        (
            {"low_memory": True, "num_beams": 2, "num_return_sequences": 3},
            [
                ("num_return_sequences: num_return_sequences=3 and num_beams=2: each beam gives at most one sequence; raise "
                "num_beams"),
                ("low_memory: low_memory=true and num_beams=2: beam search no longer has it; name the custom_generate in extra "
                "that does"),
            ],
        ),
    ],
)  # fmt: skip
def test_each_broken_rule_is_one_sentence_at_the_first_of_its_fields(
    settings: dict[str, Any], sentences: list[str]
) -> None:
    assert refused(**settings) == sentences


@pytest.mark.parametrize(
    "settings",
    [
        {"num_return_sequences": 1},
        {"num_return_sequences": 2, "do_sample": True},
        {"num_return_sequences": 2, "num_beams": 2},
        {"suppress_tokens": [1], "eos_token_id": [1, 2]},
        {"suppress_tokens": [1]},  # the model's end is not known yet
        {"suppress_tokens": [1], "eos_token_id": None},
        {"cache_config": {"backend": "hqq", "nbits": 2}},
        {"low_memory": True, "num_beams": 2, "extra": {"custom_generate": "owner/beams"}},
    ],
)
def test_settings_that_go_together_are_accepted(settings: dict[str, Any]) -> None:
    assert refused(**settings) == []


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        ({"num_return_sequences": 2, "extra": {"do_sample": True}}, 0),  # rules see extra
        ({"num_return_sequences": 2, "extra": {"do_sample": False}}, 1),
        ({"num_return_sequences": 2, "extra": {"do_sample": "who knows"}}, 0),  # no rule can use a value that the field refuses
        ({"num_return_sequences": 2, "extra": {"num_beams": 1.0}}, 0),
        ({"extra": {"num_return_sequences": 2}}, 0),  # only fields trigger rules
    ],
)  # fmt: skip
def test_a_value_in_extra_counts_if_the_field_would_accept_it(
    settings: dict[str, Any], sentences: int
) -> None:
    assert len(refused(**settings)) == sentences


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"cache_implementation": "static", "extra": {"past_key_values": 1}}, "cache_implementation"),
        ({"extra": {"cache_implementation": "static", "past_key_values": 1}}, "extra"),
    ],
)
def test_a_rule_about_a_key_of_extra(settings: dict[str, Any], place: str) -> None:
    assert refused(**settings) == [
        f"{place}: cache_implementation='static': extra.past_key_values is already a cache; leave cache_implementation unset"
    ]
    assert refused(extra={"past_key_values": 1}) == []


def test_a_value_in_extra_is_shown_as_one_that_was_given() -> None:
    (sentence,) = refused(num_return_sequences=2, extra={"do_sample": False})
    assert "num_return_sequences=2 and do_sample=false, with num_beams unset" in sentence


def test_a_wrong_value_is_explained_before_any_rule() -> None:
    assert refused(num_return_sequences=2, top_p=2) == ["top_p: must be from 0 to 1, not 2"]


def test_every_way_of_building_a_configuration_is_refused() -> None:
    good = PyTorchConfig(num_return_sequences=2, do_sample=True)
    for build in (
        lambda: PyTorchConfig(num_return_sequences=2),
        lambda: PyTorchConfig.model_validate({"num_return_sequences": 2}),
        lambda: PyTorchConfig.model_validate_json('{"num_return_sequences": 2}'),
        lambda: good.model_copy(update={"do_sample": False}),
    ):
        with pytest.raises(ValidationError, match="greedy decoding returns one sequence"):
            build()


# Together with a model's defaults


@pytest.mark.parametrize(
    ("settings", "model", "messages"),
    [
        ({"num_return_sequences": 2, "do_sample": True}, {}, []),
        ({"num_return_sequences": 2, "do_sample": True}, {"do_sample": False}, []),  # the configuration overrides the model
        (
            {"num_beams": 3},
            {"num_return_sequences": 71},
            ["num_beams=3, with num_return_sequences set by the model: each beam gives at most one sequence; raise num_beams"],
        ),
        (
            {},
            {"num_return_sequences": 71},
            [
                ("num_beams and do_sample unset and num_return_sequences set by the model: greedy decoding returns one sequence; "
                "set do_sample: true, or num_beams")
            ],
        ),
        (
            {"suppress_tokens": [2]},
            MODEL,
            ["suppress_tokens=[2], with eos_token_id set by the model: no end can be generated; allow one of them"],
        ),
        ({"suppress_tokens": [2]}, {"eos_token_id": None}, []),
        ({"suppress_tokens": [2]}, {"eos_token_id": "</s>"}, []),  # no rule can use a value that the field refuses
        ({"suppress_tokens": [2], "extra": {"eos_token_id": "</s>"}}, MODEL, []),
    ],
)  # fmt: skip
def test_check_applies_the_rules_together_with_a_models_defaults(
    settings: dict[str, Any], model: dict[str, Any], messages: list[str]
) -> None:
    assert [str(broken) for broken in PyTorchConfig(**settings).check(model)] == messages


def test_a_broken_rule_has_the_id_of_the_rule_and_its_fields() -> None:
    (broken,) = PyTorchConfig(num_beams=3).check({"num_return_sequences": 4})
    assert (broken.rule, broken.fields) == (
        "no-more-sequences-than-beams",
        ("num_beams", "num_return_sequences"),
    )


# Needs


@pytest.mark.parametrize(
    ("settings", "facts", "unmet"),
    [
        ({"bad_words_ids": [[3], [4, 9]]}, {"model.vocab_size": 10}, []),
        (
            {"bad_words_ids": [[3], [4, 9]]},
            {"model.vocab_size": 9},
            ["bad_words_ids=[[3], [4, 9]]: the model has no such token; use ids of its tokenizer"],
        ),
        ({"bad_words_ids": [[3]]}, {}, []),  # nothing is known of the model
        ({}, {"call.prompt_tokens": 30}, []),  # unset, max_length counts new tokens
        ({"max_length": 31}, {"call.prompt_tokens": 30}, []),
        (
            {"max_length": 20},
            {"call.prompt_tokens": 30},
            ["max_length=20: it counts the prompt too; raise it, or set max_new_tokens"],
        ),
        ({"stop_strings": "a"}, {"call.tokenizer": True}, []),
        (
            {"stop_strings": "a"},
            {"call.tokenizer": False},
            ["stop_strings='a': generate() looks for texts with a tokenizer; pass it tokenizer="],
        ),
        ({"stop_strings": "a", "extra": {"tokenizer": object()}}, {"call.tokenizer": False}, []),
        (
            {"cache_config": {"backend": "hqq", "nbits": 2}, "cache_implementation": "static"},
            {"packages.hqq": False},
            ["cache_config.backend='hqq': it is a package of its own; pip install hqq"],
        ),
        (
            {"cache_config": {"backend": "hqq", "nbits": 2}, "cache_implementation": "dynamic"},
            {"packages.hqq": False},
            [],  # the dynamic cache does not use it
        ),
    ],
)
def test_what_is_needed_and_not_there(
    settings: dict[str, Any], facts: dict[str, object], unmet: list[str]
) -> None:
    assert [str(need) for need in PyTorchConfig(**settings).unmet(facts)] == unmet


def test_a_requirement_of_a_value_set_by_the_model_is_reported_too() -> None:
    (unmet,) = PyTorchConfig().unmet({"call.tokenizer": False}, {"stop_strings": "secret"})
    assert (unmet.rule, unmet.need) == ("stop-strings-need-a-tokenizer", "call.tokenizer")
    assert str(unmet).startswith("stop_strings set by the model: generate() looks for texts")


# Without effect


@pytest.mark.parametrize(
    ("settings", "model", "device", "dormant"),
    [
        ({}, None, None, {}),
        ({"temperature": 0.5, "top_k": 7}, None, None, {"temperature": "sampled", "top_k": "sampled"}),
        ({"temperature": 0.5, "top_k": 7}, MODEL, None, {}),
        ({"temperature": 0.5, "do_sample": None}, MODEL, None, {"temperature": "sampled"}),
        ({"do_sample": None}, None, None, {"do_sample": "generate() uses anyway"}),
        ({"do_sample": True}, MODEL, None, {"do_sample": "the model's own setting anyway"}),
        ({"do_sample": True, "top_k": 50}, None, None, {"top_k": "generate() uses"}),
        ({"do_sample": True, "top_k": 50}, MODEL, None, {"do_sample": "the model's own"}),
        ({"do_sample": True, "top_k": 0}, None, None, {}),
        ({"do_sample": True, "temperature": None}, None, None, {"temperature": "generate() uses"}),
        ({"max_length": 20}, None, None, {}),
        ({"max_length": 20}, {"max_length": 20}, None, {"max_length": "the model's own"}),
        ({"max_length": 20, "max_new_tokens": 5}, None, None, {"max_length": "max_new_tokens decides"}),
        ({"eos_token_id": None}, None, None, {}),  # every model has its own
        ({"eos_token_id": None}, {}, None, {"eos_token_id": "generate() uses"}),
        ({"eos_token_id": None}, MODEL, None, {}),
        ({"eos_token_id": [2]}, MODEL, None, {"eos_token_id": "the model's own"}),
        ({"compile_config": {"mode": "default"}}, None, None, {}),
        ({"compile_config": {"mode": "default"}}, None, "cuda:1", {}),
        ({"compile_config": {"mode": "default"}}, None, "cpu", {"compile_config": "on the CPU"}),
        ({"low_memory": False}, None, None, {"low_memory": "generate() uses"}),
        ({"temperature": 0.5, "extra": {"custom_generate": "owner/code"}}, None, None, {}),
        ({"temperature": 0.5, "extra": {"do_sample": True}}, None, None, {}),
        ({"temperature": 0.5, "extra": {"do_sample": "yes"}}, None, None, {}),
    ],
)
def test_what_has_no_effect_and_why(
    settings: dict[str, Any], model: dict[str, Any] | None, device: str | None, dormant: dict[str, str]
) -> None:
    reasons = PyTorchConfig(**settings).dormant(model, device)
    assert reasons.keys() == dormant.keys()
    for name, part in dormant.items():
        assert part in reasons[name]


# The canonical configuration


@pytest.mark.parametrize(
    ("settings", "model", "canonical"),
    [
        ({}, None, {}),
        ({"do_sample": False}, None, {}),
        ({"do_sample": None}, MODEL, {"eos_token_id": 2}),
        ({}, MODEL, {"do_sample": True, "eos_token_id": 2, "top_k": 9}),
        ({"num_beams": 1, "temperature": 1.0, "top_k": 50}, None, {}),
        ({"temperature": 0.3, "do_sample": False}, None, {}),
        ({"do_sample": True, "top_k": None, "temperature": None}, None, {"do_sample": True, "top_k": 0}),
        ({"do_sample": True, "epsilon_cutoff": 1.0}, None, {"do_sample": True}),
        ({"max_length": 20}, None, {"max_length": 20}),
        ({"max_length": 9, "max_new_tokens": 5}, None, {"max_new_tokens": 5}),
        ({"eos_token_id": [2]}, None, {"eos_token_id": 2}),
        ({"eos_token_id": [2, 3]}, None, {"eos_token_id": [2, 3]}),
        ({"eos_token_id": None}, MODEL, {"do_sample": True, "top_k": 9}),
        ({"decoder_start_token_id": [2]}, None, {"decoder_start_token_id": [2]}),  # one for each prompt
        ({"bad_words_ids": [[2]]}, None, {"bad_words_ids": [[2]]}),
        ({"stop_strings": ["a"]}, None, {"stop_strings": "a"}),
        (
            {"compile_config": {"mode": "reduce-overhead", "dynamic": True}},
            None,
            {"compile_config": {"dynamic": True}},
        ),
        ({"compile_config": {"mode": "reduce-overhead"}}, None, {}),
        (
            {"watermarking_config": {"bias": 2, "context_width": 3}},
            None,
            {"watermarking_config": {"context_width": 3}},
        ),
        ({"watermarking_config": {"bias": 2.0}}, None, {"watermarking_config": {}}),
        ({"extra": {"temperature": 0.5}}, None, {}),
        ({"do_sample": True, "extra": {"temperature": 0.5}}, None, {"do_sample": True, "temperature": 0.5}),
        (
            {"do_sample": True, "extra": {"top_p": 1.5, "mine": [1]}},
            None,
            {"do_sample": True, "extra": {"top_p": 1.5, "mine": [1]}},
        ),
        ({"extra": {"typical_p": 1}}, None, {"extra": {"typical_p": 1}}),  # a field would send 1.0
        ({}, {"top_p": 7, "typical_p": 0.5, "unheard_of": 1, "max_length": None}, {"extra": {"top_p": 7}}),
        ({"top_p": 0.5, "do_sample": True}, {"top_p": 7}, {"do_sample": True, "top_p": 0.5}),
        ({"num_beams": 3}, {"num_return_sequences": 5}, {"num_beams": 3, "num_return_sequences": 5}),
        (
            {"do_sample": False, "extra": {"custom_generate": "owner/code"}},
            MODEL,
            {
                "do_sample": False,
                "eos_token_id": 2,
                "top_k": 9,
                "extra": {"custom_generate": "owner/code"},
            },
        ),
    ],
)
def test_the_canonical_configuration(
    settings: dict[str, Any], model: dict[str, Any] | None, canonical: dict[str, Any]
) -> None:
    result = PyTorchConfig(**settings).canonical(model)
    assert type(result) is PyTorchConfig
    assert result.to_data() == canonical


ids = st.integers(0, 9)
drawn = st.fixed_dictionaries(
    {},
    optional={
        "max_length": st.none() | st.integers(1, 30),
        "max_new_tokens": st.none() | st.integers(1, 3),
        "early_stopping": st.none() | st.booleans() | st.just("never"),
        "stop_strings": st.text(max_size=2) | st.lists(st.text(max_size=2), min_size=1, max_size=2),
        "do_sample": st.none() | st.booleans(),
        "num_beams": st.integers(1, 3),
        "num_return_sequences": st.integers(1, 3),
        "temperature": st.none() | st.sampled_from([1, 1.0, 0.5]),
        "top_k": st.none() | st.sampled_from([0, 1, 50]),
        "epsilon_cutoff": st.sampled_from([0, 0.5, 1]),
        "suppress_tokens": st.lists(ids, min_size=1, max_size=2),
        "bad_words_ids": st.lists(st.lists(ids, min_size=1, max_size=2), min_size=1, max_size=2),
        "eos_token_id": st.none() | ids | st.lists(ids, max_size=2),
        "watermarking_config": st.none() | st.sampled_from([{}, {"bias": 2}, {"ngram_len": 2, "keys": [1]}]),
        "low_memory": st.booleans(),
        "use_cache": st.none() | st.booleans(),
        "cache_implementation": st.none() | st.sampled_from(["dynamic", "static"]),
        "cache_config": st.none() | st.sampled_from([{}, {"nbits": 2}, {"backend": "hqq", "nbits": 4}]),
        "compile_config": st.none() | st.sampled_from([{}, {"mode": "reduce-overhead"}, {"dynamic": True}]),
        "copy": st.none() | ids,
    },
)
# A model and extra may set any name to any value.
anything = st.none() | st.booleans() | ids | st.floats() | st.text(max_size=2) | st.lists(ids, max_size=2)
wild = st.dictionaries(
    st.sampled_from([*PyTorchConfig.params, "unheard_of", "custom_generate"]), anything, max_size=4
)
devices = st.none() | st.sampled_from(["cpu", "cuda:0"])


@st.composite
def configurations(draw: st.DrawFn) -> PyTorchConfig:
    settings = draw(drawn)
    extra = {name: value for name, value in draw(wild).items() if name not in settings}
    try:
        return PyTorchConfig(**settings, extra=extra)
    except ValidationError:
        assume(False)
        raise


@given(configurations(), st.none() | wild, devices)
def test_canonical_of_a_canonical_configuration_is_itself(
    config: PyTorchConfig, model: dict[str, Any] | None, device: str | None
) -> None:
    canonical = config.canonical(model, device)
    empty_model = None if model is None else {}
    assert canonical.canonical(empty_model, device) == canonical
    assert canonical.dormant(empty_model, device) == {}
    assert canonical.canonical(device=device) == canonical


@given(configurations(), st.none() | wild, devices)
def test_removing_dormant_parameters_keeps_the_canonical_configuration(
    config: PyTorchConfig, model: dict[str, Any] | None, device: str | None
) -> None:
    settings = _settings(config)
    for name in config.dormant(model, device):
        rest = PyTorchConfig._unchecked({key: value for key, value in settings.items() if key != name})
        assert rest.canonical(model, device) == config.canonical(model, device)


def _settings(config: PyTorchConfig) -> dict[str, Any]:
    names = {field: info.alias or field for field, info in PyTorchConfig.model_fields.items()}
    return {names[field]: getattr(config, field) for field in config.model_fields_set}


@given(configurations(), wild)
def test_setting_what_the_model_sets_changes_nothing(config: PyTorchConfig, model: dict[str, Any]) -> None:
    assume("custom_generate" not in model)
    canonical = config.canonical(model)
    for name in model:
        if name in canonical.model_fields_set and name not in config.model_fields_set | config.extra.keys():
            explicit = PyTorchConfig._unchecked({**_settings(config), name: getattr(canonical, name)})
            assert explicit.canonical(model) == canonical


@given(drawn)
def test_looking_rules_up_by_the_set_parameters_finds_all_broken_rules(settings: dict[str, Any]) -> None:
    from llenergymeasure.config.resolution import conformed, values_of
    from llenergymeasure.config.rules import holds, rules_of

    values = {name: conformed(PyTorchConfig, name, value) for name, value in settings.items()}
    config = PyTorchConfig._unchecked(values)
    broken = [
        rule.message for rule in rules_of(PyTorchConfig, "reject") if holds(rule.when, values_of(config))
    ]
    sentences = refused(**settings)
    assert len(sentences) == len(broken)
    assert all(sentence.endswith(message) for sentence, message in zip(sentences, broken, strict=True))


# Values and functions in conditions


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_beams", 3),
        ("top_k", 50),
        ("cache_config.nbits", 4),
        ("cache_config.backend", "quanto"),
        ("cache_config.ngram_len", None),
        ("compile_config.mode", None),
        ("extra.mine", 1),
        ("extra.other", None),
        ("model.layers", 2),
        ("call.mine", True),
    ],
)
def test_a_value_is_looked_up_by_name(name: str, value: object) -> None:
    config = PyTorchConfig(cache_config={"nbits": 4})
    known = {"num_beams": 3, "cache_config": config.cache_config, "compile_config": None}
    assert Values(known, {"top_k": 50}, {"mine": 1}, {"model.layers": 2})[name] == value


@pytest.mark.parametrize(
    "name", ["num_beams", "model.layers", "call.tokenizer", "device.type", "cache_config.nbits"]
)
def test_looking_up_an_unknown_value_raises(name: str) -> None:
    with pytest.raises(UnknownValueError, match=r"\w"):
        Values({}, {}, {}, {})[name]


@pytest.mark.parametrize(
    ("tokens", "among", "is_subset"),
    [
        (1, 1, True),
        (1, (1, 2), True),
        ((1, 2), (2, 1, 3), True),
        ((1, 4), (1, 2), False),
        ((), (1,), False),
        (None, (1,), False),
        (1, None, False),
        (0, 0, True),
    ],
)
def test_subset(tokens: Any, among: Any, is_subset: bool) -> None:
    assert subset(v.tokens, v.among).holds({"tokens": tokens, "among": among}) is is_subset


def test_a_subset_of_an_unknown_value_is_unknown() -> None:
    with pytest.raises(UnknownValueError):
        subset(v.forced_bos_token_id, v.suppress_tokens).holds(
            Values({"forced_bos_token_id": 0.5}, {}, {}, {})
        )


@pytest.mark.parametrize(
    ("value", "largest"),
    [
        (None, -1),
        ((), -1),
        (5, 5),
        ((1, (7, 2)), 7),
        ((((3, 9), 100.5),), 9),
        ({4: 1}, 4),
        ("9", -1),
        (True, -1),
    ],
)
def test_highest(value: Any, largest: int) -> None:
    assert (highest(v.ids) == largest).holds({"ids": value})


# In a file


def test_in_a_file_a_broken_rule_has_its_line_and_its_path(tmp_path: Path) -> None:
    from llenergymeasure.config.errors import InvalidConfigError
    from llenergymeasure.config.loading import load_experiment

    path = tmp_path / "study.yaml"
    path.write_text("model: {name: builtin:llama}\npytorch:\n  temperature: 1\n  num_return_sequences: 2\n")
    with pytest.raises(InvalidConfigError) as caught:
        load_experiment(path)
    assert str(caught.value).startswith(
        f"{path}:4: pytorch.num_return_sequences: num_return_sequences=2, with "
    )
    with pytest.raises(InvalidConfigError) as caught:
        load_experiment(path, ["pytorch.num_return_sequences=3"])
    assert str(caught.value).startswith("--set: pytorch.num_return_sequences: num_return_sequences=3, with ")
