"""The timing pass: single calls, then single tokens, outside the energy windows and while the device is warm.

It is timed right after the windows, before the device idles, so that a call takes as long as in them. A call
that fails here makes the times missing, with the reason; the windows are complete by then, and stay valid.
"""

from llenergymeasure.engines.calls import Missing
from llenergymeasure.measurement.errors import sentence_of
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.plan import timed_s
from llenergymeasure.measurement.run_context import RunContext

TIMED_CALLS = 200
"""The timing pass ends with the first whole pass that has this many calls."""


def measure_timing(context: RunContext, observations: Observations) -> None:
    """Time calls and tokens; what fails is missing, with its reason."""
    try:
        if observations.plan.prefill:
            _warm_again(context)
        _time_calls(context, observations)
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing else depends on the times
        observations.call_s.clear()
        observations.no_call_times = sentence_of(error)
    try:
        _time_tokens(context, observations)
    except Exception as error:  # noqa: BLE001 - as above
        observations.token_times.clear()
        observations.flops.clear()
        observations.no_token_times = observations.tokens_failed = sentence_of(error)


def _warm_again(context: RunContext) -> None:
    """One pass that is not timed: the last windows were of prefills, which leave other shapes behind."""
    session = context.session
    session.reseed()
    for batch in session.batches:
        session.call(batch)
    session.synchronise()


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
        observations.generation = observations.generation or times.effective
        flops = session.flops(times)
        if isinstance(flops, Missing):
            observations.no_flops = flops.reason
        else:
            observations.flops.append(flops)
            observations.flops_tokens += times.counts.output_tokens
