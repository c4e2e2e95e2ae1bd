"""``python -m codegen migrate``: before and after, for scripts and documents; and that what was migrated
runs."""

import itertools
import json
import os
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from codegen.diff.sides import Side
from codegen.migrate import documents, plan, python, successors
from codegen.migrate.plan import Plan
from codegen.migrate.result import Result
from codegen.migrate.successors import ValueSuccessor
from codegen.model import lock
from codegen.model.schema import Schema
from codegen.model.types import Choice, ListOf, Nested
from tests.codegen import expectations, places, releases
from tests.codegen.conftest import Command
from tests.codegen.small_schema import FLOAT, INT, MARK, NOT_NEGATIVE, field, param

OLD = Schema(
    engine="transformers",
    version="2.0.0",
    params=(
        param("kept", INT, default=5),
        param("gone", INT, default=3),
        param("called", FLOAT),
        param("kind", Choice(("grow", "full")), default="grow"),
        param("least", INT, default=0),
        param("words", ListOf(INT)),
        param("mark", Nested("MarkConfig")),
    ),
    nested=(
        replace(MARK, fields=(*MARK.fields, field("depth", INT, default=3), field("lost", INT, default=1))),
    ),
)
NEW = Schema(
    engine="transformers",
    version="2.1.0",
    params=(
        param("kept", INT, default=6),
        param("named", FLOAT),
        param("kind", Choice(("grow",)), default="grow"),
        param("least", NOT_NEGATIVE, default=0),
        param("words", ListOf(INT)),
        param("mark", Nested("MarkConfig")),
    ),
    nested=(replace(MARK, fields=(*MARK.fields, field("height", INT, default=3))),),
)
PLAN = Plan(
    places.ENGINE, OLD, NEW, {"called": "named", "mark.depth": "mark.height"}, {("kind", "full"): "grow"}, {}
)
PINNED = replace(PLAN, pins={"kept": 5})

GONE = "# gone does not exist in transformers 2.1.0; extra passes it on unchanged"
KIND = "# kind = 'full' is 'grow' now"

SCRIPTS = {
    "a successor": ("PyTorchConfig(called=1.5, kept=2)", "PyTorchConfig(named=1.5, kept=2)"),
    "a value": ('c = PyTorchConfig(kind="full")', f'{KIND}\nc = PyTorchConfig(kind="grow")'),
    "what is gone": (
        "c = PyTorchConfig(kept=1, gone=9)",
        f'{GONE}\nc = PyTorchConfig(kept=1, extra={{"gone": 9}})',
    ),
    "what is gone, by itself": (
        "c = PyTorchConfig(gone=9)",
        f'{GONE}\nc = PyTorchConfig(extra={{"gone": 9}})',
    ),
    "gone, with an extra": (
        'c = PyTorchConfig(gone=9, extra={"a": 1})',
        f'{GONE}\nc = PyTorchConfig(extra={{"a": 1, "gone": 9}})',
    ),
    "gone and by default": (
        "c = PyTorchConfig(gone=3, kept=1)",
        "# gone does not exist in transformers 2.1.0; it was set to its default\nc = PyTorchConfig(kept=1)",
    ),
    "several lines": (
        """
        c = PyTorchConfig(
            kept=1,  # few
            gone=compute(),   # much
            called = 1.0,
        )
        """,
        f"""
        {GONE}
        # much
        c = PyTorchConfig(
            kept=1,  # few
            named = 1.0,
            extra={{"gone": compute()}},
        )
        """,
    ),
    "gone in the last of several lines": (
        """
        c = PyTorchConfig(
            kept=1,
            gone=9  # much
        )
        """,
        f"""
        {GONE}
        # much
        c = PyTorchConfig(
            kept=1,
            extra={{"gone": 9}}
        )
        """,
    ),
    "gone before the last of several lines": (
        """
        c = PyTorchConfig(
            gone=9,
            kept=1  # few
        )
        """,
        f"""
        {GONE}
        c = PyTorchConfig(
            kept=1,  # few
            extra={{"gone": 9}}
        )
        """,
    ),
    "a remark behind what is last then": (
        """
        c = PyTorchConfig(
            kept=1,  # few
            gone=3
        )
        d = PyTorchConfig(
            kept=1,
            called=1.0  # loud
        )
        """,
        """
        # gone does not exist in transformers 2.1.0; it was set to its default
        c = PyTorchConfig(
            kept=1,  # few
        )
        d = PyTorchConfig(
            kept=1,
            named=1.0  # loud
        )
        """,
    ),
    "gone beside a dictionary, and in it": (
        'c = PyTorchConfig(gone=9, **{"kept": 1})\nd = PyTorchConfig(kept=1, **{"gone": 8})',
        f"""{GONE}
c = PyTorchConfig(**{{"kept": 1}}, extra={{"gone": 9}})
{GONE}
d = PyTorchConfig(kept=1, **{{}}, extra={{"gone": 8}})""",
    ),
    "read where it is named": (
        "if (c := PyTorchConfig()).called:\n    print(c.called)",
        "if (c := PyTorchConfig()).named:\n    print(c.named)",
    ),
    "a dictionary": ('c = PyTorchConfig(**{"called": 1.0})', 'c = PyTorchConfig(**{"named": 1.0})'),
    "a named dictionary": (
        "settings = {'called': 1.0}\nc = PyTorchConfig(**settings)",
        "settings = {'named': 1.0}\nc = PyTorchConfig(**settings)",
    ),
    "validated": (
        'PyTorchConfig.model_validate({"called": 1})',
        'PyTorchConfig.model_validate({"named": 1})',
    ),
    "copied": (
        'c = PyTorchConfig()\nd = c.model_copy(update={"called": 2.0})',
        'c = PyTorchConfig()\nd = c.model_copy(update={"named": 2.0})',
    ),
    "under another name": (
        "from llenergymeasure.config import PyTorchConfig as P\nP(called=1.0)",
        "from llenergymeasure.config import PyTorchConfig as P\nP(named=1.0)",
    ),
    "a nested dictionary": ('PyTorchConfig(mark={"depth": 2})', 'PyTorchConfig(mark={"height": 2})'),
    "a nested class": (
        "PyTorchConfig(mark=MarkConfig(keys=[1], depth=2))",
        "PyTorchConfig(mark=MarkConfig(keys=[1], height=2))",
    ),
    "read": ("c = PyTorchConfig()\nprint(c.called, c.kept)", "c = PyTorchConfig()\nprint(c.named, c.kept)"),
    "read of an argument": (
        "def f(c: PyTorchConfig) -> float:\n    return c.called",
        "def f(c: PyTorchConfig) -> float:\n    return c.named",
    ),
    "read of an experiment": (
        "# PyTorchConfig\nx = e.pytorch.called",
        "# PyTorchConfig\nx = e.pytorch.named",
    ),
}
UNTOUCHED = (
    "x = Other(called=1.0)  # PyTorchConfig",
    'x = model.model_copy(update={"called": 1.0})  # PyTorchConfig',
    "x = other.called  # PyTorchConfig",
    "PyTorchConfig(kept=1, kind=kind, min_length=n)",
    "PyTorchConfig(*positional)",
    'called = {"called": 1.0}  # PyTorchConfig',
    "called = 1",
)


def _script(text: str, plan: Plan = PLAN) -> Result:
    return python.migrate(Path("a.py"), textwrap.dedent(text), plan)


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_script_is_migrated(what: str) -> None:
    before, after = SCRIPTS[what]
    result = _script(before)
    assert result.after == textwrap.dedent(after)
    assert _script(result.after).after == result.after
    assert result.notes
    compile(result.after, "a.py", "exec")


@pytest.mark.parametrize("text", UNTOUCHED)
def test_code_that_is_not_about_a_configuration_stays(text: str) -> None:
    result = _script(text)
    assert (result.after, result.notes, result.open) == (text, (), ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("PyTorchConfig(least=-1)", "1: least = -1 is refused in transformers 2.1.0, which takes int"),
        ("\nPyTorchConfig(kind='odd')", "2: kind = 'odd' is refused"),
        (
            "PyTorchConfig(mark={'lost': 2})",
            "1: mark.lost does not exist in transformers 2.1.0; decide what to do without it",
        ),
        (
            "c = PyTorchConfig()\nprint(c.gone)",
            "2: gone is read here and no longer exists; its value is in extra",
        ),
        ("PyTorchConfig(\n", "1: it cannot be parsed and is left alone"),
        (
            "PyTorchConfig(gone=9, **settings())",
            "1: gone does not exist in transformers 2.1.0; settings come from ** here, too, so put it into extra by hand",
        ),
    ],
)
def test_what_a_person_has_to_decide(text: str, said: str) -> None:
    result = _script(text)
    assert result.after == text
    assert [each[: len(said)] for each in result.open] == [said]


def test_a_changed_default_is_pinned_on_request() -> None:
    text = "c = PyTorchConfig(words=[1])\nd = PyTorchConfig(kept=1)\n"
    assert _script(text).after == text
    result = _script(text, PINNED)
    pinned = "# kept is pinned to its default in transformers 2.0.0"
    assert result.after == f"{pinned}\nc = PyTorchConfig(words=[1], kept=5)\nd = PyTorchConfig(kept=1)\n"
    assert _script(result.after, PINNED).after == result.after


DOCUMENTS = {
    "block": (
        """
        # mine
        model: {name: builtin:llama}  # this one
        pytorch:
          kept: 1     # few
          gone: 9   # much
          called: 1.0
          kind: "full"
          words:
            - 1

        workload: {requests: 1}
        """,
        """
        # mine
        model: {name: builtin:llama}  # this one
        pytorch:
          kept: 1     # few
          # gone does not exist in transformers 2.1.0; extra passes it on unchanged  # much
          named: 1.0
          kind: "grow"
          words:
            - 1
          extra:
            gone: 9

        workload: {requests: 1}
        """,
    ),
    "an extra that is there": (
        """
        pytorch:
          extra:
            a: 1  # mine
          gone: [1, 2]
        """,
        """
        pytorch:
          extra:
            a: 1  # mine
            gone: [1, 2]
          # gone does not exist in transformers 2.1.0; extra passes it on unchanged
        """,
    ),
    "flow": (
        "pytorch: {kept: 1, gone: 9, called: 1.0}\n",
        "pytorch: {kept: 1, named: 1.0, extra: {gone: 9}}\n",
    ),
    "flow, gone at the end": ("pytorch: {kept: 1, gone: 9}\n", "pytorch: {kept: 1, extra: {gone: 9}}\n"),
    "flow, only gone": ("pytorch: {gone: 9}\n", "pytorch: {extra: {gone: 9}}\n"),
    "removed, at its default": (
        "pytorch:\n  gone: 3\n  kept: 1\n",
        "pytorch:\n  # gone does not exist in transformers 2.1.0; it was set to its default\n  kept: 1\n",
    ),
    "nothing but what was removed, at its default": (
        """
        pytorch:
          gone: 3  # mine
        model: {name: x}
        """,
        """
        pytorch:
          # gone does not exist in transformers 2.1.0; it was set to its default  # mine
          {}
        model: {name: x}
        """,
    ),
    "nested": ("pytorch:\n  mark: {depth: 2}\n", "pytorch:\n  mark: {height: 2}\n"),
    "the release that it names": (
        "transformers: 2.0.0\npytorch: {kept: 1}\n",
        "transformers: 2.1.0\npytorch: {kept: 1}\n",
    ),
}


def _document(text: str, plan: Plan = PLAN, name: str = "a.yaml") -> Result:
    return documents.migrate(Path(name), textwrap.dedent(text), plan)


@pytest.mark.parametrize("what", DOCUMENTS)
def test_a_document_is_migrated(what: str) -> None:
    before, after = DOCUMENTS[what]
    result = _document(before)
    assert result.after == textwrap.dedent(after)
    assert _document(result.after).after == result.after


@pytest.mark.parametrize("blank", ["    ", "\t\t"])
@pytest.mark.parametrize("order", list(itertools.permutations(('"kept": 1', '"gone": 9', '"called": 1.0'))))
def test_json_is_migrated_in_its_layout(order: tuple[str, ...], blank: str) -> None:
    text = '{\n "pytorch": {\n' + ",\n".join(f"{blank}{each}" for each in order) + "\n }\n}\n"
    result = _document(text, name="a.json")
    assert json.loads(result.after) == {"pytorch": {"kept": 1, "named": 1.0, "extra": {"gone": 9}}}
    lines = [f"{blank}{each.replace('called', 'named')}" for each in order if "gone" not in each]
    assert (
        result.after
        == '{\n "pytorch": {\n' + ",\n".join([*lines, f'{blank}"extra": {{"gone": 9}}']) + "\n }\n}\n"
    )
    assert _document(result.after, name="a.json").after == result.after


def test_a_models_own_file_keeps_what_was_removed() -> None:
    """``generation_config.json`` has no ``extra``: what was removed stays, and is reported."""
    text = '{\n  "transformers_version": "2.0.0",\n  "gone": 9,\n  "called": 1.0\n}\n'
    result = _document(text, name="generation_config.json")
    assert json.loads(result.after) == {"transformers_version": "2.0.0", "gone": 9, "named": 1.0}
    assert result.open == (
        "3: gone does not exist in transformers 2.1.0; a model's own file has no extra, so it stays",
    )
    assert _document(result.after, name="generation_config.json").after == result.after


@pytest.mark.parametrize(
    "text", ["kept: 1\ngone: 9\n", "- gone\n", "", "pytorch: 3\n", "a: [1\n", "pytorch: {gone: 9, gone: 8}\n"]
)
def test_a_file_that_is_not_a_configuration_or_cannot_be_read_stays(text: str) -> None:
    result = _document(text)
    assert (result.after if text != "pytorch: {gone: 9, gone: 8}\n" else text) == text


def test_a_value_that_is_an_alias_is_left_to_a_person() -> None:
    text = "nine: &nine 9\npytorch:\n  gone: *nine\n  kept: 1\n"
    result = _document(text)
    assert result.after == text
    assert result.open == (
        "3: gone does not exist in transformers 2.1.0; its value is an alias, so write it out first",
    )


def test_a_changed_default_is_pinned_in_documents() -> None:
    result = _document("pytorch:\n  words: [1]\nother: 1\n", PINNED)
    assert (
        result.after
        == "pytorch:\n  words: [1]\n  kept: 5  # pinned to its default in transformers 2.0.0\nother: 1\n"
    )
    assert _document(result.after, PINNED).after == result.after
    assert _document("pytorch: {words: [1]}\n", PINNED).after == "pytorch: {words: [1], kept: 5}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{"kept": 5, "least": 0}'),
        ("{ }", '{"kept": 5, "least": 0 }'),
        ('{"words": [1]}', '{"words": [1], "kept": 5, "least": 0}'),
        ('{"gone": 9}', '{"kept": 5, "least": 0, "extra": {"gone": 9}}'),
        ('{\n  "gone": 9\n}', '{\n  "kept": 5,\n  "least": 0,\n  "extra": {"gone": 9}\n}'),
        (
            '{\n  "gone": 9,\n  "words": [1]\n}',
            '{\n  "words": [1],\n  "kept": 5,\n  "least": 0,\n  "extra": {"gone": 9}\n}',
        ),
    ],
)
def test_several_settings_are_added_to_json(before: str, after: str) -> None:
    pinned = replace(PLAN, pins={"kept": 5, "least": 0})
    result = _document(f'{{"pytorch": {before}}}', pinned, name="a.json")
    assert result.after == f'{{"pytorch": {after}}}'
    assert _document(result.after, pinned, name="a.json").after == result.after


def test_only_real_changes_of_a_default_are_pinned() -> None:
    sides = [Side(engine=places.ENGINE, label="", schema=schema) for schema in (OLD, NEW)]
    assert plan.make(*sides, places.ROOT, pin_defaults=True).pins == {"kept": 5}
    assert plan.make(*sides, places.ROOT, pin_defaults=False).pins == {}


def test_the_successors_are_of_names_and_values_that_there_were() -> None:
    """Each entry is about something that one supported release has and a later one has under another name."""
    import tomllib

    raw = tomllib.loads((places.ROOT / places.ENGINE.successors).read_text(encoding="utf-8"))
    new = lock.load(places.ROOT / places.LOCK)
    for each in raw["names"]:
        assert new.field(each["new"]) is not None
    for each in raw["values"]:
        found = new.field(each["parameter"])
        assert found is not None
        assert isinstance(found.type, Choice)
        assert each["new"] in found.type.values
        assert each["old"] not in found.type.values


# --- the command

LOSSES = [
    (old, new, name)
    for old, new in pairwise(places.SUPPORTED)
    for name in expectations.of(new).step.get("param-removed", ())
]
"""The parameters that supported releases have lost: the release before, that one, and the name."""
RENAMED = [
    each
    for each in successors.load(places.ENGINE, places.ROOT).values
    if "." not in each.parameter and each.is_between(places.SUPPORTED[0], places.SUPPORTED[-1])
]
"""Values of parameters that have another name in the newest release."""

SCRIPT = '''\
"""Written for transformers OLD."""

from llenergymeasure.config.backend_configs import PyTorchConfig

settings = {"LOST": False, "top_p": 0.9}
config = PyTorchConfig(
    max_new_tokens=4,  # short
    do_sample=True,
    RENAMED="VALUE",
    **settings,
)
print(sorted(config.generate_kwargs()))
'''
EXPERIMENT = """\
# Written for transformers OLD.
model:
  name: builtin:llama
workload: {requests: 1, batch_size: 1}
pytorch:
  max_new_tokens: 4   # short
  LOST: false
  RENAMED: VALUE  # without a window
measurement: {devices: none}
"""


@pytest.fixture
def loss() -> tuple[str, str, str]:
    """The last of :data:`LOSSES`."""
    if not LOSSES:
        pytest.skip("no supported release has lost a parameter that the one before has")
    return LOSSES[-1]


@pytest.fixture
def renamed(loss: tuple[str, str, str]) -> ValueSuccessor:
    """A value that is there in the release before that loss, under another name."""
    found = [each for each in RENAMED if each.is_between(loss[0], places.SUPPORTED[-1])]
    if not found:
        pytest.skip("no value was renamed since a parameter was lost")
    return found[0]


@pytest.fixture
def project(tmp_path: Path, loss: tuple[str, str, str], renamed: ValueSuccessor) -> Path:
    """A script and an experiment of the release before the loss."""
    old, _, lost = loss
    words = {"OLD": old, "LOST": lost, "RENAMED": renamed.parameter, "VALUE": str(renamed.old)}
    for name, text in (("script.py", SCRIPT), ("experiment.yaml", EXPERIMENT)):
        written = re.sub("|".join(words), lambda found: words[found[0]], text)
        (tmp_path / name).write_text(written, encoding="utf-8")
    return tmp_path


def _steps(old: str, new: str) -> tuple[str, ...]:
    return "--from", str(releases.wheel(old)), "--to", str(releases.wheel(new))


def _runs(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(places.LIBRARY), "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_was_written_for_an_older_release_runs_on_the_newest(
    codegen: Command, project: Path, loss: tuple[str, str, str], renamed: ValueSuccessor
) -> None:
    steps = _steps(loss[0], places.SUPPORTED[-1])
    script = (project / "script.py").read_text(encoding="utf-8")
    assert _runs(project, "script.py").returncode != 0
    shown = codegen("migrate", project, *steps)
    assert shown.code == 1
    assert f'+  {renamed.parameter}: "{renamed.new}"  # without a window' in shown.out
    assert (project / "script.py").read_text(encoding="utf-8") == script

    written = codegen("migrate", project, *steps, "--write")
    assert written.code == 0, written.out
    assert "2 files read, 2 changed; 0 changes are left to make by hand." in written.out
    ran = _runs(project, "script.py")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == f"{sorted((renamed.parameter, 'do_sample', 'max_new_tokens', 'top_p'))}\n"
    measured = _runs(project, "-m", "llenergymeasure", "measure", "experiment.yaml", "--out", "results")
    assert measured.returncode in (0, 1), measured.stderr  # 1: a run so short is kept, and marked invalid
    assert list((project / "results").glob("*.json")) or list((project / "results").rglob("*.json"))

    again = codegen("migrate", project, *steps, "--write")
    assert (again.code, "0 changed" in again.out) == (0, True)


def test_bad_input_of_the_command(codegen: Command, tmp_path: Path) -> None:
    steps = ("--from", str(places.ROOT / places.LOCK), "--to", str(places.ROOT / places.LOCK))
    missing = codegen("migrate", tmp_path / "none.py", *steps)
    assert (missing.code, "there is no such file or folder" in missing.err) == (2, True)
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    assert codegen("migrate", tmp_path / "a.txt", *steps).code == 2
    (tmp_path / "a.txt").unlink()
    (tmp_path / "a.py").write_bytes(b"\xff\xfePyTorchConfig")
    (tmp_path / "b.yaml").write_text("pytorch: {a: [1\n", encoding="utf-8")
    broken = codegen("migrate", tmp_path, *steps, "--write")
    assert broken.code == 1
    assert "a.py:1: it is not text in UTF-8 and is left alone  [decide]" in broken.out
    assert "b.yaml:1: it cannot be parsed and is left alone" in broken.out
    assert (tmp_path / "a.py").read_bytes() == b"\xff\xfePyTorchConfig"


def test_links_marks_and_line_ends_stay(codegen: Command, tmp_path: Path, loss: tuple[str, str, str]) -> None:
    old, new, lost = loss
    project = tmp_path / "project"
    project.mkdir()
    before = f"pytorch:\r\n  {lost}: true\r\n  top_k: 5\r\n"
    (project / "ends.yaml").write_bytes(before.encode())
    (project / "mark.py").write_bytes(f"\ufeffc = PyTorchConfig({lost}=True)\r\n".encode())
    (project / "link.yaml").symlink_to("ends.yaml")
    (project / "loop").symlink_to(".")
    arguments = ("migrate", project, *_steps(old, new), "--write")
    done = codegen(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "2 files read, 2 changed" in done.out
    assert (project / "link.yaml").is_symlink()
    assert (project / "ends.yaml").read_bytes().decode() == (
        f"pytorch:\r\n  # {lost} does not exist in transformers {new}; extra passes it on unchanged\r\n"
        f"  top_k: 5\r\n  extra:\r\n    {lost}: true\r\n"
    )
    assert (project / "mark.py").read_bytes().decode() == (
        f"\ufeff# {lost} does not exist in transformers {new}; extra passes it on unchanged\r\n"
        f'c = PyTorchConfig(extra={{"{lost}": True}})\r\n'
    )
    assert "0 changed" in codegen(*arguments).out
