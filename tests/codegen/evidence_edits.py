"""Edits of the definitions that claims rest on, and whether a review of the claim is asked for:
``python -m tests.codegen.evidence_edits --seed 7``.

*Mutations* (:mod:`tests.codegen.mutation`) change what the code does. A mutation has to ask about a claim if
it is in a statement that mentions the claim's names, or anywhere in a definition that mentions none of them.
*Refactorings* do not change what the code does: they rename a local, annotate, change a message, comment, or
exchange two unrelated statements. They should ask about nothing.
"""

import argparse
import ast
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from codegen.model.origins import Symbol
from codegen.review import overrides_file
from codegen.review.basis import bases, source_words
from codegen.review.evidence import About
from codegen.upstream import source
from codegen.upstream.normal import normal
from codegen.upstream.slices import Slicer
from codegen.upstream.symbols import Definition, Library, Module
from tests.codegen import mutation, places

MUTATIONS, REFACTORINGS = 300, 60
"""How many edits one run makes."""

_KINDS = [kind for kind in mutation.KINDS if kind != "cut file"]


@dataclass(frozen=True)
class Outcome:
    """What happened after one edit.

    Args:
        kind: the kind of edit.
        symbol: the definition.
        line: the line in the file.
        new: the new text there.
        verdict: ``asked`` if a claim is asked about; ``nothing`` if the code does the same; ``elsewhere`` if
            the edit concerns no claim; ``missed`` if a claim should have been asked about; ``needless`` if a
            claim should not.
    """

    kind: str
    symbol: Symbol
    line: int
    new: str
    verdict: str


class Evidence:
    """The functions of the installed release that claims rest on, with the fingerprints of their slices."""

    def __init__(self) -> None:
        tree = source.installed(places.PACKAGE)
        self.library = Library(tree)
        overrides = overrides_file.load(places.ENGINE, places.ROOT)
        self.abouts: dict[Symbol, dict[About, str]] = {}
        self.whole: set[tuple[Symbol, About]] = set()
        for basis in bases(overrides, tree.version):
            definition = self.library.find(basis.symbol)
            if isinstance(definition, ast.FunctionDef):
                found = Slicer(definition).about(*source_words(basis.about))
                self.abouts.setdefault(basis.symbol, {})[basis.about] = found.fingerprint
                if found.is_whole:
                    self.whole.add((basis.symbol, basis.about))
        self.symbols = sorted(self.abouts)

    def function(self, symbol: Symbol) -> ast.FunctionDef:
        return self.library.module(symbol.path).function(symbol.qualname)

    def file(self, symbol: Symbol) -> mutation._Text:
        return mutation._Text(self.library.module(symbol.path).text)

    def asked(self, symbol: Symbol, definition: Definition) -> set[About]:
        """The claims that are asked about for an edited definition, by the names that they are about."""
        slicer = Slicer(definition)
        known = self.abouts[symbol]
        return {about for about in known if slicer.about(*source_words(about)).fingerprint != known[about]}


def _edited(symbol: Symbol, text: str) -> Definition | None:
    """The definition in an edited file, None if that is no longer Python."""
    try:
        return Module(symbol.path, text).find(symbol.qualname)
    except mutation.CodegenError:
        return None


# --- mutations


def mutations(evidence: Evidence, count: int, rng: random.Random) -> Iterator[Outcome]:
    """``count`` mutations, each in a randomly drawn definition."""
    done = 0
    while done < count:
        symbol, kind = rng.choice(evidence.symbols), rng.choice(_KINDS)
        file, function = evidence.file(symbol), evidence.function(symbol)
        sites = list(mutation.KINDS[kind](function, file, rng))
        if not sites:
            continue
        start, end, line, new, _ = rng.choice(sites)
        edited = _edited(symbol, file.replaced(start, end, new))
        if edited is None or file.text[start:end] == new:
            continue
        done += 1
        verdict = _judged(evidence, symbol, edited, _touched(function, file, start, end))
        yield Outcome(kind, symbol, line, new, verdict)


def _judged(evidence: Evidence, symbol: Symbol, edited: Definition, touched: list[ast.stmt]) -> str:
    if normal(edited) == normal(evidence.function(symbol)):
        return "nothing"
    asked = evidence.asked(symbol, edited)
    for about in evidence.abouts[symbol].keys() - asked:
        values, _ = source_words(about)
        concerns = bool(touched) and all(_mentions(each, values) for each in touched)
        if concerns or (symbol, about) in evidence.whole:
            return "missed"
    return "asked" if asked else "elsewhere"


def _touched(function: ast.FunctionDef, file: mutation._Text, start: int, end: int) -> list[ast.stmt]:
    """The innermost statements that an edit changes: one, or two that are swapped."""
    inside = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function]
    spans = {node: file.span(node) for node in inside}
    around = [node for node in inside if spans[node][0] <= start and end <= spans[node][1]]
    if around:
        return [min(around, key=lambda node: spans[node][1] - spans[node][0])]
    within = [node for node in inside if start <= spans[node][0] and spans[node][1] <= end]
    return [
        node for node in within if not any(node in ast.walk(other) for other in within if other is not node)
    ]


def _mentions(statement: ast.stmt, names: frozenset[str]) -> bool:
    """Whether a statement uses one of the names, apart from its blocks and its messages."""
    if isinstance(statement, ast.Raise) or "logger" in ast.unparse(statement):
        return False
    head: list[ast.AST] = []
    for name in statement._fields:
        value = getattr(statement, name)
        if name not in ("body", "orelse", "handlers", "finalbody", "annotation"):
            head += value if isinstance(value, list) else [value]
    found = (each for part in head if isinstance(part, ast.AST) for each in ast.walk(part))
    return any(
        getattr(each, "id", None) in names
        or getattr(each, "attr", None) in names
        or getattr(each, "value", None) in names
        for each in found
        if isinstance(each, ast.Name | ast.Attribute | ast.Constant)
    )


# --- refactorings


Refactoring = Callable[[ast.FunctionDef, mutation._Text, random.Random], str | None]


def _rename(function: ast.FunctionDef, file: mutation._Text, rng: random.Random) -> str | None:
    """Give a local another name."""
    stored = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    nested = {
        each
        for node in ast.walk(function)
        if isinstance(
            node, ast.FunctionDef | ast.Lambda | ast.Global | ast.Nonlocal | ast.Import | ast.ImportFrom
        )
        and node is not function
        for each in ast.walk(node)
    }
    names = sorted(stored - {getattr(node, "id", None) or getattr(node, "arg", None) for node in nested})
    if not names:
        return None
    name, skipped = rng.choice(names), mutation._inside_text(function)
    uses = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == name]
    if any(id(node) in skipped for node in uses):
        return None
    text = file.text
    for node in sorted(uses, key=lambda node: -file.span(node)[0]):
        start, end = file.span(node)
        text = f"{text[:start]}renamed_local{text[end:]}"
    return text


def _annotate(function: ast.FunctionDef, file: mutation._Text, rng: random.Random) -> str | None:
    """Annotate an assignment."""
    simple = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
    ]
    if not simple:
        return None
    _, end = file.span(rng.choice(simple).targets[0])
    return file.replaced(end, end, ": object")


def _say(function: ast.FunctionDef, file: mutation._Text, rng: random.Random) -> str | None:
    """Change the message of an exception."""
    texts = [
        each
        for node in ast.walk(function)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)
        for each in node.exc.args
        if isinstance(each, ast.Constant | ast.JoinedStr)
    ]
    return file.replaced(*file.span(rng.choice(texts)), '"Said otherwise."') if texts else None


def _comment(function: ast.FunctionDef, file: mutation._Text, rng: random.Random) -> str | None:
    """Add a comment and a logged line."""
    statement = rng.choice(function.body[1:] or function.body)
    start, _ = file.span(statement)
    indent = " " * statement.col_offset
    return file.replaced(start, start, f'# because\n{indent}logger.warning("So it is.")\n{indent}')


def _exchange(function: ast.FunctionDef, file: mutation._Text, rng: random.Random) -> str | None:
    """Swap two neighbouring assignments that have no name in common."""
    pairs = []
    for block in mutation._blocks(function):
        for first, second in pairwise(block):
            both = [first, second]
            if all(isinstance(each, ast.Assign) for each in both) and first.col_offset == second.col_offset:
                names = [{node.id for node in ast.walk(each) if isinstance(node, ast.Name)} for each in both]
                calls = any(isinstance(node, ast.Call) for each in both for node in ast.walk(each))
                if not calls and names[0].isdisjoint(names[1]):
                    pairs.append((first, second))
    if not pairs:
        return None
    first, second = rng.choice(pairs)
    (start, first_end), (second_start, end) = file.span(first), file.span(second)
    text = file.text
    return file.replaced(
        start, end, f"{text[second_start:end]}{text[first_end:second_start]}{text[start:first_end]}"
    )


FORMS: dict[str, Refactoring] = {
    "a local renamed": _rename,
    "an annotation": _annotate,
    "another message": _say,
    "a comment and a log": _comment,
    "two statements exchanged": _exchange,
}


def refactorings(evidence: Evidence, count: int, rng: random.Random) -> Iterator[Outcome]:
    """``count`` refactorings, each form equally often where the code allows it."""
    done = 0
    while done < count:
        symbol, form = rng.choice(evidence.symbols), list(FORMS)[done % len(FORMS)]
        function = evidence.function(symbol)
        text = FORMS[form](function, evidence.file(symbol), rng)
        if text is None:
            if form == "two statements exchanged" and rng.random() < 0.05:
                done += 1  # few definitions have two such statements
            continue
        edited = _edited(symbol, text)
        assert edited is not None
        done += 1
        verdict = "needless" if evidence.asked(symbol, edited) else "nothing"
        yield Outcome(form, symbol, function.lineno, "", verdict)


def main() -> int:
    """Print the verdicts; exit code 1 if an edit was missed, or asked about needlessly."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=MUTATIONS)
    arguments = parser.parse_args()
    evidence, rng = Evidence(), random.Random(arguments.seed)
    outcomes = [*mutations(evidence, arguments.count, rng), *refactorings(evidence, REFACTORINGS, rng)]
    for each in outcomes:
        if each.verdict in ("missed", "needless"):
            print(
                f"{each.verdict}: {each.kind} in {each.symbol.qualname}, line {each.line}: {each.new[:100]}"
            )
    for (kind, verdict), number in sorted(Counter((each.kind, each.verdict) for each in outcomes).items()):
        print(f"{kind:28} {verdict:10} {number}")
    return int(any(each.verdict in ("missed", "needless") for each in outcomes))


if __name__ == "__main__":
    sys.exit(main())
