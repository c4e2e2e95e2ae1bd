"""The configuration classes that are values of parameters: their arguments, and what they refuse.

``CompileConfig`` and ``ContinuousBatchingConfig`` are dataclasses; the watermarking configs have
constructors, a ``validate`` and a processor with checks of its own; a quantized cache takes its arguments as
a dictionary.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from codegen.engines.transformers import docstring
from codegen.engines.transformers.engine import CACHES, CONFIGURATION, GENERATE, PROCESSORS
from codegen.engines.transformers.processors import constructions, refusals
from codegen.errors import UnknownShapeError
from codegen.model.conditions import names
from codegen.model.facts import SourceClass, SourceField
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.type_text import UnreadableTypeError, from_annotation, parse
from codegen.model.types import Type
from codegen.model.values import PlainValue
from codegen.upstream import signatures
from codegen.upstream.checks import Refusal, argument_reader, field_reader, raises, refusal
from codegen.upstream.reader import attribute
from codegen.upstream.symbols import Library, Module, walk
from codegen.upstream.tables import number

WATERMARKING_BASE = "BaseWatermarkingConfig"
QUANTIZED_CACHE = "QuantizedCacheConfig"
_PASSED_BY_GENERATE = frozenset({"self", "config"})


def read(library: Library, names: list[str]) -> tuple[SourceClass, ...]:
    """The nested classes of the parameters that this release has.

    Raises:
        UnknownShapeError: a class is not there, or an argument is not written in a way that is known.
    """
    configuration = library.module(CONFIGURATION)
    models = []
    if "compile_config" in names:
        models.append(_dataclass(configuration, "CompileConfig", "compile_config"))
    if "watermarking_config" in names:
        models += [_watermarking(library, name) for name in watermarking_classes(configuration)]
    if "cache_config" in names:
        models.append(
            _quantized_cache(library.module(CACHES), _defaults_of_the_call(library.module(GENERATE)))
        )
    if "continuous_batching_config" in names:
        models.append(_dataclass(configuration, "ContinuousBatchingConfig", "continuous_batching_config"))
    return tuple(models)


def watermarking_classes(module: Module) -> list[str]:
    """The classes that derive from the base of all watermarking configs, in the order of the source."""
    found = [
        node.name
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(b, ast.Name) and b.id == WATERMARKING_BASE for b in node.bases)
    ]
    if not found:
        raise UnknownShapeError(f"transformers/{CONFIGURATION}", f"no class derives from {WATERMARKING_BASE}")
    return found


def _dataclass(module: Module, name: str, parameter: str) -> SourceClass:
    cls = module.class_(name)
    documented = docstring.read(ast.get_docstring(cls))
    symbol = module.symbol(name)
    fields = []
    for statement in cls.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field), annotation=annotation, value=value) if (
                not field.startswith("_")
            ):
                argument = _Argument(field, annotation, value)
                fields.append(_source_field(symbol, argument, documented, Refusal()))
    return _source_class(module, name, name, parameter, fields)


def _watermarking(library: Library, name: str) -> SourceClass:
    module = library.module(CONFIGURATION)
    documented = docstring.read(ast.get_docstring(module.class_(name)))
    arguments = list(_arguments(module.function(f"{name}.__init__")))
    validated = _validated(module, name, [argument.name for argument in arguments])
    built = list(constructions(module, f"{name}.construct_processor", library.module(PROCESSORS)))
    fields = []
    for argument in arguments:
        refused = validated[argument.name]
        for constructor, parameter in (
            (processor.constructor, parameter)
            for processor in built
            for parameter, value in processor.arguments.items()
            if attribute(value, ("self",)) == argument.name
        ):
            refused |= refusals(library.module(PROCESSORS), constructor, parameter)
        fields.append(_source_field(module.symbol(f"{name}.__init__"), argument, documented, refused))
    return _source_class(module, name, name, "watermarking_config", fields)


def _defaults_of_the_call(module: Module) -> dict[str, ast.expr]:
    """Defaults that ``generate()`` has for the cache: ``cache_config.pop("backend", "quanto")``."""
    defaults = {}
    methods = [
        each for each in module.class_("GenerationMixin").body if module.mentions(each, "cache_config.pop(")
    ]
    for node in (node for method in methods for node in walk(method)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="cache_config"), attr="pop"),
                args=[ast.Constant(value=str(name)), default],
            ):
                defaults[name] = default
    return defaults


def _quantized_cache(module: Module, defaults: dict[str, ast.expr]) -> SourceClass:
    """The arguments of ``QuantizedCache``; in older releases those of the class of its only argument."""
    owner, upstream = "QuantizedCache", None
    function = module.function(f"{owner}.__init__")
    arguments = list(_arguments(function))
    if [argument.name for argument in arguments] == ["cache_config"]:
        owner = upstream = QUANTIZED_CACHE
        function = module.function(f"{owner}.__init__")
        arguments = list(_arguments(function))
    documented = docstring.read(ast.get_docstring(module.class_(owner)))
    validated = _validated(module, owner, [argument.name for argument in arguments])
    raised = raises(module, f"{owner}.__init__", argument_reader(function))
    fields = []
    for argument in arguments:
        # A raise about several arguments is a rule across parameters.
        alone = [each for each in raised if names(each.when) == (argument.name,)]
        refused = validated[argument.name] | refusal(alone, argument.name)
        complete = replace(argument, default=argument.default or defaults.get(argument.name))
        fields.append(_source_field(module.symbol(f"{owner}.__init__"), complete, documented, refused))
    return _source_class(module, QUANTIZED_CACHE, upstream, "cache_config", fields)


def _source_class(
    module: Module, name: str, upstream: str | None, parameter: str, fields: list[SourceField]
) -> SourceClass:
    if not fields:
        raise UnknownShapeError(f"transformers/{module.path}", f"{name} has no argument that could be read")
    origin = Origin(OriginKind.CLASS, module.symbol(upstream or "QuantizedCache"))
    return SourceClass(
        name=name, upstream=upstream, parameter=parameter, fields=tuple(fields), origins=(origin,)
    )


@dataclass(frozen=True, slots=True)
class _Argument:
    """An argument of a constructor; a default of None means that it is required."""

    name: str
    annotation: ast.expr | None
    default: ast.expr | None


def _arguments(function: ast.FunctionDef) -> Iterator[_Argument]:
    """The arguments that a user sets."""
    defaults = signatures.defaults(function.args)
    for argument in signatures.unstarred(function.args):
        if argument.arg not in _PASSED_BY_GENERATE:
            yield _Argument(argument.arg, argument.annotation, defaults.get(argument.arg))


def _source_field(
    symbol: Symbol, argument: _Argument, documented: dict[str, docstring.Entry], refused: Refusal
) -> SourceField:
    name, annotation, default = argument.name, argument.annotation, argument.default
    where = f"transformers/{symbol.path}, {symbol.qualname}"
    entry = documented.get(name)
    try:
        if annotation is not None:
            type_, takes_none = from_annotation(annotation)
        elif entry is not None and entry.type is not None:
            type_, takes_none = parse(entry.type)
        elif refused.choices is not None:
            type_, takes_none = refused.choices, False
        else:
            raise UnknownShapeError(where, f"{name} has no annotation, and no documentation gives its type")
    except UnreadableTypeError as error:
        raise UnknownShapeError(where, f"{name}: {error}") from error
    value = _default(default, where, name) if default is not None else None
    return SourceField(
        name=name,
        type=type_,
        takes_none=takes_none and refused.takes_none,
        required=default is None,
        declared_default=value,
        effective_default=value,
        accepted=~refused.numbers,
        choices=refused.choices or (entry.choices if entry and _is_text(type_) else None),
        choices_proved=refused.choices is not None,
        unread=refused.unread,
        doc_digest=entry.digest if entry else None,
        origins=(Origin(OriginKind.TYPE, symbol), Origin(OriginKind.DECLARED_DEFAULT, symbol)),
    )


def _is_text(type_: Type | None) -> bool:
    return getattr(type_, "kind", None) == "str"


def _default(node: ast.expr, where: str, name: str) -> PlainValue:
    if (value := number(node)) is not None:
        return value
    match node:
        case ast.Constant(value=None | bool() | str() as plain):
            return plain
        case ast.Attribute(value=ast.Name(id="torch"), attr=dtype):
            return dtype  # a dtype is named by its text here
    raise UnknownShapeError(where, f"the default of {name} is {ast.unparse(node)}, which is not a literal")


def _validated(module: Module, owner: str, fields: list[str]) -> dict[str, Refusal]:
    """What the ``validate`` of a class refuses of each of its fields."""
    method = f"{owner}.validate"
    raised = raises(module, method, field_reader(fields)) if module.find(method) is not None else ()
    return {
        field: refusal([each for each in raised if {field, "self"} & {*names(each.when)}], field)
        for field in fields
    }
