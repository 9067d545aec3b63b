"""An index of libraries' tracks by everything that a playlist may say about them: path, URI, end of a path, title.

Takes open libraries; gives the one track that an entry of a playlist means.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field, replace
from itertools import chain

from playlistkit import audio
from playlistkit.library import Library
from playlistkit.model import Candidate, Track
from playlistkit.recordings import SAME_LENGTH
from playlistkit.sources.finder import bare, parts_of
from playlistkit.sources.playlist import Entry
from playlistkit.workflow.playlists.track_parts import within

__all__ = ["KnownTracks", "is_file"]

NO_NAMES = ("track", "titel", "piste", "audio", "unknown")  # of files, which say nothing of what is in them


@dataclass(slots=True)
class KnownTracks:
    """An index of the library's tracks by everything a playlist may say about them; built once."""

    tracks: dict[str, Candidate]
    by_path: dict[str, str]
    by_uri: dict[str, str]
    albums: dict[str, list[tuple[float, float | None, str]]]
    """Tracks of albums in one file, by path: start, end and id."""
    by_name: dict[str, list[str]] = field(default_factory=dict)
    """Paths of existing files, by normalised name."""
    by_title: dict[str, list[Candidate]] = field(default_factory=dict)
    by_both: dict[str, list[Candidate]] = field(default_factory=dict)
    """By artist and title together, in either order."""

    @classmethod
    def of(cls, *libraries: Library) -> KnownTracks:
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
                return within(known, entry)
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
        self._index_titles()
        if not title:  # a line of a list typed by hand, or a file, may be named "01 Artist - Title"
            title = (_bare_parts(entry.path or "") or [""])[-1]
            title = title if title in self.by_both else title.lstrip("0123456789")
            if title not in self.by_both:
                return None
        # "Artist - Title" may as well be a title with a dash
        titled = self.by_title.get(title, []) or self.by_title.get(artist + title, [])
        by_artist = [each for each in titled if bare(each.track.artist or "") == artist]
        if not titled:  # "Title - Artist", as iTunes writes it, and "Artist-Title"
            titled = by_artist = self.by_both.get(artist + title, [])
        near = by_artist or [each for each in titled if not artist or not each.track.artist]
        if len(near) > 1 and entry.duration:
            near = [each for each in near if abs(each.track.duration - (entry.duration or 0)) <= SAME_LENGTH]
        if len(near) > 1:
            near = [each for each in near if each.track.path is not None and is_file(each.track.path)]
        return near[0] if len(near) == 1 else None

    def _index_titles(self) -> None:
        if self.by_title:
            return
        for each in self.tracks.values():
            name, person = bare(each.track.title or ""), bare(each.track.artist or "")
            if name:
                self.by_title.setdefault(name, []).append(each)
            for both in {name + person, person + name} if name and person else ():
                self.by_both.setdefault(both, []).append(each)


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


def is_file(path: str) -> bool:
    """Whether a file has this name; any text is allowed."""
    return "\0" not in path and os.path.isfile(path)  # noqa: PTH113 - Path raises for names no system can have
