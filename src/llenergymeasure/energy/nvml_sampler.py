"""Samples of the conditions that GPUs work under; run as a script, the child process that takes them.

As a script it is started with ``python -I -S`` and imports nothing but the standard library and the pynvml
file that it is given, so that it starts quickly and stays small. It writes fixed-size records to its standard
output and ends when its standard input closes or its parent ends for any reason. A byte on its standard input
requests a sample at once; a last one is taken when that input closes. :mod:`.sampler` starts it.
"""

from __future__ import annotations

import math
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

SLOW_S = 0.5
"""Limits, violation times and processes change rarely, and cost more to read: they are sampled this often."""
REQUEST_GAP_S = 0.02
"""Samples on request come no closer than this, however many short windows there are."""
PARENT_CHECK_S = 0.5
"""How often to check that the parent still runs."""
RECORD = struct.Struct("<HhHHIQQQ15d")
FIELD_POWER_AVERAGE, FIELD_POWER_INSTANT = 185, 186
TEMPERATURE_GPU, CLOCK_SM, CLOCK_MEMORY = 0, 1, 2
POLICY_POWER, POLICY_THERMAL = 0, 1
_NAN = math.nan


class DeviceSample(NamedTuple):
    """One sample of one device. Numbers that the driver did not give are NaN; times are monotonic seconds.

    Args:
        device: which device: its index in the arguments.
        code: the NVML error of the power reading; 0 if it succeeded.
        foreign: processes on the device that are not the measured one or its children.
        unidentified: processes that could be either.
        foreign_pid: one of the foreign ones.
        reasons: NVML's bits for why clocks are lowered.
        power_violation_ns: how long clocks were lowered by the power cap so far, by the driver.
        thermal_violation_ns: the same because of heat.
        begin_s: when the reading of power began.
        end_s: when it was done.
        power_w: power; instantaneous where ``instant`` is 1.
        average_w: power averaged over a second.
        temperature_c: of the GPU, in degrees Celsius.
        sm_mhz: the clock of the multiprocessors.
        memory_mhz: the clock of the memory.
        limit_w: the power cap.
        late_s: how late the sample was taken.
        cpu_s: the CPU time of the sampling process so far.
        violations_known: 1 where the driver reports the violation times.
        reasons_known: 1 where it reports the reasons.
        processes_known: 1 where it lists processes.
        slow_at_s: when the cap, the violation times and the processes were read, which is done less often.
        instant: 0 where ``power_w`` is an average over a second.
    """

    device: int
    code: int
    foreign: int
    unidentified: int
    foreign_pid: int
    reasons: int
    power_violation_ns: int
    thermal_violation_ns: int
    begin_s: float
    end_s: float
    power_w: float
    average_w: float
    temperature_c: float
    sm_mhz: float
    memory_mhz: float
    limit_w: float
    late_s: float
    cpu_s: float
    violations_known: float
    reasons_known: float
    processes_known: float
    slow_at_s: float
    instant: float


class _SlowSample(NamedTuple):
    """What is sampled less often."""

    limit_w: float = _NAN
    violations: tuple[int, int] | None = None
    foreign: tuple[int, ...] = ()
    unidentified: int = 0
    processes_known: bool = False
    at_s: float = _NAN


class NvmlSampler:
    """Takes samples of devices through pynvml, which must be initialised."""

    def __init__(self, binding: Any, uuids: Sequence[str], own_pid: int, clock: Callable[[], float]) -> None:
        self._binding = binding
        self._clock = clock
        self._own_pid = own_pid
        self._handles = [self._call("nvmlDeviceGetHandleByUUID", uuid) for uuid in uuids]
        self._usage_is_instant = [
            usage_is_instant(self._call("nvmlDeviceGetCudaComputeCapability", handle))
            for handle in self._handles
        ]
        self._slow_samples = [_SlowSample() for _ in uuids]
        self._slow_due_s = -math.inf
        self._code = 0

    def sample(self, late_s: float, cpu_s: float, *, complete: bool = False) -> list[DeviceSample]:
        """One sample per device. ``complete`` also reads what changes rarely, whether that is due or not."""
        now_s = self._clock()
        if complete or now_s >= self._slow_due_s:
            self._slow_due_s = now_s + SLOW_S
            self._slow_samples = [self._sample_slowly(handle) for handle in self._handles]
        return [
            self._sample_device(index, handle, late_s, cpu_s) for index, handle in enumerate(self._handles)
        ]

    def _sample_device(self, index: int, handle: Any, late_s: float, cpu_s: float) -> DeviceSample:
        begin_s = self._clock()
        self._code = 0
        power_w, average_w, instant = self._power(index, handle)
        code, end_s = self._code, self._clock()
        temperature = self._call("nvmlDeviceGetTemperature", handle, TEMPERATURE_GPU)
        sm = self._call("nvmlDeviceGetClockInfo", handle, CLOCK_SM)
        memory = self._call("nvmlDeviceGetClockInfo", handle, CLOCK_MEMORY)
        reasons = self._call("nvmlDeviceGetCurrentClocksEventReasons", handle)
        if reasons is None:  # its name before driver 535
            reasons = self._call("nvmlDeviceGetCurrentClocksThrottleReasons", handle)
        slow = self._slow_samples[index]
        power_ns, thermal_ns = slow.violations or (0, 0)
        return DeviceSample(
            device=index,
            code=code,
            foreign=len(slow.foreign),
            unidentified=slow.unidentified,
            foreign_pid=slow.foreign[0] if slow.foreign else 0,
            reasons=reasons or 0,
            power_violation_ns=power_ns,
            thermal_violation_ns=thermal_ns,
            begin_s=begin_s,
            end_s=end_s,
            power_w=power_w,
            average_w=average_w,
            temperature_c=_number(temperature),
            sm_mhz=_number(sm),
            memory_mhz=_number(memory),
            limit_w=slow.limit_w,
            late_s=late_s,
            cpu_s=cpu_s,
            violations_known=float(slow.violations is not None),
            reasons_known=float(reasons is not None),
            processes_known=float(slow.processes_known),
            slow_at_s=slow.at_s,
            instant=float(instant),
        )

    def _power(self, index: int, handle: Any) -> tuple[float, float, bool]:
        """Instantaneous and average power in watts; a driver without the fields has one number for both.

        The third value says whether the first one really is instantaneous.
        """
        values = self._call("nvmlDeviceGetFieldValues", handle, [FIELD_POWER_INSTANT, FIELD_POWER_AVERAGE])
        if values is not None and values[0].nvmlReturn == 0:
            average_w = values[1].value.uiVal * 1e-3 if values[1].nvmlReturn == 0 else _NAN
            return values[0].value.uiVal * 1e-3, average_w, True
        usage = self._call("nvmlDeviceGetPowerUsage", handle)
        if usage is None:
            return _NAN, _NAN, False
        self._code = 0
        return usage * 1e-3, usage * 1e-3, self._usage_is_instant[index]

    def _sample_slowly(self, handle: Any) -> _SlowSample:
        at_s = self._clock()
        limit = self._call("nvmlDeviceGetEnforcedPowerLimit", handle)
        violations = [
            self._call("nvmlDeviceGetViolationStatus", handle, policy)
            for policy in (POLICY_POWER, POLICY_THERMAL)
        ]
        known = [violation.violationTime for violation in violations if violation is not None]
        processes = self._call("nvmlDeviceGetComputeRunningProcesses_v3", handle)
        users = gpu_users([int(process.pid) for process in processes or []], self._own_pid)
        return _SlowSample(
            limit_w=_NAN if limit is None else limit * 1e-3,
            violations=(known[0], known[1]) if len(known) == 2 else None,
            foreign=users.foreign,
            unidentified=len(users.unidentified),
            processes_known=processes is not None,
            at_s=at_s,
        )

    def _call(self, name: str, *arguments: object) -> Any:
        """The call's value, or None where it fails; the error's number is kept."""
        if arguments and arguments[0] is None:
            self._code = self._code or 6
            return None
        try:
            return getattr(self._binding, name)(*arguments)
        except (self._binding.NVMLError, AttributeError) as error:
            self._code = int(getattr(error, "value", 13))
            return None


def _number(value: float | None) -> float:
    return _NAN if value is None else float(value)


def usage_is_instant(capability: Sequence[int] | None) -> bool:
    """Whether the driver's power call is instantaneous, by the compute capability (None: unknown, so no).

    From Ampere on, except for GA100 (8.0), it is an average over a second, as NVML's documentation says.
    """
    return capability is not None and tuple(capability) <= (8, 0)


class GpuUsers(NamedTuple):
    """The processes on a GPU that are not the measured one or its children.

    Those of ``foreign`` certainly are not; those of ``unidentified`` could be either.
    """

    foreign: tuple[int, ...]
    unidentified: tuple[int, ...]


def gpu_users(pids: Sequence[int], own_pid: int) -> GpuUsers:
    """Who else is on a GPU, from the numbers of processes that the driver lists for it.

    A number without a process here belongs to another container, or it is this process's number as seen from
    outside its own container. The latter is excluded where the list has the measured process under the number
    that it knows itself by.
    """
    here = [pid for pid in pids if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110 - pathlib is not loaded here
    own = [pid for pid in here if _descends_from(pid, own_pid)]
    others = [pid for pid in here if pid not in own]
    hidden = [pid for pid in pids if pid not in here]
    if own:
        return GpuUsers(foreign=(*others, *hidden), unidentified=())
    return GpuUsers(foreign=tuple(others), unidentified=tuple(hidden))


def _descends_from(pid: int, ancestor: int) -> bool:
    """Whether a process is another one or descends from it, by /proc."""
    while pid not in {0, ancestor}:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
                pid = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError, IndexError):
            return False
    return pid == ancestor


def _binding(path: str) -> Any:
    """Pynvml from its file: no search path, no site-packages."""
    import importlib.util  # noqa: PLC0415 - only the child needs it

    spec = importlib.util.spec_from_file_location("pynvml", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["pynvml"] = module
    spec.loader.exec_module(module)
    return module


def main(arguments: Sequence[str]) -> int:
    """Take samples until the parent ends. Arguments: ``PYNVML_FILE HZ PARENT_PID UUID...``."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a scheduler signals the whole group; the parent goes on
        signal.signal(number, signal.SIG_IGN)
    path, hz, parent, *uuids = arguments
    binding, parent_pid, period_s = _binding(path), int(parent), 1 / float(hz)
    try:
        binding.nvmlInit()
    except binding.NVMLError:
        return 1
    sampler = NvmlSampler(binding, uuids, parent_pid, time.monotonic)
    due_s, asked_s, last_s, more = time.monotonic(), math.inf, -math.inf, True
    while more and os.getppid() == parent_pid:
        wait_s = min(PARENT_CHECK_S, max(0.0, min(due_s, asked_s) - time.monotonic()))
        if asked_s < math.inf:
            time.sleep(wait_s)
        elif select.select([0], [], [], wait_s)[0]:
            more = bool(os.read(0, 4096))  # nothing: the parent closed its end, or has ended
            asked_s = max(time.monotonic(), last_s + REQUEST_GAP_S) if more else time.monotonic()
        now_s, next_s = time.monotonic(), min(due_s, asked_s)
        if now_s < next_s:
            continue
        samples = sampler.sample(now_s - next_s, time.process_time(), complete=now_s >= asked_s)
        os.write(1, b"".join(RECORD.pack(*sample) for sample in samples))
        last_s = now_s
        if now_s >= asked_s:
            asked_s = math.inf
        if now_s >= due_s:
            due_s += period_s * max(1, math.ceil((time.monotonic() - due_s) / period_s))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
