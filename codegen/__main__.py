"""``python -m codegen``."""

import gc
import os
import sys
from contextlib import suppress

gc.disable()  # a short process that builds syntax trees: garbage collection would cost a tenth of it

from codegen.cli.main import parser, run  # noqa: E402 - the imports, too, are faster without the collector

arguments = parser().parse_args()
code = run(arguments)
for stream in (sys.stdout, sys.stderr):
    with suppress(OSError):  # the reader closed the pipe
        stream.flush()
os._exit(code)  # freeing the trees one by one, which the arguments still hold, would cost another tenth
