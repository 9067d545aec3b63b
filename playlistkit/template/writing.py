"""A `Template` back to the YAML's own shape, and a YAML text as a copy to change."""

from __future__ import annotations

import json
import re

from playlistkit.model import Template
from playlistkit.template.keys import TEMPLATE
from playlistkit.template.reading import parse

__all__ = ["commented_copy", "dump"]

_COPY_HEAD = """\
# {copy}: your copy of "{source}".
#
# Change what you like; docs/templates.md explains each key. Then:
#   playlistkit templates check {copy}.yaml     tells all faults at once, and what is odd
#   playlistkit build {copy}.yaml -o session.m3u8
# Under `evidence`, write `judgement` beside what you changed: the source no longer says your number.
# Below is the original with its own comments.

"""


def commented_copy(text: str, name: str) -> str:
    """A template's text as a copy to change: the source's comments kept, a name of its own, no id.

    Parameters
    ----------
    text : str
        The YAML of a template.
    name : str
        What the copy is called: its file's name without the suffix.

    Raises
    ------
    TemplateError
        If the text has faults.
    """
    source = parse(text, name).name
    renamed = json.dumps(f"{source}, my version", ensure_ascii=False)
    copy = re.sub(r"^name:.*$", lambda _: f"name: {renamed}", text, count=1, flags=re.MULTILINE)
    copy = re.sub(r"^id:.*\n", "", copy, count=1, flags=re.MULTILINE)
    return _COPY_HEAD.format(copy=name, source=source) + copy


def dump(template: Template) -> dict[str, object]:
    """A template as plain values in the shape of the YAML, which `load` reads back to an equal one.

    What equals its default is left out, and whole numbers are written without a point.
    """
    return TEMPLATE.write(template)
