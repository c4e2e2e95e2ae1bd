"""``GenerationConfig._get_default_generation_params``: what ``generate()`` uses for an unset parameter.

Older releases have no such function: there the declared default is the effective one.
"""

import ast

from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import UnknownShapeError
from codegen.model.values import PlainValue
from codegen.upstream.symbols import Module

SYMBOL = "GenerationConfig._get_default_generation_params"


def read(module: Module) -> dict[str, PlainValue]:
    """The effective defaults that the function states, by parameter; none if there is no such function.

    Raises:
        UnknownShapeError: the function is not one literal dictionary.
    """
    if module.find(SYMBOL) is None:
        return {}
    function = module.function(SYMBOL)
    returned = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    where = f"transformers/{CONFIGURATION}, {SYMBOL}"
    if len(returned) != 1 or not isinstance(returned[0].value, ast.Dict):
        raise UnknownShapeError(where, "it does not return one dictionary")
    try:
        defaults = ast.literal_eval(returned[0].value)
    except (ValueError, TypeError) as error:  # the second: a key that is a list
        raise UnknownShapeError(where, "its dictionary is not all literals") from error
    for name, value in defaults.items():
        if not isinstance(name, str) or not (value is None or isinstance(value, bool | int | float | str)):
            raise UnknownShapeError(where, f"its entry {name!r} is not a name with a plain value")
    return dict(defaults)
