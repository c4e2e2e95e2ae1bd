"""Reading YAML and JSON files as data, with the line of every value.

YAML is read as version 1.2 with its core schema: ``3e-4`` is a number, ``no`` and ``2001-01-01`` are texts.
Anything more than data is refused: a tag for another type, a duplicate key, a merged mapping (``<<``), a
value that contains itself, a second document. A file whose name ends in ``.json`` is read as JSON.
:mod:`.loading` and :mod:`.conversion` call it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from llenergymeasure.config.errors import DocumentError
from llenergymeasure.config.phrasing import shown

MAX_VALUES = 100_000
"""The most values that a document may contain. A value counts each time that an alias (``*name``) refers to
it: a few aliases can expand to billions of values."""

Lines = dict[tuple[Any, ...], int]
"""The line of each value, counted from 1, by the keys and indices that lead to it."""

_TAG = "tag:yaml.org,2002:"
_SCALARS = frozenset({"str", "null", "bool", "int", "float", "timestamp", "merge", "value"})
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = {".inf": "inf", "+.inf": "inf", "-.inf": "-inf", ".nan": "nan"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as data.

    Args:
        data: dictionaries, lists, texts, numbers, booleans and None.
        lines: finds the line of each value. It takes time and only error messages need it, so it is a
            function.
    """

    data: Any
    lines: Callable[[], Lines]


def read(path: Path) -> Document:
    """Read a file.

    Raises:
        DocumentError: there is no such file, or it cannot be read as data.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not text in UTF-8; save it as UTF-8.") from error
    except FileNotFoundError as error:
        raise DocumentError(f"{path}: there is no such file.") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise DocumentError(
            f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})."
        ) from error
    return parse_json(text, str(path)) if path.suffix.lower() == ".json" else parse_yaml(text, str(path))


def parse_json(text: str, name: str) -> Document:
    """Read a JSON text; ``name`` is what messages call it.

    Raises:
        DocumentError: it is not JSON, or has a key twice.
    """
    try:
        data = json.loads(text, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{name}:{error.lineno}: is not JSON: {error.msg}.") from error
    except RecursionError as error:
        raise DocumentError(f"{name}: is nested too deeply.") from error
    except ValueError as error:
        raise DocumentError(f"{name}: {error}.") from error
    return Document(data, lambda: _lines_of_json(text))


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {shown(next(key for key in keys if keys.count(key) > 1))} is there twice")
    return mapping


def _lines_of_json(text: str) -> Lines:
    """The line of each value, found by reading the text as YAML; nearly all JSON is YAML."""
    try:
        return parse_yaml(text, "").lines()
    except DocumentError:
        return {}


def parse_yaml(text: str, name: str) -> Document:
    """Read a YAML text; ``name`` is what messages call it.

    Raises:
        DocumentError: it is not YAML, or more than data.
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
        if root is None:
            raise DocumentError(f"{name}: is empty.")
        builder = _Builder(name)
        data = builder.build(root, (), ())
    except RecursionError as error:
        raise DocumentError(f"{name}: is nested too deeply.") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}" if mark else name
        if error.context == "expected a single document in the stream":
            raise DocumentError(f"{place}: a second document starts here; keep one in each file.") from error
        raise DocumentError(f"{place}: is not YAML: {error.problem or error.context}.") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(
            f"{name}:{line}: is not YAML: it has the control character {error.character!r}."
        ) from error
    except YAMLError as error:
        raise DocumentError(f"{name}: is not YAML: {' '.join(str(error).split())}.") from error
    return Document(data, lambda: builder.lines)


class _Builder:
    """Turns YAML's nodes into data, and remembers their lines."""

    def __init__(self, name: str) -> None:
        self.lines: Lines = {}
        self._name = name
        self._count = 0

    def build(self, node: Node, path: tuple[Any, ...] | None, ancestors: tuple[int, ...]) -> Any:
        """The value of a node.

        Args:
            node: the node.
            path: the keys and indices that lead to it; None for a key, which has no path of its own.
            ancestors: the ``id()`` of each node that contains it.

        Raises:
            DocumentError: the node is more than data, or there are too many values.
        """
        self._count += 1
        if self._count > MAX_VALUES:
            raise self._error(node, f"the document expands to more than {MAX_VALUES} values")
        if id(node) in ancestors:
            raise self._error(node, "a value contains itself")
        if path == ():
            self.lines[()] = node.start_mark.line + 1
        lineage = (*ancestors, id(node))
        tag = str(node.tag).removeprefix(_TAG)
        if isinstance(node, MappingNode) and tag == "map":
            return self._mapping(node, path, lineage)
        if isinstance(node, SequenceNode) and tag == "seq":
            return [self._item(item, path, index, item, lineage) for index, item in enumerate(node.value)]
        if isinstance(node, ScalarNode) and tag in _SCALARS:
            return self._scalar(node, tag)
        raise self._error(
            node, f"the tag {str(node.tag).replace(_TAG, '!!')} asks for more than data; leave it out"
        )

    def _item(
        self, node: Node, path: tuple[Any, ...] | None, step: Any, begin: Node, lineage: tuple[int, ...]
    ) -> Any:
        """The value of a node in a container; its line is that of the node ``begin``, its key or itself."""
        if path is None:
            return self.build(node, None, lineage)
        self.lines[*path, step] = begin.start_mark.line + 1
        return self.build(node, (*path, step), lineage)

    def _mapping(
        self, node: MappingNode, path: tuple[Any, ...] | None, lineage: tuple[int, ...]
    ) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if str(key_node.tag) == f"{_TAG}merge":
                raise self._error(
                    key_node, "merging mappings with << is not part of YAML 1.2; write the keys out"
                )
            key = _hashable(self.build(key_node, None, lineage))
            try:
                is_duplicate = key in mapping
            except TypeError as error:
                raise self._error(key_node, "a mapping cannot be, or be in, a key") from error
            if is_duplicate:
                raise self._error(key_node, f"the key {shown(key)} is there twice")
            mapping[key] = self._item(value_node, path, key, key_node, lineage)
        return mapping

    def _scalar(self, node: ScalarNode, kind: str) -> Any:
        text: str = node.value
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):  # "no" and "off" are not booleans
            return text.lower() == "true"
        if kind == "float" and text.lower() in _NOT_FINITE:
            return float(_NOT_FINITE[text.lower()])
        try:
            if kind == "int" and _INT.fullmatch(text):
                return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
        except ValueError as error:
            raise self._error(node, "the number has too many digits") from error
        return float(text) if kind == "float" and _FLOAT.fullmatch(text) else text

    def _error(self, node: Node, why: str) -> DocumentError:
        return DocumentError(f"{self._name}:{node.start_mark.line + 1}: {why}.")


def _hashable(key: Any) -> Any:
    """A key that is a sequence, as a tuple: Python has no lists as keys."""
    return tuple(map(_hashable, key)) if isinstance(key, list) else key
