"""Whatever Spotify, or somebody in its place, answers: a sentence, never a traceback, and nothing sent elsewhere."""

from __future__ import annotations

import contextlib
import gc
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from playlistkit.errors import PlaylistkitError, SpotifyError
from playlistkit.library import Library
from playlistkit.model import Features, Track
from playlistkit.spotify.client import Client
from playlistkit.spotify.push import push
from playlistkit.spotify.tokens import Store
from playlistkit.workflow import spotify as workflow

from .fake import Spotify
from .test_push import plan_of, tracks_of

ODD: tuple[Any, ...] = (
    None, 5, -1, 1e300, True, "", "../../me", "x" * 10_000, "\ud800", [], {}, [None], [5], [[]], {"id": "../x"},
    [{"id": "../../x"}], int("9" * 400),
)  # fmt: skip
DEEP = b'{"items": ' + b"[" * 60_000


@pytest.fixture(autouse=True)
def _no_collection_in_the_depth() -> Iterator[None]:
    """What Python collects while an answer is read too deeply can't be finalised there, which pytest would report."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


class Lying(requests.Session):
    """Changes answers at random before anybody reads them."""

    def __init__(self, seed: int, often: float = 0.4) -> None:
        super().__init__()
        self.random = random.Random(seed)
        self.often = often
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:
        self.asked.append(request.path_url)
        answer = super().send(request, **kwargs)  # type: ignore[arg-type]
        if self.random.random() < self.often:
            answer._content = self.changed(answer.content)
        return answer

    def changed(self, body: bytes) -> bytes:
        kind = self.random.randrange(8)
        if kind == 0:
            return DEEP
        if kind == 1:
            return body[: self.random.randrange(len(body) + 1)]
        if kind == 2:
            return b"9" * 5_000
        try:
            document = json.loads(body)
        except ValueError:
            return b"<html>"
        for _ in range(self.random.randrange(1, 4)):
            self.change(document)
        return json.dumps(document).encode()

    def change(self, document: Any) -> None:
        """Put something odd somewhere."""
        inside = document
        while isinstance(inside, (dict, list)) and inside:
            keys = list(inside) if isinstance(inside, dict) else range(len(inside))
            key = self.random.choice(keys)
            if not isinstance(inside[key], (dict, list)) or self.random.random() < 0.3:
                inside[key] = self.random.choice(ODD)
                return
            inside = inside[key]


@pytest.mark.parametrize("seed", range(60))
def test_answers_that_are_none_of_spotify_s_end_in_a_sentence(
    seed: int, spotify: Spotify, store: Store, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 3)
    spotify.add_playlist("Quiet", [slot.track.uri for slot in plan.slots])
    lying = Lying(seed)

    def quietly(do: Callable[[Client], object]) -> None:
        with contextlib.suppress(PlaylistkitError):
            do(Client(store, wait=lambda _: None, session=lying))

    with Library(tmp_path / "music.db") as library:
        quietly(lambda client: workflow.pull(library, client=client))
        quietly(lambda client: workflow.pull(library, liked=True, client=client))
        local = Track("f" * 12, str(tmp_path / "a.flac"), title="Piece 1", artist="Ana Ruiz", duration=200.0)
        library.add_file(local, Features(), size=1, mtime_ns=1, versions={})
        quietly(lambda client: workflow.match(library, client=client))
    quietly(lambda client: push(client, plan, tracks_of(plan), state=tmp_path / "state.json"))
    assert not [path for path in lying.asked if ".." in path]


def test_a_page_without_a_list_is_told_and_not_taken_for_an_empty_one(spotify: Spotify, store: Store) -> None:
    lying = Lying(0, often=1.0)
    lying.changed = lambda body: b'{"items": 5, "next": null}'  # type: ignore[method-assign]
    client = Client(store, wait=lambda _: None, session=lying)
    with pytest.raises(SpotifyError, match="your saved tracks: the answer holds no list of entries"):
        list(client.saved())
