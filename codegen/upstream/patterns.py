"""Targets of assignments and patterns of ``match``, and statements that are rewritten as simpler ones.

The fewer kinds of statements there are, the less :mod:`codegen.upstream.paths` has to know.
"""

import ast

from codegen.upstream.expressions import (
    Lazy,
    all_of,
    dotted,
    stored_in,
    substituted,
    unknown,
    with_fields,
)

Pattern = tuple[ast.expr, dict[str, ast.expr]]
"""The test that a pattern makes, and the names that it binds."""


def assigned(target: ast.expr, value: Lazy) -> dict[str, Lazy] | None:
    """The value that an assignment gives each name; None if it cannot be unpacked into the target."""
    match target:
        case ast.Name(id=name):
            return {name: value}
        case ast.Attribute() if (path := dotted(target)) is not None:
            return {path: value}
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            parts = elements(value.expression) or []
            found = [assigned(one, Lazy.of(part)) for one, part in zip(targets, parts, strict=False)]
            known = [each for each in found if each is not None]
            if len(known) == len(targets) == len(parts):
                return {name: each for inside in known for name, each in inside.items()}
    return None


def elements(node: ast.expr) -> list[ast.expr] | None:
    """The elements of a literal tuple, list or set; None for anything else."""
    match node:
        case ast.Tuple(elts=found) | ast.List(elts=found) | ast.Set(elts=found):
            return None if any(isinstance(each, ast.Starred) for each in found) else found
    return None


def read_pattern(pattern: ast.pattern, subject: ast.expr) -> Pattern:
    """A pattern as a test of the subject; a pattern of any other kind is an unknown test of it."""
    match pattern:
        case ast.MatchValue(value=value):
            return ast.Compare(left=subject, ops=[ast.Eq()], comparators=[value]), {}
        case ast.MatchSingleton(value=value):
            return ast.Compare(left=subject, ops=[ast.Is()], comparators=[ast.Constant(value=value)]), {}
        case ast.MatchAs(pattern=None, name=name):
            return ast.Constant(value=True), {name: subject} if name else {}
        case ast.MatchAs(pattern=ast.pattern() as inner, name=str(name)):
            test, captured = read_pattern(inner, subject)
            return test, {**captured, name: subject}
        case ast.MatchOr(patterns=patterns) if not stored_in(pattern):
            return ast.BoolOp(op=ast.Or(), values=[read_pattern(each, subject)[0] for each in patterns]), {}
        case ast.MatchClass(cls=ast.Name(id="int" | "float" | "bool" | "str") as cls, kwd_patterns=[]):
            is_one = ast.Call(
                func=ast.Name(id="isinstance", ctx=ast.Load()), args=[subject, cls], keywords=[]
            )
            match pattern.patterns:
                case []:
                    return is_one, {}
                case [inner]:
                    test, captured = read_pattern(inner, subject)
                    return ast.BoolOp(op=ast.And(), values=[is_one, test]), captured
    return unknown(subject), {name: unknown(subject) for name in stored_in(pattern)}


def as_ifs(statement: ast.Match, subject: ast.expr) -> list[ast.stmt]:
    """The cases of a ``match``, each as an ``if`` in the ``else`` of the previous one.

    Args:
        statement: the match.
        subject: a name for what is matched.
    """
    body: list[ast.stmt] = []
    for case in reversed(statement.cases):
        test, captured = read_pattern(case.pattern, subject)
        if case.guard is not None:
            given = {name: Lazy.of(value) for name, value in captured.items()}
            test = all_of([test, substituted(case.guard, given)])
        targets = [(ast.Name(id=name, ctx=ast.Store()), value) for name, value in captured.items()]
        assignments = [ast.Assign(targets=[target], value=value) for target, value in targets]
        body = [ast.If(test=test, body=[*assignments, *case.body], orelse=body)]
    return body


def as_if(statement: ast.stmt) -> ast.If | None:
    """A statement that chooses between two values, as one between two statements; None for any other."""
    match statement:
        case ast.Assign(value=ast.IfExp(test=test, body=one, orelse=other)):
            return _if(test, with_fields(statement, value=one), with_fields(statement, value=other))
        case ast.Expr(value=ast.IfExp(test=test, body=one, orelse=other)):
            return _if(test, ast.Expr(value=one), ast.Expr(value=other))
        case ast.Expr(value=ast.BoolOp(op=ast.And(), values=[*first, last])):
            return _if(all_of(first), ast.Expr(value=last), ast.Pass())
        case ast.Expr(value=ast.BoolOp(op=ast.Or(), values=[*first, last])):
            test = first[0] if len(first) == 1 else ast.BoolOp(op=ast.Or(), values=first)
            return _if(test, ast.Pass(), ast.Expr(value=last))
    return None


def _if(test: ast.expr, one: ast.stmt, other: ast.stmt) -> ast.If:
    return ast.If(test=test, body=[one], orelse=[other])
