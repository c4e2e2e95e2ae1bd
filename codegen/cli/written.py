"""What follows from more than one release, as text by path: ``refresh`` writes it, and ``check`` compares it.

It takes as long as reading all supported releases. So does, nearly, the call graph of one of them, whose
refusals are in the lock. :class:`Memory` keeps, under ``.cache``, for which inputs these files were right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codegen import checkout, disk_cache
from codegen.errors import CodegenError
from codegen.review import evidence as known_evidence
from codegen.review import pipeline, supported

_ENTRY = "written"
REMEMBERED = disk_cache.FOLDER / _ENTRY


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
        known = disk_cache.load(checkout.ROOT, _ENTRY, inputs)
        is_right = isinstance(known, dict) and known == _digests(map(Path, known))
        return cls(inputs, tuple(map(Path, known)) if isinstance(known, dict) and is_right else ())

    def keep(self, files: Iterable[Path]) -> None:
        """Remember that files are right as they are now."""
        disk_cache.save(checkout.ROOT, _ENTRY, self.inputs, _digests(files))


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
    texts = (part for each in reading.library.read_so_far().items() for part in each)
    by_hand = map(_content, reading.engine.written_by_hand)
    return disk_cache.digest([disk_cache.code(), *by_hand, *texts])


def _content(path: Path) -> bytes | None:
    return disk_cache.content(checkout.ROOT / path)


def _digests(names: Iterable[Path]) -> dict[str, str]:
    """A digest of each file that is there, by its path."""
    found = {str(name): _content(name) for name in names}
    return {name: disk_cache.digest([content]) for name, content in found.items() if content is not None}
