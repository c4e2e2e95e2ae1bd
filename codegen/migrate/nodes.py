"""A YAML or JSON document as a tree of nodes, with the places of keys and values in the text."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from codegen.model.values import PlainValue


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A key of a mapping and its value."""

    key: ScalarNode
    value: Node

    @property
    def name(self) -> str:
        """The key as a text."""
        return str(self.key.value)

    @property
    def is_alias(self) -> bool:
        """Whether the value is an alias of one that is written earlier in the document."""
        return bool(self.value.start_mark.index < self.key.start_mark.index)

    @property
    def line(self) -> int:
        """The line of the key, from 1 on."""
        return int(self.key.start_mark.line) + 1


def parsed(text: str, *, is_json: bool) -> Node | None:
    """The tree of a document, None if it is empty.

    Raises:
        YAMLError: it is not YAML.
        ValueError: it is not JSON.
    """
    if is_json:
        json.loads(text)
    root: Node | None = YAML(typ="safe", pure=True).compose(text.replace("\t", " ") if is_json else text)
    return root


def entries_of(node: MappingNode) -> Iterator[Entry]:
    """The entries of a mapping that have a plain key."""
    for key, value in node.value:
        if isinstance(key, ScalarNode):
            yield Entry(key, value)


def span(node: Node) -> tuple[int, int]:
    """Where a node begins and ends in the text."""
    return int(node.start_mark.index), int(node.end_mark.index)


def end_of(node: Node) -> int:
    """Where a value ends in the text.

    A block ends with the last value in it. Its own end mark is later, after blank lines and comments.
    """
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return end_of(node.value[-1][1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return end_of(node.value[-1])
    return int(node.end_mark.index)


def line_end(text: str, at: int) -> int:
    """The end of the line that a position is in."""
    if at and text[at - 1] == "\n":  # the mark at the end of a block text is on the next line
        return at - 1
    end = text.find("\n", at)
    return len(text) if end < 0 else end


_INT = re.compile(r"[-+]?\d+")
_FLOAT = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")


def data(node: Node) -> PlainValue:
    """The value of a node, read as YAML 1.2, as the library does."""
    if isinstance(node, MappingNode):
        return {str(key.value): data(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return tuple(map(data, node.value))
    text = str(node.value)
    if isinstance(node, ScalarNode) and node.style in ("'", '"', "|", ">"):
        return text
    if text.lower() in ("null", "~", ""):
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
