"""Refactorings of the real source, and whether the whole ``diff`` asks somebody:
``python -m tests.codegen.refactorings --seed 7``.

They do not change what the code does: they rename a local, annotate, move a function, exchange the branches
of a condition, or extract a helper. A question is any finding that is breaking or risky. Half of the edits
are in definitions that facts and claims rest on, half anywhere in reach of the call.
"""

import argparse
import ast
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from codegen.diff.compare import compare
from codegen.errors import CodegenError
from codegen.model.origins import Symbol
from codegen.upstream.symbols import Library
from tests.codegen import evidence_edits, mutation
from tests.codegen.mutation import Release, _Text
from tests.codegen.refusal_mutation import reachable

COUNT = 60
"""Edits of one run, a fifth of each kind."""

Texts = Mapping[str, str]
"""The new text of each file that an edit changes."""


@dataclass(frozen=True)
class Outcome:
    """What became of one edit: the questions that ``diff`` asks, none if it is taken for what it is."""

    kind: str
    symbol: Symbol
    asked: tuple[str, ...]


def _renamed(release: Release, symbol: Symbol, function: ast.FunctionDef, rng: random.Random) -> Texts | None:
    return _by(evidence_edits._rename, release, symbol, function, rng)


def _annotated(
    release: Release, symbol: Symbol, function: ast.FunctionDef, rng: random.Random
) -> Texts | None:
    return _by(evidence_edits._annotate, release, symbol, function, rng)


def _by(
    refactoring: evidence_edits.Refactoring,
    release: Release,
    symbol: Symbol,
    function: ast.FunctionDef,
    rng: random.Random,
) -> Texts | None:
    text = refactoring(function, _file(release, symbol), rng)
    return None if text is None else {symbol.path: text}


def _file(release: Release, symbol: Symbol) -> _Text:
    return _Text(release.library.module(symbol.path).text)


def _moved(release: Release, symbol: Symbol, function: ast.FunctionDef, rng: random.Random) -> Texts | None:
    """A function stands at the end of its class or file."""
    lines = release.library.module(symbol.path).text.split("\n")
    first = min([function.lineno, *(each.lineno for each in function.decorator_list)]) - 1
    assert function.end_lineno is not None
    own, rest = lines[first : function.end_lineno], [*lines[:first], *lines[function.end_lineno :]]
    owner = symbol.qualname.rpartition(".")[0]
    if not owner:
        return {symbol.path: "\n".join([*rest, "", *own, ""])} if _is_late(release, symbol) else None
    around = release.library.find(Symbol(symbol.path, owner))
    if not isinstance(around, ast.ClassDef) or any(
        each is not function and getattr(each, "name", "") == function.name for each in around.body
    ):
        return None  # a property with a setter
    assert around.end_lineno is not None
    end = around.end_lineno - len(own)
    return {symbol.path: "\n".join([*rest[:end], "", *own, *rest[end:]])}


def _is_late(release: Release, symbol: Symbol) -> bool:
    """Whether no statement of the module itself uses a function when it is imported."""
    tree = release.library.module(symbol.path).tree
    inside = [each for each in tree.body if not isinstance(each, ast.FunctionDef | ast.ClassDef)]
    return not any(
        isinstance(node, ast.Name) and node.id == symbol.name for each in inside for node in ast.walk(each)
    )


def _reordered(
    release: Release, symbol: Symbol, function: ast.FunctionDef, rng: random.Random
) -> Texts | None:
    """The branches of a condition change places, under the opposite test."""
    file, skipped = _file(release, symbol), mutation._inside_text(function)
    found = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.If)
        and node.orelse
        and id(node) not in skipped
        and not (len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If))
        and node.body[0].col_offset == node.orelse[0].col_offset > node.col_offset
        and file.text[: file.span(node)[0]].rpartition("\n")[2].strip() == ""
        and file.text[file.span(node)[0] :].startswith("if ")
    ]
    if not found:
        return None
    node = rng.choice(found)
    indent = " " * node.col_offset
    test, body, other = (_lines(file, part) for part in ([node.test], node.body, node.orelse))
    text = f"if not ({test}):\n{indent}    {other}\n{indent}else:\n{indent}    {body}"
    start, end = file.span(node)
    return {symbol.path: file.replaced(start, end, text)}


def _lines(file: _Text, nodes: list[ast.stmt] | list[ast.expr]) -> str:
    return file.text[file.span(nodes[0])[0] : file.span(nodes[-1])[1]]


def _extracted(
    release: Release, symbol: Symbol, function: ast.FunctionDef, rng: random.Random
) -> Texts | None:
    """What is assigned is computed by a function of its own, or what is refused is refused there."""
    file = _file(release, symbol)
    bound = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)} | {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    found = [part for node in ast.walk(function) if (part := _part(node)) is not None and _is_plain(part)]
    if not found:
        return None
    part = rng.choice(found)
    used = sorted({each.id for each in ast.walk(part) if isinstance(each, ast.Name)} & bound)
    arguments = ", ".join(used)
    start, end = file.span(part)
    body = ast.unparse(part).replace("\n", "\n    ")
    does = body if isinstance(part, ast.If) else f"return {body}"
    helper = f"\n\ndef _extracted_helper({arguments}):\n    {does}\n"
    return {symbol.path: file.replaced(start, end, f"_extracted_helper({arguments})") + helper}


def _part(node: ast.AST) -> ast.expr | ast.If | None:
    """What may become a function: a value that is assigned, or a check."""
    match node:
        case ast.Assign(value=ast.Call() | ast.BinOp() | ast.BoolOp() | ast.Compare() | ast.IfExp() as value):
            return value
        case ast.If(body=[ast.Raise()], orelse=[]):
            return node
    return None


def _is_plain(part: ast.AST) -> bool:
    special = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda, ast.comprehension)
    return not any(
        isinstance(each, special) or (isinstance(each, ast.Name) and each.id in ("super", "locals"))
        for each in ast.walk(part)
    )


KINDS: dict[str, Callable[[Release, Symbol, ast.FunctionDef, random.Random], Texts | None]] = {
    "a local renamed": _renamed,
    "an annotation": _annotated,
    "a function moved": _moved,
    "branches reordered": _reordered,
    "a helper extracted": _extracted,
}


def refactorings(release: Release, kind: str, count: int, rng: random.Random) -> Iterator[Outcome]:
    """So many refactorings of a kind, judged."""
    drawn = [release.functions, reachable(release)]
    done = 0
    while done < count:
        symbol, function = rng.choice(drawn[done % 2])
        texts = KINDS[kind](release, symbol, function, rng)
        if texts is None:
            continue
        done += 1
        yield Outcome(kind, symbol, _asked(release, texts))


def _asked(release: Release, texts: Texts) -> tuple[str, ...]:
    tree = replace(release.tree, reader=lambda name: texts.get(name) or release.tree.reader(name))
    library = Library(tree)
    library._modules |= {
        name: module for name, module in release.library._modules.items() if name not in texts
    }
    try:
        found = compare(release.side, release.read(library), release.overrides)
    except CodegenError as error:
        return (f"error: {error}",)
    return tuple(f"{each.id}: {each.meaning}" for each in found if each.level != "info")


def main() -> int:
    """Print how many of each kind ask somebody; 1 if more than a sixth do."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.codegen.refactorings", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=COUNT)
    arguments = parser.parse_args()
    release, rng = Release(), random.Random(arguments.seed)
    each = arguments.count // len(KINDS)
    outcomes = [outcome for kind in KINDS for outcome in refactorings(release, kind, each, rng)]
    for outcome in outcomes:
        if outcome.asked:
            print(f"{outcome.kind} in {outcome.symbol}: {outcome.asked[0][:200]}")
    for kind, number in Counter(each.kind for each in outcomes).items():
        quiet = sum(not each.asked for each in outcomes if each.kind == kind)
        print(f"{kind:20} {quiet} of {number} without a question")
    quiet = sum(not each.asked for each in outcomes)
    print(f"seed {arguments.seed}: {quiet} of {len(outcomes)} without a question.")
    return int(quiet * 6 < len(outcomes) * 5)


if __name__ == "__main__":
    sys.exit(main())
