"""One experiment: which model does which work with which parameters, and what is measured meanwhile."""

import re
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import AfterValidator, Field, WithJsonSchema

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.forms import Seq
from llenergymeasure.config.strict import StrictModel
from llenergymeasure.config.words import shown

Name = Annotated[str, MinLen(1)]
Dtype = Literal["auto", "float32", "float16", "bfloat16"]

PROMPT_FILES = (".txt", ".jsonl")

_DEVICE = "^(auto|cpu|cuda(:[0-9]+)?)$"


def _device(value: str) -> str:
    if not re.fullmatch(_DEVICE, value):
        raise ValueError(f"must be auto, cpu, cuda or cuda:<index>, not {shown(value)}")
    return value


def _prompt_source(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """A single text is never a prompt, so a misspelt file name cannot become one."""
    if isinstance(value, str) and value != "builtin" and not value.endswith(PROMPT_FILES):
        raise ValueError(
            f"must be builtin, a list of texts, or a file whose name ends in {' or '.join(PROMPT_FILES)}, not {shown(value)}"
        )
    return value


class AssistantConfig(StrictModel):
    """The smaller model that drafts tokens in assisted generation."""

    name: Name = Field(description="A model of the Hub, a local folder, or builtin:<name>.")
    revision: Name | None = Field(default=None, description="A branch, tag or commit on the Hub.")
    dtype: Dtype = Field(default="auto", description="Of the weights; auto takes the one they were saved in.")
    tokenizer: Name | None = Field(
        default=None,
        description="Its tokenizer, where it does not share the main model's; a Hub id or folder.",
    )


class ModelConfig(StrictModel):
    """The model that generates."""

    name: Name = Field(description="A model of the Hub (owner/name), a local folder, or builtin:<name>.")
    revision: Name | None = Field(default=None, description="A branch, tag or commit on the Hub.")
    dtype: Dtype = Field(default="auto", description="Of the weights; auto takes the one they were saved in.")
    device: Annotated[
        str, AfterValidator(_device), WithJsonSchema({"type": "string", "pattern": _DEVICE})
    ] = Field(
        default="auto", description="auto, cpu, cuda or cuda:<index>; auto is the first GPU, or else the CPU."
    )
    attn_implementation: Name | None = Field(
        default=None,
        description="How attention is computed, such as sdpa or eager; unset leaves it to transformers.",
    )
    trust_remote_code: bool = Field(
        default=False,
        description="Whether Python code that comes with the model may run. It runs with your rights.",
    )
    tokenizer: Name | None = Field(
        default=None, description="Where it is not with the model: a Hub id or folder."
    )
    assistant: AssistantConfig | None = Field(default=None, description="A model that drafts for it.")


class WorkloadConfig(StrictModel):
    """What is generated from, and how much of it."""

    prompts: Annotated[str | Annotated[Seq[Name], MinLen(1)], AfterValidator(_prompt_source)] = Field(
        default="builtin",
        description=(
            "builtin, a list of texts, or a file: .txt with a prompt a line, or .jsonl with a JSON text or an object "
            "with the key prompt a line. A relative path is one from the working folder."
        ),
    )
    batch_size: Annotated[int, Ge(1)] = Field(
        default=1, description="Prompts that are generated from together."
    )
    requests: Annotated[int, Ge(1)] = Field(
        default=8, description="Prompts to answer in all; they start over when there are fewer."
    )
    seed: Annotated[int, Ge(0), Le(2**63 - 1)] = Field(
        default=0, description="Of the random numbers that sampling draws."
    )


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
    warmup_batches: Annotated[int, Ge(0)] = Field(
        default=1, description="Batches that run before the measurement, and are not in it."
    )


class ExperimentConfig(StrictModel):
    """One experiment; the document that ``llenergymeasure measure`` reads."""

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
