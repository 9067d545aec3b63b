"""A session that plays, and its reports: where it stands, what it needs to resume after a crash, what was played."""

from __future__ import annotations

from playlistkit.player.entry import Entry
from playlistkit.player.sounding import Sounding
from playlistkit.player.values import Heard, Point, Snapshot, State
from playlistkit.render import RATE

__all__ = ["Playing"]


class Playing(Sounding):
    """A session that plays. Made like `Sounding`."""

    def tell(self, text: str) -> None:
        """Keep a sentence for the faces and the record, such as a device that is gone."""
        with self._lock:
            self._history.tell(text)

    def tell_once(self, text: str) -> None:
        """The same, for what may happen again and again."""
        with self._lock:
            self._history.tell_once(text)

    def interrupted(self, text: str) -> None:
        """Pause until somebody resumes it."""
        with self._lock:
            if self._mode in ("running", "quiet"):
                self._turn("paused", 0.0, 0.01)
            self._history.tell(text)

    def state(self) -> State:
        """Where it stands, as heard."""
        with self._lock:
            self._notice()
            now, until = self._current, self._until_next()
            every = [cue.id for cue in (*self.setlist.cues, *self.setlist.tail)]
            upcoming = self._fetched[0].cue if self._fetched else None
            if upcoming is None and self._ladder.coming and not self._grounding and not self._held:
                upcoming = self._ladder.coming[0]
            return State(
                mode="ended" if self._over else self._mode,
                revision=self._revision,
                elapsed=self._elapsed,
                position=self._position,
                ends=self._ends(),
                phase=now.cue.phase if now else "",
                rung=now.rung if now else "session",
                held=self._held,
                grounding=self._grounding,
                now=now.cue if now else None,
                into=self._into,
                next=upcoming,
                next_in=until,
                level=self._level_db,
                undo=self._before.name if self._before else None,
                told=tuple(self._history.told),
                told_count=self._history.told_count,
                device=self.device,
                sounding=self.sounding,
                gaps=self._history.gaps,
                gap_seconds=round(self._history.gap_seconds, 3),
                setlist=self._replaced,
                number=every.index(now.cue.id) + 1 if now is not None and now.cue.id in every else None,
                count=len(every),
                goes_on=not (self._over or self._mode == "ending")
                and (self._held or self._grounding or self._early or self._ladder.endless),
            )

    def point(self, pid: int, patience: float = 0.05) -> Point | None:
        """The position, for a stand-by; `None` if finding out would take longer than `patience` seconds."""
        if not self._lock.acquire(timeout=patience):
            return None
        try:
            self._notice()
            return Point(self._revision, self._elapsed, self._position, self._goes_on_with()[1], pid, pid)
        finally:
            self._lock.release()

    def heard(self) -> tuple[Heard, ...]:
        """What has sounded so far; what is playing comes last."""
        with self._lock:
            self._notice()
            now = self._playing()
            return (*self._history.heard, *([now] if now else []))

    def snapshot(self) -> Snapshot:
        """Everything needed to resume from here."""
        with self._lock:
            self._notice()
            now, into = self._goes_on_with()
            back = [cue for entry in self._fetched if entry is not now for cue in entry.used]
            return Snapshot(
                setlist=self.setlist,
                coming=(*back, *self._ladder.coming),
                reserves={phase: tuple(cues) for phase, cues in self._ladder.reserves.items()},
                mode="ended" if self._over else self._mode,
                revision=self._revision,
                elapsed=self._elapsed,
                position=self._position,
                level=self._level_db,
                held=self._held,
                grounding=self._grounding,
                current=now.cue if now else None,
                into=into,
                rung=now.rung if now else "session",
                heard=self.heard(),
                replaced=self._replaced,
                gaps=self._history.gaps,
                gap_seconds=round(self._history.gap_seconds, 3),
                told=tuple(self._history.told),
                told_count=self._history.told_count,
                answered=tuple(self._answered.values()),
                told_once=tuple(self._history.told_once),
            )

    def _goes_on_with(self) -> tuple[Entry | None, float]:
        """What would play after a crash, and the seconds into it; after an order, where it led, even if not yet heard."""
        if self._fetched and self._fetched[0].fade_in is not None:
            return self._fetched[0], self._fetched[0].skip
        return self._current, self._into

    def _playing(self) -> Heard | None:
        now = self._current
        if now is None:
            return None
        return Heard(now.played, self._base + (now.begin or 0) / RATE, self._position, now.rung)

    def _ends(self) -> float:
        """Position at which the session now ends."""
        at = self._next_begins()
        cues = [entry.cue for entry in self._fetched] + self._ladder.coming
        if self._early:
            return self._planned_end()
        session = [cue for cue in cues if cue.phase != "tail"]
        if not session and self._current is not None and self._current.cue.phase == "tail":
            return min((cue.start for cue in self.setlist.tail), default=at)
        return (
            at
            + sum(cue.duration - cue.overlap for cue in session)
            + (session[-1].overlap if session else 0.0)
        )
