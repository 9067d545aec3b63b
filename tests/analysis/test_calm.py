"""Brightness, percussiveness and what is music, as a listener would order made sounds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from playlistkit import analysis
from playlistkit.analysis.longterm import BANDS, LongTermSpectrum, centroid, height
from playlistkit.model import Features

RATE = 32_000
SECONDS = 12
TIME = np.arange(SECONDS * RATE) / RATE


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(len(TIME))


def struck(sound: np.ndarray, gap: float) -> np.ndarray:
    """A sound that begins every `gap` seconds, each time over what is left of the last."""
    samples = np.zeros(len(TIME))
    for start in np.arange(0.2, SECONDS - 0.2, gap):
        after = samples[round(start * RATE) :]
        after[: len(sound)] += sound[: len(after)]
    return samples


def chord(hertz: tuple[float, ...], harmonics: int, slope: float) -> np.ndarray:
    tones = [np.sin(2 * np.pi * hz * k * TIME) / k**slope for hz in hertz for k in range(1, harmonics + 1)]
    return np.asarray(np.sum(tones, axis=0))


def passed(samples: np.ndarray, kind: str, order: int, hz: float | tuple[float, float]) -> np.ndarray:
    from scipy.signal import butter, sosfilt  # a second to import

    return np.asarray(sosfilt(butter(order, hz, kind, fs=RATE, output="sos"), samples))


def high(samples: np.ndarray, hz: float) -> np.ndarray:
    return passed(samples, "high", 2, hz)


@cache
def sounds() -> dict[str, np.ndarray]:
    short, long = TIME[: RATE // 4], TIME[: 3 * RATE]
    kick = np.sin(2 * np.pi * (45 * short + 2 * (1 - np.exp(-30 * short)))) * np.exp(-12 * short)
    hat = high(noise(1), 7000)[: len(short)] * np.exp(-60 * short)
    string = np.sum(
        [np.exp(-2 * k**0.5 * long) * np.sin(2 * np.pi * 262 * k * long) / k**1.5 for k in range(1, 15)],
        axis=0,
    )
    drums = struck(kick, 0.5) + 1.5 * np.roll(struck(hat, 0.25), RATE // 4)
    crackle = np.where(np.random.default_rng(5).random(len(TIME)) > 0.9995, noise(6), 0)
    return {
        "bass": chord((41.0,), 2, 2),
        "pad": chord((131.0, 165.0, 196.0), 8, 1.5),
        "harp": struck(string, 0.6),
        "techno": drums + 0.1 * chord((55.0,), 40, 1),
        "drums": drums,
        "cymbal": high(noise(2), 3000),
        "rain": high(noise(3), 500) + 3 * high(crackle, 500),
        "fire": 0.02 * noise(4) + 5 * high(crackle, 1000),
    }  # fmt: skip


@cache
def heard(name: str) -> Features:
    samples = sounds()[name]
    return analysis.analyze([(0.1 * samples / samples.std()).astype(np.float32)], RATE, voice=False)


def test_brightness_orders_sounds_as_a_listener_would() -> None:
    order = ["bass", "pad", "techno", "cymbal"]
    values = [heard(name).brightness or 0.0 for name in order]
    assert values == sorted(values)
    assert heard("pad").brightness < 0.5 < heard("cymbal").brightness  # type: ignore[operator]


def test_high_notes_are_less_bright_than_low_notes_with_hiss_above_though_their_centroid_is_higher() -> None:
    second = TIME[:RATE]
    bar = np.sum(
        [np.exp(-3 * second * k) * np.sin(2 * np.pi * 1400 * k * second) / k for k in (1, 2.8)], axis=0
    )
    glockenspiel, hats = (
        analysis.hear([(0.1 * samples / samples.std()).astype(np.float32)], RATE, voice=False)
        for samples in (struck(bar, 0.5), chord((55.0,), 12, 1) + 0.15 * high(noise(8), 7000))
    )
    assert (glockenspiel.features.brightness or 1.0) < 0.5 < 0.6 < (hats.features.brightness or 0.0)
    assert (centroid(glockenspiel.low_level.spectrum) or 0.0) > (centroid(hats.low_level.spectrum) or 0.0)


def test_drums_are_struck_and_harps_and_pads_pass_the_limits_of_calm_phases() -> None:
    pad, harp, drums = (heard(name).percussiveness or 0.0 for name in ("pad", "harp", "drums"))
    assert pad < harp < 0.25
    assert drums > 0.5


@pytest.mark.parametrize("name", ["rain", "fire"])
def test_nature_is_no_music_and_not_stirring(name: str) -> None:
    features = heard(name)
    assert features.music_probability is not None
    assert features.music_probability < 0.3
    assert features.activation is not None
    assert features.activation <= 0.5


@pytest.mark.parametrize("name", ["pad", "harp", "techno"])
def test_held_tones_and_beats_are_music(name: str) -> None:
    assert (heard(name).music_probability or 0.0) > 0.7


def test_an_alarm_and_a_test_tone_are_no_music_and_a_drone_that_swells_is() -> None:
    time = np.arange(40 * RATE) / RATE
    tone = np.sin(2 * np.pi * 880 * time)
    alarm = np.sin(2 * np.pi * np.where(time % 1 < 0.5, 880, 660) * time)
    drone = (1 + 0.4 * np.sin(2 * np.pi * 0.05 * time)) * np.sin(2 * np.pi * 110 * time)
    tone_heard, alarm_heard, drone_heard = (
        analysis.analyze([(0.1 * samples).astype(np.float32)], RATE, voice=False)
        for samples in (tone, alarm, drone)
    )
    for each in (tone_heard, alarm_heard):
        assert each.music_probability is not None
        assert each.music_probability < 0.3
    assert (drone_heard.music_probability or 0.0) > 0.5


def test_what_only_repeats_is_no_music_however_long_it_rests_between_and_a_melody_is() -> None:
    rng = np.random.default_rng(1)
    ring = np.arange(RATE) / RATE
    semitones = {"telephone": (0, 7, 12), "melody": (0, 2, 4, 5, 7, 9, 11, 12)}
    said = {}
    for name, steps in semitones.items():
        samples = np.zeros(120 * RATE)
        for second in range(0, 118, 2):
            notes = steps if name == "telephone" else rng.choice(steps, 3)
            level = 1.0 if name == "telephone" else 0.3 + 0.7 * np.sin(second / 19) ** 2
            for k, note in enumerate(notes):
                begin = round((second + 0.2 * k) * RATE)
                tone = np.sin(2 * np.pi * 523 * 2 ** (note / 12) * ring) * np.exp(-4 * ring)
                samples[begin : begin + RATE] += level * tone
        said[name] = analysis.analyze([(0.1 * samples).astype(np.float32)], RATE, voice=False)
    assert (said["telephone"].music_probability or 0.0) < 0.3
    assert (said["melody"].music_probability or 0.0) > 0.7


def test_a_sweep_a_siren_and_a_howl_are_no_music_and_a_theremin_is() -> None:
    time = np.arange(40 * RATE) / RATE

    def glide(hertz: np.ndarray, harmonics: int) -> float:
        phase = 2 * np.pi * np.cumsum(hertz) / RATE
        tone = np.sum([np.sin(k * phase) / k for k in range(1, harmonics + 1)], axis=0)
        swelling = (0.1 * (1 + 0.8 * np.sin(2 * np.pi * time / 9)) * tone).astype(np.float32)
        return analysis.analyze([swelling], RATE, voice=False).music_probability or 0.0

    climbing = 200 * 4 ** (time / 40)
    siren = 600 * 2 ** (0.5 - 0.5 * np.cos(2 * np.pi * time / 8))
    notes = 220 * 2 ** (np.array([0, 3, 5, 7, 3, 10, 7, 0, -2, 0]) / 12)  # of 4 s, each reached by a glide
    theremin = np.interp(time, np.add.outer(4 * np.arange(10), (0.5, 3.99)).ravel(), np.repeat(notes, 2))
    theremin *= 1 + 0.01 * np.sin(2 * np.pi * 5.5 * time)
    for harmonics in (1, 8):
        assert glide(climbing, harmonics) < 0.3
        assert glide(siren, harmonics) < 0.3
        assert glide(theremin, harmonics) > 0.5


def test_a_clock_is_no_music_and_a_kettledrum_as_regular_is() -> None:
    short = TIME[: RATE // 2]
    tick = noise(5)[: len(short)] * np.exp(-400 * short)
    drum = np.sum([np.sin(2 * np.pi * 98 * k * short) for k in (1, 1.5, 2)], axis=0) * np.exp(-5 * short)
    clock, kettledrum = (
        analysis.analyze([(0.1 * struck(sound, 0.5)).astype(np.float32)], RATE, voice=False)
        for sound in (tick, drum)
    )
    assert (clock.pulse_clarity or 0.0) > 0.7
    assert (clock.music_probability or 0.0) < 0.3
    assert (kettledrum.music_probability or 0.0) > 0.7


@pytest.mark.parametrize(("hertz", "undecided"), [((500, 2000), True), ((7000, 12_000), False)])
def test_a_likely_voice_leaves_calls_undecided_but_not_the_twitter_of_birds(
    hertz: tuple[float, float], undecided: bool
) -> None:
    calls = passed(noise(6), "band", 4, hertz)
    features, low = analysis.hear([(0.1 * calls / calls.std()).astype(np.float32)], RATE, voice=False)
    voiced = analysis.interpret(features, replace(low, voices=np.full(4, 4.0)))
    assert ((voiced.music_probability or 0.0) >= 0.3) is undecided


def test_a_pitched_tick_is_no_drum() -> None:
    """A kalimba's, in few bands, against a burst of noise in all of them, as loud and as short."""
    short = TIME[: RATE // 10]
    ticks = np.sum([np.sin(2 * np.pi * hertz * short) for hertz in (880, 2900, 4600)], axis=0)
    values = []
    for sound in (ticks, high(noise(7), 600)[: len(short)]):
        samples = struck(sound / sound.std() * np.exp(-60 * short), 0.4)
        calm = 0.02 * chord((220.0, 330.0), 4, 1.5)
        made = (0.1 * (samples + calm)).astype(np.float32)
        values.append(analysis.analyze([made], RATE, voice=False).percussiveness or 0.0)
    assert values[0] < values[1] / 2


def test_the_long_term_spectrum_does_not_depend_on_blocks() -> None:
    samples = sounds()["techno"].astype(np.float32)
    spectra = []
    for size in (len(samples), 10_007, 333):
        long_term = LongTermSpectrum(RATE)
        for start in range(0, len(samples), size):
            long_term.add(samples[start : start + size])
        spectra.append(long_term.finish())
    for other in spectra[1:]:
        np.testing.assert_allclose(spectra[0], other, rtol=1e-5)


def test_a_spectrums_middle_is_the_same_however_quiet_and_there_is_none_in_silence() -> None:
    spectrum = np.random.default_rng(1).random(BANDS)
    for middle in (centroid, height):
        loud = middle(spectrum)
        assert loud is not None
        assert middle(spectrum * 1e-6) == pytest.approx(loud)
        assert middle(np.zeros(BANDS)) is None
