"""Samples of the conditions that GPUs work under, taken through pynvml.

:mod:`llenergymeasure.energy.child` runs this in a child process, which imports nothing but the standard
library, the files named here, and the pynvml file that it is given.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from llenergymeasure.energy.nvml.users import GpuUsers, users_of
from llenergymeasure.energy.samples import RECORD, DeviceSample

SLOW_S = 0.5
"""Limits, violation times and processes change rarely, and cost more to read: they are sampled this often."""
FIELD_POWER_AVERAGE, FIELD_POWER_INSTANT = 185, 186
TEMPERATURE_GPU, CLOCK_SM, CLOCK_MEMORY = 0, 1, 2
POLICY_POWER, POLICY_THERMAL = 0, 1
_NAN = math.nan


class _SlowSample(NamedTuple):
    """What is sampled less often."""

    limit_w: float = _NAN
    violations: tuple[int, int] | None = None
    users: GpuUsers = GpuUsers(known=False)
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
            foreign=len(slow.users.foreign),
            unidentified=len(slow.users.unidentified),
            foreign_pid=slow.users.foreign[0] if slow.users.foreign else 0,
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
            processes_known=float(slow.users.known),
            slow_at_s=slow.at_s,
            instant=float(instant),
            graphics=float(len(slow.users.graphics)),
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
        is_instant = self._usage_is_instant[index]
        return usage * 1e-3, _NAN if is_instant else usage * 1e-3, is_instant

    def _sample_slowly(self, handle: Any) -> _SlowSample:
        at_s = self._clock()
        limit = self._call("nvmlDeviceGetEnforcedPowerLimit", handle)
        violations = [
            self._call("nvmlDeviceGetViolationStatus", handle, policy)
            for policy in (POLICY_POWER, POLICY_THERMAL)
        ]
        known = [violation.violationTime for violation in violations if violation is not None]
        return _SlowSample(
            limit_w=_NAN if limit is None else limit * 1e-3,
            violations=(known[0], known[1]) if len(known) == 2 else None,
            users=users_of(handle, self._call, self._own_pid),
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


def _binding(path: str) -> Any:
    """Pynvml from its file: no search path, no site-packages."""
    spec = importlib.util.spec_from_file_location("pynvml", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["pynvml"] = module
    spec.loader.exec_module(module)
    return module


def open_sampling(
    arguments: Sequence[str], parent_pid: int, clock: Callable[[], float]
) -> Callable[[float, float, bool], bytes] | None:
    """What the child process calls for a sample, as records; None where the driver does not start.

    Args:
        arguments: the file of pynvml, and the UUIDs of the GPUs.
        parent_pid: the process that is measured.
        clock: monotonic seconds.
    """
    path, *uuids = arguments
    binding = _binding(path)
    try:
        binding.nvmlInit()
    except binding.NVMLError:
        return None
    sampler = NvmlSampler(binding, uuids, parent_pid, clock)

    def sample(late_s: float, cpu_s: float, complete: bool) -> bytes:
        samples = sampler.sample(late_s, cpu_s, complete=complete)
        return b"".join(RECORD.pack(*values) for values in samples)

    return sample
