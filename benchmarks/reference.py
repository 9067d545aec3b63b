"""Our plans beside those of another solver, both judged by a scorer that shares no code with ours.

usage: python benchmarks/reference.py SOLVER_FOLDER [--counts 100,1000,10000,100000] [--minutes 180] [--seeds 3] [--first-seed 0]

SOLVER_FOLDER holds the solver as the modules `core`, `dp` and `solver`: a dynamic programme with multipliers and a label
search over whole seconds. Its catalogue is private, so pools are drawn here, with the spread of published session lists
(lengths with a median of 5.7 min, tempo around 76 BPM, loudness that follows energy, a third as many artists as tracks,
a voice in a seventh). Both get the same tracks, curve, tempo ranges, tolerance of 60 s and longest track, and neither has
limits on energy and joins. Ours plans without the term on long tracks, which the other scorer hasn't.

The judge below sums squares second by second. Printed of each pool: both scores by it and by our own objective, our
certificate, and whether the other's plan shows it to be false.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playlistkit import objective, planner
from playlistkit.errors import ShortfallError
from playlistkit.model import (
    Candidate,
    EnergyLimit,
    Features,
    InsideRules,
    JoinRules,
    Minutes,
    Phase,
    Plan,
    Range,
    Rules,
    Session,
    Template,
    Track,
)
from playlistkit.objective import terms
from playlistkit.planner.problem.slots import laid_out

SHARES = {"arrival": 0.07, "onset": 0.14, "peak": 0.40, "return": 0.29, "grounding": 0.10}
LEVELS = {"arrival": (0.20, 0.27), "onset": (0.27, 0.45), "peak": (0.45, 0.66, 0.55), "return": (0.55, 0.30), "grounding": (0.30, 0.20)}  # fmt: skip
TEMPO = {
    "arrival": (50, 90),
    "onset": (55, 110),
    "peak": (60, 140),
    "return": (55, 110),
    "grounding": (50, 90),
}
WITHOUT_VOICE = ("onset", "peak")
TOLERANCE, LONGEST, APART, OFTEN = 60, 1500, 3600.0, 3
KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
RAMP = 45  # s from the energy of a track's ends to its own


@dataclass(frozen=True)
class Made:
    """Tracks as arrays, one row a track."""

    seconds: NDArray[np.int64]
    energy: NDArray[np.float64]
    start: NDArray[np.float64]
    end: NDArray[np.float64]
    tempo: NDArray[np.float64]
    """log2 of BPM."""
    loudness: NDArray[np.float64]
    key: NDArray[np.int64]
    major: NDArray[np.bool_]
    voiceless: NDArray[np.bool_]
    artist: NDArray[np.int64]
    timbre: NDArray[np.float64]


def pool(count: int, seed: int) -> Made:
    rng = np.random.default_rng(1_000 + seed)
    energy = np.sqrt(rng.beta(1.0, 1.4 + 0.6 * (count <= 200), count))
    loudness = -30 + 20 * energy + rng.normal(0, 3, count)
    sounds = np.column_stack([rng.normal(size=(count, 6)), (loudness + 20) / 7, (energy - 0.6) / 0.25])
    return Made(
        seconds=np.clip(np.round(np.exp(rng.normal(np.log(342), 0.61, count))), 60, 3600).astype(np.int64),
        energy=energy,
        start=np.clip(energy + np.clip(rng.normal(-0.04, 0.07, count), -0.25, 0.2), 0, 1),
        end=np.clip(energy + np.clip(rng.normal(-0.01, 0.07, count), -0.25, 0.2), 0, 1),
        tempo=np.log2(np.exp(rng.normal(np.log(76), 0.25, count))),
        loudness=loudness,
        key=rng.integers(0, 12, count),
        major=rng.uniform(size=count) < 0.6,
        voiceless=rng.uniform(size=count) < 6 / 7,
        artist=rng.integers(0, max(2, count // 3), count),
        timbre=sounds,
    )


# --- the judge ----------------------------------------------------------------------------------------------


def curve(minutes: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The ends of the phases in whole seconds, 0 first, and the energy asked for in the middle of each second."""
    whole = round(60 * minutes)
    lengths = [round(whole * share) for share in SHARES.values()]
    lengths[2] += whole - sum(lengths)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    times: list[float] = []
    levels: list[float] = []
    for p, points in enumerate(LEVELS.values()):
        times += np.linspace(ends[p], ends[p + 1], len(points)).tolist()
        levels += points
    seconds = np.arange(whole + LONGEST) + 0.5
    return ends, np.interp(seconds, times, levels)


def within(made: Made, row: int) -> NDArray[np.float64]:
    """A track's energy in the middle of each of its seconds."""
    length, ramp = int(made.seconds[row]), min(RAMP, int(made.seconds[row]) // 5)
    points = [made.start[row], made.energy[row], made.energy[row], made.end[row]]
    return np.asarray(np.interp(np.arange(length) + 0.5, [0, ramp, length - ramp, length], points))


def roughness(made: Made, one: int, two: int) -> float:
    """Of the join from one track to another, 0 to 1."""
    octaves = float(abs(made.tempo[one] - made.tempo[two])) % 1.0
    octaves = min(octaves, 1 - octaves)
    places = [
        ((int(made.key[k]) + (0 if made.major[k] else 3)) * 7) % 12 for k in (one, two)
    ]  # of the relative major on the circle of fifths
    around = abs(places[0] - places[1])
    steps = min(around, 12 - around) + (0.5 if made.major[one] != made.major[two] else 0.0)
    timbre = math.sqrt(float(np.mean((made.timbre[one] - made.timbre[two]) ** 2)))
    return (
        0.20 * min(1.0, octaves / 0.25)
        + 0.15 * min(1.0, steps / 4)
        + 0.20 * min(1.0, float(abs(made.loudness[one] - made.loudness[two])) / 10)
        + 0.25 * min(1.0, timbre / 1.6)
        + 0.20 * min(1.0, float(abs(made.end[one] - made.start[two])) / 0.3)
    )


def judged(made: Made, minutes: float, path: list[tuple[int, int]]) -> float:
    """Points of a path of (phase, track) pairs, as the other solver defines them; infinite if it breaks a rule."""
    ends, asked = curve(minutes)
    whole, phases = int(ends[-1]), len(ends) - 1
    share = 300.0 / whole
    energy = tempo = joins = misses = returns = 0.0
    now, heard, often = 0, dict[int, int](), dict[int, int]()
    for k, (p, row) in enumerate(path):
        seconds, artist = int(made.seconds[row]), int(made.artist[row])
        before = path[k - 1] if k else None
        if before is not None:
            if p > before[0]:
                late = abs(now - int(ends[p]))
                if late > TOLERANCE or p > before[0] + 1:
                    return math.inf
                misses += (late / TOLERANCE) ** 2 / phases
            joins += share * roughness(made, before[1], row)
            if made.artist[before[1]] == artist:
                return math.inf
        voice = list(SHARES)[p] in WITHOUT_VOICE and not made.voiceless[row]
        if voice or seconds > LONGEST or row in [other for _, other in path[:k]]:
            return math.inf
        energy += float(((within(made, row) - asked[now : now + seconds]) ** 2).sum()) / 0.10**2 / whole
        low, high = np.log2(TEMPO[list(SHARES)[p]])
        outside = [
            max(low - made.tempo[row] - octave, made.tempo[row] + octave - high, 0.0) / math.log2(1.10)
            + (0.5 if octave else 0.0)
            for octave in (-1, 0, 1)
        ]
        tempo += seconds * min(9.0, min(outside) ** 2) / whole
        if artist in heard:
            returns += share * max(0.0, 1 - (now - heard[artist]) / APART)
        often[artist] = often.get(artist, 0) + 1
        if often[artist] > OFTEN:
            return math.inf
        now += seconds
        heard[artist] = now
    late = abs(now - whole)
    if late > TOLERANCE or path[-1][0] != phases - 1:
        return math.inf
    misses += (late / TOLERANCE) ** 2 / phases
    return 100 * (0.40 * energy + 0.15 * tempo + 0.30 * joins + 0.10 * misses + 0.05 * returns)


# --- ours ---------------------------------------------------------------------------------------------------


def ours(made: Made, minutes: float) -> tuple[Session, list[Candidate]]:
    ends, _ = curve(minutes)
    phases = []
    for p, (name, points) in enumerate(LEVELS.items()):
        length = float(ends[p + 1] - ends[p]) / 60
        phases.append(
            Phase(
                name,
                Minutes(length, length, length),
                tuple(zip(np.linspace(0, 1, len(points)).tolist(), points, strict=True)),
                name,
                energy_tolerance=1.0,
                energy_limit=EnergyLimit(1.0, 1.0),
                tempo=TEMPO[name],
                vocals="none" if name in WITHOUT_VOICE else "any",
            )
        )
    anything = dict.fromkeys(("loudness_up", "loudness_down"), 40.0)
    rules = Rules(
        join=JoinRules(
            **anything, **{f"{name}_limit": value for name, value in anything.items()},
            energy_step=1.0, energy_step_limit=1.0,
        ),
        inside=InsideRules(),
        track_minutes=Range(1.0, LONGEST / 60),
        artist_max=OFTEN,
        artist_apart_minutes=APART / 60,
        tail_minutes=0.0,
        grounding_now_minutes=0.0,
        boundary_tolerance=TOLERANCE,
    )  # fmt: skip
    candidates = [
        Candidate(
            Track(
                f"t{k}", path=f"/{k}.flac", title=f"Piece {k}", artist=f"Artist {made.artist[k]}",
                duration=float(made.seconds[k]),
            ),
            Features(
                tempo=float(2 ** made.tempo[k]), pulse_clarity=1.0, energy=float(made.energy[k]),
                energy_start=float(made.start[k]), energy_end=float(made.end[k]),
                loudness=float(made.loudness[k]), key=KEYS[made.key[k]],
                mode="major" if made.major[k] else "minor", timbre=tuple(made.timbre[k].tolist()),
                vocals="none" if made.voiceless[k] else "words",
            ),
        )
        for k in range(len(made.seconds))
    ]  # fmt: skip
    return Session(Template("the same for both", tuple(phases), rules=rules)), candidates


def path_of(plan: Plan) -> list[tuple[int, int]]:
    names = list(SHARES)
    return [(names.index(slot.phase), int(slot.track.id[1:])) for slot in plan.slots]


def scored(session: Session, candidates: list[Candidate], path: list[tuple[int, int]]) -> float:
    """Points by our own objective."""
    chosen = [(p, candidates[row]) for p, row in path]
    return objective.score(session, laid_out(session, objective.Arc(session.template), chosen, 0.0)).total


# --- the other ----------------------------------------------------------------------------------------------


def other(solver: ModuleType, made: Made, minutes: float, among: int) -> list[tuple[int, int]]:
    """The plan of the other solver among so many tracks of its own choice."""
    core: Any = import_module("core")
    ends, asked = curve(minutes)
    names = list(SHARES)
    have = core.make_pool(
        {
            "dur": made.seconds.astype(np.int32), "e": made.energy, "es": made.start, "ee": made.end,
            "lt": made.tempo, "loud": made.loudness, "key": made.key.astype(np.int32),
            "mode": made.major.astype(np.int32), "aid": made.artist.astype(np.int32),
            "Z": made.timbre / math.sqrt(made.timbre.shape[1]),
        },
        np.arange(len(made.seconds)),
    )  # fmt: skip
    template = core.template(minutes, TOLERANCE)
    template.B = ends.astype(np.int32)
    u = np.arange(len(asked)) + 0.5
    for name, values in (("p0", asked), ("p1", asked * u), ("p2", asked**2)):
        setattr(template, name, np.concatenate([[0], np.cumsum(values)]))
    template.lo, template.hi = (np.log2([TEMPO[name][side] for name in names]) for side in (0, 1))
    allowed = np.array([made.voiceless | (name not in WITHOUT_VOICE) for name in names]) & (
        made.seconds <= LONGEST
    )
    found = solver.solve(have, template, allowed, M=among, iters=40, K=8, prove=True, Kmax=128, tlimit=60.0)
    return [(int(p), int(row)) for p, row in zip(found.ph, found.seq, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--counts", default="100,1000,10000,100000")
    parser.add_argument("--minutes", type=float, default=180)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--effort", default="normal")
    parser.add_argument("--among", type=int, default=300, help="tracks that the other solver looks at")
    chosen = parser.parse_args()
    sys.path.insert(0, chosen.folder)
    sys.modules.setdefault("pandas", ModuleType("pandas"))  # it is imported there only to read the catalogue
    solver = import_module("solver")
    terms.TERMS = tuple(term for term in terms.TERMS if term.name != "length")
    print(
        "| tracks | seed | other | ours | ours / other | the same by our objective | certificate | holds | s, other | s, ours |"
    )
    print("| --- " * 10 + "|")
    for count in map(int, chosen.counts.split(",")):
        for seed in range(chosen.first_seed, chosen.first_seed + chosen.seeds):
            row(solver, count, seed, chosen.minutes, chosen.effort, chosen.among)


def row(solver: ModuleType, count: int, seed: int, minutes: float, effort: str, among: int) -> None:
    made = pool(count, seed)
    session, candidates = ours(made, minutes)
    begun = time.process_time()
    theirs = other(solver, made, minutes, among)
    between = time.process_time()
    try:
        plan = planner.plan(session, candidates, effort=effort)  # type: ignore[arg-type]
    except ShortfallError as error:
        print(f"| {count:,} | {seed} | {judged(made, minutes, theirs):.2f} | none: {error} |", flush=True)
        return
    finished = time.process_time()
    one, two = judged(made, minutes, theirs), judged(made, minutes, path_of(plan))
    mine, by_mine = scored(session, candidates, theirs), plan.score.total
    certificate = plan.certificate
    within = certificate.within
    told = "proven" if certificate.proven else "none" if within is None else f"within {within:.1%}"
    bound = by_mine if certificate.proven else by_mine / (1 + within) if within is not None else 0.0
    if not math.isfinite(one) or mine >= bound - 0.01:
        holds = "yes"
    elif "all that are eligible" in str(certificate.scope):
        holds = f"NO: {mine:.2f} is below {bound:.2f}"
    else:
        holds = "yes: the other plays tracks that are not among its candidates"
    print(
        f"| {count:,} | {seed} | {one:.2f} | {two:.2f} | {two / one - 1:+.1%} | {mine:.2f}, {by_mine:.2f} "
        f"| {told}, {certificate.scope} | {holds} | {between - begun:.1f} | {finished - between:.1f} |",
        flush=True,
    )


if __name__ == "__main__":
    main()
