"""Pull requests and issues, through GitHub's own client ``gh``, which knows the repository and the token."""

import json
from dataclasses import dataclass
from pathlib import Path

from codegen.errors import UpgradeError
from codegen.upgrade.repository import run


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request, as far as an upgrade needs it."""

    number: int
    is_open: bool
    is_merged: bool


@dataclass(frozen=True, slots=True)
class Forge:
    """The service that hosts the repository of a checkout. All methods raise UpgradeError if ``gh`` fails."""

    root: Path

    def pull_requests(self, branch: str) -> tuple[PullRequest, ...]:
        """All pull requests of a branch, open or not, newest first."""
        listed = self._list("pr", "list", "--head", branch, "--state", "all", "--json", "number,state")
        return tuple(
            PullRequest(int(entry["number"]), entry["state"] == "OPEN", entry["state"] == "MERGED")
            for entry in listed
        )

    def open_pull_request(self, branch: str, title: str, body: Path) -> None:
        """Open a pull request for a branch that was pushed."""
        self._run("pr", "create", "--head", branch, "--title", title, "--body-file", str(body))

    def update_pull_request(self, number: int, title: str, body: Path) -> None:
        """Replace the title and the text of a pull request."""
        self._run("pr", "edit", str(number), "--title", title, "--body-file", str(body))

    def comment(self, number: int, body: Path) -> None:
        """Add a comment to a pull request."""
        self._run("pr", "comment", str(number), "--body-file", str(body))

    def find_issue(self, title: str) -> int | None:
        """The number of the open issue with exactly that title, None if there is none."""
        search = ("--state", "open", "--search", f'in:title "{title}"')
        listed = self._list("issue", "list", *search, "--json", "number,title")
        return next((int(entry["number"]) for entry in listed if entry["title"] == title), None)

    def open_issue(self, title: str, body: Path) -> None:
        """Open an issue."""
        self._run("issue", "create", "--title", title, "--body-file", str(body))

    def update_issue(self, number: int, body: Path) -> None:
        """Replace the text of an issue."""
        self._run("issue", "edit", str(number), "--body-file", str(body))

    def _list(self, *arguments: str) -> list[dict[str, str]]:
        text = self._run(*arguments)
        try:
            listed: list[dict[str, str]] = json.loads(text)
        except ValueError as error:
            raise UpgradeError(f"gh {' '.join(arguments[:2])} did not answer with JSON: {text!r}") from error
        return listed

    def _run(self, *arguments: str) -> str:
        return run(["gh", *arguments], self.root).stdout.decode(errors="replace")
