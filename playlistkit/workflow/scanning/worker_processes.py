"""Listen in separate processes, so that a file that crashes or hangs the decoder costs only that file.

They are plain processes that run `serve`, fed through pipes. multiprocessing would import the caller's script again in
each of them, which a script without a `__main__` guard doesn't survive, and its pools can neither tell which file killed
a worker nor end one that hangs. Forking is out because the caller may have threads.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import subprocess
import sys
import threading
import traceback
from typing import IO, Literal, NamedTuple

from playlistkit.audio import Listened
from playlistkit.errors import AudioError
from playlistkit.workflow.limits import dump_no_core, limit_memory
from playlistkit.workflow.scanning.wanted import Request

__all__ = ["Answer", "Workers", "listen_apart"]

OPENING = 60.0  # s to open a file, including the start of the decoder
SLOWEST = 4.0  # s of audio that must be decoded in a second
BYTES_A_SECOND = 1_000  # what a second of audio has at least; a header may state any duration
READY = b"ready"


class Answer(NamedTuple):
    """What happened to a file."""

    kind: Literal["listened", "album", "refused", "absent", "broke", "bug"]
    """Listened to; not listened to, because its own CUE sheet (the text) may cut it; refused with a sentence; missing or not
    readable for us; crashed or hung its worker; failed because of a bug of ours."""
    listened: Listened | None
    sentence: str = ""


class Workers:
    """One process for each calling thread, started at its first call and kept.

    Parameters
    ----------
    opening : float
        Seconds that a file may take to open.
    slowest : float
        Seconds of audio that must be decoded in a second after that.
    """

    def __init__(self, opening: float = OPENING, slowest: float = SLOWEST) -> None:
        self._limits = opening, slowest
        self._local = threading.local()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def listen(self, asked: str | Request, *, voice: bool = True) -> Answer:
        """Listen to a file in this thread's process; blocks until it is done."""
        request = Request(asked) if isinstance(asked, str) else asked
        try:
            process = self._process()
            assert process.stdin is not None
            assert process.stdout is not None
            pickle.dump((request, voice, self._limits), process.stdin)
            process.stdin.flush()
            answer: Answer = pickle.load(process.stdout)  # noqa: S301 -- from our own process
        except (OSError, EOFError, pickle.UnpicklingError):
            return Answer("broke", None, self._obituary())
        return answer

    def stop(self) -> None:
        """End all processes at once, without finishing what they were listening to."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()
            for process in self._running:
                process.wait()

    def close(self) -> None:
        """Close the pipes, once no thread uses them any more."""
        for process in self._running:
            bury(process)

    def _process(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] | None = getattr(self._local, "process", None)
        if process is None:
            with self._lock:
                if self._stopped:
                    raise EOFError
                process = start()
                self._running.add(process)
            # outside the lock, so that they start side by side and `stop` doesn't wait for them
            assert process.stdout is not None
            if process.stdout.read(len(READY)) != READY:
                if self._stopped:
                    raise EOFError
                # not the file's fault, so it must not be remembered as broken
                raise RuntimeError(f"a listening process could not start (exit code {bury(process)})")
            self._local.process = process
        return process

    def _obituary(self) -> str:
        """Why this thread's process ended; the next file gets a new one."""
        process: subprocess.Popen[bytes] | None = getattr(self._local, "process", None)
        if process is None:
            return "scanning was stopped"
        code = bury(process)
        with self._lock:
            if not self._stopped:
                self._running.discard(process)
        self._local.process = None
        if code == 1:
            return "took far too long to decode and was given up; it is probably damaged"
        return "crashed the decoder; it is probably damaged, get it again from its source"


def bury(process: subprocess.Popen[bytes]) -> int:
    """Wait for a process that has ended or is about to, and close its pipes; its exit code."""
    with contextlib.suppress(OSError):  # what was not sent yet can't be sent now
        process.__exit__(None, None, None)
    return process.wait()


def start() -> subprocess.Popen[bytes]:
    """A process that runs `serve`, and says when it is ready."""
    code = "import sys; sys.path[:] = sys.argv[1:]; from playlistkit.workflow.scanning.worker_processes import serve; serve()"
    # The workers share the cores among themselves; threads within each would only contend.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", code, *sys.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **threads},
        # Ctrl-C is for the parent, which ends the workers itself
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def serve() -> None:
    """Answer the files named on standard input until it ends."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints may get between the answers
    limit_memory()
    dump_no_core()
    answers.write(READY)
    answers.flush()
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123
        while True:
            try:
                request, voice, limits = pickle.load(requests)  # noqa: S301 -- from our own parent
            except EOFError:
                return
            answer = listen_watched(request, voice=voice, limits=limits, nowhere=nowhere)
            pickle.dump(answer, answers)
            answers.flush()


def listen_watched(request: Request, *, voice: bool, limits: tuple[float, float], nowhere: IO[str]) -> Answer:
    """Listen to a file; end this process if that takes too long, even inside a decoder."""
    from playlistkit import audio

    path, start, end = request.path, request.start, request.end
    opening, slowest = limits
    faulthandler.dump_traceback_later(opening, exit=True, file=nowhere)
    try:
        sheet = audio.cue_sheet(path) if request.look else None
        if sheet is not None:
            return Answer("album", None, sheet)
        with audio.open_audio(path, start, end) as stream:
            by_size = os.path.getsize(path) / BYTES_A_SECOND  # noqa: PTH202
            seconds = min(by_size, by_size if stream.duration is None else start + stream.duration)
        faulthandler.dump_traceback_later(opening + seconds / slowest, exit=True, file=nowhere)
        listened = audio.listen(path, voice=voice, start=start, end=end, title=request.title)
        return Answer("listened", listened)
    except AudioError as error:
        # a disk that was unplugged, or is missing on a cluster's machine, is not the file's fault
        there = os.access(path, os.R_OK)
        return Answer("refused" if there else "absent", None, str(error).removeprefix(f"{path}: "))
    except MemoryError:
        return Answer("broke", None, "needs far too much memory to decode; it is probably damaged")
    except OSError as error:  # a fault of the disk, between opening and listening
        return Answer("absent", None, f"can't be read: {(error.strerror or str(error)).lower()}")
    except Exception:
        return Answer("bug", None, traceback.format_exc())
    finally:
        faulthandler.cancel_dump_traceback_later()


_here = Workers()


def listen_apart(path: str | Request, voice: bool = True) -> Answer:
    """Listen to a file in a process beside this thread; run by a cluster's worker."""
    return _here.listen(path, voice=voice)
