"""The key of made chords, whatever their tuning, register and level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit import analysis
from playlistkit.analysis.key import DIVISIONS, TONICS, chroma, key
from playlistkit.model import Features

RATE = 11_025
CADENCE = {
    "major": ((0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)),
    "minor": ((0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7)),
}


def cadence(tonic: int, mode: str, *, cents: float = 0.0, level_db: float = -20.0) -> np.ndarray:
    """Tonic, subdominant, dominant, tonic, a second each, twice, of tones with six harmonics."""
    time = np.arange(RATE) / RATE
    chords = []
    for chord in 2 * CADENCE[mode]:
        hz = [110 * 2 ** ((tonic + 3 + step + cents / 100) / 12) for step in chord]
        chords.append(sum(np.sin(2 * np.pi * k * each * time) / k for each in hz for k in range(1, 7)))
    return np.asarray(10 ** (level_db / 20) * np.concatenate(chords), dtype=np.float32)


def hear(samples: np.ndarray) -> Features:
    return analysis.analyze([samples], RATE, voice=False)


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic", range(0, 12, 3))
def test_a_cadence_is_in_its_key(tonic: int, mode: str) -> None:
    features = hear(cadence(tonic, mode))
    assert (features.key, features.mode) == (TONICS[tonic], mode)


@pytest.mark.parametrize("cents", [-40, -20, 20, 40])
def test_a_piece_out_of_tune_with_440_hz_keeps_its_key(cents: float) -> None:
    features = hear(cadence(2, "major", cents=cents))
    assert (features.key, features.mode) == ("D", "major")


def test_a_soft_piece_has_the_key_of_a_loud_one() -> None:
    features = hear(cadence(9, "minor", level_db=-50))
    assert (features.key, features.mode) == ("A", "minor")


def test_noise_is_less_clear_than_a_cadence() -> None:
    noise = np.random.default_rng(7).normal(0, 0.05, 8 * RATE).astype(np.float32)
    clear, unclear = hear(cadence(0, "major")).key_clarity, hear(noise).key_clarity
    assert clear is not None
    assert clear > 0.3
    assert (unclear or 0.0) < clear


def test_no_pitch_has_no_key() -> None:
    assert key(np.zeros(DIVISIONS, np.float32)) is None
    assert key(np.ones(DIVISIONS, np.float32)) is None


@given(
    st.lists(st.floats(0, 100, width=32), min_size=DIVISIONS, max_size=DIVISIONS),
    st.integers(0, 11),
)
def test_transposed_pitches_have_a_transposed_chroma_of_the_same_sum(values: list[float], steps: int) -> None:
    pitch = np.array(values, np.float32)
    moved = chroma(np.roll(pitch, steps * DIVISIONS // 12))
    assert moved.sum() == pytest.approx(pitch.sum(), rel=1e-4, abs=1e-3)
