"""A stand-in for GitHub's client ``gh`` that keeps pull requests and issues in a file."""

import argparse
import json
import sys
from pathlib import Path

STATE = Path(__file__).with_name("forge.json")


def main(arguments: list[str]) -> int:
    """Run one command."""
    state = json.loads(STATE.read_text(encoding="utf-8"))
    state["commands"].append(arguments)
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("pr", "issue"))
    parser.add_argument("verb", choices=("list", "create", "edit", "comment"))
    parser.add_argument("number", nargs="?", type=int)
    for option in ("head", "state", "json", "title", "body-file", "search"):
        parser.add_argument(f"--{option}")
    given = parser.parse_args(arguments)
    entries = state[given.kind]
    match given.verb:
        case "list":
            shown = [entry for entry in entries if given.head in (None, entry.get("head"))]
            if given.state == "open":
                shown = [entry for entry in shown if entry["state"] == "OPEN"]
            keys = given.json.split(",")
            print(json.dumps([{key: entry[key] for key in keys} for entry in reversed(shown)]))
        case "create":
            text = Path(given.body_file).read_text(encoding="utf-8")
            entry = {"number": len(state["pr"]) + len(state["issue"]) + 1, "state": "OPEN", "comments": []}
            entries.append(entry | {"title": given.title, "body": text, "head": given.head})
        case "edit":
            entry = next(entry for entry in entries if entry["number"] == given.number)
            entry["title"] = given.title or entry["title"]
            entry["body"] = Path(given.body_file).read_text(encoding="utf-8")
        case "comment":
            entry = next(entry for entry in entries if entry["number"] == given.number)
            entry["comments"].append(Path(given.body_file).read_text(encoding="utf-8"))
    STATE.write_text(json.dumps(state), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
