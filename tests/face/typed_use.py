"""How users import and call the public names; type checkers read it, and nothing runs it."""

from typing import assert_type

import llenergymeasure
from llenergymeasure import (
    EnergyMeter,
    ExperimentConfig,
    PyTorchConfig,
    compare,
    get_backend_params,
    load_record,
    measure,
)
from llenergymeasure.results.compare import Comparison
from llenergymeasure.results.record import Record

assert_type(PyTorchConfig(do_sample=True, temperature=0.7, top_p=0.9), PyTorchConfig)
experiment = ExperimentConfig.model_validate({"model": {"name": "builtin:llama"}})
assert_type(experiment, ExperimentConfig)
assert_type(ExperimentConfig(model={"name": "builtin:llama"}, pytorch={"temperature": 0.7}), ExperimentConfig)
assert_type(PyTorchConfig(compile_config={"mode": "default"}, bad_words_ids=[[1]]), PyTorchConfig)
assert_type(measure(experiment), Record)
assert_type(llenergymeasure.measure(experiment), Record)
assert_type(load_record("record.json"), Record)
assert_type(compare(load_record("a.json"), load_record("b.json")), Comparison)
assert_type(get_backend_params("pytorch")["pytorch.typical_p"]["constraints"], tuple[str, ...])
assert_type(llenergymeasure.__version__, str)
with EnergyMeter.open() as meter, meter.window("work") as window:
    assert_type(meter, EnergyMeter)
assert_type(window.length_s, float)
