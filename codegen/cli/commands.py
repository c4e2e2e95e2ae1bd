"""The commands that keep the generated files in step with the source: refresh, check, coverage, explain."""

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from codegen import checkout
from codegen.cli import written
from codegen.cli.shortened import shortened
from codegen.errors import CodegenError
from codegen.exits import FINDINGS, FINE
from codegen.render import files
from codegen.review import accepted_problems, evidence, executed, pipeline, supported
from codegen.review import coverage as measured

if TYPE_CHECKING:
    from codegen.proof import process


def _read(arguments: argparse.Namespace) -> pipeline.Reading:
    reading = pipeline.read(arguments.engine, arguments.source, checkout.ROOT)
    arguments.read = reading  # so that it is not freed at the end of the command, tree by tree
    return reading


def refresh(arguments: argparse.Namespace) -> int:
    """Rewrite the generated files from the source."""
    from codegen.proof import process  # noqa: PLC0415 - what is needed for writing only

    with process.started() as child:
        return _refresh(arguments, child)


def _refresh(arguments: argparse.Namespace, child: "process.Child") -> int:
    from codegen.proof.prove import prove  # noqa: PLC0415 - as above

    reading = _read(arguments)
    memory = written.Memory.of(reading)
    reading = pipeline.with_reach(reading, checkout.ROOT, anew=not memory.files)
    engine, schema = reading.engine, reading.schema
    root: Path = arguments.into or checkout.ROOT
    pipeline.guard_against_loss(schema, root / engine.lock)
    texts = files.generate(schema, engine)
    prove(texts, schema, engine, checkout.LIBRARY, child)
    releases = supported.load(engine, checkout.ROOT)
    if arguments.adopt:
        releases, before = supported.adopted(releases, schema.version), releases
        memory = memory if releases == before else written.Memory(memory.inputs)
        texts |= written.adoption(reading, releases)
    history = written.history(reading, releases, memory)
    texts |= history
    texts[engine.evidence] = written.evidence(reading, releases)
    changed = files.replace_all(root, texts)
    if root == checkout.ROOT and history:
        memory.keep([*history, engine.lock])
    print(f"{schema.release} ({reading.tree.label}): {len(schema.params)} parameters, all proofs passed.")
    print("\n".join(f"wrote {path}" for path in changed) or "Nothing changed.")
    if engine.history and not history:
        print(
            f"{schema.release} is not the newest supported release ({releases[-1]}), so what follows from all of "
            "them was left as it is; --adopt makes it the newest."
        )
    _ask(reading, "warning")
    return FINE


def check(arguments: argparse.Namespace) -> int:
    """Check that the committed files are what refresh would write."""
    reading = _read(arguments)
    memory = written.Memory.of(reading)
    reading = pipeline.with_reach(reading, checkout.ROOT, anew=not memory.files)
    engine, schema = reading.engine, reading.schema
    texts = files.generate(schema, engine)
    if reading.evidence.is_new and not reading.evidence.unread:
        texts[engine.evidence] = evidence.dumps(reading.evidence.evidence)
    found = _compare(texts)
    if not memory.files:
        history = written.history(reading, supported.load(engine, checkout.ROOT), memory)
        found |= _compare(history)
        if history and not found:
            memory.keep([*history, engine.lock])
    if found:
        given = f" --{engine.name} {arguments.source}" if arguments.source else ""
        print(f"To correct it: python -m codegen refresh{given}")
    for sentence in _of_fidelity(reading):
        print(sentence)
        found = True
    _ask(reading, "decide")
    if found or reading.questions or reading.evidence.unread:
        return FINDINGS
    print(f"The generated files are what {schema.release} and the overrides give.")
    return FINE


def retire(arguments: argparse.Namespace) -> int:
    """Take a release out of the supported ones."""
    from codegen.review.retire import retire as taken_out  # noqa: PLC0415 - slow to import, and rarely needed

    retirement = taken_out(arguments.engine, checkout.ROOT, arguments.version)
    files.replace_all(checkout.ROOT, retirement.texts)
    for place in retirement.moved:
        print(f"moved to {arguments.engine.archive}: {place}")
    print(
        f"{arguments.engine.name} {arguments.version} is no longer supported. Now run: python -m codegen refresh"
    )
    return FINE


def _compare(texts: Mapping[Path, str]) -> bool:
    """Print which committed files are not what they should be; whether there are any."""
    found = False
    for path, meant in texts.items():
        try:
            current = (checkout.ROOT / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            print(f"{path} is missing.")
            found = True
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise CodegenError(f"{path} cannot be read ({error}).") from error
        if current != meant:
            found = True
            _show(path, current, meant)
    return found


def _of_fidelity(reading: pipeline.Reading) -> Iterator[str]:
    """What fidelity did not execute, or found and nobody accepted."""
    engine = reading.engine
    record = executed.load(checkout.ROOT / engine.executed)
    yield from executed.missing(reading.schema, record)
    label = engine.accepted_problems
    yield from accepted_problems.findings(record, accepted_problems.load(checkout.ROOT / label, label), label)


def _show(path: Path, current: str, meant: str) -> None:
    if path.suffix == ".py" and _same_syntax(current, meant):
        print(f"{path} differs in formatting only.")
        return
    from difflib import unified_diff  # noqa: PLC0415 - where nothing differs it is not needed

    print(f"{path} is not what refresh would write:")
    lines = list(
        unified_diff(
            current.splitlines(), meant.splitlines(), f"committed {path}", "refreshed", lineterm="", n=1
        )
    )
    print("\n".join(shortened(lines)))


def _same_syntax(first: str, second: str) -> bool:
    try:
        return ast.dump(ast.parse(first)) == ast.dump(ast.parse(second))
    except (SyntaxError, ValueError):
        return False


def _ask(reading: pipeline.Reading, how: str) -> None:
    for question in reading.questions:
        print(f"{how}: {question.message}", file=sys.stderr)
        if question.line:
            print(f"  {question.line}", file=sys.stderr)
    if not reading.evidence.unread and not reading.evidence.notes:
        return
    from codegen.cli.evidence import asked  # noqa: PLC0415 - rarely needed

    for note in reading.evidence.notes:
        print(f"note: {note}", file=sys.stderr)
    for line in asked(reading):
        print(line if line.startswith(" ") else f"{how}: {line}", file=sys.stderr)


def coverage(arguments: argparse.Namespace) -> int:
    """Print how much is covered, by energy role."""
    reading = _read(arguments)
    schema = reading.schema
    if arguments.tightenings:
        print(measured.tightenings_list(schema))
        return FINE
    found = measured.measure(schema, executed.load(checkout.ROOT / reading.engine.executed))
    print(measured.table(found))
    return FINE if found.enough else FINDINGS


def explain(arguments: argparse.Namespace) -> int:
    """Print every fact about one parameter."""
    from codegen.cli.explain import explain as explained  # noqa: PLC0415 - it needs more than the others

    print(explained(_read(arguments), arguments.name))
    return FINE
