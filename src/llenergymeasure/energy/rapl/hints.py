"""What to do where RAPL cannot be read, on each kind of machine.

A container runtime hides the counters: since they show what other programs do (CVE-2020-8694), Docker, Podman
and containerd cover ``/sys/devices/virtual/powercap`` in every container. ``/sys/class/powercap`` holds only
links into it, so mounting that folder does not help, and a mount on the covered path is covered too. What
works is to mount the real folder at another place, and to name that place in :data:`POWERCAP_VARIABLE`.
"""

from __future__ import annotations

from llenergymeasure.energy.host import Container, Host, Processor

POWERCAP_VARIABLE = "LLENERGYMEASURE_POWERCAP"
"""The environment variable that names another powercap folder."""
REAL_FOLDER = "/sys/devices/virtual/powercap"
"""Where the counters are; ``/sys/class/powercap`` links there."""
COUNTERS = (
    "If the machine has another counter of energy (`ls /sys/class/hwmon/hwmon*/energy*_input`, a power meter), "
    "name it in measurement.counters"
)
_SET = f"and set {POWERCAP_VARIABLE}=/powercap there"
_CONTAINERS = {
    Container.DOCKER: f"start it with -v {REAL_FOLDER}:/powercap:ro {_SET}",
    Container.PODMAN: f"start it with -v {REAL_FOLDER}:/powercap:ro (as root: rootless Podman has no right to "
    f"read them) {_SET}",
    Container.KUBERNETES: f"give the pod a hostPath volume of {REAL_FOLDER}, mounted read-only at /powercap, {_SET}",
    Container.LXC: f"on the host: `lxc config device add NAME powercap disk source={REAL_FOLDER} path=/powercap "
    f"readonly=true` {_SET}",
    Container.OTHER: f"mount the host's {REAL_FOLDER} read-only at /powercap {_SET}",
}


def absent_hint(host: Host) -> str:
    """What to do where there is no RAPL at all."""
    if host.processor is not Processor.X86:
        return f"RAPL is for x86 processors, and this one is another. {COUNTERS}."
    if host.is_wsl:
        return "Windows hides RAPL from WSL: start Linux itself on this machine, or measure on another one."
    if host.is_virtual:
        return (
            "This is a virtual machine, and they do not get RAPL from their host: measure on the host or on a "
            f"machine of your own. {COUNTERS}."
        )
    if host.container is not None:
        return (
            f"This is a container, and containers hide RAPL: {_CONTAINERS[host.container]}. The files are for root "
            "only, inside the container too. If the host has none either, load its driver there."
        )
    return "Load the kernel's driver: modprobe intel_rapl_common intel_rapl_msr."


def refused_hint(host: Host, pattern: str) -> str:
    """What to do where the files may not be read; ``pattern`` stands for all of them."""
    where = " on the host" if host.container is not None else ""
    return (
        f"Run as root, or once per boot{where}: sudo chmod -R a+r {pattern} "
        "(any user can then watch the machine's power, which is why it is closed by default)."
    )
