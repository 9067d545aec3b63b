"""From low-level descriptors to features that a therapist understands: tempo, energy, brightness, key, voice.

This needs no sound: when a scale or a threshold changes, it runs again on what the library has kept.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from playlistkit.analysis import attacks, key, longterm, repetition, scale, speech, tempo, voice
from playlistkit.analysis.edges import EDGE, near_levels
from playlistkit.analysis.lowlevel import LowLevel
from playlistkit.analysis.windows import STEP
from playlistkit.energy import combined, intensity
from playlistkit.model import Curve, Features, Vocals

__all__ = ["interpret"]

Floats = npt.NDArray[np.float64]

SMOOTH = 5  # s of activation that one value of the energy curve is made of


def interpret(measured: Features, low: LowLevel, hint: Vocals | None) -> Features:
    """Add the features that the descriptors give.

    Parameters
    ----------
    measured : Features
        With loudness, its curve, and the loudness of both ends.
    low : LowLevel
    hint : Vocals, optional
        What tags tell of the voice.
    """
    voiced = with_voice(measured, low, hint)
    if measured.loudness is None or measured.loudness_curve is None or not low.sounds:
        return voiced
    first, last = (int(second) for second in low.sounding)
    inside = slice(first, last)
    onset_rate = float(low.onsets[inside].mean())
    beat = tempo.pulse(low.autocorrelation, low.tempogram, onset_rate)
    music = music_probability(voiced, low, inside, beat.clarity if beat else 0.0)
    tonic = key.key(low.pitch)
    height = longterm.height(low.spectrum)
    return replace(
        with_energy(voiced, low, music),
        tempo=beat.tempo if beat else None,
        tempo_alternative=beat.alternative if beat else None,
        pulse_clarity=beat.clarity if beat else None,
        brightness=None if height is None else scale.brightness(height),
        percussiveness=scale.percussiveness(attacks.percussion(float(low.sharpness[0]), low.passing)),
        key=tonic[0] if tonic else None,
        mode=tonic[1] if tonic else None,
        key_clarity=tonic[2] if tonic else None,
        onset_rate=onset_rate,
        music_probability=min(round(music, 4), 0.9999),  # 1 is the therapist's word
        repetition=repetition.repetition(low.novelty, onset_rate),
    )


def with_voice(measured: Features, low: LowLevel, hint: Vocals | None) -> Features:
    """Add who sings or speaks, and the loudness next to the joins: all that a track has which hardly sounds."""
    likely = voice.probability(low.voices)
    likeliest = voice.peak(low.voices, STEP)
    spoken = speech.speech(low.spoken, low.sentences, STEP)
    near_start, near_end = near_levels(measured)
    return replace(
        measured,
        loudness_start_near=near_start,
        loudness_end_near=near_end,
        vocals=voice.vocals(likely, likeliest[0] if likeliest else None, hint, _centroid(low)),
        vocals_probability=likely,
        vocals_peak=likeliest[0] if likeliest else None,
        vocals_at=likeliest[1] if likeliest else None,
        speech=spoken[0] if spoken else None,
        speech_at=spoken[1] if spoken else None,
    )


def music_probability(voiced: Features, low: LowLevel, inside: slice, clarity: float) -> float:
    """How likely this is music, from its voice and its descriptors in the seconds that sound."""
    bark = _centroid(low)
    too_high = bark is not None and bark >= voice.BIRDS
    onsets, fullness = low.onsets[inside], low.fullness[inside]
    return scale.music_probability(
        float(low.held[0]),
        clarity,
        0.0 if too_high else voiced.vocals_probability or 0.0,
        _moves(voiced),
        low.classes,
        gliding=scale.glides(low.pitch, float(onsets.mean()), float(fullness.mean())),
        looping=scale.loops(onsets, fullness, np.asarray(voiced.loudness_curve)[inside]),
    )


def with_energy(measured: Features, low: LowLevel, music: float) -> Features:
    """Add the energy of the whole, of both ends and of each second, and the parts that it is made of."""
    first, last = (int(second) for second in low.sounding)
    inside = slice(first, last)
    start, end = slice(first, min(first + EDGE, last)), slice(max(last - EDGE, first), last)

    def active(part: slice) -> float:
        return float(scale.activation(low.onsets[part].mean(), low.fullness[part].mean(), music))

    def energy(level: float | None, part: slice) -> float | None:
        return None if level is None else round(float(combined(intensity(level), active(part))), 4)

    return replace(
        measured,
        energy=energy(measured.loudness, inside),
        activation=round(active(inside), 4),
        intensity=None if measured.loudness is None else round(float(intensity(measured.loudness)), 4),
        energy_start=energy(measured.loudness_start, start),
        energy_end=energy(measured.loudness_end, end),
        energy_curve=Curve(energy_curve(np.asarray(measured.loudness_curve), low, music), 0.001),
    )


def _centroid(low: LowLevel) -> float | None:
    """The centroid of the long-term spectrum in Bark; `None` for a track that hardly sounds."""
    return longterm.centroid(low.spectrum) if low.sounds else None


def _moves(measured: Features) -> float | None:
    """How far the level moves, in LU: the larger of loudness range and steepest rise; `None` if either is unknown."""
    if measured.loudness_range is None or measured.swell is None:
        return None
    return max(measured.loudness_range, measured.swell)


def energy_curve(loudness: Floats, low: LowLevel, music: float) -> Floats:
    """Energy of each second, from short-term loudness in LUFS and the activation of 5 s around it [shape=(seconds,)]."""
    n = min(len(loudness), len(low.onsets))

    def smooth(values: Floats) -> Floats:
        kernel = np.ones(SMOOTH)
        total, count = (
            np.convolve(each, kernel)[SMOOTH // 2 : SMOOTH // 2 + n] for each in (values[:n], np.ones(n))
        )
        return np.asarray(total / count)

    active = scale.activation(smooth(low.onsets), smooth(low.fullness), music)
    return combined(intensity(loudness[:n]), active)
