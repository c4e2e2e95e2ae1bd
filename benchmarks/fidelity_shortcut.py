"""Whether a fidelity run with remembered calls finds what a full one finds, on steps between two releases.

Run as ``python -m benchmarks.fidelity_shortcut [--part N] [OLD:NEW ...]``.

For each step the schema of the old release is compared with the new release, as on the day of an upgrade.
First comes a full run with the old release, so that its calls are known. Then follow two runs with the new
one: a *short* one, which uses what is known, and a *full* one, which makes every call. A cause of problems
that only the full run finds was missed. ``--part 20`` does one job in 20, always the same ones, in all three
runs. The table is written to ``benchmarks/results/fidelity-shortcut.md``. Each finished step is kept under
``.cache/``, so an interrupted run continues from there.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.meters import table

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "fidelity" / "shortcut"
RESULT = ROOT / "benchmarks" / "results" / "fidelity-shortcut.md"
DATA = tomllib.loads(Path(__file__).with_name("steps.toml").read_text(encoding="utf-8"))
STEPS: list[str] = DATA["fidelity_shortcut"]["steps"]


@dataclass(frozen=True, slots=True)
class Run:
    """What one run did.

    Args:
        causes: how often each cause of problems was met.
        changed: how many functions differ from those of the release whose calls are known.
        made: how many calls were made.
        recalled: how many calls were remembered.
        represented: how many questions were not put, since others of their kind stand for them.
        cpu_s: seconds of CPU time.
    """

    causes: dict[str, int]
    changed: int
    made: int
    recalled: int
    represented: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """What both runs found with the schema of one release and the code of the next.

    Args:
        name: the releases, as ``OLD:NEW``.
        part: one job in this many was done.
        full: the run that made every call.
        short: the run that used what was known.
    """

    name: str
    part: int
    full: Run
    short: Run

    @property
    def missed(self) -> list[str]:
        """The causes that only the full run finds."""
        return sorted(self.full.causes.keys() - self.short.causes.keys())


def main() -> int:
    """Run the steps that are not finished yet, and write the table. Exit code 1: a cause was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fidelity_shortcut", description=__doc__)
    parser.add_argument("steps", nargs="*", default=STEPS, metavar="OLD:NEW")
    parser.add_argument("--part", type=int, default=1, help="do one job in this many, always the same ones")
    arguments = parser.parse_args()
    steps = [_step(name, arguments.part) for name in arguments.steps]
    RESULT.write_text(_page(steps), encoding="utf-8")
    print(f"{RESULT.relative_to(ROOT)} written.")
    return 1 if any(step.missed for step in steps) else 0


def _step(name: str, part: int) -> Step:
    """One step; from the cache where it is finished already."""
    home = CACHE / f"{name.replace(':', '-')}-{part}"
    home.mkdir(parents=True, exist_ok=True)
    done = home / "step.json"
    if not done.exists():
        old, new = name.split(":")
        schema = _schema(old)
        _run(old, schema, home, part, "old", "--full")
        short = _run(new, schema, home, part, "short")
        full = _run(new, schema, home, part, "full", "--full")
        step = Step(name, part, full, short)
        done.write_text(json.dumps(asdict(step), indent=1), encoding="utf-8")
        return step
    data = json.loads(done.read_text(encoding="utf-8"))
    return Step(name, part, Run(**data["full"]), Run(**data["short"]))


def _schema(release: str) -> Path:
    """The generated files of a release."""
    folder = CACHE / "schemas" / release
    if not folder.exists():
        source = ["--transformers", release, "--into", str(folder)]
        subprocess.run(
            [sys.executable, "-m", "codegen", "refresh", *source],
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    return folder


def _run(release: str, schema: Path, home: Path, part: int, label: str, *more: str) -> Run:
    """One run in its own process; calls are remembered in the folder of the step only."""
    found = home / f"{label}.json"
    if not found.exists():
        print(f"transformers {release}, {label} ...", file=sys.stderr, flush=True)
        asked = ["--version", release, "--schema", str(schema), "--part", str(part)]
        asked += ["--calls", str(home / "calls"), "--causes", str(home / "causes.json"), *more]
        before = _cpu_s()
        done = subprocess.run([sys.executable, "-m", "tests.fidelity", *asked], cwd=ROOT, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"The run of {release} ended with {done.returncode}.")
        data = json.loads((home / "causes.json").read_text(encoding="utf-8"))
        found.write_text(json.dumps(data | {"cpu_s": _cpu_s() - before}), encoding="utf-8")
    return Run(**json.loads(found.read_text(encoding="utf-8")))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _page(steps: list[Step]) -> str:
    """The table, with what was missed and what was found."""
    rows = [_cells(step) for step in steps]
    sampled = f" --part {steps[0].part}" if steps[0].part > 1 else ""
    lines = [
        "# The short run of fidelity beside the full one",
        "",
        (
            f"Made by `python -m benchmarks.fidelity_shortcut{sampled}`, {os.cpu_count()} cores. The schema of the "
            "old release is compared with the new one; what breaks is a cause. CPU seconds include the start of the "
            "processes. Jobs that are not `all` are a sample: the same ones in all runs of a step, chosen by a "
            "digest of their names. In a sample the short run makes a larger share of the calls than in a whole run: "
            "it tries each value once that no other job tries by itself, and most of these other jobs are not in the "
            "sample."
        ),
        "",
        table(list(rows[0]), [list(row.values()) for row in rows]),
        "",
        "## Causes",
        "",
    ]
    for step in steps:
        lines += [f"### {step.name.replace(':', ' to ')}", "", *_causes(step), ""]
    return "\n".join(lines)


def _cells(step: Step) -> dict[str, str]:
    """The row of a step, by heading."""
    full, short = step.full, step.short
    found = {
        "step": step.name.replace(":", " to "),
        "jobs": "all" if step.part == 1 else f"1 in {step.part}",
        "functions changed": short.changed,
        "full: calls": full.made,
        "full: CPU s": round(full.cpu_s),
        "short: calls": short.made,
        "known": short.recalled,
        "questions represented": short.represented,
        "short: CPU s": round(short.cpu_s),
        "causes, full": len(full.causes),
        "causes, short": len(short.causes),
        "missed": len(step.missed),
    }
    return {heading: str(value) for heading, value in found.items()}


def _causes(step: Step) -> list[str]:
    """A line for each cause, with the run that found it."""
    lines = []
    for cause, count in sorted((step.short.causes | step.full.causes).items()):
        how = "only full" if cause in step.missed else "both" if cause in step.full.causes else "only short"
        lines.append(f"- {how} ({count}): {cause}")
    return lines or ["None."]


if __name__ == "__main__":
    sys.exit(main())
