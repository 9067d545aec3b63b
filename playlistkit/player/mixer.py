"""The deck, and what is mixed ahead. A jump takes back what was mixed but not yet heard."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from playlistkit.errors import AudioError
from playlistkit.player.reading import Source
from playlistkit.render import RATE, Deck, Part

__all__ = ["LEAD", "Mixer"]

Block = npt.NDArray[np.float32]

LEAD = 0.1  # s from an order to the beginning of its crossfade
SAFE = 0.5  # s mixed before the sound changes over
STEP = 0.1  # s mixed at a time


class Mixer:
    """Mixed sound. `pull` may be called from a different thread than the rest, and never waits.

    Parameters
    ----------
    parts : iterable of Part
        What follows, asked for one at a time.
    open_source : callable
        Opens a path for reading.
    began, lost : callable
        As for `Deck`.
    """

    def __init__(
        self,
        parts: Iterable[Part],
        open_source: Callable[[str], Source],
        began: Callable[[Part, int], None],
        lost: Callable[[Part, AudioError], None],
    ) -> None:
        self._deck = Deck(parts, open_source, began=began, lost=lost)
        self._lock = threading.Lock()
        self._ring: collections.deque[Block] = collections.deque()
        self._mixed = 0
        self.pulled = 0
        """Samples handed out; as `began` counts them."""
        self.missing = 0
        """Samples that were asked for but missing since `gap` was last called; waiting for the very first is no gap."""

    @property
    def ahead(self) -> float:
        """Seconds that are mixed but not yet heard."""
        return (self._mixed - self.pulled) / RATE

    @property
    def ended(self) -> bool:
        """Whether everything is mixed."""
        return self._deck.ended

    def pull(self, count: int) -> Block:
        """The next samples [shape=(count, 2)]; silence if there are none."""
        block = np.zeros((count, 2), np.float32)
        have = 0
        with self._lock:
            while have < count and self._ring:
                first = self._ring[0]
                taken = min(len(first), count - have)
                block[have : have + taken] = first[:taken]
                have += taken
                if taken == len(first):
                    self._ring.popleft()
                else:
                    self._ring[0] = first[taken:]
            self.pulled += have
        if have < count and self.pulled and not self.ended:
            self.missing += count - have
        return block

    def step(self) -> bool:
        """Mix a little more; tells whether there was anything."""
        block = self._deck.read(round(STEP * RATE))
        with self._lock:
            self._ring.append(block)
            self._mixed += len(block)
        return bool(len(block))

    def gap(self) -> int:
        """How many samples were missing before those available now; 0 if none were missing or none are available."""
        if not self.missing or self._mixed <= self.pulled:
            return 0
        lacking, self.missing = self.missing, 0
        return lacking

    def jump(self, parts: Iterable[Part], seconds: float) -> None:
        """Crossfade to other parts, `LEAD` from now.

        What is mixed beyond that goes back to the deck; meanwhile the old mix plays on until it is replaced.
        """
        lead, safe = round(LEAD * RATE), round(SAFE * RATE)
        with self._lock:
            cut = min(self._mixed, self.pulled + lead)
            whole = np.concatenate([*self._ring, np.zeros((0, 2), np.float32)])
            beyond = whole[cut - self.pulled :]
        self._deck.unread(beyond)
        self._deck.jump(parts, seconds)
        fresh = np.zeros((0, 2), np.float32)
        while len(fresh) < self.pulled - cut + safe and not self._deck.ended:
            fresh = np.concatenate([fresh, self._deck.read(round(STEP * RATE))])
        with self._lock:
            late = self.pulled - cut  # what was heard beyond that while the other files were opened
            kept = np.concatenate([*self._ring, np.zeros((0, 2), np.float32)])[: max(0, -late)]
            self._ring = collections.deque(each for each in (kept, fresh[max(0, late) :]) if len(each))
            self._mixed = max(cut + len(fresh), self.pulled)
