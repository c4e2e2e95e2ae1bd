"""``python -m llenergymeasure`` is the command ``llenergymeasure``."""

import sys

from llenergymeasure.cli.main import main

sys.exit(main())
