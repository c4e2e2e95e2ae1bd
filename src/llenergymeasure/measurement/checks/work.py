"""The work itself: what was generated, by which release, with which settings and warnings."""

from llenergymeasure.measurement.checks.check import Remark, Remarks
from llenergymeasure.measurement.run_summary import RunSummary


def version(summary: RunSummary) -> Remarks:
    """The engine that ran is not the release that the settings were checked against."""
    versions = summary.versions
    if versions.engine_version != versions.schema_release:
        yield Remark(
            f"{versions.engine} {versions.engine_version} ran; the settings were checked against "
            f"{versions.schema_release}, from which {type(summary.context.config.engine_settings).__name__} "
            "was generated."
        )


def no_output(summary: RunSummary) -> Remarks:
    """Nothing was generated."""
    if summary.work and not any(window.tokens and window.tokens.output for window in summary.work):
        yield Remark("Not one token was generated, so there are no figures per output token.")


def unequal(summary: RunSummary) -> Remarks:
    """Windows differ in what was generated."""
    outputs = sorted(
        window.tokens.output / window.passes for window in summary.work if window.tokens is not None
    )
    if outputs and outputs[0] != outputs[-1]:
        yield Remark(
            f"The same seed did not give the same work: windows had between {outputs[0]:.6g} and "
            f"{outputs[-1]:.6g} output tokens per pass. That adds to the spread of energy per request."
        )


def dormant_settings(summary: RunSummary) -> Remarks:
    """Settings change nothing about the work."""
    section = summary.context.config.engine_section
    for name, reason in summary.dormant.items():
        yield Remark(f"{section}.{name} has no effect here: {reason}")


def messages(summary: RunSummary) -> Remarks:
    """The engine or its libraries warned of something."""
    for message in summary.context.messages:
        yield Remark(message)
