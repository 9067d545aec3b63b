"""After a session: what was really heard, ratings of the music, the sheet to take home. Shows no alias."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.web.pages.clients import rating_given
from playlistkit.web.pages.out import PAPER_POLICY
from playlistkit.workflow import clients as workflow
from playlistkit.workflow.library import Library

__all__ = ["routes", "something_heard"]

PATIENCE = 8.0  # s for a player that has just ended
HERE = "/session/after"
FORMATS = (".html", ".csv", ".m3u8")
"""The formats of the session as played."""


@dataclass(frozen=True, slots=True)
class Over:
    """The past session being viewed."""

    client: str
    number: int


class _LookedAt:
    """Remembers, while the server runs, which session that is, so that no alias is in an address."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._over: Over | None = None

    def get(self) -> Over | None:
        with self._lock:
            return self._over

    def set(self, over: Over | None) -> None:
        with self._lock:
            self._over = over


_looked_at = _LookedAt()


def something_heard() -> bool:
    """Whether this screen has a session to show: one that waits to be stored, or the one last looked at."""
    from playlistkit.workflow.session.attach import to_store

    return to_store() or _looked_at.get() is not None


def keep(call: Call) -> Response:
    """File what was heard under the plan's client. An interrupted session can be continued first."""
    from playlistkit.workflow.session.attach import interrupted
    from playlistkit.workflow.session.played import collect

    if interrupted() is not None:
        return call.to("/session")
    with (
        call.place.open() as library
    ):  # a library of its own: this may take seconds, and other pages need theirs
        found = collect(library, patience=PATIENCE)
    if found is not None:  # another tab or a terminal may have filed it already
        _looked_at.set(Over(*found))
    return call.to(HERE)


def show(call: Call) -> Response:
    """The screen after a session."""
    heard = None
    if _looked_at.get() is not None:
        with contextlib.suppress(InputError):  # renamed or deleted meanwhile; no alias is shown here
            heard = call.place.look(_heard, _known(call))
    return call.page("after.html", heard=heard, ratings=workflow.RATINGS, formats=FORMATS)


def look_back(call: Call) -> Response:
    """Open a past session from the clients' page."""
    number = call.field("session")
    if not number.isdecimal() or len(number) > 9:
        raise InputError(f"{number!r} is not a session's number")
    over = Over(call.field("alias"), int(number))
    call.place.look(_heard, over)  # fails now if there is none
    _looked_at.set(over)
    return call.to(HERE)


def _heard(library: Library, over: Over) -> workflow.Heard:
    return workflow.look_back(library, over.client, over.number)


def rate(call: Call) -> Response:
    """Store ratings of the session's music."""
    over = _known(call)
    given = {name: rating_given(call.field(name, ""), name) for name in workflow.RATINGS}
    call.place.change(lambda library: library.clients.rate(over.client, session=over.number, **given))
    return call.to(HERE, say="The ratings are stored.")


def mark(call: Call) -> Response:
    """Mark a track for this session's client, or remove its mark."""
    over = _known(call)
    track, wanted = call.field("track"), call.field("mark")
    if wanted not in ("keep", "avoid", ""):
        raise InputError(f"{wanted!r} is not a mark")

    def work(library: Library) -> None:
        library.clients.mark(over.client, library.get(track).track.id, wanted or None)  # type: ignore[arg-type]

    call.place.change(work)
    return call.to(HERE)


def download(call: Call) -> Response:
    """The session as played, as a file."""
    from playlistkit.workflow.output.formats import MEDIA, file_of

    heard = call.place.look(_heard, _known(call))
    suffix = f".{call.path('suffix')}"
    if heard.played is None or suffix not in FORMATS:
        raise InputError("no record of this session as played is stored")
    headers = {"content-disposition": f'attachment; filename="session{suffix}"'}
    return Response(file_of(heard.played, suffix), headers=headers, media_type=MEDIA[suffix])


def aftercare_sheet(call: Call) -> Response:
    """The sheet for the client to take home, to read and print."""
    from playlistkit.workflow.aftercare import aftercare

    music = None
    if call.query.get("music", "") == "yes":
        music = call.place.look(_heard, _known(call)).played
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "aftercare.html"
        aftercare(sheet, plan=music)
        text = sheet.read_bytes()
    return Response(text, media_type="text/html", headers={"content-security-policy": PAPER_POLICY})


def _known(call: Call) -> Over:
    """The past session being viewed, if still stored: its client may have been renamed or deleted."""
    over = _looked_at.get()
    if over is not None:
        try:
            call.place.look(_heard, over)
        except InputError:
            _looked_at.set(None)
            over = None
    if over is None:
        raise InputError(
            "the page no longer knows which session this is; open it again from the page “Clients”"
        )
    return over


routes = [
    post("/session/keep", keep),
    get(HERE, show),
    post(HERE, look_back),
    post("/session/after/rate", rate),
    post("/session/after/mark", mark),
    get("/session/after/as/{suffix}", download),
    get("/session/aftercare", aftercare_sheet),
]
