"""The configuration of an experiment: the model, the workload, the engine's settings, the measurement."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Required, Unpack

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from llenergymeasure.config.engine_sections import EngineArguments, EngineSections
from llenergymeasure.config.frozen import FrozenDict, freeze
from llenergymeasure.config.phrasing import shown
from llenergymeasure.config.strict import StrictModel
from llenergymeasure.config.types import FrozenMap, Seq

Name = Annotated[str, MinLen(1)]
_Dtype = Literal["auto", "float32", "float16", "bfloat16"]

_PROMPT_FILES = (".txt", ".jsonl")

_DEVICE = "^(auto|cpu|cuda(:[0-9]+)?)$"


def _device(value: str) -> str:
    if not re.fullmatch(_DEVICE, value):
        raise ValueError(f"must be auto, cpu, cuda or cuda:<index>, not {shown(value)}")
    return value


def _frozen(value: dict[str, Any]) -> Any:
    return freeze(value)


Settings = Annotated[dict[str, Any], AfterValidator(_frozen)]
"""Keyword arguments for transformers, not validated here."""


_RESERVED = {
    **dict.fromkeys(("dtype", "torch_dtype"), "dtype sets it"),
    **dict.fromkeys(
        ("revision", "device_map", "attn_implementation", "trust_remote_code"),
        "the field {key} of the section sets it",
    ),
    "quantization_config": "quantization sets it",
    "use_safetensors": "weights are read from safetensors files only, since others can run code as they load",
    **dict.fromkeys(("config", "state_dict"), "the run passes it itself"),
    **dict.fromkeys(
        ("token", "use_auth_token"),
        "it is a secret, and would be saved with the record; use 'hf auth login' or HF_TOKEN",
    ),
}
"""Arguments of ``from_pretrained()`` that ``extra`` refuses, and why."""


def _without_reserved(value: dict[str, Any]) -> dict[str, Any]:
    for key, why in _RESERVED.items():
        if key in value:
            raise ValueError(f"must not have the key {key}: {why.format(key=key)}; remove it")
    return value


class _LoadedModel(StrictModel):
    """What can be set both for the model that generates and for its assistant."""

    name: Name = Field(description="A model on the Hub (owner/name), a local folder, or builtin:<name>.")
    revision: Name | None = Field(default=None, description="A branch, tag or commit on the Hub.")
    random_weights: bool = Field(
        default=False,
        description=(
            "Whether the weights are random instead of loaded. Then only the model's config.json is needed. The arithmetic "
            "is the same; the text is noise."
        ),
    )
    dtype: _Dtype = Field(
        default="auto", description="The type of the weights; auto takes the one they were saved in."
    )
    attn_implementation: Name | None = Field(
        default=None,
        description="How attention is computed, such as sdpa or eager; unset leaves the choice to transformers.",
    )
    quantization: Annotated[Settings, MinLen(1)] | None = Field(
        default=None,
        description=(
            "Quantize the weights as they are loaded: quant_method, and the arguments of its configuration class in "
            "transformers. A model that was saved quantized needs nothing here."
        ),
    )
    extra: Annotated[Settings, AfterValidator(_without_reserved)] = Field(
        default_factory=FrozenDict,
        description="More arguments for from_pretrained(), passed on without validation.",
    )

    @field_validator("quantization")
    @classmethod
    def _of_loaded_weights(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("random_weights"):
            raise ValueError(
                "is done to weights as they are loaded, and random_weights loads none; remove one of them"
            )
        return value


class AssistantConfig(_LoadedModel):
    """The smaller model that drafts tokens in assisted generation."""

    tokenizer: Name | None = Field(
        default=None,
        description="Its tokenizer, if it does not share the main model's: a Hub id or a folder.",
    )


class ModelConfig(_LoadedModel):
    """The model that generates."""

    device: Annotated[
        str, AfterValidator(_device), WithJsonSchema({"type": "string", "pattern": _DEVICE})
    ] = Field(
        default="auto",
        description="auto, cpu, cuda or cuda:<index>; auto is the first GPU, or the CPU if there is no GPU.",
    )
    device_map: (
        Literal["auto", "balanced", "balanced_low_0", "sequential"]
        | Annotated[FrozenMap[str, str | Annotated[int, Ge(0)]], MinLen(1)]
        | None
    ) = Field(
        default=None,
        description=(
            "Spread the model over devices, in place of device: auto, balanced, balanced_low_0, sequential, or a device "
            "for each module. It needs the package accelerate."
        ),
    )
    trust_remote_code: bool = Field(
        default=False,
        description="Whether Python code that comes with the model may run. It runs with your permissions.",
    )
    tokenizer: Name | None = Field(
        default=None,
        description="The tokenizer, if it does not come with the model: a Hub id, a folder, or builtin:<name>.",
    )
    assistant: AssistantConfig | None = Field(
        default=None, description="A smaller model that drafts tokens for it."
    )

    @field_validator("device_map")
    @classmethod
    def _one_placement(cls, value: object, info: ValidationInfo) -> object:
        device = info.data.get("device", "auto")
        if value is not None and device != "auto":
            raise ValueError(f"places the model, and device: {shown(device)} does too; remove one of them")
        if value is not None and info.data.get("random_weights"):
            raise ValueError(
                "spreads weights that are loaded, and random_weights draws them on one device; set device"
            )
        return value


class SyntheticPrompts(StrictModel):
    """Prompts of random token ids, all of one length. They need no tokenizer and no padding."""

    tokens: Annotated[int, Ge(1)] = Field(description="The length of each prompt, in tokens.")


def _prompt_source(
    value: str | tuple[str, ...] | SyntheticPrompts,
) -> str | tuple[str, ...] | SyntheticPrompts:
    """A single text is never taken as a prompt, so that a misspelt file name cannot become one."""
    if isinstance(value, str) and value != "builtin" and not value.endswith(_PROMPT_FILES):
        raise ValueError(
            "must be builtin, a list of texts, a file whose name ends in "
            f"{' or '.join(_PROMPT_FILES)}, or {{tokens: <length>}}, not {shown(value)}"
        )
    return value


class WorkloadConfig(StrictModel):
    """The prompts, and how many requests are made of them."""

    prompts: Annotated[
        str | Annotated[Seq[Name], MinLen(1)] | SyntheticPrompts, AfterValidator(_prompt_source)
    ] = Field(
        default="builtin",
        description=(
            "builtin, a list of texts, a file, or {tokens: <length>} for random tokens. A .txt file has one prompt per line; "
            "a .jsonl file has a JSON text per line, or an object with the key prompt. A relative path starts at the "
            "working folder."
        ),
    )
    negative_prompts: Annotated[Seq[Name], MinLen(1)] | None = Field(
        default=None,
        description=(
            "Texts to steer away from, if pytorch.guidance_scale is set: one per prompt, repeated if there are fewer."
        ),
    )
    batch_size: Annotated[int, Ge(1)] = Field(
        default=1, description="How many prompts are processed together."
    )
    requests: Annotated[int, Ge(1)] = Field(
        default=8,
        validate_default=True,
        description="How many prompts are answered in all, at least one batch; prompts are repeated if there are fewer.",
    )
    seed: Annotated[int, Ge(0), Le(2**63 - 1)] = Field(
        default=0, description="The seed of the random numbers for sampling and for prompts of random tokens."
    )

    @field_validator("requests")
    @classmethod
    def _fills_a_batch(cls, value: int, info: ValidationInfo) -> int:
        batch = info.data.get("batch_size", 1)
        if value < batch:
            raise ValueError(
                f"must be at least batch_size, which is {batch}, not {value}; raise it, or lower batch_size"
            )
        return value


class CarbonConfig(StrictModel):
    """How much carbon dioxide a kilowatt-hour causes, and the source of that number."""

    grams_per_kwh: Annotated[float, Gt(0)] = Field(description="Grams of CO2 equivalent per kilowatt-hour.")
    source: Name = Field(description="Where the number comes from: the grid's operator, a table, a year.")


class CounterConfig(StrictModel):
    """A counter of energy to measure: a number in a file, or that a command prints, which only grows."""

    name: Name = Field(description="What it is called in the record.")
    file: Name | None = Field(
        default=None, description="The file that holds the number, and nothing else; or command."
    )
    command: Annotated[Seq[Name], MinLen(1)] | None = Field(
        default=None,
        description="A program and its arguments that print the number, as a list. No shell is involved.",
    )
    unit: Literal["uJ", "mJ", "J", "kJ", "mWh", "Wh", "kWh"] = Field(description="The unit of the number.")
    scope: Literal["machine", "module", "cpu-package", "dram", "gpu"] = Field(
        default="machine",
        description="What its joules cover. Those of a machine contain all others, which are then not added to them.",
    )
    watts_max: Annotated[float, Gt(0)] | None = Field(
        default=None, description="The most that it can draw. Without it, the error of a figure has no bound."
    )
    wrap: Annotated[int, Ge(1)] | None = Field(
        default=None,
        description="The number at which it starts again at 0, if it does. It needs watts_max.",
    )
    update_seconds: Annotated[float, Gt(0)] | None = Field(
        default=None, description="How often the number changes; unset, this is measured."
    )

    @field_validator("command")
    @classmethod
    def _one_source(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("file") is not None:
            raise ValueError("reads the counter, and file does too; remove one of them")
        return value

    @field_validator("unit")
    @classmethod
    def _has_source(cls, value: object, info: ValidationInfo) -> object:
        if {"file", "command"} <= info.data.keys() and not (info.data["file"] or info.data["command"]):
            raise ValueError("is of a number that nothing gives; set file or command")
        return value

    @field_validator("wrap")
    @classmethod
    def _needs_a_limit(cls, value: object, info: ValidationInfo) -> object:
        if value is not None and info.data.get("watts_max") is None:
            raise ValueError("needs watts_max, since how often it came round cannot be known otherwise")
        return value


class MeasurementConfig(StrictModel):
    """What is measured, and how."""

    devices: Literal["auto", "none", "cpu"] | Annotated[Seq[Name | Annotated[int, Ge(0)]], MinLen(1)] = Field(
        default="auto",
        description="auto (the device that does the work), none, cpu, or a list of GPUs by UUID or index.",
    )
    modelled_cpu_watts: Annotated[float, Gt(0)] | None = Field(
        default=None,
        description=(
            "Watts of a busy core. If set, the CPU's energy is part of the record: measured by RAPL where that can be read, "
            "else modelled as busy seconds times this, and marked as modelled."
        ),
    )
    counters: Seq[CounterConfig] = Field(
        default=(),
        description="Counters of energy to measure besides devices: files, or commands that print a number.",
    )
    windows: Annotated[int, Ge(1)] = Field(
        default=7, description="How many windows are measured; the statistics are over these."
    )
    window_seconds: Annotated[float, Gt(0)] = Field(
        default=5.0,
        description="The minimum length of a window; the workload is repeated in it until it is that long.",
    )
    target: Annotated[float, Gt(0), Le(0.5)] = Field(
        default=0.005,
        description="The relative standard uncertainty that the sensor may leave in a window; windows are made longer for it.",
    )
    warmup_seconds: Annotated[float, Gt(0)] = Field(
        default=60.0,
        description="The longest warm-up; it ends sooner once time, power and temperature are steady.",
    )
    idle_seconds: Annotated[float, Gt(0)] = Field(
        default=5.0, description="How long idle power is measured, before the windows and after them."
    )
    prefill: bool = Field(
        default=False,
        description="Whether windows of one new token follow, so that prefill and decode are reported separately.",
    )
    cooldown_celsius: Annotated[float, Gt(0)] | None = Field(
        default=None,
        description="Wait before each window, for a minute at most, until no GPU is hotter than this.",
    )
    carbon: CarbonConfig | None = Field(
        default=None, description="The grid's carbon intensity; without it, no carbon is reported."
    )
    quick: bool = Field(
        default=False,
        description="Few and short windows, to try a configuration; the record is marked. What is set explicitly stays.",
    )


class _Task(StrictModel):
    """The part of an experiment that is the same for every engine."""

    model: ModelConfig = Field(description="The model that generates.")
    workload: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="The prompts, and how many requests are made of them."
    )


class _Arguments(EngineArguments, total=False):
    """The keyword arguments of an experiment, for type checkers: sections are taken as mappings too."""

    model: Required[ModelConfig | Mapping[str, Any]]
    workload: WorkloadConfig | Mapping[str, Any]
    measurement: MeasurementConfig | Mapping[str, Any]
    transformers: str | None


class ExperimentConfig(EngineSections, _Task):
    """One experiment: which model does which work, with which settings, and how its energy is measured.

    ``llenergymeasure measure`` reads one from YAML or JSON, and :func:`llenergymeasure.measure` takes it as
    an object. Only ``model`` is required. Like every configuration it is frozen, and refuses unknown keys.
    """

    measurement: MeasurementConfig = Field(
        default_factory=MeasurementConfig, description="What is measured, and how."
    )
    transformers: Name | None = Field(
        default=None,
        description="The release of transformers that this file was written for; under another, loading says what differs.",
    )

    if TYPE_CHECKING:

        def __init__(self, **sections: Unpack[_Arguments]) -> None: ...
