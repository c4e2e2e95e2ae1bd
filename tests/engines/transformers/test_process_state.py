"""Restoring torch's settings logs and warns of nothing: a message would be a finding on every record."""

import subprocess
import sys

SCRIPT = """
import logging, sys, warnings
logging.basicConfig(level=logging.WARNING)
warnings.simplefilter("always")
from llenergymeasure.engines.transformers.process_state import ProcessState
import torch._dynamo.config as config
print("--- from here", file=sys.stderr, flush=True)
state = ProcessState()
before = config.suppress_errors
config.suppress_errors = not before
state.restore()
assert config.suppress_errors == before
"""


def test_restoring_is_silent() -> None:
    """In a new process, since torch warns of each deprecated setting only once."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.partition("--- from here\n")[2] == ""
    assert done.stdout == ""
