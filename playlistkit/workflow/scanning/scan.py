"""From folders of audio files to tracks with features in the library."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from playlistkit import audio
from playlistkit.arguments import checks_arguments
from playlistkit.errors import InputError
from playlistkit.given import path_given, whole_given
from playlistkit.library import Library
from playlistkit.sources import cue, folder
from playlistkit.workflow.library import opened
from playlistkit.workflow.scanning.cluster import cluster
from playlistkit.workflow.scanning.listeners import Listeners, cores, processes
from playlistkit.workflow.scanning.report import ScanReport
from playlistkit.workflow.scanning.run import Progress, ScanRun

__all__ = ["Progress", "ScanReport", "scan"]

log = logging.getLogger(__name__)


@checks_arguments
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

    Known, unchanged files are not read again. Each result is stored at once, so a scan that was
    stopped, for whatever reason, carries on from there.

    Parameters
    ----------
    library : Library
    *paths : str or path
        Files and folders.
    jobs : int > 0, optional
        Worker processes; by default one a core.
    force : bool
        Also analyse unchanged files and files that failed before. Without `voice`, earlier results
        about voices are dropped.
    voice : bool
        Also detect singing and speech; about a fifth of the work.
    dask : str, optional
        Address of a running Dask scheduler (``"tcp://host:8786"``) whose workers see the same files under the
        same paths; they work in place of this machine's processes. Needs the extra `cluster`.
    progress : callable, optional
        Called in this thread with files done, files in all, and the last one's path.
    tell : callable, optional
        Takes a sentence when a cluster loses its workers or its scheduler, and when it is back.
    stopped : callable, optional
        Called twice a second and between files; returns whether to stop, as by Ctrl-C.

    Returns
    -------
    ScanReport

    Raises
    ------
    InputError
        If a path doesn't exist, or the cluster can't be reached.
    LibraryError
        If the library can't be written; earlier results stay.

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
    if jobs is not None and whole_given(jobs, "jobs") < 1:
        raise InputError(f"jobs must be at least 1, not {jobs}")
    named = _named([path_given(path, "scan") for path in paths])
    walked = folder.walk(*named, suffixes=audio.SUFFIXES)
    run = ScanRun(library, force, voice, progress, stopped)
    try:
        workers: AbstractContextManager[Listeners] = (
            processes(jobs or cores(), voice) if dask is None else cluster(dask, voice, tell or log.warning)
        )
        with workers as listeners, run.stoppable():
            run.look(walked, [path for path in named if os.path.isfile(path)])  # noqa: PTH113
            run.listen(listeners)
    except KeyboardInterrupt:
        return run.report(interrupted=True)
    return run.report()


def _named(paths: Sequence[str | os.PathLike[str]]) -> list[str]:
    """The paths, with each CUE sheet replaced by the files it cuts."""
    named: list[str] = []
    for path in paths:
        name = os.path.abspath(os.path.expanduser(path))  # noqa: PTH100, PTH111 -- no links resolved
        if not name.lower().endswith(".cue") or not os.path.isfile(name):  # noqa: PTH113
            named.append(os.fspath(path))
            continue
        cuts, faults = cue.cuts([name], audio.SUFFIXES)
        if not cuts:
            raise InputError(
                f"{name}: {faults.get(name, 'this CUE sheet cuts no file into tracks; give the file of sound itself')}"
            )
        named += cuts
    return named
