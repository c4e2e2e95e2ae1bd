"""A configuration is a value: nothing in it changes, and what goes in comes out."""

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from llenergymeasure.config.frozen import FrozenDict, FrozenList, freeze, thaw
from tests.config.specimen import PyTorchConfig

containers = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(), inner, max_size=3)
        | st.tuples(inner, inner)
        | st.sets(st.integers(), max_size=3)
        | st.frozensets(st.text(), max_size=2)
    ),
    max_leaves=8,
)


def same(one: Any, other: Any) -> bool:
    """Equal, of the same built-in types all the way down."""
    if type(one) is not type(other) or one != other:
        return False
    if isinstance(one, dict):
        return all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return all(map(same, one, other))
    return True


@given(containers)
def test_thawing_gives_back_what_was_frozen_in_fresh_containers(value: Any) -> None:
    before = copy.deepcopy(value)
    thawed = thaw(freeze(value))
    assert same(thawed, before)
    if isinstance(value, dict | list):
        assert thawed is not value


@given(containers)
def test_frozen_values_survive_pickling_and_copying(value: Any) -> None:
    frozen = freeze(value)
    for other in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen), copy.copy(frozen)):
        assert same(other, frozen)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.__setitem__("a", 2),
        lambda d: d.__delitem__("a"),
        lambda d: d.__ior__({"b": 1}),
        lambda d: d.clear(),
        lambda d: d.pop("a"),
        lambda d: d.popitem(),
        lambda d: d.setdefault("b", 1),
        lambda d: d.update(a=2),
    ],
)
def test_a_frozen_dictionary_refuses_every_change(change: Any) -> None:
    value = FrozenDict(a=1)
    with pytest.raises(TypeError, match="frozen"):
        change(value)
    assert value == {"a": 1}


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.__setitem__(0, 2),
        lambda v: v.__delitem__(0),
        lambda v: v.__iadd__([3]),
        lambda v: v.__imul__(2),
        lambda v: v.append(3),
        lambda v: v.extend([3]),
        lambda v: v.insert(0, 3),
        lambda v: v.pop(),
        lambda v: v.remove(1),
        lambda v: v.clear(),
        lambda v: v.sort(),
        lambda v: v.reverse(),
    ],
)
def test_a_frozen_list_refuses_every_change(change: Any) -> None:
    value = FrozenList([2, 1])
    with pytest.raises(TypeError, match="frozen"):
        change(value)
    assert value == [2, 1]


def test_a_configuration_keeps_nothing_that_the_caller_can_change() -> None:
    inner = [1]
    extra = {"a": inner, "b": {"c": {1}}}
    options = {"x": 1}
    config = PyTorchConfig(extra=extra, compile_config={"options": options})
    inner.append(2)
    extra["new"] = 1
    options["y"] = 2
    assert config.extra == {"a": [1], "b": {"c": {1}}}
    assert config.compile_config.options == {"x": 1}


def test_nothing_in_a_configuration_can_be_assigned() -> None:
    config = PyTorchConfig(extra={"a": [1]}, compile_config={"options": {"x": 1}})
    with pytest.raises(ValidationError, match="frozen"):
        config.temperature = 2.0
    with pytest.raises(ValidationError, match="frozen"):
        del config.temperature
    with pytest.raises(ValidationError, match="frozen"):
        config.compile_config.mode = "default"
    for change in (
        lambda: config.extra.update(a=1),
        lambda: config.extra["a"].append(2),
        lambda: config.compile_config.options.update(x=2),
    ):
        with pytest.raises(TypeError, match="frozen"):
            change()


def test_a_value_that_contains_itself_is_refused() -> None:
    circle: list[object] = []
    circle.append({"again": circle})
    with pytest.raises(ValidationError, match=r"extra\.a\[0\]\.again contains itself"):
        PyTorchConfig(extra={"a": circle})


def test_a_value_may_be_there_twice() -> None:
    shared = [1]
    assert PyTorchConfig(extra={"a": shared, "b": [shared, shared]}).extra == {"a": [1], "b": [[1], [1]]}
