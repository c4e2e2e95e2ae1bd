"""Texts inside Markdown that stay in their table cell and contain no markup."""

import re

from codegen.render.python import Code, comment


def cell(words: str) -> Code:
    """A text that stays inside one cell of a table, and has no markup except code between backticks.

    It also has nothing that GitHub interprets: a mention, a link to an issue or an address, a formula.
    """
    plain = " ".join(comment(words).split())
    paired = plain.count("`") % 2 == 0 and "``" not in plain and "\\" not in plain
    pieces = re.split("(`[^`]+`)", plain) if paired else [plain]
    return Code(
        "".join(
            piece.replace("|", "\\|") if number % 2 else _prose(piece) for number, piece in enumerate(pieces)
        )
    )


def _prose(words: str) -> str:
    escaped = re.sub(r"[\\|\[\]*$`~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", words)  # in a word, _ is plain
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=\w)|#(?=\d)|:(?=//)|\bwww(?=\.)", r"\g<0><!-- -->", escaped)


def code_span(words: str) -> Code:
    """A text as code inside a cell. Only a backtick is markup there, and a bar would end the cell."""
    return Code("`" + comment(words).replace("`", "'").replace("|", "\\|") + "`")
