"""Export a plan: playlists, the sheet, the picture, the session as one audio file."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job
from playlistkit.web.pages.adding import as_field, as_path
from playlistkit.workflow.output import formats as outputs
from playlistkit.workflow.planning import plans

__all__ = ["routes"]

PAPER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""The policy of pages that are only read and printed."""


def ways(call: Call) -> Response:
    """Show the formats and the target folder."""
    from playlistkit.workflow.music import folders

    kept = call.place.look(plans.kept, call.path("id"))
    starts = folders.starting_points()
    folder = as_path(call.query.get("folder", "")) or starts[0].path
    return call.page(
        "out.html",
        kept=kept,
        plan=kept.plan,
        formats=outputs.FORMATS,
        sounds=outputs.SOUNDS,
        stem=outputs.file_stem(kept.entry.name),
        seen=folders.look_into(folder),
        starts=starts,
        as_field=as_field,
    )


def download(call: Call) -> Response:
    """One format, as a download."""
    kept = call.place.look(plans.kept, call.path("id"))
    suffix = f".{call.path('suffix')}"
    body = outputs.file_of(kept.plan, suffix)
    name = quote(outputs.file_stem(kept.entry.name) + suffix)
    headers = {"content-disposition": f"attachment; filename*=utf-8''{name}"}
    return Response(body, headers=headers, media_type=outputs.MEDIA[suffix])


def sheet(call: Call) -> Response:
    """The sheet, to read and print."""
    kept = call.place.look(plans.kept, call.path("id"))
    headers = {"content-security-policy": f"{outputs.sheet_policy()}; frame-ancestors 'none'"}
    return Response(outputs.sheet_html(kept.plan), headers=headers, media_type="text/html")


def save(call: Call) -> Response:
    """Write the chosen formats into the chosen folder."""
    from playlistkit.workflow.output.export import export

    kept = call.place.look(plans.kept, call.path("id"))
    places = _places(call, call.fields("suffix"))
    warnings = export(kept.plan, *places)
    names = ", ".join(place.name for place in places)
    say = f"Wrote {names} into {places[0].parent}." + "".join(f" {each}." for each in warnings[:3])
    if len(warnings) > 3:
        say += f" And {len(warnings) - 3} more like that."
    return call.to(_back(call), say=say)


def render(call: Call) -> Response:
    """Render the session as one audio file, as a job."""
    from playlistkit.workflow.output.render import check_sound
    from playlistkit.workflow.output.render import render as run

    kept = call.place.look(plans.kept, call.path("id"))
    (place,) = _places(call, [call.field("sound")])
    check_sound(place)

    def work(job: Job) -> Done:
        def progress(done: int, total: int, current: str) -> None:
            job.progress(done // 60, max(1, total // 60), current)
            if job.is_stopped:
                raise KeyboardInterrupt

        try:
            seconds = run(kept.plan, place, progress=progress)
        except KeyboardInterrupt:
            return Done(f"Stopped; no file was left at {place}.", stopped=True)
        said = outputs.sound_summary(place, seconds)
        return Done(f"{said[0].upper()}{said[1:]}.")

    call.place.jobs.start("render", f"Rendering {kept.entry.name}", work, unit="min")
    return call.to(_back(call))


def _places(call: Call, suffixes: list[str]) -> list[Path]:
    folder = as_path(call.field("folder"))
    if not folder:
        raise InputError("choose a folder first")
    return outputs.places_for(
        folder, call.field("name"), suffixes, replace=call.field("replace", "") == "yes"
    )


def _back(call: Call) -> str:
    return f"/plans/{call.path('id')}/out?folder={quote(as_field(os.fspath(as_path(call.field('folder')))))}"


routes = [
    get("/plans/{id}/out", ways),
    get("/plans/{id}/as/{suffix}", download),
    get("/plans/{id}/sheet", sheet),
    post("/plans/{id}/out/save", save),
    post("/plans/{id}/out/render", render),
]
