"""Makes `playlistkit/analysis/voice.npz`: what of the networks' answers tells of a voice.

usage: python benchmarks/voice_network.py FOLDER voice.npz

FOLDER/voice/KIND/* are recordings in which somebody sings or speaks all the time, FOLDER/none/KIND/* music and sounds
without voice. Needs scikit-learn; takes five minutes of processor time. How often a kind is drawn stands below.

1. Mixes: 3 s of music, and the same with a voice of any kind from 18 dB below to 4 dB above it (a tenth alone), as
   they are or at another pitch, dry or with reverberation of 0.6 to 2.2 s, one voice or two. Both of a pair go through
   the same narrow band and noise. So all that tells them apart is the voice.
2. Renders of bowed strings, pads, winds, plucked strings and choirs are heard as they are, too: four parts of each.
3. A logistic regression tells them apart window by window. The odds of all human sounds together, as YAMNet gives
   them, cost next to nothing, the weights of its last hidden layer are penalised: a few hundred recordings correct what
   it learnt from two million, they don't replace it. Voices more than 6 dB below the music count less, the farther the less.

4. Another, of five numbers, weighs what comes out against what FireRedVAD's network says of two seconds of the mixes.

Prints how well both tell the windows of others apart, by folds of the pairs (the same recordings occur in several folds, so this is hopeful).
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

# One thread as in the workers of a scan, before numpy is imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np
import scipy.signal
import soxr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from voice_mixes import level, load

from playlistkit.analysis.fireredvad import fireredvad
from playlistkit.analysis.voice import HUMAN
from playlistkit.analysis.windows import CLOSER
from playlistkit.analysis.yamnet import RATE, SAMPLES, yamnet

PAIRS = 3000
LEVELS = (-18.0, 4.0)  # dB
WINDOWS = 3
LONG = WINDOWS * RATE

ALMOST_FREE = 1e3  # one over the penalty of the few weights of both networks' answers
PENALTY = 1e3  # of the hidden layer's weights, squared
TRUST = 30  # times as cheap, not squared, is the weight of the human sounds
MUSIC = {
    "game music": 1.2,
    "renders": 1.2,
    "nature and noises": 0.9,
    "ambient and loops": 0.7,
    "animals": 0.7,
    "bowed strings": 0.6,
    "pads": 0.6,
    "winds": 0.5,
    "keys and plucked strings": 0.5,
}
MUSIC |= {"instruments alone": 1.5}  # how often a kind is drawn; others: OTHERWISE
VOICES = {
    "speech": 3.0,
    "rendered choirs": 2.5,
    "sung": 2.0,
    "singing": 2.0,
    "choir": 1.5,
    "chant": 1.3,
    "radio": 0.5,
}
OTHERWISE = 1.0
RENDERED = (
    "bowed strings",
    "pads",
    "winds",
    "keys and plucked strings",
    "rendered choirs",
)  # heard as they are, too
PLACES = 4  # in each of these
FOLDS = 4
FAR, LESS = -6.0, 0.03  # dB from which a voice counts less, and decades a dB by which it does
LOUD = 0.06  # root mean square of music in a mix
SOFTEST = 0.004  # root mean square of what is used
ALONE = 20.0  # dB that stand for a voice without music


def clips(folder: Path) -> dict[str, list[np.ndarray]]:
    """The recordings of each kind."""
    return {
        kind.name: [load(path, 60) for path in sorted(kind.iterdir())] for kind in sorted(folder.iterdir())
    }


class Mixer:
    """Draws music and voices from a folder and lays voices into music."""

    def __init__(self, folder: Path) -> None:
        self._chance = random.Random(1)
        self._noise = np.random.default_rng(0)
        self._music, self._voices = clips(folder / "none"), clips(folder / "voice")
        time = np.arange(int(2.2 * RATE)) / RATE
        rooms = [
            self._noise.standard_normal(len(time)) * 10 ** (-3 * time / each) for each in (0.6, 1.2, 2.2, 2.2)
        ]
        self._rooms = [room / np.linalg.norm(room) for room in rooms]

    def _drawn(
        self, kinds: dict[str, list[np.ndarray]], weights: dict[str, float], by_clip: bool
    ) -> np.ndarray:
        share = [weights.get(kind, OTHERWISE) * (len(each) if by_clip else 1) for kind, each in kinds.items()]
        return self._chance.choice(kinds[self._chance.choices(list(kinds), share)[0]])

    def _part(self, sound: np.ndarray) -> np.ndarray:
        start = self._chance.randrange(max(1, len(sound) - LONG))
        part = sound[start : start + LONG]
        return np.pad(part, (0, LONG - len(part)))

    def _voice(self) -> np.ndarray | None:
        """A part of a voice, as loud as the whole is 1; None at a pause."""
        sound = self._drawn(self._voices, VOICES, by_clip=False)
        sound = sound / level(sound)
        start = self._chance.randrange(max(1, len(sound) - 2 * LONG))
        sound = sound[start : start + 2 * LONG]
        if self._chance.random() < 0.3:
            sound = soxr.resample(sound, RATE, RATE * self._chance.choice((0.85, 0.92, 1.1, 1.2)))
        if self._chance.random() < 0.5:
            wet = scipy.signal.fftconvolve(sound, self._chance.choice(self._rooms))[: len(sound)]
            sound = 0.35 * sound + 0.8 * wet
        part = self._part(sound)
        return part if np.sqrt(np.mean(part**2)) > 0.3 else None

    def _through(self, sound: np.ndarray, seed: int) -> np.ndarray:
        """The sound after a narrow band or with noise, or as it is; the same for the same seed."""
        chance = random.Random(seed)
        kind = chance.random()
        if kind < 0.2:
            return scipy.signal.sosfilt(
                scipy.signal.butter(6, chance.uniform(3000, 7000), fs=RATE, output="sos"), sound
            )
        if kind < 0.3:
            noise = np.random.default_rng(seed).standard_normal(len(sound))
            return sound + noise * 10 ** (chance.uniform(-60, -42) / 20)
        return sound

    def pair(self) -> tuple[np.ndarray, np.ndarray, float] | None:
        """Three seconds of music with and without a voice, and the voice's level in dB."""
        chance = self._chance
        music = self._part(self._drawn(self._music, MUSIC, by_clip=True))
        voice = self._voice()
        if voice is None or np.sqrt(np.mean(music**2)) < SOFTEST:
            return None
        if chance.random() < 0.12 and (second := self._voice()) is not None:
            voice = voice + second * chance.uniform(0.3, 1)
        music = LOUD * music / level(music)
        decibels = chance.uniform(*LEVELS)
        alone = chance.random() < 0.1
        voice = LOUD * voice * (1 if alone else 10 ** (decibels / 20))
        seed = chance.randrange(10**9)
        mix, without = (
            np.float32(self._through(each, seed)) for each in (voice if alone else music + voice, music)
        )
        return mix, without, ALONE if alone else decibels

    def rendered(self) -> Iterator[tuple[np.ndarray, bool]]:
        """Parts of three seconds of each render as it is, the last with reverberation; and whether it is a choir."""
        self._chance = random.Random(1)
        for kinds, voiced in ((self._music, False), (self._voices, True)):
            for sound in (each for kind in RENDERED for each in kinds.get(kind, ())):
                for place in range(PLACES):
                    part = self._part(sound)
                    if place == PLACES - 1:
                        wet = scipy.signal.fftconvolve(part, self._chance.choice(self._rooms))[: len(part)]
                        part = 0.35 * part + 0.8 * wet
                    if np.sqrt(np.mean(part**2)) > SOFTEST:
                        yield np.float32(part), voiced


def features(sound: np.ndarray) -> np.ndarray:
    """What the regression sees of three seconds [shape=(3, 1025)]."""
    heard = yamnet().listen(sound.reshape(WINDOWS, RATE)[:, :SAMPLES])
    human = np.logaddexp.reduce(heard.odds[:, :HUMAN], axis=1)
    return np.concatenate((TRUST * human[:, np.newaxis], heard.hidden), axis=1)


def closer(sound: np.ndarray) -> np.ndarray:
    """Mean log odds of speech, singing and music by the other network, in the two seconds from each of the first two on [shape=(2, 3)]."""
    parts = np.array([sound[second * RATE :][: CLOSER * RATE] for second in range(CLOSER)])
    return fireredvad().listen(parts).mean(axis=1)


def fitted(seen: np.ndarray, voiced: np.ndarray, weight: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=1 / PENALTY, max_iter=500).fit(seen, voiced, sample_weight=weight)


def balanced(voiced: np.ndarray, decibels: np.ndarray) -> np.ndarray:
    """Weights of windows: voices far back count less, and both answers as much as each other."""
    weight = np.where(voiced, 10 ** (LESS * np.minimum(decibels - FAR, 0)), 1.0)
    for answer in (False, True):
        weight[voiced == answer] *= len(voiced) / 2 / weight[voiced == answer].sum()
    return weight


def main(folder: str, target: str) -> None:
    mixer = Mixer(Path(folder))
    pairs = [pair for _ in range(PAIRS) if (pair := mixer.pair()) is not None]
    renders = list(mixer.rendered())
    seen = np.concatenate(
        [*(features(each) for pair in pairs for each in pair[:2]), *(features(each) for each, _ in renders)]
    )
    voiced = np.repeat([*(True, False) * len(pairs), *(is_choir for _, is_choir in renders)], WINDOWS)
    decibels = np.repeat([*np.repeat([pair[2] for pair in pairs], 2), *(ALONE,) * len(renders)], WINDOWS)
    weight = balanced(voiced, decibels)
    mixed = np.arange(len(seen)) < 2 * WINDOWS * len(pairs)
    number = np.where(mixed, np.arange(len(seen)) // (2 * WINDOWS), -1)
    told = np.zeros(len(seen))
    for fold in range(FOLDS):
        learnt, other = ~mixed | (number % FOLDS != fold), mixed & (number % FOLDS == fold)
        told[other] = fitted(seen[learnt], voiced[learnt], weight[learnt]).decision_function(seen[other])
    print(f"{len(pairs)} pairs, {len(renders)} parts of renders")
    print("AUC window by window, as YAMNet answers and fitted, folds by pair:")
    for low, high in ((-18, -12), (-12, -6), (-6, 0), (0, 4), (20, 21)):
        inside = mixed & (~voiced | ((decibels >= low) & (decibels < high)))
        first, second = (roc_auc_score(voiced[inside], each[inside]) for each in (seen[:, 0], told))
        print(f"{low:4} dB {first:.3f} {second:.3f}")
    model = fitted(seen, voiced, weight)
    hidden = model.coef_[0, 1:].astype(np.float32)
    human, bias = np.float32(TRUST * model.coef_[0, 0]), np.float32(model.intercept_[0])
    odds = model.decision_function(seen[mixed]).reshape(-1, WINDOWS)[:, :CLOSER].reshape(-1, 1)
    events = np.concatenate([closer(each) for pair in pairs for each in pair[:2]])
    both = np.concatenate((odds, events), axis=1)
    kept = mixed & (np.arange(len(seen)) % WINDOWS < CLOSER)
    alike = balanced(voiced[kept], decibels[kept])
    second = LogisticRegression(C=ALMOST_FREE).fit(both, voiced[kept], sample_weight=alike)
    again, *others = np.float32(second.coef_[0])
    again_bias = np.float32(second.intercept_[0])
    np.savez(target, hidden=hidden, human=human, bias=bias, again=again, events=others, again_bias=again_bias)
    print(
        f"with the other network {again:.3f} of the first's odds, {np.round(others, 3)} of its own, bias {again_bias:.3f}"
    )
    print(f"weight of the human sounds {human:.3f}, bias {bias:.3f}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
