"""The commands of ``python -m codegen``. Exit codes: 0 fine, 1 findings, 2 the tool could not do its work."""

import argparse
import ast
import difflib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen import coverage, executed, explain, files, pipeline, prove
from codegen.errors import CodegenError
from codegen.merge import Question

FINE, FINDINGS, FAILED = 0, 1, 2
LONGEST_DIFF = 60  # lines of difference that are shown before the rest is only counted


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except CodegenError as error:
        print(f"codegen: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:  # of the output: what else is written or read has errors of its own
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader of a pipe went away, as `head` does
            return FINE
        print(f"codegen: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(
            "codegen: interrupted; the generated files are whole, as they were or as they were meant.",
            file=sys.stderr,
        )
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m codegen",
        description="Reads transformers' source and keeps the generated configuration in step with it.",
        epilog="Exit codes: 0 fine, 1 findings, 2 the tool could not do its work.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    source = argparse.ArgumentParser(add_help=False)
    source.add_argument(
        "--transformers",
        metavar="X",
        help="read this instead of the installed transformers: a version to download, a wheel, or a folder",
    )
    refresh = commands.add_parser(
        "refresh", parents=[source], help="rewrite the generated files from the source"
    )
    refresh.add_argument(
        "--into",
        metavar="DIR",
        type=Path,
        default=files.CHECKOUT,
        help="write under DIR instead of this checkout",
    )
    refresh.set_defaults(run=_refresh)
    check = commands.add_parser(
        "check", parents=[source], help="say whether the committed files are what refresh would write"
    )
    check.set_defaults(run=_check)
    covered = commands.add_parser(
        "coverage",
        parents=[source],
        help="how much is typed, described, bounded and testable, by energy role",
    )
    covered.add_argument(
        "--tightenings",
        action="store_true",
        help="list instead what is refused although transformers takes it, each with its reason",
    )
    covered.set_defaults(run=_coverage)
    explained = commands.add_parser(
        "explain", parents=[source], help="every fact about one parameter, with file and line"
    )
    explained.add_argument("name", metavar="NAME", help="a parameter, or parameter.argument of a nested one")
    explained.set_defaults(run=_explain)
    return parser


def _refresh(arguments: argparse.Namespace) -> int:
    reading = pipeline.read(arguments.transformers)
    root: Path = arguments.into
    pipeline.guard_against_loss(reading.schema, root)
    texts = files.generate(reading.schema)
    prove.prove(texts[files.MODULE], reading.schema, files.LIBRARY)
    changed = files.replace_all(root, texts)
    count = len(reading.schema.params)
    print(
        f"transformers {reading.schema.transformers_version} ({reading.tree.label}): {count} parameters, all proofs passed."
    )
    print("\n".join(f"wrote {path}" for path in changed) or "Nothing changed.")
    _ask(reading.questions, "warning")
    return FINE


def _check(arguments: argparse.Namespace) -> int:
    reading = pipeline.read(arguments.transformers)
    texts = files.generate(reading.schema)
    found = False
    for path, meant in texts.items():
        try:
            current = (files.CHECKOUT / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            print(f"{path} is missing.")
            found = True
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise CodegenError(f"{path} cannot be read ({error}).") from error
        if current != meant:
            found = True
            _show(path, current, meant)
    if found:
        wanted = f" --transformers {arguments.transformers}" if arguments.transformers else ""
        print(f"Mend it with: python -m codegen refresh{wanted}")
    for sentence in executed.missing(reading.schema, executed.load(files.EXECUTED)):
        print(sentence)
        found = True
    _ask(reading.questions, "decide")
    if found or reading.questions:
        return FINDINGS
    print(
        f"The generated files are what transformers {reading.schema.transformers_version} and the overrides give."
    )
    return FINE


def _show(path: Path, current: str, meant: str) -> None:
    if path.suffix == ".py" and _same_syntax(current, meant):
        print(f"{path} differs in formatting only.")
        return
    print(f"{path} is not what refresh would write:")
    lines = list(
        difflib.unified_diff(
            current.splitlines(), meant.splitlines(), f"committed {path}", "refreshed", lineterm="", n=1
        )
    )
    print("\n".join(lines[:LONGEST_DIFF]))
    if len(lines) > LONGEST_DIFF:
        print(f"... and {len(lines) - LONGEST_DIFF} more lines")


def _same_syntax(first: str, second: str) -> bool:
    try:
        return ast.dump(ast.parse(first)) == ast.dump(ast.parse(second))
    except (SyntaxError, ValueError):
        return False


def _ask(questions: tuple[Question, ...], how: str) -> None:
    for question in questions:
        print(f"{how}: {question.message}", file=sys.stderr)
        if question.line:
            print(
                f"  then put under [evidence] in codegen/overrides.toml:\n  {question.line}", file=sys.stderr
            )


def _coverage(arguments: argparse.Namespace) -> int:
    schema = pipeline.read(arguments.transformers).schema
    if arguments.tightenings:
        print(coverage.tightenings_list(schema))
        return FINE
    found = coverage.measure(schema, executed.load(files.EXECUTED))
    print(coverage.table(found))
    return FINE if found.enough else FINDINGS


def _explain(arguments: argparse.Namespace) -> int:
    print(explain.explain(pipeline.read(arguments.transformers), arguments.name))
    return FINE
