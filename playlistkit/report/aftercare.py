"""The aftercare sheet: one page for the client to take home. A practice can change its words."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from playlistkit.errors import InputError
from playlistkit.model import Plan
from playlistkit.report.words import artist_of, title_of

__all__ = ["Words", "aftercare_html", "read_words", "shipped_words"]

LONGEST = 64 * 1024  # characters in a file of words


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of the sheet, in one language."""

    language: str
    title: str
    intro: str
    contact_heading: str
    contact: tuple[str, ...]
    music_heading: str
    music_note: str
    journal_heading: str
    journal: tuple[str, ...]
    practise_heading: str
    practise: str
    ordinary_heading: str
    ordinary: tuple[str, ...]
    ordinary_note: str
    urgent_heading: str
    urgent: tuple[str, ...]
    urgent_note: str
    closing: str


def shipped_words() -> str:
    """The text of the file of words that comes with playlistkit."""
    return resources.files("playlistkit.report").joinpath("aftercare.yaml").read_text(encoding="utf-8")


def read_words(text: str, origin: str = "aftercare.yaml") -> Words:
    """The words in a YAML text.

    Raises
    ------
    InputError
        If a text is missing, unknown or of the wrong kind.
    """
    import yaml

    if len(text) > LONGEST:
        raise InputError(
            f"{origin}: longer than {LONGEST // 1024} KiB; this is not a file of words for the sheet"
        )
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{origin}:{mark.line + 1}" if mark is not None else origin
        raise InputError(f"{where}: not valid YAML:  {getattr(error, 'problem', error)}") from error
    if not isinstance(found, dict):
        raise InputError(
            f"{origin}: holds no words; `playlistkit aftercare --new FILE` writes a file to change"
        )
    fields = {field.name: field.type for field in dataclasses.fields(Words)}
    for key in found:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise InputError(f"{origin}: unknown text {key!r}{hint}")
    values: dict[str, str | tuple[str, ...]] = {}
    for key, kind in fields.items():
        value = found.get(key)
        if kind == "str":
            if not isinstance(value, str) or not value.strip():
                raise InputError(f"{origin}: {key}: give a text, not {_kind(value)}")
            values[key] = value.strip()
        else:
            if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
                raise InputError(f"{origin}: {key}: give a list of texts, not {_kind(value)}")
            values[key] = tuple(value)
    return Words(**values)  # type: ignore[arg-type]


def aftercare_html(words: Words, plan: Plan | None = None) -> str:
    """The sheet as one HTML file without any outside reference.

    Parameters
    ----------
    words : Words
    plan : Plan, optional
        List this plan's music, if the client wants that.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("playlistkit", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("aftercare.html").render(text=words, tracks=_tracks(plan))


def _tracks(plan: Plan | None) -> Sequence[str]:
    if plan is None:
        return ()
    names = (
        " – ".join(word for word in (artist_of(slot.track), title_of(slot.track)) if word)
        for slot in (*plan.slots, *plan.tail)
    )
    return tuple(dict.fromkeys(names))


def _kind(value: object) -> str:
    if value is None:
        return "none"
    return "a list" if isinstance(value, list) else f"{value!r}"
