"""The few things that an upgrade does with git, in a checkout of this repository."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen.errors import UpgradeError

BOT = {"name": "upgrade", "email": "upgrade@users.noreply.github.com"}
"""The author of an upgrade's commit. Any other author on its branch is a person, whose commits are never
overwritten."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a patch.

    Args:
        path: the path from the root of the checkout.
        mode: the file's mode afterwards, as git writes it; ``000000`` if it is deleted.
    """

    path: Path
    mode: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout of this repository."""

    root: Path

    def git(self, *arguments: str) -> str:
        """Run a git command, and return what it prints.

        Raises:
            UpgradeError: it failed, or there is no git.
        """
        return self._run(*arguments).stdout.decode(errors="replace").strip()

    def succeeds(self, *arguments: str) -> bool:
        """Run a git command that answers with its exit code: whether this is 0, and not 1."""
        return self._run(*arguments, ok=(0, 1)).returncode == 0

    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def is_clean(self) -> bool:
        """Whether the working tree has no changes and no new files."""
        return not self.git("status", "--porcelain")

    def patch(self) -> bytes:
        """The difference between the working tree and its commit, with new files; nothing stays staged."""
        self.git("add", "--all")
        try:
            return self._run("diff", "--cached", "--binary", "--no-color", "--no-ext-diff").stdout
        finally:
            self.git("reset", "--quiet")

    @contextmanager
    def worktree(self, commit: str) -> Iterator["Repository"]:
        """Another working tree with a commit checked out, for as long as the context lasts."""
        with TemporaryDirectory(prefix="upgrade-") as folder:
            place = Path(folder) / "tree"
            self.git("worktree", "add", "--quiet", "--detach", str(place), commit)
            try:
                yield Repository(place)
            finally:
                self.git("worktree", "remove", "--force", str(place))

    def apply(self, patch: Path) -> tuple[Change, ...]:
        """Apply and stage a patch, and return what it changes.

        Raises:
            UpgradeError: it does not apply, or changes something outside the tree.
        """
        self.git("apply", "--index", "--binary", "--whitespace=nowarn", str(patch.resolve()))
        raw = self.git("diff", "--cached", "--raw", "--no-renames", "-z").split("\0")
        return tuple(
            Change(Path(name), info.split()[1]) for info, name in zip(raw[::2], raw[1::2], strict=False)
        )

    def commit(self, message: str) -> str:
        """Commit what is staged, as :data:`BOT`, and return the commit."""
        options = [option for key, value in BOT.items() for option in ("-c", f"user.{key}={value}")]
        self.git(*options, "commit", "--quiet", "--no-verify", "--message", message)
        return self.head()

    def _run(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> "subprocess.CompletedProcess[bytes]":
        return run(["git", *arguments], self.root, ok=ok)


def run(
    command: list[str], folder: Path, *, ok: tuple[int, ...] = (0,)
) -> "subprocess.CompletedProcess[bytes]":
    """Run ``git`` or ``gh``, without a shell.

    Args:
        command: the program and its arguments.
        folder: the folder that it runs in.
        ok: the exit codes that are no failure.

    Raises:
        UpgradeError: it is not installed, or ended with another code.
    """
    name = " ".join(command[:2])
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - a fixed program, checked arguments, and no shell
    except OSError as error:
        raise UpgradeError(f"{command[0]} cannot be run ({error.strerror}); install it.") from error
    if done.returncode not in ok:
        output = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise UpgradeError(f"{name} failed with exit code {done.returncode}: {output}")
    return done
