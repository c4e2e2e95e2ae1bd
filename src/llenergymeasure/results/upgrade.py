"""Converting records of an older format to the present one; ``storage`` calls it before validation.

Format 2 used other keys and other ids, had fields of their own for the versions of transformers and torch,
and wrote the device and the windows of a finding into its text. Nothing is lost or made up.
"""

import re
from collections.abc import Iterator
from typing import Any

EVERY = "*"
"""In a path: each item of a list."""

_FIGURES = (
    ("windows", EVERY, "energy", "total"),
    ("windows", EVERY, "energy", "devices", EVERY),
)
_WINDOW_FINDINGS = ("windows", EVERY, "findings", EVERY)
_KEYS_OF_2: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (("findings", EVERY), {"spoils": "invalidates"}),
    (_WINDOW_FINDINGS, {"spoils": "invalidates"}),
    (("devices", EVERY), {"mend": "hint"}),
    (("energy",), {"mend": "hint"}),
    *((path, {"mend": "hint"}) for path in _FIGURES),
    (
        ("windows", EVERY, "conditions", EVERY),
        {
            "looks": "samples",
            "failed_looks": "failed_samples",
            "thermal_looks": "thermal_samples",
            "power_looks": "power_cap_samples",
            "unseen_s": "unsampled_s",
        },
    ),
    (("versions",), {"schema_transformers": "schema_release"}),
    *(
        (("timing", times), {"least_s": "min_s", "most_s": "max_s"})
        for times in ("call", "first_token", "between_tokens")
    ),
)
"""Where format 2 had other keys: the path of the mapping, and the new name of each old key."""
_FLAGS_OF_2 = {"edges-immediate": "boundaries-immediate"}
_IDS_OF_2 = {"transformers-version": "engine-version", "transformers-message": "engine-message"}
_LIBRARIES_OF_2 = ("transformers", "torch")
_WINDOW_NAME = re.compile(r"idle-before|idle-after|(work|prefill) \d+")
_WITH_WINDOWS = re.compile(r"(?P<text>.*) \(windows: (?P<windows>[^()]*)\)", re.DOTALL)


def upgrade(data: dict[str, Any]) -> dict[str, Any]:
    """Convert a record of format 2 to format 3, in place, and return it. Anything else is left as it is."""
    for path, keys in _KEYS_OF_2:
        for mapping in _at(data, path):
            for old in keys.keys() & mapping.keys():
                mapping[keys[old]] = mapping.pop(old)
    for path in _FIGURES:
        for figure in _at(data, path):
            if isinstance(flags := figure.get("flags"), list):
                figure["flags"] = [
                    _FLAGS_OF_2.get(flag, flag) if isinstance(flag, str) else flag for flag in flags
                ]
    _name_engine(data)
    _split_findings(data)
    data["schema_version"] = 3
    return data


def _name_engine(data: dict[str, Any]) -> None:
    """Say which engine ran: in format 2 it could only be transformers."""
    data["section"] = "pytorch"
    for versions in _at(data, ("versions",)):
        versions["engine"] = "transformers"
        versions["libraries"] = {name: versions.pop(name) for name in _LIBRARIES_OF_2 if name in versions}


def _split_findings(data: dict[str, Any]) -> None:
    """Move the device and the windows of findings from their texts to fields of their own."""
    for finding in _at(data, ("findings", EVERY)):
        if isinstance(id_ := finding.get("id"), str):
            finding["id"] = _IDS_OF_2.get(id_, id_)
    of_windows = [finding for finding in _at(data, _WINDOW_FINDINGS) if isinstance(finding.get("text"), str)]
    ids = [finding.get("id") for finding in of_windows]
    for finding in of_windows:
        _split_device(finding, finding["text"])
    for finding in _at(data, ("findings", EVERY)):
        text = finding.get("text")
        if not isinstance(text, str) or finding.get("id") not in ids:
            continue
        if match := _WITH_WINDOWS.fullmatch(text):
            finding["windows"] = match["windows"].split(", ")
            _split_device(finding, match["text"])


def _split_device(finding: dict[str, Any], text: str) -> None:
    device, separator, message = text.partition(": ")
    if separator:
        # For a window that was lost, the text began with the window's name instead.
        finding["device"] = None if _WINDOW_NAME.fullmatch(device) else device
        finding["text"] = message


def _at(node: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """All mappings at a path."""
    if not path:
        if isinstance(node, dict):
            yield node
        return
    step, *rest = path
    if step == EVERY:
        for item in node if isinstance(node, list) else ():
            yield from _at(item, tuple(rest))
    elif isinstance(node, dict) and step in node:
        yield from _at(node[step], tuple(rest))
