"""How much of a schema is read from the source and how much is written by hand, for each supported release.

:mod:`codegen.diff.history` puts the table on the page about maintenance.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
        read: rules whose condition is read; the hand-written file only names and words them.
        corrected: rules that are read, and whose condition or fields the hand-written file corrects.
        written: rules whose condition is written by hand.
        facts: types, defaults, gates and checks that are read, of parameters and nested arguments.
        claims: facts about these that are written by hand.
        lines: of the hand-written file that apply to the release, without comments and empty ones.
    """

    read: int
    corrected: int
    written: int
    facts: int
    claims: int
    lines: int


def table(schemas: Mapping[str, Schema], stated: Overrides, text: str) -> str:
    """The counts of some releases as a table of Markdown.

    Args:
        schemas: what is known of each release, by version.
        stated: the hand-written file.
        text: the same, as it is written.
    """
    rows = [_COLUMNS, ("---", *["---:"] * (len(_COLUMNS) - 1))]
    for version, schema in schemas.items():
        of = share(schema, stated, text)
        counts = (of.read, of.corrected, of.written, of.facts, of.claims, of.lines)
        rows.append((version, *map(str, counts)))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def share(schema: Schema, stated: Overrides, text: str) -> Share:
    """The counts of one release."""
    entries = {rule.id: rule for rule in stated.rules if rule.applies(schema.version)}
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
    """How many lines of the hand-written file apply to a release."""
    limits: dict[str, SpecifierSet] = {}
    count = 0
    for path, block in _blocks(text):
        own = next((found["versions"] for line in block if (found := _VERSIONS.match(line))), "")
        limits[path] = SpecifierSet(own)
        around = [limits[outer] for outer in _around(path) if outer in limits]
        if all(applies(each, version) for each in around):
            count += len(block)
    return count


def _kind(entry: NamedRule | WrittenRule | None) -> str:
    if isinstance(entry, WrittenRule):
        return "written"
    return "corrected" if entry is not None and (entry.when is not None or entry.wrong) else "read"


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each table of the file: its path, and its lines, the header among them."""
    path = ""
    block: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if (found := _HEADER.match(line)) is not None:
            yield path, block
            path, block = found["path"], []
        block.append(line)
    yield path, block


def _around(path: str) -> Iterator[str]:
    """A table and those that it is in."""
    parts = path.split(".")
    return (".".join(parts[:count]) for count in range(1, len(parts) + 1))
