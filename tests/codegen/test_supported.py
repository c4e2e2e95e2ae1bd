"""``releases.toml``: the supported releases, and which of them a new one replaces."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from codegen.errors import ReleasesError
from codegen.review import supported
from tests.codegen import places


def _load(root: Path, text: str) -> tuple[str, ...]:
    path = root / places.ENGINE.releases
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return supported.load(places.ENGINE, root)


def test_the_committed_file_is_as_it_would_be_written() -> None:
    text = (places.ROOT / places.ENGINE.releases).read_text(encoding="utf-8")
    assert supported.dumps(places.SUPPORTED) == text


_versions = st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, unique=True).map(
    lambda found: tuple(".".join(map(str, each)) for each in sorted(found))
)


@given(_versions)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, versions: tuple[str, ...]) -> None:
    assert _load(tmp_path_factory.mktemp("root"), supported.dumps(versions)) == versions


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("supported = [", "the file: it is not TOML: "),
        ("", "the file: it has no supported"),
        ("supported = []", "supported: name at least one release, the oldest first, each once"),
        ('supported = ["2.1", "2.0"]', "supported: name at least one release, the oldest first, each once"),
        ('supported = ["2.1", "2.1.0"]', "supported: name at least one release, the oldest first, each once"),
        ('supported = ["2.1", "next"]', "supported[1]: 'next' is not a release; write for example \"1.2\""),
        ("supported = [2.1]", 'supported[0]: 2.1 is not a release; write for example "1.2"'),
        ('supported = "2.1"', "supported: a list is expected here"),
        ('supported = ["2.1"]\nnewest = "2.2"', "the file: 'newest' is not known; known are supported"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ReleasesError) as caught:
        _load(tmp_path, text)
    assert f"{places.ENGINE.releases} has 1 mistake:\n  {said}" in str(caught.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReleasesError, match="cannot be read"):
        supported.load(places.ENGINE, tmp_path)


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        (("1.7.6", "2.0.0"), "2.1.0", ("1.7.6", "2.0.0", "2.1.0")),
        (("1.7.6", "2.0.0"), "2.0.1", ("1.7.6", "2.0.1")),
        (("2.0.0",), "2.0.0", ("2.0.0",)),
    ],
)
def test_a_patch_replaces_the_patch_before_it(
    before: tuple[str, ...], new: str, after: tuple[str, ...]
) -> None:
    assert supported.adopted(before, new) == after


@given(_versions)
def test_the_newest_is_last(versions: tuple[str, ...]) -> None:
    new = str(Version(f"{Version(versions[-1]).major}.99"))
    assert supported.adopted(versions, new)[-1] == new
