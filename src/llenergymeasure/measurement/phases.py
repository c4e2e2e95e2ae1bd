"""The phases of a run, a function for each: idle, warm-up, windows, prefill windows, idle again, timing.

What a phase observes goes into :class:`~llenergymeasure.measurement.observations.Observations` at once, so
that a run that ends early keeps its windows. The figures are computed from that in
:mod:`~llenergymeasure.measurement.summaries`. ``docs/measuring.md`` gives the reasons for each phase.
"""

import math
from collections.abc import Mapping
from typing import Literal

from llenergymeasure.energy.errors import WindowError
from llenergymeasure.engines.calls import Missing
from llenergymeasure.measurement.measure_window import Call, measure_window
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.plan import BOUNDARIES_S, SETTLE_S, Phase, left_s, timed_s
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.measurement.samples import hottest_c, power_w
from llenergymeasure.measurement.warmup import BLOCK_S, is_steady
from llenergymeasure.results.schema import Block, Memory, WarmUp

COOLDOWN_S = 60.0
"""The longest wait for a GPU to cool down before a window."""
MARGIN = 0.01
"""A window is planned to be longer by this fraction, since passes may still get a little faster."""
TIMED_CALLS = 200
"""The timing pass ends with the first whole pass that has this many calls."""


def run_phases(context: RunContext, observations: Observations) -> None:
    """Go through the phases, and add what they observe to ``observations``.

    Raises:
        EngineError: a call failed; ``observations`` has everything before it.
    """
    session, plan = context.session, context.plan
    _idle(context, observations, "idle-before")
    _observe_call(context, observations)
    observations.warmup = _warm_up(context, observations, "warm-up", session.call)
    observations.plan = plan.model_copy(update={"window_s": _window_s(context)})
    _windows(context, observations, "work", session.call, observations.warmup)
    if plan.prefill:
        _observe_prefill(context, observations)
        observations.prefill_warmup = _warm_up(context, observations, "prefill warm-up", session.prefill)
        _windows(context, observations, "prefill", session.prefill, observations.prefill_warmup)
    _idle(context, observations, "idle-after")
    _report(context, observations, "timing")
    _time_calls(context, observations)
    _time_tokens(context, observations)


def _idle(
    context: RunContext, observations: Observations, kind: Literal["idle-before", "idle-after"]
) -> None:
    """A window without work, where there is a sensor; after work the device gets time to settle first."""
    if not context.has_sensors:
        return
    _report(context, observations, kind)
    if kind == "idle-after":
        context.clock.sleep(SETTLE_S)
    measure_window(context, observations, kind=kind, number=1, call=None, passes=0)


def _observe_call(context: RunContext, observations: Observations) -> None:
    """One pass that shows what reaches the engine and how much memory it takes; it warms up, too."""
    session = context.session
    _report(context, observations, "warm-up")
    session.reseed()
    with session.peak_memory() as peak:
        outputs = [session.call(batch) for batch in session.batches]
        session.synchronise()
    observations.observed = session.observed(outputs[0])
    observations.memory = tuple(
        Memory(bytes=figure.bytes, where=figure.where, method=figure.method) for figure in peak.figures
    )


def _observe_prefill(context: RunContext, observations: Observations) -> None:
    """One pass of prefills. If that compiles, it does so here, and no later pass has it in its time."""
    session = context.session
    _report(context, observations, "prefill warm-up")
    session.reseed()
    outputs = [session.prefill(batch) for batch in session.batches]
    session.synchronise()
    observations.observed_prefill = session.observed(outputs[0])


def _warm_up(
    context: RunContext,
    observations: Observations,
    phase: Literal["warm-up", "prefill warm-up"],
    call: Call,
) -> WarmUp:
    """Passes over the workload until time, power and temperature are steady, or the plan's time is up."""
    plan, clock = context.plan, context.clock
    block_s = min(BLOCK_S, plan.window_s)
    begin_s = clock.monotonic()
    blocks: list[Block] = []
    passes, steady = 1, False
    while not steady:
        blocks.append(_block(context, call, passes))
        steady = is_steady(blocks)
        spent_s, pass_s = clock.monotonic() - begin_s, blocks[-1].seconds_per_pass
        passes = max(1, math.ceil(block_s / pass_s))
        _report(context, observations, phase, done=len(blocks), done_s=spent_s)
        if spent_s + passes * pass_s > plan.warmup_s:
            break
    return WarmUp(blocks=tuple(blocks), seconds=clock.monotonic() - begin_s, steady=steady)


def _block(context: RunContext, call: Call, passes: int) -> Block:
    session, clock = context.session, context.clock
    begin_s = clock.monotonic()
    for _ in range(passes):
        session.reseed()
        for batch in session.batches:
            call(batch)
    session.synchronise()
    end_s = clock.monotonic()
    samples = context.meter.trace(begin_s, end_s)
    return Block(
        passes=passes,
        seconds_per_pass=(end_s - begin_s) / passes,
        power_w=power_w(samples),
        temperature_c=hottest_c(samples),
    )


def _window_s(context: RunContext) -> float:
    """The shortest length of a window: as configured or, unless the run is quick, what the target needs."""
    plan = context.plan
    if plan.quick:
        return plan.window_s
    try:
        return max(plan.window_s, context.meter.plan_window(plan.target))
    except WindowError:  # there is no counter here
        return plan.window_s


def _windows(
    context: RunContext,
    observations: Observations,
    kind: Literal["work", "prefill"],
    call: Call,
    warmup: WarmUp,
) -> None:
    """As many windows as planned, all of the same number of passes.

    That number makes a window long enough even at the fastest pass of the warm-up.
    """
    plan = observations.plan
    pass_s = min(block.seconds_per_pass for block in warmup.blocks)
    passes = math.ceil(plan.window_s * (1 + MARGIN) / pass_s)
    for number in range(1, plan.windows + 1):
        done_s = (number - 1) * (passes * pass_s + BOUNDARIES_S)
        _report(context, observations, kind, done=number, window_s=passes * pass_s, done_s=done_s)
        if not _cool_down(context):
            observations.still_warm.append(f"{kind} {number}")
        measure_window(context, observations, kind=kind, number=number, call=call, passes=passes)


def _cool_down(context: RunContext) -> bool:
    """Wait until no GPU is hotter than the plan allows; False if that took too long, or is not known."""
    limit_c, clock = context.plan.cooldown_celsius, context.clock
    if limit_c is None:
        return True
    context.session.synchronise()
    deadline_s = clock.monotonic() + COOLDOWN_S
    while clock.monotonic() < deadline_s:
        now_s = clock.monotonic()
        celsius = hottest_c(context.meter.trace(now_s - 1.0, now_s))
        if celsius is None or celsius <= limit_c:
            return celsius is not None
        clock.sleep(0.5)
    return False


def _time_calls(context: RunContext, observations: Observations) -> None:
    """The latency of single calls, with the device synchronised after each."""
    session, clock = context.session, context.clock
    deadline_s = clock.monotonic() + timed_s(observations.plan)
    while not observations.call_s or (
        clock.monotonic() < deadline_s and len(observations.call_s) < TIMED_CALLS
    ):
        session.reseed()
        for batch in session.batches:
            begin_s = clock.monotonic()
            session.call(batch)
            session.synchronise()
            observations.call_s.append(clock.monotonic() - begin_s)


def _time_tokens(context: RunContext, observations: Observations) -> None:
    """When single tokens arrive, in one pass at most; and the operations of the same calls."""
    session, clock = context.session, context.clock
    deadline_s = clock.monotonic() + timed_s(observations.plan)
    session.reseed()
    for batch in session.batches:
        if observations.token_times and clock.monotonic() > deadline_s:
            return
        times = session.time_tokens(batch)
        if isinstance(times, Missing):
            observations.no_token_times = times.reason
            return
        observations.token_times.append(times)
        flops = session.flops(times)
        if isinstance(flops, Missing):
            observations.no_flops = flops.reason
        else:
            observations.flops.append(flops)
            observations.flops_tokens += times.counts.output_tokens


_STAGES: Mapping[Phase, str] = {
    "idle-before": "measuring idle power",
    "warm-up": "warming up",
    "work": "measuring, window",
    "prefill warm-up": "warming up for prefill",
    "prefill": "measuring prefill, window",
    "idle-after": "measuring idle power again",
    "timing": "timing single calls",
}
"""What a user reads of each phase."""


def _report(
    context: RunContext,
    observations: Observations,
    phase: Phase,
    *,
    done: int = 0,
    window_s: float | None = None,
    done_s: float = 0.0,
) -> None:
    """Report where the run is, and about how much longer it takes."""
    plan = observations.plan
    window_s = plan.window_s if window_s is None else window_s
    rest_s = left_s(plan, phase, has_sensors=context.has_sensors, window_s=window_s, done_s=done_s)
    total = plan.windows if phase in {"work", "prefill"} else 0
    context.progress.step(_STAGES[phase], done, total, rest_s)
