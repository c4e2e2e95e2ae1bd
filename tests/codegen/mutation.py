"""Single edits of the real source, and whether ``diff`` names them:
``python -m tests.codegen.mutation --seed 7``.

The edits are made in definitions of the installed release that facts or claims rest on. Each has to make a
finding about that definition that says what changed, or has to end the reading with an error. The finding
that evidence changed does not count, since it does not say what changed.

Besides, checks are rewritten in another form (:mod:`tests.codegen.rewriting`). If only the form changes,
nothing may be found except that the code differs. If the check changes, too, the findings have to be those of
the change alone.
"""

import argparse
import ast
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from codegen.diff.compare import compare
from codegen.diff.sides import Side
from codegen.engines.transformers.extract import extract
from codegen.errors import CodegenError
from codegen.model.origins import Symbol
from codegen.review import overrides_file
from codegen.review.merge import merge_lenient
from codegen.upstream import source
from codegen.upstream.symbols import Library, digest
from tests.codegen import places, rewriting

COUNT = 272
"""How many edits one run makes; each of the eight kinds is equally frequent."""


@dataclass(frozen=True)
class Edit:
    """One edit of one file.

    Args:
        kind: one of :data:`ALL_KINDS`.
        symbol: the edited definition.
        line: the line of the edit.
        old: the text that was there.
        new: the text that replaces it.
        text: the text of the whole file after the edit.
        named: what the finding about the code has to say, where that is known.
        alone: for a rewritten check, the text of the file with the same change in the old form.
    """

    kind: str
    symbol: Symbol
    line: int
    old: str
    new: str
    text: str
    named: str = ""
    alone: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a comparison found of one edit.

    Args:
        edit: the edit.
        verdict: ``named`` if a finding says what changed; ``error`` if the reading ended with one;
            ``nothing`` if the edit changes no code; ``missed`` otherwise. For a rewritten check: ``same`` if
            nothing is found, ``named`` if the findings are those of the change alone, ``asked`` if a
            hand-written rule is kept and its statement is asked about.
        said: the finding, the error or the reason.
    """

    edit: Edit
    verdict: str
    said: str


class _Text:
    """A file, and replacements in it by the positions of syntax nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0]
        for line in text.split("\n"):
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.lines = text.split("\n")

    def at(self, line: int, column: int) -> int:
        """The character at a line and a column in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)

    def replaced(self, start: int, end: int, new: str) -> str:
        return f"{self.text[:start]}{new}{self.text[end:]}"


def _docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
        and isinstance(node.body[0].value, ast.Constant)
    }


def _inside_text(tree: ast.AST) -> set[int]:
    """The parts of f-strings, whose positions differ between versions of Python."""
    return {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}


Site = tuple[int, int, int, str, str]
"""Where an edit can be made: start, end, line, the new text, and what the finding has to say."""


def _literals(tree: ast.AST, file: _Text, rng: random.Random) -> Iterator[Site]:
    skipped = _docstrings(tree) | _inside_text(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in skipped or node.value is ...:
            continue
        match node.value:
            case bool():
                new: object = not node.value
            case int() | float():
                new = node.value + rng.choice([1, 2, -1])
            case str():
                new = node.value + "_"
            case _:
                new = rng.choice([0, True])
        plain = all(isinstance(each, int | float | None) for each in (node.value, new))
        yield *file.span(node), node.lineno, repr(new), f"{node.value!r} became {new!r}" if plain else ""


_OTHER: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def _comparisons(tree: ast.AST, file: _Text, rng: random.Random) -> Iterator[Site]:
    skipped = _inside_text(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or id(node) in skipped:
            continue
        terms = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, terms, terms[1:], strict=False):
            start, end = file.span(left)[1], file.span(right)[0]
            between = file.text[start:end]
            sign, other = _SIGNS[type(op)], _OTHER[type(op)]
            if between.count(sign) == 1 and "#" not in between:
                yield (
                    start,
                    end,
                    node.lineno,
                    between.replace(sign, other),
                    f"a comparison {sign} became {other}",
                )


def _names(tree: ast.AST, file: _Text, rng: random.Random) -> Iterator[Site]:
    skipped = _inside_text(tree)
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in skipped
    ]
    words = sorted({node.id for node in found})
    for node in found:
        others = [word for word in words if word != node.id]
        if others:
            new = rng.choice(others)
            yield *file.span(node), node.lineno, new, ""


def _blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _dropped(tree: ast.AST, file: _Text, rng: random.Random) -> Iterator[Site]:
    for block in _blocks(tree):
        for statement in block:
            if not isinstance(statement, ast.Pass | ast.FunctionDef | ast.ClassDef):
                yield *file.span(statement), statement.lineno, "pass", ""


def _swapped(tree: ast.AST, file: _Text, rng: random.Random) -> Iterator[Site]:
    for block in _blocks(tree):
        for first, second in pairwise(block):
            if first.col_offset != second.col_offset:
                continue
            (start, first_end), (second_start, end) = file.span(first), file.span(second)
            between = file.text[first_end:second_start]
            yield (
                start,
                end,
                first.lineno,
                f"{file.text[second_start:end]}{between}{file.text[start:first_end]}",
                "",
            )


def _cut(tree: ast.AST, file: _Text, rng: random.Random) -> Iterator[Site]:
    """Cut the file somewhere inside the definition."""
    assert isinstance(tree, ast.stmt)
    assert tree.end_lineno is not None
    for line in range(tree.lineno + 1, tree.end_lineno + 1):
        yield file.starts[line - 1], len(file.text), line, "", ""


KINDS: dict[str, Callable[[ast.AST, _Text, random.Random], Iterator[Site]]] = {
    "literal": _literals,
    "comparison": _comparisons,
    "name": _names,
    "dropped statement": _dropped,
    "swapped statements": _swapped,
    "cut file": _cut,
}
REWRITTEN, CHANGED = "rewritten check", "rewritten, changed"
ALL_KINDS = (*KINDS, REWRITTEN, CHANGED)

ERROR = "error"
UNPROVEN = "rule-unproven "
SUMMARIES = frozenset({"evidence-changed", "path-changed", "reach-grown", "reach-shrunk"})
"""Kinds of findings that say that something changed, but not what."""
ABOUT_CODE = SUMMARIES | {
    *("code-changed", "reached-code-changed", "rewritten"),
    *("refusal-added", "refusal-changed", "refusal-removed", "refusal-moved"),
}
"""Kinds of findings about code; what an edit means for settings is said by findings of the other kinds."""


class Release:
    """The installed release, read once; a changed file is laid over it."""

    def __init__(self) -> None:
        self.tree = source.installed(places.PACKAGE)
        self.overrides = overrides_file.load(places.ENGINE, places.ROOT)
        self.library = Library(self.tree)
        self.side = self.read(self.library)
        schema = self.side.schema
        fields = [*schema.params, *(field for model in schema.nested for field in model.fields)]
        origins = {origin.symbol for each in (*fields, *schema.rules) for origin in each.origins}
        self.symbols = sorted({*schema.evidence, *(symbol for symbol in origins if symbol is not None)})
        self._is_read: dict[ast.If, bool] = {}

    def read(self, library: Library) -> Side:
        """As ``diff`` reads a source."""
        schema, mistakes = merge_lenient(extract(library), self.overrides, library, places.ENGINE)
        return Side(engine=places.ENGINE, label="", schema=schema, library=library, mistakes=mistakes)

    def changed(self, path: str, text: str) -> Side:
        """The release with one file changed; the other files are parsed already."""
        tree = replace(self.tree, reader=lambda name: text if name == path else self.tree.reader(name))
        library = Library(tree)
        library._modules |= {name: module for name, module in self.library._modules.items() if name != path}
        return self.read(library)

    @cached_property
    def functions(self) -> list[tuple[Symbol, ast.FunctionDef]]:
        """The functions among the definitions."""
        candidates = [(symbol, self.library.find(symbol)) for symbol in self.symbols]
        return [(symbol, node) for symbol, node in candidates if isinstance(node, ast.FunctionDef)]

    @cached_property
    def possible_checks(self) -> list[tuple[Symbol, ast.FunctionDef, ast.If]]:
        """The checks of these functions, whether anything is read from them or not."""
        return [(*each, check) for each in self.functions for check in rewriting.checks(each[1])]

    def drawn_check(self, rng: random.Random) -> tuple[Symbol, ast.FunctionDef, ast.If]:
        """One of the checks that facts are read from: without it, something else is read."""
        while True:
            symbol, function, check = rng.choice(self.possible_checks)
            if check not in self._is_read:
                file = _Text(self.library.module(symbol.path).text)
                without = file.replaced(*file.span(check), "pass")
                self._is_read[check] = bool(self.found(symbol.path, without))
            if self._is_read[check]:
                return symbol, function, check

    def found(self, path: str, text: str) -> frozenset[str]:
        """What a comparison finds besides different code; :data:`ERROR` if a refresh would fail."""
        try:
            found = compare(self.side, self.changed(path, text), self.overrides)
        except CodegenError:
            return frozenset({ERROR})
        if any(each.id == "override-mistaken" for each in found):
            return frozenset({ERROR})
        others = [each for each in found if each.id not in ABOUT_CODE]
        return frozenset(f"{each.id} {each.parameter}: {each.old!r} -> {each.new!r}" for each in others)

    def rewritings(self, kind: str, count: int, rng: random.Random) -> Iterator[Edit]:
        """``count`` randomly drawn checks, each rewritten in a random form; changed, too, for CHANGED."""
        for number in range(count):
            symbol, function, check = self.drawn_check(rng)
            form = list(rewriting.FORMS)[(number + rng.randrange(3)) % len(rewriting.FORMS)]
            file = _Text(self.library.module(symbol.path).text)
            start, end = file.span(check.test)
            test, alone = file.text[start:end], file.text
            if kind == CHANGED:
                opposite = (start, end, check.lineno, f"not ({test})", "")
                sites = [*_literals(check.test, file, rng), *_comparisons(check.test, file, rng), opposite]
                first, last, _, new, _ = rng.choice(sites)
                test = f"{test[: first - start]}{new}{test[last - start :]}"
                alone = file.replaced(first, last, new)
            text = rewriting.rewritten(file.text, function, check, form, test)
            yield Edit(kind, symbol, check.lineno, file.text[start:end], f"{form}: {test}", text, alone=alone)

    def edits(self, kind: str, count: int, rng: random.Random) -> Iterator[Edit]:
        """``count`` different edits of a kind. The definition is drawn first, so that short ones are edited,
        too."""
        if kind not in KINDS:
            yield from self.rewritings(kind, count, rng)
            return
        made: set[tuple[Symbol, int, str]] = set()
        for _ in range(count * 50):
            if len(made) == count:
                return
            symbol, node = rng.choice(self.functions)
            path = symbol.path
            file = _Text(self.library.module(path).text)
            sites = list(KINDS[kind](node, file, rng))
            if not sites:
                continue
            start, end, line, new, named = rng.choice(sites)
            if (symbol, start, new) in made or file.text[start:end] == new:
                continue
            made.add((symbol, start, new))
            old = "the rest of the file" if kind == "cut file" else file.text[start:end]
            yield Edit(kind, symbol, line, old, new, file.replaced(start, end, new), named)


def judge(release: Release, edit: Edit) -> Outcome:
    """Read the release with the edit in it, and compare."""
    if edit.alone is not None:
        return _judge_rewritten(release, edit, edit.alone)
    path, qualified = edit.symbol.path, edit.symbol.qualname
    try:
        after = release.changed(path, edit.text)
        found = compare(release.side, after, release.overrides)
    except CodegenError as error:
        return Outcome(edit, "error", str(error).split("\n", 1)[0])
    counted = [each for each in found if each.id not in SUMMARIES]
    about = [
        each for each in counted if _concerns(each.where.symbol, edit.symbol) and each.where.file == path
    ]
    code = [each for each in about if each.id == "code-changed"]
    if edit.named and not any(edit.named in each.meaning for each in code):
        about = []
    if about:
        return Outcome(edit, "named", about[0].meaning)
    assert after.library is not None
    node, before = after.library.find(edit.symbol), release.library.find(edit.symbol)
    if node is not None and before is not None and digest(node) == digest(before):
        return Outcome(
            edit,
            "nothing",
            "the definition is the same code: what was edited is not part of it, or means the same",
        )
    gone = [each for each in counted if qualified in each.meaning]
    return (
        Outcome(edit, "named", gone[0].meaning)
        if gone
        else Outcome(edit, "missed", "; ".join(each.id for each in found))
    )


def _judge_rewritten(release: Release, edit: Edit, alone: str) -> Outcome:
    """What is found has to be the same.

    A form that cannot be followed may end the reading instead, or keep a hand-written rule and ask whether
    its statement is still there.
    """
    expected = release.found(edit.symbol.path, alone)
    found = release.found(edit.symbol.path, edit.text)
    if ERROR in found:
        return Outcome(edit, "error", "it cannot be read, or the overrides do not fit")
    if found == expected:
        return Outcome(edit, "named" if found else "same", "; ".join(sorted(found)))
    if all(each.startswith(UNPROVEN) for each in found ^ expected):
        return Outcome(edit, "asked", "a rule is kept, and somebody is asked about its statement")
    return Outcome(edit, "missed", f"{sorted(found)} instead of {sorted(expected)}")


def _concerns(found: Symbol | None, edited: Symbol) -> bool:
    """Whether the symbols are the same definition, or one is inside the other."""
    if found is None or found.path != edited.path:
        return False
    one, other = f"{found.qualname}.", f"{edited.qualname}."
    return one.startswith(other) or other.startswith(one)


VERDICTS = ("named", "error", "same", "nothing", "missed")


def run(seed: int, count: int = COUNT) -> list[Outcome]:
    """All edits of a seed, judged."""
    release, rng = Release(), random.Random(seed)
    each = -(-count // len(ALL_KINDS))
    return [judge(release, edit) for kind in ALL_KINDS for edit in release.edits(kind, each, rng)]


def main() -> int:
    """Print the verdicts by kind, and the edits that change nothing or were missed; exit code 1 for these."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.codegen.mutation", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--show", action="store_true", help="print every edit with what was said of it")
    arguments = parser.parse_args()
    outcomes = run(arguments.seed, arguments.count)
    print(f"{'kind'.ljust(20)}{'edits':>7}" + "".join(f"{name:>9}" for name in VERDICTS))
    for kind in ALL_KINDS:
        counts = Counter(each.verdict for each in outcomes if each.edit.kind == kind)
        columns = "".join(f"{counts[name]:>9}" for name in VERDICTS)
        print(f"{kind.ljust(20)}{sum(counts.values()):>7}{columns}")
    for each in outcomes:
        if arguments.show or each.verdict in ("nothing", "missed"):
            edit = each.edit
            change = f"{edit.old[:60]!r} -> {edit.new[:60]!r}"
            print(f"{each.verdict}: {edit.kind}, {edit.symbol}:{edit.line}: {change}: {each.said[:200]}")
    print(
        f"seed {arguments.seed}: {len(outcomes)} edits, {sum(each.verdict == 'missed' for each in outcomes)} missed."
    )
    return 1 if any(each.verdict == "missed" for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
