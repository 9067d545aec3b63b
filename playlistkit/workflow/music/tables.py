"""`import`: read tables of tracks and features into the library."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.figures import counted, tally
from playlistkit.library import Library
from playlistkit.library.imported import add_imported
from playlistkit.model import Track
from playlistkit.sources import table
from playlistkit.sources.table import EnergyScale, Row
from playlistkit.spotify.match import Found
from playlistkit.workflow.library import opened
from playlistkit.workflow.music.local_tracks import EXPLICIT, LocalTracks

__all__ = ["ImportReport", "import_tables"]

PROGRESS_EVERY = 500  # rows


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of importing a table."""

    file: str
    rows: int
    """Rows that name a track."""
    new: int
    """Tracks that the library did not know."""
    joined: int
    """Tracks that matched local files."""
    known: int
    unmatched: int
    """Rows without a URI that match no file in the library."""
    faults: tuple[str, ...]
    """What is missing or wrong in rows, each with its line."""
    notes: tuple[str, ...]
    """How the columns were read."""

    @property
    def taken(self) -> int:
        """Rows that are now tracks of the library."""
        return self.new + self.joined + self.known

    def summary(self) -> str:
        """A summary in one sentence."""
        counts = tally(
            (self.new, "new track" if self.new == 1 else "new tracks"),
            (self.joined, "found among your files"),
            (self.known, "known"),
            (self.unmatched, "that match no file in the library"),
        )
        return ": ".join(part for part in (self.file, counted(self.rows, "row"), counts) if part)


@checks_arguments
def import_tables(
    library: Library,
    *files: str | os.PathLike[str],
    energy: EnergyScale | None = None,
    instrumentalness: bool = False,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> tuple[ImportReport, ...]:
    r"""Import tracks and features from tables.

    Parameters
    ----------
    library : Library
    *files : str or path
        CSV or JSON.
    energy : {"spotify", "ours"}, optional
        Whose scale the column ``energy`` uses. By default Spotify's if there are other columns that only Spotify's exports
        have, else ours; the report's notes say which.
    instrumentalness : bool
        Take Spotify's instrumentalness for the voice: none from 0.8, words up to 0.2, else unknown.
    progress : callable
        Called with rows done, rows in total, and the file's name with what is done: its rows are read, compared with the
        library, and stored, one after the other. If it raises, nothing is taken from this file.

    Returns
    -------
    tuple of ImportReport
        One for each file.

    Raises
    ------
    InputError
        If a file can't be read; nothing is then taken from any file.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("more.csv").write_text("uri,title,artist,duration\nspotify:track:4uLU6hMCjMI75M1A2tKUQC,Still,Ann,200\n")
    >>> with pk.Library("more.db") as library:
    ...     (report,) = pk.import_tables(library, "more.csv")
    >>> report.rows, report.new
    (1, 1)
    """
    opened(library)
    tables = [
        table.read(
            file,
            energy=energy,
            instrumentalness=instrumentalness,
            progress=_step(progress, os.fspath(file), "reading"),
        )
        for file in files
    ]
    local = LocalTracks(library)
    return tuple(_take(library, local, each, progress) for each in tables)


def _step(progress: Callable[[int, int, str], None], name: str, doing: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(done, total, f"{name}: {doing}")


def _take(
    library: Library, local: LocalTracks, read: table.Table, progress: Callable[[int, int, str], None]
) -> ImportReport:
    counts = {"new": 0, "joined": 0, "known": 0, "unmatched": 0}
    faults = [str(fault) for fault in read.faults]
    new: list[tuple[Track, Mapping[str, object]]] = []
    compared = _step(progress, read.name, "comparing")
    with library.transaction():
        for number, row in enumerate(read.rows):
            if number % PROGRESS_EVERY == 0:
                compared(number, len(read.rows))
            track, state = _track_of(library, local, row)
            counts[state] += 1
            if state == "new":
                voice = EXPLICIT if row.explicit else {}
                new.append((_track(row), {**voice, **row.features}))
            elif track is None:
                named = " - ".join(part for part in (row.artist, row.title) if part) or row.isrc or row.path
                faults.append(f"{row.where}: no file in the library is {named!r}; scan it first")
            elif row.features and not _is_known(local, row):
                library.set_features(track, row.features, "imported")
        add_imported(library, new, _step(progress, read.name, "storing"))
    progress(len(read.rows), len(read.rows), read.name)
    return ImportReport(read.name, len(read.rows), **counts, faults=tuple(faults), notes=read.notes)


def _track_of(library: Library, local: LocalTracks, row: Row) -> tuple[str | None, str]:
    """The id of the row's track in the library, if it has one yet, and how it was found."""
    if row.uri is None:
        return _known(library, local, row)
    if row.uri not in local.by_uri:
        same = local.same(_found(row))
        if same is None:
            local.by_uri[row.uri] = None
            return None, "new"
        library.link(same.id, row.uri)
        local.taken(same, row.uri)
        return same.id, "joined"
    known = local.by_uri[row.uri]
    if known is not None and known.track.title == row.title and known.track.duration == row.duration:
        return known.track.id, "known"
    return library.add_uri(_track(row)), "known"


def _track(row: Row) -> Track:
    """The row as a track that the library will give an id."""
    return Track(
        "",
        uri=row.uri,
        title=row.title,
        artist=row.artist,
        album=row.album,
        album_artist=row.album_artist,
        isrc=row.isrc,
        genre=row.genre,
        duration=row.duration or 0.0,
        people=row.people,
    )


def _is_known(local: LocalTracks, row: Row) -> bool:
    """Whether the library already has exactly these values from a table."""
    known = local.by_uri.get(row.uri or "")
    return known is not None and all(
        known.sources.get(name) == "imported" and getattr(known.features, name) == value
        for name, value in row.features.items()
    )


def _known(library: Library, local: LocalTracks, row: Row) -> tuple[str | None, str]:
    """The track of a row without a URI, by our id, path, ISRC, or names."""
    for text in (row.id, row.path):
        if text is not None:
            try:
                return library.resolve(text).track.id, "known"
            except InputError:
                continue
    same = local.same(_found(row)) or (
        local.named(row.title, row.artist, row.duration) if row.title and row.artist else None
    )
    return (None, "unmatched") if same is None else (same.id, "known")


def _found(row: Row) -> Found:
    """The row as a find, for comparing with local tracks."""
    return Found(
        uri=row.uri or "",
        title=row.title or "",
        artist=row.artist or "",
        album=row.album or "",
        duration=row.duration or 0.0,
        isrc=row.isrc,
    )
