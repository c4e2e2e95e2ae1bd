"""The engine of each section of the configuration.

Engines are named by text and imported when they are asked for, so that reading a configuration imports none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.engines.prompts import read_prompts
from llenergymeasure.engines.protocol import AnySession, Engine

ENGINES: dict[str, str] = {"pytorch": "llenergymeasure.engines.transformers.engine:ENGINE"}
"""By the section that holds an engine's settings: its module, and its name in that module."""


def find_engine(section: str) -> Engine:
    """The engine whose settings are in that section.

    Raises:
        KeyError: no engine has that section.
    """
    module, _, name = ENGINES[section].partition(":")
    engine: Engine = getattr(import_module(module), name)
    return engine


@contextmanager
def open_session(engine: Engine, config: ExperimentConfig) -> Iterator[AnySession]:
    """Load the model of a configuration and bind it to its settings; it is closed at the end.

    Raises:
        EngineError: the model, the prompts or the settings cannot be used.
        PreconditionError: (of ``config``) a setting needs something that is not there; found before the model
            is loaded where that is possible, as are prompts that cannot be read.
        UpstreamError: (of ``config``) a setting needs another release of the engine.
    """
    engine.check(config.model, config.engine_settings, config.workload)
    prompts = read_prompts(config.workload.prompts)  # once: a file may change while the model loads
    with engine.load(config.model, config.model.device) as model:
        yield model.bind(config.engine_settings, config.workload, prompts)
