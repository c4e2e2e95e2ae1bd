"""What kind of machine this is, so that a hint is right for it: container, virtual machine, processor, GPUs.

Nothing is measured here. Everything is read from files, so a test can make up a machine.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Container(StrEnum):
    """The kinds of containers that hide hardware in ways of their own."""

    DOCKER = "docker"
    PODMAN = "podman"
    KUBERNETES = "kubernetes"
    LXC = "lxc"
    OTHER = "container"


class Processor(StrEnum):
    """The kinds of processors, as far as their energy counters differ."""

    X86 = "x86"
    ARM = "arm"
    OTHER = "other"


GPU_VENDORS = {"0x10de": "NVIDIA", "0x1002": "AMD", "0x8086": "Intel"}
"""By PCI number, the vendors of GPUs."""
DISPLAY = "0x03"
"""How the PCI class of a display controller begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The kind of a machine. The defaults are a common server: bare metal, x86, no GPU.

    Args:
        container: the kind of container that this process runs in; None outside of one.
        is_virtual: whether this is a virtual machine.
        is_wsl: whether this is Linux inside Windows (WSL).
        is_jetson: whether this is one of NVIDIA's Jetson boards, whose GPU is part of the processor.
        processor: what kind of processor it has.
        gpus: the vendors of the GPUs on its PCI bus.
    """

    container: Container | None = None
    is_virtual: bool = False
    is_wsl: bool = False
    is_jetson: bool = False
    processor: Processor = Processor.X86
    gpus: frozenset[str] = frozenset()


def examine_host(
    root: Path = Path("/"), environ: Mapping[str, str] | None = None, machine: str | None = None
) -> Host:
    """What kind of machine this is.

    Args:
        root: the root of the file system, for tests.
        environ: the environment; by default this process's.
        machine: the processor's architecture as ``uname -m`` says; by default this machine's.
    """
    environ = os.environ if environ is None else environ
    release = _text(root / "proc/sys/kernel/osrelease").lower()
    cpu = _text(root / "proc/cpuinfo")
    is_wsl = "microsoft" in release
    return Host(
        container=_container(root, environ),
        is_virtual=not is_wsl and " hypervisor" in cpu,
        is_wsl=is_wsl,
        is_jetson=_is_jetson(root),
        processor=_processor(machine or platform.machine()),
        gpus=_gpus(root),
    )


def _container(root: Path, environ: Mapping[str, str]) -> Container | None:
    """The kind of container, by the marks that each leaves; Kubernetes first, since others run inside it."""
    manager = _text(root / "run/systemd/container").strip()
    named = manager or environ.get("container", "")
    groups = _text(root / "proc/1/cgroup") + _text(root / "proc/self/cgroup")
    if (
        "KUBERNETES_SERVICE_HOST" in environ
        or (root / "var/run/secrets/kubernetes.io").exists()
        or "kubepods" in groups
    ):
        return Container.KUBERNETES
    if (root / ".dockerenv").exists() or named == "docker" or "/docker" in groups:
        return Container.DOCKER
    if (root / "run/.containerenv").exists() or named == "podman" or "libpod" in groups:
        return Container.PODMAN
    if (
        named.startswith("lxc")
        or "/lxc" in groups
        or (root / "dev/.lxc").exists()
        or (root / "dev/lxd").exists()
    ):
        return Container.LXC
    return Container.OTHER if named or "/containerd" in groups or "cri-" in groups else None


def _is_jetson(root: Path) -> bool:
    model = _text(root / "proc/device-tree/model")
    return (root / "etc/nv_tegra_release").exists() or "Jetson" in model or "Tegra" in model


def _processor(machine: str) -> Processor:
    if machine.lower() in {"x86_64", "amd64", "i686", "i386"}:
        return Processor.X86
    return Processor.ARM if machine.lower().startswith(("arm", "aarch64")) else Processor.OTHER


def _gpus(root: Path) -> frozenset[str]:
    """The vendors of the display controllers on the PCI bus."""
    devices = root / "sys/bus/pci/devices"
    folders = devices.iterdir() if devices.is_dir() else ()
    vendors = (
        _text(folder / "vendor").strip() for folder in folders if _text(folder / "class").startswith(DISPLAY)
    )
    return frozenset(GPU_VENDORS[vendor] for vendor in vendors if vendor in GPU_VENDORS)


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(65536)
    except OSError:
        return ""
