"""How much of a schema is read from the source and how much is written by hand, for each supported release.

:mod:`codegen.diff.history` puts the table on the page about maintenance.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass

from packaging.specifiers import SpecifierSet

from codegen.model.origins import OriginKind
from codegen.model.schema import Schema
from codegen.review.claims import applies
from codegen.review.overrides import NamedRule, Overrides, WrittenRule

_READ = frozenset(
    {
        OriginKind.TYPE,
        OriginKind.DECLARED_DEFAULT,
        OriginKind.EFFECTIVE_DEFAULT,
        OriginKind.GATE,
        OriginKind.CHECK,
    }
)
_COLUMNS = (
    "release",
    "rules that are read",
    "read and corrected",
    "written by hand",
    "facts that are read",
    "claims by hand",
    "lines by hand",
)
_HEADER = re.compile(r"^\[+(?P<path>[^\]]+)\]+$")
_VERSIONS = re.compile(r'^versions = "(?P<versions>[^"]*)"$')


@dataclass(frozen=True, slots=True)
class Share:
    """The counts of one release.

    Args:
        read: rules whose condition is read from the source; the overrides only name and word them.
        corrected: rules that are read, and whose condition or fields the overrides correct.
        written: rules whose condition is written by hand.
        facts: types, defaults, gates and checks of parameters and nested arguments that are read.
        claims: facts about parameters and nested arguments that are written by hand.
        lines: lines of the overrides that apply to the release, without comments and empty lines.
    """

    read: int
    corrected: int
    written: int
    facts: int
    claims: int
    lines: int


def table(schemas: Mapping[str, Schema], overrides: Overrides, text: str) -> str:
    """The counts of some releases as a Markdown table.

    Args:
        schemas: what is known of each release, by version.
        overrides: the overrides.
        text: the text of the overrides file.
    """
    rows = [_COLUMNS, ("---", *["---:"] * (len(_COLUMNS) - 1))]
    rows += [
        (version, *map(str, astuple(share(schema, overrides, text)))) for version, schema in schemas.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def share(schema: Schema, overrides: Overrides, text: str) -> Share:
    """The counts of one release."""
    entries = {rule.id: rule for rule in overrides.rules if rule.applies(schema.version)}
    kinds = [_kind(entries.get(rule.id)) for rule in schema.rules]
    origins = [origin.kind for _, field in schema.fields() for origin in field.origins]
    return Share(
        read=kinds.count("read"),
        corrected=kinds.count("corrected"),
        written=kinds.count("written"),
        facts=sum(kind in _READ for kind in origins),
        claims=origins.count(OriginKind.CLAIM),
        lines=lines(text, schema.version),
    )


def lines(text: str, version: str) -> int:
    """How many lines of the overrides apply to a release, without comments and empty lines.

    A table with ``versions`` limits the tables inside it, too.
    """
    limits: dict[str, SpecifierSet] = {}
    count = 0
    for path, block in _blocks(text):
        own = next((match["versions"] for line in block if (match := _VERSIONS.match(line))), "")
        limits[path] = SpecifierSet(own)
        if all(applies(limits[outer], version) for outer in _path_and_parents(path) if outer in limits):
            count += len(block)
    return count


def _kind(entry: NamedRule | WrittenRule | None) -> str:
    if isinstance(entry, WrittenRule):
        return "written"
    return "corrected" if entry is not None and (entry.when is not None or entry.wrong) else "read"


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each table of the file: its path, and its lines with the header."""
    path = ""
    block: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if (header := _HEADER.match(line)) is not None:
            yield path, block
            path, block = header["path"], []
        block.append(line)
    yield path, block


def _path_and_parents(path: str) -> Iterator[str]:
    """``a``, ``a.b`` and ``a.b.c`` of ``a.b.c``."""
    parts = path.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))
