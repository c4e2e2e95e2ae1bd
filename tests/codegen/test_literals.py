"""No program and no test names a release of transformers, or a date that could expire.

Releases are data: the supported ones in ``releases.toml``, what is expected of each in ``expected``, saved
files in ``tests/config/saved``, the steps of benchmarks in ``benchmarks/steps.toml``. A test that is about no
real release makes one up.
"""

import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.codegen import places

FOLDERS = ("benchmarks", "codegen", "src", "tests")

_IN_WORDS = re.compile(r"(?<![\w.])v?([4-9]\.\d+(?:\.\d+)?)(?!\w|\.\d)")
_IN_A_NAME = re.compile(r"(?<![^\W_])v?([4-9](?:_\d+)+)(?![^\W_])")
"""Versions that transformers has or may have one day. Made-up ones have smaller or larger major numbers."""

_DATE = re.compile(r"20(?:0[2-9]|[1-9]\d)(?:-\d\d-\d\d|, *\d+, *\d+)")
"""Dates that are only an example are of 2001 at the latest."""

NO_RELEASES: Mapping[str, set[str]] = {
    "codegen/engines/transformers/engine.py": {"4.52"},  # the oldest release whose source is understood
    "src/llenergymeasure/energy/nvml/sampling.py": {"8.0"},  # a generation of GPUs
    "src/llenergymeasure/energy/rapl/zones.py": {"5.10"},  # of Linux
    "src/llenergymeasure/energy/uncertainty.py": {"4.3.7", "4.3.9"},  # sections of a guide
    "src/llenergymeasure/results/statistics.py": {"8.17.22"},  # a formula's number
    "tests/config/test_strictness.py": {"4.0"},  # numbers, these and all below
    "tests/energy/test_energy_rapl.py": {"7.5"},
    "tests/measurement/test_summaries.py": {"4.08"},
    "tests/results/test_record_storage.py": {"5.7"},
}
"""What looks like a release but is none, by file."""

PAST = {Path("codegen/diff/finding_kinds.py")}
"""Tables of what upstream once did, which stays true."""


def _sources() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((places.ROOT / folder).rglob("*.py")):
            relative = path.relative_to(places.ROOT)
            if relative not in {*places.MODULES, *PAST}:
                yield relative


def _releases(text: str) -> Iterator[str]:
    """What looks like a release in strings, comments and names; a number in the code is a number."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield from _IN_A_NAME.findall(token.string)
        elif token.type in (tokenize.STRING, tokenize.COMMENT):
            yield from _IN_WORDS.findall(token.string)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"5.0"', ["5.0"]),
        ('"a (>=4.57.6, <5)"', ["4.57.6"]),
        ("# removed in v5.1", ["5.1"]),
        ("OF_4_57 = x", ["4_57"]),
        ("def test_from_5_0_0_on(): pass", ["5_0_0"]),
        ("x = 5.0", []),
        ('"1.5.0, 2.0, 14.57, sm_90, 5.0rc, 5e-3"', []),
        ("x_1_2, x4_5y, a45", []),
    ],
)
def test_what_looks_like_a_release(text: str, found: list[str]) -> None:
    assert list(_releases(text)) == found


def test_every_supported_release_looks_like_one_and_no_made_up_one_does() -> None:
    assert list(_releases(repr(places.SUPPORTED))) == [*places.SUPPORTED]
    assert list(_releases(repr(places.MADE_UP))) == []


def test_no_source_names_a_release() -> None:
    here = Path(__file__).relative_to(places.ROOT)
    found = {
        str(path): set(_releases((places.ROOT / path).read_text(encoding="utf-8")))
        for path in _sources()
        if path != here
    }
    assert {path: names for path, names in found.items() if names} == NO_RELEASES


def test_no_source_has_a_date() -> None:
    found = {
        str(path): dates
        for path in _sources()
        if (dates := _DATE.findall((places.ROOT / path).read_text(encoding="utf-8")))
    }
    assert found == {}
