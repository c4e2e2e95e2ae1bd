"""The context of merging a release: its inputs, the mistakes and the questions found so far."""

from collections.abc import Callable
from dataclasses import dataclass, field

from codegen.mistakes import Mistake, Place
from codegen.model.schema import Rule, Schema
from codegen.review.claims import Claim
from codegen.review.overrides import Overrides
from codegen.upstream.engine import Engine
from codegen.upstream.symbols import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that a maintainer has to decide, or to read again.

    Args:
        subject: the parameter, the symbol, or the key of the rule.
        message: what is asked, in a sentence.
        line: the line to add to the overrides afterwards, if there is one.
    """

    subject: str
    message: str
    line: str | None = None


@dataclass(slots=True, kw_only=True)
class MergeContext:
    """One merge.

    Args:
        engine: the engine that the release belongs to.
        version: of the release.
        library: its source.
        overrides: the hand-written additions.
        lenient: whether a type that cannot be written as data may stay, and a raise that cannot be read is
            noted as a mistake.
        mistakes: what is wrong with the overrides for this release, so far.
        questions: what is left open, so far.
        previous: gives the schema that was there before, whose rules are kept where their statements are
            gone; None where there is none.
    """

    engine: Engine
    version: str
    library: Library
    overrides: Overrides
    lenient: bool = False
    mistakes: list[Mistake] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    previous: Callable[[], Schema | None] = lambda: None

    def previous_rule(self, name: str) -> Rule | None:
        """The rule of that id in the schema that was there before."""
        before = self.previous()
        return next((rule for rule in before.rules if rule.id == name), None) if before is not None else None

    @property
    def release(self) -> str:
        """The release, for display."""
        return f"{self.engine.name} {self.version}"

    def mistake(self, place: Place, what: str) -> None:
        """Note a mistake."""
        self.mistakes.append(Mistake(place, what))

    def mistaken(self, claim: Claim, what: str) -> None:
        """Note that a claim is wrong; ``what`` completes the sentence ``the bound claimed for ...``."""
        kind = claim.kind.replace("_", " ")
        self.mistake(claim.place, f"the {kind} claimed for {self.release} {what}")

    def ask(self, subject: str, message: str, line: str | None = None) -> None:
        """Note a question."""
        self.questions.append(Question(subject=subject, message=message, line=line))
