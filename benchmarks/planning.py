"""What the planner reaches, beside what it should.

    python benchmarks/planning.py [--quick] [--library FILE [--template FILE]]

Libraries are generated; their marginals follow the aggregates of eight published session playlists
(docs/planning-measured.md): energy uniform on its percentile scale for ordinary libraries, track lengths with a median
of 5.7 min and 5-95 % from 2.5 to 18.8, tempo around 76 BPM, loudness that follows energy. With `--library` a
real library made by `scan` is planned as well.

Greedy and beam are kept here to compare with; they plan among the same tracks, under the same rules and objective.
Neither looks ahead, so neither can be held to a boundary: the tolerance is doubled until it finds a plan, up to
half a phase, and a miss costs what the objective says of it, (miss / tolerance)² as for everyone.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from playlistkit import objective, planner
from playlistkit.errors import ShortfallError
from playlistkit.model import (
    Candidate,
    Curve,
    Features,
    Minutes,
    Phase,
    Plan,
    Rules,
    Session,
    Template,
    Track,
)
from playlistkit.objective.people import NO_ONE
from playlistkit.planner import Change
from playlistkit.planner.problem.building import build
from playlistkit.planner.problem.instance import Instance
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.problem import Problem
from playlistkit.planner.problem.rate_filter import rate_filter
from playlistkit.planner.problem.slots import laid_out

KEYS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def library(count: int, seed: int, *, curves: bool = True, calm: bool = False) -> list[Candidate]:
    """A generated library of `count` tracks; `calm`: one that was gathered for sessions."""
    rng = np.random.default_rng(seed)
    energy = np.clip(rng.beta(*((1.8, 4.5) if calm else (1.1, 1.2)), count), 0.01, 0.99)
    duration = np.clip(np.exp(rng.normal(np.log(342), 0.61, count)), 60, 3600).round(3)
    start = np.clip(energy + rng.normal(-0.04, 0.07, count), 0, 1)
    end = np.clip(energy + rng.normal(-0.01, 0.07, count), 0, 1)
    loudness = -30 + 20 * energy + rng.normal(0, 3, count)
    timbre = rng.normal(size=(count, 8))
    voices = rng.choice(["none", "wordless", "words", "unknown"], count, p=[0.7, 0.08, 0.17, 0.05])
    return [
        Candidate(
            Track(
                id=f"t{k}",
                path=f"/music/{k}.flac",
                uri=f"spotify:track:{k}",
                title=f"Piece {k}",
                artist=f"Artist {rng.integers(max(2, count // 3))}",
                duration=float(duration[k]),
            ),
            Features(
                tempo=float(np.exp(rng.normal(np.log(76), 0.2))),
                pulse_clarity=float(rng.beta(2, 2)),
                energy=float(energy[k]),
                energy_start=float(start[k]),
                energy_end=float(end[k]),
                energy_curve=curve(energy[k], start[k], end[k], duration[k]) if curves else None,
                loudness=float(loudness[k]),
                loudness_start=float(loudness[k] + rng.normal(-2, 2)),
                loudness_end=float(loudness[k] + rng.normal(-2, 2)),
                loudness_range=float(rng.gamma(4, 2)),
                true_peak=float(min(0.0, loudness[k] + 14)),
                brightness=float(rng.uniform()),
                percussiveness=float(rng.beta(1, 2)),
                key=KEYS[rng.integers(12)],
                mode="major" if rng.uniform() < 0.6 else "minor",
                timbre=tuple(timbre[k].tolist()),
                timbre_start=tuple((timbre[k] + rng.normal(0, 0.3, 8)).tolist()),
                timbre_end=tuple((timbre[k] + rng.normal(0, 0.3, 8)).tolist()),
                vocals=str(voices[k]),  # type: ignore[arg-type]
            ),
        )
        for k in range(count)
    ]


def curve(body: float, start: float, end: float, duration: float) -> Curve:
    """Energy a second apart: from the start over the body, which breathes a little, to the end."""
    seconds = np.arange(int(duration))
    ramp = min(45.0, duration / 5)
    levels = np.interp(seconds, [0, ramp, duration - ramp, duration], [start, body, body, end])
    return Curve(np.clip(levels + 0.05 * np.sin(seconds / 40 + duration), 0, 1).tolist(), 0.001)


def template(minutes: float, tolerance: float = 15.0) -> Template:
    """Five phases with the proportions of the default template."""
    share = minutes / 180

    def phase(name: str, length: float, *energy: tuple[float, float], **kwargs: object) -> Phase:
        span = Minutes(length * share, length * share / 2, length * share * 1.5)
        return Phase(name, span, energy, name, **kwargs)  # type: ignore[arg-type]

    return Template(
        f"{minutes:g} min",
        (
            phase("arrival", 40, (0, 0.12), (1, 0.15), tempo=(50.0, 80.0), vocals="none", loudness=-25.0),
            phase("onset", 20, (0, 0.15), (1, 0.28), tempo=(50.0, 80.0), vocals="none", loudness=-24.0),
            phase(
                "peak",
                45,
                (0, 0.28),
                (0.5, 0.42),
                (1, 0.40),
                tempo=(50.0, 90.0),
                vocals="none",
                loudness=-22.0,
            ),
            phase("return", 45, (0, 0.40), (1, 0.25), tempo=(50.0, 90.0), vocals="wordless", loudness=-23.0),
            phase("grounding", 30, (0, 0.25), (1, 0.18), tempo=(50.0, 90.0), loudness=-24.0),
        ),
        rules=Rules(boundary_tolerance=tolerance),
    )


# --- baselines ----------------------------------------------------------------------------------------------

WIDER = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Factors on the boundaries' tolerance, tried in turn."""


def baseline(
    session: Session, candidates: list[Candidate], plan: Callable[[Instance], Path], columns: int = 400
) -> tuple[float, float]:
    """Score of the plan that `greedy` or `beam` makes, and the factor on the tolerance that it needed.

    Both compare plans without what artists who return cost, but the score has it.
    """
    pool = Pool.of(session, candidates)
    allowed = pool.allowed()
    surcharge = np.zeros(allowed.shape)
    rows = np.flatnonzero(allowed.any(axis=0))
    if len(rows) > columns:
        rows = rate_filter(pool, allowed, surcharge, columns, since=0.0)
    tolerance = session.template.rules.boundary_tolerance
    for factor in WIDER:
        slack = tuple(min(tolerance * factor, 30.0 * phase.minutes.default) for phase in pool.arc.phases)
        path = plan(build(Problem(pool, allowed, surcharge, slack), rows))
        if path:
            slots = laid_out(session, pool.arc, [(p, pool.candidates[rows[row]]) for p, row in path])
            return objective.score(session, slots).total, factor
    return np.inf, np.inf


Path = tuple[tuple[int, int], ...]
"""Stages and rows played; empty for no plan."""

State = tuple[float, float, float, int, int, bool, Path]
"""Cost a second, cost, seconds, stage, last member, whether it enters the stage, path."""

START: State = (0.0, 0.0, 0.0, 0, 0, True, ())


def greedy(instance: Instance) -> Path:
    """Always adds the track that costs least for each of its seconds.

    It repairs ends as it goes: a track that ends its phase is charged the miss, and one that doesn't must leave
    room for another.
    """
    state = START
    while state[3] < len(instance.stages):
        _, cost, now, p, _, _, _ = state
        room = instance.stages[p].closes[1] - instance.stages[p].step.min()
        options = [
            ((each[1] - cost) / (each[2] - now), each)
            for each in _extended(instance, *state[1:], among=1_000)
            if each[3] > p or each[2] <= room
        ]
        if not options:
            return ()
        state = min(options)[1]
    return state[6]


def beam(instance: Instance, width: int = 200) -> Path:
    """The best plan by a plain beam search without any look ahead.

    Partial plans are compared by cost for each second.
    """
    best: tuple[float, Path] = (np.inf, ())
    front = [START]
    for _ in range(400):
        grown = []
        for _, cost, now, p, last, entering, used in front:
            for each in _extended(instance, cost, now, p, last, entering, used):
                if each[3] == len(instance.stages):
                    best = min(best, (each[1], each[6]))
                else:
                    grown.append(each)
        front = sorted(grown, key=lambda each: each[0])[:width]
        if not front:
            break
    return best[1]


def _extended(
    instance: Instance,
    cost: float,
    now: float,
    p: int,
    last: int,
    entering: bool,
    used: Path,
    among: int = 60,
) -> list[State]:
    """All partial plans that are one track longer, those that then close a phase included."""
    stage = instance.stages[p]
    run = instance.run_costs(p, np.array([round(now)]))[0].astype(float)
    run += stage.entry[last] if entering else stage.inner[last]
    people = instance.table.people
    rows = [row for _, row in used]
    played = people[rows]
    grown = []
    order = np.argsort(run, kind="stable")[:among]
    for j in order[np.isfinite(run[order])]:
        row = int(stage.members[j])
        if instance.groups[row] in [instance.groups[other] for other in rows]:
            continue
        own = people[row][people[row] != NO_ONE]
        if any((played == who).sum() >= instance.limits.artist_max for who in own):
            continue
        end = now + stage.step[j]
        if end > stage.closes[1]:
            continue
        whole = cost + run[j]
        path = (*used, (p, row))
        grown.append((whole / end, whole, end, p, int(j), False, path))
        closing = float(instance.boundary(p, np.array(end)))
        if np.isfinite(closing):
            grown.append(((whole + closing) / end, whole + closing, end, p + 1, int(j), True, path))
    return grown


# --- measuring ----------------------------------------------------------------------------------------------


def timed(work: Callable[[], Plan], repeats: int) -> tuple[Plan, float]:
    """The plan and the median of the processor times in seconds (wall times on an idle machine)."""
    seconds = []
    for _ in range(repeats):
        begin = time.process_time()
        plan = work()
        seconds.append(time.process_time() - begin)
    return plan, statistics.median(seconds)


def told(plan: Plan) -> str:
    certificate = plan.certificate
    if certificate.proven:
        return "proven"
    return "-" if certificate.within is None else f"within {100 * certificate.within:.1f} %"


def residual(plan: Plan) -> float:
    return max(abs(phase.residual) for phase in plan.phases)


def row(*cells: object) -> None:
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


CASES = (
    (1_000, 180, "normal", "proven over candidates, 1 s"),
    (1_000, 180, "proof", "proven over all, 15 s"),
    (1_000, 360, "normal", "first 0.4 s, at most 3 % above; within 4 % in 2 s"),
    (100, 360, "proof", "within 5 % in 10 s"),
    (10_000, 360, "normal", "-"),
    (100_000, 360, "normal", "2 s, under 1 GB"),
)
"""Tracks, minutes, effort and aim."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="one seed, each once")
    arguments.add_argument("--library", help="a library made by scan, planned as well")
    arguments.add_argument("--template", help="a template that this library can fill", default="phases.yaml")
    arguments.add_argument(
        "--repeats", type=int, default=3, help="times that each is measured; medians are told"
    )
    chosen = arguments.parse_args()
    seeds = range(1) if chosen.quick else range(3)
    repeats = 1 if chosen.quick else chosen.repeats
    planner.plan(Session(template(60)), library(200, 9), effort="quick")  # imports and caches

    row("case", "aim", "seed", "score", "first s", "first above final", "s", "certificate", "residual s")
    row(*["---"] * 9)
    for count, minutes, effort, aim in CASES:
        for seed in seeds:
            candidates = library(count, seed, curves=count < 100_000, calm=count == 100)
            case = f"{count:,} tracks, {minutes} min"
            report(case, aim, seed, Session(template(minutes)), candidates, effort, repeats)
    if chosen.library:
        real(chosen.library, chosen.template, repeats)
    print()
    others(seeds, repeats)
    print()
    comparison(seeds)


def real(library_file: str, template_file: str, repeats: int) -> None:
    """Print a row for a library made by scan."""
    from playlistkit import Library, load_template

    with Library(library_file) as opened:
        candidates = opened.candidates()
    session = Session(load_template(template_file))
    case = f"real, {len(candidates)} tracks, {session.template.minutes:.0f} min"
    for effort in ("normal", "proof"):
        report(case, "-", "-", session, candidates, effort, repeats)


def others(seeds: range, repeats: int) -> None:
    """Print what is not in the first table: replanning, render, memory."""
    row("what", "aim", "measured")
    row(*["---"] * 3)
    without, at_hand, above, residuals = [], [], [], []
    for seed in seeds:
        candidates = library(1_000, seed)
        plan = planner.plan(Session(template(360)), candidates)
        prepared = planner.prepare(plan, candidates)
        for at, change in itertools.product((3000.0, 7000.0, 12000.0), CHANGES):
            plain, seconds = timed(partial(planner.replan, plan, candidates, at, None, change), repeats)
            without.append(seconds)
            quick = partial(planner.replan, plan, candidates, at, None, change, prepared=prepared)
            answer, seconds = timed(quick, repeats)
            at_hand.append(seconds)
            above.append(100 * (answer.score.total / plain.score.total - 1))
        exact = planner.plan(Session(template(360), player="render", overlap=6.0), candidates, effort="quick")
        residuals.append(residual(exact))
    rest = "replanning the rest of 6 h after 50, 117 and 200 min, four changes"
    row(f"{rest}: median (most)", "0.3 s", f"{statistics.median(without):.2f} s ({max(without):.2f} s)")
    row("the same, prepared", "0.1 s", f"{statistics.median(at_hand):.2f} s ({max(at_hand):.2f} s)")
    spread = f"{statistics.median(above):+.1f} % ({min(above):+.1f} to {max(above):+.1f} %)"
    row("score of the prepared answer against the other", "-", spread)
    row("largest residual under render, 6 h", "0 s", f"{max(residuals):.3f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row("memory, all cases above", "1 GB", f"{memory:.0f} MB")


CHANGES = (Change(), Change("gentler"), Change("extend", minutes=10.0), Change("skip"))


def comparison(seeds: range) -> None:
    """Print the scores of greedy, beam and ours on the same pools."""
    row("pool", "greedy (tolerance times)", "beam of 200 (tolerance times)", "quick", "normal")
    row(*["---"] * 5)
    for count in (100, 300, 1_000):
        for seed in seeds:
            candidates, session = library(count, 50 + seed), Session(template(180, 60.0))
            cells = []
            for method in (greedy, beam):
                cost, factor = baseline(session, candidates, method)
                cells.append(f"{cost:.2f} ({factor:g})" if np.isfinite(cost) else "none")
            for effort in ("quick", "normal"):
                try:
                    total = planner.plan(session, candidates, effort=effort).score.total  # type: ignore[arg-type]
                    cells.append(f"{total:.2f}")
                except ShortfallError:
                    cells.append("none")
            row(f"{count} tracks, seed {seed}", *cells)


def report(
    case: str,
    aim: str,
    seed: object,
    session: Session,
    candidates: list[Candidate],
    effort: str,
    repeats: int,
) -> None:
    """Print a row for one library."""
    try:
        first, first_seconds = timed(lambda: planner.plan(session, candidates, effort="quick"), repeats)
        plan, seconds = timed(lambda: planner.plan(session, candidates, effort=effort), repeats)  # type: ignore[arg-type]
    except ShortfallError as error:
        row(
            case,
            aim,
            seed,
            "shortfall: " + "; ".join(f"{e.phase} {e.minutes:.0f} min" for e in error.shortfalls),
            *["-"] * 5,
        )
        return
    above = first.score.total / plan.score.total - 1
    again = objective.score(replace(session), plan.slots)
    assert abs(again.total - plan.score.total) < 1e-6
    cells = f"{plan.score.total:.2f}", f"{first_seconds:.2f}", f"{100 * above:.1f} %", f"{seconds:.2f}"
    row(case, aim, seed, *cells, told(plan), f"{residual(plan):.1f}")


if __name__ == "__main__":
    main()
