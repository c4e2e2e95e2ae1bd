"""The few things that an upgrade does with git, in a checkout of this repository."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen.errors import UpgradeError

BOT = {"name": "upgrade", "email": "upgrade@users.noreply.github.com"}
"""Who commits an upgrade. A commit by anybody else on its branch is a person's, and is never overwritten."""


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a patch.

    Args:
        path: from the root of the checkout.
        mode: what kind of file it is afterwards, as git writes it; ``000000`` of one that is deleted.
    """

    path: Path
    mode: str


@dataclass(frozen=True, slots=True)
class Repository:
    """A checkout."""

    root: Path

    def git(self, *arguments: str) -> str:
        """What a git command prints.

        Raises:
            UpgradeError: it failed, or there is no git.
        """
        return self._run(*arguments).stdout.decode(errors="replace").strip()

    def succeeds(self, *arguments: str) -> bool:
        """Whether a git command that answers with its exit code says yes."""
        return self._run(*arguments, ok=(0, 1)).returncode == 0

    def head(self) -> str:
        """The commit that is checked out."""
        return self.git("rev-parse", "HEAD")

    def is_clean(self) -> bool:
        """Whether nothing is changed or new."""
        return not self.git("status", "--porcelain")

    def patch(self) -> bytes:
        """The difference of the working tree to its commit, new files included; nothing stays staged."""
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
        """Apply and stage a patch, and give what it changes.

        Raises:
            UpgradeError: it does not apply, or changes something outside of the tree.
        """
        self.git("apply", "--index", "--binary", "--whitespace=nowarn", str(patch.resolve()))
        raw = self.git("diff", "--cached", "--raw", "--no-renames", "-z").split("\0")
        return tuple(
            Change(Path(name), info.split()[1]) for info, name in zip(raw[::2], raw[1::2], strict=False)
        )

    def commit(self, message: str) -> str:
        """Commit what is staged, as :data:`BOT`, and give the commit."""
        identity = [f"user.{key}={value}" for key, value in BOT.items()]
        options = [option for each in identity for option in ("-c", each)]
        self.git(*options, "commit", "--quiet", "--no-verify", "--message", message)
        return self.head()

    def _run(self, *arguments: str, ok: tuple[int, ...] = (0,)) -> "subprocess.CompletedProcess[bytes]":
        return run(["git", *arguments], self.root, ok=ok)


def run(
    command: list[str], folder: Path, *, ok: tuple[int, ...] = (0,)
) -> "subprocess.CompletedProcess[bytes]":
    """Run a program of the forge or of git, without a shell.

    Raises:
        UpgradeError: it is not installed, or ended with a code that is not expected.
    """
    name = " ".join(command[:2])
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 - a fixed program, checked arguments, and no shell
    except OSError as error:
        raise UpgradeError(f"{command[0]} cannot be run ({error.strerror}); install it.") from error
    if done.returncode not in ok:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise UpgradeError(f"{name} failed with exit code {done.returncode}: {said}")
    return done
