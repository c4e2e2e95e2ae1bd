"""The workflows cannot run here. What can be checked: they are thin and pinned, and have few permissions."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.codegen import places

WORKFLOWS = sorted((places.ROOT / ".github" / "workflows").glob("*.yml"))


def _steps(path: Path) -> list[dict[str, Any]]:
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return [step for job in data["jobs"].values() for step in job["steps"]]


def test_there_are_two_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["test.yml", "upgrade.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_digest(path: Path) -> None:
    used = [step["uses"] for step in _steps(path) if "uses" in step]
    assert used
    for each in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", each), each


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_is_a_make_target_that_there_is(path: Path) -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (places.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for step in _steps(path):
        if "run" in step:
            command, target = step["run"].split()[:2]
            assert (command, target in targets) == ("make", True), step["run"]


def _permissions(path: Path) -> dict[str, dict[str, str]]:
    """What each job may do."""
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return {name: job.get("permissions", data["permissions"]) for name, job in data["jobs"].items()}


def test_each_job_has_only_the_permissions_it_needs() -> None:
    assert {path.name: _permissions(path) for path in WORKFLOWS} == {
        "test.yml": {"test": {"contents": "read"}},
        "upgrade.yml": {
            "prepare": {"contents": "read"},
            "propose": {"contents": "write", "issues": "write", "pull-requests": "write"},
        },
    }


def test_the_job_that_may_write_has_the_token_and_runs_nothing_of_the_other() -> None:
    """It checks out the main branch, takes a folder from the first job, and runs the one target."""
    data = YAML(typ="safe").load(WORKFLOWS[1].read_text(encoding="utf-8"))
    prepare, propose = data["jobs"]["prepare"], data["jobs"]["propose"]
    assert "GH_TOKEN" not in str(prepare)
    assert [step["run"].split()[1] for step in propose["steps"] if "run" in step] == ["propose"]
    [checked_out] = [step for step in prepare["steps"] if "checkout" in step.get("uses", "")]
    assert checked_out["with"] == {"persist-credentials": False}
