"""What editors and type checkers show of the configuration: documentation, names, types of arguments."""

import ast
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from llenergymeasure.config import backend_configs
from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.backend_configs import CompileConfig, PyTorchConfig
from llenergymeasure.config.introspection import get_backend_params
from tests.face.test_public_names import CHECKERS

SERVER = [str(Path(sys.executable).with_name("basedpyright-langserver")), "--stdio"]
ROOT = Path(__file__).parents[2]


class Editor:
    """A language server with one open file, used as an editor uses it."""

    def __init__(self, process: "subprocess.Popen[bytes]", file: Path) -> None:
        self._process, self._file, self._number = process, file, 0
        folder = {"uri": file.parent.as_uri(), "name": "scripts"}
        self.ask("initialize", processId=None, rootUri=None, workspaceFolders=[folder], capabilities={})
        self._send({"method": "initialized", "params": {}})
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": file.read_text()}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def hover(self, line: int, character: int) -> str:
        """The text that is shown when the mouse is at that place."""
        place = {"line": line, "character": character}
        answer = self.ask("textDocument/hover", textDocument={"uri": self._file.as_uri()}, position=place)
        return str(answer["contents"]["value"])

    def ask(self, method: str, **params: Any) -> Any:
        """The result of a request; requests that the server makes meanwhile get an empty result."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": params})
        while (message := self._receive()).get("id") != number or "method" in message:
            if "method" in message and "id" in message:
                items = message.get("params", {}).get("items", [])
                self._send({"id": message["id"], "result": [None for _ in items]})
        return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline().strip()) or not length:
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message


SCRIPT = """from llenergymeasure.config.backend_configs import CompileConfig, PyTorchConfig

config = PyTorchConfig(temperature=0.7, bad_words_ids=[[1]], compile_config={"mode": "default"})
config.temperature
config.bad_words_ids
CompileConfig().mode
"""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    file = tmp_path_factory.mktemp("editor") / "script.py"
    file.write_text(SCRIPT, encoding="utf-8")
    settings = {
        "extraPaths": [str(ROOT / "src")],
        "venvPath": str(Path(sys.prefix).parent),
        "venv": Path(sys.prefix).name,
    }
    (file.parent / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    process = subprocess.Popen(SERVER, cwd=file.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Editor(process, file)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (3, ["temperature: float | None", "Divides the logits", "Range: >= 1e-06. Off: 1.0."]),
        (4, ["bad_words_ids: ", "Range: each >= 0, at least 1 long.", "Requires:", "vocabulary"]),
        (5, ["mode: ", "How much time compilation may take"]),
    ],
)
def test_hovering_shows_meaning_range_off_value_and_requirements(
    editor: Editor, line: int, parts: list[str]
) -> None:
    shown = editor.hover(line, SCRIPT.splitlines()[line].rindex(".") + 1).replace("&gt;", ">")
    for part in parts:
        assert part in shown


def docstrings(model: type) -> dict[str, str]:
    """The docstring below each field of a class."""
    [statement] = ast.parse(inspect.getsource(model)).body
    assert isinstance(statement, ast.ClassDef)
    return {
        one.target.id: str(other.value.value)
        for one, other in pairwise(statement.body)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        if isinstance(other, ast.Expr) and isinstance(other.value, ast.Constant)
    }


@pytest.mark.parametrize("name", backend_configs.__all__)
def test_the_description_of_a_field_is_its_docstring(name: str) -> None:
    model = getattr(backend_configs, name)
    written = docstrings(model)
    fields = {key: field for key, field in model.model_fields.items() if key != "extra"}
    assert written.keys() == fields.keys()
    for key, field in fields.items():
        assert (field.description or "").split() == written[key].split()


def test_the_signature_names_the_fields() -> None:
    named = inspect.signature(PyTorchConfig).parameters
    assert len(named) == 72
    assert named.keys() == fields_of(PyTorchConfig).keys()
    assert list(inspect.signature(CompileConfig).parameters) == list(fields_of(CompileConfig))


def test_the_signature_of_a_subclass_is_its_own() -> None:
    class More(PyTorchConfig):
        more: int = 3

    assert inspect.signature(More).parameters.keys() == {*fields_of(PyTorchConfig), "more"}
    with pytest.raises(AttributeError):
        _ = CompileConfig().__signature__  # type: ignore[attr-defined]


def run_checker(checker: str, path: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *CHECKERS[checker], str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("checker", CHECKERS)
def test_type_checkers_take_every_test_value(checker: str, tmp_path: Path) -> None:
    """Also in the forms of YAML: lists for tuples, and mappings for nested classes."""
    calls = [
        f"PyTorchConfig({path.removeprefix('pytorch.')}={form!r})"
        for path, info in get_backend_params("pytorch").items()
        for value in info["test_values"]
        for form in (value, as_lists(value))
    ]
    path = tmp_path / "right.py"
    lines = [
        "from llenergymeasure.config.backend_configs import PyTorchConfig",
        "from llenergymeasure.config.experiment import ExperimentConfig",
        *dict.fromkeys(calls),
        'PyTorchConfig(sequence_bias={(1, 2): 0.5}, extra={"a": object()})',
        'ExperimentConfig(model={"name": "builtin:llama"}, pytorch={"top_k": 3}, workload={"requests": 2})',
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run_checker(checker, path)
    assert done.returncode == 0, done.stdout[-3000:]


def as_lists(value: Any) -> Any:
    """The value with lists instead of tuples, as YAML has it."""
    if isinstance(value, tuple):
        return [as_lists(each) for each in value]
    return {key: as_lists(each) for key, each in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize(
    "call",
    [
        "PyTorchConfig(temprature=0.7)",
        'PyTorchConfig(temperature="hot")',
        'PyTorchConfig(cache_implementation="sttic")',
        "PyTorchConfig(bad_words_ids=[1])",
        "CompileConfig(moode=1)",
        "SynthIDTextWatermarkingConfig(ngram_len=3)",
    ],
)
def test_type_checkers_refuse_what_is_wrong(checker: str, call: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(f"from llenergymeasure.config.backend_configs import *\n\n{call}\n", encoding="utf-8")
    assert run_checker(checker, path).returncode == 1
