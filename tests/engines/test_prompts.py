"""The texts to generate from, and the errors about them, which name their place in the configuration."""

from pathlib import Path

import pytest

from llenergymeasure.engines.errors import PromptError
from llenergymeasure.engines.prompts import BUILTIN_PROMPTS, read_prompts


def test_prompts_from_each_source(tmp_path: Path) -> None:
    text, lines = tmp_path / "p.txt", tmp_path / "p.jsonl"
    text.write_bytes("\ufeffone\r\n\r\n  two é\n".encode())
    lines.write_text('"one"\n{"prompt": "two\\nlines"}\n\n{"text": "three", "id": 3}\n')
    assert read_prompts("builtin") == BUILTIN_PROMPTS
    assert read_prompts(("a", "b")) == ("a", "b")
    assert read_prompts(str(text)) == ("one", "  two é")
    assert read_prompts(str(lines)) == ("one", "two\nlines", "three")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.txt", None, r"there is no file .*none\.txt"),
        ("empty.txt", b"\n \n", r"empty\.txt has no prompts"),
        ("latin.txt", b"caf\xe9", "not UTF-8"),
        ("a.jsonl", b'"ok"\n{"prompt": 3}\n', r"a\.jsonl:2: no prompt"),
        ("b.jsonl", b'"ok"\n\nnope\n', r"b\.jsonl:3: not JSON"),
        ("c.jsonl", b'""\n', r"c\.jsonl:1: no prompt"),
        ("d.jsonl", b'"ok"\n"a\\ud83d"\n', r"d\.jsonl:2: the escape \\ud83d is half a character"),
        ("e.jsonl", b"[" * 200_000, r"e\.jsonl:1: not JSON"),
        ("\0.txt", None, "is not the name of a file"),
    ],
)
def test_missing_and_unusable_prompts_are_reported(
    tmp_path: Path, name: str, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(PromptError, match=rf"workload\.prompts: .*{words}"):
        read_prompts(str(tmp_path / name))


def test_escapes_for_both_halves_of_a_character_give_one_character(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text('"\\ud83d\\ude42"\n')
    assert read_prompts(str(tmp_path / "p.jsonl")) == ("\N{SLIGHTLY SMILING FACE}",)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("none.txt", r"there is no file none\.txt in the working folder\. "),
        ("sub/none.txt", r"there is no file sub/none\.txt in the working folder\. "),
        ("/none.txt", r"there is no file /none\.txt\. "),
        ("~/none.txt", r"there is no file ~/none\.txt\. "),
        ("~nosuchuser/x.txt", r"~nosuchuser/x\.txt begins with a home folder that is not known here"),
    ],
)
def test_a_missing_prompt_file_is_reported_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(PromptError, match=rf"^workload\.prompts: {words}"):
        read_prompts(name)


def test_a_folder_is_not_a_prompt_file(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="cannot be read"):
        read_prompts(str(tmp_path))
