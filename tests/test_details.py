"""What is made of a track only when it is asked for is the same, whoever asks first."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.model import Curve, Features, Track
from playlistkit.objective import Table
from playlistkit.objective.people import NO_ONE

CREDITS = [
    "Ann Lee",
    "Bo Ek",
    "Ann Lee & Bo Ek",
    "Cy feat. Ann Lee",
    "Day, Eve & Fay",
    "Simon & Garfunkel",
    None,
]


def music(rng: random.Random, count: int) -> tuple[list[Track], list[Features]]:
    """Tracks with joint credits, movements and gaps in what is known."""
    tracks = [
        Track(
            f"t{k}",
            title=rng.choice(["Suite: II. Adagio", "Suite: III. Presto", "Piece", "Song (feat. Bo Ek)"]),
            artist=rng.choice(CREDITS),
            people=rng.choice([(), (), ("Ann Lee", "Gil")]),
            duration=200.0 + k,
        )
        for k in range(count)
    ]
    features = [
        Features(
            key=rng.choice(["A", "F#", None]),
            mode=rng.choice(["major", "minor", None]),
            timbre=rng.choice([(0.1, rng.random()), (0.5, 0.5), (1.0,), None]),
            timbre_start=rng.choice([(rng.random(), 0.3), None]),
            energy_curve=rng.choice([Curve([0.2, 0.4], 0.001), None]),
        )
        for _ in range(count)
    ]
    return tracks, features


@settings(max_examples=40)
@given(st.integers(0, 100_000))
def test_columns_are_the_same_whichever_rows_are_asked_for_first(seed: int) -> None:
    rng = random.Random(seed)
    tracks, features = music(rng, 12)
    whole, parts = Table.of(tracks, features), Table.of(tracks, features)
    for _ in range(3):
        rows = np.array(rng.sample(range(12), rng.randint(0, 6)), dtype=np.intp)
        some = parts.take(rows)
        for name in ("fifths", "minor", "work", "movement", "timbre_start", "timbre_end"):
            np.testing.assert_array_equal(getattr(some, name), getattr(whole, name)[rows], err_msg=name)
        assert some.curves == tuple(whole.curves[row] for row in rows)
        for row, people in zip(rows.tolist(), some.people.tolist(), strict=True):
            known = {person for person in people if person != NO_ONE}
            assert known == {*parts.who.of(tracks[row])}
            assert len(known) == (whole.people[row] != NO_ONE).sum()
    shared = [
        [
            {*row} & {*other} != {NO_ONE} and bool(({*row} & {*other}) - {NO_ONE})
            for other in table.people.tolist()
        ]
        for table in (whole, parts)
        for row in table.people.tolist()
    ]
    assert shared[:12] == shared[12:]


def test_only_what_is_asked_for_is_made() -> None:
    tracks, features = music(random.Random(3), 12)
    table = Table.of(tracks, features)
    asked: list[list[int]] = []

    def lengths(details: object, rows: np.ndarray) -> np.ndarray:
        asked.append(rows.tolist())
        return np.array([len(tracks[row].id) for row in rows])

    for rows in ([3, 11], [11, 3, 4], [4]):
        assert table.details.of(lengths, np.array(rows)).tolist() == [len(tracks[row].id) for row in rows]
    assert asked == [[3, 11], [4]]
