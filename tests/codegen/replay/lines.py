"""The findings between two releases, a line each: what the committed expectations next to this file hold.

What is about our overrides is left out, and of code and wordings there is the place alone, since no text of
upstream is kept.
"""

import re
from pathlib import Path

from codegen.diff.compare import compare
from codegen.diff.findings import Finding
from codegen.diff.formats.report import CODE, RULES
from codegen.diff.sides import open_sides
from codegen.review import overrides_file
from tests.codegen import places, releases

_OURS = frozenset(
    {"override-mistaken", "evidence-changed", "rule-reworded", "description-changed", "bookkeeping-changed"}
)
_PLACES = CODE | {"doc-changed", "doc-added", "doc-lost"}


def expectation(old: str, new: str) -> Path:
    """The file that holds what is expected."""
    return Path(__file__).parent / f"{old}-{new}.txt"


def said(old: str, new: str) -> list[str]:
    """What is found."""
    stated = overrides_file.load(places.ENGINE, places.ROOT)
    sides = open_sides(places.ENGINE, str(releases.wheel(old)), str(releases.wheel(new)), stated)
    return sorted(_line(each) for each in compare(*sides, stated) if each.id not in _OURS)


def _line(finding: Finding) -> str:
    if finding.id in RULES:
        [rule] = re.findall(r"^The rule (\S+)", finding.meaning)
        about = rule
    elif finding.id == "code-changed":
        about = finding.where.symbol
    elif finding.id in _PLACES:
        about = finding.parameter
    else:
        about = f"{finding.parameter}: {finding.old!r} -> {finding.new!r}"
    return f"{finding.level.ljust(8)} {finding.id.ljust(18)} {about}"
