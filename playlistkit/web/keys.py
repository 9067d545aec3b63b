"""The secrets of one run of the server: the cookie, and the tickets that buy it."""

from __future__ import annotations

import secrets
import threading
import time

__all__ = ["Keys", "cookie_name"]

TICKET_SECONDS = 600.0  # in which a ticket can be used


def cookie_name(host: str) -> str:
    """The name of the server's cookie; browsers share cookies between ports, so the port is in it."""
    return f"playlistkit-{host.rpartition(':')[2]}"


class Keys:
    """The secrets of one run of the server, new at each start and only in memory."""

    def __init__(self) -> None:
        self.cookie = secrets.token_urlsafe(32)
        """The cookie of a browser that was let in."""
        self.run = secrets.token_urlsafe(32)
        """The key in the run file, for another `playlistkit open` of the same user."""
        self._tickets: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self) -> str:
        """A ticket that opens the door once, within ten minutes."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._tickets[ticket] = time.monotonic() + TICKET_SECONDS
        return ticket

    def redeem(self, ticket: str) -> bool:
        """Whether the ticket is valid; uses it up."""
        with self._lock:
            until = self._tickets.pop(ticket, None)
        return until is not None and time.monotonic() <= until
