"""A measurement depends on the protocol and on no engine: measure() runs on a made-up engine."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import simulated_engine
from simulated_engine import OUTPUT, REQUESTS, SimulatedExperiment

from llenergymeasure.engines.errors import PromptError
from llenergymeasure.engines.registry import find_engine
from llenergymeasure.measurement.run import measure
from llenergymeasure.results.record import Record
from llenergymeasure.results.render import render
from llenergymeasure.results.storage import load_record, save

BRIEF = {"windows": 2, "window_seconds": 0.05, "warmup_seconds": 0.1, "idle_seconds": 0.1, "devices": "none"}


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llenergymeasure.engines.simulated.engine", simulated_engine)


def experiment(**sections: Any) -> SimulatedExperiment:
    return SimulatedExperiment.model_validate(
        {"model": {"name": "none"}, "measurement": {**BRIEF, "prefill": True}, **sections}
    )


def ids(record: Record) -> set[str]:
    return {finding.id for finding in record.findings}


def test_an_engine_is_found_by_the_name_in_its_settings() -> None:
    config = experiment()
    assert config.engine_section == "simulated"
    assert find_engine(config.engine_settings) is simulated_engine.ENGINE


def test_measure_runs_on_it_from_the_configuration_to_the_record(tmp_path: Path) -> None:
    record = measure(experiment(simulated={"new_tokens": OUTPUT}))
    assert record.status == "complete"
    assert [window.kind for window in record.windows] == ["work"] * 2 + ["prefill"] * 2
    assert record.tokens is not None
    assert (record.tokens.requests, record.tokens.output) == (REQUESTS, REQUESTS * OUTPUT)
    assert (record.versions.engine, record.versions.engine_version) == ("simulated", "1.0")
    assert (record.section, record.settings) == ("simulated", {"new_tokens": OUTPUT})
    assert record.generation == {"new_tokens": OUTPUT}
    assert record.timing is not None
    assert record.timing.first_token is not None
    assert record.flops is not None
    assert record.flops.per_output_token == 1e9
    assert {"engine-message", "few-windows"} <= ids(record)
    assert "engine-version" not in ids(record)
    assert load_record(save(record, tmp_path)) == record
    assert "simulated 1.0" in render(record)


def test_what_it_refuses_is_an_error_before_anything_is_measured() -> None:
    with pytest.raises(PromptError, match="a simulation reads no prompts"):
        measure(experiment(workload={"prompts": ["a"]}))


def test_nothing_of_transformers_is_loaded_for_it() -> None:
    program = (
        "import sys\n"
        "import simulated_engine\n"
        "from llenergymeasure.measurement.run import measure\n"
        "from simulated_engine import SimulatedExperiment\n"
        "sys.modules['llenergymeasure.engines.simulated.engine'] = simulated_engine\n"
        f"config = {{'model': {{'name': 'none'}}, 'measurement': {BRIEF!r}}}\n"
        "measure(SimulatedExperiment.model_validate(config))\n"
        "loaded = ('torch', 'transformers', 'llenergymeasure.engines.transformers')\n"
        "print([name for name in loaded if name in sys.modules])\n"
    )
    paths = [str(Path(__file__).parents[2] / "src"), str(Path(__file__).parent)]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{program}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
