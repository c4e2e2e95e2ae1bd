"""How much of a release is typed, described, bounded and tested, by energy role; and its tightenings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.model.schema import ROLES, Field, Param, Schema
from codegen.model.type_paths import leaves
from codegen.model.types import Choice, Nested, NoData, Scalar, Type, admits
from codegen.review.executed import VERDICTS, Executed

THRESHOLD = 95.0
"""Percent of the energy-impactful parameters that have to be covered."""

NO_ROLE = "undecided"
_ASPECTS = ("typed", "described", "bounded", "tested")


@dataclass(frozen=True, slots=True)
class Covered:
    """What holds of one parameter.

    Args:
        described: its description is hand-written.
        typed: it has a type with a data form, or takes only None because it can have none.
        bounded: every number and free text in it has a bound, or an override says why it needs none.
        tested: it has at least one test value besides None, all are of its type, and all were executed. If
            the last run was of another release, having them is enough.
    """

    name: str
    role: str
    typed: bool
    described: bool
    bounded: bool
    tested: bool

    @property
    def complete(self) -> bool:
        """Whether the parameter is typed, described, bounded and tested."""
        return not self.missing

    @property
    def missing(self) -> list[str]:
        """Which of these it is not."""
        return [aspect for aspect in _ASPECTS if not getattr(self, aspect)]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What holds of all parameters of a release.

    Args:
        release: for display.
        rows: each parameter.
        executed: what became of the test values of this release; None if none were executed.
    """

    release: str
    rows: tuple[Covered, ...]
    executed: Executed | None = None

    @property
    def impactful(self) -> tuple[Covered, ...]:
        """The energy-impactful parameters, and those without a role."""
        return tuple(row for row in self.rows if row.role != "none")

    @property
    def percent(self) -> float:
        """The share of the energy-impactful parameters that are covered completely, in percent."""
        impactful = self.impactful
        return 100.0 * sum(row.complete for row in impactful) / len(impactful) if impactful else 100.0

    @property
    def enough(self) -> bool:
        """Whether the threshold is met."""
        return self.percent >= THRESHOLD


def measure(schema: Schema, executed: Executed | None = None) -> Coverage:
    """The coverage of a release.

    ``executed`` says what became of the test values, if it is about the same release.
    """
    if executed is not None and executed.version != schema.version:
        executed = None
    rows = tuple(_covered(param, executed) for param in schema.params)
    return Coverage(schema.release, rows, executed)


def _covered(param: Param, executed: Executed | None) -> Covered:
    only_none = isinstance(param.type, NoData)
    values = [value for value in param.test_values if value is not None]
    return Covered(
        name=param.name,
        role=param.role or NO_ROLE,
        typed=_is_data(param.type),
        described=param.described,
        bounded=is_bounded(param),
        tested=(only_none or (bool(values) and all(admits(param.type, value) for value in values)))
        and (executed is None or executed.covers(param)),
    )


def _is_data(type_: Type) -> bool:
    return all(isinstance(leaf, Scalar | Choice | Nested | NoData) for _, leaf in leaves(type_))


def is_bounded(field: Field) -> bool:
    """Whether every number and free text is bounded, or an override says why not."""
    if field.unbounded_reason is not None:
        return True
    return all(_has_bound(leaf) for _, leaf in leaves(field.type))


def _has_bound(part: Type) -> bool:
    return not isinstance(part, Scalar) or part.kind == "bool" or bool(part.bounds)


def table(coverage: Coverage) -> str:
    """The coverage to print, ending with the percentage and what is missing."""
    head = ("role", "parameters", "typed", "described", "bounded", "test values", "covered")
    rows: list[tuple[str, ...]] = [head]
    for role in (*ROLES, NO_ROLE):
        own = [row for row in coverage.rows if row.role == role]
        if own:
            rows.append((role, *_counts(own)))
    rows.append(("all", *_counts(list(coverage.rows))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if not index else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    complete = sum(row.complete for row in coverage.impactful)
    lines += [
        "",
        (
            f"{coverage.release}: {coverage.percent:.1f} % of the energy-impactful parameters are covered "
            f"({complete} of {len(coverage.impactful)}; at least {THRESHOLD:.0f} % are asked for)."
        ),
    ]
    lines += [f"  {row.name}: not {', '.join(row.missing)}" for row in coverage.rows if not row.complete]
    lines += ["", *_verdicts(coverage)]
    return "\n".join(lines)


def _verdicts(coverage: Coverage) -> Iterator[str]:
    """How many parameters and values have each verdict."""
    if coverage.executed is None:
        yield f"The test values of {coverage.release} were not executed here; they are counted as they are."
        return
    tried = coverage.executed.parameters.values()
    parameters = Counter(each.verdict for each in tried)
    values = Counter(verdict for each in tried for verdict in (value.verdict for value in each.values))
    width = max(map(len, VERDICTS.values()))
    yield "What became of them when generate() ran:"
    for verdict, words in VERDICTS.items():
        yield f"  {words.ljust(width)}  {parameters[verdict]:3} parameters  {values[verdict]:4} values"


def tightenings(schema: Schema) -> Iterator[tuple[str, str, str]]:
    """Everything that is refused although upstream takes it: where, what, and the reason."""
    for each in schema.class_tightenings:
        yield "every parameter", each.what, each.reason
    for path, field in schema.fields():
        yield from ((path, each.what, each.reason) for each in field.tightenings)
    for rule in schema.rules:
        if rule.tightening is not None:
            yield " with ".join(rule.fields), f"rule {rule.id}", rule.tightening


def tightenings_list(schema: Schema) -> str:
    """The tightenings to print, ending with their number."""
    found = list(tightenings(schema))
    lines = [f"{where}: {what}\n  {reason}" for where, what, reason in found]
    return "\n".join([*lines, "", f"{schema.release}: {len(found)} tightenings."])


def _counts(rows: list[Covered]) -> tuple[str, ...]:
    sums = (sum(getattr(row, aspect) for row in rows) for aspect in (*_ASPECTS, "complete"))
    return tuple(map(str, (len(rows), *sums)))
