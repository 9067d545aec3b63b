"""The library: its tracks by id, their features, and searching. `files` has their paths."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.library import values
from playlistkit.library.clients import Clients
from playlistkit.library.database import Database
from playlistkit.library.files import FileEntries
from playlistkit.library.layers import LAYERS
from playlistkit.library.names import Names, folded
from playlistkit.library.plans import Plans
from playlistkit.library.records import Records
from playlistkit.library.selecting import Condition, Order, Selection
from playlistkit.library.until_changed import UntilChanged
from playlistkit.library.values import storable
from playlistkit.model import Candidate, Source, Track

__all__ = ["Library", "default_path", "uri_id"]


def default_path() -> Path:
    """The default library, in the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("playlistkit", appauthor=False)) / "library.db"


def uri_id(uri: str) -> str:
    """The id of a track known only by its URI."""
    return hashlib.blake2b(uri.encode(), digest_size=6).hexdigest()


@checks_arguments
class Library(FileEntries):
    """The therapist's tracks and what is known about them, in one SQLite file.

    It belongs to the thread that opened it. Any number of threads and processes may each open the same file: they
    see each other's changes at once and wait for each other's writes, up to half a minute.

    Parameters
    ----------
    path : str or path, optional
        The file, created if missing; by default in the user's data folder.

    Attributes
    ----------
    path : Path
    clients : Clients
        What is remembered for clients, on this machine only.
    plans : Plans
        Plans being worked on, with their history.

    Raises
    ------
    LibraryError
        If the file can't be created, opened or written, is not a library, or was written by a newer playlistkit.
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
        database = Database(self.path)
        super().__init__(database, Records(database))
        self._database.define("folded", lambda text: folded(text or ""))
        self._names = Names(self._database)
        self._selected = Selection(self._database)
        self.clients = Clients(self._database)
        self.plans = Plans(self._database)
        self.until_changed = UntilChanged(self._database)

    def __repr__(self) -> str:
        return f"<Library {str(self.path)!r}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a library can't be copied or sent to another process; open it there: Library({str(self.path)!r})"
        )

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def refuse_changes(self) -> None:
        """From now on it can only be read here; every change raises LibraryError."""
        self._database.run("PRAGMA query_only = ON")

    def transaction(self) -> AbstractContextManager[None]:
        """Commit everything inside at once: faster for thousands of changes, and all or nothing."""
        return self._database.transaction()

    # --- reading ------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        """The number of tracks."""
        ((count,),) = self._database.rows("SELECT count(*) FROM track")
        return int(count)

    def __iter__(self) -> Iterator[Candidate]:
        """Every track with what is known about it, ordered by id; those whose files are missing as well."""
        return iter(self.candidates(available=False))

    def __contains__(self, track: object) -> bool:
        """Whether there is a track with this id."""
        return isinstance(track, str) and bool(self._records.load([self._records.current(track)]))

    def candidates(self, *, available: bool = True, client: str | None = None) -> list[Candidate]:
        """The tracks with what is known about them, ordered by id.

        Parameters
        ----------
        available : bool
            Leave out tracks that can't be played now, having neither an existing file nor a URI.
            A path is the first copy that exists; if there is none, `None`, or with `False` the first that
            was known.
        client : str, optional
            An alias whose own marks overrule the general `keep` and `avoid`.

        Returns
        -------
        list of Candidate
        """
        found = self._records.load(available=available)
        if client is not None:
            kept, avoided = self.clients.kept(client), self.clients.avoided(client)
            found = [_marked_for_client(each, kept, avoided) for each in found]
        return found

    def find(self, text: str) -> list[Candidate]:
        """The tracks whose title, artist, album, genre, note, path, URI or id contain every word of `text`.

        Ignores case, accents and Unicode forms. Tracks whose files are missing are found as well.
        """
        return self._records.load(self._names.holding(text))

    def select(
        self, conditions: Sequence[Condition] = (), *, text: str = "", orders: Sequence[Order] = ()
    ) -> list[str]:
        """The ids of the tracks that meet all conditions, in order.

        Parameters
        ----------
        conditions : sequence of Condition
        text : str
            Every word must occur in title, artist, album, genre, note, path, URI or id, as for `find`.
        orders : sequence of Order
            What to sort by; unknown values come last.

        Raises
        ------
        InputError
            If a condition or an order names an unknown column.
        """
        found = self._selected(conditions, orders)
        if not text:
            return list(found)
        held = set(self._names.holding(text))
        return [track for track in found if track in held]

    def prepare_selecting(self) -> None:
        """Read now what `select` needs for words and for the usual conditions, so that the next answer is quick."""
        self._names.holding("")
        for column in ("energy", "tempo", "vocals"):
            self._selected([Condition(column)], ())

    def load(self, tracks: Sequence[str], *, available: bool = False) -> list[Candidate]:
        """The tracks with these ids, in this order; unknown ids are skipped."""
        found = {each.track.id: each for each in self._records.load(tracks, available=available)}
        return [found[track] for track in tracks if track in found]

    def get(self, track: str) -> Candidate:
        """The track with this id.

        Raises
        ------
        InputError
            If there is none.
        """
        found = self._records.load([self._records.current(track)])
        if not found:
            raise InputError(f"the library has no track with the id {track!r}")
        return found[0]

    def resolve(self, text: str) -> Candidate:
        """The one track meant by an id, a path, a URI or a title.

        Parameters
        ----------
        text : str
            An id; a path; ``spotify:track:...`` or the address of a track on open.spotify.com; a title, or
            ``Artist - Title``. Case and accents of titles don't matter.

        Raises
        ------
        InputError
            If no track or more than one matches; the message names similar ones.
        """
        text = text.strip()
        exact = self._names.exact(text)
        meant = exact or self._names.titled(text)
        if len(meant) == 1:
            return self.get(meant[0])
        if meant:
            listed = "; ".join(_described(each) for each in self._records.load(meant[:5]))
            what = "names" if exact else "is the title of"
            raise InputError(f"{text!r} {what} {len(meant)} tracks; give an id: {listed}")
        near = [self.get(track) for track in self._names.near(text)]
        means = f"did you mean {'; or '.join(_described(each) for each in near)}?" if near else ""
        hint = f"; {means or '`playlistkit tracks` lists what there is'}"
        raise InputError(f"the library has no track {text!r} (an id, a path, a URI or a title){hint}")

    # --- writing ------------------------------------------------------------------------------------------

    def retag(self, track: Track) -> None:
        """Store the new tags of a known track whose sound is unchanged."""
        with self.transaction():
            self._records.write_track(self._records.existing(track.id), track)

    def add_uri(self, track: Track) -> str:
        """Store a track known by its URI, or update what is known about it.

        Parameters
        ----------
        track : Track
            Its URI, tags and duration; the id is assigned here and may be empty. What is `None` (or 0 s)
            stays as it was. A track with files keeps its tags; only missing ones are filled in.

        Returns
        -------
        str
            The track's id.

        Raises
        ------
        InputError
            If the track has no URI.
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
            self._records.write_track(key, track, filling_in=has_files)
        return str(key)

    def link(self, track: str, uri: str) -> None:
        """Record that the track with this id and the URI are one performance.

        If the URI was a track of its own, that one is merged: its imported and set features, marks, note
        and places in clients' sessions are taken where this track has none, and its id still finds it.

        Raises
        ------
        InputError
            If there is no such track, or the URI's track has files of its own.
        """
        with self.transaction():
            key = self.get(track).track.id
            for (other,) in self._database.rows("SELECT id FROM track WHERE uri = ? AND id <> ?", (uri, key)):
                self._records.take_up(key, other)
            self._database.run("UPDATE track SET uri = ? WHERE id = ?", (uri, key))

    def unlink(self, track: str) -> None:
        """Undo a link: the track no longer has a URI. Refused if it has nothing else."""
        key = self.get(track).track.id
        if not self._database.rows("SELECT 1 FROM file WHERE track = ? LIMIT 1", (key,)):
            raise InputError(f"track {key} is known only by its URI; forget it instead")
        self._database.run("UPDATE track SET uri = NULL WHERE id = ?", (key,))

    def set_features(self, track: str, features: Mapping[str, object], source: Source = "set") -> None:
        """Store features of a track.

        Parameters
        ----------
        track : str
            Its id.
        features : mapping of str to value
            By name; `None` removes this source's value. Its other values stay.
        source : {"set", "imported", "measured"}
            The source: set overrules imported, imported overrules measured.

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
            key = self._records.existing(track)
            known, versions = self._records.layer(key, source)
            known.update(values.encodable(features))
            known = {name: value for name, value in known.items() if value is not None}
            self._records.write_scalars(key, source, known, versions)
            for name in values.CURVES & features.keys():
                self._database.run(
                    "DELETE FROM curve WHERE track = ? AND source = ? AND name = ?", (key, source, name)
                )
            self._records.write_curves(key, source, features)

    def mark(
        self, track: str, *, keep: bool | None = None, avoid: bool | None = None, note: str | None = None
    ) -> None:
        """Mark a track keep or avoid in all sessions, or add a note.

        Parameters
        ----------
        track : str
            Its id.
        keep, avoid : bool, optional
            `None` leaves it. A track can't be both; setting one clears the other.
        note : str, optional
            `None` leaves it; an empty text deletes it.

        Raises
        ------
        InputError
            If there is no such track, or both keep and avoid are true.
        """
        if keep and avoid:
            raise InputError("a track can't be both kept and avoided; give one of them")
        with self.transaction():
            key = self._records.existing(track)
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
            self._database.run("DELETE FROM track WHERE id = ?", (self._records.existing(track),))


def _marked_for_client(candidate: Candidate, kept: set[str], avoided: set[str]) -> Candidate:
    key = candidate.track.id
    if key in kept or key in avoided:
        return replace(candidate, keep=key in kept, avoid=key in avoided)
    return candidate


def _described(candidate: Candidate) -> str:
    track = candidate.track
    name = track.title or Path(track.path or track.uri or "").name
    return f"{track.id} ({' - '.join(filter(None, (track.artist, name)))})"
