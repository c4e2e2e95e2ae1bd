"""The sources of two releases of ``kiln``, written into folders."""

from pathlib import Path

_SETTINGS = '''
from dataclasses import dataclass
from typing import Literal


@dataclass
class Firing:
    """How pieces are fired."""

    temperature: float = 1.0
    """How hot it gets. In thousands of degrees."""

    batch: int = 8
    """How many pieces at once."""

    glaze: Literal["clear", "matte"] | None = None
    """What they are covered with."""

    hold: int = 0

    def validate(self):
        if self.temperature <= 0:
            raise ValueError("cold")
        if self.batch < 1:
            raise ValueError("empty")
        if self.hold < 0:
            raise ValueError("backwards")
        if self.hold > 0 and self.glaze is None:
            raise ValueError("bare")
'''

_EDITS = (
    ("batch: int = 8", "batch: int = 12"),
    ("self.batch < 1", "self.batch < 2"),
    ('"clear", "matte"', '"clear", "satin"'),
    ("    hold: int = 0\n", "    hold: int = 0\n    fan: bool = False\n"),
    ("How many pieces at once.", "How many pieces."),
)


def written(root: Path, version: str) -> Path:
    """The package of a release, in a folder of its own."""
    settings = _SETTINGS
    for old, new in _EDITS if version.startswith("2") else ():
        assert old in settings
        settings = settings.replace(old, new)
    package = root / version / "kiln"
    package.mkdir(parents=True)
    (package / "version.py").write_text(f'__version__ = "{version}"\n', encoding="utf-8")
    (package / "settings.py").write_text(settings, encoding="utf-8")
    return root / version
