"""Whether the packages that running a model needs are installed, and can be imported."""

from importlib import import_module
from importlib.util import find_spec

from llenergymeasure.engines.transformers.errors import MissingPackageError

RUN_PACKAGES = ("torch", "transformers")
"""What the extra ``run`` installs, in the order in which they need each other."""


def require_packages() -> None:
    """Import the packages, and return if a model can be run here.

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
        except Exception as error:  # a broken package raises what it likes
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise MissingPackageError(
                f"Running a model needs {name}, which is installed but cannot be imported ({reason}). "
                f"Install it anew: pip install --force-reinstall {name}"
            ) from error
