"""Records of an older format, in the keys of the present one. Called by ``storage`` before a record is validated.

Format 2 called some things otherwise. Nothing else differs, and nothing is lost or made up.
"""

from collections.abc import Iterator
from typing import Any

EVERY = "*"
"""In a path: each item of a list."""

_FIGURES = (
    ("windows", EVERY, "energy", "total"),
    ("windows", EVERY, "energy", "devices", EVERY),
)
_KEYS_OF_2: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (("findings", EVERY), {"spoils": "invalidates"}),
    (("windows", EVERY, "findings", EVERY), {"spoils": "invalidates"}),
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
)
"""Where format 2 had other keys: the path of the mapping, and old key to new."""
_FLAGS_OF_2 = {"edges-immediate": "boundaries-immediate"}


def upgrade(data: dict[str, Any]) -> dict[str, Any]:
    """A record of format 2 in the keys of format 3, changed in place. What is no record stays what it is."""
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
    data["schema_version"] = 3
    return data


def _at(node: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The mappings at a path, as many as there are."""
    if not path:
        if isinstance(node, dict):
            yield node
        return
    step, *rest = path
    if step == EVERY:
        for each in node if isinstance(node, list) else ():
            yield from _at(each, tuple(rest))
    elif isinstance(node, dict) and step in node:
        yield from _at(node[step], tuple(rest))
