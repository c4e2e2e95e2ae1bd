"""Where a run happens: versions and hardware. No user, no path, no environment variable."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from llenergymeasure import __version__
from llenergymeasure.energy.sensors import Machine
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.results.record import Git, Host, HostGpu, Versions

_CPU_INFO = Path("/proc/cpuinfo")
GIT_S = 10.0
"""How long git may take."""


def versions(context: RunContext, machine: Machine) -> Versions:
    """The versions of everything that a figure may depend on."""
    environment = context.environment
    return Versions(
        python=platform.python_version(),
        llenergymeasure=__version__,
        engine=environment.name,
        libraries=dict(environment.libraries),
        schema_release=context.config.engine_settings.engine_version,
        nvidia_ml_py=_version("nvidia-ml-py"),
        nvidia_driver=machine.gpu_driver,
        cuda=environment.cuda,
        packages=dict(environment.packages),
    )


def host(machine: Machine, threads: int) -> Host:
    """The machine's processor and GPUs, the cores that this process may use, and the engine's threads."""
    return Host(
        system=f"{platform.system()} {platform.machine()}",
        cpu=cpu_model(_CPU_INFO),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        threads=threads,
        gpus=tuple(HostGpu(uuid=uuid, name=name) for uuid, name in machine.gpus.items()),
    )


def git_revision() -> Git | None:
    """The commit of the repository around the working folder; None where there is none, or no git."""
    commit = _git("rev-parse", "HEAD")
    if not commit:
        return None
    return Git(commit=commit, modified=_git("status", "--porcelain", "--untracked-files=no") != "")


def _git(*arguments: str) -> str | None:
    """What git prints; None where it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - git with arguments of our own, no shell
            ["git", *arguments],  # noqa: S607 - wherever it is installed
            capture_output=True,
            text=True,
            check=True,
            timeout=GIT_S,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout.strip()


def cpu_model(cpu_info: Path) -> str:
    """The processor's name as Linux lists it; otherwise what Python knows, perhaps only the architecture."""
    try:
        lines = cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in {"model name", "Model"} and value.strip():
            return value.strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    """The installed version; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
