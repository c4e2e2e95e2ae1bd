"""Where a model or a tokenizer comes from, and the error of one sentence if it does not load."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llenergymeasure.config.experiment import AssistantConfig, ModelConfig
from llenergymeasure.engines.errors import DeviceMemoryError, EngineError, ModelError
from llenergymeasure.engines.paths import expand_home
from llenergymeasure.engines.transformers.builtin import PREFIX
from llenergymeasure.engines.transformers.exceptions import is_out_of_memory, one_line

_DOWNLOAD_OPTIONS = ("cache_dir", "force_download", "local_files_only", "proxies", "subfolder")
"""Keys of ``extra`` that go to every ``from_pretrained``: of model, configuration and tokenizer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """One model or tokenizer to load.

    Args:
        place: the key path of its name in the configuration, such as ``model.name``, for messages.
        name: the name, as it is written there.
        revision: the branch, tag or commit on the Hub; None for the main branch.
        trust_remote_code: whether code that comes with it may run.
        download: the keys of ``extra`` that say where its files are and how they are downloaded.
    """

    place: str
    name: str
    revision: str | None
    trust_remote_code: bool
    download: dict[str, Any]

    @classmethod
    def of(
        cls, config: ModelConfig | AssistantConfig, section: str, *, trust_remote_code: bool
    ) -> "ModelSource":
        """The source of the model that a section of the configuration names."""
        return cls(
            place=f"{section}.name",
            name=config.name,
            revision=config.revision,
            trust_remote_code=trust_remote_code,
            download={key: config.extra[key] for key in _DOWNLOAD_OPTIONS if key in config.extra},
        )

    def of_tokenizer(self, name: str | None) -> "ModelSource":
        """The source of the tokenizer of that name, or of the model's own.

        The model's revision and subfolder do not apply to a tokenizer with a name of its own.
        """
        if name is None:
            return self
        return ModelSource(
            place=f"{self.section}.tokenizer",
            name=name,
            revision=None,
            trust_remote_code=self.trust_remote_code,
            download={key: value for key, value in self.download.items() if key != "subfolder"},
        )

    @property
    def is_builtin(self) -> bool:
        """Whether it is a built-in one (:mod:`.builtin`)."""
        return self.name.startswith(PREFIX)

    @property
    def section(self) -> str:
        """The section of the configuration that its name is in, such as ``model``."""
        return self.place.rpartition(".")[0]

    def location(self, error_class: type[EngineError]) -> str:
        """What ``from_pretrained()`` is called with: the path of a local folder, or the Hub id.

        Raises:
            EngineError: as ``error_class``; the name is a path, and there is no such folder.
        """
        path = expand_home(self.name, self.place, error_class)
        if path.is_dir():
            return str(path)
        if self.name.startswith(("/", ".", "~")) or self.name.count("/") > 1:
            raise error_class(
                f"{self.place}: there is no folder {self.name}. Name one that holds a saved model, "
                f"a model of the Hub (owner/name), or {PREFIX}llama."
            )
        return self.name

    def folder(self) -> Path | None:
        """The local folder with the model's files; None for a model on the Hub."""
        path = Path(self.location(ModelError))
        return path / self.download.get("subfolder", "") if path.is_dir() else None

    @property
    def hint(self) -> str:
        """What to check if loading fails, added to transformers' own message; empty for a local model."""
        if self.is_builtin or expand_home(self.name, self.place, ModelError).is_dir():
            return ""
        return " (Check the spelling, the network and, for a gated model of the Hub, 'hf auth login'.)"

    def options(self) -> dict[str, Any]:
        """The arguments for ``from_pretrained()`` of a model, a configuration or a tokenizer."""
        options = {"revision": self.revision or "main", "trust_remote_code": self.trust_remote_code}
        return options | self.download


@contextmanager
def load_errors(source: ModelSource, error_class: type[EngineError], part: str = "") -> Iterator[None]:
    """Turn any error of transformers, torch or the network into one that names its place in a configuration.

    Args:
        source: what is loaded.
        error_class: the error to raise.
        part: which part of the source is loaded, such as ``"the tokenizer of "``; empty for the model itself.

    Raises:
        EngineError: as ``error_class``; or a DeviceMemoryError if memory ran out.
    """
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise DeviceMemoryError(
                f"{source.place}: {source.name} does not fit into memory. Use a smaller model, dtype "
                "bfloat16, quantization, or device_map."
            ) from error
        raise error_class(
            f"{source.place}: {part}{source.name} cannot be loaded: {one_line(error)}{source.hint}"
        ) from error
