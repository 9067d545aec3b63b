"""From measured units to our scales of 0 to 1: percentiles by fixed anchors, never ranks in a library.

Those of activation, brightness and percussiveness were measured on recorded and rendered music (docs/accuracy.md
says on which, and how).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from playlistkit.energy import percentile

__all__ = ["activation", "brightness", "music_probability", "percussiveness"]

Floats = npt.NDArray[np.float64]

# Percentiles among 29 calm recorded tracks (docs/features.md); the scale ends at the outermost values.
ACTIVATION = (0.0, 1.15, 1.6, 2.15, 2.5, 2.8, 2.85, 2.9, 3.8)  # weighted sum, below

# Not percentiles but milestones: each is a quantile of a named kind of music (docs/features.md). Music brighter than
# all but a few calm acoustic pieces has more than a half; music more percussive than that, more than a quarter.
MILESTONES = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
BRIGHTNESS = (2.0, 7.6, 9.2, 14.2, 16.5, 20.0)  # cubic mean in Bark
PERCUSSION = (0.0, 0.03, 0.14, 0.22, 0.30, 0.47)  # `playlistkit.analysis.attacks.percussion`

WEIGHT_FULLNESS = 1.5

# A logistic regression on the log of the share of held tones (plus a thousandth) and the clarity of the pulse, fitted
# by `benchmarks/calm.py`.
UNDECIDED = 0.5  # least value for music with a certain voice
MUSIC_HELD, MUSIC_PULSE, MUSIC_BIAS = 1.55, 6.4, 4.9

MUSIC = 132
SUNG = slice(24, 33)  # singing, choir, yodeling, chant, mantra, rapping, humming
"""YAMNet's classes of music."""

MUSIC_CLASSES, MUSIC_TONES, MUSIC_CLASSES_BIAS = 1.2, 0.4, 0.75
MOST_TONES = 3.0
"""Weight of the log odds of those classes, of the log odds by held tones and pulse (of which as much counts at most), and
what is added: chosen by `benchmarks/music_or_not.py` so that one piece of music in a hundred is lost (docs/accuracy.md)."""

LEAST_SCORE = 0.002
"""Added to a score and to its opposite before the logarithm."""

TICKS = 0.003
"""Share of held tones below which a pulse counts for less: a clock or drops of water have a pulse, but ring less than a
kettledrum or a frame drum."""

MOVES = 0.5
"""LU of loudness range and of the steepest rise below which a sound never gets louder or softer."""

STEADY = 0.1
"""Highest `music_probability` of such a sound, and of one that only repeats: a test tone or an alarm has a pulse and held tones."""

PITCHES = 12
GLIDE_ONSETS = 1.5
GLIDES = ((0.18, 0.34), (0.5, 0.24))
"""A sound with fewer onsets a second only glides where fewer mel bands sound than the first share, and the `PITCHES` most
frequent tenths of a semitone have less than the second: one partial, or several."""

STRETCH = 20
"""Seconds in whose means a sound that repeats every few seconds no longer changes; music of minutes does."""

UNCHANGING = (0.2, 0.01, 0.3)
"""Standard deviation of onsets a second, of fullness and of LUFS, over such means, below which a sound only repeats."""

SOFTEST = -60.0
"""LUFS that silence between repeats counts as."""

LOOP_ONSETS = 0.3
"""Fewest onsets a second of what repeats: drones may stay as they are."""

NOT_MUSIC = 0.3
"""`music_probability` below which a track isn't taken for music."""

STILL = 0.25
"""Most activation that a sound other than music can have: rain is full of onsets but stirs nobody."""


def activation(onset_rate: float | Floats, fullness: float | Floats, music: float = 1.0) -> Floats:
    """The part of energy that doesn't depend on level: how many onsets there are, and how full the spectrum is.

    A sound that isn't music has at most `STILL`.

    Parameters
    ----------
    onset_rate : float or np.ndarray
        Onsets a second.
    fullness : float or np.ndarray
        Share of the mel bands that sound, 0 to 1.
    music : float
        How likely it is music, 0 to 1; from `NOT_MUSIC` on it counts in full.
    """
    active = percentile(activity(onset_rate, fullness), ACTIVATION)
    share = min(music / NOT_MUSIC, 1.0)
    return np.asarray(share * active + (1 - share) * np.minimum(active, STILL))


def activity(onset_rate: float | Floats, fullness: float | Floats) -> Floats:
    """The weighted sum whose percentile is the activation [shape as given]."""
    return np.asarray(np.log1p(onset_rate) + WEIGHT_FULLNESS * np.asarray(fullness))


def brightness(height: float) -> float:
    """From 0 (dark) to 1 (bright), from the height of a long-term spectrum in Bark."""
    return float(np.interp(height, BRIGHTNESS, MILESTONES))


def percussiveness(percussion: float) -> float:
    """From 0 (nothing is struck) to 1 (drums alone), from `playlistkit.analysis.attacks.percussion`."""
    return float(np.interp(percussion, PERCUSSION, MILESTONES))


def glides(pitch: Floats, onset_rate: float, fullness: float) -> bool:
    """Whether a sound is nothing but a glide: a sweep, a siren, a howl.

    Music that slides, a theremin or a slide guitar, still prefers some pitches, and drums, dense chords and noise
    are fuller or have onsets.

    Parameters
    ----------
    pitch : np.ndarray [shape=(120,)]
        What sounds at each tenth of a semitone, octaves summed.
    onset_rate : float
        Onsets a second.
    fullness : float
        Share of the mel bands that sound, 0 to 1.
    """
    preferred = float(np.sort(pitch)[-PITCHES:].sum() / max(pitch.sum(), 1e-9))
    return onset_rate < GLIDE_ONSETS and any(fullness < full and preferred < most for full, most in GLIDES)


def loops(onsets: Floats, fullness: Floats, loudness: Floats) -> bool:
    """Whether a sound only repeats something short: an alarm, a ringing telephone, a notification again and again.

    Parameters
    ----------
    onsets : np.ndarray [shape=(seconds,)]
        Onsets in each second.
    fullness : np.ndarray [shape=(seconds,)]
        Share of the mel bands that sound in each second, 0 to 1.
    loudness : np.ndarray [shape=(seconds,)]
        LUFS of each second.
    """
    seconds = min(len(onsets), len(fullness), len(loudness))
    edge = STRETCH // 4  # where it begins and ends it may be softer
    inside = slice(edge, seconds - edge)
    count = (seconds - 2 * edge) // STRETCH
    if count < 3 or onsets[inside].mean() < LOOP_ONSETS:
        return False
    means = (
        each[inside][: count * STRETCH].reshape(count, STRETCH).mean(axis=1)
        for each in (onsets, fullness, np.maximum(loudness, SOFTEST))
    )
    return all(each.std() < most for each, most in zip(means, UNCHANGING, strict=True))


def music_probability(
    held: float,
    clarity: float,
    voice: float = 0.0,
    moves: float | None = None,
    classes: Floats | None = None,
    *,
    gliding: bool = False,
    looping: bool = False,
) -> float:
    """How likely it is music, from what YAMNet hears, its held tones, its pulse, and how far its level moves.

    Parameters
    ----------
    held : float
        Share of the amplitude in tones that are held, 0 to 1.
    clarity : float
        Of the pulse, 0 to 1.
    voice : float
        How likely there is a voice, 0 to 1; counts where there are no `classes`.
    moves : float, optional
        The larger of loudness range and steepest rise, in LU; `None`: too short to know.
    classes : np.ndarray [shape=(521,)], optional
        YAMNet's mean scores; `None` or empty if it didn't run.
    gliding : bool
        Whether it `glides`.
    looping : bool
        Whether it `loops`.

    Drums have no held tones, and chant has no pulse; rain, wind, fire and machines have neither, and speech has hardly
    any. What ticks has a pulse alone, and isn't believed. The network tells all that apart better, and an alarm or an animal
    that holds its tone as well. Without it, what has a voice stays undecided: unaccompanied chant and song must not be
    taken for noise.
    """
    pulse = clarity * min(held / TICKS, 1.0)
    odds = MUSIC_HELD * np.log(held + 1e-3) + MUSIC_PULSE * pulse + MUSIC_BIAS
    undecided = UNDECIDED * voice
    if classes is not None and len(classes):
        score = max(float(classes[MUSIC]), float(classes[SUNG].max()))
        heard = np.log((score + LEAST_SCORE) / (1 - score + LEAST_SCORE))
        odds = (
            MUSIC_CLASSES * heard + MUSIC_TONES * np.clip(odds, -MOST_TONES, MOST_TONES) + MUSIC_CLASSES_BIAS
        )
        undecided = 0.0
    music = float(1 / (1 + np.exp(-odds)))
    music = max(min(music, STEADY) if gliding else music, undecided)
    return min(music, STEADY) if looping or (moves is not None and moves < MOVES) else music
