"""The schema under test: the generated module of one release, with its lock as data.

The committed one belongs to the release that is installed with the project. The schema of another release is
generated into a folder of the cache and loaded from there; ``codegen`` itself is not imported, as other
releases run in environments without it.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from llenergymeasure.config.base import BackendConfig
from tests import generated

ROOT = Path(__file__).parents[2]
MODULES = Path("src/llenergymeasure/config")
LOCK = Path("codegen/engines/transformers/schema.lock.json")


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """What is known of one release.

    Args:
        config: the configuration class that is tested.
        params: of each parameter, the ``test_values`` and the ``context`` in which they take effect.
        lock: the content of the lock file: types with bounds, and declared tightenings.
    """

    config: type[BackendConfig]
    params: dict[str, Any]
    lock: dict[str, Any]

    @property
    def version(self) -> str:
        """The release that it was generated from."""
        return self.config.engine_version

    def entries(self) -> dict[str, dict[str, Any]]:
        """The lock's entry of each parameter."""
        return {each["name"]: each for each in self.lock["params"]}

    def nested(self) -> dict[str, dict[str, Any]]:
        """The lock's entry of each nested class."""
        return {each["name"]: each for each in self.lock["nested"]}


@cache
def load(folder: Path = ROOT) -> Schema:
    """The schema whose generated files lie under a folder, in their usual places."""
    module = _committed() if folder == ROOT else generated.load(folder / MODULES)
    lock = json.loads((folder / LOCK).read_text(encoding="utf-8"))
    values = json.loads((folder / MODULES / "pytorch_test_values.json").read_text(encoding="utf-8"))
    params = {
        name: {"test_values": each["values"], "context": each.get("context", {})}
        for name, each in values.items()
    }
    return Schema(module.PyTorchConfig, params, lock)


def _committed() -> ModuleType:
    from llenergymeasure.config import backend_configs

    return backend_configs


def plain(value: Any) -> Any:
    """A value in YAML form: tuples become lists."""
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value
