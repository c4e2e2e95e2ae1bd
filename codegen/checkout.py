"""Where this checkout is. Paths of generated and hand-written files are given from its root."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "src"
"""The folder of the package that the generated modules belong to."""
