"""What ``generate()`` and continuous batching can reach in transformers: entry points, and where it ends.

The graph itself is :mod:`codegen.upstream.callgraph`'s. It ends at the models (their ``forward`` is what
generation calls), and at what only loads them: weights, code of the Hub, availability of packages.
"""

from codegen.engines.transformers import modes
from codegen.engines.transformers.engine import GENERATE
from codegen.engines.transformers.modes import MIXIN
from codegen.model.origins import Symbol
from codegen.upstream.callgraph import CallGraph, Start
from codegen.upstream.reach import Reached, ReachedByMode, read
from codegen.upstream.symbols import Library

_MODEL = Symbol("modeling_utils.py", "PreTrainedModel")
_BATCHING = ("generation/continuous_batching/continuous_api.py", "generation/continuous_batching.py")
_BATCHED = ("generate_batch", "init_continuous_batching", "continuous_batching_context_manager")

START = Start(
    roots=tuple(Symbol(GENERATE, f"{MIXIN}.{name}") for name in ("generate", *_BATCHED)),
    hosts={
        Symbol(GENERATE, MIXIN): _MODEL,
        **{Symbol(path, "ContinuousMixin"): _MODEL for path in _BATCHING},
    },
    outside=(
        *("models/", "loss/", "quantizers/", "pipelines/", "data/", "trainer"),
        *("core_model_loading.py", "conversion_mapping.py", "safetensors_conversion.py", "initialization.py"),
        *("dynamic_module_utils.py", "utils/hub.py", "utils/import_utils.py", "utils/loading_report.py"),
        *(
            f"modeling_utils.py::PreTrainedModel.{name}"
            for name in ("__init__", "post_init", "get_init_context")
        ),
        "modeling_layers.py::MtpModel.from_pretrained",
    ),
    implicit=("__call__", "forward"),
    leaving=frozenset({"model", "model_forward", "assistant_model"}),  # called for their forward pass
    deprecating=frozenset({"deprecate_kwarg"}),
)

BATCHING = "continuous batching"
EVERY_MODE = "every decoding mode"


def reached(library: Library) -> Reached:
    """What is reached in a release.

    Raises:
        UnknownShapeError: the table of decoding modes is not written as one.
    """
    return read(library, START, by_mode)


def by_mode(library: Library, graph: CallGraph) -> ReachedByMode:
    """What is reached in every decoding mode, in some of them only, and by continuous batching.

    Modes that one method serves are joined in one name. A decoding method may call ``generate()`` of an
    assistant: what that reaches does not count for the method.
    """
    serving: dict[Symbol, list[str]] = {}
    for mode, where in modes.table(library.module(GENERATE)).items():
        if "/" not in where:
            method = Symbol(GENERATE, f"{MIXIN}.{where}")
            serving.setdefault(method, []).append(mode.lower().replace("_", " "))
    generate = Symbol(GENERATE, f"{MIXIN}.generate")
    batched = [each for each in graph.edges if each.name in _BATCHED]
    found = {EVERY_MODE: graph.reached_from([generate], without=[*serving, *batched])}
    for method, names in serving.items():
        found[" and ".join(names)] = graph.reached_from([method], without=[generate])
    return {**found, BATCHING: graph.reached_from(batched, without=[generate])}
