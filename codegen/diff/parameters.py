"""One parameter, or one argument of a nested class, in two releases: everything about it that differs."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from difflib import ndiff

from packaging.version import InvalidVersion, Version

from codegen.diff import type_diff
from codegen.diff.catalog import make_finding
from codegen.diff.findings import Finding, Level
from codegen.diff.sides import Side
from codegen.model.conditions import ALWAYS
from codegen.model.origins import OriginKind
from codegen.model.schema import Deprecation, Field, Param
from codegen.model.types import admits
from codegen.model.values import PlainValue, is_among, same

_READ_AT: dict[str, tuple[OriginKind, ...]] = {
    **dict.fromkeys(
        ("type-narrowed", "type-widened", "type-changed", "type-opaque", "choice-added", "choice-removed"),
        (OriginKind.TYPE,),
    ),
    **dict.fromkeys(("doc-added", "doc-changed"), (OriginKind.TYPE,)),
    **dict.fromkeys(
        ("bound-added", "bound-tightened", "bound-relaxed", "bound-removed"), (OriginKind.CHECK,)
    ),
    "none-refused": (OriginKind.CHECK,),
    **dict.fromkeys(("gate-value-lost", "off-changed"), (OriginKind.GATE,)),
    **dict.fromkeys(
        ("param-added", "param-removed", "default-declared", "doc-lost"), (OriginKind.DECLARED_DEFAULT,)
    ),
    **dict.fromkeys(
        ("deprecated", "undeprecated", "deprecation-changed", "removal-passed"),
        (OriginKind.DECLARED_DEFAULT,),
    ),
    "default-changed": (OriginKind.EFFECTIVE_DEFAULT,),
    **dict.fromkeys(
        ("default-alike", "default-unstated", "argument-required", "argument-optional"),
        (OriginKind.DECLARED_DEFAULT, OriginKind.EFFECTIVE_DEFAULT),
    ),
}
"""The kinds of origin that a finding points to, by the id of its kind; others point to the first origin."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One parameter or argument, on both sides.

    Args:
        name: its name in findings.
        old: its field on the old side.
        new: its field on the new side.
        role: the energy role that counts: its own, or that of the parameter whose class it belongs to.
        side: the side that findings about it point to.
        nested: whether it is an argument of a nested class.
    """

    name: str
    old: Field
    new: Field
    role: str | None
    side: Side
    nested: bool = False

    def finding(
        self,
        kind: str,
        values: tuple[PlainValue, PlainValue],
        meaning: str,
        *,
        level: Level | None = None,
        detail: tuple[str, ...] = (),
    ) -> Finding:
        """A finding about it, at the first origin that fits the kind of finding, or else at the first one."""
        upstream = [origin for origin in self.new.origins if origin.symbol is not None]
        read_at = _READ_AT.get(kind, ())
        fitting = [origin for origin in upstream if origin.kind in read_at or origin.about in read_at]
        origin = next(iter(fitting or upstream), None)
        where = self.side.where(origin.symbol if origin else None, self.new.name)
        return make_finding(
            kind, self.name, values=values, meaning=meaning, where=where, level=level, detail=detail
        )


def compare(subject: Subject, before: Side) -> Iterator[Finding]:
    """Everything that differs between the two forms; bookkeeping only if nothing else does."""
    differences = [
        *_types(subject),
        *_defaults(subject),
        *_required(subject),
        *_documentation(subject, before),
        *_description(subject),
    ]
    if isinstance(subject.old, Param) and isinstance(subject.new, Param):
        differences += _parameter_only(subject, subject.old, subject.new, before)
    yield from differences or _bookkeeping(subject)


def _types(subject: Subject) -> Iterator[Finding]:
    name = subject.name
    for change in type_diff.changes(subject.old.type, subject.new.type):
        old, new = change.old, change.new
        place = f" at {change.place}" if change.place else ""
        meaning = {
            "type-narrowed": f"{name} takes only {new} now; it took {old}.",
            "type-widened": f"{name} takes {new} now; it took {old}.",
            "type-changed": f"{name} takes {new} now; it took {old}.",
            "type-opaque": f"{name} took {old}; now no value but None can be written for it.",
            "bound-added": f"{name}{place} has to be {new} now; before, there was no limit on that side.",
            "bound-tightened": f"{name}{place} has to be {new} now; {old} was enough.",
            "bound-relaxed": f"{name}{place} may be {new} now; it had to be {old}.",
            "bound-removed": f"{name}{place} no longer has to be {old}.",
            "choice-added": f"{name}{place} takes {new!r} now.",
            "choice-removed": f"{name}{place} no longer takes {old!r}.",
        }[change.id]
        is_bound = "bound" in change.id
        values = (_with_place(change.place, old), _with_place(change.place, new)) if is_bound else (old, new)
        yield subject.finding(change.id, values, meaning)
    yield from _disabled_value(subject)
    if subject.old.takes_none and not subject.new.takes_none:
        yield subject.finding("none-refused", (None, None), f"{name} no longer takes None.")
    if subject.new.takes_none and not subject.old.takes_none:
        yield subject.finding("none-allowed", (None, None), f"{name} takes None now.")


def _with_place(place: str, bound: PlainValue) -> PlainValue:
    """A bound with its place, so that two bounds of one parameter are two values."""
    return None if bound is None else f"{place} {bound}".strip()


def _disabled_value(subject: Subject) -> Iterator[Finding]:
    """The value that switched it off: whether it is still accepted, and still switches it off."""
    name, old, new = subject.name, subject.old.disabled_value, subject.new.disabled_value
    if old is not None and admits(subject.old.type, old) and not admits(subject.new.type, old):
        meaning = f"{name} = {old!r} switched it off, and is refused now."
        yield subject.finding("gate-value-lost", (old, new), meaning)
    elif old != new:
        shown = "nothing but None" if new is None else repr(new)
        shown_old = "nothing but None" if old is None else repr(old)
        meaning = f"{name} is switched off by {shown} now; before, it was by {shown_old}."
        never_matters = _is_always_dormant(name, subject.side)
        if never_matters:
            meaning = f"{name} does nothing any more, whatever it is; {old!r} switched it off."
        if old is None or never_matters:
            level: Level | None = "info"
        elif same(subject.old.effective_default, old) and not same(subject.new.effective_default, old):
            level = "info"  # the default moved away from it; that is a finding of its own
        else:
            level = None
        yield subject.finding("off-changed", (old, new), meaning, level=level)


def _is_always_dormant(name: str, side: Side) -> bool:
    """Whether nothing reads a parameter, whatever values the others have."""
    return any(
        rule.effect == "dormant" and rule.when == ALWAYS and name in rule.fields for rule in side.schema.rules
    )


def _defaults(subject: Subject) -> Iterator[Finding]:
    name, old, new = subject.name, subject.old, subject.new
    before, now = old.effective_default, new.effective_default
    if old.required or new.required:
        return
    if not same(before, now):
        yield _effective(subject)
    elif not same(old.declared_default, new.declared_default):
        meaning = f"{name} declares {new.declared_default!r} instead of {old.declared_default!r}; unset, it is still {now!r}."
        yield subject.finding("default-declared", (old.declared_default, new.declared_default), meaning)
    elif not same(old.default, new.default):
        meaning = f"The field of {name} shows {new.default!r} instead of {old.default!r}; unset, it is still {now!r}."
        yield subject.finding("default-shown", (old.default, new.default), meaning)


def _effective(subject: Subject) -> Finding:
    name, old, new = subject.name, subject.old.effective_default, subject.new.effective_default
    if _has_same_effect(subject):
        kind, meaning = (
            "default-alike",
            f"Unset, {name} is {new!r} instead of {old!r}; generate() treats the two the same.",
        )
        return subject.finding(kind, (old, new), meaning)
    if subject.nested and new is None:
        kind, meaning = "default-unstated", f"Unset, {name} was {old!r}; now its class decides by itself."
        return subject.finding(kind, (old, new), meaning)
    level: Level | None = "risky" if subject.role == "none" else None
    role = f" Its energy role is {subject.role}." if subject.role else ""
    meaning = f"Unset, {name} is {new!r}; it was {old!r}.{role}"
    return subject.finding("default-changed", (old, new), meaning, level=level)


def _has_same_effect(subject: Subject) -> bool:
    """Whether a run cannot tell the two effective defaults apart, as far as is known."""
    pair = [subject.old.effective_default, subject.new.effective_default]
    if any(value is False for value in pair) and any(value is None for value in pair):
        return True
    known = subject.new.equivalent_values if isinstance(subject.new, Param) else ()
    if all(is_among(value, known) for value in pair):
        return True
    return same(subject.old.default, subject.new.default)  # the overrides state one shown default for both


def _required(subject: Subject) -> Iterator[Finding]:
    name, old, new = subject.name, subject.old, subject.new
    if new.required and not old.required:
        meaning = f"{name} has to be given; unset, it was {old.effective_default!r}."
        yield subject.finding("argument-required", (old.effective_default, None), meaning)
    if old.required and not new.required:
        meaning = f"{name} can be left out; it is {new.effective_default!r} then."
        yield subject.finding("argument-optional", (None, new.effective_default), meaning)


def _documentation(subject: Subject, before: Side) -> Iterator[Finding]:
    name, old, new = subject.name, subject.old.doc_digest, subject.new.doc_digest
    if old == new:
        return
    if new is None:
        ending = isinstance(subject.new, Param) and subject.new.deprecation is not None
        meaning = f"Upstream no longer documents {name}{', which is deprecated' if ending else ''}."
        level: Level | None = "info" if ending else None
        yield subject.finding("doc-lost", (old, new), meaning, level=level)
    elif old is None:
        yield subject.finding("doc-added", (old, new), f"Upstream documents {name} now.")
    else:
        meaning = f"Upstream documents {name} in other words."
        yield subject.finding("doc-changed", (old, new), meaning, detail=_rewording(subject, before))


def _rewording(subject: Subject, before: Side) -> tuple[str, ...]:
    """The two entries as lines of a diff, for a terminal; empty where one of the sources is not available."""
    old, new = _documented(before, subject.old), _documented(subject.side, subject.new)
    if old is None or new is None:
        return ()
    return tuple(line.rstrip() for line in ndiff(old, new) if line[:1] in "+-")


def _documented(side: Side, field: Field) -> list[str] | None:
    return None if side.library is None else side.engine.documented(side.library, field)


def _description(subject: Subject) -> Iterator[Finding]:
    old, new = subject.old.description, subject.new.description
    if old != new and (subject.old.described or subject.new.described):
        meaning = f"We describe {subject.name} in other words."
        yield subject.finding("description-changed", (old, new), meaning)


def _parameter_only(subject: Subject, old: Param, new: Param, before: Side) -> Iterator[Finding]:
    """What only parameters have, and not the arguments of nested classes."""
    name = subject.name
    if old.role != new.role:
        meaning = (
            f"The energy role of {name} is {new.role or 'undecided'} now; it was {old.role or 'undecided'}."
        )
        yield subject.finding("role-changed", (old.role, new.role), meaning)
    if (
        before.knows_rules and subject.side.knows_rules
    ):  # a lock without rules has no equivalent values either
        yield from _equivalent_values(subject, old, new)
    yield from _deprecation(subject, old.deprecation, new.deprecation, before)


def _equivalent_values(subject: Subject, old: Param, new: Param) -> Iterator[Finding]:
    """Values that both releases accept, and that do the same as another value in only one of them.

    The first value of a group, and None (which stands for the effective default), are left out: findings of
    other kinds report them.
    """
    name, firsts = subject.name, (*old.equivalent_values[:1], *new.equivalent_values[:1], None)
    lost, gained = (
        [
            value
            for value in group
            if not is_among(value, (*other, *firsts)) and all(admits(side.type, value) for side in (old, new))
        ]
        for group, other in (
            (old.equivalent_values, new.equivalent_values),
            (new.equivalent_values, old.equivalent_values),
        )
    )
    if lost or gained:
        first = (new.equivalent_values or old.equivalent_values)[0]
        changes = [
            f"{verb} {_in_words(values)}" for verb, values in (("lost", lost), ("gained", gained)) if values
        ]
        meaning = f"The values of {name} that do the same as {first!r} {' and '.join(changes)}."
        level: Level | None = None if lost else "info"
        yield subject.finding(
            "alike-changed", (old.equivalent_values, new.equivalent_values), meaning, level=level
        )


def _in_words(values: list[PlainValue]) -> str:
    return " and ".join(map(repr, values))


def _deprecation(
    subject: Subject, old: Deprecation | None, new: Deprecation | None, before: Side
) -> Iterator[Finding]:
    name = subject.name
    if old is None and new is not None:
        meaning = f"{name}: {new}".rstrip(".") + "."
        yield subject.finding("deprecated", (None, str(new)), meaning)
    elif old is not None and new is None:
        meaning = f"{name} is no longer deprecated."
        yield subject.finding("undeprecated", (str(old), None), meaning)
    elif old is not None and new is not None and old != new:
        meaning = f"{name}: {new}".rstrip(".") + f"; before: {old}".rstrip(".") + "."
        dates = (old.removal, new.removal) if old.removal != new.removal else (str(old), str(new))
        yield subject.finding("deprecation-changed", dates, meaning)
    passed = _is_past_removal(new, subject.side)
    if new is not None and passed and not _is_past_removal(old, before):
        version = subject.side.schema.version
        meaning = f"{name} was announced for removal in {new.removal}; {version} still has it."
        yield subject.finding("removal-passed", (new.removal, version), meaning)


def _is_past_removal(deprecation: Deprecation | None, side: Side) -> bool:
    if deprecation is None or deprecation.removal is None:
        return False
    try:
        return Version(side.schema.version) >= Version(deprecation.removal)
    except InvalidVersion:
        return False


def _bookkeeping(subject: Subject) -> Iterator[Finding]:
    """A difference that no other finding reports, so that none is left out."""
    old, new = subject.old, subject.new
    names = [field.name for field in fields(new)]
    differing = [name for name in names if getattr(old, name) != getattr(new, name)]
    if differing:
        words = ", ".join(name.replace("_", " ") for name in differing)
        meaning = f"Only bookkeeping of {subject.name} differs: {words}."
        yield subject.finding("bookkeeping-changed", (None, None), meaning)
