"""A Schema as Python modules: the configuration classes and the tables next to them, a template for each."""

from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, get_args

from codegen.errors import RenderError
from codegen.model.conditions import FACT_PREFIXES
from codegen.model.schema import ROLES, Effect, Field, NestedModel, Param, Rule, Schema
from codegen.model.type_paths import leaves
from codegen.model.type_text import text
from codegen.model.types import Nested, Scalar
from codegen.model.values import PlainValue
from codegen.render import annotations, arguments, phrases, python, templates
from codegen.render.expressions import FUNCTIONS, Printer
from codegen.render.imports import with_imports
from codegen.render.python import Code, literal
from codegen.review.refusals import triggers
from codegen.upstream.engine import Engine

_LIBRARY = "llenergymeasure.config"
_MODULE_OF = {
    **annotations.MODULE_OF,
    **dict.fromkeys(FUNCTIONS, f"{_LIBRARY}.conditions"),
    **dict.fromkeys(("Any", "ClassVar", "Required", "TYPE_CHECKING", "TypedDict", "Unpack"), "typing"),
    "Field": "pydantic",
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "ParamInfo": f"{_LIBRARY}.metadata",
    "Rule": f"{_LIBRARY}.metadata",
}
"""The modules that define the names used by every engine's templates and annotations."""


def modules(schema: Schema, engine: Engine) -> dict[Path, str]:
    """The text of each module by its path, not yet formatted.

    Raises:
        RenderError: a template failed, or something in the schema cannot be printed.
    """
    rendered = {
        engine.module: "backend_configs.py.jinja",
        engine.nested_module: "nested.py.jinja",
        engine.metadata_module: "metadata.py.jinja",
        engine.rules_module: "rules.py.jinja",
        engine.settings_module: "settings.py.jinja",
        engine.vocabulary_module: "vocabulary.py.jinja",
    }
    environment, module_of = templates.environment(_FILTERS), _module_of(schema, engine)
    values = {
        "schema": schema,
        "engine": engine,
        "printer": Printer(schema.conditions),
        "roles": ROLES,
        "effects": get_args(Effect),
        "fact_prefixes": FACT_PREFIXES,
    }
    return {
        path: with_imports(templates.render(environment, template, **values), module_of)
        for path, template in rendered.items()
    }


def _module_of(schema: Schema, engine: Engine) -> dict[str, str]:
    """The module that each name is imported from."""
    generated = {
        "RULES": engine.rules_module,
        **dict.fromkeys(("PARAMS", "DESCRIPTIONS"), engine.metadata_module),
        **{model.name: engine.nested_module for model in schema.nested},
    }
    bases = {
        engine.base_class: f"{_LIBRARY}.base",
        engine.nested_class: f"{_LIBRARY}.nested",
        **{mixin: f"{_LIBRARY}.{module}" for mixin, module in engine.mixins.items()},
    }
    return _MODULE_OF | bases | {name: f"{_LIBRARY}.{path.stem}" for name, path in generated.items()}


def exported(schema: Schema, engine: Engine) -> list[str]:
    """The classes, for ``__all__``."""
    return sorted([engine.config_class, *(model.name for model in schema.nested)])


def sections(params: tuple[Param, ...]) -> list[tuple[str, list[Param]]]:
    """The parameters in upstream's order, grouped where the section changes."""
    return [(title, list(group)) for title, group in groupby(params, key=lambda param: param.section)]


def dependencies_first(models: tuple[NestedModel, ...]) -> list[NestedModel]:
    """The classes, each after those that its fields refer to.

    Raises:
        RenderError: they refer to each other in a cycle.
    """
    placed: list[NestedModel] = []
    waiting = list(models)
    while waiting:
        known = {model.name for model in placed}
        ready = [model for model in waiting if _references(model) <= known]
        if not ready:
            raise RenderError(
                f"The nested classes {', '.join(m.name for m in waiting)} refer to each other in a cycle."
            )
        placed.append(ready[0])
        waiting.remove(ready[0])
    return placed


def _references(model: NestedModel) -> set[str]:
    """The nested classes that the fields of a class refer to."""
    return {leaf.name for field in model.fields for _, leaf in leaves(field.type) if isinstance(leaf, Nested)}


def about(model: NestedModel, engine: Engine) -> str:
    """The text of a nested class's docstring."""
    sent_as = "a plain dictionary" if model.upstream is None else f"``{engine.name}.{model.upstream}``"
    return f"Value of ``{model.parameter}``, sent as {sent_as}."


def declaration(field: Field, engine: Engine) -> Code:
    """The statement that declares a field in its class."""
    name = python.field_name(field.name, engine.reserved)
    typed = f"{name}: {annotations.annotation(field.type, takes_none=field.takes_none)}"
    if name != field.name:
        default = "..." if field.required else literal(shown_default(field))
        return Code(f"{typed} = Field({default}, alias={literal(field.name)})")
    return Code(typed if field.required else f"{typed} = {literal(shown_default(field))}")


def shown_default(field: Field) -> PlainValue:
    """The default as it is printed: a float field shows a float, whether upstream says ``0`` or ``0.0``."""
    value = field.default
    floats = [leaf for _, leaf in leaves(field.type) if isinstance(leaf, Scalar) and leaf.kind == "float"]
    is_int = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_int and floats == [field.type] else value  # type: ignore[arg-type]  # an int


def param_info(param: Param, schema: Schema, engine: Engine) -> Code:
    """The ``ParamInfo(...)`` call: what is known of a parameter and is not in its field."""
    return _call(
        "ParamInfo",
        _PARAM_DEFAULTS,
        section=literal(param.section),
        type=literal(text(param.type, takes_none=param.takes_none)),
        description=literal(phrases.documentation(param, schema)),
        constraints=literal(phrases.constraints(param.type)),
        choices=literal(phrases.choices(param.type)),
        energy_role=literal(param.role),
        role_reason=literal(param.role_reason),
        declared_default=literal(param.declared_default),
        effective_default=literal(param.effective_default),
        disabled_value=literal(param.disabled_value),
        equivalent_values=literal(param.equivalent_values),
        deprecation=literal(str(param.deprecation) if param.deprecation else None),
        model_owned=literal(param.name in engine.model_owned),
        unset_differs=literal(param.name in engine.unset_differs),
        per_prompt=literal(param.name in engine.per_prompt),
        tightenings=literal({tightening.what: tightening.reason for tightening in param.tightenings}),
    )


def rule(rule: Rule, schema: Schema, engine: Engine, printer: Printer) -> Code:
    """The ``Rule(...)`` call; the printer knows the conditions that have a name."""
    return _call(
        "Rule",
        _RULE_DEFAULTS,
        id=literal(rule.id),
        effect=literal(rule.effect),
        fields=literal(rule.fields),
        triggers=literal(triggers(rule, schema.params, engine.model_owned)),
        when=printer.expression(rule.when),
        need=literal(None) if rule.need is None else printer.expression(rule.need),
        message=literal(rule.message),
        tightening=literal(rule.tightening),
    )


def shared_conditions(schema: Schema) -> list[tuple[str, Code]]:
    """The named conditions that the rules use, with their code, each after those that it uses itself."""
    named, codes, uses = schema.conditions, {}, {}
    for name, condition in named.items():
        printer = Printer({other: of for other, of in named.items() if other != name})
        codes[name], uses[name] = printer.expression(condition), printer.used
    needed = _used_by_rules(schema)
    while more := {used for name in needed for used in uses[name]} - needed:
        needed |= more
    placed: list[str] = []
    while len(placed) < len(needed):  # a condition is longer than those in it, so there is always a next one
        placed.append(next(name for name in named if name in needed - {*placed} and uses[name] <= {*placed}))
    return [(name, codes[name]) for name in placed]


def _used_by_rules(schema: Schema) -> set[str]:
    """The names that are printed in the conditions of the rules."""
    printer = Printer(schema.conditions)
    for rule in schema.rules:
        for condition in (rule.when, rule.need):
            if condition is not None:
                printer.expression(condition)
    return printer.used


_PARAM_DEFAULTS: Mapping[str, PlainValue] = {
    "constraints": (),
    "choices": (),
    "energy_role": None,
    "role_reason": "",
    "declared_default": None,
    "effective_default": None,
    "disabled_value": None,
    "equivalent_values": (),
    "deprecation": None,
    "model_owned": False,
    "unset_differs": False,
    "per_prompt": False,
    "tightenings": {},
}
_RULE_DEFAULTS: Mapping[str, PlainValue] = {"triggers": (), "need": None, "tightening": None}
"""The defaults of the library's ``ParamInfo`` and ``Rule``; arguments equal to them are not printed."""


def _call(function: str, defaults: Mapping[str, PlainValue], **arguments: Code) -> Code:
    """A call with the arguments that differ from their defaults."""
    given = (
        f"{key}={code}"
        for key, code in arguments.items()
        if key not in defaults or code != literal(defaults[key])
    )
    return Code(f"{function}({', '.join(given)},)")  # the last comma makes the formatter give each a line


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "about": about,
    "argument": arguments.argument,
    "comment": python.comment,
    "declaration": declaration,
    "docstring": python.docstring,
    "documentation": phrases.documentation,
    "identifier": python.identifier,
    "dependencies_first": dependencies_first,
    "list_of": lambda words: Code(f"[{', '.join(map(literal, words))}]"),
    "literal": literal,
    "names": lambda names: Code(", ".join(map(python.identifier, names))),
    "param_info": param_info,
    "path": lambda path: python.comment(path.as_posix()),
    "rule": rule,
    "exported": exported,
    "sections": sections,
    "settings_name": arguments.settings_name,
    "shared_conditions": shared_conditions,
}
