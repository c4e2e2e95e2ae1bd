"""The samples of the GPUs during a run, as Parquet next to a record. Needs pyarrow, which is optional."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from llenergymeasure.energy.errors import TraceError
from llenergymeasure.energy.nvml_sampler import DeviceSample
from llenergymeasure.energy.parquet import INSTALL, write_parquet

SUFFIX = ".parquet"


@dataclass(frozen=True, slots=True)
class Trace:
    """Every sample, in order, and the GPUs by the number that a sample names its device with."""

    samples: Sequence[DeviceSample]
    uuids: Sequence[str]

    def write(self, path: Path) -> None:
        """Write a row for each sample; a file that is there already is replaced as a whole.

        Raises:
            TraceError: pyarrow is not installed, or the file cannot be written.
        """
        write_parquet(self.samples, self.uuids, path)


def read_power(path: Path) -> Mapping[str, tuple[Sequence[float], Sequence[float]]]:
    """From a trace: by GPU's UUID, the times of its samples (monotonic seconds) and its power in watts.

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
