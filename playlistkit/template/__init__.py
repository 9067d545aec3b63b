"""Templates: YAML text to `Template` and back, today's changes, and lint.

No file is read or written here: text comes in, values go out. docs/templates.md describes the YAML.
"""

from __future__ import annotations

from playlistkit.template.lint import oddities
from playlistkit.template.reading import load, parse
from playlistkit.template.schema import schema
from playlistkit.template.variant_words import describe_variants
from playlistkit.template.variants import vary, with_minutes
from playlistkit.template.writing import commented_copy, dump

__all__ = [
    "commented_copy",
    "describe_variants",
    "dump",
    "load",
    "oddities",
    "parse",
    "schema",
    "vary",
    "with_minutes",
]
