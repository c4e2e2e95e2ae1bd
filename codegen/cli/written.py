"""What follows from more than one release, as text by path: ``refresh`` writes it, and ``check`` compares it.

It takes as long as reading all supported releases. So does, nearly, the call graph of one of them, whose
refusals are in the lock. :class:`Memory` keeps, under ``.cache``, for which inputs these files were right.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from codegen import checkout
from codegen.errors import CodegenError
from codegen.review import evidence as known_evidence
from codegen.review import pipeline, supported

REMEMBERED = Path(".cache/codegen/written.json")


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of files that were right before.

    Args:
        inputs: a digest of all that they are made from.
        files: those of them that are still as they were; empty where one is not, or the inputs are others.
    """

    inputs: str
    files: tuple[Path, ...] = ()

    @classmethod
    def of(cls, reading: pipeline.Reading) -> "Memory":
        """What is remembered for a reading, as it is before anything more is read of its source."""
        inputs = _inputs(reading)
        try:
            known = json.loads((checkout.ROOT / REMEMBERED).read_text(encoding="utf-8"))
            digests = {Path(path): digest for path, digest in known["files"].items()}
            is_right = known["inputs"] == inputs and digests == _digests(digests)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            is_right = False
        return cls(inputs, tuple(digests) if is_right else ())

    def keep(self, files: Iterable[Path]) -> None:
        """Remember that files are right as they are now; where that fails, they are made again next time."""
        path = checkout.ROOT / REMEMBERED
        digests = {str(name): digest for name, digest in _digests(files).items()}
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"inputs": self.inputs, "files": digests}), encoding="utf-8")


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
    from codegen.review.evidence_check import examine, has_unknown_statements  # noqa: PLC0415 - it is loaded already
    from codegen.upstream.source import locate  # noqa: PLC0415 - rarely needed
    from codegen.upstream.symbols import Library  # noqa: PLC0415 - likewise

    engine = reading.engine
    known: known_evidence.Evidence = reading.evidence.evidence
    for version in releases:
        stated = replace(reading.overrides, evidence=known)
        if version != reading.schema.version and has_unknown_statements(stated, version):
            library = Library(locate(engine.package, version, checkout.ROOT))
            known = examine(stated, library, version).evidence
    return known_evidence.dumps(known)


def history(reading: pipeline.Reading, releases: Sequence[str], memory: Memory) -> dict[Path, str]:
    """The files that follow from all supported releases; none where another release than the newest was read.

    Raises:
        CodegenError: one of the releases cannot be had or read.
    """
    engine, schema = reading.engine, reading.schema
    if engine.history is None or schema.version != releases[-1]:
        return {}
    if memory.files:
        names = (name for name in memory.files if name != engine.lock)
        return {name: (checkout.ROOT / name).read_text(encoding="utf-8") for name in names}
    from codegen.diff import history as made  # noqa: PLC0415 - slow to import, and rarely needed
    from codegen.diff.sides import Side  # noqa: PLC0415 - likewise

    newest = Side(engine=engine, label=schema.release, schema=schema, library=reading.library)
    return made.texts(engine, engine.history, newest, releases[:-1], reading.overrides, checkout.ROOT)


def _inputs(reading: pipeline.Reading) -> str:
    """A digest of all that the files are made from: our own code, the hand-written files, what was read."""
    found = hashlib.sha256(repr(reading.library.read_so_far()).encode(errors="surrogatepass"))
    code = sorted(Path(__file__).parents[1].rglob("*.py"))
    written_by_hand = (reading.engine.overrides, reading.engine.releases, reading.engine.evidence)
    for path in (*code, *(checkout.ROOT / each for each in written_by_hand)):
        if path.exists():
            found.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _digests(names: Iterable[Path]) -> dict[Path, str]:
    found = {}
    for name in names:
        with suppress(OSError):
            found[name] = hashlib.sha256((checkout.ROOT / name).read_bytes()).hexdigest()
    return found
