"""How many questions about evidence a year of releases asks: ``python -m benchmarks.evidence_replay``.

The replay starts with what was read for the supported releases up to the first one. It then goes through the
releases in order, and answers every question as soon as it is asked, so that each release is compared with
what was known by then. It counts the definitions that have to be read again. Claims that are new in a
release, for which nothing was read before, are counted apart. The table also says how many definitions differ
as a whole.

The releases are in ``steps.toml``; those that are not in the cache are downloaded. The result is
``benchmarks/results/evidence_replay.md``.
"""

import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.version import Version

from codegen import checkout, engines
from codegen.diff.edits import edits
from codegen.model.origins import Symbol
from codegen.review import overrides_file
from codegen.review.basis import bases, source_words
from codegen.review.evidence import Evidence, KnownDefinition, Statements
from codegen.review.evidence_check import UnreadStatements, examine
from codegen.upstream.slices import Slicer
from codegen.upstream.source import locate
from codegen.upstream.symbols import Library, digest

RELEASES = tomllib.loads(Path(__file__).with_name("steps.toml").read_text(encoding="utf-8"))[
    "evidence_replay"
]
START: str = RELEASES["start"]
STEPS: list[str] = RELEASES["steps"]
MOST_QUESTIONS = 43
"""What these steps may ask in all."""

RESULT = Path("benchmarks/results/evidence_replay.md")
ENGINE = engines.get("transformers")
_NAMED_EDITS = 2
"""A reason names this many edits, and counts the others."""


@dataclass(frozen=True)
class Question:
    """One definition that has to be read in a release.

    Args:
        symbol: the definition.
        claims: what rests on it.
        reason: what is different in the statements, in words.
    """

    symbol: Symbol
    claims: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Step:
    """What one release asks.

    Args:
        version: the release.
        changed: how many definitions that claims rest on differ as a whole from every form that was read.
        questions: the definitions that have to be read again.
        new: how many definitions only claims rest on that are new in the release.
        notes: what was recognised as the same although it is written differently.
    """

    version: str
    changed: int
    questions: tuple[Question, ...]
    new: int
    notes: tuple[str, ...]


class Replay:
    """The overrides and what was read for them, as known at the release that the replay has come to."""

    def __init__(self) -> None:
        stated = overrides_file.load(ENGINE, checkout.ROOT)
        self.stated = replace(stated, evidence=_until(stated.evidence, START))
        self.libraries: dict[str, Library] = {}

    def library(self, version: str) -> Library:
        """The source of a release."""
        if version not in self.libraries:
            self.libraries[version] = Library(locate(ENGINE.package, version, checkout.ROOT))
        return self.libraries[version]

    def step(self, version: str) -> Step:
        """Compare a release with what is known, and answer what it asks."""
        library = self.library(version)
        changed = self._changed(version, library)
        found = examine(self.stated, library, version)
        questions = [*self._questions(found.unread)]
        asked = {question.symbol for question in questions}
        new = {each.symbol for each in found.unread if each.before is None} - asked
        for each in found.unread:
            made = Statements(about=each.about, fingerprint=each.current.fingerprint)
            known = found.evidence[each.symbol]
            found.evidence[each.symbol] = known.with_statements(made.confirmed(version, "Replayed."))
        self.stated = replace(self.stated, evidence=found.evidence)
        return Step(version, changed, tuple(questions), len(new), tuple(found.notes))

    def _changed(self, version: str, library: Library) -> int:
        symbols = {basis.symbol for basis in bases(self.stated, version)}
        known = {symbol: self.stated.evidence[symbol] for symbol in symbols & self.stated.evidence.keys()}
        definitions = ((library.find(symbol), each) for symbol, each in known.items())
        return sum(node is not None and not each.releases_of(digest(node)) for node, each in definitions)

    def _questions(self, unread: Sequence[UnreadStatements]) -> Iterator[Question]:
        by_symbol: defaultdict[Symbol, list[UnreadStatements]] = defaultdict(list)
        for each in unread:
            if each.before is not None:
                by_symbol[each.symbol].append(each)
        for symbol, open_ones in by_symbol.items():
            claims = dict.fromkeys(claim.claim for each in open_ones for claim in each.claims)
            yield Question(symbol, tuple(claims), self._reason(open_ones))

    def _reason(self, unread: Sequence[UnreadStatements]) -> str:
        """What is different for the claims with the fewest differences, in words."""
        fewest = min(map(self._differences, unread), key=len)
        more = f", and {len(fewest) - _NAMED_EDITS} more" if len(fewest) > _NAMED_EDITS else ""
        return "; ".join(fewest[:_NAMED_EDITS]) + more

    def _differences(self, unread: UnreadStatements) -> list[str]:
        assert unread.before is not None
        definition = self.library(unread.before).find(unread.symbol)
        if definition is None:
            return ["it is another definition"]
        former = Slicer(definition).about(*source_words(unread.about))
        found = list(dict.fromkeys(map(str, edits(former.node, unread.current.node))))
        whole = "nothing in it names what the claims are about: " if unread.current.is_whole else ""
        return [f"{whole}{found[0]}", *found[1:]] if found else ["its form"]


def _until(evidence: Evidence, last: str) -> Evidence:
    """The part of the evidence that was known by a release: its digests and readings up to then."""

    def known(versions: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for each in versions if Version(each) <= Version(last))

    found = {}
    for symbol, each in evidence.items():
        statements = (replace(one, read=known(one.read), same=known(one.same)) for one in each.statements)
        kept = tuple(one for one in statements if one.releases)
        if kept:
            digests = {version: each.digests[version] for version in known(list(each.digests))}
            found[symbol] = KnownDefinition(digests=digests, statements=kept)
    return found


def table(steps: Sequence[Step]) -> Iterator[str]:
    """The result as a page."""
    total = sum(len(step.questions) for step in steps)
    yield f"# Questions about evidence, from {START} to {STEPS[-1]}"
    yield ""
    yield "Made by `python -m benchmarks.evidence_replay`, which says what is counted."
    yield ""
    yield "| release | definitions that differ | to be read again | new claims | recognised |"
    yield "| --- | --- | --- | --- | --- |"
    for step in steps:
        yield f"| {step.version} | {step.changed} | {len(step.questions)} | {step.new} | {len(step.notes)} |"
    changed, new = sum(step.changed for step in steps), sum(step.new for step in steps)
    yield f"| all | {changed} | {total} | {new} | {sum(len(step.notes) for step in steps)} |"
    yield ""
    yield "| release | definition | claims | what is different in their statements |"
    yield "| --- | --- | --- | --- |"
    for step in steps:
        for each in step.questions:
            shown = ", ".join(each.claims[:3]) + (
                f" and {len(each.claims) - 3} more" if len(each.claims) > 3 else ""
            )
            reason = each.reason.replace("|", "\\|")
            yield f"| {step.version} | `{each.symbol.qualname}` | {shown} | {reason} |"


def main() -> int:
    """Replay the steps and write the page. The exit code is 1 if they ask more than they may."""
    replay = Replay()
    steps = [replay.step(version) for version in STEPS]
    path = checkout.ROOT / RESULT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*table(steps), ""]), encoding="utf-8")
    total = sum(len(step.questions) for step in steps)
    print(f"{total} questions (at most {MOST_QUESTIONS}); wrote {RESULT}")
    return int(total > MOST_QUESTIONS)


if __name__ == "__main__":
    sys.exit(main())
