"""Limits of our processes: memory, and core dumps after a crash."""

from __future__ import annotations

import contextlib

__all__ = ["dump_no_core", "limit_memory"]

MEMORY = 4 * 2**30  # bytes a worker may allocate; sixteen times what listening needs


def limit_memory() -> None:
    """Limit this process's memory, where the system allows, so that it fails before the machine does."""
    _limit("RLIMIT_DATA", MEMORY)


def dump_no_core() -> None:
    """Prevent core dumps of this process and its children: their memory holds aliases and names."""
    # No core fits into one byte. With a limit of 0 Linux still pipes one to a program; with 1 it doesn't.
    _limit("RLIMIT_CORE", 1)


def _limit(name: str, most: int) -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(OSError, ValueError, AttributeError):
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        resource.setrlimit(which, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
