"""The exceptions about stored records.

::

    ResultsError
    ├── StorageError         a file cannot be written or read
    ├── NoPackageError       an optional package is needed, and not installed
    ├── BrokenRecordError    the file is not a complete record
    └── NewerRecordError     a newer llenergymeasure wrote it, in a format that this one does not know
"""


class ResultsError(Exception):
    """Anything that this package raises on purpose; its text names the file, and says what to do."""


class StorageError(ResultsError):
    """A file cannot be written or read; the message has the operating system's reason."""


class NoPackageError(ResultsError):
    """An optional package is not installed; the message has the command that installs it."""


class BrokenRecordError(ResultsError):
    """The file holds something else than a record, or only a part of one."""


class NewerRecordError(ResultsError):
    """The record's format is newer than this program."""
