"""The values of the model."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import made_plans
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playlistkit import model
from playlistkit.model import (
    Candidate,
    Curve,
    Features,
    Minutes,
    Phase,
    Pin,
    Place,
    Plan,
    Range,
    Session,
    Slot,
    Template,
    Track,
)


@given(st.lists(st.floats(-70, 10), max_size=50))
def test_a_curve_keeps_its_values_to_half_a_step(values: list[float]) -> None:
    curve = Curve(values, step=0.01)
    assert len(curve) == len(values)
    assert all(abs(kept - value) <= 0.005 + 1e-6 for kept, value in zip(curve, values, strict=True))


@given(st.lists(st.floats(0, 1), max_size=50))
def test_a_curve_survives_its_bytes(values: list[float]) -> None:
    curve = Curve(values, step=0.001)
    assert Curve.from_bytes(bytes(curve), 0.001) == curve
    assert hash(Curve.from_bytes(bytes(curve), 0.001)) == hash(curve)


def test_a_curve_takes_no_hash_to_another_process() -> None:
    curve = Curve([0.1, 0.2], step=0.001)
    bare = pickle.dumps(curve)
    assert {curve: 1}[Curve([0.1, 0.2], step=0.001)] == 1
    assert pickle.dumps(curve) == bare  # hashes of bytes differ from process to process
    assert pickle.loads(bare) == copy.deepcopy(curve) == curve


def test_a_curve_gives_clean_decimals() -> None:
    assert Curve([0.3], step=0.001)[0] == 0.3
    assert Curve([0.1, 0.2, 0.3], step=0.001)[1:] == (0.2, 0.3)


def test_a_curve_holds_extreme_values_within_its_range() -> None:
    assert Curve([1e9, -1e9], step=0.01)[0:2] == (327.67, -327.67)


def test_curves_of_other_steps_differ() -> None:
    assert Curve([0.5], step=0.1) != Curve([0.5], step=0.01)
    assert Curve([0.5], step=0.1) != 0.5


def test_a_range_leaves_missing_sides_open() -> None:
    assert 5 in Range()
    assert 5 in Range(low=5)
    assert 5 not in Range(high=4.9)
    assert None not in Range()


def test_a_voice_that_was_never_measured_is_unknown() -> None:
    assert model.vocals_of(Features()) == "unknown"
    assert model.vocals_of(Features(vocals="none")) == "none"


def test_all_values_are_frozen_and_slotted() -> None:
    for name in model.__all__:
        value = getattr(model, name)
        if dataclasses.is_dataclass(value):
            assert value.__dataclass_params__.frozen, name  # type: ignore[attr-defined]
            assert "__slots__" in vars(value), name


def test_plans_and_all_that_they_hold_can_be_members_of_sets() -> None:
    plan = made_plans.three_hours()
    slot = plan.slots[0]
    values = (
        plan,
        plan.session,
        plan.template,
        plan.template.phases[0],
        slot,
        Candidate(slot.track, slot.features),
    )
    for value in values:
        same = copy.deepcopy(value)
        assert same is not value
        assert {value, same} == {value}


def test_a_plan_ends_where_its_last_slot_ends() -> None:
    session = Session(Template(name="t", phases=()))
    slots = (Slot("a", 0.0, 60.0, Track("1"), overlap=4.0), Slot("a", 56.0, 60.0, Track("2")))
    assert Plan("p", session, (), slots).duration == 116.0
    assert Plan("p", session, (), ()).duration == 0.0


def test_feature_names_are_the_fields_of_features() -> None:
    assert "tempo" in model.FEATURE_NAMES
    with pytest.raises(TypeError):
        Features(tempoo=1.0)  # type: ignore[call-arg]


def test_a_place_is_its_words_and_knows_their_parts() -> None:
    place = Place("join", 3)
    assert (place, place.kind, place.number, place.name) == ("join 3", "join", 3, "")
    assert (Place("phase", "peak"), Place("phase", "peak").name) == ("phase peak", "peak")
    assert Place("rules") == "rules"
    again = copy.deepcopy(pickle.loads(pickle.dumps(place)))
    assert (again, again.kind, again.number) == ("join 3", "join", 3)


def test_a_template_and_a_session_take_one_line_in_a_notebook() -> None:
    level = ((0.0, 0.2), (1.0, 0.2))
    phases = (Phase("arrival", Minutes(12.5, 5, 20), level), Phase("rest", Minutes(7, 5, 20), level))
    arc = Template("Evening", phases)
    assert repr(arc) == "<Template 'Evening': 2 phases, 19.5 min>"
    assert repr(Session(arc)) == "<Session 'Evening': 19.5 min, for files>"
    chosen = Session(arc, name="A's", variants=("anxious",), pins=(Pin("t1"),), player="render")
    assert repr(chosen) == """<Session "A's": 19.5 min, anxious, 1 pin, for render>"""
