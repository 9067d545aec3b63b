"""Judge and planner mean the same by every term, and a term that is added is known to both."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library

from playlistkit import planner
from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Candidate, Hold, Pin, Plan, Rules, Session
from playlistkit.objective import Table, judge, terms
from playlistkit.objective.terms import Run, Term
from playlistkit.planner.feasibility.attempt import unbent
from playlistkit.planner.problem.borders import past_of
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import laid_out
from playlistkit.planner.search.solve import EFFORTS, Effort
from playlistkit.planner.sessions.changes import Change, changed
from playlistkit.planner.sessions.replanning import AT_ONCE
from playlistkit.planner.sessions.replanning import _rest as rest_of
from playlistkit.planner.sessions.replanning import _stopped as stopped
from playlistkit.planner.sessions.replanning import _without as without

PAGE = Path(__file__).parents[2] / "docs" / "planning.md"


def library(seed: int, count: int) -> list[Candidate]:
    """Tracks whose lengths are no whole seconds, of few artists, some with marks, all with a URI."""
    rng = random.Random(seed)
    return [
        replace(
            each,
            track=replace(
                each.track,
                uri=f"spotify:track:{each.track.id}",
                duration=each.track.duration + round(rng.random(), 3),
            ),
            keep=rng.random() < 0.2,
        )
        for each in made_library(count, seed, artists=12)
    ]


def session(player: str, overlap: float, *, runs: bool, hold: bool, minutes: int = 60) -> Session:
    """A session, of an hour if nothing else is said, with everything that any term judges."""
    template = five_phases(
        minutes, Rules(artist_apart_minutes=45.0), album_runs=runs, vocals="none", vocals_share=0.5
    )
    peak = replace(template.phases[2], hold=Hold(7.0, 5.0, rise_minutes=0.5) if hold else None)
    phases = (*template.phases[:2], peak, *template.phases[3:])
    return Session(replace(template, phases=phases), player=player, overlap=overlap)  # type: ignore[arg-type]


def difference(today: Session, candidates: list[Candidate]) -> float:
    """How many points solver and judge differ by on the plan that is found; 0 without one."""
    pool = Pool.of(today, candidates)
    attempt = unbent(pool, EFFORTS["quick"])
    if attempt is None:
        return 0.0
    path = [(p, candidates[row]) for p, row in attempt.solution.path]
    slots = laid_out(today, pool.arc, path, exact=False)
    kept = {each.track.id for each in candidates if each.keep}
    solution = attempt.solution
    stages = solution.instance.stages
    local = [(p, int(solution.rows[stages[p].members[j]])) for p, j in solution.local(solution.path)]
    assert local == list(solution.path)
    assert (solution.path, solution.cost) == solution.others[0]
    assert {row for _, row in local} <= set(solution.columns.tolist()) <= set(solution.rows.tolist())
    return abs(judge(today, slots, kept).score.total - solution.cost)


@example(
    seed=185, count=50, player="render", overlap=0.0, runs=False, hold=True, minutes=60
)  # a gain that was rounded for the judge and not for the solver
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(50, 80),
    player=st.sampled_from(["files", "spotify", "render"]),
    overlap=st.sampled_from([0.0, 2.5, 6.0]),
    runs=st.booleans(),
    hold=st.booleans(),
    minutes=st.just(40),
)
def test_the_solvers_value_is_the_judges(
    seed: int, count: int, player: str, overlap: float, runs: bool, hold: bool, minutes: int
) -> None:
    assert (
        difference(session(player, overlap, runs=runs, hold=hold, minutes=minutes), library(seed, count))
        < 0.01
    )


def changes(minutes: float) -> st.SearchStrategy[Change]:
    """What may be asked of a running session."""
    return st.one_of(
        st.just(Change()),
        st.just(Change("skip")),
        st.builds(Change, st.just("gentler"), step=st.sampled_from([0.05, 0.15])),
        st.builds(Change, st.just("extend"), minutes=st.floats(-minutes, minutes), keep_end=st.booleans()),
        st.builds(Change, st.just("phase"), phase=st.sampled_from(["peak", "return", "grounding"])),
    )


def replanned_difference(
    plan: Plan, candidates: list[Candidate], at: float, change: Change, effort: Effort
) -> float:
    """The same of the rest of a running session; 0 where there is none."""
    current = max(k for k, slot in enumerate(plan.slots) if slot.start <= at)
    done = list(plan.slots[: current + 1])
    if change.kind == "skip":
        done[-1] = stopped(done[-1], at)
    now = done[-1].end - done[-1].overlap
    try:
        today, first = changed(plan, change, done[-1].phase, now)
    except InputError:
        return 0.0
    pool = Pool.of(without(today, done, candidates), candidates)
    rest = rest_of(pool, past_of(pool, done, now, first), first, effort, None, plan.slots[current + 1 :])
    if rest is None:
        return 0.0
    path = [(p, candidates[row]) for p, row in rest.path]
    slots = [*done, *laid_out(today, pool.arc, path, now, exact=False)]
    kept = {each.track.id for each in candidates if each.keep}
    new = judge(today, slots, kept).slots[len(done) :]
    return abs(sum(sum(own.values()) for own in new) - rest.cost)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10_000),
    player=st.sampled_from(["files", "spotify", "render"]),
    overlap=st.sampled_from([0.0, 2.5, 6.0]),
    runs=st.booleans(),
    hold=st.booleans(),
    share=st.floats(0.0, 0.9),
    change=changes(8.0),
    pins=st.integers(0, 2),
)
def test_the_solvers_value_of_the_rest_of_a_session_is_the_judges(
    seed: int, player: str, overlap: float, runs: bool, hold: bool, share: float, change: Change, pins: int
) -> None:
    candidates = library(seed, 70)
    today = session(player, overlap, runs=runs, hold=hold, minutes=40)
    rng = random.Random(seed)
    chosen = rng.sample(candidates, 4)
    today = replace(
        today,
        pins=tuple(Pin(each.track.id) for each in chosen[:pins]),
        excluded_tracks=frozenset(each.track.id for each in chosen[2:]),
    )
    try:
        plan = planner.plan(today, candidates, effort="quick")
    except ShortfallError:
        return
    assert replanned_difference(plan, candidates, share * plan.duration, change, AT_ONCE) < 0.01


class LateRun(Run):
    """Counts the attacks after the first twenty minutes."""

    def __init__(self, table: Table) -> None:
        self.attacks = np.nan_to_num(table.percussiveness)

    def each(self, rows: np.ndarray, starts: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        return np.clip(starts + seconds - 1200.0, 0.0, seconds) * self.attacks[rows]


NEW = Term(
    "percussion",
    40.0,
    "attacks of its own",
    rate=lambda _setting, _phase, table: np.nan_to_num(table.percussiveness),
    run=lambda _setting, table: LateRun(table),
    join=lambda _setting, before, after: np.abs(before.silence[:, None] - after.silence) / 100.0,
    boundary=lambda _setting, _phase, residual: np.abs(residual) / 100.0,
    repeat=lambda _setting, _phase, _gap, running: np.where(np.asarray(running), 0.2, 0.1),
)


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Plan]:
    """A plan without and one with a term that was added after CONTRIBUTING's recipe."""
    today, candidates = session("files", 0.0, runs=False, hold=False), library(1, 90)
    before = planner.plan(today, candidates)
    monkeypatch.setattr(terms, "TERMS", (*terms.TERMS, NEW))
    return before, planner.plan(today, candidates)


def test_an_added_term_is_in_score_search_certificate_and_reasons(plans: tuple[Plan, Plan]) -> None:
    before, after = plans
    kept = {each.track.id for each in library(1, 90) if each.keep}
    old = judge(before.session, before.slots, kept).score  # of the plan made without it, judged with it
    assert after.score.terms["percussion"] > 0
    assert after.score.terms["percussion"] < old.terms["percussion"]
    assert after.certificate.proven
    assert "all that are eligible" in after.certificate.scope
    assert after.score.total <= old.total
    assert any("points for attacks of its own" in slot.reason for slot in after.slots)
    assert sum(slot.costs.get("percussion", 0) for slot in after.slots) == pytest.approx(
        after.score.terms["percussion"], abs=1e-4
    )


def test_an_added_term_means_the_same_to_solver_and_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "TERMS", (*terms.TERMS, NEW))
    for seed, player in ((1, "files"), (2, "render"), (3, "spotify")):
        today = session(player, 3.0, runs=True, hold=True, minutes=40)
        assert difference(today, library(seed, 60)) < 0.01


def undocumented() -> set[str]:
    """Terms that have no row with their name and weight in docs/planning.md."""
    rows = {
        tuple(cell.strip() for cell in line.split("|")[1:3])
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    }
    return {term.name for term in terms.TERMS if (term.name, f"{term.weight:g}") not in rows}


def test_every_term_has_its_row_in_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    assert undocumented() == set(), "give each its row, with its weight, in docs/planning.md"
    monkeypatch.setattr(terms, "TERMS", (*terms.TERMS, NEW))
    assert undocumented() == {"percussion"}
