"""Code that was moved into a function of its own, written back to where that function is called.

A definition does the same as before if it is equal once such a helper is written out in it. That is done only
where it is plainly safe: the helper is in the same module or class, is given nothing but names and constants,
assigns none of its arguments, and its names mean the same where it is called. A call may be an expression
whose helper returns one, a statement of its own, what is returned, or what is assigned.

For comparisons of two releases only. Evidence is not compared like that: a claim whose statements are in a
helper has to name it, or later changes of the helper would pass unasked. :mod:`codegen.upstream.inlining`
follows calls to read conditions, and forgets what it cannot follow.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from codegen.upstream import signatures
from codegen.upstream.symbols import Definition, Module, walk

_BLOCKS = ("body", "orelse", "finalbody")
_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_OWN_WAY = (*_NESTED, ast.Yield, ast.YieldFrom, ast.Await, ast.Global, ast.Nonlocal, ast.NamedExpr)
_NOT_ELSEWHERE = frozenset({"super", "locals", "__class__"})


def written_out(definition: Definition, module: Module, qualname: str) -> Iterator[tuple[str, Definition]]:
    """A definition with one helper written out in it, for each of them by its qualified name.

    Args:
        definition: a definition.
        module: that it is in.
        qualname: its qualified name.
    """
    if isinstance(definition, ast.ClassDef) or any(
        isinstance(each, ast.Nonlocal) for each in walk(definition)
    ):
        return
    owner = qualname.rpartition(".")[0]
    called = (each.func for each in walk(definition) if isinstance(each, ast.Call))
    for key in dict.fromkeys(filter(None, map(_key, called))):
        name = f"{owner}.{key.removeprefix('self.')}" if key.startswith("self.") else key
        helper = module.find(name)
        if isinstance(helper, ast.FunctionDef) and helper is not definition and _is_plain(helper):
            made = _Writer(key, helper, definition).written()
            if made is not None:
                yield name, made


def _key(function: ast.expr) -> str | None:
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return f"self.{name}"
    return None


def _is_plain(helper: ast.FunctionDef) -> bool:
    """Whether a function does nothing that it could not do elsewhere."""
    arguments = helper.args
    if helper.decorator_list or arguments.vararg or arguments.kwarg or _stored(helper) & _parameters(helper):
        return False
    inside = [node for each in helper.body for node in walk(each)]
    return not any(
        isinstance(each, _OWN_WAY) or (isinstance(each, ast.Name) and each.id in _NOT_ELSEWHERE)
        for each in inside
    )


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {each.arg for each in signatures.unstarred(function.args)}


def _stored(node: ast.AST) -> set[str]:
    return {
        each.id for each in walk(node) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)
    }


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in walk(node) if isinstance(each, ast.Name)}


@dataclass(slots=True)
class _Writer:
    """Writes one helper out in one definition.

    Args:
        key: how it is called.
        helper: the function.
        caller: the definition.
    """

    key: str
    helper: ast.FunctionDef
    caller: ast.FunctionDef | ast.AsyncFunctionDef | ast.AST

    def written(self) -> Definition | None:
        """The definition with all calls of the helper written out; None if one of them cannot be."""
        made = deepcopy(self.caller)
        self._blocks(made)
        made = _Expressions(self).visit(made)
        is_left = any(isinstance(each, ast.Call) and _key(each.func) == self.key for each in walk(made))
        return None if is_left or not isinstance(made, Definition) else made

    def _blocks(self, node: ast.AST) -> None:
        for each in [*walk(node)]:
            for name in _BLOCKS:
                block = getattr(each, name, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    setattr(each, name, [made for one in block for made in self._statement(one)])

    def _statement(self, statement: ast.stmt) -> Sequence[ast.stmt]:
        """The statements of the helper in place of one that is nothing but a call of it."""
        match statement:
            case ast.Return(value=ast.Call() as call):
                body = self._body(call, ())
                return [statement] if body is None else body
            case ast.Expr(value=ast.Call() as call):
                body = self._body(call, ())
                return [statement] if body is None or _returns(body) else body
            case ast.Assign(targets=[target], value=ast.Call() as call):
                body = self._body(call, _names(target))
                return [statement] if body is None else self._assigned(statement, target, body)
        return [statement]

    def _assigned(self, statement: ast.Assign, target: ast.expr, body: list[ast.stmt]) -> Sequence[ast.stmt]:
        match body:
            case [*rest, ast.Return(value=ast.expr() as value)] if rest and _returns(body) == 1:
                if ast.unparse(value) == ast.unparse(target):
                    return rest
                return [*rest, ast.Assign(targets=[target], value=value)]
        return [statement]

    def _body(self, call: ast.Call, targets: Sequence[str] | set[str]) -> list[ast.stmt] | None:
        """The statements of the helper for a call; None if they would mean something else there."""
        given = self.given(call)
        body = self.helper.body[1:] if ast.get_docstring(self.helper) is not None else self.helper.body
        if given is None or not body:
            return None
        own = _stored(self.helper)
        if own & (_names(self.caller) - {*targets}):
            return None
        return [_Substituted(given).visit(deepcopy(each)) for each in body]

    def expression(self, call: ast.Call) -> ast.expr | None:
        """What the helper returns for a call, if it does nothing else."""
        given = self.given(call)
        match self.helper.body:
            case [ast.Return(value=ast.expr() as value)] | [
                ast.Expr(),
                ast.Return(value=ast.expr() as value),
            ]:
                if given is None or _stored(value) & _names(self.caller):
                    return None
                made: ast.expr = _Substituted(given).visit(deepcopy(value))
                return made
        return None

    def given(self, call: ast.Call) -> Mapping[str, ast.expr] | None:
        """What a call of the helper gives for each argument; None if it is another call."""
        if _key(call.func) != self.key or not isinstance(self.caller, ast.FunctionDef | ast.AsyncFunctionDef):
            return None
        names = [each.arg for each in signatures.unstarred(self.helper.args)]
        values = [*([ast.Name("self", ast.Load())] if self.key.startswith("self.") else []), *call.args]
        named = {each.arg: each.value for each in call.keywords if each.arg is not None}
        given = dict(zip(names, values, strict=False)) | named
        is_whole = len(given) == len(values) + len(call.keywords) and given.keys() == {*names}
        if not is_whole or not all(isinstance(each, ast.Name | ast.Constant) for each in given.values()):
            return None
        used = {each.id for each in given.values() if isinstance(each, ast.Name)}
        elsewhere = _names(self.helper) - {*names} - _stored(self.helper)
        bound = _stored(self.caller) | _parameters(self.caller)
        return None if used & _stored(self.helper) or elsewhere & bound else given


def _returns(body: Sequence[ast.stmt]) -> int:
    return sum(isinstance(node, ast.Return) for each in body for node in walk(each))


class _Substituted(ast.NodeTransformer):
    """Names replaced by what is given for them."""

    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return deepcopy(self.given[node.id]) if node.id in self.given else node


class _Expressions(ast.NodeTransformer):
    """Calls of a helper replaced by what it returns."""

    def __init__(self, writer: _Writer) -> None:
        self.writer = writer

    def visit_Call(self, node: ast.Call) -> ast.AST:
        made = self.writer.expression(node)
        return self.generic_visit(node) if made is None else made
