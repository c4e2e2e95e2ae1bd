"""The configuration classes that are values of parameters: their arguments, and what they refuse.

``CompileConfig`` and ``ContinuousBatchingConfig`` are dataclasses; the watermarking configs have constructors, a ``validate`` and
a processor with checks of its own; a quantized cache takes its arguments as a plain dictionary.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from codegen.engines.transformers import docstring
from codegen.engines.transformers.engine import CACHES, CONFIGURATION, GENERATE, PROCESSORS
from codegen.engines.transformers.processors import refusals
from codegen.engines.transformers.validation import attribute
from codegen.errors import UnknownShapeError
from codegen.model.facts import Found, FoundModel
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.regions import number
from codegen.model.types import Choice, Type, UnreadableTypeError, Value, from_annotation, parse
from codegen.upstream.checks import Refusal, paths_to, refusal
from codegen.upstream.symbols import Library, Module, walk
from codegen.upstream.tables import resolver

WATERMARKING_BASE = "BaseWatermarkingConfig"
QUANTIZED_CACHE = "QuantizedCacheConfig"
_WIRING = frozenset({"self", "config"})  # what generate() passes by itself


def read(library: Library, names: list[str]) -> tuple[FoundModel, ...]:
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
        models.append(_quantized_cache(library.module(CACHES), _given(library.module(GENERATE))))
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


def _dataclass(module: Module, name: str, parameter: str) -> FoundModel:
    cls = module.class_(name)
    documented = docstring.read(ast.get_docstring(cls))
    symbol = module.symbol(name)
    fields = []
    for statement in cls.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=field), annotation=annotation, value=value) if (
                not field.startswith("_")
            ):
                fields.append(_found(symbol, _Argument(field, annotation, value), documented, Refusal()))
    return _model(module, name, name, parameter, fields)


def _watermarking(library: Library, name: str) -> FoundModel:
    module = library.module(CONFIGURATION)
    documented = docstring.read(ast.get_docstring(module.class_(name)))
    fields = []
    processors = library.module(PROCESSORS)
    for argument in _arguments(module.function(f"{name}.__init__")):
        fed = [
            refusals(processors, function, fed_as)
            for function, fed_as in _processor(library, name, argument.name)
        ]
        said = _joined(_validated(module, name, argument.name), *fed)
        fields.append(_found(module.symbol(f"{name}.__init__"), argument, documented, said))
    return _model(module, name, name, "watermarking_config", fields)


def _given(module: Module) -> dict[str, ast.expr]:
    """Defaults that ``generate()`` gives to the arguments of the cache: ``cache_config.pop("backend", "quanto")``."""
    given = {}
    for node in walk(module.class_("GenerationMixin")):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="cache_config"), attr="pop"),
                args=[ast.Constant(value=str(name)), default],
            ):
                given[name] = default
    return given


def _quantized_cache(module: Module, given: dict[str, ast.expr]) -> FoundModel:
    """The arguments of ``QuantizedCache``; releases before 4.54 keep them in a class, which is then built."""
    function = module.function("QuantizedCache.__init__")
    arguments = list(_arguments(function))
    owner, upstream, holder = "QuantizedCache", None, "QuantizedCache"
    if [argument.name for argument in arguments] == ["cache_config"]:
        owner = upstream = holder = QUANTIZED_CACHE
        function = module.function(f"{owner}.__init__")
        arguments = list(_arguments(function))
    documented = docstring.read(ast.get_docstring(module.class_(holder)))
    fields = []
    for argument in arguments:
        said = _joined(
            _validated(module, owner, argument.name), Refusal(choices=_branches(function, argument.name))
        )
        complete = replace(argument, default=argument.default or given.get(argument.name))
        fields.append(_found(module.symbol(f"{owner}.__init__"), complete, documented, said))
    return _model(module, QUANTIZED_CACHE, upstream, "cache_config", fields)


def _model(
    module: Module, name: str, upstream: str | None, parameter: str, fields: list[Found]
) -> FoundModel:
    if not fields:
        raise UnknownShapeError(f"transformers/{module.path}", f"{name} has no argument that could be read")
    origin = Origin(OriginKind.CLASS, module.symbol(upstream or "QuantizedCache"))
    return FoundModel(
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
    positional = [*function.args.posonlyargs, *function.args.args]
    required = len(positional) - len(function.args.defaults)
    padded: list[ast.expr | None] = [*[None] * required, *function.args.defaults]
    keyword = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    for argument, default in [*zip(positional, padded, strict=True), *keyword]:
        if argument.arg not in _WIRING:
            yield _Argument(argument.arg, argument.annotation, default)


def _found(
    symbol: Symbol, argument: _Argument, documented: dict[str, docstring.Entry], said: Refusal
) -> Found:
    name, annotation, default = argument.name, argument.annotation, argument.default
    where = f"transformers/{symbol.path}, {symbol.qualname}"
    entry = documented.get(name)
    try:
        if annotation is not None:
            shape, takes_none = from_annotation(annotation)
        elif entry is not None and entry.type is not None:
            shape, takes_none = parse(entry.type)
        elif said.choices is not None:
            shape, takes_none = said.choices, False
        else:
            raise UnknownShapeError(where, f"{name} has no annotation, and no documentation gives its type")
    except UnreadableTypeError as error:
        raise UnknownShapeError(where, f"{name}: {error}") from error
    value = _default(default, where, name) if default is not None else None
    return Found(
        name=name,
        type=shape,
        takes_none=takes_none and said.takes_none,
        required=default is None,
        declared_default=value,
        effective_default=value,
        accepted=~said.numbers,
        choices=said.choices or (entry.choices if entry and _is_text(shape) else None),
        choices_proved=said.choices is not None,
        unread=(symbol,) if said.unread else (),
        doc_digest=entry.digest if entry else None,
        origins=(Origin(OriginKind.TYPE, symbol), Origin(OriginKind.DECLARED_DEFAULT, symbol)),
    )


def _is_text(shape: Type | None) -> bool:
    return getattr(shape, "kind", None) == "str"


def _default(node: ast.expr, where: str, name: str) -> Value:
    if (value := number(node)) is not None:
        return value
    match node:
        case ast.Constant(value=None | bool() | str() as plain):
            return plain
        case ast.Attribute(value=ast.Name(id="torch"), attr=dtype):
            return dtype  # a dtype is named by its text here
    raise UnknownShapeError(where, f"the default of {name} is {ast.unparse(node)}, which is not a literal")


def _validated(module: Module, owner: str, field: str) -> Refusal:
    """What the ``validate`` of a class refuses of one of its fields."""
    function = module.find(f"{owner}.validate")
    if not isinstance(function, ast.FunctionDef):
        return Refusal()
    return refusal(function, lambda node: attribute(node) == field, resolver(module, function))


def _processor(library: Library, name: str, field: str) -> Iterator[tuple[ast.FunctionDef, str]]:
    """The constructor that ``construct_processor`` feeds with a field, and the argument it becomes."""
    configuration, processors = library.module(CONFIGURATION), library.module(PROCESSORS)
    built = configuration.function(f"{name}.construct_processor")
    for call in walk(built):
        match call:
            case ast.Call(func=ast.Name(id=owner), keywords=keywords):
                function = processors.find(f"{owner}.__init__")
                for keyword in keywords:
                    if (
                        keyword.arg
                        and attribute(keyword.value) == field
                        and isinstance(function, ast.FunctionDef)
                    ):
                        yield function, keyword.arg


def _branches(function: ast.FunctionDef, argument: str) -> Choice | None:
    """The texts that ``if argument == "a": … elif argument == "b": … else: raise`` lets through."""
    for _, path in paths_to(function.body, ast.Raise):
        texts = []
        for test in path:
            match test:
                case ast.UnaryOp(
                    op=ast.Not(),
                    operand=ast.Compare(
                        left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=str(value))]
                    ),
                ) if name == argument:
                    texts.append(value)
        if texts and len(texts) == len(path):
            return Choice(tuple(texts))
    return None


def _joined(*said: Refusal) -> Refusal:
    first, *rest = said
    for each in rest:
        first = Refusal(
            numbers=first.numbers | each.numbers,
            choices=first.choices or each.choices,
            takes_none=first.takes_none and each.takes_none,
            unread=first.unread or each.unread,
        )
    return first
