"""The label search as machine code: label by label. Importing this loads numba; `load` compiles what `labelled` runs.

It gives the answer of `label_arrays.py`: the same labels are extended in the same order, and each sum adds up the same
numbers in the same order. What a label has played is read back along the log when it is extended.

All of it is one file on purpose: numba keeps the code of a function until that function's own file changes, whatever becomes of
the functions that it calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from playlistkit.objective.array_types import Floats32
from playlistkit.planner.search.question import ENDS_PER_SECOND, ROUNDING, STAGES, Log, Question

__all__ = ["is_kept", "labelled", "load"]

Ints = NDArray[np.int64]

_STAGED = f"UniTuple(float32[:, :], {STAGES})"
_compiled = numba.njit(cache=True, nogil=True)

ROOM, GROWTH = 1 << 12, 2
"""Labels, children and plans for which there is room at first, and by how much it grows: they affect speed alone."""


@_compiled
def _second(time):  # type: ignore[no-untyped-def]
    """A time to the nearest second, half a second to the even one, as `np.round` has it."""
    return int(np.rint(time))


@_compiled
def _closing(ends, first, time, target, slack):  # type: ignore[no-untyped-def]
    """`Question.closing` of one time."""
    if not abs(time - target) <= slack + 1e-6:
        return np.inf
    at = (time - (target - slack)) * ENDS_PER_SECOND
    low = int(at)
    one, two = ends[first + low], ends[first + low + 1]
    return one + (two - one) * (at - low)


@_compiled
def _repeated(table, gap):  # type: ignore[no-untyped-def]
    """`Question.repeated` of one gap."""
    low = int(gap)
    return table[low] + (table[low + 1] - table[low]) * (gap - low)


@_compiled
def _bounds(best, spread, constant):  # type: ignore[no-untyped-def]
    """`Question.ceiling` and `Question.hopeful` once a plan of `best` is known."""
    ceiling = best * (1 + spread)
    return ceiling, ceiling + ROUNDING * (1 + ceiling + constant)


@_compiled
def _held(heap, size, value):  # type: ignore[no-untyped-def]
    """Put a value into a heap of the least ones met, the greatest on top, in place of it if there is no room; give the size."""
    if size < len(heap):
        at = size
        while at > 0 and heap[(at - 1) // 2] < value:
            heap[at] = heap[(at - 1) // 2]
            at = (at - 1) // 2
        heap[at] = value
        return size + 1
    at = 0
    while 2 * at + 1 < size:
        below = 2 * at + 1
        if below + 1 < size and heap[below + 1] > heap[below]:
            below += 1
        if heap[below] <= value:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = value
    return size


@_compiled
def _roomy(values, needed):  # type: ignore[no-untyped-def]
    """The same columns in an array with room for as many as are needed."""
    if needed <= values.shape[1]:
        return values
    longer = np.empty((values.shape[0], GROWTH * needed), values.dtype)
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            longer[row, column] = values[row, column]
    return longer


@_compiled
def _worth(here, head, ints, floats, hopeful, in_second, window, per_second, width):  # type: ignore[no-untyped-def]
    """The labels of a window worth extending, best first, no more than the width allows; and whether that is all of them."""
    following, stage_of, time, estimate = ints[4], ints[1], floats[0], floats[3]
    held, row = 0, head[here]
    while row >= 0:
        held += estimate[row] < hopeful
        row = following[row]
    some, theirs = np.empty(held, np.int64), np.empty(held, np.float64)
    held, row = 0, head[here]
    while row >= 0:
        if estimate[row] < hopeful:
            some[held], theirs[held] = row, estimate[row]
            held += 1
        row = following[row]
    best, kept = np.empty(held, np.int64), 0
    in_second[:] = 0
    for k in np.argsort(theirs, kind="mergesort"):  # which leaves equals in order
        row = some[k]
        at = _second(time[row]) - _second(here * window)
        in_second[stage_of[row], at] += 1
        if in_second[stage_of[row], at] <= per_second and kept < width:
            best[kept] = row
            kept += 1
    return best[:kept], kept == held


@_compiled
def _read_back(row, stamp, ints, time, group, people, work, played, known, heard, counts_before):  # type: ignore[no-untyped-def]
    """Note what a label has played: recordings, works, and of each person how many tracks and when last."""
    parent, track = ints[0], ints[3]
    used, begun, met, times = played[0], played[1], known[0], known[1]
    while row > 0:
        used[group[track[row]]] = stamp
        begun[work[track[row]]] = stamp
        for person in people[track[row]]:
            if person > 0:
                if met[person] != stamp:
                    met[person], times[person], heard[person] = stamp, counts_before[person], time[row]
                times[person] += 1
        row = parent[row]


@_compiled
def _forbidden(now, step, track, forced_time, forced_track):  # type: ignore[no-untyped-def]
    """Whether a pinned time forbids a track to begin now."""
    for pin in range(len(forced_time)):
        covers = now <= forced_time[pin] and now + step > forced_time[pin]
        if covers != (track == forced_track[pin]):
            return True
    return False


@_compiled
def _share(people, others):  # type: ignore[no-untyped-def]
    """1 if somebody plays in both of two tracks."""
    for person in people:
        for other in others:
            if person > 0 and person == other:
                return 1
    return 0


@_compiled
def _last_heard(people, stamp, met, heard, heard_before):  # type: ignore[no-untyped-def]
    """When any of a track's people was last heard; -inf if never."""
    last = -np.inf
    for person in people:
        last = max(last, heard[person] if met[person] == stamp else heard_before[person])
    return last


@_compiled
def _returned_later(row, stamp, ints, time, people, known, heard, heard_before, repeats, later):  # type: ignore[no-untyped-def]
    """What a whole plan costs by each return of people after it; `known` and `heard` are of its label."""
    later_people, since, following, phase = later
    costs = np.zeros(len(since), np.float64)
    for k in range(len(since)):
        last = _last_heard(later_people[k], stamp, known[0], heard, heard_before)
        if last > -np.inf:
            running = _share(people[ints[3, row]], later_people[k]) if following[k] else 0
            costs[k] = _repeated(repeats[phase[k], running], since[k] + time[row] - last)
    return costs


@_compiled
def _extended(  # type: ignore[no-untyped-def]
    label, then_from, arcs, stage, tracks, past, pins, state, bounds, sizes, complete, children, chest
):
    """Add a label's extensions to the children; give how many there are then, and whether nothing was dropped.

    `then_from` is the label as `_search` hands it over, `stage` and `arcs` are those of its stage.
    """
    label_time, base, voice, previous, stamp = then_from
    costs, joins, later = arcs
    members, step, beyond, charges, repeats, whole, voiced = stage
    group, people, work = tracks
    works_before, counts_before, heard_before = past
    forced_time, forced_track = pins
    played, known, heard, heaps, heaped, worst = state
    hopeful, window = bounds
    exact_size, size, width, artist_max = sizes
    child_ints, child_floats = chest
    used, begun, met, times = played[0], played[1], known[0], known[1]
    begins = min(max(_second(label_time) // exact_size - whole[0], 0), costs.shape[0] - 1)
    for j in range(len(joins)):
        added = np.float64(costs[begins, j])
        added += joins[j]
        if not added < np.inf:
            continue
        then = label_time + step[j]
        there = int(then / window)
        rest = np.float64(later[min(_second(then) // size - whole[1], later.shape[0] - 1), j])
        hope = rest + added
        hope += charges[j]
        hope += base
        if not hope < hopeful or (hope > worst[there] and not complete):
            continue
        track = members[j]
        if used[group[track]] == stamp or (beyond[j] and voice + step[j] > voiced + 1e-6):
            continue
        most = 0
        for person in people[track]:
            most = max(most, times[person] if met[person] == stamp else counts_before[person])
        if most >= artist_max:
            continue
        left = work[track] > 0 and work[track] != work[previous]
        if left and (works_before[work[track]] or begun[work[track]] == stamp):
            continue
        if _forbidden(label_time, step[j], track, forced_time, forced_track):
            continue
        last = _last_heard(people[track], stamp, met, heard, heard_before) if most > 0 else -np.inf
        if last > -np.inf:
            running = _share(people[track], people[previous])
            added += _repeated(repeats[running], label_time - last)
            hope = rest + added
            hope += charges[j]
            hope += base
            if not hope < hopeful:
                continue
        if hope > worst[there]:
            complete = False
            continue
        heaped[there] = _held(heaps[there], heaped[there], hope)
        if heaped[there] == width:
            worst[there] = heaps[there, 0]
        child_ints[0, children], child_ints[1, children], child_ints[2, children] = label, j, there
        child_floats[0, children], child_floats[1, children] = added, hope
        children += 1
    return children, complete


_INTS, _FLOATS, _MASK = "int64[::1]", "float64[::1]", "boolean[::1]"


_SIGNATURE = (
    f"Tuple((int64[:, :], {_FLOATS}, {_INTS}, boolean))({', '.join([_STAGED] * 5)}, "
    f"{_INTS}, {_INTS}, {_FLOATS}, float32[::1], {_MASK}, float32[::1], {_FLOATS}, float64[:, :, ::1], int64[:, ::1], "
    f"float64[:, ::1], {_INTS}, int64[:, ::1], {_INTS}, {_MASK}, {_INTS}, {_FLOATS}, {_FLOATS}, {_INTS}, "
    f"Tuple((int64[:, ::1], {_FLOATS}, {_MASK}, {_INTS})), UniTuple(float64, 6), UniTuple(int64, 8))"
)


@_compiled
def _search(  # type: ignore[no-untyped-def]
    exact,
    onward,
    opening,
    inner,
    entry,
    members_from,
    members,
    step,
    exits,
    beyond,
    charges,
    ends,
    repeats,
    whole,
    timed,
    group,
    people,
    work,
    works_before,
    counts_before,
    heard_before,
    forced_time,
    forced_track,
    later,
    numbers,
    limits,
):
    """Extend labels window by window; give the log, the plans' costs and last labels, and whether nothing was dropped.

    The empty plan is label 0; every other label is a row of the log, one further on.

    Parameters
    ----------
    exact, onward, opening, inner, entry
        Costs of arcs, potentials and joins of each stage, as in `Grid`, `Potentials` and `Stage`.
    whole : [shape=(stages, 3)]
        For each stage, the first row of `exact` and that of `onward`, and its first entry in `ends`.
    timed : [shape=(stages, 3)]
        Its target, its slack and its seconds of voice.
    later
        The tracks after the last stage: `later_people`, `later_since`, `later_next` and `later_phase` of the question.
    numbers, limits
        As `labelled` lists them.
    """
    start, value, constant, window, best, spread = numbers
    stages, exact_size, size, width, per_second, artist_max, windows, marks = limits
    complete = True
    ceiling, hopeful = _bounds(best, spread, constant)

    ints, count = np.empty((5, ROOM), np.int64), 1  # parent, stage, member, track, next label of the window
    floats = np.empty((5, ROOM), np.float64)  # time, cost, charge, estimate, seconds of voice
    ints[0, 0], ints[1, 0], ints[2, 0], ints[3, 0], ints[4, 0] = -1, 0, 0, -1, -1
    floats[0, 0], floats[1, 0], floats[2, 0], floats[3, 0], floats[4, 0] = (
        start,
        0.0,
        0.0,
        value - constant,
        0.0,
    )
    end_cost, end_row, ended = np.empty((1, ROOM), np.float64), np.empty((1, ROOM), np.int64), 0
    played = np.full((2, marks), -1, np.int64)
    known, heard = np.full((2, len(counts_before)), -1, np.int64), np.zeros(len(counts_before), np.float64)
    stamp = 0
    head, tail = np.full(windows, -1, np.int64), np.full(windows, -1, np.int64)
    first_window = int(start / window)
    head[first_window] = tail[first_window] = 0
    in_second = np.zeros((stages, int(window) + 3), np.int64)
    child_ints, child_floats = np.empty((3, ROOM), np.int64), np.empty((2, ROOM), np.float64)
    heaps, heaped = np.empty((windows, width), np.float64), np.zeros(windows, np.int64)
    worst = np.full(windows, np.inf, np.float64)  # of the best that a window may still keep

    for here in range(first_window, windows):
        if head[here] < 0:
            continue
        rows, every = _worth(here, head, ints, floats, hopeful, in_second, window, per_second, width)
        complete = complete and every
        kept = len(rows)

        # close what may close, and record whole plans
        closed, closed_cost = np.empty((2, kept), np.int64), np.empty(kept, np.float64)
        moved = 0
        if kept and rows[0] == 0:  # the empty plan enters the first stage
            closed[0, 0], closed[1, 0], closed_cost[0] = 0, 0, 0.0
            moved, kept = 1, 0
        for p in range(stages):
            for k in range(kept):
                row = rows[k]
                if ints[1, row] != p:
                    continue
                closing = _closing(ends, whole[p, 2], floats[0, row], timed[p, 0], timed[p, 1])
                closing += exits[members_from[p] + ints[2, row]]
                if not np.isfinite(closing):
                    continue
                so_far = floats[1, row] + closing
                if p + 1 == stages:
                    if len(later[1]):
                        stamp += 1
                        _read_back(
                            row,
                            stamp,
                            ints,
                            floats[0],
                            group,
                            people,
                            work,
                            played,
                            known,
                            heard,
                            counts_before,
                        )
                        for cost in _returned_later(
                            row, stamp, ints, floats[0], people, known, heard, heard_before, repeats, later
                        ):
                            so_far += cost
                    if so_far <= ceiling and (spread > 0 or so_far < best):
                        end_cost, end_row = _roomy(end_cost, ended + 1), _roomy(end_row, ended + 1)
                        end_cost[0, ended], end_row[0, ended] = so_far, row
                        ended += 1
                        best = min(best, so_far)
                        ceiling, hopeful = _bounds(best, spread, constant)
                    continue
                at = _second(floats[0, row]) // size - whole[p + 1, 1]
                at = min(max(at, 0), opening[p + 1].shape[0] - 1)
                hope = so_far + floats[2, row] + opening[p + 1][at, ints[2, row]] - constant
                if hope < hopeful:
                    closed[0, moved], closed[1, moved], closed_cost[moved] = row, p + 1, so_far
                    moved += 1

        # extend by one track: of each stage, the labels within it before those that enter it
        for kind in range(2 * stages):
            p, entering = kind // 2, kind % 2 == 1
            own, m = members_from[p], members_from[p + 1] - members_from[p]
            whose = slice(own, own + m)
            stage = (
                members[whose],
                step[whose],
                beyond[whose],
                charges[whose],
                repeats[p],
                whole[p],
                timed[p, 2],
            )
            children = 0
            for k in range(moved if entering else kept):
                row = closed[0, k] if entering else rows[k]
                if (closed[1, k] if entering else ints[1, row]) != p:
                    continue
                child_ints = _roomy(child_ints, children + m)
                child_floats = _roomy(child_floats, children + m)
                stamp += 1
                _read_back(
                    row, stamp, ints, floats[0], group, people, work, played, known, heard, counts_before
                )
                previous = ints[3, row]
                so_far, voice, joins = floats[1, row], floats[4, row], inner[p][ints[2, row]]
                if entering:
                    so_far, voice, joins = closed_cost[k], 0.0, entry[p][ints[2, row]]
                base = so_far + floats[2, row] - constant
                label = k if entering else row
                then_from = (
                    floats[0, row],
                    base,
                    voice,
                    previous,
                    stamp,
                )
                children, complete = _extended(
                    label,
                    then_from,
                    (exact[p], joins, onward[p]),
                    stage,
                    (group, people, work),
                    (works_before, counts_before, heard_before),
                    (forced_time, forced_track),
                    (played, known, heard, heaps, heaped, worst),
                    (hopeful, window),
                    (exact_size, size, width, artist_max),
                    complete,
                    children,
                    (child_ints, child_floats),
                )

            # keep of each window those that can still be among its best
            ints, floats = _roomy(ints, count + children), _roomy(floats, count + children)
            for c in range(children):
                there = child_ints[2, c]
                if child_floats[1, c] > worst[there]:
                    complete = False
                    continue
                j, k = child_ints[1, c], child_ints[0, c]
                row = closed[0, k] if entering else k
                ints[0, count], ints[1, count], ints[2, count] = row, p, j
                ints[3, count], ints[4, count] = members[own + j], -1
                floats[0, count] = floats[0, row] + step[own + j]
                floats[1, count] = (closed_cost[k] if entering else floats[1, row]) + child_floats[0, c]
                floats[2, count] = floats[2, row] + charges[own + j]
                floats[3, count] = child_floats[1, c]
                floats[4, count] = 0.0 if entering else floats[4, row]
                if beyond[own + j]:
                    floats[4, count] += step[own + j]
                if tail[there] < 0:
                    head[there] = count
                else:
                    ints[4, tail[there]] = count
                tail[there] = count
                count += 1
            for c in range(children):
                heaped[child_ints[2, c]], worst[child_ints[2, c]] = 0, np.inf
    return ints[:, 1:count], end_cost[0, :ended], end_row[0, :ended], complete


def load() -> None:
    """Compile the code, unless numba has kept it. Everything else here is compiled into it."""
    if not _search.signatures:
        _search.compile(_SIGNATURE)
        _search.disable_compile()


def is_kept() -> bool:
    """Whether numba has kept the code, of this version and for this processor, so that nothing need be compiled."""
    kept = _search._cache.load_overload(_SIGNATURE, _search.targetctx)  # type: ignore[attr-defined]
    return kept is not None


def labelled(question: Question) -> tuple[list[tuple[float, int]], Log, bool]:
    """As in `label_arrays.py`."""
    instance, potentials, exact, grid = question.instance, question.potentials, question.exact, question.grid
    stages, past = instance.stages, instance.past
    timed = [pin for pin in instance.forced if pin.time is not None]
    step = _together([stage.step for stage in stages])
    latest = max(stage.closes[1] for stage in stages)
    choices, end_costs, end_rows, complete = _search(
        _staged(exact.costs),
        _staged(potentials.onward),
        _staged(potentials.opening),
        _staged([stage.inner for stage in stages]),
        _staged([stage.entry for stage in stages]),
        np.cumsum([0, *(len(stage.members) for stage in stages)]),
        _ints(_together([stage.members for stage in stages])),
        step,
        _together([stage.exit for stage in stages]),
        _together([stage.beyond for stage in stages]),
        _together(question.charges),
        _together(question.ends),
        question.repeats,
        np.array(
            [exact.first, grid.first, np.cumsum([0, *map(len, question.ends[:-1])])], dtype=np.int64
        ).T.copy(),
        np.array([(stage.target, stage.slack, stage.beyond_limit) for stage in stages], dtype=np.float64),
        _ints(instance.groups),
        np.ascontiguousarray(question.people, dtype=np.int64),
        _ints(question.work),
        question.works_before,
        _ints(question.counts_before),
        question.heard_before,
        np.array([pin.time for pin in timed], dtype=np.float64),
        np.array([pin.track for pin in timed], dtype=np.int64),
        (
            np.ascontiguousarray(question.later_people, dtype=np.int64),
            question.later_since,
            question.later_next,
            _ints(question.later_phase),
        ),
        (
            float(past.start),
            float(potentials.value),
            float(question.constant),
            float(question.window),
            float(question.below),
            float(question.spread),
        ),
        (
            len(stages),
            exact.size,
            grid.size,
            question.width.window,
            question.width.per_second,
            instance.limits.artist_max,
            int(latest / question.window) + 3,
            int(max(instance.groups.max(initial=0), question.work.max(initial=0))) + 1,
        ),
    )
    log = Log()
    log.add(choices[0] - 1, choices[1], choices[3])
    return list(zip(end_costs.tolist(), (end_rows - 1).tolist(), strict=True)), log, bool(complete)


def _staged(arrays: Sequence[Floats32]) -> tuple[Floats32, ...]:
    """One array for each stage, and empty ones up to `STAGES`."""
    return (*arrays, *[_NONE] * (STAGES - len(arrays)))


_NONE: Floats32 = np.zeros((0, 0), dtype=np.float32)


def _together(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.ascontiguousarray(np.concatenate(arrays))


def _ints(values: NDArray[np.intp]) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)
