"""What is planned anew between slots that stay costs what the judge says of the whole, and the search finds just that."""

from __future__ import annotations

import random
from dataclasses import replace

import by_hand
import numpy as np
import pytest
from by_hand import overlap_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_instance_by_hand import joins, laid
from test_labelling import CODES, code_of
from test_regions_by_hand import Drawn, problem_of

from playlistkit.model import Slot
from playlistkit.planner.bound.grid import Grid
from playlistkit.planner.bound.multipliers import Multipliers
from playlistkit.planner.bound.subgradient import improve
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Instance
from playlistkit.planner.search.question import Question, Width

Path = list[tuple[int, int]]


class Stretch:
    """A stretch of a drawn plan as a problem in which anything may follow anything, for any time."""

    def __init__(self, seed: int, *, whole: bool = False) -> None:
        self.made = made = Drawn(seed, whole=whole, few=True)
        self.rng = random.Random(seed)
        self.places, self.rows = made.places, made.rows
        self.first, self.last = made.places[made.begin], made.places[made.end]
        problem, _ = problem_of(made.standing, None, None, made.begin, made.end, set(), renew=False)
        outside = [row for k, row in enumerate(made.rows) if k not in made.inside]
        self.free = [row for row in range(len(made.candidates)) if row not in outside]
        allowed = np.zeros_like(problem.allowed)
        allowed[:, self.free] = True
        instance = build(replace(problem, allowed=allowed), np.arange(len(made.candidates)))
        stages = list(instance.stages)
        self.slack = [stage.slack for stage in stages]
        for q, stage in enumerate(stages):
            p = self.first + q
            before = p - 1 if q else made.places[made.begin - 1] if made.begin else None
            entry = np.zeros((1, len(made.candidates)), dtype=np.float32)
            if before is not None:
                entry = joins(made.session, made.candidates, before, p)
            if not q and made.begin:
                entry = entry[[made.rows[made.begin - 1]]]
            rows = stages[q - 1].members if q else np.arange(1)
            end = np.zeros_like(stage.exit)
            if q + 1 == len(stages) and made.end + 1 < len(made.rows):
                after = joins(made.session, made.candidates, p, made.places[made.end + 1])
                end = after[stage.members, made.rows[made.end + 1]]
            stages[q] = replace(
                stage,
                inner=joins(made.session, made.candidates, p, p)[np.ix_(stage.members, stage.members)],
                entry=entry[np.ix_(rows, stage.members)],
                exit=end,
                slack=1e5,
                beyond_limit=1e9,
            )
        limits = replace(instance.limits, artist_max=10_000, works=False)
        future = None if instance.future is None else replace(instance.future, slack=1e5)
        self.instance: Instance = replace(
            instance,
            stages=tuple(stages),
            limits=limits,
            future=future,
            groups=np.arange(len(made.candidates)),
        )

    def within(self, seconds: float) -> Instance:
        """The same, but each phase may end only so much earlier or later than it should, or than it does."""
        stages = [
            replace(stage, slack=max(seconds, slack))
            for stage, slack in zip(self.instance.stages, self.slack, strict=True)
        ]
        future = (
            None if self.instance.future is None else replace(self.instance.future, slack=stages[-1].slack)
        )
        for q in range(1, len(stages)):
            stages[q] = replace(stages[q], opens=stages[q - 1].closes)
        return replace(self.instance, stages=tuple(stages), future=future)

    def drawn_path(self) -> Path:
        """Some of the free tracks, in all phases of the stretch."""
        phases = self.last - self.first + 1
        count = self.rng.randint(phases, len(self.free))
        rows = self.rng.sample(self.free, count)
        cuts = sorted(self.rng.sample(range(1, count), phases - 1))
        return [(sum(k >= cut for cut in cuts), row) for k, row in enumerate(rows)]

    def whole(self, path: Path) -> list[Slot]:
        """The plan with a path in the stretch, all that follows moved by what it makes longer or shorter."""
        made = self.made
        start = made.slots[made.begin].start
        new = [(made.phase(self.first + q), made.candidates[row]) for q, row in path]
        slots = [*made.slots[: made.begin], *laid(made.session, new, start)]
        if made.end + 1 < len(made.slots):
            slots[-1] = replace(slots[-1], overlap=overlap_of(made.session))
            moved = slots[-1].end - slots[-1].overlap - made.slots[made.end + 1].start
            slots += [replace(slot, start=slot.start + moved) for slot in made.slots[made.end + 1 :]]
        return slots

    def judged(self, path: Path) -> float:
        """Points of the whole plan with a path in the stretch."""
        kept = [each.track.id for each in self.made.candidates if each.keep]
        points, *_ = by_hand.judged(self.made.session, self.whole(path), kept)
        return sum(sum(each.values()) for each in points)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_two_ways_to_fill_a_stretch_differ_by_what_the_judge_says_of_the_whole(seed: int) -> None:
    stretch = Stretch(seed)
    one, two = stretch.drawn_path(), stretch.drawn_path()
    found = stretch.instance.value(one).points - stretch.instance.value(two).points
    assert found == pytest.approx(stretch.judged(one) - stretch.judged(two), abs=0.01, rel=1e-5)


def found(instance: Instance, code: str) -> list[tuple[float, Path]]:
    """Cost and path of all plans within a factor of the best that a search finds."""
    grid = Grid.of(instance)
    multipliers, potentials, bound = improve(grid, Multipliers.none(instance), 1)
    if not np.isfinite(bound):
        return []
    charges, constant = multipliers.charges(instance), multipliers.constant(instance)
    question = Question(grid, grid, potentials, charges, constant, Width(60, 60), 1e6, 20.0)
    ends, log, _ = code_of(code).labelled(question)
    paths = log.paths([row for _, row in ends])
    return [(cost, list(path)) for (cost, _), path in zip(ends, paths, strict=True)]


def charged(instance: Instance, path: Path) -> float:
    """What a search on whole seconds should charge for a path."""
    value = instance.value(path).steered
    if instance.future is None:
        return value
    ended = instance.past.start
    for p, row in path:
        stage = instance.stages[p]
        ended += float(stage.step[np.searchsorted(stage.members, row)])
    miss = ended - instance.future.start
    return value - instance.future.points(miss) + float(instance.future.above_least(np.array([miss]))[0])


@pytest.mark.parametrize("code", CODES)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=12, deadline=None)
def test_a_search_charges_for_a_stretch_what_it_costs(code: str, seed: int) -> None:
    stretch = Stretch(seed, whole=True)
    instance = stretch.within(150.0)
    for cost, path in found(instance, code):
        assert cost == pytest.approx(charged(instance, path), abs=0.01, rel=1e-4)
