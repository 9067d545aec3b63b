"""How right the features are, beside the aims.

usage: python benchmarks/accuracy.py FOLDER...

Each FOLDER holds audio files and a `truth.csv` with a column `file` and one or more of: `bpm`; `arousal` (above
0: aroused); `key` ("A minor"); `voice` (1: somebody sings). Prints a table for each column.

Of files that the weights of tempo were fitted to, `fit_tempo.py` tells what is right on pieces not seen; this does not.
"""

from __future__ import annotations

import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from playlistkit.audio import listen
from playlistkit.model import Features

MULTIPLES = (1, 2, 3, 1 / 2, 1 / 3)


def hear(path: Path) -> Features:
    return listen(path).features


def area(positive: np.ndarray, values: np.ndarray) -> float:
    """Area under the ROC curve: how often a positive ranks above a negative."""
    above, below = values[positive], values[~positive]
    return float((np.sign(above[:, np.newaxis] - below) / 2 + 0.5).mean())


def line(what: str, value: float, aim: str) -> None:
    print(f"  {what:<42} {value:6.1f}   aim {aim}")


def tempo(features: list[Features], truth: list[str]) -> None:
    true = np.array([float(each) for each in truth])
    said = np.array([each.tempo or np.nan for each in features])
    clear = np.array([each.pulse_clarity or 0.0 for each in features])
    right = abs(said / true - 1) < 0.04
    octave = np.any([abs(said / true / multiple - 1) < 0.04 for multiple in MULTIPLES], axis=0)
    line("tempo Acc1 (%)", 100 * right.mean(), "68 (rendered), 62 (held back)")
    line("tempo Acc2 (%)", 100 * octave.mean(), "90 (rendered), 86 (held back)")
    line(
        "Acc2, upper four fifths by clarity (%)", 100 * octave[clear >= np.quantile(clear, 0.2)].mean(), "95"
    )


def arousal(features: list[Features], truth: list[str]) -> None:
    aroused = np.array([float(each) > 0 for each in truth])
    for name in ("energy", "activation", "intensity", "onset_rate"):
        values = np.array([getattr(each, name) or 0.0 for each in features])
        line(f"{name}: AUC against arousal (%)", 100 * area(aroused, values), "88 (energy)")


def key(features: list[Features], truth: list[str]) -> None:
    exact = np.mean([f"{each.key} {each.mode}" == true for each, true in zip(features, truth, strict=True)])
    line("key exact (%)", 100 * float(exact), "above librosa's and essentia's")


def voice(features: list[Features], truth: list[str]) -> None:
    sung = np.array([each == "1" for each in truth])
    line(
        "voice AUC (%)",
        100 * area(sung, np.array([each.vocals_probability or 0.0 for each in features])),
        "98",
    )


COLUMNS = {"bpm": tempo, "arousal": arousal, "key": key, "voice": voice}


def main(*folders: str) -> None:
    for folder in map(Path, folders):
        with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with ProcessPoolExecutor() as pool:
            features = list(pool.map(hear, [folder / row["file"] for row in rows]))
        print(f"{folder.name}: {len(rows)} files")
        for column, report in COLUMNS.items():
            if rows and column in rows[0]:
                report(features, [row[column] for row in rows])


if __name__ == "__main__":
    if len(sys.argv) < 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
