"""Which of its own methods ``generate()`` calls, and under which conditions.

:mod:`codegen.engines.transformers.cross_field` needs this: what a method refuses is refused where it is
called.
"""

import ast
from collections.abc import Iterator

from codegen.engines.transformers.modes import MIXIN
from codegen.engines.transformers.terms import Modes
from codegen.model.conditions import ALWAYS, NEVER, Condition, all_of, any_of, is_readable
from codegen.upstream.reader import Reader
from codegen.upstream.symbols import Module, walk


def methods(generate: Module, reader: Reader, chosen: Modes, served: dict[str, str]) -> dict[str, Condition]:
    """When each method is called: those that ``generate()`` calls, and those that serve a mode.

    Args:
        generate: the module of the mixin.
        reader: reads the tests in ``generate()``.
        chosen: when each mode is chosen.
        served: which method serves a mode; empty where ``generate()`` has a branch for each.
    """
    calls = [*_calls_in(generate.function(f"{MIXIN}.generate").body, ALWAYS, reader)]
    if not served:
        calls.append(("generate", ALWAYS))
    calls += [(where, chosen.get(mode, NEVER)) for mode, where in served.items()]
    found: dict[str, Condition] = {}
    for name, when in calls:
        found[name] = any_of(found.get(name, NEVER), when)
    return found


def _calls_in(body: list[ast.stmt], when: Condition, reader: Reader) -> Iterator[tuple[str, Condition]]:
    """The methods of its own class that statements call, each with the condition; only below readable tests.

    Locals are not followed here. Whether a call below an unreadable test is made is not known.
    """
    for statement in body:
        match statement:
            case ast.If(test=test, body=inside, orelse=other):
                holds, fails = reader.test(test), reader.test(test, holds=False)
                if not is_readable(holds):
                    continue
                yield from _calls_in(inside, all_of(when, holds), reader)
                yield from _calls_in(other, all_of(when, fails), reader)
                if isinstance(inside[-1], ast.Return):
                    when = all_of(when, fails)
            case ast.Assign() | ast.Expr():
                for node in walk(statement):
                    match node:
                        case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                            yield name, when
