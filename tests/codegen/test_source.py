"""codegen.upstream.source: where a release's source is, and what is said when it is not available."""

import importlib.machinery
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.version import Version

from codegen.errors import SourceError
from codegen.upstream import source
from tests.codegen import places

PACKAGE = replace(places.PACKAGE, oldest="1.2")
CONTENT = {
    "__init__.py": '"""It."""\n\n__version__ = "2.1.2"\n',
    "generation/configuration_utils.py": "größe = 1\n",
}


def _package(place: Path, content: dict[str, str] = CONTENT) -> Path:
    for name, text in content.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return place


def _wheel(
    path: Path, content: dict[str, str] = CONTENT, *, stored: bool = False, version: str = "2.1.2"
) -> Path:
    info = f"transformers-{version}.dist-info"
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, text in content.items():
            archive.writestr(f"transformers/{name}", text)
        archive.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: transformers\nVersion: {version}\n",
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.mark.parametrize("inside", ["", "transformers", "src/transformers"])
def test_a_folder_may_be_the_package_its_parent_or_a_checkout(tmp_path: Path, inside: str) -> None:
    _package(tmp_path / inside)
    tree = source.locate(PACKAGE, str(tmp_path), tmp_path)
    assert tree.version == "2.1.2"
    assert tree.read("generation/configuration_utils.py") == "größe = 1\n"
    assert tree.root == str(tmp_path / inside)


def test_a_wheel_is_read_in_place(tmp_path: Path) -> None:
    path = _wheel(tmp_path / "any-name.whl")
    tree = source.locate(PACKAGE, str(path), tmp_path)
    assert tree.version == "2.1.2"
    assert tree.read("generation/configuration_utils.py") == "größe = 1\n"
    assert [each.name for each in tmp_path.iterdir()] == ["any-name.whl"]


def test_the_installed_one_is_found_without_importing_it() -> None:
    tree = source.locate(places.PACKAGE, None, Path())
    assert tree.label == "the installed transformers"
    assert "class GenerationConfig" in tree.read("generation/configuration_utils.py")


def test_a_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Without(importlib.machinery.PathFinder):
        @classmethod
        def find_spec(cls, fullname: str, path: object = None, target: object = None) -> object:
            return None if fullname == "transformers" else super().find_spec(fullname, path, target)  # type: ignore[arg-type]

    monkeypatch.setattr(sys, "meta_path", [Without])
    monkeypatch.delitem(sys.modules, "transformers", raising=False)  # as another test may have imported it
    with pytest.raises(SourceError, match=r"not installed here; install it \(pip install transformers\)"):
        source.installed(PACKAGE)


def _version(text: str) -> dict[str, str]:
    return CONTENT | {"__init__.py": text}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({}, "holds no transformers"),
        ({"__init__.py": '__version__ = "2.1.2"'}, "holds no transformers"),
        ({"generation/configuration_utils.py": ""}, "has no file transformers/__init__.py"),
        (_version(""), "states no __version__"),
        (_version("__version__ = version()"), "states no __version__"),
        (_version('    __version__ = "2.1.2"'), "states no __version__"),
        (_version('__version__ = "five"'), "'five' in transformers/__init__.py is not a version"),
        (_version('__version__ = "1.1.3"'), "is transformers 1.1.3; releases from 1.2 on can be read"),
        (_version('__version__ = "0.5.1"'), "is transformers 0.5.1; releases from 1.2 on can be read"),
    ],
)
def test_a_folder_that_is_not_one(tmp_path: Path, content: dict[str, str], what: str) -> None:
    _package(tmp_path, content)
    with pytest.raises(SourceError, match=str(tmp_path)) as raised:
        source.locate(PACKAGE, str(tmp_path), tmp_path)
    assert what in str(raised.value)


@pytest.mark.parametrize("version", ["1.2.0", "1.2.4", "2.4.0.dev0", "3.0.0", "2.0.0rc1"])
def test_releases_from_the_oldest_on(tmp_path: Path, version: str) -> None:
    _package(tmp_path, _version(f'__version__ = "{version}"'))
    assert Version(source.locate(PACKAGE, str(tmp_path), tmp_path).version) == Version(version)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    _package(tmp_path)
    (tmp_path / "generation/configuration_utils.py").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match=r"transformers/generation/configuration_utils\.py cannot be read"):
        source.locate(PACKAGE, str(tmp_path), tmp_path).read("generation/configuration_utils.py")


def test_a_file_that_is_a_folder(tmp_path: Path) -> None:
    _package(tmp_path)
    (tmp_path / "cache_utils.py").mkdir()
    with pytest.raises(SourceError, match=r"transformers/cache_utils\.py cannot be read"):
        source.locate(PACKAGE, str(tmp_path), tmp_path).read("cache_utils.py")


def test_a_file_in_a_file(tmp_path: Path) -> None:
    _package(tmp_path)
    with pytest.raises(SourceError, match="it is not a whole transformers"):
        source.locate(PACKAGE, str(tmp_path), tmp_path).read("__init__.py/deeper.py")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_wheel_cut_short(tmp_path: Path, share: float) -> None:
    path = _wheel(tmp_path / "a.whl")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SourceError, match=r"a\.whl is not a whole wheel .* download it again"):
        source.locate(PACKAGE, str(path), tmp_path)


@pytest.mark.parametrize("stored", [False, True])
def test_a_wheel_with_a_damaged_file(tmp_path: Path, stored: bool) -> None:
    path = _wheel(tmp_path / "a.whl", stored=stored)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("transformers/__init__.py").header_offset
    for at in range(start + 60, start + 75):
        content[at] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"transformers/__init__\.py cannot be read"):
        source.locate(PACKAGE, str(path), tmp_path)


@pytest.mark.parametrize(
    ("wanted", "what"),
    [
        ("no/such.whl", "no such wheel"),
        ("nonsense", "'nonsense' is neither a folder, nor a wheel, nor a version such as 1.2.3"),
        ("2.1.0 or so", "neither a folder"),
        ("x" * 5000, "neither a folder"),
        ("--version", "neither a folder"),
    ],
)
def test_something_that_is_not_a_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as raised:
        source.locate(PACKAGE, wanted, tmp_path)
    assert what in str(raised.value)


def test_a_file_that_is_not_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "configuration_utils.py"
    path.write_text("class GenerationConfig: ...")
    with pytest.raises(SourceError, match="is not a whole wheel"):
        source.locate(PACKAGE, str(path), tmp_path)


Index = Callable[..., None]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """A package index for pip that is one folder, and nothing outside of it."""

    def offer(*versions: str) -> None:
        place = tmp_path / "index"
        place.mkdir()
        for version in versions:
            renamed = {name: text.replace("2.1.2", version) for name, text in CONTENT.items()}
            _wheel(place / f"transformers-{version}-py3-none-any.whl", renamed, version=version)
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_FIND_LINKS", str(place))

    return offer


def test_a_version_is_downloaded_once(tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    index("2.1.2")
    assert source.locate(PACKAGE, "2.1.2", tmp_path).version == "2.1.2"
    kept = tmp_path / PACKAGE.cache / "transformers-2.1.2-py3-none-any.whl"
    assert kept.is_file()
    monkeypatch.setattr(sys, "executable", "/no/such/python")  # from now on pip cannot be run
    assert source.locate(PACKAGE, "2.1.2", tmp_path).root == f"{kept}/transformers"


def test_a_version_may_be_spelled_short(tmp_path: Path, index: Index) -> None:
    index("2.2.0")
    assert source.locate(PACKAGE, "2.2", tmp_path).version == "2.2.0"


def test_the_nearest_versions_are_named_first(tmp_path: Path, index: Index) -> None:
    index("2.9.0", "2.2.0", "2.2.1", "1.7.6")
    with pytest.raises(SourceError, match=r"for example, 2\.2\.1, 2\.2\.0, 2\.9\.0\."):
        source.locate(PACKAGE, "2.2.7", tmp_path)


def test_a_version_that_does_not_exist(tmp_path: Path, index: Index) -> None:
    index("2.1.2", "2.2.0", "1.7.6")
    with pytest.raises(SourceError) as raised:
        source.locate(PACKAGE, "2.99.0", tmp_path)
    assert str(raised.value) == "There is no transformers 2.99.0; there are, for example, 2.2.0, 2.1.2."


def test_no_index_and_nothing_kept(tmp_path: Path, index: Index) -> None:
    index()
    with pytest.raises(SourceError, match=r"index cannot be asked; go online, or name a wheel or a folder"):
        source.locate(PACKAGE, "2.1.2", tmp_path)


def test_a_version_that_was_downloaded_in_part(tmp_path: Path) -> None:
    cache = tmp_path / PACKAGE.cache
    cache.mkdir(parents=True)
    whole = _wheel(tmp_path / "whole.whl").read_bytes()
    (cache / "transformers-2.1.2-py3-none-any.whl").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="is not a whole wheel"):
        source.locate(PACKAGE, "2.1.2", tmp_path)
