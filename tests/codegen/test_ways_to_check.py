"""However a check is written, extraction finds the bound, or fails and says where."""

import itertools
import textwrap
from dataclasses import replace

import pytest

from codegen.engines.transformers.cross_field import read_rules
from codegen.engines.transformers.engine import CONFIGURATION, PROCESSORS
from codegen.engines.transformers.extract import extract
from codegen.errors import UnknownShapeError
from codegen.model.conditions import ALWAYS, Condition, partial_eval
from codegen.model.facts import Facts, SourceField
from codegen.review import overrides_file
from codegen.review.merge import merge
from codegen.upstream import source
from codegen.upstream.symbols import Library
from tests.codegen import places
from tests.codegen.conftest import Command, SourceCopy
from tests.codegen.fake_source import configuration, library
from tests.codegen.ways import WAYS, Way

CHECKS = {
    CONFIGURATION: """\
        if self.max_new_tokens is not None and self.max_new_tokens <= 0:
            raise ValueError(f"`max_new_tokens` must be greater than 0, but is {self.max_new_tokens}.")
""",
    PROCESSORS: """\
        if not isinstance(top_k, int) or top_k <= 0:
            raise ValueError(f"`top_k` has to be a strictly positive integer, but is {top_k}")
""",
}
"""Checks of the installed release, which are written in other ways here."""

METHODS = {
    CONFIGURATION: "    def validate(self, strict=False",
    PROCESSORS: '    def __init__(self, top_k: int, filter_value: float = -float("Inf"), min_tokens_to_keep: int = 1):',
}
"""The head of the method that each is in."""


def rewritten(text: str, path: str, way: Way) -> str:
    """The text of a file with its check written in another way."""
    check, head = CHECKS[path], METHODS[path]
    assert text.count(check) == 1
    before, after = text.replace(check, textwrap.indent(way.body, " " * 8) + "\n").split(head)
    owner, cls = before.rsplit("\nclass ", 1)
    methods = textwrap.indent(way.methods, " " * 4)
    return f"{owner}\n{way.top}\n\nclass {cls}{methods}\n\n{head}{after}"


class Release:
    """The installed release, read once; a changed file is laid over it."""

    def __init__(self) -> None:
        self.tree = source.installed(places.PACKAGE)
        self.library = Library(self.tree)
        self.facts = extract(self.library)

    def changed(self, path: str, way: Way) -> Library:
        """The release with its check written in another way."""
        text = rewritten(self.tree.read(path), path, way)
        tree = replace(self.tree, reader=lambda name: text if name == path else self.tree.read(name))
        found = Library(tree)
        found._modules |= {name: module for name, module in self.library._modules.items() if name != path}
        return found


@pytest.fixture(scope="module")
def release() -> Release:
    return Release()


def without_origins(facts: Facts) -> list[object]:
    """What extraction found, without the places."""
    params: list[SourceField] = [replace(each, origins=()) for each in facts.params]
    return [params, facts.nested, [replace(each) for each in facts.rules.rules], set(facts.rules.unread)]


def _is_of_an_argument(way: Way) -> bool:
    return "{name}" not in f"{way.body}{way.methods}{way.top}" and "GenerationConfig" not in way.body


PLACES = {
    "validate": (CONFIGURATION, "self.max_new_tokens", "max_new_tokens", "GenerationConfig", tuple(WAYS)),
    "a constructor": (PROCESSORS, "top_k", "top_k", "TopKLogitsWarper", tuple(name for name, way in WAYS.items() if _is_of_an_argument(way))),
}  # fmt: skip
CASES = [(place, name) for place, row in PLACES.items() for name in row[-1]]


@pytest.mark.parametrize(("place", "name"), CASES)
def test_every_way_ends_in_the_bound_or_in_an_error(release: Release, place: str, name: str) -> None:
    path, value, parameter, cls, _ = PLACES[place]
    way = WAYS[name].of(parameter, x=value)
    changed = release.changed(path, way)
    if way.is_read:
        assert without_origins(extract(changed)) == without_origins(release.facts)
        return
    with pytest.raises(UnknownShapeError) as raised:
        merge(extract(changed), overrides_file.load(places.ENGINE, places.ROOT), changed, places.ENGINE)
    where, what = raised.value.where, raised.value.what
    assert where.startswith(f"transformers/{path}, {cls}.") or where == f"transformers/{path}, _check"
    assert parameter in what or "self" in what


def test_there_are_enough_ways() -> None:
    assert len(WAYS) >= 100
    assert sum(way.is_read for way in WAYS.values()) >= 80


@pytest.mark.parametrize("name", ["a local", "a method that raises", "match with a guard"])
def test_the_command_finds_the_bound(codegen: Command, source_copy: SourceCopy, name: str) -> None:
    file = source_copy.root / "transformers" / CONFIGURATION
    file.write_text(
        rewritten(file.read_text("utf-8"), CONFIGURATION, WAYS[name].of("max_new_tokens")), "utf-8"
    )
    done = codegen("explain", "max_new_tokens", "--transformers", source_copy.root)
    assert done.code == 0, done.err
    assert "> 0" in done.out


def test_the_command_says_what_it_cannot_follow(codegen: Command, source_copy: SourceCopy) -> None:
    file = source_copy.root / "transformers" / CONFIGURATION
    way = WAYS["a conversion that may fail"].of("max_new_tokens")
    file.write_text(rewritten(file.read_text("utf-8"), CONFIGURATION, way), "utf-8")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", source_copy.root)
    assert done.code == 2
    assert f"transformers/{CONFIGURATION}, GenerationConfig.validate" in done.err
    assert "it refuses some values of max_new_tokens in a way that cannot be read" in done.err


# --- combinations

MODES = "if self.flag: generation_mode = GenerationMode.ONE\nreturn generation_mode"
VALUES = (None, -1, 0, 1, 5)


def _when(way: Way) -> list[Condition] | None:
    """The conditions of a refusal of ``a`` where ``flag`` is set; None if one cannot be read."""
    validate = f"def validate(self, strict=False):\n    if self.flag:\n{textwrap.indent(way.body, ' ' * 8)}"
    mode = f"def get_generation_mode(self):\n{textwrap.indent(MODES, ' ' * 4)}"
    text = configuration("pass", others=f"{validate}\n{mode}\n{way.methods}")
    generate = (
        "GENERATION_MODES_MAPPING = {}\nclass GenerationMixin:\n    def generate(self):\n        pass\n"
    )
    found = read_rules(library(configuration=f"{way.top}\n{text}", generate=generate), ["a", "flag"])
    assert found.rules or found.unread
    return None if found.unread else [rule.when for rule in found.rules]


@pytest.mark.parametrize("name", WAYS)
def test_every_way_ends_in_the_combination_or_in_an_unread_raise(name: str) -> None:
    way = WAYS[name].of("a")
    found = _when(way)
    asks_type = (
        "isinstance" in way.body or "int()" in way.body
    )  # which decides nothing where it is not a bound
    assert (found is not None) is (way.is_read and not asks_type)
    for a, flag in itertools.product(VALUES, (True, False)) if found else ():
        is_refused = any(partial_eval(when, {"a": a, "flag": flag}) == ALWAYS for when in found or ())
        assert is_refused is (flag and a is not None and a <= 0), (a, flag)
