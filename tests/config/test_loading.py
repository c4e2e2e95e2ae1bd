"""An experiment from a file: what is read, and what each mistake says with file, line and key path."""

import json
from pathlib import Path

import pytest

from llenergymeasure.config.errors import ConfigError, DocumentError, InvalidConfigError, Problem
from llenergymeasure.config.experiment import ExperimentConfig, MeasurementConfig, ModelConfig, WorkloadConfig
from llenergymeasure.config.loading import load_experiment

SMALLEST = "model:\n  name: builtin:llama\n"

FULL = """\
# a comment
model:
  name: owner/model
  revision: main
  dtype: bfloat16
  device: cuda:1
  attn_implementation: sdpa
  trust_remote_code: true
  tokenizer: owner/tokenizer
  assistant: {name: owner/small, dtype: float16, tokenizer: owner/other}
workload:
  prompts: [one, "two: three"]
  batch_size: 2
  requests: 4
  seed: 7
pytorch:
  temperature: 7e-1
  exponential_decay_length_penalty: [2, 1.5]
  sequence_bias: {[5, 6]: -2}
  pad_token_id: null
  compile_config: {mode: default}
  extra: {mine: [1, 2]}
measurement:
  devices: [0, GPU-1234]
  windows: 3
"""


def _load(folder: Path, text: str, *overrides: str, name: str = "study.yaml") -> ExperimentConfig:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return load_experiment(path, overrides)


def _problems(folder: Path, text: str, *overrides: str, name: str = "study.yaml") -> list[str]:
    with pytest.raises(InvalidConfigError) as caught:
        _load(folder, text, *overrides, name=name)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_counters_are_saved_as_they_were_written() -> None:
    counter = {"name": "plug", "command": ["read-plug", "-t"], "unit": "J"}
    measurement = MeasurementConfig.model_validate({"counters": [counter]})
    assert measurement.to_data() == {"counters": [counter]}
    assert MeasurementConfig.model_validate(measurement.to_data()) == measurement
    assert hash(MeasurementConfig.model_validate(measurement.to_data())) == hash(measurement)


def test_the_smallest_experiment(tmp_path: Path) -> None:
    config = _load(tmp_path, SMALLEST)
    assert config == ExperimentConfig(model=ModelConfig(name="builtin:llama"))
    assert (config.workload, config.measurement) == (WorkloadConfig(), MeasurementConfig())
    assert config.pytorch.generate_kwargs() == {}
    assert config.to_data() == {"model": {"name": "builtin:llama"}}


def test_an_experiment_with_every_section(tmp_path: Path) -> None:
    config = _load(tmp_path, FULL)
    assert config.model.assistant is not None
    assert config.model.assistant.tokenizer == "owner/other"
    assert config.workload.prompts == ("one", "two: three")
    assert config.pytorch.temperature == 0.7
    assert config.pytorch.sequence_bias == (((5, 6), -2.0),)
    assert config.measurement.devices == (0, "GPU-1234")
    as_json = json.dumps(config.to_data())
    assert _load(tmp_path, as_json, name="study.json") == config
    assert _load(tmp_path, as_json) == config


def test_every_mistake_is_reported_with_its_line(tmp_path: Path) -> None:
    text = """\
model:
  name: x
  device: gpu
pytorch:
  encoder_repetition_penalty: 0.5
  bad_words_ids:
    - [1]
    - [2,
       -3]
  temprature: 1
  extra:
    encoder_repetition_penalty: 1
worklod: 1
workload:
  prompts: Hello
  batch_size: "2"
"""
    problems = _problems(tmp_path, text)
    assert sorted(problems) == sorted(
        [
            "study.yaml:3: model.device: must be auto, cpu, cuda or cuda:<index>, not 'gpu'",
            "study.yaml:5: pytorch.encoder_repetition_penalty: must be at least 1, not 0.5",
            "study.yaml:9: pytorch.bad_words_ids[1][1]: must be at least 0, not -3",
            (
                "study.yaml:10: pytorch.temprature: is unknown; did you mean 'temperature'? "
                "(extra takes what only your version of transformers knows)"
            ),
            "study.yaml:12: pytorch.extra.encoder_repetition_penalty: is also set as a field; keep one of the two",
            "study.yaml:13: worklod: is unknown; did you mean 'workload'?",
            (
                "study.yaml:15: workload.prompts: must be builtin, a list of texts, a file whose name ends in .txt or "
                ".jsonl, or {tokens: <length>}, not 'Hello'"
            ),
            "study.yaml:16: workload.batch_size: must be a whole number (at least 1), not '2'",
        ]
    )


def test_json_has_lines_too(tmp_path: Path) -> None:
    text = '{\n\t"model": {"name": "x"},\n\t"pytorch": {\n\t\t"top_k": 2.5}}'
    (problem,) = _problems(tmp_path, text, name="study.json")
    assert problem.startswith("study.json:4: pytorch.top_k: must be a whole number")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert _problems(tmp_path, "pytorch: {}\n") == [
        "study.yaml: model: is missing; it must be a mapping with keys of ModelConfig"
    ]
    (problem,) = _problems(tmp_path, "model:\n  revision: main\n")
    assert problem == "study.yaml:1: model.name: is missing; it must be text (not empty)"


@pytest.mark.parametrize("text", ["- 1\n", "3\n", "text\n"])
def test_a_document_that_is_not_a_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        DocumentError, match="has to be a mapping with the keys model, workload, pytorch, measurement"
    ):
        _load(tmp_path, text)


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("pytorch.temperature=0.5", "pytorch.temperature", 0.5),
        ("pytorch.temperature=3e-1", "pytorch.temperature", 0.3),
        (" pytorch.top_k = 5", "pytorch.top_k", 5),
        ("pytorch.eos_token_id=null", "pytorch.eos_token_id", None),
        ("pytorch.bad_words_ids=[[1, 2]]", "pytorch.bad_words_ids", ((1, 2),)),
        ("pytorch.extra.mine={a: b=c}", "pytorch.extra", {"mine": {"a": "b=c"}}),
        ("model.name='no'", "model.name", "no"),
        ("workload.prompts=prompts.jsonl", "workload.prompts", "prompts.jsonl"),
        ("measurement.devices=none", "measurement.devices", "none"),
    ],
)
def test_an_override_replaces_a_value_of_the_file(
    tmp_path: Path, override: str, path: str, value: object
) -> None:
    loaded: object = _load(tmp_path, SMALLEST, override)
    for key in path.split("."):
        loaded = getattr(loaded, key)
    assert loaded == value


def test_the_last_override_counts_and_replaces_the_whole_value(tmp_path: Path) -> None:
    config = _load(tmp_path, FULL, "pytorch.top_k=1", "pytorch={temperature: 1}", "pytorch.top_k=2")
    assert config.pytorch.to_data() == {"temperature": 1.0, "top_k": 2}


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("pytorch.top_k=-1", "--set: pytorch.top_k: must be at least 0, not -1"),
        ("pytroch.top_k=1", "--set: pytroch: is unknown; did you mean 'pytorch'?"),
        ("measurement={devices: []}", "--set: measurement.devices: must not be empty, not []"),
    ],
)
def test_a_mistake_in_an_override_is_distinguished_from_one_in_the_file(
    tmp_path: Path, override: str, problem: str
) -> None:
    assert _problems(tmp_path, SMALLEST, override) == [problem]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("pytorch.top_k", "--set pytorch.top_k: has to be PATH=VALUE, such as pytorch.temperature=0.7."),
        ("=1", "--set =1: has to be PATH=VALUE, such as pytorch.temperature=0.7."),
        ("a..b=1", "--set a..b=1: has to be PATH=VALUE, such as pytorch.temperature=0.7."),
        ("pytorch.top_k=", "--set pytorch.top_k=: has no value; write null to set it to nothing."),
        (
            "pytorch.top_k=[1",
            "--set pytorch.top_k:1: is not YAML: expected ',' or ']', but got '<stream end>'.",
        ),
        ("pytorch.top_k=!!python/name:os.system", "--set pytorch.top_k:1: the tag !!python/name:os.system"),
        (
            "model.name.x=1",
            "--set model.name.x: model.name is 'builtin:llama', which has no keys; set model.name itself.",
        ),
    ],
)
def test_an_override_of_another_form_is_refused(tmp_path: Path, override: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        _load(tmp_path, SMALLEST, override)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("section", "key", "accepted", "refused"),
    [
        (
            "model",
            "device",
            ["auto", "cpu", "cuda", "cuda:12"],
            ["gpu", "cuda:", "cuda:-1", "cpu\n", "CUDA", 0],
        ),
        ("model", "dtype", ["auto", "float16"], ["fp16", None]),
        ("model", "name", ["builtin:x", "./a"], ["", None, 3]),
        ("model", "trust_remote_code", [True], ["yes", 1]),
        ("model", "random_weights", [True], ["yes", 1]),
        (
            "model",
            "device_map",
            [None, "auto", "sequential", {"": 0}, {"a.b": "cuda:1", "c": "cpu"}],
            ["gpu", {}, {"": -1}, {"": None}, 0, {1: 0}],
        ),
        ("model", "quantization", [None, {"quant_method": "hqq"}, {"a": [{"b": 1.5}]}], [{}, "hqq", 4]),
        (
            "model",
            "extra",
            [{}, {"subfolder": "a"}, {"key_mapping": {"a": "b"}}],
            [
                {key: None}
                for key in ("token", "use_auth_token", "use_safetensors", "trust_remote_code", "torch_dtype")
            ],
        ),
        (
            "workload",
            "prompts",
            ["builtin", ["a"], "a.txt", "b.jsonl", {"tokens": 1}],
            ["Hello", [], [""], [1], "a.csv", {}, {"tokens": 0}, {"tokens": "8"}, {"token": 8}],
        ),
        ("workload", "negative_prompts", [["a"], None], [[], "a", [""], [1]]),
        ("workload", "batch_size", [1, 8], [0, 1.5, True]),
        ("workload", "requests", [1], [0]),
        ("workload", "seed", [0], [-1]),
        ("measurement", "devices", ["auto", "none", "cpu", [0], ["GPU-1"]], ["gpu", [], [-1], [""], 0]),
        (
            "measurement",
            "counters",
            [
                [],
                [{"name": "plug", "file": "/run/plug", "unit": "Wh"}],
                [{"name": "plug", "command": ["read-plug", "-t"], "unit": "J", "scope": "gpu"}],
                [
                    {
                        "name": "a",
                        "file": "/a",
                        "unit": "uJ",
                        "wrap": 100,
                        "watts_max": 90,
                        "update_seconds": 1,
                    }
                ],
            ],
            [
                None,
                [{"name": "plug", "unit": "Wh"}],
                [{"name": "plug", "file": "/run/plug"}],
                [{"name": "plug", "file": "/run/plug", "unit": "watt"}],
                [{"name": "plug", "file": "/run/plug", "command": ["x"], "unit": "J"}],
                [{"name": "plug", "command": "read-plug -t", "unit": "J"}],
                [{"name": "plug", "file": "/run/plug", "unit": "J", "wrap": 100}],
                [{"name": "plug", "file": "/run/plug", "unit": "J", "scope": "house"}],
                [{"name": "plug", "file": "/run/plug", "unit": "J", "watts_max": 0}],
            ],
        ),
        ("measurement", "windows", [1, 7], [0, -1, 2.5, None]),
        ("measurement", "window_seconds", [0.1, 5], [0, -1.0, "5", None]),
        ("measurement", "target", [0.005, 0.5], [0, 0.6]),
        ("measurement", "warmup_seconds", [1, 60.0], [0]),
        ("measurement", "idle_seconds", [0.5], [0]),
        ("measurement", "prefill", [True, False], [1, "yes"]),
        ("measurement", "cooldown_celsius", [50, None], [0, True]),
        (
            "measurement",
            "carbon",
            [None, {"grams_per_kwh": 56, "source": "a table"}],
            [56, {"grams_per_kwh": 56}],
        ),
        ("measurement", "quick", [True, False], ["yes"]),
    ],
)
def test_accepted_and_refused_values_of_each_section(
    section: str, key: str, accepted: list[object], refused: list[object]
) -> None:
    def build(value: object) -> ExperimentConfig:
        data: dict[str, dict[str, object]] = {"model": {"name": "x"}}
        data.setdefault(section, {})[key] = value
        return ExperimentConfig.model_validate(data)

    for value in accepted:
        build(value)
    for value in refused:
        with pytest.raises(ValueError, match=f"{section}.{key}"):
            build(value)


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        (
            {"workload": {"batch_size": 16}},
            r"workload\.requests\n.*at least batch_size, which is 16, not 8; raise it, or lower batch_size",
        ),
        ({"workload": {"batch_size": 4, "requests": 3}}, r"workload\.requests\n.*which is 4, not 3"),
        ({"model": {"device": "cpu", "device_map": "auto"}}, r"model\.device_map\n.*device: 'cpu' does too"),
        ({"model": {"random_weights": True, "device_map": "auto"}}, r"model\.device_map\n.*random_weights"),
        (
            {"model": {"random_weights": True, "quantization": {"a": 1}}},
            r"model\.quantization\n.*random_weights",
        ),
        (
            {"model": {"assistant": {"name": "y", "random_weights": True, "quantization": {"a": 1}}}},
            r"model\.assistant\.quantization\n.*random_weights",
        ),
        (
            {"model": {"extra": {"token": "x"}}},
            r"model\.extra\n.*must not have the key token: it is a secret",
        ),
        (
            {"model": {"assistant": {"name": "y", "extra": {"use_safetensors": False}}}},
            r"model\.assistant\.extra\n.*the key use_safetensors: .*safetensors files only",
        ),
    ],
)
def test_a_refused_combination_is_reported_with_its_place(
    sections: dict[str, dict[str, object]], message: str
) -> None:
    data = {**sections, "model": {"name": "x", **sections.get("model", {})}}
    with pytest.raises(ValueError, match=message) as caught:
        ExperimentConfig.model_validate(data)
    assert str(caught.value).startswith("1 validation error")


def test_every_error_of_this_package_is_a_value_error() -> None:
    assert issubclass(ConfigError, ValueError)
    assert str(Problem("study.yaml:1", "", "is empty")) == "study.yaml:1: is empty"
