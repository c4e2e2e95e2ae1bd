"""Migrates experiments in YAML and JSON, and upstream's own files of settings.

A document is parsed only to find the places of its keys and values. The text is then edited at these places,
so that everything else keeps its bytes. JSON is parsed as YAML, of which it is a subset.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode

from codegen.migrate.nodes import Entry, data, end_of, entries_of, line_end, parsed, span
from codegen.migrate.plan import Decision, Plan
from codegen.migrate.result import Result
from codegen.model.values import PlainValue


@dataclass(slots=True)
class _Draft:
    """The changes to one file so far.

    Args:
        text: the old text.
        plan: the decisions.
        comments: whether the format has comments, as YAML does and JSON does not.
        edits: what to replace, as ``(start, end, new text)``, in characters of the old text.
        notes: what was changed.
        open: what a person has to decide.
    """

    text: str
    plan: Plan
    comments: bool
    edits: list[tuple[int, int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def applied(self) -> str:
        text = self.text
        for start, end, new in sorted(self.edits, reverse=True):
            text = f"{text[:start]}{new}{text[end:]}"
        return text


def migrate(path: Path, text: str, plan: Plan) -> Result:
    """Migrate one document. If it cannot be parsed, that is reported; if it sets no parameters, it stays."""
    is_json = path.suffix == ".json"
    try:
        root = parsed(text, is_json=is_json)
    except (YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        return Result(path, text, text, open=(f"1: it cannot be parsed and is left alone ({reason:.120})",))
    draft = _Draft(text, plan, comments=not is_json)
    if isinstance(root, MappingNode):
        entries = {entry.name: entry for entry in entries_of(root)}
        section = entries.get(plan.engine.section)
        if section is not None and isinstance(section.value, MappingNode):
            _mapping(draft, section.value, "", has_extra=True)
            _release(draft, entries.get(plan.engine.name))
        elif plan.engine.settings_mark in entries or path.name == plan.engine.settings_file:
            _mapping(draft, root, "", has_extra=False)
    after = draft.applied()
    try:
        parsed(after, is_json=is_json)
    except (YAMLError, ValueError):  # an unexpected layout: better no change than a broken file
        notes = (
            *draft.open,
            *draft.notes,
            "1: this cannot be written into the file as it is laid out; it is left alone",
        )
        return Result(path, text, text, open=notes)
    return Result(path, text, after, tuple(draft.notes), tuple(draft.open))


def _release(draft: _Draft, entry: Entry | None) -> None:
    """Update the release that the document says it was written for."""
    new = draft.plan.new.version
    if entry is None or not isinstance(entry.value, ScalarNode) or entry.is_alias or entry.value.value == new:
        return
    start, end = span(entry.value)
    draft.edits.append((start, end, json.dumps(new) if draft.text[start] in "\"'" else new))
    draft.notes.append(f"{entry.line}: {draft.plan.engine.name} is {new} now")


def _mapping(draft: _Draft, node: MappingNode, owner: str, *, has_extra: bool) -> None:
    """Migrate the settings in one mapping.

    Args:
        draft: the file.
        node: the mapping.
        owner: the parameter whose nested class it is, empty for the parameters themselves.
        has_extra: whether the mapping can have an ``extra``.
    """
    entries = list(entries_of(node))
    removed: list[tuple[Entry, Decision]] = []
    for entry in entries:
        if not owner and draft.plan.takes_nested(entry.name) and isinstance(entry.value, MappingNode):
            _mapping(draft, entry.value, entry.name, has_extra=False)
        decision = draft.plan.decide(owner, entry.name, data(entry.value))
        if entry.is_alias and decision.action in ("replace", "drop", "extra"):
            draft.open.append(f"{entry.line}: {decision.fact}; its value is an alias, so write it out first")
            continue
        if decision.action == "extra" and not has_extra:
            draft.open.append(f"{entry.line}: {decision.fact}; a model's own file has no extra, so it stays")
        elif decision.action in ("drop", "extra"):
            removed.append((entry, decision))
            draft.notes.append(f"{entry.line}: {decision.note}")
        else:
            _decided(draft, entry, decision)
    pins = draft.plan.missing_pins(owner, {entry.name for entry in entries}) if has_extra or owner else {}
    release = draft.plan.old.release
    for name in pins:
        path = f"{owner}.{name}" if owner else name
        draft.notes.append(f"{node.start_mark.line + 1}: {path} is pinned to its default in {release}")
    _reshape(draft, node, entries, removed, pins)


def _decided(draft: _Draft, entry: Entry, decision: Decision) -> None:
    """Do what was decided about an entry that stays: report it, or change its name or its value."""
    match decision.action:
        case "report":
            draft.open.append(f"{entry.line}: {decision.note}")
        case "rename":
            start, end = span(entry.key)
            quote = draft.text[start] if draft.text[start] in "\"'" else ""
            draft.edits.append((start, end, f"{quote}{decision.name}{quote}"))
            draft.notes.append(f"{entry.line}: {decision.note}")
        case "replace":
            draft.edits.append((*span(entry.value), _as_json(decision.value)))
            draft.notes.append(f"{entry.line}: {decision.note}")


def _reshape(
    draft: _Draft,
    node: MappingNode,
    entries: list[Entry],
    removed: list[tuple[Entry, Decision]],
    pins: dict[str, PlainValue],
) -> None:
    """Remove entries, and add ``extra`` and pinned defaults."""
    moved = [entry for entry, decision in removed if decision.action == "extra"]
    if not removed and not pins:
        return
    if node.flow_style:
        _reshape_flow(draft, node, removed, moved, pins)
    else:
        _reshape_block(draft, entries, removed, moved, pins)


def _reshape_flow(
    draft: _Draft,
    node: MappingNode,
    removed: list[tuple[Entry, Decision]],
    moved: list[Entry],
    pins: dict[str, PlainValue],
) -> None:
    """The same for a mapping in braces, as in JSON."""
    entries, removed_at = list(entries_of(node)), {entry.key.start_mark.index for entry, _ in removed}
    kept = [entry for entry in entries if entry.key.start_mark.index not in removed_at]
    for number, entry in enumerate(entries):
        if entry.key.start_mark.index not in removed_at:
            continue
        if number + 1 < len(entries):
            draft.edits.append((entry.key.start_mark.index, entries[number + 1].key.start_mark.index, ""))
        else:  # the last entry: everything from the end of the last one kept, with the comma between them
            start = kept[-1].value.end_mark.index if kept else entry.key.start_mark.index
            draft.edits = [edit for edit in draft.edits if edit[0] < start or edit[2] != ""]
            draft.edits.append((start, entry.value.end_mark.index, ""))
    inside = ", ".join(f"{_key(draft, entry.name)}: {_source(draft, entry)}" for entry in moved)
    added = [f"{_key(draft, name)}: {_as_json(value)}" for name, value in pins.items()]
    extra = next((entry for entry in kept if entry.name == "extra"), None)
    if moved and extra is not None and isinstance(extra.value, MappingNode):
        lead = ", " if extra.value.value else ""
        draft.edits.append((end_of(extra.value) - 1, end_of(extra.value) - 1, f"{lead}{inside}"))
    elif moved:
        added.append(f"{_key(draft, 'extra')}: {{{inside}}}")
    if added:
        close = node.start_mark.index + 1
        if entries:
            close = kept[-1].value.end_mark.index if kept else entries[0].key.start_mark.index
        lead = _separator(draft, node, entries) if entries else ", "
        text = lead.join(added)
        draft.edits.append((close, close, f"{lead}{text}" if kept else text))


def _separator(draft: _Draft, node: MappingNode, entries: list[Entry]) -> str:
    """The text between two entries: a comma, and a line break if each entry has its own line."""
    between = draft.text[node.start_mark.index + 1 : entries[0].key.start_mark.index]
    return f",{between}" if "\n" in between else ", "


def _reshape_block(
    draft: _Draft,
    entries: list[Entry],
    removed: list[tuple[Entry, Decision]],
    moved: list[Entry],
    pins: dict[str, PlainValue],
) -> None:
    """The same for a mapping with one entry per line; a comment takes the place of a removed entry."""
    indent = " " * int(entries[0].key.start_mark.column)
    for entry, decision in removed:
        start = entry.key.start_mark.index - entry.key.start_mark.column
        end = end_of(entry.value)
        remark = draft.text[end : line_end(draft.text, end)].strip()
        comment = f"{indent}# {decision.note}  {remark}".rstrip()
        draft.edits.append((start, line_end(draft.text, end), comment))
    lines = []
    for name, value in pins.items():
        path = f"its default in {draft.plan.old.release}"
        lines.append(f"{indent}{name}: {_as_json(value)}  # pinned to {path}")
    if moved:
        lines += _moved_to_extra(draft, entries, moved, indent)
    if len(removed) == len(entries) and not lines:
        lines = [f"{indent}{{}}"]  # a key with nothing but comments under it would be null
    if lines:
        _append(draft, line_end(draft.text, end_of(entries[-1].value)), lines)


def _moved_to_extra(draft: _Draft, entries: list[Entry], moved: list[Entry], indent: str) -> list[str]:
    """Put entries into an ``extra`` that is there; otherwise return the lines of a new one."""
    texts = [f"{entry.name}: {_source(draft, entry)}" for entry in moved]
    extra = next((entry for entry in entries if entry.name == "extra"), None)
    if extra is None or not isinstance(extra.value, MappingNode):
        return [f"{indent}extra:", *(f"{indent}  {text}" for text in texts)]
    if extra.value.flow_style:
        lead = ", " if extra.value.value else ""
        brace = end_of(extra.value) - 1
        draft.edits.append((brace, brace, f"{lead}{', '.join(texts)}"))
    else:
        own_indent = " " * int(extra.value.start_mark.column)
        at = line_end(draft.text, end_of(extra.value))
        draft.edits.append((at, at, "".join(f"\n{own_indent}{text}" for text in texts)))
    return []


def _append(draft: _Draft, at: int, lines: list[str]) -> None:
    """Add lines at the end of a line; if an edit replaces the text before that place, they follow it."""
    addition = "".join(f"\n{line}" for line in lines)
    last = next((n for n, edit in enumerate(draft.edits) if edit[1] == at and edit[0] < at), None)
    if last is None:
        draft.edits.append((at, at, addition))
    else:
        start, end, text = draft.edits[last]
        draft.edits[last] = (start, end, text + addition)


def _source(draft: _Draft, entry: Entry) -> str:
    """A value as it was written, or on one line if it had several lines."""
    start, end = span(entry.value)
    source = draft.text[start : end_of(entry.value)]
    if "\n" in source or (isinstance(entry.value, ScalarNode) and entry.value.style in ("|", ">")):
        return _as_json(data(entry.value))
    return draft.text[start:end] if source else "null"


def _key(draft: _Draft, name: str) -> str:
    return name if draft.comments else json.dumps(name)


def _as_json(value: PlainValue) -> str:
    """A value in the notation of JSON, which YAML understands, too."""
    return json.dumps(value)
