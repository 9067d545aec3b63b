"""Tracks and features as arrays, one row a track, NaN where unknown.

Absurd values (NaN, a tempo of 0, a negative duration) become unknown here, once, so that no term need check.
Energies are at the tracks' own level, until `hearing` moves them to the level at which they will be heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from playlistkit.model import FELT, Curve, Features, Track
from playlistkit.objective import details
from playlistkit.objective.array_types import Floats, Ints, Mask
from playlistkit.objective.details import Details
from playlistkit.objective.doubles import same_sound
from playlistkit.objective.people import People
from playlistkit.recordings import versions

__all__ = ["VOCALS_RANK", "Table", "given_or", "recording_groups", "values_of"]

ABSURD = 1e9
"""No value of a feature is as large."""

VOCALS_RANK = {"none": 0, "wordless": 1, "words": 2, "any": 2, "unknown": 3}

_NUMBERS = (
    "tempo",
    "pulse_clarity",
    "energy",
    "energy_start",
    "energy_end",
    "energy_doubt",
    "loudness",
    "loudness_start",
    "loudness_end",
    "loudness_start_near",
    "loudness_end_near",
    "loudness_range",
    "true_peak",
    "silence_start",
    "silence_end",
    "brightness",
    "percussiveness",
    "key_clarity",
    "silence_inside",
    "jolt",
    "swell",
    "music_probability",
    "speech",
    "repetition",
)
_UNIT = {
    "pulse_clarity",
    "energy",
    "energy_start",
    "energy_end",
    "energy_doubt",
    "brightness",
    "percussiveness",
    "key_clarity",
    "music_probability",
    "repetition",
}


@dataclass(frozen=True, eq=False)
class Table:
    """What the terms need of n tracks; every array has shape (n,) unless said otherwise.

    What comes after `rows` is made when it is asked for, and then kept.
    """

    duration: Floats
    """Seconds; NaN where absurd."""
    tempo: Floats
    """log2 of BPM."""
    pulse_clarity: Floats
    """1 if unknown: a given tempo is believed. 0 if the beat isn't felt: its tempo counts as unknown."""
    energy: Floats
    """Mean energy; from the curve if only that is known."""
    energy_start: Floats
    energy_end: Floats
    energy_doubt: Floats
    """Uncertainty of the energy; 0 unless it was rated by ear."""
    loudness: Floats
    """LUFS of the track itself, before `gain`."""
    loudness_start: Floats
    loudness_end: Floats
    loudness_start_near: Floats
    """LUFS of the first 10 s; of the first 30 s if the former is unknown or a fade."""
    loudness_end_near: Floats
    loudness_range: Floats
    true_peak: Floats
    silence_start: Floats
    """Seconds before the first sound; 0 if unknown."""
    silence_end: Floats
    brightness: Floats
    percussiveness: Floats
    silence_inside: Floats
    """Seconds."""
    jolt: Floats
    """LU, as `swell`."""
    swell: Floats
    music_probability: Floats
    speech: Floats
    """Seconds in which somebody speaks."""
    repetition: Floats
    """Share of what follows the first 32 s that only repeats them."""
    key_clarity: Floats
    vocals: NDArray[np.int8]
    """`VOCALS_RANK` of each track's voice."""
    keep: NDArray[np.bool_]
    """Marked `keep`."""
    gain: Floats
    """dB by which each track is heard louder; NaN where that depends on an unknown loudness."""
    lift: Floats
    """dB at which its energies are judged: already applied to `energy`, `energy_start` and `energy_end`, to be
    applied to `curves`. NaN if unknown; then not applied."""
    details: Details
    """What is made when it is asked for, of these tracks and perhaps more ..."""
    rows: Ints
    """... and the row there of each."""

    @cached_property
    def curves(self) -> tuple[Curve | None, ...]:
        """Energy, at the track's own level."""
        return tuple(self.details.features[row].energy_curve or None for row in self.rows.tolist())

    @cached_property
    def loudness_curves(self) -> tuple[Curve | None, ...]:
        """LUFS."""
        return tuple(self.details.features[row].loudness_curve or None for row in self.rows.tolist())

    @cached_property
    def fifths(self) -> Floats:
        """Place of the key's relative major on the circle of fifths, 0 to 11."""
        return self.details.of(details.fifths, self.rows)

    @cached_property
    def minor(self) -> Mask:
        """Whether the key is minor."""
        return self.details.of(details.minor, self.rows)

    @cached_property
    def people(self) -> Ints:
        """[shape=(n, k)] Numbers of each track's people (`objective.people`), padded with `NO_ONE`."""
        return self.details.of(details.people, self.rows)

    @property
    def who(self) -> People:
        """The people behind the numbers."""
        return self.details.who

    @cached_property
    def _placed(self) -> Ints:
        return self.details.of(details.placed, self.rows)

    @property
    def work(self) -> Ints:
        """Equal for movements of one work (`recordings.works`); 0 if not a movement."""
        return self._placed[:, 0]

    @property
    def movement(self) -> Ints:
        """Its number within the work."""
        return self._placed[:, 1]

    @cached_property
    def timbre_start(self) -> Floats:
        """[shape=(n, d)], divided by the root of d: a plain distance is the root mean square difference."""
        return self.details.of(details.timbre_start, self.rows)

    @cached_property
    def timbre_end(self) -> Floats:
        """The same of the last 30 s."""
        return self.details.of(details.timbre_end, self.rows)

    def __len__(self) -> int:
        return len(self.duration)

    @classmethod
    def of(
        cls, tracks: Sequence[Track], features: Sequence[Features], keep: Sequence[bool] | None = None
    ) -> Table:
        """The table of these tracks, row by row; `keep` says which are marked so."""
        columns = _columns(features)
        columns["tempo"] = np.log2(np.where(columns["tempo"] > 0, columns["tempo"], np.nan))
        clarity = given_or(columns["pulse_clarity"], 1.0)
        columns["pulse_clarity"] = np.where(clarity >= FELT, clarity, 0.0)
        columns["energy_doubt"] = given_or(columns["energy_doubt"], 0.0)
        columns["key_clarity"] = given_or(columns["key_clarity"], 1.0)
        for name in ("silence_start", "silence_end"):
            columns[name] = np.maximum(given_or(columns[name], 0.0), 0.0)
        for i in np.flatnonzero(np.isnan(columns["energy"])).tolist():
            curve = features[i].energy_curve
            if curve:
                columns["energy"][i] = np.clip(np.mean(values_of(curve)), 0, 1)
        for name in ("start", "end"):
            columns[f"energy_{name}"] = given_or(columns[f"energy_{name}"], columns["energy"])
            columns[f"loudness_{name}"] = given_or(columns[f"loudness_{name}"], columns["loudness"])
            near = f"loudness_{name}_near"
            columns[near] = given_or(columns[near], columns[f"loudness_{name}"])
        duration = np.fromiter((track.duration for track in tracks), np.float64, len(tracks))
        duration[~((duration > 0) & (duration < ABSURD))] = np.nan
        return cls(
            duration=duration,
            vocals=np.array(
                [VOCALS_RANK.get(each.vocals or "unknown", 3) for each in features], dtype=np.int8
            ),
            keep=np.array(keep if keep is not None else [False] * len(tracks), dtype=bool),
            gain=np.zeros(len(tracks)),
            lift=np.zeros(len(tracks)),
            details=Details(tracks, features),
            rows=np.arange(len(tracks)),
            **columns,
        )

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Table:
        """The table of some of the rows, in that order."""
        chosen = np.arange(len(self))[rows]
        return Table(details=self.details, **{name: getattr(self, name)[chosen] for name in _ARRAYS})


_ARRAYS = tuple(each.name for each in fields(Table) if each.name != "details")


def recording_groups(tracks: Sequence[Track], features: Sequence[Features]) -> Ints:
    """Numbers that are equal for versions of one recording, by tags or by sound [shape=(n,)]."""
    group = np.array(versions(tracks), dtype=np.intp)
    for one, two in same_sound(tracks, features):
        if group[one] != group[two]:
            group[group == max(group[one], group[two])] = min(group[one], group[two])
    return group


def _columns(features: Sequence[Features]) -> dict[str, Floats]:
    values = chain.from_iterable(map(attrgetter(*_NUMBERS), features))
    rows = np.fromiter(values, np.float64, len(features) * len(_NUMBERS))  # None becomes NaN
    rows[~(np.abs(rows) < ABSURD)] = np.nan
    columns = dict(zip(_NUMBERS, np.ascontiguousarray(rows.reshape(-1, len(_NUMBERS)).T), strict=True))
    return {name: np.clip(each, 0.0, 1.0) if name in _UNIT else each for name, each in columns.items()}


def given_or(values: Floats, other: Floats | float) -> Floats:
    """The values, `other` where they are NaN [shape as values]."""
    return np.where(np.isnan(values), other, values)


def values_of(curve: Curve) -> Floats:
    """A curve's values, one a second [shape=(seconds,)]."""
    steps = np.frombuffer(bytes(curve), dtype=np.int16)
    return steps.astype(np.float64) * curve.step
