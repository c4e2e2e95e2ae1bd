"""A finding about a window: plain data, which the checks of windows and of sensors give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFinding:
    """What a check found on a device of a window, and whether it invalidates the window.

    A finding that *invalidates* says that the window's figure is not the energy of the work. ``device`` is
    None where the finding is about the window as a whole. Ids are never used again for something else.
    """

    id: str
    device: str | None
    message: str
    invalidates: bool
