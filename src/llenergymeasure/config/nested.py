"""The base of the generated classes that are the value of one parameter, such as ``compile_config``."""

from typing import ClassVar

from llenergymeasure.config.strict import StrictModel


class NestedConfig(StrictModel):
    """The arguments of one of transformers' own configuration classes."""

    upstream: ClassVar[str]
    """The class in the ``transformers`` namespace that ``generate()`` wants; empty where it wants a plain dictionary."""
