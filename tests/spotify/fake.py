"""A stateful stand-in for Spotify on 127.0.0.1 that answers as development mode does in November 2026."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT_ID = "c0ffee00" * 4
ALL_SCOPES = (
    "playlist-read-private playlist-read-collaborative user-library-read playlist-modify-private "
    "playlist-modify-public ugc-image-upload"
)


@dataclass
class Fault:
    """What happens instead of an answer.

    status 0 hangs up. `after` lets the request take its effect first.
    """

    status: int
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: object = None


@dataclass
class Playlist:
    id: str
    name: str
    description: str
    owner: str
    public: bool | None
    items: list[str | None]
    version: int = 1
    cover: bytes | None = None

    @property
    def snapshot(self) -> str:
        return f"snap{self.version}"


class Spotify:
    """The state, and what a request does to it."""

    def __init__(self) -> None:
        self.user = "therapist"
        self.tracks: dict[str, dict[str, Any]] = {}
        self.playlists: dict[str, Playlist] = {}
        self.saved: list[str] = []
        self.codes: dict[str, tuple[str, str]] = {}
        self.access: dict[str, str] = {}
        self.refresh: set[str] = set()
        self.scope = ALL_SCOPES
        self.lifetime = 3600
        self.rotate = True
        self.deny = False
        self.log: list[tuple[str, str]] = []
        self.faults: dict[int, Fault] = {}
        self.rule: Callable[[str, str], Fault | None] = lambda method, path: None
        self.budget: int | None = None  # requests that are left today
        self.lock = threading.Lock()
        self.unlisted = 0  # listings that don't show a new playlist yet
        self.stale = 0  # reads after a write that still show what was there before
        self.before: dict[str, tuple[int, list[str | None]]] = {}

    # --- made data ------------------------------------------------------------------------------------------

    def add_track(self, title: str, artist: str, seconds: float = 200.0, **more: Any) -> str:
        number = len(self.tracks) + 1
        uri = f"spotify:track:{number:022d}"
        self.tracks[uri] = {
            "type": "track",
            "id": uri.rsplit(":", 1)[1],
            "uri": uri,
            "name": title,
            "artists": [{"name": name} for name in artist.split(", ")],
            "album": {"name": more.pop("album", "Album")},
            "duration_ms": round(seconds * 1000),
            "explicit": more.pop("explicit", False),
            "is_local": False,
            **({"external_ids": {"isrc": more.pop("isrc")}} if "isrc" in more else {}),
            **more,
        }
        return uri

    def add_playlist(self, name: str, items: list[str | None], owner: str | None = None) -> Playlist:
        made = Playlist(f"{len(self.playlists) + 1:022d}", name, "", owner or self.user, True, list(items))
        self.playlists[made.id] = made
        return made

    def sign_in(self) -> tuple[str, str]:
        """An access token and a refresh token."""
        access, refresh = f"BQ{secrets.token_urlsafe(40)}", f"AQ{secrets.token_urlsafe(40)}"
        self.access[access] = self.scope
        self.refresh.add(refresh)
        return access, refresh

    # --- accounts -------------------------------------------------------------------------------------------

    def authorize(self, query: dict[str, str]) -> str:
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", query["redirect_uri"])
        answer = {"state": query["state"]}
        if self.deny:
            answer["error"] = "access_denied"
        else:
            answer["code"] = f"AQcode{secrets.token_urlsafe(16)}"
            self.codes[answer["code"]] = (query["code_challenge"], query["redirect_uri"])
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> tuple[int, object]:
        if form.get("client_id") != CLIENT_ID:
            return 400, {"error": "invalid_client", "error_description": "Invalid client"}
        if form["grant_type"] == "authorization_code":
            challenge, redirect = self.codes.pop(form["code"], (None, None))
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            if (
                challenge != base64.urlsafe_b64encode(digest).decode().rstrip("=")
                or redirect != form["redirect_uri"]
            ):
                return 400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}
            access, refresh = self.sign_in()
        else:
            if form["refresh_token"] not in self.refresh:
                return 400, {"error": "invalid_grant", "error_description": "Refresh token revoked"}
            access, refresh = self.sign_in()
            if not self.rotate:
                self.refresh.discard(refresh)
                refresh = ""
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": self.scope,
        }
        return 200, answer | ({"refresh_token": refresh} if refresh else {})

    # --- the Web API ----------------------------------------------------------------------------------------

    def api(
        self, method: str, path: str, query: dict[str, str], body: bytes, token: str
    ) -> tuple[int, object]:
        if self.budget is not None:
            if self.budget == 0:
                return 429, error(429, "Too many requests", reason="QUOTA_EXCEEDED")
            self.budget -= 1
        if token not in self.access:
            return 401, error(401, "The access token expired")
        scope = self.access[token]
        if method == "GET" and path == "me":
            return 200, {"id": self.user, "display_name": "The Therapist", "type": "user"}
        if method == "GET" and path == "me/playlists":
            mine = [self.simple(each) for each in reversed(self.playlists.values())]
            if self.unlisted and query.get("offset", "0") == "0":
                self.unlisted -= 1
                mine = mine[1:]
            return self.page(mine, query, 50)
        if method == "GET" and path == "me/tracks":
            entries = [{"added_at": "2026-01-01T00:00:00Z", "track": self.tracks[uri]} for uri in self.saved]
            return self.page(entries, query, 50)
        if method == "POST" and path == "me/playlists":
            wanted = json.loads(body)
            assert wanted["public"] is False
            assert "\n" not in wanted["description"]
            if "playlist-modify-private" not in scope:
                return 403, error(403, "Insufficient client scope")
            made = self.add_playlist(wanted["name"], [])
            made.description = wanted["description"]
            return 201, self.simple(made)
        if method == "GET" and path == "search":
            return self.search(query)
        if match := re.fullmatch(r"tracks/(\w{22})", path):
            track = self.tracks.get(f"spotify:track:{match[1]}")
            return (200, track) if track else (404, error(404, "Resource not found"))
        if match := re.fullmatch(r"playlists/(\w{22})(/items|/images)?", path):
            return self.playlist(method, match[1], match[2] or "", query, body)
        return 403, error(
            403, "Forbidden"
        )  # removed in 2024 and 2026: batch gets, /users, /tracks of playlists

    def playlist(
        self, method: str, name: str, part: str, query: dict[str, str], body: bytes
    ) -> tuple[int, object]:
        found = self.playlists.get(name)
        if found is None:
            return 404, error(404, "Resource not found")
        mine = found.owner == self.user
        if part == "" and method == "GET":
            return 200, self.simple(found)
        if not mine:
            return 403, error(403, "Forbidden")
        if part == "/items" and method == "GET":
            shown = found.items
            left, before = self.before.get(found.id, (0, []))
            if left:
                shown = before
                self.before[found.id] = (left - (int(query.get("offset", 0)) + 50 >= len(before)), before)
            entries = [{"added_at": None, "is_local": False, "item": self.item(uri)} for uri in shown]
            return self.page(entries, query, 50)
        if part == "/images" and method == "PUT":
            found.cover = base64.b64decode(body, validate=True)
            return (202, None) if len(body) <= 256 * 1024 else (413, error(413, "Too large"))
        wanted = json.loads(body)
        if part == "" and method == "PUT":
            found.name = wanted.get("name", found.name)
            found.description = wanted.get("description", found.description)
            return 200, None
        if part == "/items" and method in ("PUT", "POST"):
            if not isinstance(wanted, dict) or not isinstance(wanted.get("uris"), list):
                return 400, error(400, "Error parsing JSON.")
            uris = wanted["uris"]
            if len(uris) > 100 or any(uri not in self.tracks for uri in uris):
                return 400, error(400, "Too many uris, or an unknown one")
            self.before[found.id] = (self.stale, list(found.items))
            place = wanted.get("position", len(found.items))
            found.items = list(uris) if method == "PUT" else found.items[:place] + uris + found.items[place:]
            found.version += 1
            return 201, {"snapshot_id": found.snapshot}
        return 405, error(405, "Method not allowed")

    def item(self, uri: str | None) -> dict[str, Any] | None:
        if uri is None:
            return None
        if uri.startswith("spotify:episode:"):
            return {"type": "episode", "uri": uri, "id": uri[16:], "name": "Talk", "duration_ms": 1}
        if uri.startswith("spotify:local:"):
            return {
                "type": "track",
                "uri": uri,
                "id": None,
                "name": "Home tape",
                "is_local": True,
                "artists": [],
            }
        return self.tracks[uri]

    def search(self, query: dict[str, str]) -> tuple[int, object]:
        limit = int(query.get("limit", 5))
        if not 1 <= limit <= 10:
            return 400, error(400, "Invalid limit")
        text = query["q"]
        fields = dict(re.findall(r'(isrc|track|artist):(?:"([^"]*)"|(?=.))', text))
        if isrc := re.search(r"isrc:(\S+)", text):
            found = [
                each for each in self.tracks.values()
                if each.get("external_ids", {}).get("isrc", "").replace("-", "") == isrc[1].strip('"')
            ]  # fmt: skip
        elif fields:
            found = [
                each for each in self.tracks.values()
                if words(fields.get("track", "")) <= words(each["name"])
                and words(fields.get("artist", "")) <= words(" ".join(a["name"] for a in each["artists"]))
            ]  # fmt: skip
        else:
            asked = words(text)
            found = [
                each for each in self.tracks.values()
                if len(asked & words(each["name"] + " " + each["artists"][0]["name"])) >= (len(asked) + 1) // 2
            ]  # fmt: skip
        return 200, {"tracks": {"items": found[:limit], "total": len(found), "next": None}}

    def simple(self, playlist: Playlist) -> dict[str, Any]:
        return {
            "id": playlist.id,
            "uri": f"spotify:playlist:{playlist.id}",
            "name": playlist.name,
            "description": playlist.description.replace("'", "&#x27;"),
            "owner": {"id": playlist.owner},
            "public": playlist.public,  # reads back true whatever was asked for, as seen in 2026
            "snapshot_id": playlist.snapshot,
            "items": {"total": len(playlist.items)},
        }

    def page(self, entries: list[Any], query: dict[str, str], most: int) -> tuple[int, object]:
        limit, offset = int(query.get("limit", 20)), int(query.get("offset", 0))
        if not 1 <= limit <= most:
            return 400, error(400, "Invalid limit")
        more = "more" if offset + limit < len(entries) else None
        return 200, {"items": entries[offset : offset + limit], "next": more, "total": len(entries)}


def error(status: int, message: str, **more: str) -> dict[str, Any]:
    return {"error": {"status": status, "message": message, **more}}


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet an answer; else each waits 40 ms for the client's acknowledgement
    server: FakeServer

    def answer(self) -> None:
        spotify = self.server.spotify
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with spotify.lock:
            spotify.log.append((self.command, parts.path))
            fault = spotify.faults.get(len(spotify.log)) or spotify.rule(self.command, parts.path)
            if fault is None or fault.after:
                status, answer, headers = self.effect(parts.path, query, body)
            if fault is not None:
                if fault.status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                status, answer, headers = fault.status, fault.body, fault.headers
        data = (
            answer.encode()
            if isinstance(answer, str)
            else b""
            if answer is None
            else json.dumps(answer).encode()
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def effect(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, object, dict[str, str]]:
        spotify = self.server.spotify
        if path == "/authorize":
            return 302, None, {"Location": spotify.authorize(query)}
        if path == "/api/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            return (*spotify.token(form), {})
        assert path.startswith("/v1/"), path
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        path = path.removeprefix("/v1/").rstrip("/")
        return (*spotify.api(self.command, path, query, body, token), {})

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def log_message(self, *args: object) -> None:
        pass


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.spotify = Spotify()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *args: object) -> None:
        pass
