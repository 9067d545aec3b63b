"""A push ends with exactly the planned playlist, once, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playlistkit.errors import InputError, SpotifyError
from playlistkit.model import Minutes, Phase, Plan, PlannedPhase, Session, Slot, Template, Track
from playlistkit.spotify.client import Client, ComeBack, Refused
from playlistkit.spotify.push import Pushed, mark_of, push
from playlistkit.spotify.tokens import Store

from .fake import Fault, Spotify

Connect = Callable[[], Client]


class Killed(BaseException):
    """The process ends here."""


class Killing(requests.Session):
    """Ends the process at its n-th request, before it is sent or after it was answered."""

    def __init__(self, at: int, after: bool) -> None:
        super().__init__()
        self.left = at
        self.after = after

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        answer = super().send(request, **kwargs)  # type: ignore[arg-type]
        if self.left == 0:
            raise Killed
        return answer


def plan_of(spotify: Spotify, count: int) -> Plan:
    slots = []
    for number in range(count):
        uri = spotify.add_track(f"Piece {number}", "Ana Ruiz")
        track = Track(f"{number:012x}", uri=uri, title=f"Piece {number}", artist="Ana Ruiz", duration=200)
        slots.append(Slot("peak", 200.0 * number, 200.0, track))
    phase = Phase("peak", Minutes(60, 30, 90), ((0, 0.5), (1, 0.5)), stands_for="peak")
    template = Template("Evening", (phase,), id="evening")
    return Plan(
        "Evening arc", Session(template), (PlannedPhase("peak", 0, 200.0 * count, 0, 3600, 0),), tuple(slots)
    )


def tracks_of(plan: Plan) -> list[Track]:
    return [slot.track for slot in plan.slots]


def uris_of(plan: Plan) -> list[str | None]:
    return [slot.track.uri for slot in plan.slots]


def run(client: Client, plan: Plan, state: Path, **options: object) -> Pushed:
    return push(client, plan, tracks_of(plan), state=state, **options)  # type: ignore[arg-type]


def assert_pushed_once(spotify: Spotify, plan: Plan) -> None:
    (made,) = spotify.playlists.values()
    assert made.items == uris_of(plan)
    assert made.name == plan.name
    assert mark_of(plan) in made.description


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_a_playlist_is_made_hidden_in_order_and_read_back(
    spotify: Spotify, connect: Connect, tmp_path: Path, count: int
) -> None:
    plan = plan_of(spotify, count)
    pushed = run(connect(), plan, tmp_path / "state.json")
    assert_pushed_once(spotify, plan)
    assert (pushed.made, pushed.tracks, pushed.differences) == (True, count, ())
    assert pushed.public is True  # told as Spotify reads it back


def test_a_second_push_changes_nothing(spotify: Spotify, connect: Connect, tmp_path: Path) -> None:
    plan = plan_of(spotify, 120)
    run(connect(), plan, tmp_path / "state.json", name="Blue")
    spotify.log.clear()
    pushed = run(connect(), plan, tmp_path / "state.json")
    assert (pushed.made, pushed.name) == (False, "Blue")
    assert {method for method, _ in spotify.log} == {"GET"}


def count_requests(spotify: Spotify, connect: Connect, plan: Plan, state: Path) -> int:
    spotify.log.clear()
    run(connect(), plan, state)
    requests_made = len(spotify.log)
    spotify.playlists.clear()
    return requests_made


@pytest.mark.parametrize("after", [False, True], ids=["before it is sent", "after its answer"])
@pytest.mark.parametrize("forget", [False, True], ids=["state kept", "state lost"])
def test_a_push_killed_at_any_request_is_finished_by_the_next(
    spotify: Spotify, connect: Connect, store: Store, tmp_path: Path, after: bool, forget: bool
) -> None:
    plan = plan_of(spotify, 230)
    total = count_requests(spotify, connect, plan, tmp_path / "count.json")
    assert total > 8
    for at in range(1, total + 1):
        spotify.playlists.clear()
        state = tmp_path / f"{at}.json"
        with pytest.raises(Killed):
            run(Client(store, session=Killing(at, after)), plan, state)
        if forget:
            state.unlink(missing_ok=True)
        run(connect(), plan, state)
        assert_pushed_once(spotify, plan)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    count=st.integers(1, 210),
    faults=st.dictionaries(
        st.integers(1, 25),
        st.builds(
            Fault,
            status=st.sampled_from([0, 500, 502, 503]),
            after=st.booleans(),
            body=st.sampled_from([None, "<html>Bad gateway</html>", {"error": "upstream"}]),
        ),
        max_size=8,
    ),
    kills=st.lists(st.tuples(st.integers(1, 20), st.booleans()), max_size=3),
)
def test_lost_answers_errors_and_kills_never_make_a_second_playlist(
    spotify: Spotify,
    connect: Connect,
    store: Store,
    tmp_path_factory: pytest.TempPathFactory,
    count: int,
    faults: dict[int, Fault],
    kills: list[tuple[int, bool]],
) -> None:
    spotify.__init__()  # type: ignore[misc]
    spotify.access[connect().authorization.sign_in.access_token] = spotify.scope
    plan = plan_of(spotify, count)
    state = tmp_path_factory.mktemp("state") / "state.json"
    spotify.faults = faults
    for at, after in kills:
        killed = Client(store, session=Killing(at, after), wait=lambda _: None)
        try:
            run(killed, plan, state)
        except (Killed, SpotifyError):
            continue
    for _ in range(12):
        try:
            run(connect(), plan, state)
            break
        except SpotifyError:
            continue
    assert_pushed_once(spotify, plan)


def test_a_creation_that_was_never_answered_is_found_by_its_mark(
    spotify: Spotify, connect: Connect, tmp_path: Path, waits: list[float]
) -> None:
    plan = plan_of(spotify, 3)
    spotify.faults = {3: Fault(0, after=True)}  # me, me/playlists, then the creation
    pushed = run(connect(), plan, tmp_path / "state.json")
    assert pushed.tracks == 3
    assert [each for each in spotify.log if each[0] == "POST"] == [("POST", "/v1/me/playlists")]
    assert_pushed_once(spotify, plan)


@pytest.mark.parametrize("unlisted", [1, 2])
def test_a_new_playlist_that_is_not_listed_yet_is_waited_for(
    spotify: Spotify, connect: Connect, tmp_path: Path, waits: list[float], unlisted: int
) -> None:
    plan = plan_of(spotify, 3)
    spotify.unlisted = 1 + unlisted  # the first listing comes before the creation
    spotify.faults = {3: Fault(0, after=True)}
    run(connect(), plan, tmp_path / "state.json")
    assert_pushed_once(spotify, plan)
    assert len(waits) == 1 + unlisted


@pytest.mark.parametrize("stale", [1, 3])
def test_writes_that_show_late_are_not_sent_again(
    spotify: Spotify, connect: Connect, tmp_path: Path, stale: int
) -> None:
    plan = plan_of(spotify, 250)
    spotify.stale = stale
    assert run(connect(), plan, tmp_path / "state.json").differences == ()
    assert_pushed_once(spotify, plan)
    assert [method for method, path in spotify.log if path.endswith("/items") and method != "GET"] == [
        "PUT",
        "POST",
        "POST",
    ]


def test_a_long_pause_stops_with_the_time_and_the_next_run_goes_on(
    spotify: Spotify, connect: Connect, tmp_path: Path, waits: list[float]
) -> None:
    plan = plan_of(spotify, 150)
    spotify.faults = {7: Fault(429, headers={"Retry-After": "86000"})}
    with pytest.raises(ComeBack, match=r"run the same command again after 20\d\d-\d\d-\d\d \d\d:\d\d"):
        run(connect(), plan, tmp_path / "state.json")
    assert sum(waits) == 0
    run(connect(), plan, tmp_path / "state.json")
    assert_pushed_once(spotify, plan)


def test_update_replaces_the_content_of_an_own_playlist_only(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 5)
    mine = spotify.add_playlist("Old", [uris_of(plan)[3]] * 200)
    mine.description = "Ana's own words"
    theirs = spotify.add_playlist("Theirs", [], owner="else")
    pushed = run(connect(), plan, tmp_path / "s", update=f"https://open.spotify.com/playlist/{mine.id}?si=1")
    assert pushed.id == mine.id
    assert (mine.items, mine.name, mine.description) == (uris_of(plan), "Old", "Ana's own words")
    run(connect(), plan, tmp_path / "s", update=mine.id, name="New")
    assert (mine.name, mine.description) == ("New", "Ana's own words")
    with pytest.raises(InputError, match="belongs to a client"):
        run(connect(), plan, tmp_path / "s", update=mine.id, private_words=["Ana"])
    with pytest.raises(Refused, match="not yours"):
        run(connect(), plan, tmp_path / "s", update=theirs.id)
    with pytest.raises(InputError, match="not a playlist"):
        run(connect(), plan, tmp_path / "s", update="my list")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Evening for KM-7", ["km-7"]),
        ("For José", ["jose"]),
        ("Monday, River", ["river", "x"]),
        ("Evening", ["eve"]),
    ],
)
def test_a_name_that_carries_a_client_is_refused_before_anything_is_sent(
    spotify: Spotify, connect: Connect, tmp_path: Path, name: str, words: list[str]
) -> None:
    plan = plan_of(spotify, 1)
    with pytest.raises(InputError, match="belongs to a client"):
        run(connect(), plan, tmp_path / "s", name=name, private_words=words)
    assert spotify.log == []
    run(connect(), plan, tmp_path / "s", name="Evening", private_words=["ve", "7"])


def test_what_spotify_gives_back_differently_is_told(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 3)
    _, second, third = (str(uri) for uri in uris_of(plan))
    spotify.tracks[second] = dict(spotify.tracks[third])  # given back as something else
    pushed = run(connect(), plan, tmp_path / "s")
    assert pushed.differences == ("track 2: Ana Ruiz - Piece 1 was sent, Spotify shows 'Piece 2'",)


def test_writes_that_never_show_end_with_what_differs(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 150)
    spotify.rule = lambda method, path: Fault(201, body={"snapshot_id": "x"}) if method == "POST" and path.endswith("items") else None  # fmt: skip
    pushed = run(connect(), plan, tmp_path / "s")
    assert pushed.differences == ("the playlist holds 100 tracks, the plan 150",)


def test_a_beginning_that_never_shows_is_written_twice_and_no_more(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 3)
    spotify.rule = lambda method, path: Fault(201, body={"snapshot_id": "x"}) if method == "PUT" and path.endswith("items") else None  # fmt: skip
    pushed = run(connect(), plan, tmp_path / "s")
    assert pushed.differences[0] == "the playlist holds 0 tracks, the plan 3"
    assert len([path for method, path in spotify.log if method == "PUT" and path.endswith("items")]) == 2


def test_another_release_of_the_same_recording_is_no_difference(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    uri = spotify.add_track("Piece", "Ana", isrc="GB-ABC-12-34567")
    spotify.tracks[uri]["uri"] = f"spotify:track:{'Z' * 22}"
    track = Track("0" * 12, uri=uri, title="Piece", isrc="GBABC1234567", duration=200)
    plan = plan_of(spotify, 1)
    assert push(connect(), plan, [track], state=tmp_path / "s").differences == ()


def test_a_cover_is_set_and_one_that_fails_is_a_warning(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 1)
    jpeg = b"\xff\xd8\xff" + bytes(1000)
    run(connect(), plan, tmp_path / "s", cover=jpeg)
    (made,) = spotify.playlists.values()
    assert made.cover == jpeg
    spotify.rule = lambda method, path: Fault(403, body={"error": {"message": "Insufficient client scope"}}) if path.endswith("images") else None  # fmt: skip
    pushed = run(connect(), plan, tmp_path / "s", cover=jpeg)
    assert "the picture was not set" in pushed.warnings[0]
    with pytest.raises(InputError, match="JPEG"):
        run(connect(), plan, tmp_path / "s", cover=b"\x89PNG")


def test_a_plan_with_a_track_that_is_not_on_spotify_is_refused(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 1)
    with pytest.raises(InputError, match="track 1, Someone - Home tape, is not on Spotify"):
        push(connect(), plan, [Track("0", title="Home tape", artist="Someone")], state=tmp_path / "s")


def test_what_spotify_gives_back_otherwise_does_not_keep_the_rest_from_being_sent(
    spotify: Spotify, connect: Connect, tmp_path: Path
) -> None:
    plan = plan_of(spotify, 120)
    third = str(uris_of(plan)[2])
    spotify.tracks[third] = dict(spotify.tracks[str(uris_of(plan)[3])])
    pushed = run(connect(), plan, tmp_path / "s")
    (made,) = spotify.playlists.values()
    assert len(made.items) == 120
    assert len(pushed.differences) == 1


def test_a_push_that_changes_nothing_says_so(spotify: Spotify, connect: Connect, tmp_path: Path) -> None:
    plan = plan_of(spotify, 120)
    assert run(connect(), plan, tmp_path / "s").changed
    spotify.log.clear()
    assert not run(connect(), plan, tmp_path / "s").changed
    assert {method for method, _ in spotify.log} == {"GET"}


def test_a_description_that_comes_back_as_null_is_left_alone(
    spotify: Spotify, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(spotify, 3)
    run(connect(), plan, tmp_path / "s")
    simple = spotify.simple
    monkeypatch.setattr(spotify, "simple", lambda playlist: simple(playlist) | {"description": None})
    pushed = run(connect(), plan, tmp_path / "s")
    assert len(spotify.playlists) == 1
    assert not pushed.changed
