"""Connections that have shown no key: how many are held, and which give way.

Any program of this machine can connect to the port. One that opens connections without end, or sends requests without
end, must not keep the user's own browser out. A connection that has shown the cookie is kept. Of all others only some
are held; when many come at once, what they send is dropped unless it holds a key.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from playlistkit.web.keys import Keys

__all__ = ["Strangers", "more_files", "protocol"]

HELD = 64
"""Connections without a key that are held; the oldest beyond them is closed."""
GRACE = 1.0  # s in which a connection can show its key, however many come
MANY = 200
"""New connections within a second that are more than any browser makes."""

Client = tuple[str, int]
"""The other end of a connection."""


class Strangers:
    """The connections that have not shown a key yet."""

    def __init__(self) -> None:
        self._held: dict[Client, tuple[float, asyncio.Transport]] = {}
        self._came: deque[float] = deque(maxlen=MANY)

    def came(self, client: Client, transport: asyncio.Transport) -> None:
        """A connection was made; older ones give way."""
        now = time.monotonic()
        self._came.append(now)
        self._held[client] = (now, transport)
        while len(self._held) > HELD:
            oldest = next(iter(self._held))
            since, other = self._held[oldest]
            if now - since < GRACE:
                return
            del self._held[oldest]
            other.abort()

    def known(self, client: Client | None) -> None:
        """A connection has shown the cookie."""
        if client is not None:
            self._held.pop((client[0], client[1]), None)

    def left(self, client: Client | None) -> None:
        """A connection has ended."""
        self.known(client)

    def is_stranger(self, client: Client | None) -> bool:
        """Whether it has not shown the cookie."""
        return client is not None and (client[0], client[1]) in self._held

    @property
    def flood(self) -> bool:
        """Whether more connections come than any browser makes."""
        return len(self._came) == MANY and time.monotonic() - self._came[0] < 1.0


def protocol(strangers: Strangers, keys: Keys) -> type[H11Protocol]:
    """The server's side of one connection, which tells `strangers` when one comes, sends and goes.

    Parameters
    ----------
    strangers : Strangers
    keys : Keys
        One of them must be in what is read during a flood.
    """
    from uvicorn.protocols.http.h11_impl import H11Protocol

    shown = tuple(each.encode() for each in (keys.cookie, keys.run, "ticket="))

    class Told(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if self.client is not None:
                strangers.came(self.client, transport)

        def connection_lost(self, exc: Exception | None) -> None:
            strangers.left(self.client)
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if (
                strangers.flood
                and strangers.is_stranger(self.client)
                and not any(key in data for key in shown)
            ):
                self.transport.abort()
                return
            super().data_received(data)

    return Told


def more_files() -> None:
    """Let this process hold as many open files, thus connections, as the system allows it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 4096 if hard == resource.RLIM_INFINITY else min(hard, 4096)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
