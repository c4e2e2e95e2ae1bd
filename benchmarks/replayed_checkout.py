"""A copy of this checkout in the state that it had at a release, for :mod:`benchmarks.upgrade_replay`."""

import re
import resource
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.version import Version

from benchmarks.overrides_as_of import Knowledge, Table
from codegen import checkout, engines
from codegen.model.origins import Symbol
from codegen.review import evidence, supported
from codegen.upstream.refusal_sites import keys
from codegen.upstream.source import locate
from codegen.upstream.symbols import Library

ENGINE = engines.get("transformers")
_QUESTION = re.compile(r"^warning: (.*)$", re.MULTILINE)
_ANSWER = re.compile(r'^  answer: python -m codegen (confirm .*) --reason "\.\.\."$', re.MULTILINE)
_ABOUT_EVIDENCE = ("the statements about ", "nobody has read the statements about ")


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def answers(self) -> list[str]:
        """The commands that answer the questions about evidence."""
        return _ANSWER.findall(self.err)

    @property
    def other_questions(self) -> list[str]:
        """What else a person is asked."""
        asked = _QUESTION.findall(self.err)
        return [each for each in asked if not each.partition(": ")[2].startswith(_ABOUT_EVIDENCE)]


@dataclass(slots=True)
class Scratch:
    """A copy of this checkout, and the seconds that its commands took."""

    root: Path
    wall_s: float = 0
    cpu_s: float = 0

    def fill(self) -> None:
        """Copy what git does not ignore, as it is now; the wheels are shared."""
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=checkout.ROOT, capture_output=True, check=True)
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (checkout.ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(checkout.ROOT / name, self.root / name)
        wheels = self.root / ENGINE.package.cache
        wheels.parent.mkdir(parents=True, exist_ok=True)
        wheels.symlink_to((checkout.ROOT / ENGINE.package.cache).resolve())

    def codegen(self, *arguments: str) -> Done:
        """Run ``python -m codegen …`` in it."""
        begin, before = time.monotonic(), _cpu_s()
        command = [sys.executable, "-m", "codegen", *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=False)
        self.wall_s += time.monotonic() - begin
        self.cpu_s += _cpu_s() - before
        return Done(done.returncode, done.stdout, done.stderr)

    def refresh(self, version: str) -> Done:
        """Refresh from a release, and make it the newest supported one."""
        return self.codegen("refresh", f"--{ENGINE.name}", version, "--adopt")

    def write(self, path: Path, text: str) -> None:
        """Replace the text of a file."""
        (self.root / path).write_text(text, encoding="utf-8")

    def digests(self) -> Mapping[Symbol, Mapping[str, str]]:
        """The digests of the definitions that claims rest on, by release."""
        known = evidence.load(self.root / ENGINE.evidence, str(ENGINE.evidence))
        return {symbol: each.digests for symbol, each in known.items()}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Knowing:
    """The overrides as they were at each release, and the evidence as it was at the first one."""

    def __init__(self, first: str, steps: Sequence[str]) -> None:
        listed = supported.load(ENGINE, checkout.ROOT)
        self.supported = tuple(each for each in listed if Version(each) < Version(first))
        self.releases = (*self.supported, first, *steps)
        self.whole = tomllib.loads((checkout.ROOT / ENGINE.overrides).read_text(encoding="utf-8"))
        self.keys = {version: self._keys(version) for version in self.releases}

    def at(self, version: str) -> Table:
        """The overrides as they were."""
        number = self.releases.index(version) + 1
        known = frozenset().union(*(self.keys[each] for each in self.releases[:number]))
        later = frozenset().union(*(self.keys[each] for each in self.releases[number:]))
        return Knowledge(self.releases[:number], later - known).overrides(self.whole)

    def _keys(self, version: str) -> frozenset[str]:
        """The keys of the statements that rules may name."""
        library = Library(locate(ENGINE.package, version, checkout.ROOT))
        found = ENGINE.extract(library).rules
        named = {rule.key for rule in found.rules} | {refusal.key for refusal in found.unread}
        for symbol in {symbol for rule in self.whole["rules"] for symbol in rule.get("evidence", ())}:
            path, _, qualname = symbol.partition("::")
            if (module := library.module_at(path)) is not None:
                named.update(keys(module, qualname).values())
        return frozenset(named)

    def evidence(self) -> str:
        """What was read by the first release."""
        limit = Version(self.releases[len(self.supported)])
        found = {}
        for symbol, each in evidence.load(checkout.ROOT / ENGINE.evidence, str(ENGINE.evidence)).items():
            kept = (_known_by(one, limit) for one in each.statements)
            digests = {version: each.digests[version] for version in _until([*each.digests], limit)}
            statements = tuple(one for one in kept if one.releases)
            if statements:
                found[symbol] = evidence.KnownDefinition(digests=digests, statements=statements)
        return evidence.dumps(found)


def _known_by(statements: evidence.Statements, limit: Version) -> evidence.Statements:
    """Statements with the releases up to one of them only; what was read later counts as read by then."""
    read, same = _until(statements.read, limit), _until(statements.same, limit)
    return replace(statements, read=read or same, same=same if read else ())


def _until(versions: Sequence[str], limit: Version) -> tuple[str, ...]:
    return tuple(each for each in versions if Version(each) <= limit)
