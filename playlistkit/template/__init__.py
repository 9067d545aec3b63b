"""Templates: YAML text to `Template` and back, today's changes, and what is odd.

No file is read or written here: text comes in, values go out. docs/templates.md describes the YAML.
"""

from __future__ import annotations

from playlistkit.template.reading import load, parse
from playlistkit.template.variants import describe_variants, vary, with_minutes
from playlistkit.template.writing import dump

__all__ = ["describe_variants", "dump", "load", "parse", "vary", "with_minutes"]
