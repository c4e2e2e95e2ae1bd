"""Questions about rules whose statement is gone in a release.

Fidelity decides by running what such a rule alone refuses: where all of it fails, the rule holds. A person
decides by naming the statement that refuses it now, or by limiting the rule to other releases. Limiting a
rule that was not tried could accept what fails, so that is never the advice.
"""

import json
from collections.abc import Iterator

from codegen.model import lock
from codegen.model.schema import Rule, Schema
from codegen.review.executed import REDO, Executed, parts
from codegen.review.merge_context import Question


def questions(schema: Schema, record: Executed | None) -> Iterator[Question]:
    """A question for each rule that is unproven in this release.

    Args:
        schema: of the release.
        record: what fidelity found. It does not count for a rule if it is of another release, or if the rule
            changed since.
    """
    unproven = [rule for rule in schema.rules if rule.unproven]
    now = parts(json.loads(lock.dumps(schema, indent=None))) if unproven and record is not None else {}
    for rule in unproven:
        part = f"rule {rule.id}"
        is_known = (
            record is not None and record.version == schema.version and record.lock.get(part) == now[part]
        )
        to_do = _to_do(rule, record if is_known else None)
        if to_do is not None:
            yield Question(subject=rule.id, message=f"{_gone(rule, schema)} {to_do}")


def _gone(rule: Rule, schema: Schema) -> str:
    return f"the rule {rule.id} restates {rule.unproven}, which {schema.release} does not have; it was kept."


def _to_do(rule: Rule, record: Executed | None) -> str | None:
    """What is left to do about a rule; None where fidelity found that it holds."""
    name_it = (
        "name the statement that refuses it now (restates or extracted), or state it with when and fields"
    )
    tried = record.rules.get(rule.id) if record is not None else None
    if tried is None or tried.tried == 0:
        if rule.effect != "dormant":
            return f"Run: {REDO}; where what it refuses fails, {name_it}; only where it runs, limit its versions."
        return f"Read what took its place; then {name_it}, or limit its versions."
    if tried.failed == tried.tried:
        return None
    ran = tried.tried - tried.failed
    return (
        f"Of {tried.tried} combinations that it alone refuses {ran} ran; correct it, or limit its versions."
    )
