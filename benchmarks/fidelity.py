"""Our schema and the peer's compared with the real ``generate()``, on the same cases.

Run as ``python -m benchmarks.fidelity``.

The peer is ``llenergymeasure`` 0.7.0 of the package index, in an environment of its own under ``.cache/``
(made on first use). A case is one value of one parameter, under the settings in which it takes effect: every
test value, values outside every bound, other choices, None where it is refused, and wrong types. What a
schema accepts is executed as that schema would send it. Written to ``benchmarks/results/fidelity-peer.md``:
the four classes by parameter.
"""

import json
import os
import platform
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import transformers
from pydantic import ValidationError

from tests.fidelity import outside, places
from tests.fidelity.judging import rejections, sent
from tests.fidelity.needs import missing
from tests.fidelity.oracle import execute
from tests.fidelity.scenarios import SCENARIOS, settle
from tests.fidelity.schema import Schema, load, plain

ROOT = Path(__file__).resolve().parents[1]
PEER = "llenergymeasure==0.7.0"
HOME = ROOT / ".cache" / "peer"
CHILD = Path(__file__).with_name("fidelity_peer.py")
RESULT = ROOT / "benchmarks" / "results" / "fidelity-peer.md"

Class = Literal["runs", "raises", "crashes", "refuses"]
"""What a schema says of a case, compared with what ``generate()`` does."""
CLASSES: dict[Class, str] = {
    "runs": "accepted, runs",
    "raises": "refused, raises",
    "crashes": "accepted, crashes",
    "refuses": "refused, though it runs",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One value of one parameter in its context.

    Args:
        name: the parameter.
        given: what is set, in YAML form.
        scenario: the name of the scenario in which it is executed.
        declared: the reason of the tightening that covers it; None if no tightening does.
    """

    name: str
    given: dict[str, Any]
    scenario: str
    declared: str | None = None


def cases(schema: Schema) -> Iterator[Case]:
    """Every case that can be executed with the devices and packages that are here."""
    for name, facts in schema.params.items():
        for value in facts["test_values"]:
            yield from _case(schema, name, plain(value))
    for wrong in outside.cases(schema):
        tightening = outside.declared(wrong, schema)
        yield from _case(schema, wrong.name, wrong.value, tightening.reason if tightening else None)


def _case(schema: Schema, name: str, value: Any, declared: str | None = None) -> Iterator[Case]:
    given = places.with_value(places.context(schema, name), name, value)
    scenarios = places.scenarios_for(name)
    if scenarios and missing(given) is None:
        yield Case(name, given, scenarios[0], declared)


def main() -> int:
    """Run all cases and write the table. The exit code is 1 if our schema accepts something that crashes."""
    schema = load()
    settle()
    all_cases = list(cases(schema))
    theirs = peers([case.given for case in all_cases])
    ours: dict[str, Counter[Class]] = {}
    peer: dict[str, Counter[Class]] = {}
    declared = 0
    for number, (case, answer) in enumerate(zip(all_cases, theirs, strict=True), start=1):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(all_cases)}", end="", file=sys.stderr)
        runs = _runs(schema, case.given, case.scenario)
        own = _class(_accepted(schema, case), runs=runs, runs_as_sent=runs)
        declared += own == "refuses" and case.declared is not None
        ours.setdefault(case.name, Counter())[own] += 1
        plainly = _runs_plainly(case.given, case.scenario)
        as_sent = plainly if answer in (None, case.given) else _runs_plainly(answer or {}, case.scenario)
        other = _class(answer is not None, runs=plainly, runs_as_sent=as_sent)
        peer.setdefault(case.name, Counter())[other] += 1
    page = table(schema, ours, peer, declared)
    RESULT.write_text(page, encoding="utf-8")
    print(f"{page}\n{RESULT.relative_to(ROOT)}: {len(all_cases)} cases of {len(ours)} parameters")
    return 1 if any(counts["crashes"] for counts in ours.values()) else 0


def _runs(schema: Schema, given: Mapping[str, Any], scenario: str) -> bool:
    try:
        arguments = sent(schema, given)
    except Exception:  # noqa: BLE001 - whatever one of upstream's classes raises about its arguments
        return False
    return execute(arguments, SCENARIOS[scenario]).ran


def _runs_plainly(given: Mapping[str, Any], scenario: str) -> bool:
    """Whether it runs with plain data, which is what the peer passes on."""
    arguments = {name: value for name, value in given.items() if name != "extra"} | given.get("extra", {})
    return execute(arguments, SCENARIOS[scenario]).ran


def _accepted(schema: Schema, case: Case) -> bool:
    try:
        return not rejections(schema, case.given, SCENARIOS[case.scenario])
    except ValidationError:
        return False


def _class(accepted: bool, *, runs: bool, runs_as_sent: bool) -> Class:
    if accepted:
        return "runs" if runs_as_sent else "crashes"
    return "refuses" if runs else "raises"


def peers(given: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """What the peer would send for each configuration; None where it refuses."""
    python = HOME / "bin" / "python"
    if not (HOME / "ready").exists():
        venv.create(HOME, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True)
        (HOME / "ready").touch()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, CHILD], input=json.dumps(given), capture_output=True, text=True, env=environment, check=True
    )
    answers: list[dict[str, Any] | None] = json.loads(done.stdout)
    return answers


def table(
    schema: Schema, ours: Mapping[str, Counter[Class]], peer: Mapping[str, Counter[Class]], declared: int
) -> str:
    """The page."""
    sides = (ours, peer)
    totals = [sum(side.values(), Counter()) for side in sides]
    head = " | ".join(f"{who}: {words}" for who in ("ours", "peer") for words in CLASSES.values())
    lines = [
        "# Ours and the peer's schema compared with generate()",
        "",
        f"Written by `python -m benchmarks.fidelity`. transformers {transformers.__version__}, schema of {schema.version},",
        f"peer `{PEER}`. Made on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}.",
        "",
        "One case is one value of one parameter, in the settings where it takes effect, executed on a tiny model: every test",
        "value, the outside of every bound, other choices, None where we refuse it, and wrong types. Ours sends objects of the",
        "real classes where transformers needs them; the peer passes on plain data, changed where its types change it (true to",
        "1), and is judged by what becomes of that. Of what we refuse though it runs,",
        f"{declared} of {totals[0]['refuses']} are declared tightenings, each with its reason:",
        "`python -m codegen coverage --tightenings` lists them.",
        "",
        f"| parameter | cases | {head} |",
        "| --- |" + " ---: |" * (1 + 2 * len(CLASSES)),
    ]
    rows = [_row(f"`{name}`", [side[name] for side in sides]) for name in ours]
    return "\n".join([*lines, *rows, _row("**all**", totals)]) + "\n"


def _row(name: str, sides: list[Counter[Class]]) -> str:
    cells = [str(side[class_] or "") for side in sides for class_ in CLASSES]
    return f"| {name} | {sum(sides[0].values())} | {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
