"""A second, made-up upstream goes the whole way, with nothing but its folder and its row in the table."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen import engines
from codegen.model import lock
from codegen.model.types import Bound, Choice, Scalar
from tests.codegen import places
from tests.codegen.conftest import Command
from tests.codegen.engines.kiln import releases

KILN = ("--engine", "kiln")


@pytest.fixture
def kiln(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """Its row, and the sources of two releases."""
    monkeypatch.setitem(engines.ENGINES, "kiln", "tests.codegen.engines.kiln.engine")
    old, new = (releases.written(tmp_path / "sources", version) for version in ("1.0.0", "2.0.0"))
    return old, new


def test_from_source_to_a_typed_proved_module(
    codegen: Command, kiln: tuple[Path, Path], tmp_path: Path
) -> None:
    out, engine = tmp_path / "out", engines.get("kiln")
    done = codegen("refresh", "--kiln", kiln[0], "--into", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("kiln 1.0.0 (")
    assert "4 parameters, all proofs passed." in done.out
    schema = lock.load(out / engine.lock)
    assert (schema.engine, schema.version) == ("kiln", "1.0.0")
    types = {param.name: (param.type, param.takes_none, param.default) for param in schema.params}
    assert types == {
        "temperature": (Scalar("float", (Bound(">", 0), Bound("<=", 2))), False, 1.0),
        "batch": (Scalar("int", (Bound(">=", 1),)), False, 8),
        "glaze": (Choice(("clear", "matte")), True, None),
        "hold": (Scalar("int", (Bound(">=", 0),)), False, 0),
    }
    assert [rule.id for rule in schema.rules] == ["hold-needs-glaze"]
    assert "class KilnConfig(" in (out / engine.module).read_text(encoding="utf-8")
    assert "temperature" in (out / engine.page).read_text(encoding="utf-8")


TRIED = """
import sys
import llenergymeasure.config as package
package.__path__.insert(0, sys.argv[1])
from llenergymeasure.config.kiln_configs import KilnConfig
config = KilnConfig(batch=4, hold=1, glaze="clear")
assert (config.batch, config.temperature) == (4, 1.0)
for wrong in ({"batch": 0}, {"temperature": 3.0}, {"glaze": "blue"}, {"hold": 1}):
    try:
        KilnConfig(**wrong)
    except ValueError as error:
        print(" ".join(str(error).split()))
    else:
        raise AssertionError(wrong)
"""


def test_the_module_refuses_what_upstream_refuses(
    codegen: Command, kiln: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert codegen("refresh", "--kiln", kiln[0], "--into", out).code == 0
    folder = (out / engines.get("kiln").module).parent
    done = subprocess.run(
        [sys.executable, "-c", TRIED, str(folder)],
        env=os.environ | {"PYTHONPATH": str(places.LIBRARY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "there is nothing to hold the heat for" in done.stdout


def test_what_changes_between_two_of_its_releases(codegen: Command, kiln: tuple[Path, Path]) -> None:
    done = codegen("diff", *KILN, *kiln, "--format", "json", "--fail-on", "never")
    assert done.code == 0, done.err
    found = {(each["id"], each["parameter"]) for each in json.loads(done.out)["findings"]}
    assert found >= {
        ("default-changed", "batch"),
        ("bound-tightened", "batch"),
        ("choice-removed", "glaze"),
        ("choice-added", "glaze"),
        ("param-added", "fan"),
        ("doc-changed", "batch"),
    }
    shown = codegen("diff", *KILN, *kiln, "--fail-on", "never").out
    assert "- How many pieces at once." in shown


def test_explain_coverage_and_migrate(codegen: Command, kiln: tuple[Path, Path], tmp_path: Path) -> None:
    done = codegen("explain", "--kiln", kiln[0], "kiln.temperature")
    assert done.code == 0, done.err
    assert "tests/codegen/engines/kiln/overrides.toml:" in done.out
    assert "Firing.validate: check" in done.out
    covered = codegen("coverage", "--kiln", kiln[1])
    assert "kiln 2.0.0: 100.0 % of the energy-impactful parameters are covered" in covered.out
    experiment = tmp_path / "experiment.yaml"
    experiment.write_text("kiln:\n  glaze: matte\n", encoding="utf-8")
    script = tmp_path / "script.py"
    script.write_text('KilnConfig(glaze="matte")\n', encoding="utf-8")
    done = codegen("migrate", *KILN, "--from", kiln[0], "--to", kiln[1], "--write", experiment, script)
    assert done.code == 0, (done.out, done.err)
    assert 'glaze: "satin"' in experiment.read_text(encoding="utf-8")
    assert 'glaze="satin"' in script.read_text(encoding="utf-8")


ROW = {
    "from llenergymeasure.config.base import BackendConfig\n": (
        "from llenergymeasure.config.base import BackendConfig\n"
        "from llenergymeasure.config.kiln_configs import KilnConfig\n"
    ),
    "class EngineArguments(TypedDict, total=False):\n": (
        "class EngineArguments(TypedDict, total=False):\n    kiln: KilnConfig | Mapping[str, Any]\n"
    ),
    '    @model_validator(mode="before")\n': (
        '    kiln: KilnConfig = Field(default_factory=KilnConfig)\n\n    @model_validator(mode="before")\n'
    ),
}
"""What a new engine changes in the table of the library: an import, what type checkers see, and its field."""

EXPERIMENT = """
model: {name: clay}
kiln: {batch: 4, hold: 1, glaze: clear}
measurement: {devices: none, quick: true, windows: 2, window_seconds: 0.05, warmup_seconds: 0.1, idle_seconds: 0.1}
"""


@pytest.fixture
def library(codegen: Command, kiln: tuple[Path, Path], tmp_path: Path) -> Path:
    """A copy of the library with the generated files of the second engine, its folder, and its row."""
    assert codegen("refresh", "--kiln", kiln[0], "--into", tmp_path).code == 0
    package = tmp_path / "src" / "llenergymeasure"
    shutil.copytree(places.LIBRARY / "llenergymeasure", package, dirs_exist_ok=True)
    folder = package / "engines" / "kiln"
    folder.mkdir()
    (folder / "__init__.py").touch()
    simulation = (places.ROOT / "tests/measurement/simulated_engine.py").read_text(encoding="utf-8")
    (folder / "engine.py").write_text(simulation.replace('"simulated"', '"kiln"'), encoding="utf-8")
    table = package / "config" / "engine_sections.py"
    text = table.read_text(encoding="utf-8")
    for old, new in ROW.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    table.write_text(text, encoding="utf-8")
    return package.parent


def test_its_folder_and_its_row_are_all_that_the_library_needs(library: Path, tmp_path: Path) -> None:
    def llem(*arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "llenergymeasure", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(library)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    paths = [line.split("\t")[1] for line in llem("params").splitlines()]
    assert {"pytorch.temperature", "kiln.temperature", "kiln.glaze"} < set(paths)
    assert set(json.loads(llem("params", "temperature", "--json"))) == {
        "pytorch.temperature",
        "kiln.temperature",
    }
    assert llem("params", "glaze").startswith("kiln.glaze\n")
    schema = json.loads(llem("schema"))
    assert list(schema["properties"]) == [
        "model",
        "workload",
        "pytorch",
        "kiln",
        "measurement",
        "transformers",
    ]
    (tmp_path / "experiment.yaml").write_text(EXPERIMENT, encoding="utf-8")
    llem("measure", "experiment.yaml")
    (path,) = (tmp_path / "results").iterdir()
    record = json.loads(path.read_text(encoding="utf-8"))
    assert (record["section"], record["versions"]["engine"]) == ("kiln", "kiln")
    assert record["effective"]["kiln"] == {"batch": 4, "glaze": "clear", "hold": 1}
    assert "pytorch" not in record["effective"]
    refused = llem("measure", "experiment.yaml", "--set=pytorch.top_k=3", code=2)
    assert (
        refused == "experiment.yaml: pytorch and kiln are settings of different engines; keep one of them\n"
    )
