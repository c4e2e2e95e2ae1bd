"""The public names of ``llenergymeasure``: which ones there are, and that importing them stays cheap."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import llenergymeasure

TYPED_USE = Path(__file__).with_name("typed_use.py")
CHECKERS = {
    "mypy": ["-m", "mypy", "--strict"],
    "basedpyright": ["-m", "basedpyright", "--pythonpath", sys.executable, "--level", "error"],
}
PUBLIC = {
    "EnergyMeter": "llenergymeasure.energy.meter",
    "ExperimentConfig": "llenergymeasure.config.experiment",
    "PyTorchConfig": "llenergymeasure.config.backend_configs",
    "compare": "llenergymeasure.results.compare",
    "get_backend_params": "llenergymeasure.config.introspection",
    "load_record": "llenergymeasure.results.storage",
    "measure": "llenergymeasure.measurement.run",
}
"""Each public name, and the module that defines it."""


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_public_names_are_these() -> None:
    assert set(llenergymeasure.__all__) == {*PUBLIC, "__version__"}
    assert set(PUBLIC) <= set(dir(llenergymeasure))


def test_the_imports_for_type_checkers_name_the_same_modules() -> None:
    """So that an editor and the running program take a name for the same thing."""
    source = Path(llenergymeasure.__file__).read_text(encoding="utf-8")
    for name, module in PUBLIC.items():
        assert f"    from {module} import {name}\n" in source


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("order", ["the package first", "its module first"])
def test_a_name_is_the_same_object_in_any_order_of_imports(name: str, order: str) -> None:
    by_package, by_module = (
        f"from llenergymeasure import {name} as one",
        f"from {PUBLIC[name]} import {name} as other",
    )
    first, second = (by_package, by_module) if order == "the package first" else (by_module, by_package)
    checks = f"assert one is other and callable(one) and one.__name__ == {name!r}"
    assert (
        run(f"{first}\n{second}\n{checks}\nimport llenergymeasure\nassert llenergymeasure.{name} is one")
        == ""
    )


@pytest.mark.parametrize("loaded", ["llenergymeasure.measurement.run", "llenergymeasure.cli.compare"])
def test_no_submodule_takes_the_place_of_a_name(loaded: str) -> None:
    code = f"import {loaded}\nfrom llenergymeasure import compare, measure\nprint(type(compare).__name__, type(measure).__name__)"
    assert run(code) == "function function"


def test_importing_the_package_loads_nothing_else() -> None:
    code = "import sys, llenergymeasure\nprint(*(name for name in sys.modules if name.startswith('llenergymeasure')))"
    assert run(code) == "llenergymeasure"


def test_no_public_name_loads_torch_or_transformers() -> None:
    code = (
        f"import sys, llenergymeasure\nfor name in {sorted(PUBLIC)}: getattr(llenergymeasure, name)\n"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    assert run(code) == "[]"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'meassure'"):
        _ = llenergymeasure.meassure
    assert "cannot import name 'meassure'" in run(
        "try:\n    from llenergymeasure import meassure\nexcept ImportError as error:\n    print(error)"
    )


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_know_what_each_name_is(checker: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from llenergymeasure import meassure\n\nprint(meassure)\n")
    right, refused = (
        subprocess.run(
            [sys.executable, *CHECKERS[checker], str(path)],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
        for path in (TYPED_USE, wrong)
    )
    assert right.returncode == 0, right.stdout + right.stderr
    assert refused.returncode == 1
    assert "meassure" in refused.stdout


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_documented(name: str) -> None:
    documentation = inspect.getdoc(getattr(llenergymeasure, name))
    assert documentation is not None
    assert len(documentation.splitlines()) > 2
    assert name in (llenergymeasure.__doc__ or "")
