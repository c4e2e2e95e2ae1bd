"""Refusals that are added, dropped or moved, and whether ``diff`` finds each:
``python -m tests.codegen.refusal_mutation --seed 7``.

Unlike :mod:`tests.codegen.mutation`, this edits all functions that the call can run, and not only those that
facts or claims rest on.
"""

import argparse
import ast
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator

from codegen.diff.compare import compare
from codegen.errors import CodegenError
from codegen.model.origins import Symbol
from tests.codegen.mutation import Edit, Outcome, Release, _Text

Function = tuple[Symbol, ast.FunctionDef]


def reachable(release: Release) -> list[Function]:
    """The functions in reach of the installed release."""
    assert release.side.reached is not None
    found = ((symbol, release.library.find(symbol)) for symbol in release.side.reached.graph.edges)
    return [(symbol, node) for symbol, node in found if isinstance(node, ast.FunctionDef)]


def _body(node: ast.FunctionDef) -> list[ast.stmt]:
    """The statements of a function after its docstring that begin on their own line."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return [each for each in body if each.lineno > node.lineno and each.col_offset > node.col_offset]


def _refusals(node: ast.FunctionDef) -> list[ast.stmt]:
    return [each for each in ast.walk(node) if isinstance(each, ast.Raise) and each.exc is not None]


def _inserted(file: _Text, statement: ast.stmt, code: str) -> str:
    """The text of a file with a statement before another one."""
    start, _ = file.span(statement)
    indent = " " * statement.col_offset
    lines = code.replace("\n", f"\n{indent}")
    return file.replaced(start, start, f"{lines}\n{indent}")


def _added(functions: list[Function], release: Release, rng: random.Random) -> Iterator[Edit]:
    symbol, node = rng.choice(functions)
    for before in rng.sample(_body(node), 1) if _body(node) else ():
        file = _Text(release.library.module(symbol.path).text)
        names = [each.arg for each in node.args.args if each.arg not in ("self", "cls")]
        test = f"{names[0]} == 77" if names else "not __debug__"
        code = f"if {test}:\n    raise {rng.choice(['ValueError', 'OSError'])}('never before')"
        yield Edit("added", symbol, before.lineno, "", code, _inserted(file, before, code))


def _dropped(functions: list[Function], release: Release, rng: random.Random) -> Iterator[Edit]:
    symbol, node = rng.choice([each for each in functions if _refusals(each[1])])
    statement = rng.choice(_refusals(node))
    file = _Text(release.library.module(symbol.path).text)
    start, end = file.span(statement)
    yield Edit(
        "dropped", symbol, statement.lineno, file.text[start:end], "pass", file.replaced(start, end, "pass")
    )


def _moved(functions: list[Function], release: Release, rng: random.Random) -> Iterator[Edit]:
    """Move a refusal with its test to the next function of the file."""
    symbol, node = rng.choice([each for each in functions if _refusals(each[1])])
    checks = [each for each in ast.walk(node) if isinstance(each, ast.If) and not each.orelse]
    checks = [each for each in checks if isinstance(each.body[0], ast.Raise)]
    others = [
        each for other, each in functions if other.path == symbol.path and each.lineno > node.end_lineno
    ]  # type: ignore[operator]
    targets = [each for each in others if _body(each)]
    if checks and targets:
        check, target = rng.choice(checks), targets[0]
        file = _Text(release.library.module(symbol.path).text)
        code = ast.unparse(check)
        moved = _Text(_inserted(file, _body(target)[0], code))
        start, end = moved.span(check)  # it stands before what was inserted
        yield Edit("moved", symbol, check.lineno, code, "pass", moved.replaced(start, end, "pass"))


KINDS: dict[str, Callable[[list[Function], Release, random.Random], Iterator[Edit]]] = {
    "added": _added,
    "dropped": _dropped,
    "moved": _moved,
}


def edits(release: Release, kind: str, count: int, rng: random.Random) -> Iterator[Edit]:
    """``count`` different edits of a kind."""
    functions = reachable(release)
    seen: set[tuple[Symbol, int, str]] = set()
    while len(seen) < count:
        for edit in KINDS[kind](functions, release, rng):
            if (key := (edit.symbol, edit.line, edit.new)) not in seen:
                seen.add(key)
                yield edit


def judge(release: Release, edit: Edit) -> Outcome:
    """Read the release with the edit in it; a finding about a refusal of that function names the edit."""
    try:
        found = compare(release.side, release.changed(edit.symbol.path, edit.text), release.overrides)
    except CodegenError as error:
        return Outcome(edit, "error", str(error).split("\n", 1)[0])
    refusals = [each for each in found if each.id.startswith("refusal-")]
    about = [each for each in refusals if str(edit.symbol) in (*each.parameters, each.old, each.new)]
    if about:
        return Outcome(edit, "named", about[0].meaning)
    return Outcome(edit, "missed", "; ".join(sorted({each.id for each in found})))


def main() -> int:
    """Print the verdicts by kind, and the edits that were missed; exit code 1 for these."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.codegen.refusal_mutation", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    arguments = parser.parse_args()
    release, rng = Release(), random.Random(arguments.seed)
    each = -(-arguments.count // len(KINDS))
    outcomes = [judge(release, edit) for kind in KINDS for edit in edits(release, kind, each, rng)]
    for kind in KINDS:
        print(kind.ljust(10), dict(Counter(each.verdict for each in outcomes if each.edit.kind == kind)))
    missed = [each for each in outcomes if each.verdict == "missed"]
    for outcome in missed:
        edit = outcome.edit
        print(f"missed: {edit.kind}, {edit.symbol}:{edit.line}: {edit.old[:80]!r}: {outcome.said[:200]}")
    print(f"seed {arguments.seed}: {len(outcomes)} edits, {len(missed)} missed.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
