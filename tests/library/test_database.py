from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from playlistkit.errors import LibraryError
from playlistkit.library import Library
from playlistkit.library.migrations import MIGRATIONS
from playlistkit.model import Curve, Track

VERSION_1 = Path(__file__).parent / "version1.sql"
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def schema(path: Path) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        return [(kind, name, " ".join((sql or "").split())) for kind, name, sql in rows]
    finally:
        connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps the data folder private by itself")
def test_a_new_library_is_its_owners_only(tmp_path):
    path = tmp_path / "playlistkit" / "library.db"
    with Library(path) as library:
        library.add_uri(Track("", uri="spotify:track:1"))
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_library_is_in_the_users_data_folder_by_default(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    with Library() as library:
        assert tmp_path in library.path.parents
        assert library.path.name == "library.db"


def test_a_library_of_version_1_is_brought_up_to_date_with_all_that_is_in_it(tmp_path):
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript(VERSION_1.read_text(encoding="utf-8"))
    old.close()
    with Library(tmp_path / "new.db"):
        pass
    with Library(tmp_path / "old.db") as library:
        (candidate,) = library.candidates(available=False)
        assert candidate.track == Track(
            "0123456789ab",
            "/music/Dawn.mp3",
            "spotify:track:1",
            "Dawn",
            "Ann",
            "Hours",
            None,
            "ambient",
            200.5,
        )
        assert (candidate.features.energy, candidate.features.tempo) == (0.4, 61.0)
        assert candidate.features.energy_curve == Curve((0.2, 0.3), 0.001)  # moved by the told energy
        assert (candidate.keep, candidate.note) == (True, "for endings")
        library.clients.remember("Heron", [candidate.track.id])
    assert schema(tmp_path / "old.db") == schema(tmp_path / "new.db")


def test_a_library_of_a_newer_playlistkit_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "library.db"
    with Library(path) as library:
        library._database.run(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LibraryError, match="newer playlistkit"):
        Library(path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3" + bytes(5000))
    with pytest.raises(LibraryError, match=r"song.mp3: not a playlistkit library"):
        Library(path)
    assert path.read_bytes() == b"ID3" + bytes(5000)


def test_another_programs_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "places.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE moz_places (url)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(LibraryError, match="another program"):
        Library(path)
    assert path.read_bytes() == before


def test_a_damaged_library_is_told(tmp_path):
    path = tmp_path / "library.db"
    with Library(path) as library, library.transaction():
        for number in range(2000):
            library.add_uri(Track("", uri=f"spotify:track:{number}", title="x" * 50))
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(LibraryError, match=r"library.db: .*damaged"), Library(path) as library:
        library.candidates()


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path):
    with Library(tmp_path / "library.db") as library:
        key = library.add_uri(Track("", uri="spotify:track:1"))
        library._database.run("PRAGMA max_page_count = 1")  # SQLite then says the same as on a full disk
        with pytest.raises(LibraryError, match="disk is full"), library.transaction():  # noqa: PT012
            for number in range(5000):
                library.add_uri(Track("", uri=f"spotify:track:x{number}"))
        assert [each.track.id for each in library.candidates()] == [key]


@pytest.mark.skipif(sys.platform == "win32", reason="limits what a process may write")
def test_on_a_full_disk_a_library_is_read_and_a_change_is_told_why(tmp_path):
    with Library(tmp_path / "library.db") as library:
        library.add_uri(Track("", uri="spotify:track:1"))
    script = (
        "import resource, shutil, sys, types\n"
        "from playlistkit.library import Library\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"  # not even SQLite's shared memory
        "shutil.disk_usage = lambda _: types.SimpleNamespace(free=0)\n"
        "with Library(sys.argv[1]) as library:\n"
        "    print(len(library))\n"
        "    library.clients.mark('Heron', library.candidates()[0].track.id, 'keep')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "library.db")], capture_output=True, text=True
    )
    assert done.stdout == "1\n"
    assert done.stderr.splitlines()[-1].endswith(
        "library.db: the disk is full; nothing was lost. Free some space and run the same command again"
    )


def test_a_library_in_a_folder_that_may_only_be_read_is_read(tmp_path, monkeypatch):
    (tmp_path / "shared").mkdir()
    path = tmp_path / "shared" / "library.db"
    Library(path).close()
    answer = os.access
    monkeypatch.setattr(
        os, "access", lambda asked, mode: answer(asked, mode) and (asked, mode) != (path.parent, os.W_OK)
    )
    with Library(path) as library:
        assert len(library) == 0
        assert [each.name for each in path.parent.iterdir()] == ["library.db"]
        with pytest.raises(LibraryError, match="the library or its folder is read-only"):
            library.add_uri(Track("", uri="spotify:track:2"))


@pytest.mark.skipif(AS_ROOT, reason="root may write anywhere")
def test_a_library_that_may_not_be_written_is_read_and_a_change_is_refused(tmp_path):
    path = tmp_path / "odd %41 name#?" / "library.db"
    with Library(path) as library:
        key = library.add_uri(Track("", uri="spotify:track:1", title="One"))
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with Library(path) as library:
            assert [each.track.id for each in library.candidates()] == [key]
            assert library.resolve("one").track.id == key
            with pytest.raises(LibraryError, match="can't be written"):
                library.mark(key, keep=True)
        assert [each.name for each in path.parent.iterdir()] == ["library.db"]
    finally:
        path.parent.chmod(0o700)


@pytest.mark.skipif(AS_ROOT, reason="root may write anywhere")
def test_an_older_library_that_may_not_be_written_is_told(tmp_path):
    old = sqlite3.connect(tmp_path / "old.db")
    old.executescript(VERSION_1.read_text(encoding="utf-8"))
    old.close()
    (tmp_path / "old.db").chmod(0o400)
    with pytest.raises(LibraryError, match="older playlistkit"):
        Library(tmp_path / "old.db")


@pytest.mark.skipif(AS_ROOT, reason="root may write anywhere")
def test_a_library_that_may_not_be_read_is_told(tmp_path):
    Library(tmp_path / "library.db").close()
    (tmp_path / "library.db").chmod(0)
    with pytest.raises(LibraryError, match="permission denied"):
        Library(tmp_path / "library.db")


def allowed(monkeypatch: pytest.MonkeyPatch, *allowed: int) -> None:
    """The system's answer about files, as if we were not root: only what is in `allowed`."""
    answer = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode in allowed and answer(path, mode))


def test_what_may_only_be_read_is_read_with_what_another_program_just_wrote(tmp_path, monkeypatch):
    path = tmp_path / "library.db"
    with Library(path) as writer:
        writer.add_uri(Track("", uri="spotify:track:1"))
        allowed(monkeypatch, os.R_OK)
        with Library(path) as reader:
            assert len(reader) == 1
            with pytest.raises(LibraryError, match="the library or its folder is read-only; allow writing"):
                reader.add_uri(Track("", uri="spotify:track:2"))
        assert list(tmp_path.glob("library.db-wal"))
    for left in tmp_path.glob("library.db-*"):
        left.unlink()
    with Library(path) as reader:
        assert len(reader) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["library.db"]
    sqlite3.connect(path).execute("PRAGMA user_version = 3").connection.close()
    with pytest.raises(LibraryError, match="written by an older playlistkit, and it can't be updated"):
        Library(path)
    allowed(monkeypatch)
    with pytest.raises(LibraryError, match=r"can't be opened \(permission denied\)"):
        Library(path)


def test_others_are_waited_for_half_a_minute(tmp_path):
    with Library(tmp_path / "library.db") as library:
        assert library._database.rows("PRAGMA busy_timeout") == [(30_000,)]


@pytest.mark.parametrize("where", ["", "file/library.db"])
def test_a_place_where_no_library_can_be_is_told(tmp_path, where):
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="can't be opened"):
        Library(tmp_path / where)


def test_a_library_locked_for_long_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("playlistkit.library.database.BUSY_SECONDS", 0.05)
    with Library(tmp_path / "library.db") as one, Library(tmp_path / "library.db") as two:
        with one.transaction(), pytest.raises(LibraryError, match="another program"):
            two.add_uri(Track("", uri="spotify:track:1"))
        two.add_uri(Track("", uri="spotify:track:1"))


def test_another_program_that_comes_and_goes_leaves_a_library_with_two_connections_alone(tmp_path):
    """A second connection in our process must not drop the locks by which the other program knows of us."""
    import subprocess
    import sys

    path = tmp_path / "library.db"
    with Library(path) as one:
        one.clients.add("a")
        Library(path).close()
        come_and_go = f"from playlistkit.library import Library; Library({str(path)!r}).close()"
        subprocess.run([sys.executable, "-c", come_and_go], check=True)
        one.clients.add("b")
        with Library(path) as two:
            assert [each.alias for each in two.clients.list()] == ["a", "b"]
            two.clients.add("c")
        assert [each.alias for each in one.clients.list()] == ["a", "b", "c"]
