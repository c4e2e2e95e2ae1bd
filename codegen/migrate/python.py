"""Python scripts.

Calls, dictionary literals and attribute reads of an engine's configuration, rewritten with libcst.

It follows calls of its class, under whatever name it was imported, the nested classes,
``model_copy(update=...)``, ``model_validate(...)``, dictionary literals in them, and names that such a
dictionary or configuration is assigned to in the same file. Values that are computed are left alone.
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
    key_of,
    may_have_extra,
    name_of,
    remark_of,
    renamed,
    value_of,
    written,
)


def migrate(path: Path, text: str, plan: Plan) -> Result:
    """One script. A file that cannot be parsed is reported and left alone."""
    if plan.engine.config_class not in text and plan.engine.section not in text:
        return Result(path, text, text)
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError, UnicodeError) as error:
        what = str(error).split("\n", 1)[0] or type(error).__name__
        return Result(path, text, text, open=(f"1: it cannot be parsed and is left alone ({what})",))
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
        self.comments: list[list[str]] = [[]]  # of the statements that are being visited

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self.comments.append([])

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        comments = dict.fromkeys(self.comments.pop())
        lines = [cst.EmptyLine(comment=cst.Comment(f"# {each}")) for each in comments]
        return updated_node.with_changes(leading_lines=[*updated_node.leading_lines, *lines])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        owner, line = self.names.owner(original_node), self._line(original_node)
        if owner is not None and not self.names.validates(original_node):
            return self._constructed(line, updated_node, owner)
        if owner is not None and len(updated_node.args) == 1:
            return self._within(updated_node, 0, owner, pins=not owner, line=line)
        if method(original_node) == "model_copy" and self._copies(original_node):
            for index, argument in enumerate(updated_node.args):
                if argument.keyword is not None and argument.keyword.value == "update":
                    return self._within(updated_node, index, "", pins=False, line=line)
        return updated_node

    def _copies(self, call: cst.Call) -> bool:
        """Whether ``x.model_copy(update={...})`` is about a configuration; any other model has other keys."""
        return self.names.is_config(cast("cst.Attribute", call.func).value)

    def _within(self, call: cst.Call, index: int, owner: str, *, pins: bool, line: int) -> cst.Call:
        argument = call.args[index]
        if not isinstance(argument.value, cst.Dict):
            return call
        value = self._dictionary(argument.value, owner, pins=pins, line=line)
        return call.with_changes(
            args=[*call.args[:index], argument.with_changes(value=value), *call.args[index + 1 :]]
        )

    def _constructed(self, line: int, call: cst.Call, owner: str) -> cst.Call:
        starred = [each for each in call.args if each.star]
        settings = [each for each in call.args if not each.star and each.keyword is not None]
        if len(settings) + len(starred) != len(call.args):
            return call  # positional arguments: it is not the class that its name says
        # Two sources of `extra` in one call are an error when it runs, so there is one, or a person has to
        # write it.
        movable = not any(may_have_extra(each.value) for each in starred)
        moved: list[tuple[str, cst.BaseExpression]] = []
        arguments: list[cst.Arg] = []
        for each in starred:
            if each.star == "**" and isinstance(each.value, cst.Dict):
                carried = moved if movable else None
                value = self._dictionary(each.value, owner, pins=False, line=line, carried=carried)
                each = each.with_changes(value=value)  # noqa: PLW2901
            arguments.append(each)
        place = {id(each): number for number, each in enumerate(call.args)}
        own, kept = self._settings(settings, owner, line, movable=movable)
        moved += own
        added = self._added(kept, moved, owner, pins=not starred)
        both = sorted([*kept, *zip(starred, arguments, strict=True)], key=lambda pair: place[id(pair[0])])
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
        """A dictionary of settings.

        What has to go to ``extra`` is added to ``carried`` if that is given.
        """
        elements = list(node.elements)
        settings = [
            each for each in elements if isinstance(each, cst.DictElement) and key_of(each) is not None
        ]
        place = {id(each): number for number, each in enumerate(elements)}
        moved, kept = self._settings(settings, owner, line)
        if carried is not None:
            carried += moved
            moved = []
        others = [(each, each) for each in elements if id(each) not in set(map(id, settings))]
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
        """What moves to extra, and what stays, each with what it was.

        Nothing moves unless it is ``movable``.
        """
        moved: list[tuple[str, cst.BaseExpression]] = []
        kept: list[tuple[Setting, Setting]] = []
        for each in settings:
            name = name_of(each)
            inside = self._inside(each, owner, name, line)
            decision = self.plan.decide(owner, name, value_of(inside.value))
            if decision.action == "extra" and not movable:
                outcome = "settings come from ** here, too, so put it into extra by hand"
                decision = Decision("report", decision.fact, outcome)
            if decision.action not in ("keep", "report"):
                self._note(decision, line)
            if decision.action in ("drop", "extra") and (remark := remark_of(each)):
                self._comment(remark)
            match decision.action:
                case "report":
                    self.open.append(f"{line}: {decision.note}")
                case "rename":
                    inside = renamed(inside, decision.name)
                case "replace":
                    inside = inside.with_changes(value=written(decision.value, inside.value))
            if decision.action == "extra":
                moved.append((name, inside.value))
            elif decision.action != "drop":
                kept.append((each, inside))
        return moved, kept

    def _inside(self, setting: Setting, owner: str, name: str, line: int) -> Setting:
        """The dictionary form of a nested class, migrated too."""
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
        """Settings that have to come in: pinned defaults, and extra."""
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
                    [element(*each) for each in moved],
                    new.value.lbrace.whitespace_after,
                )
                kept[number] = (old, new.with_changes(value=new.value.with_changes(elements=together)))
                return added
        return [*added, ("extra", cst.Dict([element(*each) for each in moved]))]

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
