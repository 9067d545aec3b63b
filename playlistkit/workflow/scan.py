"""From folders of audio files to tracks with features in the library."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

from playlistkit import analysis, audio
from playlistkit.errors import AudioError, InputError
from playlistkit.library import KnownFile, Library
from playlistkit.model import Features, Track
from playlistkit.sources import folder
from playlistkit.sources.folder import Found
from playlistkit.workflow.cluster import broken, cluster, is_lost
from playlistkit.workflow.library import opened
from playlistkit.workflow.worker_processes import Answer, Workers

__all__ = ["Progress", "ScanReport", "analyze", "scan"]

Progress = Callable[[int, int, str], None]
"""Called with the files done, the files in all, and the path of the last one."""

VOICE = frozenset({"voice", "network"})  # what `voice=False` leaves out of `analysis.VERSIONS`
AHEAD = 2  # files handed out per worker, so that none waits for the next
TOGETHER = 200  # moved files that are kept at once: each time the disk is waited for

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan did."""

    found: int = 0
    """Files that may hold audio."""
    analysed: int = 0
    unchanged: int = 0
    """Known, and as they were."""
    renewed: int = 0
    """Of those, by content: features made anew of what was kept of the sound, since their definition changed."""
    moved: int = 0
    """Moved, renamed or copied: known by their content."""
    failed: tuple[tuple[str, str], ...] = ()
    """Path and why it could not be read; also of files that failed before and are unchanged."""
    skipped: int = 0
    """Files that are no audio by their suffix."""
    left_out: tuple[str, ...] = ()
    """Folders that were not entered: hidden ones, recycle bins, a system's or a network drive's own."""
    cue_sheets: int = 0
    """CUE sheets, which cut a file into tracks; each file is taken as one track all the same."""
    gone: int = 0
    """Files that were found and then no longer there when their turn came, as when a disk is unplugged."""
    interrupted: bool = False
    """Whether it was stopped by Ctrl-C; another scan goes on from there."""

    def told_gone(self) -> str:
        """What to do about the files that are gone; empty if there are none."""
        if not self.gone:
            return ""
        return (
            f"{self.gone} of the files found were gone when their turn came: if their disk was unplugged, plug it in, "
            "and scan again."
        )

    def summary(self) -> str:
        """A summary in one sentence."""
        renewed = f" ({self.renewed} of them interpreted anew)" if self.renewed else ""
        parts = [f"{self.analysed} analysed", f"{self.unchanged} unchanged{renewed}"]
        if self.moved:
            parts.append(f"{self.moved} moved or copied")
        if self.failed:
            parts.append(f"{len(self.failed)} not read")
        if self.gone:
            parts.append(f"{self.gone} gone meanwhile")
        if self.skipped:
            parts.append(f"{self.skipped} other file{'s' if self.skipped > 1 else ''} left out")
        if self.left_out:
            folders = (
                "1 hidden folder, recycle bin or the like"
                if len(self.left_out) == 1
                else (f"{len(self.left_out)} hidden folders, recycle bins and the like")
            )
            parts.append(f"{folders} not entered ({os.path.basename(self.left_out[0])})")  # noqa: PTH119
        if self.cue_sheets:
            parts.append(
                f"{self.cue_sheets} CUE sheet{'s' if self.cue_sheets > 1 else ''} not followed: an album in one file is "
                "taken as one track, so split it into its tracks first"
            )
        files = "1 audio file" if self.found == 1 else f"{self.found} audio files"
        end = "; stopped, scan again to go on" if self.interrupted else ""
        return f"{files}: {', '.join(parts)}{end}"


def analyze(path: str | os.PathLike[str], *, voice: bool = True) -> Features:
    """Listen to one file, without a library.

    Parameters
    ----------
    path : str or path
        An audio file.
    voice : bool
        Also listen for singing and speech.

    Returns
    -------
    Features
        Every feature that can be measured; docs/features.md defines them.

    Raises
    ------
    AudioError
        If it can't be decoded or measured.

    Examples
    --------
    >>> features = pk.analyze("one.opus", voice=False)
    >>> 0 <= features.energy <= 1
    True
    """
    return audio.listen(os.path.expanduser(path), voice=voice).features  # noqa: PTH111


def scan(
    library: Library,
    *paths: str | os.PathLike[str],
    jobs: int | None = None,
    force: bool = False,
    voice: bool = True,
    dask: str | None = None,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
    stopped: Callable[[], bool] | None = None,
) -> ScanReport:
    """Analyse audio files and folders into the library, in parallel.

    Files that are known and unchanged are not read again. Each result is kept as it comes, so a scan that was
    stopped, for whatever reason, carries on from there.

    Parameters
    ----------
    library : Library
    *paths : str or path
        Files and folders.
    jobs : int > 0, optional
        Worker processes; by default one a core.
    force : bool
        Analyse what is unchanged, and what failed before, all the same; without `voice`, what was heard of
        voices before is dropped.
    voice : bool
        Also listen for singing and speech; about a fifth of the work.
    dask : str, optional
        Address of a running Dask scheduler (``"tcp://host:8786"``) whose workers see the same files under the
        same paths; they listen in place of this machine's processes. Needs the extra `cluster`.
    progress : callable, optional
        Called in this thread with files done, files in all, and the last one's path.
    tell : callable, optional
        Takes a sentence when a cluster loses its workers or its scheduler, and when it is back.
    stopped : callable, optional
        Asked twice a second and between files: whether to stop here, as by Ctrl-C.

    Returns
    -------
    ScanReport

    Raises
    ------
    InputError
        If a path doesn't exist, or the cluster can't be reached.
    LibraryError
        If the library can't be written; what was kept before stays.

    Examples
    --------
    >>> with pk.Library("music.db") as library:
    ...     report = pk.scan(library, "Music", voice=False)
    >>> report.found, report.analysed, report.failed
    (18, 0, ())
    """
    opened(library)
    if not paths:
        raise InputError("nothing to scan; give audio files or folders")
    if jobs is not None and jobs < 1:
        raise InputError(f"jobs must be at least 1, not {jobs}")
    walked = folder.walk(*paths, suffixes=audio.SUFFIXES)
    run = _Scan(library, force, voice, progress, stopped)
    try:
        workers: AbstractContextManager[Listeners] = (
            _processes(jobs or cores(), voice) if dask is None else cluster(dask, voice, tell or log.warning)
        )
        with workers as listeners, run.stoppable():
            run.look(walked)
            run.listen(listeners)
    except KeyboardInterrupt:
        return run.report(interrupted=True)
    return run.report()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Listeners(Protocol):
    """Who listens: this machine's processes, or a cluster."""

    at_once: int
    """Files at a time."""

    def submit(self, path: str) -> Any:
        """Begin to listen to a path; the future of an `Answer`."""

    def is_ready(self) -> bool:
        """Whether files can be handed out now."""


class _Here:
    """The workers of this machine: a thread each, which waits for its process."""

    def __init__(self, pool: ThreadPoolExecutor, workers: Workers, jobs: int, voice: bool) -> None:
        self.at_once = jobs
        self._pool = pool
        self._workers = workers
        self._voice = voice

    def submit(self, path: str) -> Any:
        """Begin to listen to a path."""
        return self._pool.submit(self._workers.listen, path, voice=self._voice)

    def is_ready(self) -> bool:
        """Always."""
        return True


@contextmanager
def _processes(jobs: int, voice: bool) -> Iterator[Listeners]:
    """The workers of this machine, ended with the block."""
    workers = Workers()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="listen")
    try:
        yield _Here(pool, workers, jobs, voice)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        workers.stop()
        pool.shutdown()
        workers.close()


class _Scan:
    """One scan while it runs."""

    def __init__(
        self,
        library: Library,
        force: bool,
        voice: bool,
        progress: Progress | None,
        is_stopped: Callable[[], bool] | None,
    ) -> None:
        self.library = library
        self.force = force
        self.voice = voice
        self.progress = progress
        self.versions = {
            group: version for group, version in analysis.VERSIONS.items() if voice or group not in VOICE
        }
        self.found: list[Found] = []
        self.analysed = self.unchanged = self.renewed = self.moved = self.skipped = self.gone = self.done = 0
        self.failed: list[tuple[str, str]] = []
        self.left_out: list[str] = []
        self.sheets = 0
        self.answered: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.stopped = False
        self.is_stopped = is_stopped

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Let Ctrl-C stop the scan between two files.

        As Python would raise it, it could part keeping a result from counting it, or be lost in a callback that
        no exception leaves. A second one is raised as usual. Elsewhere than in the main thread none comes.
        """
        before = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(before):
            yield
            return

        def stop(number: int, frame: FrameType | None) -> None:
            if self.stopped:
                before(number, frame)
            self.stopped = True
            self.answered.put(None)

        signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def check_stop(self) -> None:
        if self.stopped or (self.is_stopped is not None and self.is_stopped()):
            raise KeyboardInterrupt

    def report(self, *, interrupted: bool = False) -> ScanReport:
        return ScanReport(
            found=len(self.found),
            analysed=self.analysed,
            unchanged=self.unchanged,
            renewed=self.renewed,
            moved=self.moved,
            failed=tuple(self.failed),
            skipped=self.skipped,
            left_out=tuple(self.left_out),
            cue_sheets=self.sheets,
            gone=self.gone,
            interrupted=interrupted,
        )

    def look(self, walked: Iterator[folder.Walked]) -> None:
        """See what there is."""
        seen = set()
        for each in walked:
            self.check_stop()
            if isinstance(each, Found):
                if each.path not in seen:
                    seen.add(each.path)
                    self.found.append(each)
            elif isinstance(each, folder.LeftOut):
                self.left_out.append(each.path)
            elif each.error is not None:
                self.failed.append((each.path, each.error))
            elif each.path.lower().endswith(".cue"):
                self.sheets += 1
            else:
                self.skipped += 1

    def listen(self, listeners: Listeners) -> None:
        """Hand out what is new or changed, and keep what comes back."""
        underway: dict[Any, tuple[Found, str]] = {}
        lost: list[tuple[Found, str]] = []
        to_do = self._to_do()
        while True:
            while listeners.is_ready() and len(underway) < listeners.at_once * AHEAD:
                next_one = lost.pop() if lost else next(to_do, None)
                if next_one is None:
                    break
                future = listeners.submit(next_one[0].path)
                underway[future] = next_one
                future.add_done_callback(self.answered.put)
            if not underway and not lost and listeners.is_ready():
                return
            self.check_stop()
            with contextlib.suppress(queue.Empty):
                future = self.answered.get(timeout=0.5)  # on Windows Ctrl-C is seen between waits only
                self.check_stop()
                one = underway.pop(future)
                try:
                    answer: Answer = future.result()
                except Exception as error:
                    if is_lost(error):
                        lost.append(one)
                        continue
                    answer = broken(error)
                self._keep(*one, answer)

    def _to_do(self) -> Iterator[tuple[Found, str]]:
        """Files that must be listened to, with the id that their content suggests."""
        known = self.library.files()
        by_content: dict[str, list[KnownFile]] = {}
        for each in known.values():
            if each.digest is not None:
                by_content.setdefault(each.digest, []).append(each)
        moved: list[tuple[Found, KnownFile]] = []
        for file in self.found:
            self.check_stop()
            before = known.get(file.path)
            if before is not None and not self.force and self._is_unchanged(file, before):
                continue
            try:
                digest = folder.fingerprint(file.path)
                same = self._of_the_same_bytes(file, by_content.get(digest, ()))
            except FileNotFoundError:
                self._lose(file)
                continue
            except OSError as error:
                self._fail(file, f"can't be read: {(error.strerror or str(error)).lower()}")
                continue
            if same is None or self.force or not self._is_current(same, file.path):
                yield file, digest
                continue
            moved.append((file, same))
            if len(moved) == TOGETHER:
                yield from self._keep_moved(moved, known)
                moved.clear()
        yield from self._keep_moved(moved, known)

    @staticmethod
    def _of_the_same_bytes(file: Found, twins: Sequence[KnownFile]) -> KnownFile | None:
        """Which of the files that agree in samples has the content of this one.

        The time of the last change travels with a moved file and with most copies; where it differs, every byte is
        compared, since an editor may have changed what the samples don't show.
        """
        for each in twins:
            if (each.size, each.mtime_ns) == (file.size, file.mtime_ns):
                return each
        if not any(each.whole for each in twins):
            return None
        whole = audio.digest(file.path)
        return next((each for each in twins if each.whole == whole), None)

    def _keep_moved(
        self, moved: list[tuple[Found, KnownFile]], known: dict[str, KnownFile]
    ) -> list[tuple[Found, str]]:
        """Keep files by their content; those whose content another process has forgotten meanwhile come back."""
        if not moved:
            return []
        add = self.library.add_known_file
        with self.library.transaction():
            kept = [
                add(file.path, str(same.digest), size=file.size, mtime_ns=file.mtime_ns, whole=same.whole)
                for file, same in moved
            ]
        forgotten = []
        for (file, same), track in zip(moved, kept, strict=True):
            digest, before = str(same.digest), known.get(file.path)
            if track is None:
                forgotten.append((file, digest))
                continue
            if before is not None and before.digest == digest:  # only its time was changed
                self.unchanged += 1
            else:
                self.moved += 1
            self._step(file)
        return forgotten

    def _is_unchanged(self, file: Found, before: KnownFile) -> bool:
        """Whether nothing need be done for a file; then it is counted."""
        if (file.size, file.mtime_ns) != (before.size, before.mtime_ns):
            return False
        if before.error is not None:
            self._fail(file, before.error)
            return True
        if not self._is_current(before, file.path):
            return False
        self.unchanged += 1
        self._step(file)
        return True

    def _is_current(self, before: KnownFile, path: str) -> bool:
        """Whether this version would say the same of a track, after saying it anew where no sound is needed."""
        stale = {group for group, version in self.versions.items() if before.versions.get(group) != version}
        if not stale:
            return True
        if before.track is None or not stale <= analysis.INTERPRETED.keys():
            return False
        try:
            with audio.open_audio(path) as stream:
                hint = audio.read_tags(path, stream.written).vocals
        except AudioError:
            return False
        done = self.library.interpret_again(
            before.track,
            lambda features, low_level: analysis.interpret(features, low_level, hint),
            {**before.versions, **self.versions},
        )
        self.renewed += done
        return done

    def _keep(self, file: Found, digest: str, answer: Answer) -> None:
        if answer.listened is not None:
            tags, features = answer.listened.tags, answer.listened.features
            track = Track(
                digest,
                path=file.path,
                title=tags.title,
                artist=tags.artist,
                album=tags.album,
                isrc=tags.isrc,
                genre=tags.genre,
                duration=answer.listened.duration,
                album_artist=tags.album_artist,
                people=tags.people,
                work=tags.work,
                movement=tags.movement,
            )
            self.library.add_file(
                track,
                features,
                size=file.size,
                mtime_ns=file.mtime_ns,
                versions=self.versions,
                low_level=answer.listened.low_level,
                whole=answer.listened.whole,
            )
            self.analysed += 1
            self._step(file)
        elif answer.kind == "bug":  # not remembered: the next version may do better
            last = answer.sentence.strip().rpartition("\n")[2]
            log.debug("%s: %s", file.path, answer.sentence)
            self._fail(file, f"could not be analysed by a fault of playlistkit ({last}); please report it")
        elif answer.kind == "absent" and not os.path.lexists(file.path):
            self._lose(file)
        else:
            if answer.kind != "absent":  # that may be otherwise tomorrow, the file being the same
                self.library.add_failed_file(
                    file.path, answer.sentence, size=file.size, mtime_ns=file.mtime_ns
                )
            self._fail(file, answer.sentence)

    def _lose(self, file: Found) -> None:
        self.gone += 1
        self._step(file)

    def _fail(self, file: Found, sentence: str) -> None:
        self.failed.append((file.path, sentence))
        self._step(file)

    def _step(self, file: Found) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, len(self.found), file.path)
