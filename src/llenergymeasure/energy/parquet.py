"""Time series of a window, at full rate, as Parquet. Needs pyarrow, which is optional."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from llenergymeasure.energy.errors import TraceError
from llenergymeasure.energy.nvml_sampler import DeviceSample

INSTALL = "pip install 'llenergymeasure[trace]'"


def write_parquet(rows: Sequence[DeviceSample], uuids: Sequence[str], path: Path) -> None:
    """Write a row for each look, devices by UUID; a file that is there already is replaced as a whole.

    Raises:
        TraceError: pyarrow is not installed, or the file cannot be written.

    """
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise TraceError(f"writing Parquet needs pyarrow: {INSTALL}") from error
    columns: dict[str, list[object]] = {"uuid": [uuids[row.device] for row in rows]}
    for index, name in enumerate(DeviceSample._fields[1:], start=1):
        columns[name] = [row[index] for row in rows]
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        parquet.write_table(pyarrow.table(columns), partial)
        partial.replace(path)
    except OSError as error:
        raise TraceError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
