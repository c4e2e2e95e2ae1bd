"""One setting as a script writes it: an argument of a call, or an entry of a dictionary."""

import ast

import libcst as cst

from codegen.migrate.plan import COMPUTED, Computed
from codegen.model.values import PlainValue, freeze

Setting = cst.Arg | cst.DictElement


def may_have_extra(starred: cst.BaseExpression) -> bool:
    """Whether ``**starred`` may bring an ``extra``; only a dictionary literal without one surely does not."""
    if not isinstance(starred, cst.Dict):
        return True
    return any(
        not isinstance(entry, cst.DictElement) or key_of(entry) in (None, "extra")
        for entry in starred.elements
    )


def comment_after(setting: Setting) -> str:
    """The text of the comment after a setting on its line, empty if there is none."""
    after = setting.comma.whitespace_after if isinstance(setting.comma, cst.Comma) else None
    if after is None and isinstance(setting, cst.Arg):
        after = setting.whitespace_after_arg
    comment = after.first_line.comment if isinstance(after, cst.ParenthesizedWhitespace) else None
    return comment.value.lstrip("# ") if comment else ""


def key_of(element: cst.DictElement) -> str | None:
    """The key, None if it is not a literal text."""
    if isinstance(element.key, cst.SimpleString):
        key = ast.literal_eval(element.key.value)
        return key if isinstance(key, str) else None
    return None


def name_of(setting: Setting) -> str:
    """The name of the parameter or argument that is set."""
    if isinstance(setting, cst.Arg):
        assert setting.keyword is not None
        return setting.keyword.value
    key = key_of(setting)
    assert key is not None
    return key


def renamed(setting: Setting, name: str) -> Setting:
    """The setting under another name."""
    if isinstance(setting, cst.Arg):
        return setting.with_changes(keyword=cst.Name(name))
    assert isinstance(setting.key, cst.SimpleString)
    quote = setting.key.value[0]
    return setting.with_changes(key=cst.SimpleString(f"{quote}{name}{quote}"))


def value_of(node: cst.BaseExpression) -> "PlainValue | Computed":
    """The value of an expression; :data:`~codegen.migrate.plan.COMPUTED` if it is not a literal."""
    try:
        return freeze(ast.literal_eval(cst.Module([]).code_for_node(node)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return COMPUTED


def expression(value: PlainValue, instead_of: cst.BaseExpression) -> cst.BaseExpression:
    """A value as an expression; a text gets the quotes of the text that it replaces."""
    quote = instead_of.value[0] if isinstance(instead_of, cst.SimpleString) else ""
    code = repr(value)
    return cst.parse_expression(code if quote != '"' or code[0] != "'" else f'"{code[1:-1]}"')
