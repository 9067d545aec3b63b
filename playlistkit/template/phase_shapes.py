"""The shapes that only a template has: minutes, the curve of energy, voice, phases and variants."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from playlistkit.model import PHASES, Minutes, VocalsRule
from playlistkit.template.faults import Faults, clipped, listed, near, shown
from playlistkit.template.mapping_shapes import Record
from playlistkit.template.number_shapes import Number, Pair
from playlistkit.template.shapes import Schema, Shape, mapping, number_of
from playlistkit.template.text_shapes import Name, Word
from playlistkit.template.yaml_nodes import Items, Node, Pairs, Scalar, entry

__all__ = [
    "Curve", "MinutesByPhase", "PhaseMinutes", "PhaseRecord", "Phases", "Variants", "Voice", "named", "unknown_phases",
]  # fmt: skip

MOST_POINTS = 100  # of an energy curve


@dataclass(frozen=True, slots=True)
class PhaseMinutes(Shape):
    """A number of minutes, or the default with the least and most that may be asked for."""

    default: ClassVar[Number] = Number(0, 1440, "minutes", above=True)
    least: ClassVar[Number] = Number(0, 1440, "minutes")
    most: ClassVar[Number] = Number(0, 2160, "minutes", above=True)

    @property
    def _keys(self) -> dict[str, Number]:
        return {"default": self.default, "min": self.least, "max": self.most}

    def read(self, faults: Faults, node: Node, where: str, key: str) -> Minutes | None:
        if not isinstance(node, Pairs):
            default = self.default.read(faults, node, where, key)
            return None if default is None else Minutes(default, default / 2, default * 1.5)
        found = faults.pairs(node, where, key, tuple(self._keys), needed=("default",))
        values = {
            name: self._keys[name].read(faults, value, where, f"{key}: {name}")
            for name, value in found.items()
        }
        default = values.get("default")
        if default is None:
            return None
        least, most = values.get("min", default / 2), values.get("max", default * 1.5)
        if least is None or most is None:
            return None
        if least > most:
            faults.add(node, where, f"{key}: min {least:g} is above max {most:g}; swap them", between=True)
        elif not least <= default <= most:
            told = f"{key}: default {default:g} is not within {least:g} to {most:g}"
            faults.add(node, where, told, between=True)
        return Minutes(default, least, most)

    def schema(self) -> Schema:
        keys = mapping({name: bounds.schema() for name, bounds in self._keys.items()})
        return {"anyOf": [self.default.schema(), {**keys, "required": ["default"]}]}

    def write(self, value: Any) -> object:
        if (value.least, value.most) == (value.default / 2, value.default * 1.5):
            return number_of(value.default)
        sides = {"default": value.default, "min": value.least, "max": value.most}
        return {side: number_of(minutes) for side, minutes in sides.items()}

    def form(self) -> str:
        return "a number, or `{default, min, max}`; at most a day"


@dataclass(frozen=True, slots=True)
class Curve(Shape):
    """A level, a straight line, or points (fraction of the phase, level)."""

    of: Number

    def read(
        self, faults: Faults, node: Node, where: str, key: str
    ) -> tuple[tuple[float, float], ...] | None:
        forms = f"[from, to] or [[fraction, {key}], ...]"
        if isinstance(node, Scalar):
            level = self.of.read(faults, node, where, key)
            return None if level is None else ((0.0, level), (1.0, level))
        if not isinstance(node, Items):
            faults.add(node, where, f"{key} is a mapping; give a number, {forms}")
            return None
        if all(isinstance(item, Items) for item in node.items) and len(node.items) > 1:
            return self._points(faults, node, where, key)
        ends = Pair(self.of, forms).read(faults, node, where, key)
        return None if ends is None else ((0.0, ends[0]), (1.0, ends[1]))

    def _points(
        self, faults: Faults, node: Items, where: str, key: str
    ) -> tuple[tuple[float, float], ...] | None:
        if len(node.items) > MOST_POINTS:
            told = f"{key} has {len(node.items)} points; {MOST_POINTS} are enough for any curve"
            faults.add(node, where, told)
            return None
        point = Pair(self.of, f"[fraction, {key}]")
        pairs = [point.read(faults, item, where, key) for item in node.items]
        points = [pair for pair in pairs if pair is not None]
        if len(points) < len(pairs):
            return None
        fractions = [fraction for fraction, _ in points]
        if fractions[0] != 0 or fractions[-1] != 1:
            told = f"{key}: the first point must be at fraction 0 and the last at 1"
            faults.add(node, where, told, between=True)
        elif any(later <= earlier for earlier, later in pairwise(fractions)):
            given = ", ".join(f"{fraction:g}" for fraction in fractions)
            told = f"{key}: the fractions {given} must rise from point to point"
            faults.add(node, where, told, between=True)
        return tuple(points)

    def schema(self) -> Schema:
        pair = Pair(self.of, "").schema()
        points: Schema = {"type": "array", "items": pair, "minItems": 2, "maxItems": MOST_POINTS}
        return {"anyOf": [self.of.schema(), pair, points]}

    def write(self, value: Any) -> object:
        if [fraction for fraction, _ in value] != [0, 1]:
            return [[number_of(fraction), number_of(level)] for fraction, level in value]
        start, end = value[0][1], value[1][1]
        return number_of(start) if start == end else [number_of(start), number_of(end)]

    def form(self) -> str:
        return f"{self.of}: a number, `[from, to]` or `[[fraction, energy], ...]` with fractions from 0 to 1"


@dataclass(frozen=True, slots=True)
class Voice(Shape):
    """Which voice is allowed; with a share, more of it for part of the minutes."""

    spreads: ClassVar[bool] = True
    words: tuple[VocalsRule, ...]
    """From the strictest to the freest."""
    share: ClassVar[Number] = Number(0, 1, above=True)

    def read(self, faults: Faults, node: Node, where: str, key: str) -> dict[str, Any]:
        word = Word(self.words)
        if not isinstance(node, Pairs):
            return {key: word.read(faults, node, where, key)}
        found = faults.pairs(node, where, key, ("allow", "beyond", "share"), needed=("allow", "share"))
        allow = word.read(faults, found["allow"], where, f"{key}: allow") if "allow" in found else None
        beyond: str | None = self.words[-1]
        if "beyond" in found:
            beyond = word.read(faults, found["beyond"], where, f"{key}: beyond")
        share = self.share.read(faults, found["share"], where, f"{key}: share") if "share" in found else None
        order = [str(each) for each in self.words]
        if allow is not None and beyond is not None and order.index(beyond) <= order.index(allow):
            told = f"{key}: beyond {beyond!r} allows no more than allow {allow!r}; write just {allow}"
            faults.add(node, where, told, between=True)
        return {key: allow, f"{key}_beyond": beyond, f"{key}_share": share}

    def schema(self) -> Schema:
        words = Word(self.words).schema()
        share = mapping({"allow": words, "beyond": words, "share": self.share.schema()})
        return {"anyOf": [words, {**share, "required": ["allow", "share"]}]}

    def write(self, value: Any) -> object:
        if not value.vocals_share:
            return value.vocals
        share = number_of(value.vocals_share)
        return {"allow": value.vocals, "beyond": value.vocals_beyond, "share": share}

    def form(self) -> str:
        return (
            f"{', '.join(f'`{word}`' for word in self.words)}, or `{{allow: none, beyond: wordless, share: 0.25}}`: "
            "none, but wordless for up to a quarter of the minutes (`beyond` left out is `any`)"
        )


@dataclass(frozen=True, slots=True)
class PhaseRecord(Record):
    """A phase, which stands for one of the five by its name or by its key `stands_for`."""

    def values(
        self, faults: Faults, node: Node, where: str, key: str, **given: Any
    ) -> tuple[dict[str, Any], bool]:
        values, complete = Record.values(self, faults, node, where, key, **given)
        name = values.get("name")
        if name is not None and entry(node, "stands_for") is None:
            if name in PHASES:
                values["stands_for"] = name
            else:
                told = f"stands_for is missing; say which of {listed(PHASES)} the phase is"
                faults.add(node, where, told)
        return values, complete

    def schema(self) -> Schema:
        by_name: Schema = {"properties": {"name": {"enum": list(PHASES)}}, "required": ["name"]}
        return {**Record.schema(self), "anyOf": [{"required": ["stands_for"]}, by_name]}

    def write(self, value: Any) -> dict[str, object]:
        written = Record.write(self, value)
        if value.stands_for == value.name:
            del written["stands_for"]
        return written


@dataclass(frozen=True, slots=True)
class Phases(Shape):
    """The list of phases, each with a name of its own."""

    of: Record

    def read(self, faults: Faults, node: Node, where: str, key: str) -> tuple[Any, ...]:
        items = faults.items(node, where, key, "phases")
        read = [
            self.of.read(faults, item, _phase_place(item, position), "")
            for position, item in enumerate(items, start=1)
        ]
        seen: dict[str, int | None] = {}
        for item in items:
            name = named(item)
            if name and name.casefold() in seen:
                earlier = seen[name.casefold()]
                first = "" if earlier is None else f", first in line {earlier}"
                faults.add(item, where, f"phase {name!r} appears twice{first}; rename one", between=True)
            elif name:
                seen[name.casefold()] = item.line
        return tuple(phase for phase in read if phase is not None)

    def schema(self) -> Schema:
        return {"type": "array", "minItems": 1, "items": self.of.schema()}

    def write(self, value: Any) -> object:
        return [self.of.write(phase) for phase in value]

    def form(self) -> str:
        return "a list"


def named(node: Node) -> str:
    """A phase's name, even if the phase has faults elsewhere; "" if it has none."""
    name = entry(node, "name")
    return name.value.strip() if isinstance(name, Scalar) and isinstance(name.value, str) else ""


def _phase_place(node: Node, position: int) -> str:
    name = named(node)
    return f"phase {clipped(name)!r}" if name else f"phase {position}"


@dataclass(frozen=True, slots=True)
class Variants(Shape):
    """Variants by name."""

    of: Record

    def read(self, faults: Faults, node: Node, where: str, key: str) -> tuple[Any, ...]:
        names = {each.value: each for each, _ in node.pairs} if isinstance(node, Pairs) else {}
        read = []
        for name, value in faults.pairs(node, where, key, ()).items():
            place = f"variant {clipped(name)!r}"
            Name().read(faults, names.get(name, value), place, "name")
            values, _ = self.of.values(faults, value, place, "", name=name)
            read.append(self.of.of(**values))
        return tuple(read)

    def schema(self) -> Schema:
        return {
            "type": "object",
            "propertyNames": Name().schema(),
            "additionalProperties": self.of.schema(),
        }

    def write(self, value: Any) -> object:
        return {variant.name: self.of.write(variant) for variant in value}

    def form(self) -> str:
        return "a mapping of names to changes"


@dataclass(frozen=True, slots=True)
class MinutesByPhase(Shape):
    """Minutes to add or take away, by phase."""

    of: ClassVar[Number] = Number(-1440, 1440, "minutes")

    def read(self, faults: Faults, node: Node, where: str, key: str) -> dict[str, float]:
        if not isinstance(node, Pairs):
            faults.add(node, where, f"{key} {shown(node)} must name the phase; write {{return: 10}}")
            return {}
        read = {
            name: self.of.read(faults, value, where, f"{key}: {clipped(name)}")
            for name, value in faults.pairs(node, where, key, ()).items()
        }
        return {name: minutes for name, minutes in read.items() if minutes is not None}

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.of.schema()}

    def write(self, value: Any) -> object:
        return {phase: number_of(minutes) for phase, minutes in value.items()}

    def form(self) -> str:
        return "`{PHASE: difference}`"


def unknown_phases(faults: Faults, phases: tuple[str, ...], variants: Node) -> None:
    """Note the minutes of variants for phases that don't exist."""
    for name, value in variants.pairs if isinstance(variants, Pairs) else ():
        where = f"variant {clipped(_written(name))!r}"
        minutes = entry(value, "minutes")
        for phase, _ in minutes.pairs if isinstance(minutes, Pairs) else ():
            if phases and _written(phase) not in phases:
                told = f"minutes: there is no phase {clipped(_written(phase))!r}{near(phase, phases)}"
                faults.add(phase, where, told, between=True)


def _written(key: Scalar) -> str:
    return key.value if isinstance(key.value, str) else key.written
