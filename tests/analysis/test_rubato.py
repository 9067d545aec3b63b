"""Rubato is undone, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playlistkit.analysis import tempo
from playlistkit.analysis.filters import FRAMES
from playlistkit.analysis.rubato import evened

SECONDS = 60


def played(bpm: float, *, rubato: float, period: float = 20.0) -> np.ndarray:
    """Onset strength [shape=(1, frames)] of eighths whose tempo swings by a share `rubato` in so many seconds."""
    time = np.arange(SECONDS * FRAMES) / FRAMES
    eighths = np.cumsum(bpm / 30 * (1 + rubato * np.sin(2 * np.pi * time / period))) / FRAMES
    strong = np.array((4, 1, 2, 1))[np.rint(eighths).astype(int) % 4]
    phase = (eighths + 0.5) % 1 - 0.5
    return (strong * np.exp(-0.5 * (phase / 0.1) ** 2))[np.newaxis].astype(np.float32)


def gathered(strength: np.ndarray) -> np.ndarray:
    """Autocorrelation of the whole at once [shape=(8 s,)]."""
    strength = strength[0] - strength[0].mean()
    lagged = np.fft.irfft(np.abs(np.fft.rfft(strength, 2 * len(strength))) ** 2)[: 8 * FRAMES]
    return lagged / lagged[0]


@pytest.mark.parametrize("bpm", [54, 77, 100, 131])
def test_an_even_tempo_stays_as_it_is(bpm: float) -> None:
    even = played(bpm, rubato=0)
    np.testing.assert_array_equal(evened(even), even)


@pytest.mark.parametrize("bpm", [54, 77, 100, 131])
def test_a_bar_returns_in_time_when_rubato_is_undone(bpm: float) -> None:
    free = played(bpm, rubato=0.12)
    bar = 120 * FRAMES / bpm
    near = slice(round(0.96 * bar), round(1.04 * bar) + 1)
    assert gathered(evened(free))[near].max() > 0.8 > 4 * gathered(free)[near].max()


@given(st.floats(60, 130), st.floats(0.02, 0.08), st.floats(15, 30))
@settings(deadline=None, max_examples=15)
@example(129.0, 0.08, 15.0)
def test_the_tempo_stays_at_its_median(bpm: float, rubato: float, period: float) -> None:
    found = tempo.Periodicity()
    found.add(np.repeat(played(bpm, rubato=rubato, period=period).T, 1 + tempo.BANDS, axis=1))
    pulse = tempo.pulse(*found.finish(), bpm / 30)
    assert pulse is not None
    swing = np.sin(
        2 * np.pi * np.arange(0, SECONDS, 0.01) / period
    )  # not as often up as down: periods aren't whole
    median = bpm * (1 + rubato * np.median(swing))
    assert min(abs(pulse.tempo / each / median - 1) for each in (1 / 2, 1, 2)) < 0.03


@pytest.mark.parametrize("frames", [0, 1, 5 * FRAMES])
def test_what_is_too_short_to_tell_stays_as_it_is(frames: int) -> None:
    short = played(100, rubato=0.1)[:, :frames]
    np.testing.assert_array_equal(evened(short), short)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_where_nothing_begins_nothing_changes(level: float) -> None:
    still = np.full((5, 30 * FRAMES), level, dtype=np.float32)
    np.testing.assert_array_equal(evened(still), still)


def test_all_bands_are_stretched_alike() -> None:
    free = played(90, rubato=0.1)
    both = evened(np.concatenate((free, 2 * free)))
    np.testing.assert_allclose(both[1], 2 * both[0], rtol=1e-5)
