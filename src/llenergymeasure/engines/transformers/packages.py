"""The packages that running a model needs, and their versions. Imports without torch."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from llenergymeasure.engines.errors import MissingPackageError

RUN_PACKAGES = ("torch", "transformers")
"""What the extra ``run`` installs. A package is imported after those that it needs."""

_OPTIONAL_PACKAGES = (
    "accelerate",
    "bitsandbytes",
    "flash-attn",
    "hqq",
    "kernels",
    "numpy",
    "optimum-quanto",
    "safetensors",
    "tokenizers",
    "torchao",
    "triton",
    "nvidia-cublas-cu12",
    "nvidia-cudnn-cu12",
)
"""Other packages that the work may depend on: they have kernels, quantize, place weights or tokenize."""


def require_packages() -> None:
    """Import the packages that running a model needs.

    Raises:
        MissingPackageError: a package is missing, or is broken; the message says what to install.
    """
    missing = [name for name in RUN_PACKAGES if find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise MissingPackageError(
            f"Running a model needs {' and '.join(missing)}, which {verb} not installed: "
            "pip install 'llenergymeasure[run]'"
        )
    for name in RUN_PACKAGES:
        try:
            import_module(name)
        except Exception as error:  # a broken package may raise any error
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise MissingPackageError(
                f"Running a model needs {name}, which is installed but cannot be imported ({reason}). "
                f"Reinstall it: pip install --force-reinstall {name}"
            ) from error


def library_versions() -> Mapping[str, str]:
    """The versions of transformers and torch."""
    return {name: _version(name) or "" for name in ("transformers", "torch")}


def package_versions() -> Mapping[str, str]:
    """The versions of other installed packages that the work may depend on."""
    return {name: installed for name in _OPTIONAL_PACKAGES if (installed := _version(name)) is not None}


@cache
def _version(package: str) -> str | None:
    """The installed version; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
