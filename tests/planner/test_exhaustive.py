"""The planner against the enumeration of everything, on instances small enough for that."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from made_libraries import made_library, phase

from playlistkit.model import Candidate, JoinRules, Pin, Rules, Session, Template
from playlistkit.objective import WEIGHTS, Arc, Table, as_heard, energy_blocks, heard_silences
from playlistkit.objective.ends import ends_of
from playlistkit.objective.terms import energy, join, tempo, voice
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.search.question import Width
from playlistkit.planner.search.refinement import Rung
from playlistkit.planner.search.solve import EFFORTS, solve

INSTANCES = 96

FEW = Width(3, 1)
EXACT = replace(
    EFFORTS["proof"],
    columns=6,
    steps=8,
    rungs=(Rung(5, 2, FEW),),
    rungs_over_all=(Rung(20, 2, FEW), Rung(5, 2, FEW), Rung(1, 3, Width(20_000, 400))),
)
"""First among few tracks, then over all, with so narrow searches that arcs fall away before the last one."""


def instance(seed: int) -> tuple[Session, list[Candidate]]:
    """A random tiny session with all rules on."""
    rng = random.Random(seed)
    library = made_library(rng.randint(8, 12), seed, seconds=(60, 200), artists=rng.randint(3, 8))
    rules = Rules(
        join=JoinRules(loudness_up_limit=rng.choice([5.0, 8.0]), energy_step_limit=rng.choice([0.25, 0.4])),
        artist_max=rng.randint(1, 3),
        artist_apart_minutes=rng.choice([0.0, 5.0, 30.0]),
        boundary_tolerance=float(rng.choice([15, 30, 45])),
        overlap=0.0,
    )
    rules = replace(rules, track_minutes=replace(rules.track_minutes, low=rng.choice([None, 1.2])))
    wide = {"energy_tolerance": rng.choice([0.2, 0.3])}
    phases = (
        phase(
            "arrival",
            rng.choice([3.0, 4.0]),
            0.1,
            0.2,
            tempo=(50.0, 80.0),
            album_runs=rng.random() < 0.3,
            **wide,
        ),
        phase(
            "peak",
            rng.choice([4.0, 5.0]),
            0.3,
            0.4,
            vocals="none",
            vocals_share=rng.choice([0.0, 0.5, 1.0]),
            **wide,
        ),
        phase("grounding", rng.choice([3.0, 4.0]), 0.3, 0.2, album_runs=rng.random() < 0.3, **wide),
    )
    pins: tuple[Pin, ...] = ()
    kind = rng.randrange(5)
    pinned = rng.choice(library).track.id
    if kind == 1:
        pins = (Pin(pinned, time=float(rng.randrange(600))),)
    elif kind == 2:
        pins = (Pin(pinned, phase="peak", place="first"),)
    elif kind == 3:
        pins = (Pin(pinned, phase="grounding", place="last"),)
    others = [each.track.id for each in library if each.track.id != pinned]
    return (
        Session(
            Template("Tiny", phases, rules=rules),
            pins=pins,
            excluded_tracks=frozenset(rng.sample(others, 1)),
            player=rng.choice(["files", "render"]),
            overlap=0.0,
        ),
        library,
    )


class Enumeration:
    """Every sequence that keeps the rules, with its cost; written without the planner's code."""

    def __init__(self, session: Session, library: list[Candidate], pool: Pool) -> None:
        self.session, self.library, self.pool = session, library, pool
        self.arc = Arc(session.template)
        self.rules = session.template.rules
        known = Table.of([each.track for each in library], [each.features for each in library])
        self.table = heard_silences(session, known)
        self.heard = [as_heard(session.player, self.table, phase.loudness) for phase in self.arc.phases]
        self.blocks = [energy_blocks(each) for each in self.heard]
        self.allowed = pool.allowed()
        free = pool.overridden.any(axis=0)
        self.joins = {}
        self.costs: dict[tuple[int, int, float], float] = {}
        for p in range(len(self.arc.phases)):
            for q in (p, p + 1):
                if q < len(self.arc.phases):
                    ends = ends_of(self.heard[p], "end")
                    starts = ends_of(self.heard[q], "start")
                    rough = join.roughness(join.join_parts(ends, starts, self.rules.join))
                    fine = join.join_allowed(ends, starts, self.rules.join) | free[:, None] | free
                    self.joins[p, q] = np.where(fine, rough, np.inf)

    def best(self) -> float:
        return min(self._paths((), 0.0, 0.0, 0, 0.0), default=np.inf)

    def _paths(
        self, path: tuple[tuple[int, int, float], ...], time: float, cost: float, p: int, beyond: float
    ) -> Iterator[float]:
        """Costs of all completions of `path`, (phase, row, start) triples, standing in phase p."""
        phase, joins = self.arc.phases[p], self.arc.end / WEIGHTS.track_seconds
        tolerance = self.rules.boundary_tolerance
        if path and path[-1][0] == p and abs(time - self.arc.bounds[p + 1]) <= tolerance:
            miss = ((time - self.arc.bounds[p + 1]) / tolerance) ** 2
            closed = cost + WEIGHTS.boundary * miss / len(self.arc.phases)
            if p + 1 == len(self.arc.phases):
                if self._pins_kept(path):
                    yield closed
            else:
                yield from self._paths(path, time, closed, p + 1, 0.0)
        for row in range(len(self.library)):
            end = time + self.table.duration[row]
            if not self.allowed[p, row] or any(k == row for _, k, _ in path):
                continue
            artist = self.library[row].track.artist
            earlier = [(q, k, start) for q, k, start in path if self.library[k].track.artist == artist]
            if end > self.arc.bounds[p + 1] + tolerance or len(earlier) >= self.rules.artist_max:
                continue
            run = bool(earlier) and earlier[-1] == path[-1]
            if run and not phase.album_runs:
                continue
            added = 0.0
            if path:
                added += WEIGHTS.join * self.joins[path[-1][0], p][path[-1][1], row] / joins
            if earlier and not run and self.rules.artist_apart_minutes:
                gap = time - (earlier[-1][2] + self.table.duration[earlier[-1][1]])
                added += WEIGHTS.artist * max(0.0, 1 - gap / (60 * self.rules.artist_apart_minutes)) / joins
            sung = self.table.duration[row] * bool(self.pool.rules.beyond[p, row])
            if beyond + sung > phase.vocals_share * phase.minutes.default * 60 + 1e-6 and sung:
                continue
            if not np.isfinite(added):
                continue
            added += self._own(p, row, time)
            yield from self._paths((*path, (p, row, time)), end, cost + added, p, beyond + sung)

    def _own(self, p: int, row: int, time: float) -> float:
        """What a track costs by itself where it begins; many paths ask the same."""
        if (p, row, time) not in self.costs:
            phase, seconds = self.arc.phases[p], np.array([self.table.duration[row]])
            missed = energy.miss(self.arc, self.blocks[p][[row]], np.array([time]), seconds)[0]
            misfit = tempo.misfit(self.table.tempo[row], self.table.pulse_clarity[row], phase.tempo)
            unwelcome = voice.unwelcome(phase, self.table.vocals[[row]])[0]
            points = WEIGHTS.energy * missed
            points += (WEIGHTS.tempo * float(misfit) + WEIGHTS.voice * unwelcome) * seconds[0]
            self.costs[p, row, time] = points / self.arc.end
        return self.costs[p, row, time]

    def _pins_kept(self, path: tuple[tuple[int, int, float], ...]) -> bool:
        for pin in self.session.pins:
            at = [
                (k, q, start)
                for k, (q, row, start) in enumerate(path)
                if self.library[row].track.id == pin.track
            ]
            if not at:
                return False
            k, q, start = at[0]
            duration = self.table.duration[path[k][1]]
            if pin.time is not None and not start <= pin.time < start + duration:
                return False
            if pin.phase is not None and self.arc.phases[q].name != pin.phase:
                return False
            if pin.place == "first" and k and path[k - 1][0] == q:
                return False
            if pin.place == "last" and k + 1 < len(path) and path[k + 1][0] == q:
                return False
        return True


@pytest.mark.parametrize("part", range(4))
def test_the_planner_finds_the_best_of_all_sequences_with_every_rule_on(part: int) -> None:
    found = 0
    for seed in range(part, INSTANCES, 4):
        session, library = instance(seed)
        pool = Pool.of(session, library)
        allowed = pool.allowed()
        slack = (session.template.rules.boundary_tolerance,) * 3
        solution = solve(Problem(pool, allowed, np.zeros(allowed.shape), slack), EXACT)
        best = Enumeration(session, library, pool).best()
        if solution is None:
            assert best == np.inf, f"seed {seed}: a session of {best} was missed"
            continue
        found += 1
        assert solution.proof.certificate(solution.cost).proven, f"seed {seed}"
        assert solution.cost == pytest.approx(best, rel=1e-4, abs=1e-4), f"seed {seed}"
    assert found >= 5
