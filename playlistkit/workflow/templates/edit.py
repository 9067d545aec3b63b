"""Changed fields of a template's form, back into its text.

What is not changed stays in the text to the letter, comments included; a number that is changed is no longer what its
source says, so its evidence becomes `judgement`.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any

from playlistkit.model import PHASES
from playlistkit.template.keys import PHASE, RULES, VARIANT
from playlistkit.template.mapping_shapes import ListOf, Record, ShortForm
from playlistkit.template.number_shapes import Limits, Number, Pair
from playlistkit.template.phase_shapes import Curve, MinutesByPhase, PhaseMinutes, Voice
from playlistkit.template.shapes import Shape
from playlistkit.template.text_shapes import Flag
from playlistkit.workflow.templates.form import HEAD, Fields, Section, node_of, record_of, sections_of
from playlistkit.workflow.templates.tree import dumped, flow, get, list_of, loaded, pairs_of

__all__ = ["JUDGEMENT", "edited"]

JUDGEMENT = "judgement"


def edited(text: str, fields: Fields, origin: str) -> str:
    """The text with what the fields say; fields that are left out, or as they were, change nothing.

    Parameters
    ----------
    text : str
        The template's text that the form was made of.
    fields : mapping
        By the names of the form's boxes.
    origin : str
        The file's name, for messages.
    """
    tree = loaded(text, origin)
    sections = sections_of(tree)
    before = {box.name: box.value for section in sections for row in section.rows for box in row.every_box}
    now = {name: _one_text(fields[name]) if name in fields else value for name, value in before.items()}
    if now == before:
        return text
    names = [section.title for section in sections if section.kind == "phase"]
    records = {"template": HEAD, "phase": PHASE, "rules": RULES, "variant": VARIANT}
    for section in sections:
        node = node_of(tree, section)
        if not isinstance(node, MutableMapping):
            node = _put_section(tree, section)
        prefix = {"phase": f"phases.{section.number}", "variant": f"variants.{section.number}"}
        _fill(records[section.kind], prefix.get(section.kind, section.kind), node, before, now, names)
        if section.kind == "rules" and not node:
            del tree["rules"]
    _rename_phases(tree, before, now)
    _rename_variants(tree, before, now)
    return dumped(tree)


def _one_text(value: str) -> str:
    return value.replace("\r\n", "\n").strip()


def _put_section(tree: Any, section: Section) -> Any:
    from ruamel.yaml.comments import CommentedMap

    made = CommentedMap()
    if section.kind == "phase":
        tree["phases"][section.number] = made
    elif section.kind == "variant":
        tree["variants"][section.title] = made
    else:
        tree["rules"] = made
    return made


def _fill(record: Record, prefix: str, node: Any, before: Fields, now: Fields, phases: Sequence[str]) -> bool:
    """Bring changed fields into a mapping; tells whether any was changed."""
    from ruamel.yaml.comments import CommentedMap

    any_changed = False
    for key in record.keys:
        name = f"{prefix}.{key.name}"
        ours = [each for each in before if each == name or each.startswith(f"{name}.")]
        if key.name == "evidence" or all(before[each] == now[each] for each in ours):
            continue
        any_changed = True
        inner = record_of(key.shape)
        if inner is not None:
            value = node.get(key.name)
            if not isinstance(value, MutableMapping):
                filled = CommentedMap()
                if value is not None and isinstance(key.shape, ShortForm):
                    filled.update(dict.fromkeys(key.shape.keys, value))
                _put(node, record, key.name, filled)
            _fill(inner, name, node[key.name], before, now, phases)
            if not node[key.name]:
                del node[key.name]
        else:
            value = _value(key.shape, name, now, phases)
            if value is None:
                node.pop(key.name, None)
            else:
                _put(node, record, key.name, value)
        if key.sourced and any(each.name == "evidence" for each in record.keys):
            _own_word(node, key.name)
    return any_changed


def _put(node: Any, record: Record, key: str, value: Any) -> None:
    """Set a key; a new one goes where the declaration has it, so that the text reads like the shipped ones."""
    if key in node or not hasattr(node, "insert"):
        node[key] = value
        return
    order = list(record.names)
    later = set(order[order.index(key) + 1 :]) if key in order else set()
    place = next((number for number, each in enumerate(node) if each in later), len(node))
    node.insert(place, key, value)


def _own_word(node: Any, key: str) -> None:
    """Mark a changed value as the therapist's own; one that was removed has no source."""
    from ruamel.yaml.comments import CommentedMap

    evidence = node.get("evidence")
    if key not in node:
        if isinstance(evidence, MutableMapping):
            evidence.pop(key, None)
        return
    if not isinstance(evidence, MutableMapping):
        node["evidence"] = evidence = CommentedMap()
    evidence[key] = JUDGEMENT


def _value(shape: Shape, name: str, now: Fields, phases: Sequence[str]) -> Any:
    """What the boxes of a key say, as YAML has it; `None` where all are empty."""
    if isinstance(shape, (PhaseMinutes, Limits, Voice)):
        sides: tuple[str, ...] = (
            ("default", "min", "max") if isinstance(shape, PhaseMinutes) else ("allow", "beyond", "share")
        )
        if isinstance(shape, Limits):
            sides = shape.sides
        given = {side: _read(now[f"{name}.{side}"]) for side in sides if now[f"{name}.{side}"]}
        if not isinstance(shape, Limits) and list(given) == [sides[0]]:
            return given[sides[0]]
        return flow(given) if given else None
    if isinstance(shape, Pair):
        both = [now[f"{name}.from"], now[f"{name}.to"]]
        return flow([_read(each) for each in both if each]) if any(both) else None
    if isinstance(shape, MinutesByPhase):
        given = {phase: _read(now[f"{name}.{number}"]) for number, phase in enumerate(phases)}
        given = {phase: minutes for phase, minutes in given.items() if minutes not in (None, 0)}
        return flow(given) if given else None
    text = now[name]
    if not text:
        return None
    if isinstance(shape, Curve):
        return _curve(shape, text)
    if isinstance(shape, Flag):
        return {"true": True, "false": False}.get(text, text)
    if isinstance(shape, Number):
        return _read(text)
    if isinstance(shape, ListOf):
        return flow([line.strip() for line in text.splitlines() if line.strip()])
    return text


def _read(text: str) -> Any:
    """A number where it is one, else the text: the check then tells what is wrong with it."""
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _curve(shape: Curve, text: str) -> Any:
    points = [[_read(each) for each in point.split()] for point in text.split(",") if point.strip()]
    plain = all(len(point) == 2 and not isinstance(point[1], str) for point in points)
    if plain and len(points) == 2 and [point[0] for point in points] == [0, 1]:
        written = shape.write(tuple((float(at), float(level)) for at, level in points))
        return written if not isinstance(written, list) else flow(written)
    return flow([flow(point) for point in points])


def _rename_phases(tree: Any, before: Fields, now: Fields) -> None:
    """Rename phases in the variants as well; each still stands for what it stood for."""
    for number, phase in enumerate(list_of(tree.get("phases"))):
        old, new = before[f"phases.{number}.name"], now[f"phases.{number}.name"]
        if old == new or not new:
            continue
        if old in PHASES and new not in PHASES and not now[f"phases.{number}.stands_for"]:
            phase.insert(list(phase).index("name") + 1, "stands_for", old)
        for _, variant in pairs_of(tree.get("variants")):
            minutes = get(variant, "minutes")
            if isinstance(minutes, MutableMapping) and old in minutes:
                _rename_key(minutes, old, new)


def _rename_variants(tree: Any, before: Fields, now: Fields) -> None:
    for number, (name, _) in enumerate(pairs_of(tree.get("variants"))):
        new = now[f"variants.{number}.name"]
        if new and new != before[f"variants.{number}.name"] and new not in tree["variants"]:
            _rename_key(tree["variants"], name, new)


def _rename_key(node: Any, old: Any, new: str) -> None:
    place = list(node).index(old)
    node.insert(place, new, node.pop(old))
