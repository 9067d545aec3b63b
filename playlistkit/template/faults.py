"""The faults of a template, collected while reading, and their wording."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from playlistkit.template.yaml_nodes import Items, Node, Pairs, Scalar

__all__ = ["Fault", "Faults", "clipped", "listed", "near", "shown"]

_ELSEWHERE = {
    "bpm": "tempo", "duration": "minutes", "length": "minutes", "volume": "loudness", "lufs": "loudness",
    "voice": "vocals", "singing": "vocals", "lyrics": "vocals", "crossfade": "overlap", "comment": "note",
    "familiar": "repeats", "repeat": "repeats", "goal": "note", "src": "evidence", "source": "sources", "maps_to": "stands_for", "default": "minutes",
}  # fmt: skip
"""Words people write for our keys that difflib would not match."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a template."""

    line: int | None
    text: str
    between: bool = False
    """Whether it is a relation between values, which a schema can't express."""


class Faults:
    """The faults of a template found so far.

    A missing or faulty value reads as `None`, so that reading goes on to the next fault; what is built
    from it is thrown away.
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, node: Node, where: str, text: str, *, between: bool = False) -> None:
        """Note a fault at a node; `where` is the part of the template, "" for the whole."""
        self.found.append(Fault(node.line, f"{where}: {text}" if where else text, between))

    def pairs(
        self, node: Node, where: str, what: str, keys: Collection[str], needed: Collection[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping by key; notes unknown, duplicate and missing keys."""
        if not isinstance(node, Pairs):
            expected = f"a mapping with {listed(keys)}" if keys else "a mapping"
            self.add(node, where, f"{what} {shown(node)} is not {expected}")
            return {}
        found: dict[str, Node] = {}
        first_line: dict[str, int | None] = {}
        meant: set[str | None] = set()
        for key, value in node.pairs:
            name = key.value if isinstance(key.value, str) else key.written
            if name in first_line:
                earlier = "" if first_line[name] is None else f", first in line {first_line[name]}"
                self.add(key, where, f"key {clipped(name)!r} appears twice{earlier}; keep one", between=True)
                continue
            first_line[name] = key.line
            if keys and name not in keys:
                self.add(key, where, f"unknown key {clipped(name)!r}{near(key, keys)}")
                meant.add(_nearest(key, keys))
                continue
            found[name] = value
        for name in needed:
            if name not in first_line and name not in meant:
                self.add(node, where, f"{what} lacks {name!r}, which is required")
        return found

    def some(self, found: dict[str, Node], node: Node, where: str, what: str, keys: Collection[str]) -> bool:
        """Whether a mapping holds anything; notes a fault if it is empty."""
        if isinstance(node, Pairs) and not node.pairs:
            self.add(node, where, f"{what} is empty; give {listed(keys)} or delete the line")
        return bool(found)

    def items(self, node: Node, where: str, what: str, of: str) -> tuple[Node, ...]:
        """The values of a list that is not empty."""
        if not isinstance(node, Items):
            self.add(node, where, f"{what} {shown(node)} is not a list of {of}")
            return ()
        if not node.items:
            self.add(node, where, f"{what} is empty; give a list of {of}")
        return node.items


# --- wording ------------------------------------------------------------------------------------------------


def clipped(text: str, longest: int = 40) -> str:
    """A text on one line, shortened to at most `longest` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def shown(node: Node) -> str:
    """A value as quoted in messages."""
    if isinstance(node, Pairs):
        return "{...}"
    if isinstance(node, Items):
        return "[" + clipped(", ".join(shown(item) for item in node.items[:8])) + "]"
    if node.value is None:
        return "(nothing)"
    if isinstance(node.value, str):
        return repr(clipped(node.value))
    if isinstance(node.value, bool) and node.written.lower() not in ("true", "false"):
        return f"{node.written} (which YAML reads as {str(node.value).lower()})"
    return clipped(node.written)


def listed(words: Collection[str]) -> str:
    """Words as in "a, b or c"."""
    listed = [str(word) for word in words]
    return " or ".join([", ".join(listed[:-1]), listed[-1]]) if len(listed) > 1 else "".join(listed)


def _nearest(key: Node, words: Collection[str]) -> str | None:
    """The valid word probably meant."""
    given = key.written.lower() if isinstance(key, Scalar) else ""
    if _ELSEWHERE.get(given) in words:
        return _ELSEWHERE[given]
    return next(iter(difflib.get_close_matches(given[:60], list(words), n=1, cutoff=0.5)), None)


def near(key: Node, words: Collection[str]) -> str:
    """The nearest valid word, as the end of a sentence; all of them if none is near and they are few."""
    nearest = _nearest(key, words)
    if nearest is not None:
        return f"; did you mean {nearest!r}?"
    return f"; known are {', '.join(words)}" if 0 < len(words) <= 20 else ""
