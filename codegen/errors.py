"""What can go wrong, one class per cause. Each message says what is wrong, where, and gives a hint.

::

    CodegenError              anything below; the command ends with exit code 2
    ├── SourceError           no such release: not installed, no such file, a broken wheel, too old
    │   └── MissingFileError  the release is there, but one of its files is not
    ├── UnknownShapeError     the source has a form that the readers do not know
    ├── MistakesError         a hand-written file has mistakes
    │   ├── OverridesError    overrides.toml: malformed, contradicted, repeated, without a reason
    │   ├── AcceptedError     accepted.toml, accepted_problems.toml: malformed, or an entry matches nothing
    │   ├── EvidenceError     evidence.json: malformed, or of another format
    │   ├── ReleasesError     releases.toml: malformed, or not in order
    │   └── SuccessorsError   successors.toml: malformed
    ├── RevisionError         no such git revision, or none with a lock
    ├── MigrateError          a file or folder to migrate is not there
    ├── LockError             schema.lock.json: missing, broken, from a newer format
    ├── RecordError           executed.json: broken, from a newer format
    ├── RenderError           a template or the formatter failed
    ├── ProofError            a rendered file is not what was meant; nothing was written
    ├── UpgradeError          an upgrade could not be prepared or proposed
    └── WriteError            the files could not be written; the old ones are unchanged
"""

from collections.abc import Sequence

from codegen.mistakes import Mistake


class CodegenError(Exception):
    """The tool could not do its work. ``str(error)`` is a sentence for the user."""


class SourceError(CodegenError):
    """The requested source is not available."""


class MissingFileError(SourceError):
    """A file of the source is not there."""


class UnknownShapeError(CodegenError):
    """The source has a form that its reader does not know.

    Going on would silently lose parameters, which is worse than no result; so this ends the run.
    """

    def __init__(self, where: str, what: str) -> None:
        super().__init__(
            f"{where}: {what}. The source has an unknown form; extend the code that reads that place "
            f"before refreshing from this release."
        )
        self.where = where
        self.what = what


class MistakesError(CodegenError):
    """A hand-written file has mistakes. All of them are reported at once."""

    def __init__(self, label: str, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__("\n".join([f"{label} has {count}:", *(f"  {mistake}" for mistake in mistakes)]))


class OverridesError(MistakesError):
    """``overrides.toml`` is wrong, by itself or for a release."""


class RevisionError(CodegenError):
    """There is no such git revision of this repository, or none with a lock to compare with."""


class AcceptedError(MistakesError):
    """``accepted.toml`` is wrong, by itself or for a comparison; or ``accepted_problems.toml``."""


class EvidenceError(MistakesError):
    """``evidence.json`` is wrong."""


class ReleasesError(MistakesError):
    """``releases.toml`` is wrong."""


class SuccessorsError(MistakesError):
    """``successors.toml`` is wrong."""


class MigrateError(CodegenError):
    """What was asked to be migrated is not there, or cannot be."""


class LockError(CodegenError):
    """``schema.lock.json`` cannot be used."""


class RecordError(CodegenError):
    """``executed.json`` cannot be used."""


class RenderError(CodegenError):
    """The templates could not be rendered or the result could not be formatted."""


class ProofError(CodegenError):
    """A proof of the rendered files failed. ``proof`` names which one."""

    def __init__(self, proof: str, detail: str) -> None:
        super().__init__(f"The rendered files failed the proof '{proof}': {detail} Nothing was written.")
        self.proof = proof
        self.detail = detail


class UpgradeError(CodegenError):
    """An upgrade could not be prepared, or what was prepared could not be proposed."""


class WriteError(CodegenError):
    """The generated files could not be replaced; the old ones are unchanged."""
