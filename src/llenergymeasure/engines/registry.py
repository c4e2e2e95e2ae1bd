"""The engine of a configuration, found by name and opened.

A configuration class names its engine, and the engine is the ``ENGINE`` of the module ``engine`` in the
folder of that name. It is imported when it is asked for, so that reading a configuration imports none. Which
engines there are is in :mod:`llenergymeasure.config.engine_sections`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.engines.prompts import read_prompts
from llenergymeasure.engines.protocol import AnySession, Engine


def find_engine(settings: BackendConfig) -> Engine:
    """The engine that these settings are for.

    Raises:
        ModuleNotFoundError: it has no folder here.
    """
    engine: Engine = import_module(f"{__package__}.{settings.engine}.engine").ENGINE
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
