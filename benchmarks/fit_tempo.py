"""Fit the network of `playlistkit.analysis.tempo` and tell how right it is on pieces that it hasn't seen.

usage: python benchmarks/fit_tempo.py FOLDER...

Each FOLDER is one source: audio files and a `truth.csv` with columns `file`, `bpm` and, where several files are of
one piece, `piece` (else what differs by a last number, as in `name_90.ogg`, is one piece). With `any` in a column
`octave` the tempo was given to the piece at random, and nothing is learnt from its octave. Sources weigh alike, and
so do the pieces of a source. First the pieces are dealt into eight parts, each of which is estimated by a network that
was fitted to the other seven; then each source by one fitted to the others; then all are fitted, which makes
`tempo.npz` in the current folder.
"""

from __future__ import annotations

import csv
import re
import sys
import zlib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
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
UNITS, STARTS = 8, 3  # hidden units of a network; as many networks from different starts are averaged
THIN = 3  # every third tempo is enough to learn from
RIDGE = 0.004  # times the squares of the weights, of evidence in units of its standard deviation


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


def fit(pieces: list[Piece]) -> tempo.Network:
    """Networks whose softmax over tempi maximises the log of the expected worth, less a ridge; their mean."""
    features = np.stack([tempo.evidence(*each.found)[::THIN] for each in pieces]).astype(np.float32)
    worths = np.stack([worth(each)[::THIN] for each in pieces])
    share = (weights_of(pieces) / weights_of(pieces).sum())[:, np.newaxis]
    size = features.shape[-1]
    rows = features.reshape(-1, size)
    middle, spread = rows.mean(axis=0), rows.std(axis=0)
    rows = (rows - middle) / spread
    shapes = ((size,), (size, UNITS), (UNITS,), (UNITS,))
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])

    def parts(values: np.ndarray) -> list[np.ndarray]:
        return [each.reshape(shape) for each, shape in zip(np.split(values, ends[:-1]), shapes, strict=True)]

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        direct, hidden, bias, outer = parts(values.astype(np.float32))
        unit = np.tanh(rows @ hidden + bias)
        score = (rows @ direct + unit @ outer).reshape(worths.shape).astype(float)
        likely = np.exp(score - score.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        expected = (likely * worths).sum(axis=1, keepdims=True) + 1e-6
        pull = (share * likely * (1 - worths / expected)).astype(np.float32).ravel()
        inside = pull[:, np.newaxis] * outer * (1 - unit**2)
        slope = [rows.T @ pull, (rows.T @ inside).ravel(), inside.sum(axis=0), unit.T @ pull]
        ridge = RIDGE * values @ values
        return ridge - float((share * np.log(expected)).sum()), np.concatenate(slope) + 2 * RIDGE * values

    found = []
    for seed in range(STARTS):
        start = np.random.default_rng(seed).normal(scale=0.1, size=ends[-1])
        best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120}).x
        direct, hidden, bias, outer = parts(best)
        hidden = hidden / spread[:, np.newaxis]
        found.append((direct / spread / STARTS, hidden, bias - middle @ hidden, outer / STARTS))
    directs, hiddens, biases, outers = zip(*found, strict=True)
    return tempo.Network(sum(directs), np.hstack(hiddens), np.hstack(biases), np.hstack(outers))


def held_back(pieces: list[Piece], parts: list[object]) -> list[tempo.Pulse]:
    """Each piece by a network that was fitted without its part."""
    said: dict[int, tempo.Pulse | None] = {}
    for held in dict.fromkeys(parts):
        by = fit([each for each, part in zip(pieces, parts, strict=True) if part != held])
        inside = [i for i, part in enumerate(parts) if part == held]
        said |= {i: tempo.pulse(*pieces[i].found, by=by) for i in inside}
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
    report(pieces, held_back(pieces, [zlib.crc32(each.name.encode()) % PARTS for each in pieces]))
    print("fitted to the other sources:")
    report(pieces, held_back(pieces, [each.source for each in pieces]))
    np.savez_compressed(
        "tempo.npz", **{name: part.astype(np.float32) for name, part in asdict(fit(pieces)).items()}
    )


if __name__ == "__main__":
    if len(sys.argv) < 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
