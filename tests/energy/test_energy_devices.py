"""Which GPUs are meant: every form of CUDA_VISIBLE_DEVICES, names, UUIDs, MIG."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from inline_sampling import inline

from llenergymeasure.energy import DeviceSelectionError, Unavailable
from llenergymeasure.energy.host import Container, Host, Processor
from llenergymeasure.energy.nvml.devices import Gpu, named_gpu, visible_gpus


def gpus(*names):
    return [
        Gpu(index=i, uuid=f"GPU-{'abcd'[i]}{i}00-1111", name=name, mig=False, handle=None)
        for i, name in enumerate(names)
    ]


ALIKE = gpus("H100", "H100", "H100", "H100")
MIXED = gpus("A100", "T4")

VISIBLE = [
    (None, [0, 1, 2, 3]),
    ("", []),
    ("-1", []),
    ("2", [2]),
    ("2,0", [2, 0]),
    (" 1 , 3 ", [1, 3]),
    ("1,-1,2", [1]),
    ("0,9,1", [0]),
    ("0,0", []),
    ("GPU-b100-1111", [1]),
    ("GPU-b", [1]),
    ("gpu-B100", [1]),
    ("GPU-", []),
    ("GPU-zz", []),
    ("GPU-b,GPU-a", [1, 0]),
    ("GPU-b,1", []),
    ("1,GPU-c", [1, 2]),
    ("nonsense", []),
    ("1x", [1]),
    ("MIG-GPU-a000-1111/1/0", []),
    ("MIG-1234", []),
]


@pytest.mark.parametrize(("value", "expected"), VISIBLE)
def test_cuda_visible_devices_means_what_it_means_to_cuda(value, expected):
    environ = {} if value is None else {"CUDA_VISIBLE_DEVICES": value}
    visible = visible_gpus(ALIKE, environ)
    assert [gpu.index for gpu in visible.gpus] == expected
    if not expected:
        assert visible.problem


@pytest.mark.parametrize(
    ("environ", "count"),
    [
        ({"CUDA_VISIBLE_DEVICES": "1"}, 0),
        ({"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "FASTEST_FIRST"}, 0),
        ({"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, 1),
        ({"CUDA_VISIBLE_DEVICES": "GPU-b"}, 1),
        ({"CUDA_VISIBLE_DEVICES": "0,1"}, 2),  # all of them, in any order
        ({"CUDA_VISIBLE_DEVICES": "GPU-b,1"}, 0),
        ({"CUDA_VISIBLE_DEVICES": "GPU-b,GPU-a"}, 2),
    ],
)
def test_a_number_whose_meaning_only_cuda_knows_is_not_guessed(environ, count):
    visible = visible_gpus(MIXED, environ)
    assert len(visible.gpus) == count
    assert ("CUDA_DEVICE_ORDER=PCI_BUS_ID" in visible.hint) == (count == 0)


@pytest.mark.parametrize(
    ("name", "environ", "index"),
    [
        ("0", {}, 0),
        ("1", {"CUDA_VISIBLE_DEVICES": "3,2"}, 2),
        ("GPU-c200-1111", {}, 2),
        ("c200-1111", {}, 2),  # torch's form has no GPU- before it
        ("GPU-c", {"CUDA_VISIBLE_DEVICES": "0"}, 2),
    ],
)
def test_a_caller_names_a_gpu(name, environ, index):
    assert named_gpu(name, ALIKE, environ).index == index


@pytest.mark.parametrize(
    ("name", "environ", "says"),
    [
        ("4", {}, "there is no GPU 4"),
        ("0", {"CUDA_VISIBLE_DEVICES": ""}, "hides every GPU"),
        ("GPU-zzz", {}, r"GPU-a000-1111 \(H100\), GPU-b100-1111"),
        ("MIG-123", {}, "nvidia-smi -mig 0"),
        ("", {}, "no single GPU"),
    ],
)
def test_a_gpu_that_is_not_there_is_an_error_with_those_that_are(name, environ, says):
    with pytest.raises(DeviceSelectionError, match=says):
        named_gpu(name, ALIKE, environ)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CUDA_VISIBLE_DEVICES": "0,1"},
        {"CUDA_VISIBLE_DEVICES": "1,0"},
        {"CUDA_VISIBLE_DEVICES": "0,1", "CUDA_DEVICE_ORDER": "FASTEST_FIRST"},
        {"CUDA_VISIBLE_DEVICES": "1"},
        {"CUDA_VISIBLE_DEVICES": "GPU-b,1"},
    ],
)
@pytest.mark.parametrize("name", ["0", "1"])
def test_a_number_among_unlike_cards_is_refused(name, environ):
    with pytest.raises(DeviceSelectionError, match="CUDA_DEVICE_ORDER=PCI_BUS_ID"):
        named_gpu(name, MIXED, environ)


@pytest.mark.parametrize(
    ("environ", "uuid"),
    [
        ({"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, "GPU-b100-1111"),
        ({"CUDA_VISIBLE_DEVICES": "1,0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, "GPU-a000-1111"),
        ({"CUDA_VISIBLE_DEVICES": "GPU-b,GPU-a"}, "GPU-a000-1111"),
    ],
)
def test_a_number_among_unlike_cards_is_taken_where_its_meaning_is_set(environ, uuid):
    assert named_gpu("1", MIXED, environ).uuid == uuid


def test_a_list_that_is_ended_on_purpose_hides_the_rest_and_leaves_nothing_missing(open_meter, clock):
    with (
        open_meter(TWO, environ={"CUDA_VISIBLE_DEVICES": "0,-1"}) as meter,
        meter.window("work") as window,
    ):
        clock.sleep(1.0)
    assert [figure.device for figure in window.energy.devices] == UUIDS[:1]
    assert window.energy.total.energy_j == pytest.approx(100, rel=0.01)


def test_a_gpu_in_the_list_that_is_not_here_is_missing(open_meter):
    with open_meter(TWO, environ={"CUDA_VISIBLE_DEVICES": "0,9"}) as meter, meter.window("work") as window:
        pass
    assert "'9' is not a GPU of this machine" in window.energy.total.reason


TWO = "device period_ms=50\ncurve watts=100\ndevice period_ms=80 phase_ms=11\ncurve watts=300\n"
UUIDS = ["GPU-00000000-0000-0000-0000-000000000000", "GPU-00000000-0000-0000-0000-000000000001"]


@pytest.mark.parametrize(
    ("devices", "environ", "expected"),
    [
        ("auto", {}, UUIDS),
        ("gpu", {}, UUIDS),
        (1, {}, UUIDS[1:]),
        ([0, 1, "1"], {}, UUIDS),
        ("1,0", {}, UUIDS[::-1]),
        (UUIDS[1], {}, UUIDS[1:]),
        ("auto", {"CUDA_VISIBLE_DEVICES": UUIDS[1]}, UUIDS[1:]),
        ("auto", {"CUDA_VISIBLE_DEVICES": "1"}, UUIDS[1:]),
    ],
)
def test_devices_of_a_meter(open_meter, clock, devices, environ, expected):
    with open_meter(TWO, devices, environ=environ) as meter, meter.window("work") as window:
        clock.sleep(1.0)
    watts = {UUIDS[0]: 100, UUIDS[1]: 300}
    assert [figure.device for figure in window.energy.devices] == expected
    assert window.energy.total.energy_j == pytest.approx(sum(watts[uuid] for uuid in expected), rel=0.01)


def test_hidden_gpus_are_unavailable_with_the_setting_named(open_meter):
    with open_meter(TWO, environ={"CUDA_VISIBLE_DEVICES": "-1"}) as meter, meter.window("work") as window:
        pass
    total = window.energy.total
    assert isinstance(total, Unavailable)
    assert "CUDA_VISIBLE_DEVICES=-1" in total.reason


def test_a_mig_gpu_makes_the_total_unavailable_with_what_to_do(open_meter, clock):
    with open_meter("device mig=1\ncurve watts=9\n" + TWO) as meter, meter.window("work") as window:
        clock.sleep(0.5)
    split, *others = window.energy.devices
    assert "MIG" in split.reason
    assert "nvidia-smi -mig 0" in split.hint
    assert all(other.energy_j > 0 for other in others)
    assert isinstance(window.energy.total, Unavailable)
    assert split.device in window.energy.total.reason


def test_a_broken_gpu_that_nobody_asked_for_takes_no_figure_away(open_meter, clock):
    broken = f"{TWO}fault call=nvmlDeviceGetHandleByIndex_v2 code=4 device=0\n"
    with open_meter(broken, UUIDS[1]) as meter, meter.window("work") as window:
        clock.sleep(2.0)
    assert window.energy.total.energy_j == pytest.approx(600, rel=0.01)
    (report,) = meter.sensors.opened[0].examine()
    assert any("another GPU: permission refused" in note and "GPU 0" in note for note in report.notes)


def test_a_broken_gpu_among_all_that_were_asked_for_is_missing(open_meter, clock):
    broken = f"{TWO}fault call=nvmlDeviceGetHandleByIndex_v2 code=4 device=0\n"
    with open_meter(broken, "gpu") as meter, meter.window("work") as window:
        clock.sleep(1.0)
    assert "GPU 0" in window.energy.total.reason


def test_an_instances_uuid_in_torchs_form_gets_the_message_of_instances(open_meter):
    """Torch leaves out the prefix that says what a UUID is of."""
    with pytest.raises(DeviceSelectionError, match=r"it is an instance.*nvidia-smi -mig 0"):
        open_meter("device mig=1\ndevice\n", "d3b2c1a0-1111-2222-3333-444455556666")
    with pytest.raises(DeviceSelectionError, match="no single GPU here is called"):
        open_meter("device\n", "d3b2c1a0-1111-2222-3333-444455556666")


NOTHING = (
    "device no_counter=1 no_fields=1\ncurve watts=100\n"
    "fault call=nvmlDeviceGetPowerUsage code=3\nfault call=nvmlDeviceGetTotalEnergyConsumption code=3\n"
)


def test_a_card_without_any_sensor_has_no_figure_and_lost_nothing(open_meter, clock):
    with open_meter(NOTHING, sample_hz=20, start=inline(clock)) as meter, meter.window("work") as window:
        clock.sleep(1.0)
    assert "no sensor of energy or power" in window.energy.total.reason
    assert "measurement.counters" in window.energy.total.hint
    assert window.valid
    assert "sensor-lost" not in [finding.id for finding in window.findings]


def test_a_card_with_a_counter_and_without_power_lost_nothing(open_meter, clock):
    card = "device no_fields=1 period_ms=50\ncurve watts=100\nfault call=nvmlDeviceGetPowerUsage code=3\n"
    with open_meter(card, sample_hz=20, start=inline(clock)) as meter, meter.window("work") as window:
        clock.sleep(2.0)
    assert window.energy.total.kind == "measured"
    assert "sensor-lost" not in [finding.id for finding in window.findings]


@pytest.mark.parametrize("has_fields", [True, False])
@pytest.mark.parametrize("use", ["EnergyMeter.open('gpu')", "examine()"])
def test_an_old_pynvml_ahead_of_the_right_one_is_named_in_a_sentence(library, tmp_path, has_fields, use):
    """Older releases of the package pynvml give bytes for texts; still older ones know no field values."""
    shape = "nvmlDeviceGetFieldValues = None\n" if has_fields else ""
    (tmp_path / "pynvml.py").write_text(
        "class NVMLError(Exception): value = 999\n"
        "def nvmlInit(): pass\ndef nvmlShutdown(): pass\n"
        "def nvmlSystemGetDriverVersion(): return b'470.1'\n"
        "def nvmlDeviceGetCount(): return 1\ndef nvmlDeviceGetHandleByIndex(index): return object()\n"
        "def nvmlDeviceGetUUID(handle): return b'GPU-1'\ndef nvmlDeviceGetName(handle): return b'Tesla'\n"
        + shape
    )
    code = (
        "from llenergymeasure.energy import EnergyMeter\nfrom llenergymeasure.energy.doctor import examine\n"
        f"result = {use}\n"
        "missing = result.sensors.missing[0] if hasattr(result, 'sensors') else result.devices[0]\n"
        "print(missing.reason, missing.hint)"
    )
    environ = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert "old release of the package pynvml" in done.stdout, done.stderr
    assert "pip uninstall pynvml" in done.stdout


@pytest.mark.parametrize(
    ("host", "says"),
    [
        (Host(), "Install the NVIDIA driver"),
        (Host(gpus=frozenset({"AMD"})), "AMD's"),
        (Host(gpus=frozenset({"Intel"})), "energy1_input"),
        (Host(gpus=frozenset({"Intel", "NVIDIA"})), "Install the NVIDIA driver"),
        (Host(is_jetson=True, processor=Processor.ARM), "Jetson"),
        (Host(is_wsl=True), "in Windows, not in WSL"),
        (Host(container=Container.DOCKER), "--gpus all"),
        (Host(container=Container.PODMAN), "nvidia.com/gpu=all"),
        (Host(container=Container.KUBERNETES), "the resource nvidia.com/gpu"),
        (Host(container=Container.LXC), "nvidia.runtime=true"),
        (Host(is_virtual=True), "pass one through"),
        (Host(is_virtual=True, gpus=frozenset({"NVIDIA"})), "Install the NVIDIA driver"),
    ],
)
def test_without_a_driver_the_hint_fits_the_machine(open_meter, host, says):
    meter = open_meter("fault call=nvmlInitWithFlags code=12\n", "gpu", host=host)
    (missing,) = meter.sensors.missing
    assert says in missing.hint
