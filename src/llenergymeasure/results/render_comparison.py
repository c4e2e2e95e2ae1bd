"""A comparison of two records as a table for a terminal."""

import json

from llenergymeasure.results.compare import TEST, Comparison, QuantityComparison
from llenergymeasure.results.differences import Change
from llenergymeasure.results.tables import Rows, listed, number, table


def render_comparison(comparison: Comparison) -> str:
    """The comparison: the answer first, then the ratios, what differs, and the reasons against comparing."""
    return table(_rows(comparison))


def _rows(comparison: Comparison) -> Rows:
    yield "answer", _answer(comparison)
    for quantity in comparison.quantities:
        if quantity.base is not None or quantity.other is not None:
            yield from listed("", [_quantity(quantity)])
    yield "test", f"{TEST}; the spread within each run only"
    yield from listed("settings", [_change(change) for change in comparison.configuration] or ["the same"])
    yield from listed("conditions", [_change(change) for change in comparison.conditions] or ["the same"])
    yield from listed("WARNING", [f"{warning.id}: {warning.text}" for warning in comparison.warnings])


def _answer(comparison: Comparison) -> str:
    headline = comparison.headline
    if headline is None or headline.ratio is None:
        return "not comparable: no quantity is known of both"
    ratio = headline.ratio
    if not ratio.distinguishable:
        return f"no difference in {headline.name} is found (p = {ratio.p:.2g})"
    word = "more" if ratio.value > 1 else "less"
    return f"{abs(ratio.value - 1):.1%} {word} {headline.name} than the base (p = {ratio.p:.2g})"


def _quantity(quantity: QuantityComparison) -> str:
    base, other = (
        "unknown" if value is None else f"{number(value)} {quantity.unit}"
        for value in (quantity.base, quantity.other)
    )
    ratio = quantity.ratio
    text = f"{ratio.value:.4g} times ({ratio.low:.4g} to {ratio.high:.4g})" if ratio else quantity.missing
    return f"{quantity.name + ':':<30} {text}; {base} -> {other}"


def _change(change: Change) -> str:
    before, after = (
        json.dumps(value, ensure_ascii=False) if value is not None else "not set"
        for value in (change.base, change.other)
    )
    return f"{change.path}: {before} -> {after}"
