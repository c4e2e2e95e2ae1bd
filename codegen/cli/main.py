"""The commands of ``python -m codegen``. Exit codes: 0 success, 1 findings, 2 an error."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TypeAlias

from codegen import checkout, engines
from codegen.diff.findings import LEVELS
from codegen.errors import CodegenError
from codegen.exits import FAILED, FINE
from codegen.upstream.remember import remembering

Run = Callable[[argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    return run(parser().parse_args(argv))


def run(arguments: argparse.Namespace) -> int:
    """Run the command that was asked for and give its exit code.

    What it read stays in the arguments (see :mod:`codegen.__main__`).
    """
    if "engine" in arguments:
        arguments.engine = remembering(engines.get(arguments.engine), checkout.ROOT)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except CodegenError as error:
        print(f"codegen: {error}", file=sys.stderr)
        return FAILED
    except OSError as error:  # of the output: all other reading and writing has its own errors
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # the reader of a pipe went away, as `head` does
            return FINE
        print(f"codegen: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(
            "codegen: interrupted; each generated file is complete, either the old or the new one.",
            file=sys.stderr,
        )
        return 130
    return code


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = argparse.ArgumentParser(
        prog="python -m codegen",
        description="Reads the source of an upstream library and keeps the generated configuration up to date with it.",
        epilog="Exit codes: 0 success, 1 findings, 2 an error.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    engine = argparse.ArgumentParser(add_help=False)
    engine.add_argument(
        "--engine",
        choices=tuple(engines.ENGINES),
        default=engines.default(),
        help="the upstream library (default: %(default)s)",
    )
    source = argparse.ArgumentParser(add_help=False, parents=[engine])
    source.set_defaults(source=None)
    for name in engines.ENGINES:
        source.add_argument(
            f"--{name}",
            metavar="X",
            dest="source",
            action=_SourceOf,
            help=f"read this instead of the installed {name}: a version to download, a wheel, or a folder",
        )
    refresh = commands.add_parser(
        "refresh", parents=[source], help="rewrite the generated files from the source"
    )
    refresh.add_argument("--into", metavar="DIR", type=Path, help="write under DIR instead of this checkout")
    refresh.add_argument(
        "--adopt",
        action="store_true",
        help="make it the newest of the supported releases, and pin it for development and CI",
    )
    refresh.set_defaults(run=_command("codegen.cli.commands", "refresh"))
    check = commands.add_parser(
        "check", parents=[source], help="check that the committed files are what refresh would write"
    )
    check.set_defaults(run=_command("codegen.cli.commands", "check"))
    covered = commands.add_parser(
        "coverage",
        parents=[source],
        help="show how many parameters are typed, described, bounded and testable, by energy role",
    )
    covered.add_argument(
        "--tightenings",
        action="store_true",
        help="list instead what is refused although upstream accepts it, with the reasons",
    )
    covered.set_defaults(run=_command("codegen.cli.commands", "coverage"))
    _add_confirm(commands, source)
    explained = commands.add_parser(
        "explain", parents=[source], help="show every fact about one parameter, with file and line"
    )
    explained.add_argument("name", metavar="NAME", help="a parameter, or parameter.argument of a nested one")
    explained.set_defaults(run=_command("codegen.cli.commands", "explain"))
    retired = commands.add_parser(
        "retire",
        parents=[engine],
        help="no longer support a release; what was written for it alone moves to an archive",
    )
    retired.add_argument("version", metavar="X", help="one of the supported releases, but not the newest")
    retired.set_defaults(run=_command("codegen.cli.commands", "retire"))
    _add_diff(commands, engine)
    _add_migrate(commands, engine)
    _add_upgrade(commands, engine)
    return parser


class _SourceOf(argparse.Action):
    """``--NAME X``: the source of an engine, which chooses the engine, too."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,  # noqa: ARG002 - argparse's
    ) -> None:
        """Store both."""
        namespace.engine = self.option_strings[0].removeprefix("--")
        namespace.source = values


def _command(module: str, name: str) -> Run:
    """A command, by module and function; imported when it runs, since reading sources is slow to import."""

    def run(arguments: argparse.Namespace) -> int:
        code: int = getattr(import_module(module), name)(arguments)
        return code

    return run


def _add_confirm(commands: Commands, source: argparse.ArgumentParser) -> None:
    confirmed = commands.add_parser(
        "confirm",
        parents=[source],
        help="say that what a claim rests on was read, and that the claim stands",
        description="Claims rest on statements of upstream, which somebody has to have read. Without SYMBOL, print which "
        "ones nobody has read yet in this form, what rests on them, and what is different in them. With it, "
        "keep that they were read in the release: the questions about this definition are answered. Correct "
        "the claims in the overrides first where they no longer hold.",
    )
    confirmed.add_argument(
        "symbol",
        metavar="SYMBOL",
        nargs="?",
        help="the definition, as it is printed (path.py::Class.method), or only Class.method",
    )
    confirmed.add_argument(
        "--claim", metavar="ID", help="answer for this claim or rule alone, as it is printed"
    )
    confirmed.add_argument(
        "--reason", metavar="TEXT", help="why the claims stand, or how they were corrected"
    )
    confirmed.set_defaults(run=_command("codegen.cli.evidence", "confirm"))


def _add_diff(commands: Commands, engine: argparse.ArgumentParser) -> None:
    diff = commands.add_parser(
        "diff",
        parents=[engine],
        help="list what changes from one release, or one committed lock, to another",
        description="Lists what changes for users from OLD to NEW. Nothing is written.",
    )
    sides = "a version, a wheel, a folder, a lock file, or a git revision of this repository"
    diff.add_argument("old", metavar="OLD", nargs="?", help=f"{sides}; the committed lock by default")
    diff.add_argument("new", metavar="NEW", nargs="?", help="the same; the installed release by default")
    diff.add_argument(
        "--format", choices=("text", "markdown", "json", "github"), default="text", help="default: text"
    )
    diff.add_argument(
        "--fail-on",
        choices=(*LEVELS, "never"),
        default="breaking",
        metavar="LEVEL",
        help="exit with 1 on an unaccepted finding of this level or a more severe one: "
        f"{', '.join(LEVELS)} or never (default breaking)",
    )
    diff.add_argument(
        "--accepted",
        metavar="FILE",
        help="the file of accepted findings, or none (default: accepted.toml in the folder of the engine)",
    )
    diff.add_argument(
        "--brief",
        action="store_true",
        help="leave out quotations from upstream's source, which the text format shows",
    )
    diff.set_defaults(run=_command("codegen.diff.command", "diff"))
    kinds = commands.add_parser("findings", help="list every kind of finding that diff can report")
    kinds.add_argument("--explain", metavar="ID", help="explain one kind, with an example")
    kinds.set_defaults(run=_command("codegen.diff.command", "findings"))


def _add_migrate(commands: Commands, engine: argparse.ArgumentParser) -> None:
    migrate = commands.add_parser(
        "migrate",
        parents=[engine],
        help="migrate scripts and configurations from one release to another",
        description="Rewrites what has a successor, moves what was removed to extra, and reports the rest. Prints the "
        "difference, unless --write is given.",
    )
    migrate.add_argument(
        "paths", metavar="PATH", nargs="+", type=Path, help="Python, YAML and JSON files, or folders of them"
    )
    migrate.add_argument("--from", dest="old", metavar="OLD", required=True, help="as for diff")
    migrate.add_argument("--to", dest="new", metavar="NEW", required=True, help="as for diff")
    migrate.add_argument("--write", action="store_true", help="write the files")
    migrate.add_argument(
        "--pin-defaults", action="store_true", help="set the old value of every default that changed"
    )
    migrate.set_defaults(run=_command("codegen.migrate.command", "migrate"))


def _add_upgrade(commands: Commands, engine: argparse.ArgumentParser) -> None:
    upgrade = commands.add_parser(
        "upgrade",
        parents=[engine],
        help="make the upgrade to the newest release here, as far as it goes without a person",
        description="Compares, refreshes, installs, executes and tests the newest release in this checkout, and "
        "leaves a patch with its text. Exit code 0: nothing to decide; 1: something to decide or to correct; 2: "
        "the schema could not be made.",
    )
    upgrade.add_argument("--to", metavar="X", help="a version instead of the newest")
    upgrade.add_argument(
        "--into", metavar="DIR", type=Path, help="leave the patch in DIR (default: .cache/upgrade)"
    )
    upgrade.set_defaults(run=_command("codegen.upgrade.prepare", "upgrade"))
    propose = commands.add_parser(
        "propose",
        parents=[engine],
        help="open or renew the pull request of a prepared upgrade, or an issue if it failed (needs git and gh)",
        description="Takes what upgrade left. It runs nothing of it, and never overwrites a person's commits.",
    )
    propose.add_argument("folder", metavar="DIR", type=Path, help="where upgrade left the patch")
    propose.add_argument(
        "--base", metavar="BRANCH", default="main", help="what to merge into (default: %(default)s)"
    )
    propose.set_defaults(run=_command("codegen.upgrade.propose", "propose"))
