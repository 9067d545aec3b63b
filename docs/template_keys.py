"""Writes the tables of keys in docs/templates.md from their declaration: `python docs/template_keys.py`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from playlistkit.model import Range
from playlistkit.template.keys import TEMPLATE, VARIANT
from playlistkit.template.mapping_shapes import Record
from playlistkit.template.shapes import Key, number_of

PAGE = Path(__file__).with_name("templates.md")
BEGIN, END = "<!-- keys: python docs/template_keys.py -->", "<!-- end of keys -->"

TITLES = {"phases": "in a phase", "variants": "in a variant"}


def page(text: str) -> str:
    """The page with its tables made anew."""
    before, _, rest = text.partition(BEGIN)
    return "\n".join([before + BEGIN, "", *tables("of the template", TEMPLATE), END]) + rest.partition(END)[2]


def tables(title: str, record: Record) -> Iterator[str]:
    """The table of a record, then those of the records in it."""
    yield table(title, record)
    for key in record.keys:
        inner = key.shape if isinstance(key.shape, Record) else getattr(key.shape, "of", None)
        if isinstance(inner, Record):
            yield from tables(TITLES.get(key.name, f"in `{key.name}`"), inner)


def table(title: str, record: Record) -> str:
    """One table: each key, what one writes, what it means, and what holds if it is left out."""
    rows = [f"| {title} | you write | it means | if left out |", "| --- | --- | --- | --- |"]
    rows += [
        f"| `{key.name}` | {key.shape.form()} | {key.says} | {left_out(record, key)} |" for key in record.keys
    ]
    return "\n".join(rows) + "\n"


def left_out(record: Record, key: Key) -> str:
    """What holds without a key."""
    if key.needed:
        return "needed"
    if key.left_out:
        return key.left_out.strip()
    defaults = record.defaults()
    value = key.shape.write(defaults) if key.shape.spreads else getattr(defaults, key.fills)
    if value in (None, Range(), 0.0, (), {}) and record is VARIANT:
        return "no change" if key.sourced else ""
    if value is None or value == Range():
        return "" if key.name in ("note", "zero") else "any"
    if isinstance(value, Range):
        return f"{value.low:g} to {value.high:g}"
    if isinstance(value, bool):
        return f"`{json.dumps(value)}`"
    if isinstance(value, int | float):
        return f"{number_of(value):g}"
    return f"`{value}`" if isinstance(value, str) and value else ""


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
