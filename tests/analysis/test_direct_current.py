"""Direct current is no sound."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit import analysis


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("offset", [0.005, 0.02, -0.1])
def test_direct_current_changes_neither_loudness_nor_silence(rate: int, offset: float) -> None:
    time = np.arange(20 * rate) / rate
    sound = 0.01 * np.sin(2 * np.pi * 220 * time) * ((time >= 3) & (time < 16))
    plain, shifted = (
        analysis.analyze([(sound + by).astype(np.float32)], rate, voice=False) for by in (0.0, offset)
    )
    assert shifted.loudness == pytest.approx(plain.loudness, abs=0.05)
    assert shifted.loudness_range == pytest.approx(plain.loudness_range, abs=0.1)
    assert (
        (shifted.silence_start, shifted.silence_end) == (plain.silence_start, plain.silence_end) == (3.0, 4.0)
    )


def test_silence_beside_a_bass_whose_mean_is_not_zero_stays_silence() -> None:
    rate = 44_100
    time = np.arange(5 * rate) / rate
    bass = 0.5 * np.abs(np.sin(2 * np.pi * 40 * time)) * (time < 2)
    measured = analysis.analyze([bass.astype(np.float32)], rate, voice=False)
    assert measured.silence_end == 3.0
