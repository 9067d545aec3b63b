"""What `Library.select` finds, against the same question asked of each track by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playlistkit.errors import InputError
from playlistkit.library import Condition, Library, Order
from playlistkit.library.selecting import COLUMNS, MOST_KEPT, NUMBERS
from playlistkit.model import Features, Track
from playlistkit.names import typed


@dataclass(frozen=True)
class Known:
    """A made track as the questions below see it."""

    id: str
    title: str | None
    artist: str | None
    keep: bool
    duration: float
    energy: float | None
    vocals: str | None


TITLES = (None, "Äther", "ather", "Dusk", "Dusk and dawn", "Zoë")
MADE = [
    Known(
        f"{n:012}",
        TITLES[n % 6],
        (None, "Ann", "Béla", "ann")[n % 4],
        n % 3 == 0,
        (0.0, 100.0, 250.0)[n % 3],
        (None, 0.0, 0.25, 0.25, 1.0)[n % 5],
        (None, "none", "words", "unknown")[n // 2 % 4],
    )
    for n in range(24)
]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("selecting")
    with Library(folder / "library.db") as opened, opened.transaction():
        for each in MADE:
            (folder / each.id).touch()
            track = Track(
                each.id, str(folder / each.id), title=each.title, artist=each.artist, duration=each.duration
            )
            # what was set by hand overrules what was measured, here another value for every fourth
            wrong = int(each.id) % 4 == 0 and each.energy is not None
            measured = Features(energy=0.6 if wrong else each.energy, vocals=each.vocals)  # type: ignore[arg-type]
            opened.add_file(track, measured, size=1, mtime_ns=1, versions={})
            if wrong:
                opened.set_features(each.id, {"energy": each.energy}, "set")
            opened.mark(each.id, keep=each.keep)
    with Library(folder / "library.db") as opened:
        yield opened


def value(one: Known, column: str) -> object:
    found = getattr(one, column)
    return None if column == "duration" and found == 0 else found


def meets(one: Known, condition: Condition) -> bool:
    """The condition as its fields are described."""
    found = value(one, condition.column)
    if condition.either is not None and meets(one, condition.either):
        return True
    if condition.unknown:
        return found is None or found == "unknown"
    if condition.column == "keep":
        return found == (condition.words == ("yes",))
    if condition.column in ("title", "artist"):
        return found is not None and any(typed(word) in typed(str(found)) for word in condition.words)
    if found is None:
        return False
    if condition.words:
        return found in condition.words
    low, high = condition.low, condition.high
    return (low is None or found >= low) and (high is None or found <= high)  # type: ignore[operator]


BOUNDS = st.none() | st.sampled_from([0.0, 0.2, 0.25, 0.9, 100.0, 250.0])
ALONE = (
    st.builds(Condition, st.sampled_from(["energy", "duration"]), BOUNDS, BOUNDS)
    | st.builds(Condition, st.sampled_from(["energy", "duration", "vocals"]), unknown=st.just(True))
    | st.builds(Condition, st.just("vocals"), words=st.sampled_from([("none",), ("none", "words"), ("unknown",)]))
    | st.builds(Condition, st.sampled_from(["title", "artist"]), words=st.sampled_from([("dusk",), ("aT", "zoe"), ("bela",)]))
    | st.builds(Condition, st.just("keep"), words=st.sampled_from([("yes",), ("no",)]))
)  # fmt: skip
CONDITIONS = ALONE | st.builds(
    lambda one, two: Condition(one.column, one.low, one.high, one.words, one.unknown, either=two),
    ALONE,
    ALONE,
)
ORDERS = st.builds(Order, st.sampled_from(["title", "artist", "energy", "duration", "vocals"]), st.booleans())


@settings(max_examples=60)
@given(st.lists(CONDITIONS, max_size=3), st.lists(ORDERS, max_size=2))
@example([Condition("energy", low=0.25, high=0.25)], [])
def test_it_finds_what_meets_every_condition_in_the_order_asked_for(
    library: Library, conditions: list[Condition], orders: list[Order]
) -> None:
    found = library.select(conditions, orders=orders)
    expected = [one for one in MADE if all(meets(one, each) for each in conditions)]
    assert sorted(found) == [one.id for one in expected]
    for order in reversed(orders):  # each keeps the order of those after it

        def key(one: Known, column: str = order.column) -> object:
            known = value(one, column)
            return typed(known) if isinstance(known, str) and column in ("title", "artist") else known

        known = [one for one in expected if key(one) is not None]
        known.sort(key=key, reverse=order.descending)  # equal ones stay as they were, in either direction
        expected = [*known, *(one for one in expected if key(one) is None)]
    assert found == [one.id for one in expected]


def test_the_answer_is_the_same_however_many_questions_were_asked_since(library: Library) -> None:
    questions = [[Condition("energy", low=number / 20)] for number in range(2 * MOST_KEPT)]
    first = [library.select(each) for each in questions]
    assert [library.select(each) for each in questions] == first
    assert [len(each) for each in first] == [
        sum(one.energy is not None and one.energy >= number / 20 for one in MADE)
        for number in range(2 * MOST_KEPT)
    ]


def test_a_column_that_tracks_have_not_is_refused(library: Library) -> None:
    with pytest.raises(InputError, match="tracks have no 'colour'; there are title, artist"):
        library.select([Condition("colour", low=1)])
    with pytest.raises(InputError, match="tracks have no 'colour'"):
        library.select(orders=[Order("colour")])


def test_by_every_column_tracks_are_sorted_and_of_every_number_it_is_asked_whether_it_is_known(
    library: Library,
) -> None:
    everyone = {one.id for one in MADE}
    for column in COLUMNS:
        assert set(library.select(orders=[Order(column)])) == everyone, column
    for column in NUMBERS:
        known, unknown = (
            set(library.select([each])) for each in (Condition(column), Condition(column, unknown=True))
        )
        told = column in ("duration", "energy")
        assert known == {one.id for one in MADE if told and value(one, column) is not None}, column
        assert unknown == everyone - known, column
