"""Settings as data: objects become mappings, home folders become ``~``, and hashes do not depend on order."""

import json
from pathlib import Path

import pytest

from llenergymeasure.config.backend_configs import PARAMS, PyTorchConfig
from llenergymeasure.inference.messages import collected
from llenergymeasure.measure.plain import plain, short_hash, without_home

HOME = Path("/home/ada")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/ada", "~"),
        ("/home/ada/models/x", "~/models/x"),
        ("cannot read '/home/ada/x' or /home/ada/y", "cannot read '~/x' or ~/y"),
        ("file:///home/ada/x", "file://~/x"),
        ("/home/adam/x", "/home/adam/x"),
        ("/mnt/home/ada/x", "/mnt/home/ada/x"),
        ("a sentence", "a sentence"),
    ],
)
def test_without_home(text: str, told: str) -> None:
    assert without_home(text, HOME) == told


def test_a_root_home_hides_nothing() -> None:
    assert without_home("/a/b", Path("/")) == "/a/b"


class Nested:
    def to_dict(self) -> dict[str, object]:
        return {"path": "/home/ada/x", "ids": (1, 2)}


def test_plain() -> None:
    told = plain({"a": [True, None, 0.5, (1,)], 3: Nested()}, HOME)
    assert told == {"a": [True, None, 0.5, [1]], "3": {"path": "~/x", "ids": [1, 2]}}


def test_every_test_value_of_every_parameter_can_be_recorded() -> None:
    with collected():
        for name, facts in PARAMS.items():
            for value in facts["test_values"]:
                settings = PyTorchConfig(**{**facts["context"], name: value}).generate_kwargs()
                assert (
                    json.loads(json.dumps(plain(settings, HOME), allow_nan=False)).keys() == settings.keys()
                )


def test_an_object_without_a_data_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object"):
        plain({"a": [object()]}, HOME)


def test_the_hash_is_of_the_content() -> None:
    assert short_hash({"a": 1, "b": {"c": 2, "d": 3}}) == short_hash({"b": {"d": 3, "c": 2}, "a": 1})
    assert short_hash({"a": 1}) != short_hash({"a": 1.5})
    assert len(short_hash({})) == 8
