"""Makes `playlistkit/analysis/voice.onnx` from musicnn's network and labelled clips.

usage: python benchmarks/voice_network.py MSD_musicnn.onnx FOLDER voice.onnx

FOLDER/voice/KIND/SOURCE_NAME.* and FOLDER/none/KIND/SOURCE_NAME.* are clips of 12 s or more in which somebody sings
or speaks all the time, or never. Needs onnx and scikit-learn.

1. The maximum over frequency goes before ReLU and batch normalisation; where a scale is negative, the least is
   taken, as the maximum of the negated filter. Front filters that training left at zero (497 of 561) go; what
   follows gets the constants that they gave. The function stays as it was.
2. The fifty tags become one number, the log odds of a voice in the patch: a logistic regression on the last hidden
   layer, each clip once as it is and once 12 dB softer to 8 dB louder, each clip and both sides weighing alike. The
   answer that musicnn gives itself, its tag "instrumental", costs next to nothing, all else is penalised: a few
   hundred clips correct what it learnt from a large collection of music, they don't replace it.

Prints the cross-validated table, folds by source, and the constants of `playlistkit/analysis/voice.py`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from playlistkit.analysis.voice import FRAMES, Patches, melgram, overall
from playlistkit.audio import open_audio

FOLDS = 6
PENALTY = 300  # of the hidden layer's weights, squared
TRUST = 20  # times as cheap as those is the weight of "instrumental"
INSTRUMENTAL = 23  # among the tags
DEAD = 1e-5  # the largest weight of live filters is above 1e-3, of dead ones below 1e-6
HIDDEN, TAGS = "/Add_12_output_0", "/Gemm_1_output_0"


def spectrograms(path: Path) -> np.ndarray:
    """What the network sees of a clip [shape=(patches, 187, 96)]."""
    with open_audio(path) as source:
        patches = Patches(source.rate)
        for block in source.blocks():
            patches.add(block.mean(axis=1, dtype=np.float32))
    return np.array([melgram(patch) for patch in patches.finish()])


def gained(mel: np.ndarray, decibels: float) -> np.ndarray:
    """The spectrogram of the same sound at another level."""
    return np.log10(10 ** (decibels / 10) * (10.0**mel - 1) + 1).astype(np.float32)


def smaller(original: onnx.ModelProto) -> onnx.ModelProto:
    """The same function without dead filters, giving the last hidden layer [shape=(1, 200)]."""
    graph = original.graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    made = {
        "scale": stored["onnx::Mul_257"].reshape(()),
        "shift": stored["onnx::Add_258"].reshape(()),
        "one": np.array([1]),
        "three": np.array([3]),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["x", "one"], ["picture"]),
        helper.make_node("Mul", ["picture", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["normal"]),
    ]
    constants = {"sign": [], "bias": [], "gain": [], "offset": []}
    alive, silence = [], []  # which filters live, and what each gives when its picture is empty
    for i, (scale, shift) in enumerate(((264, 265), (266, 267), (273, 274), (280, 281), (287, 288))):
        weights, bias = stored[f"k.{i}"], stored[f"kb.{i}"]
        gain, offset = stored[f"onnx::Mul_{scale}"].ravel(), stored[f"onnx::Add_{shift}"].ravel()
        lives = np.abs(weights).max(axis=(1, 2, 3)) > DEAD
        alive.append(lives)
        silence.append(np.maximum(bias, 0) * gain + offset)
        sign = np.where(gain[lives] < 0, -1.0, 1.0)
        for name, values in zip(constants, (sign, bias[lives], gain[lives], offset[lives]), strict=True):
            constants[name].append(values)
        made[f"front{i}"] = weights[lives] * sign[:, None, None, None]
        time, mels = weights.shape[2:]
        pads = [(time - 1) // 2, 0, time // 2, 0]
        nodes += [
            helper.make_node(
                "Conv", ["normal", f"front{i}"], [f"all{i}"], kernel_shape=[time, mels], pads=pads
            ),
            helper.make_node("MaxPool", [f"all{i}"], [f"top{i}"], kernel_shape=[1, 96 - mels + 1]),
        ]
    live, dead = np.flatnonzero(np.concatenate(alive)), np.flatnonzero(~np.concatenate(alive))
    silent = np.concatenate(silence)[dead].astype(float)
    made |= {name: np.concatenate(parts)[None, :, None] for name, parts in constants.items()}
    nodes += [
        helper.make_node("Concat", [f"top{i}" for i in range(len(alive))], ["tops"], axis=1),
        helper.make_node("Squeeze", ["tops", "three"], ["flat"]),
        helper.make_node("Mul", ["flat", "sign"], ["signed"]),
        helper.make_node("Add", ["signed", "bias"], ["biased"]),
        helper.make_node("Relu", ["biased"], ["positive"]),
        helper.make_node("Mul", ["positive", "gain"], ["gained"]),
        helper.make_node("Add", ["gained", "offset"], ["front"]),
    ]

    # The first middle convolution pads with zeros, so that what the dead give differs at the edges.
    middle = stored["onnx::Conv_290"]
    made["middle"] = middle[:, live]
    padded = np.pad(np.tile(silent[:, None], FRAMES), ((0, 0), (3, 3)))
    given = np.einsum("oik,itk->ot", middle[:, dead], sliding_window_view(padded, 7, axis=1))
    made["still"] = (given + stored["kb.5"][:, None])[None]
    nodes += [
        helper.make_node("Conv", ["front", "middle"], ["moving"], kernel_shape=[7], pads=[3, 3]),
        helper.make_node("Add", ["moving", "still"], ["/Conv_5_output_0"]),
    ]

    # The dense layer sees each channel's maximum and mean, which for the dead are the same.
    count = stored["onnx::Mul_301"].size // 2
    kept = np.setdiff1d(np.arange(count), dead)
    kept, gone = (np.ravel([2 * each, 2 * each + 1], order="F") for each in (kept, dead))
    gain, offset, dense = (stored[name].astype(float) for name in ("onnx::Mul_301", "onnx::Add_302", "d.0"))
    made |= {"onnx::Mul_301": gain[:, kept], "onnx::Add_302": offset[:, kept], "d.0": dense[:, kept]}
    made["d.1"] = stored["d.1"] + dense[:, gone] @ (np.repeat(silent, 2) * gain[0, gone] + offset[0, gone])

    names = [node.output[0] for node in graph.node]
    for node in graph.node[names.index("/Relu_5_output_0") : names.index(HIDDEN) + 1]:
        node.input[:] = ["front" if name == "/Concat_4_output_0" else name for name in node.input]
        made = {name: stored[name] for name in node.input if name in stored} | made
        nodes.append(node)
    return model(nodes, made, HIDDEN, len(stored["d.1"]))


def model(nodes: list, made: dict[str, np.ndarray], output: str, size: int) -> onnx.ModelProto:
    def tensor(name: str, value: np.ndarray) -> onnx.TensorProto:
        kind = np.int64 if np.issubdtype(value.dtype, np.integer) else np.float32
        return numpy_helper.from_array(np.asarray(value, kind), name)

    graph = helper.make_graph(
        nodes,
        "voice",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, FRAMES, 96])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, size])],
        [tensor(name, value) for name, value in made.items()],
    )
    whole = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=9,
        doc_string="musicnn (Pons and Serra, ISC licence), changed by benchmarks/voice_network.py",
    )
    onnx.checker.check_model(whole)
    return whole


def with_one_answer(hidden: onnx.ModelProto, weights: np.ndarray, bias: float) -> onnx.ModelProto:
    """The network that gives `weights` times the hidden layer plus `bias` instead of that layer."""
    made = {each.name: numpy_helper.to_array(each) for each in hidden.graph.initializer}
    made |= {"answer": weights[None], "answer bias": np.array([bias])}
    answer = helper.make_node("Gemm", [HIDDEN, "answer", "answer bias"], ["y"], transB=1)
    return model([*hidden.graph.node, answer], made, "y", 1)


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


def main(source: str, folder: str, target: str) -> None:
    paths = sorted(path for path in Path(folder).glob("*/*/*") if path.is_file())
    clips = {path: mels for path in paths if len(mels := spectrograms(path))}
    sung = np.array([path.parts[-3] == "voice" for path in clips])
    group = np.array([path.name.split("_")[0] for path in clips])
    chance = np.random.default_rng(2)
    original = onnx.load(source)
    own = -next(numpy_helper.to_array(each) for each in original.graph.initializer if each.name == "d.2")
    own = own[INSTRUMENTAL].astype(float)
    small = smaller(original)
    session = onnxruntime.InferenceSession(small.SerializeToString(), providers=["CPUExecutionProvider"])

    def hidden(mels: np.ndarray) -> np.ndarray:
        return np.concatenate([session.run(None, {"x": mel[None]})[0] for mel in mels]).astype(float)

    plain = [hidden(mels) for mels in clips.values()]
    other = [hidden(gained(mels, chance.uniform(-12, 8))) for mels in clips.values()]

    weights, bias = fit(plain + other, np.tile(sung, 2), own)
    onnx.save(with_one_answer(small, weights, bias), target)

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
    if len(sys.argv) != 4 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
