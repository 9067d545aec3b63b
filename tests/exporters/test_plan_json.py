"""The plan as JSON: what goes out comes back, and what is damaged is told."""

from __future__ import annotations

import dataclasses
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playlistkit.errors import ExportError, InputError
from playlistkit.exporters import plan_json
from playlistkit.exporters.plan_values import Values
from playlistkit.model import Curve, Features, Plan, Slot, Track

from . import damaged

NUMBERS = st.floats(-1e12, 1e12)
SECONDS = st.floats(0, 172_800)  # of 48 hours, which no session and no file passes
TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.integers(0xDC80, 0xDCFF).map(chr)), max_size=20)
MAYBE = st.none() | TEXTS
PATHS = st.none() | TEXTS.map(lambda each: each.replace("\0", ""))  # which no system allows in a path
TRACKS = st.builds(
    lambda start, end, **known: Track(start=start, end=end and start + end, **known),
    start=st.sampled_from([0.0, 0.5, 100.0]), end=st.none() | st.floats(1, 10_000),
    id=TEXTS, path=PATHS, uri=MAYBE, title=MAYBE, artist=MAYBE, album=MAYBE, isrc=MAYBE, genre=MAYBE, duration=SECONDS,
    album_artist=st.none() | TEXTS.filter(bool), people=st.lists(TEXTS, max_size=2).map(tuple),
    work=st.none() | TEXTS.filter(bool), movement=st.none() | st.integers(1, 200),
)  # fmt: skip
FEATURES = st.builds(
    Features,
    tempo=st.none() | NUMBERS,
    energy=st.none() | st.floats(0, 1),
    timbre=st.none() | st.lists(NUMBERS, max_size=3).map(tuple),
    energy_curve=st.none() | st.lists(st.floats(0, 1), max_size=5).map(lambda each: Curve(each, 0.001)),
    loudness_curve=st.none() | st.lists(st.floats(-70, 0), max_size=5).map(lambda each: Curve(each, 0.01)),
    fades=st.none() | st.booleans(),
    vocals=st.sampled_from(["none", "wordless", "words", "unknown", None]),
)
SLOTS = st.builds(
    Slot,
    phase=TEXTS,
    start=SECONDS,
    duration=st.floats(120, 172_800),
    track=TRACKS,
    features=FEATURES,
    overlap=st.floats(0, 120),
    gain=st.floats(-60, 60),
    reason=TEXTS,
    costs=st.dictionaries(TEXTS, NUMBERS, max_size=3),
    bends=st.lists(TEXTS, max_size=2).map(tuple),
).filter(lambda slot: not 0 < slot.track.duration < slot.duration)


def without_history(plan: Plan) -> Plan:
    return dataclasses.replace(plan, session=dataclasses.replace(plan.session, used_tracks=frozenset()))


def test_reading_it_back_gives_an_equal_plan(three_hours: Plan) -> None:
    assert plan_json.loads(plan_json.dumps(three_hours)) == without_history(three_hours)


def asked(plan: Plan, **changed: object) -> Plan:
    return dataclasses.replace(plan, session=dataclasses.replace(plan.session, **changed))  # type: ignore[arg-type]


def test_numbers_of_numpy_are_written_as_numbers(three_hours: Plan) -> None:
    text = plan_json.dumps(asked(three_hours, overlap=np.float32(1.5), seed=np.int64(2)))
    written = json.loads(text)["session"]
    assert (written["overlap"], written["seed"]) == (1.5, 2)


def test_what_is_no_number_in_a_plan_is_told(three_hours: Plan) -> None:
    with pytest.raises(ExportError, match="1j, which is complex and no plan's value"):
        plan_json.dumps(asked(three_hours, overlap=1j))


@settings(max_examples=12)
@given(slots=st.lists(SLOTS, max_size=3), name=TEXTS)
def test_any_slot_reads_back_equal(three_hours: Plan, slots: list[Slot], name: str) -> None:
    short = dataclasses.replace(three_hours.template, phases=three_hours.template.phases[:1], variants=())
    in_order = tuple(sorted(slots, key=lambda each: each.start))
    alone = dataclasses.replace(three_hours, name=name, slots=in_order, reserves={}, tail=())
    plan = asked(without_history(alone), template=short)
    text = plan_json.dumps(plan)
    text.encode("utf-8")
    assert plan_json.loads(text) == plan


@pytest.mark.parametrize(
    ("where", "key", "value"),
    [
        ("slots", "overlap", 100_000.0),
        ("slots", "duration", 172_800.0),
        ("slots", "start", 1e9),
        ("slots", "gain", 1e9),
        ("phases", "end", 1e300),
        ("slots", "costs", {"energy": 1e300}),
    ],
)
def test_lengths_and_counts_that_nobody_plans_are_refused_when_a_plan_is_read(
    where: str, key: str, value: object, three_hours: Plan
) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    document[where][0][key] = value
    with pytest.raises(InputError, match=rf"damaged plan: {where}\[0\].{key}"):
        plan_json.loads(json.dumps(document))
    document = json.loads(plan_json.dumps(three_hours))
    document["slots"] = [{}] * 5_001
    with pytest.raises(InputError, match="a list of at most 5,000"):
        plan_json.loads(json.dumps(document))


LIMITS = [
    ("slots", "start", 0.0, -0.001),
    ("slots", "start", 172_800.0, 172_800.1),
    ("slots", "gain", 60.0, 60.001),
    ("slots", "gain", -60.0, -60.001),
    ("slots", "overlap", 120.0, 120.001),
    ("tail", "overlap", 60.0, 60.001),  # as long as that slot
    ("tail", "duration", 120.0, 120.001),  # a minute of silence after a track of a minute
    ("phases", "residual", -172_800.0, -172_800.1),
]
"""Where, which value, the last that a plan may hold and the first that it may not."""


@pytest.mark.parametrize(("where", "key", "last", "first"), LIMITS)
def test_a_plan_holds_its_limits_and_nothing_beyond(
    where: str, key: str, last: float, first: float, three_hours: Plan
) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    tail = document["tail"][0]
    tail["duration"], tail["track"]["duration"], tail["overlap"] = 60.0, 60.0, 0.0
    document["slots"] = document["slots"][:1]  # which may so begin at any time
    document[where][0][key] = last
    read = getattr(plan_json.loads(json.dumps(document)), where)[0]
    assert getattr(read, key) == last
    document[where][0][key] = first
    with pytest.raises(InputError, match=rf"damaged plan: {where}\[0\].{key} is {first}"):
        plan_json.loads(json.dumps(document))


@pytest.mark.parametrize(("start", "end"), [(3.0, 2.0), (3.0, 3.0), (-1.0, 3.0)])
def test_a_part_of_a_file_ends_behind_its_start(start: float, end: float, three_hours: Plan) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    track = document["slots"][0]["track"]
    track.update(start=0.0, end=0.5)
    assert plan_json.loads(json.dumps(document)).slots[0].track.end == 0.5
    track.update(start=start, end=end)
    with pytest.raises(InputError, match="behind the track's start, which is 0 or more"):
        plan_json.loads(json.dumps(document))


def test_a_list_may_hold_as_many_as_is_said(three_hours: Plan) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    document["warnings"] = ["w"] * 5_000
    assert len(plan_json.loads(json.dumps(document)).warnings) == 5_000
    document["warnings"].append("w")
    with pytest.raises(InputError, match="warnings is a list of 5001, expected a list of at most 5,000"):
        plan_json.loads(json.dumps(document))


def test_a_true_is_no_number_and_a_long_value_is_told_in_short(three_hours: Plan) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    document["slots"][0]["gain"] = True
    with pytest.raises(InputError, match=r"slots\[0\]\.gain is true, expected a number"):
        plan_json.loads(json.dumps(document))
    for length, shown in ((38, '"' + "x" * 38 + '"'), (39, '"' + "x" * 36 + r"\.\.\.")):
        document["slots"][0]["gain"] = "x" * length
        with pytest.raises(InputError, match=f"gain is {shown}, expected"):
            plan_json.loads(json.dumps(document))


def test_what_the_client_heard_before_is_not_in_it(three_hours: Plan) -> None:
    assert three_hours.session.used_tracks == {"heard-last-time"}
    assert "heard-last-time" not in plan_json.dumps(three_hours)


def test_its_keys_are_those_agreed(three_hours: Plan) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    assert list(document) == [
        "playlistkit", "name", "template", "session", "phases", "slots", "reserves", "tail", "shortfalls",
        "warnings", "score", "certificate",
    ]  # fmt: skip
    assert list(document["phases"][0]) == ["name", "start", "end", "target_start", "target_end", "residual"]
    assert list(document["slots"][0]) == [
        "phase", "start", "duration", "overlap", "gain", "track", "features", "reason", "costs", "bends",
    ]  # fmt: skip
    assert {"id", "path", "uri", "title", "artist", "album", "isrc", "duration"} <= set(
        document["slots"][0]["track"]
    )
    assert document["slots"][0]["features"]["energy_curve"].keys() == {"step", "values"}
    assert set(document["certificate"]) == {"within", "proven", "scope"}


def test_the_same_plan_gives_the_same_bytes(three_hours: Plan) -> None:
    again = plan_json.loads(plan_json.dumps(three_hours))
    assert plan_json.dumps(again) == plan_json.dumps(three_hours)


def test_a_number_that_is_not_finite_is_never_written(three_hours: Plan) -> None:
    broken = dataclasses.replace(three_hours.slots[0], gain=math.nan)
    with pytest.raises(ValueError, match="JSON"):
        plan_json.dumps(dataclasses.replace(three_hours, slots=(broken,)))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.update(playlistkit=2), "s.json: is a plan of format 2, .* update playlistkit"),
        (lambda d: d.pop("slots"), "slots is missing, expected a list"),
        (
            lambda d: d["slots"][3].update(duration="länger"),
            r'slots\[3\].duration is "länger", expected a number',
        ),
        (lambda d: d["slots"][3].update(start=-1.0), r"slots\[3\].start is -1.0, expected 0 or more"),
        (
            lambda d: d["slots"].reverse(),
            r"slots\[1\].start is [\d.]+, expected at or after the start of the slot before it \([\d.]+ s\)",
        ),
        (lambda d: d["slots"][1]["track"].pop("id"), r"slots\[1\].track.id is missing"),
        (lambda d: d["slots"][0]["features"].update(vocals="loud"), "vocals is \"loud\", expected one of none"),
        (lambda d: d["slots"][0]["features"].update(timbre=[1, "x"]), "timbre is a list of 2, expected a list of n"),
        (lambda d: d["slots"][0]["features"]["energy_curve"].update(step=0), "energy_curve.step is 0"),
        (lambda d: d["session"].update(player="radio"), "session.player is \"radio\", expected one of files"),
        (lambda d: d["session"].update(strict=1), "session.strict is 1, expected true or false"),
        (lambda d: d["template"].update(phases=5), "s.json, template"),
        (lambda d: d["reserves"].update(peak=3), "reserves.peak is 3, expected a list"),
        (lambda d: d["score"].update(total=10**400), "score.total is 1000.*, expected a number within reach"),
    ],
)  # fmt: skip
def test_a_damaged_plan_is_told_by_its_place(change: object, sentence: str, three_hours: Plan) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    change(document)  # type: ignore[operator]
    with pytest.raises(InputError, match=sentence):
        plan_json.loads(json.dumps(document), "s.json")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "s.json:1: is not valid JSON"),
        ("#EXTM3U\none.flac\n", "a plan is the .json that"),
        ('{"playlistkit": 1,\n"name"', "s.json:2: is not valid JSON"),
        ("[]", "is not a plan of playlistkit"),
        ('{"name": 1}', "the key 'playlistkit' is missing"),
        ('{"playlistkit": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
        (f'{{"playlistkit": {"9" * 5000}}}', "a number of thousands of digits; a plan is"),
    ],
)
def test_what_is_no_plan_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        plan_json.loads(text, "s.json")


def test_of_every_member_is_said_what_may_not_stand_there() -> None:
    agreed = json.loads(damaged.WRITTEN.read_text(encoding="utf-8"))
    now = damaged.told()
    assert now.keys() == agreed.keys()
    for place, sentences in now.items():
        assert sentences == agreed[place], (
            f"{place}: if it is meant, run `PYTHONPATH=tests python -m tests.exporters.damaged`"
        )


@pytest.mark.parametrize(
    ("key", "within", "most"),
    [
        ("phases", "", 100), ("slots", "", 5_000), ("tail", "", 5_000), ("reserves", "", 100), ("shortfalls", "", 1_000),
        ("warnings", "", 5_000), ("bends", "", 200_000), ("warnings", "slots[0]", 200_000),
    ],
)  # fmt: skip
def test_a_list_is_as_long_as_it_may_be_there_and_no_longer(key: str, within: str, most: int) -> None:
    assert len(Values({key: [None] * most}, "p", within).items(key)) == most
    with pytest.raises(InputError, match=f"expected a list of at most {most:,}"):
        Values({key: [None] * (most + 1)}, "p", within).items(key)


def test_a_slot_begins_no_earlier_than_the_one_before_it(three_hours: Plan) -> None:
    document = json.loads(plan_json.dumps(three_hours))
    for slot, start in zip(document["slots"], (0.0, 100.0, 300.0, 300.0, 200.0), strict=False):
        slot["start"] = start
    expected = re.escape(
        "slots[4].start is 200.0, expected at or after the start of the slot before it (300 s)"
    )
    with pytest.raises(InputError, match=expected):
        plan_json.loads(json.dumps(document))


def test_the_largest_number_may_stand_alone_and_in_a_list() -> None:
    most = Values({"one": 1e12, "list": [-1e12, 1e12], "more": 1.001e12, "longer": [-1.001e12]}, "p")
    assert (most.number("one"), most.floats("list")) == (1e12, (-1e12, 1e12))
    for ask, key in ((most.number, "more"), (most.floats, "longer")):
        with pytest.raises(InputError, match=f"{key} is .*, expected .* within reach"):
            ask(key)
