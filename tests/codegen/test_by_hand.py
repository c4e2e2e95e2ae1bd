"""codegen.diff.by_hand: how much is read, and how much is written by hand."""

import textwrap
from pathlib import Path

import pytest

from codegen.diff import by_hand, history
from codegen.diff.sides import open_side
from codegen.errors import WriteError
from codegen.review import overrides_file
from tests.codegen import places, releases

TEXT = textwrap.dedent("""\
    # A comment, and an empty line.

    [params.a]
    role = "length"

    [[params.a.claims]]
    bound = ">= 0"
    versions = ">=2"

    [params.old]
    versions = "<2"
    role = "none"
    [[params.old.claims]]
    min_length = 1

    [[rules]]
    id = "one"
    versions = ">=2,<2.1"
    [[rules]]
    id = "two"
    """)


@pytest.mark.parametrize(
    ("version", "count"),
    [
        ("1.9", 2 + 3 + 2 + 2),
        ("2.0", 2 + 3 + 3 + 2),
        ("2.1", 2 + 3 + 2),
        ("2.1.dev0", 2 + 3 + 2),
    ],
)
def test_lines_count_for_the_releases_that_their_entry_is_about(version: str, count: int) -> None:
    """Without comments; what is in an entry of other releases does not apply either."""
    assert by_hand.lines(TEXT, version) == count


@pytest.mark.parametrize("version", [places.SUPPORTED[0], places.SUPPORTED[-1]])
def test_every_rule_and_claim_of_a_release_is_counted(version: str) -> None:
    overrides = overrides_file.load(places.ENGINE, places.ROOT)
    text = (places.ROOT / places.ENGINE.overrides).read_text(encoding="utf-8")
    schema = open_side(places.ENGINE, str(releases.wheel(version)), overrides).schema
    share = by_hand.share(schema, overrides, text)
    assert share.read + share.corrected + share.written == len(schema.rules)
    applying = [rule for rule in overrides.rules if rule.applies(version)]
    written = {rule.id for rule in applying if not hasattr(rule, "extracted")}
    assert share.written == len({rule.id for rule in schema.rules} & written)
    assert 0 < share.claims < share.facts
    assert 0 < share.lines < len(text.splitlines())


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    page = f"# Page\n\n{history.TABLE}\n\nold\n\n{history.TABLE_END}\n\nMore.\n"
    marks = (history.TABLE, history.TABLE_END)
    made = history.between(page, Path("page.md"), marks, "new")
    assert made == page.replace("old", "new")
    assert history.between(made, Path("page.md"), marks, "new") == made
    with pytest.raises(WriteError, match=r"page\.md has no place"):
        history.between("# Page\n", Path("page.md"), marks, "new")
