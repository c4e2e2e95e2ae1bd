"""The automatic part of an upgrade: its steps, how it ends, and what it hands on."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from codegen import checkout
from codegen.cli.main import parser
from codegen.model import lock
from codegen.upgrade import pins, prepare
from codegen.upgrade.outcome import STATES, Handover
from codegen.upgrade.repository import Repository
from codegen.upstream import download
from tests.codegen import places
from tests.codegen.conftest import Command

ENGINE = places.ENGINE
COMMITTED = lock.load(places.ROOT / places.LOCK).version
NEW = "99.1.0"
CONSTRAINTS = "# What CI installs.\nhypothesis==0.1\nnot-installed-here==2.0\n"

Script = dict[str, str]
"""For each step, the Python that stands in for its command."""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a lock and constraints, and nothing else."""
    made = tmp_path / "checkout"
    (made / places.LOCK).parent.mkdir(parents=True)
    (made / places.LOCK).write_bytes((places.ROOT / places.LOCK).read_bytes())
    (made / pins.FILE).write_text(CONSTRAINTS, encoding="utf-8")
    repository = Repository(made)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("add", "--all")
    repository.commit("The beginning")
    monkeypatch.setattr(checkout, "ROOT", made)
    return made


@pytest.fixture
def upgrade(
    codegen: Command, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Script], Any]:
    """Run the real steps, with a piece of Python in place of each command."""
    real = prepare.steps

    def scripted(script: Script) -> Any:
        def steps(*arguments: Any) -> tuple[prepare.Step, ...]:
            return tuple(
                prepare.Step(
                    **{
                        name: getattr(step, name)
                        for name in prepare.Step.__dataclass_fields__
                        if name != "command"
                    },
                    command=(sys.executable, "-c", script.get(step.name, "")),
                )
                for step in real(*arguments)
            )

        monkeypatch.setattr(prepare, "steps", steps)
        return codegen("upgrade", "--to", NEW, "--into", tmp_path / "handover")

    return scripted


@pytest.fixture
def handover(tmp_path: Path) -> Handover:
    return Handover(tmp_path / "handover")


CHANGES = "open('docs.md', 'w').write('a page'); open('constraints.txt', 'a').write('more==1\\n')"
DIFFERENCE = "print('**2 findings**')"
FAILS = "import sys; print('a `sentence` with ``` in it'); sys.exit({})"


@pytest.mark.parametrize(
    ("script", "state", "code", "ran"),
    [
        ({}, "clean", 0, 6),
        ({"diff": FAILS.format(1)}, "open", 1, 6),
        ({"fidelity": FAILS.format(1)}, "open", 1, 6),
        ({"fidelity": FAILS.format(2)}, "open", 1, 6),
        ({"check": FAILS.format(1)}, "open", 1, 6),
        ({"test": FAILS.format(2)}, "open", 1, 6),
        ({"refresh": FAILS.format(1)}, "open", 1, 6),
        ({"refresh": FAILS.format(2)}, "failed", 2, 2),
        ({"install": FAILS.format(2)}, "failed", 2, 3),
        ({"diff": FAILS.format(2), "refresh": FAILS.format(2)}, "failed", 2, 2),
    ],
)
def test_what_becomes_of_an_upgrade(  # noqa: PLR0917 - pytest gives them by name
    upgrade: Callable[[Script], Any], handover: Handover, script: Script, state: str, code: int, ran: int
) -> None:
    done = upgrade(script)
    assert done.code == code, done.err
    assert handover.read().state == state
    text = handover.body.read_text(encoding="utf-8")
    assert text.startswith(f"{ENGINE.name} {COMMITTED} to {NEW}: **{STATES[state]}**.\n")
    assert len(re.findall(r"^\| [a-z]+ \| (?:fine|something|failed)", text, re.MULTILINE)) == ran
    failed = [name for name, each in script.items() if each]
    assert all(f"{name} ..." in done.out for name in failed)
    assert text.count("a `sentence`") == len(failed)


def test_the_patch_has_what_changed_and_what_is_new(
    upgrade: Callable[[Script], Any], handover: Handover, root: Path
) -> None:
    assert upgrade({"refresh": CHANGES, "diff": DIFFERENCE}).code == 0
    repository = Repository(root)
    assert repository.git("diff", "--cached") == ""  # nothing stays staged
    with repository.worktree("HEAD") as tree:
        changed = tree.apply(handover.patch)
        assert [str(each.path) for each in changed] == ["constraints.txt", "docs.md"]
        assert (tree.root / "docs.md").read_text(encoding="utf-8") == "a page"
    assert "\n## What changes for users\n\n**2 findings**\n" in handover.body.read_text(encoding="utf-8")


def test_what_the_release_brought_with_it_is_pinned(upgrade: Callable[[Script], Any], root: Path) -> None:
    upgrade({})
    text = (root / pins.FILE).read_text(encoding="utf-8")
    found = re.fullmatch(r"# What CI installs\.\nhypothesis==(\S+)\nnot-installed-here==2\.0\n", text)
    assert found is not None
    assert Version(found[1]) > Version("1")


def test_nothing_in_an_output_ends_its_block(upgrade: Callable[[Script], Any], handover: Handover) -> None:
    upgrade({"check": FAILS.format(1)})
    text = handover.body.read_text(encoding="utf-8")
    assert "````text\na `sentence` with ``` in it\n````\n" in text


def test_a_tree_with_changes_is_refused_before_anything_runs(
    upgrade: Callable[[Script], Any], root: Path, handover: Handover
) -> None:
    (root / "new.txt").write_text("mine", encoding="utf-8")
    done = upgrade({"diff": CHANGES})
    assert done.code == 2
    assert "commit or stash" in done.err
    assert not handover.folder.exists()
    assert not (root / "docs.md").exists()


def test_an_upgrade_that_is_interrupted_leaves_nothing_of_an_earlier_one(
    upgrade: Callable[[Script], Any], handover: Handover, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise ``propose`` would propose the earlier one again."""
    upgrade({"refresh": CHANGES})
    Repository(root).git("reset", "--hard", "--quiet")
    Repository(root).git("clean", "-dfq")
    assert handover.read().state == "clean"

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "_run", interrupted)
    assert upgrade({}).code == 130
    assert not any(path.exists() for path in (handover.outcome, handover.patch, handover.body))


def test_a_folder_that_cannot_be_made_is_named(codegen: Command, root: Path) -> None:
    assert root.exists()
    done = codegen("upgrade", "--to", NEW, "--into", root / pins.FILE / "out")
    assert done.code == 2
    assert done.err.endswith("cannot hold the patch (Not a directory); name another folder with --into.\n")


@pytest.mark.parametrize("newest", [COMMITTED, places.SUPPORTED[0]])
def test_without_a_newer_release_there_is_nothing_to_do(
    codegen: Command, root: Path, handover: Handover, monkeypatch: pytest.MonkeyPatch, newest: str
) -> None:
    monkeypatch.setattr(pins, "newest", lambda _: newest)
    done = codegen("upgrade", "--into", handover.folder)
    assert (done.code, done.out) == (0, f"{ENGINE.name} {COMMITTED}: {STATES['unchanged']}.\n")
    assert handover.read().state == "unchanged"
    assert Repository(root).is_clean()


def test_a_version_that_is_none_is_refused(codegen: Command, root: Path) -> None:
    done = codegen("upgrade", "--to", "next", "--into", root / "out")
    assert (done.code, done.err) == (2, "codegen: 'next' is not a version such as 1.2.3\n")


def test_the_newest_release_comes_from_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """pip's report is its documented way to say what it would install."""
    report = {"install": [{"metadata": {"name": "Some_Package", "version": "1.2"}}]}

    def run(command: list[str], **_: object) -> Any:
        assert command[-1] == "some-package"
        return type("Done", (), {"stdout": json.dumps(report), "stderr": ""})

    monkeypatch.setattr(download.subprocess, "run", run)
    assert pins.newest("some-package") == "1.2"


def test_every_step_is_a_command_that_there_is() -> None:
    targets = (places.ROOT / "Makefile").read_text(encoding="utf-8")
    for step in prepare.steps(ENGINE, COMMITTED, NEW):
        match step.command:
            case ("make", target):
                assert re.search(rf"^{target}:", targets, re.MULTILINE)
            case (_, "-m", "codegen", *arguments):
                assert parser().parse_args(arguments).engine == ENGINE.name
            case (_, "-m", "pip", "install", *_, wanted):
                assert wanted == f"{ENGINE.package.distribution}=={NEW}"
            case _:
                pytest.fail(f"unknown: {step.command}")
