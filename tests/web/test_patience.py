"""Pages that are slow to come: painted at once, made once, and shown when they are there."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from playlistkit.web.patience import Patience

from .conftest import COME, accessible, until

PAGE = [(b"sec-fetch-dest", b"document")]


class Pages:
    """An application whose pages come when they are let go; counts how often each was made."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del receive
        self.made.append(scope["path"])
        await self.go.wait()
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"the page"})


async def asked(app: Patience, path: str, *, headers: Any = PAGE, method: str = "GET") -> tuple[int, bytes]:
    """Status and body of one answer."""
    came: list[Any] = []

    async def send(message: Any) -> None:
        came.append(message)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    return came[0]["status"], b"".join(each.get("body", b"") for each in came)


def run_apart(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread of its own, as the browser's event loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


def test_what_is_slow_is_made_once_and_comes_to_whoever_asks_again() -> None:
    async def run() -> None:
        pages = Pages()
        app = Patience(pages, lambda _: b"one moment", moment=0.01)
        assert await asked(app, "/plan") == (200, b"one moment")
        again = asyncio.ensure_future(asked(app, "/plan", headers=[]))  # by its script
        await asyncio.sleep(0.05)
        assert not again.done()  # the second waits, however long it takes
        pages.go.set()
        assert await again == (418, b"the page")
        assert pages.made == ["/plan"]
        assert await asked(app, "/plan") == (418, b"the page")  # and is made anew from then on
        assert pages.made == ["/plan", "/plan"]

    run_apart(run())


@pytest.mark.parametrize(
    ("path", "headers", "method"),
    [
        ("/plan", [(b"sec-fetch-dest", b"empty")], "GET"),  # by a script, which says itself that it waits
        ("/plan", PAGE, "POST"),
        ("/plans/7/as/m3u8", PAGE, "GET"),  # a file to keep
        ("/enter", PAGE, "GET"),  # who has no cookie yet gets no script
    ],
)
def test_only_a_page_for_a_tab_is_stood_in_for(path: str, headers: Any, method: str) -> None:
    async def run() -> None:
        pages = Pages()
        app = Patience(pages, lambda _: b"one moment", moment=0.01)
        came = asyncio.ensure_future(asked(app, path, headers=headers, method=method))
        await asyncio.sleep(0.05)
        pages.go.set()
        assert await came == (418, b"the page")

    run_apart(run())


def test_a_fault_in_a_page_that_was_slow_is_not_lost() -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        del scope, receive, send
        await asyncio.sleep(0.03)
        raise ZeroDivisionError

    async def run() -> None:
        app = Patience(fails, lambda _: b"one moment", moment=0.01)
        assert await asked(app, "/plan") == (200, b"one moment")
        with pytest.raises(ZeroDivisionError):
            await asked(app, "/plan")

    run_apart(run())


def test_the_first_page_says_at_once_what_it_waits_for_and_comes_by_itself(
    start: Any, chromium: Any, demo_folder: Any, tmp_path: Any
) -> None:
    library = shutil.copy(demo_folder / "library.db", tmp_path / "library.db")
    server = start(library)
    other = sqlite3.connect(library, isolation_level=None)
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")  # from here on nobody can even read
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.goto(server.door)
        page.get_by_role("heading", name="One moment").wait_for()
        accessible(page, "true")
        other.execute("COMMIT")
        other.close()
        page.get_by_role("heading", name="Good to see you").wait_for()
        until(page, COME)
        assert page.url == f"{server.address}/"
        page.locator("a.button.main").first.click()  # and is a page like others
        page.wait_for_url("**/plan")
    finally:
        other.close()
        context.close()
