"""An existing plan among the candidates that could play in it: what a change must fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from playlistkit.errors import InputError
from playlistkit.given import whole_given
from playlistkit.model import Candidate, Features, Place, Plan, Session, Slot, Track
from playlistkit.objective import RULES, Judgement, Table, findings, slots_heard, tolerance_of
from playlistkit.objective.array_types import Floats, Ints
from playlistkit.objective.ends import Ends, ends_of
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.problem.pool import Pool
from playlistkit.planner.problem.slots import laid_out, phases_of

__all__ = ["Standing"]


class Known:
    """The arrays of some tracks, made once for all sequences of them that are judged.

    Parameters
    ----------
    tracks : iterable of (Track, Features, bool)
        The last: whether it is marked `keep`.
    """

    def __init__(self, tracks: Iterable[tuple[Track, Features, bool]]) -> None:
        self._tracks = list(tracks)
        self._places = {(track.id, id(features)): k for k, (track, features, _) in enumerate(self._tracks)}
        self._table: Table | None = None

    def of(self, wanted: Sequence[Slot] | Sequence[Candidate]) -> Table | None:
        """The table of the tracks of slots or candidates; `None` if one of them is not among those known."""
        places = [self._places.get((each.track.id, id(each.features)), -1) for each in wanted]
        if -1 in places:
            return None
        if self._table is None:
            tracks, features, keep = zip(*self._tracks, strict=True)
            self._table = Table.of(tracks, features, keep)
        return self._table.take(np.array(places, dtype=np.intp))


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A plan's slots as rows of a pool that holds its own tracks as well."""

    plan: Plan
    pool: Pool
    rows: tuple[int, ...]
    """Row of the pool of each slot's track."""
    phases: tuple[int, ...]
    """Index of each slot's phase."""
    groups: Ints
    """[shape=(N,)] Equal for versions of one recording."""
    known: Known
    """The tracks of the plan."""
    _natural: list[bool] = field(default_factory=list)

    @classmethod
    def of(cls, plan: Plan, candidates: Iterable[Candidate]) -> Standing:
        """`plan` among `candidates`; its own tracks are added where they are no longer among them."""
        candidates = Candidates.given(candidates)
        known = {each.track.id for each in candidates}
        own = [Candidate(slot.track, slot.features) for slot in plan.slots if slot.track.id not in known]
        played = {slot.track.id for slot in plan.slots}
        session = replace(plan.session, pins=tuple(pin for pin in plan.session.pins if pin.track in played))
        pool = Pool.of(session, Candidates((*candidates, *own)) if own else candidates)
        row_of = {each.track.id: row for row, each in enumerate(pool.candidates)}
        names = [phase.name for phase in pool.arc.phases]
        return cls(
            plan,
            pool,
            tuple(row_of[slot.track.id] for slot in plan.slots),
            tuple(names.index(slot.phase) for slot in plan.slots),
            pool.groups(np.arange(len(pool.candidates))),
            Known((slot.track, slot.features, False) for slot in plan.slots),
        )

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The plan's."""
        return self.plan.slots

    @property
    def session(self) -> Session:
        """The plan's session, with the pins its slots still keep."""
        return self.pool.session

    @property
    def kept(self) -> frozenset[str]:
        """Ids of the tracks marked `keep`."""
        return frozenset(each.track.id for each in self.pool.candidates if each.keep)

    def check(self, *slots: int) -> None:
        """Refuse a slot that doesn't exist."""
        for k in (whole_given(slot, "slot") for slot in slots):
            if not 0 <= k < len(self.slots):
                raise InputError(f"there is no slot {k}; the plan's {len(self.slots)} are counted from 0")

    def residuals(self) -> Floats:
        """Seconds by which each phase ends late [shape=(P,)]; 0 for a phase without a slot."""
        ends = {each.name: each.residual for each in phases_of(self.pool.arc, self.slots)}
        residuals: Floats = np.array([ends.get(phase.name, 0.0) for phase in self.pool.arc.phases])
        return residuals

    def tolerances(self) -> Floats:
        """Seconds by which each phase may end late or early [shape=(P,)], as wide as the plan had to take them."""
        allowed = np.array([tolerance_of(self.session, phase) for phase in self.pool.arc.phases])
        widest: Floats = np.maximum(allowed, np.abs(self.residuals()))
        return widest

    def natural(self, k: int) -> bool:
        """Whether slot `k` plays its whole track, rather than being skipped."""
        if not self._natural:
            path = list(zip(self.phases, (self.pool.candidates[row] for row in self.rows), strict=True))
            whole = laid_out(self.session, self.pool.arc, path, exact=False)
            self._natural.extend(
                abs(own.duration - slot.duration) < 0.01 for own, slot in zip(whole, self.slots, strict=True)
            )
        return self._natural[k]

    def knowing(self, rows: Sequence[int]) -> Standing:
        """The same, with the arrays of some of the pool's tracks at hand."""
        kept = self.kept
        own = ((slot.track, slot.features, slot.track.id in kept) for slot in self.plan.slots)
        some = (self.pool.candidates[row] for row in (*self.rows, *rows))
        return replace(self, known=Known((*own, *((each.track, each.features, each.keep) for each in some))))

    def ends(self, k: int, side: str) -> Ends:
        """The "start" or "end" of slot `k`, as heard [n = 1]."""
        return ends_of(slots_heard(self.session, [self.slots[k]]), side)

    def heard(self, rows: Ints, p: int) -> Table:
        """Tracks of the pool as heard in a phase."""
        return self.pool.heard[p].take(rows)

    def laid(self, begin: int, path: Sequence[tuple[int, int]]) -> tuple[Slot, ...]:
        """The slots before `begin` as they are, and after them a path of (phase, row) pairs.

        Under `render` a phase whose slots all play whole is laid out from its first, so that all its overlaps share
        what the change makes longer or shorter.
        """
        path = list(path)
        if self.session.player == "render":
            while begin and self.natural(begin - 1) and self.phases[begin - 1] == path[0][0]:
                begin -= 1
                path.insert(0, (self.phases[begin], self.rows[begin]))
        start = self.slots[begin].start if begin else 0.0
        wanted = [(p, self.pool.candidates[row]) for p, row in path]
        new = laid_out(
            self.session, self.pool.arc, wanted, start, known=self.known.of([each for _, each in wanted])
        )
        if new and not self.plan.tail:
            new = (*new[:-1], replace(new[-1], overlap=0.0))
        return (*self.slots[:begin], *new)

    def breaks(
        self,
        slots: Sequence[Slot],
        wanted: Track | None = None,
        before: set[tuple[str, str]] | None = None,
        judgement: Judgement | None = None,
    ) -> bool:
        """Whether slots break a hard rule, or end a phase beyond its tolerance, where the plan does not.

        What the phase's rules say of a `wanted` track itself does not count: it is the therapist's word. `before` is
        what `broken` says of the plan's own slots, for callers that ask about many others; `judgement` is what `judge` says of `slots`.
        """
        tolerances = dict(zip((each.name for each in self.pool.arc.phases), self.tolerances(), strict=True))
        phases = phases_of(self.pool.arc, slots)
        if len(phases) < len(self.plan.phases):
            return True
        if any(abs(each.residual) > tolerances[each.name] + 1e-6 for each in phases):
            return True
        found = self.broken(slots, wanted, judgement)
        return not found <= (self.broken(self.slots) if before is None else before)

    def broken(
        self, slots: Sequence[Slot], wanted: Track | None = None, judgement: Judgement | None = None
    ) -> set[tuple[str, str]]:
        """The hard rules that slots break, in words, except those a `wanted` track itself breaks."""
        at = next((k for k, slot in enumerate(slots) if wanted and slot.track.id == wanted.id), -1)
        return {
            (each.kind, each.text)
            for each in findings(
                self.session, slots, judgement=judgement, known=self.known.of(slots), wishes=False
            )
            if each.breaks
            and each.kind != "minutes"
            and not (each.where == Place("track", at + 1) and each.kind in RULES)
        }
