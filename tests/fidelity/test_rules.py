"""The jobs about single rules find each way in which a rule can be wrong: rules are changed, and compared
with the real ``generate()``."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.conditions import ALWAYS, NEVER, highest, v
from llenergymeasure.config.metadata import Rule
from tests.fidelity import crossing, preconditions, rules
from tests.fidelity.reports import Report
from tests.fidelity.schema import ROOT, Schema, load


def with_rule(rule_id: str, **changes: Any) -> Schema:
    """The committed schema with one rule made wrong."""
    wrong = tuple(replace(rule, **changes) if rule.id == rule_id else rule for rule in PyTorchConfig.rules)

    class Bent(PyTorchConfig):
        rules: ClassVar[tuple[Rule, ...]] = wrong

    committed = load()
    return Schema(Bent, committed.params, committed.lock)


@pytest.mark.parametrize(
    ("job", "rule", "changes", "problem"),
    [
        (preconditions.need_job, "stop-strings-need-a-tokenizer", {"need": ALWAYS}, "unsound: "),
        (preconditions.need_job, "stop-strings-need-a-tokenizer", {"need": NEVER}, "never met: "),
        (preconditions.need_job, "decoder-has-a-start-token", {"need": ALWAYS}, "never unmet: "),
        (preconditions.need_job, "decoder-has-a-start-token", {"need": NEVER}, "undeclared: "),
        (preconditions.need_job, "banned-tokens-exist", {"need": highest(v.bad_words_ids) < 4}, "undeclared: "),
        (preconditions.need_job, "drafting-batch-size-one", {"need": v.call.batch_size < 3}, "never unmet: "),
        (preconditions.need_job, "hqq-installed", {"when": NEVER}, "never unmet: "),
        (preconditions.need_job, "continuous-batching-needs-length-limit", {"need": ALWAYS}, "unsound: "),
        (rules.batching_job, "continuous-batching-needs-prompt", {"need": NEVER}, "undeclared: "),
        (rules.rejection_job, "greedy-returns-one", {"when": NEVER}, "never fired: "),
        (rules.rejection_job, "greedy-returns-one", {"when": v.num_return_sequences == 1}, "undeclared: "),
        (rules.rejection_job, "early-exit-without-dola", {"tightening": None}, "undeclared: "),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_found(
    monkeypatch: pytest.MonkeyPatch,
    job: Callable[[str, str], Report],
    rule: str,
    changes: dict[str, Any],
    problem: str,
) -> None:
    schema = with_rule(rule, **changes)
    for module in (rules, preconditions):
        monkeypatch.setattr(module, "load", lambda _: schema)
    assert any(each.cause.startswith(problem) for each in job(str(ROOT), rule).problems)


@pytest.mark.parametrize(
    ("job", "of", "changes", "problem"),
    [
        (crossing.refusal_job, ("max-length-exceeds-prompt",), {"when": v.max_length.is_not(None)}, "undeclared: "),
        (crossing.dormancy_job, ("not-sampling-top-k", "top_k"), {"when": v.num_beams == 1}, "dormant: "),
    ],
)  # fmt: skip
def test_a_rule_that_forgets_another_parameter_is_found(
    monkeypatch: pytest.MonkeyPatch,
    job: Callable[..., Report],
    of: tuple[str, ...],
    changes: dict[str, Any],
    problem: str,
) -> None:
    schema = with_rule(of[0], **changes)
    monkeypatch.setattr(crossing, "load", lambda _: schema)
    assert any(each.cause.startswith(problem) for each in job(str(ROOT), *of).problems)


def test_what_only_needs_a_package_is_reported_as_such() -> None:
    report = preconditions.need_job(str(ROOT), "hqq-installed")
    assert report.problems == []
    assert report.rules["hqq-installed"] >= 1  # without the package it raises
    assert "packages.hqq" in report.environments
