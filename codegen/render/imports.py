"""The imports of a generated module, collected from the names that it uses: no template lists them."""

import ast
import builtins
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping

from codegen.errors import RenderError
from codegen.upstream.symbols import walk


def with_imports(body: str, homes: Mapping[str, str]) -> str:
    """A module with the import statements that it needs after its docstring.

    Args:
        body: of the module, without imports; it begins with a docstring.
        homes: the module that each name is imported from that is not the module's own.

    Raises:
        RenderError: it is not Python, or uses a name of unknown origin.
    """
    try:
        tree = ast.parse(body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RenderError(
            f"What was rendered is not Python ({str(error) or type(error).__name__})."
        ) from error
    docstring, *statements = tree.body
    wanted = sorted(_used(statements) - _defined(statements) - vars(builtins).keys())
    if homeless := [name for name in wanted if name not in homes]:
        raise RenderError(
            f"The rendered module uses {', '.join(homeless)}, and it is not known where they come from."
        )
    lines = body.splitlines(keepends=True)
    end = docstring.end_lineno or 1
    return "".join([*lines[:end], "\n", *_block({name: homes[name] for name in wanted}), *lines[end:]])


def _used(statements: list[ast.stmt]) -> set[str]:
    nodes = (node for statement in statements for node in walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _defined(statements: list[ast.stmt]) -> set[str]:
    """The names that the module has at its top."""
    found = set()
    for statement in statements:
        match statement:
            case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.ImportFrom(names=names):
                found |= {each.asname or each.name for each in names}
            case ast.If(body=inner):
                found |= _defined(inner)
    return found


def _block(homes: Mapping[str, str]) -> Iterator[str]:
    """The statements, sorted as ruff sorts them: standard library, others, our own."""
    names = defaultdict(list)
    for name, module in homes.items():
        names[module].append(name)
    before = None
    for module in sorted(names, key=lambda module: (_rank(module), module)):
        if before not in (None, _rank(module)):
            yield "\n"
        before = _rank(module)
        yield f"from {module} import {', '.join(sorted(names[module], key=_kind))}\n"


def _rank(module: str) -> int:
    top = module.partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 2 if top == "llenergymeasure" else 1


def _kind(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name
