"""Proofs that the rendered files say what the Schema means, before anything is written.

1. *parse*: every statement has a known form, so that importing the modules runs nothing else.
2. *import*: a fresh process imports them alone, without upstream or torch.
3. *fields*: the classes have the Schema's fields, in order, with their defaults.
4. *types*: their annotations are the Schema's types.
5. *descriptions*: each field, and its docstring, says what is known of it.
6. *values*: every default and every test value validates, and values on each side of a limit are accepted or
refused.
7. *arguments*: type checkers see what the constructors take.
8. *metadata*, *rules*, *data*: the tables and the data files say what the Schema says.
9. *conditions*: evaluated on values around their constants, the conditions agree with the grammar.

All but the first are about what a child process found, which is the only place where the package is imported.
"""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from codegen.errors import ProofError
from codegen.model.schema import Schema
from codegen.proof import arguments, conditions, fields, metadata, process, statements, values
from codegen.proof.difference import Difference, differs
from codegen.upstream.engine import Engine


def prove(
    texts: Mapping[Path, str],
    schema: Schema,
    engine: Engine,
    library: Path,
    child: process.Child | None = None,
) -> None:
    """Prove the rendered files.

    Args:
        texts: of the files, by their paths.
        schema: what they are meant to say.
        engine: the engine they belong to.
        library: the folder that contains the package ``llenergymeasure``, for the modules' imports.
        child: a process to import them in, if one was started earlier.

    Raises:
        ProofError: a proof failed; the error names it.
    """
    parsed = _parsed(texts, schema, engine)
    tried = values.cases(engine.config_class, schema)
    probed = values.probes(engine.config_class, schema)
    asked = conditions.questions(schema.rules)
    modules = {path: texts[path] for path in parsed}
    with process.started() if child is None else nullcontext(child) as running:
        found = process.found(running, modules, library, _task(schema, engine, tried, probed, asked))
    docstrings = {name: words for module in parsed.values() for name, words in module.classes.items()}
    stated = {name: keys for module in parsed.values() for name, keys in module.arguments.items()}
    differences = [
        *(Difference("import", f"importing it loads {name}.") for name in found["loaded"]),
        *_class_differences(found["classes"], docstrings, schema, engine),
        *_argument_differences(stated, schema, engine),
        *metadata.param_differences(found["params"], schema, engine),
        *metadata.vocabulary_differences(found["vocabulary"]),
        *conditions.rule_differences(found["rules"], schema, engine),
        *metadata.source_differences(texts[engine.sources_file], schema, engine),
        *metadata.test_value_differences(texts[engine.test_values_file], schema),
        *conditions.answer_differences(asked, found["answers"], schema.rules),
        *values.probe_differences(probed, found["accepted"]),
        *values.refusal_differences(tried, found["refused"]),
    ]
    if differences:
        more = f" And {len(differences) - 1} more." if len(differences) > 1 else ""
        raise ProofError(differences[0].proof, f"{differences[0].detail}{more}")


def _parsed(texts: Mapping[Path, str], schema: Schema, engine: Engine) -> dict[Path, statements.Module]:
    """What each module defines, checked against what it should define."""
    imports = statements.importable(schema, engine)
    nested = {model.name for model in schema.nested}
    meant: dict[Path, set[str]] = {
        engine.module: {engine.config_class, "__all__"},
        engine.nested_module: nested | set(map(statements.settings_name, nested)),
        engine.metadata_module: {"DESCRIPTIONS", "PARAMS"},
        engine.rules_module: {"RULES", *schema.conditions},
        engine.settings_module: {statements.settings_name(engine.config_class)},
        engine.vocabulary_module: {*statements.VOCABULARY},
    }
    modules = {path: statements.read(path.name, texts[path], imports) for path in meant}
    for path, names in meant.items():
        module = modules[path]
        defined = {*module.classes, *module.names, *module.arguments}
        unused = schema.conditions.keys() - defined  # not every release has a rule that uses it
        if wrong := defined ^ (names - unused):
            what = ", ".join(sorted(wrong))
            raise ProofError("parse", f"{path.name} does not define what was meant: {what}.")
    return modules


def _task(
    schema: Schema,
    engine: Engine,
    tried: list[values.Case],
    probed: list[values.Probe],
    asked: list[conditions.Question],
) -> dict[str, Any]:
    return {
        "package": "llenergymeasure.config",
        "module": engine.module.stem,
        "class": engine.config_class,
        "heavy": ["torch", engine.name],
        "nested": [model.name for model in schema.nested],
        "vocabulary": statements.VOCABULARY,
        "cases": [(case.model, case.arguments) for case in tried],
        "probes": [(probe.model, probe.field, probe.value) for probe in probed],
        "questions": [(each.rule, each.key, each.values) for each in asked],
    }


def _class_differences(
    found: Mapping[str, Any], docstrings: Mapping[str, Mapping[str, str]], schema: Schema, engine: Engine
) -> Iterator[Difference]:
    meant = {
        model.name: (model.fields, [engine.nested_class], {"upstream": repr(model.upstream or "")})
        for model in schema.nested
    }
    release = {"engine": repr(engine.name), "engine_version": repr(schema.version)}
    if engine.default_facts:
        release["default_facts"] = repr(engine.default_facts)
    meant[engine.config_class] = (schema.params, [*engine.bases], dict(sorted(release.items())))
    for name, (owned, bases, constants) in meant.items():
        yield from differs("fields", f"the bases of {name}", found[name]["bases"], bases)
        yield from differs("fields", f"the constants of {name}", found[name]["constants"], constants)
        yield from fields.class_differences(name, owned, found[name], docstrings[name], schema)


def _argument_differences(
    stated: Mapping[str, Mapping[str, str]], schema: Schema, engine: Engine
) -> Iterator[Difference]:
    owned = {model.name: model.fields for model in schema.nested} | {engine.config_class: schema.params}
    for name, fields_ in owned.items():
        extra, keys = name == engine.config_class, stated[statements.settings_name(name)]
        yield from arguments.argument_differences(name, fields_, extra=extra, stated=keys)
