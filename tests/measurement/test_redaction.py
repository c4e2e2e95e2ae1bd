"""Settings as data: objects become mappings, home folders become ``~``, and hashes do not depend on order."""

import json
from pathlib import Path

import pytest

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.introspection import get_backend_params
from llenergymeasure.engines.transformers.messages import collected_messages
from llenergymeasure.measurement.redaction import home_folders, redact, redact_text, short_hash, without_home

HOMES = (Path("/home/ada"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/ada", "~"),
        ("/home/ada/models/x", "~/models/x"),
        ("cannot read '/home/ada/x' or /home/ada/y", "cannot read '~/x' or ~/y"),
        ("file:///home/ada/x", "file://~/x"),
        ("/home/adam/x", "/home/adam/x"),
        ("/mnt/home/ada/x", "/mnt/home/ada/x"),
        ("/home/ada-2/x", "/home/ada-2/x"),
        ("/home/ada.old/x", "/home/ada.old/x"),
        ("There is no folder /home/ada.", "There is no folder ~."),
        ("['/home/ada', \"/home/ada\"]", "['~', \"~\"]"),
        ("/home/ada: no; (/home/ada), [/home/ada] <%s>\n/home/ada\n", "~: no; (~), [~] <%s>\n~\n"),
        ("/home/ada\\x /home/ada", "~\\x ~"),
        ("a sentence", "a sentence"),
    ],
)
def test_without_home(text: str, expected: str) -> None:
    assert without_home(text, HOMES) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/home/ada/x", "~/x"),
        ("/scratch/ada/model", "/scratch/***/model"),
        ("no such file: '/scratch/ada'", "no such file: '/scratch/***'"),
        ("/scratch/adams/model /scratch/ada.bin", "/scratch/adams/model /scratch/ada.bin"),
        ("ada/model", "ada/model"),
        ("socks5://ada:s3cret@proxy", "socks5://***@proxy"),
        ("http://ada:p@ss@proxy:80/", "http://***@proxy:80/"),
        ("https://user:tok/en@host/x", "https://***@host/x"),
        ("https://host/model@main", "https://host/model@main"),
        ("~ada/x", "~***/x"),
        ("C:\\Users\\ada\\x", "C:\\Users\\***\\x"),
        ("file:///scratch/ada/x", "file:///scratch/***/x"),
        ("HF_HOME=/scratch/ada/x", "HF_HOME=/scratch/***/x"),
        ("meta/ada", "meta/ada"),  # a model
        ("hf_" + "aB3" * 10, "***"),
    ],
)
def test_what_is_removed_from_a_text_of_a_record(text: str, shown: str) -> None:
    assert redact_text(text, HOMES) == shown


@pytest.mark.parametrize("homes", [("/data", "/data/people/ada"), ("/data/people/ada", "/data")])
def test_the_longer_name_of_the_home_folder_is_replaced_first(homes: tuple[str, ...]) -> None:
    assert without_home("/data/people/ada/x /data/y", [Path(home) for home in homes]) == "~/x ~/y"


def test_a_home_folder_behind_a_link_has_two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "disk" / "ada").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "ada"))
    assert home_folders() == {tmp_path / "home" / "ada", (tmp_path / "disk" / "ada").resolve()}


@pytest.mark.parametrize("home", ["/", "", "relative"])
def test_a_folder_that_is_nobodys_home_hides_nothing(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    assert not home_folders()


class Nested:
    def to_dict(self) -> dict[str, object]:
        return {"path": "/home/ada/x", "ids": (1, 2)}


def test_values_as_data() -> None:
    data = redact({"a": [True, None, 0.5, (1,)], 3: Nested()}, HOMES)
    assert data == {"a": [True, None, 0.5, [1]], "3": {"path": "~/x", "ids": [1, 2]}}


def test_secrets_are_hidden_and_token_ids_are_not() -> None:
    hub = "hf_" + "aB3" * 10
    data = redact(
        {
            "token": "s3cret",
            "extra": {"API_KEY": "k", "proxies": {"https": "http://ada:s3cret@proxy:80/"}},
            "eos_token_id": 2,
            "token_id": "x",
            "url": f"https://h/?key={hub}",
        },
        HOMES,
    )
    assert data == {
        "token": "***",
        "extra": {"API_KEY": "***", "proxies": {"https": "http://***@proxy:80/"}},
        "eos_token_id": 2,
        "token_id": "x",
        "url": "https://h/?key=***",
    }


def test_every_test_value_of_every_parameter_can_be_recorded() -> None:
    with collected_messages():
        for path, info in get_backend_params("pytorch").items():
            for value in info["test_values"]:
                name = path.removeprefix("pytorch.")
                settings = PyTorchConfig(**{**info["context"], name: value}).generate_kwargs()
                assert (
                    json.loads(json.dumps(redact(settings, HOMES), allow_nan=False)).keys() == settings.keys()
                )


def test_an_object_that_cannot_be_data_is_an_error() -> None:
    with pytest.raises(TypeError, match="object"):
        redact({"a": [object()]}, HOMES)


def test_the_hash_is_of_the_content() -> None:
    assert short_hash({"a": 1, "b": {"c": 2, "d": 3}}) == short_hash({"b": {"d": 3, "c": 2}, "a": 1})
    assert short_hash({"a": 1}) != short_hash({"a": 1.5})
    assert len(short_hash({})) == 8
