"""`play`: a made session through mpv, into nowhere; the keys; the terminal as it was."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import shutil
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from playlistkit.errors import ExportError, InputError, PlaylistkitError
from playlistkit.model import Features, Minutes, Phase, Plan, Reserve, Session, Slot, Template, Track
from playlistkit.workflow.export import export
from playlistkit.workflow.play import Key, Now, play

pty = pytest.importorskip("pty", reason="no terminals of our own on this system")
termios = pytest.importorskip("termios")
mpv = pytest.mark.skipif(shutil.which("mpv") is None, reason="no mpv on this machine")

SECONDS = 12.0


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("music")
    tracks = []
    for k, name in enumerate(("one", "two", "three", "calm")):
        times = np.arange(round(SECONDS * 8000)) / 8000
        samples = (3000 * np.sin(2 * np.pi * 220 * (k + 1) * times)).astype("<i2")
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(samples.tobytes())
        tracks.append(Track(name, str(folder / f"{name}.wav"), title=name, artist="maker", duration=SECONDS))
    phases = tuple(
        Phase(name, Minutes(0.3, 0.1, 1.0), ((0.0, 0.2), (1.0, 0.2)), stands_for=name, loudness=-30.0)
        for name in ("peak", "grounding")
    )
    known = Features(loudness=-24.0, true_peak=-20.0)
    slots = tuple(
        Slot(phase, 10.0 * k, SECONDS, track, known, overlap=2.0 if k < 2 else 0.0, gain=-6.0)
        for k, (phase, track) in enumerate(zip(("peak", "peak", "grounding"), tracks, strict=False))
    )
    session = Session(Template("made", phases), player="render")
    return Plan("made", session, (), slots, {"grounding now": (Reserve(tracks[3], known),)})


def run(plan: Plan, presses: Iterable[tuple[float, Key]] = (), **options: int) -> tuple[list[Now], list[str]]:
    """Plays as fast as mpv takes it; each key is pressed when so many seconds were played."""
    shown: list[Now] = []
    told: list[str] = []
    coming = list(presses)

    def key() -> Key | None:
        return coming.pop(0)[1] if coming and len(shown) >= 10 * coming[0][0] else None

    play(plan, key=key, show=shown.append, tell=told.append, device="null", timed=False, **options)
    return shown, told


def titles(shown: list[Now]) -> list[str]:
    """What played, in order."""
    return [
        one.title
        for one, before in zip(shown, [None, *shown], strict=False)
        if not before or one.title != before.title
    ]


@mpv
def test_the_session_plays_to_its_end(plan: Plan) -> None:
    shown, told = run(plan)
    assert titles(shown) == ["maker - one", "maker - two", "maker - three"]
    assert not told
    assert len(shown) == pytest.approx(320, abs=5)
    assert (shown[-1].clock, shown[-1].phase, shown[-1].number, shown[-1].count) == (
        "0:00:32",
        "grounding",
        3,
        3,
    )


@mpv
def test_it_may_begin_with_any_track(plan: Plan) -> None:
    assert titles(run(plan, first=3)[0]) == ["maker - three"]
    with pytest.raises(InputError, match="tracks 1 to 3, and none with the number 4"):
        run(plan, first=4)


@mpv
def test_next_and_previous(plan: Plan) -> None:
    shown, _ = run(
        plan, [(1, "next"), (2, "previous"), (8, "previous"), (9, "next"), (10, "next"), (11, "quit")]
    )
    assert titles(shown) == ["maker - one", "maker - two", "maker - one", "maker - two", "maker - three"]
    assert len(shown) == pytest.approx(110, abs=2)
    starts = [k for k, now in enumerate(shown) if now.title == "maker - one" and now.at == "0:00"]
    assert any(k >= 78 for k in starts)  # deep in a track, "previous" begins it again


@mpv
def test_g_leads_to_the_grounding_set_at_once_and_b_back(plan: Plan) -> None:
    shown, _ = run(plan, [(13, "grounding"), (40, "grounding"), (45, "back"), (47, "quit")])
    assert titles(shown) == ["maker - one", "maker - two", "maker - calm", "maker - two"]
    calm = [now for now in shown if now.title == "maker - calm"]
    assert len(calm) == pytest.approx(320, abs=5)  # again and again, as long as it is needed
    assert {now.phase for now in calm} == {"grounding now"}


@mpv
def test_g_without_a_set_leads_to_the_last_phase(plan: Plan) -> None:
    shown, told = run(dataclasses.replace(plan, reserves={}), [(1, "grounding"), (2, "quit")])
    assert titles(shown) == ["maker - one", "maker - three"]
    assert told == ["The plan holds no set for grounding; the session goes on in its last phase."]


@mpv
def test_a_pause_stops_the_clock(plan: Plan) -> None:
    shown, _ = run(plan, [(2, "pause"), (6, "pause"), (7, "quit")])
    paused = [now for now in shown if now.paused]
    assert len(paused) == 40
    assert {now.at for now in paused} == {paused[0].at}
    assert not shown[-1].paused


@mpv
def test_a_file_that_breaks_off_is_told_and_passed_over(plan: Plan, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF no music")
    slot = dataclasses.replace(
        plan.slots[1], track=dataclasses.replace(plan.slots[1].track, path=str(broken))
    )
    shown, told = run(dataclasses.replace(plan, slots=(plan.slots[0], slot, plan.slots[2])))
    assert titles(shown)[-1] == "maker - three"
    assert len(told) == 1
    assert "broken.wav" in told[0]


def test_without_mpv_one_sentence_says_so(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlaylistkitError, match=r"mpv is not installed.*playlistkit render"):
        run(plan)


def test_a_file_that_is_gone_is_told_before_anything_plays(plan: Plan, tmp_path: Path) -> None:
    slot = dataclasses.replace(
        plan.slots[2], track=dataclasses.replace(plan.slots[2].track, path=str(tmp_path / "x.wav"))
    )
    with pytest.raises(ExportError, match=r"x\.wav: the file is gone"):
        run(dataclasses.replace(plan, slots=(*plan.slots[:2], slot)))


# --- in a terminal


def at_terminal(
    plan: Plan, folder: Path, act: Callable[[subprocess.Popen[bytes], int], None]
) -> tuple[int, str]:
    """Runs the command in a terminal of its own; its exit code and what it showed. The terminal must be as before."""
    export(plan, folder / "session.json")
    ours, theirs = pty.openpty()
    try:
        before = termios.tcgetattr(theirs)
        process = subprocess.Popen(
            [sys.executable, "-m", "playlistkit", "play", str(folder / "session.json"), "--device", "null"],
            stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        )  # fmt: skip
        shown = b""
        while b"maker - one" not in shown:
            assert select.select([ours], [], [], 20)[0], shown
            shown += os.read(ours, 4096)
        assert not termios.tcgetattr(theirs)[3] & termios.ICANON
        act(process, ours)
        code = process.wait(20)
        os.set_blocking(ours, False)
        with contextlib.suppress(BlockingIOError):
            shown += os.read(ours, 65536)
        assert termios.tcgetattr(theirs) == before
        return code, shown.decode()
    finally:
        os.close(ours)
        os.close(theirs)


@mpv
def test_q_ends_it(plan: Plan, tmp_path: Path) -> None:
    code, shown = at_terminal(plan, tmp_path, lambda _, terminal: os.write(terminal, b"q") and None)
    assert code == 0
    assert "g: grounding now" in shown
    assert "0:00:00  peak  1/3  0:00 of 0:12  maker - one" in shown


@mpv
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_the_terminal_is_as_before_when_it_is_stopped(
    number: signal.Signals, code: int, plan: Plan, tmp_path: Path
) -> None:
    assert at_terminal(plan, tmp_path, lambda process, _: process.send_signal(number))[0] == code
