"""The deck: what plays, jumps, pauses."""

from __future__ import annotations

import numpy as np
import pytest
from test_mix import Made, opener, tone

from playlistkit.render import RATE, Deck, Part
from playlistkit.render.mix import Block

PARTS = [Part("low", 0, 10.0, overlap=2.0), Part("high", 0, 10.0), Part("low", 0, 5.0)]
SOURCES = {"low": Made(tone(10.0, hz=220)), "high": Made(tone(10.0, hz=880))}


def deck(first: int = 0) -> Deck:
    return Deck(PARTS, opener(**SOURCES), first)


def rest(of: Deck) -> Block:
    blocks = []
    while len(block := of.read(0.1)):
        blocks.append(block)
    return np.concatenate(blocks)


def pitch(samples: Block) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0]))
    return float(np.argmax(spectrum) * RATE / len(samples))


def test_it_plays_the_parts_to_their_end() -> None:
    assert len(rest(deck())) == 23 * RATE
    assert len(rest(deck(2))) == 5 * RATE


def test_it_says_what_plays_and_for_how_long() -> None:
    playing = deck()
    for seconds, index, into in ((7.0, 0, 7.0), (2.0, 1, 1.0), (9.0, 2, 0.0)):
        playing.read(seconds)
        assert (playing.index, playing.seconds) == (index, pytest.approx(into))
    assert (deck(1).index, deck(1).seconds) == (1, 0.0)


def test_a_jump_is_a_crossfade_to_the_beginning() -> None:
    playing = deck()
    playing.read(1.0)
    playing.jump(PARTS, 1)
    assert (playing.index, playing.seconds) == (1, 0.0)
    heard = rest(playing)
    assert len(heard) == 15 * RATE
    assert pitch(heard[: RATE // 4]) == pytest.approx(220, abs=10)
    assert pitch(heard[3 * RATE : 4 * RATE]) == pytest.approx(880, abs=10)
    power = (heard[: 3 * RATE] ** 2).reshape(-1, RATE // 10, 2).mean(axis=(1, 2))
    assert power.min() > 0.7 * 0.005  # never a hole


def test_a_pause_fades_and_loses_hardly_anything() -> None:
    playing = deck(2)
    playing.read(1.0)
    fading = playing.pause()
    assert np.abs(fading[-100:]).max() < 0.002
    assert playing.paused
    assert not playing.read(2.0).any()
    assert playing.seconds == pytest.approx(1.5)
    assert not len(playing.pause())
    onward = rest(playing)
    assert len(onward) == round(3.5 * RATE)
    assert np.abs(onward[:100]).max() < 0.002


def test_a_jump_out_of_a_pause_plays() -> None:
    playing = deck()
    playing.pause()
    playing.jump(PARTS, 2)
    assert not playing.paused
    assert len(rest(playing)) == 5 * RATE


def test_a_jump_near_the_end_and_into_a_short_part_leaves_no_hole() -> None:
    playing = deck(2)
    playing.read(4.5)
    playing.jump([Part("high", 0, 1.0)], 0)
    assert len(rest(playing)) == RATE
