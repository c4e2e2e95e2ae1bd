"""What is reported about a file that was made under another release of transformers than the schema, and by
``doctor`` about the installed release."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from llenergymeasure.cli import doctor
from llenergymeasure.cli.main import main
from llenergymeasure.config import releases
from llenergymeasure.config import transformers_bridge as upstream
from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.errors import InvalidConfigError
from llenergymeasure.config.loading import load_experiment
from llenergymeasure.config.releases import (
    OtherReleaseWarning,
    compare_installed,
    differences,
    warn_of_another_release,
)

OURS = PyTorchConfig.engine_version


BEFORE = "1.0.0"
"""A made-up release with some differences."""
COMPARED = next(iter(releases._releases()))
"""Some release that is in the data."""


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the data by that of two releases: the schema's and the made-up one."""
    now = releases._releases()[OURS]
    then = {name: facts for name, facts in now.parameters.items() if name != "top_h"}
    then |= {"long_gone": ["bool | None", None], "output_attentions": ["bool | None", False]}
    then |= {"assistant_early_exit": ["None", None]}
    both = {BEFORE: now._replace(parameters=then), OURS: now}
    monkeypatch.setattr(releases, "_releases", lambda: both)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(
    ("release", "names", "sentences"),
    [
        (OURS, list(PyTorchConfig.params), []),
        (BEFORE, ["top_k", "temperature"], []),
        (BEFORE, ["long_gone"], [f"long_gone does not exist in {OURS}"]),
        (BEFORE, ["top_h"], [f"top_h is new since {BEFORE}"]),
        (BEFORE, ["output_attentions"], ["output_attentions is None if unset, and was False"]),
        (BEFORE, ["assistant_early_exit"], ["assistant_early_exit takes int | None and took None"]),
        (BEFORE, ["no_such_parameter"], []),
        (
            "0.9",
            ["top_k"],
            [f"transformers 0.9 is not one of the releases that are compared here ({BEFORE}, {OURS})"],
        ),
    ],
)
def test_differences_of_a_release(release: str, names: list[str], sentences: list[str]) -> None:
    assert list(differences(release, names)) == sentences


def test_the_schema_is_among_the_releases() -> None:
    """The data is generated separately from the module, and must contain its release."""
    _, defaults = upstream.installed_defaults()
    assert compare_installed(defaults, OURS) == ()
    assert set(defaults) == set(PyTorchConfig.params)


def _experiment(path: Path, head: str, settings: str) -> Path:
    path.write_text(f"{head}model: {{name: builtin:llama}}\npytorch: {{{settings}}}\n", encoding="utf-8")
    return path


@pytest.mark.usefixtures("before")
def test_an_experiment_for_another_release_says_what_differs(tmp_path: Path) -> None:
    path = _experiment(tmp_path / "a.yaml", f"transformers: {BEFORE}\n", "output_attentions: true, top_k: 5")
    with pytest.warns(OtherReleaseWarning) as caught:
        load_experiment(path)
    [warning] = caught
    assert str(warning.message) == (
        f"{path}: was made for transformers {BEFORE}, and this schema is of {OURS}: "
        "output_attentions is None if unset, and was False."
    )


@pytest.mark.usefixtures("before")
def test_a_refused_experiment_first_warns_of_its_release(tmp_path: Path) -> None:
    path = _experiment(tmp_path / "a.yaml", f"transformers: {BEFORE}\n", "long_gone: true")
    with (
        pytest.warns(OtherReleaseWarning, match="long_gone does not exist in"),
        pytest.raises(InvalidConfigError),
    ):
        load_experiment(path)


@pytest.mark.parametrize("head", ["", f"transformers: {OURS}\n"])
def test_no_warning_for_this_release_or_without_a_release(tmp_path: Path, head: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_experiment(_experiment(tmp_path / "a.yaml", head, "top_k: 5"))


INSTALLED = (
    ({}, ()),
    ({"top_k": 40}, ("top_k is 40 in transformers 3.0 if unset, and 50 in the schema",)),
    ({"penalty": None}, ("penalty is in transformers 3.0, and the schema does not have it",)),
    ({"do_sample": 0}, ("do_sample is 0 in transformers 3.0 if unset, and False in the schema",)),
)


@pytest.mark.parametrize(("changed", "sentences"), INSTALLED)
def test_the_installed_class_is_compared_by_names_and_defaults(
    changed: dict[str, object], sentences: tuple[str, ...]
) -> None:
    _, defaults = upstream.installed_defaults()
    assert compare_installed(defaults | changed, "3.0") == sentences


def test_a_removed_parameter_is_named() -> None:
    _, defaults = upstream.installed_defaults()
    del defaults["top_h"]
    assert compare_installed(defaults, "3.0") == (
        "top_h is in the schema, and transformers 3.0 does not have it",
    )


def test_doctor_says_that_the_schema_fits(capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor"])
    assert f"schema: fits the installed transformers {OURS}" in capsys.readouterr().out
    main(["doctor", "--json"])
    assert json.loads(capsys.readouterr().out)["schema"] == {"transformers": OURS, "differences": []}


def test_doctor_fails_where_the_schema_does_not_fit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, defaults = upstream.installed_defaults()
    monkeypatch.setattr(upstream, "installed_defaults", lambda: ("3.0", defaults | {"top_k": 40}))
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "schema: 1 difference from the installed transformers 3.0; install the release" in out
    assert "  top_k is 40 in transformers 3.0 if unset, and 50 in the schema" in out


def test_doctor_says_that_rules_differ(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a release whose names and defaults are all the same."""
    _, defaults = upstream.installed_defaults()
    monkeypatch.setattr(upstream, "installed_defaults", lambda: ("1.0", defaults))
    known = releases._releases()
    ours = known[OURS]
    changed = dict(ours.rules)
    gone, other, *_ = sorted(changed)
    del changed[gone]
    changed |= {other: "different", "that-is-new": "x", "another-one": "y"}
    both = known | {"1.0": ours._replace(rules=changed)}
    monkeypatch.setattr(releases, "_releases", lambda: both)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "schema: 3 differences from the installed transformers 1.0" in out
    assert f"  the rule {gone} is in the schema, and not in transformers 1.0\n" in out
    assert "  2 rules are in transformers 1.0, and not in the schema: another-one, that-is-new\n" in out
    assert f"  the rule {other} is different in transformers 1.0\n" in out


def test_doctor_says_that_the_rules_of_a_release_are_not_known(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, defaults = upstream.installed_defaults()
    monkeypatch.setattr(upstream, "installed_defaults", lambda: ("1.0", defaults))
    main(["doctor"])
    out = capsys.readouterr().out
    assert "schema: names and defaults fit the installed transformers 1.0\n  its rules across" in out


def test_a_schema_of_an_unknown_release_is_reported_in_a_sentence_everywhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A refresh for a release that is not in the data makes such a schema."""
    monkeypatch.setattr(PyTorchConfig, "engine_version", "99.0")
    sentence = "transformers 99.0 is not one of the releases that are compared here"
    assert differences(COMPARED, ["top_k"])[0].startswith(sentence)
    assert main(["doctor"]) == 1
    assert sentence in capsys.readouterr().out
    with pytest.warns(OtherReleaseWarning, match=sentence):
        load_experiment(_experiment(tmp_path / "a.yaml", f"transformers: {COMPARED}\n", "top_k: 5"))
    with pytest.warns(OtherReleaseWarning, match=sentence):
        warn_of_another_release("a record", COMPARED)


def test_doctor_without_transformers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    main(["doctor"])
    assert (
        "schema: transformers is not installed, so there is nothing to compare it with"
        in capsys.readouterr().out
    )


def test_a_warning_on_the_terminal_is_a_sentence(tmp_path: Path) -> None:
    path = _experiment(tmp_path / "a.yaml", f"transformers: {COMPARED}\n", "no_such_parameter: true")
    done = subprocess.run(
        [sys.executable, "-m", "llenergymeasure", "measure", str(path), "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"warning: {path}: was made for transformers {COMPARED}, and this schema is of"
    )
