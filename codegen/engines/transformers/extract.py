"""All facts of one release; the modules beside this one read one place of the source each.

An unknown shape of the source raises :class:`codegen.errors.UnknownShapeError`; it never makes the schema
smaller.
"""

import ast
from dataclasses import replace

from codegen.engines.transformers import (
    constructor,
    cross_field,
    docstring,
    effective,
    nested,
    processors,
    validation,
)
from codegen.engines.transformers.engine import CONFIGURATION, GENERATE
from codegen.errors import UnknownShapeError
from codegen.model.facts import Facts, SourceField
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.regions import EVERYTHING
from codegen.model.type_text import UnreadableTypeError, parse
from codegen.model.types import Choice, Nested, Opaque, Type, members_of, union
from codegen.model.values import PlainValue
from codegen.upstream.checks import Refusal
from codegen.upstream.symbols import Library

_CLASS = "GenerationConfig"


def extract(library: Library) -> Facts:
    """All facts of one release.

    Raises:
        SourceError: a file is missing.
        UnknownShapeError: the source is not written in a way that is known.
    """
    try:
        return _extract(library)
    except RecursionError as error:
        where = f"transformers {library.tree.version}"
        raise UnknownShapeError(where, "what is read of it is nested too deeply") from error


def _extract(library: Library) -> Facts:
    configuration = library.module(CONFIGURATION)
    declared = constructor.read(configuration)
    names = {each.name: each for each in declared}
    documented = docstring.read(ast.get_docstring(configuration.class_(_CLASS)))
    defaults = effective.read(configuration)
    for place, known in (("its docstring", documented), (effective.SYMBOL, defaults)):
        lost = [name for name in known if name not in names]
        if lost:
            where = f"transformers/{CONFIGURATION}, {_CLASS}"
            raise UnknownShapeError(where, f"{place} names {', '.join(lost)}, which __init__ does not set")
    if not documented:
        raise UnknownShapeError(
            f"transformers/{CONFIGURATION}, {_CLASS}", "its docstring documents no argument"
        )
    inputs = processors.read(library, names)
    validated = validation.read(configuration, list(names))
    classes = nested.watermarking_classes(configuration)
    params = []
    for each in declared:
        own = [one for one in inputs if one.parameter == each.name]
        entry = documented.get(each.name)
        type_ = _documented_type(entry, classes) if entry is not None and entry.type is not None else None
        effective_default = defaults.get(each.name, each.default)
        found = _source_field(each, entry, type_, own, validated.get(each.name))
        params.append(_with_default(found, own, effective_default, stated=each.name in defaults))
    return Facts(
        engine=library.tree.package,
        version=library.tree.version,
        params=tuple(params),
        nested=nested.read(library, list(names)),
        rules=cross_field.read_rules(library, list(names)),
    )


def _source_field(
    declared: constructor.Declared,
    entry: docstring.Entry | None,
    type_: Type | None,
    inputs: list[processors.ProcessorInput],
    validated: Refusal | None,
) -> SourceField:
    """One parameter, without its effective default."""
    origins = [Origin(OriginKind.DECLARED_DEFAULT, Symbol(CONFIGURATION, constructor.SYMBOL))]
    if type_ is not None:
        origins.append(Origin(OriginKind.TYPE, Symbol(CONFIGURATION, _CLASS)))
    accepted = EVERYTHING
    for one in inputs:
        accepted &= ~one.refused
        origins += [
            Origin(OriginKind.GATE, Symbol(GENERATE, processors.GATES)),
            Origin(OriginKind.CHECK, one.symbol),
        ]
    unread = [symbol for one in inputs for symbol in one.unread]
    if validated is not None:
        accepted &= ~validated.numbers
        origins.append(Origin(OriginKind.CHECK, validation.FULL_SYMBOL))
        if not isinstance(type_, Nested):  # for a nested class it is a check of its type
            unread += validated.unread
    choices, proved = _choices(entry, validated, type_)
    return SourceField(
        name=declared.name,
        type=type_,
        takes_none=validated is None or validated.takes_none,
        declared_default=declared.default,
        accepted=accepted,
        choices=choices,
        choices_proved=proved,
        unread=tuple(dict.fromkeys(unread)),
        heading=declared.heading,
        deprecation=declared.deprecation,
        doc_digest=entry.digest if entry else None,
        origins=tuple(dict.fromkeys(origins)),
    )


def _with_default(
    found: SourceField,
    inputs: list[processors.ProcessorInput],
    effective_default: PlainValue,
    *,
    stated: bool,
) -> SourceField:
    """The parameter with its effective default, which disables it if every gate is closed for that value."""
    origin = (
        (Origin(OriginKind.EFFECTIVE_DEFAULT, Symbol(CONFIGURATION, effective.SYMBOL)),) if stated else ()
    )
    is_disabled = bool(inputs) and all(one.is_skipped_for(effective_default) for one in inputs)
    return replace(
        found,
        effective_default=effective_default,
        disabled_value=effective_default if is_disabled else None,
        origins=(*found.origins, *origin),
    )


def _documented_type(entry: docstring.Entry, watermarking: list[str]) -> Type:
    """The type that an entry names, with the classes that its loose words stand for."""
    assert entry.type is not None
    try:
        type_, _ = parse(entry.type)
    except UnreadableTypeError as error:
        raise UnknownShapeError(
            f"transformers/{CONFIGURATION}, docstring of {_CLASS}", f"{entry.name}: {error}"
        ) from error
    if type_ is None:
        raise UnknownShapeError(
            f"transformers/{CONFIGURATION}, docstring of {_CLASS}", f"{entry.name} is typed None"
        )
    members = members_of(type_)
    known: list[Type] = []
    for member in members:
        if member == Nested(nested.WATERMARKING_BASE):
            known += [Nested(name) for name in watermarking]
        elif entry.name == "cache_config":
            known.append(Nested(nested.QUANTIZED_CACHE))
        elif member != Opaque("dict") or len(members) == 1:  # beside a class, a dict is that class as data
            known.append(member)
    return union(*known)


def _choices(
    entry: docstring.Entry | None, validated: Refusal | None, type_: Type | None
) -> tuple[Choice | None, bool]:
    """The literal values that are accepted, and whether a check enforces them, not only documentation."""
    if validated is not None and validated.choices is not None:
        return validated.choices, True
    if entry is not None and entry.choices is not None and getattr(type_, "kind", None) == "str":
        return entry.choices, False
    return None, False
