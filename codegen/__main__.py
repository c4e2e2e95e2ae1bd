"""``python -m codegen``."""

import gc
import os
import sys
from contextlib import suppress

gc.disable()  # a short process that builds syntax trees: garbage collection would cost a tenth of it

from codegen.cli.main import main  # noqa: E402 - the imports, too, are faster without the collector

code = main()
for stream in (sys.stdout, sys.stderr):
    with suppress(OSError):  # the reader closed the pipe
        stream.flush()
os._exit(code)  # freeing the trees one by one would cost another tenth
