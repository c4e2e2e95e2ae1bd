"""``llenergymeasure doctor``: what can be measured here and how well, and the mend for what cannot."""

import argparse

SUMMARY = "say what can be measured here, and how well"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 0 when something can be measured, 1 when nothing can."""
    from llenergymeasure.energy.doctor import examine  # noqa: PLC0415 - only this command needs it

    report = examine()
    print(report.to_json() if arguments.json else report.to_text())
    return report.exit_code
