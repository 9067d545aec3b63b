"""What is said of made sounds whose answer is known."""

from __future__ import annotations

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit import analysis
from playlistkit.analysis import loudness
from playlistkit.analysis.filters import filters, made_by_librosa
from playlistkit.analysis.spectrum import onset_strength
from playlistkit.energy import intensity
from playlistkit.errors import AudioError
from playlistkit.model import FEATURE_NAMES, Features
from playlistkit.sources.spotify_values import from_spotify_energy

RATE = 22_050


def tone(hz: float, seconds: float, level_db: float = -20.0, rate: int = RATE) -> np.ndarray:
    time = np.arange(int(seconds * rate)) / rate
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * time)).astype(np.float32)


def clicks(bpm: float, seconds: float) -> np.ndarray:
    samples = np.zeros(int(seconds * RATE), np.float32)
    click = np.random.default_rng(1).normal(0, 0.3, 800).astype(np.float32) * np.exp(-np.arange(800) / 120)
    for beat in np.arange(0, seconds - 0.1, 60 / bpm):
        start = int(beat * RATE)
        samples[start : start + 800] += click
    return samples


def hear(samples: np.ndarray, rate: int = RATE, block: int = 30_000) -> Features:
    return analysis.analyze(
        (samples[start : start + block] for start in range(0, len(samples), block)), rate, voice=False
    )


def test_the_stored_filters_are_librosas() -> None:
    np.testing.assert_allclose(filters("mel"), made_by_librosa()["mel"], atol=1e-6)


def test_onset_strength_is_librosas() -> None:
    import librosa

    levels = np.random.default_rng(2).normal(-40, 10, (64, 200)).astype(np.float32)
    theirs = librosa.onset.onset_strength(S=levels, sr=11_025, hop_length=245, center=False)
    np.testing.assert_allclose(onset_strength(levels.T)[:, 0], theirs[1:], rtol=1e-4)


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_a_stereo_tone_of_997_hz_at_minus_23_dbfs_has_minus_23_lufs(rate: int) -> None:
    both = np.repeat(tone(997, 5, -23, rate)[:, np.newaxis], 2, axis=1)
    assert hear(both, rate).loudness == pytest.approx(-23, abs=0.1)


def test_weighting_in_the_spectrum_agrees_with_the_filters_of_the_standard() -> None:
    from scipy.signal import lfilter

    noise = np.random.default_rng(8).normal(0, 0.1, 5 * 48_000)
    noise[: 2 * 48_000] = np.cumsum(noise[: 2 * 48_000]) * 0.01  # low frequencies, where the high pass cuts
    # BS.1770-4, tables 1 and 2
    shelf = lfilter(
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1, -1.69065929318241, 0.73248077421585],
        noise,
    )
    weighted = lfilter([1, -2, 1], [1, -1.99004745483398, 0.99007225036621], shelf)
    powers = (weighted**2).reshape(-1, 4_800).mean(axis=1)
    ours = hear(np.column_stack([noise, 0 * noise]).astype(np.float32), 48_000)
    assert ours.loudness == pytest.approx(loudness.integrated(powers), abs=0.05)


def test_the_loudness_range_of_two_levels_is_their_distance() -> None:
    steps = np.concatenate((tone(1000, 20, -20), tone(1000, 20, -30)))
    assert hear(steps).loudness_range == pytest.approx(10, abs=0.5)


def test_a_peak_between_samples_is_found() -> None:
    samples = np.sin(np.pi / 2 * np.arange(44_100) + np.pi / 4).astype(np.float32) * 0.5
    assert hear(samples, 44_100).true_peak == pytest.approx(20 * math.log10(0.5), abs=0.2)


@pytest.mark.parametrize("bpm", [60, 80, 100, 120, 140])
def test_a_click_track_has_its_tempo_and_a_clear_pulse(bpm: float) -> None:
    features = hear(clicks(bpm, 30))
    assert features.tempo is not None
    assert features.tempo_alternative is not None
    assert min(abs(each / bpm - 1) for each in (features.tempo, features.tempo_alternative)) < 0.02
    assert features.pulse_clarity is not None
    assert features.pulse_clarity > 0.7


def test_noise_has_no_clear_pulse() -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, 40 * RATE).astype(np.float32)
    assert (hear(noise).pulse_clarity or 0) < 0.3


def test_louder_and_busier_is_more_energetic() -> None:
    pad, beat = hear(tone(220, 20, -30)), hear(clicks(240, 20) * 2)
    assert pad.energy is not None
    assert beat.energy is not None
    assert pad.energy + 0.2 < beat.energy


def test_intensity_agrees_with_imported_energy_at_the_anchors() -> None:
    for energy, spotify, level in ((0.05, 0.01, -34), (0.5, 0.1, -21), (0.95, 0.47, -11)):
        assert from_spotify_energy(spotify) == pytest.approx(energy)
        assert float(intensity(level)) == pytest.approx(energy)


def test_a_higher_tone_is_brighter() -> None:
    low, high = hear(tone(150, 10)), hear(tone(6000, 10))
    assert low.brightness is not None
    assert high.brightness is not None
    assert low.brightness < 0.1 < 0.8 < high.brightness


def test_silence_at_both_ends_and_inside_is_measured() -> None:
    quiet = np.zeros(2 * RATE, np.float32)
    samples = np.concatenate((quiet, tone(440, 5), quiet[:RATE], tone(440, 5), quiet, quiet))
    features = hear(samples)
    assert features.silence_start == pytest.approx(2, abs=0.1)
    assert features.silence_inside == pytest.approx(1, abs=0.2)
    assert features.silence_end == pytest.approx(4, abs=0.1)


def test_a_fade_is_told_from_a_stop() -> None:
    samples = tone(440, 30)
    assert hear(samples).fades is False
    for seconds in (5, 10, 18):
        faded = samples.copy()
        faded[-seconds * RATE :] *= np.linspace(1, 0, seconds * RATE, dtype=np.float32)
        assert hear(faded).fades is True


def test_the_ten_seconds_next_to_a_join_are_measured_by_themselves_unless_they_fade() -> None:
    samples = np.concatenate((np.zeros(RATE, np.float32), tone(440, 60), np.zeros(RATE, np.float32)))
    samples[: 11 * RATE] *= 0.5
    samples[-11 * RATE :] *= 0.1
    features = hear(samples)
    assert features.loudness is not None
    assert features.loudness_start_near == pytest.approx(features.loudness - 6, abs=1)
    assert features.loudness_end_near == pytest.approx(features.loudness - 20, abs=1)
    ramp = np.geomspace(1e-3, 1, 15 * RATE).astype(np.float32)
    samples = tone(440, 60)
    samples[: 15 * RATE] *= ramp
    samples[-15 * RATE :] *= ramp[::-1]
    faded = hear(samples)
    assert (faded.loudness_start_near, faded.loudness_end_near) == (None, None)
    assert hear(tone(440, 8)).loudness_start_near is None


def test_a_rise_of_ten_lu_is_a_swell_of_ten() -> None:
    assert hear(np.concatenate((tone(440, 20, -30), tone(440, 20, -20)))).swell == pytest.approx(10, abs=0.5)


def test_the_size_and_time_of_a_sudden_event_are_told() -> None:
    samples = tone(440, 40, -35)
    samples[25 * RATE : 27 * RATE] += tone(300, 2, -20)
    features = hear(samples)
    assert features.jolt == pytest.approx(15, abs=1)
    assert features.jolt_at == pytest.approx(25, abs=0.6)


def test_neither_a_slow_swell_nor_the_next_phrase_after_a_rest_is_sudden() -> None:
    samples = tone(440, 40, -20)
    samples *= 10 ** (np.linspace(-20, 0, len(samples)) / 20)
    samples[20 * RATE : 24 * RATE] *= 1e-3
    features = hear(samples)
    assert features.jolt is not None
    assert features.jolt < 3.5
    assert features.silence_inside_at == pytest.approx(20, abs=0.2)


def test_curves_have_one_value_a_second() -> None:
    features = hear(tone(440, 25))
    assert features.energy_curve is not None
    assert features.loudness_curve is not None
    assert len(features.energy_curve) == len(features.loudness_curve) == 25


def test_silence_and_half_a_second_are_unknown_rather_than_zero() -> None:
    for samples in (np.zeros(5 * RATE, np.float32), tone(440, 0.5), np.zeros(0, np.float32)):
        features = hear(samples)
        assert (features.tempo, features.energy, features.key, features.loudness_range) == (None,) * 4


def test_the_size_of_the_blocks_changes_nothing() -> None:
    samples = clicks(100, 25)
    one, other = hear(samples, block=1_000), hear(samples, block=len(samples))
    for name in ("loudness", "tempo", "energy", "brightness", "true_peak"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-3)


def test_a_caller_may_fill_one_buffer_anew_for_every_block() -> None:
    samples = clicks(100, 10)
    buffer = np.zeros(RATE, np.float32)

    def filled():
        for start in range(0, len(samples), RATE):
            buffer[:] = samples[start : start + RATE]
            yield buffer

    one, other = analysis.hear(filled(), RATE), analysis.hear([samples], RATE)
    np.testing.assert_allclose(one.low_level.voices, other.low_level.voices, atol=0.01)
    assert one.features.true_peak == pytest.approx(other.features.true_peak, abs=0.01)


def test_features_pickle() -> None:
    features = hear(clicks(90, 10))
    assert pickle.loads(pickle.dumps(features)) == features


def test_channels_that_change_are_refused() -> None:
    with pytest.raises(AudioError, match="2 channels became 1"):
        analysis.analyze([np.zeros((10, 2), np.float32), np.zeros((10, 1), np.float32)], RATE)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 60_000),
    st.sampled_from([0.0, 1e-30, 1e-3, 1.0, 1e30, math.nan, math.inf, -math.inf]),
    st.integers(0, 2**32 - 1),
)
def test_no_signal_gives_nan_or_infinity(n: int, odd: float, seed: int) -> None:
    samples = np.random.default_rng(seed).normal(0, 0.1, n).astype(np.float32)
    samples[: n // 3] = odd
    features = hear(samples, 8_000)
    for name in FEATURE_NAMES:
        value = getattr(features, name)
        if isinstance(value, float):
            assert math.isfinite(value), name
        elif isinstance(value, tuple):
            assert all(map(math.isfinite, value)), name


def test_the_network_gives_a_probability_for_a_tone() -> None:
    features = analysis.analyze([tone(440, 15)], RATE)
    assert features.vocals_probability is not None
    assert 0 <= features.vocals_probability <= 1


def test_what_is_kept_of_a_track_interprets_to_the_same_features() -> None:
    sound = np.concatenate((clicks(96, 40) + tone(220, 40), clicks(96, 40) * 3))
    features, low_level = analysis.hear([sound], RATE, voice=False)
    assert features.tempo == pytest.approx(96, rel=0.02)
    bare = dataclasses.replace(features, tempo=None, energy=None, energy_curve=None, key=None, brightness=0.5)
    assert analysis.interpret(bare, low_level) == features


def test_a_whole_second_of_silence_is_minus_infinity_nowhere() -> None:
    assert loudness.integrated(np.zeros(100)) is None
    assert float(loudness.lufs(0.0)) == pytest.approx(-120)
