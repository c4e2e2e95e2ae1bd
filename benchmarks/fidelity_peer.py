"""Gives configurations to the peer's schema; run as a script, by the interpreter of the peer's environment.

Reads a list of ``{parameter: value}`` as JSON from standard input and writes a list of the same length: what
the peer would send to ``generate()``, which may differ from what it was given, or null where it refuses.
"""

import contextlib
import json
import sys
from typing import Any

from llenergymeasure.config.generated.transformers import EngineParams  # type: ignore[import-not-found]  # the peer's
from llenergymeasure.config.models import ExperimentConfig  # type: ignore[import-not-found]  # the peer's


def sent_by_peer(given: dict[str, Any]) -> dict[str, Any] | None:
    """What the peer would send to ``generate()`` for one configuration; None where it refuses."""
    engine = {name: value for name, value in given.items() if name in EngineParams.model_fields}
    sampling = {name: value for name, value in given.items() if name not in engine}
    section = {"engine_params": engine, "sampling_params": sampling}
    document = {
        "engine": "transformers",
        "serving_mode": "offline",
        "task": {"model": "gpt2"},
        "transformers": section,
    }
    try:
        made = ExperimentConfig.model_validate(document).transformers
    except ValueError:
        return None
    return {
        name: value
        for part in (made.engine_params, made.sampling_params)
        for name, value in part.model_dump(exclude_unset=True).items()
    }


with contextlib.redirect_stdout(sys.stderr):  # what the peer prints is no part of the answer
    answers = [sent_by_peer(settings) for settings in json.load(sys.stdin)]
json.dump(answers, sys.stdout)
