"""What follows from more than one release, as text by path: ``refresh`` writes it, and ``check`` compares it.

It takes as long as reading all supported releases, so ``check`` remembers under ``.cache`` for which inputs
the files were right.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from codegen import checkout
from codegen.errors import CodegenError
from codegen.review import evidence as known_evidence
from codegen.review import overrides_file, pipeline, supported

REMEMBERED = Path(".cache/codegen/history.json")


def adoption(reading: pipeline.Reading, releases: tuple[str, ...]) -> dict[Path, str]:
    """The files that make a release the newest supported one: the list of them, and the pin.

    Raises:
        CodegenError: the constraints cannot be read, or do not pin it.
    """
    from codegen.upgrade import pins  # noqa: PLC0415 - rarely needed

    engine = reading.engine
    path = checkout.ROOT / pins.FILE
    name = engine.package.distribution
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CodegenError(f"{path} cannot be read ({error.strerror}).") from error
    if name not in pins.pinned(text):
        raise CodegenError(f"{pins.FILE} does not pin {name}; add a line {name}=={reading.schema.version}.")
    return {
        engine.releases: supported.dumps(releases),
        pins.FILE: pins.repinned(text, {name: reading.schema.version}),
    }


def evidence(reading: pipeline.Reading, releases: Sequence[str]) -> str:
    """What is known of the definitions that claims rest on, with the release that was read.

    Claims that are new, or about other names than before, are looked up in the other supported releases.

    Raises:
        CodegenError: one of the releases cannot be had.
    """
    from codegen.review.evidence_check import examine, uncovered  # noqa: PLC0415 - it is loaded already
    from codegen.upstream.source import locate  # noqa: PLC0415 - rarely needed
    from codegen.upstream.symbols import Library  # noqa: PLC0415 - likewise

    engine = reading.engine
    stated = overrides_file.load(engine, checkout.ROOT)
    known: known_evidence.Evidence = reading.evidence.evidence
    for version in releases:
        stated = replace(stated, evidence=known)
        if version != reading.schema.version and uncovered(stated, version):
            library = Library(locate(engine.package, version, checkout.ROOT))
            known = examine(stated, library, version).evidence
    return known_evidence.dumps(known)


def history(reading: pipeline.Reading, releases: Sequence[str]) -> dict[Path, str]:
    """The files that follow from all supported releases; none where another release than the newest was read.

    Raises:
        CodegenError: one of the releases cannot be had or read.
    """
    from codegen.diff import history as made  # noqa: PLC0415 - slow to import, and rarely needed
    from codegen.diff.sides import Side  # noqa: PLC0415 - likewise

    engine, schema = reading.engine, reading.schema
    if engine.history is None or schema.version != releases[-1]:
        return {}
    newest = Side(engine=engine, label=schema.release, schema=schema, library=reading.library)
    stated = overrides_file.load(engine, checkout.ROOT)
    return made.texts(engine, engine.history, newest, releases[:-1], stated, checkout.ROOT)


def remembered(inputs: str) -> bool:
    """Whether the files of :func:`history` are those that were right for the same :func:`inputs_of`."""
    try:
        known = json.loads((checkout.ROOT / REMEMBERED).read_text(encoding="utf-8"))
        digests = {Path(path): digest for path, digest in known["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False
    return known["inputs"] == inputs and digests == _digests(digests)


def remember(inputs: str, files: Mapping[Path, str]) -> None:
    """Keep that these files are right for these inputs; where that fails, they are compared next time."""
    path = checkout.ROOT / REMEMBERED
    data = {
        "inputs": inputs,
        "files": {str(name): hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()},
    }
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), encoding="utf-8")


def inputs_of(reading: pipeline.Reading) -> str:
    """A digest of all that the files are made from: our own code, the hand-written files, what was read."""
    found = hashlib.sha256(repr(reading.library.read_so_far()).encode(errors="surrogatepass"))
    code = sorted(Path(__file__).parents[1].rglob("*.py"))
    for path in (
        *code,
        *(checkout.ROOT / each for each in (reading.engine.overrides, reading.engine.releases)),
    ):
        found.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _digests(names: Mapping[Path, str]) -> dict[Path, str]:
    found = {}
    for name in names:
        with suppress(OSError):
            found[name] = hashlib.sha256((checkout.ROOT / name).read_bytes()).hexdigest()
    return found
