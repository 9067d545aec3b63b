"""What is stored for each alias (sessions, ratings, marks), and its deletion. No alias is in an address."""

from __future__ import annotations

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.workflow import clients as workflow
from playlistkit.workflow.library import Library

__all__ = ["rating_given", "routes"]


def listing(call: Call) -> Response:
    """List all aliases, and everything stored for them."""
    return call.page(
        "clients.html",
        clients=call.place.look(workflow.everything),
        ratings=workflow.RATINGS,
        client_line=workflow.client_line,
        session_line=workflow.session_line,
    )


def rate(call: Call) -> Response:
    """Store ratings of a session's music."""
    given = {name: rating_given(call.field(name, ""), name) for name in workflow.RATINGS}
    alias, number = call.field("alias"), _session(call)

    def work(library: Library) -> None:
        library.clients.rate(alias, session=number, **given)

    call.place.change(work)
    return call.to("/clients", say=f"Stored for session {number}.")


def drop(call: Call) -> Response:
    """Delete one session; its tracks may be used again."""
    alias, number = call.field("alias"), _session(call)
    call.place.change(lambda library: library.clients.forget_session(alias, number))
    return call.to("/clients", say=f"Session {number} is deleted; its tracks may be used again.")


def unmark(call: Call) -> Response:
    """Remove a track's mark."""
    alias, track, mark = call.field("alias"), call.field("track"), call.field("mark")
    if mark not in ("keep", "avoid"):
        raise InputError(f"{mark!r} is not a mark")
    call.place.change(lambda library: library.clients.mark(alias, track, None))
    number = call.place.undos.add(
        lambda: call.place.change(lambda library: library.clients.mark(alias, track, mark))  # type: ignore[arg-type]
    )
    return call.to("/clients", say="The mark is removed.", undo=("/music/undo", {"number": number}))


def rename(call: Call) -> Response:
    """Give an alias another name."""
    call.place.change(workflow.rename, call.field("alias"), call.field("new"))
    return call.to("/clients", say="Renamed; the old alias is erased.")


def forget(call: Call) -> Response:
    """Delete an alias and everything stored for it."""
    call.place.change(workflow.forget, call.field("alias"))
    return call.to("/clients", say="Forgotten.")


def _session(call: Call) -> int:
    text = call.field("session")
    if not text.isdecimal() or len(text) > 9:
        raise InputError(f"{text!r} is not a session's number")
    return int(text)


def rating_given(text: str, name: str) -> float | None:
    """The number typed; empty leaves the rating as it is."""
    if not text.strip():
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InputError(f"{name}: {text!r} should be a number from 0 to 10") from None


routes = [
    get("/clients", listing),
    post("/clients/rate", rate),
    post("/clients/drop", drop),
    post("/clients/unmark", unmark),
    post("/clients/rename", rename),
    post("/clients/forget", forget),
]
