"""How much of transformers is typed, described, bounded and testable, by energy role."""

from dataclasses import dataclass

from codegen.ir import ROLES, Field, Param, Schema
from codegen.types import Choice, Nested, NoData, Scalar, Type, admits, leaves

THRESHOLD = 95.0
"""Percent of the energy-impactful parameters that have to be covered."""

NO_ROLE = "undecided"


@dataclass(frozen=True, slots=True)
class Covered:
    """What holds of one parameter.

    Args:
        described: a person wrote its description.
        typed: it has a type with a data form, or takes only None because it can have none.
        bounded: every number and free text in it has a bound, or a person said why it needs none.
        tested: it has at least one test value besides None, and all are of its type.
    """

    name: str
    role: str
    typed: bool
    described: bool
    bounded: bool
    tested: bool

    @property
    def whole(self) -> bool:
        """Whether all of it holds."""
        return self.typed and self.described and self.bounded and self.tested


@dataclass(frozen=True, slots=True)
class Coverage:
    """What holds of all parameters of a release."""

    version: str
    rows: tuple[Covered, ...]

    @property
    def impactful(self) -> tuple[Covered, ...]:
        """Those that change the work, and those of which nobody has said that they do not."""
        return tuple(row for row in self.rows if row.role != "none")

    @property
    def percent(self) -> float:
        """Of the energy-impactful parameters that are covered whole."""
        impactful = self.impactful
        return 100.0 * sum(row.whole for row in impactful) / len(impactful) if impactful else 100.0

    @property
    def enough(self) -> bool:
        """Whether the threshold is met."""
        return self.percent >= THRESHOLD


def measure(schema: Schema) -> Coverage:
    """The coverage of a release."""
    return Coverage(schema.transformers_version, tuple(_covered(param) for param in schema.params))


def _covered(param: Param) -> Covered:
    only_none = isinstance(param.type, NoData)
    values = [value for value in param.test_values if value is not None]
    return Covered(
        name=param.name,
        role=param.role or NO_ROLE,
        typed=_is_data(param.type),
        described=param.described,
        bounded=is_bounded(param),
        tested=only_none or (bool(values) and all(admits(param.type, value) for value in values)),
    )


def _is_data(shape: Type) -> bool:
    return all(isinstance(leaf, Scalar | Choice | Nested | NoData) for _, leaf in leaves(shape))


def is_bounded(field: Field) -> bool:
    """Whether every number and free text is bounded, or a person said why not."""
    if field.boundless is not None:
        return True
    return all(_limited(leaf) for _, leaf in leaves(field.type))


def _limited(part: Type) -> bool:
    return not isinstance(part, Scalar) or part.kind == "bool" or bool(part.bounds)


def table(coverage: Coverage) -> str:
    """The coverage as a person reads it, ending with the percentage and what is missing."""
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
    whole = sum(row.whole for row in coverage.impactful)
    lines += [
        "",
        (
            f"transformers {coverage.version}: {coverage.percent:.1f} % of the energy-impactful parameters are covered "
            f"({whole} of {len(coverage.impactful)}; at least {THRESHOLD:.0f} % are asked for)."
        ),
    ]
    lines += [f"  {row.name}: not {', '.join(_missing(row))}" for row in coverage.rows if not row.whole]
    return "\n".join(lines)


def _counts(rows: list[Covered]) -> tuple[str, ...]:
    sums = (
        len(rows),
        *(
            sum(getattr(row, what) for row in rows)
            for what in ("typed", "described", "bounded", "tested", "whole")
        ),
    )
    return tuple(map(str, sums))


def _missing(row: Covered) -> list[str]:
    return [what for what in ("typed", "described", "bounded", "tested") if not getattr(row, what)]
