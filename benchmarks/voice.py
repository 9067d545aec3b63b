"""What is said of the voice in labelled clips, kind by kind.

usage: python benchmarks/voice.py FOLDER

FOLDER/voice/KIND/* are files in which somebody sings or speaks, FOLDER/none/KIND/* are without voice. Tags don't
count. Prints the tables of `docs/accuracy.md`, the AUC and how well the probabilities are calibrated.
"""

from __future__ import annotations

import os
import sys
from itertools import groupby, pairwise
from pathlib import Path

# One thread as in the workers of a scan, before numpy is imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np

from playlistkit.analysis.voice import peak, probability, vocals
from playlistkit.analysis.windows import STEP, Windows
from playlistkit.audio import open_audio

BINS = (0, 0.1, 0.3, 0.6, 0.9, 1.001)


def hear(path: Path) -> tuple[float, float]:
    """How likely there is a voice, overall and in the likeliest ten seconds."""
    with open_audio(path) as source:
        windows = Windows(source.rate)
        for block in source.blocks():
            windows.add(block.mean(axis=1, dtype=np.float32))
    odds = windows.finish().voices
    likely, found = probability(odds), peak(odds, STEP)
    return (np.nan, np.nan) if likely is None or found is None else (likely, found[0])


def area(positive: np.ndarray, values: np.ndarray) -> float:
    """Area under the ROC curve: how often a positive ranks above a negative."""
    above, below = values[positive], values[~positive]
    return float((np.sign(above[:, np.newaxis] - below) / 2 + 0.5).mean())


def main(folder: str) -> None:
    paths = sorted(path for path in Path(folder).glob("*/*/*") if path.is_file())
    if not paths:
        sys.exit(f"{folder}: no clips in voice/KIND/ or none/KIND/")
    likely, likeliest = np.array([hear(path) for path in paths]).T
    sung = np.array([path.parts[-3] == "voice" for path in paths])
    said = np.array(
        [
            vocals(None, None, None) if np.isnan(a) else vocals(a, b, None)
            for a, b in zip(likely, likeliest, strict=True)
        ]
    )
    print(f"{'':<28} {'n':>4} {'called none (%)':>16} {'a voice (%)':>12}")

    def line(name: str, chosen: np.ndarray) -> None:
        none, voice = (100 * np.mean(said[chosen] == word) for word in ("none", "words"))
        print(f"{name:<28} {chosen.sum():4} {none:16.1f} {voice:12.1f}")

    for (side, kind), _ in groupby(paths, key=lambda path: path.parts[-3:-1]):
        line(f"{side}: {kind}", np.array([path.parts[-3:-1] == (side, kind) for path in paths]))
    if sung.all() or not sung.any():
        return
    line("all without voice", ~sung)
    line("all with voice", sung)
    known = ~np.isnan(likely)
    print(f"AUC {area(sung[known], likely[known]):.3f}   aim 0.98")
    weight = np.where(sung, 0.5 / sung.mean(), 0.5 / (~sung).mean())
    print("said probability, share of voices were both sides alike in number, clips:")
    for low, high in pairwise(BINS):
        inside = (likely >= low) & (likely < high)
        if inside.any():
            share = np.average(sung[inside], weights=weight[inside])
            print(f"{low:4.1f} to {min(high, 1):3.1f} {share:6.2f} {inside.sum():5}")
    for path, each, voiced in zip(paths, likely, sung, strict=True):
        if (voiced and each < 0.1) or (not voiced and each > 0.9):
            print(f"surely wrong, {each:.2f}: {'/'.join(path.parts[-3:])}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(sys.argv[1])
