"""``llenergymeasure params``: the parameters of ``generate()`` by energy role, or one of them in full."""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from llenergymeasure.cli.failure import COULD_NOT_WORK, CommandError
from llenergymeasure.config.vocabulary import ENERGY_ROLES

if TYPE_CHECKING:
    from llenergymeasure.config.introspection import ParamDict, RuleDict

SUMMARY = "list the parameters of generate(), or show one in full"
_EFFECTS = {"reject": "refused", "dormant": "no effect", "require": "needs"}
"""The label of each effect of a rule."""

MIN_WIDTH = 60
"""Lines are wrapped to at least this many columns, however narrow the terminal is."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="one parameter, such as temperature or pytorch.temperature"
    )
    parser.add_argument("--role", choices=list(ENERGY_ROLES), help="list only those with this energy role")
    parser.add_argument("--json", action="store_true", help="print everything that is known, as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the parameters: wrapped and aligned on a terminal; one per line, separated by tabs, in a pipe.

    Raises:
        CommandError: there is no such parameter.
    """
    from llenergymeasure.config.introspection import BACKENDS, get_backend_params  # noqa: PLC0415 - only this command needs it

    width = max(MIN_WIDTH, shutil.get_terminal_size().columns) if sys.stdout.isatty() else None
    if arguments.name is not None:
        named = _params_named(arguments.name)
        if arguments.json:
            print(json.dumps(named, indent=2))
        else:
            print("\n\n".join("\n".join(_in_full(path, info, width)) for path, info in named.items()))
        return 0
    params = {
        path: info
        for backend in BACKENDS
        for path, info in get_backend_params(backend).items()
        if arguments.role in (None, info["energy_role"])
    }
    if arguments.json:
        print(json.dumps(params, indent=2))
    elif params:
        print("\n".join(_table(params, width) if width else _tab_separated(params)))
    else:
        print(f"no parameter has the role {arguments.role}", file=sys.stderr)
    return 0


def _params_named(name: str) -> dict[str, "ParamDict"]:
    """The parameters of a name, by path. A name without a section finds the parameter of every engine.

    Raises:
        CommandError: no parameter has that name.
    """
    from llenergymeasure.config.errors import UnknownNameError  # noqa: PLC0415 - as above
    from llenergymeasure.config.introspection import BACKENDS, get_param  # noqa: PLC0415

    paths = [name] if "." in name else [f"{backend}.{name}" for backend in BACKENDS]
    params: dict[str, ParamDict] = {}
    errors = []
    for path in paths:
        try:
            params[path] = get_param(path)
        except UnknownNameError as error:
            errors.append(error)
    if not params:
        raise CommandError(errors[0], COULD_NOT_WORK) from errors[0]
    return params


def _tab_separated(params: Mapping[str, "ParamDict"]) -> Iterator[str]:
    """One line per parameter, separated by tabs: role, path, type, default, description."""
    for path, info in params.items():
        cells = (info["energy_role"] or "", path, info["type"], _value(info["default"]), _meaning(info))
        yield "\t".join(" ".join(cell.split()) for cell in cells)


def _table(params: Mapping[str, "ParamDict"], width: int) -> Iterator[str]:
    """A block of lines per role, with the descriptions next to the names."""
    backends = {path.partition(".")[0] for path in params}
    labels = {path: path.partition(".")[2] if len(backends) == 1 else path for path in params}
    column = max(map(len, labels.values())) + 4
    gap = ""
    for role, meaning in (*ENERGY_ROLES.items(), (None, "not decided yet")):
        members = {path: info for path, info in params.items() if info["energy_role"] == role}
        if not members:
            continue
        yield f"{gap}{role or 'no role'}: {meaning}"
        gap = "\n"
        for path, info in members.items():
            yield from _labelled(f"  {labels[path]}", _meaning(info), column, width)


def _meaning(info: "ParamDict") -> str:
    """The description without the paragraph on what it needs: the rules say that, with their conditions."""
    paragraphs = info["description"].split("\n\n")
    return " ".join(paragraph for paragraph in paragraphs if not paragraph.startswith("Requires:"))


def _in_full(path: str, info: "ParamDict", width: int | None) -> Iterator[str]:
    """Every fact about one parameter, each with its label."""
    yield path
    rows = [(label, text) for label, text in _rows(info) if text]
    column = max(len(label) for label, _ in rows) + 4
    for label, text in rows:
        yield from _labelled(f"  {label}", text, column, width)


def _rows(info: "ParamDict") -> Iterator[tuple[str, str]]:
    role = info["energy_role"]
    yield "what it does", _meaning(info)
    yield "type", info["type"]
    yield "default", _value(info["default"])
    yield (
        "in the source",
        f"declared {_value(info['declared_default'])}, in effect {_value(info['effective_default'])}",
    )
    yield "range", ", ".join(info["constraints"])
    yield "choices", _values(info["choices"])
    yield "off at", "" if info["disabled_value"] is None else _value(info["disabled_value"])
    yield "energy role", f"{role}: {info['role_reason']}" if role else "not decided yet"
    for rule in info["rules"]:
        yield _EFFECTS[rule["effect"]], f"{rule['message']} ({_condition(rule)})"
    yield "takes effect with", ", ".join(f"{key}={_value(value)}" for key, value in info["context"].items())
    yield "deprecated", info["deprecation"] or ""
    for what, reason in info["tightenings"]:
        yield "only here", f"{what}: {reason}"
    yield "test values", _values(info["test_values"])
    yield "sources", ", ".join(info["sources"])


def _condition(rule: "RuleDict") -> str:
    """When a rule applies, and what it requires then."""
    return f"where {rule['when']}" + (f": {rule['need']}" if rule["need"] else "")


def _labelled(label: str, text: str, column: int, width: int | None) -> Iterator[str]:
    """A label with its text beside it, from ``column`` on. A ``width`` of None does not wrap it."""
    lines = wrap(text, width - column, break_long_words=False) if width else [text]
    for number, line in enumerate(lines or [""]):
        yield f"{'' if number else label:<{column}}{line}".rstrip()


def _value(value: Any) -> str:
    """A value as YAML and JSON write it."""
    return json.dumps(value)


def _values(values: tuple[Any, ...]) -> str:
    return ", ".join(map(_value, values))
