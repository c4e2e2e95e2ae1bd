"""The hand-written overrides as they were at a release, and what another release adds to them.

An entry that is about none of the known releases is not there yet, and a limit that excludes none of them is
not known yet. The keys of statements that only later releases have, and the names of parameters that only
later ones have, are taken out of the entries that remain. :mod:`benchmarks.upgrade_replay` replays upgrades
from such a state, and counts what an upgrade adds to it as edits by hand.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from packaging.specifiers import SpecifierSet

from codegen.model import condition_text
from codegen.model.conditions import ALWAYS, NEVER, partial_eval

Table = dict[str, Any]
"""A table of the file, as ``tomllib`` reads it."""

_ITEMS = ("claims", "contexts", "equivalent_values")
"""Lists of an argument whose items are entries of their own."""


# --- as it was


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was known by a release.

    Args:
        releases: the known ones.
        later_keys: keys of statements that only later releases have.
    """

    releases: tuple[str, ...]
    later_keys: frozenset[str]

    def overrides(self, whole: Table) -> Table:
        """The overrides as they were."""
        lacking = {name: None for name, entry in whole["params"].items() if self._is_later(entry)}
        found = self._table(whole)
        found["rules"] = [self._rule(rule, lacking) for rule in found["rules"] if not self._is_early(rule)]
        found["conditions"] = dict(_conditions(found["conditions"], lacking))
        found["unrestated"] = {
            key: why for key, why in found["unrestated"].items() if key not in self.later_keys
        }
        found["nested"] = {model: fields for model, fields in found["nested"].items() if fields}
        return found

    def _is_later(self, entry: object) -> bool:
        """Whether an entry is about later releases only."""
        versions = entry.get("versions") if isinstance(entry, dict) else None
        return isinstance(versions, str) and not any(map(SpecifierSet(versions).contains, self.releases))

    def _is_early(self, rule: Table) -> bool:
        """Whether a rule names only statements that are not known yet."""
        return "extracted" in rule and not self._known(rule["extracted"])

    def _known(self, keys: str | list[str]) -> list[str]:
        listed = [keys] if isinstance(keys, str) else keys
        return [key for key in listed if key not in self.later_keys]

    def _table(self, table: Table) -> Table:
        made = {name: self._value(value) for name, value in table.items() if not self._is_later(value)}
        if isinstance(versions := table.get("versions"), str):
            made["versions"] = ",".join(each for each in versions.split(",") if self._excludes(each))
            if not made["versions"]:
                del made["versions"]
        return made

    def _value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self._table(value)
        if isinstance(value, list):
            return [self._value(each) for each in value if not self._is_later(each)]
        return value

    def _excludes(self, limit: str) -> bool:
        return not all(map(SpecifierSet(limit).contains, self.releases))

    def _rule(self, rule: Table, lacking: Mapping[str, None]) -> Table:
        """A rule without the keys and names that only later releases have."""
        made = dict(rule)
        for name in ("extracted", "restates"):
            if name in rule:
                made[name] = self._known(rule[name])
        for name in ("fields", "wrong"):
            if name in rule:
                made[name] = [each for each in rule[name] if each not in lacking]
        stated: dict[str, str] = {name: rule[name] for name in ("when", "need") if name in rule}
        return made | dict(_conditions(stated, lacking))


def _conditions(stated: Mapping[str, str], lacking: Mapping[str, None]) -> Iterator[tuple[str, str]]:
    """Conditions without what is asked of later parameters; one that asks nothing else is left out."""
    for name, written in stated.items():
        whole = condition_text.parse(written)
        known = partial_eval(whole, lacking)
        if known == whole:
            yield name, written
        elif known not in (ALWAYS, NEVER):
            yield name, condition_text.text(known)


# --- what is added


@dataclass(frozen=True, slots=True, order=True)
class HandEdit:
    """One entry that a person wrote, limited to some releases, or worded otherwise.

    Args:
        kind: of the entry.
        name: of what it is about.
        how: what was done with it.
    """

    kind: str
    name: str
    how: Literal["new", "limited", "changed"]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What an entry states, and for which releases."""

    text: str
    versions: str | None


def hand_edits(old: Table, new: Table) -> tuple[HandEdit, ...]:
    """What a person did to come from one state of the overrides to another."""
    before, after = _by_name(old), _by_name(new)
    found = []
    for (kind, name), entries in after.items():
        known = before.get((kind, name), [])
        gone = [each for each in known if each not in entries]
        for entry in entries:
            if entry in known:
                continue
            limited = next((each for each in gone if each.text == entry.text), None)
            replaced = limited or next((each for each in gone if each.versions == entry.versions), None)
            if replaced is not None:
                gone.remove(replaced)
            how: Literal["new", "limited", "changed"] = (
                "limited" if limited else "changed" if replaced else "new"
            )
            found.append(HandEdit(kind, name, how))
    return tuple(sorted(found))


def _by_name(overrides: Table) -> Mapping[tuple[str, str], list[_Entry]]:
    found: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
    for kind, name, value in _entries(overrides):
        entry = value if isinstance(value, dict) else {"is": value}
        stated = {key: each for key, each in entry.items() if key not in ("versions", *_ITEMS)}
        found[kind, name].append(_Entry(json.dumps(stated, sort_keys=True), entry.get("versions")))
    return found


def _entries(overrides: Table) -> Iterator[tuple[str, str, Any]]:
    """Every entry with its kind and its name."""
    arguments = {
        f"{model}.{name}": entry
        for model, fields in overrides["nested"].items()
        for name, entry in fields.items()
    }
    for name, entry in (overrides["params"] | arguments).items():
        yield "parameter", name, entry
        for items in _ITEMS:
            for item in entry.get(items, []):
                yield items.removesuffix("s").replace("_", " "), name, item
    for rule in overrides["rules"]:
        yield "rule", rule["id"], rule
    for change in overrides.get("behaviour_changes", []):
        yield "behaviour change", ", ".join(change["fields"]), change
    for table, kind in (("conditions", "condition"), ("unrestated", "reason that no rule is needed")):
        for name, text in overrides[table].items():
            yield kind, name, text
