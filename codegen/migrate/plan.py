"""The plan of a migration: what to do with each setting between two releases."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from codegen.diff.compare import compare
from codegen.diff.sides import Side
from codegen.migrate.successors import load
from codegen.model.schema import Field, Schema
from codegen.model.type_paths import leaves
from codegen.model.type_text import text
from codegen.model.types import Nested, admits
from codegen.model.values import PlainValue, same
from codegen.upstream.engine import Engine


class Computed:
    """Stands for a value that is not written in the script, but computed when it runs."""


COMPUTED = Computed()

Action = Literal["keep", "rename", "replace", "drop", "extra", "report"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with one setting.

    Args:
        action: ``keep`` it; ``rename`` it to ``name``; ``replace`` its value by ``value``; ``drop`` it; move
            it to ``extra``; or leave it and ``report`` it to the user.
        fact: what is different in the new release.
        outcome: what that means for the setting, if the fact does not say it.
        name: the new name, for ``rename``.
        value: the new value, for ``replace``.
    """

    action: Action
    fact: str = ""
    outcome: str = ""
    name: str = ""
    value: PlainValue = None

    @property
    def note(self) -> str:
        """The reason, for a comment in the file and for the report."""
        return f"{self.fact}; {self.outcome}" if self.outcome else self.fact


KEEP = Decision("keep")


@dataclass(frozen=True, slots=True)
class Plan:
    """All decisions between two releases.

    Args:
        engine: the engine that the files configure.
        old: the schema of the release that the files were written for.
        new: the schema of the release that they are migrated to.
        names: the successor of each parameter or ``parameter.argument``, by its old path.
        values: the successor of each value, by path and old value.
        pins: old defaults to set where a file sets nothing, by path; empty unless the user asked for pins.
    """

    engine: Engine
    old: Schema
    new: Schema
    names: Mapping[str, str]
    values: Mapping[tuple[str, str | int], PlainValue]
    pins: Mapping[str, PlainValue]

    def decide(self, owner: str, name: str, value: "PlainValue | Computed") -> Decision:
        """What to do with a setting.

        Args:
            owner: the parameter whose nested class has the argument, empty for a parameter itself.
            name: the name of the parameter or the argument.
            value: its value with tuples for lists, or :data:`COMPUTED`.
        """
        path = f"{owner}.{name}" if owner else name
        before, after = self.old.field(path), self.new.field(path)
        successor = self.names.get(path)
        if successor is not None and before is not None:
            return Decision("rename", f"{path} is called {successor} now", name=successor.rpartition(".")[2])
        if after is not None:
            return self._with_value(path, after, value)
        if before is None:
            return KEEP
        return self._removed(path, before, value, nested=bool(owner))

    def _with_value(self, path: str, after: Field, value: "PlainValue | Computed") -> Decision:
        if isinstance(value, Computed):
            return KEEP
        if isinstance(value, str | int) and (path, value) in self.values:
            new = self.values[path, value]
            return Decision("replace", f"{path} = {value!r} is {new!r} now", value=new)
        if _accepts(after, value):
            return KEEP
        accepted = text(after.type, takes_none=after.takes_none)
        release = self.new.release
        return Decision("report", f"{path} = {value!r} is refused in {release}, which takes {accepted}")

    def _removed(self, path: str, before: Field, value: "PlainValue | Computed", *, nested: bool) -> Decision:
        release = self.new.release
        if (
            not isinstance(value, Computed)
            and not before.required
            and _is_same_as_unset(value, before.effective_default)
        ):
            return Decision("drop", f"{path} does not exist in {release}", "it was set to its default")
        if nested:
            return Decision("report", f"{path} does not exist in {release}", "decide what to do without it")
        return Decision("extra", f"{path} does not exist in {release}", "extra passes it on unchanged")

    def takes_nested(self, parameter: str) -> bool:
        """Whether a parameter takes a nested class in either release."""
        return any(model.parameter == parameter for model in (*self.old.nested, *self.new.nested))

    def owner(self, cls: str) -> str | None:
        """The parameter that takes a nested class of that name."""
        models = (*self.new.nested, *self.old.nested)
        return next((model.parameter for model in models if model.name == cls), None)

    def missing_pins(self, owner: str, present: set[str]) -> dict[str, PlainValue]:
        """The pins of a parameter's arguments, or of the parameters themselves, that are not set."""
        prefix = f"{owner}." if owner else ""
        pins = {
            path.removeprefix(prefix): value for path, value in self.pins.items() if path.startswith(prefix)
        }
        return {name: value for name, value in pins.items() if "." not in name and name not in present}


def _accepts(field: Field, value: PlainValue) -> bool:
    if value is None:
        return field.takes_none
    if isinstance(value, dict) and any(isinstance(leaf, Nested) for _, leaf in leaves(field.type)):
        return True  # its entries are decided one by one
    return admits(field.type, value)


def _is_same_as_unset(value: PlainValue, default: PlainValue) -> bool:
    return same(value, default) or (value in (None, False) and default in (None, False))


def make(old: Side, new: Side, root: Path, *, pin_defaults: bool) -> Plan:
    """The plan between two releases.

    Args:
        old: the release that the files were written for.
        new: the release that they are migrated to.
        root: the root of the checkout, where ``successors.toml`` is.
        pin_defaults: whether defaults that changed are set to their old value.

    Raises:
        SuccessorsError: ``successors.toml`` has mistakes.
    """
    successors = load(new.engine, root)
    releases = old.schema.version, new.schema.version
    names = {
        name.old: name.new
        for name in successors.names
        if name.is_between(*releases) and new.schema.field(name.new) is not None
    }
    values = {
        (value.parameter, value.old): value.new for value in successors.values if value.is_between(*releases)
    }
    pins: dict[str, PlainValue] = {}
    if pin_defaults:
        pins = {
            finding.parameter: finding.old
            for finding in compare(old, new)
            if finding.id in ("default-changed", "default-unstated") and finding.parameter not in names
        }
    return Plan(new.engine, old.schema, new.schema, names, values, pins)
