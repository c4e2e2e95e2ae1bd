"""One experiment: which model does which work with which parameters, and what is measured meanwhile."""

import re
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import AfterValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.frozen import FrozenDict, freeze
from llenergymeasure.config.phrasing import shown
from llenergymeasure.config.strict import StrictModel
from llenergymeasure.config.types import FrozenMap, Seq

Name = Annotated[str, MinLen(1)]
Dtype = Literal["auto", "float32", "float16", "bfloat16"]

PROMPT_FILES = (".txt", ".jsonl")

_DEVICE = "^(auto|cpu|cuda(:[0-9]+)?)$"


def _device(value: str) -> str:
    if not re.fullmatch(_DEVICE, value):
        raise ValueError(f"must be auto, cpu, cuda or cuda:<index>, not {shown(value)}")
    return value


def _settings(value: dict[str, Any]) -> Any:
    return freeze(value)


Settings = Annotated[dict[str, Any], AfterValidator(_settings)]
"""Keyword arguments for transformers, whatever they are."""


_TAKEN = {
    **dict.fromkeys(("dtype", "torch_dtype"), "dtype says it"),
    **dict.fromkeys(
        ("revision", "device_map", "attn_implementation", "trust_remote_code"), "{key} beside it says it"
    ),
    "quantization_config": "quantization says it",
    "use_safetensors": "weights are read from safetensors files only, since others can run code as they load",
    **dict.fromkeys(("config", "state_dict"), "it is the run's own to give"),
    **dict.fromkeys(
        ("token", "use_auth_token"),
        "it is a secret, and would be saved with the record; use 'hf auth login' or HF_TOKEN",
    ),
}
"""Arguments of ``from_pretrained()`` that are not for ``extra``, and why."""


def _not_taken(value: dict[str, Any]) -> dict[str, Any]:
    for key, why in _TAKEN.items():
        if key in value:
            raise ValueError(f"must not have the key {key}: {why.format(key=key)}; remove it")
    return value


class _LoadedModel(StrictModel):
    """What is said of every model that is loaded."""

    name: Name = Field(description="A model of the Hub (owner/name), a local folder, or builtin:<name>.")
    revision: Name | None = Field(default=None, description="A branch, tag or commit on the Hub.")
    random_weights: bool = Field(
        default=False,
        description=(
            "Whether the weights are drawn at random instead of loaded. Only the model's config.json is needed then, and "
            "the arithmetic is the same; the text is noise."
        ),
    )
    dtype: Dtype = Field(default="auto", description="Of the weights; auto takes the one they were saved in.")
    attn_implementation: Name | None = Field(
        default=None,
        description="How attention is computed, such as sdpa or eager; unset leaves it to transformers.",
    )
    quantization: Annotated[Settings, MinLen(1)] | None = Field(
        default=None,
        description=(
            "Quantize the weights as they are loaded: quant_method, and the arguments of its configuration class in "
            "transformers. A model that was saved quantized needs nothing here."
        ),
    )
    extra: Annotated[Settings, AfterValidator(_not_taken)] = Field(
        default_factory=FrozenDict,
        description="Handed to from_pretrained() as it is, unvalidated: arguments that are no field here.",
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
        description="Its tokenizer, where it does not share the main model's; a Hub id or folder.",
    )


class ModelConfig(_LoadedModel):
    """The model that generates."""

    device: Annotated[
        str, AfterValidator(_device), WithJsonSchema({"type": "string", "pattern": _DEVICE})
    ] = Field(
        default="auto", description="auto, cpu, cuda or cuda:<index>; auto is the first GPU, or else the CPU."
    )
    device_map: (
        Literal["auto", "balanced", "balanced_low_0", "sequential"]
        | Annotated[FrozenMap[str | Annotated[int, Ge(0)]], MinLen(1)]
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
        description="Whether Python code that comes with the model may run. It runs with your rights.",
    )
    tokenizer: Name | None = Field(
        default=None, description="Where it is not with the model: a Hub id, a folder, or builtin:<name>."
    )
    assistant: AssistantConfig | None = Field(default=None, description="A model that drafts for it.")

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
    """Prompts of random token ids, each of exactly that length. They need no tokenizer and no padding."""

    tokens: Annotated[int, Ge(1)] = Field(description="The length of each prompt, in tokens.")


def _prompt_source(
    value: str | tuple[str, ...] | SyntheticPrompts,
) -> str | tuple[str, ...] | SyntheticPrompts:
    """A single text is never a prompt, so a misspelt file name cannot become one."""
    if isinstance(value, str) and value != "builtin" and not value.endswith(PROMPT_FILES):
        raise ValueError(
            "must be builtin, a list of texts, a file whose name ends in "
            f"{' or '.join(PROMPT_FILES)}, or {{tokens: <length>}}, not {shown(value)}"
        )
    return value


class WorkloadConfig(StrictModel):
    """What is generated from, and how much of it."""

    prompts: Annotated[
        str | Annotated[Seq[Name], MinLen(1)] | SyntheticPrompts, AfterValidator(_prompt_source)
    ] = Field(
        default="builtin",
        description=(
            "builtin, a list of texts, a file, or {tokens: <length>} for random tokens. A .txt file has a prompt a line; a "
            ".jsonl file a JSON text a line, or an object with the key prompt. A relative path is one from the working folder."
        ),
    )
    negative_prompts: Annotated[Seq[Name], MinLen(1)] | None = Field(
        default=None,
        description=(
            "Texts to steer away from, where pytorch.guidance_scale is set: one a prompt, and they start over when there "
            "are fewer."
        ),
    )
    batch_size: Annotated[int, Ge(1)] = Field(
        default=1, description="Prompts that are generated from together."
    )
    requests: Annotated[int, Ge(1)] = Field(
        default=8,
        validate_default=True,
        description="Prompts to answer in all, at least a batch; they start over when there are fewer.",
    )
    seed: Annotated[int, Ge(0), Le(2**63 - 1)] = Field(
        default=0, description="Of the random numbers that sampling and synthetic prompts draw."
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
    """How much carbon dioxide a unit of electricity stands for, and who says so."""

    grams_per_kwh: Annotated[float, Gt(0)] = Field(description="Grams of CO2 equivalent a kilowatt-hour.")
    source: Name = Field(description="Where the number comes from: the grid's operator, a table, a year.")


class MeasurementConfig(StrictModel):
    """What is measured, and how."""

    devices: Literal["auto", "none", "cpu"] | Annotated[Seq[Name | Annotated[int, Ge(0)]], MinLen(1)] = Field(
        default="auto",
        description="auto (the device that does the work), none, cpu, or a list of GPUs by UUID or index.",
    )
    modelled_cpu_watts: Annotated[float, Gt(0)] | None = Field(
        default=None,
        description=(
            "Watts of a busy core. Set, the CPU's energy is part of the record: by RAPL where that can be read, else "
            "modelled as busy seconds times this, and marked so."
        ),
    )
    windows: Annotated[int, Ge(1)] = Field(
        default=7, description="How often the whole workload's energy is measured; statistics are over these."
    )
    window_seconds: Annotated[float, Gt(0)] = Field(
        default=5.0,
        description="The least length of a window; the workload is repeated in it until it is that long.",
    )
    target: Annotated[float, Gt(0), Le(0.5)] = Field(
        default=0.005,
        description="The relative standard uncertainty that a window should have from its sensor; windows get longer for it.",
    )
    warmup_seconds: Annotated[float, Gt(0)] = Field(
        default=60.0,
        description="The longest warm-up; it ends before that once time, power and temperature are steady.",
    )
    idle_seconds: Annotated[float, Gt(0)] = Field(
        default=5.0, description="How long idle power is measured, before the windows and after them."
    )
    prefill: bool = Field(
        default=False,
        description="Whether windows of one new token follow, so that prefill and decode can be told apart.",
    )
    cooldown_celsius: Annotated[float, Gt(0)] | None = Field(
        default=None,
        description="Wait before each window until no GPU is hotter than that, for a minute at most.",
    )
    carbon: CarbonConfig | None = Field(
        default=None, description="The grid's carbon intensity; without it no carbon is given."
    )
    quick: bool = Field(
        default=False,
        description="Few and short windows, to try a configuration out; the record is marked. What is set stays.",
    )


class ExperimentConfig(StrictModel):
    """One experiment: which model does which work, with which settings, and how its energy is measured.

    It is the document that ``llenergymeasure measure`` reads from YAML or JSON; :func:`llenergymeasure.measure` takes it
    as an object. Only ``model`` is needed. Like every configuration it is frozen, and refuses unknown keys.
    """

    model: ModelConfig = Field(description="The model that generates.")
    workload: WorkloadConfig = Field(
        default_factory=WorkloadConfig, description="What is generated from, and how much of it."
    )
    pytorch: PyTorchConfig = Field(
        default_factory=PyTorchConfig, description="The parameters of generate(). Only what is set is sent."
    )
    measurement: MeasurementConfig = Field(
        default_factory=MeasurementConfig, description="What is measured, and how."
    )
    transformers: Name | None = Field(
        default=None,
        description="The release that it was written for, such as 5.23.0; where the schema is of another, loading says what differs.",
    )

    @property
    def engine_section(self) -> str:
        """The name of the section that holds the engine's settings."""
        return next(
            name for name in type(self).model_fields if isinstance(getattr(self, name), BackendConfig)
        )

    @property
    def engine_settings(self) -> BackendConfig:
        """The settings of the engine."""
        settings: BackendConfig = getattr(self, self.engine_section)
        return settings
