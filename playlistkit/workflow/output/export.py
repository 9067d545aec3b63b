"""Writing a plan to files, and reading it back."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from playlistkit import exporters, report
from playlistkit.arguments import checks_arguments
from playlistkit.errors import ExportError, InputError
from playlistkit.given import path_given, plan_given
from playlistkit.library import Library
from playlistkit.model import Plan, Track
from playlistkit.ordinary import read_ordinary
from playlistkit.report import arc_text

__all__ = [
    "SUFFIXES",
    "arc_text",
    "check_outputs",
    "check_place",
    "export",
    "follow",
    "gone",
    "load_plan",
    "plan_json",
    "seconds_of_day",
]

SUFFIXES = (*exporters.SUFFIXES, *report.SUFFIXES)
"""The formats `export` can write, by suffix."""


@checks_arguments
def export(
    plan: Plan, *paths: str | os.PathLike[str], relative: bool | None = None, begin: str | None = None
) -> tuple[str, ...]:
    """Write a plan to files; the suffix says the format.

    Each file is written beside its final name and then moved there, so that an interrupted or failed
    export leaves what was there before.

    Parameters
    ----------
    plan : Plan
    *paths : str or path
        `.m3u8`, `.m3u`, `.xspf`, `.jspf`, `.csv`, `.json` (the plan itself), `.html` (the session sheet),
        `.png` or `.svg` (the arc).
    relative : bool, optional
        Whether to write paths relative to the playlist's folder; by default only for files under it.
    begin : str, optional
        When the session begins, such as ``"14:00"``: fills the sheet's clock column and is stored nowhere else.

    Returns
    -------
    tuple of str
        Warnings: files in the plan that are missing.

    Raises
    ------
    ExportError
        If a suffix is unknown (then nothing is written) or a file can't be written; it names those already written.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> pk.export(plan, "again.m3u8", "again.csv")
    ()
    """
    plan, names = plan_given(plan), [path_given(path, "export") for path in paths]
    writers = [(Path(name).expanduser(), _renderer(name, seconds_of_day(begin))) for name in names]
    warnings: dict[str, None] = {}
    for done, (path, render) in enumerate(writers):
        try:
            if render is None:
                warnings.update(dict.fromkeys(exporters.write(plan, path, relative=relative)))
            else:
                exporters.write_bytes(path, render(plan))
        except ExportError as error:
            raise ExportError(f"{error}{_already([each for each, _ in writers[:done]])}") from error
    return tuple(warnings)


def _already(written: list[Path]) -> str:
    """What was written before another file failed."""
    return f"; already written: {', '.join(map(str, written))}" if written else ""


@checks_arguments
def load_plan(path: str | os.PathLike[str]) -> Plan:
    """Read the plan in a `.json` file that `export` wrote.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    InputError
        If the file can't be read or holds no plan.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> plan.phases[0].name, plan.slots[0].start
    ('arrival', 0.0)
    """
    origin = path_given(path, "load_plan")
    try:
        text = read_ordinary(Path(path).expanduser()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{origin}: not a plan: byte {error.start} is not UTF-8 text; give the .json that `build -o` writes"
        ) from error
    except OSError as error:
        raise InputError(f"{origin}: can't be read: {error.strerror}") from error
    return exporters.plan_json.loads(text, origin)


def gone(plan: Plan) -> list[Track]:
    """The tracks of a plan, its reserves and its tail whose files are no longer where the plan says."""
    ready = (each.track for reserves in plan.reserves.values() for each in reserves)
    tracks = {each.id: each for each in (*(slot.track for slot in (*plan.slots, *plan.tail)), *ready)}
    return [track for track in tracks.values() if track.path is not None and not os.path.isfile(track.path)]  # noqa: PTH113


def follow(plan: Plan, library: Library) -> Plan:
    """The plan, with each missing file replaced by the track's present path in the library.

    So a saved plan survives a moved folder or a disk under another letter, once that has been scanned.
    """

    def now(track: Track) -> Track:
        if track.path is None or os.path.isfile(track.path):  # noqa: PTH113 -- keeps odd names
            return track
        try:
            known = library.get(track.id).track
        except InputError:
            return track
        there = known.path is not None and os.path.isfile(known.path)  # noqa: PTH113
        return replace(track, path=known.path, start=known.start, end=known.end) if there else track

    return replace(
        plan,
        slots=tuple(replace(slot, track=now(slot.track)) for slot in plan.slots),
        tail=tuple(replace(slot, track=now(slot.track)) for slot in plan.tail),
        reserves={
            phase: tuple(replace(each, track=now(each.track)) for each in ready)
            for phase, ready in plan.reserves.items()
        },
    )


def plan_json(plan: Plan) -> str:
    """The plan as the text of its `.json` file."""
    return exporters.plan_json.dumps(plan)


def check_outputs(paths: Iterable[str | os.PathLike[str]]) -> None:
    """Refuse outputs that `export` can't write, before anything is planned.

    Raises
    ------
    InputError
        If a suffix is unknown, a path is a folder, or its folder isn't there.
    """
    for path in paths:
        try:
            _renderer(path)
        except ExportError as error:
            raise InputError(str(error)) from error
        check_place(path)


def check_place(path: str | os.PathLike[str]) -> None:
    """Refuse a path where no file can be created.

    Raises
    ------
    InputError
        If it is a folder, or its folder isn't there.
    """
    target = Path(path).expanduser()
    if target.is_dir():
        raise InputError(f"{os.fspath(path)}: is a folder; name a file in it")
    if not target.parent.is_dir():
        raise InputError(f"{os.fspath(path)}: there is no folder {target.parent}; make it first")


def seconds_of_day(clock: str | None) -> float | None:
    """Seconds after midnight of a time such as ``"14:00"``.

    Raises
    ------
    InputError
        If it is not a time of day.
    """
    if clock is None:
        return None
    hours, colon, minutes = clock.strip().partition(":")
    whole = all(each.isascii() and each.isdigit() for each in (hours, minutes))
    if not (colon and whole and len(minutes) == 2 and int(hours) < 24 and int(minutes) < 60):
        raise InputError(f"begin {clock!r}: give a time of day, such as 14:00")
    return 3600.0 * int(hours) + 60.0 * int(minutes)


def _renderer(path: str | os.PathLike[str], begin: float | None = None) -> Callable[[Plan], bytes] | None:
    """The function that makes a report for a suffix; `None` for playlist formats."""
    if os.fspath(path) == "-":
        raise ExportError("-: the suffix says the format, and - has none; name a file, or use `build --json`")
    suffix = Path(path).suffix.lower()
    if suffix in exporters.SUFFIXES:
        return None
    if suffix == ".html":
        return lambda plan: report.sheet_html(plan, begin=begin).encode()
    if suffix in report.SUFFIXES:
        return report.SUFFIXES[suffix]
    near = difflib.get_close_matches(suffix, SUFFIXES, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise ExportError(
        f"{os.fspath(path)}: no format is known for the suffix {suffix or '(none)'!r}{hint} "
        f"(known: {', '.join(SUFFIXES)})"
    )
