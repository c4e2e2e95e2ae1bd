"""What a reader of a record should know before believing its numbers: findings with stable ids.

Those of the meter, which :mod:`llenergymeasure.energy.verdict` lists, and these:

======================  =====================================================================================
id                      when
======================  =====================================================================================
transformers-version    the installed transformers is not the one that PyTorchConfig was generated from
energy-elsewhere        joules were measured, but not of the device that the model ran on
no-output               not one token was generated
transformers-message    transformers said something while it ran; its words
======================  =====================================================================================
"""

from collections.abc import Iterator

from llenergymeasure.energy.figures import Unavailable
from llenergymeasure.measure.execution import Outcome
from llenergymeasure.results.record import Finding, Versions


def findings(outcome: Outcome, versions: Versions) -> Iterator[Finding]:
    """The findings about one run, in the order of the table above."""
    if versions.transformers != versions.schema_transformers:
        yield Finding(
            id="transformers-version",
            text=f"transformers {versions.transformers} ran; the settings were checked against "
            f"{versions.schema_transformers}, from which PyTorchConfig was generated.",
        )
    if not outcome.covered and not isinstance(outcome.energy.total, Unavailable):
        measured = ", ".join(figure.device for figure in outcome.energy.devices)
        yield Finding(
            id="energy-elsewhere",
            text=f"The model ran on {outcome.device}; the energy is that of {measured}, which did not do its work. "
            "No joules per token are given.",
        )
    if outcome.counts.output_tokens == 0:
        yield Finding(id="no-output", text="Not one token was generated; nothing can be said per token.")
    for found in outcome.verdict.findings:
        yield Finding(id=found.id, text=f"{found.device}: {found.message}", spoils=found.spoils)
    for message in outcome.messages:
        yield Finding(id="transformers-message", text=message)
