"""The tracks' files: which were scanned, which track each is, and where it moved.

One module, because all of it keeps one table true: a track has files, a file has tracks, and the last to go takes the other
with it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.library import lowlevel, values
from playlistkit.library.database import Database
from playlistkit.library.paths import absolute, copies_of, first_there
from playlistkit.library.records import Records
from playlistkit.library.values import storable
from playlistkit.model import Candidate, Features, Track
from playlistkit.model.tracks import is_part

if TYPE_CHECKING:
    from playlistkit.analysis.lowlevel import LowLevel

__all__ = ["FileEntries", "KnownFile"]

# A file whose tags were edited decodes to the same length, give or take a codec's padding.
SAME_DURATION = 0.1  # s
SAME_LOUDNESS = 0.1  # LU


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as last scanned."""

    size: int
    mtime_ns: int
    digest: str | None = None
    """The id suggested by its content; `None` if it couldn't be read."""
    track: str | None = None
    """The id of its track."""
    error: str | None = None
    """Why it couldn't be read."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Version of the analysis that measured its track, by feature group."""
    whole: str | None = None
    """A digest of all its bytes; `None` if an older playlistkit scanned it."""
    start: float = 0.0
    """Seconds into the file at which the track begins, of an album in one file."""
    end: float | None = None
    """Seconds into the file at which it ends; `None` for the file's end."""
    within: int | None = None
    """Number of tracks in the CUE sheet in the file's tags, if that sheet cut it."""

    @property
    def is_part(self) -> bool:
        """Whether it is one of the tracks of an album in one file."""
        return is_part(self.start, self.end)


@checks_arguments
class FileEntries:
    """The part of a `Library` about files: each is a track, or an album of several."""

    def __init__(self, database: Database, records: Records) -> None:
        self._database = database
        self._records = records

    def files(self) -> dict[str, KnownFile]:
        """All files scanned and not forgotten, by absolute path; for an album in one file, its first track."""
        return {path: known for (path, _), known in reversed(self.parts().items())}

    def parts(self) -> dict[tuple[str, float], KnownFile]:
        """All files scanned and not forgotten; an album in one file appears once for each of its tracks.

        Returns
        -------
        dict of (str, float) to KnownFile
            By absolute path and the track's start in the file in seconds, sorted.
        """
        versions_of: dict[str | None, Mapping[str, int]] = {None: MappingProxyType({})}
        known = {}
        for path, start, size, mtime_ns, digest, track, error, versions, *more in self._database.stream(
            "SELECT path, start, size, mtime_ns, digest, file.track, error, versions, whole, start, stop, within "
            "FROM file LEFT JOIN feature ON feature.track = file.track AND source = 'measured' ORDER BY path, start"
        ):
            if versions not in versions_of:  # one mapping for thousands of files
                versions_of[versions] = MappingProxyType(json.loads(versions))
            known[os.fsdecode(path), start] = KnownFile(
                size, mtime_ns, digest, track, error, versions_of[versions], *more
            )
        return known

    def missing(self) -> list[Candidate]:
        """The tracks all of whose files are missing."""
        gone = [track for track, copies in copies_of(self._database).items() if first_there(copies) is None]
        return self._records.load(gone)

    def add_file(
        self,
        track: Track,
        features: Features,
        *,
        size: int,
        mtime_ns: int,
        versions: Mapping[str, int],
        low_level: LowLevel | None = None,
        whole: str | None = None,
        within: int | None = None,
    ) -> str:
        """Store what was measured of a file, or of the part of it that is a track.

        Parameters
        ----------
        track : Track
            Its tags and duration, its absolute path, its place in the file, and as `id` the one that its content
            suggests.
        features : Features
            As measured; they replace earlier measurements.
        size : int
            Bytes.
        mtime_ns : int
            Time of its last change, in nanoseconds.
        versions : mapping of str to int
            Version of the analysis by feature group.
        low_level : LowLevel, optional
            What the features were computed from, for `interpret_again`.
        whole : str, optional
            A digest of all its bytes: files that differ in any of them are different content.
        within : int, optional
            How many tracks the CUE sheet in the file's own tags has.

        Returns
        -------
        str
            The track's id: that of a known track if the content is known, or if the file at this path sounds
            as before and only its tags were edited; else the new one.

        Raises
        ------
        InputError
            If the track has no path.
        """
        if track.path is None:
            raise InputError("a file's track needs its path")
        path = os.fsencode(track.path)
        with self._database.transaction():
            key = (
                self._id_by_content(track.id, whole)
                or self._id_by_sound(path, track, features)
                or self._free_id(track, whole)
            )
            self._records.write_track(key, track)
            self._database.run(
                "INSERT OR REPLACE INTO file (path, start, stop, within, track, digest, size, mtime_ns, whole) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (path, track.start, track.end, within, key, track.id, size, mtime_ns, whole),
            )
            self._records.write_measured(key, features, versions)
            self._database.run("DELETE FROM low_level WHERE track = ?", (key,))
            if low_level is not None:
                self._database.run(
                    "INSERT INTO low_level (track, packed) VALUES (?, ?)", (key, lowlevel.pack(low_level))
                )
        return key

    def interpret_again(
        self, track: str, interpret: Callable[[Features, LowLevel], Features], versions: Mapping[str, int]
    ) -> bool:
        """Recompute a track's measured features from the stored descriptors of its sound.

        Parameters
        ----------
        track : str
            Id.
        interpret : callable
            Takes the old measured features and the low-level descriptors; returns the new features.
        versions : mapping of str to int
            Version of the analysis by feature group, from now on.

        Returns
        -------
        bool
            `False` if nothing was stored or it can't be read; then nothing was changed.
        """
        with self._database.transaction():
            rows = self._database.rows("SELECT packed FROM low_level WHERE track = ?", (track,))
            low = lowlevel.unpack(rows[0][0]) if rows else None
            if low is None:
                return False
            known: dict[str, Any] = {}
            for (text,) in self._database.rows(
                "SELECT known FROM feature WHERE track = ? AND source = 'measured'", (track,)
            ):
                known = values.decode(text)
            for name, step, packed in self._database.rows(
                "SELECT name, step, packed FROM curve WHERE track = ? AND source = 'measured'", (track,)
            ):
                if name in values.CURVES:
                    known[name] = values.curve(packed, step)
            self._records.write_measured(track, interpret(Features(**known), low), versions)
        return True

    def add_known_file(
        self,
        path: str,
        digest: str,
        *,
        size: int,
        mtime_ns: int,
        whole: str | None = None,
        start: float = 0.0,
        end: float | None = None,
        within: int | None = None,
    ) -> str | None:
        """Store a file whose content is known from another path: moved, renamed or copied.

        Entries of missing files with the same content are replaced by this one.

        Parameters
        ----------
        path : str
        digest : str
            The id that its content suggests.
        size : int
            Bytes.
        mtime_ns : int
            Time of its last change, in nanoseconds.
        whole : str, optional
            A digest of all its bytes.
        start, end, within
            As in `KnownFile`, for a part of a file.

        Returns
        -------
        str or None
            The track's id; `None` if the content is unknown and nothing was stored.
        """
        with self._database.transaction():
            key = self._id_by_content(digest, whole)
            if key is None:
                return None
            for (other,) in self._database.rows(
                "SELECT path FROM file WHERE digest = ? AND whole IS ?", (digest, whole)
            ):
                if not os.path.exists(os.fsdecode(other)):  # noqa: PTH110
                    self._database.run("DELETE FROM file WHERE path = ? AND digest = ?", (other, digest))
            self._database.run(
                "INSERT OR REPLACE INTO file (path, start, stop, within, track, digest, size, mtime_ns, whole) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (os.fsencode(path), start, end, within, key, digest, size, mtime_ns, whole),
            )
        return key

    def retag_file(self, path: str, digest: str, *, before: tuple[int, int], after: tuple[int, int]) -> bool:
        """Record that a file has new tags and the same sound, so that it need not be analysed again.

        Parameters
        ----------
        path : str
        digest : str
            The id that its content suggests now.
        before, after : (int, int)
            Its bytes and the time of its last change, in nanoseconds.

        Returns
        -------
        bool
            Whether the library knew the file in its earlier state; else nothing is changed.
        """
        changed = self._database.run(
            "UPDATE file SET digest = ?, size = ?, mtime_ns = ? "
            "WHERE path = ? AND size = ? AND mtime_ns = ? AND track IS NOT NULL AND start = 0 AND stop IS NULL",
            (digest, *after, os.fsencode(path), *before),
        )
        return changed > 0

    def add_failed_file(
        self,
        path: str,
        error: str,
        *,
        size: int,
        mtime_ns: int,
        start: float = 0.0,
        end: float | None = None,
        within: int | None = None,
    ) -> None:
        """Store why a file could not be read, so that it isn't tried again while unchanged.

        What is known about the track that was there before stays, for a copy elsewhere or a repaired file.
        """
        self._database.run(
            "INSERT OR REPLACE INTO file (path, start, stop, within, size, mtime_ns, error) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (os.fsencode(path), start, end, within, size, mtime_ns, storable(error)),
        )

    def names_of_parts(self, path: str) -> dict[float, Track]:
        """The names of a file's tracks, by their start in seconds; reads nothing else."""
        columns = ("id", "title", "artist", "album", "album_artist", "isrc", "genre")
        return {
            start: Track(**dict(zip(columns, told, strict=True)))
            for start, *told in self._database.rows(
                f"SELECT start, {', '.join(columns)} FROM file JOIN track ON track.id = file.track WHERE path = ?",  # noqa: S608
                (os.fsencode(path),),
            )
        }

    def keep_parts(self, path: str, parts: Collection[tuple[float, float | None]]) -> None:
        """Forget all but these parts of a file, as when its CUE sheet changed.

        A track that thereby loses its last file is deleted, unless somebody set or marked something on it: that returns
        if the sheet is as before.

        Parameters
        ----------
        path : str
        parts : collection of (float, float or None)
            Where they begin and end, in seconds of the file; (0, None) is the whole.
        """
        raw = os.fsencode(path)
        with self._database.transaction():
            for start, end, track in self._database.rows(
                "SELECT start, stop, track FROM file WHERE path = ?", (raw,)
            ):
                if (start, end) in parts:
                    continue
                self._database.run("DELETE FROM file WHERE path = ? AND start = ?", (raw, start))
                self._database.run(
                    "DELETE FROM track WHERE id = ? AND uri IS NULL AND NOT keep AND NOT avoid AND note IS NULL "
                    "AND NOT EXISTS (SELECT 1 FROM file WHERE track = track.id) "
                    "AND NOT EXISTS (SELECT 1 FROM feature WHERE track = track.id AND source <> 'measured') "
                    "AND NOT EXISTS (SELECT 1 FROM client_track WHERE track = track.id) "
                    "AND NOT EXISTS (SELECT 1 FROM client_mark WHERE track = track.id)",
                    (track,),
                )

    def forget_file(self, path: str) -> bool:
        """Delete the entry of one file, and with the last one its track unless that has a URI.

        Returns
        -------
        bool
            Whether there was such an entry.
        """
        with self._database.transaction():
            raw = os.fsencode(path)
            tracks = self._database.rows("SELECT track FROM file WHERE path = ?", (raw,))
            self._database.run("DELETE FROM file WHERE path = ?", (raw,))
            for (track,) in tracks:
                self._database.run(
                    "DELETE FROM track WHERE id = ? AND uri IS NULL "
                    "AND NOT EXISTS (SELECT 1 FROM file WHERE track = track.id)",
                    (track,),
                )
        return bool(tracks)

    def relocate(self, old: str | os.PathLike[str], new: str | os.PathLike[str]) -> int:
        """Update paths after a folder or file moved, without reading files.

        Parameters
        ----------
        old, new : str or path
            The folder (or file) as it was and as it is.

        Returns
        -------
        int
            How many files' entries were changed.

        Raises
        ------
        InputError
            If the library knows nothing under `old`.
        """
        slash = os.fsencode(os.sep)
        # the name of a drive ends in a slash, that of a folder doesn't
        before, after = (os.fsencode(absolute(each)).rstrip(slash) for each in (old, new))
        with self._database.transaction():
            paths: list[bytes] = [
                path
                for (path,) in self._database.rows("SELECT path FROM file")
                if path == before or path.startswith(before + slash)
            ]
            for path in dict.fromkeys(paths):
                moved = after + path[len(before) :]
                if moved != path:  # it may have been cut differently there
                    self._database.run("DELETE FROM file WHERE path = ?", (moved,))
                self._database.run("UPDATE OR REPLACE file SET path = ? WHERE path = ?", (moved, path))
        if not paths:
            raise InputError(f"the library knows no file under {absolute(old)!r}")
        return len(set(paths))

    def _id_by_content(self, digest: str, whole: str | None) -> str | None:
        """The track of a file with this content: the same bytes or, if those were never compared, the same samples."""
        twins = self._database.rows(
            "SELECT track, whole FROM file WHERE digest = ? AND track IS NOT NULL", (digest,)
        )
        same = [track for track, other in twins if other == whole] or [
            track for track, other in twins if None in (other, whole)
        ]
        if twins:
            return str(same[0]) if same else None
        for (key,) in self._database.rows(
            "SELECT id FROM track WHERE id = ?1 UNION ALL SELECT track FROM former WHERE id = ?1 LIMIT 1",
            (digest,),
        ):
            return str(key)
        return None

    def _free_id(self, track: Track, whole: str | None) -> str:
        """An id for new content; differs from the one its samples suggest if other content has that."""
        digest = track.id
        taken = self._database.rows(
            "SELECT 1 FROM track WHERE id = ?1 UNION SELECT 1 FROM former WHERE id = ?1", (digest,)
        )
        if not taken or not whole:
            return digest
        if track.is_part:  # the bytes of the file are those of all its parts
            return hashlib.blake2b(f"{whole} {digest}".encode(), digest_size=6).hexdigest()
        return whole[:12]

    def _id_by_sound(self, path: bytes, track: Track, features: Features) -> str | None:
        """The track known at this path, if the file there now has its length and loudness."""
        for key, duration, known in self._database.rows(
            "SELECT track.id, duration, known FROM file JOIN track ON track.id = file.track "
            "LEFT JOIN feature ON feature.track = track.id AND source = 'measured' WHERE path = ? AND start = ?",
            (path, track.start),
        ):
            loudness = json.loads(known or "{}").get("loudness")
            same_length = abs(duration - track.duration) <= SAME_DURATION
            if loudness is None or features.loudness is None:
                return str(key) if same_length and loudness is features.loudness else None
            return str(key) if same_length and abs(loudness - features.loudness) <= SAME_LOUDNESS else None
        return None
