"""Makes findings from their kinds, and prints the kinds for ``python -m codegen findings``."""

from difflib import get_close_matches

from codegen.diff.finding_kinds import KINDS, NOTHING
from codegen.diff.findings import Finding, Level, Where
from codegen.errors import CodegenError
from codegen.model.values import PlainValue


class UnknownKindError(CodegenError):
    """There is no kind of finding with that id."""


def make_finding(
    kind: str,
    parameters: str | tuple[str, ...],
    *,
    meaning: str,
    values: tuple[PlainValue, PlainValue],
    where: Where = Where(),  # noqa: B008 - frozen
    level: Level | None = None,
    todo: str | None = None,
    detail: tuple[str, ...] = (),
) -> Finding:
    """A finding of a kind.

    Args:
        kind: the id of the kind.
        parameters: those that it is about.
        meaning: what it means for a user, in a sentence.
        values: before and after; None where there is none.
        where: the definition upstream.
        level: how serious it is; by default as serious as its kind usually is.
        todo: what to do; by default what the kind says, or nothing where the finding is only for information
            and its kind is not.
        detail: quotations of upstream's text or code, for a terminal.
    """
    usual = KINDS[kind]
    level = level or usual.level
    assert level is not None
    usual_todo = NOTHING if level == "info" != usual.level else usual.todo
    return Finding(
        id=kind,
        level=level,
        parameters=(parameters,) if isinstance(parameters, str) else parameters,
        old=values[0],
        new=values[1],
        meaning=meaning,
        todo=todo or usual_todo,
        where=where,
        detail=detail,
    )


def table() -> str:
    """The list of all kinds, as text."""
    width = max(map(len, KINDS))
    lines = [
        f"{kind.id.ljust(width)}  {(kind.level or 'error').ljust(8)}  {kind.title}" for kind in KINDS.values()
    ]
    return "\n".join([*lines, "", "More on one of them: python -m codegen findings --explain ID"])


def explain(kind_id: str) -> str:
    """One kind with an example, as text.

    Raises:
        UnknownKindError: there is no kind with that id.
    """
    kind = KINDS.get(kind_id)
    if kind is None:
        close = get_close_matches(kind_id, KINDS, n=1)
        hint = f" Did you mean {close[0]}?" if close else " `python -m codegen findings` lists them."
        raise UnknownKindError(f"There is no finding {kind_id!r}.{hint}")
    level = kind.level or "error (exit code 2)"
    return "\n".join(
        (
            f"{kind.id}: {kind.title}",
            f"  level       {level}{', ' + kind.unless if kind.unless else ''}",
            f"  it means    {kind.meaning}",
            f"  what to do  {kind.todo}",
            f"  example     {kind.example}",
        )
    )
