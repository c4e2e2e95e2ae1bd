"""The logits processors: what each constructor refuses, behind the gate that decides whether it is built.

``GenerationMixin._get_logits_processor`` is a list of gates, each in front of a constructor that gets fields
of the generation config. Copying the constructors' checks alone would reject transformers' own defaults.
"""

import ast
import builtins
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from codegen.engines.transformers.engine import GENERATE, PROCESSORS
from codegen.errors import UnknownShapeError
from codegen.model.conditions import ALWAYS, Name, names
from codegen.model.origins import Symbol
from codegen.model.regions import EVERYTHING, NOTHING, Region, extent
from codegen.model.values import PlainValue
from codegen.upstream import calls
from codegen.upstream.calls import Callee
from codegen.upstream.checks import Raise, Refusal, argument_reader, raises, refusal
from codegen.upstream.expressions import Lazy
from codegen.upstream.flow import Path, unknown_value
from codegen.upstream.inlining import Options
from codegen.upstream.paths import paths_to
from codegen.upstream.reader import Reader, attribute
from codegen.upstream.signatures import passed_values
from codegen.upstream.symbols import Library, Module, children, remembered, walk
from codegen.upstream.tables import folded

GATES = "GenerationMixin._get_logits_processor"
_CONFIGURATION = ("generation_config",)


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

    def is_skipped_for(self, value: PlainValue) -> bool:
        """Whether a value is a number for which the gate surely keeps the processor from being built."""
        return isinstance(value, int | float) and not isinstance(value, bool) and value not in self.gate


@dataclass(frozen=True, slots=True)
class Construction:
    """A processor that is built.

    Args:
        cls: its class.
        constructor: the qualified name of its constructor, which may be that of a base.
        arguments: what the constructor is given, by the names of its arguments.
        path: how the call of the constructor is reached.
    """

    cls: str
    constructor: str
    arguments: Mapping[str, ast.expr]
    path: Path


def read(library: Library, parameters: Collection[str]) -> list[ProcessorInput]:
    """What each processor does with each parameter that it gets, in the order of the gates.

    Raises:
        UnknownShapeError: the function is not there, gives no parameter to a processor, or gives it an
            attribute of the generation config that is not a parameter.
    """
    generate, processors = library.module(GENERATE), library.module(PROCESSORS)
    reader = Reader(_read_term, owners=_CONFIGURATION)
    inputs: list[ProcessorInput] = []
    unread: list[ProcessorInput] = []
    for call, path in _calls(generate, GATES):
        built = _construction(call, path, processors)
        if built is not None:
            inputs += _inputs(built, processors, reader, parameters)
        elif not _is_known(call.func, path, generate, processors):
            symbol = generate.symbol(GATES)
            values = [path.resolve(each) for each in passed_values(call)]
            passed = [name for value in values for name in reader.mentioned(value) if name in parameters]
            unread += [ProcessorInput(name, NOTHING, EVERYTHING, (symbol,), symbol) for name in passed]
    if not inputs:
        raise UnknownShapeError(f"transformers/{GENERATE}, {GATES}", "no parameter feeds a logits processor")
    return inputs + unread


def _read_term(node: ast.expr) -> Name | None:
    name = attribute(node, _CONFIGURATION)
    return Name(name) if name is not None and not name.startswith("_") else None


def _calls(module: Module, function: str) -> Iterator[tuple[ast.Call, Path]]:
    """Every call that is reached from the start of a function."""
    for statement, path in paths_to((ast.stmt,), module, function, Options(fixed=frozenset({"processors"}))):
        for each in children(statement):
            if isinstance(each, ast.expr):
                yield from _calls_in(each, path, unknown_value([path.lazily(each)]))


def _calls_in(node: ast.AST, path: Path, anything: Lazy) -> Iterator[tuple[ast.Call, Path]]:
    """Every call in a node, each with the tests that decide whether it is evaluated.

    ``anything`` represents a value that is made from the whole expression.
    """
    parts: list[tuple[ast.AST, Path]]
    match node:
        case ast.IfExp(test=test, body=body, orelse=orelse):
            asked = path.lazily(test)
            parts = [(test, path), (body, path.assuming(asked)), (orelse, path.assuming(asked, holds=False))]
        case ast.BoolOp(op=op, values=values):
            parts = []
            for value in values:
                parts.append((value, path))
                path = path.assuming(path.lazily(value), holds=isinstance(op, ast.And))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() | ast.Lambda():
            inside = path.assuming(anything).with_locals(dict.fromkeys(_bound_in(node), anything))
            parts = [(each, inside) for each in children(node)]
        case _:
            if isinstance(node, ast.Call):
                yield node, path
            parts = [(each, path) for each in children(node)]
    for part, reached in parts:
        yield from _calls_in(part, reached, anything)


def _bound_in(node: ast.AST) -> Iterator[str]:
    """The variables of a comprehension, or the arguments of a lambda."""
    for each in walk(node):
        match each:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name


def constructions(module: Module, function: str, processors: Module) -> Iterator[Construction]:
    """The processors that a function builds."""
    for call, path in _calls(module, function):
        if (built := _construction(call, path, processors)) is not None:
            yield built


def _construction(call: ast.Call, path: Path, processors: Module) -> Construction | None:
    """The processor that a call builds, None if it calls something else."""
    match folded(path.resolve(call.func)):
        case ast.Name(id=cls) | ast.Attribute(attr=cls) if isinstance(processors.find(cls), ast.ClassDef):
            constructor = calls.method(processors, cls, "__init__")
        case _:
            return None
    if constructor is None:
        return None
    name, function = constructor
    itself = (ast.Name(id="self", ctx=ast.Load()),)
    given = [path.lazily(each) for each in passed_values(call)]
    passed = calls.passed(Callee(name, function, itself), call, given)
    if passed is None:
        what = f"{ast.unparse(call)[:80]!r} does not say what each of its arguments is"
        raise UnknownShapeError(f"transformers/{processors.path}, {name}", what)
    return Construction(cls, name, {name: value.expression for name, value in passed.items()}, path)


def _inputs(
    built: Construction, processors: Module, reader: Reader, parameters: Collection[str]
) -> Iterator[ProcessorInput]:
    gate = reader.condition(built.path)
    symbol = processors.symbol(built.constructor)
    for argument, value in built.arguments.items():
        term = _read_term(value)
        if term is not None and term.path not in parameters:
            what = f"{term.path} feeds {built.cls} but GenerationConfig.__init__ does not set it"
            raise UnknownShapeError(f"transformers/{GENERATE}, {GATES}", what)
        for parameter in reader.mentioned(value):
            if gate != ALWAYS and parameter not in names(gate):
                continue  # the gate is about another parameter, so what is refused here depends on both
            possible = extent(gate, parameter).possibly
            found = refusals(processors, built.constructor, argument)
            is_read = term is not None and found.choices is None
            unread = found.unread if is_read else (symbol,)
            yield ProcessorInput(parameter, possible & found.numbers, possible, unread, symbol)


def refusals(processors: Module, constructor: str, argument: str) -> Refusal:
    """What a constructor refuses of one of its arguments."""
    raised = _raised(processors, constructor)
    return refusal([each for each in raised if {argument, "self"} & {*names(each.when)}], argument)


@remembered
def _raised(processors: Module, constructor: str) -> tuple[Raise, ...]:
    return raises(processors, constructor, argument_reader(processors.function(constructor)))


def _is_known(function: ast.expr, path: Path, generate: Module, processors: Module) -> bool:
    """Whether a function that is not a processor is inlined, or surely builds none."""
    match function:
        case ast.Attribute():
            return True
        case ast.Name(id=name) if name not in path.locals:
            return hasattr(builtins, name) or (generate.find(name) or processors.find(name)) is not None
    return False
