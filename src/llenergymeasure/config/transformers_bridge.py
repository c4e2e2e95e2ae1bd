"""Objects of transformers' own classes, and the defaults of the installed release.

This is the only module of the package that imports transformers, and it does so when a function is called.
"""

from collections.abc import Mapping
from typing import Any

from llenergymeasure.config.errors import UpstreamError


def real_class(name: str) -> Any:
    """A class of the installed transformers.

    Raises:
        UpstreamError: transformers is not installed, or has no such class.
    """
    try:
        import transformers  # noqa: PLC0415 - heavy, and most configurations never need it
    except ImportError as error:
        raise UpstreamError(
            f"transformers is needed to build its {name}: pip install 'llenergymeasure[run]'"
        ) from error
    class_ = getattr(transformers, name, None)
    if class_ is None:
        raise UpstreamError(f"the installed transformers {transformers.__version__} has no class {name}")
    return class_


def installed_defaults() -> tuple[str, dict[str, Any]]:
    """The installed release, and the effective default of every public attribute of its ``GenerationConfig``.

    Raises:
        UpstreamError: transformers is not installed.
    """
    kind = real_class("GenerationConfig")
    import transformers  # noqa: PLC0415 - as above

    # Newer releases declare None, and have the values that generate() uses instead in this method.
    fallback: dict[str, Any] = getattr(kind, "_get_default_generation_params", dict)()
    declared = {
        name: value
        for name, value in vars(kind()).items()
        if name[0] != "_" and name != "transformers_version"
    }
    defaults = {name: fallback.get(name) if value is None else value for name, value in declared.items()}
    return transformers.__version__, defaults


def real_object(name: str, arguments: Mapping[str, Any]) -> Any:
    """An object of a class of the installed transformers.

    Raises:
        UpstreamError: there is no such class, or it refuses the arguments; transformers' own words are in the
            message.
    """
    kind = real_class(name)
    try:
        return kind(**arguments)
    except ImportError as error:  # a placeholder for a class that needs torch
        raise UpstreamError(
            f"torch is needed to build transformers' {name}: pip install 'llenergymeasure[run]'"
        ) from error
    except (TypeError, ValueError) as error:
        raise UpstreamError(f"transformers refuses these values of {name}: {error}") from error
