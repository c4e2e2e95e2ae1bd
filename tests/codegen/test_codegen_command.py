"""``python -m codegen``: what each command says, and its exit code."""

import importlib.machinery
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from codegen import checkout
from codegen.cli import main as cli
from codegen.model import lock
from tests.codegen import places, releases
from tests.codegen.conftest import Checkout, Command, SourceCopy, copy_for_check

GENERATED = places.GENERATED


def _bytes(root: Path) -> dict[Path, bytes]:
    return {path: (root / path).read_bytes() for path in GENERATED}


def _process(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    given = {"cwd": places.ROOT, "capture_output": True, "text": True} | options
    command = [sys.executable, "-m", "codegen", *map(str, arguments)]
    return subprocess.run(command, check=False, **given)  # type: ignore[call-overload]


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_each_supported_release_is_refreshed_from(codegen: Command, tmp_path: Path, version: str) -> None:
    done = codegen("refresh", "--into", tmp_path, *releases.arguments(version))
    assert done.code == 0, done.err
    names = [param.name for param in lock.load(tmp_path / places.LOCK).params]
    assert names == [param.name for param in releases.facts(version).params]
    assert f"transformers {version} (" in done.out
    assert f"{len(names)} parameters, all proofs passed.\nwrote {places.MODULE}\n" in done.out
    assert f'version: ClassVar[str] = "{version}"\n' in (tmp_path / places.MODULE).read_text(encoding="utf-8")


def test_a_second_refresh_changes_nothing_and_one_from_another_release_can_be_undone(
    codegen: Command, refreshed: Path, tmp_path: Path
) -> None:
    shutil.copytree(refreshed, tmp_path, dirs_exist_ok=True)
    before = _bytes(tmp_path)
    assert "Nothing changed." in codegen("refresh", "--into", tmp_path).out
    assert _bytes(tmp_path) == before
    assert codegen("refresh", "--into", tmp_path, *releases.arguments(places.SUPPORTED[0])).code == 0
    same = [path for path in GENERATED if _bytes(tmp_path)[path] == before[path]]
    assert same == [places.ENGINE.vocabulary_module]  # that is of no release
    assert codegen("refresh", "--into", tmp_path).code == 0
    assert _bytes(tmp_path) == before


def test_the_same_bytes_from_any_folder_hash_seed_and_locale(refreshed: Path, tmp_path: Path) -> None:
    """:mod:`test_render` has more seeds and locales, on a small schema."""
    odd = {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0", "TZ": "Asia/Tokyo"}
    environment = os.environ | {"PYTHONPATH": str(places.ROOT)} | odd
    done = _process("refresh", "--into", "here", cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert _bytes(tmp_path / "here") == _bytes(refreshed)


@pytest.fixture
def committed(refreshed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root that ``check`` takes for the checkout, with up-to-date files in it."""
    root = tmp_path / "committed"
    shutil.copytree(refreshed, root)
    copy_for_check(root)
    monkeypatch.setattr(checkout, "ROOT", root)
    return root


def test_check_finds_nothing(codegen: Command, committed: Path) -> None:
    done = codegen("check")
    assert (done.code, done.err) == (0, "")
    said = "The generated files are what transformers {} and the overrides give.\n"
    assert done.out == said.format(lock.load(committed / places.LOCK).version)


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_check_reports_what_fidelity_found_until_it_is_accepted(codegen: Command, committed: Path) -> None:
    path = committed / places.ENGINE.executed
    data = json.loads(path.read_text(encoding="utf-8"))
    problem = {"cause": "unsound: ValueError (a.py::f)", "count": 500, "example": "{} in single"}
    path.write_text(json.dumps(data | {"problems": [problem]}), encoding="utf-8")
    done = codegen("check")
    assert done.code == 1
    assert f"Fidelity found (500 times) {problem['cause']}. For example: {{}} in single" in done.out
    accepted = f'[[accepted]]\ncause = "{problem["cause"]}"\nreason = "Known."\n'
    (committed / places.ENGINE.accepted_problems).write_text(accepted, encoding="utf-8")
    assert codegen("check").code == 0
    path.write_text(json.dumps(data | {"problems": []}), encoding="utf-8")
    done = codegen("check")
    assert done.code == 1
    assert "accepts what fidelity no longer finds" in done.out


def test_check_shows_the_difference_and_the_command_that_corrects_it(
    codegen: Command, committed: Path
) -> None:
    _change(committed / places.MODULE, "    top_k: ", "    top_kk: ")
    before = _bytes(committed)
    done = codegen("check")
    assert done.code == 1
    assert f"{places.MODULE} is not what refresh would write:" in done.out
    assert "-    top_kk: " in done.out
    assert "+    top_k: " in done.out
    assert done.out.endswith("To correct it: python -m codegen refresh\n")
    assert _bytes(committed) == before


def test_check_says_when_only_the_formatting_differs(codegen: Command, committed: Path) -> None:
    _change(committed / places.MODULE, "import BackendConfig\n", "import (BackendConfig)  # why\n")
    done = codegen("check")
    assert done.code == 1
    assert f"{places.MODULE} differs in formatting only." in done.out


def test_check_says_which_files_are_missing(codegen: Command, committed: Path) -> None:
    (committed / places.MODULE).unlink()
    (committed / places.LOCK).unlink()
    done = codegen("check")
    assert done.code == 1
    missing = f"{places.MODULE} is missing.\n{places.LOCK} is missing.\n"
    assert done.out == f"{missing}To correct it: python -m codegen refresh\n"


def test_check_fails_on_a_file_that_cannot_be_read(codegen: Command, committed: Path) -> None:
    (committed / places.MODULE).write_bytes(b"\xff\xfe")
    done = codegen("check")
    assert done.code == 2
    assert f"{places.MODULE} cannot be read" in done.err


def test_check_of_another_release_names_it_in_the_hint(codegen: Command, committed: Path) -> None:
    arguments = releases.arguments(places.SUPPORTED[0])
    done = codegen("check", *arguments)
    assert done.code == 1
    assert f"To correct it: python -m codegen refresh {' '.join(arguments)}\n" in done.out
    assert "more lines" in done.out  # a long difference is cut


def test_a_parameter_without_a_role_fails_check_and_only_warns_in_refresh(checkout: Checkout) -> None:
    path = checkout.root / places.ENGINE.overrides
    text = path.read_text(encoding="utf-8")
    without = re.sub(r"(?ms)^\[params\.use_cache\].*?(?=^\[params\.)", "", text)
    path.write_text(without, encoding="utf-8")
    refresh = checkout("refresh")
    assert refresh.code == 0, refresh.err
    assert "warning: use_cache has no energy role" in refresh.err
    check = checkout("check")
    assert check.code == 1
    assert "decide: use_cache has no energy role; add [params.use_cache] with a role" in check.err


def test_a_mistake_in_the_overrides_stops_everything(checkout: Checkout) -> None:
    _change(checkout.root / places.ENGINE.overrides, "[params.top_k]", "[params.top_kk]")
    before = _bytes(checkout.root)
    for command in ("refresh", "check"):
        done = checkout(command)
        assert done.code == 2
        assert "params.top_kk: transformers " in done.err
        assert "has no such parameter" in done.err
    assert _bytes(checkout.root) == before


def test_evidence_that_was_not_read_is_asked_for_and_answered(checkout: Checkout) -> None:
    path = checkout.root / places.ENGINE.evidence
    data = json.loads(path.read_text(encoding="utf-8"))
    symbol = "generation/utils.py::GenerationMixin._update_finished_beams"
    statements = data["definitions"][symbol]["statements"]
    newest = places.SUPPORTED[-1]
    [known] = [each for each in statements if newest in (*each.get("read", ()), *each.get("same", ()))]
    known |= {"fingerprint": "0123456789abcdef", "read": ["1.2.4"], "same": []}
    data["definitions"][symbol] = {"digests": {"1.2.4": "0123456789abcdef"}, "statements": [known]}
    path.write_text(json.dumps(data), encoding="utf-8")

    done = checkout("check")
    assert done.code == 1
    assert f"decide: {symbol}: the statements about length_penalty are not those of 1.2.4" in done.err
    assert "rests on it: length_penalty takes none not None: Beam search" in done.err
    assert f"answer: python -m codegen confirm {symbol} --claim length_penalty.takes_none" in done.err
    assert checkout("confirm").code == 1

    refused = checkout("confirm", "GenerationMixin._beam_search", "--reason", "x")
    assert refused.code == 2
    assert "Nobody is asked to read GenerationMixin._beam_search in transformers" in refused.err
    assert f"; asked is: {symbol}" in refused.err
    assert checkout("confirm", symbol).code == 2  # without a reason

    answered = checkout(
        "confirm", "GenerationMixin._update_finished_beams", "--reason", "It is still a power."
    )
    assert answered.code == 0
    assert "nothing is left to read" in answered.out
    again = checkout("check")
    assert "_update_finished_beams" not in again.err + again.out
    assert '"reason": "It is still a power."' in path.read_text(encoding="utf-8")
    assert checkout("confirm").code == 0


def test_coverage_of_the_installed_release(codegen: Command) -> None:
    done = codegen("coverage")
    assert done.code == 0
    assert "100.0 % of the energy-impactful parameters are covered" in done.out


def test_coverage_under_95_percent_fails(codegen: Command, source_copy: SourceCopy) -> None:
    for number in range(5):
        source_copy.declare(f'        self.new_{number} = kwargs.pop("new_{number}", None)\n')
        source_copy.document(f"new_{number} (`int`):\n            New.\n\n")
    done = codegen("coverage", "--transformers", source_copy.root)
    assert done.code == 1
    assert "undecided" in done.out
    assert "new_3: not described, bounded" in done.out


def test_explain_names_file_and_line(codegen: Command) -> None:
    done = codegen("explain", "typical_p")
    assert done.code == 0
    root = releases.tree(places.SUPPORTED[-1]).root
    assert f"  {root}/generation/logits_process.py:" in done.out
    [place] = [line.split()[0] for line in done.out.splitlines() if "TypicalLogitsWarper.__init__" in line]
    path, _, line = place.rpartition(":")
    assert "mass" in Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert "tightening" in done.out


@pytest.mark.parametrize(
    ("name", "code", "what"),
    [
        ("pytorch.typical_p", 0, "typical_p"),
        ("compile_config.mode", 0, "mode"),
        ("typicalp", 2, "has no parameter 'typicalp'. Did you mean typical_p"),
        ("compile_config.mod", 2, "Did you mean compile_config.mode"),
        ("xyzzy", 2, "has no parameter 'xyzzy'.\n"),
    ],
)
def test_explain_finds_a_name_or_suggests_one(codegen: Command, name: str, code: int, what: str) -> None:
    done = codegen("explain", name)
    assert done.code == code
    assert what in (done.err if code else done.out)


@pytest.mark.parametrize("command", [(), ("refresh",), ("check",), ("coverage",), ("explain",)])
def test_every_command_has_a_help(codegen: Command, command: tuple[str, ...]) -> None:
    done = codegen(*command, "--help")
    assert done.code == 0
    assert done.out.startswith("usage: python -m codegen")


@pytest.mark.parametrize(
    "arguments", [(), ("refrsh",), ("refresh", "--nothing"), ("explain",), ("check", "x")]
)
def test_an_unknown_command_is_refused(codegen: Command, arguments: tuple[str, ...]) -> None:
    done = codegen(*arguments)
    assert done.code == 2
    assert "usage: python -m codegen" in done.err


def test_without_transformers_each_command_says_how_to_install_it(
    codegen: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Without(importlib.machinery.PathFinder):
        @classmethod
        def find_spec(cls, fullname: str, path: object = None, target: object = None) -> object:
            return None if fullname == "transformers" else super().find_spec(fullname, path, target)  # type: ignore[arg-type]

    monkeypatch.setattr(sys, "meta_path", [Without])
    monkeypatch.delitem(sys.modules, "transformers", raising=False)  # as another test may have imported it
    for command in ("refresh", "check", "coverage"):
        done = codegen(command)
        assert done.code == 2
        assert (
            "codegen: transformers is not installed here; install it (pip install transformers)" in done.err
        )


def test_a_source_that_is_not_transformers_is_refused(
    codegen: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    whole = releases.wheel(places.SUPPORTED[0]).read_bytes()
    (tmp_path / "cut.whl").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty").mkdir()
    for wanted, what in (
        (tmp_path / "empty", "holds no transformers"),
        (tmp_path / "cut.whl", "is not a whole wheel"),
        (tmp_path / "none.whl", "no such wheel"),
        ("99.1.0", "transformers 99.1.0 is not in"),
        ("nonsense", "is neither a folder, nor a wheel, nor a version"),
    ):
        done = codegen("refresh", "--transformers", wanted, "--into", tmp_path / "out")
        assert done.code == 2
        assert what in done.err
        assert "Traceback" not in done.err
    assert not (tmp_path / "out").exists()


def test_neither_transformers_nor_torch_is_imported() -> None:
    program = (
        "import sys\nfrom codegen.cli.main import main\ncode = main(['coverage'])\n"
        "heavy = {'torch', 'transformers', 'numpy', 'llenergymeasure', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=places.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# What happens to the machine in the middle of a refresh.

KILLED = """
import os, signal, sys
from pathlib import Path
from codegen.cli import main as cli
from codegen.proof import prove

real, calls = {where}, iter(range(1, 100))

def killed(*arguments, **options):
    if next(calls) == {number}:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)

{where} = killed
cli.main(["refresh", "--into", sys.argv[1]])
"""


@pytest.mark.parametrize(("where", "number"), [("prove.prove", 1), ("Path.replace", 2)])
def test_a_kill_in_the_middle_of_refresh(scratch: Path, refreshed: Path, where: str, number: int) -> None:
    program = KILLED.format(where=where, number=number)
    done = subprocess.run([sys.executable, "-c", program, str(scratch)], cwd=places.ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    found = {path: (scratch / path).read_bytes() for path in GENERATED if (scratch / path).exists()}
    meant = _bytes(refreshed)
    assert all(content in (b"old\n", meant[path]) for path, content in found.items())
    assert sum(content == meant[path] for path, content in found.items()) == (where == "Path.replace")
    assert cli.main(["refresh", "--into", str(scratch)]) == 0  # the next one does the rest
    assert _bytes(scratch) == meant


@pytest.mark.parametrize("place", ["proof", "lock"])
def test_a_full_disk_in_the_middle_of_refresh(scratch: Path, refreshed: Path, place: str) -> None:
    sizes = {path: len(content) for path, content in _bytes(refreshed).items()}
    others = max(size for path, size in sizes.items() if path != places.LOCK)
    assert others + 1000 < sizes[places.LOCK]
    limit = 1000 if place == "proof" else others + 1000
    done = _process(
        "refresh", "--into", scratch,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.relative_to(scratch) for path in scratch.rglob("*") if path.is_file()) == sorted(
        [places.MODULE, places.PAGE]
    )
    assert (scratch / places.MODULE).read_text() == "old\n"


def test_without_a_folder_for_the_proof_nothing_is_written(
    codegen: Command, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(scratch / "nowhere"))
    done = codegen("refresh", "--into", scratch)
    assert done.code == 2
    assert "could not be tried" in done.err
    assert (scratch / places.MODULE).read_text() == "old\n"


def test_into_something_that_is_not_a_folder(codegen: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    done = codegen("refresh", "--into", tmp_path / "file")
    assert done.code == 2
    assert "could not be written" in done.err
    assert (tmp_path / "file").read_text() == "here"


def test_output_that_cannot_be_written() -> None:
    with Path("/dev/full").open("w") as full:
        done = _process("coverage", capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_that_is_closed_early_is_not_an_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = _process("coverage", capture_output=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_lock_names_the_release_and_no_path_of_this_machine(refreshed: Path) -> None:
    data = json.loads((refreshed / places.LOCK).read_text(encoding="utf-8"))
    assert data["version"] == releases.tree(places.SUPPORTED[-1]).version
    assert str(Path.home()) not in (refreshed / places.LOCK).read_text(encoding="utf-8")
