from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from playlistkit.errors import InputError
from playlistkit.sources.folder import PIECE, Found, LeftOut, PassedOver, fingerprint, walk
from playlistkit.sources.left_out import is_left_out

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")


def names(*paths: Path) -> list[str]:
    return [Path(each.path).name for each in walk(*paths, suffixes={".mp3"}) if isinstance(each, Found)]


def told(*paths: Path) -> dict[str, str | None]:
    return {
        Path(each.path).name: each.error
        for each in walk(*paths, suffixes={".mp3"})
        if isinstance(each, PassedOver)
    }


def make(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def test_audio_is_found_by_suffix_in_the_order_of_names(tmp_path):
    make(tmp_path, "b/2.MP3", "b/1.mp3", "a.mp3", "c/3.mp3", "cover.jpg", "notes")
    assert names(tmp_path) == ["a.mp3", "1.mp3", "2.MP3", "3.mp3"]
    assert told(tmp_path) == {"cover.jpg": None, "notes": None}


def test_size_and_time_are_told(tmp_path):
    make(tmp_path, "a.mp3")
    os.utime(tmp_path / "a.mp3", ns=(0, 1_700_000_000_000_000_000))
    assert list(walk(tmp_path, suffixes={".mp3"})) == [
        Found(str(tmp_path / "a.mp3"), 1, 1_700_000_000_000_000_000)
    ]


def test_hidden_files_and_folders_are_left_out(tmp_path):
    make(tmp_path, ".Trash/a.mp3", "._b.mp3", "c.mp3")
    assert names(tmp_path) == ["c.mp3"]


@pytest.mark.parametrize(
    "bin_",
    [
        "$RECYCLE.BIN/S-1-5-21-1",
        "#recycle/Music",
        "RECYCLER",
        "@eaDir/a.mp3",
        "System Volume Information",
        "FOUND.000",
        "found.012",
    ],
)
def test_recycle_bins_and_folders_of_systems_are_told_once_and_entered_only_when_named(tmp_path, bin_):
    make(tmp_path, f"{bin_}/thrown away.mp3", f"{bin_}/more.mp3", "kept.mp3", "Recycled/album.mp3")
    walked = list(walk(tmp_path, suffixes={".mp3"}))
    assert names(tmp_path) == ["kept.mp3", "album.mp3"]
    assert [each for each in walked if not isinstance(each, Found)] == [
        LeftOut(str(tmp_path / bin_.split("/")[0]))
    ]
    assert names(tmp_path / bin_) == ["more.mp3", "thrown away.mp3"]


def test_what_windows_and_macos_hide_by_an_attribute_is_left_out():
    hidden, system, plain = (SimpleNamespace(st_file_attributes=bits) for bits in (2, 4, 16))
    assert [is_left_out("a", each) for each in (hidden, system, plain)] == [True, True, False]
    assert is_left_out("a", SimpleNamespace(st_flags=stat.UF_HIDDEN))


def test_folders_are_told_apart_where_all_have_one_inode_number(tmp_path, monkeypatch):
    make(tmp_path, "a/1.mp3", "b/2.mp3", "b/c/3.mp3")

    def without_inode(path, known=os.stat):
        status = known(path)
        return os.stat_result((status[0], 0, *status[2:10]))

    monkeypatch.setattr(os, "stat", without_inode)
    assert names(tmp_path, tmp_path / "b") == ["1.mp3", "2.mp3", "3.mp3"]


def test_a_file_named_explicitly_is_taken_whatever_its_name_and_once(tmp_path):
    make(tmp_path, ".hidden", "b.mp3")
    assert names(tmp_path / ".hidden", tmp_path / "b.mp3", tmp_path / "b.mp3") == [".hidden", "b.mp3"]


def test_a_path_that_does_not_exist_is_told_before_anything_is_walked(tmp_path):
    with pytest.raises(InputError, match=r"gone: can't be scanned: no such file"):
        walk(tmp_path, tmp_path / "gone", suffixes={".mp3"})
    with pytest.raises(InputError, match="can't be scanned"):
        walk("a\0b", suffixes={".mp3"})


@POSIX
def test_links_are_followed_but_not_in_circles(tmp_path):
    make(tmp_path / "music", "a.mp3")
    make(tmp_path / "elsewhere", "b.mp3")
    (tmp_path / "music" / "elsewhere").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "music" / "again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "music" / "up").symlink_to(tmp_path)
    (tmp_path / "music" / "self.mp3").symlink_to("self.mp3")
    (tmp_path / "music" / "dead.mp3").symlink_to("nothing.mp3")
    (tmp_path / "music" / "c.mp3").symlink_to(tmp_path / "music" / "a.mp3")
    assert sorted(names(tmp_path / "music")) == ["a.mp3", "b.mp3", "c.mp3"]
    assert "can't be read" in (told(tmp_path / "music")["self.mp3"] or "")


@POSIX
def test_a_link_to_a_drive_that_is_not_there_is_told(tmp_path):
    make(tmp_path, "a.mp3")
    (tmp_path / "Archive").symlink_to("/media/archive/Music")
    assert names(tmp_path) == ["a.mp3"]
    assert "is a link to /media/archive/Music, which is not there" in (told(tmp_path)["Archive"] or "")


@POSIX
def test_pipes_sockets_and_devices_are_not_opened(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "device.mp3").symlink_to("/dev/zero")
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.mp3")
        assert names(tmp_path) == []
        assert told(tmp_path) == dict.fromkeys(
            ("pipe.mp3", "device.mp3", "socket.mp3"), "is not a regular file"
        )
    assert "not a regular file" in (told(tmp_path / "pipe.mp3")["pipe.mp3"] or "")


@POSIX
@pytest.mark.skipif(AS_ROOT, reason="root may read anything")
def test_an_unreadable_folder_is_told_and_the_rest_goes_on(tmp_path):
    make(tmp_path, "a/1.mp3", "b.mp3")
    (tmp_path / "a").chmod(0)
    assert names(tmp_path) == ["b.mp3"]
    assert "can't be read" in (told(tmp_path)["a"] or "")
    (tmp_path / "a").chmod(0o700)


def test_names_in_any_encoding_are_walked(tmp_path):
    odd = ["ä.mp3", "音楽 🎵.mp3"]
    if sys.platform == "linux":
        odd += ["caf\udce9.mp3", "a\nb.mp3"]
    make(tmp_path, *odd)
    assert sorted(names(tmp_path)) == sorted(odd)


def test_what_vanishes_while_walking_is_left_out(tmp_path):
    make(tmp_path, "a.mp3", "b/c.mp3", "d.mp3")
    walked = walk(tmp_path, suffixes={".mp3"})
    first = next(walked)
    (tmp_path / "b" / "c.mp3").unlink()
    (tmp_path / "b").rmdir()
    (tmp_path / "d.mp3").unlink()
    assert [Path(each.path).name for each in (first, *walked)] in (["a.mp3"], ["a.mp3", "d.mp3"])


def test_a_tree_deeper_than_pythons_stack_is_walked(tmp_path):
    deep = tmp_path
    for _ in range(150):
        deep = deep / "d"
    make(deep, "a.mp3")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(120)
    try:
        assert [type(each) for each in walk(tmp_path, suffixes={".mp3"})] == [Found]
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 3 * PIECE, 10 * PIECE])
def test_the_fingerprint_goes_by_content_alone(tmp_path, size):
    content = bytes(number % 251 for number in range(size))
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "b").write_bytes(content)
    found = fingerprint(str(tmp_path / "a"))
    assert len(found) == 12
    assert int(found, 16) >= 0
    assert fingerprint(str(tmp_path / "b")) == found
    for changed in (content + b"x", b"\xff" + content[1:], content[:-1] + b"\xff"):
        (tmp_path / "b").write_bytes(changed)
        assert fingerprint(str(tmp_path / "b")) != found


def test_the_fingerprint_is_the_same_in_every_release(tmp_path):
    # plans, clients' sessions and marks name tracks by it: another one would make every known track a new one
    (tmp_path / "a").write_bytes(b"playlistkit" * 20_000)
    assert fingerprint(str(tmp_path / "a")) == "7072f13a7849"
