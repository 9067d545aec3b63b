"""A running scan: which files are new, which answers came, and what is stored of them.

One class, because every step counts towards one report and may be stopped between two files. What a file holds is in
`wanted`, who listens in `listeners`, and what is told at the end in `scan_report`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from types import FrameType
from typing import Any

from playlistkit import analysis, audio
from playlistkit.errors import AudioError
from playlistkit.library import KnownFile, Library
from playlistkit.sources import cue, folder
from playlistkit.sources.folder import Found
from playlistkit.workflow.scanning.cluster import broken, is_lost
from playlistkit.workflow.scanning.listeners import Listeners
from playlistkit.workflow.scanning.report import ScanReport
from playlistkit.workflow.scanning.wanted import Wanted
from playlistkit.workflow.scanning.worker_processes import Answer

__all__ = ["Progress", "ScanRun"]

Progress = Callable[[int, int, str], None]
"""Called with the files done, the files in all, and the path of the last one."""

VOICE = frozenset({"voice", "network"})  # the parts of `analysis.VERSIONS` that `voice=False` skips
AHEAD = 2  # files queued per worker, so that none runs idle
TOGETHER = 200  # moved files stored per transaction: each waits for the disk

log = logging.getLogger(__name__)


class ScanRun:
    """The state of a running scan."""

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
        self.barred = 0
        self.left_out: list[str] = []
        self.cuts: dict[str, cue.Cut] = {}
        self.not_followed: dict[str, str] = {}
        self.albums: set[str] = set()
        self.vanished: dict[str, tuple[Found, int]] = {}
        self.more = 0  # tracks beyond one a file
        self.known: dict[tuple[str, float], KnownFile] = {}
        self.rows: dict[str, list[tuple[str, float]]] = {}
        """The keys of `known`, by path."""
        self.by_content: dict[str, list[KnownFile]] = {}
        self.answered: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.stopped = False
        self.is_stopped = is_stopped

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Let Ctrl-C stop the scan between two files.

        Raised as Python does it, it could come between storing a result and counting it, or get lost in a callback that
        swallows exceptions. A second Ctrl-C is raised as usual. Outside the main thread none arrives.
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
        """Raise KeyboardInterrupt if the scan should stop."""
        if self.stopped or (self.is_stopped is not None and self.is_stopped()):
            raise KeyboardInterrupt

    def report(self, *, interrupted: bool = False) -> ScanReport:
        """What was found and done so far."""
        return ScanReport(
            found=len(self.found),
            analysed=self.analysed,
            unchanged=self.unchanged,
            renewed=self.renewed,
            moved=self.moved,
            failed=tuple(self.failed),
            barred=self.barred,
            skipped=self.skipped,
            left_out=tuple(self.left_out),
            albums=len(self.albums),
            not_followed=tuple(self.not_followed.items()),
            gone=self.gone,
            interrupted=interrupted,
        )

    def look(self, walked: Iterator[folder.Walked], files: Sequence[str]) -> None:
        """Walk the folders; for files named one by one, also find the CUE sheets beside them."""
        seen, sheets = set(), set()
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
                self.barred += 1
            elif each.path.lower().endswith(".cue"):
                sheets.add(each.path)
            else:
                self.skipped += 1
        for place in {os.path.dirname(os.path.abspath(os.path.expanduser(each))) for each in files}:  # noqa: PTH100, PTH111, PTH120
            sheets.update(cue.beside(place))
        cuts, faults = cue.cuts(sheets, audio.SUFFIXES)
        self.cuts = {path: cut for path, cut in cuts.items() if path in seen}
        self.not_followed.update(faults)

    def listen(self, listeners: Listeners) -> None:
        """Hand out new and changed files, and store the results."""
        underway: dict[Any, tuple[Wanted, str]] = {}
        again: list[tuple[Wanted, str]] = []
        to_do = self._to_do()
        while True:
            while listeners.is_ready() and len(underway) < listeners.at_once * AHEAD:
                next_one = again.pop() if again else next(to_do, None)
                if next_one is None:
                    break
                future = listeners.submit(next_one[0].request)
                underway[future] = next_one
                future.add_done_callback(self.answered.put)
            if not underway and not again and listeners.is_ready():
                return
            self.check_stop()
            with contextlib.suppress(queue.Empty):
                future = self.answered.get(timeout=0.5)  # Windows notices Ctrl-C only between waits
                self.check_stop()
                one = underway.pop(future)
                try:
                    answer: Answer = future.result()
                except Exception as error:
                    if is_lost(error):
                        again.append(one)
                        continue
                    answer = broken(error)
                if answer.kind == "album":
                    again += reversed(self._cut(one[0], one[1], answer.sentence))
                else:
                    self._keep(*one, answer)

    def _to_do(self) -> Iterator[tuple[Wanted, str]]:
        """What must be analysed, with the id suggested by its content."""
        self.known = self.library.parts()
        for key, each in self.known.items():
            self.rows.setdefault(key[0], []).append(key)
            if each.digest is not None:
                self.by_content.setdefault(each.digest, []).append(each)
        self.more = sum(len(cut.tracks) - 1 for cut in self.cuts.values())
        moved: list[tuple[Wanted, str, KnownFile]] = []
        for file in chain(self.found, self._back_again()):
            self.check_stop()
            if self._is_whole_album(file):
                continue
            cut = self.cuts.get(file.path)
            wanted = [Wanted(file, look=True)] if cut is None else [Wanted(file, each) for each in cut.tracks]
            if cut is not None:
                self._drop_other_parts(file, wanted)
                self._retag(file, wanted)
            yield from self._unknown(wanted, moved)
            if len(moved) >= TOGETHER:
                yield from self._keep_moved(moved)
        yield from self._keep_moved(moved)

    def _is_whole_album(self, file: Found) -> bool:
        """Whether a file is known, unchanged, as the tracks of the CUE sheet in its tags; if so, counts them."""
        before = [self.known[key] for key in self.rows.get(file.path, ())]
        if file.path in self.cuts or self.force or not before or len(before) != before[0].within:
            return False
        if any((file.size, file.mtime_ns) != (each.size, each.mtime_ns) for each in before):
            return False
        if not all(each.error is not None or self._is_current(each, file.path) for each in before):
            return False
        self.albums.add(file.path)
        self.more += len(before) - 1
        for each in before:
            if each.error is not None:
                self._fail(file, each.error)
            else:
                self.unchanged += 1
                self._step(file)
        return True

    def _unknown(
        self, wanted: Sequence[Wanted], moved: list[tuple[Wanted, str, KnownFile]]
    ) -> Iterator[tuple[Wanted, str]]:
        """What in a file must be analysed; content known from another path is added to `moved`."""
        file, of_file = wanted[0].file, ""
        for each in wanted:
            if each.part is not None:
                self.albums.add(file.path)
            before = self.known.get((file.path, each.start))
            if (
                before is not None
                and before.end == each.end
                and not self.force
                and self._is_unchanged(file, before)
            ):
                continue
            try:
                of_file = of_file or folder.fingerprint(file.path)
                digest = each.digest(of_file)
                same = self._of_the_same_bytes(file, self.by_content.get(digest, ()))
            except FileNotFoundError:
                self._lose(file)
                continue
            except OSError as error:
                self._fail(file, f"can't be read: {(error.strerror or str(error)).lower()}")
                continue
            if same is None or self.force or not self._is_current(same, file.path):
                yield each, digest
            else:
                moved.append((each, digest, same))

    def _cut(self, whole: Wanted, of_file: str, text: str) -> list[tuple[Wanted, str]]:
        """What must be analysed in a file with an embedded CUE sheet."""
        file = whole.file
        sheets = [each for each in cue.parse(text) if each.tracks or each.fault]
        tracks = sheets[0].tracks if len(sheets) == 1 else ()
        if not tracks:
            fault = sheets[0].fault if len(sheets) == 1 else "names several files"
            self.not_followed[file.path] = (
                f"the CUE sheet in its tags: {fault or 'has fewer than two tracks'}"
            )
            return [(Wanted(file), of_file)]
        wanted = [Wanted(file, each, within=len(tracks)) for each in tracks]
        self.more += len(tracks) - 1
        self._drop_other_parts(file, wanted)
        moved: list[tuple[Wanted, str, KnownFile]] = []
        left = list(self._unknown(wanted, moved))
        return left + self._keep_moved(moved)

    def _drop_other_parts(self, file: Found, wanted: Sequence[Wanted]) -> None:
        """Forget the tracks from an earlier cut of a file."""
        parts = {(each.start, each.end) for each in wanted}
        others = [
            (path, start)
            for path, start in self.rows.get(file.path, ())
            if (start, self.known[path, start].end) not in parts
        ]
        if others:
            self.library.keep_parts(file.path, parts)
            for key in others:
                del self.known[key]
                self.rows[file.path].remove(key)

    def _retag(self, file: Found, wanted: Sequence[Wanted]) -> None:
        """Take the names from a changed CUE sheet, without analysing its tracks again."""
        if not self.rows.get(file.path):
            return
        told = self.library.names_of_parts(file.path)
        for each in wanted:
            if each.start in told and each.part is not None:
                track = each.track(told[each.start].id)
                before = told[each.start]
                if any(
                    getattr(track, name) not in (None, getattr(before, name))
                    for name in ("title", "artist", "album", "album_artist", "isrc", "genre")
                ):
                    self.library.retag(track)

    @staticmethod
    def _of_the_same_bytes(file: Found, twins: Sequence[KnownFile]) -> KnownFile | None:
        """Among files whose samples agree, the one with the same content as this.

        The modification time travels with a moved file and with most copies. If it differs, every byte is
        compared, since an editor may have changed what the samples don't show.
        """
        for each in twins:
            if (each.size, each.mtime_ns) == (file.size, file.mtime_ns):
                return each
        if not any(each.whole for each in twins):
            return None
        whole = audio.digest(file.path)
        return next((each for each in twins if each.whole == whole), None)

    def _keep_moved(self, moved: list[tuple[Wanted, str, KnownFile]]) -> list[tuple[Wanted, str]]:
        """Store moved files by content; returns those whose content another process has deleted meanwhile."""
        if not moved:
            return []
        with self.library.transaction():
            for one, *_ in moved:
                if one.part is None:
                    self._drop_other_parts(one.file, [one])
            kept = [
                self.library.add_known_file(
                    one.file.path,
                    digest,
                    size=one.file.size,
                    mtime_ns=one.file.mtime_ns,
                    whole=same.whole,
                    start=one.start,
                    end=one.end,
                    within=one.within,
                )
                for one, digest, same in moved
            ]
        forgotten = []
        for (one, digest, _), track in zip(moved, kept, strict=True):
            file, before = one.file, self.known.get((one.file.path, one.start))
            if track is None:
                forgotten.append((one, digest))
                continue
            if before is not None and before.digest == digest:  # only its modification time changed
                self.unchanged += 1
            else:
                self.moved += 1
            self._step(file)
        moved.clear()
        return forgotten

    def _is_unchanged(self, file: Found, before: KnownFile) -> bool:
        """Whether a file needs no work; if so, counts it."""
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
        """Whether a track's features are of this version, after renewing those that need no sound."""
        stale = {group for group, version in self.versions.items() if before.versions.get(group) != version}
        if not stale:
            return True
        if before.track is None or not stale <= analysis.INTERPRETED.keys():
            return False
        try:
            with audio.open_audio(path) as stream:
                # the file's tags about voice describe the album, not one part of it
                hint = None if before.is_part else audio.read_tags(path, stream.written).vocals
        except AudioError:
            return False
        done = self.library.interpret_again(
            before.track,
            lambda features, low_level: analysis.interpret(features, low_level, hint),
            {**before.versions, **self.versions},
        )
        self.renewed += done
        return done

    def _keep(self, one: Wanted, digest: str, answer: Answer) -> None:
        file = one.file
        if one.part is None and (answer.listened is not None or answer.kind not in ("bug", "absent")):
            self._drop_other_parts(file, [one])
        if answer.listened is not None:
            self.library.add_file(
                one.track(digest, answer.listened.tags, answer.listened.duration),
                answer.listened.features,
                size=file.size,
                mtime_ns=file.mtime_ns,
                versions=self.versions,
                low_level=answer.listened.low_level,
                whole=answer.listened.whole,
                within=one.within,
            )
            self.analysed += 1
            self._step(file)
        elif answer.kind == "bug":  # not stored: the next version may succeed
            last = answer.sentence.strip().rpartition("\n")[2]
            log.debug("%s: %s", file.path, answer.sentence)
            self._fail(
                file, f"could not be analysed because of a bug in playlistkit ({last}); please report it"
            )
        elif answer.kind == "absent" and not os.path.lexists(file.path):
            self._lose(file)
        else:
            if answer.kind != "absent":  # that may change while the file doesn't
                self.library.add_failed_file(
                    file.path,
                    answer.sentence,
                    size=file.size,
                    mtime_ns=file.mtime_ns,
                    start=one.start,
                    end=one.end,
                    within=one.within,
                )
            self._fail(file, answer.sentence)

    def _back_again(self) -> Iterator[Found]:
        """The files that were gone when their turn came but are back after all others are done."""
        for file, times in list(self.vanished.values()):
            if os.path.isfile(file.path):  # noqa: PTH113
                self.gone -= times
                self.done -= times
                yield file

    def _lose(self, file: Found) -> None:
        self.gone += 1
        self.vanished[file.path] = file, self.vanished.get(file.path, (file, 0))[1] + 1
        self._step(file)

    def _fail(self, file: Found, sentence: str) -> None:
        self.failed.append((file.path, sentence))
        self._step(file)

    def _step(self, file: Found) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, len(self.found) + self.more, file.path)
