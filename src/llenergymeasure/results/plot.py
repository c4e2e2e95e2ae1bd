"""A record as a picture: power over time, and the windows' spread. Needs matplotlib, which is optional.

Power and energy that come from a model are hatched, and called modelled on their axis.
"""

import math
from importlib import import_module
from pathlib import Path
from typing import Any

from llenergymeasure.energy.errors import TraceError
from llenergymeasure.energy.figures import Modelled
from llenergymeasure.results.errors import NoPackageError, StorageError
from llenergymeasure.results.per_window import amount, joules, joules_per, output, requests, with_energy
from llenergymeasure.results.record import Record
from llenergymeasure.results.schema import Energies, Estimate, Window
from llenergymeasure.results.trace_file import SUFFIX, read_power

INSTALL = "pip install 'llenergymeasure[plot]'"
FORMATS = (".png", ".svg", ".pdf")
"""The formats of a picture, by the ending of its name."""
MODELLED_HATCH = "//"
COLOURS = {"work": "tab:orange", "prefill": "tab:purple", "idle-before": "tab:gray", "idle-after": "tab:gray"}


def plot(record: Record, path: Path, target: Path) -> None:
    """Draw a record, and its trace if there is one next to it.

    Args:
        record: what is drawn.
        path: the file that the record was loaded from.
        target: the file of the picture; its ending names the format, one of :data:`FORMATS`.

    Raises:
        NoPackageError: matplotlib is not installed.
        StorageError: the name has another ending, the trace cannot be read, or the picture cannot be written.
    """
    kind = target.suffix.lower()
    if kind not in FORMATS:
        raise StorageError(
            f"{target} does not name a format of pictures: end the name in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        )
    try:
        figure_module = import_module("matplotlib.figure")
    except ImportError as error:
        raise NoPackageError(f"--plot needs matplotlib: {INSTALL}") from error
    figure = figure_module.Figure(figsize=(9, 7), layout="constrained")
    above, below = figure.subplots(2)
    _draw_power(above, record, path.with_suffix(SUFFIX))
    _draw_spread(below, record)
    figure.suptitle(
        f"{record.model.name}, configuration {record.config_hash}{'' if record.valid else ', INVALID'}"
    )
    try:
        figure.savefig(target, dpi=120, format=kind.removeprefix("."))
    except OSError as error:
        raise StorageError(f"{target} cannot be written: {error.strerror or error}.") from error


def _draw_power(axes: Any, record: Record, trace: Path) -> None:
    """Power over time: the samples if there is a trace, and the mean power of every window."""
    begin_s = min((window.begin_s for window in record.windows), default=0.0)
    if trace.is_file():
        try:
            series = read_power(trace)
        except TraceError as error:
            raise StorageError(f"The trace cannot be drawn: {error}.") from error
        for uuid, (times, powers) in series.items():
            axes.plot([at_s - begin_s for at_s in times], powers, linewidth=0.8, label=uuid)
        axes.legend(fontsize="small")
    for window in record.windows:
        from_s = window.begin_s - begin_s
        to_s = from_s + window.length_s
        is_modelled = isinstance(window.energy.total, Modelled)
        axes.axvspan(
            from_s,
            to_s,
            facecolor=COLOURS[window.kind],
            edgecolor=COLOURS[window.kind],
            alpha=0.2,
            hatch=MODELLED_HATCH if is_modelled else None,
        )
        power_w = joules(window) / window.length_s if window.length_s else math.nan
        axes.hlines(
            power_w, from_s, to_s, color=COLOURS[window.kind], linestyle="dashed" if is_modelled else "solid"
        )
    modelled = any(isinstance(window.energy.total, Modelled) for window in record.windows)
    axes.set(
        xlabel="time, s",
        ylabel="power, W",
        title="windows: work orange, prefill purple, idle gray"
        + ("; hatched: modelled, not measured" if modelled else ""),
    )
    axes.set_ylim(0, 1.2 * axes.get_ylim()[1])  # from zero, and with room for the legend


def _draw_spread(axes: Any, record: Record) -> None:
    """One point per window, the mean and its 95 % interval; energy where it is known, otherwise time."""
    windows, values, estimate, label = _values(record)
    axes.plot([window.number for window in windows], values, "o", color=COLOURS["work"])
    if estimate is not None:
        axes.axhline(estimate.mean, color="black", linewidth=0.8)
        if estimate.spread.low is not None and estimate.spread.high is not None:
            axes.axhspan(estimate.spread.low, estimate.spread.high, color="black", alpha=0.1)
    axes.set(xlabel="window", ylabel=label, title="spread over the windows; mean and its 95 % interval")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.ticklabel_format(axis="y", useOffset=False)


def _values(record: Record) -> tuple[list[Window], list[float], Estimate | None, str]:
    """The windows to draw, their values, the estimate over these, and what the values are."""
    if not isinstance(record.energy, Energies):
        work = list(record.work)
        estimate = record.speed.seconds_per_call if record.speed else None
        return work, [window.length_s / window.calls for window in work], estimate, "s per call"
    work = with_energy(record.windows, "work")
    gross, kind = record.energy.gross, "modelled gross" if record.energy.kind == "modelled" else "gross"
    if gross.per_output_token is not None and all(amount(window, output) for window in work):
        return work, joules_per(work, output), gross.per_output_token, f"{kind} J per output token"
    return work, joules_per(work, requests), gross.per_request, f"{kind} J per request"
