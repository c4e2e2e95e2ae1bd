"""Paths as a configuration writes them: ``~`` and ``~user`` stand for home folders."""

from pathlib import Path

from llenergymeasure.engines.transformers.errors import InferenceError


def expanded(name: str, place: str, error_class: type[InferenceError]) -> Path:
    """The path of that name, which was written at ``place``, with its home folder written out.

    Raises:
        InferenceError: as ``error_class``; it begins with ``~``, and there is no such user or home folder.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise error_class(
            f"{place}: {name} begins with a home folder that is not known here. Write the path from / on."
        ) from error
