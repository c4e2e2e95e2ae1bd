"""The picture of a record; it is really drawn if matplotlib is installed."""

import sys
from pathlib import Path

import pytest
from record_specimen import UNAVAILABLE, UUID, joules, modelled, record, work

from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.results.errors import NoPackageError, StorageError
from llenergymeasure.results.plot import plot
from llenergymeasure.results.record import Record
from llenergymeasure.results.storage import load_record, save, save_trace
from llenergymeasure.results.trace_file import Trace

PNG = b"\x89PNG\r\n\x1a\n"
BEGINS = {".png": PNG, ".svg": b"<?xml", ".pdf": b"%PDF-", ".PNG": PNG}


def samples() -> Trace:
    values = dict.fromkeys(DeviceSample._fields, 0)
    rows = [
        DeviceSample(**(values | {"begin_s": 100.0 + second, "power_w": 120.0 + second % 3}))
        for second in range(70)
    ]
    return Trace(rows, [UUID])


@pytest.mark.parametrize(
    "drawn",
    [
        record(trace=samples()),
        record(),
        record(windows=work([UNAVAILABLE] * 5)),
        record(windows=work([joules(100.0)])),
        record(windows=work([modelled(100.0)] * 5)),
        record(windows=()),
    ],
    ids=["with its trace", "without", "without energy", "one window", "modelled", "no windows"],
)
def test_every_record_can_be_drawn(tmp_path: Path, drawn: Record) -> None:
    pytest.importorskip("matplotlib")
    path = save(drawn, tmp_path)
    save_trace(drawn, path)
    plot(load_record(path), path, tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(PNG)


def test_a_picture_that_cannot_be_written_is_reported_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(StorageError, match=r"no/x.png cannot be written: No such file"):
        plot(record(), tmp_path / "record.json", tmp_path / "no" / "x.png")


def test_without_matplotlib_there_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(NoPackageError, match=r"pip install 'llenergymeasure\[plot\]'"):
        plot(record(), tmp_path / "record.json", tmp_path / "x.png")


def test_a_broken_trace_is_reported_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = save(record(), tmp_path)
    path.with_suffix(".parquet").write_text("no")
    with pytest.raises(StorageError, match="trace cannot be drawn"):
        plot(record(), path, tmp_path / "x.png")


@pytest.mark.parametrize("ending", BEGINS)
def test_the_ending_of_its_name_is_a_pictures_format(tmp_path: Path, ending: str) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / f"x{ending}"
    plot(record(), tmp_path / "record.json", target)
    assert target.read_bytes().startswith(BEGINS[ending])


@pytest.mark.parametrize("name", ["x.xyz", "x", "x.png.gz", "x.jpg"])
def test_another_ending_is_refused_before_anything_is_drawn(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match=r"end the name in \.png, \.svg or \.pdf"):
        plot(record(), tmp_path / "record.json", tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_what_is_modelled_is_called_so_in_the_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib import rc_context

    for figure, marked in ((modelled(100.0), True), (joules(100.0), False)):
        target = tmp_path / f"{marked}.svg"
        windows = work([figure] * 5)[1:-1]
        with rc_context({"svg.fonttype": "none"}):  # texts stay texts
            plot(record(windows=windows), tmp_path / "record.json", target)
        text = target.read_text()
        assert ("modelled gross J per output token" in text) == marked
        assert ("hatched: modelled, not measured" in text) == marked
        assert ("<pattern" in text) == marked
