"""Turn a plan into sound: the session as one file, or its joins to check by ear."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from playlistkit import render as sound
from playlistkit.arguments import checks_arguments
from playlistkit.audio import open_audio
from playlistkit.errors import ExportError, InputError
from playlistkit.library import Library
from playlistkit.model import Plan
from playlistkit.report import words
from playlistkit.sources.folder import fingerprint
from playlistkit.workflow.output.export import check_place

__all__ = ["check_files", "flagged_joins", "preview", "render", "write_replaygain"]

Progress = Callable[[int, int, str], None]


@checks_arguments
def render(plan: Plan, path: str | os.PathLike[str], *, progress: Progress | None = None) -> float:
    """Write the session and its tail as one continuous file, with the planned overlaps and gains.

    Parameters
    ----------
    plan : Plan
        Best built with ``player="render"``; any plan whose tracks are files can be rendered, at the levels at which
        it was planned: unchanged for ``"files"``, all alike for ``"spotify"``.
    path : str or path
        `.flac`, `.opus`, `.mp3`, `.m4a` or `.wav`. Chapters for tracks and phases where the format has them.
    progress : callable, optional
        Takes the seconds written, the seconds in all, and the name of the output file.

    Returns
    -------
    float
        Seconds written.

    Raises
    ------
    InputError
        If the suffix of `path` is unknown or its folder isn't there.
    ExportError
        If a track has no file, a file is gone, or the output can't be written; then nothing is left of it.
    AudioError
        If a file can't be decoded.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> seconds = pk.render_session(plan, "session.wav")
    >>> seconds > plan.duration - 1
    True
    """
    check_sound(path)
    return _write(sound.session_parts(plan), path, plan.name, sound.session_chapters(plan), progress)


@checks_arguments
def preview(
    plan: Plan,
    path: str | os.PathLike[str],
    *,
    phase: str | None = None,
    joins: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> float:
    """Write every join, one after another: 20 s of one track, the overlap, 20 s of the next, a short pause.

    Parameters
    ----------
    plan, path, progress
        As for `render`.
    phase : str, optional
        Only joins into and within this phase.
    joins : sequence of int, optional
        Only these; join k lies between slot k and slot k + 1.

    Returns
    -------
    float
        Seconds written.

    Raises
    ------
    InputError
        If there is no such phase, or no join at all; as for `render`.
    ExportError, AudioError
        As for `render`.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> seconds = pk.preview_joins(plan, "joins.opus", joins=[0])
    >>> 20 < seconds <= 45
    True
    """
    check_sound(path)
    phases = list(dict.fromkeys(slot.phase for slot in plan.slots))
    if phase is not None and phase not in phases:
        raise InputError(f"the plan has no phase {phase!r}; it has {', '.join(phases)}")
    there = range(len(plan.slots) - 1)
    if strange := [k for k in joins or () if k not in there]:
        raise InputError(f"the plan has no join {strange[0]}; it has joins 0 to {len(there) - 1}")
    chosen = [
        k for k in (there if joins is None else joins) if phase is None or plan.slots[k + 1].phase == phase
    ]
    if not chosen:
        raise InputError("there is no such join; choose one that the plan has")
    parts = sound.join_parts(plan, chosen)
    chapters, start = [], 0.0
    for k, (one, two) in zip(chosen, zip(parts[::2], parts[1::2], strict=True), strict=True):
        names = [plan.slots[each].track.title or "track" for each in (k, k + 1)]
        chapters.append(sound.Chapter(start, f"{k + 1}. {plan.slots[k + 1].phase}: {names[0]} -> {names[1]}"))
        start += one.duration - one.overlap + two.duration + two.pause
    return _write(parts, path, f"{plan.name}: the joins", chapters, progress)


def flagged_joins(plan: Plan) -> list[int]:
    """The joins that the sheet marks for checking by ear; join k lies between slot k and slot k + 1."""
    return [number - 1 for number in words.flagged_joins(plan)]


def write_replaygain(plan: Plan, library: Library | None = None) -> list[str]:
    """Write the planned gains into the ReplayGain tags of the plan's own files, for players that level by tags.

    Replaces the files' earlier gains: a file holds one gain, whatever session it is in.

    Parameters
    ----------
    plan : Plan
        Built with ``player="render"``: other plans have no gains.
    library : Library, optional
        Records that the files have new tags and the same sound, so that the next scan skips them.

    Returns
    -------
    list of str
        A sentence for each file that could not be written.

    Raises
    ------
    InputError
        If the plan was not built for render.
    ExportError
        If a track has no file, or a file is gone; then nothing is written.
    """
    if plan.session.player != "render":
        raise InputError(
            f'the plan was made for the player "{plan.session.player}", which has no gains to write; plan it again for "render"'
        )
    check_files(sound.session_parts(plan))
    faults: dict[str, None] = {}
    for slot in (*plan.slots, *plan.tail):
        path = slot.track.path or ""
        if slot.track.is_part:
            faults[
                f"{path}: is an album in one file, whose tags can't hold a gain for each track; "
                "render the session, or play it with playlistkit"
            ] = None
            continue
        try:
            before = os.stat(path)  # noqa: PTH116 -- keeps odd names
            sound.write_gain(path, slot.gain, slot.features.true_peak)
            if library is not None:
                _retag(library, path, before)
        except (ExportError, OSError) as error:
            faults[str(error)] = None
    return list(faults)


def _retag(library: Library, path: str, before: os.stat_result) -> None:
    """Update the library's record of a file whose tags have changed, if it knew the file before."""
    now = os.stat(path)  # noqa: PTH116
    library.retag_file(
        path,
        fingerprint(path),
        before=(before.st_size, before.st_mtime_ns),
        after=(now.st_size, now.st_mtime_ns),
    )


def check_files(parts: Iterable[sound.Part]) -> None:
    """Raise ExportError if a part's file is gone."""
    gone = list(dict.fromkeys(part.path for part in parts if not Path(part.path).is_file()))
    if gone:
        files = "the file is" if len(gone) == 1 else f"this and {len(gone) - 1} more of the plan's files are"
        raise ExportError(
            f"{gone[0]}: {files} gone; plug in the disk, or scan the folder in its new place, and try again"
        )


def check_sound(path: str | os.PathLike[str]) -> None:
    """Refuse an output path that can't be written.

    Raises
    ------
    InputError
        If the suffix is unknown, the path is a folder, or its folder isn't there.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in sound.SUFFIXES:
        raise InputError(
            f"{os.fspath(path)}: no audio format is known for the suffix {suffix or '(none)'!r}; take one of "
            f"{', '.join(sound.SUFFIXES)}"
        )
    check_place(path)


def _write(
    parts: Sequence[sound.Part],
    path: str | os.PathLike[str],
    title: str,
    chapters: Sequence[sound.Chapter],
    progress: Progress | None,
) -> float:
    check_files(parts)  # before an hour of encoding, not in the middle of it
    whole = round(sum(part.duration - part.overlap + part.pause for part in parts))
    return sound.encode(
        path,
        sound.mix(parts, open_audio),
        sound.RATE,
        chapters=chapters,
        tags={"title": title},
        expected=whole,
        progress=progress and (lambda seconds: progress(round(seconds), whole, os.fspath(path))),
    )
