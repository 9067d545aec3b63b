"""What a programmer may give, and what is said of the rest, at the call."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import made_plans
import numpy as np
import pytest

import playlistkit as pk
from playlistkit.given import candidates_given

SMALL = pk.parse_template(
    "name: Small\nphases: [{name: peak, minutes: 8, energy: 0.3}]\nrules: {tail_minutes: 0}\n"
)


def candidate(number: int, **features: object) -> pk.Candidate:
    known = {"energy": 0.3, "loudness": -22.0, "vocals": "none", **features}
    return pk.Candidate(pk.Track(f"t{number}", duration=160.0, artist=f"A{number}"), pk.Features(**known))  # type: ignore[arg-type]


def test_numbers_of_numpy_lists_and_generators_are_taken_for_what_they_hold(tmp_path: Path) -> None:
    given = [
        candidate(
            number,
            energy=np.float32(0.3),
            tempo=np.int64(60),
            fades=np.bool_(True),
            timbre=np.zeros(3),
            energy_curve=[0.3, np.float64(0.25)],
        )
        for number in range(5)
    ]
    session = pk.Session(SMALL, seed=np.int64(3), overlap=np.float32(0.0))  # type: ignore[arg-type]
    plan = pk.plan(session, (each for each in given), effort="quick")
    pk.export(plan, tmp_path / "plan.json")
    assert pk.load_plan(tmp_path / "plan.json") == plan
    known = plan.slots[0].features
    assert (type(known.tempo), known.fades, known.timbre) == (float, True, (0.0, 0.0, 0.0))
    assert list(known.energy_curve or ()) == [0.3, 0.25]


def test_plain_candidates_are_handed_on_as_they_are() -> None:
    given = [candidate(1), candidate(2)]
    assert all(kept is each for kept, each in zip(candidates_given(given), given, strict=True))


def test_a_wrong_value_is_told_with_its_number_however_many_come_before() -> None:
    given = [*(candidate(number) for number in range(1_003)), candidate(1_003, energy="loud")]
    with pytest.raises(pk.InputError, match=r"candidate 1004 \(t1003\): energy: 'loud' is not a number"):
        candidates_given(given)
    given[-1] = candidate(1_003, energy=np.float32(0.5))
    assert candidates_given(given)[-1].features.energy == 0.5
    assert [each.track for each in candidates_given(given)] == [each.track for each in given]


def test_a_number_of_numpy_in_a_template_is_written(tmp_path: Path) -> None:
    phase = pk.Phase("peak", pk.Minutes(np.float32(8), 4, 12), ((0, np.float32(0.25)), (1, 0.5)), "peak")
    session = pk.Session(pk.Template("Made", (phase,), rules=pk.Rules(tail_minutes=0)))
    plan = pk.plan(session, [candidate(number) for number in range(5)], effort="quick")
    pk.export(plan, tmp_path / "plan.json")
    assert pk.load_plan(tmp_path / "plan.json").template.phases[0].energy == ((0, 0.25), (1, 0.5))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda library: pk.build("phases", "m.db"), r"library 'm.db' is a path; open it: with Library\('m.db'\)"),
        (lambda library: pk.scan(Path("m.db"), "Music"), "is a path; open it"),
        (lambda library: pk.check("a.m3u", 7), "library is int; give a Library"),
        (lambda library: pk.vary(SMALL, "anxious"), r"names='anxious': give a list, \['anxious'\]"),
        (lambda library: pk.build(SMALL, library, exclude="Moby"), r"exclude='Moby': give a list"),
        (lambda library: pk.build(SMALL, library, minutes=[("peak", 8)]), "give minutes by phase"),
        (lambda library: pk.build(SMALL, library, minutes={"peak": "4"}), "minutes of peak: '4' is not a number"),
        (lambda library: pk.build(SMALL, library, seed=1.5), "seed: 1.5"),
        (lambda library: pk.build(SMALL, library, pins=[("peak", "a")]), r"is not a pin; give Pin\(track, phase\) or 'TRACK@phase'"),
        (lambda library: pk.vary("ketamine-im", ["anxious"]), "'ketamine-im' is not a Template; load_template reads one"),
        (lambda library: pk.check(made_plans.three_hours(), library), "is not a path; export writes a plan to a file"),
        (lambda library: pk.scan(library, (each for each in "ab")), r"is not a path; give several one by one, as \*paths"),
        (lambda library: pk.build(SMALL, library, overlap="3"), "overlap: '3' is not a number"),
        (lambda library: pk.plan(SMALL, []), "plan takes a session; give Session"),
        (lambda library: pk.plan(pk.Session(SMALL), [{"title": "x"}]), r"candidate 1 is \{'title': 'x'\} \(dict\)"),
        (lambda library: pk.plan(pk.Session(SMALL), {"a": 1}), "is not a list"),
        (lambda library: pk.plan(pk.Session(SMALL), [pk.Track("a")]), r"give Candidate\(track, features\)"),
        (
            lambda library: pk.plan(pk.Session(SMALL), [candidate(1, vocals="yes")]),
            r"candidate 1 \(t1\): vocals 'yes' must be one of none, wordless, words, unknown",
        ),
        (lambda library: pk.plan(pk.Session(SMALL), [candidate(1, energy=float("nan"))]), "energy: nan .float. is not a number"),
        (lambda library: pk.plan(pk.Session(SMALL), [candidate(1, energy="0.3")]), "energy: '0.3' is not a number"),
        (lambda library: pk.plan(pk.Session(SMALL), [], effort="much"), "effort 'much'"),
    ],
)  # fmt: skip
def test_the_rest_is_refused_with_a_sentence_at_the_call(
    call: Callable[[pk.Library], object], said: str, tmp_path: Path
) -> None:
    with pk.Library(tmp_path / "m.db") as library, pytest.raises(pk.InputError, match=said):
        call(library)


def of_phase(**fields: Any) -> pk.Session:
    """A session whose only phase was made by hand, with these fields."""
    made = {"minutes": pk.Minutes(8, 4, 12), "energy": ((0, 0.3),), **fields}
    return pk.Session(pk.Template("Made", (pk.Phase("peak", stands_for="peak", **made),)))


@pytest.mark.parametrize(
    ("session", "said"),
    [
        (of_phase(minutes=10), r"phases\[0\].minutes: 10 .int. should be Minutes\(default, least, most\)"),
        (of_phase(energy=0.3), r"phases\[0\].energy: 0.3 .float. should be a tuple"),
        (of_phase(energy=[0.3, 0.4]), r"energy\[0\]: 0.3 .float. should be 2 values"),
        (of_phase(energy=((0, "low"),)), r"energy\[0\]\[1\]: 'low' is not a number"),
        (of_phase(vocals="sung"), "vocals 'sung' must be one of none, wordless, any"),
        (of_phase(brightness=0.5), r"brightness: 0.5 .float. should be Range\(low, high\)"),
        (of_phase(evidence=["a"]), "evidence: .* is not a dict"),
        (pk.Session(pk.Template("Made", (), rules={"overlap": 3})), r"rules: .* should be Rules\(join, inside, .*, ...\)"),  # type: ignore[arg-type]
        (pk.Session(SMALL, player="vlc"), "session.player 'vlc' must be one of files, spotify, render"),  # type: ignore[arg-type]
        (pk.Session(SMALL, pins=("t1",)), r"session.pins\[0\]: 't1' should be Pin\(track\)"),  # type: ignore[arg-type]
        (pk.Session(SMALL, excluded_artists="Moby"), r"session.excluded_artists='Moby': give a list"),  # type: ignore[arg-type]
        (pk.Session(SMALL, strict="no"), "session.strict: 'no' is not True or False"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_a_session_made_by_hand_is_told_which_field_is_wrong(session: pk.Session, said: str) -> None:
    with pytest.raises(pk.InputError, match=said):
        pk.plan(session, [candidate(1)])


def test_lists_in_a_session_made_by_hand_are_taken_for_tuples_and_sets() -> None:
    session = of_phase(energy=[[0, 0.3], [1, 0.3]])
    session = pk.Session(session.template, excluded_tracks=["t1"], excluded_artists=["A2"])  # type: ignore[arg-type]
    played = {slot.track.id for slot in pk.plan(session, [candidate(k) for k in range(12)]).slots}
    assert played.isdisjoint({"t1", "t2"})


def test_a_change_with_a_wrong_field_is_told_so() -> None:
    plan = made_plans.three_hours()
    with pytest.raises(pk.InputError, match=r"change\.minutes: '3' is not a number"):
        pk.replan(plan, [], 60.0, change=pk.Change("extend", minutes="3"))  # type: ignore[arg-type]


def test_a_misspelt_name_is_told_the_nearest() -> None:
    script = "import playlistkit as pk; pk.analyse"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False).stderr
    assert "Did you mean: 'analyze'?" in told


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    library = pk.Library(tmp_path / "m.db")
    library.close()
    for work in (library.candidates, lambda: len(library), lambda: library.mark("a", keep=True)):
        with pytest.raises(pk.LibraryError, match=r"m.db: the library is closed; open it again"):
            work()


@pytest.mark.parametrize("function", [pk.build, pk.session])
def test_help_shows_every_choice_with_its_default(function: Callable[..., object]) -> None:
    shown = inspect.signature(function).parameters
    for name in pk.Choices.__annotations__:
        assert shown[name].kind is inspect.Parameter.KEYWORD_ONLY
        assert f"\n    {name} : " in (function.__doc__ or "")
    assert shown["player"].default == "files"


def test_a_choice_that_is_not_there_is_a_type_error_with_the_nearest(tmp_path: Path) -> None:
    with pk.Library(tmp_path / "m.db") as library, pytest.raises(TypeError, match="did you mean 'variants'"):
        pk.build(SMALL, library, variant=["x"])  # type: ignore[call-arg]


def test_a_plan_shows_itself_in_a_line_and_in_a_notebook_as_table_and_arc() -> None:
    plan = made_plans.three_hours()
    assert repr(plan).startswith("<Plan ")
    assert len(repr(plan)) < 200
    page = plan._repr_html_()
    assert page.count("<tr") == 1 + len(plan.slots) + len(plan.tail)
    assert "<svg" in page
    hostile = pk.Track("x", title="<script>alert(1)</script>")
    slot = pk.Slot("peak", 0.0, 60.0, hostile, reason='"><b>')
    assert "<script" not in pk.Plan("<i>", plan.session, (), (slot,))._repr_html_()
    assert pk.Plan("empty", plan.session, (), ())._repr_html_()


def test_a_plans_records_are_flat_and_say_everything_of_one_value() -> None:
    plan = made_plans.three_hours()
    records = plan.to_records()
    assert len(records) == len(plan.slots) + len(plan.tail)
    assert json.loads(json.dumps(records)) == records
    assert {"number", "phase", "start", "title", "energy", "tempo", "vocals", "reason"} <= set(records[0])
    assert len({tuple(record) for record in records}) == 1


def test_a_library_that_another_thread_opened_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pk.Library(tmp_path / "m.db") as library, ThreadPoolExecutor(1) as other:
        for work in (library.candidates, library.close):
            asked = other.submit(work)
            with pytest.raises(
                pk.LibraryError, match=r"m.db: the library is used in another thread .* open it there"
            ):
                asked.result()


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_library_can_t_be_copied_and_says_what_to_do(
    copied: Callable[[object], object], tmp_path: Path
) -> None:
    with pk.Library(tmp_path / "m.db") as library:
        with pytest.raises(TypeError, match=r"open it there: Library\(.*m.db"):
            copied(library)
        assert len(library) == 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda plan: pk.parse_template({"name": "x"}), "is not a text"),  # type: ignore[arg-type]
        (lambda plan: pk.load_template(None), "is not a path"),  # type: ignore[arg-type]
        (lambda plan: pk.analyze(b"one.flac"), "is not a path"),  # type: ignore[arg-type]
        (lambda plan: pk.export("a.m3u8", plan), "is not a Plan; load_plan reads one"),
        (lambda plan: pk.export(plan, ["a.m3u8"]), "give several one by one"),  # type: ignore[arg-type]
        (lambda plan: pk.replan(plan, [], 60.0, change="skip"), "change: 'skip' is not a Change"),  # type: ignore[arg-type]
        (lambda plan: pk.replan(plan, [], 60.0, plan.slots[0].track), "give the track's id"),
        (lambda plan: pk.swapped(plan, [], 0, plan.slots[1]), "give the track's id"),  # type: ignore[arg-type]
        (lambda plan: pk.alternatives(plan, [], "1"), "slot: '1' is not a whole number"),  # type: ignore[arg-type]
        (lambda plan: pk.around(plan, [], 1), "locked: 1"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_of_another_kind_is_told_in_one_sentence(call: Any, words: str) -> None:
    with pytest.raises(pk.InputError, match=words) as told:
        call(made_plans.three_hours())
    assert len(str(told.value)) < 160


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda plan, library: pk.prepare("plan.json", []), "'plan.json' is not a Plan; load_plan reads one"),
        (lambda plan, library: pk.render_session(None, "a.opus"), "None .* is not a Plan"),
        (lambda plan, library: pk.preview_joins(plan, "a.opus", joins=[99]), "no join 99; it has joins 0 to 28"),
        (lambda plan, library: pk.push(library), "is not a Plan"),
        (lambda plan, library: pk.vary("phases", ["anxious"]), "template: 'phases' is not a Template"),
        (lambda plan, library: pk.vary(SMALL, [None]), "names: None .* is not a text"),
        (lambda plan, library: pk.replan(plan, [], 10**400), "at_seconds: 10+… .* is not a number"),
        (lambda plan, library: pk.replan(plan, [], 60.0, prepared=plan), "prepared: .* is not a Prepared"),
        (lambda plan, library: pk.load_plan("a\0b"), "no name holds a null character"),
        (lambda plan, library: pk.load_template("x" * 5000), "there is no template file or name 'xxx"),
        (lambda plan, library: pk.check(7, library), "playlist: 7 .* is not a path"),
        (lambda plan, library: pk.check("a.m3u", library, overlap="3"), "overlap: '3' is not a number"),
        (lambda plan, library: pk.import_tables(library, None), "files: None .* is not a path"),
        (lambda plan, library: pk.import_tables(library, "a.csv", energy="Spotify"), "one of spotify, ours"),
        (lambda plan, library: pk.build(SMALL, library, client=7), "client: 7 .* is not a text"),
        (lambda plan, library: pk.build(SMALL, library, strict="no"), "strict: 'no' is not True or False"),
        (lambda plan, library: pk.build(SMALL, library, player=["files"]), "player .* must be one of files, spotify"),
        (lambda plan, library: library.set_features("a", [0.3]), "features: .* is not a dict"),
        (lambda plan, library: library.mark("a", keep="yes"), "keep: 'yes' is not True or False"),
    ],
)  # fmt: skip
def test_no_function_works_on_with_an_argument_of_another_kind(
    call: Callable[[pk.Plan, pk.Library], object], words: str, tmp_path: Path
) -> None:
    with (
        pk.Library(tmp_path / "m.db") as library,
        pytest.raises(pk.InputError, match=words) as told,
    ):
        call(made_plans.three_hours(), library)
    assert len(str(told.value)) < 300


def test_every_method_of_a_library_refuses_what_is_of_no_kind_it_knows(tmp_path: Path) -> None:
    with pk.Library(tmp_path / "m.db") as library:
        for part in (library, library.clients, library.plans):
            for name in dir(part):
                method = getattr(part, name)
                if name.startswith("_") or not inspect.ismethod(method):
                    continue
                parameters = inspect.signature(method).parameters.values()
                needed = [each.name for each in parameters if each.default is each.empty]
                if needed:
                    with pytest.raises(pk.InputError):
                        method(**{each: object() for each in needed})


def test_numbers_of_numpy_are_stored_as_numbers(tmp_path: Path) -> None:
    with pk.Library(tmp_path / "m.db") as library:
        track = pk.Track("a" * 12, path=str(tmp_path / "a.flac"), duration=60.0)
        library.add_file(track, pk.Features(), size=np.int64(7), mtime_ns=np.int64(8), versions={})  # type: ignore[arg-type]
        (known,) = library.files().values()
        library.mark(track.id, keep=np.bool_(True))  # type: ignore[arg-type]
        assert library.get(track.id).keep
    assert (known.size, known.mtime_ns) == (7, 8)
