"""Who speaks, and what is music by what the network hears."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit.analysis.bundled import stored
from playlistkit.analysis.fireredvad import fireredvad
from playlistkit.analysis.scale import MUSIC, SUNG, music_probability
from playlistkit.analysis.speech import (
    AROUND,
    SENTENCE,
    SPEAKS,
    STIRS,
    log_odds,
    reconsidered,
    speech,
    surest,
)
from playlistkit.analysis.voice import SILENT
from playlistkit.analysis.windows import STEP, Windows
from playlistkit.analysis.yamnet import RATE, SAMPLES, yamnet
from playlistkit.objective.music import SPEECH_SECONDS

CLASSES = 521


def scores(**said: float) -> np.ndarray:
    """Mean scores of all classes: nothing but what is said, by the beginning of its name."""
    found = np.zeros(CLASSES)
    for name, score in said.items():
        found[next(k for k, each in enumerate(yamnet().classes) if each.startswith(name))] = score
    return found


def test_speech_is_counted_in_seconds_and_begins_where_it_is_first_heard() -> None:
    spoken, sentences = np.full(30, -5.0), np.full(30, SILENT)
    assert speech(spoken, sentences, STEP) == (0.0, None)
    spoken[[7, 8, 20]] = SPEAKS + 0.1
    spoken[3] = SPEAKS  # as likely as not, at this price of an error
    assert speech(spoken, sentences, STEP) == (3 * STEP, 7 * STEP)
    assert speech(np.zeros(0), np.zeros(0), STEP) is None


def test_a_sentence_counts_with_the_seconds_before_its_window_and_a_word_does_not() -> None:
    spoken, sentences = np.full(30, -5.0), np.full(30, SILENT)
    spoken[10] = SPEAKS + 0.1
    sentences[10] = SENTENCE
    assert speech(spoken, sentences, STEP) == (STEP, 10 * STEP)
    sentences[10] = SENTENCE + 0.1
    assert speech(spoken, sentences, STEP) == (STEP + 3, 10 * STEP)
    assert speech(spoken, sentences, STEP)[0] > SPEECH_SECONDS  # one sentence is enough
    sentences[11] = SENTENCE + 0.1  # it goes on
    assert speech(spoken, sentences, STEP) == (2 * STEP + 3, 10 * STEP)
    spoken[9] = SPEAKS + 0.1
    assert speech(spoken, sentences, STEP) == (3 * STEP, 9 * STEP)


def test_a_sentence_is_two_seconds_in_a_row() -> None:
    assert surest(np.array([9.0])) == 9.0
    assert surest(np.array([1.0, 5.0, 1.0, 3.0, 4.0, 0.0])) == 3.5


def babble(seconds: float) -> np.ndarray:
    """Syllables of vowels and hisses that say nothing, as a speaker's."""
    import scipy.signal  # a second to import

    draw, rate, pitch = np.random.default_rng(1), RATE, 120
    vowels = np.array([(730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840), (660, 1720)])
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < seconds * rate:
        count = int(rate * draw.uniform(0.14, 0.28))
        time = np.arange(count) / rate
        vowel = scipy.signal.sawtooth(2 * np.pi * pitch * (1 - 0.1 * time) * time)
        for formant in vowels[draw.integers(len(vowels))]:
            b, a = scipy.signal.iirpeak(formant, formant / 90, fs=rate)
            vowel = vowel + 6 * scipy.signal.lfilter(b, a, vowel)
        hiss = draw.standard_normal(count // 3) * np.hanning(count // 3)
        parts += [0.3 * hiss, vowel * np.minimum(1, np.minimum(time, time[::-1]) / 0.04)]
    sound = np.concatenate(parts)[: int(seconds * rate)]
    return (0.1 * sound / sound.std()).astype(np.float32)


def test_where_speech_stirs_every_second_around_is_heard() -> None:
    sound = babble(41.3)
    windows = Windows(RATE)
    for start in range(0, len(sound), 7_777):
        windows.add(sound[start : start + 7_777])
    heard = windows.finish()
    last = len(sound) - SAMPLES
    starts = [k * round(STEP) * RATE for k in range(11)] + [last]
    assert len(heard.sentences) == len(starts)
    stirring = [k for k, odds in enumerate(heard.spoken) if odds > STIRS]
    assert 1 < len(stirring) < len(starts) - 1
    for k, start in enumerate(starts):
        if k not in stirring:
            assert heard.sentences[k] == SILENT, k
            continue
        around = [start + second * RATE for second in range(-AROUND, AROUND + 1)]
        # the last step but one and the end are all that is kept of the sound by then
        kept = [at for at in around if max(0, start // (4 * RATE) * 4 - 4) * RATE <= at <= last]
        known = len(sound) if k > 9 else start + 4 * RATE
        assert heard.sentences[k] == pytest.approx(surest(by_both(sound, kept, known)), abs=0.02), k
    alone = log_odds(yamnet().listen(np.array([sound[at : at + SAMPLES] for at in starts])))
    sure = [k for k in range(len(starts)) if alone[k] > 0]
    assert len(sure) > 1
    assert heard.spoken[sure] == pytest.approx(
        by_both(sound, [starts[k] for k in sure], len(sound)), abs=0.02
    )


def by_both(sound: np.ndarray, starts: list[int], known: int) -> np.ndarray:
    """What both networks say of seconds of a sound of which no more is known than up to a sample."""
    events = [sound[at : at + 2 * RATE] for at in (min(start, known - 2 * RATE) for start in starts)]
    odds = log_odds(yamnet().listen(np.array([sound[at : at + SAMPLES] for at in starts])))
    return reconsidered(odds, fireredvad().listen(np.array(events)))


def test_speech_that_the_other_network_hears_makes_a_speaker_likelier_and_song_changes_nothing() -> None:
    said = np.float32([[[-4, -4, 0]], [[4, -4, 0]], [[-4, 4, 0]], [[4, 4, 0]]])
    neither, speaks, sings, raps = reconsidered(np.zeros(4, np.float32), said)
    assert neither == sings == raps == pytest.approx(0.8)  # what YAMNet alone says
    assert speaks == pytest.approx(2.6)


def test_the_network_itself_says_what_is_music_and_what_is_sung() -> None:
    names = yamnet().classes
    assert names[MUSIC] == "Music"
    assert [names[k] for k in range(CLASSES)[SUNG]][0::8] == ["Singing", "Humming"]


@pytest.mark.parametrize(
    "name", ["Bird", "Vehicle", "Siren", "Telephone", "Baby cry", "Speech", "Helicopter"]
)
def test_what_the_network_knows_as_something_else_is_no_music_however_long_it_holds_its_tone(
    name: str,
) -> None:
    heard = scores(**{name: 0.8}, Music=0.01)
    assert music_probability(0.3, 0.3, classes=heard) < 0.3
    assert music_probability(0.3, 0.3) > 0.9  # by its tones alone


@pytest.mark.parametrize("name", ["Music", "Singing", "Choir", "Chant", "Mantra", "Humming"])
def test_music_without_pulse_and_held_tones_and_unaccompanied_song_are_music(name: str) -> None:
    assert music_probability(0.001, 0.0, classes=scores(**{name: 0.8})) > 0.5
    assert music_probability(0.001, 0.0) < 0.05


def test_a_voice_makes_no_music_of_what_the_network_heard() -> None:
    talk = scores(Speech=0.9)
    assert music_probability(0.01, 0.0, 1.0, classes=talk) < 0.3
    assert music_probability(0.01, 0.0, 1.0) >= 0.5  # nobody listened for more


def test_a_repeated_or_steady_sound_stays_no_music_whatever_the_network_hears() -> None:
    tune = scores(Music=0.95)
    assert music_probability(0.1, 0.2, classes=tune, looping=True) == 0.1
    assert music_probability(0.1, 0.2, moves=0.2, classes=tune) == 0.1
    assert music_probability(0.1, 0.2, classes=tune, gliding=True) == 0.1
    assert music_probability(0.1, 0.2, moves=1.0, classes=tune) > 0.9


def test_the_answer_is_a_weighted_sum_of_the_last_hidden_layer() -> None:
    heard = yamnet().listen(np.random.default_rng(1).normal(0, 0.1, (2, 15_600)).astype(np.float32))
    weights = stored("speech")
    assert weights["hidden"].shape == (1024,)
    assert log_odds(heard) == pytest.approx(heard.hidden @ weights["hidden"] + weights["bias"])
    assert (log_odds(heard) < SPEAKS).all()  # hiss says nothing
