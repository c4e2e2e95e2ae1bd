"""What the job that prepares an upgrade hands to the one that proposes it: a folder with three files.

``outcome.json`` says how the upgrade ended, ``changes.patch`` is the difference including new files, and
``body.md`` is the text of the pull request or the issue. The reader runs with permission to push, so it
trusts none of the files, and needs no package but ``packaging``.
"""

import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.errors import UpgradeError

FORMAT = 1
MAX_BODY = 65_000
"""The longest text, in characters. GitHub accepts 65,536; this leaves some room."""

STATES = {
    "unchanged": "the committed release is the newest",
    "clean": "nothing needs a decision",
    "open": "a person has something to decide or to correct",
    "failed": "the schema could not be made",
}
"""Every way in which an upgrade can end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an upgrade ended.

    Args:
        engine: the name of the engine.
        old: the release that was committed.
        new: the release that was upgraded to.
        base: the commit that the patch applies to, as 40 hexadecimal digits.
        state: one of :data:`STATES`.
    """

    engine: str
    old: str
    new: str
    base: str
    state: str

    @property
    def title(self) -> str:
        """The title of the pull request or the issue."""
        suffix = {"open": ": needs a decision", "failed": " cannot be read yet"}.get(self.state, "")
        return f"{self.engine} {self.new}{suffix}"

    @property
    def branch(self) -> str:
        """The name of the branch, which no other upgrade uses."""
        return f"upgrade/{self.engine}-{self.new}"


@dataclass(frozen=True, slots=True)
class Handover:
    """The folder between the two jobs."""

    folder: Path

    @property
    def patch(self) -> Path:
        """The difference, as ``git diff --binary`` writes it."""
        return self.folder / "changes.patch"

    @property
    def body(self) -> Path:
        """The text, in Markdown."""
        return self.folder / "body.md"

    @property
    def outcome(self) -> Path:
        """The :class:`Outcome`, as JSON."""
        return self.folder / "outcome.json"

    def begin(self) -> None:
        """Make the folder, and remove the files of an earlier upgrade from it.

        Raises:
            UpgradeError: the folder cannot be written to.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path in (self.outcome, self.patch, self.body):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise UpgradeError(
                f"{self.folder} cannot hold the patch ({error.strerror}); name another folder with --into."
            ) from error

    def write(self, outcome: Outcome, patch: bytes, body: str) -> None:
        """Write all three files; a body that is too long is cut after a line, with a note at its end."""
        self.patch.write_bytes(patch)
        self.body.write_text(_fitted(body), encoding="utf-8")
        data = {"format": FORMAT, **asdict(outcome)}
        self.outcome.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    def read(self) -> Outcome:
        """Read and check the outcome.

        Raises:
            UpgradeError: there is none, or it is not in the form that :meth:`write` gives it.
        """
        try:
            data = json.loads(self.outcome.read_text(encoding="utf-8"))
            outcome = _checked(data)
        except OSError as error:
            raise UpgradeError(
                f"{self.outcome} cannot be read ({error.strerror}); make it with: make upgrade"
            ) from error
        except (ValueError, RecursionError) as error:
            raise UpgradeError(f"{self.outcome} is not the outcome of an upgrade: {error}.") from error
        return outcome


def _checked(data: object) -> Outcome:
    """The outcome in some data. Everything in it is checked, since it becomes arguments of git.

    Raises:
        ValueError: it is not an outcome.
    """
    names = [field.name for field in fields(Outcome)]
    if not isinstance(data, dict) or set(data) != {"format", *names}:
        raise ValueError(f"it has to have format, {', '.join(names)}, and nothing else")
    if data.pop("format") != FORMAT:
        raise ValueError(f"this codegen reads format {FORMAT}")
    if not all(isinstance(value, str) for value in data.values()):
        raise ValueError("a value is not a text")
    outcome = Outcome(**data)
    if outcome.state not in STATES:
        raise ValueError(f"{outcome.state!r} is none of {', '.join(STATES)}")
    for version in (outcome.old, outcome.new):
        try:
            Version(version)
        except InvalidVersion:
            raise ValueError(f"{version!r} is not a version") from None
    if not re.fullmatch("[0-9a-f]{40}", outcome.base):
        raise ValueError(f"{outcome.base!r} is not a commit")
    return outcome


def _fitted(body: str) -> str:
    if len(body) <= MAX_BODY:
        return body
    note = "\n\n*This text was cut; the job's log has the rest.*\n"
    return body[: MAX_BODY - len(note)].rpartition("\n")[0] + note
