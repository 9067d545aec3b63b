"""Makes `playlistkit/analysis/yamnet.npz` from YAMNet's weights.

usage: python benchmarks/yamnet_network.py yamnet.tflite yamnet_class_map.csv yamnet.npz

The network is kept in eight bits, as it is published: each pointwise filter's weights with their scale, so that the
file stays at 4 MB. Needs ai-edge-litert, which also runs the original: how far the scores are from it is printed.
The original rounds what goes into each layer to eight bits too, which this does not, so they can't be quite equal.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from made_sounds import made_sounds

from playlistkit.analysis.yamnet import LEVEL, RATE, SAMPLES, STEPS, Yamnet


def weights(path: Path) -> dict[str, np.ndarray]:
    """The arrays of `yamnet.npz`, but for the names of the classes."""
    network = Interpreter(str(path), experimental_preserve_all_tensors=True)
    network.allocate_tensors()
    about = {each["index"]: each for each in network.get_tensor_details()}
    made: dict[str, np.ndarray] = {}

    def keep(name: str, index: int, axes: tuple[int, ...]) -> None:
        """Keep a tensor with these axes, channels last, and the scale of its channels."""
        scales = about[index]["quantization_parameters"]["scales"]
        made[name] = network.get_tensor(index).transpose(axes).squeeze()
        if len(scales):
            made[f"{name}_scale"] = scales.astype(np.float32)

    layers = [op for op in network._get_ops_details() if op["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D")]
    dequantised = {
        op["outputs"][0]: op["inputs"][0]
        for op in network._get_ops_details()
        if op["op_name"] == "DEQUANTIZE"
    }
    names = [
        "first",
        *(f"{kind}{layer}" for layer in range(len(STEPS)) for kind in ("depthwise", "pointwise")),
    ]
    for name, op in zip(names, layers, strict=True):
        _, filters, bias = (int(each) for each in op["inputs"])
        keep(name, dequantised.get(filters, filters), (1, 2, 3, 0))
        made[f"{name}_bias"] = network.get_tensor(bias)
    answer = next(op for op in reversed(network._get_ops_details()) if op["op_name"] == "FULLY_CONNECTED")
    keep("classes", int(answer["inputs"][1]), (1, 0))
    made["classes_bias"] = network.get_tensor(int(answer["inputs"][2]))
    return made


def said(path: Path, sound: np.ndarray) -> np.ndarray:
    """How likely the original finds each class in a window."""
    network = Interpreter(str(path))
    network.allocate_tensors()
    network.set_tensor(network.get_input_details()[0]["index"], sound)
    network.invoke()
    return np.asarray(network.get_tensor(network.get_output_details()[0]["index"])[0])


def main(source: Path, classes: Path, into: Path) -> None:
    """Make the file, and compare with the original."""
    made = weights(source)
    with classes.open(encoding="utf-8") as file:
        made["names"] = np.array([row["display_name"] for row in csv.DictReader(file)])
    np.savez_compressed(into, **made)
    ours = Yamnet(made)
    for name, sound in made_sounds(SAMPLES, RATE).items():
        window = (LEVEL * sound / np.sqrt(np.mean(sound**2))).astype(np.float32)[np.newaxis]
        original, heard = said(source, window), 1 / (1 + np.exp(-ours.listen(window).odds[0]))
        likeliest = original.argsort()[::-1][:3]
        told = ", ".join(f"{ours.classes[k]} {original[k]:.3f} ({heard[k]:.3f})" for k in likeliest)
        print(f"{name}: {told}; furthest apart {np.abs(original - heard).max():.3f}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:4]))
