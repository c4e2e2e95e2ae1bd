"""Findings about the refusals in reach: those that came, went, moved, or are made under another condition.

Both locks and sources have them. A refusal is what is raised and when, see
:mod:`codegen.upstream.refusal_sites`; that only its message differs is nothing.
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

_SAME = 0.5
"""From this similarity on, two conditions in one function are forms of one."""
_LONGEST = 100  # characters of a condition that a sentence quotes

_Refusals = dict[Symbol, list[str]]


def compare(before: Side, after: Side, code: Changes | None) -> Iterator[Finding]:
    """Every refusal that differs; nothing where one of the sides does not have them.

    Args:
        before: the old side.
        after: the new side.
        code: what differs between the code in reach, where that is known.
    """
    if code is None:
        first, second, code = before.refusals, after.refusals, Changes()
    else:  # code that is the same refuses the same
        first, second = _of(before, code.old), _of(after, code.new)
    if first is None or second is None:
        return
    old = {
        code.moved.get(symbol, symbol): [_renamed(text, code.names) for text in texts]
        for symbol, texts in first.items()
    }
    new = {symbol: [*texts] for symbol, texts in second.items()}
    for symbol in old.keys() & new.keys():
        common = Counter(old[symbol]) & Counter(new[symbol])
        old[symbol], new[symbol] = _without(old[symbol], common), _without(new[symbol], common)
    yield from _moved(old, new, after)
    for symbol in sorted(old.keys() & new.keys()):
        yield from _changed(symbol, old[symbol], new[symbol], after)
    yield from _one_by_one("refusal-removed", old, before, code.went)
    yield from _one_by_one("refusal-added", new, after, code.came)


def _of(side: Side, symbols: Iterable[Symbol]) -> dict[Symbol, tuple[str, ...]]:
    assert side.reached is not None
    found = {symbol: tuple(map(str, side.reached.sites(symbol))) for symbol in symbols}
    return {symbol: texts for symbol, texts in found.items() if texts}


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\w+", lambda word: names.get(word[0], word[0]), text) if names else text


def _without(texts: list[str], taken: Counter[str]) -> list[str]:
    """Some texts without others, each as often as it is there."""
    left = Counter(taken)
    found = []
    for text in texts:
        if left[text]:
            left[text] -= 1
        else:
            found.append(text)
    return found


def _moved(old: _Refusals, new: _Refusals, after: Side) -> Iterator[Finding]:
    """The same refusal in another function; what has no condition is too little to know it by."""
    places = {text: symbol for symbol, texts in new.items() for text in texts if " if " in text}
    for symbol, texts in old.items():
        for text in [*texts]:
            place = places.pop(text, None)
            if place is not None:
                texts.remove(text)
                new[place].remove(text)
                meaning = f"{place.qualname} refuses what {symbol.qualname} did: {_short(text)}."
                yield _finding("refusal-moved", place, after, meaning, (str(symbol), str(place)), text)


def _changed(symbol: Symbol, old: list[str], new: list[str], after: Side) -> Iterator[Finding]:
    """A refusal of the same kind in the same function, under another condition."""
    pairs = [
        (ratio, first, second)
        for first in old
        for second in new
        if _kind(first) == _kind(second)
        and (ratio := SequenceMatcher(None, first, second, autojunk=False).ratio()) >= _SAME
    ]
    for _, first, second in sorted(pairs, reverse=True):
        if first in old and second in new:
            old.remove(first)
            new.remove(second)
            meaning = f"{symbol.qualname} refuses under another condition: {_short(second)}."
            yield _finding(
                "refusal-changed", symbol, after, meaning, (first, second), f"- {first}", f"+ {second}"
            )


def _one_by_one(
    kind: str, refusals: _Refusals, side: Side, without_other: Collection[Symbol]
) -> Iterator[Finding]:
    """The refusals of one side; of a function that the other side does not have, for information."""
    does = "no longer refuses" if kind == "refusal-removed" else "refuses something that it did not"
    for symbol, texts in sorted(refusals.items()):
        for text in texts:
            values = (text, None) if kind == "refusal-removed" else (None, text)
            meaning = f"{symbol.qualname} {does}: {_short(text)}."
            level: Level | None = "info" if symbol in without_other else None
            yield _finding(kind, symbol, side, meaning, values, text, level=level)


def _kind(text: str) -> str:
    """What is raised, or set beside a warning."""
    return text.partition(" if ")[0]


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
