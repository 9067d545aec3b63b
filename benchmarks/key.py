"""How often the key is right, beside librosa's chroma with Krumhansl's profiles and essentia's KeyExtractor.

usage: python benchmarks/key.py FOLDER

FOLDER holds audio files and a `truth.csv` with the columns `file` and `key` ("A minor", sharps only). Essentia is
asked where it is installed. "Weighted" is MIREX's score: 1 for the key, 0.5 a fifth off, 0.3 the relative, 0.2 the
parallel key.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
from accuracy import hear

from playlistkit.analysis.key import TONICS

MODES = ("major", "minor")
SHARPS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}
RATE = 22_050  # Hz, librosa's own

# Krumhansl and Kessler 1982
PROFILES = (
    (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
)


def ours(path: Path) -> str:
    features = hear(path)
    return f"{features.key} {features.mode}"


def by_librosa(chroma: Callable[..., np.ndarray]) -> Callable[[Path], str]:
    def said(path: Path) -> str:
        samples, _ = librosa.load(path, sr=RATE)
        mean = chroma(y=samples, sr=RATE).mean(axis=1)
        fits = [
            np.corrcoef(mean, np.roll(profile, tonic))[0, 1] for profile in PROFILES for tonic in range(12)
        ]
        best = int(np.argmax(fits))
        return f"{TONICS[best % 12]} {MODES[best // 12]}"

    return said


def methods() -> dict[str, Callable[[Path], str]]:
    found = {
        "playlistkit": ours,
        "librosa chroma_cqt, Krumhansl": by_librosa(librosa.feature.chroma_cqt),
        "librosa chroma_stft, Krumhansl": by_librosa(librosa.feature.chroma_stft),
    }
    try:
        from essentia import standard
    except ImportError:
        return found

    def essentia(path: Path) -> str:
        tonic, mode, _ = standard.KeyExtractor()(standard.MonoLoader(filename=str(path))())
        return f"{SHARPS.get(tonic, tonic)} {mode}"

    return {**found, "essentia KeyExtractor": essentia}


def weighted(said: str, true: str) -> float:
    """MIREX's score of an answer."""
    if said == true:
        return 1.0
    if said.startswith("None"):
        return 0.0
    (tonic, mode), (right, right_mode) = said.split(), true.split()
    steps = (TONICS.index(tonic) - TONICS.index(right)) % 12
    if mode == right_mode:
        return 0.5 if steps in (5, 7) else 0.0
    if steps == 0:
        return 0.2
    return 0.3 if steps == (9 if right_mode == "major" else 3) else 0.0


def main(folder: str) -> None:
    with (Path(folder) / "truth.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    print(f"| {len(rows)} files | exact (%) | weighted (%) |\n| --- | --- | --- |")
    for name, method in methods().items():
        scores = np.array([weighted(method(Path(folder) / row["file"]), row["key"]) for row in rows])
        print(f"| {name} | {100 * (scores == 1).mean():.1f} | {100 * scores.mean():.1f} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(sys.argv[1])
