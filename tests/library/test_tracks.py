from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.errors import InputError
from playlistkit.library import Condition, Library, values
from playlistkit.model import Curve, Features, Track, clarity_of

MEASURED = Features(
    tempo=62.5,
    energy=0.31,
    loudness=-21.4,
    vocals="none",
    fades=True,
    key="F#",
    timbre=(0.5, -1.25, 3.0),
    energy_curve=Curve((0.1, 0.2, 0.3), 0.001),
    loudness_curve=Curve((-30.0, -20.0), 0.01),
)
VERSIONS = {"tempo": 1, "energy": 2}


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "data" / "library.db") as opened:
        yield opened


def add(library: Library, path: Path | str, key: str, features: Features = MEASURED, **tags) -> str:
    """Keep a made track whose file is there."""
    Path(path).touch()
    track = Track(key, path=str(path), **{"title": "Dawn", "artist": "Ann", "duration": 200.0, **tags})
    return library.add_file(track, features, size=9, mtime_ns=7, versions=VERSIONS)


def test_what_was_measured_comes_back_equal(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    (candidate,) = library.candidates()
    assert candidate.features == MEASURED
    assert candidate.track.path == str(tmp_path / "a.mp3")
    assert set(candidate.sources.values()) == {"measured"}
    assert len(library) == 1


@settings(max_examples=20, deadline=None)
@given(
    energy=st.none() | st.integers(0, 10**6).map(lambda n: n / 10**6),
    vocals=st.sampled_from((None, "none", "wordless", "words", "unknown")),
    timbre=st.none() | st.lists(st.integers(-(10**9), 10**9).map(lambda n: n / 10**6)).map(tuple),
    curve=st.none() | st.lists(st.integers(-32767, 32767)).map(lambda v: Curve((n * 0.01 for n in v), 0.01)),
)
def test_any_features_come_back_equal(tmp_path_factory, energy, vocals, timbre, curve):
    features = Features(energy=energy, vocals=vocals, timbre=timbre, loudness_curve=curve)
    folder = tmp_path_factory.mktemp("one")
    with Library(folder / "library.db") as library:
        add(library, folder / "a.mp3", "aaaaaaaaaaaa", features)
        assert library.get("aaaaaaaaaaaa").features == features


def test_the_therapists_word_overrules_imports_and_those_measurements(library, tmp_path):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    library.set_features(key, {"energy": 0.9, "vocals": "words"}, "set")
    library.set_features(key, {"energy": 0.5, "tempo": 80.0}, "imported")
    candidate = library.get(key)
    assert (candidate.features.energy, candidate.features.tempo, candidate.features.loudness) == (
        0.9,
        80.0,
        -21.4,
    )
    assert (candidate.sources["energy"], candidate.sources["tempo"]) == ("set", "imported")
    library.set_features(key, {"energy": None}, "set")
    assert library.get(key).features.energy == 0.5
    assert library.get(key).features.vocals == "words"


def test_measuring_again_leaves_what_was_set_and_marked(library, tmp_path):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    library.set_features(key, {"energy": 0.9})
    library.mark(key, avoid=True, note="too sad")
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", Features(energy=0.1))
    candidate = library.get(key)
    assert candidate.features == Features(energy=0.9)
    assert (candidate.avoid, candidate.note) == (True, "too sad")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("tempoo", 3, "did you mean 'tempo'"),
        ("energy", float("nan"), "a number from 0 to 1"),
        ("energy", "0.3", "a number from 0 to 1"),
        ("energy", True, "a number from 0 to 1"),
        ("energy", 5, "a number from 0 to 1"),
        ("loudness", 40, "a number from -70 to 5"),
        ("vocals", "loud", "one of none"),
        ("fades", 1, "True or False"),
        ("timbre", (1.0, float("inf")), "tuple"),
        ("energy_curve", (1.0,), "Curve"),
    ],
)
def test_a_value_that_no_feature_has_is_refused_and_nothing_changes(library, tmp_path, name, value, told):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    with pytest.raises(InputError, match=told):
        library.set_features(key, {"tempo": 99.0, name: value})
    assert library.get(key).features == MEASURED


def test_candidates_can_be_pickled(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    candidates = library.candidates(available=False)
    assert pickle.loads(pickle.dumps(candidates)) == candidates


def test_a_tag_edit_keeps_the_track(library, tmp_path):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", title="Dwan")
    library.mark(key, keep=True)
    assert add(library, tmp_path / "a.mp3", "bbbbbbbbbbbb", title="Dawn") == key
    (candidate,) = library.candidates()
    assert candidate.keep
    assert candidate.track.title == "Dawn"


@pytest.mark.parametrize("other", [{"duration": 190.0}, {"features": Features(loudness=-12.0)}])
def test_other_music_at_the_same_path_is_another_track(library, tmp_path, other):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    assert add(library, tmp_path / "a.mp3", "bbbbbbbbbbbb", **other) != key
    assert [each.track.id for each in library.candidates()] == ["bbbbbbbbbbbb"]
    assert len(library) == 2


def test_a_moved_file_keeps_its_track_and_a_copy_joins_it(library, tmp_path):
    old, new, copy = tmp_path / "old.mp3", tmp_path / "new.mp3", tmp_path / "copy.mp3"
    key = add(library, old, "aaaaaaaaaaaa")
    old.rename(new)
    assert library.add_known_file(str(new), "aaaaaaaaaaaa", size=9, mtime_ns=7) == key
    assert set(library.files()) == {str(new)}
    copy.touch()
    library.add_known_file(str(copy), "aaaaaaaaaaaa", size=9, mtime_ns=7)
    assert set(library.files()) == {str(new), str(copy)}
    new.unlink()
    (candidate,) = library.candidates()
    assert (candidate.track.id, candidate.track.path) == (key, str(copy))
    assert library.get(key) == candidate


def test_unknown_content_is_not_kept(library):
    assert library.add_known_file("/nowhere/a.mp3", "cccccccccccc", size=1, mtime_ns=1) is None
    assert not library.files()


def test_a_track_whose_files_are_gone_stays_known_but_is_no_candidate(library, tmp_path):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    assert library.missing() == []
    (tmp_path / "a.mp3").unlink()
    assert library.candidates() == []
    assert [each.track.id for each in library.candidates(available=False)] == [key]
    assert [each.track.id for each in library.missing()] == [key]
    assert library.get(key).features == MEASURED
    there = add(library, tmp_path / "b.mp3", "bbbbbbbbbbbb")
    asked = [there, "nobody", key]
    assert [each.track.id for each in library.load(asked)] == [there, key]
    assert [each.track.id for each in library.load(asked, available=True)] == [there]


def test_a_library_holds_every_track_that_it_counts_also_those_whose_file_is_gone(library, tmp_path):
    one, two = (add(library, tmp_path / f"{key}.flac", key * 12) for key in "ab")
    (tmp_path / "b.flac").unlink()
    assert [each.track.id for each in library] == sorted([one, two])
    assert len(library) == 2
    assert one in library
    assert two in library
    assert "c" * 12 not in library
    assert None not in library


def test_a_folder_that_moved_is_followed_without_reading(library, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old2").mkdir()
    add(library, tmp_path / "old" / "a.mp3", "aaaaaaaaaaaa")
    add(library, tmp_path / "old2" / "b.mp3", "bbbbbbbbbbbb")
    (tmp_path / "old").rename(tmp_path / "new")
    assert library.relocate(tmp_path / "old", tmp_path / "new") == 1
    assert library.get("aaaaaaaaaaaa").track.path == str(tmp_path / "new" / "a.mp3")
    assert library.get("bbbbbbbbbbbb").track.path == str(tmp_path / "old2" / "b.mp3")
    with pytest.raises(InputError, match="no file under"):
        library.relocate(tmp_path / "old", tmp_path / "new")


@pytest.mark.parametrize("name", ["ä 音楽 🎵.mp3", "line\nbreak.mp3", "caf\udce9.mp3", "#1 'quoted' %.mp3"])
def test_files_of_any_name_are_kept_and_found(library, tmp_path, name):
    path = os.path.join(tmp_path, name)
    key = add(library, path, "aaaaaaaaaaaa")
    assert library.candidates()[0].track.path == path
    assert library.resolve(path).track.id == key
    assert list(library.files()) == [path]


def test_a_path_is_found_composed_or_decomposed(library, tmp_path):
    path = os.path.join(tmp_path, unicodedata.normalize("NFD", "Träume.mp3"))
    add(library, path, "aaaaaaaaaaaa")
    typed = os.path.join(tmp_path, unicodedata.normalize("NFC", "Träume.mp3"))
    assert library.resolve(typed).track.id == "aaaaaaaaaaaa"


def test_a_track_is_found_by_id_path_uri_and_title(library, tmp_path, monkeypatch):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", title="Ólafur's Dawn", artist="Björk")
    uri = library.add_uri(Track("", uri="spotify:track:4uLU6hMCjMI75M1A2tKUQC", title="Dusk"))
    monkeypatch.chdir(tmp_path)
    for text in ("aaaaaaaaaaaa", "AAAAAAAAAAAA", "a.mp3", str(tmp_path / "a.mp3"), "olafur's dawn",
                 "bjork - Ólafur's dawn"):  # fmt: skip
        assert library.resolve(text).track.id == "aaaaaaaaaaaa", text
    for text in ("spotify:track:4uLU6hMCjMI75M1A2tKUQC", "Dusk",
                 "https://open.spotify.com/intl-de/track/4uLU6hMCjMI75M1A2tKUQC?si=3"):  # fmt: skip
        assert library.resolve(text).track.id == uri, text


def test_an_ambiguous_or_unknown_title_names_what_is_near(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", artist="Ann")
    add(library, tmp_path / "b.mp3", "bbbbbbbbbbbb", artist="Bo")
    with pytest.raises(InputError, match=r"title of 2 tracks.*aaaaaaaaaaaa \(Ann - Dawn\).*bbbbbbbbbbbb"):
        library.resolve("dawn")
    with pytest.raises(InputError, match=r"did you mean aaaaaaaaaaaa \(Ann - Dawn\)"):
        library.resolve("Ann Dawm")
    add(library, tmp_path / "Evening Raga.mp3", "cccccccccccc", title=None, artist=None)
    with pytest.raises(InputError, match=r"did you mean cccccccccccc \(Evening Raga\.mp3\)"):
        library.resolve("Evning Raga")
    with pytest.raises(InputError, match="no track"):
        library.resolve("")
    with pytest.raises(InputError, match="no track"):
        library.get("ffffffffffff")


def test_find_needs_every_word_somewhere_without_case_and_accents(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", title="Träume", artist="Ann", album="Nacht")
    add(library, tmp_path / "b.mp3", "bbbbbbbbbbbb", title="Träume", artist="Bo")
    assert [each.track.id for each in library.find("TRAUME nacht")] == ["aaaaaaaaaaaa"]
    assert len(library.find("träume")) == 2
    assert library.find("träume nobody") == []


def test_signs_that_people_leave_out_as_they_type_may_be_left_out(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", title="Don’t Stop", artist="Simon & Half‐Light")
    for text in ("dont stop", "don't stop", "simon and half light", "SIMON & HALF-LIGHT"):
        assert [each.track.id for each in library.find(text)] == ["aaaaaaaaaaaa"], text
    for text in ("dont stop", "simon and half light - don't stop"):
        assert library.resolve(text).track.id == "aaaaaaaaaaaa", text


def test_keep_and_avoid_exclude_each_other(library, tmp_path):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    library.mark(key, keep=True, note=" fine ")
    assert (library.get(key).keep, library.get(key).note) == (True, "fine")
    library.mark(key, avoid=True)
    assert (library.get(key).keep, library.get(key).avoid) == (False, True)
    library.mark(key, avoid=False, note="")
    assert (library.get(key).keep, library.get(key).avoid, library.get(key).note) == (False, False, None)
    with pytest.raises(InputError, match="both"):
        library.mark(key, keep=True, avoid=True)


def test_forgetting_a_track_leaves_the_audio_file(library, tmp_path):
    key = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    library.forget(key)
    assert (len(library), library.files()) == (0, {})
    assert (tmp_path / "a.mp3").exists()
    with pytest.raises(InputError, match="no track"):
        library.forget(key)


def test_forgetting_the_last_file_forgets_the_track_unless_it_has_a_uri(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    library.add_known_file(str(tmp_path / "copy.mp3"), "aaaaaaaaaaaa", size=9, mtime_ns=7)
    assert library.forget_file(str(tmp_path / "copy.mp3"))
    assert len(library) == 1
    assert library.forget_file(str(tmp_path / "a.mp3"))
    assert len(library) == 0
    assert not library.forget_file(str(tmp_path / "a.mp3"))
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    library.link("aaaaaaaaaaaa", "spotify:track:1")
    library.forget_file(str(tmp_path / "a.mp3"))
    assert library.get("aaaaaaaaaaaa").track.uri == "spotify:track:1"


def test_a_search_sees_at_once_what_was_changed_here_by_another_program_or_taken_back(library, tmp_path):
    add(library, tmp_path / "a.flac", "aaaaaaaaaaaa")
    loud = [Condition("energy", low=0.5)]
    assert (library.select(text="dusk"), library.select(loud)) == ([], [])
    with contextlib.suppress(KeyboardInterrupt), library.transaction():
        library.set_features("aaaaaaaaaaaa", {"energy": 0.9}, "set")
        library.mark("aaaaaaaaaaaa", note="Dusk")
        assert (library.select(text="dusk"), library.select(loud)) == (["aaaaaaaaaaaa"], ["aaaaaaaaaaaa"])
        raise KeyboardInterrupt
    assert (library.select(text="dusk"), library.select(loud)) == ([], [])
    with Library(library.path) as another:
        another.set_features("aaaaaaaaaaaa", {"energy": 0.9}, "set")
        another.mark("aaaaaaaaaaaa", note="Dusk")
    assert (library.select(text="dusk"), library.select(loud)) == (["aaaaaaaaaaaa"], ["aaaaaaaaaaaa"])
    library.mark("aaaaaaaaaaaa", note="")
    assert library.select(text="dusk") == []
    with library.transaction():
        for found, energy, note in (
            (["aaaaaaaaaaaa"], 0.8, "Dusk"),
            ([], 0.1, ""),
            (["aaaaaaaaaaaa"], 0.7, "Dusk"),
        ):
            library.set_features("aaaaaaaaaaaa", {"energy": energy}, "set")
            library.mark("aaaaaaaaaaaa", note=note)
            assert (library.select(text="dusk"), library.select(loud)) == (found, found)


def test_a_uri_is_one_track_however_often_it_comes(library):
    track = Track("", uri="spotify:track:1", title="Dusk", artist="Cy", duration=180.0)
    key = library.add_uri(track)
    assert library.add_uri(Track("", uri="spotify:track:1", album="Evening")) == key
    (candidate,) = library.candidates()
    assert (candidate.track.title, candidate.track.album, candidate.track.duration) == (
        "Dusk",
        "Evening",
        180.0,
    )


def test_a_link_joins_file_and_uri_and_the_old_id_still_finds_the_track(library, tmp_path):
    file = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", title="Dawn")
    uri = library.add_uri(Track("", uri="spotify:track:1", title="Dawn (Remastered)", isrc="GBAYE6800001"))
    library.set_features(uri, {"energy": 0.7, "brightness": 0.2}, "imported")
    library.mark(uri, keep=True)
    library.clients.remember("Heron", [uri])
    library.clients.mark("Heron", uri, "avoid")
    library.link(file, "spotify:track:1")
    (candidate,) = library.candidates()
    assert library.get(uri) == library.resolve(uri) == candidate
    assert (candidate.track.id, candidate.track.uri, candidate.track.title) == (
        file,
        "spotify:track:1",
        "Dawn",
    )
    assert (candidate.features.energy, candidate.features.brightness) == (0.7, 0.2)
    assert (candidate.keep, candidate.track.isrc) == (True, "GBAYE6800001")
    assert library.clients.used("Heron") == library.clients.avoided("Heron") == {file}
    library.link(file, "spotify:track:1")
    library.add_uri(Track("", uri="spotify:track:1", title="Other", duration=1.0))
    assert (library.get(file).track.title, library.get(file).track.duration) == ("Dawn", 200.0)
    (tmp_path / "a.mp3").unlink()
    assert library.candidates()[0].track.path is None
    library.unlink(file)
    assert library.candidates() == []


def test_two_tracks_with_files_are_not_joined(library, tmp_path):
    one = add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa")
    two = add(library, tmp_path / "b.mp3", "bbbbbbbbbbbb")
    library.link(one, "spotify:track:1")
    with pytest.raises(InputError, match="both have files"):
        library.link(two, "spotify:track:1")


def test_a_failed_file_is_remembered_until_it_is_read(library, tmp_path):
    path = str(tmp_path / "a.mp3")
    library.add_failed_file(path, "is empty", size=0, mtime_ns=5)
    assert library.files()[path].error == "is empty"
    assert library.candidates() == []
    add(library, path, "aaaaaaaaaaaa")
    known = library.files()[path]
    assert (known.error, known.track, known.versions) == (None, "aaaaaaaaaaaa", VERSIONS)


def test_a_transaction_is_all_or_nothing(library):
    with pytest.raises(InputError), library.transaction():  # noqa: PT012
        library.add_uri(Track("", uri="spotify:track:1"))
        library.add_uri(Track("", title="without a URI"))
    assert len(library) == 0
    with library.transaction():
        library.add_uri(Track("", uri="spotify:track:1"))
    assert len(library) == 1


def test_a_transaction_within_another_is_part_of_it(library):
    with library.transaction():
        library.add_uri(Track("", uri="spotify:track:1"))
        with pytest.raises(InputError), library.transaction():
            library.add_uri(Track("", title="without a URI"))
        library.add_uri(Track("", uri="spotify:track:2"))
    assert {each.track.uri for each in library.candidates()} == {"spotify:track:1", "spotify:track:2"}
    with pytest.raises(InputError), library.transaction():  # noqa: PT012
        with library.transaction():
            library.add_uri(Track("", uri="spotify:track:3"))
        library.add_uri(Track("", title="without a URI"))
    with Library(library.path) as another:
        assert len(another) == 2


def test_broken_text_in_tags_is_kept_as_far_as_it_can_be(library, tmp_path):
    add(library, tmp_path / "a.mp3", "aaaaaaaaaaaa", title="D\udcffawn")
    assert library.candidates()[0].track.title == "D?awn"


WRITER = """
import sys
from playlistkit.library import Library
from playlistkit.model import Track
with Library(sys.argv[1]) as library:
    for number in range(60):
        library.add_uri(Track("", uri=f"spotify:track:{sys.argv[2]}{number}"))
        library.candidates()
"""


def test_two_processes_write_into_one_new_library_at_once(tmp_path):
    path = tmp_path / "library.db"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "abc"]
    assert [writer.wait(180) for writer in writers] == [0, 0, 0]
    with Library(path) as library:
        assert len(library) == 180


def test_what_was_written_survives_a_kill(tmp_path):
    path = tmp_path / "library.db"
    code = WRITER + "    print(flush=True); sys.stdin.read()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path), "a"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        writer.kill()
    with Library(path) as library:
        assert len(library) == 60


def test_a_told_energy_moves_the_measured_curve_with_it(tmp_path):
    with Library(tmp_path / "library.db") as library:
        track = library.add_uri(Track("", uri="spotify:track:1"))
        measured = {
            "energy": 0.5,
            "energy_start": 0.4,
            "energy_end": 0.95,
            "energy_curve": Curve([0.4, 0.95], step=0.001),
            "loudness": -20.0,
            "loudness_start": -22.0,
        }
        library.set_features(track, measured, "measured")
        library.set_features(track, {"energy": 0.6, "loudness": -17.0}, "set")
        features = library.get(track).features
        assert features.energy_start == pytest.approx(0.5)
        assert features.energy_end == 1.0
        assert list(features.energy_curve) == [0.5, 1.0]
        assert features.loudness_start == pytest.approx(-19.0)
        library.set_features(track, {"energy": None}, "set")
        assert list(library.get(track).features.energy_curve) == [0.4, 0.95]


def test_a_curve_is_replaced_alone_and_taken_back_alone(tmp_path):
    one, two = Curve((0.1, 0.2), 0.001), Curve((0.3,), 0.001)
    loud = Curve((-20.0,), 0.01)
    with Library(tmp_path / "a" / "new" / "library.db") as library:
        track = library.add_uri(Track("", uri="spotify:track:1"))
        library.set_features(track, {"energy_curve": one, "loudness_curve": loud})
        library.set_features(track, {"energy_curve": two})
        library.set_features(track, {"tempo": 60.0})
        assert library.get(track).features == Features(tempo=60.0, energy_curve=two, loudness_curve=loud)
        library.set_features(track, {"energy_curve": None})
        assert library.get(track).features == Features(tempo=60.0, loudness_curve=loud)


def test_a_tempo_that_somebody_felt_is_as_clear_as_can_be(tmp_path):
    with Library(tmp_path / "library.db") as library:
        track = library.add_uri(Track("", uri="spotify:track:1"))
        measured = {"tempo": 120.0, "tempo_alternative": 60.0, "pulse_clarity": 0.1}
        library.set_features(track, measured, "measured")
        library.set_features(track, {"tempo": 121.0}, "imported")
        assert clarity_of(library.get(track).features) == 0.1  # a service hears no better
        library.set_features(track, {"tempo": 60.0}, "set")
        features = library.get(track).features
        assert (clarity_of(features), features.tempo_alternative) == (1.0, None)
        library.set_features(track, {"pulse_clarity": 0.4}, "set")
        assert clarity_of(library.get(track).features) == 0.4
        library.set_features(track, {"tempo": None, "pulse_clarity": None}, "set")
        assert library.get(track).features.tempo_alternative == 60.0


def test_whose_energy_somebody_told_by_ear_is_music(tmp_path):
    with Library(tmp_path / "library.db") as library:
        track = library.add_uri(Track("", uri="spotify:track:1"))
        library.set_features(
            track,
            {"energy": 0.2, "music_probability": 0.02, "speech": 40.0, "speech_at": 4.0, "repetition": 1.0},
            "measured",
        )
        library.set_features(track, {"energy": 0.3}, "imported")
        assert library.get(track).features.music_probability == 0.02
        library.set_features(track, {"energy": 0.3}, "set")
        features = library.get(track).features
        assert (features.music_probability, features.speech, features.speech_at) == (None, None, None)
        assert features.repetition is None
        library.set_features(track, {"music_probability": 0.1}, "set")
        assert library.get(track).features.music_probability == 0.1


def test_curves_are_kept_in_the_same_bytes_on_every_machine(monkeypatch):
    curve = Curve((0.001, 0.258), 0.001)
    kept = b"\x01\x00\x02\x01"  # 1 and 258, the lower byte first
    assert values.pack(curve) == kept
    assert values.curve(kept, 0.001) == curve
    monkeypatch.setattr(sys, "byteorder", "big" if sys.byteorder == "little" else "little")
    assert values.pack(curve) == b"\x00\x01\x01\x02"
