"""A stand-in for ReccoBeats on 127.0.0.1 that keeps the bytes of each request."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Service(ThreadingHTTPServer):
    """What it knows, what it was asked, and what it shall answer instead."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.raw: list[bytes] = []
        self.queue: list[tuple[int, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def knows(self, key: str, **values: Any) -> None:
        many = len(self.rows) / 10
        row = {
            "id": "8b1c9a8e-0000-4000-8000-000000000000",
            "href": f"https://open.spotify.com/track/{key}",
            "acousticness": 0.9, "danceability": 0.2, "energy": 0.05, "instrumentalness": 0.9, "key": -1,
            "liveness": 0.1, "loudness": -20.0 - many, "mode": 1, "speechiness": 0.04, "tempo": 60.0 + many, "valence": 0.1,
        }  # fmt: skip
        self.rows.setdefault(key, []).append(row | values)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        server: Service = self.server  # type: ignore[assignment]
        head = f"{self.requestline}\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in self.headers.items()
        )
        server.raw.append(head.encode())
        if server.queue:
            status, headers, body = server.queue.pop(0)
        else:
            ids = self.path.split("ids=")[1].split(",")[:40]  # the surplus is dropped in silence
            content = [row for key in reversed(ids) for row in server.rows.get(key, [])]
            status, headers, body = 200, {"Set-Cookie": "who=you"}, json.dumps({"content": content}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
