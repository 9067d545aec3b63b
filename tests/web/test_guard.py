"""Who may ask: each attack that is known of local servers, tried on the real one."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest
from starlette.routing import Route

from playlistkit.web.pages import first, others

from .conftest import PATIENCE

ROUTES = [*first, *others()]


@pytest.fixture(scope="module")
def server(start, tmp_path_factory):
    running = start(tmp_path_factory.mktemp("library") / "library.db")
    status, headers, _ = running.ask("GET", running.door.removeprefix(running.address), Host=running.host)
    assert status == 200
    running.set_cookie = headers["set-cookie"]
    running.cookie = headers["set-cookie"].partition(";")[0]
    return running


def ours(server, **headers):
    return {"Host": server.host, "Cookie": server.cookie, **headers}


def filled(route: Route) -> str:
    """An address of the route."""
    return re.sub(r"\{\w+:number\}", "1", route.path).replace("{id}", "abc")


def test_with_the_cookie_the_page_is_there(server):
    status, _, body = server.ask("GET", "/", **ours(server))
    assert status == 200
    assert b"playlistkit" in body


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{sorted(route.methods)[0]} {route.path}")
def test_every_address_asks_for_the_cookie(server, route):
    for method in route.methods:
        headers = {"Host": server.host, "Sec-Fetch-Site": "same-origin"}
        assert server.ask(method, filled(route), **headers)[0] == 403
    assert server.ask("GET", "/static/page.js", Host=server.host)[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:1", "{host}.evil.example", ""]
)
def test_a_host_that_was_rebound_to_this_machine_is_refused(server, host):
    port = server.host.partition(":")[2]
    named = host.format(port=port, host=server.host)
    assert server.ask("GET", "/", **ours(server, Host=named))[0] == 421


def test_a_second_host_header_is_refused(server):
    import socket

    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        connection.sendall(
            f"GET / HTTP/1.1\r\nHost: {server.host}\r\nHost: evil.example\r\nCookie: {server.cookie}\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        assert connection.recv(1000).split()[1] in (b"421", b"400")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},  # another port of this machine
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {},
    ],
)
def test_a_form_of_another_page_changes_nothing(server, headers):
    assert server.ask("POST", "/close", "x=1", **ours(server, **headers))[0] == 403
    assert server.process.poll() is None


def test_a_form_of_our_page_is_taken_with_either_header(server):
    by_browser = {"Sec-Fetch-Site": "same-origin"}
    for headers in (by_browser, {**by_browser, "Origin": "null"}, {"Origin": server.address}):
        assert server.ask("POST", "/demo/leave", "x=1", **ours(server, **headers))[0] == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_other_method_is_answered_from_elsewhere(server, method):
    status, headers, _ = server.ask(method, "/", **ours(server, Origin="https://evil.example"))
    assert status == 403
    assert "access-control-allow-origin" not in headers


def test_a_ticket_opens_the_door_once(server):
    door = server.ticket().removeprefix(server.address)
    assert server.ask("GET", door, Host=server.host)[0] == 200
    status, headers, _ = server.ask("GET", door, Host=server.host)
    assert status == 403
    assert "set-cookie" not in headers
    assert server.ask("GET", "/enter?ticket=", Host=server.host)[0] == 403


def test_the_cookie_is_for_this_server_alone(server):
    port = server.host.partition(":")[2]
    assert server.set_cookie.startswith(f"playlistkit-{port}=")
    for word in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert word in server.set_cookie
    for shown in (f"playlistkit-{port}=guess", server.cookie + "x", "playlistkit-1=" + server.cookie):
        assert server.ask("GET", "/", Host=server.host, Cookie=shown)[0] == 403


def test_another_user_s_program_gets_no_ticket(server):
    for headers in ({}, {"Authorization": "Bearer guess"}, {"Cookie": server.cookie}):
        asked = {"Host": server.host, "Origin": server.address, **headers}
        assert server.ask("POST", "/ticket", **asked)[0] == 403


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
def test_what_lets_in_lies_in_files_of_the_user_alone(server):
    files = [path for path in server.home.rglob("page-*") if path.is_file()]
    assert files
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "ticket" not in " ".join(server.command)


def test_every_answer_forbids_what_a_hostile_tag_could_try(server):
    for path in ("/", "/static/page.css", "/no-such-page", "/state"):
        _, headers, _ = server.ask("GET", path, **ours(server))
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path", ["/static/../place.py", "/static/..%2fplace.py", "/static/..\\place.py", "/static//etc/passwd"]
)
def test_no_file_beside_the_page_s_own_is_given(server, path):
    assert server.ask("GET", path, **ours(server))[0] == 404


def test_a_body_that_never_ends_is_refused(server):
    headers = ours(server, Origin=server.address, Content_Length=str(10**12))
    assert server.ask("POST", "/demo/leave", **headers)[0] == 413


def test_no_form_leads_away(server):
    for away in ("https://evil.example", "//evil.example", "/\\evil.example"):
        body = f"back={away}"
        _, headers, _ = server.ask("POST", "/jobs/999/dismiss", body, **ours(server, Origin=server.address))
        assert headers["location"] == "/"


def test_another_page_of_this_machine_gets_nothing_of_ours_to_build_in(server):
    for site in ("cross-site", "same-site"):  # another port is the same site, so the cookie comes with it
        for dest in ("script", "image", "iframe", "empty"):
            built_in = ours(server, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest=dest)
            assert server.ask("GET", "/music", **built_in)[0] == 403
        followed = ours(server, Sec_Fetch_Site=site, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
        assert server.ask("GET", "/music", **followed)[0] == 200


def test_a_number_of_thousands_of_digits_is_no_address(server):
    for path in ("/plan/lacking/{}", "/plans/7/swap/{}", "/plans/7/join/{}.wav"):
        assert server.ask("GET", path.format("9" * 5000), **ours(server))[0] == 404


def test_a_request_to_become_a_web_socket_is_answered_as_any_other(server):
    asks = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "A" * 22 + "==",
        "Sec-WebSocket-Version": "13",
    }
    assert server.ask("GET", "/state", **ours(server, **asks))[0] == 200
    assert server.ask("GET", "/state", Host=server.host, **asks)[0] == 403


def test_a_get_changes_nothing(server):
    library = Path(server.command[server.command.index("--library") + 1])
    before = library.read_bytes()
    for route in ROUTES:  # those that take a form as well
        assert server.ask("GET", filled(route), **ours(server))[0] < 500, route.path
    assert library.read_bytes() == before
    assert json.loads(server.ask("GET", "/state", **ours(server))[2]) == {"jobs": []}
    assert server.process.poll() is None
