"""One energy window: whole passes over the workload, or idling, and what is kept of it."""

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add

from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.window import EnergyWindow
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.generation import Generated
from llenergymeasure.engines.transformers.session import Session
from llenergymeasure.measurement.run_context import Apparatus, Observations
from llenergymeasure.results.schema import Energy, Finding, Tokens, Window, WindowKind


def measure_window(
    apparatus: Apparatus,
    seen: Observations,
    *,
    kind: WindowKind,
    number: int,
    call: Callable[[Batch], Generated] | None,
    passes: int,
) -> None:
    """One window of whole passes over the workload, each from the same seed; or of idling, without a call.

    It is kept in ``seen`` also where Ctrl-C or an error ended it, at any moment after its begin, and is marked then.
    """
    session, clock = apparatus.session, apparatus.clock
    generated: list[Generated] = []
    window = apparatus.meter.window(f"{kind} {number}", synchronise=session.synchronise)
    tokens: Tokens | None = None
    begin_s = clock.monotonic()
    whole = False
    try:
        with window:
            begin_s = clock.monotonic()
            if call is None:
                clock.sleep(apparatus.plan.idle_s)
            else:
                for _ in range(passes):
                    session.reseed()
                    generated.extend(call(batch) for batch in session.batches)
        tokens = _tokens(session, generated) if generated else None
        whole = True
    finally:
        if window.is_over:  # else it never began
            length_s, conditions = _between(window, begin_s, clock.monotonic())
            seen.windows.append(
                Window(
                    kind=kind,
                    number=number,
                    begin_s=begin_s,
                    length_s=length_s,
                    passes=passes,
                    calls=len(generated),
                    tokens=tokens,
                    energy=Energy.of(window.energy),
                    conditions=conditions,
                    findings=_findings(window),
                    interrupted=not whole,
                )
            )


def _between(
    window: EnergyWindow, begin_s: float, now_s: float
) -> tuple[float, tuple[Conditions | None, ...]]:
    """How long the window was, and the conditions in it; of one that was broken off while its end was awaited, until now."""
    try:
        return window.length_s, window.conditions
    except WindowError:
        return now_s - begin_s, ()


def _findings(window: EnergyWindow) -> tuple[Finding, ...]:
    return tuple(
        Finding(id=found.id, text=f"{found.device}: {found.message}", invalidates=found.invalidates)
        for found in window.findings
    )


def _tokens(session: Session, generated: Sequence[Generated]) -> Tokens:
    counts = reduce(add, map(session.count, generated))
    return Tokens(
        requests=counts.prompts,
        sequences=counts.sequences,
        prompt=counts.prompt_tokens,
        output=counts.output_tokens,
    )
