"""Makes `playlistkit/analysis/voice.npz`: what of the networks' answers tells of a voice.

usage: python benchmarks/voice_network.py FOLDER voice.npz

FOLDER/voice/KIND/SOURCE__NAME.wav are recordings in which somebody sings or speaks all the time, FOLDER/none/KIND/* music
and sounds without voice; a SOURCE is a package, a repository, a soundfont. FOLDER/others/voice and FOLDER/others/none hold
the like of other sources. Needs torch and scikit-learn; takes about half an hour of two cores, 10 GB of memory. How often a
kind is drawn stands below.

1. Windows: a second of music, of one kind or two, and the same with a voice from 18 dB below to 7 dB above it (one in
   fourteen alone), at another speed and pitch, dry or in a room of 0.3 to 3 s, one voice or two. In almost half of the
   windows without, an instrument, an animal or other music lies in the voice's place, so that a second sound is no voice.
   Both of a pair go through the same narrow band and noise. Some music, instruments and sounds are heard as they are, too.
2. Voices get later layers of their own: YAMNet's from `BRANCH` on, fitted further. What they begin with, YAMNet's earlier
   layers, stay as they are, and so do all other answers. A voice far below the music counts less.
3. A logistic regression on YAMNet's own last hidden layer and on the odds of all human sounds together, as YAMNet gives them,
   is fitted to the same windows. The weights of the layer are penalised: some hundred recordings correct what it learnt from
   two million, they don't replace it.
4. Two more, of three and five numbers, weigh both answers, and what comes out against what FireRedVAD's network says of two
   seconds. They are fitted to windows of the other sources, on which the layers are as wrong as on any. How well these are
   told apart is printed.
"""

from __future__ import annotations

import math
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# One thread as in the workers of a scan, before numpy is imported; torch is told its own below.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np
import scipy.signal
import soxr
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch.nn import functional
from voice_mixes import level, load

from playlistkit.analysis.bundled import scaled, stored
from playlistkit.analysis.fireredvad import fireredvad
from playlistkit.analysis.voice import HUMAN
from playlistkit.analysis.windows import CLOSER
from playlistkit.analysis.yamnet import BRANCH, RATE, SAMPLES, STEPS, levelled, log_mel, yamnet

WINDOWS, OTHERS, AT_ONCE = 96_000, 8_000, 64
EPOCHS, RATE_OF_LAYERS, RATE_OF_ANSWER, DROPPED, MEMORY = 2, 1e-4, 3e-3, 0.3, 0.998
ALMOST_FREE = 1e3  # one over the penalty of the few weights of several answers
PENALTY = 1e3  # of the hidden layer's weights, squared
TRUST = 30  # times as cheap, not squared, is the weight of the human sounds
LEVELS = (-18.0, 7.0)  # dB
LONG = round(4.0 * RATE)  # of a recording, from which the window is the end
LOUD = 0.06  # root mean square of music
SOFTEST = 0.002  # root mean square of what is used as music, and
PAUSE = 0.3  # of a voice that is 1 as a whole
FAR, LESS = -6.0, 0.03  # dB from which a voice counts less, and decades a dB by which it does
ALONE = 30.0  # dB that stand for a voice without music
OTHERWISE = 1.0
VOICES = {
    "speech": 2.2,
    "singing": 3.0,
    "choir": 2.2,
    "chant": 1.5,
    "low fidelity": 0.7,
    "hums": 1.2,
    "rendered choirs": 1.6,
}
MUSIC = {"games": 3.0, "ambient": 1.2, "classical": 1.5, "instruments": 1.6, "renders": 2.2, "nature": 0.6}
INSTEAD = {"instruments": 3.0, "renders": 1.5, "nature": 1.0, "classical": 0.6, "games": 0.4, "ambient": 0.0}
AS_THEY_ARE = MUSIC | {"instruments": 3.0, "nature": 2.0, "renders": 3.0}
ROOMS = (0.3, 0.6, 1.2, 2.2, 3.0)  # s

Clips = dict[str, dict[str, list[np.ndarray]]]


class Window(NamedTuple):
    """A second that is fitted to."""

    sound: np.ndarray
    """[shape=(32000,)]: two seconds, of which YAMNet hears the first."""
    voiced: bool
    decibels: float
    """The voice's level in this second over the music's."""


def clips(folder: Path) -> Clips:
    """The recordings of each kind and source."""
    found: Clips = {}
    for path in sorted(folder.glob("*/*")):
        found.setdefault(path.parent.name, {}).setdefault(path.name.split("__")[0], []).append(load(path, 60))
    return found


def power(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(sound**2)))


class Mixer:
    """Draws music and voices and lays voices into music."""

    def __init__(self, voices: Clips, music: Clips, seed: int) -> None:
        self._chance, self._noise = random.Random(seed), np.random.default_rng(seed)
        self._voices, self._music = voices, music
        self._rooms = []
        for seconds in ROOMS:
            time = np.arange(round(min(seconds, 2.5) * RATE)) / RATE
            room = self._noise.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
            self._rooms.append(room / np.linalg.norm(room))

    def windows(self) -> Iterator[Window]:
        """Seconds with a voice and without one, again and again."""
        chance = self._chance
        while True:
            music = self._drawn_music(MUSIC)
            if chance.random() < 0.2:
                music = self._as_loud(music + self._drawn_music(MUSIC) * decades(chance.uniform(-12, 6)))
            voice = self._drawn_voice() * LOUD * decades(chance.uniform(*LEVELS))
            alone = chance.random() < 0.07
            without = music
            if chance.random() < 0.45:
                without = music + self._drawn_music(INSTEAD) * decades(chance.uniform(-14, 8))
            mix, without = self._through(voice if alone else music + voice, without)
            second = power(voice[:SAMPLES]) + 1e-9
            yield Window(mix, True, ALONE if alone else 20 * math.log10(second / LOUD))
            yield Window(without, False, 0.0)
            if chance.random() < 0.35:
                yield Window(*self._through(self._drawn_music(AS_THEY_ARE)), False, 0.0)

    def _drawn(self, clips: Clips, weights: dict[str, float]) -> np.ndarray:
        """A recording: of some kind, of some source; those of many recordings are drawn more often, but less than each of them."""
        kinds = list(clips)
        kind = self._chance.choices(kinds, [weights.get(each, OTHERWISE) for each in kinds])[0]
        sources = list(clips[kind])
        share = [min(len(clips[kind][each]), 12) ** 0.6 for each in sources]
        return self._chance.choice(clips[kind][self._chance.choices(sources, share)[0]])

    def _part(self, sound: np.ndarray, faster: float, wet: float) -> np.ndarray:
        """Two seconds of a recording, now and then at another speed, in a room."""
        chance, start = self._chance, self._chance.randrange(max(1, len(sound) - LONG))
        part = np.resize(sound[start : start + LONG], LONG)
        if chance.random() < faster:
            part = np.resize(soxr.resample(part, RATE, RATE * chance.uniform(0.82, 1.22), "LQ"), LONG)
        if chance.random() < wet:
            amount = chance.uniform(0.1, 1)
            echo = scipy.signal.oaconvolve(part, chance.choice(self._rooms))[:LONG]
            part = (1 - amount) * part + 1.2 * amount * echo
        return part[-CLOSER * RATE :]

    def _drawn_voice(self) -> np.ndarray:
        """Two seconds of a voice, or of two, as loud as the whole is 1."""
        while True:
            sound = self._drawn(self._voices, VOICES)
            part = self._part(sound, 0.4, 0.55) / (level(sound) + 1e-9)
            if self._chance.random() < 0.12:
                other = self._drawn(self._voices, VOICES)
                part = part + self._part(other, 0.4, 0.5) / (level(other) + 1e-9) * self._chance.uniform(
                    0.3, 1
                )
            if power(part[:SAMPLES]) > PAUSE:
                return part

    def _drawn_music(self, weights: dict[str, float]) -> np.ndarray:
        while True:
            part = self._part(self._drawn(self._music, weights), 0.25, 0.1)
            if power(part[:SAMPLES]) > SOFTEST:
                return self._as_loud(part)

    @staticmethod
    def _as_loud(sound: np.ndarray) -> np.ndarray:
        return np.asarray(sound * (LOUD / power(sound[:SAMPLES])))

    def _through(self, *sounds: np.ndarray) -> list[np.ndarray]:
        """The sounds after the same narrow band and noise, or as they are."""
        chance, kind, noise = self._chance, self._chance.random(), np.zeros(CLOSER * RATE)
        band: tuple[int, float, str] | None = None
        if kind < 0.15:
            band = 4, chance.uniform(2500, 7000), "low"
        elif kind < 0.22:
            band = 2, chance.uniform(80, 300), "high"
        if chance.random() < 0.12:
            noise = self._noise.standard_normal(len(noise)) * LOUD * decades(chance.uniform(-45, -18))
        if band is not None:
            poles, edge, side = band
            filters = scipy.signal.butter(poles, edge, side, fs=RATE, output="sos")
            sounds = tuple(scipy.signal.sosfilt(filters, each) for each in sounds)
        return [np.float32(each + noise) for each in sounds]


def decades(decibels: float) -> float:
    return 10 ** (decibels / 20)


class Drawn(NamedTuple):
    """Windows as the fit sees them."""

    middle: torch.Tensor
    """What enters layer `BRANCH`, after bias and rectifier [shape=(windows, channels, frames, bands)]; in half precision."""
    hidden: np.ndarray
    """YAMNet's last hidden layer [shape=(windows, channels)]."""
    human: torch.Tensor
    """Log odds of all human sounds together, by YAMNet [shape=(windows,)]."""
    events: np.ndarray
    """Mean log odds of speech, singing and music by the other network [shape=(windows, 3)]; empty if not asked."""
    voiced: torch.Tensor
    decibels: torch.Tensor


def drawn(mixer: Mixer, count: int, events: bool) -> Drawn:
    """So many windows, heard by YAMNet, and by the other network if asked."""
    source = mixer.windows()
    network, channels = yamnet(), len(yamnet().entering)
    rows: list[tuple[torch.Tensor, ...]] = []
    said: list[np.ndarray] = []
    hidden: list[np.ndarray] = []
    while len(rows) * AT_ONCE < count:
        windows = [next(source) for _ in range(AT_ONCE)]
        sounds = np.array([each.sound for each in windows], np.float32)
        heard = network.see(log_mel(levelled(sounds[:, :SAMPLES])))
        places = heard.middle.reshape(*heard.middle.shape[:2], -1, channels) + network.entering
        middle = torch.from_numpy(np.maximum(places, 0)).permute(0, 3, 1, 2).half()
        human = torch.from_numpy(np.logaddexp.reduce(heard.odds[:, :HUMAN], axis=1))
        labels = torch.tensor([each.voiced for each in windows]).float()
        rows.append((middle, human, labels, torch.tensor([each.decibels for each in windows])))
        hidden.append(heard.hidden.astype(np.float16))
        if events:
            said.append(fireredvad().listen(sounds).mean(axis=1))
    middle, human, labels, decibels = (torch.cat(each) for each in zip(*rows, strict=True))
    events_said = np.concatenate(said) if said else np.zeros((0, 3))
    return Drawn(middle, np.concatenate(hidden), human, events_said, labels, decibels)


class Own(torch.nn.Module):
    """The later layers, which begin as YAMNet's, and the answer."""

    def __init__(self) -> None:
        super().__init__()
        weights, numbers = stored("yamnet"), range(BRANCH, len(STEPS))
        made: dict[str, torch.Tensor] = {}
        for k in numbers:
            made[f"depthwise{k}"] = torch.tensor(scaled(weights, f"depthwise{k}").transpose(2, 0, 1)[:, None])
            made[f"pointwise{k}"] = torch.tensor(scaled(weights, f"pointwise{k}").T[:, :, None, None])
            for kind in ("depthwise", "pointwise"):
                made[f"{kind}{k}_bias"] = torch.tensor(weights[f"{kind}{k}_bias"])
        self.layers = torch.nn.ParameterDict({name: each.contiguous() for name, each in made.items()})
        self.own = torch.nn.Parameter(torch.zeros(len(weights[f"pointwise{numbers[-1]}_bias"])))
        self.human, self.bias = torch.nn.Parameter(torch.ones(())), torch.nn.Parameter(torch.zeros(()))
        self._numbers = numbers

    def answer(self) -> list[torch.nn.Parameter]:
        """What is fitted beside the layers."""
        return [self.own, self.human, self.bias]

    def forward(self, middle: torch.Tensor, human: torch.Tensor) -> torch.Tensor:
        """Log odds of a voice [shape=(windows,)]."""
        sums, at = middle.float().contiguous(memory_format=torch.channels_last), self.layers
        for k in self._numbers:
            edges = (1, 1, 1, 1) if STEPS[k] == 1 else (0, 1, 0, 1)
            filters, bias = at[f"depthwise{k}"], at[f"depthwise{k}_bias"]
            sums = functional.conv2d(functional.pad(sums, edges), filters, bias, STEPS[k], groups=len(bias))
            sums = functional.conv2d(functional.relu(sums), at[f"pointwise{k}"], at[f"pointwise{k}_bias"])
            sums = functional.relu(sums)
        hidden = functional.dropout(sums.mean((2, 3)), DROPPED, self.training)
        return hidden @ self.own + self.human * human + self.bias


def balanced(voiced: np.ndarray, decibels: np.ndarray) -> np.ndarray:
    """Weights of windows: voices far back count less, and both answers as much as each other."""
    weight = np.where(voiced, 10 ** (LESS * np.minimum(decibels - FAR, 0)), 1.0)
    for answer in (False, True):
        weight[voiced == answer] *= len(voiced) / 2 / weight[voiced == answer].sum()
    return weight


def fitted(seen: Drawn) -> Own:
    """The layers fitted to windows: the running mean of what they were on the way."""
    network = Own().to(memory_format=torch.channels_last)
    mean = Own().eval()
    weight = torch.from_numpy(balanced(seen.voiced.bool().numpy(), seen.decibels.numpy())).float()
    groups = (list(network.layers.values()), RATE_OF_LAYERS), (network.answer(), RATE_OF_ANSWER)
    optimizer = torch.optim.AdamW([{"params": each, "lr": rate} for each, rate in groups], weight_decay=0.0)
    steps = EPOCHS * (len(weight) // AT_ONCE)
    order = torch.cat([torch.randperm(len(weight)) for _ in range(EPOCHS)])
    for step in range(steps):
        chosen = order[step * AT_ONCE :][:AT_ONCE]
        share = 0.5 * (1 + math.cos(math.pi * step / steps)) * min(1, (step + 1) / 100)
        for group, (_, rate) in zip(optimizer.param_groups, groups, strict=True):
            group["lr"] = rate * share
        odds = network(seen.middle[chosen], seen.human[chosen])
        wrong = functional.binary_cross_entropy_with_logits(odds, seen.voiced[chosen], reduction="none")
        loss = (wrong * weight[chosen]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        kept = min(MEMORY, (step + 1) / (step + 11))
        with torch.no_grad():
            for before, now in zip(mean.parameters(), network.parameters(), strict=True):
                before.mul_(kept).add_(now, alpha=1 - kept)
        if step % 200 == 0:
            print(f"{step} of {steps}: {loss.item():.3f}", flush=True)
    return mean


def seen_plainly(seen: Drawn) -> np.ndarray:
    """What the regression sees without layers of its own [shape=(windows, 1 + channels)]."""
    return np.concatenate((TRUST * seen.human.numpy()[:, np.newaxis], seen.hidden), axis=1, dtype=np.float32)


def odds_of(network: Own, seen: Drawn) -> np.ndarray:
    with torch.no_grad():
        parts = zip(seen.middle.split(AT_ONCE), seen.human.split(AT_ONCE), strict=True)
        return torch.cat([network(*each) for each in parts]).numpy()


def told(seen: Drawn, **answers: np.ndarray) -> None:
    """Print how well windows with a voice are told from those without."""
    voiced, decibels = seen.voiced.bool().numpy(), seen.decibels.numpy()
    for low, high in ((-18, -12), (-12, -6), (-6, 0), (0, 7), (20, 40)):
        inside = ~voiced | ((decibels >= low) & (decibels < high))
        areas = (
            f"{name} {roc_auc_score(voiced[inside], each[inside]):.3f}" for name, each in answers.items()
        )
        print(f"{low:4} to {high} dB, AUC: {', '.join(areas)}")


def in_eight_bits(name: str, array: np.ndarray) -> dict[str, np.ndarray]:
    """An array and the scale of each of its last axis."""
    scale = np.float32(np.abs(array).max(axis=tuple(range(array.ndim - 1))) / 127 + 1e-12)
    return {name: np.int8(np.round(array / scale)), f"{name}_scale": scale}


def kept(network: Own) -> dict[str, np.ndarray]:
    """The arrays of `voice.npz`, but for the five numbers of the second regression."""
    made = {name: each.detach().numpy() for name, each in network.named_parameters() if "layers" not in name}
    for name, each in network.layers.items():
        array = each.detach().numpy()
        if name.endswith("_bias"):
            made[name] = array
        elif name.startswith("depthwise"):
            made |= in_eight_bits(name, array[:, 0].transpose(1, 2, 0))
        else:
            made |= in_eight_bits(name, array[:, :, 0, 0].T)
    return made


def main(folder: str, target: str) -> None:
    torch.manual_seed(0)
    torch.set_num_threads(os.cpu_count() or 1)
    learnt, others = (
        Mixer(*(clips(each / side) for side in ("voice", "none")), seed=1)
        for each in (Path(folder), Path(folder) / "others")
    )
    seen = drawn(learnt, WINDOWS, events=False)
    weight = balanced(seen.voiced.bool().numpy(), seen.decibels.numpy())
    plain = LogisticRegression(C=1 / PENALTY, max_iter=500)
    plain.fit(seen_plainly(seen), seen.voiced.bool().numpy(), sample_weight=weight)
    network = fitted(seen)
    unseen = drawn(others, OTHERS, events=True)
    voiced = unseen.voiced.bool().numpy()
    alike = balanced(voiced, unseen.decibels.numpy())
    answers = np.stack((odds_of(network, unseen), plain.decision_function(seen_plainly(unseen))), axis=1)
    first = LogisticRegression(C=ALMOST_FREE).fit(answers, voiced, sample_weight=alike)
    (share, share_plain), bias = first.coef_[0], first.intercept_[0]
    odds = first.decision_function(answers)
    with_events = np.concatenate((odds[:, np.newaxis], unseen.events), axis=1)
    second = LogisticRegression(C=ALMOST_FREE).fit(with_events, voiced, sample_weight=alike)
    told(unseen, yamnet=unseen.human.numpy(), layers=answers[:, 0], plain=answers[:, 1], both=odds,
         other=second.decision_function(with_events))  # fmt: skip
    made = kept(network)
    made["own"] = share * made["own"]
    made["hidden"] = share_plain * plain.coef_[0, 1:]
    made["human"] = share * made["human"] + share_plain * TRUST * plain.coef_[0, 0]
    made["bias"] = share * made["bias"] + share_plain * plain.intercept_[0] + bias
    made["again"], made["events"], made["again_bias"] = (
        second.coef_[0, 0],
        second.coef_[0, 1:],
        second.intercept_[0],
    )
    single = {
        name: np.float32(each) if np.asarray(each).dtype.kind == "f" else each for name, each in made.items()
    }
    np.savez_compressed(target, **single)
    print(f"{share:.3f} of the layers' odds, {share_plain:.3f} of the plain ones, {bias:.3f}; with the other network "
          f"{made['again']:.3f} of these, {np.round(made['events'], 3)} of its own, {made['again_bias']:.3f}")  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) != 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
