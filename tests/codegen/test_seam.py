"""Only the folder of an engine names its upstream package; the rest of codegen is general."""

import re
from pathlib import Path

import pytest

from tests.codegen import places

NAMES = re.compile(
    r"\b(transformers|GenerationConfig|GenerationMixin|PyTorchConfig|pytorch|generation_config)"
    "|generation/|logits_process|cache_utils",
    re.IGNORECASE,
)
"""The first upstream, its files and classes, and what is generated for it."""

FORMER = {"codegen/model/lock_formats.py"}
"""The module that reads locks from before there were several engines."""

TABLE = {"codegen/engines/__init__.py"}
"""The module that lists the engines."""

OWN = Path("codegen/engines/transformers")


def _general() -> list[Path]:
    found = [path.relative_to(places.ROOT) for path in (places.ROOT / "codegen").rglob("*.py")]
    return sorted(path for path in found if OWN not in path.parents)


@pytest.mark.parametrize("path", _general(), ids=str)
def test_no_module_outside_of_its_folder_names_an_upstream(path: Path) -> None:
    lines = (places.ROOT / path).read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if NAMES.search(line)]
    if path.as_posix() in FORMER | TABLE:
        assert named, "it is no longer an exception: remove it from the list"
    else:
        assert not named
