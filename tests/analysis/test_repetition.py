"""What only repeats itself: alarms and ringtones on a loop, but no music that is played, and no drone."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit import analysis
from playlistkit.analysis.filters import RATE
from playlistkit.analysis.repetition import FIRST, LEAST, Repetition, repetition

SECONDS = 75


def tune(seconds: float, player: int | None = None) -> np.ndarray:
    """Three struck notes a second, always the same; a player is a little late, and stresses some of them."""
    pitches, hand = np.random.default_rng(1), np.random.default_rng(player)
    sound, time = np.zeros(round(seconds * RATE)), np.arange(RATE) / RATE
    for start in np.arange(0, seconds - 0.1, 1 / 3):
        pitch, level = 220 * 2 ** (pitches.integers(24) / 12), 0.1
        if player is not None:
            start += 0.05 * hand.random()
            level *= 0.4 + 0.6 * hand.random()
        note = level * np.exp(-5 * time) * sum(np.sin(2 * np.pi * k * pitch * time) / k for k in (1, 2, 3))
        part = sound[round(start * RATE) :][: len(note)]
        part += note[: len(part)]
    return sound


def over_and_over(sound: np.ndarray, seconds: float) -> np.ndarray:
    return np.resize(sound, round(seconds * RATE))


def heard(sound: np.ndarray) -> float | None:
    return analysis.analyze([sound.astype(np.float32)], RATE, voice=False).repetition


@pytest.mark.parametrize("seconds", [0.757, 3.0, 7.331, 29.6])
def test_a_ringtone_on_a_loop_repeats_itself_whatever_its_length(seconds: float) -> None:
    assert heard(over_and_over(tune(seconds), SECONDS)) > 0.95


def test_a_lossy_codec_a_rest_and_a_fade_hide_no_loop() -> None:
    ringing = over_and_over(np.append(tune(5.2), np.zeros(RATE // 3)), SECONDS)
    hiss = np.random.default_rng(4).normal(0, 0.001, len(ringing))  # 40 dB below the notes
    faded = ringing * np.interp(np.arange(len(ringing)) / RATE, (SECONDS - 5, SECONDS), (1, 0))
    assert heard(faded + hiss) > 0.8


def test_a_tune_that_somebody_plays_again_and_again_is_no_loop() -> None:
    assert heard(np.concatenate([tune(6, player) for player in range(13)])) < 0.3
    assert heard(np.concatenate([tune(6, 1)] * 13)) > 0.95


def test_music_that_goes_on_longer_than_half_a_minute_is_no_loop() -> None:
    assert heard(tune(SECONDS)) < 0.2
    assert heard(over_and_over(tune(50), SECONDS)) < 0.7


def test_a_drone_and_a_bell_that_returns_are_no_loops() -> None:
    time = np.arange(SECONDS * RATE) / RATE
    drone = sum(0.05 * np.sin(2 * np.pi * pitch * time) for pitch in (110, 165, 220))
    bell = 0.3 * np.sin(2 * np.pi * 320 * time) * np.exp(-(time % 10) / 3)
    assert heard(drone) == 0
    assert heard(bell) == 0


def test_too_short_a_track_says_nothing() -> None:
    assert heard(over_and_over(tune(2), FIRST + LEAST - 1)) is None
    assert heard(over_and_over(tune(2), FIRST + LEAST + 1)) > 0.95
    assert repetition(np.zeros(0), 3.0) is None


def test_it_makes_no_difference_in_which_pieces_a_track_is_heard() -> None:
    seconds = 200
    bands = np.random.default_rng(2).random((seconds * 45, 64), dtype=np.float32)
    bands[40 * 45 : 150 * 45] = np.resize(bands[: 20 * 45], (110 * 45, 64))
    answers = []
    for size in (7, 360, 100_000):
        each = Repetition()
        for start in range(0, len(bands), size):
            each.add(bands[start : start + size])
        answers.append(each.finish())
    assert all(len(answer) == seconds - FIRST - 1 for answer in answers)
    assert np.allclose(answers[0], answers[1], atol=1e-5)
    assert np.allclose(answers[0], answers[2], atol=1e-5)
    again = answers[0] < 0.01
    assert again[9 : 150 - FIRST - 1].mean() > 0.9  # but where twenty seconds end
    assert not again[:7].any()
    assert not again[150 - FIRST :].any()
