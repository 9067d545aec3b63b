"""`build`: today's choices, and a client's series."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import made_music
import pytest
from click.testing import CliRunner

from playlistkit import template as templates
from playlistkit.cli import main
from playlistkit.errors import InputError, ShortfallError
from playlistkit.library import Library
from playlistkit.model import Pin, Plan, Template
from playlistkit.workflow.output.export import export
from playlistkit.workflow.planning.build import build, plan_for_client
from playlistkit.workflow.planning.relaxing import enough, ways_out
from playlistkit.workflow.planning.today import session

ALIAS = "Kingfisher-Quux"

TEXT = """
name: Small
phases:
  - {name: arrival, minutes: 10, energy: [0.12, 0.18], vocals: none, loudness: -24}
  - {name: peak, minutes: {default: 15, min: 10, max: 20}, energy: [0.20, 0.30], tempo: [55, 90], loudness: -23}
  - {name: return, minutes: 10, energy: [0.28, 0.18], loudness: -24}
  - {name: grounding, minutes: 6, energy: 0.16, loudness: -24, music: optional}
rules: {track_minutes: {min: 2, max: 10}, boundary_tolerance: 60, tail_minutes: 5}
variants:
  calm: {energy: -0.04, minutes: {arrival: 2}}
  slow: {energy: -0.02, tempo_max: 80}
"""
TEMPLATE = templates.parse(TEXT, "small.yaml")

LISTENING = templates.parse(
    """
name: Listening
phases:
  - {name: arrival, minutes: 5, energy: 0.15, repeats: allowed}
  - {name: recall, stands_for: return, minutes: 14, energy: 0.16, energy_tolerance: 0.06, repeats: last session}
rules: {track_minutes: {min: 2, max: 10}, boundary_tolerance: 60, tail_minutes: 0}
""",
    "listening.yaml",
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """For tests that keep nothing in it."""
    music = made_music.following(TEMPLATE, times=4)
    with made_music.keep(tmp_path_factory.mktemp("library"), music) as made:
        yield made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with made_music.keep(tmp_path / "library", made_music.following(TEMPLATE, times=6)) as made:
        yield made


def planned(library: Library, template: Template = TEMPLATE, **options: object) -> Plan:
    return build(template, library, effort="quick", **options)  # type: ignore[arg-type]


def ids(plan: Plan, phase: str | None = None) -> list[str]:
    return [slot.track.id for slot in plan.slots if phase in (None, slot.phase)]


def everything(plan: Plan) -> set[str]:
    return {slot.track.id for slot in (*plan.slots, *plan.tail)}


def a_track(library: Library, plan: Plan, low: float, high: float) -> str:
    """The id of a track that the plan leaves, of this energy."""
    return next(
        each.track.id
        for each in library.candidates()
        if low <= (each.features.energy or 0) <= high and each.track.id not in everything(plan)
    )


def test_a_choice_that_there_is_not_is_refused_with_the_nearest(shared: Library) -> None:
    with pytest.raises(TypeError, match="no choice 'minuets'; did you mean 'minutes'"):
        planned(shared, minuets={"peak": 20})


def test_a_pin_without_a_place_is_somewhere(shared: Library) -> None:
    track = a_track(shared, planned(shared), 0.22, 0.28)
    assert track in ids(planned(shared, pins=[track]))


@pytest.mark.parametrize(("place", "index"), [("first", 0), ("last", -1)])
def test_a_pin_opens_or_closes_its_phase(place: str, index: int, shared: Library) -> None:
    track = a_track(shared, planned(shared), 0.22, 0.28)
    assert ids(planned(shared, pins=[f"{track}@peak:{place}"]), "peak")[index] == track


def test_a_pin_stands_in_its_phase_by_title_too(shared: Library) -> None:
    track = a_track(shared, planned(shared), 0.22, 0.28)
    title = shared.get(track).track.title
    assert track in ids(planned(shared, pins=[f"{title}@return"]), "return")
    assert track in ids(planned(shared, pins=[Pin(track, phase="peak")]), "peak")


def test_a_pin_plays_at_its_time(shared: Library) -> None:
    track = a_track(shared, planned(shared), 0.22, 0.28)
    plan = planned(shared, pins=[f"{track}@0:18:30"])
    slot = next(slot for slot in plan.slots if slot.track.id == track)
    assert slot.start <= 18.5 * 60 < slot.end


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ("nothing@peak", "nothing"),
        ("{track}@peek", "did you mean '{track}@peak'"),
        ("{track}@9:00:00", "outside the session"),
    ],
)
def test_a_pin_that_means_nothing_is_refused(pin: str, told: str, shared: Library) -> None:
    track = shared.candidates()[0].track.id
    with pytest.raises(InputError) as raised:
        planned(shared, pins=[pin.format(track=track)])
    assert told.format(track=track) in str(raised.value)


def test_excluded_tracks_and_artists_are_nowhere(shared: Library) -> None:
    plan = planned(shared)
    track, artist = plan.slots[0].track, plan.slots[4].track.artist
    again = planned(shared, exclude=[str(track.title), str(artist).upper().replace(" ", "-")])
    assert track.id not in everything(again)
    assert artist not in {slot.track.artist for slot in (*again.slots, *again.tail)}
    assert track.id not in {each.track.id for ready in again.reserves.values() for each in ready}


def test_variants_combine_towards_the_gentler_in_any_order(shared: Library) -> None:
    one, two = (planned(shared, variants=names) for names in (("calm", "slow"), ("slow", "calm")))
    assert one.template == two.template
    assert ids(one) == ids(two)
    arrival, peak = one.template.phases[:2]
    assert arrival.minutes.default == 12
    assert peak.energy == ((0.0, 0.16), (1.0, 0.26))
    assert peak.tempo == (55, 80)
    assert one.session.variants == ("calm", "slow")


def test_minutes_asked_for_are_planned(shared: Library) -> None:
    plan = planned(shared, minutes={"peak": 20})
    peak = next(phase for phase in plan.phases if phase.name == "peak")
    assert peak.target_end - peak.target_start == 20 * 60
    assert abs(peak.residual) <= 60


def test_an_optional_phase_is_left_out_by_zero_minutes(shared: Library) -> None:
    plan = planned(shared, minutes={"grounding": 0})
    assert [phase.name for phase in plan.phases] == ["arrival", "peak", "return"]
    assert plan.duration == pytest.approx(35 * 60, abs=60)
    with pytest.raises(InputError, match="can't be left out"):
        planned(shared, minutes={"peak": 0})


def test_a_series_repeats_no_track(library: Library) -> None:
    sessions = [everything(planned(library, client=ALIAS)) for _ in range(3)]
    assert not sessions[0] & sessions[1]
    assert not (sessions[0] | sessions[1]) & sessions[2]
    assert len(library.clients.sessions(ALIAS)) == 3


def test_two_builds_at_once_for_one_client_share_no_track(library: Library) -> None:
    begin = threading.Barrier(2)

    def at_once(_: int) -> set[str]:
        with Library(library.path) as own:
            begin.wait()
            return everything(planned(own, client=ALIAS))

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(at_once, range(2))
    assert not one & two
    assert len(library.clients.sessions(ALIAS)) == 2


def test_a_session_that_is_overtaken_is_planned_anew_and_refused_if_that_never_ends(library: Library) -> None:
    whole = build(TEMPLATE, library)
    slots = iter(whole.slots)
    told: list[str] = []

    def planned() -> Plan:
        """Another process stores the same track first."""
        slot = next(slots)
        library.clients.remember(ALIAS, [slot.track.id])
        return replace(whole, slots=(slot,), tail=())

    def again() -> None:
        told.append("again")

    with pytest.raises(InputError, match="keep being planned at the same time"):
        plan_for_client(library, ALIAS, planned, write=lambda _: told.append("written"), overtaken=again)
    assert set(told) == {"again"}
    _, number = plan_for_client(library, ALIAS, lambda: replace(whole, slots=tuple(slots)), overtaken=again)
    assert number == len(told) + 1


def test_a_plan_that_could_not_be_written_is_not_remembered(library: Library) -> None:
    whole = build(TEMPLATE, library)

    def full(_: Plan) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        plan_for_client(library, ALIAS, lambda: whole, write=full)
    assert library.clients.used(ALIAS) == set()


@pytest.mark.parametrize("name", [ALIAS, "for kingfisher quux", "XKINGFISHERQUUX2", "Kingfísher_Quux's arc"])
def test_a_name_that_gives_a_client_away_is_refused_before_anything_is_planned(
    library: Library, name: str
) -> None:
    library.clients.mark(ALIAS, library.candidates()[0].track.id, "keep")
    with pytest.raises(InputError, match="the alias of a client"):
        planned(library, name=name)
    assert planned(library, name="Fisher King").name == "Fisher King"


def test_planning_a_session_again_uses_up_no_tracks(library: Library) -> None:
    first = planned(library, client=ALIAS)
    second = planned(library, client=ALIAS)
    again = planned(library, client=ALIAS, client_session=2)
    assert ids(again) == ids(second)
    other = planned(library, client=ALIAS, client_session=2, exclude=[ids(second)[0]])
    assert not everything(other) & everything(first)
    assert [set(each.tracks) for each in library.clients.sessions(ALIAS)] == [
        everything(first),
        everything(other),
    ]


def test_a_session_that_is_not_remembered_can_not_be_planned_again(library: Library) -> None:
    for client, told in ((None, "name the client"), (ALIAS, "there are none yet")):
        with pytest.raises(InputError, match=told):
            planned(library, client=client, client_session=2)
    planned(library, client=ALIAS)
    with pytest.raises(InputError, match="there are 1"):
        planned(library, client=ALIAS, client_session=2)


def test_nothing_is_remembered_of_a_plan_that_could_not_be_made(library: Library) -> None:
    loud = templates.parse("{name: Loud, phases: [{name: peak, minutes: 10, energy: 0.95}]}", "loud.yaml")
    with pytest.raises(ShortfallError):
        planned(library, loud, client=ALIAS)
    assert library.clients.list() == []


def test_a_clients_own_marks_hold_for_that_client_alone(library: Library) -> None:
    plan = planned(library)
    unwanted = ids(plan)[0]
    others = [each.track.id for each in library.candidates() if each.track.id not in everything(plan)]
    wanted = set(others[::2])
    for alias in (ALIAS, "Heron-Quux"):
        library.clients.mark(alias, unwanted, "avoid")
    for track in wanted:
        library.clients.mark(ALIAS, track, "keep")
    own, without_wishes = planned(library, client=ALIAS), planned(library, client="Heron-Quux")
    assert unwanted not in everything(own)
    assert len(wanted & set(ids(own))) > len(wanted & set(ids(without_wishes)))
    assert ids(planned(library, client="Somebody else")) == ids(plan)


def test_listening_again_takes_the_calmer_tracks_of_the_last_session_in_their_order(library: Library) -> None:
    planned(library, client=ALIAS)
    last = planned(library, client=ALIAS)
    heard = [*ids(last), *(slot.track.id for slot in last.tail)]
    listening = planned(library, LISTENING, client=ALIAS)
    recalled = ids(listening, "recall")
    assert len(recalled) >= 2
    assert [heard.index(track) for track in recalled] == sorted(heard.index(track) for track in recalled)
    assert all((slot.features.energy or 0) <= 0.22 for slot in listening.slots if slot.phase == "recall")
    assert len(library.clients.sessions(ALIAS)) == 2  # it is no session of its own
    assert ids(planned(library, LISTENING, client=ALIAS)) == ids(listening)


def test_without_a_last_session_listening_takes_any_music_and_says_so(library: Library) -> None:
    plan = planned(library, LISTENING)
    assert any("draw on the client's last session" in warning for warning in plan.warnings)


def test_a_last_session_too_short_to_recall_is_a_shortfall_that_says_so(library: Library) -> None:
    library.clients.remember(ALIAS, [library.candidates()[0].track.id])
    with pytest.raises(ShortfallError) as raised:
        planned(library, LISTENING, client=ALIAS)
    assert raised.value.shortfalls[0].rule == "last_session"
    assert "not in the last session" in raised.value.shortfalls[0].text
    bent = planned(library, LISTENING, client=ALIAS, best_effort=True)
    assert any(slot.bends for slot in bent.slots)


def test_a_phase_that_allows_repeats_takes_what_was_heard(library: Library) -> None:
    familiar = replace(TEMPLATE, phases=tuple(replace(phase, repeats="allowed") for phase in TEMPLATE.phases))
    first = planned(library, familiar, client=ALIAS)
    assert ids(planned(library, familiar, client=ALIAS)) == ids(first)


def test_the_alias_is_in_no_plan_and_no_exported_file(library: Library, tmp_path: Path) -> None:
    planned(library, client=ALIAS)
    plan = planned(library, client=ALIAS)
    library.clients.mark(ALIAS, ids(plan)[0], "keep")
    assert ALIAS not in repr(plan)
    suffixes = (".m3u8", ".m3u", ".xspf", ".jspf", ".csv", ".json", ".html", ".png", ".svg")
    files = [tmp_path / f"session{suffix}" for suffix in suffixes]
    export(plan, *files)
    earlier = library.clients.sessions(ALIAS)[0].tracks
    for file in files:
        written = file.read_bytes()
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert ALIAS.encode(encoding).lower() not in written.lower()
    assert not any(track.encode() in files[5].read_bytes() for track in earlier)


def test_the_command_says_which_session_it_was_and_not_whose(library: Library, tmp_path: Path) -> None:
    template = tmp_path / "small.yaml"
    template.write_text(TEXT, encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(
            main, ["--library", str(library.path), "build", str(template), "--effort", "quick", *arguments]
        )
        return done.exit_code, done.output

    assert run("--client", ALIAS)[0] == 0
    code, told = run("--client", ALIAS)
    assert code == 0
    assert "remembered as session 2; --session 2 plans it again" in told
    assert ALIAS not in told
    code, told = run("--client", ALIAS, "--session", "2")
    assert "remembered as session 2" in told
    assert run("--session", "2")[0] == 2
    assert len(library.clients.sessions(ALIAS)) == 2


def test_a_template_is_shown_with_its_repeats_and_its_hold() -> None:
    shown = CliRunner().invoke(main, ["templates", "show", "integration"]).output
    assert "only tracks of the client's last session, in order" in shown
    assert "may be repeated" in shown
    assert "no rise of more than 3 min from minute 20 to 30 (blood pressure" in (
        CliRunner().invoke(main, ["templates", "show", "phases"]).output
    )


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        ({"variants": "calm"}, r"give a list, \['calm'\]"),
        ({"pins": "Desert@peak"}, r"give a list, \['Desert@peak'\]"),
        ({"exclude": "Desert"}, r"give a list, \['Desert'\]"),
        ({"player": "vlc"}, "player 'vlc' must be one of files, spotify, render"),
    ],
)
def test_a_choice_that_only_a_type_checker_might_see_is_refused(
    shared: Library, choice: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        build(TEMPLATE, shared, **choice)  # type: ignore[arg-type]


def test_what_is_said_to_be_enough_gives_a_plan_and_a_little_less_does_not(shared: Library) -> None:
    narrow = replace(TEMPLATE.phases[1], energy=((0.0, 0.5), (1.0, 0.5)), energy_tolerance=0.05, tempo=None)
    arc = replace(TEMPLATE, phases=(TEMPLATE.phases[0], narrow, *TEMPLATE.phases[2:]))
    with pytest.raises(ShortfallError) as caught:
        build(arc, shared)
    why = caught.value.diagnosis
    assert why is not None
    suffices = enough(shared, session(arc, shared), why)
    assert [each.partition("=")[0] for each in suffices] == ["energy@peak"]
    assert build(arc, shared, give_up=suffices).slots
    value = float(suffices[0].partition("=")[2])
    with pytest.raises(ShortfallError):
        build(arc, shared, give_up=[f"energy@peak={value - 0.1:g}"])
    ways = ways_out(arc, why, suffices)
    assert ways[0].give_up == suffices
    assert ways[0].what == f"Let peak take energy {value:g} below its curve and 0.15 above"
