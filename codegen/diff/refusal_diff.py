"""Findings about the refusals in reach: added, removed, moved, or under another condition.

Both locks and sources have them. A refusal is what is raised and under which condition, see
:mod:`codegen.upstream.refusal_sites`; its message does not count.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import SequenceMatcher

from codegen.diff.catalog import make_finding
from codegen.diff.findings import Finding, Level
from codegen.diff.reached_code import Changes
from codegen.diff.sides import Side
from codegen.model.origins import Symbol

_SAME_REFUSAL = 0.5
"""From this similarity on, two refusals of one function count as one whose condition changed."""
_LONGEST = 100  # characters of a condition that a sentence quotes

_Refusals = dict[Symbol, list[str]]


def compare(before: Side, after: Side, code_changes: Changes | None) -> Iterator[Finding]:
    """Every refusal that differs; nothing if the refusals of one side are not known.

    Args:
        before: the old side.
        after: the new side.
        code_changes: what differs between the code in reach, where that is known.
    """
    if code_changes is None:
        first, second, code_changes = before.refusals, after.refusals, Changes()
    else:  # unchanged code refuses the same
        first, second = _refusals_in(before, code_changes.old), _refusals_in(after, code_changes.new)
    if first is None or second is None:
        return
    old = {
        code_changes.moved.get(symbol, symbol): [_renamed(text, code_changes.names) for text in texts]
        for symbol, texts in first.items()
    }
    new = {symbol: [*texts] for symbol, texts in second.items()}
    for symbol in old.keys() & new.keys():
        common = Counter(old[symbol]) & Counter(new[symbol])
        old[symbol], new[symbol] = _without(old[symbol], common), _without(new[symbol], common)
    both = sorted(old.keys() & new.keys())
    for symbol in both:
        yield from _changed(symbol, old[symbol], new[symbol], after, at_least=1)
    yield from _moved(old, new, after)
    for symbol in both:
        yield from _changed(symbol, old[symbol], new[symbol], after, at_least=_SAME_REFUSAL)
    yield from _one_by_one("refusal-removed", old, before, code_changes.removed)
    added = (*code_changes.extracted, *code_changes.added)
    yield from _one_by_one("refusal-added", new, after, added)


def _refusals_in(side: Side, symbols: Iterable[Symbol]) -> dict[Symbol, tuple[str, ...]]:
    """The refusals in these definitions, as far as they have any."""
    assert side.reached is not None
    refusals = {symbol: tuple(map(str, side.reached.sites(symbol))) for symbol in symbols}
    return {symbol: texts for symbol, texts in refusals.items() if texts}


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text) if names else text


def _without(texts: list[str], left_out: Counter[str]) -> list[str]:
    """The texts without some of them, each as many times as it is counted."""
    counts = Counter(left_out)
    remaining = []
    for text in texts:
        if counts[text]:
            counts[text] -= 1
        else:
            remaining.append(text)
    return remaining


def _moved(old: _Refusals, new: _Refusals, after: Side) -> Iterator[Finding]:
    """Refusals that are in another function now. One without a condition cannot be recognised there."""
    places = {text: symbol for symbol, texts in new.items() for text in texts if " if " in text}
    for symbol, texts in old.items():
        for text in [*texts]:
            place = places.pop(text, None)
            if place is not None:
                texts.remove(text)
                new[place].remove(text)
                meaning = f"{place.qualname} refuses what {symbol.qualname} did: {_short(text)}."
                yield _finding("refusal-moved", place, after, meaning, (str(symbol), str(place)), text)


def _changed(
    symbol: Symbol, old: list[str], new: list[str], after: Side, *, at_least: float
) -> Iterator[Finding]:
    """Refusals in the same function that raise the same under another condition; most similar pairs first."""
    pairs = [
        (ratio, first, second)
        for first in old
        for second in new
        if _kind(first) == _kind(second) and (ratio := _likeness(first, second)) >= at_least
    ]
    for _, first, second in sorted(pairs, reverse=True):
        if first in old and second in new:
            old.remove(first)
            new.remove(second)
            meaning = f"{symbol.qualname} refuses under another condition: {_short(second)}."
            yield _finding(
                "refusal-changed", symbol, after, meaning, (first, second), f"- {first}", f"+ {second}"
            )


def _likeness(first: str, second: str) -> float:
    """How alike two conditions are: equal where one is the other with more tests around it."""
    short, long = sorted((_condition(first), _condition(second)), key=len)
    if short and short in long:
        return 1
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _one_by_one(
    kind: str, refusals: _Refusals, side: Side, only_here: Collection[Symbol]
) -> Iterator[Finding]:
    """The refusals that only one side has, as information where the other does not reach the function."""
    does = "no longer refuses" if kind == "refusal-removed" else "refuses something that it did not"
    for symbol, texts in sorted(refusals.items()):
        for text in texts:
            values = (text, None) if kind == "refusal-removed" else (None, text)
            meaning = f"{symbol.qualname} {does}: {_short(text)}."
            level: Level | None = "info" if symbol in only_here else None
            yield _finding(kind, symbol, side, meaning, values, text, level=level)


def _kind(text: str) -> str:
    """What is raised, or set together with a warning."""
    return text.partition(" if ")[0]


def _condition(text: str) -> str:
    return text.partition(" if ")[2]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _finding(
    kind: str,
    symbol: Symbol,
    side: Side,
    meaning: str,
    values: tuple[str | None, str | None],
    *detail: str,
    level: Level | None = None,
) -> Finding:
    return make_finding(
        kind,
        str(symbol),
        meaning=meaning,
        values=values,
        where=side.where(symbol, symbol.name),
        detail=detail,
        level=level,
    )
