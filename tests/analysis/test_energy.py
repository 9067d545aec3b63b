"""What is counted as an onset, and what makes music more energetic."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from playlistkit import analysis
from playlistkit.analysis import scale
from playlistkit.analysis.filters import FRAMES
from playlistkit.analysis.onsets import onset_times
from playlistkit.energy import combined, intensity, played
from playlistkit.model import Features

RATE = 11_025


def hear(samples: np.ndarray) -> Features:
    return analysis.analyze([samples.astype(np.float32)], RATE, voice=False)


def notes(seconds: float, gap: float, levels_db: tuple[float, ...]) -> np.ndarray:
    """Decaying tones with ten harmonics, `gap` seconds apart, their levels in turn."""
    samples = 1e-5 * np.random.default_rng(4).standard_normal(int(seconds * RATE))
    since = np.arange(4 * RATE) / RATE  # a note has sunk by 100 dB then
    pitches = [
        np.exp(-3 * since) * sum(np.sin(2 * np.pi * k * hz * since) / k for k in range(1, 11))
        for hz in 220 * 2 ** (np.arange(5) / 6)
    ]
    for n, start in enumerate(np.arange(0.1, seconds - 0.1, gap)):
        after = samples[round(start * RATE) :]
        note = pitches[n % 5][: len(after)]
        after[: len(note)] += 10 ** (levels_db[n % len(levels_db)] / 20) * note
    return samples


def pad(seconds: float, *, tremolo: float = 0.0, vibrato_cents: float = 0.0) -> np.ndarray:
    """A held chord; `tremolo` is the share of the level that comes and goes five times a second."""
    time = np.arange(int(seconds * RATE)) / RATE
    bend = 2 ** (vibrato_cents / 1200 * np.sin(2 * np.pi * 5.5 * time))
    samples = 1e-5 * np.random.default_rng(5).standard_normal(len(time))
    for hz in (220, 277, 330):
        phase = 2 * np.pi * np.cumsum(hz * bend) / RATE
        samples += sum(np.sin(k * phase) / k for k in range(1, 9)) * 0.05
    return samples * (1 + tremolo * np.sin(2 * np.pi * 5 * time))


@pytest.mark.parametrize("levels_db", [(-20.0,), (-20.0, -35.0), (-50.0,)])
def test_soft_notes_count_as_onsets_too(levels_db: tuple[float, ...]) -> None:
    assert hear(notes(20, 0.4, levels_db)).onset_rate == pytest.approx(2.5, abs=0.15)


@pytest.mark.parametrize(
    "samples",
    [
        pad(10),
        pad(10, tremolo=0.17),  # 3 dB
        pad(10, vibrato_cents=25),
        0.1 * np.random.default_rng(6).standard_normal(10 * RATE),
    ],
    ids=["held", "tremolo", "vibrato", "noise"],
)
def test_nothing_begins_within_a_held_sound(samples: np.ndarray) -> None:
    rate = hear(samples).onset_rate
    assert rate is not None
    assert rate <= 0.5


def test_an_onset_is_found_when_it_is() -> None:
    strength = np.full(10 * FRAMES, 0.2, np.float32)
    strength[[100, 200, 300]] = 2.0
    np.testing.assert_allclose(onset_times(strength), np.array([100, 200, 300]) / FRAMES)


@pytest.mark.parametrize("frames", [0, 1, 2, 10, FRAMES])
def test_short_onset_strength_has_few_onsets(frames: int) -> None:
    assert len(onset_times(np.zeros(frames, np.float32))) == 0


def test_more_notes_of_the_same_level_are_more_energetic() -> None:
    slow, quick = (hear(notes(20, gap, (-20.0,))).energy for gap in (1.0, 0.2))
    assert slow is not None
    assert quick is not None
    assert slow + 0.1 < quick


def test_the_same_notes_louder_are_as_active_and_more_energetic() -> None:
    played = notes(20, 0.5, (-40.0,))
    soft, loud = hear(played), hear(10 * played)
    assert loud.activation == pytest.approx(soft.activation, abs=0.01)
    assert soft.energy is not None
    assert loud.energy is not None
    assert soft.energy + 0.1 < loud.energy


@given(
    st.floats(-60, -5), st.floats(0, 5), st.floats(0, 10), st.floats(0, 3), st.floats(0, 1), st.floats(0, 0.3)
)
def test_energy_rises_with_loudness_onsets_and_fullness(
    level: float, louder: float, rate: float, more: float, fullness: float, fuller: float
) -> None:
    less = combined(intensity(level), scale.activation(rate, fullness))
    greater = combined(intensity(level + louder), scale.activation(rate + more, fullness + fuller))
    assert 0 <= less <= greater <= 1


@given(st.floats(-55, -6), st.floats(-55, -6), st.floats(0.01, 0.99))
def test_energy_at_another_level_is_that_of_its_parts_at_that_level(
    own: float, heard: float, active: float
) -> None:
    measured = float(combined(intensity(own), active))
    assume(0.001 < measured < 0.999 and measured > 0.501 * intensity(own) ** 2)
    assert played(measured, own, heard) == pytest.approx(float(combined(intensity(heard), active)), abs=1e-6)
    assert played(measured, own, own) == measured


def test_energy_stays_where_no_level_is_known() -> None:
    np.testing.assert_array_equal(
        played(np.array([0.3, 0.3]), np.array([np.nan, -20]), np.array([-20, np.nan])), 0.3
    )


def test_a_loud_sound_is_not_calm_however_little_begins() -> None:
    swell = pad(20) * np.sin(np.pi * np.arange(20 * RATE) / (20 * RATE))
    loud = hear(0.6 * swell / abs(swell).max())
    soft = hear(0.06 * swell / abs(swell).max())
    assert loud.energy is not None
    assert soft.energy is not None
    assert soft.energy < 0.1
    assert loud.energy > 0.25
    assert loud.loudness is not None
    assert float(played(loud.energy, loud.loudness, loud.loudness - 20)) < 0.15
