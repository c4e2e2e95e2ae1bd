"""Python scripts: calls, dictionary literals and attribute reads of ``PyTorchConfig``, rewritten with libcst.

Followed are ``PyTorchConfig(...)`` under whatever name it was imported, the nested classes, ``model_copy(update=...)``,
``model_validate(...)``, dictionary literals in them, and names that such a dictionary or configuration is assigned to in the
same file. Values that are computed are left alone.
"""

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar, cast

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from codegen.migrate.plan import UNKNOWN, Decision, Plan, Unknown
from codegen.migrate.result import Result
from codegen.types import Value

CONFIG = "PyTorchConfig"
Setting = cst.Arg | cst.DictElement
Item = TypeVar("Item", bound="cst.Arg | cst.BaseDictElement")


def migrate(path: Path, text: str, plan: Plan) -> Result:
    """One script. A file that cannot be parsed is reported and left alone."""
    if CONFIG not in text and "pytorch" not in text:
        return Result(path, text, text)
    try:
        module = cst.parse_module(text)
    except (cst.ParserSyntaxError, RecursionError, UnicodeError) as error:
        what = str(error).split("\n", 1)[0] or type(error).__name__
        return Result(path, text, text, open=(f"1: it cannot be parsed and is left alone ({what})",))
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    names = _Names(plan)
    module.visit(names)
    migrator = _Migrator(plan, names)
    after = wrapper.visit(migrator).code
    return Result(path, text, after, tuple(migrator.notes), tuple(migrator.open))


def _dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` of names and attributes, empty for anything else."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            inner = _dotted(value)
            return f"{inner}.{name}" if inner else ""
    return ""


class _Names(cst.CSTVisitor):
    """What the names of a file stand for: classes, configurations, and dictionaries of settings."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.classes: dict[str, str] = {CONFIG: ""}  # by its name here, the parameter that takes it
        self.configs: set[str] = set()
        self.settings: dict[
            str, str
        ] = {}  # names of dictionaries, with the parameter whose arguments they are
        for model in (*plan.old.nested, *plan.new.nested):
            self.classes[model.name] = model.parameter

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        name = _dotted(node.name)
        if node.asname is not None and name in self.classes:
            self.classes[_dotted(node.asname.name)] = self.classes[name]

    def visit_Call(self, node: cst.Call) -> None:
        owner = self.owner(node)
        for argument in node.args:
            value = argument.value
            given = argument.keyword.value if argument.keyword else ""
            if (
                isinstance(value, cst.Name)
                and owner is not None
                and (argument.star == "**" or self.validates(node))
            ):
                self.settings[value.value] = owner
            if isinstance(value, cst.Name) and given == "update" and _method(node) == "model_copy":
                self.settings[value.value] = ""
            if isinstance(value, cst.Name) and owner == "" and given and self.plan.arguments(given):
                self.settings.setdefault(value.value, given)

    def visit_Assign(self, node: cst.Assign) -> None:
        if isinstance(node.value, cst.Call) and self.makes_config(node.value):
            self.configs.update(name for target in node.targets if (name := _dotted(target.target)))

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        if isinstance(node.value, cst.Call) and self.makes_config(node.value):
            self.configs.add(_dotted(node.target))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if self.classes.get(_dotted(node.annotation.annotation).rpartition(".")[2]) == "":
            self.configs.add(_dotted(node.target))

    def visit_Param(self, node: cst.Param) -> None:
        if node.annotation and self.classes.get(_dotted(node.annotation.annotation).rpartition(".")[2]) == "":
            self.configs.add(node.name.value)

    def owner(self, call: cst.Call) -> str | None:
        """The parameter whose class a call makes, empty for the configuration itself; None for any other call."""
        name = _dotted(call.func)
        if self.validates(call):
            name = name.rpartition(".")[0]
        return self.classes.get(name.rpartition(".")[2])

    def validates(self, call: cst.Call) -> bool:
        """Whether it is a call of a class method that takes all settings as one dictionary."""
        return _method(call) == "model_validate"

    def makes_config(self, call: cst.Call) -> bool:
        """Whether the result of a call is a configuration."""
        if self.owner(call) == "":
            return True
        return _method(call) == "model_copy" and self.is_config(cast("cst.Attribute", call.func).value)

    def is_config(self, node: cst.BaseExpression) -> bool:
        """Whether an expression stands for a configuration."""
        name = _dotted(node)
        if isinstance(node, cst.NamedExpr):
            return self.is_config(node.value)
        if isinstance(node, cst.Call):
            return self.makes_config(node)
        return bool(name) and (name in self.configs or name.endswith(".pytorch"))


def _method(call: cst.Call) -> str:
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


class _Migrator(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, plan: Plan, names: _Names) -> None:
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
        said = dict.fromkeys(self.comments.pop())
        lines = [cst.EmptyLine(comment=cst.Comment(f"# {each}")) for each in said]
        return updated_node.with_changes(leading_lines=[*updated_node.leading_lines, *lines])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        owner, line = self.names.owner(original_node), self._line(original_node)
        if owner is not None and not self.names.validates(original_node):
            return self._made(line, updated_node, owner)
        if owner is not None and len(updated_node.args) == 1:
            return self._within(updated_node, 0, owner, whole=not owner, line=line)
        if _method(original_node) == "model_copy" and self._copies(original_node):
            for index, argument in enumerate(updated_node.args):
                if argument.keyword is not None and argument.keyword.value == "update":
                    return self._within(updated_node, index, "", whole=False, line=line)
        return updated_node

    def _copies(self, call: cst.Call) -> bool:
        """Whether ``x.model_copy(update={...})`` is about a configuration; any other model has other keys."""
        return self.names.is_config(cast("cst.Attribute", call.func).value)

    def _within(self, call: cst.Call, index: int, owner: str, *, whole: bool, line: int) -> cst.Call:
        argument = call.args[index]
        if not isinstance(argument.value, cst.Dict):
            return call
        value = self._dictionary(argument.value, owner, whole=whole, line=line)
        return call.with_changes(
            args=[*call.args[:index], argument.with_changes(value=value), *call.args[index + 1 :]]
        )

    def _made(self, line: int, call: cst.Call, owner: str) -> cst.Call:
        starred = [each for each in call.args if each.star]
        settings = [each for each in call.args if not each.star and each.keyword is not None]
        if len(settings) + len(starred) != len(call.args):
            return call  # positional arguments: it is not the class that its name says
        # Two sources of `extra` in one call are an error when it runs, so there is one, or a person has to write it.
        movable = not any(_may_have_extra(each.value) for each in starred)
        moved: list[tuple[str, cst.BaseExpression]] = []
        arguments: list[cst.Arg] = []
        for each in starred:
            if each.star == "**" and isinstance(each.value, cst.Dict):
                carried = moved if movable else None
                value = self._dictionary(each.value, owner, whole=False, line=line, carried=carried)
                each = each.with_changes(value=value)  # noqa: PLW2901
            arguments.append(each)
        place = {id(each): number for number, each in enumerate(call.args)}
        own, kept = self._settings(settings, owner, line, movable=movable)
        moved += own
        added = self._added(kept, moved, owner, pins=not starred)
        both = sorted([*kept, *zip(starred, arguments, strict=True)], key=lambda pair: place[id(pair[0])])
        result = [cast("cst.Arg", new) for _, new in both]
        result = _joined(
            list(call.args),
            result,
            [_argument(name, value) for name, value in added],
            call.whitespace_before_args,
        )
        result = _before_the_bracket(call.args, result)
        unchanged = len(result) == len(call.args) and all(map(_is, result, call.args))
        if unchanged:
            return call
        changed = call.with_changes(args=result)
        return changed if result else changed.with_changes(whitespace_before_args=cst.SimpleWhitespace(""))

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.Assign:
        names = [_dotted(target.target) for target in original_node.targets]
        owner = next((self.names.settings[name] for name in names if name in self.names.settings), None)
        if owner is None or not isinstance(updated_node.value, cst.Dict):
            return updated_node
        value = self._dictionary(updated_node.value, owner, whole=False, line=self._line(original_node))
        return updated_node.with_changes(value=value)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        if not self.names.is_config(original_node.value):
            return updated_node
        decision = self.plan.decide("", original_node.attr.value, UNKNOWN)
        if decision.kind == "rename":
            self._say(decision, self._line(original_node))
            return updated_node.with_changes(attr=cst.Name(decision.name))
        if decision.kind == "extra":
            name = original_node.attr.value
            said = f"{self._line(original_node)}: {name} is read here and is gone; what was set is in extra"
            self.open.append(said)
        return updated_node

    def _dictionary(
        self,
        node: cst.Dict,
        owner: str,
        *,
        whole: bool,
        line: int,
        carried: list[tuple[str, cst.BaseExpression]] | None = None,
    ) -> cst.Dict:
        """A dictionary of settings; what has to go to ``extra`` is ``carried`` out of it where that is given."""
        elements = list(node.elements)
        settings = [each for each in elements if isinstance(each, cst.DictElement) and _key(each) is not None]
        place = {id(each): number for number, each in enumerate(elements)}
        moved, kept = self._settings(settings, owner, line)
        if carried is not None:
            carried += moved
            moved = []
        others = [(each, each) for each in elements if id(each) not in set(map(id, settings))]
        added = self._added(kept, moved, owner, pins=whole)
        both = sorted([*kept, *others], key=lambda pair: place[id(pair[0])])
        result = _joined(
            elements,
            [new for _, new in both],
            [_element(name, value) for name, value in added],
            node.lbrace.whitespace_after,
        )
        if len(result) == len(elements) and all(map(_is, result, elements)):
            return node
        return node.with_changes(elements=result)

    def _settings(
        self, settings: Sequence[Setting], owner: str, line: int, *, movable: bool = True
    ) -> tuple[list[tuple[str, cst.BaseExpression]], list[tuple[Setting, Setting]]]:
        """What moves to extra, and what stays, each with what it was; nothing moves unless it is ``movable``."""
        moved: list[tuple[str, cst.BaseExpression]] = []
        kept: list[tuple[Setting, Setting]] = []
        for each in settings:
            name = _name(each)
            inside = self._inside(each, owner, name, line)
            decision = self.plan.decide(owner, name, _value(inside.value))
            if decision.kind == "extra" and not movable:
                reads = decision.note.partition(";")[0]
                note = f"{reads}; settings come from ** here, too, so put it into extra by hand"
                decision = Decision("report", note)
            if decision.kind not in ("keep", "report"):
                self._say(decision, line)
            if decision.kind in ("drop", "extra") and (remark := _remark(each)):
                self._comment(remark)
            match decision.kind:
                case "report":
                    self.open.append(f"{line}: {decision.note}")
                case "rename":
                    inside = _renamed(inside, decision.name)
                case "replace":
                    inside = inside.with_changes(value=_written(decision.value, inside.value))
            if decision.kind == "extra":
                moved.append((name, inside.value))
            elif decision.kind != "drop":
                kept.append((each, inside))
        return moved, kept

    def _inside(self, setting: Setting, owner: str, name: str, line: int) -> Setting:
        """The dictionary form of a nested class, migrated too."""
        if owner or not self.plan.arguments(name) or not isinstance(setting.value, cst.Dict):
            return setting
        value = self._dictionary(setting.value, name, whole=True, line=line)
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
        present = {_name(new) for _, new in kept}
        if pins:
            for name, value in self.plan.missing(owner, present).items():
                path = f"{owner}.{name}" if owner else name
                self._comment(
                    f"{path} is pinned to its default in transformers {self.plan.old.transformers_version}"
                )
                added.append((name, cst.parse_expression(repr(value))))
        if not moved:
            return added
        for number, (old, new) in enumerate(kept):
            if _name(new) == "extra" and isinstance(new.value, cst.Dict):
                joined = _joined(
                    list(new.value.elements),
                    list(new.value.elements),
                    [_element(*each) for each in moved],
                    new.value.lbrace.whitespace_after,
                )
                kept[number] = (old, new.with_changes(value=new.value.with_changes(elements=joined)))
                return added
        return [*added, ("extra", cst.Dict([_element(*each) for each in moved]))]

    def _say(self, decision: Decision, line: int) -> None:
        self.notes.append(f"{line}: {decision.note}")
        if decision.kind != "rename":
            self._comment(decision.note)

    def _comment(self, words: str) -> None:
        self.comments[-1].append(words)

    def _line(self, node: cst.CSTNode) -> int:
        position = self.get_metadata(PositionProvider, node, None)
        return position.start.line if position is not None else 1


def _may_have_extra(starred: cst.BaseExpression) -> bool:
    """Whether ``**starred`` may bring an ``extra``: a dictionary that is written there, without one, does not."""
    if not isinstance(starred, cst.Dict):
        return True
    return any(
        not isinstance(each, cst.DictElement) or _key(each) in (None, "extra") for each in starred.elements
    )


def _remark(setting: Setting) -> str:
    """The words of the remark behind a setting, on its line."""
    after = setting.comma.whitespace_after if isinstance(setting.comma, cst.Comma) else None
    if after is None and isinstance(setting, cst.Arg):
        after = setting.whitespace_after_arg
    comment = after.first_line.comment if isinstance(after, cst.ParenthesizedWhitespace) else None
    return comment.value.lstrip("# ") if comment else ""


def _is(one: object, other: object) -> bool:
    return one is other


def _key(element: cst.DictElement) -> str | None:
    if isinstance(element.key, cst.SimpleString):
        key = ast.literal_eval(element.key.value)
        return key if isinstance(key, str) else None
    return None


def _name(setting: Setting) -> str:
    if isinstance(setting, cst.Arg):
        assert setting.keyword is not None
        return setting.keyword.value
    key = _key(setting)
    assert key is not None
    return key


def _renamed(setting: Setting, name: str) -> Setting:
    if isinstance(setting, cst.Arg):
        return setting.with_changes(keyword=cst.Name(name))
    assert isinstance(setting.key, cst.SimpleString)
    quote = setting.key.value[0]
    return setting.with_changes(key=cst.SimpleString(f"{quote}{name}{quote}"))


def _value(node: cst.BaseExpression) -> "Value | Unknown":
    """What an expression is, if it is written down."""
    try:
        return _frozen(ast.literal_eval(cst.Module([]).code_for_node(node)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def _written(value: Value, instead_of: cst.BaseExpression) -> cst.BaseExpression:
    """A value as an expression; a text in the quotes of the one that it replaces."""
    quote = instead_of.value[0] if isinstance(instead_of, cst.SimpleString) else ""
    plain = repr(value)
    return cst.parse_expression(plain if quote != '"' or plain[0] != "'" else f'"{plain[1:-1]}"')


def _frozen(raw: object) -> Value:
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list() | tuple():
            return tuple(map(_frozen, raw))
        case dict():
            return {str(key): _frozen(value) for key, value in raw.items()}
    raise ValueError(raw)


def _argument(name: str, value: cst.BaseExpression) -> cst.Arg:
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(name), equal=tight)


def _element(name: str, value: cst.BaseExpression) -> cst.DictElement:
    return cst.DictElement(cst.SimpleString(f'"{name}"'), value)


def _joined(
    before: Sequence[Item],
    kept: Sequence[Item],
    added: Sequence[Item],
    opening: cst.BaseParenthesizableWhitespace,
) -> list[Item]:
    """Items in the layout of those that were there before: commas and line breaks between them, and after the last."""
    items: list[Item] = [*kept, *added]
    closing = before[-1].comma if before else cst.MaybeSentinel.DEFAULT
    between = cst.Comma(whitespace_after=_between(opening))
    result: list[Item] = []
    for number, item in enumerate(items):
        if number == len(items) - 1:
            comma = _after(closing, item.comma)
        else:
            comma = _after(between, item.comma) if item.comma is closing or item in added else item.comma
        result.append(item if comma is item.comma else cast("Item", item.with_changes(comma=comma)))
    return result


def _before_the_bracket(before: Sequence[cst.Arg], arguments: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments of which the last stands before the bracket as the last of those before did, where no comma follows it."""
    if not before or not arguments or arguments[-1] is before[-1] or isinstance(before[-1].comma, cst.Comma):
        return arguments
    closing = before[-1].whitespace_after_arg
    if not isinstance(closing, cst.ParenthesizedWhitespace):
        return arguments
    *others, last = arguments
    bare = closing.with_changes(first_line=cst.TrailingWhitespace(whitespace=cst.SimpleWhitespace("")))
    return [*map(_tight, others), last.with_changes(whitespace_after_arg=bare)]


def _tight(argument: cst.Arg) -> cst.Arg:
    """An argument whose comma follows at once, with the remark that stood behind it."""
    behind, comma = argument.whitespace_after_arg, argument.comma
    if not isinstance(behind, cst.ParenthesizedWhitespace) or not isinstance(comma, cst.Comma):
        return argument
    after = comma.whitespace_after
    if isinstance(after, cst.ParenthesizedWhitespace):
        comma = comma.with_changes(whitespace_after=after.with_changes(first_line=behind.first_line))
    return argument.with_changes(whitespace_after_arg=cst.SimpleWhitespace(""), comma=comma)


def _after(
    comma: cst.Comma | cst.MaybeSentinel, own: cst.Comma | cst.MaybeSentinel
) -> cst.Comma | cst.MaybeSentinel:
    """A comma where it belongs, with the remark that stood behind the item's own."""
    if comma is own or not isinstance(comma, cst.Comma) or not isinstance(own, cst.Comma):
        return comma
    mine, theirs = comma.whitespace_after, own.whitespace_after
    if isinstance(mine, cst.ParenthesizedWhitespace) and isinstance(theirs, cst.ParenthesizedWhitespace):
        return comma.with_changes(whitespace_after=mine.with_changes(first_line=theirs.first_line))
    return comma


def _between(opening: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """What stands after a comma: a line break where there is one after the opening bracket."""
    if not isinstance(opening, cst.ParenthesizedWhitespace):
        return cst.SimpleWhitespace(" ")
    return cst.ParenthesizedWhitespace(indent=opening.indent, last_line=opening.last_line)
