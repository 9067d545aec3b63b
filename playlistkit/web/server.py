"""`playlistkit open`: start or find the server, and let the user's browser in.

Two files in the user's own folder, for their owner only (0600): the run file, by which a second `open` finds the
server and gets a ticket; and the redirect file, which the browser opens, because an address with a ticket would show
in the list of processes.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import http.client
import json
import logging
import os
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.web.guard import DOOR, TICKET_OFFICE
from playlistkit.web.keys import Keys

__all__ = ["PORT", "open_page"]

PORT = 8777
"""The default port, if it is free."""
HERE = "127.0.0.1"

log = logging.getLogger(__name__)

Tell = Callable[[str], None]

ANSWERS = 20.0  # s in which a server that runs says so, on a busy machine


def open_page(
    library_path: str | os.PathLike[str] | None = None,
    *,
    port: int | None = None,
    browser: bool = True,
    tell: Tell = lambda _: None,
) -> None:
    """Open the page of a library in the browser, and serve it until Ctrl-C or "Close".

    If a server for this library is already running, the browser is let into that one, and none is started.

    Parameters
    ----------
    library_path : str or path, optional
        As for `Library`.
    port : int, optional
        The port; by default 8777, or any free one.
    browser : bool
        Open the browser; else only print the address.
    tell : callable
        Takes a sentence.

    Raises
    ------
    InputError
        If the port is taken.
    LibraryError
        If the library can't be opened.
    """
    from playlistkit.workflow.library import Library

    with Library(library_path) as library:  # fail now, not on the first page
        files = _Files(library.path)
    running = files.running()
    if running is not None:
        address, ticket = running
        if port is not None and not address.endswith(f":{port}"):
            raise InputError(
                f"the page of this library is already open at {address}; close that one, or leave out --port"
            )
        _show(files, address, ticket, browser, tell)
        return
    with _socket(port) as listening:
        _serve(listening, library_path, files, browser, tell)


def _serve(
    listening: socket.socket,
    library_path: str | os.PathLike[str] | None,
    files: _Files,
    browser: bool,
    tell: Tell,
) -> None:
    import uvicorn

    from playlistkit.web.application import application
    from playlistkit.web.place import Place
    from playlistkit.web.strangers import Strangers, more_files, protocol

    more_files()
    host = f"{HERE}:{listening.getsockname()[1]}"
    address = f"http://{host}"
    keys = Keys()
    place = Place(library_path)
    strangers = Strangers()
    server = uvicorn.Server(
        uvicorn.Config(
            application(place, host, keys, strangers),
            http=protocol(strangers, keys),
            ws="none",
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=300,  # a connection that is known is worth keeping
        )
    )

    def close() -> None:
        server.should_exit = True

    place.close_server = close
    files.write_run(address, keys.run)
    try:
        # from another thread: it waits until the server answers, so that the browser never sees "refused"
        threading.Thread(
            target=_show_when_ready, args=(server, files, address, keys, browser, tell), daemon=True
        ).start()
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn ends in order, and raises it again
            server.run([listening])
    finally:
        files.clear()
        place.close()
    tell("The page is closed. What was finished is kept.")


def _show_when_ready(
    server: object, files: _Files, address: str, keys: Keys, browser: bool, tell: Tell
) -> None:
    import time

    while not getattr(server, "started", False):
        if getattr(server, "should_exit", False):
            return
        time.sleep(0.01)
    _show(files, address, keys.issue(), browser, tell)
    tell("Ctrl-C here, or “Close” on the page, ends it.")


def _show(files: _Files, address: str, ticket: str, browser: bool, tell: Tell) -> None:
    """Let the browser in, and say where the page is."""
    door = f"{address}{DOOR}?ticket={ticket}"
    if browser:
        redirect = files.write_redirect(door)
        opened = False
        with contextlib.suppress(webbrowser.Error):
            opened = webbrowser.open(redirect.as_uri())
        if opened:
            tell(f"The page is at {address}")
            return
        tell("No browser could be opened here.")
    tell(f"Open this in a browser on this machine (works once, within ten minutes): {door}")


@contextlib.contextmanager
def _socket(port: int | None) -> Iterator[socket.socket]:
    """A socket that only this machine can reach, on the wanted port or a free one."""
    if port is not None and not 0 < port < 65536:
        raise InputError(f"--port {port}: give a number from 1 to 65535")
    try:
        listening = _listening(PORT if port is None else port)
    except OSError as error:
        if port is not None:
            why = (error.strerror or str(error)).lower()
            raise InputError(
                f"--port {port}: can't be used ({why}); give another, or leave out --port"
            ) from error
        listening = _listening(0)
    with listening:
        yield listening


def _listening(port: int) -> socket.socket:
    """A listening socket; if two programs bind a port at once, only one succeeds."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two programs have the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HERE, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


class _Files:
    """The run file and the redirect file of a library's server."""

    def __init__(self, library: Path) -> None:
        import platformdirs

        folder = Path(platformdirs.user_state_dir("playlistkit", appauthor=False))
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise PlaylistkitError(f"{folder}: can't be made: {error.strerror}") from error
        name = hashlib.blake2b(os.fsencode(library.resolve()), digest_size=8).hexdigest()
        self._run = folder / f"page-{name}.json"
        self._redirect = folder / f"page-{name}.html"

    def running(self) -> tuple[str, str] | None:
        """The running server's address, and a ticket for it; `None` if none is running."""
        try:
            run = json.loads(self._run.read_text(encoding="utf-8"))
            address, key = str(run["address"]), str(run["key"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        host = address.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=ANSWERS)
        try:
            connection.request(
                "POST", TICKET_OFFICE, headers={"Authorization": f"Bearer {key}", "Origin": address}
            )
            answer = connection.getresponse()
            ticket = answer.read().decode()
        except (OSError, http.client.HTTPException, ValueError):
            return None  # it was killed, or another program has the port now
        finally:
            connection.close()
        return (address, ticket) if answer.status == 200 else None

    def write_run(self, address: str, key: str) -> None:
        """Tell a second `open` where the server is."""
        _write(self._run, json.dumps({"address": address, "key": key, "process": os.getpid()}))

    def write_redirect(self, address: str) -> Path:
        """Write the page that sends the browser through the door."""
        to = html.escape(address, quote=True)
        _write(
            self._redirect,
            '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>playlistkit</title>\n'
            f'<meta http-equiv="refresh" content="0; url={to}">\n'
            f'<p><a href="{to}">To the page</a></p></html>\n',
        )
        return self._redirect

    def clear(self) -> None:
        """Remove both files."""
        for path in (self._run, self._redirect):
            with contextlib.suppress(OSError):
                path.unlink()


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can ever read."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()  # don't write into a file that others made or that has other permissions
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise PlaylistkitError(f"{path}: can't be written: {error.strerror}") from error
