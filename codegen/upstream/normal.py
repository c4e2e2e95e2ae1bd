"""The normal form of code: equal for code that does the same, as far as the syntax shows it.

It leaves out what has no effect: annotations, docstrings, comments, decorators that document,
imports for annotations, messages of exceptions, warnings and logs, and statements that only issue
one. Locals get names by the order in which they appear. Two ways to write something get one form only where
that is plainly safe. So code with equal forms does the same; about unequal forms nothing is known.

:mod:`codegen.upstream.messages` decides what is a message, :mod:`codegen.upstream.renaming` renames.
"""

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

from codegen.upstream import messages, signatures
from codegen.upstream.exceptions import builtin_exception
from codegen.upstream.renaming import Renamer, bound_in
from codegen.upstream.symbols import serialised, walk

_FOR_ANNOTATIONS = ("typing", "typing_extensions", "__future__")
_DOCUMENTS = re.compile(r"docstring|^(final|override|no_type_check)$")
_FIELD_KINDS = ("ClassVar", "InitVar")
"""Annotations that decide what a dataclass does with an attribute."""

_NEGATED: dict[type[ast.cmpop], ast.cmpop] = {
    ast.Is: ast.IsNot(),
    ast.IsNot: ast.Is(),
    ast.In: ast.NotIn(),
    ast.NotIn: ast.In(),
}

Code = ast.AST | Sequence[ast.stmt]
Node = TypeVar("Node", bound=ast.AST)


def normal(code: Code) -> str:
    """The normal form of a definition, an expression, or statements, as a text to compare.

    It is the same under every Python that can parse the source. The code is not changed.
    """
    made = cleaned(code)
    return form(made, local=() if isinstance(code, ast.AST) else bound_in(made))


def form(made: Sequence[ast.AST], *, local: Collection[str] = (), keep: Collection[str] = ()) -> str:
    """The form of nodes that are cleaned already; locals in them are renamed in place.

    Args:
        made: the nodes.
        local: names that are local, besides those that functions in them bind.
        keep: locals whose name matters and stays.
    """
    Renamer(keep).rename([*made], local)
    return "".join(map(serialised, made))


def cleaned(code: Code) -> list[ast.AST]:
    """New nodes of the code, without what the normal form leaves out; locals keep their names.

    Several for a list of statements, otherwise one, or none for a statement that does nothing.
    """
    match code:
        case ast.stmt():
            return [*_Cleaner().statement(code)]
        case ast.AST():
            return [_Cleaner().copy(code)]
    return [*_function_body(code)]


def _function_body(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements of one function; texts that only messages use are left out, too."""
    texts = messages.text_locals(body)
    made = _Cleaner(texts).block(body)
    unused = texts - {
        node.id
        for statement in made
        for node in walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    if unused:
        made = _Cleaner(texts, unused).block(body)
    match made:
        case [*rest, ast.Return(value=None)]:
            return rest
    return made


class _Cleaner:
    """Builds new nodes without what is left out.

    Args:
        texts: locals that never hold anything but a text.
        unused: locals among these that only messages use.
    """

    def __init__(self, texts: frozenset[str] = frozenset(), unused: frozenset[str] = frozenset()) -> None:
        self.texts = texts
        self.unused = unused

    def block(self, body: Sequence[ast.stmt], owner: ast.AST | None = None) -> list[ast.stmt]:
        """The statements of a block, in order."""
        return [made for each in body for made in self.statement(each, owner)]

    def statement(self, node: ast.stmt, owner: ast.AST | None = None) -> Iterator[ast.stmt]:
        """What is left of a statement: itself, nothing, or of a branch the statements in it."""
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return
            case ast.Expr(value=value) if messages.is_message_call(value):
                return
            case ast.ImportFrom(module=name) if name in _FOR_ANNOTATIONS:
                return
            case (
                ast.Assign(targets=[ast.Name(id=name)])
                | ast.AugAssign(target=ast.Name(id=name))
                | ast.AnnAssign(target=ast.Name(id=name))
            ) if name in self.unused:
                return
            case ast.AnnAssign():
                yield from self._annotated(node, owner)
            case ast.If():
                yield from self._if(node, owner)
            case ast.Return(value=ast.Constant(value=None)):
                yield ast.Return(value=None)
            case ast.Raise():
                yield self._raise(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield self._function(node)
            case ast.ClassDef():
                made = self.copy(node)
                made.decorator_list = self._decorators(node)
                made.body = _Cleaner().block(node.body, node)
                yield made
            case _:
                yield self.copy(node)

    def copy(self, node: Node) -> Node:
        """A new node with everything in it cleaned, and simplified if it is an expression."""
        made = type(node)(**{name: self._field(getattr(node, name, None)) for name in node._fields})
        return self._simplest(made)  # type: ignore[return-value]  # an expression is one

    def _simplest(self, made: ast.AST) -> ast.AST:
        match made:
            case ast.arg():
                made.annotation = None
            case ast.JoinedStr(values=parts) if all(isinstance(part, ast.Constant) for part in parts):
                texts = [part.value for part in parts if isinstance(part, ast.Constant)]
                return ast.Constant(value="".join(map(str, texts)))
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[op]) as compared) if type(op) in _NEGATED:
                compared.ops = [_NEGATED[type(op)]]
                return compared
            case ast.IfExp(test=test, body=body, orelse=orelse) if (opposite := _opposite(test)) is not None:
                return ast.IfExp(test=opposite, body=orelse, orelse=body)
        return made

    def _field(self, value: object) -> object:
        match value:
            case [ast.stmt(), *_]:
                return self.block([each for each in value if isinstance(each, ast.stmt)])
            case list():
                return [self._field(each) for each in value]
            case ast.AST():
                return self.copy(value)
        return value

    def _annotated(self, node: ast.AnnAssign, owner: ast.AST | None) -> Iterator[ast.stmt]:
        """An assignment without its annotation; in what may be a dataclass, that it has one counts."""
        value = self.copy(node.value) if node.value else None
        if isinstance(owner, ast.ClassDef) and (owner.decorator_list or owner.bases or owner.keywords):
            kind = next((name for name in _FIELD_KINDS if name in ast.dump(node.annotation)), "field")
            yield ast.AnnAssign(
                target=self.copy(node.target), annotation=ast.Constant(kind), value=value, simple=1
            )
        elif value is not None:
            yield ast.Assign(targets=[self.copy(node.target)], value=value)

    def _if(self, node: ast.If, owner: ast.AST | None) -> Iterator[ast.stmt]:
        match _asks_for_type_checking(node.test):
            case True:
                yield from self.block(node.orelse, owner)
                return
            case False:
                yield from self.block(node.body, owner)
                return
        test, body, orelse = (
            _without_double_negation(self.copy(node.test)),
            self.block(node.body, owner),
            self.block(node.orelse, owner),
        )
        if not body and not orelse and messages.has_no_effect(test):
            return
        if orelse and not body:
            test, body, orelse = _without_double_negation(ast.UnaryOp(op=ast.Not(), operand=test)), orelse, []
        match body, orelse:
            case [ast.If(test=inner, body=found, orelse=[])], []:
                test, body = ast.BoolOp(op=ast.And(), values=[*_conjuncts(test), *_conjuncts(inner)]), found
        if body and orelse and (opposite := _opposite(test)) is not None:
            test, body, orelse = opposite, orelse, body
        yield ast.If(test=test, body=body, orelse=orelse)

    def _raise(self, node: ast.Raise) -> ast.Raise:
        """The exception without its texts."""
        made = self.copy(node)
        match made.exc:
            case ast.Call(args=args, keywords=keywords) as call:
                call.args = [each for each in args if not messages.is_text(each, self.texts)]
                call.keywords = [each for each in keywords if not messages.is_text(each.value, self.texts)]
            case ast.Name(id=name) if builtin_exception(name) is not None:
                made.exc = ast.Call(func=made.exc, args=[], keywords=[])
        return made

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
        """The function without annotations and documentation."""
        return type(node)(
            name=node.name,
            args=self.copy(node.args),
            body=_function_body(node.body),
            decorator_list=self._decorators(node),
        )

    def _decorators(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
        return [self.copy(each) for each in node.decorator_list if not _documents(each)]


def _asks_for_type_checking(test: ast.expr) -> bool | None:
    """Whether a test holds for type checkers only; False if for all others, None for an ordinary test."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.UnaryOp(
            op=ast.Not(), operand=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")
        ):
            return False
    return None


def _documents(decorator: ast.expr) -> bool:
    return _DOCUMENTS.search(signatures.decorator(decorator)) is not None


def _without_double_negation(test: ast.expr) -> ast.expr:
    """A test without double negations, as only its truth counts."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=ast.UnaryOp(op=ast.Not(), operand=inner)):
            return _without_double_negation(inner)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(ops=[op]) as compared) if type(op) in _NEGATED:
            return ast.Compare(left=compared.left, ops=[_NEGATED[type(op)]], comparators=compared.comparators)
    return test


def _opposite(test: ast.expr) -> ast.expr | None:
    """What a negative test denies; None where the test is not negative."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotIn() as op], comparators=comparators):
            return ast.Compare(left=left, ops=[_NEGATED[type(op)]], comparators=comparators)
    return None


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            return values
    return [test]
