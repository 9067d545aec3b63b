from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path

import pytest

import playlistkit
from playlistkit.audio import open_audio
from playlistkit.errors import AudioError, InputError, LibraryError
from playlistkit.library import Library
from playlistkit.workflow.scanning.analyze import analyze
from playlistkit.workflow.scanning.scan import ScanReport, scan
from playlistkit.workflow.scanning.worker_processes import Workers

RATE = 8_000


def tone(path: Path, hertz: float = 220.0, seconds: float = 3.0) -> Path:
    """A made file: a soft tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = (round(3000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(RATE * seconds)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


@pytest.fixture
def music(tmp_path: Path) -> Path:
    folder = tmp_path / "music"
    tone(folder / "one.wav", 220)
    tone(folder / "inner" / "two.wav", 330)
    return folder


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "data" / "library.db") as opened:
        yield opened


def quick(library: Library, *paths: Path, **options: object) -> ScanReport:
    return scan(library, *paths, jobs=1, voice=False, **options)


def test_a_folder_becomes_tracks_with_features(library, music):
    (music / "cover.jpg").write_bytes(b"\xff\xd8")
    steps: list[tuple[int, int, str]] = []
    report = scan(library, music, jobs=2, voice=False, progress=lambda *step: steps.append(step))
    assert report == ScanReport(found=2, analysed=2, skipped=1)
    one, two = sorted(library.candidates(), key=lambda each: each.track.path or "", reverse=True)
    assert (one.track.path, two.track.path) == (str(music / "one.wav"), str(music / "inner" / "two.wav"))
    assert one.track.duration == pytest.approx(3.0)
    assert one.features.loudness is not None
    assert [(done, total) for done, total, _ in steps] == [(1, 2), (2, 2)]
    assert {path for *_, path in steps} == {one.track.path, two.track.path}


def test_the_library_holds_what_analyze_says(library, music):
    quick(library, music / "one.wav")
    expected = analyze(music / "one.wav", voice=False)
    kept = library.candidates()[0].features
    assert kept.loudness == pytest.approx(expected.loudness, abs=1e-6)
    assert kept.loudness_curve == expected.loudness_curve


def test_what_is_unchanged_is_not_read_again(library, music):
    quick(library, music)
    before = library.candidates()
    for path in music.rglob("*.wav"):  # same size and time, but nothing that could be decoded
        status = path.stat()
        path.write_bytes(bytes(status.st_size))
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert quick(library, music) == ScanReport(found=2, unchanged=2)
    assert library.candidates() == before
    assert len(quick(library, music, force=True).failed) == 2


def test_a_file_that_was_edited_where_no_sample_looks_is_heard_again(library, music):
    path = tone(music / "one.wav", seconds=30)
    quick(library, music)
    (before,) = (each.track.id for each in library.candidates() if each.track.path == str(path))
    whole = bytearray(path.read_bytes())
    at = len(whole) // 4
    whole[at : at + 60_000] = bytes(60_000)
    edited = music / "edited.wav"
    edited.write_bytes(whole)
    assert quick(library, music) == ScanReport(found=3, analysed=1, unchanged=2)
    ids = {each.track.path: each.track.id for each in library.candidates()}
    assert ids[str(path)] == before != ids[str(edited)]  # an edited copy is another track
    shutil.copy2(edited, path)
    os.utime(path)
    quick(library, music)
    assert {each.track.path: each.track.id for each in library.candidates()}[str(edited)] == ids[str(edited)]
    assert before not in {each.track.id for each in library.candidates()}


def test_a_moved_file_is_known_by_its_content(library, music):
    quick(library, music)
    before = {each.track.id for each in library.candidates()}
    (music / "one.wav").rename(music / "inner" / "uno.wav")
    assert quick(library, music) == ScanReport(found=2, moved=1, unchanged=1)
    assert {each.track.id for each in library.candidates()} == before
    shutil.copy(music / "inner" / "uno.wav", music / "copy.wav")
    assert quick(library, music) == ScanReport(found=3, moved=1, unchanged=2)
    assert len(library.candidates()) == 2


def test_a_file_whose_time_alone_changed_is_unchanged(library, music):
    quick(library, music / "one.wav")
    os.utime(music / "one.wav", ns=(1, 1))
    assert quick(library, music / "one.wav") == ScanReport(found=1, unchanged=1)
    assert library.files()[str(music / "one.wav")].mtime_ns == 1


def test_a_tag_edit_keeps_the_track_and_what_was_set(library, music):
    path = music / "one.wav"
    quick(library, path)
    key = library.candidates()[0].track.id
    library.set_features(key, {"energy": 0.25})
    from mutagen.id3 import TIT2
    from mutagen.wave import WAVE

    file = WAVE(path)
    file.add_tags()
    file.tags.add(TIT2(encoding=3, text=["Morgenröte"]))
    file.save()
    assert quick(library, path).analysed == 1
    (candidate,) = library.candidates()
    assert (candidate.track.id, candidate.track.title) == (key, "Morgenröte")
    assert candidate.features.energy == 0.25


def test_other_music_under_the_same_name_is_another_track(library, music):
    quick(library, music / "one.wav")
    key = library.candidates()[0].track.id
    tone(music / "one.wav", 500, seconds=4)
    quick(library, music / "one.wav")
    assert [each.track.id for each in library.candidates()] != [key]


def test_a_scan_without_voice_is_completed_by_one_with_it(library, music):
    quick(library, music / "one.wav")
    assert quick(library, music / "one.wav").unchanged == 1
    assert scan(library, music / "one.wav", jobs=1).analysed == 1
    assert scan(library, music / "one.wav", jobs=1).unchanged == 1
    assert quick(library, music / "one.wav").unchanged == 1


def outdated(library, group):
    """As if an older version had filled the library: one group, and a value that it would no longer say."""
    (known,) = library.files().values()
    versions = {**known.versions, group: known.versions[group] - 1}
    library._database.run("UPDATE feature SET versions = ?", (json.dumps(versions),))
    library.set_features(known.track, {"energy": 0.999}, source="measured")
    library._database.run("UPDATE feature SET versions = ?", (json.dumps(versions),))
    return known.versions


def test_a_new_version_of_what_needs_the_sound_is_listened_for(library, music):
    quick(library, music / "one.wav")
    (before,) = library.candidates()
    versions = outdated(library, "levels")
    assert quick(library, music / "one.wav").analysed == 1
    assert library.files()[str(music / "one.wav")].versions == versions
    assert library.candidates() == [before]


@pytest.mark.parametrize("group", ["tempo", "energy", "brightness", "key"])
def test_a_new_version_of_what_is_made_of_descriptors_needs_no_listening(library, music, group):
    quick(library, music / "one.wav")
    (before,) = library.candidates()
    versions = outdated(library, group)
    report = quick(library, music / "one.wav")
    assert (report.analysed, report.unchanged, report.renewed) == (0, 1, 1)
    assert report.summary() == "1 audio file: 1 unchanged (1 of them interpreted anew)"
    assert library.files()[str(music / "one.wav")].versions == versions
    assert library.candidates() == [before]


def test_descriptors_that_cannot_be_read_are_listened_for_again(library, music):
    quick(library, music / "one.wav")
    outdated(library, "energy")
    library._database.run("UPDATE low_level SET packed = ?", (b"damaged",))
    assert quick(library, music / "one.wav").analysed == 1


def test_broken_files_are_told_and_remembered_and_the_rest_goes_on(library, music):
    whole = (music / "one.wav").read_bytes()
    (music / "empty.mp3").touch()
    (music / "picture.mp3").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(3000))
    (music / "short.wav").write_bytes(whole[:40])
    (music / "noise.flac").write_bytes(bytes(range(256)) * 40)
    report = quick(library, music)
    assert (report.found, report.analysed) == (6, 2)
    assert {Path(path).name for path, _ in report.failed} == {
        "empty.mp3", "picture.mp3", "short.wav", "noise.flac"
    }  # fmt: skip
    assert all(sentence and str(music) not in sentence for _, sentence in report.failed)
    again = quick(library, music)
    assert (again.analysed, again.unchanged) == (0, 2)
    assert sorted(again.failed) == sorted(report.failed)
    (music / "empty.mp3").write_bytes(whole)
    assert quick(library, music).moved == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files")
def test_what_is_no_file_is_told_without_waiting_for_it(library, music):
    os.mkfifo(music / "pipe.mp3")
    report = quick(library, music)
    assert report.failed == ((str(music / "pipe.mp3"), "is not a regular file"),)
    assert report.analysed == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_text_are_scanned(library, music):
    odd = os.path.join(music, "caf\udce9\n.wav")
    (music / "one.wav").rename(odd)
    assert quick(library, odd).analysed == 1
    assert library.candidates()[0].track.path == odd


def test_names_in_any_script_are_scanned_and_found_again_when_their_folder_moves(library, music):
    for name in ("Für Elise", "Gymnopédie 🌙", "Лебединое озеро", "夜想曲", "a 'b' #1 100%"):
        tone(music / name / f"{name}.wav", 200 + 7 * len(name))
    assert quick(library, music).analysed == 7
    before = library.candidates()
    moved = music.rename(music.with_name("🎵 Müsik"))
    assert quick(library, moved) == ScanReport(found=7, moved=7)
    assert [each.track.id for each in library.candidates()] == [each.track.id for each in before]
    assert quick(library, moved) == ScanReport(found=7, unchanged=7)


def test_a_folder_that_moves_is_followed_whole(library, music, monkeypatch):
    monkeypatch.setattr("playlistkit.workflow.scanning.run.TOGETHER", 3)
    for number in range(4):
        shutil.copytree(music, music.parent / "many" / str(number))
    quick(library, music.parent / "many")
    (music.parent / "many").rename(music.parent / "moved")
    assert quick(library, music.parent / "moved") == ScanReport(found=8, moved=8)
    assert quick(library, music.parent / "moved") == ScanReport(found=8, unchanged=8)


def test_a_disk_that_is_unplugged_during_a_scan_is_told_by_how_many_files_are_gone(library, music):
    for number in range(6):
        tone(music / f"{number}.wav", 200 + 10 * number)
    report = quick(library, music, progress=lambda *step: shutil.rmtree(music, ignore_errors=True))
    assert report.found == 8
    assert report.gone >= 4
    assert report.analysed + report.gone + len(report.failed) == 8
    assert f"{report.gone} gone meanwhile" in report.summary()


def test_files_that_vanish_during_a_scan_are_passed_over(library, music):
    for number in range(6):
        tone(music / f"{number}.wav", 200 + 10 * number)

    def tidy_up(done: int, total: int, path: str) -> None:
        for number in range(3, 6):
            (music / f"{number}.wav").unlink(missing_ok=True)

    report = quick(library, music / "inner", music, progress=tidy_up)
    assert report.found == 8
    assert report.analysed + len(report.failed) <= 8
    assert quick(library, music).failed == ()  # what was not there is not remembered as unreadable


def test_what_may_not_be_read_is_told_and_read_once_it_may_be(library, music):
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("nothing is forbidden to root")
    (music / "one.wav").chmod(0)
    report = quick(library, music)
    assert report.failed == ((str(music / "one.wav"), "can't be read: permission denied"),)
    (music / "one.wav").chmod(0o600)
    assert quick(library, music) == ScanReport(found=2, analysed=1, unchanged=1)


def test_a_file_that_a_worker_does_not_see_is_no_fault_of_the_file(music):
    workers = Workers()
    answer = workers.listen(str(music / "on another disk.wav"), voice=False)
    assert (answer.kind, answer.sentence) == ("absent", "can't be read: No such file or directory")
    workers.stop()
    workers.close()


def test_wrong_arguments_are_told_before_any_work(library, music):
    with pytest.raises(InputError, match="gone"):
        quick(library, music, music / "gone")
    with pytest.raises(InputError, match="nothing to scan"):
        scan(library)
    with pytest.raises(InputError, match="at least 1, not 0"):
        scan(library, music, jobs=0)
    assert library.files() == {}


def test_analyze_raises_where_nothing_can_be_heard(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    with pytest.raises(AudioError, match=r"a\.wav"):
        analyze(tmp_path / "a.wav")


# --- workers that die ---------------------------------------------------------------------------------------


def kill_who_reads(process, path):
    """Kill a process once it has opened a file, where that can be seen."""
    files, end = Path(f"/proc/{process.pid}/fd"), time.monotonic() + 60

    def reads() -> bool:
        with contextlib.suppress(OSError):  # closed just now
            return path in {each.readlink() for each in files.iterdir()}
        return False

    while files.exists() and not reads() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.2)
    process.kill()


def test_a_worker_that_is_killed_costs_its_file_only(music, tmp_path):
    workers = Workers()
    long = tmp_path / "long.wav"
    shutil.copy(music / "one.wav", long)
    with long.open("r+b") as file:  # some hours of silence that take no room on the disk
        file.truncate(2**30)
        file.seek(4)
        file.write(struct.pack("<I", 2**30 - 8))
        file.seek(40)
        file.write(struct.pack("<I", 2**30 - 44))
    assert workers.listen(str(music / "one.wav"), voice=False).kind == "listened"
    (process,) = workers._running
    killer = threading.Thread(target=kill_who_reads, args=(process, long))
    killer.start()
    answer = workers.listen(str(long), voice=False)
    killer.join()
    assert (answer.kind, answer.listened) == ("broke", None)
    assert "crashed the decoder" in answer.sentence
    assert workers.listen(str(music / "one.wav"), voice=False).kind == "listened"
    workers.stop()
    workers.close()


def test_a_file_that_takes_too_long_to_open_is_given_up(music):
    workers = Workers(opening=0.001)
    answer = workers.listen(str(music / "one.wav"), voice=False)
    assert answer.kind == "broke"
    assert "too long" in answer.sentence
    workers.stop()
    workers.close()


def bomb(path: Path, times: int, size: int) -> Path:
    """An AIFF-like QuickTime file whose table of chunks names the same samples again and again."""

    def atom(name: bytes, *parts: bytes) -> bytes:
        body = b"".join(parts)
        return struct.pack(">I4s", 8 + len(body), name) + body

    def table(name: bytes, *rows: bytes) -> bytes:
        return atom(name, struct.pack(">II", 0, len(rows)), *rows)

    samples = times * size
    sound = struct.pack(">6xHHHIHHHHI", 1, 0, 0, 0, 1, 8, 0, 0, RATE << 16)
    samples_of = atom(
        b"stbl",
        table(b"stsd", atom(b"raw ", sound)),
        table(b"stts", struct.pack(">II", samples, 1)),
        table(b"stsc", struct.pack(">III", 1, size, 1)),
        atom(b"stsz", struct.pack(">III", 0, 1, samples)),
        table(b"stco", *[struct.pack(">I", 16)] * times),
    )
    reference = atom(b"dinf", table(b"dref", atom(b"url ", struct.pack(">I", 1))))
    media = atom(
        b"mdia",
        atom(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, RATE, samples, 0, 0)),
        atom(b"hdlr", struct.pack(">I4s4s12x", 0, b"mhlr", b"soun"), b"\0"),
        atom(b"minf", atom(b"smhd", bytes(8)), reference, samples_of),
    )
    track = atom(b"trak", atom(b"tkhd", struct.pack(">IIIII60x", 15, 0, 0, 1, 0)), media)
    header = atom(b"mvhd", struct.pack(">IIIII80x", 0, 0, 0, 600, 0))
    path.write_bytes(atom(b"mdat", bytes(8), b"\x90\x70" * (size // 2)) + atom(b"moov", header, track))
    return path


def test_a_small_file_that_decodes_without_end_is_given_up(music, tmp_path):
    path = bomb(tmp_path / "bomb.mov", times=20_000, size=60_000)
    with open_audio(path) as stream:
        assert stream.duration == pytest.approx(20_000 * 60_000 / RATE)  # 41 hours in 140 kB
    workers = Workers(opening=1, slowest=1_000)
    answer = workers.listen(str(path), voice=False)
    assert answer.kind == "broke"
    assert "too long" in answer.sentence
    workers.stop()
    workers.close()


SCRIPT = """
import sys
from playlistkit.library import Library
from playlistkit.workflow.scanning.scan import scan
def tell(done, total, path):
    print(done, total, path, flush=True)
    if done == 3 and "wait" in sys.argv:
        sys.stdin.readline()
with Library(sys.argv[1]) as library:
    report = scan(library, sys.argv[2], jobs=2, voice=False, progress=tell)
print(report.interrupted, report.analysed, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals to other processes are POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_scan_that_is_stopped_keeps_what_was_done_and_goes_on(tmp_path, how):
    music, path = tmp_path / "music", tmp_path / "library.db"
    for number in range(10):
        tone(music / f"{number:02}.wav", 200 + 10 * number)
    root = Path(playlistkit.__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path), str(music), "wait"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as running:
        assert running.stdout is not None
        assert running.stdin is not None
        while not running.stdout.readline().startswith("3 "):
            assert running.poll() is None
        running.send_signal(how)
        with contextlib.suppress(BrokenPipeError):  # killed
            running.stdin.write("go on\n")
            running.stdin.close()
        told = running.stdout.read().splitlines()
        running.wait(300)
    with Library(path) as library:
        kept = len(library)
        assert 3 <= kept < 10
        if how == signal.SIGINT:
            assert told[-1] == f"True {kept}"
        report = scan(library, music, jobs=2, voice=False)
    assert (report.unchanged, report.analysed) == (kept, 10 - kept)


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_ctrl_c_stops_between_two_files_and_is_python_s_again_afterwards(library, music, after):
    for number in range(4):
        tone(music / f"{number}.wav", 203 + 10 * number)

    def stop(done: int, total: int, path: str) -> None:
        if done == after:
            signal.raise_signal(signal.SIGINT)

    assert quick(library, music, progress=stop) == ScanReport(found=6, analysed=after, interrupted=True)
    assert len(library) == after
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_dask_cluster_listens_in_place_of_this_machine(library, music):
    distributed = pytest.importorskip("distributed")
    (music / "broken.wav").write_bytes(b"RIFF")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True
    ) as cluster:
        report = scan(library, music, dask=cluster.scheduler_address, voice=False)
    assert (report.found, report.analysed) == (3, 2)
    assert [Path(path).name for path, _ in report.failed] == ["broken.wav"]
    assert len(library.candidates()) == 2


def test_a_cluster_that_is_not_there_is_told(library, music):
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        scan(library, music, dask="carrier-pigeon://127.0.0.1:9", voice=False)


def test_two_scans_at_once_share_a_library(tmp_path, library, music):
    for number in range(8):
        tone(music / f"{number}.wav", 203 + 10 * number)
    root = Path(playlistkit.__file__).parent.parent
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path / "data" / "library.db"), str(music)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(root)},
        )
        for _ in range(2)
    ]
    for process in running:
        told, _ = process.communicate(timeout=600)
        assert told.decode().splitlines()[-1].startswith("False ")
        assert process.returncode == 0
    assert len(library) == 10
    assert quick(library, music) == ScanReport(found=10, unchanged=10)


def test_a_full_disk_ends_a_scan_with_a_sentence_and_keeps_what_was_kept(library, music):
    quick(library, music / "one.wav")
    # SQLite's own limit is met as a full disk is
    ((pages,),) = library._database.rows("PRAGMA page_count")
    library._database.rows(f"PRAGMA max_page_count = {pages}")
    for number in range(5):
        tone(music / f"{number}.wav", 203 + 10 * number)
    with pytest.raises(LibraryError, match="the disk is full"):
        quick(library, music)
    library._database.rows("PRAGMA max_page_count = 1000000")
    kept = len(library)
    report = quick(library, music)
    assert (report.unchanged, report.analysed) == (kept, 7 - kept)


def test_a_folder_that_vanishes_and_returns_while_others_are_heard_is_heard_at_the_end(library, tmp_path):
    music = tmp_path / "music"
    for k in range(4):
        tone(music / "a" / f"{k}.wav", 220 + k)
    disk, away = tone(music / "b" / "disk.wav", 330).parent, tmp_path / "away"
    tone(music / "c.wav", 440)
    steps: list[str] = []

    def unplugged(done: int, total: int, path: str) -> None:
        steps.append(path)
        if done == 1:
            disk.rename(away)
        elif path.startswith(str(disk)) and away.exists():
            away.rename(disk)

    assert quick(library, music, progress=unplugged) == ScanReport(found=6, analysed=6)
    assert steps.count(str(disk / "disk.wav")) == 2
    assert len(library) == 6
