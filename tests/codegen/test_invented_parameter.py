"""A parameter that upstream adds appears everywhere, with no other change."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.codegen import places
from tests.codegen.conftest import Command, SourceCopy

SPARKLE = "sparkle (`float`, *optional*):\n            How much it sparkles.\n\n"

PROGRAM = """
import json, sys
from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.introspection import get_backend_params, get_param_test_values

def facts(name):
    values = get_param_test_values(f"pytorch.{name}")
    configs = [PyTorchConfig.model_validate({name: value}) for value in values]
    return {
        "info": get_backend_params("pytorch")[f"pytorch.{name}"],
        "count": len(get_backend_params("pytorch")),
        "values": values,
        "sent": [config.generate_kwargs() for config in configs],
        "field": next(key for key, field in PyTorchConfig.model_fields.items() if (field.alias or key) == name),
    }

print(json.dumps({name: facts(name) for name in sys.argv[1:]}))
"""


def _overlay(scratch: Path) -> dict[str, str]:
    """The environment in which the refreshed module replaces the committed one."""
    library = places.LIBRARY / "llenergymeasure"
    for path in library.rglob("*.py"):
        target = scratch / "src" / "llenergymeasure" / path.relative_to(library)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return os.environ | {"PYTHONPATH": str(scratch / "src")}


def _run(scratch: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=_overlay(scratch),
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _introspected(scratch: Path, *names: str) -> dict[str, Any]:
    return json.loads(_run(scratch, "-c", PROGRAM, *names))


def test_an_invented_parameter_appears_everywhere(
    codegen: Command, source_copy: SourceCopy, scratch: Path
) -> None:
    source_copy.declare('        self.sparkle = kwargs.pop("sparkle", None)\n')
    source_copy.document(SPARKLE)
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 0, done.err
    assert "warning: sparkle has no energy role; add [params.sparkle]" in done.err

    module = (scratch / places.MODULE).read_text(encoding="utf-8")
    assert "    sparkle: float | None = None\n" in module
    page = (scratch / places.PAGE).read_text(encoding="utf-8")
    assert "| `sparkle` | float \\| None | None |" in page
    lock = json.loads((scratch / places.LOCK).read_text(encoding="utf-8"))
    assert "sparkle" in [param["name"] for param in lock["params"]]

    asked = _introspected(scratch, "sparkle")["sparkle"]
    assert asked["info"]["type"] == "float | None"
    assert asked["info"]["energy_role"] is None
    assert asked["count"] == len(lock["params"])
    assert asked["values"][0] is None
    assert len(asked["values"]) > 3
    assert asked["sent"] == [{"sparkle": value} for value in asked["values"]]

    assert "sparkle" in _run(scratch, "-m", "llenergymeasure", "params")
    assert "float" in _run(scratch, "-m", "llenergymeasure", "params", "sparkle")

    explained = codegen("explain", "sparkle", "--transformers", source_copy.root)
    assert f"{source_copy.root}/transformers/generation/configuration_utils.py:" in explained.out
    covered = codegen("coverage", "--transformers", source_copy.root)
    assert "sparkle: not described, bounded" in covered.out


CLASHING = ("copy", "json", "schema", "validate", "model_kind", "bypassed", "to_data")


def test_invented_names_that_clash_get_an_alias(
    codegen: Command, source_copy: SourceCopy, scratch: Path
) -> None:
    for name in CLASHING:
        source_copy.declare(f'        self.{name} = kwargs.pop("{name}", 3)\n')
        source_copy.document(f"{name} (`int`, *optional*):\n            What it does.\n\n")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 0, done.err
    asked = _introspected(scratch, *CLASHING)
    for name in CLASHING:
        assert asked[name]["field"] == f"{name}_"
        assert asked[name]["info"]["default"] == 3
        assert asked[name]["sent"] == [{name: value} for value in asked[name]["values"]]


@pytest.mark.parametrize("name", ["extra", "größe", "float"])
def test_an_invented_name_that_cannot_be_is_refused(
    codegen: Command, source_copy: SourceCopy, scratch: Path, name: str
) -> None:
    source_copy.declare(f'        self.{name} = kwargs.pop("{name}", 3)\n')
    source_copy.document(f"{name} (`int`, *optional*):\n            What it does.\n\n")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 2
    assert name in done.err or "import" in done.err
    assert "Traceback" not in done.err
    assert (scratch / places.MODULE).read_text() == "old\n"
