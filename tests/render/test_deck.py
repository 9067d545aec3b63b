"""The deck: what plays, jumps, what is taken back, files that break off."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from test_mix import Made, opener, tone

from playlistkit.errors import AudioError
from playlistkit.render import RATE, Deck, Part
from playlistkit.render.mix import Block

PARTS = [Part("low", 0, 10.0, overlap=2.0), Part("high", 0, 10.0), Part("low", 0, 5.0)]
SOURCES = {"low": Made(tone(10.0, hz=220)), "high": Made(tone(10.0, hz=880))}


def deck(first: int = 0) -> Deck:
    return Deck(PARTS[first:], opener(**SOURCES))


def rest(of: Deck) -> Block:
    blocks = []
    while len(block := of.read(RATE // 10)):
        blocks.append(block)
    return np.concatenate(blocks)


def pitch(samples: Block) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0]))
    return float(np.argmax(spectrum) * RATE / len(samples))


def test_it_plays_the_parts_to_their_end() -> None:
    whole = deck()
    assert len(rest(whole)) == 23 * RATE
    assert whole.ended
    assert len(rest(deck(2))) == 5 * RATE


def test_it_says_where_each_part_begins_to_sound() -> None:
    begun: list[tuple[str, float]] = []
    playing = Deck(PARTS, opener(**SOURCES), began=lambda part, at: begun.append((part.path, at / RATE)))
    rest(playing)
    assert begun == [("low", 0.0), ("high", 8.0), ("low", 18.0)]


def test_a_jump_is_a_crossfade_to_the_beginning() -> None:
    playing = deck()
    playing.read(RATE)
    playing.jump(PARTS[1:])
    heard = rest(playing)
    assert len(heard) == 15 * RATE
    assert pitch(heard[: RATE // 4]) == pytest.approx(220, abs=10)
    assert pitch(heard[3 * RATE : 4 * RATE]) == pytest.approx(880, abs=10)
    power = (heard[: 3 * RATE] ** 2).reshape(-1, RATE // 10, 2).mean(axis=(1, 2))
    assert power.min() > 0.7 * 0.005  # never a hole


def test_what_was_not_played_is_read_again() -> None:
    once, again = deck(), deck()
    whole = rest(once)
    first = again.read(3 * RATE)
    again.unread(first[RATE:])
    assert again.given == RATE
    np.testing.assert_array_equal(np.concatenate([first[:RATE], rest(again)]), whole)


def test_a_jump_near_the_end_and_into_a_short_part_leaves_no_hole() -> None:
    playing = deck(2)
    playing.read(round(4.5 * RATE))
    playing.jump([Part("high", 0, 1.0)])
    assert len(rest(playing)) == RATE


class Closing(Made):
    """A source that counts how many are open."""

    open = 0

    def __enter__(self) -> Closing:
        Closing.open += 1
        return self

    def __exit__(self, *_: object) -> None:
        Closing.open -= 1


def test_of_what_jumps_have_left_nothing_stays_open() -> None:
    playing = Deck([Part("one", 0, 60.0)], lambda _: Closing(tone(60.0, hz=220)))
    for _ in range(4):
        playing.read(RATE)
        playing.jump([Part("one", 0, 60.0)], 0.5)
        playing.read(RATE)
    assert Closing.open == 1


class Broken(Made):
    """A source that fails in its middle."""

    def blocks(self) -> Iterator[Block]:
        yield from super().blocks()
        raise AudioError("broken: can't be decoded")


@pytest.mark.parametrize(
    "source", [Broken(tone(6.0, hz=220)), Made(tone(6.0, hz=220))], ids=["fails", "is cut"]
)
def test_out_of_a_file_that_breaks_off_the_next_fades_in(source: Made) -> None:
    told: list[str] = []
    parts = [Part("broken", 0, 10.0, overlap=1.0), Part("high", 0, 10.0)]
    playing = Deck(
        parts, opener(broken=source, high=SOURCES["high"]), lost=lambda part, error: told.append(part.path)
    )
    heard = rest(playing)
    assert told == ["broken"]
    assert len(heard) == (6 + 10 - 3) * RATE
    power = (heard**2).reshape(-1, RATE // 10, 2).mean(axis=(1, 2))
    assert power.min() > 0.7 * 0.005


def test_a_file_that_fails_at_once_is_passed_over_without_a_hole() -> None:
    told: list[str] = []
    parts = [Part("low", 0, 10.0, overlap=1.0), Part("broken", 0, 10.0), Part("high", 0, 10.0)]
    sources = {"low": SOURCES["low"], "broken": Broken(tone(0.5)), "high": SOURCES["high"]}
    heard = rest(Deck(parts, opener(**sources), lost=lambda part, error: told.append(part.path)))
    assert told == ["broken"]
    assert len(heard) == 19 * RATE
    assert (heard**2).reshape(-1, RATE // 10, 2).mean(axis=(1, 2)).min() > 0.7 * 0.005
