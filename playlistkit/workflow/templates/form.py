"""A template as a form to fill in, with what is wrong and odd beside each field.

The form comes from the same declaration of keys as the reader, so a new key has its field by itself. `template_edit`
brings changed fields back into the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from playlistkit.model import Template
from playlistkit.template import oddities
from playlistkit.template.keys import PHASE, RULES, TEMPLATE, VARIANT
from playlistkit.template.mapping_shapes import ListOf, Record, ShortForm
from playlistkit.template.number_shapes import Limits, Number, Pair
from playlistkit.template.phase_shapes import Curve, MinutesByPhase, PhaseMinutes, Voice
from playlistkit.template.reading import read
from playlistkit.template.shapes import Key, Shape
from playlistkit.template.text_shapes import Flag, Text, Word
from playlistkit.template.yaml_nodes import from_text
from playlistkit.workflow.templates.tree import get, is_plain, list_of, loaded, pairs_of

__all__ = [
    "HEAD",
    "Box",
    "Fields",
    "Form",
    "Row",
    "Section",
    "form_of",
    "node_of",
    "record_of",
    "sections_of",
]

ELSEWHERE = ("phases", "variants", "rules", "id")
"""Keys of a template that are sections of their own, or that a form has no use for."""

HEAD = Record(TEMPLATE.of, tuple(key for key in TEMPLATE.keys if key.name not in ELSEWHERE))
"""The keys of the template itself."""

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
    sections = sections_of(tree)
    places = [
        (line, number, key)
        for number, section in enumerate(sections)
        for key, line in _lines(node_of(tree, section))
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


def sections_of(tree: Any) -> list[Section]:
    """The parts of the form that a tree has: the template, its phases, rules and variants."""
    phases = list_of(tree.get("phases"))
    names = [str(get(phase, "name") or f"phase {number}") for number, phase in enumerate(phases, 1)]
    sections = [Section("template", 0, "The protocol", _rows(HEAD, "template", tree, names))]
    for number, phase in enumerate(phases):
        sections.append(
            Section("phase", number, names[number], _rows(PHASE, f"phases.{number}", phase, names))
        )
    sections.append(Section("rules", 0, "Rules", _rows(RULES, "rules", tree.get("rules"), names)))
    for number, (name, variant) in enumerate(pairs_of(tree.get("variants"))):
        title = Row(f"variants.{number}", "name", "what the variant is called", (
            Box(f"variants.{number}.name", "", "line", str(name)),
        ), given=True)  # fmt: skip
        rows = _rows(VARIANT, f"variants.{number}", variant, names)
        sections.append(Section("variant", number, str(name), (title, *rows)))
    return sections


def _rows(record: Record, name: str, node: Any, phases: Sequence[str]) -> tuple[Row, ...]:
    evidence = get(node, "evidence")
    usual = record.defaults()
    return tuple(
        _row(key, f"{name}.{key.name}", get(node, key.name), get(evidence, key.name), usual, phases)
        for key in record.keys
        if key.name != "evidence"
    )


def _row(key: Key, name: str, value: Any, tags: Any, usual: Any, phases: Sequence[str]) -> Row:
    inner = record_of(key.shape)
    rows: tuple[Row, ...] = ()
    boxes: tuple[Box, ...] = ()
    if inner is not None:
        if isinstance(key.shape, ShortForm) and is_plain(value) and value is not None:
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


def record_of(shape: Shape) -> Record | None:
    """The mapping of keys that a shape is, if it is one."""
    if isinstance(shape, Record):
        return shape
    return shape.of if isinstance(shape, ShortForm) else None


def _boxes(shape: Shape, name: str, value: Any, phases: Sequence[str]) -> tuple[Box, ...]:
    """The boxes of a value; one of another shape is shown as it stands."""
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
        given_list = [*list_of(value), None, None]
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
        return (Box(name, "", "text", "\n".join(_shown(each) for each in list_of(value))),)
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
    if is_plain(value):
        return "" if value is None else f"0 {_shown(value)}, 1 {_shown(value)}"
    items = list_of(value)
    if len(items) == 2 and all(is_plain(each) for each in items):
        items = [[0, items[0]], [1, items[1]]]
    return ", ".join(" ".join(_shown(each) for each in list_of(item)) for item in items)


def node_of(tree: Any, section: Section) -> Any:
    """The part of the tree that a section shows."""
    if section.kind == "phase":
        return list_of(tree.get("phases"))[section.number]
    if section.kind == "variant":
        return pairs_of(tree.get("variants"))[section.number][1]
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
    keys = {row.key for row in section.rows}
    loose = [
        sentence
        for (of, key), sentences in told.items()
        if of == number and key not in keys
        for sentence in sentences
    ]
    rows = tuple(replace(row, told=tuple(told.get((number, row.key), ()))) for row in section.rows)
    return replace(section, rows=rows, told=tuple(loose))
