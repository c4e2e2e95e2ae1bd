"""Equivalent forms of ``if test: raise error``.

:mod:`tests.codegen.mutation` rewrites checks of the installed release in these forms, unchanged and changed.
"""

import ast
from collections.abc import Iterator

FORMS = {
    "a local": "_bad = ({t})\n{i}if _bad:\n{i}    {r}",
    "an annotated local": "_bad: bool = ({t})\n{i}if _bad:\n{i}    {r}",
    "two locals": "_name, _bad = 'name', ({t})\n{i}if _bad:\n{i}    {r}",
    "a negated local": "_ok = not ({t})\n{i}if not _ok:\n{i}    {r}",
    "a local set in branches": "if ({t}):\n{i}    _bad = True\n{i}else:\n{i}    _bad = False\n{i}if _bad:\n{i}    {r}",
    "a conditional expression": "_bad = True if ({t}) else False\n{i}if _bad:\n{i}    {r}",
    "a walrus": "if (_bad := ({t})):\n{i}    {r}",
    "else": "if not ({t}):\n{i}    pass\n{i}else:\n{i}    {r}",
    "nested": "if True:\n{i}    if ({t}):\n{i}        {r}",
    "an assertion": "assert not ({t})",
    "while": "while ({t}):\n{i}    {r}",
    "a loop": "for _bad in (({t}),):\n{i}    if _bad:\n{i}        {r}",
    "continue": "for _bad in [({t})]:\n{i}    if not _bad:\n{i}        continue\n{i}    {r}",
    "break": "for _bad in [({t})]:\n{i}    if not _bad:\n{i}        break\n{i}    {r}",
    "the else of a loop": "for _ok in (not ({t}),):\n{i}    if _ok:\n{i}        break\n{i}else:\n{i}    {r}",
    "a table": "for _name, _bad in {{'name': ({t})}}.items():\n{i}    if _bad:\n{i}        {r}",
    "match": "match not ({t}):\n{i}    case True:\n{i}        pass\n{i}    case _:\n{i}        {r}",
    "match with a guard": "match None:\n{i}    case None if ({t}):\n{i}        {r}",
    "try": "try:\n{i}    if ({t}):\n{i}        {r}\n{i}finally:\n{i}    pass",
    "raised again": "try:\n{i}    if ({t}):\n{i}        raise LookupError\n{i}except LookupError:\n{i}    {r}",
    "with": "with context():\n{i}    if ({t}):\n{i}        {r}",
    "any": "if any([False, ({t})]):\n{i}    {r}",
    "all": "if not all(not _bad for _bad in [({t})]):\n{i}    {r}",
    "a list of problems": "_problems = []\n{i}if ({t}):\n{i}    _problems.append('no')\n{i}if _problems:\n{i}    {r}",
    "a problem": "_problem = None\n{i}if ({t}):\n{i}    _problem = ValueError('no')\n{i}if _problem is not None:\n{i}    {r}",
    "a dictionary": "_checks = {{'bad': ({t})}}\n{i}if _checks['bad']:\n{i}    {r}",
    "a lambda": "_is_bad = lambda: ({t})\n{i}if _is_bad():\n{i}    {r}",
    "a predicate inside": "def _is_bad():\n{i}    return ({t})\n{i}if _is_bad():\n{i}    {r}",
    "a function inside": "def _refuse(bad):\n{i}    if bad:\n{i}        {r}\n{i}_refuse({t})",
    "a method": "self._refuse_if({t})",
    "a predicate": "if self._is_true({t}):\n{i}    {r}",
    "a short circuit": "({t}) and self._refuse_if(True)",
}  # fmt: skip
"""The forms, with ``t`` for the test, ``r`` for the statement that raises, and ``i`` for the indentation."""

METHODS = """
{o}def _refuse_if(self, bad):
{o}    if not bad:
{o}        return
{o}    raise ValueError('no')

{o}def _is_true(self, bad):
{o}    return bad

"""
"""Methods that some of the forms call, with ``o`` for the indentation of a method."""


def checks(function: ast.FunctionDef) -> Iterator[ast.If]:
    """The statements in a function that do nothing but refuse."""
    branches = {id(other) for node in ast.walk(function) if isinstance(node, ast.If) for other in node.orelse}
    for node in ast.walk(function):
        match node:
            case ast.If(body=[ast.Raise()], orelse=[]) if id(node) not in branches:
                yield node


def rewritten(text: str, function: ast.FunctionDef, check: ast.If, form: str, test: str) -> str:
    """The text of a file with a check in another form.

    Args:
        text: of the file.
        function: the method that the check is in.
        check: the check.
        form: one of :data:`FORMS`.
        test: the text of its test.
    """
    lines = text.split("\n")
    raised = ast.get_source_segment(text, check.body[0])
    indent = " " * check.col_offset
    new = FORMS[form].format(t=test, r=raised, i=indent)
    methods = METHODS.format(o=" " * function.col_offset)
    before, after = lines[: check.lineno - 1], lines[check.end_lineno : function.end_lineno]
    return "\n".join([*before, f"{indent}{new}", *after, methods, *lines[function.end_lineno :]])
