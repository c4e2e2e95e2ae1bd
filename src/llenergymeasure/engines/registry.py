"""Finding the engine of a configuration by its name, and opening a session with it.

A configuration class names its engine, and the engine is the ``ENGINE`` of the module ``engine`` in the
folder of that name. It is imported only here, so that reading a configuration imports no engine.
:mod:`llenergymeasure.config.engine_sections` lists the engines.
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
        ModuleNotFoundError: there is no folder for it.
    """
    engine: Engine = import_module(f"{__package__}.{settings.engine}.engine").ENGINE
    return engine


@contextmanager
def open_session(engine: Engine, config: ExperimentConfig) -> Iterator[AnySession]:
    """Load the model of a configuration and bind it to its settings; close the model at the end.

    Raises:
        EngineError: the model, the prompts or the settings cannot be used.
        PreconditionError: (of ``config``) a setting needs something that is not there.
        UpstreamError: (of ``config``) a setting needs another release of the engine.

    What can be checked without the model is checked before it is loaded.
    """
    engine.check(config.model, config.engine_settings, config.workload)
    prompts = read_prompts(config.workload.prompts)  # once: a file may change while the model loads
    with engine.load(config.model, config.model.device) as model:
        yield model.bind(config.engine_settings, config.workload, prompts)
