"""Makes `playlistkit/analysis/fireredvad.npz` from FireRedVAD's weights.

usage: python benchmarks/fireredvad_network.py fireredvad_aed.onnx cmvn.ark fireredvad.npz

Both are in github.com/FireRedTeam/FireRedVAD under pretrained_models/onnx_models. The weights are kept in half precision. Needs onnx
and onnxruntime, which also runs the original: how far the answers are from it is printed.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from made_sounds import made_sounds
from onnx import numpy_helper

from playlistkit.analysis.fireredvad import AHEAD, BACK, LAYERS, Fireredvad, log_mel
from playlistkit.analysis.yamnet import RATE, levelled

INTEGERS = 32_768  # full scale of the sound that the original takes


def normalization(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Mean of each band, of sound with full scale 1, and one over its deviation, from Kaldi's sums."""
    data = path.read_bytes()
    rows, columns = struct.unpack("<i", data[6:10])[0], struct.unpack("<i", data[11:15])[0]
    sums = np.frombuffer(data[15 : 15 + 8 * rows * columns], "<f8").reshape(rows, columns)
    count = sums[0, -1]
    mean = sums[0, :-1] / count
    variance = sums[1, :-1] / count - mean**2
    return mean - 2 * np.log(INTEGERS), 1 / np.sqrt(variance)


def weights(path: Path, sums: Path) -> dict[str, np.ndarray]:
    """The arrays of `fireredvad.npz`."""
    graph = onnx.load(str(path)).graph
    given = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    products = [
        given[node.input[1]].T for node in graph.node if node.op_type == "MatMul" and node.input[1] in given
    ]
    made = dict(zip(("mean", "scale"), (np.float32(each) for each in normalization(sums)), strict=True))
    for layer in range(LAYERS):
        name = "fsmn1" if layer == 0 else f"fsmns.{layer - 1}.fsmn"
        back, ahead = (
            given[f"model.dfsmn.{name}.{side}_filter.weight"][:, 0] for side in ("lookback", "lookahead")
        )
        memory = np.concatenate((back, ahead), axis=1)
        memory[:, BACK] += 1  # what goes in is added to what is remembered
        assert memory.shape[1] == BACK + 1 + AHEAD
        made[f"memory{layer}"] = memory
        made[f"wide{layer}"], made[f"narrow{layer}"] = products[2 * layer : 2 * layer + 2]
        made[f"wide{layer}_bias"] = given[
            f"model.dfsmn.{'fc1.0' if layer == 0 else f'fsmns.{layer - 1}.fc1.0'}.bias"
        ]
    made["narrow0_bias"] = given["model.dfsmn.fc2.0.bias"]
    made[f"wide{LAYERS}"], made["answer"] = products[2 * LAYERS :]
    made[f"wide{LAYERS}_bias"], made["answer_bias"] = (
        given["model.dfsmn.dnns.0.bias"],
        given["model.out.bias"],
    )
    return {
        name: each if name in ("mean", "scale") else each.astype(np.float16) for name, each in made.items()
    }


def main(source: Path, sums: Path, into: Path) -> None:
    """Make the file, and compare with the original."""
    made = weights(source, sums)
    np.savez_compressed(into, **made)
    ours = Fireredvad({name: each.astype(np.float32) for name, each in made.items()})
    original = onnxruntime.InferenceSession(str(source))
    mean, scale = normalization(sums)
    for name, sound in made_sounds(RATE, RATE).items():
        window = levelled(np.float32(sound)[np.newaxis])
        seen = np.float32((log_mel(window) - mean) * scale)
        said = original.run(None, {original.get_inputs()[0].name: seen})[0][0]
        heard = 1 / (1 + np.exp(-ours.listen(window)[0]))
        told = ", ".join(
            f"{what} {share:.4f}"
            for what, share in zip(("speech", "singing", "music"), said.mean(axis=0), strict=True)
        )
        print(f"{name}: {told}; furthest apart {np.abs(said - heard).max():.4f}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:4]))
