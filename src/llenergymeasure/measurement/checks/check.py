"""What a check is: data, with a function that finds one thing in a run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from llenergymeasure.measurement.run_summary import RunSummary


@dataclass(frozen=True, slots=True)
class Remark:
    """What a check found: a sentence or two, and the device that they are about, if they are about one."""

    text: str
    device: str | None = None


Remarks: TypeAlias = Iterator[Remark]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing to check.

    Args:
        id: of the finding. It is stable, and never used again for something else.
        invalidates: whether this finding means that the figures are not what they seem.
        find: gives a finding's text for everything that it finds.
    """

    id: str
    invalidates: bool
    find: Callable[[RunSummary], Remarks]
