"""A session that plays, steered: the player does at once what it can alone, then the rest is planned anew around it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playlistkit import planner
from playlistkit.errors import InputError, PlaylistkitError, ShortfallError
from playlistkit.library import Library
from playlistkit.model import Candidate, Features, Plan, Slot, Track
from playlistkit.planner import Change, Prepared
from playlistkit.player import Answer, Heard, Name, Remote, Snapshot, State
from playlistkit.workflow.build import candidates
from playlistkit.workflow.play import plan_of, setlist

__all__ = ["REPLANNED", "Steering", "as_played"]

REPLANNED: frozenset[Name] = frozenset(["more", "gentler", "skip", "next-phase", "return", "resume"])
"""Orders after which what is still to come no longer fits the clock or the curve, so that it is planned anew."""

PLANNER_KNOWS_MORE: frozenset[Name] = frozenset(["more", "gentler"])
"""Of these, those in which a new plan may do what the player alone could not."""

DRIFT = 30.0  # s by which the end may have moved before going on plans anew
TRIES = 4
JOIN = 6.0  # s; so near to a join the next track is in the mixer's hands already


@dataclass(frozen=True, slots=True)
class _Known:
    """What stands ready for the next replanning."""

    setlist: int
    """`State.setlist` that it belongs to."""
    plan: Plan
    prepared: Prepared | None


class Steering:
    """Gives orders to a player and plans the rest anew where an order asks for it.

    Parameters
    ----------
    remote : Remote
    library : str, optional
        The library's file; None: the one that the session was begun with. Without one that can be read the player's own
        answers stand.
    """

    def __init__(self, remote: Remote, library: str | None = None) -> None:
        self.remote = remote
        options = remote.place.options()
        self._library = library or options.get("library")
        self._client: str | None = options.get("client")
        self._candidates: list[Candidate] | None = None
        self._used: frozenset[str] = (
            frozenset()
        )  # of the client's other sessions; in no plan that is written down
        self._known: _Known | None = None
        self._lock = threading.Lock()

    def state(self) -> State:
        """Where the session stands."""
        return self.remote.state()

    def prepare(self) -> None:
        """Work out what the next replanning needs; takes seconds, and is done again after each change of the plan."""
        with self._lock:
            self._ready(with_prepared=True)

    def order(
        self, name: Name, *, gesture: str | None = None, revision: int | None = None, minutes: float = 10.0
    ) -> Answer:
        """Give an order; where the rest of the plan depends on it, `follow` plans it anew afterwards."""
        return self.remote.order(name, gesture=gesture, revision=revision, minutes=minutes)

    def follow(self, name: Name, answer: Answer, *, minutes: float = 10.0) -> Answer | None:
        """Plan the rest anew after an order and its answer; None where it needs no new plan.

        Returns
        -------
        Answer or None
            Not done: why not, in a sentence; the old plan then goes on.
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
                    )  # what comes is fixed; look again behind the join
                    continue
                if name == "resume" and abs(state.ends - self._ready().plan.duration) < DRIFT:
                    return None
                made = self._replan(name, minutes)
                if made.done or "meanwhile" not in made.text:
                    return made
            return Answer(
                False, "The plan could not be changed in time; the old one goes on.", state.revision
            )

    def _replan(self, name: Name, minutes: float) -> Answer:
        revision = 0
        try:
            known = self._ready()
            if self._candidates is None:
                return Answer(False, f"{NO_LIBRARY}; the old plan goes on.", revision)
            snapshot = self.remote.snapshot()
            revision = snapshot.revision
            plan = replanned(known.plan, snapshot, self._candidates, name, minutes, known.prepared)
            return self.remote.revise(setlist(plan), name)
        except ShortfallError as error:
            return Answer(False, f"{error} The old plan goes on.", revision)
        except PlaylistkitError as error:
            return Answer(False, f"{str(error).rstrip('.')}; the old plan goes on.", revision)

    def _ready(self, *, with_prepared: bool = False) -> _Known:
        """The plan that plays, the library's tracks, and, where they are known, what was prepared of them."""
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
    """The plan with the rest made anew after an order.

    Parameters
    ----------
    plan : Plan
        As it was last made.
    snapshot : Snapshot
        As it was played, the order already done.
    tracks : sequence of Candidate
    name : str
    minutes : float
        Of "more".
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
        # what was left is cut; the phases then get their new lengths as if the rest began here
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
    """The plan's slots as they sounded, what plays last and at its planned length."""
    known = {slot.track.id: (slot.track, slot.features) for slot in (*plan.slots, *plan.tail)}
    for ready in plan.reserves.values():
        known |= {each.track.id: (each.track, each.features) for each in ready}
    slots = []
    for each in snapshot.heard:
        found = known.get(each.cue.id)
        if found is None:  # the calm loop
            continue
        playing = each is snapshot.heard[-1]
        slots.append(_slot(each, found[0], found[1], playing=playing))
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
    """The slots played, and those of the plan that come later, so that the plan has its length."""
    return (*done, *(slot for slot in plan.slots if slot.start > done[-1].start + 1.0))
