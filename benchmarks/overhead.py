"""What measuring costs the calls that are measured: ``python -m benchmarks.overhead``.

Pairs of calls of ``generate()`` are timed: one inside a window of the meter, with its sampler at work, and
one outside, in random order; on the built-in model and the simulated driver. The claim: the 95 % interval of
the ratio of their times lies within 1 % of 1. Needs a C compiler, torch and transformers. Exit code 1 if the
claim does not hold.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.simulated_gpu import SimulatedGpu

DEVICE = (
    "device period_ms=100 sensor_period_ms=20 limit_w=500\ncurve shape=square low=100 high=300 period_s=0.5\n"
)
PAIRS = 2000
WITHIN = 0.01

WORKER = """
import random, sys, time
import torch
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy import EnergyMeter
from llenergymeasure.engines.registry import find_engine, open_session

torch.set_num_threads(1)
config = ExperimentConfig.model_validate({
    "model": {"name": "builtin:llama-tiny", "device": "cpu"},
    "workload": {"requests": 1},
    "pytorch": {"max_new_tokens": 8, "eos_token_id": None},
})
draw = random.Random(1)
engine = find_engine(config.engine_settings)
with EnergyMeter.open("gpu", environ={}) as meter, open_session(engine, config) as session:
    (batch,) = session.batches
    def timed():
        begin = time.perf_counter()
        session.call(batch)
        session.synchronise()
        return time.perf_counter() - begin
    def inside():
        with meter.window("call", synchronise=session.synchronise, boundaries="immediate"):
            return timed()
    for _ in range(50):
        timed(), inside()
    for _ in range(int(sys.argv[1])):
        if draw.random() < 0.5:
            bare, measured = timed(), inside()
        else:
            measured, bare = inside(), timed()
        print(bare, measured)
"""


def ratio(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """The median of measured over bare time, and the lower and upper end of its 95 % interval.

    The median is used since a shared machine interrupts single calls for longer than they last. The interval
    comes from the order of the ratios alone (the binomial interval of a median, by its normal approximation).
    """
    ratios = sorted(measured / bare for bare, measured in pairs)
    half = 1.96 * math.sqrt(len(ratios)) / 2
    middle = len(ratios) / 2
    low, high = ratios[math.floor(middle - half)], ratios[math.ceil(middle + half)]
    return ratios[len(ratios) // 2], low, high


def main() -> int:
    """Measure, print the ratio, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overhead", description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=PAIRS, help=f"of calls (default {PAIRS})")
    count = parser.parse_args().pairs
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        gpu = SimulatedGpu.built_in(Path(scratch))
        gpu.configure(DEVICE)
        done = subprocess.run(
            [sys.executable, "-c", WORKER, str(count)],
            env=gpu.variables(OMP_NUM_THREADS="1"),
            capture_output=True,
            text=True,
            check=True,
        )
    pairs = [(float(bare), float(measured)) for bare, measured in map(str.split, done.stdout.splitlines())]
    middle, low, high = ratio(pairs)
    holds = low >= 1 - WITHIN and high <= 1 + WITHIN
    print(
        f"a call in a window over a bare one, {len(pairs)} pairs: {middle:.4f} ({low:.4f} to {high:.4f}); "
        f"within {WITHIN:.0%} of 1: {'holds' if holds else 'DOES NOT HOLD'}"
    )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
