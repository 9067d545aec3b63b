"""Disks that are full, gone or read-only: the music goes on, can be steered, and what can't be kept is told once."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from made_sessions import Played
from processes import kill_player, pid, playing, stand_by_of, texts, until

from playlistkit.errors import PlaylistkitError
from playlistkit.player import Setlist, attach, start, to_json
from playlistkit.player.mate import Mate
from playlistkit.player.place import Lock, Place
from playlistkit.player.stand_by import listen, stand_by
from playlistkit.player.values import Point, Snapshot

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits on the files of another process")

LOST = "the session's state can't be written"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The session's folder; whatever plays from it is gone afterwards."""
    (tmp_path / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    place = tmp_path / "session"
    yield place
    with contextlib.suppress(PlaylistkitError):
        attach(place).interrupt()


def full(process: int, *, is_full: bool) -> None:
    """Let a process write no byte to any file, as on a full disk."""
    import resource

    most = 0 if is_full else resource.RLIM_INFINITY
    resource.prlimit(process, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def test_on_a_full_disk_the_music_goes_on_from_where_it_was_though_the_player_is_killed(
    music: Setlist, folder: Path, tmp_path: Path
) -> None:
    record = tmp_path / "record.jsonl"
    remote = start(music, device="null", folder=folder, record=str(record))
    playing(remote, 1.0)
    mate = stand_by_of(pid(folder))
    for each in (pid(folder), mate):
        full(each, is_full=True)
    assert remote.order("skip").done
    assert remote.order("quieter").done
    assert until(lambda: LOST in texts(remote))
    assert texts(remote).count(LOST) == 1
    kill_player(remote)
    state = remote.state()
    assert state.now is not None
    assert (state.now.id, state.level) == ("1", -1.0)
    assert until(lambda: LOST in texts(remote))
    full(mate, is_full=False)
    assert until(lambda: "is written again, and whole" in texts(remote))
    assert until(lambda: "state is written again" in texts(remote))
    assert until(lambda: pid(folder) == mate)
    assert record.read_text().count('"what":"gap"') == 1
    assert texts(remote).count(LOST) == 1


def test_a_folder_that_is_deleted_is_made_anew_and_still_refuses_a_second_session(
    music: Setlist, folder: Path
) -> None:
    remote = start(music, device="null", folder=folder, extra={"client": None})
    playing(remote, 0.5)
    player = pid(folder)
    gone = folder.with_name("gone")
    folder.rename(gone)  # at once: the player writes while it is deleted
    shutil.rmtree(gone)
    assert until(lambda: pid(folder) == player)
    assert until(lambda: attach(folder).state().position > 1.0)
    with pytest.raises(PlaylistkitError, match="a session is playing already"):
        start(music, device="null", folder=folder)
    assert attach(folder).state().gaps == 0
    assert until(lambda: Place(folder).snapshot() is not None)
    assert "client" in Place(folder).options()


def in_its_place(folder: Path) -> None:
    """Put a file where a folder was, which its player may make anew meanwhile."""
    moved = 0
    while not folder.is_file():
        moved += 1
        with contextlib.suppress(OSError):
            folder.rename(folder.with_name(f"elsewhere {moved}"))
        with contextlib.suppress(IsADirectoryError):
            folder.write_text("in its place")


def test_where_the_folder_cannot_be_made_the_session_is_steered_and_outlives_its_player(
    music: Setlist, folder: Path
) -> None:
    remote = start(music, device="null", folder=folder)
    playing(remote, 0.5)
    player = pid(folder)
    stand_by_of(player)
    in_its_place(folder)
    assert until(lambda: bool(Place(folder).runs()))
    assert attach(folder).order("quieter").done
    assert until(lambda: LOST in texts(remote))
    kill_player(attach(folder))
    state = attach(folder).state()
    assert (state.level, state.device) == (-1.0, "nowhere")
    folder.unlink()
    assert until(lambda: "state is written again" in texts(attach(folder)))
    with pytest.raises(PlaylistkitError, match="a session is playing already"):
        start(music, device="null", folder=folder)
    assert until(lambda: Place(folder).snapshot() is not None)
    assert until(lambda: not list(Path(os.environ["XDG_RUNTIME_DIR"]).rglob("run.json")))
    assert Place(folder).run() is not None


def test_a_session_is_not_begun_where_its_state_cannot_be_kept(music: Setlist, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PlaylistkitError, match="PLAYLISTKIT_SESSION names another folder"):
        start(music, device="null", folder=tmp_path / "file" / "session")
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(PlaylistkitError, match="PLAYLISTKIT_SESSION names another folder"):
            start(music, device="null", folder=tmp_path / "session")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_relative_folder_is_where_whoever_names_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Place("session").folder == tmp_path / "session"


def test_the_stand_by_goes_on_by_what_it_was_told_without_a_disk(tmp_path: Path) -> None:
    place = Place(tmp_path / "session")
    place.make()
    old = Played().run(5).engine.snapshot()
    place.write(place.state_file, to_json(old))
    told = replace(old, revision=old.revision + 3, position=70.0, into=14.0, mode="quiet", level=-4.0)
    sent = sent_by_mate(place, told)
    left = stand_by(place, Lock(place), listen([*sent, sent[-1][:20]]))  # killed as it said the next
    assert left is not None
    assert (left.snapshot.mode, left.snapshot.level, left.snapshot.into) == ("quiet", -4.0, 15.0)
    assert left.options == {"device": "there"}
    half = stand_by(place, Lock(place), listen([*sent[:3], sent[-1]]))
    assert half is not None
    assert half.snapshot.revision == old.revision  # the disk's, where nothing better is whole
    assert stand_by(place, Lock(place), listen([*sent, b"end\n"])) is None
    for each in (left, half):
        each.mate.end()


def sent_by_mate(place: Place, told: Snapshot) -> list[bytes]:
    """What a player sends to a stand-by that takes little at a time."""

    class Pipe:
        def __init__(self) -> None:
            self.taken, self.turn = b"", 0

        def write(self, data: bytes) -> int | None:
            self.turn += 1
            if self.turn % 3 == 0:
                return None
            self.taken += data[:1500]
            return len(data[:1500])

    pipe = Pipe()
    mate = Mate(place, {"device": "there"})
    mate._process = SimpleNamespace(stdin=pipe, poll=lambda: None)  # type: ignore[assignment]
    mate._lines.append(mate._options)
    mate.keep(replace(told, mode="paused"))
    mate.keep(told)
    for _ in range(99):
        mate.beat(Point(told.revision, 72.0, 71.0, 15.0))
    return pipe.taken.splitlines(keepends=True)
