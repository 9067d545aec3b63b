"""The therapist's own protocols: YAML files in one folder, which the commands take by their names."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from playlistkit import exporters
from playlistkit.errors import ExportError, InputError, PlaylistkitError
from playlistkit.model import Template
from playlistkit.workflow import templates

__all__ = ["Own", "choices", "copy", "delete", "own_templates", "read", "write"]

NAME = re.compile(r"[^\W_][\w \-]{0,59}")
"""It is a file's name on every system, and a word on the command line."""


@dataclass(frozen=True, slots=True)
class Own:
    """One protocol of one's own."""

    name: str
    """Of the file, without its suffix; the commands take it."""
    path: Path
    template: Template | None
    """`None`: it has faults."""


def own_templates() -> list[Own]:
    """All of them by name."""
    found = []
    for name, path in templates.own_files().items():
        try:
            template = templates.load_template(path)
        except PlaylistkitError:
            template = None
        found.append(Own(name, path, template))
    return found


def choices() -> list[tuple[str, str]]:
    """Name and title of every protocol that can be planned: those that are shipped, then one's own."""
    shipped = [(each.id, each.name) for each in templates.shipped_templates() if each.build]
    return shipped + [(each.name, each.name) for each in own_templates() if each.template is not None]


def copy(source: str, name: str) -> str:
    """Copy a protocol, to change it; the name it has from now on.

    Raises
    ------
    InputError
        If the name is none for a file, or is taken.
    """
    wanted = name.strip()
    if not NAME.fullmatch(wanted) or wanted != wanted.rstrip():
        raise InputError(
            f"{name!r} is no name for a protocol; take letters, digits, blanks and hyphens, at most 60"
        )
    taken = {each.casefold() for each in (*templates.shipped_names(), *templates.own_files())}
    if wanted.casefold() in taken:
        raise InputError(f"there is a protocol {wanted!r} already; choose another name")
    folder = templates.own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: can't be made: {error.strerror}") from error
    templates.new_template(source, folder / f"{wanted}.yaml")
    return wanted


def read(name: str) -> str:
    """The text of one.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    return templates.template_text(_path(name))[0]


def write(name: str, text: str) -> None:
    """Save the text of one, whole or not at all; where the file is gone, it is made again."""
    path = templates.own_files().get(name) or templates.own_folder() / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise InputError(f"there is no protocol {name!r} of your own; load the page again")
    exporters.write_bytes(path, text.replace("\r\n", "\n").encode())


def delete(name: str) -> str:
    """Delete one; its text, by which `write` brings it back."""
    text = read(name)
    try:
        os.unlink(_path(name))  # noqa: PTH108
    except OSError as error:
        raise ExportError(f"{_path(name)}: can't be deleted: {error.strerror}") from error
    return text


def _path(name: str) -> Path:
    path = templates.own_files().get(name)
    if path is None:
        raise InputError(f"there is no protocol {name!r} of your own; load the page again")
    return path
