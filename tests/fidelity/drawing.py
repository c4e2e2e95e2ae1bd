"""Draws whole configurations: values from each field's type and bounds, its test values, now and then an
extreme.

Draws come from seeds, so that a hypothesis test and a fidelity run can make the same ones. Lengths, beams and
the tables of watermarks are kept so small that a call takes some milliseconds.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from tests.fidelity import places
from tests.fidelity.models import VOCABULARY
from tests.fidelity.places import SETTINGS, Given
from tests.fidelity.scenarios import SCENARIOS
from tests.fidelity.schema import Schema, plain

LONGEST = 24
"""The most new tokens that a drawn configuration asks for."""

_LIMITS: Mapping[str, tuple[int, int]] = {
    "max_length": (2, LONGEST + 12),
    "max_new_tokens": (1, LONGEST),
    "min_length": (0, LONGEST),
    "min_new_tokens": (0, LONGEST),
    "num_beams": (1, 4),
    "num_return_sequences": (1, 4),
    "max_cache_len": (1, 128),
    "prompt_lookup_num_tokens": (1, 12),
    "assistant_early_exit": (1, 3),
}
"""The range that a number is drawn from if its own range would make calls slow."""

_TIMES_S = (0.0, 60.0, 3600.0)
"""Limits that are reached at once or never; whether one in between is reached depends on the machine."""

_WITHOUT_PACKAGE: Given = {"backend": "fp8"}
"""The quantized cache that needs no package; early releases have no such cache."""

_MODES = ("greedy", "sampling", "beams", "beam sampling", "dictionary")
_SELDOM = frozenset(
    {"continuous_batching_config", "penalty_alpha", "dola_layers", "force_words_ids", "num_beam_groups"}
)
"""Parameters that decide the whole call, or have it refused: only drawn where a draw is about them."""


def value(random: Random, schema: Schema, name: str) -> Any:
    """A value that the field accepts by itself, in YAML form."""
    if name == "max_time":
        return random.choice((None, *_TIMES_S))
    if name == "cache_config" and random.random() < 0.5:
        return random.choice([each for each in values(schema, name) if each == _WITHOUT_PACKAGE] or [None])
    entry = schema.entries()[name]
    if name not in _LIMITS and random.random() < 0.5:
        return random.choice(values(schema, name))
    if entry["takes_none"] and random.random() < 0.1:
        return None
    return _of_type(random, entry["type"], schema, _LIMITS.get(name))


def values(schema: Schema, name: str) -> list[Any]:
    """The test values of a parameter that do not make a call slow."""
    low, high = _LIMITS.get(name, (-math.inf, math.inf))
    return [
        plain(each)
        for each in schema.params[name]["test_values"]
        if not (isinstance(each, dict) and each.get("sampling_table_size", 0) > 1 << 16)
        and not (isinstance(each, int) and not isinstance(each, bool) and not low <= each <= high)
    ]


def configuration(seed: str, schema: Schema, about: str | None = None) -> tuple[Given, str]:
    """A configuration, each value valid by itself, and the name of a scenario for it.

    Each choice has a random source of its own, so that with one more parameter or scenario, as in another
    release, nearly the same configurations are drawn.

    Args:
        seed: of all choices.
        schema: of the installed release.
        about: a parameter that is set, in the context in which it takes effect; none in particular, if not
            given.
    """

    def source(what: str) -> Random:
        return Random(f"{seed} {what}")

    def first(options: Iterable[str], count: int = 1) -> list[str]:
        return sorted(options, key=lambda each: source(f"order {each}").random())[:count]

    given: Given = {}
    names = [name for name in schema.params if name not in _SELDOM]
    for name in first(names, source("count").choice((0, 1, 2, 2, 3, 4, 5, 7))):
        given[name] = value(source(name), schema, name)
    mode = SETTINGS[source("mode").choice(_MODES)]
    given |= {name: each for name, each in mode.items() if source(f"mode {name}").random() < 0.9}
    if about is None:
        [scenario] = first(SCENARIOS)
        return _without_costly(given), scenario
    given = {**given, **places.context(schema, about)}
    given = places.with_value(given, about, value(source(about), schema, about))
    [scenario] = first(places.scenarios_for(about) or SCENARIOS)
    return _without_costly(given, about), scenario


def _without_costly(given: Given, about: str | None = None) -> Given:
    """The configuration without what would make nearly every call fail in the same way, or take seconds."""
    if given.get("cache_implementation") == "paged" and about not in (
        "cache_implementation",
        "continuous_batching_config",
    ):
        del given["cache_implementation"]
    if given.get("cache_implementation") == "paged":
        given["continuous_batching_config"] = {
            **(given.get("continuous_batching_config") or {}),
            **places.SMALL,
        }
        if given.get("max_new_tokens") is None:
            given["max_new_tokens"] = places.SHORT
    if about != "low_memory" and given.get("num_beams", 1) != 1:
        given.pop("low_memory", None)
    return given


def _of_type(random: Random, shape: Mapping[str, Any], schema: Schema, limits: tuple[int, int] | None) -> Any:
    match shape["is"]:
        case "Scalar":
            return _SCALARS[shape["kind"]](random, _range(shape, limits))
        case "Choice":
            return random.choice(shape["values"])
        case "Union":
            return _of_type(random, random.choice(shape["members"]), schema, limits)
        case "ListOf":
            count = max(shape.get("min_length", 0), random.choice((0, 1, 1, 2, 3)))
            return [_of_type(random, shape["item"], schema, limits) for _ in range(count)]
        case "TupleOf":
            return [_of_type(random, item, schema, limits) for item in shape["items"]]
        case "MapOf":
            pair = (shape["key"], shape["value"])
            return [
                [_of_type(random, each, schema, limits) for each in pair]
                for _ in range(random.choice((1, 2)))
            ]
        case "Nested":
            return _of_class(random, schema.nested()[shape["name"]], schema)
    return None


def _of_class(random: Random, model: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    fields = model["fields"]
    chosen = [field for field in fields if field.get("required")]
    chosen += random.sample(
        [field for field in fields if not field.get("required")], random.choice((0, 1, 2))
    )
    return {field["name"]: _argument(random, field) for field in chosen}


def _argument(random: Random, field: Mapping[str, Any]) -> Any:
    small = [
        each
        for each in field.get("test_values", [])
        if not (isinstance(each, int) and abs(each) > 1 << 16 and field["name"].endswith("size"))
    ]
    return plain(random.choice([each for each in small if each is not None or field["takes_none"]]))


def _range(shape: Mapping[str, Any], limits: tuple[int, int] | None) -> tuple[float, float]:
    """The smallest and the largest number to draw; where a bound is exclusive, a little inside of it."""
    low, high = limits or (-math.inf, math.inf)
    inside = 1 if shape["kind"] == "int" else 1e-6
    for bound in shape.get("bounds", []):
        limit = bound["limit"]
        match bound["op"]:
            case ">=":
                low = max(low, limit)
            case ">":
                low = max(low, limit + inside)
            case "<=":
                high = min(high, limit)
            case "<":
                high = min(high, limit - inside)
    return low, high


def _whole(random: Random, ends: tuple[float, float]) -> int:
    low = ends[0] if math.isfinite(ends[0]) else -3
    near = [low, low + 1, low + 2, random.randint(3, VOCABULARY - 1), random.randint(3, 12)]
    near += [VOCABULARY, VOCABULARY + 1, 2 * VOCABULARY]
    return int(
        min(
            max(random.choice(near) if math.isinf(ends[1]) else random.randint(int(low), int(ends[1])), low),
            ends[1],
        )
    )


def _fraction(random: Random, ends: tuple[float, float]) -> float:
    low = ends[0] if math.isfinite(ends[0]) else -4.0
    high = ends[1] if math.isfinite(ends[1]) else max(low, 0.0) + 4.0
    return random.choice((float(low), float(high), random.uniform(low, high), random.uniform(low, high)))


_SCALARS: Mapping[str, Callable[[Random, tuple[float, float]], Any]] = {
    "bool": lambda random, _: random.random() < 0.5,
    "int": _whole,
    "float": _fraction,
    # The tiny tokenizer can spell all of them but the last.
    "str": lambda random, _: random.choice(("a", "b", "de", "fd", "zz", "x y", "A")),
}
