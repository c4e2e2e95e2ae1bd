"""The texts to generate from: built in, written in the configuration, or lines of a file."""

import json
from pathlib import Path
from typing import TypeAlias

from llenergymeasure.config.experiment import SyntheticPrompts
from llenergymeasure.engines.errors import PromptError
from llenergymeasure.engines.paths import expand_home

Prompts: TypeAlias = tuple[str, ...] | SyntheticPrompts
"""Texts, or the length of prompts of random tokens."""

PLACE = "workload.prompts"

BUILTIN_PROMPTS: tuple[str, ...] = (
    "Describe how a heat pump moves heat from cold air into a warm room.",
    "Why is the sky blue?",
    "Write the opening of a story about a lighthouse keeper who collects clocks.",
    "List three ways to make a bicycle ride safer at night.",
    "Explain to a child what a prime number is, and why two is the odd one out.",
    "Translate to French: the train leaves at nine.",
    (
        "A farmer has seventeen sheep and all but nine run away. How many are left, and why do people get it "
        "wrong?"
    ),
    "Summarise the water cycle in one sentence.",
)
"""Questions of different lengths, so that batches need padding."""


def describe_prompts(prompts: str | tuple[str, ...] | SyntheticPrompts) -> str:
    """Where the prompts come from, in a few words."""
    match prompts:
        case SyntheticPrompts():
            return f"synthetic, {prompts.tokens} tokens"
        case str():
            return prompts
    return f"{len(prompts)} in the configuration"


def read_prompts(prompts: str | tuple[str, ...] | SyntheticPrompts) -> Prompts:
    """The prompts that ``workload.prompts`` names, at least one, in their order.

    Synthetic prompts and texts of the configuration are returned as they are.

    A text file has one prompt per line; empty lines are skipped. A ``.jsonl`` file has a JSON text per line,
    or an object whose ``prompt`` or ``text`` is one.

    Raises:
        PromptError: there is no such file, it is not text, or it has no prompts.
    """
    if not isinstance(prompts, str):
        return prompts
    if prompts == "builtin":
        return BUILTIN_PROMPTS
    path = expand_home(prompts, PLACE, PromptError)
    lines = _read_lines(path, prompts)
    is_json = path.suffix == ".jsonl"
    texts = [
        _from_json(line, f"{prompts}:{number}") if is_json else line.rstrip("\r")
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not texts:
        raise PromptError(f"{PLACE}: {prompts} has no prompts; write one per line.")
    return tuple(texts)


def _read_lines(path: Path, name: str) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        where = "" if path.is_absolute() else " in the working folder"
        raise PromptError(f"{PLACE}: there is no file {name}{where}. Name one, or write builtin.") from error
    except UnicodeDecodeError as error:
        raise PromptError(f"{PLACE}: {name} is not UTF-8 text; save it as UTF-8.") from error
    except OSError as error:
        raise PromptError(f"{PLACE}: {name} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # no path can have that name
        raise PromptError(f"{PLACE}: {name!r} is not the name of a file: {error}.") from error


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
            f"{PLACE}: {place}: the escape \\u{ord(value[error.start]):04x} is half a character (a lone "
            "surrogate). Write both halves, or the character itself."
        ) from error
    return value
