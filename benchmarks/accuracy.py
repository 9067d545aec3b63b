"""How right the features are, beside the aims.

usage: python benchmarks/accuracy.py [--others] FOLDER...

Each FOLDER holds audio files and a `truth.csv` with a column `file` and one or more of: `bpm`; `arousal` (above
0: aroused); `key` ("A minor"); `voice` (1: somebody sings). Prints a table for each column. With --others also how
right librosa's and, where it is installed, essentia's tempo are on the same files.

Of files that the weights of tempo were fitted to, `fit_tempo.py` tells what is right on pieces not seen; this does not.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from playlistkit.audio import listen
from playlistkit.model import FELT, Features

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
    right, octave = tempo_right(said, true), tempo_right(said, true, MULTIPLES)
    line("tempo Acc1 (%)", 100 * right.mean(), "68 (rendered), 62 (held back)")
    line("tempo Acc2 (%)", 100 * octave.mean(), "90 (rendered), 86 (held back)")
    line("halved (%)", 100 * tempo_right(said, true, (1 / 2,)).mean(), "0")
    line("doubled (%)", 100 * tempo_right(said, true, (2,)).mean(), "0")
    line(
        "Acc2, upper four fifths by clarity (%)", 100 * octave[clear >= np.quantile(clear, 0.2)].mean(), "95"
    )
    felt = clear >= FELT
    line("a beat is felt (% of files)", 100 * felt.mean(), "as many as can be")
    if felt.any():
        line("Acc2 of these (%)", 100 * octave[felt].mean(), "95")
        line("Acc1 of these (%)", 100 * right[felt].mean(), "-")


def tempo_right(said: np.ndarray, true: np.ndarray, multiples: tuple[float, ...] = (1,)) -> np.ndarray:
    """Whether each is within 4 % of one of so many times the true tempo."""
    return np.any([abs(said / true / each - 1) < 0.04 for each in multiples], axis=0)


def tempo_of_others(paths: list[Path], truth: list[str]) -> None:
    """Print how right librosa and essentia are."""
    true = np.array([float(each) for each in truth])
    methods: dict[str, Callable[[Path], float]] = {"librosa beat_track": by_librosa}
    if find_spec("essentia"):
        methods["essentia RhythmExtractor2013"] = by_essentia
    for name, method in methods.items():
        said = np.array([method(path) for path in paths])
        line(f"{name}: Acc1 (%)", 100 * tempo_right(said, true).mean(), "below ours")
        line(f"{name}: Acc2 (%)", 100 * tempo_right(said, true, MULTIPLES).mean(), "below ours")


def by_librosa(path: Path) -> float:
    import librosa

    samples, rate = librosa.load(path)
    return float(np.ravel(librosa.beat.beat_track(y=samples, sr=rate)[0])[0])


def by_essentia(path: Path) -> float:
    from essentia import log, standard

    log.warningActive = False
    return float(standard.RhythmExtractor2013()(standard.MonoLoader(filename=str(path))())[0])


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


def main(*folders: str, others: bool = False) -> None:
    for folder in map(Path, folders):
        with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        with ProcessPoolExecutor() as pool:
            features = list(pool.map(hear, [folder / row["file"] for row in rows]))
        print(f"{folder.name}: {len(rows)} files")
        for column, report in COLUMNS.items():
            if rows and column in rows[0]:
                report(features, [row[column] for row in rows])
        if others and rows and "bpm" in rows[0]:
            tempo_of_others([folder / row["file"] for row in rows], [row["bpm"] for row in rows])


if __name__ == "__main__":
    if len(sys.argv) < 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*(each for each in sys.argv[1:] if each != "--others"), others="--others" in sys.argv)
