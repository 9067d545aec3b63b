"""What is said of the tempo of made onset strength."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit import analysis
from playlistkit.analysis import tempo
from playlistkit.analysis.filters import FRAMES


def beats(bpm: float, seconds: float = 40, *, wander: float = 0.0, seed: int = 1) -> np.ndarray:
    """Onset strength of a bar of strong and weak beats with soft off-beats; each beat's length wanders."""
    random = np.random.default_rng(seed)
    onset = random.exponential(0.2, int(seconds * FRAMES))
    lengths = 30 * FRAMES / bpm * np.exp(wander * random.normal(size=int(bpm * seconds / 30)))
    for i, frame in enumerate(np.cumsum(lengths)):
        if frame < len(onset) - 1:
            onset[int(frame) : int(frame) + 2] += (4, 1, 3, 1)[i % 4]
    return onset.astype(np.float32)


def gathered(onset: np.ndarray, block: int = 180) -> tuple[np.ndarray, np.ndarray]:
    """Autocorrelation and tempogram; all bands alike, given so many frames at a time."""
    found = tempo.Periodicity()
    for start in range(0, len(onset), block):
        found.add(np.repeat(onset[start : start + block, np.newaxis], 1 + tempo.BANDS, axis=1))
    return found.finish()


def heard(onset: np.ndarray) -> tempo.Pulse | None:
    return tempo.pulse(*gathered(onset), 60 / 20)


@pytest.mark.parametrize("bpm", [66, 84, 100, 120, 144])
def test_a_beat_with_off_beats_has_its_tempo_and_the_other_octave(bpm: float) -> None:
    found = heard(beats(bpm))
    assert found is not None
    assert found.alternative is not None
    assert min(abs(each / bpm - 1) for each in (found.tempo, found.alternative)) < 0.02
    assert found.alternative / found.tempo in (0.5, 2)
    assert found.clarity > 0.5


@pytest.mark.parametrize("bpm", [90, 115, 137, 160])
def test_the_tempo_lies_between_whole_frames(bpm: float) -> None:
    frames = np.arange(40 * FRAMES)
    phase = (frames * bpm / 60 / FRAMES + 0.5) % 1 - 0.5
    found = heard((4 * np.exp(-0.5 * (phase * 60 * FRAMES / bpm) ** 2)).astype(np.float32))
    assert found is not None
    assert min(abs(found.tempo * each / bpm - 1) for each in (0.5, 1, 2)) < 0.003


@given(st.floats(50, 200), st.floats(0.2, 1.2))
@settings(deadline=None, max_examples=20)
def test_a_fast_beat_needs_an_onset_on_every_other_beat(bpm: float, onset_rate: float) -> None:
    found = tempo.pulse(*gathered(beats(bpm)), onset_rate)
    assert found is not None
    assert found.tempo < tempo.HASTY or onset_rate >= tempo.SPARSE * found.tempo / 60


def test_where_a_fast_beat_is_hardly_played_the_tempo_is_half_of_it() -> None:
    onset = np.random.default_rng(1).exponential(0.2, 40 * FRAMES)
    onset[np.arange(0, 40 * FRAMES, 60 * FRAMES / 170).astype(int)] += 4
    curves = gathered(onset.astype(np.float32))
    full, sparse = (tempo.pulse(*curves, onset_rate) for onset_rate in (1.5, 1.3))
    assert full is not None
    assert sparse is not None
    assert full.tempo == pytest.approx(170, rel=0.01)
    assert (sparse.tempo, sparse.alternative) == pytest.approx((full.tempo / 2, full.tempo), rel=0.01)
    assert sparse.clarity > 0.5


def test_a_beat_that_wanders_is_less_clear() -> None:
    steady, loose = heard(beats(90)), heard(beats(90, wander=0.2))
    assert steady is not None
    assert loose is not None
    assert loose.clarity < steady.clarity / 2


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_what_begins_at_random_has_no_clear_pulse(seed: int) -> None:
    found = heard(np.random.default_rng(seed).exponential(1, 60 * FRAMES).astype(np.float32))
    assert found is not None
    assert found.clarity < 0.2


@given(st.floats(0.25, 8), st.floats(50, 180))
@settings(deadline=None, max_examples=20)
def test_stronger_onsets_have_the_same_tempo(gain: float, bpm: float) -> None:
    plain, strong = heard(beats(bpm)), heard(np.float32(gain) * beats(bpm))
    assert plain is not None
    assert strong is not None
    assert strong.tempo == pytest.approx(plain.tempo, rel=0.001)
    assert strong.clarity == pytest.approx(plain.clarity, abs=0.01)


@pytest.mark.parametrize("hz", [100, 220, 997])
def test_a_held_tone_has_no_clear_pulse(hz: float) -> None:
    rate = 22_050
    tone = 0.1 * np.sin(2 * np.pi * hz * np.arange(30 * rate) / rate)
    assert (analysis.analyze([tone.astype(np.float32)], rate, voice=False).pulse_clarity or 0) < 0.05


@pytest.mark.parametrize("onset", [np.zeros(60 * FRAMES), np.ones(60 * FRAMES), beats(120, 3.9)])
def test_where_nothing_begins_or_too_briefly_there_is_no_tempo(onset: np.ndarray) -> None:
    assert heard(onset.astype(np.float32)) is None


def test_five_seconds_are_enough_for_a_tempo() -> None:
    found = heard(beats(120, 5))
    assert found is not None
    assert np.isfinite([found.tempo, found.clarity]).all()


def swells(bpm: float, width: float, seconds: float = 40) -> np.ndarray:
    """Onset strength of beats that swell over so many frames (standard deviation), as bowed notes do, in bars of four."""
    frames = np.arange(seconds * FRAMES)
    onset = np.random.default_rng(1).exponential(0.15, len(frames))
    for beat in range(int(seconds * bpm / 60)):
        middle = beat * 60 * FRAMES / bpm
        onset += (3, 1.5, 2.4, 1.5)[beat % 4] * np.exp(-0.5 * ((frames - middle) / width) ** 2)
    return onset.astype(np.float32)


@pytest.mark.parametrize("bpm", [100, 120, 138, 150])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_soft_attacks_are_not_read_at_half_their_tempo(bpm: float, width: float) -> None:
    found = tempo.pulse(*gathered(swells(bpm, width)), 1.5)
    assert found is not None
    assert found.tempo == pytest.approx(bpm, rel=0.02)


def test_what_is_usual_counts_for_slow_tempi_and_soft_attacks_alone() -> None:
    sharp, soft, softer = np.zeros((3, tempo.WINDOW))
    soft[tempo.SOFT_LAG], softer[tempo.SOFT_LAG] = 0.15, 0.3
    told = [tempo.preference(each) for each in (sharp, soft, softer)]
    fast = tempo.TEMPI >= 80
    assert not told[0][fast].any()
    assert (np.diff(told[0][~fast]) > 0).all()
    usual = [abs(tempo.TEMPI[each.argmax()] / 115 - 1) < 0.03 for each in told]
    assert usual == [False, True, True]
    away = ~fast | (tempo.TEMPI > 140)
    assert (told[2][away] < told[1][away]).all()
    assert (told[1][away] < told[0][away]).all()


def test_evidence_is_in_the_order_that_the_network_takes() -> None:
    onset = beats(100)
    found = tempo.evidence(*gathered(onset), 3.0)
    assert found.shape == (len(tempo.TEMPI), len(tempo.network().direct))
    beat = int(abs(tempo.TEMPI - 100).argmin())
    one_beat = tempo.LAGS.index(1)
    once_a_beat = 4 * len(tempo.LAGS) + tempo.RATES.index(1)
    assert found[beat, one_beat] > 0.5
    assert found[beat, once_a_beat] > 1.5 * np.median(found[:, once_a_beat])


@given(st.integers(20, 4_000), st.floats(4, 200))
@settings(deadline=None, max_examples=20)
def test_the_size_of_the_parts_changes_nothing(block: int, seconds: float) -> None:
    onset = beats(100, seconds)
    for whole, parts in zip(gathered(onset, len(onset)), gathered(onset, block), strict=True):
        np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-5)


def test_a_long_track_is_measured_in_parts_that_do_not_depend_on_its_blocks() -> None:
    onset = beats(100, 25 * 60)
    once = gathered(beats(100, 60))
    for whole, parts, short in zip(gathered(onset, len(onset)), gathered(onset, 7_777), once, strict=True):
        np.testing.assert_array_equal(parts, whole)
        assert np.corrcoef(whole.ravel(), short.ravel())[0, 1] > 0.95
