"""Analyse on the workers of a Dask cluster, which may come and go during a scan."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from playlistkit import analysis
from playlistkit.errors import InputError, ServiceError
from playlistkit.workflow.scanning.wanted import Request
from playlistkit.workflow.scanning.worker_processes import Answer, listen_apart

__all__ = ["Cluster", "cluster", "is_lost"]

LOOK = 2.0  # s between checks of the cluster
GONE = 60.0  # s without a scheduler after which a scan ends


@contextmanager
def cluster(address: str, voice: bool, tell: Callable[[str], None]) -> Iterator[Cluster]:
    """The workers behind a running scheduler.

    Raises
    ------
    InputError
        If no scheduler answers, it has no workers, or theirs is another playlistkit.
    """
    try:
        import distributed
    except ImportError as error:
        raise InputError("a Dask cluster needs the extra: pip install 'playlistkit[cluster]'") from error
    try:
        connect: Any = distributed.Client  # untyped
        client = connect(address, timeout=10)
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"{address}: no Dask scheduler answers ({error}); is it running?") from error
    # we report a lost connection in a sentence of our own
    with contextlib.ExitStack() as resources, _quiet("distributed.client"):
        resources.enter_context(client)
        threads = sum(client.nthreads().values())
        if not threads:
            raise InputError(f"{address}: the Dask scheduler has no workers; start some")
        try:
            differing = [worker for worker, there in client.run(_versions).items() if there != _versions()]
        except Exception as error:  # Dask's own wrapping of whatever happened there
            raise InputError(
                f"{address}: its workers can't analyse ({error}); is playlistkit there?"
            ) from error
        if differing:  # what they measure would be kept as measured by this one
            raise InputError(
                f"{differing[0]}: this worker has another version of playlistkit; install the same one"
            )

        def again() -> Any:
            return resources.enter_context(connect(address, timeout=LOOK))

        yield Cluster(client, again, address, threads, voice, tell)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Silence a logger for a while."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


class Cluster:
    """A connected cluster.

    Attributes
    ----------
    at_once : int
        Files that its workers listen to at a time.
    """

    def __init__(
        self,
        client: Any,
        connect_again: Callable[[], Any],
        address: str,
        threads: int,
        voice: bool,
        tell: Callable[[str], None],
    ) -> None:
        self.at_once = threads
        self._client = client
        self._connect_again = connect_again
        self._address = address
        self._voice = voice
        self._tell = tell
        self._looked = time.monotonic()
        self._trouble = ""
        self._gone_since: float | None = None

    def submit(self, request: Request) -> Any:
        """Begin to listen; the future of an `Answer`."""
        # pure=False: the same path asked again is to be listened to again
        return self._client.submit(listen_apart, request, self._voice, pure=False, retries=1)

    def is_ready(self) -> bool:
        """Whether files can be handed out now. Says once what is wrong, and again when it is over.

        Raises
        ------
        ServiceError
            If the scheduler has been gone for a minute.
        """
        now = time.monotonic()
        if now - self._looked < LOOK:
            return not self._gone_since
        self._looked = now
        trouble = self._look()
        if trouble and trouble != self._trouble:
            self._tell(f"{trouble}; waiting (finished files are stored; Ctrl-C stops)")
        elif self._trouble and not trouble:
            self._tell(f"{self._address}: the cluster is back; continuing")
        self._trouble = trouble
        return not self._gone_since

    def _look(self) -> str:
        """What is wrong with the cluster; empty if nothing."""
        workers: dict[str, int] | None = None
        if self._client.status == "closed":  # Dask tries for ten seconds only
            with contextlib.suppress(OSError, ValueError, TimeoutError):
                self._client = self._connect_again()
        if self._client.status == "running":
            try:
                workers = self._client.nthreads()
            except Exception:  # any fault of the connection: the scheduler is not there now
                workers = None
        if workers is not None:
            self._gone_since = None
            return "" if workers else f"{self._address}: the cluster has no workers left; start some"
        self._gone_since = self._gone_since or time.monotonic()
        if time.monotonic() - self._gone_since > GONE:
            raise ServiceError(
                f"{self._address}: the scheduler is gone and has not come back. Finished files are stored; run the same "
                "command again when it runs"
            )
        return f"{self._address}: the scheduler has stopped answering"


def is_lost(error: BaseException) -> bool:
    """Whether a file failed only because its scheduler went away, so that it must be handed out again."""
    return isinstance(error, CancelledError)


def broken(error: Exception) -> Answer:
    """The answer for a file whose future failed."""
    if type(error).__name__ == "KilledWorker":
        return Answer(
            "absent",
            None,
            "every worker that tried it died; scan it again, or on this machine",
        )
    return Answer("bug", None, f"{type(error).__name__}: {error}")


def _versions() -> dict[str, int]:
    """The versions of what this process measures, compared with a worker's."""
    return dict(analysis.VERSIONS)
