"""Jobs on a page: what is shown of them belongs to what the page shows beside them."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette

from playlistkit.web.call import Call, get
from playlistkit.web.jobs import Done, Job
from playlistkit.web.place import Place


def asked(application: Starlette, path: str) -> str:
    """What a GET is answered with."""
    sent: list[bytes] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        sent.append(message.get("body", b""))  # type: ignore[arg-type]

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"",
        "headers": [], "scheme": "http", "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2), "http_version": "1.1",
    }  # fmt: skip
    with ThreadPoolExecutor(1) as other:  # the browser's own loop runs in this thread
        other.submit(asyncio.run, application(scope, receive, send)).result()  # type: ignore[arg-type]
    return b"".join(sent).decode()


def test_a_job_that_ends_while_a_page_is_made_is_shown_running_so_that_the_page_asks_again(tmp_path):
    place = Place(tmp_path / "library.db")
    go = threading.Event()

    def work(job: Job) -> Done:
        go.wait()
        return Done("It is done.")

    job = place.jobs.start("scan", "Listening", work)

    def page(call: Call):  # type: ignore[no-untyped-def]
        looked = "before the end"  # as a handler that has asked the library
        go.set()
        assert job.wait(60)
        return call.page("error.html", title="Looked", sentences=[looked])

    application = Starlette(routes=[get("/page", page)])
    application.state.place = place
    first, second = asked(application, "/page"), asked(application, "/page")
    assert 'data-state="running"' in first
    assert "It is done." not in first
    assert 'data-state="done"' in second
    place.close()
