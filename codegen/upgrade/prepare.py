"""``python -m codegen upgrade``: the steps of an upgrade that need no person, and a patch of their changes.

The steps are the commands that a maintainer would type. They run in this checkout, where a person can go on
by hand. The output of each step is kept in a log; what a person has to read of it is in the text of the pull
request.
"""

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen import checkout
from codegen.errors import UpgradeError
from codegen.exits import FAILED, FINDINGS, FINE
from codegen.model import lock
from codegen.upgrade import pins
from codegen.upgrade.outcome import STATES, Handover, Outcome
from codegen.upgrade.repository import Repository
from codegen.upstream.engine import Engine

FOLDER = Path(".cache/upgrade")
PYTHON = sys.executable
LAST_LINES = 60
"""How many lines of a step's output the text shows."""

EXIT_CODES = {"clean": FINE, "unchanged": FINE, "open": FINDINGS, "failed": FAILED}
"""By the state in which an upgrade ends."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command of an upgrade.

    Args:
        name: the name of the step.
        command: the program and its arguments.
        title: the heading of its output in the text.
        shown_if_fine: whether the text shows its output even if the step succeeds.
        is_markdown: whether its output is Markdown already.
        essential: whether the upgrade stops if the step fails.
        installs: whether it installs packages, so that the pins have to be updated.
    """

    name: str
    command: tuple[str, ...]
    title: str
    shown_if_fine: bool = False
    is_markdown: bool = False
    essential: bool = False
    installs: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended.

    Args:
        step: the step.
        code: the exit code of its command.
        seconds: how long it took.
        output: what it printed.
    """

    step: Step
    code: int
    seconds: float
    output: str

    @property
    def result(self) -> str:
        """The exit code in words."""
        return {FINE: "fine", FINDINGS: "something to decide or to correct"}.get(self.code, "failed")

    @property
    def stops(self) -> bool:
        """Whether the upgrade stops here."""
        return self.step.essential and self.code not in (FINE, FINDINGS)


def steps(engine: Engine, old: str, new: str) -> tuple[Step, ...]:
    """The steps from one release to another, in order."""
    codegen = (PYTHON, "-m", "codegen")
    compare = (*codegen, "diff", old, new, "--engine", engine.name)
    adopt = (*codegen, "refresh", f"--{engine.name}", new, "--adopt")
    requirement = f"{engine.package.distribution}=={new}"
    install = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement)
    return (
        Step(
            "diff",
            (*compare, "--format", "markdown", "--fail-on", "breaking"),
            "What changes for users",
            shown_if_fine=True,
            is_markdown=True,
        ),
        Step("refresh", adopt, "Refresh", essential=True),
        Step("install", install, "Installing the release", essential=True, installs=True),
        Step("fidelity", ("make", "fidelity"), "Fidelity: the schema against the real call"),
        Step("check", (*codegen, "check", "--engine", engine.name), "What a person has to decide"),
        Step("test", ("make", "test"), "Tests"),
    )


def upgrade(arguments: argparse.Namespace) -> int:
    """Prepare an upgrade, and leave its files for ``propose``.

    The exit code is 0 if the pull request needs no edit by hand, 1 if a person has something to decide, 2 if
    the schema could not be made.

    Raises:
        UpgradeError: the working tree has changes, or a program that is needed does not run.
    """
    engine: Engine = arguments.engine
    repository = Repository(checkout.ROOT)
    old = lock.load(checkout.ROOT / engine.lock).version
    new = _as_version(arguments.to) if arguments.to else pins.newest(engine.package.distribution)
    handover = Handover(arguments.into or checkout.ROOT / FOLDER)
    base = repository.head()
    if Version(new) <= Version(old) and not arguments.to:
        handover.begin()
        handover.write(Outcome(engine.name, old, old, base, "unchanged"), b"", "")
        print(f"{engine.name} {old}: {STATES['unchanged']}.")
        return FINE
    if not repository.is_clean():
        raise UpgradeError(
            "the working tree has changes; commit or stash them, so that the patch is the upgrade's alone"
        )
    handover.begin()
    done = tuple(_run_all(steps(engine, old, new), handover.folder))
    state = _state(done)
    outcome = Outcome(engine.name, old, new, base, state)
    handover.write(outcome, repository.patch(), body(outcome, done))
    print(f"{outcome.title}: {STATES[state]}. The patch and its text are in {handover.folder}.")
    return EXIT_CODES[state]


def _as_version(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        raise UpgradeError(f"{version!r} is not a version such as 1.2.3") from None


def _run_all(planned: tuple[Step, ...], folder: Path) -> Iterator[Done]:
    """Run the steps in order until an essential one fails."""
    for step in planned:
        print(f"{step.name} ...", end=" ", flush=True)
        begin = time.monotonic()
        log = folder / f"{step.name}.log"
        with log.open("w", encoding="utf-8") as file:
            code = _run(step, file.fileno())
        if step.installs and code == FINE:
            _repin()
        done = Done(step, code, time.monotonic() - begin, log.read_text(encoding="utf-8", errors="replace"))
        print(f"{done.result} ({done.seconds:.0f} s)" + (f"; see {log}" if code else ""))
        yield done
        if done.stops:
            return


def _run(step: Step, output: int) -> int:
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, a checked version, and no shell
            step.command, cwd=checkout.ROOT, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    except OSError as error:
        raise UpgradeError(f"{step.command[0]} cannot be run ({error.strerror}); install it") from error
    return done.returncode


def _repin() -> None:
    """Pin the versions that were installed with the release, so that the same are installed everywhere."""
    path = checkout.ROOT / pins.FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(pins.repinned(text, pins.installed(text)), encoding="utf-8")


def _state(done: tuple[Done, ...]) -> str:
    if done[-1].stops:
        return "failed"
    return "open" if any(step.code for step in done) else "clean"


def body(outcome: Outcome, done: tuple[Done, ...]) -> str:
    """The text of the pull request or the issue, in Markdown."""
    lines = [f"{outcome.engine} {outcome.old} to {outcome.new}: **{STATES[outcome.state]}**.", ""]
    lines += ["| step | result | seconds |", "| --- | --- | ---: |"]
    lines += [f"| {one.step.name} | {one.result} | {one.seconds:.0f} |" for one in done]
    for one in done:
        if one.output.strip() and (one.code or one.step.shown_if_fine):
            lines += ["", f"## {one.step.title}", "", _shown(one)]
    return "\n".join(lines) + "\n"


def _shown(done: Done) -> str:
    """The output of a step: Markdown as it is, anything else in a fence that nothing in it can end."""
    if done.step.is_markdown and done.code in (FINE, FINDINGS):
        return done.output.strip()
    lines = done.output.strip().splitlines()
    if len(lines) > LAST_LINES:
        lines = [f"... {len(lines) - LAST_LINES} lines before", *lines[-LAST_LINES:]]
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *lines, fence])
