"""Fit the weights of `playlistkit.analysis.tempo` and tell how right they are on pieces that they haven't seen.

usage: python benchmarks/fit_tempo.py FOLDER...

Each FOLDER is one source: audio files and a `truth.csv` with columns `file`, `bpm` and, where several files are of
one piece, `piece` (else what differs by a last number, as in `name_90.ogg`, is one piece). With `any` in a column
`octave` the tempo was given to the piece at random, and nothing is learnt from its octave. Sources weigh alike, and
so do the pieces of a source. First the pieces are dealt into eight parts, each of which is estimated by weights that
were fitted to the other seven; then all are fitted and the weights printed.
"""

from __future__ import annotations

import csv
import re
import sys
import zlib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from scipy.optimize import minimize

from playlistkit.analysis import tempo
from playlistkit.analysis.filters import FRAMES, RATE
from playlistkit.analysis.onsets import onset_times
from playlistkit.analysis.spectrum import Spectrum
from playlistkit.audio import open_audio

PARTS = 8
NEAR = 0.04  # of the true tempo
OTHER_OCTAVE = 0.2  # what such an estimate is worth beside a right one
RIDGE = 0.004


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of known tempo, and what was measured of it."""

    source: str
    name: str
    bpm: float
    any_octave: bool
    found: tuple[np.ndarray, np.ndarray, float]
    """Autocorrelation, tempogram and onset rate."""


def hear(source: str, name: str, bpm: float, any_octave: bool, path: Path) -> Piece | None:
    spectrum = Spectrum()
    with open_audio(path) as stream:
        resampler = soxr.ResampleStream(stream.rate, RATE, 1, dtype="float32")
        for block in stream.blocks():
            spectrum.add(resampler.resample_chunk(np.ascontiguousarray(block.mean(axis=1))))
        spectrum.add(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
    spectra = spectrum.finish()
    found = spectra.autocorrelation, spectra.tempogram
    rate = len(onset_times(spectra.onset)) / len(spectra.onset) * FRAMES
    return Piece(source, name, bpm, any_octave, (*found, rate)) if found[0].size else None


def weights_of(pieces: list[Piece]) -> np.ndarray:
    """Each source's weights sum to 1, and so do its pieces', however many files they have."""
    files = Counter((each.source, each.name) for each in pieces)
    names = Counter(source for source, _ in files)
    return np.array([1 / names[each.source] / files[each.source, each.name] for each in pieces])


def worth(piece: Piece) -> np.ndarray:
    """What each tempo of `tempo.TEMPI` is worth as an estimate."""
    ratio = tempo.TEMPI / piece.bpm
    family = np.any([abs(ratio / each - 1) < NEAR for each in tempo.FAMILY], axis=0)
    return np.where(abs(ratio - 1) < NEAR, 1.0, (1.0 if piece.any_octave else OTHER_OCTAVE) * family)


def fit(pieces: list[Piece]) -> np.ndarray:
    """The weights of a softmax over tempi that maximise the log of the expected worth, less a ridge."""
    features = np.stack([tempo.evidence(*each.found) for each in pieces])
    worths = np.stack([worth(each) for each in pieces])
    share = weights_of(pieces) / weights_of(pieces).sum()
    spread = features.reshape(-1, features.shape[-1]).std(axis=0)
    scaled = features / spread

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = scaled @ weights
        likely = np.exp(score - score.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        expected = (likely * worths).sum(axis=1) + 1e-9
        pull = likely - likely * worths / expected[:, np.newaxis]
        slope = np.einsum("n,ng,ngk->k", share, pull, scaled, optimize=True)
        return -share @ np.log(expected) + RIDGE * weights @ weights, slope + 2 * RIDGE * weights

    found = minimize(
        loss, np.zeros(features.shape[-1]), jac=True, method="L-BFGS-B", options={"maxiter": 200}
    )
    return found.x / spread


def held_back(pieces: list[Piece]) -> list[tempo.Pulse]:
    """Each piece by weights that were fitted without its part."""
    part = np.array([zlib.crc32(each.name.encode()) % PARTS for each in pieces])
    said: dict[int, tempo.Pulse | None] = {}
    for held in range(PARTS):
        weights = fit([each for each, its in zip(pieces, part, strict=True) if its != held])
        said |= {int(i): tempo.pulse(*pieces[i].found, weights=weights) for i in np.flatnonzero(part == held)}
    return [each for i in range(len(pieces)) if (each := said[i])]


def report(pieces: list[Piece], said: list[tempo.Pulse]) -> None:
    true = np.array([each.bpm for each in pieces])
    source = np.array([each.source for each in pieces])
    estimate = np.array([each.tempo for each in said])
    clear = np.array([each.clarity for each in said])
    right = abs(estimate / true - 1) < NEAR
    family = np.any([abs(estimate / true / each - 1) < NEAR for each in tempo.FAMILY], axis=0)
    for name in (*dict.fromkeys(source), None):
        own = source == name if name else np.full(len(true), True)
        upper = own & (clear >= np.quantile(clear[own], 0.2))
        print(
            f"  {name or 'all':<20} {own.sum():4d} files  Acc1 {100 * right[own].mean():5.1f}  "
            f"Acc2 {100 * family[own].mean():5.1f}  upper four fifths by clarity {100 * family[upper].mean():5.1f}"
        )


def table(weights: np.ndarray) -> str:
    lags, rates = len(tempo.LAGS), len(tempo.RATES)
    rows = [*weights[: 4 * lags].reshape(4, lags), weights[4 * lags :][:rates], weights[4 * lags + rates :]]
    return "\n".join("(" + ", ".join(f"{each:.2f}" for each in row) + ")," for row in rows)


def main(*folders: str) -> None:
    jobs = []
    for folder in map(Path, folders):
        with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                name = row.get("piece") or re.sub(r"_\d+$", "", Path(row["file"]).stem)
                any_octave = row.get("octave") == "any"
                jobs.append((folder.name, name, float(row["bpm"]), any_octave, folder / row["file"]))
    with ProcessPoolExecutor() as pool:
        pieces = [each for each in pool.map(hear, *zip(*jobs, strict=True)) if each]
    print("fitted to seven parts, reported on the eighth:")
    report(pieces, held_back(pieces))
    print("fitted to all:")
    print(table(fit(pieces)))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
