"""Playlists of other programs and people, in any dialect: a module for each format, listed in `FORMATS`.

Reading is liberal, and reports what it skipped. Encodings are guessed, line ends may be of any kind, files are found as
`Finder` finds them, and a playlist within a playlist stands for its entries.
"""

from __future__ import annotations

import codecs
import itertools
import os
import re
from dataclasses import replace
from pathlib import Path

from playlistkit.errors import InputError
from playlistkit.ordinary import read_ordinary
from playlistkit.sources.playlist import asx, csv, itunes, jspf, m3u, pls, wpl, xspf
from playlistkit.sources.playlist.entries import Entries, Entry, Format, Playlist, shown_name

__all__ = ["FORMATS", "SUFFIXES", "Entry", "Playlist", "read_playlist"]

FORMATS: tuple[Format, ...] = (
    m3u.FORMAT,
    pls.FORMAT,
    asx.FORMAT,
    wpl.FORMAT,
    itunes.FORMAT,
    xspf.FORMAT,
    jspf.FORMAT,
    csv.FORMAT,
)
"""The first whose beginning fits reads a file, else the first that has its suffix; so XSPF, which takes any markup, comes after the more specific ones."""

NESTED = tuple(suffix for each in FORMATS for suffix in each.suffixes)
"""Suffixes that count as playlists within a playlist."""

SUFFIXES = (*NESTED, *(suffix for each in FORMATS for suffix in each.shared_suffixes))
"""Suffixes of playlists; others are read too if their first characters identify them."""

MOST_BYTES = 32 << 20  # a playlist of 100,000 tracks has about 10 MB
MOST_ENTRIES = 200_000  # playlists that name each other several times over have no end otherwise

DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]+)[\"']", re.IGNORECASE)

PROLOGUE = re.compile(r"\s*(<\?[^>]*>|<!--.*?-->)", re.DOTALL)


def read_playlist(path: str | os.PathLike[str]) -> Playlist:
    """Read a playlist of any dialect.

    Parameters
    ----------
    path : str or path
        The first characters decide the format, then the suffix.

    Returns
    -------
    Playlist
        Without entries if the file has none.

    Raises
    ------
    InputError
        If the file can't be read or is not a playlist.
    """
    return _read(Path(path), ())


def _read(path: Path, outer: tuple[str, ...]) -> Playlist:
    """A playlist within others, whose real paths are given."""
    origin = shown_name(str(path))
    try:
        raw = read_ordinary(path, MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(f"{origin}: can't be read: {getattr(error, 'strerror', None) or error}") from error
    if len(raw) > MOST_BYTES:
        raise InputError(f"{origin}: is larger than {MOST_BYTES >> 20} MiB, too large for a playlist")
    text = _decoded(raw, utf8=path.suffix.lower() == ".m3u8")
    if "\0" in text:
        raise InputError(f"{origin}: is not a text file, so it can't be a playlist")
    return _unfolded(_parsed(path, origin, text), (*outer, os.path.realpath(path)))


def _parsed(path: Path, origin: str, text: str) -> Playlist:
    """What a playlist's own text says."""
    suffix = path.suffix.lower()
    start = _start(text[:4096].lower())
    by_start = (each for each in FORMATS if each.begins and re.match(each.begins, start))
    by_suffix = (each for each in FORMATS if suffix in (*each.suffixes, *each.shared_suffixes))
    chosen = next(itertools.chain(by_start, by_suffix), None)
    if chosen is None:
        raise InputError(
            f"{origin}: can't read {suffix or 'a file without suffix'!r} as a playlist; "
            f"known are {', '.join(SUFFIXES)}"
        )
    return chosen.read(Entries(path, origin), text)


def _start(text: str) -> str:
    """A text from its first words or element on, after blanks, declarations and comments of markup."""
    place = 0
    while match := PROLOGUE.match(text, place):
        place = match.end()
    return text[place:].lstrip()


def _unfolded(playlist: Playlist, outer: tuple[str, ...]) -> Playlist:
    """The playlist, with playlists within it replaced by their entries."""
    entries: list[Entry] = []
    passed_over = dict.fromkeys(playlist.passed_over)
    for entry in playlist.entries:
        path = entry.path or ""
        if not path.lower().endswith(NESTED) or not os.path.isfile(path):  # noqa: PTH113
            entries.append(entry)
            continue
        name = shown_name(os.path.basename(path))  # noqa: PTH119
        if os.path.realpath(path) in outer:
            passed_over[f"{name}: names itself; it was read once"] = None
            continue
        try:
            inner = _read(Path(path), outer)
        except InputError as error:
            passed_over[f"a playlist within: {error}"] = None
            continue
        passed_over.update(dict.fromkeys(f"{name}: {each}" for each in inner.passed_over))
        entries += (replace(each, line=entry.line) for each in inner.entries)
        if len(entries) > MOST_ENTRIES:
            passed_over[f"more than {MOST_ENTRIES} entries, with those of the playlists within"] = None
            del entries[MOST_ENTRIES:]
            break
    return replace(playlist, entries=tuple(entries), passed_over=tuple(passed_over))


def _decoded(raw: bytes, *, utf8: bool) -> str:
    """The text of a file; bytes that are no UTF-8 become surrogate escapes, undone line by line later."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            errors = "surrogateescape" if encoding == "utf-8" else "replace"
            return raw.removeprefix(codecs.BOM_UTF8).decode(encoding, errors)
    if raw[1:2] == b"\0" != raw[:1]:
        return raw.decode("utf-16-le", "replace")
    if raw[:1] == b"\0" != raw[1:2]:
        return raw.decode("utf-16-be", "replace")
    declared = DECLARED.match(raw.lstrip()[:200]) or re.search(
        rb"^#EXTENC:\s*([\w.-]+)", raw[:2000], re.MULTILINE
    )
    if declared is not None and not utf8:
        try:
            name = codecs.lookup(declared[1].decode("ascii")).name
        except LookupError:
            name = "utf-8"
        if not name.startswith("utf"):
            return raw.decode(name, "replace")
    return raw.decode("utf-8", "surrogateescape")
