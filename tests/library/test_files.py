"""Which track a file is: by its bytes, its samples, its sound; and albums in one file."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from playlistkit.analysis.lowlevel import LowLevel
from playlistkit.errors import InputError
from playlistkit.library import KnownFile, Library
from playlistkit.model import Curve, Features, Track

ONE, TWO = "a" * 12, "b" * 12


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "data" / "library.db") as opened:
        yield opened


def add(library: Library, path: str, digest: str, **given: object) -> str:
    known = {"duration": 200.0, "loudness": -20.0, "whole": None, "start": 0.0, "end": None, **given}
    track = Track(digest, path, duration=known["duration"], start=known["start"], end=known["end"])  # type: ignore[arg-type]
    features = Features(loudness=known["loudness"])  # type: ignore[arg-type]
    return library.add_file(track, features, size=9, mtime_ns=7, versions={}, whole=known["whole"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        # the same samples: the same track, unless other bytes were compared
        ({"whole": None}, {"whole": None}, "known"),
        ({"whole": "1" * 32}, {"whole": None}, "known"),
        ({"whole": None}, {"whole": "1" * 32}, "known"),
        ({"whole": "1" * 32}, {"whole": "1" * 32}, "known"),
        ({"whole": "1" * 32}, {"whole": "2" * 32}, "2" * 12),
    ],
)
def test_the_same_samples_are_one_track_unless_their_bytes_differ(
    library: Library, tmp_path: Path, first: dict[str, object], then: dict[str, object], expected: str
) -> None:
    key = add(library, str(tmp_path / "one"), ONE, **first)
    found = add(library, str(tmp_path / "two"), ONE, **then)
    assert found == (key if expected == "known" else expected)
    assert library.add_known_file(str(tmp_path / "three"), ONE, size=1, mtime_ns=1, **then) == found  # type: ignore[arg-type]


def test_a_track_whose_files_were_forgotten_is_known_by_its_content(library: Library, tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    add(library, path, ONE)
    library.link(ONE, "spotify:track:1")
    library.forget_file(path)
    assert library.add_known_file(path, ONE, size=1, mtime_ns=1) == ONE
    (candidate,) = library
    assert (candidate.track.path, candidate.track.uri) == (path, "spotify:track:1")


def test_the_bytes_decide_before_what_was_never_compared(library: Library, tmp_path: Path) -> None:
    add(library, str(tmp_path / "one"), ONE)
    other = add(library, str(tmp_path / "part"), ONE, whole="3" * 32, start=1.0)
    assert other == ONE
    whole = library.add_file(
        Track(TWO, str(tmp_path / "x"), start=5.0, duration=9.0), Features(), size=1, mtime_ns=1, versions={}, whole="4" * 32
    )  # fmt: skip
    assert whole == TWO
    apart = add(library, str(tmp_path / "y"), TWO, whole="5" * 32, start=5.0)
    # of the bytes and the samples, as other parts have the same bytes
    assert apart == hashlib.blake2b(f"{'5' * 32} {TWO}".encode(), digest_size=6).hexdigest()


def test_what_sounds_as_before_at_its_path_is_the_same_track(library: Library, tmp_path: Path) -> None:
    """Against the rule in plain words: a tenth of a second and a tenth of a LU, where both are known."""
    path = str(tmp_path / "a")
    lengths, levels = (200.0, 200.09, 199.89, 200.11), (None, -20.0, -20.09, -19.89, -20.11)
    with library.transaction():  # one commit for all
        for number, (before, after, length) in enumerate(product(levels, levels, lengths)):
            library.forget_file(path)
            key = add(library, path, f"{number:011}a", loudness=before)
            same_level = before is after if None in (before, after) else abs(before - after) <= 0.1  # type: ignore[operator]
            same = same_level and abs(length - 200.0) <= 0.1
            found = add(library, path, f"{number:011}b", loudness=after, duration=length)
            assert found == (key if same else f"{number:011}b"), (before, after, length)


def test_a_part_is_compared_with_the_part_that_began_there(library: Library, tmp_path: Path) -> None:
    path = str(tmp_path / "album")
    one = add(library, path, ONE, end=200.0)
    two = add(library, path, TWO, start=200.0, loudness=-9.0)
    assert add(library, path, "c" * 12, start=200.0, loudness=-9.0) == two
    assert add(library, path, "d" * 12, end=200.0) == one
    assert [each.start for each in library.parts().values()] == [0.0, 200.0]
    assert library.files()[path].track == one
    assert library.names_of_parts(path).keys() == {0.0, 200.0}


def test_the_names_of_parts_are_those_of_their_tracks(library: Library, tmp_path: Path) -> None:
    tagged = Track(
        ONE, str(tmp_path / "album"), title="T", artist="A", album="L", album_artist="AA", isrc="I", genre="G", duration=5.0, end=5.0
    )  # fmt: skip
    library.add_file(tagged, Features(), size=9, mtime_ns=7, versions={}, within=3)
    assert library.names_of_parts(tagged.path or "") == {
        0.0: replace(tagged, path=None, duration=0.0, end=None)
    }
    (known,) = library.parts().values()
    assert known == KnownFile(9, 7, ONE, ONE, None, {}, None, 0.0, 5.0, 3)
    assert known.is_part
    assert not KnownFile(1, 1).is_part


def test_parts_that_a_sheet_no_longer_has_are_forgotten_but_for_what_somebody_said(
    library: Library, tmp_path: Path
) -> None:
    path = str(tmp_path / "album")
    said = {}
    for number in range(7):
        end = None if number == 6 else number * 10.0 + 10
        said[number] = add(
            library, path, f"{number:012}", start=number * 10.0, end=end, loudness=-10.0 - number
        )
    library.mark(said[1], keep=True)
    library.mark(said[2], note="n")
    library.set_features(said[3], {"energy": 0.5})
    library.clients.remember("Wren", [said[4]])
    library.keep_parts(path, [(0.0, 10.0), (60.0, 70.0)])
    assert [start for _, start in library.parts()] == [0.0]
    assert [each.track.id for each in library] == [said[n] for n in (0, 1, 2, 3, 4)]
    library.keep_parts(path, [(0.0, 10.0)])
    assert list(library.parts()) == [(path, 0.0)]


def test_new_tags_are_recorded_for_the_file_that_was_known_alone(library: Library, tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    add(library, path, ONE)
    for before in ((8, 7), (9, 8)):
        assert not library.retag_file(path, TWO, before=before, after=(10, 11))
    assert not library.retag_file(str(tmp_path / "b"), TWO, before=(9, 7), after=(10, 11))
    assert library.retag_file(path, TWO, before=(9, 7), after=(10, 11))
    assert library.files()[path] == KnownFile(10, 11, TWO, ONE)


def test_a_moved_file_takes_the_place_of_the_missing_ones_with_its_content(
    library: Library, tmp_path: Path
) -> None:
    here, gone, moved = (tmp_path / name for name in ("here", "gone", "moved"))
    for path in (here, gone):
        path.touch()
        add(library, str(path), ONE, whole="1" * 32)
    gone.unlink()
    add(library, str(tmp_path / "other"), TWO)
    moved.touch()
    key = library.add_known_file(
        str(moved), ONE, size=5, mtime_ns=6, whole="1" * 32, start=2.0, end=3.0, within=4
    )
    assert key == ONE
    assert {path for path, _ in library.parts()} == {str(here), str(moved), str(tmp_path / "other")}
    assert library.files()[str(moved)] == KnownFile(5, 6, ONE, ONE, None, {}, "1" * 32, 2.0, 3.0, 4)


def test_a_folder_of_another_cut_is_followed_and_what_lay_there_gives_way(library: Library) -> None:
    for name, key in (("/a/1", ONE), ("/b/1", TWO), ("/ab/1", "c" * 12)):
        add(library, name, key)
    assert library.relocate("/a/", "/b") == 1
    assert {path: known.track for path, known in library.files().items()} == {"/b/1": ONE, "/ab/1": "c" * 12}
    assert library.relocate("/b/1", "/b/1") == 1
    assert library.relocate("/", "/x") == 2
    assert set(library.files()) == {"/x/b/1", "/x/ab/1"}
    assert library.relocate("/x", "/") == 2
    assert set(library.files()) == {"/b/1", "/ab/1"}
    with pytest.raises(InputError, match="the library knows no file under '/a'"):
        library.relocate("/a", "/c")


def test_features_are_computed_again_from_what_was_kept(library: Library, tmp_path: Path) -> None:
    curve = Curve((0.1, 0.4), 0.001)
    heard = Features(tempo=70.0, energy_curve=curve, timbre=(1.0, 2.0))
    low = LowLevel(sharpness=np.array([2.5]))
    track = Track(ONE, str(tmp_path / "a"))
    library.add_file(track, heard, size=1, mtime_ns=1, versions={"tempo": 1}, low_level=low)
    library.set_features(ONE, {"tempo": 99.0})
    asked = []

    def interpret(features: Features, given: LowLevel) -> Features:
        asked.append((features, given))
        return replace(features, tempo=71.0, energy=0.25)

    assert library.interpret_again(ONE, interpret, {"tempo": 2})
    assert asked == [(heard, low)]
    assert library.files()[track.path or ""].versions == {"tempo": 2}
    library.set_features(ONE, {"tempo": None})
    assert library.get(ONE).features == replace(heard, tempo=71.0, energy=0.25)
    add(library, str(tmp_path / "b"), TWO)
    assert not library.interpret_again(TWO, interpret, {"tempo": 2})
    assert not library.interpret_again("nobody", interpret, {"tempo": 2})
    assert len(asked) == 1
    with pytest.raises(InputError, match="a file's track needs its path"):
        library.add_file(Track(ONE), heard, size=1, mtime_ns=1, versions={})
