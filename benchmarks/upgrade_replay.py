"""A year of upgrades, one after the other: ``python -m benchmarks.upgrade_replay``.

It works in a copy of this checkout. The state of that is the one of the first release: what was written or
read by hand for later ones is taken out (:mod:`benchmarks.overrides_as_of`), and the first release is
refreshed. Each step starts from what the one before left, and runs the commands that a maintainer would type,
without fidelity and tests: ``diff``, ``refresh --adopt``, and ``confirm`` for each definition that has to be
read. Only after that are the overrides written that this release got by hand, and it is refreshed once more.

The releases are in ``steps.toml``; those that are not in the cache are downloaded. The result is
``benchmarks/results/upgrade_replay.md`` (:mod:`benchmarks.upgrade_table`).
"""

import json
import shlex
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import tomlkit

from benchmarks import upgrade_table
from benchmarks.overrides_as_of import HandEdit, hand_edits
from benchmarks.replayed_checkout import ENGINE, Done, Knowing, Scratch
from benchmarks.upgrade_table import Reread, Step
from codegen import checkout
from codegen.exits import FAILED, FINE
from codegen.model.origins import Symbol
from codegen.review import supported

DATA = tomllib.loads(Path(__file__).with_name("steps.toml").read_text(encoding="utf-8"))["upgrade_replay"]
START: str = DATA["start"]
STEPS: list[str] = DATA["steps"]
MOST = 43
"""Definitions that these steps may ask to read again although nothing was to be written about them."""

RESULT = Path("benchmarks/results/upgrade_replay.md")

Digests = Mapping[Symbol, Mapping[str, str]]
Findings = Sequence[Mapping[str, str]]


class ReplayError(Exception):
    """The replay cannot go on."""


class Replay:
    """The state in a copy of the checkout while the releases go by.

    Args:
        root: an empty folder for it.
        first: the release that it starts from.
        steps: the ones that follow.
    """

    def __init__(self, root: Path, first: str, steps: Sequence[str]) -> None:
        self.scratch = Scratch(root)
        self.scratch.fill()
        self.knowing = Knowing(first, steps)
        self.version = first
        for path in (ENGINE.lock, ENGINE.executed):
            (root / path).unlink()
        self.scratch.write(ENGINE.releases, supported.dumps((*self.knowing.supported, first)))
        self.scratch.write(ENGINE.evidence, self.knowing.evidence())
        self._write_overrides(first)
        self._answer(first, self._finish(first))

    def step(self, version: str) -> Step:
        """Upgrade to a release."""
        scratch, old = self.scratch, self.version
        known = scratch.digests()
        scratch.wall_s = scratch.cpu_s = 0
        compared, first = self._diff(old, version), scratch.refresh(version)
        wall_s, cpu_s = scratch.wall_s, scratch.cpu_s
        questions = self._answer(version, first)
        edits = hand_edits(self.knowing.at(old), self.knowing.at(version))
        self._write_overrides(version)
        if FAILED in (compared.code, first.code):
            findings = _findings(self._diff(old, version))
            questions += self._answer(version, self._finish(version))
        else:
            findings = _findings(compared)
        after_edits = self._answer(version, self._finish(version)) if edits else 0
        finished = self._finish(version) if edits or questions else first
        if finished.answers:
            raise ReplayError(f"{version} still asks: {finished.err}")
        self.version = version
        return Step(
            version=version,
            levels=Counter(each["level"] for each in findings),
            codes=(compared.code, first.code, finished.code),
            stopped=first.err.strip() if first.code == FAILED else "",
            differing=_differing(known, scratch.digests(), version),
            reread=tuple(_reread(findings, edits)),
            questions=questions,
            other_questions=tuple(first.other_questions),
            edits=edits,
            after_edits=after_edits,
            wall_s=wall_s,
            cpu_s=cpu_s,
            whole_cpu_s=scratch.cpu_s,
        )

    def _diff(self, old: str, new: str) -> Done:
        return self.scratch.codegen("diff", old, new, "--format", "json", "--accepted", "none")

    def _write_overrides(self, version: str) -> None:
        self.scratch.write(ENGINE.overrides, tomlkit.dumps(self.knowing.at(version)))

    def _finish(self, version: str) -> Done:
        """Refresh where everything is written that has to be."""
        done = self.scratch.refresh(version)
        if done.code != FINE or done.other_questions:
            raise ReplayError(f"refresh {version} ends with {done.code}: {done.err}")
        return done

    def _answer(self, version: str, done: Done) -> int:
        """Answer the questions about evidence; how many there were."""
        for command in dict.fromkeys(answer.partition(" --claim ")[0] for answer in done.answers):
            answered = self.scratch.codegen(*shlex.split(command), "--reason", f"Replayed for {version}.")
            if answered.code != FINE:
                raise ReplayError(f"{command}: {answered.err}")
        return len(done.answers)


def _findings(done: Done) -> Findings:
    if done.code == FAILED:
        raise ReplayError(done.err)
    found: Findings = json.loads(done.out)["findings"]
    return found


def _differing(before: Digests, after: Digests, version: str) -> int:
    """How many definitions have a form that no known release has."""
    now = {symbol: digests.get(version) for symbol, digests in after.items() if symbol in before}
    return sum(digest is not None and digest not in before[symbol].values() for symbol, digest in now.items())


def _reread(findings: Findings, edits: Sequence[HandEdit]) -> Iterator[Reread]:
    """The definitions that have to be read again, with the shortest of the questions about each."""
    written = {each.name for each in edits if each.how != "new"}
    asked: dict[str, list[tuple[str, list[str]]]] = {}
    for each in findings:
        if each["id"] == "evidence-changed":
            said, _, rest = each["message"].partition(". Claims that rest on it: ")
            claims = rest.partition(". Read it")[0].split("; ")
            asked.setdefault(said.partition(" ")[0], []).append((said, claims))
    for name, questions in asked.items():
        what = min((said for said, _ in questions), key=len).rpartition(": ")[2]
        resting = tuple(dict.fromkeys(claim for _, listed in questions for claim in listed))
        is_written = all(claim in written or claim.rpartition(".")[0] in written for claim in resting)
        yield Reread(definition=name, claims=resting, what=what, is_written=is_written)


def main() -> int:
    """Replay the steps and write the page; 1 if they ask more than they may."""
    with TemporaryDirectory(prefix="replay-") as folder:
        replay = Replay(Path(folder), START, STEPS)
        steps = []
        for version in STEPS:
            steps.append(replay.step(version))
            print(upgrade_table.row(steps[-1]), file=sys.stderr, flush=True)
    (checkout.ROOT / RESULT).write_text(upgrade_table.page(START, steps), encoding="utf-8")
    needless = sum(not each.is_written for step in steps for each in step.reread)
    print(f"{needless} definitions to be read again (at most {MOST}); wrote {RESULT}")
    return int(needless > MOST)


if __name__ == "__main__":
    sys.exit(main())
