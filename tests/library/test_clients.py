from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from playlistkit.errors import InputError, LibraryError
from playlistkit.library import Client, ClientSession, Library
from playlistkit.model import Track

ALIAS = "Kingfisher-Quux"


@pytest.fixture
def library(tmp_path: Path):
    with Library(tmp_path / "data" / "library.db") as opened:
        yield opened


def bytes_of_the_folder(library: Library) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(library.path.parent.iterdir()))


def test_what_a_clients_plans_used_is_remembered_in_its_order(library):
    assert library.clients.remember(ALIAS, ["t3", "t1"]) == 1
    assert library.clients.remember(ALIAS, ["t1", "t2"]) == 2
    assert library.clients.used(ALIAS) == {"t1", "t2", "t3"}
    assert library.clients.sessions(ALIAS) == [ClientSession(1, ("t3", "t1")), ClientSession(2, ("t1", "t2"))]
    assert library.clients.list() == [Client(ALIAS, sessions=2, tracks=3, keep=0, avoid=0)]


def test_a_session_planned_again_is_replaced_and_one_not_played_is_dropped(library):
    library.clients.remember(ALIAS, ["t1"])
    assert library.clients.remember(ALIAS, ["t2"], session=1) == 1
    assert library.clients.used(ALIAS) == {"t2"}
    library.clients.forget_session(ALIAS, 1)
    assert library.clients.used(ALIAS) == set()
    with pytest.raises(InputError, match="no session 4"):
        library.clients.remember(ALIAS, ["t2"], session=4)


def test_a_new_alias_used_nothing_and_is_not_made_by_asking(library):
    assert (
        library.clients.used("New") == library.clients.avoided("New") == library.clients.kept("New") == set()
    )
    assert library.clients.list() == []


def test_marks_are_one_clients_own_and_overrule_the_general_ones(library):
    one, two = (library.add_uri(Track("", uri=f"spotify:track:{n}")) for n in "12")
    library.mark(one, avoid=True)
    library.clients.mark(ALIAS, one, "keep")
    library.clients.mark(ALIAS, two, "avoid")
    marks = {each.track.id: (each.keep, each.avoid) for each in library.candidates(client=ALIAS)}
    assert marks == {one: (True, False), two: (False, True)}
    assert {each.track.id: each.avoid for each in library.candidates()} == {one: True, two: False}
    library.clients.mark(ALIAS, two, None)
    assert library.clients.avoided(ALIAS) == set()
    with pytest.raises(InputError, match="mark 'love' must be one of keep, avoid"):
        library.clients.mark(ALIAS, two, "love")


def test_ratings_belong_to_the_last_session_and_can_be_completed(library):
    for track in ("t1", "t2", "t3"):
        library.clients.remember(ALIAS, [track])
    library.clients.rate(ALIAS, liking=7)
    assert library.clients.rate(ALIAS, openness=10) == ClientSession(3, ("t3",), liking=7, openness=10)
    assert library.clients.rate(ALIAS, session=1, resonance=0).resonance == 0


@pytest.mark.parametrize("rating", [-1, 10.5, float("nan")])
def test_a_rating_outside_0_to_10_is_refused(library, rating):
    library.clients.remember(ALIAS, ["t1"])
    with pytest.raises(InputError, match=r"0 to 10|is not a number"):
        library.clients.rate(ALIAS, liking=rating)


def test_a_client_who_is_not_there_is_told_with_those_who_are(library):
    with pytest.raises(InputError, match="none yet"):
        library.clients.rate("Wren", liking=3)
    library.clients.remember(ALIAS, ["t1"])
    for call in (library.clients.sessions, library.clients.forget, library.clients.rate):
        with pytest.raises(InputError, match=f"no client 'Wren'; there are '{ALIAS}'"):
            call("Wren")
    library.clients.mark("Owl", "t1", "keep")
    with pytest.raises(InputError, match="no session yet"):
        library.clients.rate("Owl", liking=3)


@pytest.mark.parametrize("alias", ["", "  ", "a\nb", "\udcff"])
def test_an_alias_must_be_a_word_that_can_be_shown(library, alias):
    with pytest.raises(InputError, match="alias"):
        library.clients.remember(alias, ["t1"])


def test_a_renamed_client_keeps_all_and_the_old_alias_is_nowhere(library):
    library.clients.remember(ALIAS, ["t1"])
    library.clients.remember("Taken", [])
    with pytest.raises(InputError, match="already a client 'Taken'"):
        library.clients.rename(ALIAS, "Taken")
    library.clients.rename(ALIAS, "Wren")
    assert library.clients.used("Wren") == {"t1"}
    assert ALIAS.encode() not in bytes_of_the_folder(library)


def test_a_forgotten_client_is_in_no_file_of_the_library(library):
    for number in range(300):  # enough for pages to be split and freed
        library.clients.remember(f"{ALIAS}-{number}", ["t1", "t2"])
    assert ALIAS.encode() in bytes_of_the_folder(library)
    for number in range(300):
        if number != 150:
            library._database.run("DELETE FROM client WHERE alias = ?", (f"{ALIAS}-{number}",))
    library.clients.forget(f"{ALIAS}-150")
    assert library.clients.list() == []
    assert ALIAS.encode() not in bytes_of_the_folder(library)
    assert library._database.rows("SELECT * FROM client_track") == []


def test_what_is_deleted_is_overwritten_in_the_file_and_in_its_journal(tmp_path, monkeypatch):
    connect = sqlite3.connect

    def as_sqlite_is_built_by_others(*arguments, **options):  # Debian's overwrites what is deleted by default
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA secure_delete = OFF")
        return connection

    monkeypatch.setattr(sqlite3, "connect", as_sqlite_is_built_by_others)
    with Library(tmp_path / "library.db") as library:
        library.forget(library.add_uri(Track("", uri="spotify:track:1", title=ALIAS * 20)))
        library._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        assert ALIAS.encode() not in library.path.read_bytes()
        library.add_uri(Track("", uri="spotify:track:2"))  # brings the same pages into the journal
        assert "library.db-wal" in {path.name for path in tmp_path.iterdir() if path.stat().st_size}
        assert ALIAS.encode() not in bytes_of_the_folder(library)


def test_forgetting_while_another_program_reads_says_that_traces_remain(library):
    library.clients.remember(ALIAS, ["t1"])
    library._database.run("PRAGMA busy_timeout = 50")
    with Library(library.path) as other:
        other._database.run("BEGIN")
        other.clients.list()
        with pytest.raises(LibraryError, match="traces"):
            library.clients.forget(ALIAS)
    with pytest.raises(InputError, match="no client"):
        library.clients.forget(ALIAS)
    assert ALIAS.encode() not in bytes_of_the_folder(library)
