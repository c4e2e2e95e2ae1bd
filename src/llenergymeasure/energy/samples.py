"""One sample of the conditions that a device works under, and its form in a file.

Only the standard library is imported: the child processes that take samples load this file by its path.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

RECORD = struct.Struct("<HhHHIQQQ16d")
"""How a sample is written by the process that takes it: its fields, in their order."""


class DeviceSample(NamedTuple):
    """One sample of one device. Numbers that the driver did not give are NaN; times are monotonic seconds.

    Args:
        device: which device: its index in the arguments.
        code: the driver's error number of the power reading; 0 if it succeeded.
        foreign: processes on the device that are not the measured one or its children.
        unidentified: processes that could be either.
        foreign_pid: one of the foreign ones.
        reasons: the driver's bits for why clocks are lowered.
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
        graphics: processes that only draw on the device, such as a desktop.
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
    graphics: float = 0.0
