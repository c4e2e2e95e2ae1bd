"""Reading ``overrides.toml``, strictly: every mistake is reported at once, with its place."""

import keyword
import math
import operator
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from cattrs import Converter
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from codegen import disk_cache
from codegen.errors import OverridesError
from codegen.mistakes import Mistake, Place
from codegen.model import condition_text, structured, type_paths, type_text
from codegen.model.conditions import Condition
from codegen.model.types import Bound, NoData, Type
from codegen.review import evidence, supported
from codegen.review.claims import CLAIMS, Choices, Claim, MinLength, TypePath
from codegen.review.overrides import ConditionName, Equivalent, Keys, NamedRule, Overrides, WrittenRule
from codegen.upstream.engine import Engine


def load(engine: Engine, root: Path, reading: str | None = None) -> Overrides:
    """Read and check the file of an engine.

    Args:
        engine: the engine.
        root: of the checkout that the file is in.
        reading: the release that is being read; entries may be about it even if it is not supported yet.

    Raises:
        OverridesError: it is missing, or has mistakes; all of them are listed.
        EvidenceError: the file that says what was read for the claims has mistakes.
    """
    if engine.cache is None:
        return _loaded(engine, root, reading)
    name, key = f"overrides-{engine.name}-{reading}", _key(engine, root)
    known = disk_cache.load(engine.cache, name, key)
    if isinstance(known, Overrides):
        return known
    overrides = _loaded(engine, root, reading)
    if key == _key(engine, root):  # nobody edited them meanwhile
        disk_cache.save(engine.cache, name, key, overrides)
    return overrides


def _key(engine: Engine, root: Path) -> str:
    """A digest of our own code and of the files that are read."""
    contents = (disk_cache.content(root / path) for path in engine.written_by_hand)
    return disk_cache.digest([disk_cache.code(), *contents])


def _loaded(engine: Engine, root: Path, reading: str | None) -> Overrides:
    label = str(engine.overrides)
    mistakes: list[Mistake] = []
    try:
        raw = structured.toml(root / engine.overrides)
        mistakes += _unused(raw)
        releases = (*supported.load(engine, root), *([reading] if reading else []))
        overrides = structured.structure(_converter(releases), raw, Overrides)
    except structured.MistakenError as error:
        raise OverridesError(label, [*error.mistakes, *mistakes]) from error
    if mistakes:
        raise OverridesError(label, mistakes)
    known = evidence.load(root / engine.evidence, str(engine.evidence))
    return replace(overrides, evidence=known)


def _unused(raw: dict[str, Any]) -> Iterator[Mistake]:
    """Nested classes without an argument; found even if the rest of the file is wrong."""
    nested = raw.get("nested")
    for model, fields in nested.items() if isinstance(nested, dict) else ():
        if fields == {}:
            yield Mistake(Place.of("nested", model), "it has no argument")


def _converter(releases: tuple[str, ...]) -> Converter:
    """The converter of this file; every entry has to be about one of the given releases."""
    made = structured.converter()
    versions = cache(partial(_versions, releases))  # few texts, in hundreds of places
    hooks: dict[object, structured.Hook] = {
        SpecifierSet: lambda raw, _: versions(structured.text(raw)),
        Bound: _bound,
        Type: _type,
        TypePath: lambda raw, _: type_paths.steps(structured.text(raw)),
        Choices: _choices,
        MinLength: _min_length,
        Literal[True]: _true,
        ConditionName: _condition_name,
        Condition: _condition,
        Condition | None: _condition,
        Keys: lambda raw, _: made.structure([raw] if isinstance(raw, str) else raw, tuple[str, ...]),
        Claim: partial(_claim, made),
        NamedRule | WrittenRule: partial(_rule, made),
    }
    for type_, hook in hooks.items():
        made.register_structure_hook_func(partial(operator.eq, type_), hook)
    table = made.get_structure_hook(Equivalent)
    made.register_structure_hook(
        Equivalent, lambda raw, type_: table(raw if isinstance(raw, dict) else {"value": raw}, type_)
    )
    return made


def _claim(made: Converter, raw: object, _: object) -> Claim:
    kinds = [kind for kind in CLAIMS if kind in structured.table(raw)]
    if len(kinds) != 1:
        raise ValueError(
            f"it states {', '.join(kinds) or 'nothing'}; state exactly one of {', '.join(CLAIMS)}"
        )
    return made.structure(raw, CLAIMS[kinds[0]])


def _rule(made: Converter, raw: object, _: object) -> NamedRule | WrittenRule:
    found = "extracted" in structured.table(raw)
    return made.structure(raw, NamedRule) if found else made.structure(raw, WrittenRule)


def _versions(releases: tuple[str, ...], text: str) -> SpecifierSet:
    try:
        versions = SpecifierSet(text)
    except InvalidSpecifier:
        raise ValueError(f"{text!r} is not a version range such as '>=1.2,<2'") from None
    if not any(map(versions.contains, releases)):
        raise ValueError(f"{text!r} applies to no supported release ({', '.join(releases)})")
    return versions


def _condition(raw: object, _: object) -> Condition:
    return condition_text.parse(structured.text(raw))


def _condition_name(raw: object, _: object) -> str:
    name = structured.text(raw)
    if not re.fullmatch("[a-z][a-z0-9_]+", name) or keyword.iskeyword(name):
        raise ValueError("write a name of small letters and underscores")
    return name


def _bound(raw: object, _: object) -> Bound:
    with suppress(ValueError):  # of a limit that is not a number
        match raw.split() if isinstance(raw, str) else ():
            case [">" | ">=" | "<" | "<=" as op, limit] if math.isfinite(number := float(limit)):
                return Bound(op, int(limit) if limit.lstrip("-").isdigit() else number)
    raise ValueError(f"{raw!r} is not a bound; write for example '>= 0'")


def _type(raw: object, _: object) -> Type:
    if not isinstance(raw, str):
        raise ValueError("a type is written as a text, such as 'tuple[int, float]'")
    return type_text.parse(raw)[0] or NoData()


def _choices(raw: object, _: object) -> tuple[str | int | bool, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueError("choices are a list of at least one value")
    for each in raw:
        if not isinstance(each, str | int | bool):
            raise ValueError(f"{each!r} is not a choice; write texts, whole numbers or flags")
    return tuple(raw)


def _min_length(raw: object, _: object) -> int:
    if type(raw) is not int or raw < 1:
        raise ValueError(f"{raw!r} is not a minimum length; write 1 or more")
    return raw


def _true(raw: object, _: object) -> bool:
    if raw is not True:
        raise ValueError("write true, or leave it out")
    return True
