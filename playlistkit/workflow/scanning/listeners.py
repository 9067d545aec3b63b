"""Where files are listened to: processes on this machine, or the workers of a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

from playlistkit.workflow.scanning.wanted import Request
from playlistkit.workflow.scanning.worker_processes import Workers

__all__ = ["Listeners", "cores", "processes"]


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Listeners(Protocol):
    """Where files are analysed: in this machine's processes, or on a cluster."""

    at_once: int
    """Files analysed at a time."""

    def submit(self, request: Request) -> Any:
        """Start to analyse a file; returns the future of an `Answer`."""

    def is_ready(self) -> bool:
        """Whether files can be handed out now."""


class OwnProcesses:
    """Workers on this machine: one thread for each process, which waits for it."""

    def __init__(self, pool: ThreadPoolExecutor, workers: Workers, jobs: int, voice: bool) -> None:
        self.at_once = jobs
        self._pool = pool
        self._workers = workers
        self._voice = voice

    def submit(self, request: Request) -> Any:
        """Start to analyse a file."""
        return self._pool.submit(self._workers.listen, request, voice=self._voice)

    def is_ready(self) -> bool:
        """Always."""
        return True


@contextmanager
def processes(jobs: int, voice: bool) -> Iterator[Listeners]:
    """Workers on this machine, which end with the block."""
    workers = Workers()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="listen")
    try:
        yield OwnProcesses(pool, workers, jobs, voice)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        workers.stop()
        pool.shutdown()
        workers.close()
