"""Find templates: shipped ones by name, any other by path."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from playlistkit import exporters
from playlistkit import template as templates
from playlistkit.arguments import checks_arguments
from playlistkit.errors import ExportError, InputError, TemplateError
from playlistkit.given import path_given, shown
from playlistkit.library import default_path
from playlistkit.model import Finding, Template

__all__ = [
    "DEFAULT",
    "check_template",
    "load_template",
    "new_template",
    "own_files",
    "own_folder",
    "parse_template",
    "schema_text",
    "shipped_names",
    "shipped_templates",
    "template_text",
    "varied",
]

DEFAULT = "phases"
"""The template used if none is named."""

MOST_BYTES = 1 << 20  # a larger file is no template


@checks_arguments
def load_template(name: str | os.PathLike[str] = DEFAULT) -> Template:
    """Load a template from a file, or a shipped one by its name.

    Parameters
    ----------
    name : str or path
        A path if such a file exists, else the id of a shipped template, with or without `.yaml`, or the name of one made
        on the page.

    Raises
    ------
    TemplateError
        If the file has faults; the error has all of them.
    InputError
        If there is neither such a file nor such a name.

    Examples
    --------
    >>> pk.load_template("ketamine-im").minutes
    120.0
    """
    text, origin = template_text(name)
    return parse_template(text, origin)


@lru_cache(maxsize=64)
def parse_template(text: str, origin: str) -> Template:
    """The template in a text; raises TemplateError with all its faults. The same text is read only once."""
    return templates.parse(text, origin)


def template_text(name: str | os.PathLike[str] = DEFAULT) -> tuple[str, str]:
    """The text of a template, and its name for messages. Takes and raises what `load_template` does."""
    wanted = path_given(name, "template")
    path = Path(wanted).expanduser()
    if os.path.isfile(path):  # noqa: PTH113 - Path raises for names longer than any file's
        return _read(path, wanted), wanted
    shipped = _shipped_files()
    known = wanted.removesuffix(".yaml")
    own = own_files()
    if known in shipped:
        return shipped[known].read_text(encoding="utf-8"), f"{known}.yaml"
    if known in own:
        return _read(own[known], str(own[known])), f"{known}.yaml"
    if wanted and os.path.isdir(path):  # noqa: PTH112 - "" doesn't name the current folder
        raise InputError(f"{wanted}: is a folder; name the template's file in it")
    if wanted and os.path.exists(path):  # noqa: PTH110
        raise InputError(f"{wanted}: is not an ordinary file; save the template as one")
    near = difflib.get_close_matches(known, [*shipped, *own], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"shipped are: {', '.join(shipped)}"
    raise InputError(f"there is no template file or name {shown(wanted)}; {hint}")


def own_folder() -> Path:
    """Where the page keeps the user's own protocols; each is named after its file."""
    return default_path().parent / "templates"


def own_files() -> dict[str, Path]:
    """The files of the user's own protocols, by name."""
    try:
        return {file.stem: file for file in sorted(own_folder().glob("*.yaml")) if file.is_file()}
    except OSError:
        return {}


def shipped_templates() -> tuple[Template, ...]:
    """All shipped templates: the default first, the others by what they are called."""
    found = (
        parse_template(file.read_text(encoding="utf-8"), f"{name}.yaml")
        for name, file in _shipped_files().items()
    )
    return tuple(sorted(found, key=lambda each: (each.id != DEFAULT, each.name.casefold())))


def shipped_names() -> tuple[str, ...]:
    """The names of all shipped templates, the default first."""
    return tuple(_shipped_files())


def varied(
    name: str | os.PathLike[str], variants: Sequence[str], minutes: Mapping[str, float] | None = None
) -> tuple[Template, list[str]]:
    """A template with variants and minutes applied, and what the variants change, in words."""
    template = load_template(name)
    changed = templates.with_minutes(templates.vary(template, tuple(variants)), dict(minutes or {}))
    return changed, templates.describe_variants(template, tuple(variants))


def new_template(source: str = DEFAULT, path: str | os.PathLike[str] | None = None) -> str:
    """A commented copy of a shipped template, to change; written to `path` if given, never over a file.

    Raises
    ------
    ExportError
        If `path` exists or can't be written.
    """
    text, origin = template_text(source)
    if path is None:
        return templates.commented_copy(text, origin.removesuffix(".yaml"))
    target = Path(path).expanduser()
    copy = templates.commented_copy(text, target.stem)
    if os.path.lexists(target):
        raise ExportError(f"{os.fspath(path)!r} exists and is left as it is; choose another name")
    exporters.write_bytes(target, copy.encode())
    return copy


def check_template(name: str | os.PathLike[str]) -> tuple[Finding, ...]:
    """What is legal but odd in a template; raises TemplateError with all faults if it has any."""
    return tuple(templates.oddities(load_template(name)))


def schema_text() -> str:
    """The JSON Schema of templates."""
    return json.dumps(templates.schema(), indent=2, ensure_ascii=False) + "\n"


def _shipped_files() -> dict[str, Traversable]:
    folder = resources.files("playlistkit") / "templates"
    files = {
        file.name.removesuffix(".yaml"): file for file in folder.iterdir() if file.name.endswith(".yaml")
    }
    # a wheel has phases.yaml beside the others; a checkout has it at the top, where people look
    default = files.pop(DEFAULT, None) or Path(str(folder)).parents[1] / "phases.yaml"
    return {DEFAULT: default, **dict(sorted(files.items()))}


def _read(path: Path, origin: str) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise TemplateError(f"{origin}: the file is larger than 1 MiB; a template is a few kB of YAML")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(
            f"{origin}: byte {error.start} is not UTF-8 text; save the file as UTF-8"
        ) from error
    except OSError as error:
        raise InputError(f"{origin}: can't be read: {error.strerror}") from error
