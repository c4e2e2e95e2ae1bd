"""Progress: one rewriting line on a terminal, a line for each stage in a pipe."""

import io

import pytest

from llenergymeasure.measurement.progress import progress_on


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_line_that_is_erased_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    progress = progress_on(stream)
    progress.step("loading", 0, 0)
    progress.step("measuring, batch", 12, 345)
    progress.close()
    assert stream.getvalue() == "\rloading ...\x1b[K\rmeasuring, batch 12\x1b[K\r\x1b[K"


def test_a_pipe_gets_a_line_for_each_stage() -> None:
    stream = io.StringIO()
    progress = progress_on(stream)
    progress.step("loading", 0, 0)
    progress.note("top_k has no effect here")
    for number in (1, 2, 3):
        progress.step("measuring, window", number, 3, left_s=125.4 - number)
    progress.close()
    assert (
        stream.getvalue() == "loading ...\ntop_k has no effect here\nmeasuring, window 1/3, about 2:04 left\n"
    )


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_stream_that_cannot_be_written_does_not_end_the_run(is_terminal: bool) -> None:
    class Gone(io.StringIO):
        def isatty(self) -> bool:
            return is_terminal

        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    progress = progress_on(Gone())
    progress.step("loading", 0, 0)
    progress.note("top_k has no effect here")
    progress.close()
