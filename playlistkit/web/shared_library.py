"""One library for all pages: several threads read it, one changes it.

A library belongs to the thread that opened it. Reading never waits for a change, whoever makes it: SQLite gives each
reader the last finished state. Changes wait for one another, and for other programs' changes.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYetError
from typing import TYPE_CHECKING, TypeVar

from playlistkit.errors import LibraryError

if TYPE_CHECKING:
    from playlistkit.workflow.library import Library

__all__ = ["SharedLibrary"]

READERS = 4
"""Threads that read at the same time."""
# How long to wait for the first reader, which has answers in its cache, before a colder one is asked.
PREFERENCE = 0.25  # s
PATIENCE = 45.0  # s to wait for an answer; SQLite itself gives up after half a minute

Answer = TypeVar("Answer")


class _Clerk:
    """A thread, and the library that it opened."""

    def __init__(self, path: str | os.PathLike[str] | None, name: str, *, reads_only: bool) -> None:
        self._path = path
        self._reads_only = reads_only
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._library: Library | None = None

    def do(self, work: Callable[[Library], Answer]) -> Future[Answer]:
        try:
            return self._thread.submit(lambda: work(self._opened()))
        except RuntimeError as error:  # a page of the library that was just left
            raise LibraryError("this library is closed now; load the page again") from error

    def close(self) -> None:
        """Finish what is under way, and close the library."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _opened(self) -> Library:
        from playlistkit.workflow.library import Library

        if self._library is None:
            self._library = Library(self._path)
            if self._reads_only:
                self._library.refuse_changes()
        return self._library

    def _close(self) -> None:
        library, self._library = self._library, None
        if library is not None:
            library.close()


class SharedLibrary:
    """A library that several threads may read and change.

    Parameters
    ----------
    path : str or path, optional
        As for `Library`.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._readers = [_Clerk(path, f"reads-{number}", reads_only=True) for number in range(READERS)]
        self._writer = _Clerk(path, "changes", reads_only=False)
        self._busy: set[_Clerk] = set()
        self._free = threading.Condition()

    def look(self, work: Callable[[Library], Answer], preference: float = PREFERENCE) -> Answer:
        """Read; returns or raises what that does.

        Parameters
        ----------
        preference : float
            Seconds to wait for the first reader.

        Raises
        ------
        LibraryError
            If there is no answer within `PATIENCE`, or if it changes anything.
        """
        until = time.monotonic() + PATIENCE
        answer = self._read(work, until, preference)
        try:
            return answer.result(max(0.0, until - time.monotonic()))
        except NotYetError:
            raise LibraryError(
                f"the library has not answered for {PATIENCE:.0f} s; is its disk slow, or was it unplugged? Try again"
            ) from None

    def change(self, work: Callable[[Library], Answer]) -> Answer:
        """Change something; returns or raises what that does.

        Raises
        ------
        LibraryError
            If it could not begin within `PATIENCE` because of other changes.
        """
        answer = self._writer.do(work)
        try:
            return answer.result(PATIENCE)
        except NotYetError:
            if answer.cancel():
                raise LibraryError(
                    "other changes are still waiting for the library, so nothing was changed; try again"
                ) from None
            return answer.result()  # it has begun: it must be told how it ends

    def prepare(self, work: Callable[[Library], object]) -> None:
        """Read something that will soon be asked for, if nobody is reading now."""
        with self._free:
            if self._busy:
                return
            first = self._readers[0]
            self._busy.add(first)
        self._hand_over(first, work)

    def close(self) -> None:
        """Finish what is under way, and close it."""
        for clerk in (*self._readers, self._writer):
            clerk.close()

    def _read(self, work: Callable[[Library], Answer], until: float, preference: float) -> Future[Answer]:
        first = self._readers[0]
        with self._free:
            self._free.wait_for(lambda: first not in self._busy, preference)
            if not self._free.wait_for(lambda: len(self._busy) < READERS, max(0.0, until - time.monotonic())):
                raise LibraryError("too many pages wait for the library; is its disk slow? Try again")
            reader = next(each for each in self._readers if each not in self._busy)
            self._busy.add(reader)
        return self._hand_over(reader, work)

    def _hand_over(self, reader: _Clerk, work: Callable[[Library], Answer]) -> Future[Answer]:
        def ended(_: object) -> None:
            with self._free:
                self._busy.discard(reader)
                self._free.notify_all()

        try:
            answer = reader.do(work)
        except LibraryError:
            ended(None)
            raise
        answer.add_done_callback(ended)
        return answer
