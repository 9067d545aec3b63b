"""What the networks hear along a track, in one second of every few: a voice, speech, and every other class of sounds.

Where YAMNet is unsure whether it is a voice, or somebody may speak, the other network hears that second and the next.
Where speech stirs, the seconds around are heard by both: a single sentence may fill just one window, and a word in a song too.
"""

from __future__ import annotations

from collections import deque
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
AT_ONCE = 8  # windows in one run of the network; affects speed, not results
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


class Recent:
    """The last samples of a signal, by their place in it."""

    def __init__(self) -> None:
        self._parts: deque[tuple[int, Array]] = deque()  # each with the place of its first sample
        self.end = 0

    def add(self, samples: Array) -> None:
        """Take the next samples [shape=(n,)]; they are kept, not copied."""
        self._parts.append((self.end, samples))
        self.end += len(samples)

    def between(self, first: int, last: int) -> Array:
        """The samples from one place up to another."""
        within = [
            part[max(first - at, 0) : last - at]
            for at, part in self._parts
            if at < last and at + len(part) > first
        ]
        return within[0] if len(within) == 1 else np.concatenate(within)

    def forget(self, before: int) -> None:
        """Let go of what lies before a place."""
        while self._parts and self._parts[0][0] + len(self._parts[0][1]) <= before:
            self._parts.popleft()


class Place(NamedTuple):
    """Where a window lies in a track, in samples."""

    start: int
    first: int
    last: int
    """What sounds around it lies from `first` to `last`."""


class Windows:
    """Runs the networks along a track.

    Only the answers are kept: a track of twelve hours takes hardly more memory than one of three minutes.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._step = round(STEP * rate)
        self._length = round(LENGTH * rate)
        self._sound = Recent()
        self._next = 0  # where the next window begins
        self._waiting: list[tuple[int, Place]] = []  # each with its number
        self._voices: list[float] = []
        self._spoken: list[float] = []
        self._sentences: list[float] = []
        self._classes: Floats = np.zeros(len(yamnet().classes))

    def add(self, mono: Array) -> None:
        """Take the next samples [shape=(n,)] at the native rate; they are kept for a while, not copied."""
        self._sound.add(mono)
        while self._next + self._step <= self._sound.end:
            self._look_at(self._next, self._next + self._step)
            self._next += self._step
        kept = self._waiting[0][1].first if self._waiting else self._next - self._step
        self._sound.forget(kept)

    def finish(self) -> Sounds:
        """The networks' answers."""
        end = self._sound.end
        if end - self._next > self._length:
            self._look_at(self._next, end)
        if end:
            self._look_at(max(end - self._length, 0), end)
        self._listen()
        voices, spoken, sentences = (np.array(each) for each in (self._voices, self._spoken, self._sentences))
        sounding = np.count_nonzero(voices > voice.SILENT)
        return Sounds(voices, spoken, sentences, self._classes / sounding if sounding else np.zeros(0))

    def _look_at(self, start: int, last: int) -> None:
        """Take the window that begins at a sample, if anything sounds in it; what follows it is known up to `last`."""
        for answers in (self._voices, self._spoken, self._sentences):
            answers.append(voice.SILENT)
        if not sounds(self._window(start)):
            return
        place = Place(start, max(self._next - self._step, 0), last)
        self._waiting.append((len(self._voices) - 1, place))
        if len(self._waiting) == AT_ONCE:
            self._listen()

    def _listen(self) -> None:
        """Run the networks on the windows that wait."""
        if not self._waiting:
            return
        places = [place for _, place in self._waiting]
        heard = yamnet().listen(self._resampled([self._window(place.start) for place in places], SAMPLES))
        scores = 1 / (1 + np.exp(-heard.odds.astype(float)))
        self._classes += scores.sum(axis=0)
        voices, spoken = self._told(heard, places)
        for (number, place), voiced, speaks in zip(self._waiting, voices, spoken, strict=True):
            self._voices[number], self._spoken[number] = float(voiced), float(speaks)
            if speaks > speech.STIRS:
                self._sentences[number] = self._listen_around(place, float(speaks))
        self._waiting = []

    def _told(self, heard: Heard, places: list[Place]) -> tuple[Array, Array]:
        """Log odds of a voice, and that somebody speaks, in windows that YAMNet has heard: by both networks where in doubt."""
        voices, spoken = voice.log_odds(heard), speech.log_odds(heard)
        unsure = voice.unsure(voices)
        asked = np.flatnonzero(unsure | speech.possible(spoken))
        if len(asked):
            events = self._events([places[each] for each in asked])
            voices[asked] = np.where(unsure[asked], voice.reconsidered(voices[asked], events), voices[asked])
            spoken[asked] = speech.reconsidered(spoken[asked], events)
        return voices, spoken

    def _events(self, places: list[Place]) -> Array:
        """What the other network says of the two seconds from the beginning of each window on [shape=(places, frames, 3)]."""
        return fireredvad().listen(self._resampled([self._closer(place) for place in places], CLOSER * RATE))

    def _closer(self, place: Place) -> Array:
        """The two seconds from the beginning of a window on, or the last two."""
        length = CLOSER * self._rate
        begin = max(place.first, min(place.start, place.last - length))
        return self._sound.between(begin, min(begin + length, place.last))

    def _listen_around(self, place: Place, spoken: float) -> float:
        """Log odds that somebody speaks in the surest seconds around a window that was heard."""
        starts = [place.start + second * self._rate for second in range(-speech.AROUND, speech.AROUND + 1)]
        odds = np.full(len(starts), voice.SILENT)
        odds[speech.AROUND] = spoken
        near = [
            k
            for k, at in enumerate(starts)
            if at != place.start
            and place.first <= at <= place.last - self._length
            and sounds(self._window(at))
        ]
        if near:
            heard = yamnet().listen(self._resampled([self._window(starts[k]) for k in near], SAMPLES))
            events = self._events([place._replace(start=starts[k]) for k in near])
            odds[near] = speech.reconsidered(speech.log_odds(heard), events)
        return speech.surest(odds)

    def _window(self, start: int) -> Array:
        """The window that begins at a sample, as long as there is sound in it."""
        return self._sound.between(start, start + self._length)

    def _resampled(self, sound: list[Array], samples: int) -> Array:
        """Sounds of one length as the networks take them [shape=(sounds, samples)]."""
        resampled = soxr.resample(np.array(sound).T, self._rate, RATE)[:samples].T
        return np.pad(resampled, ((0, 0), (0, samples - resampled.shape[1])))


def sounds(window: Array) -> bool:
    """Whether anything sounds in a window."""
    return float(np.vdot(window, window)) > QUIET**2 * len(window)
