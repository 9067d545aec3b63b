"""Makes `playlistkit/analysis/voice.npz` from musicnn's network, and its answer from labelled clips.

usage: python benchmarks/voice_network.py MSD_musicnn.onnx voice.npz [FOLDER]

FOLDER/voice/KIND/SOURCE_NAME.* and FOLDER/none/KIND/SOURCE_NAME.* are clips of 12 s or more in which somebody sings
or speaks all the time, or never. Without a folder, the answer of the installed network is kept. Needs onnx and
scikit-learn.

1. The maximum over frequency goes before ReLU and batch normalisation; where a scale is negative, the least is
   taken, as the maximum of the negated filter. Front filters that training left at zero (497 of 561) go; what
   follows gets the constants that they gave. The function stays as it was: how far the last hidden layer is from
   the original's, as onnx itself computes it, is printed.
2. The fifty tags become one number, the log odds of a voice in the patch: a logistic regression on the last hidden
   layer, each clip once as it is and once 12 dB softer to 8 dB louder, each clip and both sides weighing alike. The
   answer that musicnn gives itself, its tag "instrumental", costs next to nothing, all else is penalised: a few
   hundred clips correct what it learnt from a large collection of music, they don't replace it.

With a folder, prints the cross-validated table, folds by source, and the constants of `playlistkit/analysis/voice.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import soxr
from numpy.lib.stride_tricks import sliding_window_view
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from playlistkit.analysis.filters import VOICE_MELS
from playlistkit.analysis.musicnn import FRAMES, LONG, WIDE, Musicnn, voice_weights
from playlistkit.analysis.voice import QUIET, SAMPLES, VOICE_RATE, melgram, overall, powers
from playlistkit.audio import open_audio

FOLDS = 6
PENALTY = 300  # of the hidden layer's weights, squared
TRUST = 20  # times as cheap as those is the weight of "instrumental"
INSTRUMENTAL = 23  # among the tags
DEAD = 1e-5  # the largest weight of live filters is above 1e-3, of dead ones below 1e-6
# What the source calls its last hidden layer, the scale and shift after each front filter, and the other convolutions.
HIDDEN = "/Add_12_output_0"
FRONT = ((264, 265), (266, 267), (273, 274), (280, 281), (287, 288))
MIDDLE = (
    ("onnx::Conv_290", (291, 292)),
    ("onnx::Conv_294", (295, 296)),
    ("onnx::Conv_298", (299, 300)),
)


def spectrograms(path: Path) -> np.ndarray:
    """What the network sees of a clip [shape=(patches, 187, 96)]."""
    with open_audio(path) as source:
        blocks = [block.mean(axis=1, dtype=np.float32) for block in source.blocks()]
        sound = soxr.resample(np.concatenate(blocks), source.rate, VOICE_RATE)
    starts = range(0, max(1, len(sound) - SAMPLES), 4 * SAMPLES)
    patches = [sound[start : start + SAMPLES] for start in starts]
    return np.array([melgram(powers(patch)) for patch in patches if np.sqrt(np.mean(patch**2)) > QUIET])


def gained(mel: np.ndarray, decibels: float) -> np.ndarray:
    """The spectrogram of the same sound at another level."""
    return np.log10(10 ** (decibels / 10) * (10.0**mel - 1) + 1).astype(np.float32)


def smaller(original: onnx.ModelProto) -> dict[str, np.ndarray]:
    """The weights of the same function without dead filters, up to the last hidden layer."""
    stored = {each.name: numpy_helper.to_array(each) for each in original.graph.initializer}

    def normalisation(scale: int, shift: int) -> tuple[np.ndarray, np.ndarray]:
        return stored[f"onnx::Mul_{scale}"].ravel(), stored[f"onnx::Add_{shift}"].ravel()

    made = {
        "input_scale": stored["onnx::Mul_257"].reshape(()),
        "input_shift": stored["onnx::Add_258"].reshape(()),
    }
    parts = []
    alive, silence = [], []  # which filters live, and what each gives when its picture is empty
    for i, (name, pair) in enumerate(zip((*WIDE, *LONG), FRONT, strict=True)):
        weights, bias = stored[f"k.{i}"][:, 0], stored[f"kb.{i}"]
        gain, offset = normalisation(*pair)
        lives = np.abs(weights).max(axis=(1, 2)) > DEAD
        alive.append(lives)
        silence.append(np.maximum(bias, 0) * gain + offset)
        sign = np.where(gain[lives] < 0, -1.0, 1.0)
        parts.append((sign, bias[lives], gain[lives], offset[lives]))
        made[name] = weights[lives] * sign[:, None, None]
    for name, values in zip(("sign", "bias", "gain", "offset"), zip(*parts, strict=True), strict=True):
        made[f"front_{name}"] = np.concatenate(values)
    live, dead = np.flatnonzero(np.concatenate(alive)), np.flatnonzero(~np.concatenate(alive))
    silent = np.concatenate(silence)[dead].astype(float)

    for i, (kernel, pair) in enumerate(MIDDLE, start=1):
        made[f"middle{i}"], made[f"middle{i}_bias"] = stored[kernel], stored[f"kb.{i + 4}"]
        made[f"middle{i}_gain"], made[f"middle{i}_offset"] = normalisation(*pair)
    # The first middle convolution pads with zeros, so that what the dead give differs at the edges.
    padded = np.pad(np.tile(silent[:, None], FRAMES), ((0, 0), (3, 3)))
    given = np.einsum("oik,itk->to", made["middle1"][:, dead], sliding_window_view(padded, 7, axis=1))
    made["middle1"] = made["middle1"][:, live]
    made["middle1_bias"] = made["middle1_bias"] + given

    # The dense layer sees each channel's maximum and mean, which for the dead are the same.
    gain, offset = normalisation(301, 302)
    dense = stored["d.0"].astype(float)
    weights, bias = dense * gain, stored["d.1"] + dense @ offset.astype(float)
    kept = np.setdiff1d(np.arange(len(gain) // 2), dead)
    kept, gone = (np.ravel([2 * each, 2 * each + 1], order="F") for each in (kept, dead))
    made["dense"] = weights[:, kept]
    made["dense_bias"] = bias + weights[:, gone] @ np.repeat(silent, 2)
    made["dense_gain"], made["dense_offset"] = normalisation(303, 304)
    return {name: np.asarray(values, np.float32) for name, values in made.items()}


def with_answer(weights: dict[str, np.ndarray], answer: np.ndarray, bias: float) -> dict[str, np.ndarray]:
    """The network that gives `answer` times the hidden layer plus `bias`."""
    return weights | {"answer": np.float32(answer), "answer_bias": np.float32(bias)}


def farthest(original: onnx.ModelProto, network: Musicnn) -> float:
    """The largest difference between the hidden layers of both, on made spectrograms."""
    whole = onnx.ModelProto()
    whole.CopyFrom(original)
    whole.graph.output.append(onnx.helper.make_tensor_value_info(HIDDEN, onnx.TensorProto.FLOAT, None))
    reference = ReferenceEvaluator(whole)
    chance = np.random.default_rng(1)
    apart = []
    for level in (0.0, 0.5, 1.0, 2.0):
        mel = (level * chance.random((FRAMES, VOICE_MELS))).astype(np.float32)
        (hidden,) = reference.run([HIDDEN], {"x": mel[None]})
        apart.append(float(np.abs(hidden[0] - network.hidden(mel)).max()))
    return max(apart)


def fit(clips: list[np.ndarray], sung: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights [shape=(200,)] and bias of the logistic regression on patches.

    `own` [shape=(200,)] are the weights of the network's own answer.
    """
    count = np.array([len(clip) for clip in clips])
    weight = np.repeat(1 / count / np.where(sung, sung.sum(), (~sung).sum()), count)
    patches = np.concatenate(clips)
    size, trusted = patches.std(axis=0) + 1e-9, (patches @ own).std() / TRUST
    seen = np.c_[patches / size, patches @ own / trusted]
    middle = seen.mean(axis=0)
    fitted = LogisticRegression(C=1 / PENALTY, max_iter=5000).fit(
        seen - middle, np.repeat(sung, count), sample_weight=weight * len(clips) / 2
    )
    *weights, trust = fitted.coef_[0]
    return weights / size + trust * own / trusted, float(fitted.intercept_[0] - fitted.coef_[0] @ middle)


def main(source: str, target: str, folder: str | None = None) -> None:
    original = onnx.load(source)
    small = smaller(original)
    bundled = voice_weights()
    kept = with_answer(small, bundled["answer"], bundled["answer_bias"])
    print(f"hidden layer apart from the original's by at most {farthest(original, Musicnn(kept)):.1e}")
    if folder is None:
        np.savez(target, **kept)
    else:
        refit(folder, target, original, kept)


def refit(folder: str, target: str, original: onnx.ModelProto, small: dict[str, np.ndarray]) -> None:
    paths = sorted(path for path in Path(folder).glob("*/*/*") if path.is_file())
    clips = {path: mels for path in paths if len(mels := spectrograms(path))}
    sung = np.array([path.parts[-3] == "voice" for path in clips])
    group = np.array([path.name.split("_")[0] for path in clips])
    chance = np.random.default_rng(2)
    own = -next(numpy_helper.to_array(each) for each in original.graph.initializer if each.name == "d.2")
    own = own[INSTRUMENTAL].astype(float)
    network = Musicnn(small)

    def hidden(mels: np.ndarray) -> np.ndarray:
        return np.array([network.hidden(mel) for mel in mels], float)

    plain = [hidden(mels) for mels in clips.values()]
    other = [hidden(gained(mels, chance.uniform(-12, 8))) for mels in clips.values()]

    weights, bias = fit(plain + other, np.tile(sung, 2), own)
    np.savez(target, **with_answer(small, weights, bias))

    said = np.zeros(len(sung))
    folds = zip(
        GroupKFold(FOLDS).split(sung[sung], groups=group[sung]),
        GroupKFold(FOLDS).split(sung[~sung], groups=group[~sung]),
        strict=True,
    )
    for (_, voices), (_, others) in folds:
        left_out = np.isin(group, np.r_[group[sung][voices], group[~sung][others]])
        rest = np.flatnonzero(~left_out)
        both = [each[i] for each in (plain, other) for i in rest]
        weights, bias = fit(both, np.tile(sung[rest], 2), own)
        for i in np.flatnonzero(left_out):
            said[i] = overall(plain[i] @ weights + bias)
    balance = np.where(sung, 0.5 / sung.mean(), 0.5 / (~sung).mean())
    odds = LogisticRegression(C=1e3).fit(said[:, None], sung, sample_weight=balance)
    likely = odds.predict_proba(said[:, None])[:, 1]
    print(f"{sung.sum()} with and {(~sung).sum()} without voice, AUC {roc_auc_score(sung, said):.3f}")
    print(f"WEIGHT, BIAS = {odds.coef_[0, 0]:.2f}, {odds.intercept_[0]:.2f}")
    print("at most   none of the voiceless, of the voices (%)")
    for most in (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7):
        none = (100 * np.mean(likely[each] <= most) for each in (~sung, sung))
        print(f"{most:7.2f} {next(none):24.1f} {next(none):16.1f}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
