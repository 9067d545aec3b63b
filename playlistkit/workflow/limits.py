"""What a process of ours may take, and what it may leave behind when it crashes."""

from __future__ import annotations

import contextlib

__all__ = ["dump_no_core", "limit_memory"]

MEMORY = 4 * 2**30  # bytes a worker may allocate; sixteen times what listening needs


def limit_memory() -> None:
    """Let this process fail rather than take the whole machine's memory, where the system can do that."""
    _limit("RLIMIT_DATA", MEMORY)


def dump_no_core() -> None:
    """Let a crash of this process and of those it starts write no memory to the disk: aliases and names are in it."""
    # No core fits into one byte. Linux hands one to a program in spite of a limit of 0, of 1 it doesn't.
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
