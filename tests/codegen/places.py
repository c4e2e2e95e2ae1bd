"""The engine that most tests use, and the paths of its files."""

from pathlib import Path

from codegen import checkout, engines
from codegen.review import overrides_file, supported
from codegen.review.overrides import Overrides

ENGINE = engines.get("transformers")
PACKAGE = ENGINE.package

ROOT = checkout.ROOT
LIBRARY = checkout.LIBRARY
SUPPORTED = supported.load(ENGINE, ROOT)
MADE_UP = ("1.2.4", "1.7.6", "2.0.0", "2.1.0", "2.3.0", "2.4.0")
"""Made-up supported releases, for tests that need no real one. Only these are named in tests; real ones are
taken from :data:`SUPPORTED` by position."""
OVERRIDES = ROOT / ENGINE.overrides

MODULE, LOCK, PAGE = ENGINE.module, ENGINE.lock, ENGINE.page
MODULES = (
    MODULE,
    ENGINE.nested_module,
    ENGINE.metadata_module,
    ENGINE.rules_module,
    ENGINE.settings_module,
    ENGINE.vocabulary_module,
)
assert ENGINE.history is not None
HISTORY = (
    ENGINE.history.page,
    ENGINE.history.guide,
    ENGINE.history.maintenance,
    ENGINE.history.data,
    ENGINE.steps,
)
"""The files that are generated from all supported releases together."""
GENERATED = (*MODULES, ENGINE.sources_file, ENGINE.test_values_file, LOCK, PAGE)
"""From the root of a checkout."""


def with_overrides(root: Path, text: str) -> Overrides:
    """The overrides with that text, in a checkout that supports :data:`MADE_UP`."""
    path = root / ENGINE.overrides
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    (root / ENGINE.releases).write_text(supported.dumps(MADE_UP), encoding="utf-8")
    return overrides_file.load(ENGINE, root)
