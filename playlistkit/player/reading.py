"""Files read ahead, each in a thread of its own, so that a slow disk is noticed long before it is heard."""

from __future__ import annotations

import _thread
import collections
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Literal, Protocol, Self

import numpy as np
import numpy.typing as npt

from playlistkit.audio import open_audio
from playlistkit.errors import AudioError
from playlistkit.player.values import Cue
from playlistkit.render import AudioSource

__all__ = ["Ahead", "Condition", "Files", "Shelf", "Source"]

Block = npt.NDArray[np.float32]

Condition = Literal["ready", "opening", "away", "broken"]
"""Decoded ahead; not yet decoded; missing or not answering, so that it may come back; impossible to decode."""

SEEK = 15.0  # s; an offset nearer to the beginning is reached by decoding
FIRST = (
    5.0  # s decoded after which a file counts as ready: what a join out of a broken file takes, and a little
)
WAITING = 12.0  # s decoded ahead from a file that waits for its turn
PATIENCE = 1.0  # most s to wait for a reader
PLAYING = 30.0  # s decoded ahead from a file that plays, or will within a minute
REST = (
    0.02  # s between two blocks of a file that is ready and not about to play, so that mixing gets its turn
)
LOOK_AGAIN = 5.0  # s between two checks for a missing file


class Source(AudioSource, Protocol):
    """A file that can be mixed, to be used in a `with` statement."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class Shelf(Protocol):
    """Where files are held ready."""

    def want(self, cues: Iterable[Cue], soon: Cue | None) -> None:
        """Hold these ready, in this order, and release all others; of `soon` decode well ahead."""

    def condition(self, cue: Cue, patience: float = 0.0) -> Condition:
        """The state of a file; waits at most so many seconds for one that is being opened."""

    def fault(self, cue: Cue) -> str:
        """Why it is not ready."""

    def take(self, cue: Cue, patience: Callable[[], float]) -> Source:
        """The file, for the mixer, which closes it and waits for it as long as `patience` says at the time."""


class Ahead:
    """A `Source` decoded ahead by a thread of its own.

    Parameters
    ----------
    path : str
    offset : float
        Seconds into the file.
    """

    def __init__(self, path: str, offset: float) -> None:
        self.path, self.offset = path, offset
        self.patience: Callable[[], float] = lambda: PATIENCE
        """Seconds that `blocks` waits for a silent reader."""
        self.limit = WAITING
        self.rate = self.channels = 0
        self.decoded = 0.0
        self.error: AudioError | None = None
        self.there = True
        """Whether the file was there when it failed."""
        self._blocks: collections.deque[Block] = collections.deque()
        self._held = 0.0  # s
        self._read = 0.0
        self._done = self._closed = False
        self._changed = threading.Condition()
        # Thread.start() waits until the thread runs, which on a busy machine takes longer than the music can wait
        _thread.start_new_thread(self._run, ())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; a hanging reader is left alone."""
        with self._changed:
            self._closed = True
            self._blocks.clear()
            self._changed.notify_all()

    @property
    def ready(self) -> bool:
        """Whether enough is decoded, or everything."""
        return self.error is None and (self._done or self._useful(self._read) >= FIRST) and self.rate > 0

    @property
    def holds(self) -> bool:
        """Whether anything is decoded."""
        return bool(self._blocks)

    def _useful(self, seconds: float) -> float:
        """How many of the decoded seconds lie beyond the offset."""
        return seconds - max(0.0, self.offset - self.decoded)

    def reach(self, limit: float) -> None:
        """Decode so many seconds ahead."""
        with self._changed:
            self.limit = limit
            self._changed.notify_all()

    def wait(self, seconds: float) -> None:
        """Wait until it is ready or has failed, but at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: self.ready or self.error is not None, seconds)

    def blocks(self) -> Iterator[Block]:
        """The samples in order, once.

        Raises
        ------
        AudioError
            If the file is damaged, or its reader gives nothing for `patience` seconds.
        """
        while True:
            with self._changed:
                there = self._changed.wait_for(
                    lambda: self._blocks or self._done or self.error or self._closed, self.patience()
                )
                if self._blocks:
                    block = self._blocks.popleft()
                    self._held -= len(block) / self.rate
                    self._changed.notify_all()
                elif not there:
                    raise AudioError(f"{self.path}: can't be read any further; its disk doesn't answer")
                elif self.error is not None:
                    raise self.error
                else:
                    return
            yield block

    def _run(self) -> None:
        try:
            with open_audio(self.path) as stream:
                if self.offset > SEEK:
                    stream.seek(self.offset)
                begins = stream.decoded
                with self._changed:
                    self.rate, self.channels, self.decoded = stream.rate, stream.channels, begins
                for block in _short(stream.blocks(), stream.rate // 2):
                    with self._changed:
                        self._blocks.append(block)
                        self._held += len(block) / stream.rate
                        self._read += len(block) / stream.rate
                        self._changed.notify_all()
                        self._changed.wait_for(lambda: self._closed or self._useful(self._held) < self.limit)
                        if self._closed:
                            return
                    if self.limit < PLAYING and self.ready:
                        time.sleep(REST)
            with self._changed:
                self._done = True
                self._changed.notify_all()
        except Exception as error:
            told = (
                error
                if isinstance(error, AudioError)
                else AudioError(f"{self.path}: can't be decoded: {error}")
            )
            there = os.path.exists(self.path)  # noqa: PTH110 -- odd names
            with self._changed:
                self.error, self.there = told, there
                self._changed.notify_all()


def _short(blocks: Iterable[Block], longest: int) -> Iterator[Block]:
    """The same, in blocks small enough to mix without delay."""
    for block in blocks:
        for at in range(0, len(block), longest):
            yield block[at : at + longest]


class Files:
    """The `Shelf` of real files."""

    def __init__(self) -> None:
        self._ready: dict[tuple[str, float], Ahead] = {}
        self._looked: dict[tuple[str, float], float] = {}
        self._watch = _Watch()

    def want(self, cues: Iterable[Cue], soon: Cue | None) -> None:
        """Hold these ready, and release all others."""
        wanted = {_key(cue): cue for cue in cues}
        for key in [each for each in self._ready if each not in wanted]:
            self._ready.pop(key).close()
        now = time.monotonic()
        for key in wanted:
            ahead = self._ready.get(key)
            if (
                ahead is not None
                and ahead.error is not None
                and now - self._looked.get(key, now) > LOOK_AGAIN
            ):
                ahead = None if self._watch.there(key[0]) else ahead  # it may have come back
                self._looked[key] = now
            if ahead is None:
                self._ready[key] = Ahead(*key)
                self._looked[key] = now
        self._watch.paths = tuple({path for path, _ in wanted})
        if soon is not None and _key(soon) in self._ready:
            self._ready[_key(soon)].reach(PLAYING)

    def condition(self, cue: Cue, patience: float = 0.0) -> Condition:
        """The state of a file."""
        key = _key(cue)
        if key not in self._ready:
            if not patience:
                return "opening"
            self._ready[key] = Ahead(*key)
        ahead = self._ready[key]
        if patience:
            ahead.wait(patience)
        if ahead.ready:
            # on some systems an open file outlives its folder; a file that is gone must not be started
            return "ready" if self._watch.there(cue.path) else "away"
        if ahead.error is None:
            return "opening"
        return "broken" if self._watch.there(cue.path) and ahead.there else "away"

    def fault(self, cue: Cue) -> str:
        """Why it is not ready."""
        ahead = self._ready.get(_key(cue))
        if ahead is not None and ahead.error is not None:
            return str(ahead.error)
        if not self._watch.there(cue.path):
            return f"{cue.path}: the file is gone"
        return f"{cue.path}: its disk doesn't answer"

    def take(self, cue: Cue, patience: Callable[[], float]) -> Source:
        """The file for the mixer."""
        ahead = self._ready.pop(_key(cue), None) or Ahead(*_key(cue))
        ahead.patience = patience
        ahead.reach(PLAYING)
        ahead.wait(patience())
        if ahead.error is not None and not ahead.holds:
            raise ahead.error
        if not ahead.rate:
            ahead.close()
            raise AudioError(f"{cue.path}: can't be opened; its disk doesn't answer")
        return ahead


class _Watch:
    """Checks every second whether files are still there, in a thread of its own, since a dead disk blocks whoever asks."""

    SLOW = 4.0  # s after which a disk that doesn't answer counts as gone

    def __init__(self) -> None:
        self.paths: tuple[str, ...] = ()
        self._gone: set[str] = set()
        self._asking: tuple[str, float] | None = None
        threading.Thread(target=self._run, name="watching files", daemon=True).start()

    def there(self, path: str) -> bool:
        """Whether a file was there when last checked; one never checked is assumed to be."""
        asking = self._asking
        if asking is not None and asking[0] == path and time.monotonic() - asking[1] > self.SLOW:
            return False
        return path not in self._gone

    def _run(self) -> None:
        while True:
            for path in self.paths:
                self._asking = (path, time.monotonic())
                found = os.path.exists(path)  # noqa: PTH110
                self._asking = None
                if found:
                    self._gone.discard(path)
                else:
                    self._gone.add(path)
            time.sleep(1.0)


def _key(cue: Cue) -> tuple[str, float]:
    return cue.path, cue.offset
