"""Migrates Python scripts: rewrites where they make or read an engine's configuration, with libcst.

These are calls of the configuration class and the nested classes, under whatever name they were imported;
``model_copy(update=...)`` and ``model_validate(...)``; dictionary literals in such calls; and names in the
same file that such a dictionary or configuration is assigned to. Values that are computed are left alone.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from codegen.migrate.layout import argument, before_the_bracket, element, joined
from codegen.migrate.names import Names, dotted, method
from codegen.migrate.plan import COMPUTED, Decision, Plan
from codegen.migrate.result import Result
from codegen.migrate.settings import (
    Setting,
    comment_after,
    expression,
    key_of,
    may_have_extra,
    name_of,
    renamed,
    value_of,
)


def migrate(path: Path, text: str, plan: Plan) -> Result:
    """Migrate one script. If it cannot be parsed, that is reported and the file stays."""
    if plan.engine.config_class not in text and plan.engine.section not in text:
        return Result(path, text, text)
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError, UnicodeError) as error:
        reason = str(error).split("\n", 1)[0] or type(error).__name__
        return Result(path, text, text, open=(f"1: it cannot be parsed and is left alone ({reason})",))
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    names = Names(plan)
    module.visit(names)
    migrator = _Migrator(plan, names)
    after = wrapper.visit(migrator).code
    return Result(path, text, after, tuple(migrator.notes), tuple(migrator.open))


class _Migrator(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, plan: Plan, names: Names) -> None:
        super().__init__()
        self.plan = plan
        self.names = names
        self.notes: list[str] = []
        self.open: list[str] = []
        self.comments: list[list[str]] = [[]]  # new comments of each statement that is being visited

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self.comments.append([])

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        comments = dict.fromkeys(self.comments.pop())
        lines = [cst.EmptyLine(comment=cst.Comment(f"# {words}")) for words in comments]
        return updated_node.with_changes(leading_lines=[*updated_node.leading_lines, *lines])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        owner, line = self.names.owner(original_node), self._line(original_node)
        if owner is not None and not self.names.validates(original_node):
            return self._constructed(line, updated_node, owner)
        if owner is not None and len(updated_node.args) == 1:
            return self._with_dictionary(updated_node, 0, owner, pins=not owner, line=line)
        if method(original_node) == "model_copy" and self._copies_config(original_node):
            for index, argument in enumerate(updated_node.args):
                if argument.keyword is not None and argument.keyword.value == "update":
                    return self._with_dictionary(updated_node, index, "", pins=False, line=line)
        return updated_node

    def _copies_config(self, call: cst.Call) -> bool:
        """Whether ``x.model_copy(update={...})`` copies a configuration; other models have other keys."""
        return self.names.is_config(cast("cst.Attribute", call.func).value)

    def _with_dictionary(self, call: cst.Call, index: int, owner: str, *, pins: bool, line: int) -> cst.Call:
        """A call with the dictionary literal that is one of its arguments migrated."""
        argument = call.args[index]
        if not isinstance(argument.value, cst.Dict):
            return call
        value = self._dictionary(argument.value, owner, pins=pins, line=line)
        return call.with_changes(
            args=[*call.args[:index], argument.with_changes(value=value), *call.args[index + 1 :]]
        )

    def _constructed(self, line: int, call: cst.Call, owner: str) -> cst.Call:
        """A call of a configuration class, with its settings migrated."""
        starred = [argument for argument in call.args if argument.star]
        settings = [argument for argument in call.args if not argument.star and argument.keyword is not None]
        if len(settings) + len(starred) != len(call.args):
            return call  # positional arguments: another class of the same name
        # A call with two sources of `extra` fails when it runs. So if a ** may bring one, nothing moves to
        # `extra` by itself.
        movable = not any(may_have_extra(argument.value) for argument in starred)
        moved: list[tuple[str, cst.BaseExpression]] = []
        migrated: list[cst.Arg] = []
        for old in starred:
            new = old
            if old.star == "**" and isinstance(old.value, cst.Dict):
                carried = moved if movable else None
                value = self._dictionary(old.value, owner, pins=False, line=line, carried=carried)
                new = old.with_changes(value=value)
            migrated.append(new)
        place = {id(argument): number for number, argument in enumerate(call.args)}
        own, kept = self._settings(settings, owner, line, movable=movable)
        moved += own
        added = self._added(kept, moved, owner, pins=not starred)
        both = sorted([*kept, *zip(starred, migrated, strict=True)], key=lambda pair: place[id(pair[0])])
        result = [cast("cst.Arg", new) for _, new in both]
        result = joined(
            list(call.args),
            result,
            [argument(name, value) for name, value in added],
            call.whitespace_before_args,
        )
        result = before_the_bracket(call.args, result)
        unchanged = len(result) == len(call.args) and all(map(_is_same, result, call.args))
        if unchanged:
            return call
        changed = call.with_changes(args=result)
        return changed if result else changed.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        names = [dotted(target.target) for target in original_node.targets]
        owner = next((self.names.settings[name] for name in names if name in self.names.settings), None)
        if owner is None or not isinstance(updated_node.value, cst.Dict):
            return updated_node
        value = self._dictionary(updated_node.value, owner, pins=False, line=self._line(original_node))
        return updated_node.with_changes(value=value)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        if not self.names.is_config(original_node.value):
            return updated_node
        decision = self.plan.decide("", original_node.attr.value, COMPUTED)
        if decision.action == "rename":
            self._note(decision, self._line(original_node))
            return updated_node.with_changes(attr=cst.Name(decision.name))
        if decision.action == "extra":
            name = original_node.attr.value
            note = f"{self._line(original_node)}: {name} is read here and no longer exists; its value is in extra"
            self.open.append(note)
        return updated_node

    def _dictionary(
        self,
        node: cst.Dict,
        owner: str,
        *,
        pins: bool,
        line: int,
        carried: list[tuple[str, cst.BaseExpression]] | None = None,
    ) -> cst.Dict:
        """A dictionary of settings, migrated.

        Args:
            node: the dictionary.
            owner: the parameter whose arguments it has, empty for the parameters themselves.
            pins: whether pinned defaults are added.
            line: the line to report.
            carried: where to put the settings that have to go to ``extra``, if that is not this dictionary's.
        """
        elements = list(node.elements)
        settings = [
            entry for entry in elements if isinstance(entry, cst.DictElement) and key_of(entry) is not None
        ]
        place = {id(entry): number for number, entry in enumerate(elements)}
        moved, kept = self._settings(settings, owner, line)
        if carried is not None:
            carried += moved
            moved = []
        others = [(entry, entry) for entry in elements if id(entry) not in set(map(id, settings))]
        added = self._added(kept, moved, owner, pins=pins)
        both = sorted([*kept, *others], key=lambda pair: place[id(pair[0])])
        result = joined(
            elements,
            [new for _, new in both],
            [element(name, value) for name, value in added],
            node.lbrace.whitespace_after,
        )
        if len(result) == len(elements) and all(map(_is_same, result, elements)):
            return node
        return node.with_changes(elements=result)

    def _settings(
        self, settings: Sequence[Setting], owner: str, line: int, *, movable: bool = True
    ) -> tuple[list[tuple[str, cst.BaseExpression]], list[tuple[Setting, Setting]]]:
        """The settings that move to ``extra`` (name and value), and those that stay (old and new form).

        If they are not ``movable``, a setting that would move is reported and stays.
        """
        moved: list[tuple[str, cst.BaseExpression]] = []
        kept: list[tuple[Setting, Setting]] = []
        for setting in settings:
            name = name_of(setting)
            new = self._with_nested(setting, owner, name, line)
            decision = self.plan.decide(owner, name, value_of(new.value))
            if decision.action == "extra" and not movable:
                outcome = "settings come from ** here, too, so put it into extra by hand"
                decision = Decision("report", decision.fact, outcome)
            if decision.action not in ("keep", "report"):
                self._note(decision, line)
            if decision.action in ("drop", "extra") and (comment := comment_after(setting)):
                self._comment(comment)
            match decision.action:
                case "report":
                    self.open.append(f"{line}: {decision.note}")
                case "rename":
                    new = renamed(new, decision.name)
                case "replace":
                    new = new.with_changes(value=expression(decision.value, new.value))
            if decision.action == "extra":
                moved.append((name, new.value))
            elif decision.action != "drop":
                kept.append((setting, new))
        return moved, kept

    def _with_nested(self, setting: Setting, owner: str, name: str, line: int) -> Setting:
        """A setting whose value is migrated, too, if it is a nested class in the form of a dictionary."""
        if owner or not self.plan.takes_nested(name) or not isinstance(setting.value, cst.Dict):
            return setting
        value = self._dictionary(setting.value, name, pins=True, line=line)
        return setting if value is setting.value else setting.with_changes(value=value)

    def _added(
        self,
        kept: list[tuple[Setting, Setting]],
        moved: list[tuple[str, cst.BaseExpression]],
        owner: str,
        *,
        pins: bool,
    ) -> list[tuple[str, cst.BaseExpression]]:
        """New settings: pinned defaults, and ``extra``; one that is in ``kept`` gets the moved settings."""
        added: list[tuple[str, cst.BaseExpression]] = []
        present = {name_of(new) for _, new in kept}
        if pins:
            for name, value in self.plan.missing_pins(owner, present).items():
                path = f"{owner}.{name}" if owner else name
                self._comment(f"{path} is pinned to its default in {self.plan.old.release}")
                added.append((name, cst.parse_expression(repr(value))))
        if not moved:
            return added
        for number, (old, new) in enumerate(kept):
            if name_of(new) == "extra" and isinstance(new.value, cst.Dict):
                together = joined(
                    list(new.value.elements),
                    list(new.value.elements),
                    [element(name, value) for name, value in moved],
                    new.value.lbrace.whitespace_after,
                )
                kept[number] = (old, new.with_changes(value=new.value.with_changes(elements=together)))
                return added
        return [*added, ("extra", cst.Dict([element(name, value) for name, value in moved]))]

    def _note(self, decision: Decision, line: int) -> None:
        self.notes.append(f"{line}: {decision.note}")
        if decision.action != "rename":
            self._comment(decision.note)

    def _comment(self, words: str) -> None:
        self.comments[-1].append(words)

    def _line(self, node: cst.CSTNode) -> int:
        position = self.get_metadata(PositionProvider, node, None)
        return position.start.line if position is not None else 1


def _is_same(one: object, other: object) -> bool:
    return one is other
