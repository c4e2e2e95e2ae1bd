"""The imports of a generated module, collected from the names that it uses: no template lists them."""

import ast
import builtins
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

from codegen.errors import RenderError
from codegen.upstream.symbols import walk


def with_imports(body: str, module_of: Mapping[str, str]) -> str:
    """A module with the import statements that it needs after its docstring.

    Args:
        body: the module's text without imports; it begins with a docstring.
        module_of: the module that each name is imported from, for every name that could be used.

    Raises:
        RenderError: the text is not Python, or uses a name that is not in ``module_of``.
    """
    try:
        tree = ast.parse(body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RenderError(
            f"What was rendered is not Python ({str(error) or type(error).__name__})."
        ) from error
    docstring, *statements = tree.body
    imported = sorted(_used(statements) - _defined(statements) - vars(builtins).keys())
    if unknown := [name for name in imported if name not in module_of]:
        raise RenderError(
            f"The rendered module uses {', '.join(unknown)}, and it is not known where they come from."
        )
    lines = body.splitlines(keepends=True)
    end = docstring.end_lineno or 1
    return "".join([*lines[:end], "\n", *_block({name: module_of[name] for name in imported}), *lines[end:]])


def _used(statements: list[ast.stmt]) -> set[str]:
    nodes = (node for statement in statements for node in walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _defined(statements: list[ast.stmt]) -> set[str]:
    """The names that these statements define or import."""
    names = set()
    for statement in statements:
        match statement:
            case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.ImportFrom(names=aliases):
                names |= {alias.asname or alias.name for alias in aliases}
            case ast.If(body=inner):
                names |= _defined(inner)
    return names


def _block(module_of: Mapping[str, str]) -> Iterator[str]:
    """The import statements, sorted as ruff sorts them."""
    names = defaultdict(list)
    for name, module in module_of.items():
        names[module].append(name)
    previous = None
    for module in sorted(names, key=lambda module: (_section(module), module)):
        if previous not in (None, _section(module)):
            yield "\n"
        previous = _section(module)
        yield f"from {module} import {', '.join(sorted(names[module], key=_name_order))}\n"


def _section(module: str) -> int:
    """The section of the imports that a module belongs to: standard library, other packages, our own."""
    top = module.partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 2 if top == "llenergymeasure" else 1


def _name_order(name: str) -> tuple[int, str]:
    """Sorts constants first, then classes, then functions."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name
