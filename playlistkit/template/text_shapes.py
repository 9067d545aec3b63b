"""Shapes of words and texts: one of some words, yes or no, a text, a line, a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, cast

from playlistkit.template.faults import Faults, clipped, listed, near, shown
from playlistkit.template.shapes import Schema, Shape, text_of
from playlistkit.template.yaml_nodes import Node, Scalar

__all__ = ["Flag", "Line", "Name", "Text", "Word"]

LONGEST_LINE, LONGEST_TEXT = 200, 5_000  # characters

# Names are typed on the command line, as in PHASE=N, TRACK@PHASE and PHASE:first, and fill one line of a playlist.
NAME_PATTERN = r"^[^\s=@:,]([^=@:,]*[^\s=@:,])?$(?!\n)"
LINE_PATTERN = r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$(?!\n)"
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"


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
        return text_of(node).strip() if self._is_text(faults, node, where, key) else None

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
        if not re.search(LINE_PATTERN, text_of(node)):
            faults.add(node, where, f"{key} {shown(node)} must be one line")
            return None
        return text_of(node).strip()

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
        if not re.search(NAME_PATTERN, text_of(node)):
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
