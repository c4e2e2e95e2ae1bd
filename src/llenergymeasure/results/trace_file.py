"""The samples of the GPUs during a run, as Parquet next to a record. Needs pyarrow, which is optional."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from llenergymeasure.energy.errors import TraceError
from llenergymeasure.energy.parquet import INSTALL, write_parquet
from llenergymeasure.energy.samples import DeviceSample

SUFFIX = ".parquet"


@dataclass(frozen=True, slots=True)
class Trace:
    """The samples of a run in the order of time. A sample's device is an index into ``uuids``."""

    samples: Sequence[DeviceSample]
    uuids: Sequence[str]

    def write(self, path: Path) -> None:
        """Write a row for each sample. An existing file is replaced, but never by a part.

        Raises:
            TraceError: pyarrow is not installed, or the file cannot be written.
        """
        write_parquet(self.samples, self.uuids, path)


def read_power(path: Path) -> Mapping[str, tuple[Sequence[float], Sequence[float]]]:
    """The power in a trace: by the UUID of a GPU, the times of its samples and its power.

    Times are in seconds on the monotonic clock, power is in watts.

    Raises:
        TraceError: pyarrow is not installed, or the file cannot be read.
    """
    try:
        parquet, errors = import_module("pyarrow.parquet"), import_module("pyarrow.lib")
    except ImportError as error:
        raise TraceError(f"reading Parquet needs pyarrow: {INSTALL}") from error
    try:
        table = parquet.read_table(path, columns=["uuid", "begin_s", "power_w"]).to_pydict()
    except (OSError, errors.ArrowException) as error:
        raise TraceError(f"{path} cannot be read as a trace: {error}") from error
    series: dict[str, tuple[list[float], list[float]]] = {}
    for uuid, at_s, power_w in zip(*table.values(), strict=True):
        times, powers = series.setdefault(uuid, ([], []))
        times.append(at_s)
        powers.append(power_w)
    return series
