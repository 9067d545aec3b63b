"""The minutes that phases lack, against what can be counted by hand."""

from __future__ import annotations

import itertools
import random
from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_libraries import five_phases, made_library, phase

from playlistkit.model import Candidate, Phase, PhaseSupply, Range, Rule, Rules, Session, Template
from playlistkit.objective.arc import Arc
from playlistkit.objective.hearing import heard_by_phase
from playlistkit.objective.rules import RULES as RULES_OF_TRACKS
from playlistkit.objective.rules import eligibility
from playlistkit.objective.table import Table
from playlistkit.planner.feasibility.diagnosis import _sharing as sharing
from playlistkit.planner.feasibility.relaxation import relaxations
from playlistkit.planner.feasibility.supply import Supply, dealt, mildest, relaxed
from playlistkit.planner.problem.pool import Pool

RULES = Rules(track_minutes=Range(1, 40), boundary_tolerance=0, artist_max=50, tail_minutes=0)
PLAIN: dict[str, object] = {
    "energy": 0.25, "energy_start": 0.25, "energy_end": 0.25, "energy_curve": None, "vocals": "none",
    "loudness": -20.0, "silence_start": 0.0, "silence_end": 0.0, "percussiveness": 0.1, "brightness": 0.3,
}  # fmt: skip


def track(number: int, minutes: float = 5, artist: str = "", **features: object) -> Candidate:
    """A track that may play in any phase but for what is said otherwise."""
    made = made_library(1, seed=number)[0]
    title = f"Piece {number}"
    known = replace(
        made.track, id=f"t{number}", title=title, artist=artist or f"A{number}", duration=60.0 * minutes
    )
    return replace(made, track=known, features=replace(made.features, **{**PLAIN, **features}))


def supply(
    phases: Sequence[Phase], music: Sequence[Candidate], rules: Rules = RULES, **known: object
) -> Supply:
    choices: dict[str, object] = {"unknown_voice": True, "slack": (), **known}
    return Supply(Pool.of(Session(Template("Made", tuple(phases), rules=rules)), music), **choices)  # type: ignore[arg-type]


ONE = [phase("peak", 20, 0.2, 0.3)]
TWO = [phase("peak", 20, 0.2, 0.3), phase("return", 20, 0.3, 0.2)]


def least_shortage(session: Session, music: Sequence[Candidate], dropped: Collection[Rule]) -> float:
    """The most that any phases lack together, as they want more than all that may play in any of them lasts.

    By the theorem of maximum flow and minimum cut that is what is lacking in total, where each track is of an artist
    of its own.
    """
    phases, arc = session.template.phases, Arc(session.template)
    heard = heard_by_phase(
        session, arc, Table.of([each.track for each in music], [each.features for each in music])
    )
    kept = eligibility(session, arc, music, heard).kept
    may = {
        each.name: {
            number
            for number in range(len(music))
            if {rule for rule in RULES_OF_TRACKS if not kept[rule][p, number]}
            <= {rule.name for rule in dropped if rule.phase in ("", each.name)}
        }
        for p, each in enumerate(phases)
    }
    lacking = [0.0]
    for count in range(1, len(phases) + 1):
        for some in itertools.combinations(phases, count):
            who = set().union(*(may[each.name] for each in some))
            wanted = sum(each.minutes.default for each in some)
            lacking.append(wanted - sum(music[number].track.duration / 60 for number in who))
    return max(lacking)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(5, 45),
    dropped=st.sets(
        st.builds(
            Rule, st.sampled_from(["arrival", "peak", "return"]), st.sampled_from(["energy", "brightness"])
        ),
        max_size=3,
    ),
)
def test_what_is_lacking_is_what_the_neediest_phases_lack_together(
    seed: int, count: int, dropped: set[Rule]
) -> None:
    rng = random.Random(seed)
    template = five_phases(90, RULES, brightness_limit=Range(None, 0.6))
    session = Session(template)
    music = [
        replace(each, track=replace(each.track, artist=f"A{k}"))
        for k, each in enumerate(made_library(count, seed))
        if each.features.vocals != "unknown"
    ]
    rng.shuffle(music)
    linear = Supply(Pool.of(session, music), False, ())
    assert linear.shortage(dropped).sum() == pytest.approx(least_shortage(session, music, dropped), abs=1e-6)


def test_a_phase_may_miss_its_end_by_its_slack_and_wants_spare_music_if_asked() -> None:
    music = [track(k) for k in range(3)]
    assert supply(ONE, music).shortage(()).tolist() == pytest.approx([5.0])
    assert supply(ONE, music, slack=(90.0,)).shortage(()).tolist() == pytest.approx([3.5])
    assert supply(ONE, music, slack=(90.0,)).shortage((), spare=2.0).tolist() == pytest.approx([22.0])
    four = supply(ONE, [track(k) for k in range(4)])
    assert four.feasible(())
    assert not four.feasible((), spare=1.01)


def test_a_phase_without_any_music_lacks_all_of_it() -> None:
    assert supply(TWO, [track(1, energy=0.95)]).shortage(()).tolist() == [20.0, 20.0]
    assert supply(TWO, []).shortage(()).tolist() == [20.0, 20.0]


def test_phases_that_share_too_little_music_lack_the_same() -> None:
    short = supply(TWO, [track(k) for k in range(4)]).shortage(())
    assert short.sum() == pytest.approx(20.0)
    assert short.tolist() == pytest.approx([10.0, 10.0], abs=2.5)  # an eighth of a phase


def test_an_artist_fills_no_more_than_the_most_tracks_allowed() -> None:
    own = [track(k, artist="One") for k in range(6)]
    capped = replace(RULES, artist_max=2)
    assert supply(ONE, own, capped).shortage(()).tolist() == pytest.approx([10.0])
    assert supply(ONE, own, capped).shortage([Rule("", "artist")]).tolist() == pytest.approx([0.0])
    both = [track(k, artist="One; Two" if k % 2 else ("One", "Two")[k // 3]) for k in range(6)]
    assert supply(ONE, both, capped).shortage(()).tolist() == pytest.approx(
        [5.0]
    )  # One, One, Two: or with both


@pytest.mark.parametrize(("times", "barring"), [(2, False), (3, True)])
def test_the_cap_on_an_artist_bars_from_the_first_track_too_many(times: int, barring: bool) -> None:
    music = [track(k, artist="One") for k in range(times)]
    rules = supply(ONE, music, replace(RULES, artist_max=2)).rules()
    assert (Rule("", "artist") in rules) == barring


def test_a_rule_is_to_blame_only_where_it_bars_music() -> None:
    phases = [
        replace(each, brightness_limit=Range(None, high)) for each, high in zip(TWO, (0.2, 0.5), strict=True)
    ]
    names = supply(phases, [track(k) for k in range(3)]).rules()
    assert Rule("peak", "brightness") in names
    assert Rule("return", "brightness") not in names
    assert Rule("peak", "energy") not in names


def test_versions_of_one_recording_fill_a_phase_once() -> None:
    one = track(1, 12)
    live = replace(one, track=replace(one.track, id="live", title="Piece 1 (Live 1999)"))
    assert supply(ONE, [one, live]).shortage(()).tolist() == pytest.approx([8.0])
    assert supply(ONE, [one, live]).eligible(0)[0] == pytest.approx(12.0)


@pytest.mark.parametrize(("share", "lacking"), [(0.0, 20.0), (0.3, 14.0), (1.0, 0.0)])
def test_a_voice_fills_no_more_than_its_share(share: float, lacking: float) -> None:
    quiet = [phase("peak", 20, 0.2, 0.3, vocals="none", vocals_share=share)]
    music = [track(k, vocals="wordless") for k in range(6)]
    assert supply(quiet, music).shortage(()).tolist() == pytest.approx([lacking])
    assert supply(quiet, music).shortage([Rule("peak", "vocals")]).tolist() == pytest.approx([0.0])


def test_what_a_phase_could_have_counts_each_artist_as_often_as_allowed_and_the_longest_first() -> None:
    lengths = (3, 8, 5, 4)
    music = [track(k, minutes, artist="One") for k, minutes in enumerate(lengths)]
    music += [track(9, 7, artist="Two", energy=0.05), track(10, 6, artist="Three", energy=0.95)]
    phases = [phase("peak", 20, 0.2, 0.3), phase("return", 20, 0.1, 0.2), phase("late", 20, 0.9, 1.0)]
    linear = supply(phases, music, replace(RULES, artist_max=2))
    assert linear.eligible(0) == (13.0, 13.0, ("return",))
    assert linear.eligible(1) == (20.0, 13.0, ("peak",))
    assert linear.eligible(2) == (6.0, 0.0, ())


def test_music_is_dealt_to_the_phase_that_it_fits_and_mild_rules_are_bent_before_grave_ones() -> None:
    phases = [
        phase("low", 10, 0.2, 0.2, energy_tolerance=0.2, percussiveness_limit=Range(None, 0.2)),
        phase("high", 10, 0.4, 0.4, energy_tolerance=0.2),
    ]
    calm, wild = (
        [track(k, energy=0.2 + 0.01 * k) for k in range(2)],
        [track(k, energy=0.4) for k in range(5, 7)],
    )
    pool = Pool.of(Session(Template("Two", tuple(phases), rules=RULES)), [*wild, *calm])
    assert dealt(pool, (), unknown_voice=True, spare=1.0).tolist() == [
        [False] * 2 + [True] * 2,
        [True] * 2 + [False] * 2,
    ]
    # all of it fits both, and two of them only if a rule gives way: they go where none has to
    hard = [replace(each, features=replace(each.features, percussiveness=0.9, energy=0.21)) for each in wild]
    pool = Pool.of(Session(Template("Two", tuple(phases), rules=RULES)), [*hard, *calm])
    given = dealt(pool, [Rule("low", "percussiveness")], unknown_voice=True, spare=1.0)
    assert given.tolist() == [[False] * 2 + [True] * 2, [True] * 2 + [False] * 2]


def test_rules_are_given_up_that_let_in_what_is_lacking_and_no_graver_ones_than_needed() -> None:
    limited = {
        "percussiveness_limit": Range(None, 0.2),
        "brightness_limit": Range(None, 0.2),
        "vocals": "none",
    }
    music = [track(k) for k in range(8)]  # too bright, and no more than that
    music += [track(k, vocals="words", brightness=0.1) for k in range(20, 28)]
    pool = Pool.of(Session(Template("One", (phase("peak", 20, 0.2, 0.3, **limited),), rules=RULES)), music)
    assert mildest(pool, unknown_voice=True, slack=(0.0,)) == (Rule("peak", "brightness"),)
    assert mildest(Pool.of(pool.session, []), unknown_voice=True) is None
    few = Pool.of(
        pool.session, music[:4]
    )  # just enough, and none to spare: all that bars anything is given up
    assert mildest(few, unknown_voice=True, slack=(0.0,)) == (Rule("peak", "brightness"),)
    assert mildest(few, unknown_voice=True, slack=(0.0,), spare=1.0) == (Rule("peak", "brightness"),)


def test_unknown_energy_is_let_in_by_no_relaxation() -> None:
    unknown = track(1, energy=None, energy_start=None, energy_end=None)
    pool = Pool.of(Session(Template("One", tuple(ONE), rules=RULES)), [unknown, track(2)])
    assert relaxed(pool, [Rule("", "energy")], unknown_voice=True).tolist() == [[False, True]]


def charges(music: Sequence[Candidate], part: Phase, rules: Rules = RULES) -> list[float]:
    """What each track costs in the phase if all its rules give way, in charges of a violation of ordinary weight."""
    pool = Pool.of(Session(Template("One", (part,), rules=rules)), music)
    *_, (_, whole) = relaxations(pool)
    assert whole.allowed.all()
    return (whole.surcharge[0] / 60.0).tolist()


def test_a_track_is_charged_for_a_broken_rule_the_more_the_farther_it_is_beyond() -> None:
    part = phase("peak", 20, 0.45, 0.45, energy_tolerance=0.05, energy_limit=None)
    inside, below, lower, above = charges(
        [track(k, energy=e) for k, e in enumerate((0.45, 0.30, 0.20, 0.55))], part
    )
    assert inside == 0
    assert lower - below == pytest.approx(below / 2)  # 0.10 and 0.20 beyond: two charges and three
    assert above / below == pytest.approx(1.5 / 2)  # 0.05 beyond: one and a half
    short, shorter, long, fit = charges(
        [track(k, minutes) for k, minutes in enumerate((2, 1, 16, 5))],
        phase("peak", 20, 0.2, 0.3),
        replace(RULES, track_minutes=Range(4, 8)),
    )
    assert fit == 0
    assert short == pytest.approx(long)  # half as long as allowed, and twice
    assert shorter == pytest.approx(1.5 * short)


def test_a_graver_rule_is_charged_more_and_two_cost_their_sum() -> None:
    part = phase("peak", 20, 0.2, 0.3, vocals="none", percussiveness_limit=Range(None, 0.3))
    sung, struck, both = charges(
        [
            track(1, vocals="wordless"),
            track(2, percussiveness=0.9),
            track(3, vocals="wordless", percussiveness=0.9),
        ],
        part,
    )
    assert sung > struck > 0
    assert both == pytest.approx(sung + struck)


@given(seed=st.integers(0, 2**32))
def test_music_is_said_to_be_shared_where_a_phase_lacks_what_others_have_of_its_own(seed: int) -> None:
    rng = random.Random(seed)
    names = ["onset", "peak", "return", "grounding"]

    def minutes(*values: float) -> float:
        return rng.choice(values) + rng.choice([0.0, 0.04, 0.06])

    supply = []
    for name in names:
        wanted = rng.choice([10.0, 20.0])
        lacking, eligible = minutes(0.0, 4.0), minutes(0.0, 8.0, wanted - 4.0, wanted, 30.0)
        others = rng.sample([each for each in names if each != name], rng.randint(1, 3))
        shared = rng.choice([0.0, 0.04, 0.06, eligible / 2, eligible])
        supply.append(PhaseSupply(name, wanted, eligible, shared, tuple(others), lacking))
    for own in supply:
        found = sharing(own, supply)
        taken = own.eligible > own.wanted - own.lacking + 0.05  # others have some of what it could play
        assert (found is not None) == (own.shared > 0.05 and taken)
        if found is None:
            continue
        poor = [each for each in own.shared_with if next(o for o in supply if o.phase == each).lacking > 0.05]
        assert found.phases == tuple(poor or own.shared_with)
        assert found.lack_too == bool(poor)
        assert found.minutes == (None if own.shared >= own.eligible - 0.05 else own.shared)
