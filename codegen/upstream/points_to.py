"""Points-to analysis: what an expression may stand for, as far as a call graph needs it.

Locals are looked up by what is assigned to them anywhere in the function, attributes by what the class's
methods assign to them, and arguments by their annotations. Nothing is executed, and the order of statements
does not count. What cannot be known is :data:`UNKNOWN`.
"""

import ast
import builtins
import sys
from dataclasses import dataclass, field

from codegen.model.origins import Symbol
from codegen.upstream import signatures
from codegen.upstream.classes import Assigned, Classes, Function, attributes
from codegen.upstream.namespaces import ModuleName, Named, Outside
from codegen.upstream.symbols import remembered, walk


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A value that cannot be known."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A function, a class or a module-level assignment of the package, itself."""

    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class of the package, or of one that derives from it."""

    cls: Symbol


@dataclass(frozen=True, slots=True)
class Super:
    """``super()`` in a method of a class."""

    cls: Symbol


Value = Reference | Instance | Super | ModuleName | Outside | UnknownValue
Values = frozenset[Value]

UNKNOWN: Values = frozenset({UnknownValue()})
NOTHING: Values = frozenset()

_CONTAINER = Outside("builtins")
_PLAIN_RESULT = frozenset(
    {"len", "int", "float", "str", "bool", "isinstance", "issubclass", "hasattr", "range", "repr"}
)
"""Builtins whose results have no methods of the package."""
_LITERALS = (
    ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp, ast.Compare,
)  # fmt: skip


@dataclass(slots=True)
class Scope:
    """A function whose expressions are evaluated.

    Args:
        path: of its module.
        owner: its class, None outside of a class.
        function: its node, None for what is at the top of a module or a class.
        arguments: its annotated arguments, and those that are known otherwise.
        assigned: what is assigned to each local; None for something that cannot be known.
        imported: the names that imports in it bind.
        known: the values of expressions that were evaluated already.
    """

    path: str
    owner: Symbol | None
    function: Function | None = None
    arguments: dict[str, Values] = field(default_factory=dict)
    assigned: dict[str, list[ast.expr | None]] = field(default_factory=dict)
    imported: dict[str, Named] = field(default_factory=dict)
    known: dict[ast.expr, Values] = field(default_factory=dict)


class PointsTo:
    """Says what expressions stand for."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        self.namespaces = classes.namespaces
        self._scopes: dict[tuple[str, Function], Scope] = {}
        self._attributes: dict[tuple[Symbol, str], Values] = {}
        self._contents: dict[Symbol, Values] = {}

    # --- scopes

    def scope(self, path: str, owner: Symbol | None, function: Function) -> Scope:
        """The scope of a function; functions nested in it share it."""
        key = (path, function)
        if key not in self._scopes:
            scope = self._scopes[key] = Scope(path, owner, function)
            self._fill(scope, function)
        return self._scopes[key]

    def _fill(self, scope: Scope, function: Function) -> None:
        binding = _binding(function)
        if any(isinstance(each, ast.Import | ast.ImportFrom) for each in binding):
            scope.imported = self.namespaces.imported_in(scope.path, binding)
        self._arguments(scope, function)
        for node in binding:
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        _assign(scope, target, value)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    stated = self.annotated(annotation, scope)
                    scope.arguments[name] = scope.arguments.get(name, NOTHING) | (stated - UNKNOWN)
                    if value is not None or not stated:
                        scope.assigned.setdefault(name, []).append(value)
                case (
                    ast.NamedExpr(target=target, value=value)
                    | ast.withitem(context_expr=value, optional_vars=ast.Name() as target)
                ):
                    _assign(scope, target, value)
                case (
                    ast.For(target=target)
                    | ast.comprehension(target=target)
                    | ast.withitem(optional_vars=ast.expr() as target)
                ):
                    _assign(scope, target, None)
                case ast.ExceptHandler(name=str(name)):
                    scope.assigned.setdefault(name, []).append(None)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if node is not function:
                    scope.assigned.setdefault(name, []).append(None)
                    _hide_arguments(scope, node)
                case ast.Lambda():
                    _hide_arguments(scope, node)

    def _arguments(self, scope: Scope, function: Function) -> None:
        given = function.args
        listed = signatures.unstarred(given)
        for argument in listed:
            stated = self.annotated(argument.annotation, scope) if argument.annotation else UNKNOWN
            scope.arguments[argument.arg] = stated or UNKNOWN
        if scope.owner is not None and listed and not signatures.is_decorated(function, "staticmethod"):
            is_class = signatures.is_decorated(function, "classmethod")
            own: Value = Reference(scope.owner) if is_class else Instance(scope.owner)
            scope.arguments[listed[0].arg] = frozenset({own})
        for rest in (given.vararg, given.kwarg):
            if rest is not None:
                scope.arguments[rest.arg] = frozenset({_CONTAINER})

    def annotated(self, annotation: ast.expr, scope: Scope) -> Values:
        """What a value with an annotation may be; nothing where the type is None alone."""
        match annotation:
            case ast.Constant(value=None):
                return NOTHING
            case ast.Constant(value=str(text)):
                try:
                    return self.annotated(ast.parse(text, mode="eval").body, scope)
                except SyntaxError:
                    return UNKNOWN
            case ast.BinOp(op=ast.BitOr(), left=left, right=right):
                return self.annotated(left, scope) | self.annotated(right, scope)
            case ast.Subscript(value=ast.Name(id="Optional" | "Union"), slice=inner):
                parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return NOTHING.union(*(self.annotated(each, scope) for each in parts))
            case ast.Subscript(value=ast.Name(id="type"), slice=inner):
                found = self.annotated(inner, scope)
                return frozenset(
                    Reference(each.cls) if isinstance(each, Instance) else each for each in found
                )
            case ast.Subscript(value=inner):
                return self.annotated(inner, scope)
            case ast.Name(id="Self") if scope.owner is not None:
                return frozenset({Instance(scope.owner)})
        return NOTHING.union(*(self._of_type(each) for each in self.of(annotation, scope)))

    def _of_type(self, type_: Value) -> Values:
        match type_:
            case Reference(symbol=symbol) if (node := self.classes.node(symbol)) is not None:
                is_protocol = any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
                return frozenset({Instance(symbol)}) | (UNKNOWN if is_protocol else NOTHING)
            case Reference(symbol=symbol):  # an alias of a type
                alias = self.namespaces.definition(symbol)
                value = alias.value if isinstance(alias, ast.Assign) else None
                is_type = isinstance(value, ast.Name | ast.Subscript | ast.BinOp)
                return self.annotated(value, Scope(symbol.path, None)) if value and is_type else UNKNOWN
            case Outside(name="typing" | "collections"):
                return UNKNOWN
            case Outside():
                return frozenset({type_})
        return UNKNOWN

    # --- expressions

    def of(self, node: ast.expr, scope: Scope) -> Values:
        """What an expression may stand for."""
        known = scope.known.get(node)
        if known is None:
            scope.known[node] = UNKNOWN  # for assignments that refer to each other
            known = scope.known[node] = self._of(node, scope)
        return known

    def _of(self, node: ast.expr, scope: Scope) -> Values:
        match node:
            case ast.Name(id=name):
                return self._of_name(name, scope)
            case ast.Attribute(value=inner, attr=name):
                return NOTHING.union(*(self.attribute(each, name) for each in self.of(inner, scope)))
            case ast.Call():
                return self._of_call(node, scope)
            case ast.IfExp(body=one, orelse=other):
                return self.of(one, scope) | self.of(other, scope)
            case ast.BoolOp(values=parts):
                return NOTHING.union(*(self.of(each, scope) for each in parts))
            case ast.NamedExpr(value=inner) | ast.Await(value=inner) | ast.Starred(value=inner):
                return self.of(inner, scope)
            case ast.BinOp(left=left, right=right):
                return _only_outside(self.of(left, scope) | self.of(right, scope))
            case ast.UnaryOp(operand=inner) | ast.Subscript(value=inner):
                return _only_outside(self.of(inner, scope))
        return frozenset({_CONTAINER}) if isinstance(node, _LITERALS) else UNKNOWN

    def _of_name(self, name: str, scope: Scope) -> Values:
        if name in scope.assigned or name in scope.arguments:
            assigned = scope.assigned.get(name, ())
            found = [UNKNOWN if each is None else self.of(each, scope) for each in assigned]
            return scope.arguments.get(name, NOTHING).union(*found) or UNKNOWN
        named = scope.imported.get(name) or self.namespaces.find(scope.path, name)
        if named is not None:
            return frozenset({Reference(named) if isinstance(named, Symbol) else named})
        return frozenset({Outside("builtins")}) if hasattr(builtins, name) else UNKNOWN

    def attribute(self, value: Value, name: str) -> Values:
        """What an attribute of a value may stand for."""
        match value:
            case ModuleName():
                found = self.namespaces.member(value, name)
                return UNKNOWN if found is None else frozenset({_as_value(found)})
            case Outside():
                return frozenset({value})
            case Reference(symbol=symbol):
                member = self.classes.member(symbol, name)
                if member is not None:
                    return frozenset({Reference(member)})
                return (
                    NOTHING.union(*(self.attribute(each, name) for each in self.content(symbol))) or UNKNOWN
                )
            case Super(cls=cls):
                member = self.classes.inherited(cls, name)
                return frozenset({Reference(member)}) if member else frozenset({Outside("a base class")})
            case Instance(cls=cls):
                return self._of_instance(cls, name)
        return UNKNOWN

    def content(self, symbol: Symbol) -> Values:
        """What a module-level assignment holds; nothing for any other definition."""
        if symbol not in self._contents:
            self._contents[symbol] = UNKNOWN
            found = self.namespaces.definition(symbol)
            value = found.value if isinstance(found, ast.Assign | ast.AnnAssign) else None
            self._contents[symbol] = NOTHING if value is None else self.of(value, Scope(symbol.path, None))
        return self._contents[symbol]

    def _of_instance(self, cls: Symbol, name: str) -> Values:
        key = (cls, name)
        if key not in self._attributes:
            self._attributes[key] = UNKNOWN  # for attributes that refer to each other
            self._attributes[key] = self._look_up(cls, name)
        return self._attributes[key]

    def _look_up(self, cls: Symbol, name: str) -> Values:
        member = self.classes.member(cls, name)
        if member is not None:
            function = self.classes.function(member)
            if function is not None and signatures.is_decorated(function, "property", "cached_property"):
                return self.returned(member, function)
            return frozenset({Reference(member)})
        bases = ((base, self.classes.node(base)) for base in self.classes.lineage(cls).classes)
        assigned = [
            (base, each)
            for base, node in bases
            if node is not None
            for each in attributes(node).get(name, ())
        ]
        return NOTHING.union(*(self._of_assigned(base, each) for base, each in assigned)) or UNKNOWN

    def _of_assigned(self, cls: Symbol, assigned: Assigned) -> Values:
        method = assigned.method
        scope = Scope(cls.path, cls) if method is None else self.scope(cls.path, cls, method)
        if assigned.annotation is not None:
            stated = self.annotated(assigned.annotation, scope)
            if stated and stated != UNKNOWN:
                return stated
        return NOTHING if assigned.value is None else self.of(assigned.value, scope)

    def returned(self, symbol: Symbol, function: Function) -> Values:
        """What a function returns, by its annotation."""
        if function.returns is None:
            return UNKNOWN
        owner = self.classes.owner(symbol)
        return self.annotated(function.returns, Scope(symbol.path, owner)) or frozenset({_CONTAINER})

    def _of_call(self, node: ast.Call, scope: Scope) -> Values:
        match node:
            case ast.Call(func=ast.Name(id="super")) if scope.owner is not None:
                return frozenset({Super(scope.owner)})
            case ast.Call(func=ast.Name(id="type"), args=[inner]):
                values = self.of(inner, scope)
                return frozenset(
                    Reference(each.cls) if isinstance(each, Instance) else each for each in values
                )
            case ast.Call(func=ast.Name(id="getattr"), args=[inner, ast.Constant(value=str(name)), *default]):
                found = [self.attribute(each, name) for each in self.of(inner, scope)]
                return NOTHING.union(*found, *(self.of(each, scope) for each in default))
            case ast.Call(func=ast.Name(id="cast"), args=[type_, inner]):
                return self.annotated(type_, scope) | self.of(inner, scope)
            case ast.Call(func=ast.Name(id=name)) if name in _PLAIN_RESULT and name not in scope.assigned:
                return frozenset({_CONTAINER})
        return NOTHING.union(*(self._called(each) for each in self.of(node.func, scope)))

    def _called(self, function: Value) -> Values:
        match function:
            case Reference(symbol=symbol):
                if self.classes.node(symbol) is not None:
                    return frozenset({Instance(symbol)})
                if (node := self.classes.function(symbol)) is not None:
                    return self.returned(symbol, node)
            case Outside(name=name) if name != "builtins" and name not in sys.stdlib_module_names:
                return frozenset({function})
        return UNKNOWN


_BINDING = (
    *(ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.withitem, ast.For, ast.comprehension, ast.ExceptHandler),
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Import, ast.ImportFrom),
)


@remembered
def _binding(function: Function) -> tuple[ast.AST, ...]:
    """Everything in a function that binds a name."""
    return tuple(each for each in walk(function) if isinstance(each, _BINDING))


def _as_value(named: Named) -> Value:
    return Reference(named) if isinstance(named, Symbol) else named


def _only_outside(values: Values) -> Values:
    """The result of a calculation, or an entry: known only where all operands are of other packages."""
    is_outside = all(isinstance(each, Outside) and each != _CONTAINER for each in values)
    return values if values and is_outside else UNKNOWN


def _assign(scope: Scope, target: ast.expr, value: ast.expr | None) -> None:
    match target:
        case ast.Name(id=name):
            scope.assigned.setdefault(name, []).append(value)
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            for each in targets:
                _assign(scope, each, None)
        case ast.Starred(value=inner):
            _assign(scope, inner, None)


def _hide_arguments(scope: Scope, inner: Function | ast.Lambda) -> None:
    """Make the names of an inner function's arguments unknown: they may hide names of the outer one."""
    for argument in walk(inner.args):
        if isinstance(argument, ast.arg):
            scope.assigned.setdefault(argument.arg, []).append(None)
