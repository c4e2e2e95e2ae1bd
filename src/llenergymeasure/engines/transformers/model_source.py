"""Where a model or a tokenizer comes from: built in, a local folder, the Hub; and what is wrong with that, in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llenergymeasure.config.experiment import AssistantConfig, ModelConfig
from llenergymeasure.engines.transformers.builtin import PREFIX
from llenergymeasure.engines.transformers.errors import DeviceMemoryError, InferenceError, ModelError
from llenergymeasure.engines.transformers.exceptions import is_out_of_memory, one_line
from llenergymeasure.engines.transformers.paths import expanded

_DOWNLOAD_OPTIONS = ("cache_dir", "force_download", "local_files_only", "proxies", "subfolder")
"""What ``extra`` may have for every ``from_pretrained``: that of the model, its configuration and its tokenizer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One model or tokenizer to load: where in the configuration it is named, and by what.

    Args:
        place: the key path, for messages, such as ``model.name``.
        name: as it is written there.
        revision: of the Hub; None for its main branch.
        trust_remote_code: whether code that comes with it may run.
        download: of ``extra``, what tells where and how its files are had.
    """

    place: str
    name: str
    revision: str | None
    trust_remote_code: bool
    download: dict[str, Any]

    @classmethod
    def of(cls, config: ModelConfig | AssistantConfig, section: str, *, trust_remote_code: bool) -> "Source":
        """The source of the model that a section of the configuration names."""
        return cls(
            place=f"{section}.name",
            name=config.name,
            revision=config.revision,
            trust_remote_code=trust_remote_code,
            download={key: config.extra[key] for key in _DOWNLOAD_OPTIONS if key in config.extra},
        )

    def of_tokenizer(self, section: str, name: str | None) -> "Source":
        """The source of the tokenizer that is named, or else the model's own; a revision and a subfolder are the model's."""
        if name is None:
            return self
        download = {key: value for key, value in self.download.items() if key != "subfolder"}
        return Source(
            place=f"{section}.tokenizer",
            name=name,
            revision=None,
            trust_remote_code=self.trust_remote_code,
            download=download,
        )

    @property
    def is_builtin(self) -> bool:
        """Whether it is built in code here."""
        return self.name.startswith(PREFIX)

    @property
    def section(self) -> str:
        """The section of the configuration that the name stands in."""
        return self.place.rpartition(".")[0]

    def location(self, error: type[InferenceError]) -> str:
        """The local folder or the Hub id.

        Raises:
            InferenceError: as ``error``; the name is a path, and no folder is there.
        """
        path = expanded(self.name, self.place, error)
        if path.is_dir():
            return str(path)
        if self.name.startswith(("/", ".", "~")) or self.name.count("/") > 1:
            raise error(
                f"{self.place}: there is no folder {self.name}. Name one that holds a saved model, "
                f"a model of the Hub (owner/name), or {PREFIX}llama."
            )
        return self.name

    def folder(self) -> Path | None:
        """The local folder with the model's files; None for one of the Hub."""
        path = Path(self.location(ModelError))
        return path / self.download.get("subfolder", "") if path.is_dir() else None

    @property
    def mend(self) -> str:
        """What helps most often, where transformers' words may not be enough."""
        if self.is_builtin or expanded(self.name, self.place, ModelError).is_dir():
            return ""
        return " (See to the spelling, the network and, for a gated model of the Hub, 'hf auth login'.)"

    def options(self) -> dict[str, Any]:
        """The arguments that every ``from_pretrained`` takes."""
        trust = {"revision": self.revision or "main", "trust_remote_code": self.trust_remote_code}
        return trust | self.download


@contextmanager
def explained(source: Source, error_class: type[InferenceError], what: str = "") -> Iterator[None]:
    """Whatever transformers, torch or the network raise, as one error that names the place; ``what`` of it failed."""
    try:
        yield
    except InferenceError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise DeviceMemoryError(
                f"{source.place}: {source.name} does not fit into memory. Use a smaller model, dtype bfloat16, "
                "quantization, or device_map."
            ) from error
        raise error_class(
            f"{source.place}: {what}{source.name} cannot be loaded: {one_line(error)}{source.mend}"
        ) from error
