"""The first page: what is here and where to begin. Also serves all pages: jobs, their state, closing."""

from __future__ import annotations

import threading

from starlette.responses import Response

from playlistkit.figures import counted
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job

__all__ = ["routes"]

FAREWELL = 0.5  # s


def welcome(call: Call) -> Response:
    """Show what is in the library, and what to do next."""
    from playlistkit.workflow.session.attach import standing

    tracks, plans = call.place.look(lambda library: (len(library), library.plans.list()))
    return call.page("home.html", tracks=tracks, plan=plans[0] if plans else None, session=standing())


def state(call: Call) -> Response:
    """The jobs' state, for the page's script, once a second."""
    return call.json({"jobs": [_as_dict(job) for job in call.place.jobs]})


def stop_job(call: Call) -> Response:
    """Stop a job; finished work is kept."""
    call.place.jobs.stop(call.number("id"))
    return call.to(call.field("back", "/"))


def dismiss_job(call: Call) -> Response:
    """Hide a job that has ended."""
    call.place.jobs.dismiss(call.number("id"))
    return call.to(call.field("back", "/"))


def try_demo(call: Call) -> Response:
    """Analyse the music that comes with the package, and plan a session from it."""
    from playlistkit.workflow.demo import demo, demo_folder
    from playlistkit.workflow.planning import plans

    place = call.place

    def work(job: Job) -> Done:
        folder = demo_folder()
        made = demo(folder, progress=job.progress, stopped=lambda: job.is_stopped)
        place.visit(folder / "library.db")
        with place.open() as library:
            key = plans.keep(library, made.plan)
        said = f"{made.plan.name} is planned from {counted(len(made.plan.slots), 'track')}."
        return Done(said, to=f"/plans/{key}", to_label="See the plan", at_once=True)

    place.jobs.start("demo", "Listening to the music that comes with playlistkit", work, unit="tracks")
    return call.to("/")


def leave_demo(call: Call) -> Response:
    """Return to the user's own library."""
    call.place.visit(None)
    return call.to("/", say="You are back in your own library.")


def close(call: Call) -> Response:
    """End the server, after sending this answer and its stylesheet."""
    threading.Timer(FAREWELL, call.place.close_server).start()
    return call.page("closed.html")


def _as_dict(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "told": job.told,
        "to": job.end.to if job.end is not None and job.end.at_once else "",
    }


routes = [
    get("/", welcome),
    get("/state", state),
    post("/jobs/{id:number}/stop", stop_job),
    post("/jobs/{id:number}/dismiss", dismiss_job),
    post("/demo", try_demo),
    post("/demo/leave", leave_demo),
    post("/close", close),
]
