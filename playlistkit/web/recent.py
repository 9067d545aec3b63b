"""The few values made last, kept for the requests that follow; safe for several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """At most `most` values by their keys; the oldest goes first.

    Parameters
    ----------
    most : int
        At least 1.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._made: dict[Key, Value] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._made)

    def of(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of `key`; made where it is not kept, perhaps by two threads at once that both want it."""
        with self._lock:
            if key in self._made:
                return self._made[key]
        value = make()
        with self._lock:
            self._made[key] = value
            while len(self._made) > self._most:
                del self._made[next(iter(self._made))]
        return value
