"""The voice: what is heard in the windows, and what is said of it."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.analysis.fireredvad import fireredvad
from playlistkit.analysis.voice import (
    SILENT,
    log_odds,
    peak,
    probability,
    reconsidered,
    sounding,
    unsure,
    vocals,
)
from playlistkit.analysis.windows import LENGTH, STEP, Sounds, Windows
from playlistkit.analysis.yamnet import RATE, SAMPLES, yamnet


def searched(samples: np.ndarray, block: int = 50_000, rate: int = RATE) -> Sounds:
    windows = Windows(rate)
    for start in range(0, len(samples), block):
        windows.add(samples[start : start + block])
    return windows.finish()


def likely(samples: np.ndarray) -> float | None:
    return probability(searched(samples).voices)


def pulses(pitch: np.ndarray) -> np.ndarray:
    """Harmonics of a pitch [shape=(n,)] in Hz, ever softer."""
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    return sum(np.sin(k * phase) / k for k in range(1, 25) if k * pitch.max() < RATE / 2)


def sung(seconds: int) -> np.ndarray:
    """A glottis with vibrato through three resonances that move from "ah" to "ee" and back twice a second."""
    import scipy.signal

    time = np.arange(seconds * RATE) / RATE
    source = pulses(220 * 2 ** (np.round(np.sin(time)) / 6 + 0.02 * np.sin(2 * np.pi * 5.5 * time)))
    vowels = []
    for formants in ((730, 1090, 2440), (270, 2290, 3010)):
        vowel = source
        for formant in formants:
            vowel = scipy.signal.lfilter(*scipy.signal.iirpeak(formant, 6, RATE), vowel) + 0.05 * vowel
        vowels.append(vowel / np.std(vowel))
    mix = 0.5 + 0.5 * np.sin(2 * np.pi * 2 * time)
    return (0.1 * (mix * vowels[0] + (1 - mix) * vowels[1])).astype(np.float32)


def played(seconds: int) -> np.ndarray:
    """Struck strings: three notes a second, each dying away."""
    time = np.arange(seconds * RATE) / RATE
    notes = 220 * 2 ** (np.array([0, 4, 7, 12, 7, 4])[(3 * time).astype(int) % 6] / 12)
    return (0.05 * np.exp(-6 * (time * 3 % 1)) * pulses(notes)).astype(np.float32)


def test_what_lies_as_high_as_birds_is_no_word() -> None:
    assert vocals(0.9, 0.95, None, 10.0) == "words"
    assert vocals(0.9, 0.95, None, 16.6) == "unknown"
    assert vocals(0.9, 0.95, "wordless", 16.6) == "wordless"


def test_a_singing_sound_is_likelier_a_voice_than_struck_strings() -> None:
    likely_sung, likely_played = (likely(make(20)) for make in (sung, played))
    assert likely_sung is not None
    assert likely_played is not None
    assert likely_sung > likely_played
    assert vocals(likely_played, likely_played, None) == "none"


def test_without_sound_nothing_is_said() -> None:
    for nothing in (searched(np.zeros(30 * RATE, np.float32)), searched(np.zeros(0, np.float32))):
        assert probability(nothing.voices) is None
        assert peak(nothing.voices, STEP) is None
        assert len(nothing.classes) == 0
        assert (nothing.spoken == SILENT).all()


@functools.cache
def alone() -> float:
    """How surely the strings themselves are taken for a voice."""
    found = peak(searched(played(60)).voices, STEP)
    assert found is not None
    return found[0]


@pytest.mark.parametrize("minutes", [1, 4])
def test_a_voice_in_a_part_is_found_where_it_is(minutes: int) -> None:
    track = played(60 * minutes)
    at = 60 * minutes - 37
    track[at * RATE : (at + 24) * RATE] += sung(24)
    found = peak(searched(track).voices, STEP)
    assert found is not None
    assert found[0] > alone()
    assert at - STEP <= found[1] < at + 24


@pytest.mark.parametrize("seconds", [24, 25, 26.5, 27.9])
def test_a_last_word_is_heard(seconds: float) -> None:
    """Wherever it lies between the windows."""
    track = played(30)[: round(seconds * RATE)]
    without = searched(track).voices
    track[-SAMPLES:] = sung(1)[:SAMPLES]
    found = searched(track).voices
    assert found[-1] > without[-1] + 0.5
    assert len(found) == np.ceil((seconds - LENGTH) / STEP) + 1


def test_each_window_is_heard_where_it_lies() -> None:
    """Those without sound too, whatever the rate."""
    rate = 22_050
    track = np.zeros(round(25.5 * rate), np.float32)
    sound = np.repeat(sung(1), 2)[: round(LENGTH * rate)]
    for number in (1, 3, 4):
        track[round(number * STEP * rate) :][: len(sound)] = sound
    heard = searched(track, 7_001, rate)
    assert np.flatnonzero(heard.voices > SILENT).tolist() == [1, 3, 4]
    assert np.flatnonzero(heard.spoken > SILENT).tolist() == [1, 3, 4]
    assert heard.voices[[3, 4]] == pytest.approx(heard.voices[1], abs=1e-4)
    assert heard.spoken[[3, 4]] == pytest.approx(heard.spoken[1], abs=1e-4)
    alone = searched(sound, 7_001, rate)
    assert heard.classes == pytest.approx(alone.classes, abs=1e-3)  # the silence has no part in the mean


def test_the_mean_of_the_classes_is_of_all_windows() -> None:
    track = np.concatenate((played(4), sung(4), played(4), sung(4), played(4), sung(4)))
    alone = [searched(part).classes for part in (played(4)[:SAMPLES], sung(4)[:SAMPLES], sung(4)[-SAMPLES:])]
    expected = (3 * alone[0] + 3 * alone[1] + alone[2]) / 7
    np.testing.assert_allclose(searched(track).classes, expected, atol=1e-4)


def test_where_the_blocks_of_a_file_end_changes_nothing() -> None:
    track = played(26)
    one, other = searched(track, 7_001), searched(track, 400_000)
    for each, same in zip(one, other, strict=True):
        np.testing.assert_allclose(each, same, atol=1e-5)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=60), st.integers(0, 3))
def test_a_voice_in_a_part_of_the_track_counts(windows: list[float], silent: int) -> None:
    said = probability(np.array(windows + [SILENT] * silent))
    assert said is not None
    everywhere = probability(np.array([float(np.log(np.mean(np.exp(windows))))]))
    assert said == pytest.approx(everywhere)


def test_the_likeliest_ten_seconds_are_those_of_most_evidence() -> None:
    odds = np.array([3.0, -2.0, 0.0, 1.0, 1.5, 1.0, -2.0])
    assert peak(odds, 4.0) == (pytest.approx(probability(np.array([3.5 / 3]))), 12.0)
    assert peak(odds[:2], 4.0) == (probability(np.array([0.5])), 0.0)


def test_what_dies_away_into_silence_is_not_judged_by_its_last_second_alone() -> None:
    odds = np.array([SILENT, -2.0, 0.0, SILENT, 1.0, 0.5, SILENT, SILENT, 2.0, SILENT])
    assert peak(odds, 4.0) == (pytest.approx(probability(np.array([3.5 / 3]))), 16.0)
    assert peak(np.array([SILENT, 2.0, SILENT, SILENT]), 4.0) == (probability(np.array([2.0])), 4.0)
    assert sounding(odds).tolist() == [-2.0, 0.0, 1.0, 0.5, 2.0]


def test_human_sounds_make_a_voice() -> None:
    """The answer follows what the network itself says of them, and not what it says of others."""
    heard = yamnet().listen(np.array([sung(1)[:SAMPLES]], np.float32))
    before = log_odds(heard)[0]
    for name, counts in {"Speech": True, "Choir": True, "Humming": True, "Bird": False, "Dog": False}.items():
        odds = heard.odds.copy()
        odds[0, yamnet().classes.index(name)] = 8
        assert (log_odds(heard._replace(odds=odds))[0] > before + 1) == counts


def test_one_window_is_answered_as_among_others() -> None:
    sounds = np.array([sung(1)[:SAMPLES], played(1)[:SAMPLES], sung(2)[-SAMPLES:]])
    together = log_odds(yamnet().listen(sounds))
    alone = [log_odds(yamnet().listen(sounds[k : k + 1]))[0] for k in range(len(sounds))]
    assert together == pytest.approx(alone, abs=1e-4)


def test_only_where_yamnet_is_unsure_the_other_network_is_asked() -> None:
    """It hears the second of the window and the next, at the end the last two."""
    track = np.concatenate((played(8), sung(11)))
    places = [*range(0, 18 * RATE, round(STEP * RATE)), len(track) - SAMPLES]
    alone = log_odds(yamnet().listen(np.array([track[place : place + SAMPLES] for place in places])))
    found = searched(track).voices
    asked = unsure(alone)
    assert 0 < np.count_nonzero(asked) < len(asked)
    assert found[~asked] == pytest.approx(alone[~asked], abs=1e-4)
    starts = np.minimum(places, len(track) - 2 * RATE)[asked]
    events = fireredvad().listen(np.array([track[start : start + 2 * RATE] for start in starts]))
    assert found[asked] == pytest.approx(reconsidered(alone[asked], events), abs=1e-3)
    assert np.abs(found[asked] - alone[asked]).max() > 0.1


def test_speech_and_song_that_the_other_network_hears_make_a_voice_likelier() -> None:
    odds = np.zeros(3, np.float32)
    said = np.float32([[[-4, -4, 0]], [[4, -4, 0]], [[-4, 4, 0]]])
    none, speech, song = reconsidered(odds, said)
    assert none < 0 < min(speech, song)


def test_voice_follows_tags_unless_the_network_is_sure_of_the_opposite() -> None:
    assert vocals(0.95, 0.95, None) == "words"
    assert vocals(0.05, 0.2, None) == "none"
    assert vocals(0.5, 0.5, None) == "unknown"
    assert vocals(0.95, 0.95, "wordless") == "wordless"
    assert vocals(0.95, 0.95, "none") == "unknown"
    assert vocals(None, None, None) == "unknown"


def test_none_is_said_only_where_the_likeliest_ten_seconds_have_none() -> None:
    assert vocals(0.05, 0.9, None) == "unknown"
    assert vocals(0.07, 0.32, None) == "none"
    assert vocals(0.07, 0.34, None) == "unknown"
    assert vocals(0.13, 0.32, None) == "unknown"
