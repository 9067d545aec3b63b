"""The therapist's own protocols: YAML files in one folder, which commands take by name."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from playlistkit import exporters
from playlistkit.errors import ExportError, InputError, PlaylistkitError
from playlistkit.model import Template
from playlistkit.workflow.templates import finding as templates

__all__ = ["Own", "choices", "copy", "delete", "own_templates", "read", "write"]

NAME = re.compile(r"(?!(?i:con|prn|aux|nul|com\d|lpt\d)$)[^\W_][\w \-]{0,59}")
"""Valid as a file name on every system and as a word on the command line."""


@dataclass(frozen=True, slots=True)
class Own:
    """A protocol of the user's own."""

    name: str
    """The file's name without suffix, which commands take."""
    path: Path
    template: Template | None
    """`None` if it has faults."""


def own_templates() -> list[Own]:
    """All own protocols, by name."""
    found = []
    for name, path in templates.own_files().items():
        try:
            template = templates.load_template(path)
        except PlaylistkitError:
            template = None
        found.append(Own(name, path, template))
    return found


def choices() -> list[tuple[str, str]]:
    """Name and title of every protocol that can be planned: the shipped ones, then the user's own."""
    shipped = [(each.id, each.name) for each in templates.shipped_templates() if each.build]
    return shipped + [(each.name, each.name) for each in own_templates() if each.template is not None]


def copy(source: str, name: str) -> str:
    """Copy a protocol to change it; returns the copy's name.

    Raises
    ------
    InputError
        If the name is not valid for a file, or is taken.
    """
    wanted = name.strip()
    if not NAME.fullmatch(wanted) or wanted != wanted.rstrip():
        raise InputError(
            f"{name!r} can't be a protocol's name; take up to 60 letters, digits, spaces and hyphens"
        )
    taken = {each.casefold() for each in (*templates.shipped_names(), *templates.own_files())}
    if wanted.casefold() in taken:
        raise InputError(f"there is already a protocol {wanted!r}; choose another name")
    folder = templates.own_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder}: can't be made: {error.strerror}") from error
    templates.new_template(source, folder / f"{wanted}.yaml")
    return wanted


def read(name: str) -> str:
    """The text of an own protocol.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    return templates.template_text(_path(name))[0]


def write(name: str, text: str) -> None:
    """Save the text of an own protocol atomically; a missing file is created again.

    Raises
    ------
    InputError
        If the name can't be a protocol's.
    ExportError
        If the file can't be written.
    """
    path = templates.own_files().get(name) or templates.own_folder() / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise InputError(f"there is no protocol {name!r} of your own; load the page again")
    exporters.write_bytes(path, text.replace("\r\n", "\n").encode())


def delete(name: str) -> str:
    """Delete an own protocol; returns its text, from which `write` restores it.

    Raises
    ------
    InputError
        If there is none of this name.
    ExportError
        If the file can't be deleted.
    """
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
