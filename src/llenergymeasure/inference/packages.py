"""Whether the packages that running a model needs are installed, found out without importing them."""

from importlib.util import find_spec

from llenergymeasure.inference.errors import MissingPackageError

RUN_PACKAGES = ("torch", "transformers")
"""What the extra ``run`` installs."""


def require_packages() -> None:
    """Return if a model can be run here.

    Raises:
        MissingPackageError: a package is missing; the message says what to install.
    """
    missing = [name for name in RUN_PACKAGES if find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise MissingPackageError(
            f"Running a model needs {' and '.join(missing)}, which {verb} not installed: "
            "pip install 'llenergymeasure[run]'"
        )
