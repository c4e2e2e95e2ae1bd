"""RAPL on a made-up powercap tree: wraps, mirrors, permissions, zones that vanish, containers."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_sampling import recording

from llenergymeasure.energy import Measured, Scope, Unavailable
from llenergymeasure.energy.cumulative.counter import Counter, CounterReading
from llenergymeasure.energy.cumulative.joules import Begin, End
from llenergymeasure.energy.cumulative.sensor import counter_figure
from llenergymeasure.energy.cumulative.source import SCALE, File
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Method
from llenergymeasure.energy.host import Container, Host, Processor
from llenergymeasure.energy.rapl.zones import find_counters

RANGE_UJ = 262_143_328_850
PACKAGE = Counter(
    name="package-0",
    scope=Scope.CPU_PACKAGE,
    method=Method.RAPL,
    source=File("zone"),
    unit="uJ",
    unit_j=1e-6,
    period_s=0.001,
    wrap=10**12,
    watts_max=1500.0,
)


def reading(*, uj, begin_s, end_s):
    return CounterReading(uj * SCALE, begin_s, end_s)


def figure_of(zone, begin, end, *, boundaries):
    return counter_figure(zone, Begin(begin), End(end), boundaries=boundaries)


class Machine:
    """A powercap tree whose counters follow the virtual clock."""

    range_uj = RANGE_UJ

    def __init__(self, root, clock, update_s=0.001):
        self.root, self.clock, self.zones = root, clock, {}
        root.mkdir()
        clock.every(update_s, self.update)

    def zone(self, path, name, watts, start_uj=0, mirror=None):
        folder = self.root / path
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{self.range_uj}\n")
        self.zones[folder / "energy_uj"] = (watts, start_uj, self.clock.monotonic())
        self.update()
        return folder

    def update_every(self, seconds):
        self.clock.stop(self.update)
        self.clock.every(seconds, self.update)

    def update(self):
        for path, (watts, start_uj, since_s) in self.zones.items():
            if path.parent.exists():
                path.write_text(
                    f"{int(start_uj + watts * (self.clock.monotonic() - since_s) * 1e6) % self.range_uj}\n"
                )


@pytest.fixture
def machine(tmp_path, clock, simulator):
    simulator.load("clock kind=virtual start=1000\n")
    machine = Machine(tmp_path / "powercap", clock)
    yield machine
    clock.stop(machine.update)


def measure(machine, open_meter, clock, seconds, **options):
    options = {"powercap": machine.root} | options
    with open_meter("", "cpu", **options) as meter, meter.window("work") as window:
        clock.sleep(seconds)
    return window


def test_packages_and_memory_add_up(machine, open_meter, clock):
    machine.zone("intel-rapl:0", "package-0", 90, start_uj=5_000_000)
    machine.zone("intel-rapl:0:0", "core", 70)
    machine.zone("intel-rapl:0:1", "dram", 10)
    machine.zone("intel-rapl:1", "package-1", 50)
    machine.zone("intel-rapl:2", "psys", 200)
    window = measure(machine, open_meter, clock, 0.5)
    figures = {figure.device: figure for figure in window.energy.devices}
    assert set(figures) == {"package-0", "dram-0", "package-1"}
    assert figures["dram-0"].scope is Scope.DRAM
    assert window.energy.total.energy_j == pytest.approx(75, rel=5e-3)
    for name, watts in (("package-0", 90), ("dram-0", 10), ("package-1", 50)):
        assert abs(figures[name].energy_j - 0.5 * watts) <= figures[name].bound_j


def test_a_wrap_is_taken_off(machine, open_meter, clock):
    machine.zone("intel-rapl:0", "package-0", 100, start_uj=RANGE_UJ - 20_000_000)
    window = measure(machine, open_meter, clock, 0.5)
    figure = window.energy.total
    assert figure.energy_j == pytest.approx(50, rel=5e-3)
    (device,) = window.energy.devices
    assert device.end.value < device.begin.value


def test_a_window_in_which_it_could_have_wrapped_twice_is_refused_with_the_longest_that_would_do(
    machine, clock
):
    machine.zone("intel-rapl:0", "package-0", 100)
    (zone,) = find_counters(machine.root, clock, Host()).counters
    begin, end = (reading(uj=7, begin_s=at_s, end_s=at_s) for at_s in (0.0, 400.0))
    figure = figure_of(zone, begin, end, boundaries=(begin.end_s, end.begin_s))
    assert isinstance(figure, Unavailable)
    assert "wrapped more than once" in figure.reason
    assert "sample_hz" in figure.hint
    assert figure.hint.endswith("use windows of at most 175 s.")


def test_a_reset_counter_is_not_taken_for_a_wrap(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    (zone,) = find_counters(machine.root, clock, Host()).counters
    figure = figure_of(
        zone,
        reading(uj=9_000_000, begin_s=0.0, end_s=0.0),
        reading(uj=1_000, begin_s=1.0, end_s=1.0),
        boundaries=(0.0, 1.0),
    )
    assert isinstance(figure, CounterFault)
    assert figure.finding == "counter-reset"
    assert isinstance(figure.figure(), Unavailable)


def test_a_counter_that_stands_still_does_not_give_zero() -> None:
    zone = PACKAGE
    begin, end = (reading(uj=7, begin_s=at_s, end_s=at_s) for at_s in (0.0, 5.0))
    figure = figure_of(zone, begin, end, boundaries=(begin.end_s, end.begin_s))
    assert isinstance(figure, CounterFault)
    assert figure.finding == "counter-stuck"
    assert "stood still for 5 s" in figure.reason


def test_a_window_too_short_for_the_counter_to_move_has_no_figure_and_no_0() -> None:
    zone = PACKAGE
    begin, end = (reading(uj=7, begin_s=at_s, end_s=at_s) for at_s in (0.0, 0.0004))
    figure = figure_of(zone, begin, end, boundaries=(0.0, 0.0004))
    assert isinstance(figure, Unavailable)
    assert "did not move" in figure.reason
    assert "10 ms" in figure.hint


@settings(max_examples=200, deadline=None)
@given(
    tick_s=st.floats(0, 0.001),
    boundaries_s=st.tuples(st.floats(0, 0.002), st.floats(0, 0.002)),
    watts=st.tuples(st.floats(1, 1500), st.floats(1, 1500), st.floats(1, 1500)),
    length_s=st.floats(0.01, 1),
)
def test_the_bound_of_a_package_holds_wherever_its_millisecond_falls(tick_s, boundaries_s, watts, length_s):
    """Power before, in and after the window differs; the reads lie outside it, the updates before them."""
    zone = PACKAGE
    begin_s, end_s = 1.0, 1.0 + length_s

    def joules(at_s):
        before_w, inside_w, after_w = watts
        return (
            before_w * min(at_s, begin_s)
            + inside_w * (min(max(at_s, begin_s), end_s) - begin_s)
            + after_w * (max(at_s, end_s) - end_s)
        )

    def read(at_s):
        updated_s = tick_s + math.floor((at_s - tick_s) / 0.001) * 0.001
        return reading(uj=int(joules(updated_s) * 1e6), begin_s=at_s, end_s=at_s)

    first, last = read(begin_s - boundaries_s[0]), read(end_s + boundaries_s[1])
    figure = figure_of(zone, first, last, boundaries=(begin_s, end_s))
    assert isinstance(figure, Measured)
    assert 0 < figure.uncertainty_j <= figure.bound_j
    assert abs(figure.energy_j - watts[1] * length_s) <= figure.bound_j


def test_a_package_whose_counter_stands_still_is_missing_from_the_start(machine, open_meter, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    machine.zone("intel-rapl:1", "package-1", 0, start_uj=77)
    window = measure(machine, open_meter, clock, 0.2)
    good, still = window.energy.devices
    assert good.energy_j > 0
    assert still.reason == "the counter stood still for 50 ms"
    assert window.energy.total.reason.startswith("package-1: the counter stood still")


def test_counters_that_never_change_do_not_count_as_rapl(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 0, start_uj=77)
    rapl = find_counters(machine.root, clock, Host())
    assert rapl.counters == ()
    assert rapl.reason == "package-0: the counter stood still for 50 ms"
    assert "virtual machine" in rapl.hint


@pytest.mark.parametrize("file", ["name", "max_energy_range_uj"])
def test_a_zone_that_cannot_be_identified_is_missing_not_left_out(machine, open_meter, clock, file):
    machine.zone("intel-rapl:0", "package-0", 100)
    (machine.zone("intel-rapl:1", "package-1", 100) / file).unlink()
    window = measure(machine, open_meter, clock, 0.2)
    assert isinstance(window.energy.total, Unavailable)
    assert f"{machine.root / 'intel-rapl:1' / file} does not exist" in window.energy.total.reason


def test_a_counter_that_stops_midway_invalidates_the_window(machine, open_meter, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    with open_meter("", "cpu", powercap=machine.root) as meter, meter.window("work") as window:
        machine.zones.clear()
        clock.sleep(0.5)
    assert [(finding.id, finding.device) for finding in window.findings] == [("counter-stuck", "package-0")]
    assert not window.valid


def test_a_mirrored_die_is_counted_once_and_the_reason_is_given(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 100, start_uj=77_000_000)
    machine.zone("intel-rapl:1", "package-1", 100, start_uj=77_000_000)
    rapl = find_counters(machine.root, clock, Host())
    assert [zone.name for zone in rapl.counters] == ["package-0"]
    assert rapl.counters[0].notes[1:] == (
        "package-1 shows the same counter as package-0 (equal at two instants 50 ms apart): counted once",
    )


def test_two_similar_dies_are_both_counted(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 100, start_uj=77_000_000)
    machine.zone("intel-rapl:1", "package-1", 100, start_uj=99_000_000)
    assert len(find_counters(machine.root, clock, Host()).counters) == 2


@pytest.mark.parametrize("file", ["name", "energy_uj", "max_energy_range_uj"])
def test_permission_refused_names_the_file_and_the_remedy(machine, open_meter, clock, monkeypatch, file):
    """Whichever of a zone's files may not be read: the remedy is the same, and it names that file."""
    refused = machine.zone("intel-rapl:0", "package-0", 100) / file
    refuse(monkeypatch, refused)
    window = measure(machine, open_meter, clock, 0.0)
    assert window.energy.total.reason == f"cpu: permission refused: {refused}"
    assert "chmod" in window.energy.total.hint
    assert file in window.energy.total.hint


def refuse(monkeypatch, refused):
    """Root may read anything, and tests may run as root: refuse in the kernel's place."""
    opened, read_text = os.open, Path.read_text

    def open_(path, *arguments, **options):
        if str(path) == str(refused):
            raise PermissionError(13, os.strerror(13), str(path))
        return opened(path, *arguments, **options)

    def read(path, *arguments, **options):
        if path == refused:
            raise PermissionError(13, os.strerror(13), str(path))
        return read_text(path, *arguments, **options)

    monkeypatch.setattr(os, "open", open_)
    monkeypatch.setattr(Path, "read_text", read)


def test_a_zone_that_vanishes_is_unavailable(machine, open_meter, clock):
    folder = machine.zone("intel-rapl:0", "package-0", 100)
    with open_meter("", "cpu", powercap=machine.root) as meter, meter.window("work") as window:
        (folder / "energy_uj").unlink()
        machine.zones.clear()
    assert "does not exist" in window.energy.total.reason


def test_garbage_in_a_counter_is_reported(machine, clock):
    folder = machine.zone("intel-rapl:0", "package-0", 100)
    (zone,) = find_counters(machine.root, clock, Host()).counters
    machine.zones.clear()
    (folder / "energy_uj").write_text("soon\n")
    assert (
        zone.read(clock).failure
        == f"{folder / 'energy_uj'} holds 'soon', and not a single number of 0 or more"
    )


def test_a_model_is_used_only_when_asked_for_and_never_in_place_of_a_measurement(machine, open_meter, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    assert isinstance(measure(machine, open_meter, clock, 0.2, modelled_cpu_watts=5).energy.total, Measured)


@pytest.mark.parametrize("devices", ["auto", "cpu"])
def test_a_modelled_figure_says_so_and_what_it_assumed(open_meter, devices):
    with open_meter("", devices, modelled_cpu_watts=7.5) as meter, meter.window("work") as window:
        sum(range(300_000))
    total = window.energy.total
    assert total.kind == "modelled"
    assert any("7.5 W" in assumption for assumption in total.assumptions)
    assert total.energy_j > 0


def test_without_being_asked_nothing_is_modelled(open_meter):
    with open_meter("", "auto") as meter, meter.window("work") as window:
        pass
    assert isinstance(window.energy.total, Unavailable)
    assert "gpu:" in window.energy.total.reason
    assert "cpu:" in window.energy.total.reason


SMALL_RANGE_UJ = 65_532_610_987


@pytest.fixture
def slow(tmp_path, clock, simulator):
    """A machine whose counters come round after 65 kJ, and are updated less often."""
    simulator.load("clock kind=virtual start=1000\n")
    machine = Machine(tmp_path / "powercap", clock, update_s=0.01)
    machine.range_uj = SMALL_RANGE_UJ
    yield machine
    clock.stop(machine.update)


@pytest.mark.parametrize(("seconds", "limit_w"), [(60, None), (60, 65), (3 * 3600, None), (3 * 3600, 65)])
def test_a_package_is_measured_for_hours_although_its_counter_comes_round(
    slow, clock, open_meter, seconds, limit_w
):
    """At 65 W this counter comes round every 17 minutes, and at the most that is plausible every 44 s."""
    folder = slow.zone("intel-rapl:0", "package-0", 65, start_uj=SMALL_RANGE_UJ - 10_000_000)
    if limit_w is not None:
        (folder / "constraint_0_max_power_uw").write_text(f"{limit_w * 10**6}\n")
    options = {"powercap": slow.root, "sample_hz": 20, "start_child": recording(clock)}
    with open_meter("", "cpu", **options) as meter:
        slow.update_every(0.05 if seconds < 100 else 2.0)
        with meter.window("work") as window:
            clock.sleep(seconds)
        total = window.energy.total
    assert isinstance(total, Measured), total
    assert total.energy_j == pytest.approx(65 * seconds, rel=0.01)
    assert window.valid


def test_a_long_window_without_a_sampler_says_what_would_help(slow, clock, open_meter):
    """And with the sampler that the hint asks for there is a figure: the test above."""
    slow.zone("intel-rapl:0", "package-0", 65)
    with open_meter("", "cpu", powercap=slow.root) as meter:
        slow.update_every(0.2)
        with meter.window("work") as window:
            clock.sleep(60.0)
    assert "sample_hz" in window.energy.total.hint


def test_counters_that_could_not_be_read_in_between_for_too_long_are_ambiguous(slow, clock, open_meter):
    slow.zone("intel-rapl:0", "package-0", 65)
    options = {"powercap": slow.root, "sample_hz": 20, "start_child": recording(clock)}
    with open_meter("", "cpu", **options) as meter:
        slow.update_every(0.2)
        with meter.window("work") as window:
            clock.sleep(30.0)
            meter.sensors.opened[0].watch.stop()
            clock.sleep(60.0)
        assert "could have wrapped more than once" in window.energy.total.reason


@pytest.mark.parametrize(
    ("limits", "watts"),
    [
        ({}, 1500),
        ({"constraint_0_max_power_uw": "125000000"}, 250),
        ({"constraint_0_max_power_uw": "125000000", "constraint_1_power_limit_uw": "253000000"}, 506),
        ({"constraint_0_power_limit_uw": "4095000000"}, 1500),  # no limit, as boards write it
        ({"constraint_0_max_power_uw": "0"}, 1500),
        ({"constraint_0_max_power_uw": "none"}, 1500),
    ],
)
def test_a_zone_draws_no_more_than_its_own_limits_allow(machine, clock, limits, watts):
    folder = machine.zone("intel-rapl:0", "package-0", 100)
    for file, text in limits.items():
        (folder / file).write_text(f"{text}\n")
    (zone,) = find_counters(machine.root, clock, Host()).counters
    assert zone.watts_max == pytest.approx(watts)


def test_a_zone_that_rises_faster_than_any_package_draws_has_another_unit(machine, open_meter, clock):
    """Not a reset: it never went back, and measuring again would not help."""
    machine.zone("intel-rapl:0", "package-0", 10_000)
    window = measure(machine, open_meter, clock, 0.5)
    total = window.energy.total
    assert isinstance(total, Unavailable)
    assert "its unit is not uJ" in total.reason
    assert "measurement.counters" in total.hint


def test_memory_whose_counter_stands_still_leaves_the_package_its_figure(machine, open_meter, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    machine.zone("intel-rapl:0:0", "dram", 0, start_uj=77)
    with open_meter("", "cpu", powercap=machine.root) as meter:
        with meter.window("work") as window:
            clock.sleep(0.5)
        (report,) = meter.sensors.opened[0].examine()
    assert window.energy.total.energy_j == pytest.approx(50, rel=5e-3)
    assert [figure.device for figure in window.energy.devices] == ["package-0"]
    assert "dram-0 is not counted: the counter stood still for 50 ms" in report.notes


def test_the_report_says_whose_joules_a_package_counts(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    (zone,) = find_counters(machine.root, clock, Host()).counters
    assert any("everything that runs on the processor" in note for note in zone.notes)


def test_the_kernels_own_tree_is_read_where_the_links_are_not_there(machine, clock):
    """As a container sees it that has /sys/devices/virtual/powercap mounted at another place."""
    machine.zone("intel-rapl/intel-rapl:0", "package-0", 90)
    machine.zone("intel-rapl/intel-rapl:0/intel-rapl:0:0", "dram", 10)
    rapl = find_counters(machine.root, clock, Host(container=Container.DOCKER))
    assert [counter.name for counter in rapl.counters] == ["package-0", "dram-0"]


def test_links_into_a_hidden_folder_get_the_hint_of_the_container_and_that_mount_works(
    machine, tmp_path, clock, open_meter
):
    """A mount of /sys/class/powercap alone: links, and what they lead to is covered."""
    shown = tmp_path / "class"
    shown.mkdir()
    (shown / "intel-rapl:0").symlink_to(tmp_path / "covered/intel-rapl/intel-rapl:0")
    rapl = find_counters(shown, clock, Host(container=Container.DOCKER))
    assert rapl.counters == ()
    assert "is hidden here" in rapl.reason
    assert "-v /sys/devices/virtual/powercap:/powercap:ro" in rapl.hint
    variable, _, _ = rapl.hint.split("set ")[1].partition("=")
    machine.zone("intel-rapl/intel-rapl:0", "package-0", 100)  # what that mount shows at the other place
    environ = {variable: str(machine.root)}
    with (
        open_meter("", "cpu", powercap=None, environ=environ) as meter,
        meter.window("work") as window,
    ):
        clock.sleep(0.5)
    assert isinstance(window.energy.total, Measured), window.energy.total
    assert window.energy.total.energy_j == pytest.approx(50, rel=5e-3)


@pytest.mark.parametrize(
    ("host", "says", "says_not"),
    [
        (Host(), "modprobe intel_rapl", "container"),
        (Host(container=Container.DOCKER), "-v /sys/devices/virtual/powercap:/powercap:ro", "modprobe"),
        (Host(container=Container.PODMAN), "rootless", "modprobe"),
        (Host(container=Container.KUBERNETES), "hostPath", "-v "),
        (Host(container=Container.LXC), "lxc config device add", "-v "),
        (Host(container=Container.OTHER), "mount the host's", "modprobe"),
        (Host(is_virtual=True), "virtual machine", "modprobe"),
        (Host(is_virtual=True, container=Container.DOCKER), "virtual machine", "-v "),
        (Host(is_wsl=True), "WSL", "modprobe"),
        (Host(processor=Processor.ARM), "x86", "modprobe"),
        (Host(processor=Processor.ARM, container=Container.KUBERNETES), "measurement.counters", "hostPath"),
    ],
)
def test_without_rapl_the_hint_fits_the_machine(tmp_path, clock, host, says, says_not):
    rapl = find_counters(tmp_path / "none", clock, host)
    assert not rapl.counters
    assert "no RAPL" in rapl.reason
    assert says in rapl.hint
    assert says_not not in rapl.hint
