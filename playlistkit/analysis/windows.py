"""What the networks hear along a track, in one second of every few: a voice, speech, and every other class of sounds.

Where YAMNet is unsure whether it is a voice, the other network hears that second and the next.
Where speech stirs, the seconds around are heard as well: a single sentence may fill just one window, and a word in a song too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soxr

from playlistkit.analysis import speech, voice
from playlistkit.analysis.filters import Array
from playlistkit.analysis.fireredvad import fireredvad
from playlistkit.analysis.yamnet import RATE, SAMPLES, Heard, yamnet

__all__ = ["NOTHING", "STEP", "Sounds", "Windows"]

Floats = npt.NDArray[np.float64]

STEP = 4.0
"""Seconds from the beginning of a window to that of the next."""

LENGTH = SAMPLES / RATE  # s of a window
CLOSER = 2  # s that the other network hears
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
    sentences: Floats
    """The same in the surest seconds around each window where speech stirs [shape=(windows,)]; `voice.SILENT` elsewhere."""
    classes: Floats
    """How likely each of YAMNet's classes is, 0 to 1: the mean over the windows that sound [shape=(521,)]; empty if none does."""


NOTHING = Sounds(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))


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
        self._before: Array = np.zeros(0, np.float32)  # the step before
        self._waiting: list[Array] = []
        self._around: list[tuple[Array, int]] = []  # what sounds around each, and where it begins there
        self._places: list[int] = []  # of these among the windows
        self._voices: list[float] = []
        self._spoken: list[float] = []
        self._sentences: list[float] = []
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
                self._look_at(np.concatenate((self._before, whole)), len(self._before))
                self._parts, self._have, self._before = [], 0, whole

    def finish(self) -> Sounds:
        """The network's answers."""
        end = np.concatenate((self._before, *self._parts))
        if self._have > self._length:
            self._look_at(end, len(self._before))
        if len(end):
            self._look_at(end, max(len(end) - self._length, 0))
        self._listen()
        voices, spoken, sentences = (np.array(each) for each in (self._voices, self._spoken, self._sentences))
        sounding = np.count_nonzero(voices > voice.SILENT)
        return Sounds(voices, spoken, sentences, self._classes / sounding if sounding else np.zeros(0))

    def _look_at(self, around: Array, start: int) -> None:
        """Take the window that begins at a sample of what sounds around it, as long as there is sound in it."""
        for answers in (self._voices, self._spoken, self._sentences):
            answers.append(voice.SILENT)
        window = around[start : start + self._length]
        if not sounds(window):
            return
        self._waiting.append(self._window(window))
        self._around.append((around, start))
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
        voices, spoken = self._voices_in(heard), speech.log_odds(heard)
        answers = zip(self._places, self._around, voices, spoken, strict=True)
        for place, around, voiced, speaks in answers:
            self._voices[place], self._spoken[place] = float(voiced), float(speaks)
            if speaks > speech.STIRS:
                self._sentences[place] = self._listen_around(*around, float(speaks))
        self._waiting, self._around, self._places = [], [], []

    def _voices_in(self, heard: Heard) -> Array:
        """Log odds of a voice in the windows that wait."""
        odds = voice.log_odds(heard)
        unsure = np.flatnonzero(voice.unsure(odds))
        if len(unsure):
            closer = np.array([self._closer(*self._around[each]) for each in unsure])
            odds[unsure] = voice.reconsidered(odds[unsure], fireredvad().listen(closer))
        return odds

    def _closer(self, around: Array, start: int) -> Array:
        """The two seconds from the beginning of a window on, or the last two, as the other network takes them."""
        length = CLOSER * self._rate
        sound = around[max(0, min(start, len(around) - length)) :][:length]
        resampled = soxr.resample(sound, self._rate, RATE)[: CLOSER * RATE]
        return np.pad(resampled, (0, CLOSER * RATE - len(resampled)))

    def _listen_around(self, around: Array, start: int, spoken: float) -> float:
        """Log odds that somebody speaks in the surest seconds around a window that was heard."""
        starts = [start + second * self._rate for second in range(-speech.AROUND, speech.AROUND + 1)]
        odds = np.full(len(starts), voice.SILENT)
        odds[speech.AROUND] = spoken
        heard = {
            k: around[at : at + self._length]
            for k, at in enumerate(starts)
            if at != start and 0 <= at <= len(around) - self._length
        }
        places = [k for k, window in heard.items() if sounds(window)]
        if places:
            windows = np.array([self._window(heard[k]) for k in places])
            odds[places] = speech.log_odds(yamnet().listen(windows))
        return speech.surest(odds)

    def _window(self, sound: Array) -> Array:
        """A window as the network takes it."""
        resampled = soxr.resample(sound, self._rate, RATE)[:SAMPLES]
        return np.pad(resampled, (0, SAMPLES - len(resampled)))


def sounds(window: Array) -> bool:
    """Whether anything sounds in a window."""
    return float(np.sqrt(np.mean(window**2))) > QUIET
