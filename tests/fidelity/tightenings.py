"""Whether a tightening is still needed, as seen when ``generate()`` gets what it refuses.

A tightening has a reason, such as that a value is ignored, or fails late. The record of the last run says
what the refused values did when the reason was written. If all of them have an effect of their own now, the
reason no longer holds, and the tightening is stale. Tightenings that users asked for do not depend on what
transformers does, and are never stale.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from tests.fidelity.problems import Problem
from tests.fidelity.schema import Schema

Behaviour = Literal["fails", "same", "effect"]
"""What is beyond a tightening ``fails`` somewhere; or it runs, and does the ``same`` as an accepted value; or
it has an ``effect`` of its own."""

ASKED_FOR = frozenset(
    {
        "diversity_penalty",
        "encoder_repetition_penalty",
        "epsilon_cutoff",
        "eta_cutoff",
        "exponential_decay_length_penalty",
        "guidance_scale",
        "low_memory",
        "typical_p",
    }
)
"""Parameters whose ranges a user fixed: nothing that upstream does makes them stale."""


def own_tightenings(schema: Schema) -> dict[str, str]:
    """The declared tightenings of single parameters and of rules, with their reasons.

    Class-wide ones are left out: they protect from mistakes in writing, and are never stale.
    """
    found = {}
    for name, entry in schema.entries().items():
        if name not in ASKED_FOR:
            found |= {f"{name}: {each['what']}": each["reason"] for each in entry.get("tightenings", [])}
    for owner, model in schema.nested().items():
        for field in model["fields"]:
            holder = f"{owner}.{field['name']}"
            found |= {f"{holder}: {each['what']}": each["reason"] for each in field.get("tightenings", [])}
    return found | {rule.id: rule.tightening for rule in schema.config.rules if rule.tightening}


def behaviours(
    schema: Schema, beyond: Mapping[str, Sequence[Behaviour]], refusals: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """What was seen beyond each tightening, as it stands in the record.

    Args:
        schema: of the installed release.
        beyond: what each refused value did, by tightening.
        refusals: what became of the combinations that a rule alone refuses, by rule.
    """
    found: dict[str, Behaviour] = {name: _least(seen) for name, seen in beyond.items() if seen}
    for rule, own in refusals.items():
        if own.tried:
            found[rule] = "fails" if own.failed else "effect"
    reasons = own_tightenings(schema)
    return {
        name: {"reason": digest(reason), "behaviour": found[name]}
        for name, reason in reasons.items()
        if name in found
    }


def _least(seen: Sequence[Behaviour]) -> Behaviour:
    """Of several values, the behaviour that speaks most for the tightening."""
    order: tuple[Behaviour, ...] = ("fails", "same", "effect")
    return min(seen, key=order.index)


def digest(reason: str) -> str:
    """A digest of a reason. If the reason changes, the behaviour is recorded anew."""
    return hashlib.sha256(reason.encode()).hexdigest()[:8]


def stale(now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """The tightenings that are no longer needed: what they refuse has an effect of its own now."""
    for name, seen in now.items():
        known = before.get(name)
        if known is None or known["reason"] != seen["reason"] or known["behaviour"] == "effect":
            continue
        if seen["behaviour"] == "effect":
            was = {"fails": "failed", "same": "did what a value inside does"}[known["behaviour"]]
            what = f"{name}: what is beyond it {was} when its reason was written, and runs with an effect now"
            yield Problem(kind="stale-tightening", what=what)


def kept(
    now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]
) -> dict[str, Mapping[str, str]]:
    """What the next record says.

    For a stale tightening it repeats the last record, so that every run finds it stale until somebody removes
    it or gives another reason.
    """
    still = {problem.what.partition(": what is beyond it")[0] for problem in stale(now, before)}
    return {name: before[name] if name in still else seen for name, seen in now.items()}
