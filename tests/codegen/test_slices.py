"""codegen.upstream.slices: the statements of a definition about some names, and which edits of it count."""

import ast
import textwrap

import pytest

from codegen.upstream.slices import Slice, Slicer
from codegen.upstream.symbols import Definition

TEXT = """
def generate(self, inputs, config, width=3, *, streamer=None, **extra):
    other = config.top_k
    if streamer is not None and config.num_beams > 1:
        raise ValueError("no streaming with beams")
    if config.early:
        return inputs
    limit = config.max_length
    if limit is None:
        logger.warning("none given")
        limit = 20
    try:
        found = self.search(inputs, limit, width=width)
    except KeyError:
        found = None
    for step in range(limit):
        inputs = self.step(inputs, other)
        if other > 3:
            break
    extra["cache"] = self.cache(size=config.top_k)
    return Output(inputs=inputs, found=found, cache=extra["cache"])
"""


def node(text: str = TEXT) -> Definition:
    found = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(found, Definition)
    return found


def about(*names: str, text: str = TEXT, facts: tuple[str, ...] = ()) -> Slice:
    return Slicer(node(text)).about(names, facts)


def test_a_slice_has_what_mentions_the_name_and_what_follows_from_it() -> None:
    assert about("max_length").text.splitlines() == [
        "def generate(self, inputs, config, width=3):",
        "    if config.early:",
        "        return inputs",
        "    limit = config.max_length",
        "    if limit is None:",
        "        limit = 20",
        "    try:",
        "        found = self.search(inputs, limit, width=width)",
        "    except KeyError:",
        "        found = None",
        "    for step in range(limit):",
    ]


# An edit of the text above, and for which names it counts.
NAMES = ("max_length", "num_beams", "top_k")
EDITS = {
    "the assignment": ("limit = config.max_length", "limit = config.max_length - 1", {"max_length"}),
    "a derived test": ("if limit is None", "if limit == 0", {"max_length"}),
    "what stands under it": ("limit = 20", "limit = 21", {"max_length"}),
    "a use": ("self.search(inputs, limit,", "self.search(limit, inputs,", {"max_length"}),
    "a loop over it": ("range(limit)", "range(1, limit)", {"max_length", "top_k"}),
    "a test that refuses it": ("config.num_beams > 1", "config.num_beams > 2", {"num_beams"}),
    "the test beside it": ("streamer is not None", "streamer is None", {"num_beams"}),
    "what is refused": ("raise ValueError(\"no streaming with beams\")", "pass", {"num_beams"}),
    "its message": ("no streaming with beams", "other words", set()),
    "what is logged": ("none given", "other words", set()),
    "a return before": ("config.early", "config.late", {"max_length", "top_k"}),
    "what a handler catches": ("except KeyError", "except TypeError", {"max_length"}),
    "what a handler does": ("found = None", "found = 0", {"max_length"}),
    "an argument of a call": ("size=config.top_k", "size=config.top_k + 1", {"top_k"}),
    "a break that depends on another": ("other > 3", "other > 4", {"top_k"}),
    "an argument that is not used for it": ("streamer=None, **extra", "streamer=3, **extra", {"num_beams"}),
    "an argument of what is built": ("found=found", "found=None", set()),
    "a statement about nothing of it": ("return Output(inputs=inputs", "return Output(inputs=None", set()),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "names"), EDITS.values(), ids=EDITS)
def test_an_edit_counts_for_the_names_that_it_concerns(old: str, new: str, names: set[str]) -> None:
    assert TEXT.count(old) == 1
    edited = TEXT.replace(old, new)
    changed = {each for each in NAMES if about(each).fingerprint != about(each, text=edited).fingerprint}
    assert changed == names


SAME = {
    "a local": ("limit", "bound"),
    "an annotation": ("limit = config.max_length", "limit: int | None = config.max_length"),
    "a comment": ("    other =", "    # why\n    other ="),
    "two unrelated statements in another order": (
        '    other = config.top_k\n    if streamer is not None and config.num_beams > 1:\n        raise ValueError("no streaming with beams")\n',
        '    if streamer is not None and config.num_beams > 1:\n        raise ValueError("no streaming with beams")\n    other = config.top_k\n',
    ),
    "another frame around it": ("    limit = config.max_length", "    with torch.no_grad():\n        limit = config.max_length"),
    "an argument more": ("streamer=None", "streamer=None, trainer=None"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_what_a_refactoring_changes_counts_for_no_name(old: str, new: str) -> None:
    edited = TEXT.replace(old, new)
    assert edited != TEXT
    assert [about(each).fingerprint for each in NAMES] == [
        about(each, text=edited).fingerprint for each in NAMES
    ]


def test_a_definition_that_mentions_no_name_counts_whole() -> None:
    found = about("seed")
    assert found.is_whole
    assert found.fingerprint != about("seed", text=TEXT.replace("limit = 20", "limit = 21")).fingerprint
    assert not about("top_k").is_whole


def test_a_name_may_be_part_of_a_longer_or_shorter_one() -> None:
    text = "def f(self, offload_space_gib, ngram_size):\n    self.a = offload_space_gib\n    self.b = ngram_size\n"
    for name in ("offload_space", "no_repeat_ngram_size"):
        assert not about(name, text=text).is_whole
    assert "self.b" not in about("offload_space", text=text).text
    assert "self.a" not in about("no_repeat_ngram_size", text=text).text
    assert about("size", text=text).is_whole  # too short to tell


def test_facts_count_where_no_value_is_mentioned() -> None:
    assert "cache" in about("top_k", facts=("early",)).text
    assert "early" in about("seed", facts=("early",)).text
    assert about("seed", facts=("early",)).is_whole is False


def test_a_claim_that_a_class_is_there_rests_on_its_head() -> None:
    text = "@dataclass\nclass Config(Base):\n    a: int = 1\n"
    assert about("Config", text=text).fingerprint == about("Config", text=text.replace("1", "2")).fingerprint
    assert (
        about("Config", text=text).fingerprint
        != about("Config", text=text.replace("Base", "Other")).fingerprint
    )


def test_exchanged_arguments_are_a_change() -> None:
    one = "def f(a, b):\n    if a < 0:\n        raise ValueError\n"
    other = "def f(b, a):\n    if b < 0:\n        raise ValueError\n"
    assert about("a", text=one).fingerprint != about("a", text=other).fingerprint


def test_a_renamed_argument_is_recognised_unless_two_things_would_have_one_name() -> None:
    text = (
        "def f(self, past, other):\n    if past.size > 1:\n        raise ValueError\n    return self.past\n"
    )
    renamed = Slicer(node(text.replace("past", "cache"))).renamed("cache", "past")
    assert renamed is not None
    assert renamed.about(["past"]).fingerprint == about("past", text=text).fingerprint
    both = Slicer(node(text.replace("self.past", "self.cache")))
    assert both.renamed("cache", "past") is None


@pytest.mark.parametrize(
    ("lines", "is_same"),
    [
        (("a = x", "b = y.z"), True),
        (("a = x[0] + 1", "b = 'text'"), True),
        (("a = x", "b = a"), False),
        (("a = x", "x = y"), False),
        (("a = x", "a = y"), False),
        (("a = f(x)", "b = y"), False),
        (("a.x = x", "b = y"), False),
    ],
)
def test_neighbours_without_anything_in_common_may_change_places(
    lines: tuple[str, str], is_same: bool
) -> None:
    one, other = (
        f"def g(x, y):\n    {first}\n    {second}\n    return a, b\n"
        for first, second in (lines, lines[::-1])
    )
    assert (about("seed", text=one).fingerprint == about("seed", text=other).fingerprint) is is_same
