"""The library's tracks: what is kept of them, and how they are found again."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any

from playlistkit.errors import InputError
from playlistkit.library import lowlevel, values
from playlistkit.library.clients import Clients
from playlistkit.library.database import Database
from playlistkit.library.layers import LAYERS, overlay
from playlistkit.library.names import Names, folded
from playlistkit.library.paths import absolute, copies_of, first_there
from playlistkit.library.plans import Plans
from playlistkit.library.selecting import Condition, Order, select
from playlistkit.library.values import storable
from playlistkit.model import Candidate, Curve, Features, Source, Track

if TYPE_CHECKING:
    from playlistkit.analysis.lowlevel import LowLevel

__all__ = ["KnownFile", "Library", "default_path", "uri_id"]

SAME_DURATION = (
    0.1  # s; a file whose tags were edited decodes to the same length, give or take a codec's padding
)
SAME_LOUDNESS = 0.1  # LU

TAGS = ("title", "artist", "album", "isrc", "genre", "album_artist", "people", "work", "movement")


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was when it was last looked at."""

    size: int
    mtime_ns: int
    digest: str | None = None
    """The id that its content suggests; `None` for a file that couldn't be read."""
    track: str | None = None
    """The id of its track."""
    error: str | None = None
    """Why it couldn't be read."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Version of the analysis that measured its track, by feature group."""
    whole: str | None = None
    """A digest of all its bytes; `None` where an older playlistkit looked at it."""
    start: float = 0.0
    """Seconds into the file at which the track begins, of an album in one file."""
    end: float | None = None
    """Seconds into the file at which it ends; `None`: with the file."""
    within: int | None = None
    """How many tracks the CUE sheet in the file's own tags has, if that is what cut it."""

    @property
    def is_part(self) -> bool:
        """Whether it is one of the tracks of an album in one file."""
        return self.start > 0 or self.end is not None


def default_path() -> Path:
    """Where the library is if nobody says otherwise: in the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("playlistkit", appauthor=False)) / "library.db"


def uri_id(uri: str) -> str:
    """The id of a track of which only the URI is known."""
    return hashlib.blake2b(uri.encode(), digest_size=6).hexdigest()


class Library:
    """The therapist's tracks and what is known about them, in one SQLite file.

    It belongs to the thread that opened it. Any number of threads and processes may each open the same file: they
    see each other's changes at once and wait for each other's writes, up to half a minute.

    Parameters
    ----------
    path : str or path, optional
        The file, made if it is not there; by default in the user's data folder.

    Attributes
    ----------
    path : Path
    clients : Clients
        What is remembered for clients, on this machine only.
    plans : Plans
        Plans that are being worked on, with their history.

    Raises
    ------
    LibraryError
        If the file can't be made, opened or written, is no library, or was written by a newer playlistkit.
        Every method raises it if the disk fails or fills up.

    Examples
    --------
    >>> with pk.Library("music.db") as library:
    ...     quiet = [each for each in library.candidates() if (each.features.energy or 1) < 0.2]
    >>> 0 < len(quiet) < 18
    True
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = default_path() if path is None else Path(path).expanduser().absolute()
        self._database = Database(self.path)
        self._database.define("folded", lambda text: folded(text or ""))
        self._names = Names(self._database)
        self.clients = Clients(self._database)
        self.plans = Plans(self._database)

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Write all that happens inside at once: faster for thousands of changes, and all or nothing."""
        return self._database.transaction()

    # --- reading ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """The number of tracks."""
        ((count,),) = self._database.rows("SELECT count(*) FROM track")
        return int(count)

    def candidates(self, *, available: bool = True, client: str | None = None) -> list[Candidate]:
        """The tracks with what is known about them, ordered by id.

        Parameters
        ----------
        available : bool
            Leave out tracks that can't be played now: none of their files is there, and they have no URI.
            A path is the first copy that exists; if there is none, `None`, or with `False` the first that
            was known.
        client : str, optional
            An alias whose own marks overrule the general `keep` and `avoid`.

        Returns
        -------
        list of Candidate
        """
        found = self._load(available=available)
        if client is not None:
            kept, avoided = self.clients.kept(client), self.clients.avoided(client)
            found = [_marked_for_client(each, kept, avoided) for each in found]
        return found

    def find(self, text: str) -> list[Candidate]:
        """The tracks whose title, artist, album, genre, note, path, URI or id hold every word of `text`.

        Case, accents and the Unicode form don't matter. Tracks whose files are gone are found as well.
        """
        return self._load(self._names.holding(text))

    def select(
        self, conditions: Sequence[Condition] = (), *, text: str = "", orders: Sequence[Order] = ()
    ) -> list[str]:
        """The ids of the tracks that meet all conditions, in order.

        Parameters
        ----------
        conditions : sequence of Condition
        text : str
            Every word of it must stand in title, artist, album, genre, note, path, URI or id, as for `find`.
        orders : sequence of Order
            What to sort by; what is not known of a track puts it last.

        Raises
        ------
        InputError
            If a condition or an order names no column.
        """
        return select(self._database, conditions, orders, self._names.holding(text) if text else None)

    def load(self, tracks: Sequence[str], *, available: bool = False) -> list[Candidate]:
        """The tracks with these ids, in this order; ids that the library doesn't know are passed over."""
        found = {each.track.id: each for each in self._load(tracks, available=available)}
        return [found[track] for track in tracks if track in found]

    def get(self, track: str) -> Candidate:
        """The track with this id.

        Raises
        ------
        InputError
            If there is none.
        """
        found = self._load([self._current(track)])
        if not found:
            raise InputError(f"the library has no track with the id {track!r}")
        return found[0]

    def resolve(self, text: str) -> Candidate:
        """The one track that a person means by an id, a path, a URI or a title.

        Parameters
        ----------
        text : str
            An id; a path; ``spotify:track:...`` or the address of a track on open.spotify.com; a title, or
            ``Artist - Title``. Case and accents of titles don't matter.

        Raises
        ------
        InputError
            If nothing or more than one track is meant; it names those that are near.
        """
        text = text.strip()
        exact = self._names.exact(text)
        if len(exact) == 1:
            return self.get(exact[0])
        meant = exact or self._names.titled(text)
        if len(meant) == 1:
            return self.get(meant[0])
        if meant:
            listed = "; ".join(_described(each) for each in self._load(meant[:5]))
            what = "names" if exact else "is the title of"
            raise InputError(f"{text!r} {what} {len(meant)} tracks; give an id: {listed}")
        near = [self.get(track) for track in self._names.near(text)]
        means = f"did you mean {'; or '.join(_described(each) for each in near)}?" if near else ""
        hint = f"; {means or '`playlistkit tracks` lists what there is'}"
        raise InputError(f"the library has no track {text!r} (an id, a path, a URI or a title){hint}")

    def files(self) -> dict[str, KnownFile]:
        """All files that were ever looked at and not forgotten, by absolute path; of an album in one file its first track."""
        return {path: known for (path, _), known in reversed(self.parts().items())}

    def parts(self) -> dict[tuple[str, float], KnownFile]:
        """All files that were ever looked at and not forgotten, an album in one file once for each of its tracks.

        Returns
        -------
        dict of (str, float) to KnownFile
            By absolute path and the second of the file at which the track begins, in this order.
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
        """The tracks that have files, none of which is there now."""
        gone = [track for track, copies in copies_of(self._database).items() if first_there(copies) is None]
        return self._load(gone)

    # --- writing ------------------------------------------------------------------------------------------

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
        """Keep what was measured of a file, or of the part of it that is a track.

        Parameters
        ----------
        track : Track
            Its tags and duration, its absolute path, where in the file it is, and as `id` the one that its content
            suggests.
        features : Features
            As measured; they replace what was measured before.
        size : int
            Bytes.
        mtime_ns : int
            Time of its last change, in nanoseconds.
        versions : mapping of str to int
            Version of the analysis by feature group.
        low_level : LowLevel, optional
            What the features were made of, for `interpret_again`.
        whole : str, optional
            A digest of all its bytes: files that differ in any of them are different content.
        within : int, optional
            How many tracks the CUE sheet in the file's own tags has.

        Returns
        -------
        str
            The track's id: that of a known track if the content is known, or if the file at this path sounds
            as before and only its tags were edited; else the new one.
        """
        if track.path is None:
            raise InputError("a file's track needs its path")
        path = os.fsencode(track.path)
        with self.transaction():
            key = (
                self._id_by_content(track.id, whole)
                or self._id_by_sound(path, track, features)
                or self._free_id(track.id, whole)
            )
            self._write_track(key, track)
            self._database.run(
                "INSERT OR REPLACE INTO file (path, start, stop, within, track, digest, size, mtime_ns, whole) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (path, track.start, track.end, within, key, track.id, size, mtime_ns, whole),
            )
            self._write_measured(key, features, versions)
            self._database.run("DELETE FROM low_level WHERE track = ?", (key,))
            if low_level is not None:
                self._database.run(
                    "INSERT INTO low_level (track, packed) VALUES (?, ?)", (key, lowlevel.pack(low_level))
                )
        return key

    def interpret_again(
        self, track: str, interpret: Callable[[Features, LowLevel], Features], versions: Mapping[str, int]
    ) -> bool:
        """Make a track's measured features anew of what was kept of its sound.

        Parameters
        ----------
        track : str
            Id.
        interpret : callable
            Gives the new features for those measured before and the low-level descriptors.
        versions : mapping of str to int
            Version of the analysis by feature group, from now on.

        Returns
        -------
        bool
            `False` if nothing was kept or it can't be read; then nothing was changed.
        """
        with self.transaction():
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
            self._write_measured(track, interpret(Features(**known), low), versions)
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
        """Keep a file whose content is known from another path: a moved, renamed or copied one.

        A file of the same content that is no longer where it was gives way to this one.

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
            The track's id; `None` if the content is not known, and nothing was kept.
        """
        with self.transaction():
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
        """Say that a file has other tags now and the same sound, so that it need not be listened to again.

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
            Whether the library knew the file as it was before; else nothing is changed.
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
        """Keep why a file could not be read, so that it isn't tried again while it is unchanged.

        What is known of the track that was there before stays, for a copy elsewhere or for better days.
        """
        self._database.run(
            "INSERT OR REPLACE INTO file (path, start, stop, within, size, mtime_ns, error) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (os.fsencode(path), start, end, within, size, mtime_ns, storable(error)),
        )

    def retag(self, track: Track) -> None:
        """Keep the tags of a known track as they are now, its sound being the same."""
        with self.transaction():
            self._write_track(self._existing(track.id), track)

    def names_of_parts(self, path: str) -> dict[float, Track]:
        """What the tracks of a file are called, by the second at which they begin; nothing else of them is read."""
        columns = ("id", "title", "artist", "album", "album_artist", "isrc", "genre")
        return {
            start: Track(**dict(zip(columns, told, strict=True)))
            for start, *told in self._database.rows(
                f"SELECT start, {', '.join(columns)} FROM file JOIN track ON track.id = file.track WHERE path = ?",  # noqa: S608
                (os.fsencode(path),),
            )
        }

    def keep_parts(self, path: str, parts: Collection[tuple[float, float | None]]) -> None:
        """Forget of a file all but these parts, as when its CUE sheet was changed.

        A track that loses its last file so is deleted, unless somebody said or kept something of it: that is there
        again if the sheet is as before.

        Parameters
        ----------
        path : str
        parts : collection of (float, float or None)
            Where they begin and end, in seconds of the file; (0, None) is the whole.
        """
        raw = os.fsencode(path)
        with self.transaction():
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

    def add_uri(self, track: Track) -> str:
        """Keep a track of which the URI is known, or what is newly known of it.

        Parameters
        ----------
        track : Track
            Its URI, tags and duration; the id is ours to give and may be empty. What is `None` (or 0 s)
            stays as it was. The tags of a track that has files hold; only what they lack is filled in.

        Returns
        -------
        str
            The track's id.
        """
        if not track.uri:
            raise InputError("a track without a file needs a URI")
        with self.transaction():
            rows = self._database.rows(
                "SELECT id, EXISTS (SELECT 1 FROM file WHERE track = id) FROM track WHERE uri = ?",
                (track.uri,),
            )
            key, has_files = rows[0] if rows else (uri_id(track.uri), False)
            if not rows:
                self._database.run("INSERT INTO track (id, uri) VALUES (?, ?)", (key, track.uri))
            self._write_track(key, track, filling_in=has_files)
        return str(key)

    def link(self, track: str, uri: str) -> None:
        """Say that the track with this id and the URI are one performance.

        If the URI was a track of its own, that one is taken up: its imported and set features, marks, note
        and places in clients' sessions pass over where this track has none, and its id still finds it.

        Raises
        ------
        InputError
            If there is no such track, or the URI's track has files of its own.
        """
        with self.transaction():
            key = self.get(track).track.id
            for (other,) in self._database.rows("SELECT id FROM track WHERE uri = ? AND id <> ?", (uri, key)):
                self._take_up(key, other)
            self._database.run("UPDATE track SET uri = ? WHERE id = ?", (uri, key))

    def unlink(self, track: str) -> None:
        """Take back a link: the track no longer has a URI."""
        key = self.get(track).track.id
        if not self._database.rows("SELECT 1 FROM file WHERE track = ? LIMIT 1", (key,)):
            raise InputError(f"track {key} is known by its URI alone; forget it instead")
        self._database.run("UPDATE track SET uri = NULL WHERE id = ?", (key,))

    def set_features(self, track: str, features: Mapping[str, object], source: Source = "set") -> None:
        """Keep features of a track.

        Parameters
        ----------
        track : str
            Its id.
        features : mapping of str to value
            By name; `None` takes back what this source said. Others of this source stay.
        source : {"set", "imported", "measured"}
            Who says so: set overrules imported, imported overrules measured.

        Raises
        ------
        InputError
            If there is no such track or feature, or a value is not of the feature's kind or out of its range; then
            nothing is changed.
        """
        if source not in LAYERS:
            raise InputError(f"a feature's source is one of {', '.join(LAYERS)}, not {source!r}")
        for name, value in features.items():
            values.check(name, value, source)
        with self.transaction():
            key = self._existing(track)
            known, versions = self._layer(key, source)
            known.update(values.encodable(features))
            known = {name: value for name, value in known.items() if value is not None}
            self._write_scalars(key, source, known, versions)
            for name in values.CURVES & features.keys():
                self._database.run(
                    "DELETE FROM curve WHERE track = ? AND source = ? AND name = ?", (key, source, name)
                )
            self._write_curves(key, source, features)

    def mark(
        self, track: str, *, keep: bool | None = None, avoid: bool | None = None, note: str | None = None
    ) -> None:
        """Keep or avoid a track in all sessions, or note something about it.

        Parameters
        ----------
        track : str
            Its id.
        keep, avoid : bool, optional
            `None`: as it was. A track can't be both; the one that is given as true wins.
        note : str, optional
            `None`: as it was; empty: none.

        Raises
        ------
        InputError
            If there is no such track, or it should be both kept and avoided.
        """
        if keep and avoid:
            raise InputError("a track can't be both kept and avoided; give one of them")
        with self.transaction():
            key = self._existing(track)
            if keep is not None or avoid is not None:
                self._database.run(
                    "UPDATE track SET keep = coalesce(?, keep), avoid = coalesce(?, avoid) WHERE id = ?",
                    (False if avoid else keep, False if keep else avoid, key),
                )
            if note is not None:
                self._database.run(
                    "UPDATE track SET note = ? WHERE id = ?", (storable(note.strip()) or None, key)
                )

    def forget(self, track: str) -> None:
        """Delete a track, its files' entries, features and marks. The audio files stay as they are.

        Raises
        ------
        InputError
            If there is no such track.
        """
        with self.transaction():
            self._database.run("DELETE FROM track WHERE id = ?", (self._existing(track),))

    def forget_file(self, path: str) -> bool:
        """Delete the entry of one file, and with the last one its track unless that has a URI.

        Returns
        -------
        bool
            Whether there was such an entry.
        """
        with self.transaction():
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
        """Follow a folder or file that moved, without reading anything.

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
        before, after = os.fsencode(absolute(old)), os.fsencode(absolute(new))
        slash = os.fsencode(os.sep)
        with self.transaction():
            paths: list[bytes] = [
                path
                for (path,) in self._database.rows("SELECT path FROM file")
                if path == before or path.startswith(before.rstrip(slash) + slash)
            ]
            for path in paths:
                moved = after + path[len(before) :]
                self._database.run("UPDATE OR REPLACE file SET path = ? WHERE path = ?", (moved, path))
        if not paths:
            raise InputError(f"the library knows no file under {os.fsdecode(before)!r}")
        return len(paths)

    # --- within -------------------------------------------------------------------------------------------

    def _load(self, ids: Iterable[str] | None = None, *, available: bool = False) -> list[Candidate]:
        """Candidates in the order of their ids: all, or those named."""
        where, wanted = "", tuple[str, ...]()
        if ids is not None:
            # as JSON: SQLite bounds the number of parameters, not the length of one
            where, wanted = "WHERE {} IN (SELECT value FROM json_each(?))", (json.dumps(sorted(set(ids))),)
        all_tracks = f"SELECT * FROM track {where.format('id')} ORDER BY id"  # noqa: S608
        all_layers = f"SELECT track, source, known FROM feature {where.format('track')}"  # noqa: S608
        all_curves = f"SELECT track, source, name, step, packed FROM curve {where.format('track')}"  # noqa: S608
        tracks = self._database.stream(all_tracks, wanted)
        paths = copies_of(self._database, where.format("track"), wanted)
        layers: dict[str, dict[Source, dict[str, Any]]] = {}
        for track, source, text in self._database.stream(all_layers, wanted):
            layers.setdefault(track, {})[source] = values.decode(text)
        for track, source, name, step, packed in self._database.stream(all_curves, wanted):
            if name in values.CURVES:
                layers.setdefault(track, {}).setdefault(source, {})[name] = values.curve(packed, step)
        shared: dict[tuple[tuple[str, Source], ...], Mapping[str, Source]] = {}
        found = []
        for key, uri, title, artist, album, isrc, genre, duration, keep, avoid, note, *more in tracks:
            album_artist, people, work, movement = more
            copies = paths.get(key, ())
            there = first_there(copies) or (None if available or not copies else copies[0])
            if available and there is None and uri is None:
                continue
            path, start, end = there or (None, 0.0, None)
            known, sources = overlay(layers.pop(key, {}))
            names = tuple(sources.items())  # most tracks have the same: kept once
            track = Track(
                key, path, uri, title, _interned(artist), _interned(album), isrc, _interned(genre), duration,
                _interned(album_artist), values.names(people), _interned(work), movement, start, end,
            )  # fmt: skip
            found.append(
                Candidate(
                    track,
                    Features(**known),
                    shared.setdefault(names, sources),  # a plain dict, as a read-only view can't be pickled
                    bool(keep),
                    bool(avoid),
                    note,
                )
            )
        return found

    def _current(self, track: str) -> str:
        """The id that a track has now."""
        rows = self._database.rows("SELECT track FROM former WHERE id = ?", (storable(track),))
        return rows[0][0] if rows else storable(track)

    def _existing(self, track: str) -> str:
        key = self._current(track)
        if not self._database.rows("SELECT 1 FROM track WHERE id = ?", (key,)):
            raise InputError(f"the library has no track with the id {track!r}")
        return key

    def _id_by_content(self, digest: str, whole: str | None) -> str | None:
        """The track of a file of this content: of the same bytes, or where nobody compared them of the same samples."""
        twins = self._database.rows(
            "SELECT track, whole FROM file WHERE digest = ? AND track IS NOT NULL", (digest,)
        )
        same = [track for track, other in twins if other == whole] or [
            track for track, other in twins if None in (other, whole)
        ]
        if twins:
            return str(same[0]) if same else None
        rows = self._database.rows(
            "SELECT id FROM track WHERE id = ?1 UNION ALL SELECT track FROM former WHERE id = ?1 LIMIT 1",
            (digest,),
        )
        return rows[0][0] if rows else None

    def _free_id(self, digest: str, whole: str | None) -> str:
        """An id for new content; another than its samples suggest, where other content has that one."""
        taken = self._database.rows(
            "SELECT 1 FROM track WHERE id = ?1 UNION SELECT 1 FROM former WHERE id = ?1", (digest,)
        )
        return whole[:12] if taken and whole else digest

    def _id_by_sound(self, path: bytes, track: Track, features: Features) -> str | None:
        """The track that was at this path, if what is there now has its length and loudness."""
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

    def _take_up(self, key: str, other: str) -> None:
        """Join the track `other`, known by its URI alone, into the track `key`."""
        if self._database.rows("SELECT 1 FROM file WHERE track = ? LIMIT 1", (other,)):
            raise InputError(f"tracks {key} and {other} both have files; they can't be one")
        run = self._database.run
        for source in LAYERS:
            mine, versions = self._layer(key, source)
            theirs, _ = self._layer(other, source)
            if theirs:
                self._write_scalars(key, source, {**theirs, **mine}, versions)
        run("UPDATE OR IGNORE curve SET track = ? WHERE track = ?", (key, other))
        run(
            "UPDATE track SET keep = max(track.keep, theirs.keep), avoid = max(track.avoid, theirs.avoid), "
            "note = coalesce(track.note, theirs.note), isrc = coalesce(track.isrc, theirs.isrc) "
            "FROM track AS theirs WHERE track.id = ? AND theirs.id = ?",
            (key, other),
        )
        run("UPDATE client_track SET track = ? WHERE track = ?", (key, other))
        run("UPDATE OR IGNORE client_mark SET track = ? WHERE track = ?", (key, other))
        run("UPDATE former SET track = ? WHERE track = ?", (key, other))
        run("DELETE FROM track WHERE id = ?", (other,))
        run("INSERT INTO former (id, track) VALUES (?, ?)", (other, key))

    def _write_track(self, key: str, track: Track, *, filling_in: bool = False) -> None:
        """Tags of a track: the new ones where given, or with `filling_in` only where there were none."""
        order = "coalesce(track.{0}, excluded.{0})" if filling_in else "coalesce(excluded.{0}, track.{0})"
        longer = "track.duration = 0" if filling_in else "excluded.duration > 0"
        tags = ", ".join(f"{name} = {order.format(name)}" for name in TAGS)
        self._database.run(
            f"INSERT INTO track (id, {', '.join(TAGS)}, duration) VALUES (?{', ?' * len(TAGS)}, ?) "  # noqa: S608
            f"ON CONFLICT (id) DO UPDATE SET {tags}, "
            f"duration = CASE WHEN {longer} THEN excluded.duration ELSE track.duration END",
            (
                key,
                *(values.tag(getattr(track, name)) for name in TAGS),
                track.duration,
            ),
        )

    def _layer(self, key: str, source: Source) -> tuple[dict[str, Any], str | None]:
        """What a source says of a track, as in the JSON and without curves, and the versions of its analysis."""
        rows = self._database.rows(
            "SELECT known, versions FROM feature WHERE track = ? AND source = ?", (key, source)
        )
        return (json.loads(rows[0][0]), rows[0][1]) if rows else ({}, None)

    def _write_measured(self, key: str, features: Features, versions: Mapping[str, int]) -> None:
        known = values.known(features)
        self._write_scalars(key, "measured", values.encodable(known), _versions(versions))
        self._database.run("DELETE FROM curve WHERE track = ? AND source = 'measured'", (key,))
        self._write_curves(key, "measured", known)

    def _write_scalars(
        self, key: str, source: Source, known: Mapping[str, Any], versions: str | None
    ) -> None:
        self._database.run(
            "INSERT OR REPLACE INTO feature (track, source, known, versions) VALUES (?, ?, ?, ?)",
            (key, source, json.dumps(known, separators=(",", ":")), versions),
        )

    def _write_curves(self, key: str, source: Source, known: Mapping[str, object]) -> None:
        self._database.run_many(
            "INSERT INTO curve (track, source, name, step, packed) VALUES (?, ?, ?, ?, ?)",
            [
                (key, source, name, value.step, values.pack(value))
                for name, value in known.items()
                if isinstance(value, Curve)
            ],
        )


def _marked_for_client(candidate: Candidate, kept: set[str], avoided: set[str]) -> Candidate:
    key = candidate.track.id
    if key in kept or key in avoided:
        return replace(candidate, keep=key in kept, avoid=key in avoided)
    return candidate


def _described(candidate: Candidate) -> str:
    track = candidate.track
    name = track.title or Path(track.path or track.uri or "").name
    return f"{track.id} ({' - '.join(filter(None, (track.artist, name)))})"


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def _versions(versions: Mapping[str, int]) -> str:
    return json.dumps(dict(sorted(versions.items())), separators=(",", ":"))
