"""What follows an order given at the terminal."""

from __future__ import annotations

import threading

from playlistkit.cli.face import Following
from playlistkit.errors import LibraryError
from playlistkit.player import Answer


class Unprepared:
    """Steering without a readable library."""

    def prepare(self) -> None:
        raise LibraryError("music.db: the library is damaged")

    def follow(self, name: str, _answer: Answer) -> Answer:
        if name == "skip":
            raise LibraryError("music.db: is gone")
        return Answer(False, f"{name}: the old plan goes on", 1)


def test_every_order_is_followed_where_nothing_can_be_prepared_which_is_told_once() -> None:
    following = Following(Unprepared())  # type: ignore[arg-type]
    threading.Thread(target=following.run, daemon=True).start()
    told = [following.messages.get(timeout=60)]
    for name in ("more", "skip", "gentler"):
        following.orders.put((name, Answer(True, "", 1)))  # type: ignore[arg-type]
        told.append(following.messages.get(timeout=60))
    assert told == [
        "music.db: the library is damaged",
        "more: the old plan goes on",
        "music.db: is gone",
        "gentler: the old plan goes on",
    ]
    assert following.messages.empty()
