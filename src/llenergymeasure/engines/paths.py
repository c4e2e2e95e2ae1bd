"""Paths as a configuration writes them: ``~`` and ``~user`` mean home folders."""

from pathlib import Path

from llenergymeasure.engines.errors import EngineError


def expand_home(name: str, place: str, error_class: type[EngineError]) -> Path:
    """The path of that name with its home folder written out.

    Args:
        name: the path as it is written in the configuration.
        place: where it is written, for the error.
        error_class: the error to raise.

    Raises:
        EngineError: as ``error_class``; the path begins with ``~``, and the user or home folder is unknown.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise error_class(
            f"{place}: {name} begins with a home folder that is not known here. Write the full path, from / on."
        ) from error
