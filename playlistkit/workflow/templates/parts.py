"""Phases and variants of a template's text: added, removed, moved, each with the comments above it.

Takes the text and gives the changed text. Raises `InputError` if the part is gone or the text can't be changed so.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

from playlistkit.errors import InputError
from playlistkit.workflow.templates.tree import dumped, loaded

__all__ = ["add_phase", "add_variant", "move_phase", "remove_phase", "remove_variant"]


def add_phase(text: str, number: int, origin: str) -> str:
    """The text with a copy of this phase after it, under another name."""
    names = _names(text, origin)
    name = _free(names, f"{_at(names, number)} {2}")
    blocks = _blocks(text, origin)
    copied = [line for line in blocks.items[number] if not line.lstrip().startswith("#")]
    changed = blocks.with_items([*blocks.items[: number + 1], copied, *blocks.items[number + 1 :]])
    tree = loaded(changed, origin)
    phase = tree["phases"][number + 1]
    if "stands_for" not in phase:
        phase.insert(1, "stands_for", names[number])
    phase["name"] = name
    return dumped(tree)


def remove_phase(text: str, number: int, origin: str) -> str:
    """The text without this phase, and without what variants say of it."""
    names = _names(text, origin)
    if len(names) < 2:
        raise InputError("the last phase can't be removed; a protocol has one at least")
    name = _at(names, number)
    blocks = _blocks(text, origin)
    tree = loaded(blocks.with_items([*blocks.items[:number], *blocks.items[number + 1 :]]), origin)
    variants = tree.get("variants")
    for variant in variants.values() if isinstance(variants, Mapping) else ():
        minutes = variant.get("minutes") if isinstance(variant, MutableMapping) else None
        if isinstance(minutes, MutableMapping) and name in minutes and name not in names[:number]:
            minutes.pop(name)
            if not minutes:
                variant.pop("minutes")
    return dumped(tree)


def move_phase(text: str, number: int, by: int, origin: str) -> str:
    """The text with the phase one place earlier (-1) or later (1)."""
    blocks = _blocks(text, origin)
    to = number + by
    if not (0 <= number < len(blocks.items) and 0 <= to < len(blocks.items)):
        raise InputError("the phase can't be moved any further")
    items = list(blocks.items)
    items[number], items[to] = items[to], items[number]
    return blocks.with_items(items)


def add_variant(text: str, origin: str) -> str:
    """The text with another variant, which changes nothing yet."""
    from ruamel.yaml.comments import CommentedMap

    tree = loaded(text, origin)
    variants = tree.get("variants")
    if not isinstance(variants, MutableMapping):
        tree["variants"] = variants = CommentedMap()
    variants[_free([str(each) for each in variants], "new variant")] = CommentedMap(energy=-0.05)
    return dumped(tree)


def remove_variant(text: str, number: int, origin: str) -> str:
    """The text without this variant."""
    tree = loaded(text, origin)
    variants = tree.get("variants")
    names = list(variants) if isinstance(variants, Mapping) else []
    del variants[_at(names, number)]
    if not variants:
        del tree["variants"]
    return dumped(tree)


class _Blocks:
    """The lines before the phases, of each phase, and after them."""

    def __init__(self, head: list[str], items: list[list[str]], tail: list[str], gap: bool) -> None:
        self.head = head
        self.items = items
        self.tail = tail
        self.gap = gap
        """Whether blank lines stand between phases."""

    def with_items(self, items: list[list[str]]) -> str:
        """The text with these phases instead."""
        lines = list(self.head)
        for number, item in enumerate(items):
            lines += [*([""] if number and self.gap else []), *item]
        return "\n".join([*lines, *self.tail])


def _blocks(text: str, origin: str) -> _Blocks:
    tree = loaded(text, origin)
    phases: Any = tree.get("phases")
    if type(phases).__name__ != "CommentedSeq" or not len(phases):
        raise InputError("the phases are not a list; correct the text first")
    lines = text.split("\n")
    starts = [phases.lc.item(number)[0] for number in range(len(phases))]
    if not all(re.match(r"\s*-\s", lines[start]) for start in starts) or len(set(starts)) < len(starts):
        # written on one line: rewritten as a list of lines, which has no comments to lose
        phases.fa.set_block_style()
        for phase in phases:
            if hasattr(phase, "fa"):
                phase.fa.set_block_style()
        written = dumped(tree)
        if written == text:
            raise InputError("the phases are written in a way that can't be moved; change the text itself")
        return _blocks(written, origin)
    dash = len(lines[starts[0]]) - len(lines[starts[0]].lstrip())
    begins = [_above(lines, start, dash) for start in starts]
    end = next(
        (
            number
            for number in range(starts[-1] + 1, len(lines))
            if lines[number].strip() and _indent(lines[number]) <= dash and not _comment(lines[number])
        ),
        len(lines),
    )
    while end > starts[-1] + 1 and (not lines[end - 1].strip() or _comment(lines[end - 1])):
        end -= 1
    bounds = [*begins, end]
    items = [_stripped(lines[start:stop]) for start, stop in itertools.pairwise(bounds)]
    gap = any(not lines[begin - 1].strip() for begin in begins[1:])
    return _Blocks(lines[: begins[0]], items, lines[end:], gap)


def _above(lines: list[str], start: int, dash: int) -> int:
    while start > 0 and _comment(lines[start - 1]) and _indent(lines[start - 1]) >= dash > 0:
        start -= 1
    return start


def _comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _stripped(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def _names(text: str, origin: str) -> list[str]:
    phases = loaded(text, origin).get("phases")
    return [
        str(phase.get("name")) if isinstance(phase, Mapping) else "phase"
        for phase in (phases if isinstance(phases, list) else [])
    ]


def _at(names: list[Any], number: int) -> Any:
    if not 0 <= number < len(names):
        raise InputError("this part is no longer there; load the page again")
    return names[number]


def _free(names: list[str], name: str) -> str:
    """The name, or the first one like it that is not taken."""
    stem, number = re.sub(r" \d+$", "", name), 2
    taken = {each.casefold() for each in names}
    free = name
    while free.casefold() in taken:
        number += 1
        free = f"{stem} {number}"
    return free
