"""Pull requests and issues, through GitHub's own client ``gh``, which knows the repository and the token."""

import json
from dataclasses import dataclass
from pathlib import Path

from codegen.errors import UpgradeError
from codegen.upgrade.repository import run


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One of a branch."""

    number: int
    is_open: bool
    is_merged: bool


@dataclass(frozen=True, slots=True)
class Forge:
    """Where the repository is hosted, as seen from a checkout of it."""

    root: Path

    def pull_requests(self, branch: str) -> tuple[PullRequest, ...]:
        """All of a branch, open or not, newest first."""
        found = self._list("pr", "list", "--head", branch, "--state", "all", "--json", "number,state")
        return tuple(
            PullRequest(int(each["number"]), each["state"] == "OPEN", each["state"] == "MERGED")
            for each in found
        )

    def open_pull_request(self, branch: str, title: str, body: Path) -> None:
        """Open one for a branch that was pushed."""
        self._run("pr", "create", "--head", branch, "--title", title, "--body-file", str(body))

    def renew_pull_request(self, number: int, title: str, body: Path) -> None:
        """Replace title and text."""
        self._run("pr", "edit", str(number), "--title", title, "--body-file", str(body))

    def comment(self, number: int, body: Path) -> None:
        """Add a comment to a pull request."""
        self._run("pr", "comment", str(number), "--body-file", str(body))

    def open_issue_of(self, title: str) -> int | None:
        """The number of the open issue with exactly that title."""
        search = ("--state", "open", "--search", f'in:title "{title}"')
        found = self._list("issue", "list", *search, "--json", "number,title")
        return next((int(each["number"]) for each in found if each["title"] == title), None)

    def open_issue(self, title: str, body: Path) -> None:
        """Open an issue."""
        self._run("issue", "create", "--title", title, "--body-file", str(body))

    def renew_issue(self, number: int, body: Path) -> None:
        """Replace the text of an issue."""
        self._run("issue", "edit", str(number), "--body-file", str(body))

    def _list(self, *arguments: str) -> list[dict[str, str]]:
        text = self._run(*arguments)
        try:
            found: list[dict[str, str]] = json.loads(text)
        except ValueError as error:
            raise UpgradeError(f"gh {' '.join(arguments[:2])} did not answer with JSON: {text!r}") from error
        return found

    def _run(self, *arguments: str) -> str:
        return run(["gh", *arguments], self.root).stdout.decode(errors="replace")
