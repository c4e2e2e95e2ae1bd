"""The texts to generate from: built in, written in the configuration, or lines of a file."""

import json

from llenergymeasure.engines.transformers.builtin import BUILTIN_PROMPTS
from llenergymeasure.engines.transformers.errors import PromptError
from llenergymeasure.engines.transformers.paths import expanded

PLACE = "workload.prompts"


def read_prompts(prompts: str | tuple[str, ...]) -> tuple[str, ...]:
    """The prompts that ``workload.prompts`` stands for, in their order; at least one.

    A text file has a prompt a line, empty lines aside. A ``.jsonl`` file has a JSON text a line, or an object whose
    ``prompt`` or ``text`` is one.

    Raises:
        PromptError: there is no such file, it is no text, or it has no prompts.
    """
    if not isinstance(prompts, str):
        return tuple(prompts)
    if prompts == "builtin":
        return BUILTIN_PROMPTS
    path = expanded(prompts, PLACE, PromptError)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        where = "" if path.is_absolute() else " in the working folder"
        raise PromptError(
            f"{PLACE}: there is no file {prompts}{where}. Name one, or write builtin."
        ) from error
    except UnicodeDecodeError as error:
        raise PromptError(f"{PLACE}: {prompts} is not UTF-8 text; save it as UTF-8.") from error
    except OSError as error:
        raise PromptError(f"{PLACE}: {prompts} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # no path can have that name
        raise PromptError(f"{PLACE}: {prompts!r} is not the name of a file: {error}.") from error
    is_json = path.suffix == ".jsonl"
    found = [
        _from_json(line, f"{prompts}:{number}") if is_json else line.rstrip("\r")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not found:
        raise PromptError(f"{PLACE}: {prompts} has no prompts; write one a line.")
    return tuple(found)


def _from_json(line: str, place: str) -> str:
    """The prompt on one line of a ``.jsonl`` file."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PromptError(f"{PLACE}: {place}: not JSON ({error}).") from error
    if isinstance(value, dict):
        value = value.get("prompt", value.get("text"))
    if not isinstance(value, str) or not value:
        raise PromptError(f'{PLACE}: {place}: no prompt; write a JSON text, or {{"prompt": "..."}}.')
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise PromptError(
            f"{PLACE}: {place}: the escape \\u{ord(value[error.start]):04x} is half a character (a lone surrogate). "
            "Write both halves, or the character itself."
        ) from error
    return value
