"""What a person is asked to read, as text, and ``confirm``, which keeps the answer."""

import argparse
from collections.abc import Iterator
from difflib import unified_diff

from codegen import checkout
from codegen.cli.shortened import shortened
from codegen.errors import CodegenError
from codegen.exits import FINDINGS, FINE
from codegen.render import files
from codegen.review import evidence, pipeline
from codegen.review.basis import source_words
from codegen.review.evidence_check import UnreadStatements
from codegen.upstream import source
from codegen.upstream.engine import Engine
from codegen.upstream.slices import Slicer
from codegen.upstream.symbols import Library


class NotAskedError(CodegenError):
    """What was confirmed is not asked."""


def confirm(arguments: argparse.Namespace) -> int:
    """Keep that a person read statements and that the claims stand; without a symbol, print what is asked."""
    reading = pipeline.read(arguments.engine, arguments.source, checkout.ROOT)
    if arguments.symbol is None:
        for line in asked(reading):
            print(line)
        if reading.evidence.unread:
            return FINDINGS
        print(f"Everything that the claims about {reading.schema.release} rest on was read.")
        return FINE
    chosen = _chosen(reading, arguments.symbol, arguments.claim)
    if not (arguments.reason or "").strip():
        raise CodegenError("say in --reason why the claims stand, or how they were corrected.")
    version, known = reading.schema.version, reading.evidence.evidence
    for each in chosen:
        made = _statements(known[each.symbol], each).confirmed(version, arguments.reason.strip())
        known[each.symbol] = known[each.symbol].with_statements(made)
        for claim in each.claims:
            print(f"confirmed for {version}: {claim.sentence}")
    path = reading.engine.evidence
    files.replace_all(checkout.ROOT, {path: evidence.dumps(known)})
    left = len(reading.evidence.unread) - len(chosen)
    print(f"wrote {path}; {left} more to read." if left else f"wrote {path}; nothing is left to read.")
    return FINE


def _statements(known: evidence.KnownDefinition, unread: UnreadStatements) -> evidence.Statements:
    made = evidence.Statements(about=unread.about, fingerprint=unread.current.fingerprint)
    return next((each for each in known.about(unread.about) if each.fingerprint == made.fingerprint), made)


def _chosen(reading: pipeline.Reading, symbol: str, claim: str | None) -> list[UnreadStatements]:
    """The questions that a person answers."""
    unread = reading.evidence.unread
    of_symbol = [each for each in unread if symbol in (str(each.symbol), each.symbol.qualname)]
    chosen = [each for each in of_symbol if claim is None or claim in {basis.claim for basis in each.claims}]
    if not chosen:
        what = f"{symbol} for {claim}" if claim else symbol
        listed = sorted({basis.claim for each in of_symbol for basis in each.claims})
        others = listed if claim and of_symbol else sorted({str(each.symbol) for each in unread})
        hint = f"asked is: {', '.join(others)}" if others else "nothing is left to read"
        raise NotAskedError(f"Nobody is asked to read {what} in {reading.schema.release}; {hint}.")
    if len({each.symbol for each in chosen}) > 1:
        names = ", ".join(sorted({str(each.symbol) for each in chosen}))
        raise NotAskedError(f"{symbol} is more than one definition; name one of: {names}.")
    return chosen


def asked(reading: pipeline.Reading) -> Iterator[str]:
    """Every question about evidence: the claims, their statements, and the command that answers it."""
    given = f" --{reading.engine.name} {reading.source}" if reading.source else ""
    old: dict[str, Library | None] = {}
    for each in reading.evidence.unread:
        yield each.message
        yield from (f"  rests on it: {claim.sentence}" for claim in each.claims)
        yield from (f"    {line}" for line in shortened(_difference(each, reading.engine, old)))
        yield f"  answer: python -m codegen confirm{given} {each.answer}"


def _difference(unread: UnreadStatements, engine: Engine, old: dict[str, Library | None]) -> list[str]:
    """The statements, against those of the release before where its source is at hand."""
    current = unread.current.text.splitlines()
    before = unread.before
    if before is None:
        return current
    if before not in old:
        tree = source.at_hand(engine.package, before, checkout.ROOT)
        old[before] = Library(tree) if tree is not None else None
    library = old[before]
    definition = library.find(unread.symbol) if library is not None else None
    if definition is None:
        return current
    former = Slicer(definition).about(*source_words(unread.about)).text.splitlines()
    return list(unified_diff(former, current, before, "now", lineterm="", n=2))
