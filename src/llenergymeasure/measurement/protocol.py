"""The protocol: idle, warm-up, windows, prefill windows, idle again, and a timing pass; each phase a function.

What is seen goes into :class:`~llenergymeasure.measurement.run_context.Observations` as it is seen, so that a run that ends early keeps
its windows. What follows from it is worked out in :mod:`~llenergymeasure.measurement.summaries`. ``docs/measuring.md`` says why each
phase is as it is.
"""

import math
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

from llenergymeasure.energy.errors import WindowError
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.generation import Generated
from llenergymeasure.engines.transformers.session import Missing
from llenergymeasure.measurement.plan import EDGES_S, SETTLE_S, Phase, left_s, timed_s
from llenergymeasure.measurement.run_context import Apparatus, Observations
from llenergymeasure.measurement.samples import hottest_c, power_w
from llenergymeasure.measurement.warmup import BLOCK_S, is_steady
from llenergymeasure.measurement.window import measure_window
from llenergymeasure.results.schema import Block, Memory, WarmUp

COOLDOWN_S = 60.0
"""The longest wait for a GPU to cool down before a window."""
MARGIN = 0.01
"""A window is planned to be longer by this part, since passes may get a little quicker yet."""
TIMED_CALLS = 200
"""Calls of which single times are kept, a pass more or less."""
Call: TypeAlias = Callable[[Batch], Generated]


def observe(apparatus: Apparatus, seen: Observations) -> None:
    """Go through the phases; what is seen is added to ``seen`` at once.

    Raises:
        InferenceError: a call failed; ``seen`` has what was before it.
    """
    session, plan = apparatus.session, apparatus.plan
    _idle(apparatus, seen, "idle-before")
    _look(apparatus, seen)
    seen.warmup = _warm_up(apparatus, seen, "warm-up", session.call)
    seen.plan = plan.model_copy(update={"window_s": _window_s(apparatus)})
    _windows(apparatus, seen, "work", session.call, seen.warmup)
    if plan.prefill:
        _look_at_prefill(apparatus, seen)
        seen.prefill_warmup = _warm_up(apparatus, seen, "prefill warm-up", session.prefill)
        _windows(apparatus, seen, "prefill", session.prefill, seen.prefill_warmup)
    _idle(apparatus, seen, "idle-after")
    _tell(apparatus, seen, "timing")
    _time_calls(apparatus, seen)
    _time_tokens(apparatus, seen)


# ---------------------------------------------------------------- phases


def _idle(apparatus: Apparatus, seen: Observations, kind: Literal["idle-before", "idle-after"]) -> None:
    """A window with nothing to do, where something is there to read; after work, once that has settled."""
    if not apparatus.has_sensors:
        return
    _tell(apparatus, seen, kind)
    if kind == "idle-after":
        apparatus.clock.sleep(SETTLE_S)
    measure_window(apparatus, seen, kind=kind, number=1, call=None, passes=0)


def _look(apparatus: Apparatus, seen: Observations) -> None:
    """One pass to see what reaches ``generate()`` and how much memory it takes; the first of the warm-up too."""
    session = apparatus.session
    _tell(apparatus, seen, "warm-up")
    session.reseed()
    with session.peak_memory() as peak:
        generated = [session.call(batch) for batch in session.batches]
        session.synchronise()
    seen.observed = session.observed(generated[0])
    seen.memory = tuple(
        Memory(bytes=figure.bytes, where=figure.where, method=figure.method) for figure in peak.figures
    )


def _look_at_prefill(apparatus: Apparatus, seen: Observations) -> None:
    """The same of prefill; if that compiles, it does so here, so that no later pass has it in its time."""
    session = apparatus.session
    _tell(apparatus, seen, "prefill warm-up")
    session.reseed()
    generated = [session.prefill(batch) for batch in session.batches]
    session.synchronise()
    seen.observed_prefill = session.observed(generated[0])


def _warm_up(
    apparatus: Apparatus, seen: Observations, phase: Literal["warm-up", "prefill warm-up"], call: Call
) -> WarmUp:
    """Passes over the workload until time, power and temperature are steady, or the plan's time is up."""
    plan, clock = apparatus.plan, apparatus.clock
    block_s = min(BLOCK_S, plan.window_s)
    begin_s = clock.monotonic()
    blocks: list[Block] = []
    passes, steady = 1, False
    while not steady:
        blocks.append(_block(apparatus, call, passes))
        steady = is_steady(blocks)
        spent_s, pass_s = clock.monotonic() - begin_s, blocks[-1].seconds_per_pass
        passes = max(1, math.ceil(block_s / pass_s))
        _tell(apparatus, seen, phase, done=len(blocks), done_s=spent_s)
        if spent_s + passes * pass_s > plan.warmup_s:
            break
    return WarmUp(blocks=tuple(blocks), seconds=clock.monotonic() - begin_s, steady=steady)


def _block(apparatus: Apparatus, call: Call, passes: int) -> Block:
    session, clock = apparatus.session, apparatus.clock
    begin_s = clock.monotonic()
    for _ in range(passes):
        session.reseed()
        for batch in session.batches:
            call(batch)
    session.synchronise()
    end_s = clock.monotonic()
    rows = apparatus.meter.trace(begin_s, end_s)
    return Block(
        passes=passes,
        seconds_per_pass=(end_s - begin_s) / passes,
        power_w=power_w(rows),
        temperature_c=hottest_c(rows),
    )


def _window_s(apparatus: Apparatus) -> float:
    """The least length of a window: what was asked for or, unless it is a quick run, what the sensors need for the target."""
    plan = apparatus.plan
    if plan.quick:
        return plan.window_s
    try:
        return max(plan.window_s, apparatus.meter.plan_window(plan.target))
    except WindowError:  # there is no counter here
        return plan.window_s


def _windows(
    apparatus: Apparatus, seen: Observations, kind: Literal["work", "prefill"], call: Call, warmup: WarmUp
) -> None:
    """As many windows as planned, all of the same number of passes: at the quickest that was seen each is still long enough."""
    plan = seen.plan
    pass_s = min(block.seconds_per_pass for block in warmup.blocks)
    passes = math.ceil(plan.window_s * (1 + MARGIN) / pass_s)
    for number in range(1, plan.windows + 1):
        done_s = (number - 1) * (passes * pass_s + EDGES_S)
        _tell(apparatus, seen, kind, done=number, window_s=passes * pass_s, done_s=done_s)
        if not _cooled(apparatus):
            seen.still_warm.append(f"{kind} {number}")
        measure_window(apparatus, seen, kind=kind, number=number, call=call, passes=passes)


def _cooled(apparatus: Apparatus) -> bool:
    """Wait until no GPU is hotter than the plan allows; False when that took too long, or nobody knows."""
    limit_c, clock = apparatus.plan.cooldown_celsius, apparatus.clock
    if limit_c is None:
        return True
    apparatus.session.synchronise()
    deadline_s = clock.monotonic() + COOLDOWN_S
    while clock.monotonic() < deadline_s:
        now_s = clock.monotonic()
        celsius = hottest_c(apparatus.meter.trace(now_s - 1.0, now_s))
        if celsius is None or celsius <= limit_c:
            return celsius is not None
        clock.sleep(0.5)
    return False


def _time_calls(apparatus: Apparatus, seen: Observations) -> None:
    """The latency of single calls, each waited for."""
    session, clock = apparatus.session, apparatus.clock
    deadline_s = clock.monotonic() + timed_s(seen.plan)
    while not seen.call_s or (clock.monotonic() < deadline_s and len(seen.call_s) < TIMED_CALLS):
        session.reseed()
        for batch in session.batches:
            begin_s = clock.monotonic()
            session.call(batch)
            session.synchronise()
            seen.call_s.append(clock.monotonic() - begin_s)


def _time_tokens(apparatus: Apparatus, seen: Observations) -> None:
    """The arrival of single tokens, in one pass at most; and the work that the same calls stand for."""
    session, clock = apparatus.session, apparatus.clock
    deadline_s = clock.monotonic() + timed_s(seen.plan)
    session.reseed()
    for batch in session.batches:
        if seen.token_times and clock.monotonic() > deadline_s:
            return
        times = session.time_tokens(batch)
        if isinstance(times, Missing):
            seen.no_token_times = times.reason
            return
        seen.token_times.append(times)
        flops = session.flops(times)
        if isinstance(flops, Missing):
            seen.no_flops = flops.reason
        else:
            seen.flops.append(flops)
            seen.flops_tokens += session.count(times.generated).output_tokens


# ---------------------------------------------------------------- progress

_STAGES: Mapping[Phase, str] = {
    "idle-before": "measuring idle power",
    "warm-up": "warming up",
    "work": "measuring, window",
    "prefill warm-up": "warming up for prefill",
    "prefill": "measuring prefill, window",
    "idle-after": "measuring idle power again",
    "timing": "timing single calls",
}


def _tell(
    apparatus: Apparatus,
    seen: Observations,
    phase: Phase,
    *,
    done: int = 0,
    window_s: float | None = None,
    done_s: float = 0.0,
) -> None:
    """Where the run is, and about how long it still takes."""
    window_s = seen.plan.window_s if window_s is None else window_s
    rest_s = left_s(seen.plan, phase, has_sensors=apparatus.has_sensors, window_s=window_s, done_s=done_s)
    total = seen.plan.windows if phase in {"work", "prefill"} else 0
    apparatus.progress.step(_STAGES[phase], done, total, rest_s)
