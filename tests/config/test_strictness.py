"""Which values a configuration accepts and refuses, and the sentence of the refusal: one row per case."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from llenergymeasure.config.explain import path_text
from tests.config.specimen import PyTorchConfig


class Thing:
    pass


def refusals(**arguments: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        PyTorchConfig(**arguments)
    return [f"{path_text(each['loc'])}: {each['msg']}" for each in caught.value.errors()]


@pytest.mark.parametrize(
    ("name", "given_value", "kept"),
    [
        ("temperature", 0.7, 0.7),
        ("temperature", 1, 1.0),  # an int for a float
        ("temperature", None, None),
        ("max_length", 10**30, 10**30),
        ("early_stopping", True, True),
        ("early_stopping", "never", "never"),
        ("stop_strings", "a", "a"),
        ("stop_strings", ["a", "b"], ("a", "b")),
        ("stop_strings", ("a",), ("a",)),
        ("bad_words_ids", [[1, 2], (3,)], ((1, 2), (3,))),
        ("eos_token_id", 0, 0),
        ("eos_token_id", [0, 1], (0, 1)),
        ("exponential_decay_length_penalty", [2, 1.5], (2, 1.5)),
        ("exponential_decay_length_penalty", (2, 1), (2, 1.0)),
        ("sequence_bias", {(5, 6): -2}, (((5, 6), -2.0),)),
        ("sequence_bias", [[[5, 6], -2.0], [(7,), 1.0]], (((5, 6), -2.0), ((7,), 1.0))),
        ("is_assistant", False, False),
        ("cache_implementation", "static", "static"),
        ("constraints", None, None),
        ("copy", 3, 3),  # a field whose name is taken by pydantic
    ],
)
def test_accepted_values_and_the_form_they_are_kept_in(name: str, given_value: object, kept: object) -> None:
    config = PyTorchConfig(**{name: given_value})
    value = getattr(config, f"{name}_" if name == "copy" else name)
    assert value == kept
    assert type(value) is type(kept) or isinstance(value, tuple)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        # wrong types
        ({"temperature": "hot"}, "temperature: must be a number (greater than 0) or null, not 'hot'"),
        ({"temperature": "0.7"}, "temperature: must be a number (greater than 0) or null, not '0.7'"),
        ({"temperature": True}, "temperature: must be a number (greater than 0) or null, not true"),
        ({"max_length": 2.0}, "max_length: must be a whole number (greater than 0) or null, not 2.0"),
        ({"max_length": True}, "max_length: must be a whole number (greater than 0) or null, not true"),
        ({"max_length": "5"}, "max_length: must be a whole number (greater than 0) or null, not '5'"),
        ({"do_sample": 1}, "do_sample: must be true, false or null, not 1"),
        ({"do_sample": "true"}, "do_sample: must be true, false or null, not 'true'"),
        ({"num_beams": None}, "num_beams: must be a whole number (at least 1), not null"),
        ({"is_assistant": True}, "is_assistant: must be false, not true"),
        ({"is_assistant": 0}, "is_assistant: must be false, not 0"),
        ({"cache_implementation": "x"}, "cache_implementation: must be 'dynamic', 'static' or null, not 'x'"),
        (
            {"stop_strings": Thing()},
            "stop_strings: must be text, a non-empty list of texts or null, not an object of the type Thing",
        ),
        (
            {"constraints": [1]},
            "constraints: must be null, not [1]; nothing else is taken as data, so pass the real object in extra",
        ),
        # bounds
        ({"temperature": 0}, "temperature: must be greater than 0, not 0"),
        ({"temperature": 0.0}, "temperature: must be greater than 0, not 0.0"),
        ({"max_length": 0}, "max_length: must be greater than 0, not 0"),
        ({"num_beams": 0}, "num_beams: must be at least 1, not 0"),
        ({"top_p": -0.1}, "top_p: must be from 0 to 1, not -0.1"),
        ({"top_p": 1.5}, "top_p: must be from 0 to 1, not 1.5"),
        ({"typical_p": 0.0}, "typical_p: must be greater than 0 and at most 1, not 0.0"),
        ({"temperature": float("nan")}, "temperature: must be finite, not nan"),
        ({"temperature": float("inf")}, "temperature: must be finite, not inf"),
        (
            {"max_length": -(10**5000)},
            "max_length: must be greater than 0, not a whole number of thousands of digits",
        ),
        # one sentence for a union, or the errors of the alternative that fits best
        ({"early_stopping": 3}, "early_stopping: must be true, false, 'never' or null, not 3"),
        ({"early_stopping": "nevr"}, "early_stopping: must be true, false, 'never' or null, not 'nevr'"),
        (
            {"eos_token_id": "x"},
            "eos_token_id: must be a whole number (at least 0), a list of whole numbers (at least 0) or null, not 'x'",
        ),
        ({"eos_token_id": -1}, "eos_token_id: must be at least 0, not -1"),
        ({"eos_token_id": [1, -2]}, "eos_token_id[1]: must be at least 0, not -2"),
        ({"stop_strings": ["a", 3]}, "stop_strings[1]: must be text, not 3"),
        ({"stop_strings": []}, "stop_strings: must not be empty, not []"),
        # containers
        ({"bad_words_ids": [[1, -1]]}, "bad_words_ids[0][1]: must be at least 0, not -1"),
        (
            {"bad_words_ids": [[1], [2.5]]},
            "bad_words_ids[1][0]: must be a whole number (at least 0), not 2.5",
        ),
        ({"bad_words_ids": [[]]}, "bad_words_ids[0]: must not be empty, not []"),
        (
            {"bad_words_ids": {1, 2}},
            (
                "bad_words_ids: must be a non-empty list of non-empty lists of whole numbers (at least 0) or null, "
                "not an object of the type set"
            ),
        ),
        (
            {"exponential_decay_length_penalty": [2]},
            (
                "exponential_decay_length_penalty: must be a pair of a whole number (at least 0) and a number "
                "(greater than 0), not [2]"
            ),
        ),
        (
            {"exponential_decay_length_penalty": [2, 1.5, 1]},
            (
                "exponential_decay_length_penalty: must be a pair of a whole number (at least 0) and a number "
                "(greater than 0), or null, not [2, 1.5, 1]"
            ),
        ),
        (
            {"exponential_decay_length_penalty": [2, 0.0]},
            "exponential_decay_length_penalty[1]: must be greater than 0, not 0.0",
        ),
        (
            {"sequence_bias": [[[5], 1.0], [[6]]]},
            "sequence_bias[1]: must be a pair of a list of whole numbers (at least 0) and a number, not [[6]]",
        ),
        ({"sequence_bias": {(5, -6): 1.0}}, "sequence_bias[0][0][1]: must be at least 0, not -6"),
        (
            {"sequence_bias": {5: 1.0}},
            "sequence_bias[0][0]: must be a list of whole numbers (at least 0), not 5",
        ),
        # nested
        (
            {"compile_config": {"fulgraph": True}},
            "compile_config.fulgraph: is unknown; did you mean 'fullgraph'?",
        ),
        (
            {"compile_config": 3},
            "compile_config: must be a mapping with keys of CompileConfig or null, not 3",
        ),
        (
            {"compile_config": {"options": {"a": None}}},
            "compile_config.options.a: must be true, false, a whole number, a number or text, not null",
        ),
        ({"compile_config": {"options": {1: 2}}}, "compile_config.options.1: is not text, as a key must be"),
        ({"cache_config": {"nbits": True}}, "cache_config.nbits: must be 2, 4, 8 or null, not true"),
        ({"cache_config": {"nbits": 4.0}}, "cache_config.nbits: must be 2, 4, 8 or null, not 4.0"),
        (
            {"watermarking_config": {"ngram_len": 2}},
            "watermarking_config.keys: is missing; it must be a list of whole numbers",
        ),
        (
            {"watermarking_config": {"greenlist_ratio": 1.0}},
            "watermarking_config.greenlist_ratio: must be greater than 0 and less than 1, not 1.0",
        ),
        (
            {"watermarking_config": "x"},
            (
                "watermarking_config: must be a mapping with keys of WatermarkingConfig, a mapping with keys of "
                "SynthIDTextWatermarkingConfig or null, not 'x'"
            ),
        ),
        # names
        (
            {"temprature": 1},
            (
                "temprature: is unknown; did you mean 'temperature'? "
                "(extra takes what only your version of transformers knows)"
            ),
        ),
        (
            {"qqqq": 1},
            (
                "qqqq: is unknown; there is none with a similar name "
                "(extra takes what only your version of transformers knows)"
            ),
        ),
        ({"extra": 3}, "extra: must be a mapping of names to anything, not 3"),
        ({"extra": {1: 2}}, "extra.1: is not text, as a key must be"),
    ],
)
def test_refused_values_and_the_sentence_about_them(arguments: dict[str, Any], sentence: str) -> None:
    assert refusals(**arguments) == [sentence]


def test_all_mistakes_are_reported_at_once() -> None:
    found = refusals(temperature=0, top_p=2, extra={"top_p": 1}, temprature=3)
    assert [text.partition(":")[0] for text in found] == ["temperature", "top_p", "temprature", "extra.top_p"]


def test_braces_in_a_value_are_not_taken_for_a_template() -> None:
    assert refusals(cache_implementation="{x} {sentence}") == [
        "cache_implementation: must be 'dynamic', 'static' or null, not '{x} {sentence}'"
    ]


@pytest.mark.parametrize("text", ["a\nb", "\x1b[31m", "\u202eevil", "x" * 10_000])
def test_a_hostile_value_is_shown_short_on_one_line_and_without_control_characters(text: str) -> None:
    (sentence,) = refusals(temperature=text)
    assert sentence.isprintable()
    assert len(sentence) < 130


def test_a_value_that_is_not_a_mapping_is_refused_in_the_same_words() -> None:
    with pytest.raises(ValidationError, match=r"must be a mapping with keys of PyTorchConfig, not \[1\]"):
        PyTorchConfig.model_validate([1])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.builds(Thing),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from([*PyTorchConfig.model_fields, "compile_config", "nonsense"]), anything, max_size=4
    )
)
def test_any_input_is_accepted_or_refused_with_a_sentence_for_every_wrong_key(
    data: dict[str, object],
) -> None:
    try:
        config = PyTorchConfig.model_validate(data)
    except ValidationError as error:
        found = error.errors()
        assert found
        assert all(
            each["msg"].split()[0] in {"must", "is", "has"} or "itself" in each["msg"] for each in found
        )
        assert {str(each["loc"][0]) for each in found} <= data.keys()
        paths = [each["loc"] for each in found]
        assert len(set(paths)) == len(paths)  # never two sentences about one key
    else:
        assert config.model_fields_set <= {*data, "copy_"}
