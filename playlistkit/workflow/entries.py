"""Find the library's track for each entry of a playlist, as a person would."""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from playlistkit import audio
from playlistkit.errors import LibraryError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Finding, Place, Track
from playlistkit.recordings import SAME_LENGTH
from playlistkit.sources import folder
from playlistkit.sources.finder import bare, parts_of
from playlistkit.sources.playlist import Entry
from playlistkit.workflow.scan import scan

__all__ = ["Entries", "gone", "read_entries"]

MOST_SHOWN = 300  # characters of a path in a message
MOST_IN_FOLDER = 1_000  # files
MOST_WALKED = 10_000  # files of any kind
EXACT = 1.0  # s by which a stretch that a playlist names in whole seconds and a track of an album may differ
EDGE, NEAR = 30, 10  # s at either end of a part that its joins are judged by
NO_NAMES = ("track", "titel", "piste", "audio", "unknown")  # of files, which say nothing of what is in them


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
    known = _Known.of(library)
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
            known = _Known.of(listened, library)
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
            candidate = _part(candidate, entry)
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


@dataclass(slots=True)
class _Known:
    """An index of the library's tracks by everything a playlist may say about them; built once."""

    tracks: dict[str, Candidate]
    by_path: dict[str, str]
    by_uri: dict[str, str]
    albums: dict[str, list[tuple[float, float | None, str]]]
    """Tracks of albums in one file, by path: start, end and id."""
    by_name: dict[str, list[str]] = field(default_factory=dict)
    """Paths of existing files, by normalised name."""
    by_title: dict[str, list[Candidate]] = field(default_factory=dict)

    @classmethod
    def of(cls, *libraries: Library) -> _Known:
        """Index several libraries; where they differ, the last one wins."""
        tracks = {
            each.track.id: each for each in chain(*(one.candidates(available=False) for one in libraries))
        }
        by_path: dict[str, str] = {}
        albums: dict[str, list[tuple[float, float | None, str]]] = {}
        for (path, start), file in chain(*(one.parts().items() for one in libraries)):
            if file.track is not None and not file.is_part:
                by_path[path] = file.track
            elif file.track is not None:
                albums.setdefault(path, []).append((start, file.end, file.track))
        by_uri = {each.track.uri: key for key, each in tracks.items() if each.track.uri is not None}
        return cls(tracks, by_path, by_uri, albums)

    def knows(self, path: str) -> bool:
        """Whether the file is known, whole or as an album."""
        return path in self.by_path or path in self.albums

    def tracks_of(self, entry: Entry) -> list[Entry]:
        """The entry itself; for an album in one file, an entry for each of its tracks."""
        path = entry.path or ""
        if path not in self.albums or path in self.by_path or entry.start or entry.end is not None:
            return [entry]
        return [
            Entry(path=path, line=entry.line, start=start, end=end) for start, end, _ in self.albums[path]
        ]

    def find(self, entry: Entry) -> Candidate | None:
        """The track an entry means; `None` if there is none, or more than one."""
        key = self.by_path.get(entry.path or "") or self.by_uri.get(entry.uri or "") or self._in_album(entry)
        if key is not None and entry.path is not None and is_file(entry.path):
            known = self.tracks[key]
            if known.track.is_part:
                return _within(known, entry)
            return replace(known, track=replace(known.track, path=entry.path))
        if key is not None:
            return self.tracks[key]
        if (entry.uri or "").startswith("spotify:") or (entry.path is not None and is_file(entry.path)):
            return None
        return self._by_end(entry) or self._by_title(entry)

    def _in_album(self, entry: Entry) -> str | None:
        """The track of an album in one file in which most of the entry's stretch lies."""
        parts = self.albums.get(entry.path or "", ())
        end = math.inf if entry.end is None else entry.end
        shared = [
            (min(end, math.inf if last is None else last) - max(entry.start, first), track)
            for first, last, track in parts
        ]
        best = max(shared, default=(0.0, None), key=lambda each: each[0])
        return best[1] if best[0] > 0 else None

    def _by_end(self, entry: Entry) -> Candidate | None:
        """The file whose path shares the most trailing names with the entry's."""
        wanted = _bare_parts(entry.path or "")
        if not wanted or not wanted[-1]:
            return None
        if not self.by_name:
            for path in self.by_path:
                if is_file(path):
                    self.by_name.setdefault(_bare_parts(path)[-1], []).append(path)
        alike: dict[int, list[str]] = {}
        for path in self.by_name.get(wanted[-1], ()):
            names = _bare_parts(path)
            count = next(
                (
                    k
                    for k, (a, b) in enumerate(zip(reversed(wanted), reversed(names), strict=False))
                    if a != b
                ),
                min(len(wanted), len(names)),
            )
            alike.setdefault(count, []).append(path)
        best = alike[max(alike)] if alike else []
        # if encoded several times, prefer the named encoding
        best = [each for each in best if _suffix(each) == _suffix(entry.path or "")] or best
        tracks = {self.by_path[path] for path in best}
        if len(tracks) != 1:
            return None
        known = self.tracks[tracks.pop()]
        if max(alike) == 1 and not _agrees(known.track, entry):  # the name alone may be any "01.mp3"
            return None
        return replace(known, track=replace(known.track, path=best[0]))

    def _by_title(self, entry: Entry) -> Candidate | None:
        """The track of this title and artist; among several recordings, the one of this length."""
        title, artist = bare(entry.title or ""), bare(entry.artist or "")
        if not title:
            return None
        if not self.by_title:
            for each in self.tracks.values():
                if each.track.title:
                    self.by_title.setdefault(bare(each.track.title), []).append(each)
        # "Artist - Title" may as well be a title with a dash
        titled = self.by_title.get(title, []) or self.by_title.get(artist + title, [])
        by_artist = [each for each in titled if bare(each.track.artist or "") == artist]
        near = by_artist or [each for each in titled if not artist or not each.track.artist]
        if len(near) > 1 and entry.duration:
            near = [each for each in near if abs(each.track.duration - (entry.duration or 0)) <= SAME_LENGTH]
        if len(near) > 1:
            near = [each for each in near if each.track.path is not None and is_file(each.track.path)]
        return near[0] if len(near) == 1 else None


def _bare_parts(path: str) -> list[str]:
    """The normalised names in a path, without an audio suffix, since the file may have been re-encoded."""
    parts = parts_of(path)
    if parts and _suffix(path) in audio.SUFFIXES:
        parts[-1] = parts[-1].rpartition(".")[0]
    return [bare(each) for each in parts]


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122


def _agrees(track: Track, entry: Entry) -> bool:
    """Whether an entry's title, or at least its file name, supports this track."""
    if entry.title and track.title:
        return bare(track.title) in (bare(entry.title), bare(f"{entry.artist or ''}{entry.title}"))
    if entry.duration:
        return abs(track.duration - entry.duration) <= SAME_LENGTH
    letters = "".join(filter(str.isalpha, _bare_parts(entry.path or "")[-1]))
    return len(letters) > 3 and not letters.startswith(NO_NAMES)


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


def _within(candidate: Candidate, entry: Entry) -> Candidate:
    """A track of an album in one file, or the stretch of it that the entry names."""
    track = candidate.track
    start = entry.start - track.start
    end = track.duration if entry.end is None else entry.end - track.start
    if abs(start) <= EXACT and abs(end - track.duration) <= EXACT:
        return replace(candidate, track=replace(track, path=entry.path))
    inside = replace(entry, start=max(0.0, start), end=max(end, 0.1))
    return _part(replace(candidate, track=replace(track, path=entry.path)), inside)


def _part(candidate: Candidate, entry: Entry) -> Candidate:
    """A part of a track, with features computed from its curves."""
    whole = candidate.track.duration
    end = entry.end if entry.end is not None else whole
    end = min(end, whole) if whole else end
    start = min(entry.start, end)
    track = replace(
        candidate.track,
        id=f"{candidate.track.id} {start:g}-{end:g}",
        title=entry.title or candidate.track.title,
        duration=end - start,
    )
    features = candidate.features
    energies = features.energy_curve and features.energy_curve[round(start) : round(end)]
    levels = features.loudness_curve and features.loudness_curve[round(start) : round(end)]
    return replace(
        candidate,
        track=track,
        features=replace(
            features,
            energy=_mean(energies) if energies else features.energy,
            energy_start=_mean(energies[:EDGE]) if energies else None,
            energy_end=_mean(energies[-EDGE:]) if energies else None,
            loudness=_level(levels) if levels else features.loudness,
            loudness_start=_level(levels[:EDGE]) if levels else None,
            loudness_end=_level(levels[-EDGE:]) if levels else None,
            loudness_start_near=_level(levels[:NEAR]) if levels else None,
            loudness_end_near=_level(levels[-NEAR:]) if levels else None,
            silence_start=None,
            silence_end=None,
            fades=None,
            timbre_start=None,
            timbre_end=None,
        ),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _level(values: Sequence[float]) -> float:
    """The mean of levels, as power."""
    return 10 * math.log10(_mean([10 ** (each / 10) for each in values]))


def is_file(path: str) -> bool:
    """Whether a file has this name; any text is allowed."""
    return "\0" not in path and os.path.isfile(path)  # noqa: PTH113 - Path raises for names no system can have


def shown(name: str) -> str:
    """A name as quoted in messages: undecodable bytes escaped, length bounded."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
