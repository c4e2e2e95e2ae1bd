"""``python -m codegen diff`` and ``findings``: which sides, which exit codes, what is accepted, and bad
input."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from codegen import checkout
from codegen.diff import accepted
from codegen.diff.finding_kinds import KINDS
from codegen.errors import SourceError
from codegen.model import lock
from codegen.upstream import source
from tests.codegen import expectations, former_locks, places, releases
from tests.codegen.conftest import Command, Done, SourceCopy

NONE = ("--accepted", "none")


def _locked(path: Path, **changes: object) -> Path:
    """The committed lock with other facts about top_k."""
    data = json.loads((places.ROOT / places.LOCK).read_text(encoding="utf-8"))
    [param] = [each for each in data["params"] if each["name"] == "top_k"]
    param.update(changes)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    return _locked(tmp_path / "changed.lock.json", effective_default=40, default=40)


LOCK = places.ROOT / places.LOCK


def _found(done: Done) -> list[dict[str, object]]:
    return json.loads(done.out)["findings"]


def test_a_lock_does_not_differ_from_itself(codegen: Command) -> None:
    done = codegen("diff", LOCK, LOCK)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("nothing changed.\n")


@pytest.mark.parametrize(("limit", "code"), [("breaking", 1), ("risky", 1), ("info", 1), ("never", 0)])
def test_fail_on_sets_the_level_from_which_a_finding_fails(
    codegen: Command, changed: Path, limit: str, code: int
) -> None:
    done = codegen("diff", LOCK, changed, "--fail-on", limit)
    assert done.code == code
    assert "Unset, top_k is 40; it was 50. Its energy role is decoding." in done.out


@pytest.mark.parametrize(("limit", "code"), [("breaking", 0), ("risky", 0), ("info", 1)])
def test_what_is_only_for_information_fails_only_when_asked(
    codegen: Command, tmp_path: Path, limit: str, code: int
) -> None:
    other = _locked(tmp_path / "other.json", declared_default=50)
    done = codegen("diff", LOCK, other, "--fail-on", limit)
    assert (done.code, "default-declared" in done.out) == (code, True)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "github"])
def test_every_format_has_the_finding(codegen: Command, changed: Path, form: str) -> None:
    done = codegen("diff", LOCK, changed, "--format", form)
    assert done.code == 1
    assert "default-changed" in done.out


def test_a_folder_and_the_default_sides(codegen: Command, source_copy: SourceCopy) -> None:
    source_copy.change("generation/configuration_utils.py", r'"top_k": 50', '"top_k": 40')
    done = codegen("diff", LOCK, source_copy.root, "--format", "json", *NONE)
    changed = [each for each in _found(done) if each["id"] == "default-changed"]
    assert [(each["parameter"], each["old"], each["new"]) for each in changed] == [("top_k", 50, 40)]
    where = changed[0]["where"]
    assert isinstance(where, dict)
    line = (
        (source_copy.root / "transformers" / where["file"])
        .read_text(encoding="utf-8")
        .split("\n")[where["line"] - 1]
    )
    assert "top_k" in line


def test_the_terminal_shows_the_code_that_changed_unless_it_is_to_be_brief(
    codegen: Command, source_copy: SourceCopy
) -> None:
    source_copy.change("generation/configuration_utils.py", r'"top_k": 50', '"top_k": 40')
    installed = Path(source.installed(places.PACKAGE).root)
    long, brief = (codegen("diff", installed, source_copy.root, *more, *NONE) for more in ((), ("--brief",)))
    assert "a number 50 became 40" in brief.out
    assert brief.out in {brief.out, long.out}
    assert any(line.strip().startswith("+ return {") for line in long.out.split("\n"))
    assert not any(line.strip().startswith("+ return {") for line in brief.out.split("\n"))


def test_the_wording_of_documentation_is_shown_on_a_terminal_only(
    codegen: Command, source_copy: SourceCopy
) -> None:
    source_copy.change(
        "generation/configuration_utils.py",
        "The number of highest probability vocabulary tokens",
        "How many tokens",
    )
    installed = Path(source.installed(places.PACKAGE).root)
    shown = codegen("diff", installed, source_copy.root, *NONE)
    assert "wording of the documentation changed (1)  [doc-changed]" in shown.out
    assert "+ top_k (`int`" in shown.out
    for form in ("markdown", "json", "github"):
        assert (
            "How many tokens" not in codegen("diff", installed, source_copy.root, "--format", form, *NONE).out
        )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository whose first revision has the committed lock, and whose second a changed one."""
    root = tmp_path / "repository"
    (root / places.LOCK).parent.mkdir(parents=True)

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.example")
        subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "nothing")
    git("tag", "empty")
    (root / places.LOCK).write_text(LOCK.read_text(encoding="utf-8"), encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "-m", "one")
    git("tag", "v1")
    _locked(root / places.LOCK, effective_default=40, default=40)
    git("commit", "-qam", "two")
    for path in (places.ENGINE.overrides, places.ENGINE.releases):
        (root / path).write_bytes((places.ROOT / path).read_bytes())
    monkeypatch.setattr(checkout, "ROOT", root)
    return root


def test_revisions_of_this_repository(codegen: Command, repository: Path) -> None:
    done = codegen("diff", "v1", "HEAD", "--format", "json", *NONE)
    assert [(each["id"], each["parameter"]) for each in _found(done)] == [("default-changed", "top_k")]
    assert codegen("diff", "HEAD", "HEAD", *NONE).code == 0


def test_a_revision_with_the_lock_in_its_former_place(codegen: Command, repository: Path) -> None:
    (repository / places.LOCK).rename(repository / places.ENGINE.former_locks[0])
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "commit", "-qam", "three"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qam", "four"], check=True)
    assert codegen("diff", "HEAD~2", "HEAD", *NONE).code == 0


def test_a_lock_from_before_there_were_rules_is_compared_without_them(
    codegen: Command, tmp_path: Path
) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps(former_locks.format_1(lock.load(LOCK))), encoding="utf-8")
    done = codegen("diff", old, LOCK, "--format", "json", *NONE)
    assert done.code == 0, done.err
    assert json.loads(done.out)["old"].endswith("without rules)")
    assert {each["id"] for each in _found(done)} <= {"bookkeeping-changed"}


BAD_SIDES = (
    ("no-such-revision", "'no-such-revision' is not a release such as 1.2.3"),
    ("--upload-pack=x", "--upload-pack=x"),
    ("HEAD:secret", "'HEAD:secret' is not a release"),
    ("missing.whl", "missing.whl: no such wheel."),
    ("1.2.4", "There is no transformers 1.2.4"),
)


@pytest.mark.parametrize(("side", "said"), BAD_SIDES)
def test_a_side_that_is_not_there(
    codegen: Command, side: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(distribution: str, version: object, cache: Path) -> Path:
        raise SourceError(f"There is no transformers {version}; there are, for example, 1.2.3.")

    monkeypatch.setattr(source, "download", refused)
    done = codegen("diff", *(["--"] if side.startswith("-") else []), side)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert "Traceback" not in done.err


def test_a_revision_without_a_lock(codegen: Command, repository: Path) -> None:
    done = codegen("diff", "empty", *NONE)
    assert (done.code, done.err) == (
        2,
        f"codegen: The revision empty has no {places.LOCK}; name one that has.\n",
    )


def test_a_lock_of_a_newer_format(codegen: Command, tmp_path: Path) -> None:
    newer = tmp_path / "newer.json"
    newer.write_text('{"format": 99}', encoding="utf-8")
    done = codegen("diff", newer, LOCK)
    assert done.code == 2
    assert f"{newer} has format 99; this codegen reads format {lock.FORMAT}" in done.err


def test_a_file_that_is_not_a_lock(codegen: Command, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(b"\xff{")
    assert codegen("diff", other, LOCK).code == 2


def test_a_wheel_without_the_file(codegen: Command, tmp_path: Path) -> None:
    import zipfile

    wheel = tmp_path / "transformers-99.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("transformers/__init__.py", '__version__ = "99.1.0"\n')
    done = codegen("diff", LOCK, wheel)
    assert done.code == 2
    assert "has no file transformers/generation/configuration_utils.py" in done.err


def test_a_source_of_an_unknown_shape_is_an_error_and_no_comparison(
    codegen: Command, source_copy: SourceCopy
) -> None:
    source_copy.change(
        "generation/configuration_utils.py", r"def _get_default_generation_params\(\)", "def _defaults()"
    )
    done = codegen("diff", LOCK, source_copy.root)
    assert (done.code, done.out) in ((2, ""), (1, done.out))
    cut = source_copy.root / "transformers" / "generation" / "utils.py"
    cut.write_text(cut.read_text(encoding="utf-8")[:90_000], encoding="utf-8")
    done = codegen("diff", LOCK, source_copy.root)
    assert (done.code, done.out) == (2, "")


# --- acceptances


def _accept(path: Path, *entries: str) -> Path:
    path.write_text("\n".join(f"[[accepted]]\n{entry}" for entry in entries), encoding="utf-8")
    return path


TOP_K = 'id = "default-changed"\nparameter = "top_k"\nnew = 40\nreason = "We set it everywhere."'


def test_a_file_of_acceptances_that_is_named_has_to_be_there(
    codegen: Command, changed: Path, tmp_path: Path
) -> None:
    done = codegen("diff", LOCK, changed, "--accepted", tmp_path / "acepted.toml")
    assert done.code == 2
    assert "acepted.toml" in done.err
    assert "it cannot be read (No such file or directory)" in done.err
    assert accepted.load(tmp_path / "accepted.toml", "accepted.toml", optional=True) == ()


@pytest.mark.parametrize("form", ["text", "markdown", "json", "github"])
def test_an_accepted_finding_no_longer_fails_and_is_still_reported(
    codegen: Command, changed: Path, tmp_path: Path, form: str
) -> None:
    path = _accept(tmp_path / "accepted.toml", TOP_K)
    done = codegen("diff", LOCK, changed, "--accepted", path, "--format", form, "--fail-on", "info")
    assert done.code == 0, done.err
    assert "We set it everywhere." in done.out


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            TOP_K.replace("40", "41"),
            "accepted[0]: default-changed of top_k with the new value 41 is not found",
        ),
        (TOP_K.replace("40", "40.0"), "with the new value 40.0 is not found"),
        (TOP_K.replace("top_k", "top_p"), "default-changed of top_p with the new value 40 is not found"),
        (
            TOP_K + '\nuntil = "1.2"',
            f"was accepted until 1.2, and this is {places.SUPPORTED[-1]}; decide again",
        ),
        (TOP_K.replace("default-changed", "defaults"), "'defaults' is not a valid finding"),
        (
            TOP_K.replace("reason", "why"),
            "accepted[0]: 'why' is not known; known are id, new, parameter, reason, until",
        ),
        (TOP_K.replace('"We set it everywhere."', '""'), "accepted[0].reason: it is empty"),
        (TOP_K + "\nuntil = 5", "accepted[0].until: 5 is not a release"),
        (f"{TOP_K}\n[[accepted]]\n{TOP_K}", "accepted[1]: the same finding as accepted[0]"),
        (TOP_K + '\nuntil = "soon"', "accepted[0].until: 'soon' is not a release"),
        ("id = ", "it is not TOML"),
    ],
)
def test_a_broken_acceptance_is_an_error(
    codegen: Command, changed: Path, tmp_path: Path, entry: str, said: str
) -> None:
    done = codegen("diff", LOCK, changed, "--accepted", _accept(tmp_path / "accepted.toml", entry))
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("text", ["accepted = 3", "other = 1", "[accepted]\nid = 1", "accepted = [3]"])
def test_a_file_of_another_form_is_an_error(
    codegen: Command, changed: Path, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "accepted.toml"
    path.write_text(text, encoding="utf-8")
    assert codegen("diff", LOCK, changed, "--accepted", path).code == 2


def test_an_acceptance_still_counts_before_its_end(codegen: Command, changed: Path, tmp_path: Path) -> None:
    path = _accept(tmp_path / "accepted.toml", TOP_K + '\nuntil = "99.1"')
    assert codegen("diff", LOCK, changed, "--accepted", path).code == 0


def test_the_committed_acceptances_are_read() -> None:
    assert accepted.load(places.ROOT / places.ENGINE.accepted, "accepted.toml") == ()


# --- the kinds


def test_findings_lists_every_kind(codegen: Command) -> None:
    done = codegen("findings")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.split("\n")[: len(KINDS)]] == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_explained_with_an_example(codegen: Command, kind: str) -> None:
    done = codegen("findings", "--explain", kind)
    assert done.code == 0
    assert done.out.startswith(f"{kind}: ")
    assert KINDS[kind].example in done.out


def test_an_unknown_kind_is_asked_about(codegen: Command) -> None:
    done = codegen("findings", "--explain", "param-remove")
    assert (done.code, done.err) == (
        2,
        "codegen: There is no finding 'param-remove'. Did you mean param-removed?\n",
    )


def test_a_comparison_of_locks_does_not_import_what_reads_sources() -> None:
    code = "import sys; from codegen.cli.main import main; main(['diff', *sys.argv[1:]]); print({'libcst', 'jinja2'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(LOCK), str(LOCK)],
        cwd=places.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("set()\n")


# --- the releases


@pytest.mark.parametrize(("old", "new"), list(pairwise(places.SUPPORTED)))
def test_a_step_between_releases_has_all_findings_of_these_kinds(
    codegen: Command, old: str, new: str
) -> None:
    sides = [releases.wheel(version) for version in (old, new)]
    found = _found(codegen("diff", *sides, "--format", "json", *NONE))
    expected = expectations.of(new).step
    by_id: dict[str, set[object]] = {kind: set() for kind in expected}
    for each in found:
        if each["id"] in expected:
            by_id[str(each["id"])] |= {*str(each["parameter"]).split(", ")}
    assert by_id == {kind: set(names) for kind, names in expected.items()}


@pytest.mark.parametrize(("old", "new"), list(pairwise(places.SUPPORTED)))
def test_a_default_that_is_only_declared_otherwise_breaks_nothing(
    codegen: Command, old: str, new: str
) -> None:
    sides = [releases.wheel(version) for version in (old, new)]
    found = _found(codegen("diff", *sides, "--format", "json", *NONE))
    same = {each["parameter"] for each in found if each["id"] in ("default-declared", "default-alike")}
    changed = {each["parameter"] for each in found if each["id"] == "default-changed"}
    assert not same & changed
