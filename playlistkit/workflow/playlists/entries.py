"""Find the library's track for each entry of a playlist, as a person would."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from playlistkit import audio
from playlistkit.errors import LibraryError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Finding, Place, Track
from playlistkit.sources import folder
from playlistkit.sources.finder import parts_of
from playlistkit.sources.playlist import Entry
from playlistkit.workflow.playlists.known_tracks import KnownTracks, is_file
from playlistkit.workflow.playlists.track_parts import part
from playlistkit.workflow.scanning.scan import scan

__all__ = ["Entries", "gone", "read_entries"]

MOST_SHOWN = 300  # characters of a path in a message
MOST_IN_FOLDER = 1_000  # files
MOST_WALKED = 10_000  # files of any kind


@dataclass(frozen=True, slots=True)
class Entries:
    """What is known about each entry."""

    candidates: tuple[Candidate, ...]
    findings: tuple[Finding, ...]
    """Entries that are missing or unreadable."""
    notes: tuple[str, ...] = ()
    """Remarks on how entries were read."""


def read_entries(
    entries: Iterable[Entry],
    library: Library,
    *,
    playlist: str | os.PathLike[str],
    progress: Callable[[int, int, str], None] | None = None,
) -> Entries:
    """What the library knows about each entry, after analysing files that are new to it.

    Those results are stored beside the library, not in it: checking a playlist must not put its tracks into
    a session.

    An entry is found by its path or URI; failing that, by the end of its path among the library's
    files, and by title and artist. A folder stands for the music in it.

    Parameters
    ----------
    entries : iterable of Entry
    library : Library
    playlist : str or path
        The file that they are from.
    progress : callable, optional
        As for `scan`.

    Raises
    ------
    KeyboardInterrupt
        If it was stopped; finished files are stored.
    """
    notes: dict[str, None] = {}
    beside = os.path.dirname(os.path.abspath(playlist))  # noqa: PTH100, PTH120 -- links stay links
    wanted = [each for entry in entries for each in _opened(entry, beside, notes)]
    known = KnownTracks.of(library)
    new = list(
        dict.fromkeys(
            entry.path
            for entry in wanted
            if entry.path and not known.knows(entry.path) and is_file(entry.path)
        )
    )
    unread: dict[str, str] = {}
    if new:
        unread = dict.fromkeys(new, "holds no audio that can be read")
        with _aside(library) as listened:
            scanned = scan(listened, *new, progress=progress)
            if scanned.interrupted:
                raise KeyboardInterrupt
            unread.update(scanned.failed)
            known = KnownTracks.of(listened, library)
        for path in [each for each in unread if known.knows(each)]:
            del unread[path]
    candidates, findings = [], []
    meant = chain.from_iterable(map(known.tracks_of, wanted))
    for number, entry in enumerate(meant, 1):
        found = known.find(entry)
        candidate = _named(entry, number) if found is None else found
        fault = _fault(entry, candidate, found is not None, unread)
        if fault is not None:
            findings.append(Finding(fault[0], Place("track", number), fault[1]))
        if (entry.start or entry.end is not None) and not candidate.track.is_part:
            candidate = part(candidate, entry)
            notes["parts of files are judged by what was measured of the whole files"] = None
        candidates.append(candidate)
    return Entries(tuple(candidates), tuple(findings), tuple(notes))


def gone(tracks: Sequence[Track]) -> Iterator[Finding]:
    """A finding for each track whose file is missing."""
    for number, track in enumerate(tracks, 1):
        if track.path is not None and not is_file(track.path):
            yield Finding("missing", Place("track", number), f"the file is not there: {shown(track.path)}")


@contextmanager
def _aside(library: Library) -> Iterator[Library]:
    """A library beside the library, for tracks that are only checked; a temporary one if that can't be written."""
    beside = library.path.with_name(f"{library.path.stem}-checked{library.path.suffix}")
    try:
        kept = Library(beside)
    except LibraryError:  # the folder may only be read
        with tempfile.TemporaryDirectory() as folder, Library(Path(folder) / beside.name) as passing:
            yield passing
        return
    with kept:
        yield kept


def _opened(entry: Entry, beside: str, notes: dict[str, None]) -> Iterator[Entry]:
    """The entry itself, or, if it is a folder, an entry for each file in it."""
    path = entry.path
    if path is None or "\0" in path or not os.path.isdir(path):  # noqa: PTH112
        yield entry
        return
    if Path(beside).is_relative_to(path):  # the root, say, or the folder of the playlist
        notes[f"{shown(path)}: this folder contains the playlist itself; name the files you mean"] = None
        return
    files: list[str] = []
    for count, each in enumerate(folder.walk(path, suffixes=audio.SUFFIXES)):
        if count == MOST_WALKED or len(files) == MOST_IN_FOLDER:
            notes[f"{shown(path)}: only the first {len(files)} files of this folder were taken"] = None
            break
        if isinstance(each, folder.Found):
            files.append(each.path)
    if not files:
        notes[f"{shown(path)}: this folder holds no music"] = None
    yield from (Entry(path=each, line=entry.line) for each in files)


def _named(entry: Entry, number: int) -> Candidate:
    """A track made from the playlist's entry alone."""
    name = (parts_of(entry.path or entry.uri or "") or [""])[-1]
    return Candidate(
        Track(
            id=entry.path or entry.uri or f"entry {number}",
            path=entry.path,
            uri=entry.uri,
            title=entry.title or shown(name) or f"track {number}",
            artist=entry.artist,
            album=entry.album,
            duration=entry.duration or 0.0,
        ),
        Features(),
    )


def _fault(entry: Entry, candidate: Candidate, found: bool, unread: dict[str, str]) -> tuple[str, str] | None:
    """Why an entry can't be played: a finding's kind, and a sentence."""
    path = candidate.track.path
    if path is not None and not is_file(path):
        return "missing", f"the file is not there: {shown(path)}"
    if path is not None and path in unread:
        return "unreadable", f"{shown(path)}: {unread[path]}"
    if not found and path is None and entry.uri is None:
        name = " - ".join(word for word in (entry.artist, entry.title) if word)
        return "missing", f"the library has no track {shown(name)!r}, or more than one; give its path"
    return None


def shown(name: str) -> str:
    """A name as quoted in messages: undecodable bytes escaped, length bounded."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
