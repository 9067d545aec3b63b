"""Features from a service: what is sent, byte for byte, and what is taken of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from playlistkit.cli import main
from playlistkit.errors import ServiceError
from playlistkit.library import Library
from playlistkit.library.services import ServiceMemory
from playlistkit.model import Features, Track
from playlistkit.workflow.spotify import fetch_features

from .fake_service import Service


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library.db") as opened:
        yield opened


def key(number: int) -> str:
    return f"{number:022d}"


def add(library: Library, number: int, **more: Any) -> str:
    track = Track("", uri=f"spotify:track:{key(number)}", title=f"Secret {number}", duration=200.0, **more)
    return library.add_uri(track)


def error(code: int, status: int = 400) -> tuple[int, dict[str, str], bytes]:
    return status, {}, json.dumps({"code": code}).encode()


def test_nothing_is_sent_but_ids(service: Service, library: Library) -> None:
    for number in range(90):
        add(library, number, artist="Heron")
        service.knows(key(number), energy=number / 100)
    library.clients.mark("Kestrel", library.candidates()[0].track.id, "avoid")
    fetch_features(library, "reccobeats")
    assert len(service.raw) == 3
    asked = []
    for raw in service.raw:
        first, *headers = raw.decode().splitlines()
        method, path, _ = first.split(" ")
        ids = path.removeprefix("/v1/audio-features?ids=").split(",")
        assert method == "GET"
        assert all(len(each) == 22 and each.isdecimal() for each in ids)
        assert len(ids) <= 40
        asked += ids
        names = {line.split(":")[0] for line in headers}
        assert names <= {
            "Host",
            "Accept",
            "User-Agent",
            "Connection",
            "Accept-Encoding",
        }  # no cookie, no auth
        assert "python" not in raw.decode().lower()
        assert "playlistkit" not in raw.decode().lower()
    assert sorted(asked) == [key(number) for number in range(90)]


def test_a_dry_run_prints_the_requests_and_sends_nothing(service: Service, library: Library) -> None:
    add(library, 1)
    path = str(library.path)
    done = CliRunner().invoke(
        main, ["--library", path, "spotify", "features", "--from", "reccobeats", "--dry-run"]
    )
    assert done.exit_code == 0
    assert done.stdout.strip() == f"GET {service.url}/audio-features?ids={key(1)}"
    assert "internet address" in done.stderr
    assert service.raw == []


def test_a_service_must_be_named(library: Library) -> None:
    assert CliRunner().invoke(main, ["--library", str(library.path), "spotify", "features"]).exit_code == 2


def test_answers_are_joined_by_id_and_brought_to_our_scale(service: Service, library: Library) -> None:
    tracks = [add(library, number) for number in range(3)]
    service.knows(key(0), energy=0.05, tempo=61.0)
    service.knows(key(2), energy=0.21, tempo=62.0, instrumentalness=0.5)
    report = fetch_features(library, "reccobeats", instrumentalness=True)
    assert (report.asked, report.found, report.unknown, report.lacking) == (3, 2, 1, 1)
    first, second, third = (library.get(each) for each in tracks)
    assert (first.features.energy, first.features.tempo, first.features.vocals) == (0.25, 61.0, "none")
    assert second.features == Features()
    assert (third.features.energy, third.features.tempo, third.features.vocals) == (0.75, 62.0, None)
    assert first.sources["energy"] == "imported"
    answers = ServiceMemory(library, "reccobeats").answers()
    assert "energy" in answers[tracks[0]].names
    assert answers[tracks[1]].names == ()


def test_measured_imported_and_set_values_stay(service: Service, library: Library) -> None:
    track = add(library, 1)
    library.set_features(track, {"energy": 0.9}, "measured")
    library.set_features(track, {"loudness": -9.0}, "imported")
    service.knows(key(1))
    fetch_features(library, "reccobeats")
    found = library.get(track)
    assert (found.features.energy, found.features.loudness, found.features.tempo) == (0.9, -9.0, 60.0)
    assert found.sources["energy"] == "measured"


def test_what_is_not_known_there_is_not_asked_for_again(service: Service, library: Library) -> None:
    add(library, 1)
    fetch_features(library, "reccobeats")
    fetch_features(library, "reccobeats")
    assert len(service.raw) == 1
    fetch_features(library, "reccobeats", again=True)
    assert len(service.raw) == 2


def test_another_recording_is_not_taken(service: Service, library: Library) -> None:
    mine, double = add(library, 1, isrc="DEA123456789"), add(library, 2)
    service.knows(key(1), isrc="USB987654321")
    service.knows(key(2), energy=0.1)
    service.knows(key(2), energy=0.3)
    report = fetch_features(library, "reccobeats")
    assert library.get(mine).features.energy is None
    assert library.get(double).features.energy is None
    assert len(report.refused) == 2
    assert "USB987654321" in "".join(report.refused)


def test_of_two_rows_the_one_of_the_recording_is_taken(service: Service, library: Library) -> None:
    track = add(library, 1, isrc="DEA123456789")
    service.knows(key(1), isrc="USB987654321", tempo=99.0)
    service.knows(key(1), isrc="DE-A12-34-56789", tempo=71.0)
    fetch_features(library, "reccobeats")
    assert library.get(track).features.tempo == 71.0


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"energy": 0.5, "tempo": 120.0}, "all 6 tracks"),
        ({"energy": 61}, "0 to 1"),
        ({"energy": -0.2}, "0 to 1"),
    ],
)
def test_what_nobody_can_have_measured_is_refused(
    service: Service, library: Library, values: dict[str, Any], told: str
) -> None:
    for number in range(6):
        add(library, number)
        service.knows(key(number), **({"loudness": -20.0 - number} | values))
    with pytest.raises(ServiceError, match="don't look measured") as raised:
        fetch_features(library, "reccobeats")
    assert told in str(raised.value)
    assert all(each.features == Features() for each in library.candidates())


Fail = tuple[int, dict[str, str], bytes]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([error(4001)], "rejects one of the ids"),
        ([error(4002)], "list of ids"),
        ([error(4004)], "its interface has changed"),
        ([(429, {"Retry-After": "4000"}, b"{}")], "in 67 min"),
        ([(429, {}, b"{}")], "later"),
        ([(503, {}, b"<html>")] * 4, "has trouble"),
        ([(200, {}, b"<html>")], "can't be read"),
        ([(200, {}, b'{"content": 5}')], "can't be read"),
        ([(200, {}, b"[" * 100_000)], "can't be read"),
        ([(302, {"Location": "http://127.0.0.1:9/"}, b"")], "status 302"),
    ],
)  # fmt: skip
def test_every_failure_is_a_sentence_and_what_came_before_stays(
    service: Service, library: Library, answers: list[Fail], told: str
) -> None:
    tracks = [add(library, number) for number in range(41)]
    for number in range(41):
        service.knows(key(number), energy=number / 100, tempo=60.0 + number, loudness=-number / 2)
    good = json.dumps(
        {"content": [row for number in range(41) for row in service.rows[key(number)]]}
    ).encode()
    service.queue = [(200, {}, good), *answers]
    waits: list[float] = []
    with pytest.raises(ServiceError, match=told):
        fetch_features(library, "reccobeats", wait=waits.append)
    assert sum(library.get(each).features.energy is not None for each in tracks) == 40
    assert all(seconds < 61 for seconds in waits)


@pytest.mark.parametrize("passing", [error(4291, 429), (503, {}, b""), (429, {"Retry-After": "2"}, b"")])
def test_a_short_trouble_is_waited_out(service: Service, library: Library, passing: Fail) -> None:
    status, headers, body = passing
    service.queue = [(status, headers | {"Retry-After": "2"}, body)]
    track = add(library, 1)
    service.knows(key(1))
    waits: list[float] = []
    fetch_features(library, "reccobeats", wait=waits.append)
    assert library.get(track).features.energy == 0.25
    assert waits == [2.0]


def test_nothing_known_is_no_failure(service: Service, library: Library) -> None:
    add(library, 1)
    service.queue = [error(4041, 404)]
    assert fetch_features(library, "reccobeats").unknown == 1


def test_the_sign_in_never_goes_there(
    service: Service,
    library: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    store: Callable[[], object],
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login heron password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    add(library, 1)
    fetch_features(library, "reccobeats")
    assert b"uthorization" not in service.raw[0]
