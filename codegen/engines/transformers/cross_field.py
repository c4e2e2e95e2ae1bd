"""Rules across parameters: what ``generate()`` refuses in combination, and what ``validate`` calls ignored.

They are read from ``GenerationConfig.validate`` (what it raises, and its "minor issues"), from the decoding
modes (:mod:`codegen.engines.transformers.modes`), and from what the methods of ``GenerationMixin`` raise. A
raise that depends on a parameter and cannot be read has to be restated by a hand-written rule;
:mod:`codegen.review.rule_merge` checks that.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace

from codegen.engines.transformers import called, modes, needs, terms, validation
from codegen.engines.transformers.engine import CONFIGURATION, GENERATE
from codegen.engines.transformers.modes import MIXIN, MODE, TABLE
from codegen.engines.transformers.terms import Modes
from codegen.engines.transformers.validation import Issue
from codegen.errors import UnknownShapeError
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    Compare,
    Condition,
    Constant,
    Name,
    all_of,
    any_of,
    conjuncts,
    is_readable,
    names,
)
from codegen.model.facts import SourceRule, SourceRules, UnreadRaise
from codegen.model.origins import Symbol
from codegen.model.schema import Effect
from codegen.upstream import calls, refusal_sites
from codegen.upstream.checks import Raise, raises_among
from codegen.upstream.flow import Path
from codegen.upstream.paths import paths_to
from codegen.upstream.reader import Reader
from codegen.upstream.symbols import Library, Module

_CALLED_BY = {"_get_candidate_generator": "_assisted_decoding"}
"""Methods that are read like the one decoding method that calls them."""

_Found = SourceRule | UnreadRaise


def read_rules(library: Library, parameters: Collection[str]) -> SourceRules:
    """The rules that the source states.

    Raises:
        UnknownShapeError: the modes are not written in a way that is known, or a mode in the table is never
            chosen.
    """
    configuration, generate = library.module(CONFIGURATION), library.module(GENERATE)
    known = frozenset(parameters)
    chosen = modes.read(configuration, known)
    served = modes.table(generate)
    not_rerouted = modes.not_rerouted(generate, known)
    found = [
        *_validated(configuration, known),
        *_moved_to_the_hub(chosen, served, not_rerouted, known),
        *_refused(generate, chosen, served, not_rerouted, known),
    ]
    rules = [each for each in found if isinstance(each, SourceRule)]
    unread = dict.fromkeys(each for each in found if isinstance(each, UnreadRaise))
    return SourceRules(_joined(rules), tuple(unread))


def _joined(rules: list[SourceRule]) -> tuple[SourceRule, ...]:
    """One rule for each key: two refusals are joined by ``or``, two issues into one with both fields."""
    joined: dict[tuple[Effect, str, Condition | None], SourceRule] = {}
    for rule in rules:
        slot = (rule.effect, rule.key, rule.need)
        if (before := joined.get(slot)) is None:
            joined[slot] = rule
        elif rule.effect == "dormant":
            joined[slot] = replace(before, fields=tuple(dict.fromkeys((*before.fields, *rule.fields))))
        else:
            joined[slot] = replace(before, when=any_of(before.when, rule.when))
    return tuple(joined.values())


def _rule(
    symbol: Symbol, effect: Effect, when: Condition, about: tuple[str, ...], fields: tuple[str, ...]
) -> SourceRule:
    return SourceRule(f"{symbol.name}: {', '.join(sorted(about))}", effect, fields, when, symbol)


# --- GenerationConfig.validate


def _validated(configuration: Module, parameters: frozenset[str]) -> Iterator[_Found]:
    for each in validation.statements(configuration, parameters):
        match each:
            case Issue():
                yield from _ignored(each)
            case Raise(when=when, symbol=symbol):
                about = names(when)
                if len(about) == 1 and about[0] in parameters:
                    continue  # a check of one parameter
                if is_readable(when) and parameters.issuperset(about):
                    yield _rule(validation.FULL_SYMBOL, "reject", when, about, about)
                else:
                    key = refusal_sites.key(configuration, symbol.qualname, each.statement)
                    yield UnreadRaise(symbol, about, key)


def _ignored(issue: Issue) -> Iterator[_Found]:
    """When a parameter is said to be ignored: the issue's condition without what is about its own value."""
    parts = conjuncts(issue.when)
    if any(not is_readable(part) and set(names(part)) != {issue.parameter} for part in parts):
        key = f"{validation.FULL_SYMBOL.name}: minor_issues[{issue.parameter!r}]"
        yield UnreadRaise(validation.FULL_SYMBOL, (issue.parameter,), key)
        return
    when = all_of(*(part for part in parts if issue.parameter not in names(part)))
    if when != ALWAYS:
        yield _rule(validation.FULL_SYMBOL, "dormant", when, names(when), (issue.parameter,))


# --- modes


def _moved_to_the_hub(
    chosen: Modes, served: dict[str, str], not_rerouted: tuple[Condition, ...], parameters: frozenset[str]
) -> Iterator[_Found]:
    """The modes that live on the Hub now: refused, unless remote code is named that serves them."""
    for mode, where in served.items():
        if "/" not in where:
            continue
        if mode not in chosen:
            raise UnknownShapeError(f"transformers/{GENERATE}, {TABLE}", f"nothing chooses its mode {mode}")
        is_core = Compare(Name("extra.custom_generate"), "is", Constant(None))
        when = all_of(chosen[mode], is_core, *not_rerouted)
        fields = tuple(name for name in names(when) if name in parameters)
        yield _rule(Symbol(CONFIGURATION, MODE), "reject", when, (mode,), fields)


# --- GenerationMixin


def _refused(
    generate: Module,
    chosen: Modes,
    served: dict[str, str],
    not_rerouted: tuple[Condition, ...],
    parameters: frozenset[str],
) -> Iterator[_Found]:
    """What the methods of ``GenerationMixin`` refuse, each under the condition that it is called."""
    reader = terms.reader(parameters, chosen, includes_unknown=False)
    options = replace(terms.OPTIONS, opaque=_not_inlined(generate))
    reached_when = called.methods(generate, reader, chosen, served)
    for function in generate.class_(MIXIN).body:
        if not isinstance(function, ast.FunctionDef):
            continue
        reached = reached_when.get(_CALLED_BY.get(function.name, function.name), NEVER)
        statements = paths_to((ast.Raise, ast.Assert), generate, f"{MIXIN}.{function.name}", options)
        own = ((statement, path) for statement, path in statements if _is_a_check(path, reader, parameters))
        for each in raises_among(own, generate, reader):
            about = tuple(name for name in each.about if name in parameters)
            when = all_of(reached, each.when, *not_rerouted)
            if not served:  # the tests of the branches before this one are part of it
                when = needs.without_repetition(when)
            rule = _refusal(generate.symbol(f"{MIXIN}.{function.name}"), when, each.about, parameters)
            if is_readable(each.when) and reached != NEVER and rule is not None:
                yield rule
            elif about:
                key = refusal_sites.key(generate, each.symbol.qualname, each.statement)
                yield UnreadRaise(each.symbol, about, key)


def _refusal(
    symbol: Symbol, when: Condition, about: tuple[str, ...], parameters: frozenset[str]
) -> SourceRule | None:
    """The rule that something is refused under a condition; a condition with a fact needs its opposite.

    None where the parameters and a fact cannot be separated, or where the condition asks for no parameter.
    """
    separated = needs.without_facts(when)
    fields = tuple(name for name in names(when) if name in parameters)
    if separated is None or not fields:
        return None
    own, need = separated
    rule = _rule(symbol, "reject" if need is None else "require", own, about, fields)
    return replace(rule, need=need)


def _not_inlined(generate: Module) -> frozenset[str]:
    """The functions and methods that get the generation config: each is read by itself."""
    methods = (f"{MIXIN}.{name}" for name in calls.methods(generate, MIXIN))
    named = [*calls.functions(generate), *methods]
    return frozenset(name for name in named if generate.mentions(generate.need(name), "generation_config"))


def _is_a_check(path: Path, reader: Reader, parameters: frozenset[str]) -> bool:
    """Whether a raise counts: in an inlined function, if a test there mentions a parameter or none decides.

    Where no test in it decides, the function always raises, and what matters is when it is called.
    """
    own = path.tests[path.entered :] if path.entered else ()
    if any(not parameters.isdisjoint(reader.mentioned(test.expression)) for test in own):
        return True
    return all(reader.test(test.expression, holds=test.holds) == ALWAYS for test in own)
