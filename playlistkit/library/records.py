"""One track's rows in the database: tags, and features in layers by source."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from playlistkit.errors import InputError
from playlistkit.library import values
from playlistkit.library.database import Database
from playlistkit.library.layers import LAYERS, overlay
from playlistkit.library.paths import copies_of, first_there
from playlistkit.library.values import storable
from playlistkit.model import Candidate, Curve, Features, Source, Track

__all__ = ["Records"]

TAGS = ("title", "artist", "album", "isrc", "genre", "album_artist", "people", "work", "movement")


class Records:
    """The tracks of a database, read and written by id."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self, track: str) -> str:
        """The track's present id."""
        rows = self._database.rows("SELECT track FROM former WHERE id = ?", (storable(track),))
        return rows[0][0] if rows else storable(track)

    def existing(self, track: str) -> str:
        """The track's present id; raises InputError if there is no such track."""
        key = self.current(track)
        if not self._database.rows("SELECT 1 FROM track WHERE id = ?", (key,)):
            raise InputError(f"the library has no track with the id {track!r}")
        return key

    def load(self, ids: Iterable[str] | None = None, *, available: bool = False) -> list[Candidate]:
        """Candidates in the order of their ids: all, or those named."""
        where, wanted = "", tuple[str, ...]()
        if ids is not None:
            # as JSON: SQLite bounds the number of parameters, not the length of one
            where, wanted = "WHERE {} IN (SELECT value FROM json_each(?))", (json.dumps(sorted(set(ids))),)
        all_tracks = f"SELECT * FROM track {where.format('id')} ORDER BY id"  # noqa: S608
        all_layers = f"SELECT track, source, known FROM feature {where.format('track')}"  # noqa: S608
        all_curves = f"SELECT track, source, name, step, packed FROM curve {where.format('track')}"  # noqa: S608
        tracks = self._database.stream(all_tracks, wanted)
        copies_by_track = copies_of(self._database, where.format("track"), wanted)
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
            copies = copies_by_track.get(key, ())
            there = first_there(copies) or (None if available or not copies else copies[0])
            if available and there is None and uri is None:
                continue
            path, start, end = there or (None, 0.0, None)
            known, sources = overlay(layers.pop(key, {}))
            names = tuple(sources.items())  # shared, since most tracks have the same
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

    def write_track(self, key: str, track: Track, *, filling_in: bool = False) -> None:
        """Write a track's tags; with `filling_in`, only where there were none."""
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

    def layer(self, key: str, source: Source) -> tuple[dict[str, Any], str | None]:
        """One source's features of a track, as stored JSON without curves, and the versions of its analysis."""
        rows = self._database.rows(
            "SELECT known, versions FROM feature WHERE track = ? AND source = ?", (key, source)
        )
        return (json.loads(rows[0][0]), rows[0][1]) if rows else ({}, None)

    def write_measured(self, key: str, features: Features, versions: Mapping[str, int]) -> None:
        """Write all measured features of a track, replacing earlier ones."""
        known = values.known(features)
        self.write_scalars(key, "measured", values.encodable(known), _versions(versions))
        self._database.run("DELETE FROM curve WHERE track = ? AND source = 'measured'", (key,))
        self.write_curves(key, "measured", known)

    def write_scalars(self, key: str, source: Source, known: Mapping[str, Any], versions: str | None) -> None:
        """Write one source's features of a track, except curves, replacing earlier ones."""
        self._database.run(
            "INSERT OR REPLACE INTO feature (track, source, known, versions) VALUES (?, ?, ?, ?)",
            (key, source, json.dumps(known, separators=(",", ":")), versions),
        )

    def write_curves(self, key: str, source: Source, known: Mapping[str, object]) -> None:
        """Write the curves among one source's features, of which none may exist yet."""
        self._database.run_many(
            "INSERT INTO curve (track, source, name, step, packed) VALUES (?, ?, ?, ?, ?)",
            [
                (key, source, name, value.step, values.pack(value))
                for name, value in known.items()
                if isinstance(value, Curve)
            ],
        )

    def take_up(self, key: str, other: str) -> None:
        """Merge the track `other`, known only by its URI, into the track `key`; refused if both have files."""
        if self._database.rows("SELECT 1 FROM file WHERE track = ? LIMIT 1", (other,)):
            raise InputError(f"tracks {key} and {other} both have files, so they can't be joined")
        run = self._database.run
        for source in LAYERS:
            mine, versions = self.layer(key, source)
            theirs, _ = self.layer(other, source)
            if theirs:
                self.write_scalars(key, source, {**theirs, **mine}, versions)
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


def _interned(text: str | None) -> str | None:
    return None if text is None else sys.intern(text)


def _versions(versions: Mapping[str, int]) -> str:
    return json.dumps(dict(sorted(versions.items())), separators=(",", ":"))
