"""The protocol: idle, warm-up, windows, prefill windows, idle again, and a timing pass; each phase a function.

What is seen goes into :class:`Observations` as it is seen, so that a run that is interrupted keeps its windows. What follows
from it is worked out in :mod:`~llenergymeasure.measure.summaries`. ``docs/measuring.md`` says why each phase is as it is.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from statistics import fmean
from typing import Any

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.energy.probe import Row
from llenergymeasure.energy.window import Window as EnergyWindow
from llenergymeasure.inference.batching import Batch
from llenergymeasure.inference.generation import Generated
from llenergymeasure.inference.session import FlopEstimate, Missing, Session, TokenTimes
from llenergymeasure.measure.progress import Progress
from llenergymeasure.measure.warmup import BLOCK_S, is_steady
from llenergymeasure.results.observed import (
    Block,
    Energy,
    Finding,
    Memory,
    Plan,
    Tokens,
    WarmUp,
    Window,
    WindowKind,
)

SETTLE_S = 1.0
"""After the last window the device gets this long before its idle power is read."""
COOLDOWN_S = 60.0
"""The longest wait for a GPU to cool down before a window."""
TIMED_S = 5.0
"""The timing pass repeats the workload for this long, and goes through it once at least."""
TIMED_CALLS = 200
EDGES_S = 0.3
"""What meeting the counter's ticks adds to a window, for the time that is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apparatus:
    """What a run works with."""

    session: Session
    meter: EnergyMeter
    plan: Plan
    clock: Clock
    progress: Progress


@dataclass(slots=True, kw_only=True)
class Observations:
    """What a run has seen so far.

    ``plan`` has the window length that the sensors turned out to need; ``call_s`` are the calls of the timing pass,
    ``token_times`` what became of its single tokens, or why that cannot be seen; ``still_warm`` are the windows that began
    although a GPU was hotter than was asked for.
    """

    plan: Plan
    windows: list[Window] = field(default_factory=list)
    warmup: WarmUp | None = None
    observed: dict[str, Any] = field(default_factory=dict)
    memory: tuple[Memory, ...] = ()
    call_s: list[float] = field(default_factory=list)
    token_times: list[TokenTimes] = field(default_factory=list)
    flops: list[FlopEstimate] = field(default_factory=list)
    no_token_times: str = ""
    no_flops: str = ""
    still_warm: list[int] = field(default_factory=list)


def observe(apparatus: Apparatus, seen: Observations) -> None:
    """Go through the phases; what is seen is added to ``seen`` at once.

    Raises:
        InferenceError: a call failed; ``seen`` has what was before it.
    """
    plan, progress = apparatus.plan, apparatus.progress
    _idle(apparatus, seen, "idle-before")
    _look(apparatus, seen)
    seen.warmup = _warm_up(apparatus)
    pass_s = min(block.seconds_per_pass for block in seen.warmup.blocks[-3:])
    seen.plan = plan.model_copy(update={"window_s": _window_s(apparatus)})
    passes = max(1, math.ceil(seen.plan.window_s / pass_s))
    window_s = passes * pass_s + EDGES_S
    rest_s = plan.idle_s + SETTLE_S + TIMED_S + (plan.windows * seen.plan.window_s if plan.prefill else 0)
    for number in range(1, plan.windows + 1):
        left_s = (plan.windows - number + 1) * window_s + rest_s
        progress.step("measuring, window", number, plan.windows, left_s)
        if not _cooled(apparatus):
            seen.still_warm.append(number)
        _window(apparatus, seen, kind="work", number=number, call=apparatus.session.call, passes=passes)
    if plan.prefill:
        _prefill(apparatus, seen)
    _idle(apparatus, seen, "idle-after")
    progress.step("timing single calls", 0, 0, TIMED_S)
    _time_calls(apparatus, seen)
    _time_tokens(apparatus, seen)


# ---------------------------------------------------------------- phases


def _look(apparatus: Apparatus, seen: Observations) -> None:
    """One pass to see what reaches ``generate()`` and how much memory it takes; the first of the warm-up too."""
    session = apparatus.session
    apparatus.progress.step("warming up", 0, 0)
    session.reseed()
    with session.peak_memory() as peak:
        generated = [session.call(batch) for batch in session.batches]
        session.synchronise()
    seen.observed = session.observed(generated[0])
    seen.memory = tuple(
        Memory(bytes=figure.bytes, where=figure.where, method=figure.method) for figure in peak.figures
    )


def _warm_up(apparatus: Apparatus) -> WarmUp:
    """Passes over the workload until time, power and temperature are steady, or the plan's time is up."""
    plan, clock = apparatus.plan, apparatus.clock
    block_s = min(BLOCK_S, plan.window_s)
    begin_s = clock.monotonic()
    blocks: list[Block] = []
    passes, steady = 1, False
    while not steady:
        blocks.append(_block(apparatus, passes))
        steady = is_steady(blocks)
        spent_s, pass_s = clock.monotonic() - begin_s, blocks[-1].seconds_per_pass
        passes = max(1, math.ceil(block_s / pass_s))
        apparatus.progress.step("warming up, block", len(blocks), 0)
        if spent_s + passes * pass_s > plan.warmup_s:
            break
    return WarmUp(blocks=tuple(blocks), seconds=clock.monotonic() - begin_s, steady=steady)


def _block(apparatus: Apparatus, passes: int) -> Block:
    session, clock = apparatus.session, apparatus.clock
    begin_s = clock.monotonic()
    for _ in range(passes):
        session.reseed()
        for batch in session.batches:
            session.call(batch)
    session.synchronise()
    end_s = clock.monotonic()
    rows = apparatus.meter.trace(begin_s, end_s)
    return Block(
        passes=passes,
        seconds_per_pass=(end_s - begin_s) / passes,
        power_w=_power_w(rows),
        temperature_c=_hottest_c(rows),
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


def _prefill(apparatus: Apparatus, seen: Observations) -> None:
    """Windows of one new token a prompt, after a pass that is thrown away."""
    session, clock, plan = apparatus.session, apparatus.clock, apparatus.plan
    begin_s = clock.monotonic()
    for batch in session.batches:
        session.prefill(batch)
    session.synchronise()
    passes = max(1, math.ceil(seen.plan.window_s / max(clock.monotonic() - begin_s, 1e-6)))
    for number in range(1, plan.windows + 1):
        left_s = (plan.windows - number + 1) * (seen.plan.window_s + EDGES_S) + plan.idle_s + TIMED_S
        apparatus.progress.step("measuring prefill, window", number, plan.windows, left_s)
        _window(apparatus, seen, kind="prefill", number=number, call=session.prefill, passes=passes)


def _idle(apparatus: Apparatus, seen: Observations, kind: WindowKind) -> None:
    """A window with nothing to do, where something is there to read; after work, once that has settled."""
    sources = apparatus.meter.sources
    if not sources.gpus and not sources.rapl.zones:
        return
    apparatus.progress.step("measuring idle power", 0, 0)
    if kind == "idle-after":
        apparatus.clock.sleep(SETTLE_S)
    _window(apparatus, seen, kind=kind, number=1, call=None, passes=0)


def _cooled(apparatus: Apparatus) -> bool:
    """Wait until no GPU is hotter than the plan allows; False when that took too long, or nobody knows."""
    limit_c, clock = apparatus.plan.cooldown_celsius, apparatus.clock
    if limit_c is None:
        return True
    apparatus.session.synchronise()
    deadline_s = clock.monotonic() + COOLDOWN_S
    while clock.monotonic() < deadline_s:
        now_s = clock.monotonic()
        hottest_c = _hottest_c(apparatus.meter.trace(now_s - 1.0, now_s))
        if hottest_c is None or hottest_c <= limit_c:
            return hottest_c is not None
        clock.sleep(0.5)
    return False


def _time_calls(apparatus: Apparatus, seen: Observations) -> None:
    """The latency of single calls, each waited for."""
    session, clock = apparatus.session, apparatus.clock
    deadline_s = clock.monotonic() + _timed_s(apparatus)
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
    deadline_s = clock.monotonic() + _timed_s(apparatus)
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


def _timed_s(apparatus: Apparatus) -> float:
    return min(TIMED_S, apparatus.plan.window_s)


# ---------------------------------------------------------------- one window


def _window(
    apparatus: Apparatus,
    seen: Observations,
    *,
    kind: WindowKind,
    number: int,
    call: Callable[[Batch], Generated] | None,
    passes: int,
) -> None:
    """One window of whole passes over the workload, each from the same seed; or of idling, without a call."""
    session, clock = apparatus.session, apparatus.clock
    generated: list[Generated] = []
    window = apparatus.meter.window(f"{kind} {number}", synchronise=session.synchronise)
    begin_s = clock.monotonic()
    try:
        with window:
            begin_s = clock.monotonic()
            if call is None:
                clock.sleep(apparatus.plan.idle_s)
            else:
                for _ in range(passes):
                    session.reseed()
                    generated.extend(call(batch) for batch in session.batches)
    except BaseException:
        if window.interrupted:  # else it never began
            seen.windows.append(
                _recorded(
                    window,
                    kind=kind,
                    number=number,
                    begin_s=begin_s,
                    passes=passes,
                    calls=len(generated),
                    tokens=None,
                )
            )
        raise
    tokens = _tokens(session, generated) if generated else None
    seen.windows.append(
        _recorded(
            window,
            kind=kind,
            number=number,
            begin_s=begin_s,
            passes=passes,
            calls=len(generated),
            tokens=tokens,
        )
    )


def _tokens(session: Session, generated: Sequence[Generated]) -> Tokens:
    counts = reduce(add, map(session.count, generated))
    return Tokens(
        requests=counts.prompts,
        sequences=counts.sequences,
        prompt=counts.prompt_tokens,
        output=counts.output_tokens,
    )


def _recorded(
    window: EnergyWindow,
    *,
    kind: WindowKind,
    number: int,
    begin_s: float,
    passes: int,
    calls: int,
    tokens: Tokens | None,
) -> Window:
    return Window(
        kind=kind,
        number=number,
        begin_s=begin_s,
        length_s=window.length_s,
        passes=passes,
        calls=calls,
        tokens=tokens,
        energy=Energy.of(window.energy),
        conditions=window.conditions,
        findings=tuple(
            Finding(id=found.id, text=f"{found.device}: {found.message}", spoils=found.spoils)
            for found in window.verdict.findings
        ),
        interrupted=bool(window.interrupted),
    )


# ---------------------------------------------------------------- what the sampler saw


def _by_device(rows: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.device, []).append(row)
    return found


def _power_w(rows: Sequence[Row]) -> float | None:
    """The mean power of all GPUs together; None where one was not seen."""
    means = []
    for own in _by_device(rows).values():
        known = [row.power_w for row in own if not math.isnan(row.power_w)]
        if not known:
            return None
        means.append(fmean(known))
    return math.fsum(means) if means else None


def _hottest_c(rows: Sequence[Row]) -> float | None:
    """The temperature of the hottest GPU at the end; None where no temperature is known."""
    last = [own[-1].temperature_c for own in _by_device(rows).values()]
    return max((celsius for celsius in last if not math.isnan(celsius)), default=None)
