"""What can go wrong with a configuration.

::

    ConfigError (a ValueError)
    ├── DocumentError           a file, or an override, that cannot be read as data at all
    ├── InvalidConfigError      readable data that makes no valid configuration; names every problem
    ├── PreconditionError       a valid configuration that cannot run on this model, device, packages or call
    ├── UnknownNameError        a backend or parameter that introspection does not have
    ├── OpaqueValueError        an object without a data form, where only data can be hashed or saved
    └── UpstreamError           transformers is missing, lacks a class, or refuses what it is given

Building a model in Python (``PyTorchConfig(temperature=0)``) raises pydantic's own ``ValidationError``, in the words of
:mod:`llenergymeasure.config.explain`.
"""

from dataclasses import dataclass


class ConfigError(ValueError):
    """A configuration, or a question about one, is wrong. Its text is one clear message, fit for a terminal."""


class DocumentError(ConfigError):
    """A document cannot be read as data: it is missing, is not YAML or JSON, or holds what no configuration needs."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a configuration.

    Args:
        place: where the value was written: ``study.yaml:12``, or ``--set``.
        path: the value's key path, such as ``pytorch.bad_words_ids[0][1]``; empty for the document as a whole.
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
        problems: every one of them, in the order of the document's fields.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PreconditionError(ConfigError):
    """A configuration is valid, but its parameters need what is not there, or do not go together on this model.

    Args:
        problems: every one of them.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class UnknownNameError(ConfigError):
    """A backend or a parameter of that name does not exist; the message suggests the nearest one."""


class OpaqueValueError(ConfigError, TypeError):
    """A value that is an object in memory, which can be neither hashed nor saved. The message names its key.

    It is a ``TypeError`` too, because that is what ``hash()`` raises for what has no hash.
    """


class UpstreamError(ConfigError):
    """The value needs a transformers that is not installed, a class that it does not have, or values that it takes."""
