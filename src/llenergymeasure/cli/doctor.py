"""``llenergymeasure doctor``: what can be measured here, and whether the schema fits transformers."""

import argparse
import json
from importlib.util import find_spec

SUMMARY = "show what can be measured here, and whether the schema fits"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the report.

    Returns:
        0; or 1 if nothing can be measured, or if the schema does not fit the installed transformers.
    """
    from llenergymeasure.energy.doctor import examine  # noqa: PLC0415 - only this command needs it

    report = examine()
    release, differences = _compare_schema()
    if arguments.json:
        schema = {"transformers": release, "differences": differences}
        print(json.dumps(report.to_dict() | {"schema": schema}, indent=2))
    else:
        print(report.to_text())
        print()
        print("\n".join(_schema_report(release, differences)))
    return 1 if differences else report.exit_code


def _compare_schema() -> tuple[str | None, list[str]]:
    """The installed release of transformers (None if there is none), and how it differs from the schema."""
    if find_spec("transformers") is None:
        return None, []
    from llenergymeasure.config.releases import compare_installed  # noqa: PLC0415 - as above
    from llenergymeasure.config.transformers_bridge import installed_defaults  # noqa: PLC0415 - as above

    release, defaults = installed_defaults()
    return release, list(compare_installed(defaults, release))


def _schema_report(release: str | None, differences: list[str]) -> list[str]:
    if release is None:
        return ["schema: transformers is not installed, so there is nothing to compare it with"]
    from llenergymeasure.config.releases import rules_are_known  # noqa: PLC0415 - as above

    if not differences and rules_are_known(release):
        return [f"schema: fits the installed transformers {release}"]
    if not differences:
        consequence = "it may refuse a combination that is accepted here, and the other way round"
        return [
            f"schema: names and defaults fit the installed transformers {release}",
            f"  its rules across parameters are not known here; {consequence}",
        ]
    count = f"{len(differences)} difference{'s' if len(differences) > 1 else ''}"
    hint = "install the release that the schema was made from, or a version of llenergymeasure for the installed one"
    return [
        f"schema: {count} from the installed transformers {release}; {hint}",
        *(f"  {difference}" for difference in differences),
    ]
