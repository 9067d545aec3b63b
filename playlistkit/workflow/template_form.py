"""A template as a form to fill in: its text to fields, and changed fields back into the text.

The form comes from the same declaration of keys as the reader, so a new key has its field by itself. What is not
changed stays in the text to the letter, comments included; a number that is changed is no longer what its source says,
so its evidence becomes `judgement`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from playlistkit.errors import TemplateError
from playlistkit.model import PHASES, Template
from playlistkit.template import oddities
from playlistkit.template.keys import PHASE, RULES, TEMPLATE, VARIANT
from playlistkit.template.phase_shapes import Curve, MinutesByPhase, PhaseMinutes, Voice
from playlistkit.template.reading import read
from playlistkit.template.shapes import (
    Flag,
    Key,
    Limits,
    ListOf,
    Number,
    Pair,
    Record,
    Shape,
    ShortForm,
    Text,
    Word,
)
from playlistkit.template.yaml_nodes import from_text

__all__ = ["JUDGEMENT", "Box", "Form", "Row", "Section", "dumped", "edited", "form_of", "loaded"]

JUDGEMENT = "judgement"
APART = ("phases", "variants", "rules", "id")
"""Keys of a template that are sections of their own, or that a form has no use for."""

Kind = Literal["number", "line", "text", "word", "curve"]
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """One value to fill in."""

    name: str
    """By which the form sends it: ``"phases.2.minutes.default"``."""
    label: str
    """Beside others of the same key: "min"; empty where it stands alone."""
    kind: Kind
    value: str
    words: tuple[str, ...] = ()
    """What a word may be."""
    hint: str = ""
    """What holds while it is empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """One key with its boxes, or with the rows of the keys within it."""

    name: str
    key: str
    says: str
    boxes: tuple[Box, ...] = ()
    rows: tuple[Row, ...] = ()
    evidence: tuple[str, ...] = ()
    """Where its value comes from, as the template says."""
    told: tuple[str, ...] = ()
    """What is wrong with it, or odd."""
    given: bool = False
    """Whether the text has it."""

    @property
    def every_box(self) -> Iterator[Box]:
        """Its boxes and those of the rows within."""
        yield from self.boxes
        for row in self.rows:
            yield from row.every_box


@dataclass(frozen=True, slots=True)
class Section:
    """The template's head, a phase, the rules, or a variant."""

    kind: Literal["template", "phase", "rules", "variant"]
    number: int
    """Of the phase or the variant, from 0."""
    title: str
    rows: tuple[Row, ...]
    told: tuple[str, ...] = ()
    """What is wrong or odd, and belongs to no single key."""

    @property
    def faults(self) -> int:
        """How much is told in it."""
        return len(self.told) + sum(len(told) for told in map(_all_told, self.rows))


@dataclass(frozen=True, slots=True)
class Form:
    """A template's text as a form."""

    text: str
    sections: tuple[Section, ...]
    template: Template | None
    """`None` while it has faults."""
    faults: tuple[str, ...]
    """What is wrong, a sentence each."""
    odd: tuple[str, ...]
    """What is legal and probably not meant."""

    @property
    def fields(self) -> dict[str, str]:
        """The value of every box by its name."""
        return {
            box.name: box.value for section in self.sections for row in section.rows for box in row.every_box
        }


def _all_told(row: Row) -> tuple[str, ...]:
    return (*row.told, *(each for inner in row.rows for each in _all_told(inner)))


# --- text and tree --------------------------------------------------------------------------------------------


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def loaded(text: str, origin: str) -> Any:
    """The text as a tree that keeps its comments.

    Raises
    ------
    TemplateError
        If it is no YAML, or more than a template's.
    """
    from ruamel.yaml.error import YAMLError

    from_text(text, origin)  # bounds it, and words what is wrong with it
    try:
        tree = _yaml().load(text)
    except (YAMLError, ValueError) as error:
        raise TemplateError(f"{origin}: not readable as YAML; mend the text first") from error
    if not isinstance(tree, MutableMapping):
        raise TemplateError(f"{origin}: is not a template, which has keys such as name and phases")
    return tree


def dumped(tree: Any) -> str:
    """The text of a tree."""
    stream = io.StringIO()
    _yaml().dump(tree, stream)
    return stream.getvalue()


# --- the form of a text ---------------------------------------------------------------------------------------


def form_of(text: str, origin: str) -> Form:
    """A template's text as a form, with what is wrong and odd beside each field.

    Parameters
    ----------
    text : str
    origin : str
        The file's name, for messages.

    Raises
    ------
    TemplateError
        If it is no YAML: there is nothing to fill in then.
    """
    tree = loaded(text, origin)
    template, found = read(from_text(text, origin), origin)
    notes = [(fault.line, fault.text) for fault in found]
    sections = _sections(tree)
    places = [
        (line, number, key)
        for number, section in enumerate(sections)
        for key, line in _lines(_node_of(tree, section))
    ]
    told: dict[tuple[int, str], list[str]] = {}
    for line, sentence in notes:
        told.setdefault(_nearest(places, line, sentence), []).append(sentence)
    odd = oddities(template) if template is not None else []
    for finding in odd:
        number = next(
            (
                number
                for number, section in enumerate(sections)
                if (section.kind, section.title) == (finding.where.kind, finding.where.name)
                or section.kind == finding.where.kind == "rules"
            ),
            0,
        )
        keys = {row.key for row in sections[number].rows}
        key = {"boundary": "boundary_tolerance", "tail": "tail_minutes"}.get(finding.kind, finding.kind)
        told.setdefault((number, key if key in keys else ""), []).append(finding.text)
    return Form(
        text,
        tuple(_with_told(section, number, told) for number, section in enumerate(sections)),
        template,
        tuple(sentence for _, sentence in notes),
        tuple(f"{finding.where}: {finding.text}" for finding in odd),
    )


def _sections(tree: Any) -> list[Section]:
    phases = _list_of(tree.get("phases"))
    names = [str(_get(phase, "name") or f"phase {number}") for number, phase in enumerate(phases, 1)]
    head = Record(TEMPLATE.of, tuple(key for key in TEMPLATE.keys if key.name not in APART))
    sections = [Section("template", 0, "The protocol", _rows(head, "template", tree, names))]
    for number, phase in enumerate(phases):
        sections.append(
            Section("phase", number, names[number], _rows(PHASE, f"phases.{number}", phase, names))
        )
    sections.append(Section("rules", 0, "Rules", _rows(RULES, "rules", tree.get("rules"), names)))
    for number, (name, variant) in enumerate(_pairs_of(tree.get("variants"))):
        title = Row(f"variants.{number}", "name", "what the variant is called", (
            Box(f"variants.{number}.name", "", "line", str(name)),
        ), given=True)  # fmt: skip
        rows = _rows(VARIANT, f"variants.{number}", variant, names)
        sections.append(Section("variant", number, str(name), (title, *rows)))
    return sections


def _rows(record: Record, name: str, node: Any, phases: Sequence[str]) -> tuple[Row, ...]:
    evidence = _get(node, "evidence")
    usual = record.defaults()
    return tuple(
        _row(key, f"{name}.{key.name}", _get(node, key.name), _get(evidence, key.name), usual, phases)
        for key in record.keys
        if key.name != "evidence"
    )


def _row(key: Key, name: str, value: Any, tags: Any, usual: Any, phases: Sequence[str]) -> Row:
    inner = _record_of(key.shape)
    rows: tuple[Row, ...] = ()
    boxes: tuple[Box, ...] = ()
    if inner is not None:
        if isinstance(key.shape, ShortForm) and _is_plain(value) and value is not None:
            value = dict.fromkeys(key.shape.keys, value)
        rows = _rows(inner, name, value, phases)
    else:
        boxes = _boxes(key.shape, name, value, phases)
        if len(boxes) == 1 and boxes[0].kind in ("number", "word"):
            hint = key.left_out or _usual(getattr(usual, key.fills, None))
            boxes = (Box(name, "", boxes[0].kind, boxes[0].value, boxes[0].words, hint),)
    sources = tuple(
        str(tag) for tag in (tags if isinstance(tags, Sequence) and not isinstance(tags, str) else [tags])
    )
    return Row(
        name, key.name, key.says, boxes, rows, () if tags is None else sources, given=value is not None
    )  # fmt: skip


def _usual(value: object) -> str:
    if value is None or isinstance(value, bool):
        return ""
    return f"{value:g}" if isinstance(value, (int, float)) else value if isinstance(value, str) else ""


def _record_of(shape: Shape) -> Record | None:
    """The mapping of keys that a shape is, if it is one."""
    if isinstance(shape, Record):
        return shape
    return shape.of if isinstance(shape, ShortForm) else None


def _boxes(shape: Shape, name: str, value: Any, phases: Sequence[str]) -> tuple[Box, ...]:
    """The boxes of a value; one that has not its shape is shown as it stands."""
    if isinstance(shape, PhaseMinutes):
        given = value if isinstance(value, Mapping) else {"default": value}
        default = given.get("default")
        hints = ("", _times(default, 0.5), _times(default, 1.5))
        return tuple(
            Box(f"{name}.{side}", side, "number", _shown(given.get(side)), hint=hint)
            for side, hint in zip(("default", "min", "max"), hints, strict=True)
        )
    if isinstance(shape, Limits):
        given = value if isinstance(value, Mapping) else {shape.sides[-1]: value}
        return tuple(
            Box(f"{name}.{side}", side, "number", _shown(given.get(side)), hint="no bound")
            for side in shape.sides
        )
    if isinstance(shape, Pair):
        given_list = [*_list_of(value), None, None]
        return tuple(
            Box(f"{name}.{side}", side, "number", _shown(given_list[number]))
            for number, side in enumerate(("from", "to"))
        )
    if isinstance(shape, Voice):
        given = value if isinstance(value, Mapping) else {"allow": value}
        words = tuple(shape.words)
        return (
            Box(f"{name}.allow", "allow", "word", _shown(given.get("allow")), words),
            Box(f"{name}.beyond", "beyond", "word", _shown(given.get("beyond")), words),
            Box(f"{name}.share", "for up to this share of the minutes", "number", _shown(given.get("share"))),
        )
    if isinstance(shape, MinutesByPhase):
        given = value if isinstance(value, Mapping) else {}
        return tuple(
            Box(f"{name}.{number}", phase, "number", _shown(given.get(phase)), hint="0")
            for number, phase in enumerate(phases)
        )
    if isinstance(shape, Curve):
        return (Box(name, "", "curve", _curve_text(value)),)
    if isinstance(shape, Word):
        return (Box(name, "", "word", _shown(value), shape.words),)
    if isinstance(shape, Flag):
        return (Box(name, "", "word", _shown(value), ("true", "false")),)
    if isinstance(shape, ListOf):
        return (Box(name, "", "text", "\n".join(_shown(each) for each in _list_of(value))),)
    if isinstance(shape, Number):
        return (Box(name, "", "number", _shown(value)),)
    if isinstance(shape, Text):
        kind: Kind = "text" if type(shape) is Text else "line"
        return (Box(name, "", kind, _shown(value)),)
    raise TypeError(f"no field is known for {type(shape).__name__}")


def _times(default: Any, by: float) -> str:
    return f"{float(default) * by:g}" if isinstance(default, (int, float)) else ""


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{float(value):g}"
    return str(value).strip()


def _curve_text(value: Any) -> str:
    """Points as "0 0.12, 1 0.15": the part of the phase, the energy."""
    if _is_plain(value):
        return "" if value is None else f"0 {_shown(value)}, 1 {_shown(value)}"
    items = _list_of(value)
    if len(items) == 2 and all(_is_plain(each) for each in items):
        items = [[0, items[0]], [1, items[1]]]
    return ", ".join(" ".join(_shown(each) for each in _list_of(item)) for item in items)


# --- what is told, to its field -------------------------------------------------------------------------------


def _node_of(tree: Any, section: Section) -> Any:
    if section.kind == "phase":
        return _list_of(tree.get("phases"))[section.number]
    if section.kind == "variant":
        return _pairs_of(tree.get("variants"))[section.number][1]
    return tree.get("rules") if section.kind == "rules" else tree


def _lines(node: Any) -> Iterator[tuple[str, int]]:
    """The keys of a mapping with the lines they stand in, from 1."""
    places = getattr(getattr(node, "lc", None), "data", None) or {}
    for key in node if isinstance(node, Mapping) else ():
        if key in places:
            yield str(key), places[key][0] + 1


def _nearest(places: Sequence[tuple[int, int, str]], line: int | None, sentence: str) -> tuple[int, str]:
    """The section and key that a sentence about a line belongs to."""
    before = [place for place in places if line is not None and place[0] <= line]
    if not before:
        return 0, ""
    last = max(place[0] for place in before)
    here = [place for place in before if place[0] == last]
    said = re.sub(r"^(phase|variant) '.*?': |^rules: ", "", sentence)
    named = [place for place in here if said.startswith(place[2])]
    _, number, key = (named or here[-1:])[0]
    return number, key


def _with_told(section: Section, number: int, told: Mapping[tuple[int, str], list[str]]) -> Section:
    from dataclasses import replace

    keys = {row.key for row in section.rows}
    loose = [
        sentence
        for (of, key), sentences in told.items()
        if of == number and key not in keys
        for sentence in sentences
    ]
    rows = tuple(replace(row, told=tuple(told.get((number, row.key), ()))) for row in section.rows)
    return replace(section, rows=rows, told=tuple(loose))


# --- fields back into the text --------------------------------------------------------------------------------


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
    sections = _sections(tree)
    before = {box.name: box.value for section in sections for row in section.rows for box in row.every_box}
    now = {name: _one_text(fields[name]) if name in fields else value for name, value in before.items()}
    if now == before:
        return text
    names = [section.title for section in sections if section.kind == "phase"]
    head = Record(TEMPLATE.of, tuple(key for key in TEMPLATE.keys if key.name not in APART))
    records = {"template": head, "phase": PHASE, "rules": RULES, "variant": VARIANT}
    for section in sections:
        node = _node_of(tree, section)
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
    """Bring changed fields into a mapping; whether any was changed."""
    from ruamel.yaml.comments import CommentedMap

    any_changed = False
    for key in record.keys:
        name = f"{prefix}.{key.name}"
        ours = [each for each in before if each == name or each.startswith(f"{name}.")]
        if key.name == "evidence" or all(before[each] == now[each] for each in ours):
            continue
        any_changed = True
        inner = _record_of(key.shape)
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
    """Set a key; a new one comes where the declaration has it, so that the text reads as those that are shipped."""
    if key in node or not hasattr(node, "insert"):
        node[key] = value
        return
    order = list(record.names)
    later = set(order[order.index(key) + 1 :]) if key in order else set()
    place = next((number for number, each in enumerate(node) if each in later), len(node))
    node.insert(place, key, value)


def _own_word(node: Any, key: str) -> None:
    """A changed value is the therapist's own; one that was taken out has no source."""
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
        return _flow(given) if given else None
    if isinstance(shape, Pair):
        both = [now[f"{name}.from"], now[f"{name}.to"]]
        return _flow([_read(each) for each in both if each]) if any(both) else None
    if isinstance(shape, MinutesByPhase):
        given = {phase: _read(now[f"{name}.{number}"]) for number, phase in enumerate(phases)}
        given = {phase: minutes for phase, minutes in given.items() if minutes not in (None, 0)}
        return _flow(given) if given else None
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
        return _flow([line.strip() for line in text.splitlines() if line.strip()])
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
        return written if not isinstance(written, list) else _flow(written)
    return _flow([_flow(point) for point in points])


def _flow(value: Any) -> Any:
    """A list or mapping written on one line."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    made = CommentedMap(value) if isinstance(value, Mapping) else CommentedSeq(value)
    made.fa.set_flow_style()
    return made


def _rename_phases(tree: Any, before: Fields, now: Fields) -> None:
    """A phase that got another name is still the one that variants mean, and stands for what it stood for."""
    for number, phase in enumerate(_list_of(tree.get("phases"))):
        old, new = before[f"phases.{number}.name"], now[f"phases.{number}.name"]
        if old == new or not new:
            continue
        if old in PHASES and new not in PHASES and not now[f"phases.{number}.stands_for"]:
            phase.insert(list(phase).index("name") + 1, "stands_for", old)
        for _, variant in _pairs_of(tree.get("variants")):
            minutes = _get(variant, "minutes")
            if isinstance(minutes, MutableMapping) and old in minutes:
                _rename_key(minutes, old, new)


def _rename_variants(tree: Any, before: Fields, now: Fields) -> None:
    for number, (name, _) in enumerate(_pairs_of(tree.get("variants"))):
        new = now[f"variants.{number}.name"]
        if new and new != before[f"variants.{number}.name"] and new not in tree["variants"]:
            _rename_key(tree["variants"], name, new)


def _rename_key(node: Any, old: Any, new: str) -> None:
    place = list(node).index(old)
    node.insert(place, new, node.pop(old))


# --- parts of a tree that may be anything ---------------------------------------------------------------------


def _is_plain(value: Any) -> bool:
    return not isinstance(value, Mapping) and (isinstance(value, str) or not isinstance(value, Sequence))


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, Mapping) else None


def _list_of(node: Any) -> list[Any]:
    return list(node) if isinstance(node, Sequence) and not isinstance(node, str) else []


def _pairs_of(node: Any) -> list[tuple[Any, Any]]:
    return list(node.items()) if isinstance(node, Mapping) else []
