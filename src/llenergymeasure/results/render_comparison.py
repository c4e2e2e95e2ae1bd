"""A comparison of two records as a table that a person reads in a terminal."""

import json

from llenergymeasure.results.compare import TEST, Compared, Comparison
from llenergymeasure.results.differences import Changed
from llenergymeasure.results.tables import Rows, listed, number, table


def render_comparison(comparison: Comparison) -> str:
    """The comparison: the answer first, then the ratios, what differs, and what speaks against comparing."""
    return table(_rows(comparison))


def _rows(comparison: Comparison) -> Rows:
    yield "answer", _answer(comparison)
    for compared in comparison.quantities:
        if compared.base is not None or compared.other is not None:
            yield from listed("", [_compared(compared)])
    yield "test", f"{TEST}; the spread within each run only"
    yield from listed("settings", [_changed(change) for change in comparison.configuration] or ["the same"])
    yield from listed("conditions", [_changed(change) for change in comparison.conditions] or ["the same"])
    yield from listed("WARNING", [f"{warned.id}: {warned.text}" for warned in comparison.warnings])


def _answer(comparison: Comparison) -> str:
    known = comparison.headline
    if known is None or known.ratio is None:
        return "not comparable: no quantity is known of both"
    ratio = known.ratio
    if not ratio.distinguishable:
        return f"no difference in {known.name} can be told (p = {ratio.p:.2g})"
    by = abs(ratio.value - 1)
    word = "more" if ratio.value > 1 else "less"
    return f"{by:.1%} {word} {known.name} than the base (p = {ratio.p:.2g})"


def _compared(compared: Compared) -> str:
    base, other = (
        "unknown" if value is None else f"{number(value)} {compared.unit}"
        for value in (compared.base, compared.other)
    )
    ratio = compared.ratio
    told = f"{ratio.value:.4g} times ({ratio.low:.4g} to {ratio.high:.4g})" if ratio else compared.why
    return f"{compared.name + ':':<30} {told}; {base} -> {other}"


def _changed(change: Changed) -> str:
    before, after = (
        json.dumps(value, ensure_ascii=False) if value is not None else "not set"
        for value in (change.base, change.other)
    )
    return f"{change.path}: {before} -> {after}"
