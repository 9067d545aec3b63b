"""Gates, weights and floors of what is measured of loudness, on powers that are made."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit.analysis.edges import fades
from playlistkit.analysis.loudness import jolt, loudness_range, swell
from playlistkit.analysis.meter import Meter, TruePeak


def powers(*parts: tuple[float, float]) -> np.ndarray:
    """K-weighted power of each 100 ms, from (seconds, LUFS) pairs."""
    return np.concatenate(
        [np.full(round(10 * seconds), 10 ** ((level + 0.691) / 10)) for seconds, level in parts]
    )


def test_low_frequency_effects_are_not_heard_as_loudness() -> None:
    sine = np.sin(2 * np.pi * 60 * np.arange(48_000) / 48_000).astype(np.float32)
    for channel, heard in ((2, True), (3, False)):
        sound = np.zeros((6, len(sine)), np.float32)
        sound[channel] = sine
        meter = Meter(48_000, 6)
        meter.add(sound)
        assert bool(meter.finish()[0].max() > 1e-9) is heard


@pytest.mark.parametrize(("soft", "expected"), [(-30.0, 10.0), (-35.0, 15.0), (-45.0, 0.0)])
def test_loudness_range_counts_what_is_within_20_lu_of_the_whole(soft: float, expected: float) -> None:
    """Tech 3342: the relative gate lies 20 LU under the loudness of all that passes the absolute one."""
    assert loudness_range(powers((40, -20.0), (20, soft))) == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize(("sinks", "fading"), [(8.0, False), (11.0, False), (14.0, True)])
def test_an_end_fades_if_it_sinks_by_12_lu(sinks: float, fading: bool) -> None:
    levels = np.concatenate((np.full(20, -20.0), np.linspace(-20.0, -20.0 - sinks, 10)))
    assert fades(levels) is fading


@pytest.mark.parametrize("left", [4, 8, 14])
def test_a_sudden_drop_to_a_soft_last_passage_is_no_fade(left: int) -> None:
    """Flat but for the drop, and with the little slope that music has."""
    for slope in (0.0, 0.15):
        levels = np.concatenate((np.full(30, -20.0), np.full(left, -40.0))) - slope * np.arange(30 + left)
        assert fades(levels) is False


@pytest.mark.parametrize("seconds", [5, 10, 20])
def test_a_fade_whose_last_second_is_its_steepest_is_one(seconds: int) -> None:
    """Linear in amplitude, as players fade: the last second alone takes two fifths of the fall."""
    amplitude = np.concatenate((np.ones(20), 1 - (np.arange(seconds) + 0.5) / seconds))
    assert fades(-20 + 20 * np.log10(amplitude)) is True


def test_what_is_far_below_the_track_counts_as_20_lu_below_it() -> None:
    curve = np.concatenate((np.full(20, -70.0), np.linspace(-70.0, -20.0, 10), np.full(20, -20.0)))
    assert swell(curve, -20.0) == pytest.approx(20.0)
    event = jolt(powers((20, -70.0), (10, -20.0)), -20.0)
    assert event is not None
    assert event[0] == pytest.approx(20.0, abs=0.1)


def test_a_peak_between_lower_samples_is_found() -> None:
    """A tone of 0.95 whose samples all lie at 0.67 follows one whose samples reach 0.8."""
    time = np.arange(4_800)
    low = 0.8 * np.sin(2 * np.pi * time / 480)
    between = 0.95 * np.sin(np.pi / 2 * time + np.pi / 4)
    peak = TruePeak(48_000, 1)
    peak.add(np.concatenate((low, between))[np.newaxis].astype(np.float32))
    peak.finish()
    assert peak.amplitude == pytest.approx(0.95, rel=0.02)
