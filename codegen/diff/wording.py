"""The change of upstream's own words about an argument, where both sources are at hand. For a terminal; never saved."""

import ast
import difflib

from codegen.diff.sides import Side
from codegen.engines.transformers import docstring
from codegen.errors import CodegenError
from codegen.model.origins import Symbol
from codegen.model.schema import Field


def rewording(before: Side, after: Side, old: Field, new: Field) -> tuple[str, ...]:
    """The two entries as lines of a diff; empty where one of the sources is not at hand."""
    first, second = _entry(before, old), _entry(after, new)
    if first is None or second is None:
        return ()
    lines = difflib.ndiff(first, second)
    return tuple(line.rstrip() for line in lines if line[:1] in "+-")


def _entry(side: Side, field: Field) -> list[str] | None:
    """The documented entry, sentence by sentence."""
    if side.library is None or field.doc_digest is None:
        return None
    for symbol in dict.fromkeys(origin.symbol for origin in field.origins if origin.symbol is not None):
        try:
            found = side.library.find(Symbol(symbol.path, symbol.qualname.removesuffix(".__init__")))
        except CodegenError:
            continue
        if not isinstance(found, ast.ClassDef):
            continue
        entry = docstring.read(ast.get_docstring(found)).get(field.name)
        if entry is not None and entry.digest == field.doc_digest:
            return entry.text.replace(". ", ".\n").split("\n")
    return None
