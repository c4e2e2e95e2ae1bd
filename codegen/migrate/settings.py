"""One setting as a script writes it: an argument of a call, or an entry of a dictionary."""

import ast

import libcst as cst

from codegen.migrate.plan import COMPUTED, Computed
from codegen.model.values import PlainValue, freeze

Setting = cst.Arg | cst.DictElement


def may_have_extra(starred: cst.BaseExpression) -> bool:
    """Whether ``**starred`` may bring an ``extra``.

    A dictionary that is written there, without one, does not.
    """
    if not isinstance(starred, cst.Dict):
        return True
    return any(
        not isinstance(each, cst.DictElement) or key_of(each) in (None, "extra") for each in starred.elements
    )


def remark_of(setting: Setting) -> str:
    """The text of the comment after a setting, on its line."""
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
    """The name that it sets."""
    if isinstance(setting, cst.Arg):
        assert setting.keyword is not None
        return setting.keyword.value
    key = key_of(setting)
    assert key is not None
    return key


def renamed(setting: Setting, name: str) -> Setting:
    """The same under another name."""
    if isinstance(setting, cst.Arg):
        return setting.with_changes(keyword=cst.Name(name))
    assert isinstance(setting.key, cst.SimpleString)
    quote = setting.key.value[0]
    return setting.with_changes(key=cst.SimpleString(f"{quote}{name}{quote}"))


def value_of(node: cst.BaseExpression) -> "PlainValue | Computed":
    """The value of an expression, if it is literal."""
    try:
        return freeze(ast.literal_eval(cst.Module([]).code_for_node(node)))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return COMPUTED


def written(value: PlainValue, instead_of: cst.BaseExpression) -> cst.BaseExpression:
    """A value as an expression; a text in the quotes of the one that it replaces."""
    quote = instead_of.value[0] if isinstance(instead_of, cst.SimpleString) else ""
    plain = repr(value)
    return cst.parse_expression(plain if quote != '"' or plain[0] != "'" else f'"{plain[1:-1]}"')
