"""The voice: patches, the network, and what is said of its answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit.analysis.faint import LAYERS, FaintVoice, faint_voice
from playlistkit.analysis.musicnn import FRAMES, voice_network
from playlistkit.analysis.voice import (
    HOP,
    PATCH_SECONDS,
    SAMPLES,
    VOICE_RATE,
    BlockSearch,
    VoiceSearch,
    far_back,
    melgram,
    overall,
    peak,
    powers,
    probability,
    vocals,
)


def searched(samples: np.ndarray, block: int = 50_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    search = VoiceSearch(VOICE_RATE)
    for start in range(0, len(samples), block):
        search.add(samples[start : start + block])
    return search.finish()


def likely(samples: np.ndarray) -> float | None:
    return probability(searched(samples)[0])


def pulses(pitch: np.ndarray) -> np.ndarray:
    """Harmonics of a pitch [shape=(n,)] in Hz, ever softer."""
    phase = 2 * np.pi * np.cumsum(pitch) / VOICE_RATE
    return sum(np.sin(k * phase) / k for k in range(1, 25) if k * pitch.max() < VOICE_RATE / 2)


def sung(seconds: int) -> np.ndarray:
    """A glottis with vibrato through three resonances that move from "ah" to "ee" and back twice a second."""
    import scipy.signal

    time = np.arange(seconds * VOICE_RATE) / VOICE_RATE
    source = pulses(220 * 2 ** (np.round(np.sin(time)) / 6 + 0.02 * np.sin(2 * np.pi * 5.5 * time)))
    vowels = []
    for formants in ((730, 1090, 2440), (270, 2290, 3010)):
        vowel = source
        for formant in formants:
            vowel = scipy.signal.lfilter(*scipy.signal.iirpeak(formant, 6, VOICE_RATE), vowel) + 0.05 * vowel
        vowels.append(vowel / np.std(vowel))
    mix = 0.5 + 0.5 * np.sin(2 * np.pi * 2 * time)
    return (0.1 * (mix * vowels[0] + (1 - mix) * vowels[1])).astype(np.float32)


def played(seconds: int) -> np.ndarray:
    """Struck strings: three notes a second, each dying away."""
    time = np.arange(seconds * VOICE_RATE) / VOICE_RATE
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
    odds, likeliest, _ = searched(np.zeros(30 * VOICE_RATE, np.float32))
    assert probability(odds) is None
    assert peak(likeliest) is None
    assert probability(searched(np.zeros(0, np.float32))[0]) is None


@pytest.mark.parametrize("minutes", [1, 4])
def test_a_voice_in_a_part_is_found_where_it_is(minutes: int) -> None:
    track = played(60 * minutes)
    at = 60 * minutes - 37
    track[at * VOICE_RATE : (at + 24) * VOICE_RATE] += sung(24)
    odds, likeliest, behind = searched(track)
    found = peak(likeliest)
    alone = peak(searched(played(60))[1])
    assert found is not None
    assert alone is not None
    assert found[0] > alone[0]
    assert at - BlockSearch.PATCHES * PATCH_SECONDS <= found[1] < at + 24
    assert len(odds) == len(behind) == 60 * minutes // (BlockSearch.PATCHES * PATCH_SECONDS)


@pytest.mark.parametrize("seconds", [49, 50, 57])
def test_a_few_last_words_are_heard(seconds: int) -> None:
    """Wherever they lie among the patches that are looked at elsewhere."""
    track = played(seconds)
    without = peak(searched(track)[1])
    track[-3 * VOICE_RATE :] = sung(3)
    found = peak(searched(track)[1])
    assert found is not None
    assert without is not None
    assert found[0] > 2 * without[0]
    assert seconds - 12 <= found[1] <= seconds - 3


def test_what_is_asked_at_the_end_is_no_share_of_the_whole() -> None:
    search = BlockSearch()
    for _ in range(3):
        search.look(4, lambda _: -3.0)
    search.look_at_the_end(4, lambda number: 4.0 if number == 3 else -3.0, 40.0)
    odds, likeliest = search.answers()
    assert odds.tolist() == [-3.0] * 3
    assert likeliest.tolist() == pytest.approx([(4 - 3 - 3) / 3, 43.0])


def test_where_the_blocks_of_a_file_end_changes_nothing() -> None:
    track = played(50)
    one, other = searched(track, 7_001), searched(track, 400_000)
    np.testing.assert_allclose(one[0], other[0], atol=1e-5)
    np.testing.assert_allclose(one[1], other[1], atol=1e-5)


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=60))
def test_a_voice_in_a_part_of_the_track_counts(patches: list[float]) -> None:
    said = overall(np.array(patches))
    assert np.exp(said) == pytest.approx(np.mean(np.exp(patches)))
    assert said >= max(patches) - np.log(len(patches)) - 1e-9


def test_voice_follows_tags_unless_the_network_is_sure_of_the_opposite() -> None:
    assert vocals(0.95, 0.95, None) == "words"
    assert vocals(0.05, 0.2, None) == "none"
    assert vocals(0.5, 0.5, None) == "unknown"
    assert vocals(0.95, 0.95, "wordless") == "wordless"
    assert vocals(0.95, 0.95, "none") == "unknown"
    assert vocals(None, None, None) == "unknown"


def test_none_is_said_only_where_the_likeliest_ten_seconds_have_none() -> None:
    assert vocals(0.05, 0.9, None) == "unknown"


def test_a_voice_far_back_keeps_none_from_being_said_but_makes_no_words() -> None:
    assert vocals(0.05, 0.2, None, behind=-0.75) == "none"
    assert vocals(0.05, 0.2, None, behind=-0.65) == "unknown"
    assert vocals(0.05, 0.2, None, behind=9.0) == "unknown"
    assert vocals(0.05, 0.2, "none", behind=9.0) == "none"


def test_what_each_patch_tells_of_a_voice_far_back_adds_up() -> None:
    assert far_back(np.array([-3.0, 1.0, -1.0])) == pytest.approx(-1.0)
    assert far_back(np.zeros(0)) is None


def test_a_voice_far_back_is_judged_by_both_networks_in_each_patch_that_is_looked_at() -> None:
    track = played(30)
    odds, _, behind = searched(track)
    assert len(behind) == len(odds) == 3
    patch = track[:SAMPLES]  # the first of the first block
    mel = powers(patch)
    both = (voice_network().log_odds(melgram(mel)) + faint_voice().log_odds(mel)) / 2
    assert behind[0] == pytest.approx(both, abs=1e-3)


def test_the_network_sees_what_librosa_would_show_it() -> None:
    import librosa

    patch = np.random.default_rng(7).normal(0, 0.1, SAMPLES).astype(np.float32)
    mel = librosa.feature.melspectrogram(
        y=patch, sr=16_000, n_fft=512, hop_length=HOP, n_mels=96, center=False
    )
    np.testing.assert_allclose(melgram(powers(patch)), np.log10(10_000 * mel.T + 1), atol=1e-4)


def test_the_network_answers_as_the_original_does() -> None:
    frame, mel = np.ogrid[:FRAMES, :96]
    for number, answer in enumerate((-0.873748, -1.351714, -0.566938, 0.464891, 3.528631, 3.346918)):
        wave = np.sin(frame / (3 + number)) * np.cos(mel / (2 + number))
        picture = (number / 2 * (1 + wave)).astype(np.float32)
        assert voice_network().log_odds(picture) == pytest.approx(answer, abs=1e-4)  # of onnxruntime, before


def pictures() -> list[np.ndarray]:
    frame, mel = np.ogrid[:FRAMES, :96]
    waves = (np.sin(frame / (3 + number)) * np.cos(mel / (2 + number)) for number in range(4))
    return [(10 ** (2 * wave - mel / 40)).astype(np.float32) for wave in waves]


def test_the_network_for_faint_voices_answers_as_it_was_trained_to() -> None:
    answers = [faint_voice().log_odds(picture) for picture in pictures()]
    assert answers == pytest.approx([-2.227662, 7.779401, 16.520027, 21.560602], abs=1e-3)  # of jax


def test_a_faint_voice_is_heard_at_any_level() -> None:
    for picture in pictures():
        as_it_is, softer = (faint_voice().log_odds(gain * picture) for gain in (1.0, 1e-3))
        assert softer == pytest.approx(as_it_is, abs=1e-3)


def test_a_filter_that_passes_on_what_lasts_no_time_gives_the_loudest_of_it() -> None:
    channels = (2, 1, 1, 1, 1)
    weights: dict[str, np.ndarray] = {}
    for number, (sight, _, _) in enumerate(LAYERS):
        filters = np.zeros((*sight, *channels[number : number + 2]), np.float32)
        filters[sight[0] // 2, sight[1] // 2, 0] = 1
        weights |= {f"filters{number}": filters, f"bias{number}": np.zeros(1, np.float32)}
    weights |= {"dense": np.array([[0.0], [1.0]]), "dense_bias": np.zeros(1)}
    weights |= {"answer": np.ones(1), "answer_bias": np.zeros(())}
    mel = np.full((FRAMES, 96), 1e-3, np.float32)
    mel[90:96, 30:36] = 1.0
    assert FaintVoice(weights).log_odds(mel) == pytest.approx(np.log10(1 / mel[:186].mean()), abs=1e-3)
