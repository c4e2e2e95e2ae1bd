"""RAPL on a made-up powercap tree: wraps, mirrors, permissions, zones that vanish, containers."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llenergymeasure.energy import Measured, Scope, Unavailable
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.rapl.sensor import zone_figure
from llenergymeasure.energy.rapl.zones import Zone, ZoneReading, find_zones, read_zone

RANGE_UJ = 262_143_328_850


class Machine:
    """A powercap tree whose counters follow the virtual clock."""

    def __init__(self, root, clock):
        self.root, self.clock, self.zones = root, clock, {}
        root.mkdir()
        clock.every(0.001, self.update)

    def zone(self, path, name, watts, start_uj=0, mirror=None):
        folder = self.root / path
        folder.mkdir(parents=True)
        (folder / "name").write_text(f"{name}\n")
        (folder / "max_energy_range_uj").write_text(f"{RANGE_UJ}\n")
        self.zones[folder / "energy_uj"] = (watts, start_uj, self.clock.monotonic())
        self.update()
        return folder

    def update(self):
        for path, (watts, start_uj, since_s) in self.zones.items():
            if path.parent.exists():
                path.write_text(
                    f"{int(start_uj + watts * (self.clock.monotonic() - since_s) * 1e6) % RANGE_UJ}\n"
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
    (zone,) = find_zones(machine.root, clock, in_container=False).zones
    begin, end = (ZoneReading(energy_uj=7, begin_s=at_s, end_s=at_s) for at_s in (0.0, 400.0))
    figure = zone_figure(zone, begin, end, boundaries=(begin.end_s, end.begin_s))
    assert isinstance(figure, Unavailable)
    assert "wrapped more than once" in figure.reason
    assert figure.hint == "Use windows of at most 175 s."


def test_a_reset_counter_is_not_taken_for_a_wrap(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 100)
    (zone,) = find_zones(machine.root, clock, in_container=False).zones
    figure = zone_figure(
        zone,
        ZoneReading(energy_uj=9_000_000, begin_s=0.0, end_s=0.0),
        ZoneReading(energy_uj=1_000, begin_s=1.0, end_s=1.0),
        boundaries=(0.0, 1.0),
    )
    assert isinstance(figure, CounterFault)
    assert figure.finding == "counter-reset"
    assert isinstance(figure.figure(), Unavailable)


def test_a_counter_that_stands_still_does_not_give_zero() -> None:
    zone = Zone(name="package-0", path=Path("zone"), scope=Scope.CPU_PACKAGE, range_uj=10**12)
    begin, end = (ZoneReading(energy_uj=7, begin_s=at_s, end_s=at_s) for at_s in (0.0, 5.0))
    figure = zone_figure(zone, begin, end, boundaries=(begin.end_s, end.begin_s))
    assert isinstance(figure, CounterFault)
    assert figure.finding == "counter-stuck"
    assert "stood still for 5 s" in figure.reason


def test_a_window_too_short_for_the_counter_to_move_has_no_figure_and_no_0() -> None:
    zone = Zone(name="package-0", path=Path("zone"), scope=Scope.CPU_PACKAGE, range_uj=10**12)
    begin, end = (ZoneReading(energy_uj=7, begin_s=at_s, end_s=at_s) for at_s in (0.0, 0.0004))
    figure = zone_figure(zone, begin, end, boundaries=(0.0, 0.0004))
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
    zone = Zone(name="package-0", path=Path("zone"), scope=Scope.CPU_PACKAGE, range_uj=10**12)
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
        return ZoneReading(energy_uj=int(joules(updated_s) * 1e6), begin_s=at_s, end_s=at_s)

    first, last = read(begin_s - boundaries_s[0]), read(end_s + boundaries_s[1])
    figure = zone_figure(zone, first, last, boundaries=(begin_s, end_s))
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
    rapl = find_zones(machine.root, clock, in_container=False)
    assert rapl.zones == ()
    assert rapl.reason == "package-0: the counter stood still for 50 ms"
    assert "virtual machine" in rapl.hint


@pytest.mark.parametrize("file", ["name", "max_energy_range_uj"])
def test_a_zone_that_cannot_be_identified_is_missing_not_left_out(machine, open_meter, clock, file):
    machine.zone("intel-rapl:0", "package-0", 100)
    (machine.zone("intel-rapl:1", "package-1", 100) / file).unlink()
    window = measure(machine, open_meter, clock, 0.2)
    assert isinstance(window.energy.total, Unavailable)
    assert f"{machine.root / 'intel-rapl:1' / file} vanished" in window.energy.total.reason


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
    rapl = find_zones(machine.root, clock, in_container=False)
    assert [zone.name for zone in rapl.zones] == ["package-0"]
    assert rapl.notes == (
        "package-1 shows the same counter as package-0 (equal at two instants 50 ms apart): counted once",
    )


def test_two_similar_dies_are_both_counted(machine, clock):
    machine.zone("intel-rapl:0", "package-0", 100, start_uj=77_000_000)
    machine.zone("intel-rapl:1", "package-1", 100, start_uj=99_000_000)
    assert len(find_zones(machine.root, clock, in_container=False).zones) == 2


def test_permission_refused_names_the_file_and_the_remedy(machine, open_meter, clock, monkeypatch):
    folder = machine.zone("intel-rapl:0", "package-0", 100)
    counter = folder / "energy_uj"
    monkeypatch.setattr(type(counter), "read_text", refuse(type(counter).read_text, counter))
    window = measure(machine, open_meter, clock, 0.0)
    assert window.energy.total.reason == f"cpu: permission refused: {counter}"
    assert "chmod" in window.energy.total.hint


def refuse(read_text, refused):
    """Root may read anything, and tests may run as root: refuse in the kernel's place."""

    def read(path, *arguments, **options):
        if path == refused:
            raise PermissionError(13, os.strerror(13), str(path))
        return read_text(path, *arguments, **options)

    return read


def test_a_zone_that_vanishes_is_unavailable(machine, open_meter, clock):
    folder = machine.zone("intel-rapl:0", "package-0", 100)
    with open_meter("", "cpu", powercap=machine.root) as meter, meter.window("work") as window:
        (folder / "energy_uj").unlink()
        machine.zones.clear()
    assert "vanished" in window.energy.total.reason


@pytest.mark.parametrize(("in_container", "says"), [(True, "container"), (False, "modprobe")])
def test_without_rapl_the_hint_fits_where_it_runs(tmp_path, clock, in_container, says):
    rapl = find_zones(tmp_path / "none", clock, in_container=in_container)
    assert not rapl.zones
    assert "no RAPL" in rapl.reason
    assert says in rapl.hint


def test_garbage_in_a_counter_is_reported(machine, clock):
    folder = machine.zone("intel-rapl:0", "package-0", 100)
    (zone,) = find_zones(machine.root, clock, in_container=False).zones
    machine.zones.clear()
    (folder / "energy_uj").write_text("soon\n")
    assert "unreadable" in read_zone(zone, clock).failure


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
