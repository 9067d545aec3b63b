"""What was worked out from a library, kept until the library changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from playlistkit.library.database import Database

__all__ = ["UntilChanged"]

PATIENCE = 600.0  # s for which a value is kept: files come and go without a change of the library

Value = TypeVar("Value")


class UntilChanged:
    """The value asked for last, kept until anything is written to the library, here or elsewhere.

    Only one is kept, since it may hold every track.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: tuple[tuple[int, int], Hashable] | None = None
        self._value: Any = None
        self._made = 0.0

    def of(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of `key`, made if it is not the one that is kept."""
        state = self._database.state()
        if state is None:
            return make()
        if self._known != (state, key) or time.monotonic() - self._made > PATIENCE:
            self.forget()
            self._value, self._made, self._known = make(), time.monotonic(), (state, key)
        kept: Value = self._value
        return kept

    def forget(self) -> None:
        """Keep nothing."""
        self._known = self._value = None
