"""What to do where there is no NVIDIA driver, on each kind of machine."""

from __future__ import annotations

from llenergymeasure.energy.host import Container, Host

NOT_INSTALLED, NOT_LOADED = 12, 9
"""The codes of a driver that is not there."""
_NAME_IT = "name its counter of energy in measurement.counters"
_OTHER_GPUS = {
    "AMD": f"The GPU here is AMD's, which is not measured by itself: {_NAME_IT} (a command around `amd-smi metric "
    "--energy`, say, that prints the number).",
    "Intel": f"The GPU here is Intel's, which is not measured by itself: if it has a counter (`ls "
    f"/sys/class/drm/card*/device/hwmon/hwmon*/energy1_input`), {_NAME_IT}, with the unit uJ.",
}
_CONTAINERS = {
    Container.DOCKER: "Start the container with --gpus all, and with NVIDIA_DRIVER_CAPABILITIES=compute,utility.",
    Container.PODMAN: "Start the container with --device nvidia.com/gpu=all (nvidia-ctk makes that device).",
    Container.KUBERNETES: "Give the container the resource nvidia.com/gpu, and "
    "NVIDIA_DRIVER_CAPABILITIES=compute,utility.",
    Container.LXC: "On the host: `lxc config set NAME nvidia.runtime=true`, and `lxc config device add NAME gpu gpu`.",
    Container.OTHER: "Start the container with the GPUs and the driver's libraries of its host.",
}


def absent_hint(host: Host, usual: str) -> str:
    """What to do where the driver is not there.

    Args:
        host: the machine.
        usual: what to do on a common server.
    """
    if host.is_jetson:
        return (
            "A Jetson's GPU has no counter of energy; its power rails are in /sys/class/hwmon (ina3221). A power meter, "
            f"or a command that adds their power up, can be measured: {_NAME_IT}."
        )
    others = [hint for vendor, hint in _OTHER_GPUS.items() if vendor in host.gpus]
    if others and "NVIDIA" not in host.gpus:
        return " ".join(others)
    if host.is_wsl:
        return "Install NVIDIA's driver in Windows, not in WSL, and restart WSL (wsl --shutdown)."
    if host.container is not None:
        return _CONTAINERS[host.container]
    if host.is_virtual and "NVIDIA" not in host.gpus:
        return "This virtual machine has no NVIDIA GPU: choose a kind of machine that has one, or pass one through."
    return usual
