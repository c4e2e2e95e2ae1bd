"""Hugging Face transformers as an engine, and the paths of its files that are read."""

from pathlib import Path
from typing import TYPE_CHECKING

from codegen.model.facts import Facts
from codegen.model.schema import Field
from codegen.upstream.engine import Engine, HistoryFiles
from codegen.upstream.source import Package
from codegen.upstream.symbols import Library

if TYPE_CHECKING:
    from codegen.upstream.reach import Reached

CONFIGURATION = "generation/configuration_utils.py"
PROCESSORS = "generation/logits_process.py"
GENERATE = "generation/utils.py"
CACHES = "cache_utils.py"


def _extract(library: Library) -> Facts:
    from codegen.engines.transformers.extract import extract  # noqa: PLC0415 - slow, and two locks need nothing of it

    return extract(library)


def _documented(library: Library, field: Field) -> list[str] | None:
    from codegen.engines.transformers.docstring import documented  # noqa: PLC0415 - as above

    return documented(library, field)


def _reached(library: Library) -> "Reached":
    from codegen.engines.transformers.reach import reached  # noqa: PLC0415 - as above

    return reached(library)


ENGINE = Engine(
    package=Package(name="transformers", distribution="transformers", mark=CONFIGURATION, oldest="4.52"),
    section="pytorch",
    config_class="PyTorchConfig",
    mixins={"GenerationConfigMixin": "generation_config"},
    reserved=frozenset({"from_generation_config", "from_generation_config_file", "to_generation_config"}),
    call="generate()",
    model_owned=("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id"),
    default_facts={"call.assistant_model": False},
    unset_differs=("max_length",),
    per_prompt=("decoder_start_token_id",),
    settings_file="generation_config.json",
    settings_mark="transformers_version",
    folder=Path("codegen/engines/transformers"),
    module=Path("src/llenergymeasure/config/backend_configs.py"),
    page=Path("docs/parameters.md"),
    history=HistoryFiles(
        page=Path("docs/history.md"),
        guide=Path("docs/upgrading.md"),
        maintenance=Path("docs/maintaining.md"),
        data=Path("src/llenergymeasure/config/releases.json"),
    ),
    former_locks=(Path("codegen/schema.lock.json"),),
    extract=_extract,
    documented=_documented,
    reached=_reached,
)
