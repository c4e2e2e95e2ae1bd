"""Where the specimen of a record is."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
