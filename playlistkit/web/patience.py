"""Pages that are slow to come: something is painted at once, and says what it waits for.

A slow disk, or a library that another program holds, can keep a page for many seconds, in which a browser shows
nothing at all. So if a page has no answer within a moment, a small one comes instead, whose script asks for the same
address again; that waits for the answer, which is made only once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from playlistkit.web.guard import DOOR

__all__ = ["Patience"]

MOMENT = 1.0  # s; a page that is there by then is shown straight away
STALE = 10.0  # s after which an answer that nobody came for is too old
MOST = 16  # answers waited for; of more, the oldest is given up
FILES = ("/as/", "/sound", ".wav")
"""Parts of the addresses of files and sounds, which the waiting page never replaces. Nor does it replace the door: before
the browser has the cookie, it gets no script."""


@dataclass(slots=True)
class _Answer:
    """The answer to one address, as far as it has come."""

    task: asyncio.Future[None]
    messages: list[Message]
    ended: float | None = None
    """When it was complete."""


class Patience:
    """The middleware around all pages.

    Parameters
    ----------
    app : ASGI application
    waiting : callable
        Makes the page that is shown meanwhile, as HTML, from the request's scope.
    moment : float
        Seconds that an answer may take before the waiting page is shown.
    """

    def __init__(self, app: ASGIApp, waiting: Callable[[Scope], bytes], moment: float = MOMENT) -> None:
        self._app = app
        self._waiting = waiting
        self._moment = moment
        self._answers: dict[tuple[str, bytes], _Answer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass an answer on, or show that it is being waited for."""
        address = (scope["path"], scope["query_string"]) if scope["method"] == "GET" else None
        if address is None or (address not in self._answers and not _is_page(scope)):
            await self._app(scope, receive, send)
            return
        answer = self._answers.pop(address, None)
        patience = None  # whoever comes for it waits until it is there
        if answer is None or (answer.ended is not None and time.monotonic() - answer.ended > STALE):
            answer, patience = self._ask(scope), self._moment
        await asyncio.wait((answer.task,), timeout=patience)
        if not answer.task.done():
            while len(self._answers) >= MOST:
                del self._answers[next(iter(self._answers))]
            self._answers[address] = answer
            await HTMLResponse(self._waiting(scope))(scope, receive, send)
            return
        answer.task.result()  # raises what the app did
        for message in answer.messages:
            await send(message)

    def _ask(self, scope: Scope) -> _Answer:
        messages: list[Message] = []

        async def nothing() -> Message:
            never: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
            return await never  # nobody leaves: the answer is kept for whoever comes

        async def keep(message: Message) -> None:
            messages.append(message)

        answer = _Answer(asyncio.ensure_future(self._app(scope, nothing, keep)), messages)

        def ended(_: object) -> None:
            answer.ended = time.monotonic()

        answer.task.add_done_callback(ended)
        return answer


def _is_page(scope: Scope) -> bool:
    """Whether a browser asks for a page, to show it in a tab."""
    of_tab = (b"sec-fetch-dest", b"document") in scope["headers"]
    return of_tab and scope["path"] != DOOR and not any(each in scope["path"] for each in FILES)
