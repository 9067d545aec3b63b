"""Background jobs: progress is shown, a touch stops them, one of a kind runs at a time."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from playlistkit.errors import InputError, PlaylistkitError

__all__ = ["Done", "Job", "Jobs"]

log = logging.getLogger(__name__)

WINDOW = 20.0  # s over which the rate is measured

State = Literal["running", "stopping", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a job."""

    said: str
    """A sentence: what it did."""
    problems: tuple[str, ...] = ()
    stopped: bool = False
    """Whether it was stopped before its end."""
    to: str = ""
    """The address of the result; empty if there is none."""
    to_label: str = "Show"
    at_once: bool = False
    """Whether a page that waits for it goes there at once."""


@dataclass(slots=True)
class Job:
    """One job, while it runs and after."""

    id: int
    kind: str
    """"scan", "build", ...: only one of a kind runs at a time."""
    title: str
    """What it does, such as "Listening to Music"."""
    unit: str = ""
    """What is counted, such as "tracks"; empty to show no unit."""
    done: int = 0
    total: int = 0
    """0 if not yet known."""
    current: str = ""
    end: Done | None = None
    _state: State = "running"
    _steps: deque[tuple[float, int]] = field(default_factory=deque)
    _stop: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int, current: str) -> None:
        """Record the number done, the total, and the current item."""
        now = time.monotonic()
        if done < self.done:  # another part of the work begins
            self._steps.clear()
        self._steps.append((now, done))
        while now - self._steps[0][0] > WINDOW and len(self._steps) > 2:
            self._steps.popleft()
        self.done, self.total, self.current = done, total, current

    @property
    def state(self) -> State:
        """How it stands."""
        return "stopping" if self._state == "running" and self.is_stopped else self._state

    @property
    def is_stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("running", "stopping")

    @property
    def rate(self) -> float:
        """Recent units a second; 0 if not yet known."""
        if len(self._steps) < 2:
            return 0.0
        (begin, first), (end, last) = self._steps[0], self._steps[-1]
        return (last - first) / (end - begin) if end > begin else 0.0

    @property
    def left(self) -> float | None:
        """Seconds left at this rate."""
        return (self.total - self.done) / self.rate if self.rate > 0 and self.total else None

    @property
    def told(self) -> str:
        """Its progress in words."""
        if not self.total:
            return "beginning" if self.running else ""
        parts = [f"{self.done} of {self.total} {self.unit}".rstrip()]
        if self.running and self.rate:
            parts.append(f"{self.rate * 60:.0f} a minute")
        if self.running and self.left is not None:
            minutes = self.left / 60
            parts.append("less than a minute left" if minutes < 1 else f"about {minutes:.0f} min left")
        name = self.current.replace("\\", "/").rpartition("/")[2]
        return ", ".join(parts) + (f" · {name}" if name and self.running else "")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for its end; returns whether it has ended."""
        return self._ended.wait(seconds)


class Jobs:
    """All jobs of the server, each in a thread of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._lock = threading.Lock()

    def __iter__(self) -> itertools.chain[Job]:
        """Running jobs, then ended ones, latest first."""
        jobs = sorted(self._jobs.values(), key=lambda job: (not job.running, -job.id))
        return itertools.chain(jobs)

    def get(self, number: int) -> Job:
        """The job with this number.

        Raises
        ------
        InputError
            If there is none.
        """
        if number not in self._jobs:
            raise InputError("this job is gone: it has finished or was stopped")
        return self._jobs[number]

    def start(self, kind: str, title: str, work: Callable[[Job], Done], *, unit: str = "") -> Job:
        """Begin a job.

        Parameters
        ----------
        kind : str
            Only one of a kind runs at a time.
        title : str
            What it does.
        work : callable
            Takes the job, calls its `progress`, checks its `is_stopped`, and returns how it ended. If it raises one
            of our errors, the job ends with that sentence.
        unit : str
            What is counted.

        Raises
        ------
        InputError
            If one of this kind runs already.
        """
        with self._lock:
            other = next((job for job in self._jobs.values() if job.running and job.kind == kind), None)
            if other is not None:
                raise InputError(f"“{other.title}” is still running; stop it first, or wait until it ends")
            job = Job(next(self._numbers), kind, title, unit)
            self._jobs[job.id] = job
            for each in [each for each in self._jobs.values() if not each.running and each.kind == kind]:
                del self._jobs[each.id]
        threading.Thread(target=_run, args=(job, work), name=f"job-{kind}", daemon=True).start()
        return job

    def stop(self, number: int) -> None:
        """Ask a job to stop; finished work is kept."""
        self.get(number)._stop.set()

    def dismiss(self, number: int) -> None:
        """Hide a job that has ended."""
        with self._lock:
            if number in self._jobs and not self._jobs[number].running:
                del self._jobs[number]

    def close(self, patience: float = 10.0) -> None:
        """Ask all jobs to stop, and wait a while for them."""
        jobs = [job for job in self if job.running]
        for job in jobs:
            self.stop(job.id)
        until = time.monotonic() + patience
        for job in jobs:
            job.wait(max(0.0, until - time.monotonic()))


def _run(job: Job, work: Callable[[Job], Done]) -> None:
    try:
        end, state = work(job), "done"
        job.end, job._state = end, "stopped" if end.stopped else state  # type: ignore[assignment]
    except KeyboardInterrupt:  # how the workflow reports that it was stopped
        job.end, job._state = Done("Stopped. What was finished is kept.", stopped=True), "stopped"
    except PlaylistkitError as error:
        job.end, job._state = Done(str(error)), "failed"
    except Exception as error:
        log.exception("job %s", job.kind)
        last = f"{type(error).__name__}: {error}"
        job.end = Done(f"This failed because of a bug in playlistkit ({last}); please report it.")
        job._state = "failed"
    finally:
        job._ended.set()
