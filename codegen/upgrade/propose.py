"""``python -m codegen propose``: a prepared upgrade becomes a pull request, or an issue if it failed.

Each release has its own branch, which is updated as long as only :data:`~codegen.upgrade.repository.BOT` has
committed to it. Once a person has committed to it, or has closed its pull request, it is left alone.
"""

import argparse
from pathlib import Path

from codegen import checkout
from codegen.errors import UpgradeError
from codegen.exits import FINE
from codegen.upgrade import pins
from codegen.upgrade.forge import Forge
from codegen.upgrade.outcome import STATES, Handover, Outcome
from codegen.upgrade.repository import BOT, Change, Repository
from codegen.upstream.engine import Engine

REMOTE = "origin"
PLAIN_FILE = "100644"
"""The mode in git of a file that is not executable, and no link."""
DELETED = "000000"
"""The mode that git gives for a file that is deleted."""
MAY_CHANGE = (
    pins.FILE,
    Path("README.md"),
    Path("docs"),
    Path("tests"),
    Path("benchmarks/results"),
)
"""Where an upgrade may change data, besides the engine's own folder. It may change code only among the
generated modules."""


def propose(arguments: argparse.Namespace) -> int:
    """Open or update the pull request or the issue that the outcome calls for.

    Raises:
        UpgradeError: the outcome cannot be read or is not this engine's, the patch changes what no upgrade
            does, or git or ``gh`` failed.
    """
    engine: Engine = arguments.engine
    handover = Handover(arguments.folder)
    outcome = handover.read()
    if outcome.engine != engine.name:
        raise UpgradeError(f"{handover.folder} is an upgrade of {outcome.engine}, not of {engine.name}")
    proposal = Proposal(Repository(checkout.ROOT), Forge(checkout.ROOT), handover, outcome, arguments.base)
    match outcome.state:
        case "unchanged":
            print(f"{outcome.engine} {outcome.new}: {STATES['unchanged']}; there is nothing to propose.")
        case "failed":
            proposal.report()
        case _:
            proposal.push_and_open(engine)
    return FINE


class Proposal:
    """One prepared upgrade, and where it is proposed."""

    def __init__(
        self, repository: Repository, forge: Forge, handover: Handover, outcome: Outcome, base: str
    ) -> None:
        self.repository = repository
        self.forge = forge
        self.handover = handover
        self.outcome = outcome
        self.base = f"{REMOTE}/{base}"

    def report(self) -> None:
        """Open or update an issue about an upgrade that failed, where there is nothing to merge."""
        title, body = self.outcome.title, self.handover.body
        number = self.forge.find_issue(title)
        if number is None:
            self.forge.open_issue(title, body)
            print(f"opened an issue: {title}")
        else:
            self.forge.update_issue(number, body)
            print(f"updated issue {number}: {title}")

    def push_and_open(self, engine: Engine) -> None:
        """Push a branch with one commit, and open or update its pull request."""
        branch = self.outcome.branch
        requests = self.forge.pull_requests(branch)
        current = next((request for request in requests if request.is_open), None)
        if current is None and any(not request.is_merged for request in requests):
            print(f"the pull request of {branch} was closed; it is not opened again")
            return
        before = self._remote_commit(branch)
        if before is not None and (person := self._person_on(before)):
            if current is not None:
                self.forge.comment(current.number, self.handover.body)
            print(f"{branch} has commits by {person}; it is left as it is")
            return
        self._push(branch, before, engine)
        if current is None:
            self.forge.open_pull_request(branch, self.outcome.title, self.handover.body)
            print(f"opened a pull request: {self.outcome.title}")
        else:
            self.forge.update_pull_request(current.number, self.outcome.title, self.handover.body)
            print(f"updated pull request {current.number}: {self.outcome.title}")

    def _remote_commit(self, branch: str) -> str | None:
        """The commit of the branch on the remote, None if there is no such branch."""
        self.repository.git("fetch", "--quiet", REMOTE)
        listed = self.repository.git("ls-remote", REMOTE, f"refs/heads/{branch}")
        if not listed:
            return None
        self.repository.git("fetch", "--quiet", REMOTE, f"refs/heads/{branch}")
        return listed.split()[0]

    def _person_on(self, commit: str) -> str:
        """The address of a committer to the branch who is not the bot; empty if there is none."""
        committers = self.repository.git("log", "--format=%ce", f"{self.base}..{commit}").splitlines()
        return next((committer for committer in committers if committer != BOT["email"]), "")

    def _push(self, branch: str, before: str | None, engine: Engine) -> None:
        if not self.repository.succeeds("merge-base", "--is-ancestor", self.outcome.base, self.base):
            raise UpgradeError(f"the patch was made on {self.outcome.base}, which is not in {self.base}")
        with self.repository.worktree(self.outcome.base) as tree:
            for change in tree.apply(self.handover.patch):
                _check(change, engine)
            commit = tree.commit(f"{engine.name} {self.outcome.new}")
            if before is not None and tree.git("rev-parse", f"{before}^{{tree}}") == tree.git(
                "rev-parse", f"{commit}^{{tree}}"
            ):
                print(f"{branch} has these changes already")
                return
            # The lease makes git refuse the push if somebody has pushed in the meantime.
            lease = f"--force-with-lease=refs/heads/{branch}:{before or ''}"
            tree.git("push", "--quiet", lease, REMOTE, f"{commit}:refs/heads/{branch}")
            print(f"pushed {branch}")


def _check(change: Change, engine: Engine) -> None:
    """Check that a change is one that an upgrade makes: to data or generated modules, in plain files.

    Raises:
        UpgradeError: it is another one.
    """
    generated = engine.module.parent
    allowed = (generated,) if change.path.suffix == ".py" else (generated, engine.folder, *MAY_CHANGE)
    if not any(change.path.is_relative_to(folder) for folder in allowed):
        raise UpgradeError(f"the patch changes {change.path}, which no upgrade does; nothing was pushed")
    if change.mode not in (PLAIN_FILE, DELETED):
        raise UpgradeError(
            f"the patch makes {change.path} something other than a plain file; nothing was pushed"
        )
