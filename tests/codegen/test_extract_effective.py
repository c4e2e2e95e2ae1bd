"""codegen.engines.transformers.effective: the defaults that generate() uses."""

import pytest

from codegen.engines.transformers import effective
from codegen.errors import UnknownShapeError
from codegen.model.values import PlainValue
from tests.codegen.fake_source import module


def _read(body: str) -> dict[str, PlainValue]:
    return effective.read(
        module(
            f"class GenerationConfig:\n    @staticmethod\n    def _get_default_generation_params():\n{body}\n"
        )
    )


def test_a_literal_dictionary() -> None:
    body = '''        """What it is."""
        return {
            "max_length": 20,  # a comment
            "do_sample": False,
            "temperature": 1.0,
            "early": "never",
            "nothing": None,
            "negative": -1,
        }'''
    assert _read(body) == {
        "max_length": 20,
        "do_sample": False,
        "temperature": 1.0,
        "early": "never",
        "nothing": None,
        "negative": -1,
    }


def test_a_release_without_the_function_has_none() -> None:
    assert effective.read(module("class GenerationConfig:\n    pass")) == {}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("        pass", "does not return one dictionary"),
        ("        return make()", "does not return one dictionary"),
        ("        defaults = {'a': 1}\n        return defaults", "does not return one dictionary"),
        ("        if x:\n            return {}\n        return {'a': 1}", "does not return one dictionary"),
        ("        return dict(a=1)", "does not return one dictionary"),
        ("        return {'a': compute()}", "is not all literals"),
        ("        return {**others, 'a': 1}", "is not all literals"),
        ("        return {name: 1}", "is not all literals"),
        ("        return {1: 2}", "not a name with a plain value"),
        ("        return {'a': [1]}", "not a name with a plain value"),
        ("        return {[1]: 2}", "is not all literals"),
    ],
)
def test_another_shape_is_not_known(body: str, what: str) -> None:
    with pytest.raises(UnknownShapeError) as raised:
        _read(body)
    assert raised.value.where.endswith(
        "configuration_utils.py, GenerationConfig._get_default_generation_params"
    )
    assert what in raised.value.what


def test_it_has_to_be_a_function() -> None:
    with pytest.raises(UnknownShapeError, match="is not a function"):
        effective.read(module("class GenerationConfig:\n    _get_default_generation_params = {}"))
