"""Proofs that the rendered module is what the Schema means, before anything is written.

1. *parse*: statement by statement, the text says what was meant and nothing else.
2. *import*: a fresh process imports it alone.
3. *names*: its classes have the Schema's names, in order.
4. *values*: every default and every test value validates, under its context.

The second to fourth run in a child process, which is the only place where the package is imported.
"""

import ast
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codegen.errors import ProofError
from codegen.model.schema import Field, NestedModel, Schema
from codegen.model.types import Value
from codegen.render import module as render
from codegen.upstream.engine import Engine

_CHILD = Path(__file__).resolve().parent / "proof_child.py"
_IMPORTS = {
    "collections.abc": {"Mapping"},
    "typing": {"Annotated", "ClassVar", "Literal"},
    "annotated_types": {"Ge", "Gt", "Le", "Lt", "MinLen"},
    "pydantic": {"Field"},
    "llenergymeasure.config.base": {
        "BackendConfig",
        "FixedTuple",
        "FrozenMap",
        "NestedConfig",
        "Pairs",
        "Seq",
        "exact",
        "one_of",
    },
    "llenergymeasure.config.metadata": {"ParamFacts", "Rule", "highest", "length", "lowest", "subset"},
}
"""What the module may import; each name once, under its own name."""


def prove(text: str, schema: Schema, engine: Engine, library: Path) -> None:
    """Prove the rendered module.

    Args:
        text: of the module.
        schema: what it is meant to say.
        engine: whose it is.
        library: the folder that the package ``llenergymeasure`` lies in, for the module's imports.

    Raises:
        ProofError: a proof failed; the error names it.
    """
    _parsed(text, schema, engine)
    _imported(text, schema, library)


@dataclass(frozen=True, slots=True)
class _Class:
    """A class as it is meant: its base, the lines that are no fields, and its fields."""

    base: str
    constants: tuple[str, ...]
    fields: tuple[Field, ...]


def _classes(schema: Schema) -> dict[str, _Class]:
    nested = {
        model.name: _Class(
            "NestedConfig",
            (f"upstream: ClassVar[str] = {render.literal(model.upstream or '')}",),
            model.fields,
        )
        for model in schema.nested
    }
    whole = _Class(
        "BackendConfig",
        (
            "transformers_version: ClassVar[str] = TRANSFORMERS_VERSION",
            "rules: ClassVar[tuple[Rule, ...]] = RULES",
            "params: ClassVar[Mapping[str, ParamFacts]] = PARAMS",
        ),
        schema.params,
    )
    return nested | {"PyTorchConfig": whole}


def _parsed(text: str, schema: Schema, engine: Engine) -> None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ProofError("parse", f"it is not Python ({str(error) or type(error).__name__}).") from error
    waiting: dict[str, _Class | None] = {
        **_classes(schema),
        **dict.fromkeys(("TRANSFORMERS_VERSION", "PARAMS", "RULES")),
    }
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass  # a docstring
            case ast.ImportFrom(module=str(name), names=names, level=0) if all(
                each.asname is None and each.name in _IMPORTS.get(name, ()) for each in names
            ):
                pass
            case ast.Assign(
                targets=[ast.Name(id="TRANSFORMERS_VERSION" as name)], value=ast.Constant(value=version)
            ) if name in waiting:
                _same(version, schema.version, "the version")
                del waiting[name]
            case ast.ClassDef(name=name) if (meant := waiting.get(name)) is not None:
                _class(statement, meant)
                del waiting[name]
            case ast.AnnAssign(
                target=ast.Name(id="PARAMS" as name), annotation=annotation, value=ast.expr() as value
            ) if name in waiting:
                _same(ast.unparse(annotation), "dict[str, ParamFacts]", "the annotation of PARAMS")
                _same(
                    _evaluated(value),
                    {p.name: render.facts(p, schema, engine) for p in schema.params},
                    "PARAMS",
                )
                del waiting[name]
            case ast.AnnAssign(
                target=ast.Name(id="RULES" as name), annotation=annotation, value=ast.Tuple(elts=rules)
            ) if name in waiting:
                _same(ast.unparse(annotation), "tuple[Rule, ...]", "the annotation of RULES")
                meant_rules = [ast.unparse(ast.parse(render.rule(r, schema, engine))) for r in schema.rules]
                _same([ast.unparse(each) for each in rules], meant_rules, "RULES")
                del waiting[name]
            case _:
                raise ProofError("parse", f"line {statement.lineno} has {_unmeant(statement)}")
    if waiting:
        raise ProofError("parse", f"{', '.join(sorted(waiting))} is missing.")


def _unmeant(statement: ast.stmt) -> str:
    return f"a statement that nobody meant: {ast.unparse(statement)[:80]}."


def _class(found: ast.ClassDef, meant: _Class) -> None:
    if found.decorator_list or found.keywords or [ast.unparse(base) for base in found.bases] != [meant.base]:
        raise ProofError("parse", f"{found.name} is not a plain subclass of {meant.base}.")
    wanted_constants = [ast.unparse(ast.parse(each)) for each in meant.constants]
    constants, declared = [], []
    for statement in found.body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.AnnAssign(annotation=ast.Subscript(value=ast.Name(id="ClassVar"))) if (
                ast.unparse(statement) in wanted_constants
            ):
                constants.append(ast.unparse(statement))
            case ast.AnnAssign(target=ast.Name(), value=ast.Call(func=ast.Name(id="Field"), args=[])):
                declared.append(statement)
            case _:
                raise ProofError("parse", f"{found.name} has {_unmeant(statement)}")
    _same(constants, wanted_constants, f"what {found.name} says beside its fields")
    fields = meant.fields
    _same(
        [ast.unparse(each.target) for each in declared],
        [render.field_name(each.name) for each in fields],
        f"the fields of {found.name}",
    )
    for each, field in zip(declared, fields, strict=True):
        place = f"{found.name}.{field.name}"
        wanted = render.annotation(field.type, takes_none=field.takes_none)
        _same(
            ast.unparse(each.annotation),
            ast.unparse(ast.parse(wanted, mode="eval")),
            f"the annotation of {place}",
        )
        assert isinstance(each.value, ast.Call)
        given = [(keyword.arg, _evaluated(keyword.value)) for keyword in each.value.keywords]
        arguments: dict[str, Value] = {} if field.required else {"default": render.shown_default(field)}
        if render.field_name(field.name) != field.name:
            arguments["alias"] = field.name
        arguments["description"] = render.described(field)
        _same(given, list(arguments.items()), f"the arguments of {place}")


def _evaluated(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise ProofError(
            "parse", f"line {node.lineno} is not a literal: {ast.unparse(node)[:80]}."
        ) from error


def _same(found: object, meant: object, what: str) -> None:
    if repr(found) != repr(meant):  # `==` takes 1 for 1.0 and for True
        raise ProofError("parse", f"{what} came out as {found!r:.300}, not as {meant!r:.300}.")


def _imported(text: str, schema: Schema, library: Path) -> None:
    task: dict[str, object] = {
        "library": str(library),
        "names": {model.name: [field.name for field in model.fields] for model in schema.nested}
        | {"PyTorchConfig": [param.name for param in schema.params]},
        "cases": list(_cases(schema)),
    }
    try:
        done = _tried(text, task)
    except OSError as error:
        raise ProofError("import", f"it could not be tried ({error}).") from error
    if done.returncode != 0:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        raise ProofError("import", f"a fresh process could not import it ({last}).")
    failures = json.loads(done.stdout)
    if failures:
        proof, detail = failures[0]
        more = f" And {len(failures) - 1} more." if len(failures) > 1 else ""
        raise ProofError(proof, f"{detail}{more}")


def _tried(text: str, task: dict[str, object]) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(prefix="codegen-proof-") as scratch:
        module = Path(scratch) / "backend_configs.py"
        module.write_text(text, encoding="utf-8")
        return subprocess.run(  # noqa: S603 - our own child, the same interpreter
            [sys.executable, "-I", "-B", str(_CHILD)],
            input=json.dumps(task | {"module": str(module)}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


def _cases(schema: Schema) -> Iterator[tuple[str, dict[str, Value]]]:
    """Class and arguments of everything that has to validate."""
    for param in schema.params:
        values = [param.default] if param.default is not None or param.takes_none else []
        for value in values:
            yield "PyTorchConfig", {param.name: value}
        for value in param.test_values:
            yield "PyTorchConfig", {**param.context, param.name: value}
    for model in schema.nested:
        yield from _nested_cases(model)


def _nested_cases(model: NestedModel) -> Iterator[tuple[str, dict[str, Value]]]:
    required = {field.name: field.test_values[0] for field in model.fields if field.required}
    for field in model.fields:
        for value in field.test_values:
            yield model.name, required | {field.name: value}
