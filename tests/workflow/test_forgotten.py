"""What is forgotten is gone from every byte: of the library, its journal, what lies beside it, and the session's state."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from playlistkit.library import Library
from playlistkit.model import Features, Track
from playlistkit.player.place import Place
from playlistkit.workflow import clients

ALIAS, OTHER, TITLE = "Zwergschnäpper", "Wren", "Quendelwiese im Abendlicht"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "state"))
    place = Place()
    place.make()
    assert str(place.folder).startswith(str(tmp_path))
    return place


def traces(folder: Path, *texts: str | bytes) -> Iterator[str]:
    """Which texts stand in which files, as UTF-8, UTF-16 or as JSON escapes them."""
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        for text in texts:
            forms = [text] if isinstance(text, bytes) else [
                text.encode(), text.encode("utf-16-le"), json.dumps(text).encode().strip(b'"'),
            ]  # fmt: skip
            if any(form in content for form in forms):
                yield f"{path.relative_to(folder)}: {text!r}"


def filled(path: Path) -> Library:
    """A library in which pages were split and joined again, with two clients' sessions, ratings, marks, records."""
    library = Library(path)
    for n in range(300):
        track = Track(f"{n:012x}", path=f"/music/{n}.flac", title=f"{TITLE} {n}", duration=60.0)
        library.add_file(track, Features(loudness=-20.0), size=1, mtime_ns=1, versions={})
    for k, alias in enumerate((ALIAS, OTHER) * 6):
        library.clients.remember(alias, [f"{n:012x}" for n in range(k, 300, 3)])
        library.clients.keep_record(alias, k // 2 + 1, json.dumps([alias, TITLE, k] * 200).encode())
        library.clients.mark(alias, f"{k:012x}", "keep")
    library.clients.rate(ALIAS, liking=7)
    return library


@pytest.mark.parametrize("how", ["forgotten", "renamed"])
def test_of_a_client_no_byte_of_the_alias_remains_anywhere(how: str, place: Place, tmp_path: Path) -> None:
    with filled(tmp_path / "library.db") as library:
        assert list(traces(tmp_path, ALIAS))
        with sqlite3.connect(tmp_path / "library.db") as database:
            records = [
                packed
                for (packed,) in database.execute(
                    "SELECT packed FROM client_record JOIN client ON key = client WHERE alias = ?", (ALIAS,)
                )
            ]
        database.close()
        assert len(records) == 6
        if how == "forgotten":
            place.write(place.options_file, json.dumps({"client": ALIAS}))
            begun = {"elapsed": 0, "position": 0, "what": "begin", "values": {"document": TITLE}}
            place.record_file.write_text(json.dumps(begun) + "\n", encoding="utf-8")
            clients.forget(library, ALIAS)
            assert not list(traces(tmp_path, ALIAS, *(each[-16:] for each in records)))
            assert not list(traces(place.folder, TITLE))
        else:
            clients.rename(library, ALIAS, "Robin")
            assert not list(traces(tmp_path, ALIAS))
            assert len(library.clients.sessions("Robin")) == 6
        assert len(library.clients.sessions(OTHER)) == 6
        assert len(library) == 300
    assert not list(traces(tmp_path, ALIAS))


def test_of_a_forgotten_track_no_byte_of_its_title_remains_once_the_library_is_closed(tmp_path: Path) -> None:
    with filled(tmp_path / "library.db") as library:
        for each in library.candidates(available=False):
            library.forget(each.track.id)
    assert not list(traces(tmp_path, TITLE))
