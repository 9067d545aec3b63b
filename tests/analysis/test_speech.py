"""Who speaks, and what is music by what the network hears."""

from __future__ import annotations

import numpy as np
import pytest

from playlistkit.analysis.bundled import stored
from playlistkit.analysis.scale import MUSIC, SUNG, music_probability
from playlistkit.analysis.speech import SPEAKS, log_odds, speech
from playlistkit.analysis.windows import STEP
from playlistkit.analysis.yamnet import yamnet

CLASSES = 521


def scores(**said: float) -> np.ndarray:
    """Mean scores of all classes: nothing but what is said, by the beginning of its name."""
    found = np.zeros(CLASSES)
    for name, score in said.items():
        found[next(k for k, each in enumerate(yamnet().classes) if each.startswith(name))] = score
    return found


def test_speech_is_counted_in_seconds_and_begins_where_it_is_first_heard() -> None:
    spoken = np.full(30, -5.0)
    assert speech(spoken, STEP) == (0.0, None)
    spoken[[7, 8, 20]] = SPEAKS + 0.1
    spoken[3] = SPEAKS  # as likely as not, at this price of an error
    assert speech(spoken, STEP) == (3 * STEP, 7 * STEP)
    assert speech(np.zeros(0), STEP) is None


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
