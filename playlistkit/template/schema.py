"""The JSON Schema of templates, made from the keys that the reader knows, so that an editor completes and checks.

What holds between values (lowest above highest, a phase twice) no schema can say; `templates check` tells it.
"""

from __future__ import annotations

from playlistkit.template.keys import TEMPLATE
from playlistkit.template.shapes import Schema
from playlistkit.template.text_shapes import Line

__all__ = ["schema"]


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of templates."""
    tag = Line().schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "playlistkit template",
        "description": "The arc of a session: named phases with minutes, targets and rules.",
        **TEMPLATE.schema(),
        "$defs": {"tags": {"anyOf": [tag, {"type": "array", "minItems": 1, "items": tag}]}},
    }
