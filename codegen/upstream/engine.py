"""What is special about one upstream, as data: an :class:`Engine` for each, see :mod:`codegen.engines`.

Everything outside an engine's own folder works with such a value, and names no upstream.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.model.facts import Facts
from codegen.model.schema import Field
from codegen.model.values import PlainValue
from codegen.upstream.source import Package
from codegen.upstream.symbols import Library

if TYPE_CHECKING:
    from codegen.upstream.reach import Reached


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFiles:
    """What is generated from all supported releases of an upstream, as paths from the root of the checkout.

    Args:
        page: what changed for users with each release.
        guide: a page that shows the output of the last comparison, between two comments.
        maintenance: a page that shows how much is written by hand, between two comments.
        data: types and defaults of each release, for the library.
    """

    page: Path
    guide: Path
    maintenance: Path
    data: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One upstream.

    Args:
        package: how its source is found; its name is the engine's, in messages, in the lock, and as the
            option that names a source.
        section: the name of its settings in an experiment, and for introspection.
        config_class: the generated class.
        base_class: what that derives from, in the library.
        mixins: its other bases, with the module of the library that has them; conversions of this
            upstream's own.
        nested_class: what the classes of its nested settings derive from.
        reserved: attributes of ``base_class`` that are this upstream's own; no field may have their names.
        call: what the settings are passed to, for display.
        model_owned: parameters of which every model has its own value: what an unset one means is not known
            without the model.
        default_facts: facts to assume where they are not given, as before a configuration is passed to
            anything.
        unset_differs: parameters that no value affects in the same way as leaving them unset.
        per_prompt: parameters whose list has one entry for each prompt, so that a list with one entry differs
            from the entry itself.
        settings_file: the file that upstream itself keeps settings in.
        settings_mark: a key by which such a file is recognised; its value is the release that wrote it.
        folder: of the hand-written and generated files about it, from the root of the checkout.
        module: the generated module of its classes, from the root too; what is generated next to it is named
            after ``section``.
        page: the generated page of the documentation, from the root too.
        history: what is generated from all supported releases.
        former_locks: where earlier revisions had the lock.
        extract: reads the facts of one release.
        documented: upstream's text about an argument, sentence by sentence; None where it cannot be
            found.
        reached: what its call can reach in the source of a release; None where that is not read.
        cache: root of the checkout whose cache keeps what was found; None if everything is read anew.
    """

    package: Package
    section: str
    config_class: str
    base_class: str = "BackendConfig"
    mixins: Mapping[str, str] = field(default_factory=dict)
    nested_class: str = "NestedConfig"
    reserved: frozenset[str] = frozenset()
    call: str
    model_owned: tuple[str, ...] = ()
    default_facts: Mapping[str, PlainValue] = field(default_factory=dict)
    unset_differs: tuple[str, ...] = ()
    per_prompt: tuple[str, ...] = ()
    settings_file: str
    settings_mark: str
    folder: Path
    module: Path
    page: Path
    history: HistoryFiles | None = None
    former_locks: tuple[Path, ...] = ()
    extract: Callable[[Library], Facts]
    documented: Callable[[Library, Field], list[str] | None]
    reached: "Callable[[Library], Reached] | None" = None
    cache: Path | None = None

    @property
    def name(self) -> str:
        """The name of the upstream package."""
        return self.package.name

    @property
    def bases(self) -> tuple[str, ...]:
        """What the generated class derives from, in order."""
        return *self.mixins, self.base_class

    @property
    def vocabulary_module(self) -> Path:
        """The words that generator and library share, generated; the same for every engine."""
        return self.module.with_name("vocabulary.py")

    @property
    def nested_module(self) -> Path:
        """The generated classes of its nested settings."""
        return self.module.with_name(f"{self.section}_nested.py")

    @property
    def metadata_module(self) -> Path:
        """What is known of each parameter outside its field, generated."""
        return self.module.with_name(f"{self.section}_metadata.py")

    @property
    def rules_module(self) -> Path:
        """The rules across parameters, generated."""
        return self.module.with_name(f"{self.section}_rules.py")

    @property
    def settings_module(self) -> Path:
        """What its class takes as keyword arguments, for type checkers, generated."""
        return self.module.with_name(f"{self.section}_settings.py")

    @property
    def sources_file(self) -> Path:
        """Where each fact comes from, generated."""
        return self.module.with_name(f"{self.section}_sources.json")

    @property
    def test_values_file(self) -> Path:
        """The test values of each parameter, generated."""
        return self.module.with_name(f"{self.section}_test_values.json")

    @property
    def overrides(self) -> Path:
        """What is added by hand to the facts, see :mod:`codegen.review.overrides`."""
        return self.folder / "overrides.toml"

    @property
    def evidence(self) -> Path:
        """Which statements of the source were read for the claims in the overrides."""
        return self.folder / "evidence.json"

    @property
    def written_by_hand(self) -> tuple[Path, ...]:
        """The files that overrides are read from."""
        return self.overrides, self.evidence, self.releases

    @property
    def archive(self) -> Path:
        """What people had added for releases that are no longer supported."""
        return self.folder / "archive.toml"

    @property
    def releases(self) -> Path:
        """The list of supported releases."""
        return self.folder / "releases.toml"

    @property
    def steps(self) -> Path:
        """The findings between each supported release and the next, one per line, generated."""
        return self.folder / "steps.txt"

    @property
    def successors(self) -> Path:
        """What replaces a parameter or a value that a release no longer has."""
        return self.folder / "successors.toml"

    @property
    def accepted(self) -> Path:
        """The accepted findings of a comparison."""
        return self.folder / "accepted.toml"

    @property
    def accepted_problems(self) -> Path:
        """The accepted problems of a fidelity run."""
        return self.folder / "accepted_problems.toml"

    @property
    def lock(self) -> Path:
        """The Schema of the newest supported release as data, generated."""
        return self.folder / "schema.lock.json"

    @property
    def executed(self) -> Path:
        """The results of executing the test values, and the problems of the run."""
        return self.folder / "executed.json"
