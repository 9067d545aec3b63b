"""What YAMNet hears along a track, in one second of every few: a voice, speech, and every other class of sounds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr

from playlistkit.analysis import speech, voice
from playlistkit.analysis.filters import Array
from playlistkit.analysis.yamnet import RATE, SAMPLES, yamnet

__all__ = ["NOTHING", "STEP", "Sounds", "Windows"]

Floats = npt.NDArray[np.float64]

STEP = 4.0
"""Seconds from the beginning of a window to that of the next."""

LENGTH = SAMPLES / RATE  # s of a window
AT_ONCE = 4  # windows in one run of the network; affects speed, not results
QUIET = 1e-3  # root mean square below which a window holds no sound


class Sounds(NamedTuple):
    """What is heard in the windows of a track.

    Window k begins at k times `STEP` seconds; the last one is the last second of the track.
    """

    voices: Floats
    """Log odds of a voice [shape=(windows,)]; `voice.SILENT` where nothing sounds."""
    spoken: Floats
    """Log odds that somebody speaks [shape=(windows,)]; `voice.SILENT` where nothing sounds."""
    classes: Floats
    """How likely each of YAMNet's classes is, 0 to 1: the mean over the windows that sound [shape=(521,)]; empty if none does."""


NOTHING = Sounds(np.zeros(0), np.zeros(0), np.zeros(0))


class Windows:
    """Runs the network along a track.

    Only the answers are kept: a track of twelve hours takes hardly more memory than one of three minutes.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._step = round(STEP * rate)
        self._length = round(LENGTH * rate)
        self._parts: list[Array] = []
        self._have = 0
        self._before: Array = np.zeros(0, np.float32)  # the last of the step before
        self._waiting: list[Array] = []
        self._places: list[int] = []  # of these among the windows
        self._voices: list[float] = []
        self._spoken: list[float] = []
        self._classes: Floats = np.zeros(len(yamnet().classes))

    def add(self, mono: Array) -> None:
        """Take the next samples [shape=(n,)] at the native rate."""
        while len(mono):
            missing = self._step - self._have
            part, mono = mono[:missing], mono[missing:]
            self._parts.append(part.copy())
            self._have += len(part)
            if self._have == self._step:
                whole = np.concatenate(self._parts)
                self._look_at(whole[: self._length])
                self._parts, self._have, self._before = [], 0, whole[-self._length :]

    def finish(self) -> Sounds:
        """The network's answers."""
        end = np.concatenate((self._before, *self._parts))
        if self._have > self._length:
            self._look_at(end[len(self._before) :][: self._length])
        if len(end):
            self._look_at(end[-self._length :])
        self._listen()
        voices, spoken = np.array(self._voices), np.array(self._spoken)
        sounding = np.count_nonzero(voices > voice.SILENT)
        return Sounds(voices, spoken, self._classes / sounding if sounding else np.zeros(0))

    def _look_at(self, window: Array) -> None:
        """Take a window, as long as there is sound in it."""
        self._voices.append(voice.SILENT)
        self._spoken.append(voice.SILENT)
        if float(np.sqrt(np.mean(window**2))) <= QUIET:
            return
        sound = soxr.resample(window, self._rate, RATE)[:SAMPLES]
        self._waiting.append(np.pad(sound, (0, SAMPLES - len(sound))))
        self._places.append(len(self._voices) - 1)
        if len(self._waiting) == AT_ONCE:
            self._listen()

    def _listen(self) -> None:
        """Run the network on the windows that wait."""
        if not self._waiting:
            return
        heard = yamnet().listen(np.array(self._waiting))
        scores = 1 / (1 + np.exp(-heard.odds.astype(float)))
        self._classes += scores.sum(axis=0)
        answers = zip(self._places, voice.log_odds(heard), speech.log_odds(heard), strict=True)
        for place, voiced, spoken in answers:
            self._voices[place], self._spoken[place] = float(voiced), float(spoken)
        self._waiting, self._places = [], []
