"""The exceptions of engines: what can go wrong between a configuration and the tokens it generates.

::

    EngineError
    ├── MissingPackageError     a package that the engine needs is not installed, or is broken
    ├── DeviceNotPresentError   the configuration names a device that this machine does not have
    ├── ModelError              no such model, no weights in it, or it does not load
    ├── TokenizerError          no tokenizer, or one that cannot make a batch
    ├── PromptError             no prompts where the configuration says they are, or unusable ones
    ├── GenerationError         the engine refused the settings, or failed in the middle
    └── DeviceMemoryError       the device ran out of memory

``str(error)`` is for the user: the place in the configuration, what is wrong there, and a hint.
"""


class EngineError(Exception):
    """Anything that an engine raises on purpose."""


class MissingPackageError(EngineError):
    """A package that only running a model needs is not installed, or cannot be imported."""


class DeviceNotPresentError(EngineError):
    """``model.device`` names a device that this machine does not have."""


class ModelError(EngineError):
    """A model cannot be loaded: the name, the folder, its files or the network is at fault."""


class TokenizerError(EngineError):
    """A tokenizer cannot be loaded, or cannot do what the workload needs."""


class PromptError(EngineError):
    """``workload.prompts`` gives nothing to generate from."""


class GenerationError(EngineError):
    """Generating failed; the engine's own words are in the message."""


class DeviceMemoryError(EngineError):
    """Loading or generating needed more memory than the device has."""
