"""What a template key may hold: a number, a word, a range, a mapping of further keys.

A shape defines how a value is read, with its faults, how the JSON Schema describes it, how it is written back, and how
docs/templates.md shows it. `keys.py` gives every key its shape, so all four come from one line. The shapes themselves
stand in `number_shapes`, `text_shapes`, `mapping_shapes` and `phase_shapes`.
"""

from __future__ import annotations

import abc
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from playlistkit.template.faults import Faults
from playlistkit.template.yaml_nodes import Node, Scalar

__all__ = ["Key", "Schema", "Shape", "mapping", "number_of", "text_of"]

Schema = dict[str, Any]


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


def number_of(value: float) -> float:
    """A number as people write it: whole numbers without a point."""
    return int(value) if value == int(value) else value


def text_of(node: Node) -> str:
    """The text of a node that is one."""
    return str(cast(Scalar, node).value)


def mapping(keys: dict[str, Schema]) -> Schema:
    """The JSON Schema of a mapping with these keys and no others."""
    return {"type": "object", "properties": keys, "additionalProperties": False}
