"""What a hostile neighbour or a hostile file may send: the page answers in a sentence, stays quick, and nothing else happens."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from playlistkit.library import Library
from playlistkit.web.strangers import HELD

from .conftest import PATIENCE


@pytest.fixture(scope="module")
def library(demo_folder, tmp_path_factory) -> Path:
    copy = tmp_path_factory.mktemp("copy") / "library.db"
    shutil.copy(demo_folder / "library.db", copy)
    return copy


@pytest.fixture(scope="module")
def server(start, library):
    running = start(library)
    _, headers, _ = running.ask("GET", running.door.removeprefix(running.address), Host=running.host)
    running.cookie = headers["set-cookie"].partition(";")[0]
    return running


def get(server, path: str, **headers: str):
    return server.ask("GET", path, Host=server.host, Cookie=server.cookie, **headers)


def post(server, path: str, **fields: str):
    return server.ask(
        "POST", path, urlencode(fields), Host=server.host, Cookie=server.cookie, Origin=server.address
    )


@pytest.mark.parametrize(
    "name", ["../evil", "..", "/tmp/evil", "a\\b", "C:evil", "a\0b", "a\nb", "con", "Lpt1", ""]
)
def test_no_name_of_a_protocol_leads_out_of_its_folder(server, name):
    before = sorted(server.home.rglob("*.yaml"))
    assert post(server, "/arcs", source="phases", name=name)[0] == 422
    for path in (f"/arcs/{quote(name, safe='')}", f"/arcs/{quote(name, safe='')}/text"):
        assert get(server, path)[0] in (303, 307, 404, 409, 422) or not name
        assert post(server, f"/arcs/{quote(name, safe='')}/text", text="name: x")[0] in (404, 405, 409, 422)
    assert sorted(server.home.rglob("*.yaml")) == before


def test_a_name_that_is_markup_is_shown_as_text(server, library):
    hostile = "<img src=x onerror=alert(1)>'\"&"
    with Library(library) as opened:
        track = opened.candidates()[0].track.id
        opened.mark(track, note=hostile)
    assert post(server, "/arcs", source="phases", name=hostile)[0] == 422
    pages = [
        f"/music/{track}", f"/music?q={quote(hostile)}", f"/music?sort={quote(hostile)}", f"/plan/new/{quote(hostile, safe='')}",
        f"/voices?template={quote(hostile)}", f"/music/add?folder={quote(hostile)}", f"/music/{quote(hostile, safe='')}",
        f"/arcs?from={quote(hostile)}", f"/plan/new/phases?variant={quote(hostile)}&minutes-peak={quote(hostile)}",
    ]  # fmt: skip
    for page in pages:
        assert b"<img" not in get(server, page)[2], page


def test_an_address_or_a_header_without_end_is_refused_and_the_next_is_answered(server):
    host, port = server.host.split(":")
    for begin in (b"GET /", b"GET / HTTP/1.1\r\nX: ", b"POST /close HTTP/1.1\r\nContent-Length: "):
        with socket.create_connection((host, int(port)), PATIENCE) as connection:
            try:
                for _ in range(64):
                    connection.sendall(begin if not _ else b"9" * 65536)
                answer = connection.recv(100)
            except ConnectionError:
                answer = b""
            assert not answer or answer.split()[1] in (b"400", b"413", b"414", b"431")
    assert get(server, "/")[0] == 200


def test_connections_that_never_say_a_whole_request_hold_nobody_up(server):
    host, port = server.host.split(":")
    slow = []
    try:
        for _ in range(300):
            slow.append(socket.create_connection((host, int(port)), PATIENCE))
            slow[-1].sendall(f"GET / HTTP/1.1\r\nHost: {server.host}\r\nX".encode())
        assert get(server, "/")[0] == 200
    finally:
        for each in slow:
            each.close()


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed it; nothing was ever asked on it."""
    try:
        connection.setblocking(False)
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_of_connections_without_a_key_only_some_are_held_and_one_that_showed_the_key_stays(server):
    host, port = server.host.split(":")
    ours = http.client.HTTPConnection(server.host, timeout=PATIENCE)
    ours.request("GET", "/session/state", headers={"Cookie": server.cookie})
    assert ours.getresponse().read()
    kept = ours.sock
    held = []
    try:
        held += [socket.create_connection((host, int(port)), PATIENCE) for _ in range(500)]
        assert get(server, "/")[0] == 200
        end = time.monotonic() + PATIENCE
        while sum(not is_closed(each) for each in held) > HELD:  # those that come last push out the first
            assert time.monotonic() < end
            held.append(socket.create_connection((host, int(port)), PATIENCE))
        assert is_closed(held[0])
        ours.request("GET", "/session/state", headers={"Cookie": server.cookie})
        assert ours.getresponse().read()
        assert ours.sock is kept
    finally:
        for each in held:
            each.close()
        ours.close()


def test_a_program_that_asks_without_end_and_without_a_key_keeps_no_browser_out(server, walk):
    host, port = server.host.split(":")
    over = threading.Event()

    def pester() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), PATIENCE) as each:
                each.sendall(f"GET /music HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
                each.recv(1000)

    many = [threading.Thread(target=pester) for _ in range(30)]
    for each in many:
        each.start()
    try:
        page = walk(server)
        for address in ("/music", "/plan", "/session"):
            page.goto(server.address + address)
            page.get_by_role("heading", level=1).wait_for()
    finally:
        over.set()
        for each in many:
            each.join()


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-0,1-1", "bytes=5-1", f"bytes={'9' * 400}-", "bytes=-0", "bytes=99999999999-", "lines=1-2",
        "bytes=" + ",".join(f"{k}-{k}" for k in range(1000)), "bytes=--1", "bytes=0-99999999999999",
    ],
    ids=range(9),
)  # fmt: skip
def test_of_a_track_no_range_gives_more_than_there_is(server, library, asked):
    with Library(library) as opened:
        track = next(each.track for each in opened.candidates() if each.track.path)
    status, headers, body = get(server, f"/music/{track.id}/sound", Range=asked)
    size = Path(track.path).stat().st_size
    assert status in (200, 206, 416)
    assert len(body) == int(headers.get("content-length", "0")) <= size


def test_values_of_any_length_and_kind_are_answered(server):
    long = "9" * 20_000
    for path in (
        f"/music?page={long}", f"/music?q={quote('é' * 3000)}", "/music?page=-1", "/music?energy_from=nan&tempo_to=inf",
        f"/plan/new/phases?minutes-peak={long}", "/plan/new/phases?minutes-peak=nan", f"/plan/lacking/{long[:4000]}",
        f"/voices?lacking={long}", f"/music/x/sound?at={long}", "/plans/x/swap/99999999999999999999", "/music?q=%00%ff",
    ):  # fmt: skip
        assert get(server, path)[0] < 500, path[:60]


def uploaded(server, name: str, content: bytes):
    body = (
        f'--XX\r\nContent-Disposition: form-data; name="table"; filename="{name}"\r\n\r\n'.encode() + content
    )
    connection = http.client.HTTPConnection(server.host, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request(
            "POST",
            "/music/table",
            body + b"\r\n--XX--\r\n",
            {
                "Cookie": server.cookie,
                "Origin": server.address,
                "Content-Type": "multipart/form-data; boundary=XX",
            },
        )
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("deep.json", b"[" * 100_000),
        ("long.json", b'[{"Title":"a","Tempo":' + b"9" * 10_000 + b"}]"),
        ("cell.csv", b'Title,Tempo\n"' + b"x" * 200_000),
        ("head.csv", b"Title," * 30_000 + b"Tempo\n"),  # for other separators a single cell
        ("packed.csv", b"PK\x03\x04" + bytes(range(256))),
    ],
)
def test_a_table_that_can_t_be_one_gets_a_sentence_with_its_name_and_no_path_of_ours(server, name, content):
    status, body = uploaded(server, name, content)
    assert status in (200, 422)
    assert name.encode() in body
    assert b"playlistkit-" not in body


@pytest.mark.parametrize("name", ["..", "x" * 300 + ".csv"])
def test_a_table_is_read_whatever_its_name(server, name):
    status, body = uploaded(server, name, b"Title,Tempo\na,ninety\n")
    assert status == 200
    assert b"table.csv:2" in body


def test_of_a_table_s_rows_no_path_of_ours_is_told_either(server):
    status, body = uploaded(server, "../../rows.csv", b"Title,Tempo\na,ninety\n")
    assert status == 200
    assert b"rows.csv:2" in body
    assert b"playlistkit-" not in body


def test_a_body_that_grows_without_end_is_refused_however_it_is_sent(server):
    host, port = server.host.split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as connection:
        head = (
            f"POST /music/table HTTP/1.1\r\nHost: {server.host}\r\nOrigin: {server.address}\r\n"
            f"Cookie: {server.cookie}\r\nTransfer-Encoding: chunked\r\nContent-Type: multipart/form-data; boundary=XX\r\n\r\n"
        )
        connection.sendall(head.encode())
        start = b'--XX\r\nContent-Disposition: form-data; name="table"; filename="a"\r\n\r\n'
        connection.sendall(f"{len(start):x}\r\n".encode() + start + b"\r\n")
        with contextlib.suppress(ConnectionError):  # cut off while we send
            for _ in range(100):
                connection.sendall(b"100000\r\n" + bytes(2**20) + b"\r\n")
        with contextlib.suppress(ConnectionError):
            assert connection.recv(100).split()[1] == b"413"
    assert get(server, "/state")[0] == 200


def test_twenty_forms_at_once_are_each_done_whole(server, library):
    with Library(library) as opened:
        tracks = [each.track.id for each in opened.candidates()]
    said = [f"{track} {mark}=yes" for track in tracks[:10] for mark in ("keep", "avoid")]
    with ThreadPoolExecutor(20) as many:
        answers = list(many.map(lambda each: post(server, "/music/say", said=each)[0], said))
    assert answers == [303] * len(said)
    with Library(library) as opened:
        marks = [(each.keep, each.avoid) for each in opened.load(tracks[:10])]
    assert all(keep != avoid for keep, avoid in marks)
