"""The player's side of the connection: it answers, in JSON, whoever holds the key."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from typing import Any

from playlistkit.errors import PlaylistkitError
from playlistkit.player.engine import Engine
from playlistkit.player.values import Order, Setlist, from_json, to_json

__all__ = ["serve"]

LONGEST = 64 * 2**20  # bytes of a question


def serve(
    address: str, key: bytes, engine: Engine, settle: Callable[[], object], stop: Callable[[], None]
) -> None:
    """Answer questions at an address, in threads of its own.

    Parameters
    ----------
    address : str
    key : bytes
    engine : Engine
    settle : callable
        Called after an order and a new plan, before they are answered.
    stop : callable
        Ends the process without an end of the session, so that it can be gone on with.
    """
    # without the key: it is asked for in each connection's own thread, so that one that hangs holds up nobody
    listener = Listener(address, backlog=16)
    threading.Thread(
        target=_accept, args=(listener, key, engine, settle, stop), name="listening", daemon=True
    ).start()


def _accept(
    listener: Listener, key: bytes, engine: Engine, settle: Callable[[], object], stop: Callable[[], None]
) -> None:
    while True:
        try:
            connection = listener.accept()
        except OSError:  # no descriptors are left, say
            time.sleep(0.1)
            continue
        threading.Thread(
            target=_talk, args=(connection, key, engine, settle, stop), name="answering", daemon=True
        ).start()


def _talk(
    connection: Connection,
    key: bytes,
    engine: Engine,
    settle: Callable[[], object],
    stop: Callable[[], None],
) -> None:
    with connection, contextlib.suppress(OSError, EOFError, AuthenticationError):
        deliver_challenge(connection, key)
        answer_challenge(connection, key)
        while True:
            question = connection.recv_bytes(LONGEST)
            try:
                asked = json.loads(question)
                answer = _answer(engine, stop, asked)
                if asked["ask"] in ("order", "revise"):
                    settle()
            except (PlaylistkitError, ValueError, KeyError, TypeError) as error:
                answer = json.dumps({"error": str(error)})
            except Exception as error:  # a fault of our own must not read as if no session were playing
                answer = json.dumps({"error": f"a bug in the player: {error!r}; the music goes on"})
            connection.send_bytes(answer.encode())


def _answer(engine: Engine, stop: Callable[[], None], question: dict[str, Any]) -> str:
    ask = question["ask"]
    if ask == "state":
        return to_json(engine.state())
    if ask == "order":
        return to_json(engine.order(from_json(Order, json.dumps(question["order"]))))
    if ask == "revise":
        return to_json(
            engine.revise(
                from_json(Setlist, json.dumps(question["setlist"])),
                question.get("order"),
                replaces=question.get("replaces"),
            )
        )
    if ask == "snapshot":
        return to_json(engine.snapshot())
    if ask == "interrupt":
        stop()
        return "{}"
    raise ValueError(f"unknown request {ask!r}")
