"""A session with the real generate(): from a configuration to calls, counts and facts."""

import gc
import json
import logging
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.config.loading import load_experiment
from llenergymeasure.engines.calls import FlopEstimate, TokenTimes
from llenergymeasure.engines.descriptions import EngineDevice
from llenergymeasure.engines.errors import (
    DeviceMemoryError,
    EngineError,
    GenerationError,
    ModelError,
    PromptError,
)
from llenergymeasure.engines.prompts import BUILTIN_PROMPTS
from llenergymeasure.engines.protocol import AnySession
from llenergymeasure.engines.registry import open_session
from llenergymeasure.engines.transformers import memory
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.describe_args import describe_args
from llenergymeasure.engines.transformers.engine import ENGINE
from llenergymeasure.engines.transformers.memory import peak_memory
from llenergymeasure.engines.transformers.messages import collected_messages
from llenergymeasure.engines.transformers.requirements import facts_before_loading

EXAMPLES = Path(__file__).parents[3] / "examples"


def experiment(**sections: dict[str, Any]) -> ExperimentConfig:
    """A short run of the tiny model; the sections are merged into its settings."""
    defaults: dict[str, dict[str, Any]] = {
        "model": {"name": "builtin:llama-tiny"},
        "workload": {"requests": 5, "batch_size": 2},
        "pytorch": {"max_new_tokens": 4, "eos_token_id": None},
    }
    merged = {name: defaults.get(name, {}) | sections.get(name, {}) for name in defaults | sections}
    return ExperimentConfig.model_validate(merged)


@contextmanager
def session(**sections: dict[str, Any]) -> Iterator[AnySession]:
    with collected_messages(), open_session(ENGINE, experiment(**sections)) as run:
        yield run


def test_a_pass_over_the_workload() -> None:
    with session() as run:
        assert [batch.prompts for batch in run.batches] == [2, 2, 1]
        counts = [run.count(run.call(batch)) for batch in run.batches]
        assert [count.output_tokens for count in counts] == [8, 8, 4]
        lengths = [1 + len(prompt.encode()) for prompt in BUILTIN_PROMPTS[:5]]
        assert sum(count.prompt_tokens for count in counts) == sum(lengths)
        assert run.workload.lengths == (min(lengths), max(lengths))
        assert (run.workload.source, run.workload.requests, run.workload.padding_token) == (
            "builtin",
            5,
            "<pad>",
        )
        assert run.devices == (EngineDevice(name="cpu", uuid=None),)
        assert run.facts.architecture == "LlamaForCausalLM"
        assert run.facts.context == 4096
        assert run.assistant_facts is None


def test_every_kind_of_call_passes_exactly_the_configuration_to_generate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = {
        "max_new_tokens": 3,
        "do_sample": True,
        "temperature": 0.5,
        "top_k": None,
        "stop_strings": ["q"],
    }
    with session(pytorch=settings) as run:
        sent: list[dict[str, Any]] = []
        model_class = type(run._parts.model)
        real = model_class.generate

        def generate(self: Any, **arguments: Any) -> Any:
            sent.append(arguments)
            return real(self, **arguments)

        monkeypatch.setattr(model_class, "generate", generate)
        batch = run.batches[0]
        called = run.call(batch)
        times = run.time_tokens(batch)
        assert isinstance(times, TokenTimes)
        with run.peak_memory():
            third = run.call(batch)
        prefilled = run.prefill(batch)
        expected = {**settings, "eos_token_id": None}
        added = {"inputs", "attention_mask", "tokenizer"}
        for arguments in sent[:3]:
            assert {name: arguments[name] for name in arguments.keys() - added} == expected
            assert arguments.keys() == expected.keys() | added
        assert run.observed(called) == run.observed(third) == describe_args(sent[1])
        assert run.observed(prefilled) == run.observed(called) | {"max_new_tokens": 1}
        assert run.observed(called)["inputs"] == f"int64[2, {batch.width}] on cpu"


def test_sampling_repeats_itself_after_reseeding() -> None:
    with session(pytorch={"do_sample": True, "max_new_tokens": 12}, workload={"seed": 5}) as run:
        outputs = []
        for is_reseeded in (True, True, False):
            if is_reseeded:
                run.reseed()
            outputs.append(run.call(run.batches[0]).sequences.tolist())
        assert outputs[0] == outputs[1]
        assert outputs[1] != outputs[2]


def test_synthetic_prompts_need_no_tokenizer_and_no_padding(tmp_path: Path) -> None:
    build_model("builtin:llama-tiny").save_pretrained(tmp_path)
    sections = {"model": {"name": str(tmp_path)}, "workload": {"prompts": {"tokens": 33}}}
    with session(**sections) as run:
        assert run.workload.lengths == (33, 33)
        assert run.workload.padding_token is None
        assert run.workload.source == "synthetic, 33 tokens"
        assert run.count(run.call(run.batches[0])).prompt_tokens == 66
        assert run.rule_facts()["call.tokenizer"] is False
    with pytest.raises(EngineError, match="tokenizer"), session(**sections, pytorch={"stop_strings": "x"}):
        pass


def test_the_digest_depends_on_the_prompts_and_not_on_their_batches() -> None:
    def digest(**workload: Any) -> str:
        with session(workload=workload) as run:
            return run.workload.digest

    assert digest(batch_size=1) == digest(batch_size=4)
    assert digest(prompts=["a", "b"]) == digest(prompts=["a", "b", "a", "b"])
    assert digest(prompts=["a", "b"]) != digest(prompts=["b", "a"])
    assert digest(prompts={"tokens": 4}, seed=1) != digest(prompts={"tokens": 4}, seed=2)


def test_an_assistant_and_negative_prompts_from_a_configuration() -> None:
    with session(model={"assistant": {"name": "builtin:llama-tiny"}}, workload={"batch_size": 1}) as run:
        generated = run.call(run.batches[0])
        assert run.observed(generated)["assistant_model"].endswith(".LlamaForCausalLM")
        assert run.count(generated).output_tokens == 4
        assert run.assistant_facts is not None
        assert run.assistant_facts.weights_seed == 0
    with session(workload={"negative_prompts": ["dull"]}, pytorch={"guidance_scale": 1.5}) as run:
        observed = run.observed(run.call(run.batches[0]))
        assert observed["negative_prompt_ids"] == "int64[2, 5] on cpu"


def test_flops_and_memory_of_a_call() -> None:
    with session() as run:
        with run.peak_memory() as peak:
            times = run.time_tokens(run.batches[0])
        assert isinstance(times, TokenTimes)
        assert isinstance(run.flops(times), FlopEstimate)
        (figure,) = peak.figures
        assert figure.where == "process"
        assert figure.bytes > run.facts.parameters * 4


def test_a_closed_model_is_released_and_ends_its_session() -> None:
    with session() as run:
        model, batch = weakref.ref(run._parts.model), run.batches[0]
        run.time_tokens(batch)
    gc.collect()
    assert model() is None
    with pytest.raises(EngineError, match="The session has ended"):
        run.call(batch)


def test_a_failing_call_leaves_the_session_usable() -> None:
    with session() as run, pytest.MonkeyPatch.context() as patch:

        def generate(*args: Any, **arguments: Any) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory")

        patch.setattr(type(run._parts.model), "generate", generate)
        for call in (run.call, run.prefill, run.time_tokens):
            with pytest.raises(DeviceMemoryError):
                call(run.batches[0])
        patch.undo()
        assert run.count(run.call(run.batches[0])).output_tokens == 8


@pytest.mark.parametrize(
    ("sections", "error", "words"),
    [
        ({"pytorch": {"extra": {"temprature": 1.0}}}, GenerationError, r"temprature.*Change pytorch\.extra"),
        (
            {"workload": {"prompts": ["x" * 5000]}},
            PromptError,
            r"5001 tokens, and the model's context is 4096",
        ),
        ({"workload": {"prompts": {"tokens": 5000}}}, PromptError, r"workload\.prompts\.tokens: each prompt"),
        ({"workload": {"prompts": "none.txt"}, "model": {"name": "builtin:no"}}, PromptError, "no file"),
        ({"model": {"name": "builtin:no"}}, ModelError, "no built-in model"),
        ({"pytorch": {"extra": {"attention_mask": 1}}}, GenerationError, "the run gives this argument"),
    ],
)
def test_what_cannot_be_run_is_reported_in_one_sentence(
    sections: dict[str, dict[str, Any]], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words) as caught, session(**sections) as run:
        run.call(run.batches[0])
    assert "\n" not in str(caught.value)


# ---------------------------------------------------------------- facts for preconditions

KNOWN_BEFORE_LOADING = {
    "device.type",
    "packages.optimum_quanto",
    "packages.hqq",
    "packages.psutil",
    "call.input_ids",
    "call.tokenizer",
    "call.assistant_model",
    "call.batch_size",
}
KNOWN_AFTER_LOADING = KNOWN_BEFORE_LOADING | {
    "call.prompt_tokens",
    "call.least_prompt_tokens",
    "model.encoder_decoder",
    "model.vocab_size",
    "model.layers",
    "model.mtp",
    "model.stateful",
    "model.class_name",
    "model.attention",
    "model.attention_heads",
    "model.key_width",
    "model.full_attention",
    "model.own_settings",
    "model.dflash_assistant",
}


def test_facts_before_and_after_loading_agree() -> None:
    config = experiment(model={"device": "cpu"}, workload={"prompts": {"tokens": 9}})
    before = facts_before_loading(config.model, config.pytorch, config.workload)
    assert before.keys() == KNOWN_BEFORE_LOADING | {"call.prompt_tokens", "call.least_prompt_tokens"}
    texts = experiment()
    assert facts_before_loading(texts.model, texts.pytorch, texts.workload).keys() == KNOWN_BEFORE_LOADING
    with session(model={"device": "cpu"}, workload={"prompts": {"tokens": 9}}) as run:
        after = run.rule_facts()
    assert after.keys() == KNOWN_AFTER_LOADING
    assert {name for name in before if before[name] != after[name]} == {"call.tokenizer"}
    assert {name: after[name] for name in KNOWN_AFTER_LOADING - KNOWN_BEFORE_LOADING} == {
        "call.prompt_tokens": 9,
        "call.least_prompt_tokens": 9,
        "model.encoder_decoder": False,
        "model.vocab_size": len(build_tokenizer()),
        "model.layers": 2,
        "model.mtp": False,
        "model.stateful": False,
        "model.class_name": "LlamaForCausalLM",
        "model.attention": "sdpa",
        "model.attention_heads": True,
        "model.key_width": 32,
        "model.full_attention": True,
        "model.own_settings": False,
        "model.dflash_assistant": False,
    }


# ---------------------------------------------------------------- peak memory


def test_the_peak_of_the_process_is_that_of_the_block() -> None:
    """256 MiB that are written to count; once freed they do not, if the kernel's peak can be reset."""
    with peak_memory([]) as idle:
        pass
    with peak_memory([]) as busy:
        block = bytearray(b"x") * 2**28
        del block
    (before,), (during,) = idle.figures, busy.figures
    assert during.bytes - before.bytes > 0.9 * 2**28
    if during.method.startswith("VmHWM"):
        with peak_memory([]) as after:
            pass
        assert after.figures[0].bytes < during.bytes - 0.9 * 2**28


def test_if_the_kernels_peak_cannot_be_reset_it_is_that_of_the_whole_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_CLEAR", tmp_path / "none" / "clear_refs")
    with peak_memory([]) as peak:
        pass
    (figure,) = peak.figures
    assert figure.method.startswith("ru_maxrss: resident memory since the process began")
    assert figure.bytes > 2**24


def test_each_gpu_has_a_peak_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's allocator is replaced, since the machine may have no GPU."""
    devices = [torch.device("cuda", 0), torch.device("cuda", 1), torch.device("cpu")]
    allocated = {devices[0]: 0, devices[1]: 0}
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda device: allocated.update({device: 100}))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda device: allocated[device])
    with peak_memory(devices) as peak:
        allocated[devices[1]] = 700
    assert [(figure.where, figure.bytes) for figure in peak.figures[:2]] == [("cuda:0", 100), ("cuda:1", 700)]
    assert peak.figures[2].where == "process"


# ---------------------------------------------------------------- messages


def test_what_a_library_logs_is_collected_and_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger().handlers[:]
    with collected_messages() as messages:
        logging.getLogger("a_quantizer.kernels").warning("cast\nto float16")
        logging.getLogger("a_quantizer.kernels").warning("cast to float16")
        logging.getLogger("transformers.models").warning("ignored: %s", "top_k")
    assert messages == ["cast to float16", "ignored: top_k"]
    assert capfd.readouterr().err == ""
    assert logging.getLogger().handlers == root


# ---------------------------------------------------------------- the examples


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_example_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few tokens, and with a small model instead of a large one with random weights."""
    monkeypatch.chdir(EXAMPLES.parent)
    changes = ["pytorch.max_new_tokens=2", "model.device=cpu"]
    declared = load_experiment(path)
    if declared.model.random_weights:
        sizes = json.loads((Path(declared.model.name) / "config.json").read_text())
        small = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "vocab_size": 99}
        (tmp_path / "config.json").write_text(json.dumps(sizes | small))
        changes.append(f"model.name={tmp_path}")
    with collected_messages(), open_session(ENGINE, load_experiment(path, overrides=changes)) as run:
        assert run.facts.weights_seed == 0
        assert run.count(run.call(run.batches[0])).output_tokens == 2 * run.batches[0].prompts


def test_the_architecture_of_the_examples_has_the_documented_size() -> None:
    config = AutoConfig.from_pretrained(EXAMPLES / "architectures" / "llama-1b")
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    assert round(model.num_parameters() / 1e9, 1) == 1.1
