"""After a session: what was really heard, what was thought of the music, the sheet to take home. No alias is shown."""

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
from playlistkit.web.pages.out import MEDIA, PAPER_POLICY
from playlistkit.workflow import clients as workflow
from playlistkit.workflow.library import Library

__all__ = ["routes"]

PATIENCE = 8.0  # s for a player that has just ended
HERE = "/session/after"
FORMATS = (".html", ".csv", ".m3u8")
"""In which it can be had as it was played."""


@dataclass(frozen=True, slots=True)
class Over:
    """The session that is looked back on."""

    client: str
    number: int


class _LookedAt:
    """Which session that is, while the server runs: its client's alias stands in no address."""

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


def keep(call: Call) -> Response:
    """Bring what was heard to the client for whom it was planned; what was broken off can be gone on with first."""
    from playlistkit.workflow.play import interrupted
    from playlistkit.workflow.played import collect

    if interrupted() is not None:
        return call.to("/session")
    with call.place.open() as library:  # it may take seconds, in which other pages want theirs
        found = collect(library, patience=PATIENCE)
    if found is not None:  # another tab, or a terminal, may have brought it in already
        _looked_at.set(Over(*found))
    return call.to(HERE)


def show(call: Call) -> Response:
    """The last screen of a session."""
    heard = None
    if _looked_at.get() is not None:
        with contextlib.suppress(
            InputError
        ):  # renamed, forgotten or dropped meanwhile; no alias is shown here
            heard = call.place.ask(_heard, _known(call))
    return call.page("after.html", heard=heard, ratings=workflow.RATINGS, formats=FORMATS)


def look_back(call: Call) -> Response:
    """Look at a session again, from the clients' page."""
    number = call.field("session")
    if not number.isdecimal() or len(number) > 9:
        raise InputError(f"{number!r} is no number of a session")
    over = Over(call.field("alias"), int(number))
    call.place.ask(_heard, over)  # told now where there is none
    _looked_at.set(over)
    return call.to(HERE)


def _heard(library: Library, over: Over) -> workflow.Heard:
    return workflow.look_back(library, over.client, over.number)


def rate(call: Call) -> Response:
    """Keep ratings of the session's music."""
    over = _known(call)
    given = {name: rating_given(call.field(name, ""), name) for name in workflow.RATINGS}
    call.place.ask(lambda library: library.clients.rate(over.client, session=over.number, **given))
    return call.to(HERE, say="The ratings are kept.")


def mark(call: Call) -> Response:
    """Mark a track for the client of this session, or take its mark back."""
    over = _known(call)
    track, wanted = call.field("track"), call.field("mark")
    if wanted not in ("keep", "avoid", ""):
        raise InputError(f"{wanted!r} is no mark")

    def work(library: Library) -> None:
        library.clients.mark(over.client, library.get(track).track.id, wanted or None)  # type: ignore[arg-type]

    call.place.ask(work)
    return call.to(HERE)


def download(call: Call) -> Response:
    """The session as it was played."""
    from playlistkit.workflow.outputs import file_of

    heard = call.place.ask(_heard, _known(call))
    suffix = f".{call.path('suffix')}"
    if heard.played is None or suffix not in FORMATS:
        raise InputError("of this session that is not kept")
    headers = {"content-disposition": f'attachment; filename="session{suffix}"'}
    return Response(file_of(heard.played, suffix), headers=headers, media_type=MEDIA[suffix])


def aftercare_sheet(call: Call) -> Response:
    """The sheet for the client to take home, to be read and printed."""
    from playlistkit.workflow.aftercare import aftercare

    music = None
    if call.query.get("music", "") == "yes":
        music = call.place.ask(_heard, _known(call)).played
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "aftercare.html"
        aftercare(sheet, plan=music)
        text = sheet.read_bytes()
    return Response(text, media_type="text/html", headers={"content-security-policy": PAPER_POLICY})


def _known(call: Call) -> Over:
    """The session that is looked back on, if it is still kept: its client may have been renamed or forgotten."""
    over = _looked_at.get()
    if over is not None:
        try:
            call.place.ask(_heard, over)
        except InputError:
            _looked_at.set(None)
            over = None
    if over is None:
        raise InputError("which session is meant is no longer known; the page “Clients” leads back to it")
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
