"""What a reader of a record should know before using its numbers: checks, which are data, give findings.

======================  ======================================================================================
``check``               what a check is
``course``              how the run went: its end, its plan, its warm-up
``coverage``            whose joules they are
``work``                what was generated, and by what
``spread``              what the spread over the windows says
``sensor_limits``       what the sensors leave open
======================  ======================================================================================

A new check is a function in one of these modules, a row in :data:`CHECKS` and a row in ``docs/measuring.md``.
"""

from collections.abc import Iterator, Sequence

from llenergymeasure.measurement.checks import course, coverage, sensor_limits, spread, work
from llenergymeasure.measurement.checks.check import Check
from llenergymeasure.measurement.run_summary import RunSummary
from llenergymeasure.results.schema import Finding, Window

CHECKS: tuple[Check, ...] = (
    Check(id="interrupted", invalidates=True, find=course.interrupted),
    Check(id="failed", invalidates=True, find=course.failed),
    Check(id="quick", invalidates=False, find=course.quick),
    Check(id="engine-version", invalidates=False, find=work.version),
    Check(id="energy-elsewhere", invalidates=False, find=coverage.energy_elsewhere),
    Check(id="idle-gpu-counted", invalidates=False, find=coverage.idle_gpus),
    Check(id="others-before", invalidates=False, find=coverage.others_before),
    Check(id="windows-without-energy", invalidates=True, find=sensor_limits.without_energy),
    Check(id="no-output", invalidates=False, find=work.no_output),
    Check(id="unequal-work", invalidates=False, find=work.unequal),
    Check(id="warm-up-unsteady", invalidates=False, find=course.unsteady),
    Check(id="drift", invalidates=True, find=spread.drift),
    Check(id="time-drift", invalidates=False, find=spread.time_drift),
    Check(id="outlier", invalidates=False, find=spread.outliers),
    Check(id="correlated-windows", invalidates=False, find=spread.correlated),
    Check(id="imprecise", invalidates=False, find=spread.imprecise),
    Check(id="sensor-coarse", invalidates=False, find=sensor_limits.coarse),
    Check(id="sensor-bound", invalidates=False, find=sensor_limits.bounded),
    Check(id="few-windows", invalidates=False, find=course.few_windows),
    Check(id="short-windows", invalidates=False, find=course.short_windows),
    Check(id="still-warm", invalidates=False, find=course.still_warm),
    Check(id="timing-failed", invalidates=False, find=course.untimed),
    Check(id="idle-unsettled", invalidates=False, find=course.unsettled),
    Check(id="idle-after-missing", invalidates=False, find=course.idle_after_missing),
    Check(id="idle-moved", invalidates=False, find=sensor_limits.idle_moved),
    Check(id="net-not-resolved", invalidates=False, find=spread.net_not_resolved),
    Check(id="decode-not-resolved", invalidates=False, find=spread.decode_not_resolved),
    Check(id="dormant-setting", invalidates=False, find=work.dormant_settings),
    Check(id="engine-message", invalidates=False, find=work.messages),
)
"""Every check of a run, in the order in which findings are listed. ``docs/measuring.md`` explains each."""


def check_run(summary: RunSummary) -> tuple[Finding, ...]:
    """Everything that is found in a run, and the meter's findings about its windows."""
    return (
        *(
            Finding(id=check.id, text=remark.text, invalidates=check.invalidates, device=remark.device)
            for check in CHECKS
            for remark in check.find(summary)
        ),
        *_findings_of_windows(summary.observations.windows),
    )


def _findings_of_windows(windows: Sequence[Window]) -> Iterator[Finding]:
    """The meter's findings, each kind and device once, with the windows in which it was found.

    The text is that of the first window. ``docs/energy.md`` explains them.
    """
    first: dict[tuple[str, str | None, bool], Finding] = {}
    names: dict[tuple[str, str | None, bool], list[str]] = {}
    for window in windows:
        for finding in window.findings:
            key = (finding.id, finding.device, finding.invalidates)
            first.setdefault(key, finding)
            names.setdefault(key, []).append(window.name)
    for key, finding in first.items():
        yield finding.model_copy(update={"windows": tuple(names[key])})
