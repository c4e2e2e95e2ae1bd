"""The engine of a made-up upstream package, ``kiln``. Everything special about it is in this folder."""

from pathlib import Path

from codegen import checkout
from codegen.upstream.engine import Engine
from codegen.upstream.source import Package
from tests.codegen.engines.kiln import reader

ENGINE = Engine(
    package=Package(
        name="kiln", distribution="kiln", mark=reader.SETTINGS, oldest="1.0", version_file="version.py"
    ),
    section="kiln",
    config_class="KilnConfig",
    call="fire()",
    settings_file="kiln.json",
    settings_mark="kiln_version",
    folder=Path(__file__).parent.relative_to(checkout.ROOT),
    module=Path("src/llenergymeasure/config/kiln_configs.py"),
    page=Path("docs/kiln.md"),
    extract=reader.extract,
    documented=reader.documented,
)
