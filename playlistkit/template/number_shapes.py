"""Shapes of numbers: one, a pair, a range."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from playlistkit.model import Range
from playlistkit.template.faults import Faults, clipped, shown
from playlistkit.template.shapes import Schema, Shape, mapping, number_of
from playlistkit.template.yaml_nodes import Items, Node, Scalar

__all__ = ["Limits", "Number", "Pair", "Whole"]

_NUMBER_WITH_UNIT = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(%|[A-Za-z]+)?")


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
