"""Puts arguments of calls and entries of dictionaries together again, in their old layout, with comments.

libcst keeps a comment with the comma before it, so most of this is about commas.
"""

from collections.abc import Sequence
from typing import TypeVar, cast

import libcst as cst

Item = TypeVar("Item", bound="cst.Arg | cst.BaseDictElement")

_NO_COMMENT = cst.TrailingWhitespace(whitespace=cst.SimpleWhitespace(""))
"""A line that ends without a comment."""


def argument(name: str, value: cst.BaseExpression) -> cst.Arg:
    """``name=value``."""
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(name), equal=tight)


def element(name: str, value: cst.BaseExpression) -> cst.DictElement:
    """``"name": value``."""
    return cst.DictElement(cst.SimpleString(f'"{name}"'), value)


def joined(
    before: Sequence[Item],
    kept: Sequence[Item],
    added: Sequence[Item],
    opening: cst.BaseParenthesizableWhitespace,
) -> list[Item]:
    """Items with the commas and line breaks of the old ones between them and after the last.

    Args:
        before: the old items.
        kept: those of them that stay, perhaps changed.
        added: new items.
        opening: the whitespace after the opening bracket.
    """
    items: list[Item] = [*kept, *added]
    closing = before[-1].comma if before else cst.MaybeSentinel.DEFAULT
    between = cst.Comma(whitespace_after=_between(opening))
    result: list[Item] = []
    for number, item in enumerate(items):
        if number == len(items) - 1:
            comma = item.comma if _has_comment(item.comma) else _with_comment_of(closing, item.comma)
        elif item.comma is closing or item in added:
            comma = _with_comment_of(between, item.comma)
        else:
            comma = item.comma
        result.append(item if comma is item.comma else cast("Item", item.with_changes(comma=comma)))
    return result


def _has_comment(comma: cst.Comma | cst.MaybeSentinel) -> bool:
    """Whether a comment follows a comma; then the comma has to stay."""
    after = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    return isinstance(after, cst.ParenthesizedWhitespace) and after.first_line.comment is not None


def before_the_bracket(before: Sequence[cst.Arg], arguments: list[cst.Arg]) -> list[cst.Arg]:
    """The arguments, with the last one before the bracket as the old last one was, without a comma."""
    if not before or not arguments or isinstance(before[-1].comma, cst.Comma):
        return arguments
    closing = before[-1].whitespace_after_arg
    *others, last = arguments
    if not isinstance(closing, cst.ParenthesizedWhitespace) or last.whitespace_after_arg is closing:
        return arguments
    if isinstance(last.comma, cst.Comma):
        after = cst.ensure_type(last.comma.whitespace_after, cst.ParenthesizedWhitespace)
        comma = last.comma.with_changes(whitespace_after=closing.with_changes(first_line=after.first_line))
        last = last.with_changes(comma=comma)
    else:
        last = last.with_changes(whitespace_after_arg=closing.with_changes(first_line=_NO_COMMENT))
    return [*map(_tight, others), last]


def _tight(argument: cst.Arg) -> cst.Arg:
    """An argument without whitespace before its comma; a comment that was there follows the comma."""
    before_comma, comma = argument.whitespace_after_arg, argument.comma
    if not isinstance(before_comma, cst.ParenthesizedWhitespace) or not isinstance(comma, cst.Comma):
        return argument
    after = comma.whitespace_after
    if isinstance(after, cst.ParenthesizedWhitespace):
        comma = comma.with_changes(whitespace_after=after.with_changes(first_line=before_comma.first_line))
    return argument.with_changes(whitespace_after_arg=cst.SimpleWhitespace(""), comma=comma)


def _with_comment_of(
    comma: cst.Comma | cst.MaybeSentinel, old: cst.Comma | cst.MaybeSentinel
) -> cst.Comma | cst.MaybeSentinel:
    """A comma, followed by the comment that followed the old comma of the same item."""
    if comma is old or not isinstance(comma, cst.Comma):
        return comma
    after = comma.whitespace_after
    if not isinstance(after, cst.ParenthesizedWhitespace):
        return comma
    after_old = old.whitespace_after if isinstance(old, cst.Comma) else None
    line = after_old.first_line if isinstance(after_old, cst.ParenthesizedWhitespace) else _NO_COMMENT
    return comma.with_changes(whitespace_after=after.with_changes(first_line=line))


def _between(opening: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """What follows a comma: a line break if there is one after the opening bracket."""
    if not isinstance(opening, cst.ParenthesizedWhitespace):
        return cst.SimpleWhitespace(" ")
    return cst.ParenthesizedWhitespace(indent=opening.indent, last_line=opening.last_line)
