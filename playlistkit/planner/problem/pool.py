"""The library as the planner sees it: arrays, which track may play where, versions of one recording, pins."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playlistkit.errors import InputError
from playlistkit.facts.fact import Fact
from playlistkit.facts.warned import PinnedAgainst
from playlistkit.figures import beside, number
from playlistkit.model import Candidate, Session
from playlistkit.objective import (
    Arc,
    Eligibility,
    Setting,
    Table,
    eligibility,
    heard_by_phase,
    heard_silences,
    overlap_of,
    recording_groups,
)
from playlistkit.objective.array_types import Floats, Ints, Mask
from playlistkit.objective.rules_broken import rules_broken
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.planner.problem.instance import Forced

__all__ = ["Pool"]


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """N candidates of a session."""

    setting: Setting
    candidates: Candidates
    table: Table
    """At the tracks' own levels."""
    heard: tuple[Table, ...]
    """The same as each phase hears it."""
    rules: Eligibility
    overridden: Mask
    """[shape=(P, N)] Where a pin lets a track in against a rule."""
    pinned: dict[int, int | None]
    """Row of each pinned track, and the phase it is pinned to, if any."""
    warnings: tuple[Fact, ...]
    """Warnings about rules that pins break."""
    row_of: Mapping[str, int]
    """The row of each track, by its id."""

    @property
    def session(self) -> Session:
        """What is to be planned."""
        return self.setting.session

    @property
    def arc(self) -> Arc:
        """Its curve on the clock."""
        return self.setting.arc

    @classmethod
    def of(cls, session: Session, candidates: Sequence[Candidate]) -> Pool:
        """The pool of `candidates`, the session's pins checked.

        Raises
        ------
        InputError
            If a pin names no candidate, no phase, or a track that is excluded.
        """
        arc, candidates = Arc(session.template), Candidates.of(candidates)
        table = heard_silences(session, candidates.table)
        heard = heard_by_phase(session, arc, table)
        rules = eligibility(session, arc, candidates, heard)
        overridden = np.zeros((len(arc.phases), len(table)), dtype=bool)
        pinned: dict[int, int | None] = {}
        warnings: list[Fact] = []
        row_of = candidates.row_of
        if session.pins:
            _one_place_each(session, {key: candidates[row] for key, row in row_of.items()})
        for pin in session.pins:
            if pin.track not in row_of:
                raise InputError(f"pinned track {pin.track!r} is not in the library")
            row = row_of[pin.track]
            phase = _pinned_phase(arc, pin.phase, pin.time)
            for rule in ("player", "duration", "excluded", "avoid"):
                if not rules.kept[rule][0, row]:
                    barred = rules_broken(session, arc.phases[0], candidates[row])
                    raise InputError(f"pinned, but: {' '.join(str(fact) for _, fact in barred)}")
            pinned[row] = phase
            if phase is not None and not rules.allowed()[phase, row]:
                broken = rules_broken(session, arc.phases[phase], candidates[row])
                overridden[phase, row] = True
                warnings.append(PinnedAgainst(tuple(fact for _, fact in broken)))
        setting = Setting(session, arc, keeping=bool(table.keep.any()))
        return cls(setting, candidates, table, heard, rules, overridden, pinned, tuple(warnings), row_of)

    def allowed(self, *, unknown_voice: bool = False) -> Mask:
        """Which track may play in which phase [shape=(P, N)]."""
        mask = self.rules.allowed(unknown_voice=unknown_voice) | self.overridden
        for row, phase in self.pinned.items():
            if phase is not None and not any(
                p.time is not None and p.track == self.candidates[row].track.id for p in self.session.pins
            ):
                mask[np.arange(len(mask)) != phase, row] = False
        return mask

    def unused(self, taken: Collection[int]) -> Mask:
        """All tracks but the rows in `taken` [shape=(N,)]."""
        free = np.ones(len(self.table), dtype=bool)
        free[list(taken)] = False
        return free

    def heard_rows(self, rows: Ints) -> tuple[Table, ...]:
        """Some of the tracks as each phase hears them; phases that hear alike share one table."""
        taken = {id(each): each.take(rows) for each in self.heard}
        return tuple(taken[id(each)] for each in self.heard)

    def places(self, rows: Ints) -> Ints:
        """Place of each of `rows` in the client's last session [shape as rows]; -1 for tracks that were not in it."""
        place = {track: k for k, track in enumerate(self.session.last_session)}
        return np.array([place.get(self.candidates[row].track.id, -1) for row in rows], dtype=np.intp)

    def placed(self, row: int | None) -> tuple[int, int]:
        """The work and movement of a track, as the table numbers them; 0 and 0 for `None`."""
        if row is None:
            return 0, 0
        own = self.table.take(np.array([row]))
        return int(own.work[0]), int(own.movement[0])

    def groups(self, rows: Ints) -> Ints:
        """Equal numbers for versions of one recording among `rows` [shape as rows]."""
        some = [self.candidates[row] for row in rows]
        return recording_groups([each.track for each in some], [each.features for each in some])

    def steps(self) -> Floats:
        """Seconds that each track takes [shape=(N,)]."""
        return self.table.duration - overlap_of(self.session)

    def forced(self) -> list[tuple[Forced, int | None]]:
        """Pins whose place is fixed, and those (with their phase, if any) still to be placed."""
        found: list[tuple[Forced, int | None]] = []
        for pin in self.session.pins:
            row = self.row_of[pin.track]
            phase = self.pinned[row]
            if pin.time is not None:
                found.append((Forced(row, time=pin.time), None))
            elif pin.place == "first" and phase is not None:
                found.append((Forced(row, first_of=phase), None))
            elif pin.place == "last" and phase is not None:
                found.append((Forced(row, last_of=phase), None))
            else:
                found.append((Forced(row), phase))
        return found


def _one_place_each(session: Session, candidates: Mapping[str, Candidate]) -> None:
    """Refuse two pins for one place, since no plan could hold both."""
    holders: dict[tuple[str, str], str] = {}
    for pin in session.pins:
        if pin.time is not None:
            place = "", str(pin.time)
        elif pin.place is not None and pin.phase is not None:
            place = pin.phase, pin.place
        else:
            continue
        other = holders.setdefault(place, pin.track)
        if other != pin.track:
            one, two = (
                candidates[key].track.title or key if key in candidates else key for key in (other, pin.track)
            )
            raise InputError(
                f"{one!r} and {two!r} are both pinned "
                + (
                    f"as the {pin.place} of {pin.phase}"
                    if pin.time is None
                    else f"at {int(pin.time) // 60}:{int(pin.time) % 60:02} min"
                )
                + "; a place holds only one track: drop one of the pins, or move it"
            )


def _pinned_phase(arc: Arc, name: str | None, time: float | None) -> int | None:
    """Index of the phase that a pin names or falls into."""
    if time is not None:
        if not 0 <= time < arc.end:
            raise InputError(
                f"a pin at minute {beside(time / 60, arc.end / 60, digits=1)} lies outside the session, which ends at minute {number(arc.end / 60)}"
            )
        return int(np.searchsorted(arc.bounds, time, side="right")) - 1
    if name is None:
        return None
    names = [phase.name for phase in arc.phases]
    if name not in names:
        raise InputError(f"a pin names phase {name!r}; today's phases are {', '.join(names)}")
    return names.index(name)
