"""The kinds of findings, as a table; :mod:`codegen.diff.catalog` prints it, and makes findings of it.

An id is never given to something else, and never changed: people write them into ``accepted.toml`` and into
scripts. A kind that is no longer found keeps its entry in :data:`RETIRED`.
"""

from dataclasses import dataclass

from codegen.diff.findings import Level

NOTHING = "Nothing."
"""What to do about a finding that needs no action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingKind:
    """A kind of finding.

    Args:
        id: its permanent name.
        level: how serious it is; None for an error, which ends the run with exit code 2.
        title: what it is, in a few words.
        meaning: why it matters to a user.
        todo: what to do about it, in a sentence.
        example: one case of it.
        unless: when it has another level, in words.
    """

    id: str
    level: Level | None
    title: str
    meaning: str
    todo: str
    example: str
    unless: str = ""


_ALL = (
    FindingKind(
        id="param-added",
        level="risky",
        unless="info if it has an energy role",
        title="parameter added",
        meaning="There is a new setting.",
        todo="Give it an entry in overrides.toml: role, reason, description.",
        example="max_cache_len is new in 5.13.",
    ),
    FindingKind(
        id="param-removed",
        level="breaking",
        unless="info if it was deprecated before",
        title="parameter removed",
        meaning="A configuration that sets it is refused, and generate() would not know it.",
        todo="Run `python -m codegen migrate` over configurations and scripts, and limit its entry in overrides.toml.",
        example="return_legacy_cache was removed in 5.0.",
    ),
    FindingKind(
        id="argument-added",
        level="risky",
        unless="info if it is described and its parameter has an energy role",
        title="argument of a nested class added",
        meaning="There is one more setting inside of a parameter.",
        todo="Give it an entry under [nested] in overrides.toml.",
        example="continuous_batching_config.page_size is new in 5.17.",
    ),
    FindingKind(
        id="argument-removed",
        level="breaking",
        title="argument of a nested class removed",
        meaning="A nested configuration that sets it is refused.",
        todo="Run `python -m codegen migrate` over configurations and scripts, and limit its entry in overrides.toml.",
        example="cache_config.device was removed in 4.56.",
    ),
    FindingKind(
        id="class-added",
        level="info",
        title="nested class added",
        meaning="A parameter takes one more kind of configuration.",
        todo="Describe its arguments in overrides.toml.",
        example="watermarking_config takes SynthIDTextWatermarkingConfig, too.",
    ),
    FindingKind(
        id="class-removed",
        level="breaking",
        title="nested class removed",
        meaning="A configuration that uses it is refused.",
        todo="Limit its entries in overrides.toml to the releases that have it.",
        example="watermarking_config no longer takes SynthIDTextWatermarkingConfig.",
    ),
    FindingKind(
        id="class-changed",
        level="info",
        title="nested class passed in another form",
        meaning="generate() takes the same settings as another class, or as a plain dictionary; configurations stay the same.",
        todo="Nothing, unless code builds the upstream class itself.",
        example="cache_config is a plain dictionary from 4.56 on, and was a QuantizedCacheConfig before.",
    ),
    FindingKind(
        id="type-narrowed",
        level="breaking",
        title="type narrowed",
        meaning="Some kinds of value that were taken are refused.",
        todo="Run `python -m codegen migrate` to find configurations with such values.",
        example="early_stopping: bool | str -> bool.",
    ),
    FindingKind(
        id="type-widened",
        level="info",
        title="type widened",
        meaning="More kinds of value are taken; those that were stay valid.",
        todo="Nothing; the new values are there to be used.",
        example="eos_token_id: int -> int | list[int].",
    ),
    FindingKind(
        id="type-changed",
        level="breaking",
        title="type changed",
        meaning="Other kinds of value are taken, and some that were are refused.",
        todo="Run `python -m codegen migrate` to find configurations that set it.",
        example="sequence_bias: dict -> list.",
    ),
    FindingKind(
        id="type-opaque",
        level="breaking",
        title="type that cannot be written as data",
        meaning="No value but None can be written in a configuration; what sets it is refused and has to go through extra.",
        todo="State a type in overrides.toml if there is one, with its evidence.",
        example="assistant_early_exit: int -> None.",
    ),
    FindingKind(
        id="none-refused",
        level="breaking",
        title="None no longer allowed",
        meaning="A configuration that sets None explicitly is refused, or fails in generate().",
        todo="Leave the setting out instead.",
        example="num_beams: None is multiplied by the batch.",
    ),
    FindingKind(
        id="none-allowed",
        level="info",
        title="None allowed",
        meaning="None can be set explicitly; it overrides the model's own setting.",
        todo=NOTHING,
        example="early_stopping: None is taken from 5.0 on.",
    ),
    FindingKind(
        id="argument-required",
        level="breaking",
        title="argument of a nested class required",
        meaning="A nested configuration without it is refused.",
        todo="Set it in every configuration that uses the class.",
        example="watermarking_config.keys has no default any more.",
    ),
    FindingKind(
        id="argument-optional",
        level="info",
        title="argument of a nested class optional",
        meaning="It can be left out.",
        todo=NOTHING,
        example="watermarking_config.keys has a default now.",
    ),
    FindingKind(
        id="bound-added",
        level="breaking",
        title="bound added",
        meaning="Values outside of it were taken and are refused.",
        todo="Look for such values; `python -m codegen migrate` reports them.",
        example="top_k: >= 0.",
    ),
    FindingKind(
        id="bound-tightened",
        level="breaking",
        title="bound tightened",
        meaning="Values between the old and the new bound were taken and are refused.",
        todo="Look for such values; `python -m codegen migrate` reports them.",
        example="continuous_batching_config.block_size: >= 1 -> >= 4.",
    ),
    FindingKind(
        id="bound-relaxed",
        level="info",
        title="bound relaxed",
        meaning="More values are taken.",
        todo=NOTHING,
        example="min_p: <= 0.5 -> <= 1.",
    ),
    FindingKind(
        id="bound-removed",
        level="info",
        title="bound removed",
        meaning="Values of any size are taken on that side.",
        todo="Check whether a value beyond the old bound makes sense; if not, state a tightening in overrides.toml.",
        example="top_p: no lower bound any more.",
    ),
    FindingKind(
        id="gate-value-lost",
        level="breaking",
        title="a value that switched it off is refused",
        meaning="The value used to be skipped before anything checked it, and now reaches the check that refuses it.",
        todo="Leave the setting out instead, or set None where that is taken.",
        example="typical_p = 1.0, when the gate `typical_p < 1.0` was removed.",
    ),
    FindingKind(
        id="off-changed",
        level="risky",
        unless="info if none did before, if the default moved away from it, or if it has no effect at all any more",
        title="another value switches it off",
        meaning="The old value still validates, but it may do work where it did none.",
        todo="Read the gate; configurations that use the old value to switch it off have to change.",
        example="top_k: 0 -> -1.",
    ),
    FindingKind(
        id="alike-changed",
        level="risky",
        unless="info if values only came together",
        title="values that had the same effect no longer do, or the reverse",
        meaning="Configurations that counted as one are two now, or two as one: a sweep over them measures more, or less.",
        todo="Read how generate() uses the value; results of sweeps over such values are not comparable.",
        example='cache_implementation: "dynamic" no longer does what None does (5.0).',
    ),
    FindingKind(
        id="choice-added",
        level="info",
        title="choice added",
        meaning="One more value is taken.",
        todo="Nothing; it is there to be used.",
        example='cache_implementation: "paged".',
    ),
    FindingKind(
        id="choice-removed",
        level="breaking",
        title="choice removed",
        meaning="A configuration that names it is refused.",
        todo="Run `python -m codegen migrate`; it rewrites what has a successor and reports the rest.",
        example='cache_implementation: "dynamic_full".',
    ),
    FindingKind(
        id="default-changed",
        level="breaking",
        unless="risky if the energy role is none",
        title="effective default changed",
        meaning="A run that does not set it behaves differently from before, and earlier figures are not comparable.",
        todo="Pin the old value where results have to be comparable: `python -m codegen migrate --pin-defaults`.",
        example="num_assistant_tokens: 5 -> 20 (4.46).",
    ),
    FindingKind(
        id="default-unstated",
        level="risky",
        title="default of a nested argument now chosen by its class",
        meaning="The signature says None now, so the class chooses the value; it may or may not choose the old one.",
        todo="Read the class; if it chooses another value, pin the old one.",
        example="cache_config.nbits: 4 -> None (5.23).",
    ),
    FindingKind(
        id="default-alike",
        level="info",
        title="effective default written differently",
        meaning="generate() treats the old and the new value the same.",
        todo=NOTHING,
        example="output_attentions: False -> None (5.0).",
    ),
    FindingKind(
        id="default-declared",
        level="info",
        title="only the declared default changed",
        meaning="The constructor declares another default, but a run that does not set it uses the same value.",
        todo=NOTHING,
        example="temperature: declared 1.0 -> None, effective 1.0 (5.0).",
    ),
    FindingKind(
        id="default-shown",
        level="info",
        title="shown default changed",
        meaning="The generated class shows another value for what generate() does anyway.",
        todo=NOTHING,
        example="use_mtp: shown as False.",
    ),
    FindingKind(
        id="deprecated",
        level="risky",
        title="deprecated",
        meaning="It still works, and will be removed.",
        todo="Plan to do without it; the reason in the source says what replaces it.",
        example="penalty_alpha: its mode moved to the Hub (4.57).",
    ),
    FindingKind(
        id="undeprecated",
        level="info",
        title="no longer deprecated",
        meaning="It stays.",
        todo="Remove the note about its removal from overrides.toml, if there is one.",
        example="low_memory has left the deprecated group.",
    ),
    FindingKind(
        id="deprecation-changed",
        level="info",
        title="deprecation reworded or rescheduled",
        meaning="It will still be removed, at another date or with another note.",
        todo="Nothing, unless the date is near.",
        example="penalty_alpha: removal announced for 4.62.0 -> 5.",
    ),
    FindingKind(
        id="removal-passed",
        level="risky",
        title="announced removal is due",
        meaning="Its removal was announced for this release or an earlier one, but it is still there: any later release may remove it.",
        todo="Stop using it.",
        example="low_memory: removal was announced for 5, and this is 5.0.0.",
    ),
    FindingKind(
        id="doc-lost",
        level="risky",
        unless="info if it is deprecated",
        title="documentation lost",
        meaning="Upstream no longer says what it does; often it is removed later.",
        todo="See whether it was moved or is about to go, and state what the documentation used to in overrides.toml.",
        example="low_memory has left the docstring (4.57).",
    ),
    FindingKind(
        id="doc-added",
        level="info",
        title="documentation added",
        meaning="Upstream says what it does.",
        todo="Compare our description and claims with it.",
        example="cache_config.nbits is documented (4.56).",
    ),
    FindingKind(
        id="doc-changed",
        level="info",
        title="wording of the documentation changed",
        meaning="Upstream describes it in other words; sometimes the meaning changed too.",
        todo="Read the change (both sources show it) and correct our description if necessary.",
        example="cache_config.backend has another entry (5.23).",
    ),
    FindingKind(
        id="role-changed",
        level="info",
        title="energy role changed",
        meaning="We assign it another energy role than before; upstream did not change.",
        todo=NOTHING,
        example="max_time: none -> length.",
    ),
    FindingKind(
        id="rule-added",
        level="breaking",
        unless="risky if it is a precondition, info if it needs a parameter or a choice that is new, or held before by another rule",
        title="cross-field rule added",
        meaning="A combination that ran is refused, or a setting needs something that it did not need.",
        todo="Read the rule; name it in overrides.toml if it has no entry.",
        example="num_return_sequences > 1 with greedy decoding is refused.",
    ),
    FindingKind(
        id="rule-removed",
        level="info",
        unless="risky if the source no longer states it, and overrides.toml does not say for which releases it holds",
        title="cross-field rule removed",
        meaning="A combination that was refused is taken, or a setting no longer needs something.",
        todo=NOTHING,
        example="early_stopping without beams is taken.",
    ),
    FindingKind(
        id="rule-changed",
        level="risky",
        unless="info if it is only about parameters and choices that were added or removed, or everything it says held before",
        title="cross-field rule changed",
        meaning="Other combinations are refused, or other things are needed, than before.",
        todo="Compare the two conditions; configurations near them may be refused now.",
        example="stop_strings needs a tokenizer in all modes, and did in some.",
    ),
    FindingKind(
        id="dormancy-changed",
        level="risky",
        unless="info if it is only about parameters and choices that were added or removed, or holds by another rule",
        title="dormancy changed",
        meaning="A setting takes effect where it was ignored, or is ignored where it took effect: what was one configuration may be two.",
        todo="Measure again what depends on it: canonical() of the same configuration may differ.",
        example="temperature without do_sample is no longer ignored.",
    ),
    FindingKind(
        id="rule-reworded",
        level="info",
        title="wording of a cross-field rule changed",
        meaning="The rule holds as before; its message, reason or sources changed.",
        todo=NOTHING,
        example="greedy-returns-one.",
    ),
    FindingKind(
        id="tightening-added",
        level="breaking",
        title="refusal of our own added, for all parameters",
        meaning="Values that upstream accepts, and this project accepted so far, are now refused.",
        todo="Pass such a value through extra if it is intended.",
        example="numbers that are not finite.",
    ),
    FindingKind(
        id="tightening-removed",
        level="info",
        title="refusal of our own lifted, for all parameters",
        meaning="Values are taken that were refused.",
        todo=NOTHING,
        example="numbers that are not finite.",
    ),
    FindingKind(
        id="description-changed",
        level="info",
        title="our description changed",
        meaning="We say in other words what it does.",
        todo=NOTHING,
        example="top_p.",
    ),
    FindingKind(
        id="bookkeeping-changed",
        level="info",
        title="nothing but bookkeeping changed",
        meaning="Only data for tests and documentation differs: test values, sources, section, reasons.",
        todo=NOTHING,
        example="top_h is tested with one more value.",
    ),
    FindingKind(
        id="override-mistaken",
        level="risky",
        title="an override does not fit the new release",
        meaning="Something that overrides.toml states is not true of it; refresh stops until that is corrected.",
        todo="Correct the entry, or limit it to the releases that it holds for.",
        example="an entry for a parameter that was removed.",
    ),
    FindingKind(
        id="evidence-changed",
        level="risky",
        unless="info if the new code was already reviewed",
        title="evidence of an override changed",
        meaning="A definition that claims in overrides.toml rest on has different code.",
        todo="Read it again, correct the claims if necessary, and put the printed line under [evidence].",
        example="_beam_search.",
    ),
    FindingKind(
        id="code-changed",
        level="info",
        title="code that facts rest on changed",
        meaning="What was read from it is the same, or is reported by itself; this says what else is different in it.",
        todo="Read it if something behaves differently from what the other findings say.",
        example="in _beam_search a comparison < became <=.",
    ),
    FindingKind(
        id="shape-unknown",
        level=None,
        title="source of an unknown form",
        meaning="The source is not written in a way that is understood, and guessing would silently lose parameters.",
        todo="Extend the code that reads that place; until then there is no comparison (exit code 2).",
        example="_get_default_generation_params does not return one dictionary.",
    ),
)

KINDS = {kind.id: kind for kind in _ALL}
"""Every kind by its id, in the order in which they are listed."""

RETIRED: frozenset[str] = frozenset()
"""Ids of kinds that are no longer found; not to be given again."""
