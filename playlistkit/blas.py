"""numpy's BLAS on one thread: on matrices as small as ours a second one waits, busily, longer than it works.

A product of 250 x 300 and 300 x 270 values took 14 ms of processor time with two threads on two busy cores, and 3 ms with one.
While a session plays, that time is the player's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

__all__ = ["one_thread"]


@contextmanager
def one_thread() -> Iterator[None]:
    """For a `with` statement, or around a function: BLAS takes one thread within, and what it took before after."""
    with _controller().limit(limits=1, user_api="blas"):
        yield


@cache
def _controller() -> ThreadpoolController:
    import numpy  # noqa: F401 -- what it brings is found once it is loaded
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()  # kept, as looking for libraries takes 3 ms
