"""What :mod:`benchmarks.upgrade_replay` found, as a page."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.meters import table
from benchmarks.overrides_as_of import HandEdit
from codegen.diff.findings import LEVELS
from codegen.render.markdown import cell

_SHOWN = 3  # claims that are named before the rest is counted

_HEADING = (
    "release",
    *LEVELS,
    "definitions that differ",
    "to be read again",
    "of them rewritten",
    "evidence questions",
    "other questions",
    "new entries",
    "limited",
    "changed",
    "questions about these",
    "exit codes",
    "wall s",
    "CPU s",
    "CPU s, all",
)


@dataclass(frozen=True, slots=True)
class Reread:
    """A definition that has to be read again.

    Args:
        definition: its name.
        claims: what rests on it and asks.
        what: what is different in the statements about them, in words.
        is_written: whether all these claims were limited or changed by hand for the release.
    """

    definition: str
    claims: tuple[str, ...]
    what: str
    is_written: bool


@dataclass(frozen=True, slots=True)
class Step:
    """What one upgrade took.

    Args:
        version: that was upgraded to.
        levels: how many findings ``diff`` has of each level, before anything was written by hand.
        codes: the exit codes of ``diff``, of the first ``refresh``, and of the last.
        stopped: what the first ``refresh`` said if it failed.
        differing: definitions with claims that differ as a whole from each known release.
        reread: the ones whose statements have to be read again.
        questions: about evidence: one for each set of names that claims are about.
        other_questions: what else ``refresh`` asked.
        edits: what was written by hand.
        after_edits: questions about the evidence of that.
        wall_s: seconds that ``diff`` and the first ``refresh`` took.
        cpu_s: the same in CPU time.
        whole_cpu_s: CPU seconds of all commands.
    """

    version: str
    levels: Mapping[str, int]
    codes: tuple[int, int, int]
    stopped: str
    differing: int
    reread: tuple[Reread, ...]
    questions: int
    other_questions: tuple[str, ...]
    edits: tuple[HandEdit, ...]
    after_edits: int
    wall_s: float
    cpu_s: float
    whole_cpu_s: float

    @property
    def needed_nobody(self) -> bool:
        """Whether nobody was asked anything and nothing was written by hand."""
        return not (self.questions or self.other_questions or self.edits or self.stopped)


def row(step: Step) -> str:
    """A line for a terminal."""
    return " ".join(_cells(step))


def _cells(step: Step) -> list[str]:
    return [step.version, *map(str, _numbers(step)), _codes(step), *map(str, _seconds(step))]


def _numbers(step: Step) -> list[int]:
    how = Counter(each.how for each in step.edits)
    return [
        *(step.levels.get(level, 0) for level in LEVELS),
        step.differing,
        len(step.reread),
        sum(each.is_written for each in step.reread),
        step.questions,
        len(step.other_questions) + bool(step.stopped),
        *(how[each] for each in ("new", "limited", "changed")),
        step.after_edits,
    ]


def _codes(step: Step) -> str:
    return ", ".join(map(str, step.codes))


def _seconds(step: Step) -> list[int]:
    return [round(each) for each in (step.wall_s, step.cpu_s, step.whole_cpu_s)]


def page(start: str, steps: Sequence[Step]) -> str:
    """The text of the page."""
    return "\n".join(_lines(start, steps)) + "\n"


def _lines(start: str, steps: Sequence[Step]) -> Iterator[str]:
    needed_nobody = [step.version for step in steps if step.needed_nobody]
    yield f"# Upgrades one after the other, from {start} to {steps[-1].version}"
    yield ""
    yield f"Made by `python -m benchmarks.upgrade_replay`, {os.cpu_count()} cores that others used, too. {_COUNTED}"
    yield ""
    total = [sum(numbers) for numbers in zip(*map(_numbers, steps), strict=True)]
    seconds = [sum(numbers) for numbers in zip(*map(_seconds, steps), strict=True)]
    last = ["all", *map(str, total), "", *map(str, seconds)]
    yield table(_HEADING, [*map(_cells, steps), last])
    yield ""
    listed = f": {', '.join(needed_nobody)}" if needed_nobody else ""
    yield f"Steps that needed nobody{listed or ': none'}."
    yield ""
    yield "## What was to be read again"
    yield ""
    rows = [[step.version, *_reread(each)] for step in steps for each in step.reread]
    yield table(("release", "definition", "claims", "what is different in their statements"), rows)
    yield ""
    yield "## What else was asked"
    yield ""
    yield from (f"- {step.version}: {cell(each)}" for step in steps for each in _asked(step))
    yield ""
    yield "## What was written by hand"
    yield ""
    for step in steps:
        written = ", ".join(f"{each.kind} {each.name} ({each.how})" for each in step.edits)
        yield f"- {step.version}: {written or 'nothing'}"


def _reread(each: Reread) -> list[str]:
    more = f" and {len(each.claims) - _SHOWN} more" if len(each.claims) > _SHOWN else ""
    written = " (all rewritten)" if each.is_written else ""
    return [f"`{each.definition}`", f"{', '.join(each.claims[:_SHOWN])}{more}{written}", cell(each.what)]


def _asked(step: Step) -> Iterator[str]:
    if step.stopped:
        yield f"refresh stopped: {step.stopped}"
    yield from step.other_questions


_COUNTED = """\
Each step starts from what the one before left, with the overrides that were known by then; fidelity and the
tests are not part of it. *Findings* by level are those of `diff` before anything was written by hand.
*Definitions that differ* have claims, and a form that no known release has. *To be read again* are those of
them whose statements about the names of a claim are others; each is answered by one `confirm`. *Of them
rewritten* are those whose claims were all limited or changed by hand for this release, so that somebody had to
read them in any case. An *evidence question* is one set of names in one definition, as `refresh` prints it.
*Other questions* are parameters without a role, rules without a name, rules whose statement is gone, and a
refresh that stopped. *New entries* of the overrides are those that no earlier release has: parameters, claims,
contexts, rules, conditions, changes of behaviour; *limited* ones got another `versions`; *changed* ones other
conditions, fields or keys, a new parameter's name in them included. What was reworded later is seen in its last
form. *Exit codes* are those of `diff`, of the first `refresh`, and of the last. *Wall* and *CPU* seconds are
those of `diff` and the first `refresh`; the last column is of all commands of the step. The time of the
person who reads and writes is not in it."""
