"""Whether anybody sings or speaks, and where most likely, by running the musicnn network along the whole track."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.fft
from numpy.lib.stride_tricks import sliding_window_view

from playlistkit.analysis.faint import faint_voice
from playlistkit.analysis.filters import VOICE_FFT, VOICE_RATE, Array, filters
from playlistkit.analysis.musicnn import FRAMES, voice_network
from playlistkit.model import Vocals

__all__ = ["BlockSearch", "VoiceSearch", "far_back", "peak", "probability", "vocals"]

Floats = npt.NDArray[np.float64]

HOP = 256
SAMPLES = (FRAMES - 1) * HOP + VOICE_FFT  # of VOICE_RATE: 3 s
PATCH_SECONDS = 3.0
LIKELIEST = 3  # patches that make the likeliest ten seconds
AT_THE_END = 2  # patches of a track that are always examined
STIRS = -1.0  # log odds from which the whole block is examined
QUIET = 1e-3  # root mean square below which a patch holds no music

# From the patches' mean odds to the log odds of a voice, fitted on labelled recordings (docs/features.md).
WEIGHT, BIAS = 1.26, -0.23
NONE_AT_MOST, VOICE_AT_LEAST = 0.25, 0.6  # probabilities; between them it isn't known
BIRDS = 14.5
"""Centroid in Bark from which no voice is believed: birds and crickets have 15.3 to 18.1, crying babies up to 15.9; speech,
chant and songs 2.7 to 12.9, bright voices close to a microphone up to 14.8."""
NONE_ANYWHERE = (
    0.3  # of the likeliest ten seconds; a missed voice does harm, an unknown one costs a minute of listening
)

NOT_FAR_BACK = -0.7  # mean log odds by both networks up to which "none" can be said


class BlockSearch:
    """Which patches of a track are examined: one of each block, and the whole block if there may be a voice.

    Only the answers are kept.
    """

    PATCHES = 4
    """In a block."""

    def __init__(self) -> None:
        self._blocks = 0
        self._odds: list[float] = []
        self._peak = (-math.inf, 0.0)

    def look(self, count: int, ask: Callable[[int], float | None]) -> None:
        """Take the next block of `count` patches; `ask` gives the log odds in one of them, `None` without sound."""
        start = self._blocks * self.PATCHES * PATCH_SECONDS
        first = self._blocks % count  # another place in each block: bars' beginnings aren't favoured
        self._blocks += 1
        answers: list[float | None] = [None] * count
        answers[first] = ask(first)
        if answers[first] is None:
            return
        self._odds.append(answers[first] or 0.0)
        if self._odds[-1] > STIRS or (self._blocks == 1 and count < self.PATCHES):
            answers = [known if known is not None else ask(k) for k, known in enumerate(answers)]
        if None in answers:
            self._consider([answers[first]], start + PATCH_SECONDS * first)
        else:
            self._consider(answers, start)

    def look_at_the_end(self, count: int, ask: Callable[[int], float | None], start: float) -> None:
        """Look at the last `count` patches, which begin at second `start`: a few last words lie between those looked at.

        They tell where a voice is likeliest, not how likely it is throughout, since they were looked at before in part.
        """
        last = [ask(k) for k in range(max(0, count - AT_THE_END), count)]
        if max((each for each in last if each is not None), default=-math.inf) > STIRS:
            self._consider([ask(k) for k in range(count - len(last))] + last, start)

    def _consider(self, answers: list[float | None], start: float) -> None:
        """Keep the likeliest patches in a row, of which the first begins at second `start`."""
        for k in range(max(1, len(answers) - LIKELIEST + 1)):
            known = [each for each in answers[k : k + LIKELIEST] if each is not None]
            if known and (mean := float(np.mean(known))) > self._peak[0]:
                self._peak = (mean, start + PATCH_SECONDS * k)

    def answers(self) -> tuple[Floats, Floats]:
        """The network's answers, as `VoiceSearch.finish` gives them."""
        return np.array(self._odds), np.array(self._peak if self._odds else ())


class VoiceSearch:
    """Runs the network along a track: on 3 s of every 12, and on the whole 12 if there may be a voice.

    A track of twelve hours takes no more memory than one of three minutes.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._step = round(PATCH_SECONDS * rate)
        self._block = BlockSearch.PATCHES * self._step
        self._parts: list[Array] = []
        self._have = 0
        self._before: Array = np.zeros(0, np.float32)  # the block before, of which the end may need some
        self._heard = 0  # samples of all blocks before
        self._search = BlockSearch()
        self._far_back: list[float] = []

    def add(self, mono: Array) -> None:
        """Take the next samples [shape=(n,)] at the native rate."""
        while len(mono):
            missing = self._block - self._have
            part, mono = mono[:missing], mono[missing:]
            self._parts.append(part.copy())
            self._have += len(part)
            if self._have == self._block:
                self._look()

    def finish(self) -> tuple[Floats, Floats, Floats]:
        """The networks' answers.

        Returns
        -------
        np.ndarray [shape=(patches,)]
            Log odds of a voice in patches spread evenly over the track, without those that are silent.
        np.ndarray [shape=(2,)]
            Mean log odds in the likeliest ten seconds or so, and the second at which they begin; empty without sound.
        np.ndarray [shape=(patches,)]
            Log odds of a voice far back in those patches, by both networks.
        """
        length = self._heard + self._have
        end = np.concatenate((self._before, *self._parts))[-self._block :]
        if self._have >= self._step or (self._have and not self._heard):
            self._look()
        if length > self._step:
            count = len(end) // self._step
            end = end[len(end) - count * self._step :]
            self._search.look_at_the_end(
                count, lambda number: front(self._seen(end, number)), (length - len(end)) / self._rate
            )
        return *self._search.answers(), np.array(self._far_back)

    def _look(self) -> None:
        """Examine the 12 s gathered so far."""
        block = np.concatenate(self._parts)
        self._parts, self._have, self._before = [], 0, block
        self._heard += len(block)
        asked: list[float] = []

        def ask(number: int) -> float | None:
            mel = self._seen(block, number)
            odds = front(mel)
            if (
                odds is not None and mel is not None and not asked
            ):  # the patch that is looked at in each block
                asked.append(back(odds, mel))
            return odds

        self._search.look(max(1, len(block) // self._step), ask)
        self._far_back += asked

    def _seen(self, block: Array, number: int) -> Array | None:
        """The power mel spectrogram of a patch of the block; `None` where nothing sounds."""
        import soxr

        patch = block[number * self._step : (number + 1) * self._step + self._rate // 50]
        if float(np.sqrt(np.mean(patch**2))) <= QUIET:
            return None
        return powers(soxr.resample(patch, self._rate, VOICE_RATE)[:SAMPLES])


def front(mel: Array | None) -> float | None:
    """Log odds of a voice, by musicnn, in a power mel spectrogram; `None` without one."""
    return None if mel is None else voice_network().log_odds(melgram(mel))


def back(odds: float, mel: Array) -> float:
    """Log odds of a voice far back: the mean of musicnn's `odds` and those of the network made for that."""
    return (odds + faint_voice().log_odds(mel)) / 2


def probability(odds: Floats) -> float | None:
    """How likely there is a voice, 0 to 1, from the log odds of patches; `None` without any."""
    if not len(odds):
        return None
    return 1 / (1 + math.exp(-(WEIGHT * overall(odds) + BIAS)))


def peak(likeliest: Floats) -> tuple[float, float] | None:
    """How likely there is a voice in the likeliest ten seconds, 0 to 1, and the second at which they begin."""
    if not len(likeliest):
        return None
    return 1 / (1 + math.exp(-(WEIGHT * likeliest[0] + BIAS))), float(likeliest[1])


def overall(odds: Floats) -> float:
    """Log of the patches' mean odds, so that a voice in part of the track isn't averaged away."""
    return float(np.logaddexp.reduce(odds)) - math.log(len(odds))


def far_back(odds: Floats) -> float | None:
    """How likely a voice is far back all along: each patch tells a little, which adds up. `None` without any."""
    return float(np.mean(odds)) if len(odds) else None


def powers(patch: Array) -> Array:
    """The power mel spectrogram [shape=(187, 96)] of a patch [shape=(48128,)]."""
    patch = np.pad(patch, (0, max(0, SAMPLES - len(patch))))
    window = np.hanning(VOICE_FFT + 1)[:-1].astype(np.float32)
    spectrum = scipy.fft.rfft(sliding_window_view(patch, VOICE_FFT)[::HOP] * window, axis=1)
    return np.asarray((spectrum.real**2 + spectrum.imag**2) @ filters("voice").T, dtype=np.float32)


def melgram(mel: Array) -> Array:
    """A power mel spectrogram as musicnn sees it."""
    return np.asarray(np.log10(10_000 * mel + 1), dtype=np.float32)


def vocals(
    likely: float | None,
    likeliest: float | None,
    hint: Vocals | None,
    bark: float | None = None,
    behind: float | None = None,
) -> Vocals:
    """The voice, judged from the network and the tags.

    Parameters
    ----------
    likely : float or None
        Probability that there is a voice.
    likeliest : float or None
        The same for the likeliest ten seconds: "none" is said only if these have none either.
    hint : Vocals or None
        What the tags say.
    bark : float, optional
        Centroid of the long-term spectrum: birds sound like voices to the network, but lie higher than any.
    behind : float, optional
        Log odds of a voice far back: they can keep "none" from being said, but make no words.

    Returns
    -------
    Vocals
        The tags' word, unless the network is sure of the opposite: then "unknown". The network can't tell
        words from none: a voice that no tag calls wordless counts as "words", the stricter of the two.
    """
    if likely is None:
        return hint or "unknown"
    if hint == "none":
        return "none" if likely < VOICE_AT_LEAST else "unknown"
    if hint in ("words", "wordless"):
        return hint
    if likely >= VOICE_AT_LEAST:
        return "unknown" if bark is not None and bark >= BIRDS else "words"
    nowhere = likeliest is None or likeliest <= NONE_ANYWHERE
    hidden = behind is not None and behind > NOT_FAR_BACK
    return "none" if likely <= NONE_AT_MOST and nowhere and not hidden else "unknown"
