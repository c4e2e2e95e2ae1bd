"""What did not change is not run again; what did, or is not known, is; and nothing is lost by a kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity import archive, oracle, work
from tests.fidelity.archive import Archive, Call
from tests.fidelity.fingerprints import Fingerprints
from tests.fidelity.memory import CURRENT, ENOUGH, Memory, Plan, key_of
from tests.fidelity.models import tokenizer
from tests.fidelity.oracle import execute
from tests.fidelity.problems import Problem
from tests.fidelity.reached import Watch
from tests.fidelity.reports import Report
from tests.fidelity.scenarios import SCENARIOS, built, entered_while_built
from tests.fidelity.schema import ROOT

SINGLE = SCENARIOS["single"]
NOTHING: frozenset[str] = frozenset()
GREEDY = "generation/utils.py::GenerationMixin._sample"
BEAMS = "generation/utils.py::GenerationMixin._beam_search"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "2.3.0-here.sqlite"


@pytest.fixture
def memory(own: Path) -> Iterator[Memory]:
    made = Memory(Plan(own))
    before = CURRENT.set(made)
    yield made
    CURRENT.reset(before)


def _next(memory: Memory, *changed: str, run: int | None = None) -> Memory:
    """The memory of the release after, in which these functions changed."""
    plan = memory.plan
    made = Memory(Plan(plan.own.with_name("2.4.0-here.sqlite"), plan.own, frozenset(changed), run))
    CURRENT.set(made)
    return made


def test_a_call_is_made_once_and_equal_to_its_memory(memory: Memory) -> None:
    first, again = execute({"num_beams": 2}, SINGLE), execute({"num_beams": 2}, SINGLE)
    assert (memory.made, memory.recalled) == (1, 1)
    assert first == again
    assert first != execute({}, SINGLE)
    failed = execute({"num_return_sequences": 2}, SINGLE)
    again = execute({"num_return_sequences": 2}, SINGLE)
    assert (failed.error, failed.place) == (again.error, again.place)


def test_without_a_memory_each_call_is_made() -> None:
    assert execute({}, SINGLE).trace
    assert execute({}, SINGLE).trace


def test_the_functions_that_a_call_entered_are_seen_in_all_its_threads() -> None:
    watch = Watch()
    with watch.on():
        oracle.run({"num_beams": 2}, built("single"))
    assert BEAMS in watch.functions
    assert GREEDY not in watch.functions
    assert "models/llama/modeling_llama.py::LlamaForCausalLM.forward" in watch.functions
    batched = Watch()
    with batched.on():
        oracle.run(
            {
                "cache_implementation": "paged",
                "max_new_tokens": 2,
                "continuous_batching_config": _small_batches(),
            },
            built("single"),
        )
    assert any("continuous_batching/scheduler.py" in name for name in batched.functions)


def _small_batches() -> Any:
    from transformers import ContinuousBatchingConfig

    from tests.fidelity.places import SMALL

    return ContinuousBatchingConfig(**SMALL)


def test_the_code_that_makes_the_models_counts_for_every_call(memory: Memory) -> None:
    execute({}, SINGLE)
    key = key_of("single", {})
    assert key is not None
    known = memory.known(key)
    assert known is not None
    assert "models/llama/modeling_llama.py::LlamaForCausalLM.__init__" in known.call.functions
    assert known.call.functions >= entered_while_built()


@pytest.mark.parametrize(("changed", "made"), [((), 0), ((BEAMS,), 1), ((GREEDY,), 1), ((GREEDY, BEAMS), 2)])
def test_a_call_is_made_again_where_a_function_changed_that_it_entered(
    memory: Memory, changed: tuple[str, ...], made: int
) -> None:
    outcomes = [execute({}, SINGLE), execute({"num_beams": 2}, SINGLE)]
    later = _next(memory, *changed)
    assert [execute({}, SINGLE), execute({"num_beams": 2}, SINGLE)] == outcomes
    assert (later.made, later.recalled) == (made, 2 - made)


def test_what_is_recalled_is_handed_on_to_the_release_after_the_next(memory: Memory) -> None:
    execute({}, SINGLE)
    _next(memory)
    execute({}, SINGLE)
    memory.plan.own.unlink()
    alone = Memory(replace(memory.plan, own=memory.plan.own.with_name("2.4.0-here.sqlite")))
    CURRENT.set(alone)
    execute({}, SINGLE)
    assert (alone.made, alone.recalled) == (0, 1)


def test_a_full_run_takes_only_what_it_did_itself(memory: Memory, own: Path) -> None:
    execute({}, SINGLE)
    with archive.opened(own) as file:
        run = file.full_run()
        assert file.full_run() == run  # it was interrupted, and goes on
    for made in (1, 0):
        full = Memory(Plan(own, run=run))
        CURRENT.set(full)
        execute({}, SINGLE)
        assert full.made == made
    with archive.opened(own) as file:
        file.finished(run)
        assert file.full_run() == run + 1  # the next one is a new one


def test_a_full_run_takes_nothing_that_the_one_of_another_release_did(memory: Memory, own: Path) -> None:
    full = Memory(Plan(own, run=1))
    CURRENT.set(full)
    execute({}, SINGLE)
    short = _next(full)
    execute({}, SINGLE)
    again = Memory(Plan(short.plan.own, run=1))
    CURRENT.set(again)
    execute({}, SINGLE)
    assert (full.made, short.made, again.made) == (1, 0, 1)


@pytest.mark.parametrize(
    ("kwargs", "has_key"),
    [
        ({}, True),
        ({"top_k": 5, "sequence_bias": [[[5], 3.0]]}, True),
        ({"assistant_model": object()}, False),
        ({"tokenizer": tokenizer()}, False),
        ({"logits_processor": [len]}, False),
    ],
)
def test_only_a_call_whose_arguments_are_data_is_remembered(kwargs: dict[str, Any], has_key: bool) -> None:
    assert (key_of("single", kwargs) is not None) == has_key


def test_equal_numbers_of_different_types_are_different_calls() -> None:
    assert len({key_of("single", {"a": value}) for value in (1, 1.0, True, "1", None)}) == 5
    assert key_of("single", {"a": 1, "b": 2}) == key_of("single", {"b": 2, "a": 1})
    assert key_of("single", {}) != key_of("batch", {})


def test_a_hung_call_is_not_remembered(memory: Memory) -> None:
    execute({"max_new_tokens": 400}, SINGLE, seconds=0.001)
    key = key_of("single", {"max_new_tokens": 400})
    assert key is not None
    assert memory.known(key) is None


def _kept(path: Path, number: int, error: str = "", functions: tuple[str, ...] = ("f",)) -> list[str]:
    file = Archive(path)
    keys = [f"key {index}" for index in range(number)]
    for key in keys:
        file.keep(key, Call("work", error, "", frozenset(functions)))
    return keys


def test_enough_of_a_kind_stand_for_the_others(own: Path) -> None:
    keys = _kept(own, 6)
    memory = Memory(Plan(own.with_name("2.4.0-here.sqlite"), own, frozenset({"f"})))
    kinds: dict[object, int] = {}
    answers = [memory.is_represented(key, "a", kinds, NOTHING) for key in keys]
    assert answers == [False] * ENOUGH + [True] * (6 - ENOUGH)
    assert not memory.is_represented(keys[0], "another question", kinds, NOTHING)
    assert not memory.is_represented("unknown", "a", kinds, NOTHING)
    assert not Memory(Plan(own)).is_represented(keys[0], "a", {}, NOTHING)  # nothing changed: it is recalled


def test_what_was_represented_is_still_known_by_its_functions_after_the_next_release(own: Path) -> None:
    keys = _kept(own, 6)
    second, third = own.with_name("2.4.0-here.sqlite"), own.with_name("2.5.0-here.sqlite")
    memory, kinds = Memory(Plan(second, own, frozenset({"f"}))), {}
    for key in keys:
        if not memory.is_represented(key, "a", kinds, NOTHING):
            memory.remember(key, Call("work", "", "", frozenset({"f"})))
    later = Memory(Plan(third, second, frozenset()))
    assert [later.recall(key) is not None for key in keys] == [True] * ENOUGH + [False] * (6 - ENOUGH)
    kinds = {}
    assert [later.is_represented(key, "a", kinds, NOTHING) for key in keys[ENOUGH:]] == [False] * ENOUGH + [
        True
    ] * 2


def test_a_value_that_no_other_question_had_is_not_represented(own: Path) -> None:
    keys = _kept(own, 6)
    alone = frozenset({"cache paged"})  # tried by itself in this run
    memory = Memory(Plan(own.with_name("2.4.0-here.sqlite"), own, frozenset({"f"}), values=alone))
    kinds: dict[object, int] = {}
    values = ["cache static", "cache static", "cache static", "cache paged", "cache dynamic", "cache dynamic"]
    answers = [
        memory.is_represented(key, "a", kinds, frozenset({value}))
        for key, value in zip(keys, values, strict=True)
    ]
    assert answers == [False, False, True, True, False, True]


def test_where_one_of_a_kind_fails_now_all_are_put(own: Path) -> None:
    keys = _kept(own, 6)
    memory = Memory(Plan(own.with_name("2.4.0-here.sqlite"), own, frozenset({"f"})))
    kinds: dict[object, int] = {}
    assert not memory.is_represented(keys[0], "a", kinds, NOTHING)
    memory.remember(keys[0], Call("", "ValueError", "", frozenset({"f"})))
    assert [memory.is_represented(key, "a", kinds, NOTHING) for key in keys[1:]] == [False] * 5


def test_a_problem_is_never_reported_from_memory(memory: Memory) -> None:
    key = key_of("single", {})
    assert key is not None
    memory.remember(key, Call("", "ValueError: of another day", "", frozenset()))

    def job() -> Report:
        report, done = Report(), execute({}, SINGLE)
        if not done.ran:
            report.found(Problem(kind="unsound", what=done.error))
        return report

    assert work.attempt(job, ()).problems == []
    assert execute({}, SINGLE).ran


def test_functions_of_files_that_changed_are_forgotten_before_a_run(own: Path, tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.py").write_text("def f(x):\n    return x + 1\n\ndef g(x):\n    return x\n")
    file = Archive(own)
    file.keep("one", Call("work", "", "", frozenset({"a.py::f"})))
    file.keep("two", Call("work", "", "", frozenset({"a.py::g"})))
    assert file.changed(Fingerprints(package), signed=True) == set()  # a run that was killed signed nothing
    file.sign(Fingerprints(package))
    (package / "a.py").write_text(
        'def f(x: int):\n    "In other words."\n    return x + 1\n\ndef g(x):\n    return -x\n'
    )
    changed = file.changed(Fingerprints(package))
    assert changed == {"a.py::g"}
    file.forget(changed)
    assert (file.call("one") is None, file.call("two") is None) == (False, True)


def test_the_nearest_release_before_is_asked_first(tmp_path: Path) -> None:
    for release in ("2.9.0", "2.12.0", "2.23.0", "2.24.0"):
        archive.path_of(tmp_path, release).touch()
    (tmp_path / "2.22.0-0123.sqlite").touch()  # made in other surroundings
    assert archive.nearest(tmp_path, "2.23.0") == archive.path_of(tmp_path, "2.12.0")
    assert archive.nearest(tmp_path, "2.0.0") == archive.path_of(tmp_path, "2.9.0")
    assert archive.nearest(tmp_path / "none", "2.0.0") is None


_WRITER = """
import sys
from pathlib import Path
from tests.fidelity.archive import Archive, Call
file = Archive(Path(sys.argv[1]))
for number in range(10**9):
    file.keep(f"{sys.argv[2]} {number}", Call("work", "", "", frozenset({f"f{number % 7}"})))
    if number == 50:
        print("far enough", flush=True)
"""


def test_several_processes_write_and_a_kill_leaves_what_was_kept(own: Path) -> None:
    path = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src")))}
    command = [sys.executable, "-c", _WRITER, str(own)]
    writers = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, env=path, cwd=ROOT) for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    with archive.opened(own) as file:
        for name in ("a", "b"):
            for number in range(51):
                call = file.call(f"{name} {number}")
                assert call is not None
                assert call.functions == {f"f{number % 7}"}
