"""The child process of :mod:`codegen.render.prove`: imports one rendered module alone and tries values on its classes.

Reads its task as JSON from standard input, writes a list of ``[proof, detail]`` failures as JSON to standard output. It is run as
a script, in isolated mode; it must not import anything of ``codegen``.
"""

import importlib.util
import json
import sys


def main() -> None:
    """Do the task on standard input."""
    task = json.load(sys.stdin)
    sys.path.insert(0, task["library"])
    spec = importlib.util.spec_from_file_location("backend_configs", task["module"])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["backend_configs"] = module
    spec.loader.exec_module(module)
    failures: list[tuple[str, str]] = []
    for name, wanted in task["names"].items():
        fields = getattr(module, name).model_fields
        names = [field.alias or key for key, field in fields.items() if key != "extra"]
        if names != wanted:
            failures.append(("names", f"{name} has the fields {names}, not {wanted}."))
    heavy = {"torch", "transformers"} & set(sys.modules)
    if heavy:
        failures.append(("import", f"importing it loads {', '.join(sorted(heavy))}."))
    for name, arguments in task["cases"]:
        try:
            getattr(module, name).model_validate(arguments)
        except ValueError as error:
            failures.append(("values", f"{name} refuses {arguments!r}: {' '.join(str(error).split())}"))
    json.dump(failures, sys.stdout)


main()
