"""A prepared upgrade becomes a pull request: real git, a bare remote, a stand-in for GitHub's client."""

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from codegen import checkout
from codegen.upgrade.outcome import MAX_BODY, Handover, Outcome
from codegen.upgrade.repository import BOT, Repository
from tests.codegen import gh, places
from tests.codegen.conftest import Command

ENGINE = places.ENGINE
NEW = "99.1.0"
BRANCH = f"upgrade/{ENGINE.name}-{NEW}"
LOCK = str(ENGINE.lock)
PAGE = str(ENGINE.page)
NEW_FILE = "tests/codegen/replay/new.txt"


@dataclass(frozen=True)
class Forge:
    """A bare repository with a client, a clone of it, and the folder between the two jobs."""

    clone: Path
    remote: Path
    client: Path
    handover: Handover

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """What a git command prints."""
        command = ["git", "-c", "user.name=A Person", "-c", "user.email=person@example.org", *arguments]
        done = subprocess.run(command, cwd=at or self.clone, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def state(self) -> dict[str, Any]:
        """What is on the forge."""
        data: dict[str, Any] = json.loads((self.client / "forge.json").read_text(encoding="utf-8"))
        return data

    def set_state(self, **data: object) -> None:
        """Put something on the forge."""
        whole = {"pr": [], "issue": [], "commands": []} | data
        (self.client / "forge.json").write_text(json.dumps(whole), encoding="utf-8")

    def prepare(self, text: str = "changed", *, state: str = "clean", body: str = "the text") -> Outcome:
        """What the first job leaves: a changed lock and page, and a new file."""
        (self.clone / LOCK).write_text(text + "\n", encoding="utf-8")
        (self.clone / PAGE).write_text(text + "\n", encoding="utf-8")
        (self.clone / NEW_FILE).parent.mkdir(parents=True, exist_ok=True)
        (self.clone / NEW_FILE).write_text(text + "\n", encoding="utf-8")
        repository = Repository(self.clone)
        outcome = Outcome(ENGINE.name, "99.0.0", NEW, repository.head(), state)
        self.handover.begin()
        self.handover.write(outcome, repository.patch(), body)
        self.git("reset", "--hard", "--quiet")
        self.git("clean", "-dfq")
        return outcome

    def branch(self) -> list[str]:
        """The commits of the branch that are not in main, newest first: committer and subject."""
        return self.git("log", "--format=%ce %s", f"main..{BRANCH}", at=self.remote).splitlines()

    def content(self, path: str) -> str:
        """A file on the branch."""
        return self.git("show", f"{BRANCH}:{path}", at=self.remote)

    def has_branch(self) -> bool:
        """Whether it was pushed."""
        return bool(self.git("branch", "--list", BRANCH, at=self.remote))

    def commit_of_a_person(self) -> str:
        """A person corrects something on the branch, and pushes."""
        self.git("fetch", "--quiet", "origin", BRANCH)
        self.git("switch", "--quiet", "--detach", "FETCH_HEAD")
        (self.clone / "docs" / "page.md").write_text("corrected\n", encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A correction")
        self.git("push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")
        self.git("switch", "--quiet", "main")
        return self.git("rev-parse", BRANCH, at=self.remote)


@pytest.fixture
def forge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Forge:
    made = Forge(tmp_path / "clone", tmp_path / "remote", tmp_path / "bin", Handover(tmp_path / "handover"))
    made.client.mkdir()
    script = made.client / "gh"
    script.write_text(
        f"#!{sys.executable}\n{Path(gh.__file__).read_text(encoding='utf-8')}", encoding="utf-8"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    made.set_state()
    monkeypatch.setenv("PATH", f"{made.client}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(checkout, "ROOT", made.clone)
    for path in (LOCK, PAGE, "docs/page.md", "Makefile", str(ENGINE.folder / "engine.py")):
        (made.clone / path).parent.mkdir(parents=True, exist_ok=True)
        (made.clone / path).write_text("before\n", encoding="utf-8")
    made.git("init", "--quiet", "--bare", "--initial-branch=main", str(made.remote), at=tmp_path)
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message", "The beginning")
    made.git("remote", "add", "origin", str(made.remote))
    made.git("push", "--quiet", "--set-upstream", "origin", "main")
    return made


@pytest.fixture
def propose(codegen: Command, forge: Forge) -> Callable[[], Any]:
    return lambda: codegen("propose", forge.handover.folder)


def test_a_pull_request_with_one_commit_that_has_the_new_files(
    forge: Forge, propose: Callable[[], Any]
) -> None:
    forge.prepare()
    done = propose()
    assert (done.code, done.err) == (0, "")
    assert done.out == f"pushed {BRANCH}\nopened a pull request: {ENGINE.name} {NEW}\n"
    assert forge.branch() == [f"{BOT['email']} {ENGINE.name} {NEW}"]
    assert [forge.content(path) for path in (LOCK, PAGE, NEW_FILE)] == ["changed"] * 3
    (request,) = forge.state()["pr"]
    assert (request["head"], request["title"], request["body"]) == (
        BRANCH,
        f"{ENGINE.name} {NEW}",
        "the text",
    )
    assert forge.git("status", "--porcelain") == ""
    assert forge.git("worktree", "list").count("\n") == 0


def test_the_same_again_pushes_nothing_and_updates_the_text(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare()
    propose()
    before = forge.git("rev-parse", BRANCH, at=forge.remote)
    forge.prepare(body="a newer text")
    assert (
        propose().out == f"{BRANCH} has these changes already\nupdated pull request 1: {ENGINE.name} {NEW}\n"
    )
    assert forge.git("rev-parse", BRANCH, at=forge.remote) == before
    assert [each["body"] for each in forge.state()["pr"]] == ["a newer text"]


def test_another_result_replaces_the_commit(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare()
    propose()
    forge.prepare("better", state="open")
    assert propose().code == 0
    assert len(forge.branch()) == 1
    assert forge.content(LOCK) == "better"
    assert [each["title"] for each in forge.state()["pr"]] == [f"{ENGINE.name} {NEW}: needs a decision"]


def test_a_main_branch_that_has_moved_on_is_no_obstacle(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare()
    forge.git("commit", "--quiet", "--allow-empty", "--message", "Meanwhile")
    forge.git("push", "--quiet")
    assert propose().code == 0
    assert len(forge.branch()) == 1


def test_a_persons_commits_are_never_overwritten(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare()
    propose()
    theirs = forge.commit_of_a_person()
    forge.prepare("better", body="a newer text")
    done = propose()
    assert done.code == 0
    assert "has commits by person@example.org; it is left as it is" in done.out
    assert forge.git("rev-parse", BRANCH, at=forge.remote) == theirs
    (request,) = forge.state()["pr"]
    assert (request["body"], request["comments"]) == ("the text", ["a newer text"])


def test_a_push_of_a_person_in_between_is_not_overwritten(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare()
    propose()
    other = forge.clone.parent / "other"
    forge.git("clone", "--quiet", "--branch", BRANCH, str(forge.remote), str(other), at=forge.clone.parent)
    forge.git("commit", "--quiet", "--allow-empty", "--message", "In between", at=other)
    hook = forge.clone / ".git" / "hooks" / "pre-push"  # it runs after the branch was looked at
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nunset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE\ngit -C {other} push --quiet\n")
    hook.chmod(0o755)
    forge.prepare("better")
    done = propose()
    assert done.code == 2
    assert "git push failed" in done.err
    assert forge.branch()[0] == "person@example.org In between"


@pytest.mark.parametrize(
    ("known", "opened"),
    [
        ("CLOSED", 0),  # somebody does not want it
        ("MERGED", 1),  # and something is to be done again
    ],
)
def test_a_pull_request_that_is_no_longer_open(
    forge: Forge, propose: Callable[[], Any], known: str, opened: int
) -> None:
    forge.prepare()
    before = {"number": 1, "state": known, "title": "", "body": "", "head": BRANCH, "comments": []}
    forge.set_state(pr=[before])
    done = propose()
    assert done.code == 0
    assert len([each for each in forge.state()["pr"] if each["state"] == "OPEN"]) == opened
    assert forge.has_branch() is bool(opened)


def test_a_failure_becomes_an_issue_once(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare(state="failed")
    title = f"{ENGINE.name} {NEW} cannot be read yet"
    assert propose().out == f"opened an issue: {title}\n"
    forge.prepare(state="failed", body="a newer text")
    assert propose().out == f"updated issue 1: {title}\n"
    assert [(each["title"], each["body"]) for each in forge.state()["issue"]] == [(title, "a newer text")]
    assert not forge.has_branch()


def test_nothing_new_proposes_nothing(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.prepare(state="unchanged")
    done = propose()
    assert (done.code, forge.state()["commands"], forge.has_branch()) == (0, [], False)
    assert "there is nothing to propose" in done.out


def _link(forge: Forge) -> None:
    (forge.clone / LOCK).unlink()
    (forge.clone / LOCK).symlink_to("/etc/passwd")


def _write(path: str) -> Callable[[Forge], None]:
    def write(forge: Forge) -> None:
        (forge.clone / path).parent.mkdir(parents=True, exist_ok=True)
        (forge.clone / path).write_text("hostile\n", encoding="utf-8")

    return write


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_write(".github/workflows/upgrade.yml"), ".github/workflows/upgrade.yml"),
        (_write("Makefile"), "Makefile"),
        (_write("pyproject.toml"), "pyproject.toml"),
        (_write("src/llenergymeasure/__init__.py"), "src/llenergymeasure/__init__.py"),
        (_write(str(ENGINE.folder / "engine.py")), "engine.py"),
        (_write("tests/conftest.py"), "tests/conftest.py"),
        (lambda forge: (forge.clone / LOCK).chmod(0o755), LOCK),
        (_link, LOCK),
    ],
)
def test_a_patch_of_anything_else_is_refused(
    forge: Forge, propose: Callable[[], Any], change: Callable[[Forge], None], named: str
) -> None:
    change(forge)
    repository = Repository(forge.clone)
    outcome = Outcome(ENGINE.name, "99.0.0", NEW, repository.head(), "clean")
    forge.handover.begin()
    forge.handover.write(outcome, repository.patch(), "")
    forge.git("reset", "--hard", "--quiet")
    done = propose()
    assert done.code == 2
    assert named in done.err
    assert not forge.has_branch()
    assert forge.state()["pr"] == []


@pytest.mark.parametrize(
    "patch",
    [
        "--- /dev/null\n+++ b/../outside\n@@ -0,0 +1 @@\n+x\n",
        "--- /dev/null\n+++ b/.git/hooks/pre-push\n@@ -0,0 +1 @@\n+x\n",
        "no patch",
        "",
    ],
)
def test_a_patch_that_is_none_of_this_tree_is_refused(
    forge: Forge, propose: Callable[[], Any], patch: str
) -> None:
    forge.prepare()
    forge.handover.patch.write_text(patch, encoding="utf-8")
    done = propose()
    assert done.code == 2
    assert "Traceback" not in done.err
    assert not forge.has_branch()


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"new": "1.0; rm -rf /"}, "is not a version"),
        ({"new": "--upload-pack=x"}, "is not a version"),
        ({"base": "HEAD"}, "is not a commit"),
        ({"base": "0" * 39 + "g"}, "is not a commit"),
        ({"state": "merged"}, "none of"),
        ({"engine": "vllm"}, "is an upgrade of vllm"),
        ({"engine": 3}, "not a text"),
        ({"format": 2}, "format 1"),
        ({"more": "x"}, "nothing else"),
    ],
)
def test_an_outcome_that_is_none_is_refused(
    forge: Forge, propose: Callable[[], Any], entry: dict[str, object], named: str
) -> None:
    forge.prepare()
    data = json.loads(forge.handover.outcome.read_text(encoding="utf-8"))
    forge.handover.outcome.write_text(json.dumps(data | entry), encoding="utf-8")
    done = propose()
    assert done.code == 2
    assert named in done.err
    assert not forge.has_branch()


def test_without_an_outcome_the_command_that_makes_one_is_named(
    forge: Forge, propose: Callable[[], Any]
) -> None:
    done = propose()
    assert done.code == 2
    path = forge.handover.outcome
    said = f"codegen: {path} cannot be read (No such file or directory); make it with: make upgrade\n"
    assert done.err == said


def test_a_base_that_is_not_in_main_is_refused(forge: Forge, propose: Callable[[], Any]) -> None:
    forge.git("commit", "--quiet", "--allow-empty", "--message", "Never pushed")
    forge.prepare()
    done = propose()
    assert (done.code, forge.has_branch()) == (2, False)
    assert "which is not in origin/main" in done.err


@pytest.mark.parametrize(
    ("script", "named"),
    [
        (None, "gh cannot be run (No such file or directory); install it."),
        ("#!/bin/sh\necho no token >&2\nexit 4\n", "gh pr failed with exit code 4: no token"),
        ("#!/bin/sh\necho hello\n", "did not answer with JSON"),
    ],
)
def test_a_client_that_does_not_work(
    forge: Forge, propose: Callable[[], Any], script: str | None, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge.prepare()
    if script is None:
        git = shutil.which("git")
        assert git is not None
        (forge.client / "gh").unlink()
        (forge.client / "git").symlink_to(git)
        monkeypatch.setenv("PATH", str(forge.client))
    else:
        (forge.client / "gh").write_text(script, encoding="utf-8")
    done = propose()
    assert (done.code, forge.has_branch()) == (2, False)
    assert named in done.err


def test_a_text_that_is_too_long_is_cut_at_a_line(forge: Forge) -> None:
    outcome = forge.prepare()
    forge.handover.write(replace(outcome), b"", "a line\n" * MAX_BODY)
    text = forge.handover.body.read_text(encoding="utf-8")
    assert len(text) <= MAX_BODY
    assert text.endswith("a line\n\n*This text was cut; the job's log has the rest.*\n")


def test_where_there_is_permission_to_push_hardly_anything_is_imported() -> None:
    code = "import sys, codegen.cli.main, codegen.upgrade.propose; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=places.ROOT, capture_output=True, text=True, check=True
    )
    ours = {"codegen", "packaging"}
    loaded = {name.partition(".")[0] for name in done.stdout.split()} - ours
    assert {
        name for name in loaded if name not in sys.stdlib_module_names and not name.startswith("_")
    } == set()
