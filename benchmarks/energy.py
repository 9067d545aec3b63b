"""Where the numbers of energy come from: its weights from labelled pieces, its anchors from calm music.

usage: python benchmarks/energy.py LABELLED FOLDER...

LABELLED holds audio files and a `truth.csv` with the columns `file` and `arousal` (above 0: aroused); files whose
names agree up to the last `_` are one piece, which is never in two folds. Six files over 700 kB are taken from each
FOLDER of music, evenly by name; the anchors are percentiles of those of at most -15 LUFS.
"""

from __future__ import annotations

import csv
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from accuracy import area, hear, line
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from playlistkit import energy
from playlistkit.analysis import scale
from playlistkit.errors import AudioError
from playlistkit.model import Features

FOLDS, ROUNDS = 10, 20
LARGE, EACH, LOUDEST = 700_000, 6, -15.0  # bytes; files of a folder; LUFS


def heard(path: Path) -> Features | None:
    try:
        return hear(path)
    except AudioError as error:
        print(error, file=sys.stderr)
        return None


def sample(folder: Path) -> list[Path]:
    """Six of the larger files, evenly taken by name."""
    large = sorted(path for path in folder.rglob("*.ogg") if path.stat().st_size > LARGE)
    return large[:: max(1, len(large) // EACH)][:EACH]


def table(features: list[Features]) -> dict[str, np.ndarray]:
    """Logarithm of the onset rate, fullness (read back from activation), loudness and the parts of energy."""
    rate = np.log1p([each.onset_rate or 0.0 for each in features])
    active = np.array([each.activation or 0.0 for each in features])
    activity = np.interp(active, energy.PERCENTILES, scale.ACTIVATION)
    return {
        "onset rate": rate,
        "fullness": (activity - rate) / scale.WEIGHT_FULLNESS,
        "loudness": np.array([each.loudness for each in features]),
        "intensity": np.array([each.intensity for each in features]),
        "activation": active,
        "energy": np.array([each.energy for each in features]),
    }


def crossed(predictors: np.ndarray, aroused: np.ndarray, pieces: np.ndarray) -> float:
    """Area under the ROC curve of a logistic regression whose folds part by piece, mean over shuffles."""
    areas = []
    names = np.unique(pieces)
    for seed in range(ROUNDS):
        fold_of = dict(zip(names, np.random.default_rng(seed).permutation(len(names)) % FOLDS, strict=True))
        folds = np.array([fold_of[piece] for piece in pieces])
        said = np.zeros(len(aroused))
        for fold in range(FOLDS):
            model = regression().fit(predictors[folds != fold], aroused[folds != fold])
            said[folds == fold] = model.decision_function(predictors[folds == fold])
        areas.append(area(aroused, said))
    return float(np.mean(areas))


def regression():  # type: ignore[no-untyped-def]
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.3))


def weights(values: dict[str, np.ndarray], aroused: np.ndarray, pieces: np.ndarray) -> None:
    for name, column in values.items():
        line(f"{name} alone: AUC (%)", 100 * area(aroused, column), "")
    for names in (("onset rate",), ("onset rate", "fullness"), ("onset rate", "fullness", "loudness")):
        predictors = np.column_stack([values[name] for name in names])
        line(" + ".join(names) + ", cross-validated", 100 * crossed(predictors, aroused, pieces), "88")
        model = regression().fit(predictors, aroused)
        units = model[-1].coef_[0] / model[0].scale_
        print("    weights over the onset rate's:", (units / units[0]).round(2))
    for share in (0.0, 0.2, 0.3, 0.4, 0.5):
        mixed = share * energy.deviates(values["intensity"]) + (1 - share) * energy.deviates(
            values["activation"]
        )
        line(f"share of loudness {share}: AUC (%)", 100 * area(aroused, mixed), "88")


def main(labelled: str, *folders: str) -> None:
    folder = Path(labelled)
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    calm = [path for each in folders for path in sample(Path(each))]
    with ProcessPoolExecutor() as pool:
        features = list(pool.map(heard, [*(folder / row["file"] for row in rows), *calm]))
    known = [
        (row, each) for row, each in zip(rows, features, strict=False) if each and each.energy is not None
    ]
    print(f"{folder.name}: {len(known)} of {len(rows)} files")
    weights(
        table([each for _, each in known]),
        np.array([float(row["arousal"]) > 0 for row, _ in known]),
        np.array([row["file"].rpartition("_")[0] for row, _ in known]),
    )
    quiet = [each for each in features[len(rows) :] if each and each.energy is not None]
    values = table([each for each in quiet if (each.loudness or 0.0) <= LOUDEST])
    if not len(values["energy"]):
        return
    print(f"anchors from {len(values['energy'])} calm tracks, at percentiles {energy.PERCENTILES}")
    activity = np.interp(values["activation"], energy.PERCENTILES, scale.ACTIVATION)
    print("  activation", np.quantile(activity, energy.PERCENTILES).round(2))
    parts = [energy.deviates(values[name]) for name in ("intensity", "activation")]
    print("  correlation of intensity and activation", np.corrcoef(parts)[0, 1].round(2))
    for name in ("onset rate", "fullness", "energy"):
        print(f"  {name}, quartiles", np.quantile(values[name], (0.25, 0.5, 0.75)).round(2))


if __name__ == "__main__":
    if len(sys.argv) < 3 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
