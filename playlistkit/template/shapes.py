"""What a template key may hold: a number, a word, a range, a mapping of further keys.

A shape defines how a value is read, with its faults, how the JSON Schema describes it, how it is written back, and how
docs/templates.md shows it. `keys.py` gives every key its shape, so all four come from one line.
"""

from __future__ import annotations

import abc
import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, cast

from playlistkit.model import Range
from playlistkit.template.faults import Faults, clipped, listed, near, shown
from playlistkit.template.yaml_nodes import Items, Node, Pairs, Scalar

__all__ = [
    "Evidence", "Flag", "Key", "Limits", "Line", "ListOf", "Name", "Number", "Pair", "Part", "Record", "Schema", "Shape",
    "ShortForm", "Text", "Whole", "Word", "mapping", "number_of",
]  # fmt: skip

Schema = dict[str, Any]

LONGEST_LINE, LONGEST_TEXT = 200, 5_000  # characters

# Names are typed on the command line, as in PHASE=N, TRACK@PHASE and PHASE:first, and fill one line of a playlist.
NAME_PATTERN = r"^[^\s=@:,]([^=@:,]*[^\s=@:,])?$(?!\n)"
LINE_PATTERN = r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$(?!\n)"
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

_NUMBER_WITH_UNIT = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(%|[A-Za-z]+)?")


class Shape(abc.ABC):
    """What a key may hold."""

    __slots__ = ()

    spreads: ClassVar[bool] = False
    """Whether it fills several fields of the value that its key belongs to. It is then read as a mapping of those fields,
    and written from their owner."""

    @abc.abstractmethod
    def read(self, faults: Faults, node: Node, where: str, key: str) -> Any:
        """The value of a node; `None` if it has faults, which are noted under `key` in `where`."""

    @abc.abstractmethod
    def schema(self) -> Schema:
        """Its JSON Schema."""

    def write(self, value: Any) -> object:
        """A value as plain YAML: numbers, texts, lists and mappings."""
        return value

    @abc.abstractmethod
    def form(self) -> str:
        """What to write, for the documentation's table."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a mapping, declared only here."""

    name: str
    shape: Shape
    says: str = ""
    """What it means, for the documentation and for editors."""
    field: str = ""
    """The field of the model that it fills; the key's name if left out."""
    needed: bool = False
    sourced: bool = True
    """Whether `evidence` may name its source."""
    always: bool = False
    """Whether it is written even if it equals its default."""
    left_out: str = ""
    """What applies if it is left out, if the documentation shouldn't just show the default."""
    caps: str = ""
    """For a variant's number, the range of a phase that it caps."""
    told: str = ""
    """How that is said: "Darker sound; brightness at most"."""

    @property
    def fills(self) -> str:
        """The field of the model."""
        return self.field or self.name

    def schema(self) -> Schema:
        """Its JSON Schema, including what it means."""
        says = f"{self.says[0].upper()}{self.says[1:]}." if self.says else ""
        return {**self.shape.schema(), **({"description": says} if says else {})}


# --- numbers ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Shape):
    """A finite number within bounds, and the unit that its messages name."""

    low: float
    high: float
    unit: str = ""
    above: bool = False
    """Whether `low` itself is refused."""

    def __contains__(self, value: float) -> bool:
        return (self.low < value if self.above else self.low <= value) and value <= self.high

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        if self.above:
            return f"above {self.low:g} and at most {self.high:g}{unit}"
        return f"{self.low:g} to {self.high:g}{unit}"

    def read(self, faults: Faults, node: Node, where: str, key: str) -> float | None:
        if not isinstance(node, Scalar) or isinstance(node.value, bool) or not isinstance(node.value, float):
            faults.add(node, where, f"{key} {shown(node)} is not a number{self._hint(node)}")
            return None
        if not math.isfinite(node.value):
            faults.add(node, where, f"{key} {clipped(node.written)} is not a finite number; give {self}")
            return None
        if node.value not in self:
            hint = self._percent(node.value)
            faults.add(node, where, f"{key} {clipped(node.written)} is not {self}{hint}")
            return None
        return node.value

    def _hint(self, node: Node) -> str:
        """What somebody meant who wrote "40 min", "0,12" or "12%" for a number."""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            match = _NUMBER_WITH_UNIT.fullmatch(node.value.strip())
            if match:
                number = float(match[1].replace(",", "."))
                if match[2] == "%" and number / 100 in self:
                    return f"; write {number / 100:g}"
                if number in self:
                    unit = f" (it is in {self.unit})" if self.unit and match[2] else ""
                    return f"; write {number:g}{unit}"
        return f"; give {self}"

    def _percent(self, value: float) -> str:
        return f"; {value:g} % is {value / 100:g}" if self.high == 1 and 1 < value <= 100 else ""

    def schema(self) -> Schema:
        least = "exclusiveMinimum" if self.above else "minimum"
        return {"type": "number", least: self.low, "maximum": self.high}

    def write(self, value: Any) -> object:
        return number_of(value)

    def form(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Whole(Number):
    """A whole number within bounds."""

    def read(self, faults: Faults, node: Node, where: str, key: str) -> int | None:
        value = Number.read(self, faults, node, where, key)
        if value is None:
            return None
        if value != int(value):
            faults.add(node, where, f"{key} {value:g} is not a whole number")
            return None
        return int(value)

    def schema(self) -> Schema:
        return {**Number.schema(self), "type": "integer"}


@dataclass(frozen=True, slots=True)
class Pair(Shape):
    """A list of two numbers."""

    of: Number
    shape: str
    """How a message calls it: "[lowest, highest] in BPM"."""
    rising: bool = False
    """Whether the first must not exceed the second."""

    def read(self, faults: Faults, node: Node, where: str, key: str) -> tuple[float, float] | None:
        if not isinstance(node, Items) or len(node.items) != 2:
            faults.add(node, where, f"{key} {shown(node)} is not {self.shape}")
            return None
        first, second = (self.of.read(faults, item, where, key) for item in node.items)
        if first is None or second is None:
            return None
        if self.rising and first > second:
            told = f"{key} [{first:g}, {second:g}]: the lowest comes first; swap them"
            faults.add(node, where, told, between=True)
        return first, second

    def schema(self) -> Schema:
        return {"type": "array", "items": self.of.schema(), "minItems": 2, "maxItems": 2}

    def write(self, value: Any) -> object:
        return [number_of(each) for each in value]

    def form(self) -> str:
        return f"`{self.shape.split(' in ')[0]}`, {self.of}"


@dataclass(frozen=True, slots=True)
class Limits(Shape):
    """`{min: ..., max: ...}`, either of which may be missing, as a `Range`."""

    of: Number
    sides: tuple[str, ...] = ("min", "max")

    def read(self, faults: Faults, node: Node, where: str, key: str) -> Range:
        if isinstance(node, Scalar) and isinstance(node.value, float):
            written = clipped(node.written)
            faults.add(
                node, where, f"{key} {written} must say which side it bounds; write {{max: {written}}}"
            )
            return Range()
        found = faults.pairs(node, where, key, self.sides)
        faults.some(found, node, where, key, self.sides)
        values = {side: self.of.read(faults, value, where, f"{key}: {side}") for side, value in found.items()}
        low, high = values.get("min"), values.get("max")
        if low is not None and high is not None and low > high:
            faults.add(node, where, f"{key}: min {low:g} is above max {high:g}; swap them", between=True)
        return Range(low, high)

    def schema(self) -> Schema:
        return {**mapping({side: self.of.schema() for side in self.sides}), "minProperties": 1}

    def write(self, value: Any) -> object:
        sides = (("min", value.low), ("max", value.high))
        return {side: number_of(bound) for side, bound in sides if bound is not None}

    def form(self) -> str:
        if self.sides == ("max",):
            return f"`{{max}}`, {self.of}"
        return f"`{{{', '.join(self.sides)}}}`, one or both, {self.of}"


# --- words and texts ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word(Shape):
    """One of some words."""

    words: tuple[str, ...]

    def read(self, faults: Faults, node: Node, where: str, key: str) -> str | None:
        if isinstance(node, Scalar):
            if isinstance(node.value, str) and node.value in self.words:
                return node.value
            if isinstance(node.value, bool):  # YAML reads a bare `on` as true
                if node.written.lower() in self.words:
                    return node.written.lower()
                if node.value and "on" in self.words:
                    return "on"
        faults.add(
            node, where, f"{key} {shown(node)} is not one of {listed(self.words)}{near(node, self.words)}"
        )
        return None

    def schema(self) -> Schema:
        return {"enum": [*self.words, True] if "on" in self.words else list(self.words)}

    def form(self) -> str:
        return listed([f"`{word}`" for word in self.words])


@dataclass(frozen=True, slots=True)
class Flag(Shape):
    """True or false."""

    def read(self, faults: Faults, node: Node, where: str, key: str) -> bool | None:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        faults.add(node, where, f"{key} {shown(node)} must be true or false")
        return None

    def schema(self) -> Schema:
        return {"type": "boolean"}

    def form(self) -> str:
        return "`true` or `false`"


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """A text of one or more lines."""

    longest: ClassVar[int] = LONGEST_TEXT
    pattern: ClassVar[str] = TEXT_PATTERN

    def read(self, faults: Faults, node: Node, where: str, key: str) -> str | None:
        return _text_of(node).strip() if self._is_text(faults, node, where, key) else None

    def _is_text(self, faults: Faults, node: Node, where: str, key: str) -> bool:
        """Whether a value is a text, not empty and not too long; notes the fault if not."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            quoted = isinstance(node, Scalar) and node.value is not None
            hint = f'; write "{clipped(cast(Scalar, node).written)}" in quotes' if quoted else ""
            faults.add(node, where, f"{key} {shown(node)} is not a text{hint}")
        elif not node.value.strip():
            faults.add(node, where, f"{key} is empty; write something or delete the line")
        elif not re.search(TEXT_PATTERN, node.value):
            faults.add(node, where, f"{key} holds control characters; delete them")
        elif len(node.value) > self.longest:
            length = f"{len(node.value):,} characters; at most {self.longest:,} are read"
            faults.add(node, where, f"{key} has {length}")
        else:
            return True
        return False

    def schema(self) -> Schema:
        patterns = [{"pattern": r"\S"}, {"pattern": self.pattern}]
        return {"type": "string", "maxLength": self.longest, "allOf": patterns}

    def form(self) -> str:
        return "a text"


@dataclass(frozen=True, slots=True)
class Line(Text):
    """A text of one line."""

    longest: ClassVar[int] = LONGEST_LINE
    pattern: ClassVar[str] = LINE_PATTERN

    def read(self, faults: Faults, node: Node, where: str, key: str) -> str | None:
        if not self._is_text(faults, node, where, key):
            return None
        if not re.search(LINE_PATTERN, _text_of(node)):
            faults.add(node, where, f"{key} {shown(node)} must be one line")
            return None
        return _text_of(node).strip()

    def form(self) -> str:
        return "one line"


@dataclass(frozen=True, slots=True)
class Name(Line):
    """A name that can stand on the command line."""

    taken: tuple[str, ...] = ()
    """Names that have another meaning."""

    def read(self, faults: Faults, node: Node, where: str, key: str) -> str | None:
        value = Line.read(self, faults, node, where, key)
        if value is None:
            return None
        if not re.search(NAME_PATTERN, _text_of(node)):
            faults.add(
                node, where, f"{key} {value!r}: a name can't have = @ : or a comma, or spaces at its ends"
            )
            return None
        if value in self.taken:
            told = f"the name {value!r} means something else in a plan; choose another"
            faults.add(node, where, told)
        return value

    def schema(self) -> Schema:
        taken: Schema = {"not": {"enum": list(self.taken)}} if self.taken else {}
        return {**Line.schema(self), "description": "No = @ : or comma.", "pattern": NAME_PATTERN, **taken}

    def form(self) -> str:
        return "a name without = @ : and comma"


# --- lists and mappings -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ListOf(Shape):
    """A list that is not empty."""

    of: Shape
    what: str
    """What its members are called: "tags"."""

    def read(self, faults: Faults, node: Node, where: str, key: str) -> tuple[Any, ...]:
        members = (
            self.of.read(faults, item, where, key) for item in faults.items(node, where, key, self.what)
        )
        return tuple(member for member in members if member is not None)

    def schema(self) -> Schema:
        return {"type": "array", "minItems": 1, "items": self.of.schema()}

    def write(self, value: Any) -> object:
        return [self.of.write(member) for member in value]

    def form(self) -> str:
        return f"a list of {self.what}"


@dataclass(frozen=True, slots=True)
class Evidence(Shape):
    """The source tag, or a list of them, of each key that has a source."""

    keys: tuple[str, ...]

    def read(self, faults: Faults, node: Node, where: str, key: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name, value in faults.pairs(node, where, key, self.keys).items():
            of = f"{key} of {name}"
            items = faults.items(value, where, of, "tags") if isinstance(value, Items) else (value,)
            lines = (Line().read(faults, tag, where, of) for tag in items)
            found[name] = tuple(line for line in lines if line is not None)
        return found

    def schema(self) -> Schema:
        return mapping({key: {"$ref": "#/$defs/tags"} for key in self.keys})

    def write(self, value: Any) -> object:
        return {key: tags[0] if len(tags) == 1 else list(tags) for key, tags in value.items()}

    def form(self) -> str:
        return "for each key a source tag, `judgement`, or a list of these"


Check = Callable[[Faults, Mapping[str, Node], str, Mapping[str, Any]], None]
"""Notes faults between the values of a mapping; takes the faults, its nodes, its place and its values."""


@dataclass(frozen=True, slots=True)
class Record(Shape):
    """A mapping of known keys, as a value of the model."""

    of: Any
    """The model's class."""
    keys: tuple[Key, ...]
    title: str = ""
    """What messages call it, such as "the phase"; by default, its key."""
    place: bool = False
    """Whether messages place its values under its key, rather than under what it belongs to."""
    empty: bool = False
    """Whether it may be empty."""
    check: Check | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its keys."""
        return tuple(key.name for key in self.keys)

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of the keys that can't be left out."""
        return tuple(key.name for key in self.keys if key.needed)

    @property
    def sourced(self) -> tuple[str, ...]:
        """The names of the keys whose values have a source."""
        return tuple(key.name for key in self.keys if key.sourced)

    def __getitem__(self, name: str) -> Key:
        return next(key for key in self.keys if key.name == name)

    def read(self, faults: Faults, node: Node, where: str, key: str) -> Any:
        """The value; `None` if a needed key is missing or faulty."""
        values, complete = self.values(faults, node, where, key)
        return self.of(**values) if complete else None

    def values(
        self, faults: Faults, node: Node, where: str, key: str, **given: Any
    ) -> tuple[dict[str, Any], bool]:
        """Its fields by name, without missing or faulty ones, and whether it has all that it needs."""
        found = faults.pairs(node, where, self.title or key, self.names, self.needed)
        if not self.empty and not self.needed:
            faults.some(found, node, where, key, self.names)
        inside = key if self.place else where
        prefix = "" if self.title or self.place else f"{key}: "
        values = dict(given)
        for each in self.keys:
            if each.name in found:
                value = each.shape.read(faults, found[each.name], inside, f"{prefix}{each.name}")
                read = value if each.shape.spreads else {each.fills: value}
                values |= {field: value for field, value in (read or {}).items() if value is not None}
        if self.check is not None:
            self.check(faults, found, inside, values)
        return values, all(self[name].fills in values for name in self.needed)

    def schema(self) -> Schema:
        schema = mapping({key.name: key.schema() for key in self.keys})
        if self.needed:
            return {**schema, "required": list(self.needed)}
        return schema if self.empty else {**schema, "minProperties": 1}

    def write(self, value: Any) -> dict[str, object]:
        """The keys that differ from their defaults."""
        defaults = self.defaults()
        written: dict[str, object] = {}
        for key in self.keys:
            if key.shape.spreads:
                now, usual = key.shape.write(value), key.shape.write(defaults)
            else:
                now, usual = getattr(value, key.fills), getattr(defaults, key.fills, dataclasses.MISSING)
            if now != usual or key.always:
                written[key.name] = now if key.shape.spreads else key.shape.write(now)
        return written

    def defaults(self) -> Any:
        """The defaults of the model's fields that have one."""
        return SimpleNamespace(**dict(_defaults(self.of)))

    def form(self) -> str:
        return f"`{{{', '.join(self.names)}}}`"


@dataclass(frozen=True, slots=True)
class Part(Record):
    """A mapping of known keys whose values are fields of what it belongs to."""

    spreads: ClassVar[bool] = True

    def read(self, faults: Faults, node: Node, where: str, key: str) -> dict[str, Any]:
        return self.values(faults, node, where, key)[0]


@dataclass(frozen=True, slots=True)
class ShortForm(Shape):
    """A mapping, or one bare number for some of its keys."""

    of: Record
    keys: tuple[str, ...]
    """The keys that a bare number stands for."""

    def read(self, faults: Faults, node: Node, where: str, key: str) -> Any:
        if not isinstance(node, Pairs):
            first = self.of[self.keys[0]]
            value = first.shape.read(faults, node, where, f"{key}: {first.name}")
            return None if value is None else self.of.of(**dict.fromkeys(self.keys, value))
        return self.of.read(faults, node, where, key)

    def schema(self) -> Schema:
        return {"anyOf": [self.of[self.keys[0]].shape.schema(), self.of.schema()]}

    def write(self, value: Any) -> object:
        first = getattr(value, self.keys[0])
        if value == self.of.of(**dict.fromkeys(self.keys, first)):
            return number_of(first)
        return self.of.write(value)

    def form(self) -> str:
        return f"{self.of[self.keys[0]].shape.form()}, or {self.of.form()}"


def number_of(value: float) -> float:
    """A number as people write it: whole numbers without a point."""
    return int(value) if value == int(value) else value


def _defaults(of: type) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(of):
        if field.default is not dataclasses.MISSING:
            yield field.name, field.default
        elif field.default_factory is not dataclasses.MISSING:
            yield field.name, field.default_factory()


def _text_of(node: Node) -> str:
    return str(cast(Scalar, node).value)


def mapping(keys: dict[str, Schema]) -> Schema:
    """The JSON Schema of a mapping with these keys and no others."""
    return {"type": "object", "properties": keys, "additionalProperties": False}
