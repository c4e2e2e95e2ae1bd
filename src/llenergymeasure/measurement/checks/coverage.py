"""Which devices did the work, which were measured, and which processes used them besides the run."""

from llenergymeasure.energy.figures import Method, Scope, Unavailable
from llenergymeasure.measurement.checks.check import Remark, Remarks
from llenergymeasure.measurement.run_summary import RunSummary

GPU_SCOPES = frozenset({str(Scope.GPU), str(Scope.MODULE)})


def energy_elsewhere(summary: RunSummary) -> Remarks:
    """The measured energy is that of other devices than the model's."""
    context = summary.context
    totals = [window.energy for window in summary.work]
    if not context.unmeasured or not totals or isinstance(totals[0].total, Unavailable):
        return
    measured = ", ".join(figure.device for figure in totals[0].devices)
    yield Remark(
        f"The model ran on {context.session.devices[0].name}; the joules in the windows are those of "
        f"{measured}, and none of {', '.join(context.unmeasured)}. No energy per request or token is given."
    )


def idle_gpus(summary: RunSummary) -> Remarks:
    """GPUs that did nothing are included in the energy."""
    context = summary.context
    counted = [
        device.device
        for device in context.devices
        if device.measurable and device.scope in GPU_SCOPES and device.method != Method.COUNTER
    ]
    idle = [uuid for uuid in counted if uuid not in context.gpus]
    if context.unmeasured or not context.gpus or not idle:
        return
    yield Remark(
        f"The joules include those of {', '.join(idle)}, which {'hold' if len(idle) > 1 else 'holds'} no "
        f"part of the model. Name only the GPUs that do in measurement.devices: {', '.join(context.gpus)}."
    )


def others_before(summary: RunSummary) -> Remarks:
    """Other processes were on a GPU before the run."""
    for device in summary.context.devices:
        if device.processes:
            yield Remark(
                f"other processes were on it before the run began ({', '.join(map(str, device.processes))}). "
                "End them, and measure again.",
                device.device,
            )
