"""`playlistkit open`: from the command to a page, and back."""

from __future__ import annotations

import signal

from .conftest import PATIENCE, Server, accessible


def test_the_first_page_greets_and_shows_three_ways_to_begin(start, walk, tmp_path):
    page = walk(start(tmp_path / "library.db"))
    assert page.get_by_role("heading", level=1).inner_text() == "Welcome"
    for name in ("Try with this music", "Add my music", "Bring my playlists"):
        assert page.get_by_text(name, exact=True).is_visible()
    accessible(page)


def test_a_second_open_finds_the_first_and_lets_another_browser_in(start, walk, tmp_path):
    server = start(tmp_path / "library.db")
    again = server.again()
    assert again.returncode == 0
    assert server.address in again.stderr
    assert walk(server).url == f"{server.address}/"


def test_another_port_than_the_open_one_s_is_refused_in_a_sentence(start, tmp_path):
    server = start(tmp_path / "library.db")
    other = server.again("--port", "1")
    assert other.returncode == 2
    assert server.address in other.stderr


def test_a_port_that_is_taken_is_told(start, tmp_path):
    server = start(tmp_path / "one.db")
    port = server.host.partition(":")[2]
    server.command[server.command.index("--library") + 1] = str(tmp_path / "two.db")
    other = server.again("--port", port)
    assert other.returncode == 2
    assert f"--port {port}" in other.stderr


def test_close_on_the_page_ends_the_server(start, walk, tmp_path):
    server = start(tmp_path / "library.db")
    page = walk(server)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("heading", name="The page is closed").wait_for()
    assert server.process.wait(PATIENCE) == 0
    assert not list(server.home.rglob("page-*"))


def test_ctrl_c_ends_it_tidily(start, tmp_path):
    server = start(tmp_path / "library.db")
    assert server.stop() == 0
    assert "Traceback" not in server.said
    assert not list(server.home.rglob("page-*"))


def test_a_server_that_was_killed_is_not_mistaken_for_a_running_one(start, tmp_path):
    server = start(tmp_path / "library.db")
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    assert list(server.home.rglob("page-*.json"))
    library = tmp_path / "library.db"
    next_one = Server(server.home, library)
    assert next_one.ask("GET", "/", Host=next_one.host)[0] == 403  # it answers
    assert next_one.stop() == 0
