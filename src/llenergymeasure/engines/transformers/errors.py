"""What can go wrong between a configuration and the tokens it generates.

::

    InferenceError
    ├── MissingPackageError     torch or transformers is not installed, or is broken
    ├── DeviceNotPresentError   the configuration names a device that this machine does not have
    ├── ModelError              no such model, no weights in it, or it does not load
    ├── TokenizerError          no tokenizer, or one that cannot make a batch
    ├── PromptError             no prompts where the configuration says they are, or unusable ones
    ├── GenerationError         generate() refused the settings, or failed in the middle
    └── DeviceMemoryError       the device ran out of memory

``str(error)`` is for a person: the place in the configuration, what is wrong there, and the mend.
"""


class InferenceError(Exception):
    """Anything that this room raises on purpose."""


class MissingPackageError(InferenceError):
    """A package that only running a model needs is not installed, or cannot be imported."""


class DeviceNotPresentError(InferenceError):
    """``model.device`` names what this machine does not have."""


class ModelError(InferenceError):
    """A model cannot be had: the name, the folder, its files or the network."""


class TokenizerError(InferenceError):
    """A tokenizer cannot be had, or cannot do what the workload asks of it."""


class PromptError(InferenceError):
    """``workload.prompts`` gives nothing to generate from."""


class GenerationError(InferenceError):
    """``generate()`` raised; its own words are in the message."""


class DeviceMemoryError(InferenceError):
    """Loading or generating needed more memory than the device has."""
