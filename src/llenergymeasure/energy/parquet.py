"""A trace, every sample of the GPUs, as a Parquet file. Needs pyarrow, which is optional."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from llenergymeasure.energy.errors import TraceError
from llenergymeasure.energy.samples import DeviceSample

INSTALL = "pip install 'llenergymeasure[trace]'"


def write_parquet(samples: Sequence[DeviceSample], uuids: Sequence[str], path: Path) -> None:
    """Write one row per sample, devices by UUID. A file that is there already is replaced as a whole.

    Raises:
        TraceError: pyarrow is not installed, or the file cannot be written.
    """
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise TraceError(f"writing Parquet needs pyarrow: {INSTALL}") from error
    columns: dict[str, list[object]] = {"uuid": [uuids[sample.device] for sample in samples]}
    for index, name in enumerate(DeviceSample._fields[1:], start=1):
        columns[name] = [sample[index] for sample in samples]
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        parquet.write_table(pyarrow.table(columns), partial)
        partial.replace(path)
    except OSError as error:
        raise TraceError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
