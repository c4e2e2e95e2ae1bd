"""A comparison of two records as a table for a terminal."""

import json
from collections.abc import Iterator

from llenergymeasure.results.compare import COVERED, NOT_COVERED, TEST, Comparison, QuantityComparison
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
    yield from listed("tokens", list(_tokens(comparison)))
    yield from listed("test", [TEST, f"covers {COVERED};", f"does not cover {NOT_COVERED}"])
    yield from listed("settings", [_change(change) for change in comparison.configuration] or ["the same"])
    yield from listed("conditions", [_change(change) for change in comparison.conditions] or ["the same"])
    yield from listed("WARNING", [f"{warning.id}: {warning.text}" for warning in comparison.warnings])


def _answer(comparison: Comparison) -> str:
    headline = comparison.headline
    if headline is None or headline.ratio is None:
        return f"not comparable: {_why_nothing(comparison)}"
    ratio = headline.ratio
    if not ratio.distinguishable:
        return f"no difference in {headline.name} is found between these two runs (p = {ratio.p:.2g})"
    word = "more" if ratio.value > 1 else "less"
    share = f"{abs(ratio.value - 1):.1%} {word} {headline.name}"
    return f"{share} than the base, in these two runs (p = {ratio.p:.2g})"


def _why_nothing(comparison: Comparison) -> str:
    """Why no measured quantity has a ratio: the reason of the first that both records have."""
    measured = [quantity for quantity in comparison.quantities if not quantity.is_modelled]
    known = [quantity for quantity in measured if quantity.base is not None and quantity.other is not None]
    return known[0].missing if known else "no quantity is known of both"


def _tokens(comparison: Comparison) -> Iterator[str]:
    """The tokens per request of both records."""
    base, other = comparison.tokens
    if base is None or other is None:
        return
    yield (
        f"per request: {base.prompt:.6g} -> {other.prompt:.6g} in, {base.output:.6g} -> {other.output:.6g} out"
    )


def _quantity(quantity: QuantityComparison) -> str:
    base, other = (
        "unknown" if value is None else f"{number(value)} {quantity.unit}"
        for value in (quantity.base, quantity.other)
    )
    ratio = quantity.ratio
    text = f"{ratio.value:.4g} times ({ratio.low:.4g} to {ratio.high:.4g})" if ratio else quantity.missing
    return f"{quantity.name + ':':<31} {text}; {base} -> {other}"


def _change(change: Change) -> str:
    before, after = (
        json.dumps(value, ensure_ascii=False) if value is not None else "not set"
        for value in (change.base, change.other)
    )
    return f"{change.path}: {before} -> {after}"
