"""The load of others: read from the files of processes, made up or real, and told with every window."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest
from inline_sampling import InlineRecording

from llenergymeasure.energy import EnergyMeter
from llenergymeasure.energy.load import Load, load_between, load_finding
from llenergymeasure.energy.load_sampling import RECORD, LoadSample, open_sampling

TICKS = os.sysconf("SC_CLK_TCK")


class Processes:
    """A made-up folder of processes: seconds of CPU time, by process and of the machine."""

    def __init__(self, root):
        self.root = root
        self.machine(0.0)

    def machine(self, busy_s, idle_s=0.0):
        busy, idle = round(busy_s * TICKS), round(idle_s * TICKS)
        (self.root / "stat").write_text(
            f"cpu  {busy} 0 0 {idle} 0 0 0 0 0 0\ncpu0 {busy} 0 0 {idle} 0 0 0 0 0 0\n"
        )

    def process(self, pid, parent, own_s, waited_s=0.0):
        (self.root / str(pid)).mkdir(exist_ok=True)
        own, waited = round(own_s * TICKS), round(waited_s * TICKS)
        text = f"{pid} (a (b) c) R {parent} 1 1 0 -1 0 0 0 0 0 {own} 0 {waited} 0 20 0 1 0\n"
        (self.root / str(pid) / "stat").write_text(text)


def test_own_time_is_that_of_the_process_and_of_all_that_it_started(tmp_path):
    processes = Processes(tmp_path)
    processes.machine(100.0, idle_s=50.0)
    processes.process(1, 0, 20.0)
    processes.process(10, 1, 3.0, waited_s=2.0)
    processes.process(11, 10, 4.0)
    processes.process(12, 11, 5.0)
    processes.process(20, 1, 60.0)
    sample = open_sampling([str(tmp_path)], 10, lambda: 7.0)
    assert sample is not None
    assert LoadSample(*RECORD.unpack(sample(0.0, 0.0, True))) == LoadSample(7.0, 100.0, 14.0)


def test_without_the_files_there_are_no_samples(tmp_path):
    assert open_sampling([str(tmp_path)], 10, time.monotonic) is None


SAMPLES = [LoadSample(0.0, 100.0, 50.0), LoadSample(1.0, 101.5, 50.5), LoadSample(2.0, 103.0, 51.0)]


@pytest.mark.parametrize(("begin_s", "end_s"), [(0.0, 2.0), (0.25, 1.5), (1.0, 2.0), (0.0, 2.1)])
def test_load_is_the_mean_between_the_boundaries(begin_s, end_s):
    load = load_between(SAMPLES, begin_s, end_s)
    assert load is not None
    share = min(1.0, (2.0 - begin_s) / (end_s - begin_s))
    assert (load.own, load.others) == pytest.approx((0.5 * share, 1.0 * share))


@pytest.mark.parametrize(("begin_s", "end_s"), [(-1.0, 1.0), (1.0, 3.0), (1.0, 1.0)])
def test_load_without_samples_at_both_boundaries_is_unknown(begin_s, end_s):
    assert load_between(SAMPLES, begin_s, end_s) is None
    assert load_between([], begin_s, end_s) is None


@pytest.mark.parametrize(
    ("others", "cores", "is_found"), [(0.2, 2, False), (0.3, 2, True), (2.0, 64, False), (4.0, 64, True)]
)
def test_only_a_load_that_matters_is_a_finding(others, cores, is_found):
    finding = load_finding(Load(cores=cores, own=1.0, others=others))
    assert (finding is not None) == is_found
    if finding is not None:
        assert not finding.invalidates


def test_others_that_keep_the_machine_busy_are_told_with_the_window(open_meter, clock, tmp_path):
    """On the virtual clock: this process uses one core, another one and a half."""
    processes = Processes(tmp_path)

    def run():
        at_s = clock.monotonic()
        processes.machine(2.5 * at_s)
        processes.process(os.getpid(), 1, 1.0 * at_s)

    def start(module, arguments, hz, record, begin_at):
        run()
        clock.every(0.01, run)
        return InlineRecording(clock, module, [str(tmp_path)], hz, record)

    with open_meter(
        "device\ncurve watts=100\n", sample_hz=20, start=lambda *_: None, start_child=start
    ) as meter:
        with meter.window("work") as window:
            clock.sleep(5.0)
        load = window.load
        findings = [finding.id for finding in window.findings]
    clock.stop(run)
    assert load is not None
    assert load.own == pytest.approx(1.0, rel=0.02)
    assert load.others == pytest.approx(1.5, rel=0.02)
    assert "other-load" in findings
    assert window.valid


def test_work_of_ones_own_and_of_ones_children_is_not_others(tmp_path):
    """The real files: a child of this process that works is not among the others, whatever else runs here.

    What others use can be anything on this machine; what is one's own is at least what the child used.
    """
    with EnergyMeter.open("none", modelled_cpu_watts=10) as meter, meter.window("work") as window:
        work = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
        subprocess.run([sys.executable, "-c", work], check=True)
    load = window.load
    assert load is not None
    assert load.own * window.length_s >= 0.45
