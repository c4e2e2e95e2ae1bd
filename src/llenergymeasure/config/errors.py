"""The exceptions that a configuration can raise.

::

    ConfigError (a ValueError)
    ├── DocumentError           a file, or an override, cannot be read as data at all
    ├── InvalidConfigError      the data is not a valid configuration; it lists every problem
    ├── PreconditionError       the configuration is valid, but cannot run with this model, device or packages
    ├── UnknownNameError        there is no such backend or parameter
    ├── OpaqueValueError        an object in memory, where only data can be hashed or saved
    └── UpstreamError           the engine is missing, lacks a class, or refuses what it is given

Building a model in Python (``PyTorchConfig(temperature=0)``) raises pydantic's own ``ValidationError``, in
the words of :mod:`llenergymeasure.config.explain`.
"""

from dataclasses import dataclass


class ConfigError(ValueError):
    """A configuration is wrong, or a question about one has no answer. Its text is for the user."""


class DocumentError(ConfigError):
    """A document cannot be read: it is missing, is not YAML or JSON, or contains more than data."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a configuration.

    Args:
        place: where the value was written: ``study.yaml:12``, or ``--set``; empty if that is not known.
        path: the value's key path, such as ``pytorch.bad_words_ids[0][1]``; empty for the document as a
            whole.
        message: what is wrong and what is allowed, without the path.
    """

    place: str
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.place, self.path, self.message) if part)


class InvalidConfigError(ConfigError):
    """A document was read, but its values are not a valid configuration.

    Args:
        problems: every mistake, in the order of the document's fields.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PreconditionError(ConfigError):
    """A valid configuration whose parameters need something that is not there, or conflict on this model.

    Args:
        problems: every need that is not met, and every conflict.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UnknownNameError(ConfigError):
    """There is no backend or parameter of that name; the message suggests the nearest one."""


class OpaqueValueError(ConfigError, TypeError):
    """A value is an object in memory, which can be neither hashed nor saved. The message names its key.

    It is a ``TypeError`` too, because that is what ``hash()`` raises for objects without a hash.
    """


class UpstreamError(ConfigError):
    """The engine (transformers, say) is needed and not installed, lacks a class, or refuses the value."""
