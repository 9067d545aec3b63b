"""What a session has said and played: sentences, gaps, and tracks with their times; each is a line of the record."""

from __future__ import annotations

import collections
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from playlistkit.player.values import Cue, Event, Heard, Rung, Snapshot, Told

__all__ = ["History"]

STANDS_IN: Mapping[Rung, str] = {
    "reserve": "a reserve of its phase plays instead",
    "grounding": "the set for grounding plays instead",
    "again": "a track that can be read plays again",
    "loop": "a calm loop plays until a file can be read again",
    "session": "the next playable track begins",
    "tail": "the tail begins",
}


class History:
    """What was said and played so far.

    Parameters
    ----------
    now : callable
        Seconds elapsed and the position.
    log : callable, optional
        Called with each event of the record.
    saved : Snapshot, optional
        What was played before a crash.
    """

    def __init__(
        self,
        now: Callable[[], tuple[float, float]],
        log: Callable[[Event], None] | None,
        saved: Snapshot | None,
    ) -> None:
        self._now, self._log = now, log
        self.heard: list[Heard] = []
        """What no longer sounds, in the order in which it began."""
        self.told: collections.deque[Told] = collections.deque(maxlen=8)
        self.told_count = 0
        self.gaps, self.gap_seconds = 0, 0.0
        self.told_once: dict[str, None] = {}
        """Sentences that are not to be told again, in order."""
        if saved is not None:
            self.gaps, self.gap_seconds = saved.gaps, saved.gap_seconds
            self.told.extend(saved.told)
            self.told_count = saved.told_count
            self.told_once = dict.fromkeys(saved.told_once)
            self.heard = _until(saved.position, saved.heard)
            if saved.heard and saved.current is not None:
                self._ends(self.heard[-1])

    def write(self, what: str, values: Mapping[str, Any], position: float | None = None) -> None:
        """An event of the record; now, if no position is given."""
        if self._log is not None:
            elapsed, now = self._now()
            self._log(Event(round(elapsed, 3), round(now if position is None else position, 3), what, values))

    def tell(self, text: str) -> None:
        """A sentence for the faces and the record."""
        self.told.append(Told(self._now()[0], text))
        self.told_count += 1
        self.write("told", {"text": text})

    def tell_once(self, text: str) -> None:
        """The same, for what may happen again and again."""
        if text not in self.told_once:
            self.told_once[text] = None
            self.tell(text)

    def fault(self, text: str, rung: Rung) -> None:
        """Note a file that can't be played, and what plays instead."""
        if text not in self.told_once:
            self.told_once[text] = None
            self.tell(f"{text}; {STANDS_IN[rung]}")

    def gap(self, seconds: float) -> None:
        """Note a silence that nobody ordered."""
        self.gaps += 1
        self.gap_seconds += seconds
        self.write("gap", {"seconds": round(seconds, 3)})

    def begins(self, cue: Cue, rung: Rung, skip: float, level: float, position: float) -> None:
        """Note that a track sounds."""
        values = {
            "id": cue.id, "title": cue.title, "artist": cue.artist, "phase": cue.phase,
            "rung": rung, "gain": cue.gain, "level": level, "from": round(skip, 3),
        }  # fmt: skip
        self.write("track", values, position)

    def ends(self, heard: Heard) -> None:
        """Note that a track is silent, or will be once the crossfade out of it ends."""
        self.heard.append(heard)
        self._ends(heard)

    def over(self, position: float) -> None:
        """Note that nothing sounds after this."""
        self.heard = _until(position, self.heard)

    def _ends(self, heard: Heard) -> None:
        values = {"id": heard.cue.id, "seconds": round(heard.end - heard.start, 3)}
        self.write("track ends", values, heard.end)


def _until(position: float, heard: tuple[Heard, ...] | list[Heard]) -> list[Heard]:
    return [replace(each, end=min(each.end, position)) for each in heard if each.start <= position]
