"""Makes `playlistkit/analysis/faint.npz`: trains the network that hears voices far back in music.

usage: python benchmarks/voice_faint.py FOLDER faint.npz

FOLDER/voice/KIND/* are recordings in which somebody sings or speaks all the time, FOLDER/none/KIND/* music and sounds
without voice. Needs jax; takes seven minutes of processor time.

1. Mixes: 3 s of music, and the same with a voice of any kind from 15 dB below to 6 dB above it (a few louder, a tenth
   alone), as they are or at another pitch, dry or with reverberation of 0.6 to 2.2 s, one voice or two. Both of a pair
   go through the same narrow band, noise and level. So all that tells them apart is the voice.
2. The network learns to tell them apart; voices more than 6 dB below the music count less, the farther the less. Adam,
   eight of ten epochs (on other music the later ones brought nothing), pairs shuffled anew in each, a random equaliser on each patch, a third of the pooled channels left out.
3. Batch normalisation is folded into the filters. How far numpy's answer is from jax's is printed.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

# One thread as in the workers of a scan, before numpy is imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import jax
import jax.numpy as jnp
import numpy as np
import scipy.signal
import soxr
from jax import lax
from voice_mixes import level, load

from playlistkit.analysis.faint import LAYERS, FaintVoice, picture
from playlistkit.analysis.voice import SAMPLES, VOICE_RATE, powers

PAIRS, EPOCHS, KEPT, BATCH = 4000, 10, 8, 64
CHANNELS, HIDDEN = (24, 24, 40, 64), 32
SEEN = 1e-3  # added to a variance
MUSIC = {"game music": 1.0, "renders": 1.2}  # how often a kind is drawn; others: OTHERWISE
VOICES = {"speech": 3.0, "sung": 2.0, "choir": 1.5, "singing": 1.5, "chant": 1.3, "radio": 0.5}
OTHERWISE = 1.0
FAR, LESS = -6.0, 0.06  # dB from which a voice counts less, and decades a dB by which it does
LOUD = 0.06  # root mean square of music in a mix

Weights = dict[str, np.ndarray]


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
        time = np.arange(int(2.2 * VOICE_RATE)) / VOICE_RATE
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
        start = self._chance.randrange(max(1, len(sound) - SAMPLES))
        part = sound[start : start + SAMPLES]
        return np.pad(part, (0, SAMPLES - len(part)))

    def _voice(self) -> np.ndarray | None:
        """A part of a voice, as loud as the whole is 1; None at a pause."""
        sound = self._drawn(self._voices, VOICES, by_clip=False)
        sound = sound / level(sound)
        start = self._chance.randrange(max(1, len(sound) - 2 * SAMPLES))
        sound = sound[start : start + 2 * SAMPLES]
        if self._chance.random() < 0.3:
            sound = soxr.resample(sound, VOICE_RATE, VOICE_RATE * self._chance.choice((0.85, 0.92, 1.1, 1.2)))
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
                scipy.signal.butter(6, chance.uniform(3000, 7000), fs=VOICE_RATE, output="sos"), sound
            )
        if kind < 0.3:
            noise = np.random.default_rng(seed).standard_normal(len(sound))
            return sound + noise * 10 ** (chance.uniform(-60, -42) / 20)
        return sound

    def pair(self) -> tuple[np.ndarray, np.ndarray, float] | None:
        """Music with and without a voice, as power mel spectrograms, and the voice's level in dB."""
        chance = self._chance
        music = self._part(self._drawn(self._music, MUSIC, by_clip=True))
        voice = self._voice()
        if voice is None or np.sqrt(np.mean(music**2)) < 0.004:
            return None
        if chance.random() < 0.12 and (second := self._voice()) is not None:
            voice = voice + second * chance.uniform(0.3, 1)
        music = LOUD * music / level(music)
        decibels = chance.uniform(-15, 6) if chance.random() < 0.85 else chance.uniform(-3, 12)
        alone = chance.random() < 0.1
        voice = LOUD * voice * (1 if alone else 10 ** (decibels / 20))
        gain, seed = 10 ** (chance.uniform(-14, 6) / 20), chance.randrange(10**9)
        mix = voice if alone else music + voice
        heard = [powers(np.float32(self._through(each * gain, seed))) for each in (mix, music)]
        return heard[0], heard[1], 20.0 if alone else decibels


def begin() -> tuple[Weights, Weights]:
    """Weights to be learnt, and the running mean and variance of each channel."""
    chance = np.random.default_rng(1)
    made: dict[str, np.ndarray] = {}
    running: dict[str, np.ndarray] = {}
    before = 2
    for number, (((frames, mels), _, _), channels) in enumerate(zip(LAYERS, CHANNELS, strict=True)):
        size = (frames, mels, before, channels)
        made[f"filters{number}"] = chance.standard_normal(size) * np.sqrt(2 / (frames * mels * before))
        made[f"gain{number}"], made[f"bias{number}"] = np.ones(channels), np.zeros(channels)
        running[f"mean{number}"], running[f"variance{number}"] = np.zeros(channels), np.ones(channels)
        before = channels
    made["dense"] = chance.standard_normal((2 * before, HIDDEN)) / np.sqrt(before)
    made["dense_bias"], made["answer_bias"] = np.zeros(HIDDEN), np.zeros(())
    made["answer"] = 0.1 * chance.standard_normal(HIDDEN)
    return tuple({name: np.float32(values) for name, values in each.items()} for each in (made, running))


def forward(made: Weights, running: Weights, seen, kept, learns: bool):
    new = dict(running)
    for number, (_, step, pool) in enumerate(LAYERS):
        seen = lax.conv_general_dilated(
            seen, made[f"filters{number}"], (step, step), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        mean, variance = running[f"mean{number}"], running[f"variance{number}"]
        if learns:
            new[f"mean{number}"], new[f"variance{number}"] = (
                0.95 * old + 0.05 * now
                for old, now in ((mean, seen.mean(axis=(0, 1, 2))), (variance, seen.var(axis=(0, 1, 2))))
            )
            mean, variance = seen.mean(axis=(0, 1, 2)), seen.var(axis=(0, 1, 2))
        seen = (seen - mean) * lax.rsqrt(variance + SEEN) * made[f"gain{number}"] + made[f"bias{number}"]
        seen = lax.reduce_window(jax.nn.relu(seen), -jnp.inf, lax.max, (1, *pool, 1), (1, *pool, 1), "VALID")
    over_frames = seen.max(axis=2)
    pooled = jnp.concatenate((over_frames.mean(axis=1), over_frames.max(axis=1)), axis=1) * kept
    hidden = jax.nn.relu(pooled @ made["dense"] + made["dense_bias"])
    return hidden @ made["answer"] + made["answer_bias"], new


def wrong(made: Weights, running: Weights, seen, voiced, weight, kept):
    odds, new = forward(made, running, seen, kept, learns=True)
    loss = jnp.mean(weight * (jnp.logaddexp(0, odds) - voiced * odds))
    large = sum(jnp.sum(made[name] ** 2) for name in made if name.startswith(("filters", "dense")))
    return loss + 2e-5 * large, (new, loss)


@jax.jit
def step(made, running, moved, seen, voiced, weight, kept, rate):
    """One step of Adam."""
    (_, (running, loss)), slope = jax.value_and_grad(wrong, has_aux=True)(
        made, running, seen, voiced, weight, kept
    )
    first, second, count = moved
    count = count + 1
    first = jax.tree.map(lambda old, now: 0.9 * old + 0.1 * now, first, slope)
    second = jax.tree.map(lambda old, now: 0.999 * old + 0.001 * now**2, second, slope)
    made = jax.tree.map(
        lambda value, a, b: value - rate * (a / (1 - 0.9**count)) / (jnp.sqrt(b / (1 - 0.999**count)) + 1e-8),
        made,
        first,
        second,
    )
    return made, running, (first, second, count), loss


def folded(made: Weights, running: Weights) -> Weights:
    """The weights as `FaintVoice` takes them."""
    given = {name: made[name] for name in ("dense", "dense_bias", "answer", "answer_bias")}
    for number in range(len(LAYERS)):
        gain = made[f"gain{number}"] / np.sqrt(running[f"variance{number}"] + SEEN)
        given[f"filters{number}"] = made[f"filters{number}"] * gain
        given[f"bias{number}"] = made[f"bias{number}"] - running[f"mean{number}"] * gain
    return {name: np.asarray(values, np.float32) for name, values in given.items()}


def equalised(chance: np.random.Generator, seen: np.ndarray) -> np.ndarray:
    """Pictures as a random equaliser would leave them."""
    places = np.cumsum(0.12 * chance.standard_normal((len(seen), 12)), axis=1)
    mels = seen.shape[2]
    curves = [np.interp(np.arange(mels), np.linspace(0, mels - 1, 12), each - each.mean()) for each in places]
    seen[..., 0] += np.float32(curves)[:, np.newaxis]
    return seen


def main(folder: str, target: str) -> None:
    mixer = Mixer(Path(folder))
    made_pairs = [pair for _ in range(PAIRS) if (pair := mixer.pair()) is not None]
    print(f"{len(made_pairs)} pairs", flush=True)
    pictures = np.array([picture(each) for pair in made_pairs for each in pair[:2]], np.float16)
    voiced = np.float32([1, 0] * len(made_pairs))
    decibels = np.array([each for pair in made_pairs for each in (pair[2], 0)])
    weight = np.where(decibels < FAR, 10 ** (LESS * (decibels - FAR)), 1.0)
    weight = np.float32(weight / np.where(voiced == 1, weight[voiced == 1].mean(), 1))

    chance = np.random.default_rng(2)
    made, running = begin()
    zeros = jax.tree.map(np.zeros_like, made)
    moved = (zeros, zeros, np.float32(0))
    steps, done = EPOCHS * (len(voiced) // BATCH), 0
    for epoch in range(KEPT):
        order = [k for pair in chance.permutation(len(made_pairs)) for k in (2 * pair, 2 * pair + 1)]
        losses = []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            seen = equalised(chance, pictures[batch].astype(np.float32))
            kept = np.float32(chance.random((BATCH, 2 * CHANNELS[-1])) > 0.3) / np.float32(0.7)
            rate = np.float32(2e-3 * (1 - done / steps) + 2e-5)
            made, running, moved, loss = step(
                made, running, moved, seen, voiced[batch], weight[batch], kept, rate
            )
            losses.append(float(loss))
            done += 1
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.3f}", flush=True)
        given = folded(made, running)
        np.savez(target, **given)
    some = [powers(np.float32(0.05 * chance.standard_normal(SAMPLES))), *made_pairs[0][:2]]
    by_jax = forward(made, running, np.array([picture(each) for each in some]), 1.0, learns=False)[0]
    by_numpy = [FaintVoice(given).log_odds(each) for each in some]
    print(f"numpy's answer apart from jax's by at most {np.abs(by_jax - np.array(by_numpy)).max():.1e}")


if __name__ == "__main__":
    if len(sys.argv) != 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
