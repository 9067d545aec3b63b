"""The therapist's own Spotify account: sign in, bring playlists in, find local tracks there, write a session out.

Modules that talk to Spotify load when one of these pages is opened, not when the server starts: without Spotify, no
library that could reach the network is in the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.responses import Response

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.figures import counted
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job
from playlistkit.workflow.library import Library
from playlistkit.workflow.planning import plans

if TYPE_CHECKING:
    from playlistkit.workflow import spotify as workflow

__all__ = ["routes"]

PATIENCE = 5.0  # s to wait for the sign-in's address
SERVICE: workflow.Service = "reccobeats"
MISSING = ("stop", "reserve", "skip")

_allow: dict[str, str] = {}
"""The address to approve a pending sign-in."""
_unsure: dict[str, workflow.Open] = {}
"""Tracks without a certain match, by id."""
_pushed: dict[str, workflow.PushReport] = {}
"""The report of each plan's last push, by its id."""


def account(call: Call) -> Response:
    """Show who is signed in, and what can be done."""
    from playlistkit.workflow import spotify as workflow

    status = workflow.status()
    requests = call.place.look(workflow.planned_requests, SERVICE) if status else []
    return call.page(
        "spotify.html",
        status=status,
        steps=workflow.STEPS,
        terms=workflow.TERMS,
        sent=workflow.SENT,
        client_id=workflow.known_client_id() or "",
        allow=_allow.get("address", ""),
        unsure=list(_unsure.values()),
        asked=sum(len(each.tracks) for each in requests),
        requests=len(requests),
        service=SERVICE,
    )


def login(call: Call) -> Response:
    """Start to sign in: shows a link to approve it."""
    from playlistkit.workflow import spotify as workflow

    client_id = call.field("client_id")
    known = threading.Event()

    def show(text: str) -> None:
        if text.startswith("http"):
            _allow["address"] = text
            known.set()

    def work(job: Job) -> Done:  # noqa: ARG001 -- there is nothing to count
        try:
            status = workflow.login(client_id, show=show, browser=lambda _: None)
        finally:
            _allow.clear()
            known.set()
        return Done(f"Signed in as {status.user_name or status.user}.")

    job = call.place.jobs.start("spotify-login", "Waiting for Spotify to allow it", work)
    known.wait(PATIENCE)
    if job.state == "failed" and job.end is not None:
        call.place.jobs.dismiss(job.id)
        raise InputError(*job.end.said.splitlines())
    return call.to("/spotify")


def logout(call: Call) -> Response:
    """Forget the sign-in on this machine."""
    from playlistkit.workflow import spotify as workflow

    gone = workflow.logout()
    return call.to("/spotify", say="The sign-in is forgotten." if gone else "Nobody was signed in.")


def pull(call: Call) -> Response:
    """Bring playlists into the library."""
    from playlistkit.workflow import spotify as workflow

    wanted = [line.strip() for line in call.field("playlists", "").splitlines() if line.strip()]
    liked = call.field("liked", "") == "yes"

    def work(library: Library, progress: workflow.Progress, tell: workflow.Tell) -> Done:
        report = workflow.pull(library, wanted, liked=liked, progress=progress, tell=tell)
        return Done(report.summary(), report.passed_over, to="/music", to_label="See the library")

    return _start(call, "spotify-pull", "Reading playlists", work)


def match(call: Call) -> Response:
    """Look for local tracks; uncertain matches are shown to choose from."""
    from playlistkit.workflow import spotify as workflow

    again = call.field("again", "") == "yes"

    def work(library: Library, progress: workflow.Progress, tell: workflow.Tell) -> Done:
        report = workflow.match(library, again=again, progress=progress, tell=tell)
        _unsure.clear()
        _unsure.update({each.id: each for each in report.open})
        return Done(report.summary().splitlines()[0])

    return _start(call, "spotify-match", "Looking for your tracks", work)


def choose(call: Call) -> Response:
    """Store the therapist's choice: this is the track, or none is."""
    from playlistkit.workflow import spotify as workflow

    track, uri = call.field("track"), call.field("uri")
    if uri == "skip":
        call.place.change(workflow.match, [track], choose=lambda *_: "skip")
    else:
        call.place.change(workflow.link, track, uri)
    _unsure.pop(track, None)
    return call.to("/spotify", say="Skipped." if uri == "skip" else "Taken.")


def features(call: Call) -> Response:
    """Ask the named service for missing features."""
    from playlistkit.workflow import spotify as workflow

    if call.field("service") != SERVICE:
        raise InputError("name the service to ask")

    def work(library: Library, progress: workflow.Progress, tell: workflow.Tell) -> Done:
        report = workflow.fetch_features(library, SERVICE, progress=progress, tell=tell)
        return Done(report.summary(), report.refused)

    return _start(call, "spotify-features", f"Asking {SERVICE}", work)


def show_push(call: Call) -> Response:
    """Show the choices for a push, and its result."""
    from playlistkit.workflow import spotify as workflow

    kept = call.place.look(plans.kept, call.path("id"))
    return call.page(
        "spotify_push.html", kept=kept, plan=kept.plan, status=workflow.status(), report=_pushed.get(kept.id)
    )


def push(call: Call) -> Response:
    """Write a plan as a playlist."""
    from playlistkit.workflow import spotify as workflow

    kept = call.place.look(plans.kept, call.path("id"))
    name, missing = call.field("name", "").strip(), call.field("missing", MISSING[0])
    update = call.field("update", "").strip() or None
    cover = call.field("cover", "") == "yes"
    if missing not in MISSING:
        raise InputError(f"{missing!r}: choose stop, reserve or skip for missing tracks")
    there = f"/plans/{kept.id}/spotify"

    def work(library: Library, progress: workflow.Progress, tell: workflow.Tell) -> Done:
        report = workflow.push(
            kept.plan,
            library,
            name=name or None,
            update=update,
            missing=missing,  # type: ignore[arg-type]  # looked at above
            cover=cover,
            progress=progress,
            tell=tell,
        )
        _pushed[kept.id] = report
        on = "is on" if report.pushed.tracks == 1 else "are on"
        return Done(f"{report.pushed.name}: {counted(report.pushed.tracks, 'track')} {on} Spotify.")

    return _start(call, "spotify-push", f"Writing {kept.entry.name} to Spotify", work, back=there)


Work = Callable[[Library, "workflow.Progress", "workflow.Tell"], Done]


def _start(call: Call, kind: str, title: str, work: Work, back: str = "/spotify") -> Response:
    """Do something with the account and its own library, as a job that can be stopped."""
    from playlistkit.workflow import spotify as workflow

    place = call.place

    def run(job: Job) -> Done:
        def progress(done: int, total: int, current: str) -> None:
            job.progress(done, total, current)
            if job.is_stopped:
                raise KeyboardInterrupt

        with place.open() as library:
            return work(library, progress, lambda text: job.progress(job.done, job.total, text))

    if workflow.status() is None and kind != "spotify-features":
        raise PlaylistkitError("nobody is signed in to Spotify; sign in first")
    place.jobs.start(kind, title, run)
    return call.to(back)


routes = [
    get("/spotify", account),
    post("/spotify/login", login),
    post("/spotify/logout", logout),
    post("/spotify/pull", pull),
    post("/spotify/match", match),
    post("/spotify/choose", choose),
    post("/spotify/features", features),
    get("/plans/{id}/spotify", show_push),
    post("/plans/{id}/spotify", push),
]
