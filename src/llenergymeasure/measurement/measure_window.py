"""One energy window: whole passes over the workload, or idling, and what is recorded of it."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import add
from typing import Any, TypeAlias

from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.load import Load
from llenergymeasure.energy.window import EnergyWindow
from llenergymeasure.engines.calls import TokenCounts
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.results.schema import Energy, Finding, Tokens, Window, WindowKind

Call: TypeAlias = Callable[[Any], Any]
"""A session's ``call`` or ``prefill``: from one of its batches to an output of its own."""


def measure_window(
    context: RunContext,
    observations: Observations,
    *,
    kind: WindowKind,
    number: int,
    call: Call | None,
    passes: int,
) -> None:
    """One window of whole passes over the workload, each from the same seed; or of idling, without a call.

    The window is added to the observations even if Ctrl-C or an error ended it after its start; then it is
    marked as interrupted.
    """
    session, clock = context.session, context.clock
    outputs: list[Any] = []
    window = context.meter.window(f"{kind} {number}", synchronise=session.synchronise)
    tokens: Tokens | None = None
    begin_s = clock.monotonic()
    completed = False
    try:
        with window:
            begin_s = clock.monotonic()
            if call is None:
                clock.sleep(context.plan.idle_s)
            else:
                for _ in range(passes):
                    session.reseed()
                    outputs.extend(call(batch) for batch in session.batches)
        tokens = _sum_tokens(map(session.count, outputs)) if outputs else None
        completed = True
    finally:
        if window.is_over:  # otherwise it never began
            length_s, conditions, load = _course(window, begin_s, clock.monotonic())
            observations.windows.append(
                Window(
                    kind=kind,
                    number=number,
                    begin_s=begin_s,
                    length_s=length_s,
                    passes=passes,
                    calls=len(outputs),
                    tokens=tokens,
                    energy=Energy.of(window.energy),
                    conditions=conditions,
                    load=load,
                    findings=_findings(window),
                    interrupted=not completed,
                )
            )


def _course(
    window: EnergyWindow, begin_s: float, now_s: float
) -> tuple[float, tuple[Conditions | None, ...], Load | None]:
    """How long the window was (until now, where waiting for its end was interrupted), conditions and load."""
    try:
        return window.length_s, window.conditions, window.load
    except WindowError:
        return now_s - begin_s, (), None


def _findings(window: EnergyWindow) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            id=finding.id,
            text=finding.message,
            invalidates=finding.invalidates,
            device=finding.device,
        )
        for finding in window.findings
    )


def _sum_tokens(counts: Iterable[TokenCounts]) -> Tokens:
    total = reduce(add, counts)
    return Tokens(
        requests=total.prompts,
        sequences=total.sequences,
        prompt=total.prompt_tokens,
        output=total.output_tokens,
    )
