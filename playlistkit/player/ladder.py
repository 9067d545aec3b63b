"""Decide what comes next: what was planned, or what replaces it. No samples, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from playlistkit.player.reading import Condition
from playlistkit.player.values import Cue, Rung, Setlist, Span

__all__ = ["LOOP", "Ladder", "Step"]

LOOP = "loop"
"""Id of the cue that needs no file."""

SOFT = 4.0  # s of crossfade around a replacement
LOOP_SECONDS = 60.0
SHORTEST = 60.0  # s that a reserve must fill to be worth taking


@dataclass(frozen=True, slots=True)
class Step:
    """What to play next."""

    cue: Cue
    rung: Rung
    faults: tuple[str, ...] = ()
    """Why it isn't what was planned; a sentence each."""
    took: int = 0
    """How many coming cues it uses up."""


class Ladder:
    """What is still to come of a session.

    Parameters
    ----------
    setlist : Setlist
    condition, fault : callable
        The state of a cue's file, after waiting at most so many seconds, and why it can't be played.
    """

    def __init__(
        self,
        setlist: Setlist,
        condition: Callable[[Cue, float], Condition],
        fault: Callable[[Cue], str],
    ) -> None:
        self._condition, self._fault = condition, fault
        self.coming: list[Cue] = [*setlist.cues, *setlist.tail]
        self.reserves: dict[str, list[Cue]] = {phase: list(cues) for phase, cues in setlist.reserves.items()}
        self.heard: set[str] = set()
        """Ids of the tracks played."""
        self.grounding: tuple[Cue, ...] = ()
        self.phases: tuple[Span, ...] = ()
        self._calmest: list[Cue] = []
        """Of the last phase and the tail; they are repeated if nothing else is left."""
        self.take(setlist)
        self.endless = False
        """Whether the tail continues until somebody ends it."""
        self._turn = 0  # of the set for grounding

    def take(self, setlist: Setlist) -> None:
        """Fall back on what this plan has, whatever is still to come."""
        self.grounding, self.phases = setlist.grounding, setlist.phases
        last = self.phases[-1].name if self.phases else ""
        self._calmest = [cue for cue in (*setlist.cues, *setlist.tail) if cue.phase in (last, "tail")]

    def next(
        self, now: Cue | None, *, held: bool, grounding: bool, patience: float, early: bool = False
    ) -> Step | None:
        """What follows `now`; `None` at the session's end. Waits at most so many seconds for what is planned.

        `early` means that the planned end is still to come, so the music continues even if everything planned has been
        used up, as after a jump to the last phase.
        """
        if grounding:
            step = self._grounding(now, patience)
            if step is not None:
                return step
        if held and now is not None:
            for cue in self.reserves.get(now.phase, ()):
                if self._usable(cue):
                    return Step(self._soft(cue), "reserve")
            if now.id != LOOP and self._condition(now, patience) == "ready":
                return Step(self._soft(now), "again")
        if not self.coming:
            reserve = self._last_reserve(now) if early else None
            if reserve is not None:
                return Step(self._soft(reserve), "reserve")
            return self._after(now, patience) if self.endless or early else None
        faults = []
        planned = self.coming[0]
        if self._condition(planned, patience) == "ready":
            return Step(planned, "tail" if planned.phase == "tail" else "session", took=1)
        faults.append(self._fault(planned))
        for cue in self.reserves.get(planned.phase, ()):
            if self._usable(cue):
                seconds = min(cue.duration, planned.duration)
                if seconds >= min(SHORTEST, planned.duration / 2):
                    start = replace(self._soft(cue, seconds), start=planned.start)
                    return Step(start, "reserve", tuple(faults), took=1)
        for k, cue in enumerate(self.coming[1:], 1):
            if self._condition(cue, 0.0) == "ready":
                return Step(cue, "tail" if cue.phase == "tail" else "session", tuple(faults), took=k + 1)
        broken = next(
            (k for k, cue in enumerate(self.coming) if self._condition(cue, 0.0) != "broken"),
            len(self.coming),
        )
        return replace(self._last_resort(now, tuple(faults), patience), took=broken)

    def go_on_after(self, cue: Cue) -> None:
        """Continue the set for grounding after one of its tracks, as after a crash."""
        ids = [each.id for each in self.grounding]
        if cue.id in ids:
            self._turn = ids.index(cue.id) + 1

    def fill(self, phase: str, seconds: float) -> list[Cue]:
        """Take reserves of a phase for so many seconds, as far as they last."""
        found: list[Cue] = []
        for cue in list(self.reserves.get(phase, ())):
            if seconds < SHORTEST:
                break
            if self._usable(cue):
                cut = self._soft(cue, min(cue.duration, seconds + SHORTEST))
                found.append(cut)
                self.reserves[phase].remove(cue)
                seconds -= cut.duration - cut.overlap
        return found

    def usable_reserve(self, phase: str) -> Cue | None:
        """The best reserve of a phase that is ready and has not been played."""
        return next((cue for cue in self.reserves.get(phase, ()) if self._usable(cue)), None)

    def first_of(self, after: str, stands_for: str | None = None) -> int | None:
        """Index in `coming` of the first cue of the next phase, or of the next phase that stands for something."""
        order = [span.name for span in self.phases]
        here = order.index(after) if after in order else -1
        has_begun = {span.stands_for for span in self.phases[: here + 1]}
        if after == "tail" or (stands_for is not None and stands_for in has_begun):
            return None
        for k, cue in enumerate(self.coming):
            if cue.phase not in order or order.index(cue.phase) <= here:
                continue
            if stands_for is None or self.phases[order.index(cue.phase)].stands_for in (
                stands_for,
                "grounding",
            ):
                return k
        return None

    def wanted(self, now: Cue | None, held: bool) -> list[Cue]:
        """What should be ready, most urgent first."""
        cues = list(self.coming[:2])
        if self.grounding:
            for cue in self._set():
                cues.append(cue)
                if self._condition(cue, 0.0) in ("ready", "opening"):
                    break
            cues += self._turned(now)[:1]  # if none of the set can be read
        elif not self.coming:
            cues += self._turned(now)[:2]  # the second, if the first can't be read
        if now is not None:
            firsts = (self.first_of(now.phase), self.first_of(now.phase, "return"))
            cues += [self.coming[index] for index in firsts if index is not None]
            if held and now.id != LOOP:
                cues.append(now)
        phases = dict.fromkeys([*([now.phase] if now else ()), *(cue.phase for cue in self.coming[:1])])
        for phase in phases:
            cues += [cue for cue in self.reserves.get(phase, ()) if cue.id not in self.heard][:1]
        return list({(cue.path, cue.offset): cue for cue in cues}.values())

    def planned_is_back(self, *, grounding: bool) -> bool:
        """Whether what should play can be played again: the set for grounding, or what was planned."""
        awaited = self.grounding if grounding and self.grounding else self.coming[:2]
        return any(self._condition(cue, 0.0) == "ready" for cue in awaited)

    def _usable(self, cue: Cue) -> bool:
        coming = {each.id for each in self.coming}
        return cue.id not in self.heard and cue.id not in coming and self._condition(cue, 0.0) == "ready"

    def _grounding(self, now: Cue | None, patience: float) -> Step | None:
        """What is ready at once: of the set, else of the last phase and the tail, else the loop; `None` without a set.

        A file that is slow to open is played once it is there: nobody should hear the old music until then.
        """
        if not self.grounding:
            return None
        turns = self._set()
        for k, cue in enumerate(turns):
            if self._condition(cue, 0.0 if k else patience) == "ready":
                self._turn += k + 1
                return Step(self._soft(cue), "grounding", tuple(map(self._fault, turns[:k])))
        faults = tuple(map(self._fault, turns))
        calm = self._round(now)
        return Step(self._loop(now), "loop", faults) if calm is None else replace(calm, faults=faults)

    def _set(self) -> list[Cue]:
        """The set for grounding, starting with the one whose turn it is."""
        k = self._turn % max(1, len(self.grounding))
        return [*self.grounding[k:], *self.grounding[:k]]

    def _last_resort(self, now: Cue | None, faults: tuple[str, ...], patience: float) -> Step:
        for cue in self.grounding:
            if self._condition(cue, 0.0) == "ready":
                return Step(self._soft(cue), "grounding", faults)
        if now is not None and now.id != LOOP and self._condition(now, patience / 2) == "ready":
            return Step(self._soft(now), "again", faults)
        return Step(self._loop(now), "loop", faults)

    def _loop(self, now: Cue | None) -> Cue:
        phase = now.phase if now is not None else self.coming[0].phase if self.coming else ""
        return Cue(LOOP, "", phase, 0.0, LOOP_SECONDS, overlap=SOFT, title="calm loop", loudness=None)

    def _after(self, now: Cue | None, patience: float) -> Step:
        """What follows everything planned, if the music is to continue."""
        return self._grounding(now, patience) or self._round(now) or self._last_resort(now, (), patience)

    def _round(self, now: Cue | None) -> Step | None:
        """The next track to repeat that is ready: the same one over and over would tire."""
        ready = (cue for cue in self._turned(now) if self._condition(cue, 0.0) == "ready")
        return next((Step(self._soft(cue), "again") for cue in ready), None)

    def _turned(self, now: Cue | None) -> list[Cue]:
        """The last phase and the tail, starting after `now`, with `now` itself at the end."""
        ids = [cue.id for cue in self._calmest]
        place = ids.index(now.id) + 1 if now is not None and now.id in ids else 0
        return [*self._calmest[place:], *self._calmest[:place]]

    def _last_reserve(self, now: Cue | None) -> Cue | None:
        """A reserve of the phase that is playing, or of the last one."""
        phases = [*([now.phase] if now else ()), *(span.name for span in self.phases[-1:])]
        return next((cue for phase in phases if (cue := self.usable_reserve(phase)) is not None), None)

    def _soft(self, cue: Cue, seconds: float | None = None) -> Cue:
        """The cue, cut to so many seconds, with a crossfade around it."""
        duration = cue.duration if seconds is None else min(cue.duration, seconds)
        return replace(cue, duration=duration, overlap=min(max(cue.overlap, SOFT), duration / 3))
