"""What kind of machine this is, by the files that each kind has."""

from __future__ import annotations

import pytest

from llenergymeasure.energy.host import Container, Host, Processor, examine_host

VIRTUAL_CPU = "processor: 0\nflags\t\t: fpu vme hypervisor lahf_lm\n"


@pytest.mark.parametrize(
    ("files", "environ", "machine", "host"),
    [
        ({}, {}, "x86_64", Host()),
        ({".dockerenv": ""}, {}, "x86_64", Host(container=Container.DOCKER)),
        ({"run/.containerenv": ""}, {}, "x86_64", Host(container=Container.PODMAN)),
        (
            {".dockerenv": ""},
            {"KUBERNETES_SERVICE_HOST": "10.0.0.1"},
            "x86_64",
            Host(container=Container.KUBERNETES),
        ),
        (
            {"proc/1/cgroup": "0::/kubepods/besteffort/pod1\n"},
            {},
            "x86_64",
            Host(container=Container.KUBERNETES),
        ),
        (
            {"var/run/secrets/kubernetes.io/serviceaccount/token": ""},
            {},
            "x86_64",
            Host(container=Container.KUBERNETES),
        ),
        ({"proc/1/cgroup": "4:cpu:/docker/ab12\n"}, {}, "x86_64", Host(container=Container.DOCKER)),
        ({"run/systemd/container": "lxc"}, {}, "x86_64", Host(container=Container.LXC)),
        ({}, {"container": "lxc"}, "x86_64", Host(container=Container.LXC)),
        ({}, {"container": "systemd-nspawn"}, "x86_64", Host(container=Container.OTHER)),
        ({"proc/cpuinfo": VIRTUAL_CPU}, {}, "x86_64", Host(is_virtual=True)),
        (
            {"proc/cpuinfo": VIRTUAL_CPU, "proc/sys/kernel/osrelease": "microsoft-standard-WSL2\n"},
            {},
            "x86_64",
            Host(is_wsl=True),
        ),
        ({}, {}, "aarch64", Host(processor=Processor.ARM)),
        ({}, {}, "riscv64", Host(processor=Processor.OTHER)),
        (
            {"proc/device-tree/model": "NVIDIA Jetson AGX Orin\0"},
            {},
            "aarch64",
            Host(processor=Processor.ARM, is_jetson=True),
        ),
        (
            {"etc/nv_tegra_release": "# R35"},
            {},
            "aarch64",
            Host(processor=Processor.ARM, is_jetson=True),
        ),
        (
            {
                "sys/bus/pci/devices/0000:03:00.0/class": "0x030000\n",
                "sys/bus/pci/devices/0000:03:00.0/vendor": "0x1002\n",
                "sys/bus/pci/devices/0000:00:1f.3/class": "0x040300\n",
                "sys/bus/pci/devices/0000:00:1f.3/vendor": "0x8086\n",
            },
            {},
            "x86_64",
            Host(gpus=frozenset({"AMD"})),
        ),
        (
            {
                "sys/bus/pci/devices/0000:03:00.0/class": "0x030200\n",
                "sys/bus/pci/devices/0000:03:00.0/vendor": "0x10de\n",
            },
            {},
            "x86_64",
            Host(gpus=frozenset({"NVIDIA"})),
        ),
    ],
)
def test_kinds_of_machines(tmp_path, files, environ, machine, host):
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert examine_host(tmp_path, environ, machine) == host


def test_this_machine_can_be_examined():
    assert isinstance(examine_host(), Host)
