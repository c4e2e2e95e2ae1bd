"""What can go wrong with stored records.

::

    ResultsError
    ├── StorageError         a record cannot be written or read
    ├── NoPackageError       a package that is optional is needed, and not installed
    ├── BrokenRecordError    the file is not a record
    └── NewerRecordError     a newer llenergymeasure wrote it, in a format that this one does not know
"""


class ResultsError(Exception):
    """Anything that this package raises on purpose; its text names the file, and says what to do."""


class StorageError(ResultsError):
    """The file system refused."""


class NoPackageError(ResultsError):
    """An optional package is not installed; the message has the command that installs it."""


class BrokenRecordError(ResultsError):
    """The file holds something else, or only a part."""


class NewerRecordError(ResultsError):
    """The record's format is newer than this program."""
