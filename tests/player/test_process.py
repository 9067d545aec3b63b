"""The player as a process: found again, killed, refused, closed to others; into a file that is then measured."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client
from pathlib import Path

import made_sessions
import numpy as np
import pytest
from processes import PATIENCE, alive, kill_player, mates, pid, playing, stand_by_of, texts, until

from playlistkit.errors import PlaylistkitError
from playlistkit.player import NoPlayerError, Setlist, attach, go_on, interrupted, start
from playlistkit.player.engine import Engine
from playlistkit.player.keeping import Keeping
from playlistkit.player.place import Lock, Place, Run
from playlistkit.player.values import Snapshot
from playlistkit.render import RATE

if sys.platform == "win32":
    pytest.skip("signals of POSIX", allow_module_level=True)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The session's folder; whatever plays from it is gone afterwards."""
    place = tmp_path / "session"
    yield place
    with contextlib.suppress(PlaylistkitError):
        attach(place).interrupt()


def captured(path: Path) -> np.ndarray:
    return np.frombuffer(path.read_bytes()[44:], "<i2").reshape(-1, 2).astype(np.float32) / 32767


def test_it_plays_on_when_whoever_began_it_is_killed(music: Setlist, folder: Path) -> None:
    code = (
        "import sys, time\nfrom playlistkit.player import Setlist, from_json, start\n"
        "start(from_json(Setlist, sys.stdin.read()), device='null', folder=sys.argv[1])\n"
        "print('on', flush=True)\ntime.sleep(60)"
    )
    from playlistkit.player import to_json

    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(to_json(music))
    process.stdin.close()
    assert process.stdout.readline() == "on\n"
    remote = attach(folder)
    playing(remote, 0.5)
    process.kill()
    process.wait()
    before = remote.state().position
    playing(remote, before + 1.0)
    assert remote.state().gaps == 0


def test_a_killed_player_goes_on_by_itself_where_it_was_and_no_second_is_unaccounted_for(
    music: Setlist, folder: Path, tmp_path: Path
) -> None:
    sound, record = tmp_path / "sound.wav", tmp_path / "record.jsonl"
    remote = start(music, device=f"wav:{sound}", folder=folder, record=str(record))
    playing(remote, 2.0)
    stand_by_of(pid(folder))
    asked, before, seen = time.monotonic(), remote.state(), time.monotonic()
    first = pid(folder)
    os.kill(first, signal.SIGKILL)
    assert until(lambda: remote.state().position > before.position + 1.0)
    asked_again, state, seen_again = time.monotonic(), remote.state(), time.monotonic()
    assert pid(folder) != first
    assert state.now is not None
    assert state.now.id == "0"
    assert abs(state.into - state.position) < 0.1  # nothing left out, nothing twice
    assert "The player had crashed" in texts(remote)
    elapsed = state.elapsed - before.elapsed
    assert asked_again - seen - 0.01 < elapsed < seen_again - asked + 0.01

    def unaccounted() -> float:
        now = remote.state()
        return abs(now.elapsed - before.elapsed - (now.position - before.position) - now.gap_seconds)

    assert until(lambda: unaccounted() < 0.6)  # a busy machine's file takes sound late, and catches up
    remote.interrupt()
    assert until(lambda: interrupted(folder) is not None)
    gaps = [json.loads(line)["values"] for line in record.read_text().splitlines() if '"what":"gap"' in line]
    assert sum(gap["seconds"] for gap in gaps) >= state.gap_seconds - 0.01
    heard = np.abs(captured(sound)).max(axis=1)
    assert heard.max() > 0.05
    fade = 0.35  # s until a fade of 2 s is above -50 dB of a full tone
    assert np.sum(heard > 0.0003) / RATE >= state.position - 2 * fade  # two of them


def test_what_was_turned_down_silenced_or_paused_stays_so_when_the_player_is_killed(
    music: Setlist, folder: Path
) -> None:
    remote = start(music, device="null", folder=folder)
    playing(remote, 1.0)
    stand_by_of(pid(folder))
    assert remote.order("quieter").done
    assert remote.order("quiet").done
    kill_player(remote)
    assert (remote.state().mode, remote.state().level) == ("quiet", -1.0)
    stand_by_of(pid(folder))
    assert remote.order("resume").done
    assert remote.order("pause").done
    kill_player(remote)
    at = remote.state()
    time.sleep(0.5)
    assert (at.mode, at.level) == ("paused", -1.0)
    assert remote.state().position == at.position


def test_a_player_that_hangs_is_ended_and_goes_on_by_itself(music: Setlist, folder: Path) -> None:
    remote = start(music, device="null", folder=folder)
    playing(remote, 1.0)
    stand_by_of(pid(folder))
    first = pid(folder)
    os.kill(first, signal.SIGSTOP)
    assert until(lambda: pid(folder) != first)
    assert until(lambda: remote.state().gaps == 1)  # once sound comes


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_where_the_player_and_its_stand_by_are_lost_at_once_the_next_in_line_goes_on(
    music: Setlist, folder: Path, tmp_path: Path, how: signal.Signals
) -> None:
    record = tmp_path / "record.jsonl"
    remote = start(music, device="null", folder=folder, record=str(record))
    playing(remote, 1.0)
    first = stand_by_of(pid(folder))
    second = stand_by_of(first)
    for each in (pid(folder), first):
        os.kill(each, how)
    assert until(lambda: pid(folder) == second)
    assert until(lambda: "had crashed" in texts(remote))
    assert until(lambda: remote.state().gaps >= 1)
    stand_by_of(stand_by_of(second))  # and has two of its own


def test_a_lost_stand_by_is_replaced_unheard_and_the_one_behind_it_goes(music: Setlist, folder: Path) -> None:
    remote = start(music, device="null", folder=folder)
    playing(remote, 0.5)
    player, first = pid(folder), stand_by_of(pid(folder))
    second = stand_by_of(first)
    os.kill(first, signal.SIGSTOP)
    assert until(lambda: not alive(first))
    assert stand_by_of(player) not in (first, second)
    assert until(lambda: not alive(second))
    assert pid(folder) == player
    assert remote.state().gaps == 0


def test_killed_with_all_that_stand_by_it_is_started_again_by_whoever_asks(
    music: Setlist, folder: Path
) -> None:
    remote = start(music, device="null", folder=folder)
    assert until(lambda: kept(folder).position > 1.0)
    kill_all(folder)
    at = remote.state().position  # waits until it is back
    assert at > 0.5
    assert until(lambda: remote.state().gaps == 1)  # once sound comes
    playing(remote, at + 0.5)


def test_what_died_a_while_ago_is_not_started_unasked(music: Setlist, folder: Path) -> None:
    remote = start(music, device="null", folder=folder)
    playing(remote, 1.0)
    kill_all(folder)
    assert until(lambda: Lock(Place(folder)).free())
    for file in folder.glob("*.json"):  # as after a reboot or a sleep
        os.utime(file, (time.time() - 60, time.time() - 60))
    with pytest.raises(NoPlayerError):
        remote.state()
    assert interrupted(folder) is not None


def test_a_clock_set_back_while_it_played_keeps_nobody_from_starting_it_again(
    music: Setlist, folder: Path
) -> None:
    remote = start(music, device="null", folder=folder)
    assert until(lambda: kept(folder).position > 1.0)
    kill_all(folder)
    later = time.time() + 3600  # the state, written an hour ago by a clock that was an hour fast
    os.utime(Place(folder).state_file, (later, later))
    assert remote.state().position > 0.5


def kill_all(folder: Path) -> None:
    """The player and all that stand by at once."""
    stand_by_of(stand_by_of(pid(folder)))
    player, others = pid(folder), mates(folder)
    for each in others:
        os.kill(each, signal.SIGSTOP)  # so that none of them sees another die
    for each in [player, *others]:
        os.kill(each, signal.SIGKILL)


def kept(folder: Path) -> Snapshot:
    """What a folder holds of a session."""
    found = Place(folder).snapshot()
    assert found is not None
    return found


def test_a_second_session_is_refused_while_one_plays(music: Setlist, folder: Path) -> None:
    start(music, device="null", folder=folder)
    with pytest.raises(PlaylistkitError, match="a session is playing already"):
        start(music, device="null", folder=folder)


def test_only_this_user_can_open_what_it_leaves_and_only_with_the_key_is_it_asked(
    music: Setlist, folder: Path
) -> None:
    start(music, device="null", folder=folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # written under another name, and renamed just now
            if not file.is_socket():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    run = Place(folder).run()
    assert run is not None
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        Client(run.address, authkey=b"guessed").send_bytes(b"{}")


def test_an_interrupted_session_is_silent_until_it_is_gone_on_with(music: Setlist, folder: Path) -> None:
    remote = start(music, device="null", folder=folder)
    playing(remote, 2.0)
    begun, at = time.monotonic(), remote.state().position
    os.kill(pid(folder), signal.SIGTERM)  # as when the machine is shut down
    assert until(lambda: interrupted(folder) is not None)
    took = time.monotonic() - begun
    with pytest.raises(NoPlayerError):
        attach(folder)
    left = interrupted(folder)
    assert left is not None
    assert at - 0.5 <= left.position <= at + took + 0.5
    again = go_on(folder)
    playing(again, left.position + 0.5)
    assert "goes on where it was interrupted" in texts(again)


def test_nothing_is_left_of_a_session_that_has_ended(music: Setlist, folder: Path) -> None:
    remote = start(replace(music, cues=music.cues[-1:]), device="null:0", folder=folder)
    assert until(lambda: {file.name for file in folder.iterdir()} <= {"lock"})
    with pytest.raises(NoPlayerError):
        remote.state()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no folder")
def test_a_session_that_can_be_found_can_be_gone_on_with(tmp_path: Path) -> None:
    found: queue.Queue[Snapshot | None] = queue.Queue()

    class Watched(Place):
        """A place that says what could be gone on with when the player was announced."""

        def announce(self, run: Run) -> None:
            found.put(self.snapshot())
            super().announce(run)

    place = Watched(tmp_path / "session")
    place.make()
    lock = Lock(place)
    assert lock.take()
    bugs: list[str] = []
    stop = threading.Event()
    keeping = Keeping(place, lock, {}, None, stop.set, lambda _: None, lambda: bugs.append("a bug"))
    keeping.start(Engine(made_sessions.setlist(), made_sessions.Files(), time.monotonic))
    assert found.get(timeout=PATIENCE) is not None  # its player may be killed before its stand-by is ready
    keeping.events.put(None)  # that was the last
    lock.release()
    assert not bugs


def test_nothing_is_left_where_it_listened_if_its_folders_name_is_too_long_for_a_socket(
    music: Setlist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        monkeypatch.setenv("TMPDIR", short)
        monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
        remote = start(music, device="null", folder=tmp_path / ("long" * 30))
        assert len(list(Path(short).iterdir())) == 1
        kill_player(remote)
        assert remote.order("end").done
        assert until(lambda: not list(Path(short).iterdir()))
