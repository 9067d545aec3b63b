"""A table as a playlist: with a column for files, URIs or titles."""

from __future__ import annotations

import os
import re

from playlistkit.sources import table
from playlistkit.sources.playlist.entries import Entries, Entry, Format, Playlist

__all__ = ["FORMAT"]


def read(entries: Entries, _: str) -> Playlist:
    """Read a playlist; the reader of tables opens it once more, as it looks for the encoding by itself."""
    rows = table.read(entries.path, repeats=True)
    for fault in rows.faults:
        if fault.kind == "skipped":
            entries.pass_over(f"{fault.where.rpartition('/')[2]}: {fault.text}")
    for row in rows.rows:
        line = row.where.rpartition(":")[2]
        path, uri = None, row.uri
        if row.path is not None:
            written = os.path.relpath(row.path, entries.finder.folder)
            path, own = entries.place(written if written.startswith("file:") else row.path, decode=False)
            uri = uri or own
        entries.add(
            Entry(
                path=path,
                uri=uri,
                title=_unquoted(row.title or "") or None,
                artist=_unquoted(row.artist or "") or None,
                album=_unquoted(row.album or "") or None,
                duration=row.duration,
                line=int(line) if line.isdecimal() else None,
                start=row.start,
                end=row.end,
            )
        )
    return entries.playlist()


def _unquoted(text: str) -> str:
    """A cell of our own tables without the apostrophe before what looks like a formula."""
    return text[1:] if re.match(r"'\s*[=+\-@]", text) else text


FORMAT = Format("CSV", (), read, begins=r"(?!#ext)[^\t\r\n]*\t[^\t\r\n]*\t", shared_suffixes=(".csv", ".tsv"))
"""iTunes, rekordbox and Serato write such a table as `.txt`, with tabs between its columns."""
