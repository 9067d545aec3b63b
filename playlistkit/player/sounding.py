"""The sound of a session: what is mixed, what has begun, what is held ready. It takes no orders.

Two callers drive it: `work` mixes ahead, and `pull` returns what is to be heard now. Each may be called from a thread of
its own. A jump takes back what was mixed but not yet heard, so mixing far ahead delays no order. It is one class because
all of its state changes under one lock; `playing` adds what it reports, `engine` the orders.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from playlistkit.errors import AudioError
from playlistkit.player.entry import Before, Entry
from playlistkit.player.history import History
from playlistkit.player.ladder import LOOP, Ladder, Step
from playlistkit.player.mixer import Mixer
from playlistkit.player.pad import Pad
from playlistkit.player.ramp import Ramp
from playlistkit.player.reading import Shelf, Source
from playlistkit.player.values import (
    Answered,
    Cue,
    Event,
    Heard,
    Mode,
    Rung,
    Setlist,
    Snapshot,
)
from playlistkit.render import FADE, RATE, Part

__all__ = ["CHANGE", "DEPTH", "FADES", "USED_UP", "Sounding"]

Block = npt.NDArray[np.float32]

DEPTH = 2.0  # s mixed ahead of what is heard
KEPT = 0.5  # s of it that no wait for a file may use up, and after which an order need not wait for more
PATIENCE = 0.5  # s that a file is waited for at most when its turn has come
FIRST_PATIENCE = 1.0  # s, before anything sounds
SOON = 0.1  # s, for grounding: somebody needs it now, and what is ready does until the file is
STOPPED = 1.0  # s without a look at the sound, and without sound, that count as a silence
CHANGE = 6.0  # s of crossfade to another phase
SHORT_OF_THE_END = 30.0  # s; used up so shortly before the planned end, the session ends
USED_UP = "All that was planned has been played; reserves and repeats go on until the planned end."
FADES = {"pause": 1.0, "quiet": 4.0, "ending": 15.0, "in": 2.0, "level": 0.5}  # s


class Sounding:
    """A session that plays.

    Parameters
    ----------
    setlist : Setlist
    shelf : Shelf
        Where files stand ready.
    clock : callable
        Seconds that only grow; a made one in tests.
    at : float
        Position to begin at, in seconds.
    log : callable, optional
        Takes each event of the record.
    endless : bool
        Whether the music goes on after the tail, with the set for grounding, until it is ended.
    saved : Snapshot, optional
        To go on from after a crash, instead of `at`.
    lost : float, optional
        When the player before this one was last known to live, on the same clock: the silence since is a gap.
    patience : float
        Seconds that a file is waited for at most; never longer than what is mixed ahead lasts, if it is less than that.
    """

    def __init__(
        self,
        setlist: Setlist,
        shelf: Shelf,
        clock: Callable[[], float],
        *,
        at: float = 0.0,
        log: Callable[[Event], None] | None = None,
        endless: bool = False,
        saved: Snapshot | None = None,
        lost: float | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self.setlist = setlist
        self._shelf, self._clock = shelf, clock
        self._patience = patience
        self._lock = threading.RLock()
        self._asking = 0  # orders that wait for the lock
        self._began = (clock() if lost is None else lost) - (saved.elapsed if saved else 0.0)
        self._silence: tuple[float, int] | None = None if lost is None else (lost, 0)
        """Since when there has been none of the music that there should be, and the samples handed out until then."""
        self._crashed = lost is not None
        self._looked, self._accounted, self._played = clock(), 0.0, False
        self._base = saved.position if saved else at
        self._mode: Mode = saved.mode if saved else "running"
        self._switch = Ramp(0.0)
        self._level_db = saved.level if saved else 0.0
        self._level = Ramp(10 ** (self._level_db / 20))
        self._held = saved.held if saved else False
        self._grounding = saved.grounding if saved else False
        self._revision = saved.revision + 1 if saved else 1
        self._replaced = saved.replaced if saved else 0
        self._current: Entry | None = None
        self._fetched: list[Entry] = []
        self._answered: dict[str, Answered] = {each.id: each for each in saved.answered} if saved else {}
        self._before: Before | None = None
        self._over = False
        self.device, self.sounding = "", True
        self._ladder = Ladder(setlist, shelf.condition, shelf.fault)
        self._ladder.endless = endless
        self._token = object()
        first: Entry | None = None
        if saved is not None:
            self._ladder.coming = list(saved.coming)
            self._ladder.reserves = {phase: list(cues) for phase, cues in saved.reserves.items()}
            self._ladder.heard = {each.cue.id for each in saved.heard}
            if saved.current is not None:
                self._ladder.go_on_after(saved.current)
            if saved.current is not None and saved.rung not in ("loop",):
                first = Entry(
                    saved.current, saved.rung, min(saved.into, max(0.0, saved.current.duration - 5.0))
                )
        else:
            first = self._first_at(at)
        if first is not None:
            self._shelf.want([first.played, *self._ladder.wanted(None, self._held)], first.played)
        self._mixer = Mixer(self._supply(self._token, first), self._open, self._begins, self._lost)
        self._history = History(lambda: (self._elapsed, self._position), log, saved)
        if saved is None:
            plan = {"setlist": setlist.name, "cues": len(setlist.cues), "document": setlist.document}
            self._history.write("begin", plan)
        else:
            self._history.write("go on", {})
        if self._mode == "running":
            self._switch.to(1.0, FADES["in"])

    # --- what drives it

    def pull(self, count: int) -> Block:
        """The next samples to be heard [shape=(count, 2)]; silence if there are none. Never waits, never raises."""
        if self._stands_still:
            return np.zeros((count, 2), np.float32)
        block = self._mixer.pull(count)
        block *= self._switch.over(count) ** 2 * self._level.over(count)
        return block

    def work(self) -> None:
        """Mix ahead, notice what begins, hold files ready; call it several times a second."""
        with self._lock:
            if self._over:
                return
            try:
                self._fill(DEPTH)
            except Exception:  # a fault of our own must not be the end of the music
                if self._fetched and self._fetched[-1].begin is None:
                    self._fetched.pop()  # of that one, most likely, which is passed over
                self._jump(None, KEPT)
                raise
            self._look_for_sound()
            self._notice()
            now = self._current
            soon = self._ladder.coming[0] if self._ladder.coming else None
            ahead = self._until_next()
            self._shelf.want(
                self._ladder.wanted(now.cue if now else None, self._held),
                soon if ahead is not None and ahead < 60.0 else None,
            )
            stopgap = now is not None and now.stopgap and not self._fetched
            if stopgap and self._ladder.planned_is_back(grounding=self._grounding):
                self._history.tell("The files can be read again; the session goes on.")
                self._jump(None, CHANGE)
            ended = self._mixer.ended and self._mixer.ahead <= 0
            if ended or (self._mode == "ending" and self._stands_still):
                self._finish()

    @property
    def _stands_still(self) -> bool:
        """Whether a fade to silence is complete, so no more of the music is used up."""
        return self._over or (self._mode in ("paused", "ending") and self._switch.value == 0.0)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over

    def fade_in(self) -> None:
        """Fade in once samples are taken again."""
        with self._lock:
            self._switch.value = 0.0
            if self._mode == "running":
                self._switch.to(1.0, FADES["in"])

    def _turn(self, mode: Mode, value: float, seconds: float) -> None:
        if mode == "paused" and self._silence is not None:  # from now on it is wanted
            self._silence_ends(self._clock())
        elif self._mode == "paused" and not self.sounding:
            self._silence = (self._clock(), self._mixer.pulled)
        self._mode = mode
        self._switch.to(value, seconds)
        self._history.write("mode", {"mode": mode, "fade": seconds})
        self._revision += 1

    def _sound_on(self) -> None:
        if self._mode != "running":
            self._turn("running", 1.0, FADES["in"])

    # --- the deck

    def _first_at(self, at: float) -> Entry | None:
        """The cue that plays at a position; those before it are dropped."""
        coming = self._ladder.coming
        k = max((k for k, cue in enumerate(coming) if cue.start <= at), default=None)
        if k is None or at <= 0:
            return None
        cue = coming[k]
        del coming[: k + 1]
        skip = min(at - cue.start, max(0.0, cue.duration - 10.0))
        rung: Rung = "tail" if cue.phase == "tail" else "session"
        return Entry(cue, rung, skip, used=[cue])

    def _supply(self, token: object, first: Entry | None) -> Iterator[Part]:
        """Parts for the deck, until a jump makes another supply."""
        if first is not None and self._shelf.condition(first.played, self._spare()) == "ready":
            yield self._fetch(first)
        elif first is not None:
            self._history.fault(self._shelf.fault(first.played), "session")
        while token is self._token:
            now = self._fetched[-1] if self._fetched else self._current
            early = self._early
            step = self._ladder.next(
                now.cue if now else None,
                held=self._held,
                grounding=self._grounding,
                patience=self._spare(SOON if self._grounding else PATIENCE),
                early=early,
            )
            if step is None or self._spent(step):
                return
            if early and not (self._held or self._grounding):
                self._history.tell_once(USED_UP)
            yield self._fetch(self._entry(step))

    def _entry(self, step: Step) -> Entry:
        for fault in step.faults:
            self._history.fault(fault, step.rung)
        used = self._ladder.coming[: step.took]
        del self._ladder.coming[: step.took]
        stopgap = bool(step.faults) and step.rung in ("loop", "again")
        return Entry(step.cue, step.rung, used=used, stopgap=stopgap)

    def _fetch(self, entry: Entry) -> Part:
        cue = entry.played
        entry.part = Part(cue.path or LOOP, cue.offset, cue.duration, cue.gain, cue.overlap)
        self._fetched.append(entry)
        self._ladder.heard.add(entry.cue.id)
        return entry.part

    def _open(self, path: str) -> Source:
        del path
        entry = self._fetched[-1]
        if entry.cue.id == LOOP:
            return Pad()
        return self._shelf.take(entry.played, self._spare)

    def _begins(self, part: Part, at: int) -> None:
        for entry in self._fetched:
            if entry.part is part:
                entry.begin = at

    def _lost(self, part: Part, error: AudioError) -> None:
        entry = next(
            (each for each in (*self._fetched, self._current) if each is not None and each.part is part), None
        )
        if entry is not None and entry.begin is None:  # never heard
            self._fetched.remove(entry)
            lacking = entry.played.duration
        elif entry is not None:
            entry.fade_out = FADE
            lacking = entry.played.duration - self._into_part(entry) - self._mixer.ahead
        if entry is None or not self._fill_up(entry.cue.phase, lacking):
            self._history.fault(str(error), "session")
        else:
            self._history.fault(str(error), "reserve")

    def _fill_up(self, phase: str, seconds: float) -> bool:
        """Fill the time that a part lacks with reserves, so that the session keeps to the clock; tells whether there are any."""
        if self._held or self._grounding:
            return False
        found = self._ladder.fill(phase, seconds)
        self._ladder.coming[:0] = found
        return bool(found)

    def _fill(self, seconds: float) -> None:
        while not self._mixer.ended and self._mixer.ahead < seconds:
            if self._asking and self._mixer.ahead > KEPT:
                break
            if not self._mixer.step():
                break
        gap = self._mixer.gap()
        if gap:
            self._history.gap(gap / RATE)

    def silent_from(self, moment: float) -> None:
        """Note a silence that nobody ordered, from then on, such as that of a failed device."""
        with self._lock:
            if self._silence is None and self._mode != "paused":
                self._silence = (moment, self._mixer.pulled)

    def _look_for_sound(self) -> None:
        """Once there is sound again, report how long an unordered silence lasted."""
        now, last = self._clock(), self._looked
        accounted = self._mixer.pulled / RATE + self._history.gap_seconds
        lacking = now - last - (accounted - self._accounted)
        plays = self._mode in ("running", "quiet") and self._silence is None and self.sounding
        if self._played and plays and min(now - last, lacking) > STOPPED:  # this whole process stood still
            self._history.gap(lacking)
            self._history.tell(f"The player stood still for {lacking:.0f} s; the music goes on where it was.")
        if self._silence is not None and self._mixer.pulled > self._silence[1]:
            taken = (
                self._mixer.pulled - self._silence[1]
            ) / RATE  # at once by a device that fills its own buffer
            self._silence_ends(max(last, now - taken))
        elif self._crashed and self._mode == "paused":
            self._silence, self._crashed = None, False
            self._history.tell("The player had crashed; it stands where it was.")
        self._looked, self._played = now, plays and self._mixer.pulled > 0
        self._accounted = self._mixer.pulled / RATE + self._history.gap_seconds

    def _silence_ends(self, moment: float) -> None:
        assert self._silence is not None
        seconds = max(0.0, moment - self._silence[0])
        self._silence = None
        self._history.gap(seconds)
        if self._crashed:
            self._crashed = False
            self._history.tell(f"The player had crashed; it went on {seconds:.1f} s later, where it was.")

    def _spare(self, most: float = PATIENCE) -> float:
        """Seconds for which we can wait for a file now without a gap, `most` at most."""
        if self._patience > DEPTH or not self._patience:  # no clock to keep
            return self._patience
        if not self._mixer.pulled:
            return FIRST_PATIENCE
        return max(0.0, min(most, self._patience, self._mixer.ahead - KEPT))

    @contextlib.contextmanager
    def _soon(self) -> Iterator[None]:
        """The lock for an order; whoever is mixing releases it."""
        self._asking += 1
        with self._lock:
            self._asking -= 1
            yield

    def _jump(self, first: Entry | None, seconds: float) -> None:
        """Crossfade to an entry, or to what comes next."""
        self._back_to_front()
        self._token = object()
        parts = self._supply(self._token, first)
        next_part = [
            part for part in [next(parts, None)] if part is not None
        ]  # waited for while the ring is full
        if self._fetched:
            self._fetched[-1].fade_in = seconds
        self._mixer.jump(itertools.chain(next_part, parts), seconds)

    def _back_to_front(self) -> list[Entry]:
        """Put what is decoded but won't be heard back among what comes."""
        late = [entry for entry in self._fetched if entry.begin is None or entry.begin > self._mixer.pulled]
        for entry in reversed(late):
            self._fetched.remove(entry)
            self._ladder.heard.discard(entry.cue.id)
            self._ladder.coming[:0] = entry.used
        return late

    def _take_again(self, late: list[Entry]) -> None:
        """Undo `_back_to_front`, if nothing came of it."""
        for entry in late:
            del self._ladder.coming[: len(entry.used)]
            self._ladder.heard.add(entry.cue.id)
            self._fetched.append(entry)

    @property
    def _latest(self) -> Cue | None:
        """The cue that is beginning, or else the one playing."""
        entry = self._fetched[0] if self._fetched else self._current
        return entry.cue if entry else None

    # --- what is heard

    def _notice(self) -> None:
        """Make what has begun to sound the playing cue."""
        while (
            self._fetched
            and self._fetched[0].begin is not None
            and self._fetched[0].begin <= self._mixer.pulled
        ):
            entry = self._fetched.pop(0)
            begin = entry.begin or 0
            before = self._current
            if before is not None:
                overlap = before.part.overlap if before.part else 0.0
                fade = entry.fade_in if before.fade_out is None else before.fade_out
                self._close(before, begin + round((overlap if fade is None else fade) * RATE))
            if entry.fade_in is None:
                self._before = None  # a join ends what could be undone
            self._current = entry
            self._revision += 1
            level, at = self._level_db, self._base + begin / RATE
            self._history.begins(entry.cue, entry.rung, entry.skip, level, at)

    def _close(self, entry: Entry, end: int) -> None:
        begin = entry.begin or 0
        start = self._base + begin / RATE
        self._history.ends(Heard(entry.played, start, self._base + max(end, begin) / RATE, entry.rung))

    def _finish(self) -> None:
        self._notice()
        if self._current is not None:
            self._close(self._current, self._mixer.pulled)
            self._current = None
        self._history.over(self._position)
        self._over = True
        self._mode = "ended"
        self._revision += 1
        self._history.tell("The session has ended.")
        self._history.write("end", {})

    @property
    def _position(self) -> float:
        return self._base + self._mixer.pulled / RATE

    @property
    def _elapsed(self) -> float:
        return self._clock() - self._began

    def _into_part(self, entry: Entry) -> float:
        return (self._mixer.pulled - (entry.begin or 0)) / RATE

    @property
    def _into(self) -> float:
        now = self._current
        return now.skip + self._into_part(now) if now is not None else 0.0

    @property
    def _phase(self) -> str:
        return self._current.cue.phase if self._current else ""

    def _until_next(self) -> float | None:
        if self._fetched and self._fetched[0].begin is not None:
            return (self._fetched[0].begin - self._mixer.pulled) / RATE
        now = self._current
        if now is None:
            return None
        left = max(0.0, now.cue.duration - now.cue.overlap - self._into)
        return left if now.fade_out is None else min(left, self._mixer.ahead)  # its file broke off

    def _next_begins(self) -> float:
        """Position at which the next track begins, or the last one ends."""
        return self._position + (self._until_next() or 0.0)

    def _fetched_to(self) -> float:
        """Position up to which music is fetched already."""
        return self._next_begins() + sum(
            each.duration - each.overlap for each in (entry.played for entry in self._fetched)
        )

    @property
    def _early(self) -> bool:
        """Whether everything planned is used up before the planned end."""
        return not self._ladder.coming and self._fetched_to() < self._planned_end() - SHORT_OF_THE_END

    def _planned_end(self) -> float:
        """Position at which the session is planned to end, without its tail."""
        return max((cue.start + cue.duration for cue in self.setlist.cues), default=0.0)

    def _spent(self, step: Step) -> bool:
        """Whether only stopgaps are left and the session's time is over."""
        every = [*self.setlist.cues, *self.setlist.tail]
        over = not every or self._position > every[-1].start + every[-1].duration
        stopgap = step.rung in ("loop", "again") or (step.rung == "grounding" and not self._grounding)
        return over and stopgap and not self._held and not self._ladder.endless

    def _changed(self) -> None:
        self._revision += 1
