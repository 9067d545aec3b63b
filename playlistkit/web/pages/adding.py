"""Add music to the library: analyse folders chosen here, or upload tables."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job
from playlistkit.workflow.library import Library

__all__ = ["routes"]

MOST_TOLD = 500
LONGEST_NAME = 255  # bytes, on nearly every file system
AT_ONCE = 1 << 20  # bytes; some 5,000 rows, read in half a second


def choose(call: Call) -> Response:
    """Show a folder, its contents, and other places to look."""
    from playlistkit.workflow.music import folders

    starts = folders.starting_points()
    path = as_path(call.query.get("folder", "")) or starts[0].path
    added = call.place.look(folders.added_folders)
    return call.page(
        "add.html",
        seen=folders.look_into(path),
        starts=starts,
        added=added,
        gone=[each for each in added if not each.is_there],
        as_field=as_field,
    )


def scan(call: Call) -> Response:
    """Analyse folders, as a job."""
    from playlistkit.workflow.scanning.scan import scan as run

    paths = [as_path(each) for each in call.fields("folder")]
    if not paths:
        raise InputError("choose a folder first")
    place = call.place

    def work(job: Job) -> Done:
        with place.open() as library:
            report = run(library, *paths, progress=job.progress, stopped=lambda: job.is_stopped)
        problems = [f"{Path(path).name}: {why}" for path, why in report.failed[:MOST_TOLD]]
        problems += [f"{Path(path).name}: {why}" for path, why in report.not_followed[:MOST_TOLD]]
        if report.gone:
            problems.insert(0, report.told_gone())
        return Done(
            report.summary(),
            tuple(problems),
            stopped=report.interrupted,
            to="/music",
            to_label="See the library",
        )

    names = ", ".join(Path(path).name or path for path in paths[:3]) + (" and more" if len(paths) > 3 else "")
    place.jobs.start("scan", f"Listening to {names}", work, unit="files")
    return call.to(call.field("back", "/music/add"))


def table(call: Call) -> Response:
    """Show the upload form for tables."""
    return call.page("table.html")


def take_table(call: Call) -> Response:
    """Import tracks and values from uploaded tables; large ones as a job."""
    uploads = [each for each in call.form.getlist("table") if isinstance(each, UploadFile) and each.filename]
    if not uploads:
        raise InputError("choose a file first: a table as .csv or .json")
    tables = [(_name(upload), upload.file.read()) for upload in uploads]
    if sum(len(content) for _, content in tables) <= AT_ONCE:
        return call.page("table.html", reports=call.place.change(_imported, tables))
    place = call.place

    def work(job: Job) -> Done:
        def progress(done: int, total: int, current: str) -> None:
            if job.is_stopped:
                raise KeyboardInterrupt
            job.progress(done, total, current)

        with place.open() as library:
            told = _imported(library, tables, progress)
        lines = tuple(line for _, notes, faults in told for line in (*notes, *faults))
        said = "; ".join(summary for summary, _, _ in told)
        return Done(said, lines[:MOST_TOLD], to="/music", to_label="See the library")

    names = ", ".join(name for name, _ in tables[:3]) + (" and more" if len(tables) > 3 else "")
    place.jobs.start("table", f"Reading {names}", work, unit="rows")
    return call.to("/music/table")


Told = tuple[str, Sequence[str], Sequence[str]]
"""What is said of a table: its summary, how its columns were read, and what is wrong in its rows."""


def _name(upload: UploadFile) -> str:
    name = Path(str(upload.filename).replace("\\", "/")).name.replace("\0", "")
    return name if name not in ("", "..") and len(os.fsencode(name)) <= LONGEST_NAME else "table.csv"


def _imported(
    library: Library,
    tables: Sequence[tuple[str, bytes]],
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> list[Told]:
    """Import tables from a temporary folder, which no sentence names."""
    from playlistkit.workflow.music.tables import import_tables

    with tempfile.TemporaryDirectory(prefix="playlistkit-") as folder:
        files = []
        for number, (name, content) in enumerate(tables):
            file = Path(folder) / str(number) / name
            file.parent.mkdir()
            file.write_bytes(content)
            files.append(file)
        try:
            reports = import_tables(library, *files, progress=progress)
        except InputError as error:
            raise InputError(*[without(str(each), folder) for each in error.args]) from error
    return [
        (without(each.summary(), folder), _without(each.notes, folder), _without(each.faults, folder))
        for each in reports
    ]


def _without(lines: Sequence[str], folder: str) -> list[str]:
    return [without(line, folder) for line in lines]


def without(text: str, folder: str) -> str:
    """The sentence, without the temporary folder of an upload."""
    import re

    return re.sub(re.escape(folder) + r"[/\\]\d+[/\\]", "", text)


def as_field(path: str) -> str:
    """Encode a path for a form or an address, whatever bytes it holds."""
    return quote(path, safe="/", errors="surrogateescape")


def as_path(field: str) -> str:
    """The path in a field."""
    path = unquote(field, errors="surrogateescape")
    if "\0" in path:
        raise InputError("that is not a folder")
    return path


routes = [
    get("/music/add", choose),
    post("/music/scan", scan),
    get("/music/table", table),
    post("/music/table", take_table),
]
