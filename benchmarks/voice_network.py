"""Makes `playlistkit/analysis/voice.onnx` from musicnn's network and labelled clips.

usage: python benchmarks/voice_network.py MTT_musicnn.onnx FOLDER voice.onnx

FOLDER/voice/KIND/SOURCE_NAME.* and FOLDER/none/KIND/SOURCE_NAME.* are clips of 12 s or more in which somebody sings
or speaks all the time, or never. Needs onnx and scikit-learn.

1. The maximum over frequency goes before ReLU and batch normalisation, which leaves the function as it was; where
   a scale is negative, the least is taken, as the maximum of the negated filter.
2. Each of the five front convolutions becomes one with fewer filters and a mix of them: the best such for what the
   clips let through (singular values of the filters times a root of the input's covariance).
3. The fifty tags become one number, the log odds of a voice in the patch: a logistic regression on their logits,
   each clip once as it is and once 12 dB softer to 8 dB louder, each clip and both sides weighing alike.

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
from sklearn.preprocessing import StandardScaler

from playlistkit.analysis.voice import FRAMES, Patches, highest, melgram
from playlistkit.audio import open_audio

RANKS = (48, 48, 16, 16, 24)  # of the 204, 204, 51, 51 and 51 filters
BLOCK = 16  # onnxruntime's convolutions take channels by so many
SAMPLED = 400  # patches of the spectrogram that a clip gives to the covariance
LOGITS = "/Gemm_1_output_0"


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


def low_rank(weights: np.ndarray, rank: int, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Filters [shape=(rank, 1, time, mels)] and their mix [shape=(filters, rank, 1, 1)]."""
    filters, _, time, mels = weights.shape
    chance = np.random.default_rng(1)
    covariance = np.zeros((time * mels, time * mels))
    for picture in pictures:
        padded = np.pad(picture, (((time - 1) // 2, time // 2), (0, 0)))
        seen = sliding_window_view(padded, (time, mels)).reshape(-1, time * mels)
        seen = seen[chance.integers(len(seen), size=SAMPLED)].astype(float)
        covariance += seen.T @ seen
    root = np.linalg.cholesky(
        covariance + 1e-6 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    )
    left, values, right = np.linalg.svd(
        weights.reshape(filters, -1).astype(float) @ root, full_matrices=False
    )
    basis = np.linalg.solve(root.T, right[:rank].T).T
    size = np.linalg.norm(basis, axis=1)
    mix = left[:, :rank] * values[:rank] * size
    return (basis / size[:, None]).reshape(rank, 1, time, mels), mix[:, :, None, None]


def smaller(original: onnx.ModelProto, pictures: np.ndarray) -> onnx.ModelProto:
    """The network with low-rank fronts, giving logits of tags."""
    graph = original.graph
    stored = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    scale, shift = stored["onnx::Mul_257"].item(), stored["onnx::Add_258"].item()
    made = {
        "scale": np.float32(scale),
        "shift": np.float32(shift),
        "one": np.array([1]),
        "three": np.array([3]),
    }
    nodes = [
        helper.make_node("Unsqueeze", ["x", "one"], ["picture"]),
        helper.make_node("Mul", ["picture", "scale"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["normal"]),
    ]
    kept, constants = [], {"sign": [], "bias": [], "gain": [], "offset": []}
    start = 0
    for i, (rank, gain, offset) in enumerate(
        zip(RANKS, (264, 266, 273, 280, 287), (265, 267, 274, 281, 288), strict=True)
    ):
        sign = np.where(stored[f"onnx::Mul_{gain}"].ravel() < 0, -1.0, 1.0)
        basis, mix = low_rank(stored[f"k.{i}"], rank, pictures * scale + shift)
        count, (time, mels) = len(mix), basis.shape[2:]
        made[f"basis{i}"] = basis
        made[f"mix{i}"] = np.pad(
            mix * sign[:, None, None, None], ((0, -count % BLOCK), (0, 0), (0, 0), (0, 0))
        )
        pads = [(time - 1) // 2, 0, time // 2, 0]
        nodes += [
            helper.make_node(
                "Conv", ["normal", f"basis{i}"], [f"few{i}"], kernel_shape=[time, mels], pads=pads
            ),
            helper.make_node("Conv", [f"few{i}", f"mix{i}"], [f"all{i}"], kernel_shape=[1, 1]),
            helper.make_node("MaxPool", [f"all{i}"], [f"top{i}"], kernel_shape=[1, 96 - mels + 1]),
        ]
        kept.append(start + np.arange(count))
        start += len(made[f"mix{i}"])
        constants["sign"].append(sign)
        constants["bias"].append(stored[f"kb.{i}"])
        constants["gain"].append(stored[f"onnx::Mul_{gain}"].ravel())
        constants["offset"].append(stored[f"onnx::Add_{offset}"].ravel())
    made |= {name: np.concatenate(parts)[None, :, None] for name, parts in constants.items()}
    made["kept"] = np.concatenate(kept)
    nodes += [
        helper.make_node("Concat", [f"top{i}" for i in range(len(RANKS))], ["padded"], axis=1),
        helper.make_node("Gather", ["padded", "kept"], ["tops"], axis=1),
        helper.make_node("Squeeze", ["tops", "three"], ["flat"]),
        helper.make_node("Mul", ["flat", "sign"], ["signed"]),
        helper.make_node("Add", ["signed", "bias"], ["biased"]),
        helper.make_node("Relu", ["biased"], ["positive"]),
        helper.make_node("Mul", ["positive", "gain"], ["gained"]),
        helper.make_node("Add", ["gained", "offset"], ["front"]),
    ]
    names = [node.output[0] for node in graph.node]
    for node in graph.node[names.index("/Conv_5_output_0") : names.index(LOGITS) + 1]:
        node.input[:] = ["front" if name == "/Concat_4_output_0" else name for name in node.input]
        made |= {name: stored[name] for name in node.input if name in stored}
        nodes.append(node)
    return model(nodes, made, LOGITS, 50)


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


def with_one_answer(tags: onnx.ModelProto, weights: np.ndarray, bias: float) -> onnx.ModelProto:
    """The network that gives `weights` times logits plus `bias` instead of the logits."""
    made = {each.name: numpy_helper.to_array(each) for each in tags.graph.initializer}
    nodes = list(tags.graph.node)
    last = nodes[-1]  # y = x d.2' + d.3
    made["answer"] = weights[None] @ made.pop(last.input[1]).astype(float)
    made["answer bias"] = weights[None] @ made.pop(last.input[2]).astype(float) + bias
    nodes[-1] = helper.make_node("Gemm", [last.input[0], "answer", "answer bias"], ["y"], transB=1)
    return model(nodes, made, "y", 1)


def fit(clips: list[np.ndarray], sung: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights [shape=(50,)] and bias of the logistic regression on patches."""
    count = np.array([len(clip) for clip in clips])
    weight = np.repeat(1 / count / np.where(sung, sung.sum(), (~sung).sum()), count)
    patches = np.concatenate(clips)
    scaler = StandardScaler().fit(patches)
    fitted = LogisticRegression(C=1, max_iter=5000).fit(
        scaler.transform(patches), np.repeat(sung, count), sample_weight=weight * len(clips) / 2
    )
    weights = fitted.coef_[0] / scaler.scale_
    return weights, float(fitted.intercept_[0] - weights @ scaler.mean_)


def main(source: str, folder: str, target: str) -> None:
    paths = sorted(path for path in Path(folder).glob("*/*/*") if path.is_file())
    clips = {path: mels for path in paths if len(mels := spectrograms(path))}
    sung = np.array([path.parts[-3] == "voice" for path in clips])
    group = np.array([path.name.split("_")[0] for path in clips])
    chance = np.random.default_rng(2)
    pictures = np.array([mels[chance.integers(len(mels))] for mels in clips.values()])
    tags = smaller(onnx.load(source), pictures)
    session = onnxruntime.InferenceSession(tags.SerializeToString(), providers=["CPUExecutionProvider"])

    def logits(mels: np.ndarray) -> np.ndarray:
        return np.concatenate([session.run(None, {"x": mel[None]})[0] for mel in mels]).astype(float)

    plain = [logits(mels) for mels in clips.values()]
    other = [logits(gained(mels, chance.uniform(-12, 8))) for mels in clips.values()]

    said = np.zeros(len(sung))
    folds = zip(
        GroupKFold(7).split(sung[sung], groups=group[sung]),
        GroupKFold(7).split(sung[~sung], groups=group[~sung]),
        strict=True,
    )
    for (_, voices), (_, others) in folds:
        left_out = np.isin(group, np.r_[group[sung][voices], group[~sung][others]])
        rest = np.flatnonzero(~left_out)
        weights, bias = fit([each[i] for each in (plain, other) for i in rest], np.r_[sung[rest], sung[rest]])
        for i in np.flatnonzero(left_out):
            said[i] = highest(plain[i] @ weights + bias)
    balance = np.where(sung, 0.5 / sung.mean(), 0.5 / (~sung).mean())
    odds = LogisticRegression(C=1e3).fit(said[:, None], sung, sample_weight=balance)
    likely = odds.predict_proba(said[:, None])[:, 1]
    print(f"{sung.sum()} with and {(~sung).sum()} without voice, AUC {roc_auc_score(sung, said):.3f}")
    print(f"WEIGHT, BIAS = {odds.coef_[0, 0]:.2f}, {odds.intercept_[0]:.2f}")
    print("at most   none of the voiceless, of the voices (%)")
    for most in (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7):
        print(
            f"{most:7.2f} {100 * np.mean(likely[~sung] <= most):24.1f} {100 * np.mean(likely[sung] <= most):16.1f}"
        )
    weights, bias = fit(plain + other, np.r_[sung, sung])
    onnx.save(with_one_answer(tags, weights, bias), target)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
