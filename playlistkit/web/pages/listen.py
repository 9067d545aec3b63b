"""Hear every join of a plan, levelled and overlapping as planned, and mark it."""

from __future__ import annotations

import itertools

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.web.pages.plan import rows_of
from playlistkit.web.recent import Recent
from playlistkit.web.sound import wav_answer
from playlistkit.workflow.planning import plans as workflow

__all__ = ["routes"]

_recent: Recent[tuple[str, int, int], bytes] = Recent(6)  # joins; each is some 8 MB


def joins(call: Call) -> Response:
    """List the joins: all, or only those to check by ear."""
    kept = call.place.look(workflow.kept, call.path("id"))
    rows = rows_of(kept)
    pairs = list(itertools.pairwise(rows))
    only = call.query.get("only", "")
    if only == "flagged":
        pairs = [pair for pair in pairs if pair[1].join]
    elif only == "unheard":
        pairs = [pair for pair in pairs if not pair[1].mark]
    flagged = sum(bool(row.join) for row in rows)
    heard = sum(bool(row.mark) for row in rows)
    return call.page(
        "listen.html", kept=kept, pairs=pairs, only=only, flagged=flagged, heard=heard, count=len(rows) - 1
    )


def sound(call: Call) -> Response:
    """A join as WAV."""
    from playlistkit.workflow.output.excerpts import join_wav

    key, number = call.path("id"), call.number("number")
    kept = call.place.look(workflow.kept, key)
    wav = _recent.of((key, kept.entry.revision, number), lambda: join_wav(kept.plan, number))
    return wav_answer(call.request, wav)


def mark(call: Call) -> Response:
    """Mark how a join sounds."""
    key, said = call.path("id"), call.field("mark")
    if said not in ("good", "change", ""):
        raise InputError("mark a join as good or as to be changed")
    call.place.change(workflow.mark_join, key, call.number("number"), said or None)  # type: ignore[arg-type]
    return call.to(call.field("back", f"/plans/{key}/listen"))


routes = [
    get("/plans/{id}/listen", joins),
    get("/plans/{id}/join/{number:number}.wav", sound),
    post("/plans/{id}/join/{number:number}", mark),
]
