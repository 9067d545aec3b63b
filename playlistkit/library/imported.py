"""Many tracks of a table at once: 100,000 rows in a second or two, not in ten."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from playlistkit.library import values
from playlistkit.library.tracks import Library, uri_id
from playlistkit.model import Track

__all__ = ["add_imported"]

PROGRESS_EVERY = 1000


def add_imported(
    library: Library,
    tracks: Sequence[tuple[Track, Mapping[str, object]]],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> None:
    """Store tracks that the library doesn't know yet, with their imported features.

    Parameters
    ----------
    library : Library
    tracks : sequence of (Track, mapping of str to value)
        Each with a URI. One that became known meanwhile stays as it is.
    progress : callable
        Called with tracks done, those already known left out, and their total.

    Raises
    ------
    InputError
        If a value has the wrong type or is out of range; then nothing is stored.
    """
    for _, features in tracks:
        for name, value in features.items():
            values.check(name, value, "imported")
    texts = [
        tuple(
            values.tag(each)
            for each in (
                track.uri,
                track.title,
                track.artist,
                track.album,
                track.isrc,
                track.genre,
                track.album_artist,
                track.people,
            )
        )
        for track, _ in tracks
    ]
    keys = [uri_id(str(uri)) for uri, *_ in texts]
    database = library._database
    with library.transaction():
        known = {key for (key,) in database.rows("SELECT id FROM track UNION ALL SELECT id FROM former")}
        known_uris = {uri for (uri,) in database.rows("SELECT uri FROM track WHERE uri IS NOT NULL")}
        new = [
            number
            for number, key in enumerate(keys)
            if key not in known and texts[number][0] not in known_uris
        ]
        steps = 2 * len(new)  # a row for the track, one for its features

        def told(numbers: Sequence[int], before: int) -> Iterator[int]:
            for done, number in enumerate(numbers, before):
                if done % PROGRESS_EVERY == 0:
                    progress(done // 2, steps // 2)
                yield number

        database.run_many(
            "INSERT OR IGNORE INTO track (id, uri, title, artist, album, isrc, genre, album_artist, people, duration) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((keys[number], *texts[number], tracks[number][0].duration) for number in told(new, 0)),
        )
        database.run_many(
            "INSERT OR IGNORE INTO feature (track, source, known) VALUES (?, 'imported', ?)",
            (
                (keys[number], json.dumps(values.encodable(features), separators=(",", ":")))
                for number in told(new, len(new))
                if (features := tracks[number][1])
            ),
        )
