"""A session as it was played, from its record; what a client has heard; the sheet to take home."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from playlistkit.errors import InputError
from playlistkit.exporters import plan_json
from playlistkit.library import Library
from playlistkit.model import Plan
from playlistkit.player.place import Place
from playlistkit.report.aftercare import aftercare_html, read_words, shipped_words
from playlistkit.workflow.output.export import load_plan
from playlistkit.workflow.session.played import collect, drop, heard_tracks, played, read_record, record_of


@pytest.fixture
def plan(demo_folder: Path) -> Plan:
    return load_plan(demo_folder / "session.json")


def record(plan: Plan, *, ended: bool = True) -> str:
    """The first track whole, the second skipped after 5 s, the third broken off by a crash after 30 s and gone on with."""
    one, two, three = (slot.track for slot in plan.slots[:3])
    lines = [(0.0, "begin", {"document": plan_json.dumps(plan)})]

    def sounds(track: str, start: float, end: float, into: float = 0.0) -> None:
        values = {"phase": "arrival", "rung": "session", "gain": -2.0, "level": -1.0, "from": into}
        lines.append((start, "track", {"id": track, "title": "", **values}))
        lines.append((end, "track ends", {"id": track, "seconds": end - start}))

    sounds(one.id, 0.0, 60.0)
    sounds(two.id, 58.0, 63.0)
    sounds(three.id, 62.0, 92.0)
    sounds(three.id, 92.0, 130.0, into=30.0)
    if ended:
        lines.append((130.0, "end", {}))
    return "".join(
        json.dumps({"elapsed": at, "position": at, "what": what, "values": values}) + "\n"
        for at, what, values in lines
    )


def test_the_plan_as_played_holds_what_sounded_and_when(plan: Plan, tmp_path: Path) -> None:
    file = tmp_path / "record.jsonl"
    file.write_text(record(plan) + '{"elapsed": 1', encoding="utf-8")  # a power cut within a line
    told = read_record(file)
    made = played(told)
    assert [(slot.track.id, slot.start, slot.duration) for slot in made.slots] == [
        (plan.slots[0].track.id, 0.0, 60.0),
        (plan.slots[2].track.id, 62.0, 68.0),  # what a crash cut in two is one
    ]
    assert made.slots[0].gain == -3.0
    assert made.slots[0].features == plan.slots[0].features
    assert heard_tracks(told) == [plan.slots[0].track.id, plan.slots[2].track.id]


def test_a_client_remembers_what_was_heard_and_forgets_the_record(plan: Plan, tmp_path: Path) -> None:
    place = Place(tmp_path / "session")
    place.make()
    place.write(place.options_file, json.dumps({"client": "Heron"}))
    place.record_file.write_text(record(plan, ended=False), encoding="utf-8")
    with Library(tmp_path / "library.db") as library:
        planned = [slot.track.id for slot in (*plan.slots, *plan.tail)]
        library.clients.remember("Heron", planned)
        assert collect(library, place.folder) is None  # it may be gone on with
        place.record_file.write_text(record(plan), encoding="utf-8")
        assert collect(library, place.folder) == ("Heron", 1)
        assert library.clients.sessions("Heron")[0].tracks == (planned[0], planned[2])
        assert not place.record_file.exists()
        assert not place.options_file.exists()
        assert len(record_of(library, "Heron").events) == 10
        library.clients.forget("Heron")
    assert b"track ends" not in (tmp_path / "library.db").read_bytes()


def test_forgetting_a_client_deletes_a_session_that_was_not_collected(plan: Plan, tmp_path: Path) -> None:
    place = Place(tmp_path / "session")
    place.make()
    place.write(place.options_file, json.dumps({"client": "Heron"}))
    place.record_file.write_text(record(plan, ended=False), encoding="utf-8")
    drop("Wren", place.folder)
    assert place.record_file.exists()
    drop("Heron", place.folder)
    assert list(place.folder.iterdir()) == [place.folder / "lock"]


def test_what_is_no_record_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"elapsed": 0, "position": 0, "what": "begin"}\n{}\n{}\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"x\.jsonl:2: is not a line of a session record"):
        read_record(file)


def test_the_sheet_lists_music_only_if_asked_and_escapes_it(plan: Plan) -> None:
    words = read_words(shipped_words())
    slot = dataclasses.replace(plan.slots[0], track=dataclasses.replace(plan.slots[0].track, title="<b>Sea"))
    named = aftercare_html(words, dataclasses.replace(plan, slots=(slot,)))
    assert "&lt;b&gt;Sea" in named
    assert words.music_heading in named
    assert words.music_heading not in aftercare_html(words)
    for line in (*words.urgent, *words.ordinary, *words.journal, words.closing):
        assert line.split("(")[0].split("'")[0] in named
    assert "http" not in named


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("titel: x\n", "unknown text 'titel'; did you mean 'title'"),
        ("urgent: none\n", "urgent: give a list of texts, not 'none'"),
        ("title: [\n", "not valid YAML"),
    ],
)
def test_faulty_words_are_told_in_a_sentence(change: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_words(shipped_words() + change, "own.yaml")
