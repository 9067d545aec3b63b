"""Shapes of lists and mappings, whose members have shapes of their own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

from playlistkit.template.faults import Faults
from playlistkit.template.shapes import Key, Schema, Shape, mapping, number_of
from playlistkit.template.text_shapes import Line
from playlistkit.template.yaml_nodes import Items, Node, Pairs

__all__ = ["Evidence", "ListOf", "Part", "Record", "ShortForm"]


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


def _defaults(of: type) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(of):
        if field.default is not dataclasses.MISSING:
            yield field.name, field.default
        elif field.default_factory is not dataclasses.MISSING:
            yield field.name, field.default_factory()
