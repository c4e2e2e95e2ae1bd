"""Code of transformers in reach of ``generate()`` and continuous batching, and what the lock has of it."""

import json

import pytest

from codegen.engines.transformers import reach
from codegen.engines.transformers.engine import CACHES, GENERATE, PROCESSORS
from codegen.model import lock
from codegen.model.origins import Symbol
from codegen.upstream import source
from codegen.upstream.reach import Reached
from codegen.upstream.symbols import Library
from tests.codegen import places

BATCHING = "generation/continuous_batching"


@pytest.fixture(scope="module")
def library() -> Library:
    return Library(source.installed(places.PACKAGE))


@pytest.fixture(scope="module")
def reached(library: Library) -> Reached:
    return reach.reached(library)


def test_the_lock_has_what_is_in_reach(reached: Reached) -> None:
    """``check`` trusts the lock where the files are the same; this test checks that the lock is right."""
    kept = lock.load(places.ROOT / places.LOCK).reach
    assert reached.summary() == kept, "recreate it with: python -m codegen refresh"


@pytest.mark.parametrize(
    "symbol",
    [
        f"{GENERATE}::GenerationMixin._sample",
        f"{GENERATE}::GenerationMixin._beam_search",
        f"{GENERATE}::GenerationMixin._get_top_k_continuations",
        f"{GENERATE}::GenerationMixin._assisted_decoding",
        f"{PROCESSORS}::TypicalLogitsWarper.__init__",
        f"{PROCESSORS}::TopPLogitsWarper.__call__",
        f"{CACHES}::QuantizedCache.__init__",
        f"{CACHES}::DynamicCache.__init__",
        f"{CACHES}::StaticLayer.update",
        "generation/stopping_criteria.py::StopStringCriteria.__call__",
        "generation/candidate_generator.py::PromptLookupCandidateGenerator.get_candidates",
        "generation/configuration_utils.py::GenerationConfig.validate",
        f"{BATCHING}/continuous_api.py::ContinuousBatchingManager._run_generation_loop",
        f"{BATCHING}/continuous_api.py::ContinuousBatchingManager.add_request",
        f"{BATCHING}/scheduler.py::FIFOScheduler.schedule_batch",
        f"{BATCHING}/cache.py::PagedAttentionCache.update",
        "masking_utils.py::create_masks_for_generate",
        "modeling_utils.py::PreTrainedModel.get_compiled_call",
        "integrations/deepspeed.py::is_deepspeed_zero3_enabled",
    ],
)
def test_what_generation_uses_is_reached(reached: Reached, symbol: str) -> None:
    assert Symbol.parse(symbol) in reached.graph.edges


def test_models_and_what_loads_them_are_not_entered(reached: Reached) -> None:
    entered = [each for each in reached.graph.edges if str(each).startswith(reach.START.outside)]
    assert entered == []
    calls = {call for calls in reached.graph.leaving.values() for call in calls}
    assert {"self", "model", "model_forward", "self.assistant_model"} <= calls


@pytest.mark.parametrize(
    ("name", "modes"),
    [
        ("_get_top_k_continuations", ("beam search and beam sample",)),
        ("_sample", ("sample and greedy search",)),
        ("_prefill", ("sample and greedy search", "beam search and beam sample")),
        ("_get_candidate_generator", ("assisted generation",)),
        ("_prepare_cache_for_generation", (reach.EVERY_MODE,)),
    ],
)
def test_it_is_known_which_modes_use_a_definition(
    reached: Reached, name: str, modes: tuple[str, ...]
) -> None:
    assert reached.modes_using(Symbol(GENERATE, f"GenerationMixin.{name}")) == modes


def test_continuous_batching_is_a_mode_of_its_own(reached: Reached) -> None:
    manager = Symbol(f"{BATCHING}/continuous_api.py", "ContinuousBatchingManager.start")
    assert reached.modes_using(manager) == (reach.BATCHING,)


def test_most_calls_are_resolved_and_the_rest_is_counted(reached: Reached) -> None:
    calls = reached.graph.calls
    assert calls["exact"] > 1000
    assert calls["unresolved"] == sum(reached.graph.unresolved.values())
    assert calls["unresolved"] < 0.15 * sum(calls.values())


def test_refusals_that_name_no_parameter_are_known(reached: Reached) -> None:
    sites = reached.sites(Symbol(GENERATE, "GenerationMixin._assisted_decoding"))
    assert any(each.what == "RuntimeError" for each in sites)
    assert sum(map(len, reached.refusals.values())) > 250


@pytest.mark.parametrize("release", places.SUPPORTED)
def test_the_reach_of_every_supported_release_can_be_read(release: str) -> None:
    tree = source.locate(places.PACKAGE, release, places.ROOT)
    found = reach.reached(Library(tree))
    assert Symbol(GENERATE, "GenerationMixin._beam_search") in found.graph.edges
    assert len(found.refusals) > 50


def test_only_the_entry_of_the_reach_is_read_from_a_lock() -> None:
    path = places.ROOT / places.LOCK
    assert lock.load_reach(path) == lock.load(path).reach
    assert [*json.loads(path.read_text(encoding="utf-8"))][-1] == "reach"
