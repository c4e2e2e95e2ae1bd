"""The phases of a run in their order: idle, warm-up, windows, prefill windows, timing, idle again.

What a phase observes goes into :class:`~llenergymeasure.measurement.observations.Observations` at once, so
that a run that ends early keeps its windows. The figures are computed from that in
:mod:`~llenergymeasure.measurement.summaries`. ``docs/measuring.md`` gives the reasons for each phase.
"""

import math
from collections.abc import Mapping
from statistics import median
from typing import Literal

from llenergymeasure.energy.errors import WindowError
from llenergymeasure.measurement.errors import sentence_of
from llenergymeasure.measurement.idle import measure_idle
from llenergymeasure.measurement.measure_window import Call, measure_window
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.plan import BOUNDARIES_S, SHORTFALL, Phase, left_s, passes_of_window
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.measurement.samples import hottest_c, power_w
from llenergymeasure.measurement.timing import measure_timing
from llenergymeasure.measurement.warmup import BLOCK_S, is_steady, late_blocks, planned_pass_s
from llenergymeasure.results.schema import Block, Memory, WarmUp

COOLDOWN_S = 60.0
"""The longest wait for a GPU to cool down before a window."""
MOST_PLANS = 3
"""Windows are planned so often at most, where they turn out to be too short."""
MUCH_SHORTER = 0.5
"""A later window shows that the plan was wrong if it is shorter than this part of what was asked for."""


def run_phases(context: RunContext, observations: Observations) -> None:
    """Go through the phases, and add what they observe to ``observations``.

    Raises:
        EngineError: a call failed; ``observations`` has everything before it.
    """
    session, plan = context.session, context.plan
    _report(context, observations, "idle-before")
    measure_idle(context, observations, "idle-before")
    _observe_call(context, observations)
    observations.warmup = _warm_up(context, observations, "warm-up", session.call)
    observations.plan = plan.model_copy(update={"window_s": _window_s(context)})
    _windows(context, observations, "work", session.call, observations.warmup)
    if plan.prefill:
        _observe_prefill(context, observations)
        observations.prefill_warmup = _warm_up(context, observations, "prefill warm-up", session.prefill)
        _windows(context, observations, "prefill", session.prefill, observations.prefill_warmup)
    _report(context, observations, "timing")
    measure_timing(context, observations)
    _idle_after(context, observations)


def _idle_after(context: RunContext, observations: Observations) -> None:
    """Idle power once more. The work is done by then: should it fail, that before the windows is used."""
    _report(context, observations, "idle-after")
    try:
        measure_idle(context, observations, "idle-after")
    except Exception as error:  # noqa: BLE001 - whatever it is, the windows of the work are complete
        observations.no_idle_after = sentence_of(error)


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
    """Passes over the workload until time, power and temperature are steady, or the plan's time is up.

    Whether there is time for another block is judged by the fastest of the last ones, so that a single slow
    pass does not end the warm-up.
    """
    plan, clock = context.plan, context.clock
    block_s = min(BLOCK_S, plan.window_s)
    begin_s = clock.monotonic()
    blocks: list[Block] = []
    passes, steady = 1, False
    while not steady:
        blocks.append(_block(context, call, passes, block_s))
        steady = is_steady(blocks)
        spent_s, late = clock.monotonic() - begin_s, [block.seconds_per_pass for block in late_blocks(blocks)]
        passes = max(1, math.ceil(block_s / median(late)))
        _report(context, observations, phase, done=len(blocks), done_s=spent_s)
        if spent_s + max(block_s, min(late)) > plan.warmup_s:
            break
    return WarmUp(blocks=tuple(blocks), seconds=clock.monotonic() - begin_s, steady=steady)


def _block(context: RunContext, call: Call, passes: int, block_s: float) -> Block:
    """Some passes; fewer than planned where they turn out to be much slower than those before."""
    session, clock = context.session, context.clock
    begin_s, done = clock.monotonic(), 0
    while done < passes and (not done or clock.monotonic() - begin_s < 2 * block_s):
        session.reseed()
        for batch in session.batches:
            call(batch)
        done += 1
    session.synchronise()
    end_s = clock.monotonic()
    samples = context.meter.trace(begin_s, end_s)
    return Block(
        passes=done,
        seconds_per_pass=(end_s - begin_s) / done,
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

    That number makes a window long enough at the speed of the last blocks of the warm-up. Where the first
    window shows that passes are faster than that, or a later one that they are more than twice as fast, all
    so far were a part of the warm-up: they are not kept, and the windows are planned from the last one.
    """
    plan = observations.plan
    passes, plans, number = passes_of_window(plan, planned_pass_s(warmup)), 1, 1
    pass_s, before = planned_pass_s(warmup), len(observations.still_warm)
    while number <= plan.windows:
        done_s = (number - 1) * (passes * pass_s + BOUNDARIES_S)
        _report(context, observations, kind, done=number, window_s=passes * pass_s, done_s=done_s)
        is_cool = _cool_down(context)
        measure_window(context, observations, kind=kind, number=number, call=call, passes=passes)
        length_s = observations.windows[-1].length_s
        shortest_s = plan.window_s * (SHORTFALL if number == 1 else MUCH_SHORTER)
        if plans < MOST_PLANS and length_s < shortest_s:
            del observations.windows[-number:], observations.still_warm[before:]
            pass_s, plans, number = length_s / passes, plans + 1, 1
            passes = passes_of_window(plan, pass_s)
            continue
        if not is_cool:
            observations.still_warm.append(f"{kind} {number}")
        number += 1


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
