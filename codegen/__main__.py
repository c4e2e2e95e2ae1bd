"""``python -m codegen``."""

import gc
import os
import sys
from contextlib import suppress

gc.disable()  # a short process that builds syntax trees: garbage collection would cost a tenth of it

from codegen.cli.main import main  # noqa: E402 - after the collector is off, which its imports gain from too

code = main()
for stream in (sys.stdout, sys.stderr):
    with suppress(OSError):  # nobody is there to read it
        stream.flush()
os._exit(code)  # freeing the trees one by one would cost another tenth
