"""Steer a playing session: the player acts at once, then the rest is replanned around that."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playlistkit import planner
from playlistkit.errors import InputError, PlaylistkitError, ShortfallError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Plan, Slot, Track
from playlistkit.planner import Change, Prepared
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.player import Answer, Heard, Name, Remote, Snapshot, State
from playlistkit.workflow.planning.build import candidates
from playlistkit.workflow.session.play import plan_of, setlist

__all__ = ["REPLANNED", "Steering", "as_played"]

REPLANNED: frozenset[Name] = frozenset(["more", "gentler", "skip", "next-phase", "return", "resume"])
"""Orders after which the rest no longer fits the clock or the curve, and must be replanned."""

PLANNER_KNOWS_MORE: frozenset[Name] = frozenset(["more", "gentler"])
"""Of these, the orders that a new plan may satisfy even if the player alone could not."""

log = logging.getLogger(__name__)

DRIFT = 30.0  # s by which the end may move before `resume` replans
TRIES = 4
JOIN = 6.0  # s before a join, when the mixer already holds the next track


@dataclass(frozen=True, slots=True)
class _Known:
    """What is prepared for the next replanning."""

    setlist: int
    """The `State.setlist` it belongs to."""
    plan: Plan
    prepared: Prepared | None


class Steering:
    """Gives orders to a player and replans the rest where an order needs it.

    Parameters
    ----------
    remote : Remote
    library : str, optional
        The library's file; None for the one the session was started with. Without a readable one, the player's own
        answers stand.
    """

    def __init__(self, remote: Remote, library: str | None = None) -> None:
        self.remote = remote
        options = remote.place.options()
        self._library = library or options.get("library")
        self._client: str | None = options.get("client")
        self._candidates: Candidates | None = None
        self._used: frozenset[str] = (
            frozenset()
        )  # tracks of the client's other sessions, which no stored plan holds
        self._known: _Known | None = None
        self._lock = threading.Lock()

    def state(self) -> State:
        """Where the session stands."""
        return self.remote.state()

    def prepare(self) -> None:
        """Prepare the next replanning. Takes seconds; call again after each change of the plan."""
        with self._lock:
            self._ready(with_prepared=True)

    def order(
        self, name: Name, *, gesture: str | None = None, revision: int | None = None, minutes: float = 10.0
    ) -> Answer:
        """Give an order. If the rest of the plan depends on it, `follow` then replans it."""
        return self.remote.order(name, gesture=gesture, revision=revision, minutes=minutes)

    def follow(self, name: Name, answer: Answer, *, minutes: float = 10.0) -> Answer | None:
        """Replan the rest after an order and its answer; None if no new plan is needed.

        Returns
        -------
        Answer or None
            If not done, a sentence says why, and the old plan goes on.
        """
        possible = answer.done or (name in PLANNER_KNOWS_MORE and not answer.repeated)
        if name not in REPLANNED or not possible:
            return None
        with self._lock:
            for _ in range(TRIES):
                state = self.remote.state()
                if state.mode == "ended" or state.grounding or state.held or state.now is None:
                    return None
                if state.next_in is not None and state.next_in < JOIN:
                    time.sleep(
                        min(state.next_in + 0.5, JOIN)
                    )  # the next track is fixed; try again after the join
                    continue
                made, came_late = self._replan(name, minutes)
                if not came_late:
                    return made
            return Answer(
                False, "The plan could not be changed in time; the old one goes on.", state.revision
            )

    def _replan(self, name: Name, minutes: float) -> tuple[Answer | None, bool]:
        """The player's answer to a new plan, and whether that came too late: the music or the plan has changed since."""
        revision = 0
        try:
            known = self._ready()
            if name == "resume" and abs(self.remote.state().ends - known.plan.duration) < DRIFT:
                return None, False
            if self._candidates is None:
                return Answer(False, f"{NO_LIBRARY}; the old plan goes on.", revision), False
            snapshot = self.remote.snapshot()
            revision = snapshot.revision
            plan = replanned(known.plan, snapshot, self._candidates, name, minutes, known.prepared)
            made = self.remote.revise(setlist(plan), name, replaces=known.setlist)
            return made, not made.done
        except ShortfallError as error:
            return Answer(False, f"{error} The old plan goes on.", revision), False
        except PlaylistkitError as error:
            return Answer(False, f"{str(error).rstrip('.')}; the old plan goes on.", revision), False
        except Exception:  # a fault of our own must not take control of a playing session away
            log.exception("replanning failed")
            return Answer(False, "The rest could not be replanned; the old plan goes on.", revision), False

    def _ready(self, *, with_prepared: bool = False) -> _Known:
        """The playing plan, the library's tracks and, if available, what was prepared from them."""
        state = self.remote.state()
        known = self._known
        if known is None or known.setlist != state.setlist:
            known = _Known(state.setlist, plan_of(self.remote.snapshot()), None)
        if self._candidates is None and self._library is not None:
            with Library(self._library) as library:
                self._candidates = candidates(library, known.plan.session, self._client)
                if self._client is not None:
                    of_this = {slot.track.id for slot in (*known.plan.slots, *known.plan.tail)}
                    self._used = frozenset(library.clients.used(self._client)) - of_this
        if self._used and not known.plan.session.used_tracks:
            session = replace(known.plan.session, used_tracks=self._used)
            known = replace(known, plan=replace(known.plan, session=session))
        if with_prepared and known.prepared is None and self._candidates:
            known = replace(known, prepared=planner.prepare(known.plan, self._candidates))
        self._known = known
        return known


NO_LIBRARY = "There is no library to plan from"


def replanned(
    plan: Plan,
    snapshot: Snapshot,
    tracks: Sequence[Candidate],
    name: Name,
    minutes: float,
    prepared: Prepared | None = None,
) -> Plan:
    """The plan, with the rest replanned after an order.

    Parameters
    ----------
    plan : Plan
        As last replanned.
    snapshot : Snapshot
        As played, with the order already done.
    tracks : sequence of Candidate
    name : str
    minutes : float
        For "more".
    prepared : Prepared, optional

    Raises
    ------
    InputError, ShortfallError
        If there is nothing left to plan, or the library can't fill it.
    """
    done = as_played(plan, snapshot)
    if not done:
        raise InputError("nothing that was planned has played yet")
    change = {"more": Change("extend", minutes=minutes), "gentler": Change("gentler")}.get(name, Change())
    if name in ("next-phase", "return") and len(done) > 1 and done[-2].phase != done[-1].phase:
        # cut what was left; the phases get new lengths as if the rest began here
        left = replace(plan, slots=_long_enough(plan, done[:-1]))
        moved = planner.replan(
            left,
            tracks,
            done[-2].start + 0.01,
            None,
            Change("phase", phase=done[-1].phase),
            prepared=prepared,
        )
        plan = replace(plan, session=moved.session)
    slots = _long_enough(plan, done)
    return planner.replan(
        replace(plan, slots=slots), tracks, done[-1].start + 0.01, None, change, prepared=prepared
    )


def as_played(plan: Plan, snapshot: Snapshot) -> tuple[Slot, ...]:
    """The plan's slots as they sounded; the playing one is last, at its planned length."""
    known = {slot.track.id: (slot.track, slot.features) for slot in (*plan.slots, *plan.tail)}
    for ready in plan.reserves.values():
        known |= {each.track.id: (each.track, each.features) for each in ready}
    slots = []
    last = plan.template.phases[-1].name
    for each in snapshot.heard:
        found = known.get(each.cue.id)
        if found is None:  # the calm loop
            continue
        playing = each is snapshot.heard[-1]
        slot = _slot(each, found[0], found[1], playing=playing)
        # the tail played before the planned end: the last phase had been reached early
        slots.append(replace(slot, phase=last) if slot.phase == "tail" else slot)
    return tuple(slots)


def _slot(each: Heard, track: Track, features: Features, *, playing: bool) -> Slot:
    cue = each.cue
    length = cue.duration if playing else each.end - each.start
    return Slot(
        cue.phase,
        each.start,
        length,
        track,
        features,
        overlap=min(cue.overlap, length),
        gain=cue.gain,
        reason="As it was played.",
    )


def _long_enough(plan: Plan, done: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots played, then the plan's later slots, so that the plan keeps its length."""
    return (*done, *(slot for slot in plan.slots if slot.start > done[-1].start + 1.0))
