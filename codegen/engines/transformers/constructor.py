"""``GenerationConfig.__init__``: names, declared defaults, and the comments that group and deprecate.

Comments are evidence here, but a syntax tree has none. As only blank lines and comments stand between two
statements of a block, they are taken from the lines above each statement.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import UnknownShapeError
from codegen.model.schema import Deprecation
from codegen.model.values import PlainValue, freeze
from codegen.upstream.symbols import Module

SYMBOL = "GenerationConfig.__init__"
_WHERE = f"transformers/{CONFIGURATION}, {SYMBOL}"
_BOOKKEEPING = frozenset({"transformers_version"})
"""Attributes that are public by name, but are no parameters: this one says which release wrote a file."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A parameter as the constructor declares it.

    Args:
        name: of the parameter.
        default: what it is if it is not given.
        heading: the comment above its group.
        deprecation: what comments and warnings say about its removal.
    """

    name: str
    default: PlainValue
    heading: str | None
    deprecation: Deprecation | None


def read(module: Module) -> tuple[Declared, ...]:
    """The parameters, in the order of the source.

    Raises:
        UnknownShapeError: a statement sets an attribute in a way that is not known.
    """
    function = module.function(SYMBOL)
    reader = _Reader()
    try:
        for statement, above in _statements(module, function):
            reader.statement(statement, above)
    except _NoLiteralError as error:
        code = ast.get_source_segment(module.text, error.value)
        raise UnknownShapeError(_WHERE, f"{error.what} is {code}, which is not a literal") from error
    if reader.pending:
        raise UnknownShapeError(
            _WHERE, f"{', '.join(reader.pending)}: taken from the arguments but never set"
        )
    _check_nothing_missed(function, frozenset(reader.declared))
    return tuple(reader.declared.values())


def _statements(module: Module, function: ast.FunctionDef) -> Iterator[tuple[ast.stmt, list[str]]]:
    """The statements of a method, each with the comments above it; a blank line is an empty text."""
    end = function.lineno
    for statement in function.body:
        line = module.lines[statement.lineno - 1].encode()
        if statement is function.body[0] and line[: statement.col_offset].strip():
            raise UnknownShapeError(_WHERE, "its body is on the line of its name")
        yield statement, _above(module.lines[end : statement.lineno - 1], statement.col_offset)
        assert statement.end_lineno is not None
        end = statement.end_lineno


def _above(lines: list[str], column: int) -> list[str]:
    """The lines that belong to the statement below; a comment that is indented further does not."""
    found: list[str] = []
    for line in reversed(lines):
        words = line.strip()
        if words and (not words.startswith("#") or len(line) - len(line.lstrip()) > column):
            break
        found.append(words)
    return found[::-1]


def _check_nothing_missed(function: ast.FunctionDef, declared: frozenset[str]) -> None:
    """Refuse a constructor that sets or takes something, anywhere in it, that did not become a parameter."""
    known = declared | _BOOKKEEPING
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr="__dict__"):
                name = "__dict__"
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()) if name[0] != "_":
                pass
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), *_]):
                pass
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="kwargs"), attr="pop"),
                args=[ast.Constant(value=str(name)), *_],
            ) if name[:1] != "_":
                pass
            case _:
                continue
        if name not in known:
            raise UnknownShapeError(_WHERE, f"{name} is taken or set in a way that is not known")


class _Reader:
    """Goes through the statements in order; ``declared`` is what was found."""

    def __init__(self) -> None:
        self.declared: dict[str, Declared] = {}
        self.pending: dict[str, PlainValue] = {}  # popped into a local variable, not set yet
        self.heading: str | None = None
        self.group: Deprecation | None = None  # of the parameters of the current group

    def statement(self, statement: ast.stmt, above: Sequence[str]) -> None:
        self._comments(above)
        if isinstance(statement, ast.If):
            self._branch(statement)
        elif hasattr(statement, "body") or isinstance(statement, ast.Match):
            raise UnknownShapeError(_WHERE, f"a {type(statement).__name__} statement at its top level")
        else:
            self._simple(statement)

    def _comments(self, lines: Sequence[str]) -> None:
        blank = "" in lines
        words = [line for line in lines if line]
        if blank and self.group is not None:
            self.group, self.heading = None, None  # a deprecated group ends at the next blank line
        first = not self.declared and not self.pending
        if not words or not (blank or first) or words[0].startswith("##"):
            return
        comment = " ".join(word.lstrip("# ") for word in words)
        if re.match(r"deprecated\b", comment, re.IGNORECASE):
            self.group, self.heading = deprecation(comment), "Deprecated"
        else:
            self.heading = comment

    def _simple(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[target], value=value):
                attribute, popped = _self_attribute(target), _popped(value)
                if attribute is None:
                    if popped is not None and isinstance(target, ast.Name) and not popped[0].startswith("_"):
                        self.pending[popped[0]] = popped[1]
                    return
                self._set(attribute, value, popped)
            case ast.Expr(value=value):
                popped = _popped(value)
                if popped is not None and not popped[0].startswith("_"):
                    raise UnknownShapeError(_WHERE, f"{popped[0]} is taken from the arguments and dropped")
            case ast.AnnAssign(target=target) | ast.AugAssign(target=target) if _self_attribute(target):
                raise UnknownShapeError(
                    _WHERE, f"self.{_self_attribute(target)} is set in a way that is not known"
                )

    def _set(self, attribute: str, value: ast.expr, popped: tuple[str, PlainValue] | None) -> None:
        if attribute.startswith("_") or attribute in _BOOKKEEPING:
            return
        if popped is None:
            default = _literal(value, f"the value of self.{attribute}")
        elif popped[0] == attribute:
            default = popped[1]
        else:
            raise UnknownShapeError(_WHERE, f"self.{attribute} takes the argument {popped[0]}")
        if attribute in self.declared:
            raise UnknownShapeError(_WHERE, f"self.{attribute} is set twice")
        self.declared[attribute] = Declared(attribute, default, self.heading, self.group)

    def _branch(self, branch: ast.If) -> None:
        """A branch may set again what was set before, set what was popped into a local, and warn."""
        for assigned in sorted(_attributes_set(branch)):
            if assigned in self.pending:
                self.declared[assigned] = Declared(
                    assigned, self.pending.pop(assigned), self.heading, self.group
                )
            elif assigned not in self.declared and not assigned.startswith("_"):
                raise UnknownShapeError(_WHERE, f"self.{assigned} is set only under a condition")
        if any(_is_pop(each) for each in ast.walk(branch)):
            raise UnknownShapeError(_WHERE, "an argument is taken only under a condition")
        self._warnings(branch)

    def _warnings(self, branch: ast.If) -> None:
        """``if self.x is not None: warn("... deprecated and will be removed in v2")`` deprecates x."""
        match branch.test:
            case ast.Compare(left=ast.Attribute(value=ast.Name(id="self"), attr=name), ops=[ast.IsNot()]):
                texts = [
                    each.value
                    for each in ast.walk(branch)
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                found = deprecation(" ".join(texts))
                known = self.declared.get(name)
                if found is not None and known is not None:
                    before = known.deprecation or Deprecation()
                    merged = replace(
                        before, removal=found.removal or before.removal, since=found.since or before.since
                    )
                    self.declared[name] = replace(known, deprecation=merged)


def deprecation(words: str) -> Deprecation | None:
    """What a comment or a warning says about a parameter's removal, None if nothing."""
    if not re.search(r"\bdeprecated\b", words, re.IGNORECASE):
        return None
    since = re.search(r"[Dd]eprecated in v?(\d+(?:\.\d+)*)", words)
    removal = re.search(r"removed? (?:in|for) (?:version )?v?(\d+(?:\.\d+)*)", words)
    return Deprecation(
        since=since.group(1) if since else None,
        removal=removal.group(1) if removal else None,
        moved_to_hub="moved to the Hub" in words,
    )


def _self_attribute(target: ast.expr) -> str | None:
    match target:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return name
    return None


def _popped(value: ast.expr) -> tuple[str, PlainValue] | None:
    """The name and default of ``kwargs.pop("x", default)`` or ``kwargs.get(…)``."""
    match value:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="kwargs"), attr="pop" | "get"),
            args=arguments,
            keywords=named,
        ):
            if not arguments or len(arguments) > 2 or named:
                many = len(arguments) + len(named)
                raise UnknownShapeError(_WHERE, f"kwargs.pop with {many} arguments")
            name = _literal(arguments[0], "the name in a kwargs.pop")
            if not isinstance(name, str):
                raise UnknownShapeError(_WHERE, "the name in a kwargs.pop is not a text")
            internal = name.startswith("_") or name in _BOOKKEEPING
            if len(arguments) == 1 or internal:
                return name, None
            return name, _literal(arguments[1], f"the default of {name}")
    return None


class _NoLiteralError(Exception):
    """An expression is not a literal; messages quote it as it is written in the source."""

    def __init__(self, value: ast.expr, what: str) -> None:
        super().__init__(what)
        self.value = value
        self.what = what


def _literal(value: ast.expr, what: str) -> PlainValue:
    try:
        return freeze(ast.literal_eval(value), finite=True)
    except (ValueError, TypeError) as error:
        raise _NoLiteralError(value, what) from error


def _attributes_set(node: ast.AST) -> set[str]:
    return {
        target.attr
        for target in ast.walk(node)
        if isinstance(target, ast.Attribute)
        and isinstance(target.ctx, ast.Store)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
    }


def _is_pop(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="kwargs"), attr="pop")):
            return True
    return False
