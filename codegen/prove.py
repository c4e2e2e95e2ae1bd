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
from pathlib import Path
from typing import Any

from codegen import render
from codegen.errors import ProofError
from codegen.ir import Field, NestedModel, Schema
from codegen.types import Value

_CHILD = Path(__file__).resolve().parent / "proof_child.py"
_IMPORTS = frozenset(
    {"typing", "annotated_types", "pydantic", "llenergymeasure.config.base", "llenergymeasure.config.facts"}
)


def prove(text: str, schema: Schema, library: Path) -> None:
    """Prove the rendered module.

    Args:
        text: of the module.
        schema: what it is meant to say.
        library: the folder that the package ``llenergymeasure`` lies in, for the module's imports.

    Raises:
        ProofError: a proof failed; the error names it.
    """
    _parsed(text, schema)
    _imported(text, schema, library)


def _parsed(text: str, schema: Schema) -> None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError) as error:
        raise ProofError("parse", f"it is not Python ({error}).") from error
    meant = {model.name: model.fields for model in schema.nested} | {"PyTorchConfig": schema.params}
    seen: set[str] = set()
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass  # a docstring
            case ast.ImportFrom(module=str(name), level=0) if name in _IMPORTS:
                pass
            case ast.Assign(targets=[ast.Name(id="TRANSFORMERS_VERSION")], value=ast.Constant(value=version)):
                _same(version, schema.transformers_version, "the version")
                seen.add("TRANSFORMERS_VERSION")
            case ast.ClassDef(name=name) if name in meant and name not in seen:
                _class(statement, meant[name])
                seen.add(name)
            case ast.AnnAssign(target=ast.Name(id="PARAMS"), value=ast.expr() as value):
                _same(_evaluated(value), {p.name: render.facts(p) for p in schema.params}, "PARAMS")
                seen.add("PARAMS")
            case _:
                raise ProofError(
                    "parse",
                    f"line {statement.lineno} has a statement that nobody meant: {ast.unparse(statement)[:80]}.",
                )
    missing = {*meant, "TRANSFORMERS_VERSION", "PARAMS"} - seen
    if missing:
        raise ProofError("parse", f"{', '.join(sorted(missing))} is missing.")


def _class(found: ast.ClassDef, fields: tuple[Field, ...]) -> None:
    statements = iter(found.body)
    declared = []
    for statement in statements:
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.AnnAssign(annotation=ast.Subscript(value=ast.Name(id="ClassVar"))):
                pass
            case ast.AnnAssign(target=ast.Name(), value=ast.Call(func=ast.Name(id="Field"), args=[])):
                declared.append(statement)
            case _:
                raise ProofError(
                    "parse", f"{found.name} has a statement that nobody meant: {ast.unparse(statement)[:80]}."
                )
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
        given = {keyword.arg: _evaluated(keyword.value) for keyword in each.value.keywords}
        meant: dict[str | None, Any] = {"description": render.described(field)}
        if not field.required:
            meant["default"] = field.default
        if render.field_name(field.name) != field.name:
            meant["alias"] = field.name
        _same(given, meant, f"the arguments of {place}")


def _evaluated(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise ProofError(
            "parse", f"line {node.lineno} is not a literal: {ast.unparse(node)[:80]}."
        ) from error


def _same(found: object, meant: object, what: str) -> None:
    if found != meant:
        raise ProofError("parse", f"{what} came out as {found!r:.300}, not as {meant!r:.300}.")


def _imported(text: str, schema: Schema, library: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="codegen-proof-") as scratch:
        module = Path(scratch) / "backend_configs.py"
        module.write_text(text, encoding="utf-8")
        task = {
            "module": str(module),
            "library": str(library),
            "names": {model.name: [field.name for field in model.fields] for model in schema.nested}
            | {"PyTorchConfig": [param.name for param in schema.params]},
            "cases": list(_cases(schema)),
        }
        done = subprocess.run(  # noqa: S603 - our own child, the same interpreter
            [sys.executable, "-I", "-B", str(_CHILD)],
            input=json.dumps(task),
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    if done.returncode != 0:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        raise ProofError("import", f"a fresh process could not import it ({last}).")
    failures = json.loads(done.stdout)
    if failures:
        proof, detail = failures[0]
        more = f" And {len(failures) - 1} more." if len(failures) > 1 else ""
        raise ProofError(proof, f"{detail}{more}")


def _cases(schema: Schema) -> Iterator[tuple[str, dict[str, Value]]]:
    """Class and arguments of everything that has to validate."""
    for param in schema.params:
        values = [param.default] if param.default is not None or param.takes_none else []
        for value in (*values, *param.test_values):
            yield "PyTorchConfig", {**param.context, param.name: value}
    for model in schema.nested:
        yield from _nested_cases(model)


def _nested_cases(model: NestedModel) -> Iterator[tuple[str, dict[str, Value]]]:
    required = {field.name: field.test_values[0] for field in model.fields if field.required}
    for field in model.fields:
        for value in field.test_values:
            yield model.name, required | {field.name: value}
