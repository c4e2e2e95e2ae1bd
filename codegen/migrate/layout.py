"""Arguments and entries of dictionaries, put together again in their old layout and with their comments."""

from collections.abc import Sequence
from typing import TypeVar, cast

import libcst as cst

Item = TypeVar("Item", bound="cst.Arg | cst.BaseDictElement")

_BARE = cst.TrailingWhitespace(whitespace=cst.SimpleWhitespace(""))
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
    """Items in the layout of those that were there before.

    Commas and line breaks between them, and after the last.
    """
    items: list[Item] = [*kept, *added]
    closing = before[-1].comma if before else cst.MaybeSentinel.DEFAULT
    between = cst.Comma(whitespace_after=_between(opening))
    result: list[Item] = []
    for number, item in enumerate(items):
        if number == len(items) - 1:
            comma = item.comma if _remarked(item.comma) else _after(closing, item.comma)
        else:
            comma = _after(between, item.comma) if item.comma is closing or item in added else item.comma
        result.append(item if comma is item.comma else cast("Item", item.with_changes(comma=comma)))
    return result


def _remarked(comma: cst.Comma | cst.MaybeSentinel) -> bool:
    """Whether a comment follows a comma; then the comma stays, whatever follows."""
    after = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    return isinstance(after, cst.ParenthesizedWhitespace) and after.first_line.comment is not None


def before_the_bracket(before: Sequence[cst.Arg], arguments: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments of which the last one precedes the bracket as the old last one did, without a comma."""
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
        last = last.with_changes(whitespace_after_arg=closing.with_changes(first_line=_BARE))
    return [*map(_tight, others), last]


def _tight(argument: cst.Arg) -> cst.Arg:
    """An argument whose comma follows at once, with the comment that followed it."""
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
    """A comma where it belongs, with the comment that followed the old one."""
    if comma is own or not isinstance(comma, cst.Comma):
        return comma
    mine = comma.whitespace_after
    theirs = own.whitespace_after if isinstance(own, cst.Comma) else None
    if not isinstance(mine, cst.ParenthesizedWhitespace):
        return comma
    line = theirs.first_line if isinstance(theirs, cst.ParenthesizedWhitespace) else _BARE
    return comma.with_changes(whitespace_after=mine.with_changes(first_line=line))


def _between(opening: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    """What follows a comma: a line break if there is one after the opening bracket."""
    if not isinstance(opening, cst.ParenthesizedWhitespace):
        return cst.SimpleWhitespace(" ")
    return cst.ParenthesizedWhitespace(indent=opening.indent, last_line=opening.last_line)
