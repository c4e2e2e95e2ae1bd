"""The digest of a function changes with what it does and with the data that it reads, and only then."""

from pathlib import Path

import pytest

from tests.fidelity.fingerprints import GONE, Fingerprints
from tests.fidelity.reached import PACKAGE

FILES = {
    "__init__.py": "from .tables import NAMES\n",
    "tables.py": "LIMIT = 3\nNAMES = {'a': LIMIT}\nOTHER = 1\n__version__ = '2.3.0'\n",
    "caches.py": """
from .tables import NAMES, __version__
class Cache:
    is_growing = True
    def update(self, x):
        return NAMES[x] if self.is_growing else helper(x)
    def describe(self):
        return __version__
class Static(Cache):
    is_growing = False
class Unrelated:
    size = 1
def helper(x):
    def inner(y):
        return y
    return inner(x)
""",
}


def _digests(folder: Path, path: str = "", old: str = "", new: str = "") -> Fingerprints:
    folder.mkdir()
    for name, text in FILES.items():
        assert name != path or old in text
        (folder / name).write_text(text.replace(old, new) if name == path else text)
    return Fingerprints(folder)


UPDATE, HELPER, DESCRIBE = "caches.py::Cache.update", "caches.py::helper", "caches.py::Cache.describe"


@pytest.mark.parametrize(
    ("path", "old", "new", "changed"),
    [
        ("caches.py", "return inner(x)", "return inner(x)  # as before", set()),
        (
            "caches.py",
            "def update(self, x):",
            "def update(self, x: int) -> str:\n        'Its words.'",
            set(),
        ),
        ("caches.py", "self.is_growing else", "not self.is_growing else", {UPDATE}),
        ("caches.py", "return y", "return -y", {HELPER}),
        ("caches.py", "is_growing = True", "is_growing = None", {UPDATE, DESCRIBE}),
        ("caches.py", "is_growing = False", "is_growing = None", {UPDATE, DESCRIBE}),
        ("caches.py", "size = 1", "size = 2", set()),
        ("caches.py", "class Unrelated:", "class New:\n    x = 1\nclass Unrelated:", set()),
        ("tables.py", "OTHER = 1", "OTHER = 2", set()),
        ("tables.py", "'a': LIMIT", "'a': 4", {UPDATE}),
        ("tables.py", "2.3.0", "2.4.0", set()),
    ],
)
def test_a_change_of_the_source(tmp_path: Path, path: str, old: str, new: str, changed: set[str]) -> None:
    before, after = _digests(tmp_path / "before"), _digests(tmp_path / "after", path, old, new)
    assert {name for name in (UPDATE, HELPER, DESCRIBE) if before.of(name) != after.of(name)} == changed


def test_a_function_that_is_gone_and_one_that_is_made_by_code(tmp_path: Path) -> None:
    found = _digests(tmp_path / "package")
    assert found.of("nowhere.py::f") == GONE
    assert found.of("caches.py::<lambda>") == found.of("caches.py::<module>") != GONE


def test_the_installed_transformers_can_be_read() -> None:
    found = Fingerprints(PACKAGE)
    names = ("generation/utils.py::GenerationMixin.generate", "cache_utils.py::DynamicCache.__init__")
    assert len({found.of(name) for name in (*names, "generation/utils.py::GenerationMixin._sample")}) == 3
