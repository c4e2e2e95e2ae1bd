"""``overrides.toml``: what people add to what extraction finds. Read strictly; every mistake is reported at once.

The file has, for each parameter, its energy role, description, examples, and *claims*: facts that the source does not state in a
way that can be read, or that this project refuses on purpose (tightenings). A claim has a reason and, unless it is a tightening,
names the upstream symbols that it rests on. ``[[rules]]`` are about several parameters, or a parameter and its surroundings: they
name and word what extraction found (``extracted``), or state what it cannot read (``when``). ``[conditions]`` names what several of them ask. ``[evidence]`` keeps the digests of all
those symbols in the releases for which somebody read them. Whether claims and rules fit a release is the business of
:mod:`codegen.review.merge`.
"""

import keyword
import math
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from codegen.errors import OverridesError
from codegen.model.conditions import Condition, UnreadableConditionError
from codegen.model.conditions import parse as parse_condition
from codegen.model.origins import Symbol, UnreadableSymbolError
from codegen.model.schema import ROLES, Effect, Tightening
from codegen.model.types import Bound, NoData, Op, Type, UnreadableTypeError, Value, parse, steps
from codegen.upstream.engine import Engine

LONGEST_DESCRIPTION = 160

ClaimKind = Literal[
    "bound",
    "min_length",
    "type",
    "choices",
    "default",
    "shown_default",
    "takes_none",
    "unbounded",
    "deprecated",
]
CLAIM_KINDS: tuple[ClaimKind, ...] = (
    "bound",
    "min_length",
    "type",
    "choices",
    "default",
    "shown_default",
    "takes_none",
    "unbounded",
    "deprecated",
)
_CLAIM_KEYS = frozenset({*CLAIM_KINDS, "at", "tightening", "reason", "evidence", "versions"})
_FIELD_KEYS = frozenset({"versions", "description", "disabled_value", "examples", "contexts", "claims"})
_PARAM_KEYS = _FIELD_KEYS | {"role", "role_reason", "context", "equivalent_values"}
_EFFECTS: tuple[Effect, ...] = ("reject", "dormant", "require")
_EXTRACTED_KEYS = frozenset(
    {"id", "extracted", "message", "fields", "wrong", "when", "reason", "evidence", "versions"}
)
_WRITTEN_KEYS = frozenset(
    {"id", "effect", "when", "need", "fields", "message", "tightening", "reason", "evidence", "versions"}
)


def _about(versions: SpecifierSet, version: str) -> bool:
    """Whether a range takes in a release; a pre-release counts like any other."""
    return versions.contains(Version(version), prereleases=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One fact that a person states.

    Args:
        place: where it stands in the file, for messages.
        kind: what is claimed.
        value: of the kind's own type: a :class:`codegen.model.types.Bound`, a minimum length, a type, choices, a default, a flag, a text.
        at: the path into the type that it is about.
        tightening: whether upstream would take what this refuses.
        reason: why it holds, or why it is wanted.
        evidence: the upstream symbols that it rests on.
        versions: the releases that it holds for.
    """

    place: str
    kind: ClaimKind
    value: "Bound | Type | Value"
    at: tuple[str, ...]
    tightening: bool
    reason: str
    evidence: tuple[Symbol, ...]
    versions: SpecifierSet

    def applies(self, version: str) -> bool:
        """Whether it is about that release."""
        return _about(self.versions, version)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOverrides:
    """What people say about a rule that was found, or a rule of their own.

    Args:
        place: where it stands in the file, for messages.
        id: of the rule.
        extracted: the keys of the found rule that it names, see :class:`codegen.model.facts.FoundRule`; empty for one of their own.
        effect: of their own rule.
        when: the condition of their own rule; of a found rule, the condition that really decides, where upstream reads otherwise.
        need: what their own rule requires.
        fields: the parameters that a message names; of a found rule, empty for all that it asks.
        wrong: of a found dormant rule, the fields that are not ignored, whatever upstream says.
        message: in a clause, without values: why, and the mend.
        tightening: why it is refused although some model would run it.
        reason: why ``wrong`` or ``when`` holds of a found rule.
        evidence: the upstream symbols that it rests on.
        versions: the releases that it is about.
    """

    place: str
    id: str
    extracted: tuple[str, ...] = ()
    effect: Effect = "reject"
    when: Condition | None = None
    need: Condition | None = None
    fields: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    message: str
    tightening: str | None = None
    reason: str = ""
    evidence: tuple[Symbol, ...] = ()
    versions: SpecifierSet

    def applies(self, version: str) -> bool:
        """Whether it is about that release."""
        return _about(self.versions, version)


@dataclass(frozen=True, slots=True)
class Context:
    """Other settings under which an argument's values take effect, in the releases that it holds for."""

    set: dict[str, Value]
    versions: SpecifierSet


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A value that ``generate()`` treats like the one that switches the parameter off, in the releases that it holds for."""

    value: Value
    versions: SpecifierSet


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOverrides:
    """What people say about one argument of ``generate()`` or of a nested class."""

    place: str
    versions: SpecifierSet
    description: str = ""
    disabled_value: Value = None
    examples: tuple[Value, ...] = ()
    contexts: tuple[Context, ...] = ()
    claims: tuple[Claim, ...] = ()

    def context_in(self, version: str) -> tuple[dict[str, Value], ...]:
        """The other settings under which its values take effect in a release, each of them by itself."""
        return tuple(each.set for each in self.contexts if _about(each.versions, version))

    def applies(self, version: str) -> bool:
        """Whether the entry is about that release."""
        return _about(self.versions, version)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamOverrides(FieldOverrides):
    """What people say about one parameter."""

    role: str | None = None
    role_reason: str = ""
    equivalents: tuple[Equivalent, ...] = ()

    def equivalents_in(self, version: str) -> tuple[Value, ...]:
        """Further values that ``generate()`` treats in a release like the one that switches it off, or like None."""
        return tuple(each.value for each in self.equivalents if _about(each.versions, version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The whole file."""

    params: Mapping[str, ParamOverrides]
    nested: Mapping[str, Mapping[str, FieldOverrides]]
    sections: tuple[tuple[str, str], ...]
    rules: tuple[RuleOverrides, ...]
    conditions: Mapping[str, Condition]
    class_tightenings: tuple[Tightening, ...]
    evidence: Mapping[Symbol, Mapping[str, str]]

    def claims(self, version: str | None = None) -> Iterator[tuple[str, Claim]]:
        """Every claim (about that release, if one is given), with the name of its parameter or ``Class.argument``."""
        entries: dict[str, FieldOverrides] = {**self.params}
        for model, fields in self.nested.items():
            entries |= {f"{model}.{name}": entry for name, entry in fields.items()}
        for name, entry in entries.items():
            if version is None or entry.applies(version):
                for claim in entry.claims:
                    if version is None or claim.applies(version):
                        yield name, claim

    def evidence_of(self, version: str) -> Iterator[tuple[Symbol, str]]:
        """Every upstream symbol that something said about that release rests on, with the name of what rests on it."""
        for name, claim in self.claims(version):
            for symbol in claim.evidence:
                yield symbol, name
        for rule in self.rules:
            if rule.applies(version):
                for symbol in rule.evidence:
                    yield symbol, f"rule {rule.id}"


def load(engine: Engine, root: Path) -> Overrides:
    """Read and check the file of an engine, in the checkout at ``root``.

    Raises:
        OverridesError: it is missing, or has mistakes; all of them are listed.
    """
    label = str(engine.overrides)
    try:
        raw = tomllib.loads((root / engine.overrides).read_text(encoding="utf-8"))
    except OSError as error:
        raise OverridesError(label, [f"it cannot be read ({error.strerror})"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OverridesError(label, [f"it is not TOML: {error}"]) from error
    reader = _Reader(engine.supported)
    overrides = reader.file(raw)
    if reader.findings:
        raise OverridesError(label, reader.findings)
    return overrides


class _Reader:
    """Turns tables into dataclasses and keeps a list of everything that is wrong."""

    def __init__(self, supported: tuple[str, ...]) -> None:
        self.supported = supported
        self.findings: list[str] = []
        self.rested_on: set[Symbol] = set()

    def file(self, raw: dict[str, object]) -> Overrides:
        self._known(
            raw,
            frozenset(
                {"params", "nested", "sections", "rules", "conditions", "class_tightenings", "evidence"}
            ),
            "the file",
        )
        params = {name: self._param(name, table) for name, table in self._tables(raw, "params")}
        nested = {
            model: {
                name: self._field(f"nested.{model}.{name}", self._table(each, f"nested.{model}.{name}"))
                for name, each in fields.items()
            }
            for model, fields in self._tables(raw, "nested")
        }
        self.findings += [
            f"nested.{model}: it has no argument" for model, fields in nested.items() if not fields
        ]
        sections = tuple(
            (key, self._text(title, f"sections.{key!r}"))
            for key, title in self._table(raw.get("sections", {}), "sections").items()
        )
        rules = tuple(self._rules(raw.get("rules", [])))
        conditions = dict(self._conditions(self._table(raw.get("conditions", {}), "conditions")))
        evidence = dict(self._evidence(raw))
        return Overrides(
            params=params,
            nested=nested,
            sections=sections,
            rules=rules,
            conditions=conditions,
            class_tightenings=tuple(self._class_tightenings(raw.get("class_tightenings", []))),
            evidence=evidence,
        )

    def _evidence(self, raw: dict[str, object]) -> Iterator[tuple[Symbol, dict[str, str]]]:
        for text, table in self._tables(raw, "evidence"):
            place = f"evidence.{text!r}"
            digests = {version: self._text(digest, place) for version, digest in table.items()}
            symbol = self._symbol(text, place)
            if symbol is not None:
                if symbol not in self.rested_on:
                    self.findings.append(f"{place}: nothing rests on it")
                yield symbol, digests

    def _class_tightenings(self, raw: object) -> Iterator[Tightening]:
        for index, table in enumerate(self._list(raw, "class_tightenings")):
            place = f"class_tightenings[{index}]"
            entry = self._table(table, place)
            self._known(entry, frozenset({"id", "what", "reason"}), place)
            yield Tightening(self._need(entry, "what", place), self._need(entry, "reason", place))

    def _rules(self, raw: object) -> Iterator[RuleOverrides]:
        for index, each in enumerate(self._list(raw, "rules")):
            table = self._table(each, f"rules[{index}]")
            place = f"rules.{table.get('id') or index}"
            extracted = table.get("extracted")
            self._known(table, _EXTRACTED_KEYS if extracted is not None else _WRITTEN_KEYS, place)
            keys = extracted if isinstance(extracted, list) else [] if extracted is None else [extracted]
            stated = table.get("effect", "reject")
            effect: Effect | None = next((known for known in _EFFECTS if known == stated), None)
            if effect is None:
                self.findings.append(
                    f"{place}.effect: {stated!r} is none; choose one of {', '.join(_EFFECTS)}"
                )
            tightening = table.get("tightening", False)
            if not isinstance(tightening, bool):
                self.findings.append(f"{place}.tightening: write true or false")
            rule = RuleOverrides(
                place=place,
                id=self._need(table, "id", place),
                extracted=tuple(self._text(key, f"{place}.extracted") for key in keys),
                effect=effect or "reject",
                when=self._condition(table, "when", place),
                need=self._condition(table, "need", place),
                fields=self._texts(table, "fields", place),
                wrong=self._texts(table, "wrong", place),
                message=self._need(table, "message", place),
                tightening=self._need(table, "reason", place) if tightening else None,
                reason=self._text(table.get("reason", ""), f"{place}.reason"),
                evidence=self._symbols(table, place),
                versions=self._versions(table, place),
            )
            self._whole(rule)
            yield rule

    def _whole(self, rule: RuleOverrides) -> None:
        """What has to be there, and what must not, together."""
        if rule.extracted:
            if (rule.wrong or rule.when is not None) and not (rule.reason and rule.evidence):
                self.findings.append(
                    f"{rule.place}: it corrects what was found; say why, with reason and evidence"
                )
            return
        if rule.when is None or not rule.fields:
            self.findings.append(f"{rule.place}: write extracted, or when and fields")
        if (rule.effect == "require") is (rule.need is None):
            self.findings.append(
                f"{rule.place}: need belongs to a rule that requires something, and to no other"
            )
        if not rule.evidence and rule.tightening is None:
            self.findings.append(
                f"{rule.place}: it names no evidence; name the upstream symbols it rests on, or mark it tightening"
            )

    def _conditions(self, raw: dict[str, object]) -> Iterator[tuple[str, Condition]]:
        """What several rules share, by name."""
        for name in raw:
            if not re.fullmatch("[a-z][a-z0-9_]+", name) or keyword.iskeyword(name):
                self.findings.append(f"conditions.{name}: write a name of small letters and underscores")
            elif (condition := self._condition(raw, name, "conditions")) is not None:
                yield name, condition

    def _condition(self, raw: dict[str, object], key: str, place: str) -> Condition | None:
        if key not in raw:
            return None
        try:
            return parse_condition(self._text(raw[key], f"{place}.{key}"))
        except UnreadableConditionError as error:
            self.findings.append(f"{place}.{key}: {error}")
            return None

    def _texts(self, raw: dict[str, object], key: str, place: str) -> tuple[str, ...]:
        return tuple(
            self._text(each, f"{place}.{key}") for each in self._list(raw.get(key, []), f"{place}.{key}")
        )

    def _symbols(self, raw: dict[str, object], place: str) -> tuple[Symbol, ...]:
        """The evidence of a claim or a rule."""
        read = (self._symbol(each, f"{place}.evidence") for each in self._texts(raw, "evidence", place))
        evidence = tuple(symbol for symbol in read if symbol is not None)
        self.rested_on.update(evidence)
        return evidence

    def _symbol(self, text: str, place: str) -> Symbol | None:
        try:
            return Symbol.parse(text)
        except UnreadableSymbolError as error:
            self.findings.append(f"{place}: {error}")
            return None

    def _param(self, name: str, raw: dict[str, object]) -> ParamOverrides:
        place = f"params.{name}"
        self._known(raw, _PARAM_KEYS, place)
        own = {key: value for key, value in raw.items() if key in _FIELD_KEYS}
        if "context" in raw:  # one for all releases, written as it is
            own = {"contexts": [{"set": raw["context"]}], **own}
        plain = self._field(place, own)
        role = raw.get("role")
        if role is None:
            self.findings.append(f"{place}: it has no role; choose one of {', '.join(ROLES)}")
        elif role not in ROLES:
            self.findings.append(
                f"{place}.role: {role!r} is no energy role; choose one of {', '.join(ROLES)}"
            )
        return ParamOverrides(
            place=place,
            description=plain.description,
            disabled_value=plain.disabled_value,
            examples=plain.examples,
            contexts=plain.contexts,
            claims=plain.claims,
            versions=plain.versions,
            role=str(role) if role in ROLES else None,
            role_reason=self._need(raw, "role_reason", place),
            equivalents=tuple(
                self._equivalent(each, f"{place}.equivalent_values[{index}]")
                for index, each in enumerate(
                    self._list(raw.get("equivalent_values", []), f"{place}.equivalent_values")
                )
            ),
        )

    def _field(self, place: str, raw: dict[str, object]) -> FieldOverrides:
        self._known(raw, _FIELD_KEYS, place)
        description = self._need(raw, "description", place)
        if len(description) > LONGEST_DESCRIPTION:
            self.findings.append(
                f"{place}.description: {len(description)} characters; the most is {LONGEST_DESCRIPTION}"
            )
        contexts = self._list(raw.get("contexts", []), f"{place}.contexts")
        claims = self._list(raw.get("claims", []), f"{place}.claims")
        read = [self._claim(f"{place}.claims[{index}]", table) for index, table in enumerate(claims)]
        return FieldOverrides(
            place=place,
            versions=self._versions(raw, place),
            description=description,
            disabled_value=self._value(raw.get("disabled_value"), f"{place}.disabled_value"),
            examples=tuple(
                self._value(each, f"{place}.examples")
                for each in self._list(raw.get("examples", []), f"{place}.examples")
            ),
            contexts=tuple(self._context(each, f"{place}.contexts[{i}]") for i, each in enumerate(contexts)),
            claims=tuple(claim for claim in read if claim is not None),
        )

    def _context(self, raw: object, place: str) -> Context:
        """``{ set = { num_beams = 2 }, versions = ">=5" }``."""
        table = self._table(raw, place)
        self._known(table, frozenset({"set", "versions"}), place)
        settings = {
            key: self._value(value, f"{place}.set")
            for key, value in self._table(table.get("set", {}), f"{place}.set").items()
        }
        return Context(settings, self._versions(table, place))

    def _equivalent(self, raw: object, place: str) -> Equivalent:
        """A value, or ``{ value = "dynamic", versions = ">=5.1" }``."""
        table = raw if isinstance(raw, dict) else {"value": raw}
        self._known(table, frozenset({"value", "versions"}), place)
        if "value" not in table:
            self.findings.append(f"{place}: it has no value")
        return Equivalent(self._value(table.get("value"), place), self._versions(table, place))

    def _claim(self, place: str, table: object) -> Claim | None:
        raw = self._table(table, place)
        self._known(raw, _CLAIM_KEYS, place)
        evidence = self._symbols(raw, place)
        kinds = [kind for kind in CLAIM_KINDS if kind in raw]
        if len(kinds) != 1:
            self.findings.append(
                f"{place}: it states {', '.join(kinds) or 'nothing'}; state exactly one of {', '.join(CLAIM_KINDS)}"
            )
            return None
        reason = self._need(raw, "reason", place)
        tightening = raw.get("tightening", False)
        if not isinstance(tightening, bool):
            self.findings.append(f"{place}.tightening: write true or false")
        needs_none = tightening or kinds[0] in ("unbounded", "deprecated")
        if not needs_none and not evidence:
            self.findings.append(
                f"{place}: it names no evidence; name the upstream symbols it rests on, or mark it tightening"
            )
        try:
            at = steps(self._text(raw.get("at", ""), f"{place}.at"))
            value = _CLAIM_VALUES[kinds[0]](raw[kinds[0]])
        except (ValueError, TypeError) as error:
            self.findings.append(f"{place}: {error}")
            return None
        return Claim(
            place=place,
            kind=kinds[0],
            value=value,
            at=at,
            tightening=bool(tightening),
            reason=reason,
            evidence=evidence,
            versions=self._versions(raw, place),
        )

    def _versions(self, raw: dict[str, object], place: str) -> SpecifierSet:
        text = self._text(raw.get("versions", ""), f"{place}.versions")
        try:
            versions = SpecifierSet(text)
        except InvalidSpecifier:
            self.findings.append(f"{place}.versions: {text!r} is no version range such as '>=5,<5.12'")
            return SpecifierSet()
        if not any(versions.contains(release) for release in self.supported):
            self.findings.append(
                f"{place}.versions: {text!r} applies to no supported release ({', '.join(self.supported)})"
            )
        return versions

    def _need(self, raw: dict[str, object], key: str, place: str) -> str:
        text = self._text(raw.get(key, ""), f"{place}.{key}").strip()
        if not text:
            self.findings.append(f"{place}: it has no {key.replace('_', ' ')}")
        if "\n" in text:
            self.findings.append(f"{place}.{key}: write it in one line")
        return text

    def _known(self, raw: dict[str, object], keys: frozenset[str], place: str) -> None:
        for key in raw:
            if key not in keys:
                self.findings.append(f"{place}: {key!r} is not known; known are {', '.join(sorted(keys))}")

    def _tables(self, raw: dict[str, object], key: str) -> Iterator[tuple[str, dict[str, object]]]:
        for name, table in self._table(raw.get(key, {}), key).items():
            yield name, self._table(table, f"{key}.{name}")

    def _table(self, value: object, place: str) -> dict[str, object]:
        if isinstance(value, dict):
            return value
        self.findings.append(f"{place}: a table is expected here")
        return {}

    def _list(self, value: object, place: str) -> list[object]:
        if isinstance(value, list):
            return value
        self.findings.append(f"{place}: a list is expected here")
        return []

    def _value(self, value: object, place: str) -> Value:
        try:
            return _frozen(value)
        except ValueError as error:
            self.findings.append(f"{place}: {error}")
            return None

    def _text(self, value: object, place: str) -> str:
        if isinstance(value, str):
            return value
        self.findings.append(f"{place}: a text is expected here")
        return ""


def _bound(raw: object) -> Bound:
    match raw:
        case str() if len(parts := raw.split()) == 2 and parts[0] in (">", ">=", "<", "<="):
            op: Op = parts[0]  # type: ignore[assignment]  # one of the four
            number = float(parts[1])
            if math.isfinite(number):
                return Bound(op, int(parts[1]) if parts[1].lstrip("-").isdigit() else number)
    raise ValueError(f"{raw!r} is no bound; write for example '>= 0'")


def _type(raw: object) -> Type:
    if not isinstance(raw, str):
        raise ValueError("a type is written as a text, such as 'tuple[int, float]'")
    try:
        shape, _ = parse(raw)
    except UnreadableTypeError as error:
        raise ValueError(str(error)) from error
    return shape if shape is not None else NoData()


def _choices(raw: object) -> Value:
    if not isinstance(raw, list) or not raw:
        raise ValueError("choices are a list of at least one value")
    for each in raw:
        if not isinstance(each, str | int | bool):
            raise ValueError(f"{each!r} is no choice; write texts, whole numbers or flags")
    return tuple(raw)


def _min_length(raw: object) -> Value:
    if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
        raise ValueError(f"{raw!r} is no minimum length; write 1 or more")
    return raw


def _flag(raw: object) -> Value:
    if not isinstance(raw, bool):
        raise ValueError(f"write true or false, not {raw!r}")
    return raw


def _true(raw: object) -> Value:
    if raw is not True:
        raise ValueError("unbounded is true or left out")
    return True


def _note(raw: object) -> Value:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("write a sentence")
    return raw


def _frozen(raw: object) -> Value:
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list():
            return tuple(_frozen(each) for each in raw)
        case dict():
            return {str(key): _frozen(value) for key, value in raw.items()}
    raise ValueError(f"{raw!r} has no place here")


_CLAIM_VALUES: Mapping[ClaimKind, Callable[[object], "Bound | Type | Value"]] = {
    "bound": _bound,
    "min_length": _min_length,
    "type": _type,
    "choices": _choices,
    "default": _frozen,
    "shown_default": _frozen,
    "takes_none": _flag,
    "unbounded": _true,
    "deprecated": _note,
}
