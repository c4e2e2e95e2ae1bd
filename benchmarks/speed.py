"""The speed claims as ratios: ``python -m benchmarks.speed``.

Absolute times say little on a shared machine, so each claim is a comparison with something known. In each
round every command runs once, in random order, and the ratio of the medians counts. Exit code 1 if a claim
does not hold.

A first round is not counted. It leaves what a program keeps for the next time: bytecode, and what codegen
read and compared (``.cache/codegen``). So the figures are those of a command that is repeated.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from codegen import engines
from codegen.review import supported

CHECKOUT = Path(__file__).resolve().parent.parent
LOCK = Path("codegen/engines/transformers/schema.lock.json")
OLDER, NEWER = supported.load(engines.get("transformers"), CHECKOUT)[-2:]
"""The two newest supported releases, to compare; downloaded the first time, before anything is timed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One comparison.

    Args:
        statement: what is claimed, for the table.
        value: what was measured, a ratio or a difference.
        limit: that it is compared with.
        at_least: whether the limit is a floor (else it is a ceiling).
        unit: of value and limit, empty for a ratio.
    """

    statement: str
    value: float
    limit: float
    at_least: bool = False
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim is true of this run."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def processes(rounds: int) -> list[Claim]:
    """Claims about whole processes."""
    python = [sys.executable]
    with tempfile.TemporaryDirectory(prefix="bench-lock-") as kept:
        other = Path(kept) / "other"
        refresh = [*python, "-m", "codegen", "refresh", "--transformers", OLDER, "--into", str(other)]
        subprocess.run(refresh, cwd=CHECKOUT, check=True, capture_output=True)
        return _processes(python, rounds, other / LOCK)


def _processes(python: list[str], rounds: int, other: Path) -> list[Claim]:
    diff = [*python, "-m", "codegen", "diff", "--fail-on", "never", "--accepted", "none"]
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        commands: dict[str, Callable[[int], list[str]]] = {
            "pass": lambda _: [*python, "-c", "pass"],
            "transformers": lambda _: [*python, "-c", "import transformers; transformers.GenerationConfig"],
            "check": lambda _: [*python, "-m", "codegen", "check"],
            "refresh": lambda n: [*python, "-m", "codegen", "refresh", "--into", f"{scratch}/{n}"],
            "locks": lambda _: [*diff, str(other), str(LOCK)],
            "sources": lambda _: [*diff, OLDER, NEWER],
            "pydantic": lambda _: [*python, "-c", "from pydantic import BaseModel, Field"],
            "config": lambda _: [*python, "-c", "import llenergymeasure.config.backend_configs"],
            "help": lambda _: [*python, "-m", "llenergymeasure", "--help"],
        }
        medians = _medians(commands, rounds)
    reference = medians["transformers"]
    return [
        Claim("codegen check / importing transformers' GenerationConfig", medians["check"] / reference, 0.8),
        Claim("codegen refresh, all files and proofs / the same", medians["refresh"] / reference, 1.2),
        Claim("codegen diff of two locks / the same", medians["locks"] / reference, 0.5),
        Claim("codegen diff of two local sources / the same", medians["sources"] / reference, 1.2),
        Claim(
            "importing backend_configs / importing BaseModel, Field",
            medians["config"] / medians["pydantic"],
            1.5,
        ),
        Claim(
            "llenergymeasure --help - python -c pass",
            (medians["help"] - medians["pass"]) * 1e3,
            150,
            unit=" ms",
        ),
    ]


def _medians(commands: Mapping[str, Callable[[int], list[str]]], rounds: int) -> dict[str, float]:
    """The median wall time of each command, in seconds. One round before the first is not counted."""
    times: dict[str, list[float]] = {name: [] for name in commands}
    order = list(commands)
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    shuffle = random.Random(0).shuffle  # noqa: S311 - an order, not a secret
    for number in range(rounds + 1):
        shuffle(order)
        for name in order:
            begin = time.perf_counter()
            subprocess.run(commands[name](number), cwd=CHECKOUT, env=environ, check=True, capture_output=True)
            if number:
                times[name].append(time.perf_counter() - begin)
        if sys.stderr.isatty():
            print(f"\rround {number} of {rounds}", end="\n" if number == rounds else "", file=sys.stderr)
    return {name: statistics.median(times_s) for name, times_s in times.items()}


def validation(rounds: int) -> list[Claim]:
    """The claim about validating four keys, against one plain pydantic model of the same fields."""
    from pydantic import BaseModel, Field, create_model  # noqa: PLC0415 - so that the processes above start without it

    from llenergymeasure.config.backend_configs import PyTorchConfig  # noqa: PLC0415 - as above

    fields = {
        name: (field.annotation, Field(default_factory=dict) if name == "extra" else field.default)
        for name, field in PyTorchConfig.model_fields.items()
    }
    plain: type[BaseModel] = create_model("Plain", **fields)  # type: ignore[call-overload]  # fields are built above
    four = {"do_sample": True, "temperature": 0.7, "top_p": 0.9, "max_new_tokens": 64}
    number = 5000
    ours, theirs = [], []
    for _ in range(rounds):
        theirs.append(timeit.timeit(lambda: plain.model_validate(four), number=number))
        ours.append(timeit.timeit(lambda: PyTorchConfig.model_validate(four), number=number))
    ratio = statistics.median(theirs) / statistics.median(ours)
    return [
        Claim("rate of validating four keys / a plain model of the same fields", ratio, 0.4, at_least=True)
    ]


def report(claims: list[Claim]) -> int:
    """Print the claims as a table, and give the exit code: 1 if one does not hold."""
    width = max(len(claim.statement) for claim in claims)
    print(f"{'claim'.ljust(width)}  {'measured':>10}  {'limit':>10}")
    for claim in claims:
        limit = f"{'>=' if claim.at_least else '<='} {claim.limit:g}{claim.unit}"
        verdict = "holds" if claim.holds else "DOES NOT HOLD"
        print(
            f"{claim.statement.ljust(width)}  {f'{claim.value:.2f}{claim.unit}':>10}  {limit:>10}  {verdict}"
        )
    return 0 if all(claim.holds for claim in claims) else 1


def main() -> int:
    """Measure, print a table, and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=11, help="how often each command runs (default 11)")
    rounds = parser.parse_args().rounds
    return report([*processes(rounds), *validation(rounds)])


if __name__ == "__main__":
    sys.exit(main())
