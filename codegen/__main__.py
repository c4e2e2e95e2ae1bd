"""``python -m codegen``."""

import gc
import sys

gc.disable()  # a short process that builds syntax trees: garbage collection would cost a tenth of its time and free nothing

from codegen.cli.main import main  # noqa: E402 - after the collector is off, which its imports gain from too

sys.exit(main())
