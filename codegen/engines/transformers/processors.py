"""The logits processors: what each constructor refuses, behind the gate that decides whether it is built at all.

``GenerationMixin._get_logits_processor`` is a list of gates, each in front of a constructor that is fed from fields of the
generation config. Copying the constructors' checks alone would reject transformers' own defaults.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from codegen.engines.transformers.engine import GENERATE, PROCESSORS
from codegen.errors import UnknownShapeError
from codegen.model.origins import Symbol
from codegen.model.regions import Region
from codegen.model.types import Value
from codegen.upstream.checks import IsValue, Refusal, conjunction, mentions, paths_to, refusal
from codegen.upstream.symbols import Library, Module, walk
from codegen.upstream.tables import resolver

GATES = "GenerationMixin._get_logits_processor"


@dataclass(frozen=True, slots=True)
class ProcessorInput:
    """What one processor does with one parameter.

    Args:
        parameter: of the generation config.
        refused: the numbers that pass the gate and fail in the constructor.
        gate: the numbers for which the processor may be built.
        unread: symbols of checks that could not be read.
        symbol: of the constructor.
    """

    parameter: str
    refused: Region
    gate: Region
    unread: tuple[Symbol, ...]
    symbol: Symbol

    def off(self, effective: Value) -> bool:
        """Whether the gate skips the processor for the effective default."""
        return (
            isinstance(effective, int | float)
            and not isinstance(effective, bool)
            and effective not in self.gate
        )


def read(library: Library, names: Mapping[str, object]) -> list[ProcessorInput]:
    """Which processors the parameters feed, in the order of the gates.

    Raises:
        UnknownShapeError: the function is not there, feeds nothing, or feeds what is no parameter.
    """
    generate, processors = library.module(GENERATE), library.module(PROCESSORS)
    function = generate.function(GATES)
    fed: list[ProcessorInput] = []
    for statement, path in paths_to(function.body, ast.Expr):
        for call in walk(statement):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            cls = processors.find(call.func.id)
            if isinstance(cls, ast.ClassDef):
                fed += _fed_by(call, cls, path, processors, names)
    if not fed:
        raise UnknownShapeError(f"transformers/{GENERATE}, {GATES}", "no parameter feeds a logits processor")
    return fed


def _fed_by(
    call: ast.Call, cls: ast.ClassDef, path: tuple[ast.expr, ...], module: Module, names: Mapping[str, object]
) -> list[ProcessorInput]:
    constructor = _constructor(cls, module)
    if constructor is None:
        return []
    owner, function = constructor
    arguments = [argument.arg for argument in (*function.args.args[1:], *function.args.kwonlyargs)]
    passed = dict(zip(arguments, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg}
    fed = []
    for argument, value in passed.items():
        parameter = _config_attribute(value)
        if parameter is None or parameter.startswith("_"):
            continue
        if parameter not in names:
            where = f"transformers/{GENERATE}, {GATES}"
            raise UnknownShapeError(
                where, f"{parameter} feeds {cls.name} but GenerationConfig.__init__ does not set it"
            )
        is_value = _reads(parameter)
        if not any(mentions(test, is_value) for test in path):
            continue  # the gate is about another parameter: what the constructor refuses here is a combination
        said = refusals(module, function, argument)
        gate = conjunction(path, is_value)
        symbol = module.symbol(f"{owner}.__init__")
        unread = [symbol] if said.unread else []
        unread += [module.symbol(f"{owner}.{helper}") for helper in _helpers(function)]
        fed.append(
            ProcessorInput(parameter, gate.possibly & said.numbers, gate.possibly, tuple(unread), symbol)
        )
    return fed


def _reads(parameter: str) -> IsValue:
    return lambda node: _config_attribute(node) == parameter


def refusals(module: Module, function: ast.FunctionDef, argument: str) -> Refusal:
    """What a constructor refuses of one of its arguments."""

    def is_value(node: ast.expr) -> bool:
        match node:
            case ast.Name(id=name):
                return name == argument
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return name == argument
        return False

    return refusal(function, is_value, resolver(module, function))


def _constructor(cls: ast.ClassDef, module: Module) -> tuple[str, ast.FunctionDef] | None:
    """The ``__init__`` of the class or of its nearest base in the same file, with the name of its owner."""
    found = module.find(f"{cls.name}.__init__")
    if isinstance(found, ast.FunctionDef):
        return cls.name, found
    for base in cls.bases:
        parent = module.find(base.id) if isinstance(base, ast.Name) else None
        if isinstance(parent, ast.ClassDef) and (inherited := _constructor(parent, module)):
            return inherited
    return None


def _helpers(function: ast.FunctionDef) -> list[str]:
    """Methods that the constructor calls to validate: their checks walk over structures and are not read."""
    return [
        node.func.attr
        for node in walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "self"
        and node.func.attr.startswith("_validate")
    ]


def _config_attribute(node: ast.expr) -> str | None:
    match node:
        case ast.Attribute(value=ast.Name(id="generation_config"), attr=name):
            return name
    return None
