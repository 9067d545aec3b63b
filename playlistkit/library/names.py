"""Find tracks by what people call them: id, path, URI or title, ignoring case, accents and Unicode forms."""

from __future__ import annotations

import functools
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from playlistkit.library.database import Database
from playlistkit.library.paths import absolute, copies_of
from playlistkit.library.values import storable
from playlistkit.names import typed

__all__ = ["Names", "folded"]


BETWEEN = "\0"
"""Separates texts that are searched together; occurs in no name."""


class Names:
    """The names of a library's tracks; each method gives ids.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state: tuple[int, int] | None = None
        self._searched: dict[str, str] = {}
        self._folded: dict[str, str] = {}

    def exact(self, text: str) -> list[str]:
        """The track with this id, else this URI, else this path; several for an album in one file."""
        return self._by_id(text) or self._by_uri(text) or self._by_path(text)

    def titled(self, text: str) -> list[str]:
        """The tracks with this title, ``Artist - Title`` or, without a title, file's name."""
        wanted = folded(text)
        return [track for track, *told in self._told() if wanted and wanted in _titles(told)]

    def holding(self, text: str) -> list[str]:
        """The tracks whose texts contain every word."""
        words = typed(text).split()
        return [track for track, told in self._texts().items() if all(word in told for word in words)]

    def near(self, text: str, limit: int = 3) -> list[str]:
        """The tracks whose artist and title are most like a text, best first."""
        from rapidfuzz import fuzz, process

        names = {
            track: " ".join((told[1], told[0] or Path(told[-1].split("\n")[0]).stem))
            for track, *told in self._told()
        }
        near = process.extract(folded(text), names, scorer=fuzz.token_set_ratio, limit=limit, score_cutoff=60)
        return [track for _, _, track in near]

    def _told(self) -> Iterator[tuple[str, ...]]:
        """For each track, its id, then folded: title, artist, album, genre, note, URI, id, paths."""
        for key, *told, paths in self._known():
            yield (key, *map(folded, told), "\n".join(map(folded, paths.split(BETWEEN))))

    def _texts(self) -> dict[str, str]:
        """Each track's texts as one folded text; cached until the library changes, since every keystroke searches it."""
        state = self._database.state()
        if state is None or state != self._state:
            texts = {key: BETWEEN.join(told) for key, *told in self._known()}
            kept = self._folded
            self._folded = {text: kept[text] if text in kept else typed(text) for text in texts.values()}
            self._searched = {key: self._folded[text] for key, text in texts.items()}
            self._state = state
        return self._searched

    def _known(self) -> Iterator[tuple[str, ...]]:
        """For each track, its id, title, artist, album, genre, note, URI, id, paths."""
        copies = copies_of(self._database)
        for key, *told in self._database.stream(
            "SELECT id, title, artist, album, genre, note, uri, id FROM track ORDER BY id"
        ):
            paths = BETWEEN.join(each.path for each in copies.get(key, ()))
            yield (key, *(each or "" for each in told), paths)

    def _by_id(self, text: str) -> list[str]:
        return [
            track
            for (track,) in self._database.rows(
                "SELECT id FROM track WHERE id = ?1 UNION SELECT track FROM former WHERE id = ?1",
                (storable(text.lower()),),
            )
        ]

    def _by_uri(self, text: str) -> list[str]:
        address = re.match(r"https?://open\.spotify\.com/(?:intl-\w+/)?track/(\w+)", text)
        uri = f"spotify:track:{address[1]}" if address else text
        rows = self._database.rows("SELECT id FROM track WHERE uri = ?", (storable(uri),))
        return [track for (track,) in rows]

    def _by_path(self, text: str) -> list[str]:
        if not text or "\0" in text:
            return []
        rows = self._database.rows(
            "SELECT track FROM file WHERE path = ? AND track IS NOT NULL", (os.fsencode(absolute(text)),)
        )
        if not rows and os.sep in text:  # typed composed but stored decomposed, or the other way round
            wanted = unicodedata.normalize("NFC", absolute(text))
            rows = [
                (track,)
                for track, copies in copies_of(self._database).items()
                if any(unicodedata.normalize("NFC", each.path) == wanted for each in copies)
            ]
        return [track for (track,) in rows]


def _titles(told: list[str]) -> tuple[str, ...]:
    """The folded names by which a person may know a track: title, artist and title, or file name."""
    title, artist, *_, paths = told
    stems = tuple(Path(path).stem for path in paths.split("\n")) if not title else ()
    return (title, f"{artist} {title}", *stems)


folded = functools.lru_cache(maxsize=1 << 17)(typed)
"""`names.typed`, cached: each keystroke in a search needs the names of the whole library."""
