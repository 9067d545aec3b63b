"""The arc in the terminal and as a picture: what is in them, for any plan."""

from __future__ import annotations

import dataclasses
import itertools
import re
import sys
import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit import report
from playlistkit.model import Features, Minutes, Phase, Plan, Session, Slot, Template, Track
from playlistkit.report.arc import COLORS
from playlistkit.report.drawing import template_drawing
from playlistkit.report.playback import played
from playlistkit.report.sheet import DARK
from playlistkit.report.words import flagged_joins, remarks


def titled(plan: Plan, title: str) -> Plan:
    """The plan with a title on its first track, and as artist, name, reason, phase note and warning."""
    slot = plan.slots[0]
    slot = dataclasses.replace(
        slot, track=dataclasses.replace(slot.track, title=title, artist=title), reason=title, bends=(title,)
    )
    return dataclasses.replace(plan, name=title, slots=(slot, *plan.slots[1:]), warnings=(title,))


def bare() -> Plan:
    """One track of which nothing is known."""
    session = Session(Template("nothing", ()))
    return Plan("bare", session, (), (Slot("peak", 0.0, 100.0, Track("a")),))


# --- what is heard


def test_energy_runs_through_each_track_on_the_session_s_clock(three_hours: Plan) -> None:
    for track in played(three_hours):
        times = [t for t, _ in track.energy]
        assert times == sorted(times)
        assert times[0] == track.slot.start
        assert times[-1] == track.slot.end


def test_loudness_is_shown_as_played(three_hours: Plan) -> None:
    slots = tuple(dataclasses.replace(slot, gain=3.0) for slot in three_hours.slots)
    louder = played(dataclasses.replace(three_hours, slots=slots))
    assert louder[0].level == pytest.approx(played(three_hours)[0].level + 3.0)
    spotify = dataclasses.replace(three_hours.session, player="spotify")
    levels = {
        round(track.level or 0, 6) for track in played(dataclasses.replace(three_hours, session=spotify))
    }
    assert levels == {-14.0}


def test_without_a_curve_start_body_and_end_are_drawn() -> None:
    plan = bare()
    features = Features(energy=0.3, energy_start=0.1, energy_end=0.2)
    (track,) = played(
        dataclasses.replace(plan, slots=(dataclasses.replace(plan.slots[0], features=features),))
    )
    assert track.energy == ((0.0, 0.1), (30.0, 0.3), (70.0, 0.3), (100.0, 0.2))


def test_the_join_that_rises_too_far_is_flagged(three_hours: Plan) -> None:
    ((number, (reason,)),) = flagged_joins(three_hours).items()
    assert number == 15
    assert not any(str(slot.track.title) in reason for slot in three_hours.slots)  # they stand beside it


def test_what_is_said_of_several_tracks_is_said_once(three_hours: Plan) -> None:
    def unknown(number: int) -> str:
        slot = slots[number - 1]
        return (
            f"Track {number}, {slot.track.title}: nobody knows whether anyone sings in it, in {slot.phase}."
        )

    slots = tuple(
        dataclasses.replace(slot, features=dataclasses.replace(slot.features, vocals=None))
        if number in (2, 3, 5, 8)
        else slot
        for number, slot in enumerate(three_hours.slots, 1)
    )
    warnings = (unknown(2), unknown(3), "Something else.", unknown(5), unknown(8))
    told = remarks(dataclasses.replace(three_hours, slots=slots, warnings=warnings, shortfalls=()))
    assert told == [
        f"Tracks 2, 3 and 5: nobody knows whether anyone sings in it, in {slots[1].phase}.",
        "Something else.",
        unknown(8),
    ]
    assert slots[7].phase != slots[4].phase == slots[1].phase


def test_what_a_flagged_join_says_is_not_said_again(three_hours: Plan) -> None:
    ((number, (reason,)),) = flagged_joins(three_hours).items()
    titles = " to ".join(str(slot.track.title) for slot in three_hours.slots[number - 1 : number + 1])
    told = (f"Join {number}: {titles} {reason}", f"Not {titles} {reason}")
    plan = dataclasses.replace(three_hours, warnings=told, shortfalls=())
    assert remarks(plan)[:1] == [f"Not {titles} {reason}"]


def test_arcs_that_stand_beside_each_other_have_one_scale() -> None:
    def arc(minutes: float, energy: float) -> Template:
        phase = Phase("peak", Minutes(minutes, 5, 600), ((0.0, energy), (1.0, energy)))
        return Template(f"{minutes:g}", (phase,))

    def scale(drawing: str) -> list[str]:
        return re.findall("<text.*?</text>", drawing)

    both = arc(30, 0.2), arc(300, 0.8)
    small, large = (template_drawing(each, beside=both, words=False) for each in both)
    assert scale(small) == scale(large)
    assert scale(template_drawing(both[0], words=False)) != scale(small)


# --- in the terminal


@pytest.mark.parametrize("width", [30, 40, 59, 60, 80, 100, 137])
@pytest.mark.parametrize("unicode", [True, False])
def test_no_line_is_wider_than_the_terminal(width: int, unicode: bool, three_hours: Plan) -> None:
    plan = titled(three_hours, "静かな部屋のための長い長い音楽の題名 " * 3)
    text = report.arc_text(dataclasses.replace(plan, name="n"), width=width, unicode=unicode)
    for line in text.splitlines():
        columns = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line)
        assert columns <= width, line


def test_every_track_phase_and_remark_is_told(three_hours: Plan) -> None:
    text = report.arc_text(three_hours, width=120)
    for slot in (*three_hours.slots, *three_hours.tail):
        assert (slot.track.title or "") in text
    for words in (
        "first session, sound-sensitive", "4 s late", "1 s early", "joins to check by ear", "3.6 LU louder",
        "tail, after the planned end", "its voice is unknown", "peak lacks 2.5 min",
    ):  # fmt: skip
        assert words in text


def test_plain_text_is_ascii_and_has_no_colour(three_hours: Plan) -> None:
    text = report.arc_text(three_hours, unicode=False)
    assert text.isascii()
    assert "\x1b" not in text
    assert "#####" in text


def test_colours_end_where_they_begin(three_hours: Plan) -> None:
    colored = report.arc_text(three_hours, color=True)
    assert "\x1b[1m" in colored
    for line in colored.splitlines():
        assert line.count("\x1b[") == 2 * line.count("\x1b[0m")


def test_the_target_is_marked_even_where_the_music_is_far_from_it(three_hours: Plan) -> None:
    slots = tuple(dataclasses.replace(slot, features=Features(energy=0.9)) for slot in three_hours.slots)
    text = report.arc_text(dataclasses.replace(three_hours, slots=slots), unicode=False)
    lines = text.splitlines()
    chart = lines[lines.index("") + 1 :][:8]
    columns = {k for line in chart for k, sign in enumerate(line) if sign == "-"}
    assert len(columns) > 60


@given(title=st.text(st.characters(exclude_categories=()), max_size=30))
@settings(max_examples=20)
def test_a_title_cannot_send_commands_to_the_terminal(title: str, three_hours: Plan) -> None:
    few = dataclasses.replace(three_hours, slots=three_hours.slots[:3])
    text = report.arc_text(titled(few, f"\x1b[2J{title}\n\x07"))
    assert "\x1b" not in text
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert len(text.splitlines()) == len(text.split("\n"))


def test_a_track_of_which_nothing_is_known_is_still_shown() -> None:
    assert "not known" in report.arc_text(bare())
    assert report.arc_png(bare()).startswith(b"\x89PNG")
    assert "<h1>bare</h1>" in report.sheet_html(bare())


@pytest.mark.parametrize(
    ("clarity", "told"), [(None, "110"), (0.3, "110"), (0.29, "~110"), (0.0, "~110")]
)  # None: told by somebody, or by a service
def test_a_tempo_whose_beat_is_hardly_felt_is_marked_and_explained(clarity: float | None, told: str) -> None:
    features = Features(tempo=110.4, pulse_clarity=clarity)
    slot = dataclasses.replace(bare().slots[0], phase="tail", features=features)
    plan = dataclasses.replace(bare(), slots=(slot,))
    text, page = report.arc_text(plan, width=100), report.sheet_html(plan)
    assert told in text.split()
    assert f">{told}</td>" in page
    for shown in text, page:
        assert ("barely felt" in shown) == told.startswith("~")


# --- as a picture


def test_the_figure_needs_no_window_system(three_hours: Plan) -> None:
    figure = report.arc_figure(three_hours)
    assert len(figure.axes) == 3
    assert "matplotlib.pyplot" not in sys.modules


def test_the_picture_names_phases_minutes_tracks_and_marks(three_hours: Plan) -> None:
    svg = report.arc_svg(three_hours, inline=True)
    words = {each.text for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")}
    assert {
        "arrival",
        "40 min",
        "grounding",
        "tail",
        "16 min",
        "1",
        "32",
        "energy",
        "loudness, LUFS",
        "tempo, BPM",
    } <= words
    assert {"target", "as it plays", "pinned", "join to check by ear"} <= words


def test_numbers_of_many_short_tracks_do_not_run_together(three_hours: Plan) -> None:
    slots = tuple(
        dataclasses.replace(three_hours.slots[0], start=60.0 * k, duration=60.0) for k in range(180)
    )
    figure = report.arc_figure(dataclasses.replace(three_hours, slots=slots, tail=()))
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text().isdigit()]
    assert len(boxes) > 30
    assert all(one.x1 < two.x0 for one, two in itertools.pairwise(boxes))


def test_the_same_plan_gives_the_same_picture(three_hours: Plan) -> None:
    assert report.arc_svg(three_hours) == report.arc_svg(three_hours)
    assert report.arc_png(three_hours) == report.arc_png(three_hours)


def test_a_dollar_in_a_name_is_no_formula(three_hours: Plan) -> None:
    plan = dataclasses.replace(three_hours, name="$x$ and \\frac")
    assert report.arc_svg(plan)


def luminance(color: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    shares = [int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colors", [COLORS, DARK], ids=["light", "dark"])
def test_all_that_is_read_stands_out_from_its_ground(colors: dict[str, str]) -> None:
    for ground in ("paper", "band", "tolerance"):
        for name in ("ink", "target", "played"):
            high, low = sorted((luminance(colors[name]), luminance(colors[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= 4.5, (name, ground)
    for name in ("quiet", "flag"):
        high, low = sorted((luminance(colors[name]), luminance(colors["paper"])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, name
    assert set(DARK) == set(COLORS)


def test_gaps_between_tracks_are_told_once_with_their_cure_and_flag_no_join(three_hours: Plan) -> None:
    gaps = {2: 5.0, 6: 4.04}
    slots = tuple(
        dataclasses.replace(slot, features=dataclasses.replace(slot.features, silence_end=gaps.get(k, 0.0)))
        for k, slot in enumerate(three_hours.slots)
    )
    plan = dataclasses.replace(three_hours, slots=slots)
    assert flagged_joins(plan) == flagged_joins(three_hours)
    told = [each for each in remarks(plan) if "silence" in each]
    assert told == [
        'More than 4 s of silence at the join into track 4, 5.0 s. The player "render" closes every gap.'
    ]
