"""A real plan of the demo music as sound: every join measured, and what goes wrong told."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import mutagen
import numpy as np
import numpy.typing as npt
import pytest
from click.testing import CliRunner
from silences import longest_silence

import playlistkit
from playlistkit import template as templates
from playlistkit.analysis.loudness import integrated
from playlistkit.analysis.meter import Meter
from playlistkit.audio import open_audio
from playlistkit.cli import main
from playlistkit.errors import ExportError, InputError
from playlistkit.library import Library
from playlistkit.model import Plan, Slot
from playlistkit.render import RATE, session_parts
from playlistkit.report.words import flagged_joins as on_sheet
from playlistkit.workflow.output.export import export
from playlistkit.workflow.output.render import flagged_joins, preview, render, write_replaygain
from playlistkit.workflow.planning.build import build
from playlistkit.workflow.scanning.scan import scan

Samples = npt.NDArray[np.float32]

DEMO = Path(playlistkit.__file__).parent / "demo"
LOUDNESS = (-26.0, -24.0, -22.0, -24.0, -26.0)  # LUFS, of the five phases


@pytest.fixture(scope="module")
def library(demo_folder: Path) -> Iterator[Library]:
    with Library(demo_folder / "library.db") as opened:
        yield opened


def built(library: Library, overlap: float) -> Plan:
    template = templates.parse((DEMO / "demo.yaml").read_text(encoding="utf-8"), "demo.yaml")
    phases = tuple(
        dataclasses.replace(phase, loudness=loudness)
        for phase, loudness in zip(template.phases, LOUDNESS, strict=True)
    )
    template = dataclasses.replace(template, phases=phases)
    return build(template, library, player="render", overlap=overlap)


@pytest.fixture(scope="module")
def plan(library: Library) -> Plan:
    """Built for render, with overlaps; gains differ from track to track."""
    made = built(library, 5.0)
    assert len({slot.gain for slot in made.slots}) > 5
    return made


@pytest.fixture(scope="module")
def file(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rendered") / "session.flac"
    render(plan, path)
    return path


@pytest.fixture(scope="module")
def sound(file: Path) -> Samples:
    return source(str(file))


@functools.cache
def source(path: str) -> Samples:
    """A file's samples."""
    with open_audio(path) as stream:
        assert stream.rate == RATE
        return np.concatenate(list(stream.blocks()))


def stretch(path: str, start: float, seconds: float) -> Samples:
    """A part of one of the plan's files."""
    return source(path)[round(start * RATE) :][: round(seconds * RATE)]


def loudness(samples: Samples) -> float:
    meter = Meter(RATE, 2)
    meter.add(samples.T)
    value = integrated(meter.finish()[0])
    assert value is not None
    return value


def starts_of(plan: Plan) -> list[float]:
    """Seconds at which each part begins in the rendered file."""
    parts = session_parts(plan)
    return [0.0, *itertools.accumulate(part.duration - part.overlap for part in parts)][: len(parts)]


# --- the session


def test_every_track_begins_when_the_plan_says_or_when_the_one_before_ends(plan: Plan) -> None:
    slots, parts, starts = (*plan.slots, *plan.tail), session_parts(plan), starts_of(plan)
    for k in range(1, len(slots)):
        assert starts[k] <= slots[k].start + 0.1
        assert starts[k] >= slots[k].start - 0.1 or parts[k - 1].overlap == 0.0, slots[k].track.title
    assert (
        sum(abs(start - slot.start) < 0.1 for slot, start in zip(slots, starts, strict=True)) > len(slots) / 2
    )


def test_the_file_is_as_long_as_planned(plan: Plan, sound: Samples) -> None:
    joins = len(plan.slots) + len(plan.tail) - 1
    last = (plan.tail or plan.slots)[-1]
    assert len(sound) / RATE == pytest.approx(last.end, abs=0.1 * joins)


def test_no_join_has_a_gap(plan: Plan, sound: Samples) -> None:
    for start in starts_of(plan)[1:]:
        assert longest_silence(sound[round((start - 3) * RATE) : round((start + 6) * RATE)], 0.001) <= 0.05


def test_no_join_has_a_gap_where_nothing_overlaps(library: Library, tmp_path: Path) -> None:
    dry = built(library, 0.0)
    slots = tuple(dataclasses.replace(slot, overlap=0.0) for slot in dry.slots[:6])
    dry = dataclasses.replace(dry, slots=slots, tail=())
    # tracks with silence at their ends, or this would be true of any renderer
    assert any((slot.features.silence_end or 0.0) > 0.3 for slot in dry.slots[:-1])
    render(dry, tmp_path / "dry.wav")
    samples = source(str(tmp_path / "dry.wav"))
    for start in starts_of(dry)[1:]:
        assert longest_silence(samples[round((start - 3) * RATE) : round((start + 3) * RATE)], 0.001) <= 0.05


def test_loudness_steps_as_planned_at_every_join(plan: Plan, sound: Samples) -> None:
    slots, parts, starts = (*plan.slots, *plan.tail), session_parts(plan), starts_of(plan)
    short = 0
    for k, start in enumerate(starts[1:]):
        one, two, overlap = parts[k], parts[k + 1], parts[k].overlap
        before = sound[round((start + overlap - 30) * RATE) : round(start * RATE)]
        after = sound[round((start + overlap) * RATE) : round((start + 30) * RATE)]
        step = loudness(after) - loudness(before)
        ending = stretch(one.path, one.offset + one.duration - 30, 30 - overlap)
        beginning = stretch(two.path, two.offset + overlap, 30 - overlap)
        wanted = loudness(beginning) + slots[k + 1].gain - loudness(ending) - slots[k].gain
        assert step == pytest.approx(wanted, abs=0.3), f"join {k + 1}"
        if overlap < 3:  # else what was measured speaks of other seconds than are heard alone
            ends, begins = slots[k].features.loudness_end, slots[k + 1].features.loudness_start
            assert ends is not None
            assert begins is not None
            assert step == pytest.approx(begins + slots[k + 1].gain - ends - slots[k].gain, abs=1.0)
            short += 1
    assert short >= 3


def test_each_track_plays_at_one_gain(plan: Plan, sound: Samples) -> None:
    parts, starts = session_parts(plan), starts_of(plan)
    for k in (1, 4):
        part = parts[k]
        first, last = parts[k - 1].overlap + 1.0, part.duration - part.overlap - 1.0
        for at in (first, (first + last) / 2, last - 5):
            ours = sound[round((starts[k] + at) * RATE) :][: 5 * RATE]
            theirs = stretch(part.path, part.offset + at, 5.0)
            assert loudness(ours) - loudness(theirs) == pytest.approx(plan.slots[k].gain, abs=0.3)


def test_the_true_peak_stays_at_the_ceiling(sound: Samples) -> None:
    meter = Meter(RATE, 2)
    meter.add(sound.T)
    meter.finish()
    peak = meter.peak.level
    assert peak is not None
    assert peak <= -1.0 + 0.02  # gains are rounded to hundredths


def test_a_plan_whose_gains_look_after_no_peak_is_turned_down_as_a_whole(plan: Plan) -> None:
    hot = dataclasses.replace(plan.slots[0].features, true_peak=0.7)
    slots = tuple(dataclasses.replace(slot, gain=0.0) for slot in plan.slots)
    slots = (dataclasses.replace(slots[0], features=hot), *slots[1:])
    gains = {round(part.gain, 6) for part in session_parts(dataclasses.replace(plan, slots=slots, tail=()))}
    assert gains == {-1.7}


def test_the_planned_gain_is_the_rendered_gain(plan: Plan) -> None:
    slots = (*plan.slots, *plan.tail)
    assert [part.gain for part in session_parts(plan)] == [slot.gain for slot in slots]


def test_chapters_name_phases_and_tracks_where_they_begin(plan: Plan, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    short = dataclasses.replace(plan, slots=plan.slots[:2], tail=())
    render(short, tmp_path / "session.m4a")
    with av.open(str(tmp_path / "session.m4a")) as container:
        chapters = container.chapters()
        assert container.metadata["title"] == plan.name
    first, second = (slot.track for slot in short.slots)
    assert [chapter["metadata"]["title"] for chapter in chapters] == [
        f"arrival: {first.artist} - {first.title}",
        f"{second.artist} - {second.title}",
    ]
    assert float(chapters[1]["start"] * chapters[1]["time_base"]) == pytest.approx(
        short.slots[1].start, abs=0.1
    )


# --- the joins


def test_preview_plays_every_join_as_it_is_in_the_session(plan: Plan, sound: Samples, tmp_path: Path) -> None:
    chosen = [0, 3]
    seconds = preview(plan, tmp_path / "joins.wav", joins=chosen)
    heard = source(str(tmp_path / "joins.wav"))
    assert len(heard) / RATE == pytest.approx(seconds)
    starts, at = starts_of(plan), 0.0
    for k in chosen:
        overlap = session_parts(plan)[k].overlap
        whole = 40.0 + overlap
        there = sound[round((starts[k + 1] - 20) * RATE) :][: round(whole * RATE)]
        here = heard[round(at * RATE) :][: len(there)]
        assert np.abs(there - here).mean() < 1e-3, f"join {k + 1}"
        pause = heard[round((at + whole + 0.1) * RATE) : round((at + whole + 1.4) * RATE)]
        assert not pause.any()
        at += whole + 1.5


def test_preview_of_a_phase_or_of_no_join(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no phase 'peek'; it has arrival"):
        preview(plan, tmp_path / "joins.wav", phase="peek")
    with pytest.raises(InputError, match="no such join"):
        preview(plan, tmp_path / "joins.wav", joins=[])
    assert not list(tmp_path.iterdir())


def test_preview_and_sheet_flag_the_same_joins(plan: Plan) -> None:
    steep = dataclasses.replace(
        plan.template.rules.join, loudness_up=0.5, loudness_down=0.5, energy_step=0.05
    )
    template = dataclasses.replace(plan.template, rules=dataclasses.replace(plan.template.rules, join=steep))
    strict = dataclasses.replace(plan, session=dataclasses.replace(plan.session, template=template))
    assert 1 < len(flagged_joins(strict)) < len(plan.slots)
    assert [k + 1 for k in flagged_joins(strict)] == list(on_sheet(strict))


# --- tags


def copied(plan: Plan, folder: Path) -> Plan:
    """The plan with copies of its files."""

    def copy(slot: Slot) -> Slot:
        assert slot.track.path is not None
        path = shutil.copy(slot.track.path, folder)
        return dataclasses.replace(slot, track=dataclasses.replace(slot.track, path=path))

    slots, tail = tuple(map(copy, plan.slots)), tuple(map(copy, plan.tail))
    return dataclasses.replace(plan, slots=slots, tail=tail)


def test_rendering_writes_nothing_into_the_music(plan: Plan, tmp_path: Path) -> None:
    ours = copied(dataclasses.replace(plan, slots=plan.slots[:2], tail=()), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    render(ours, tmp_path / "session.wav")
    (tmp_path / "session.wav").unlink()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_asked_for_the_planned_gains_are_in_the_tags(plan: Plan, tmp_path: Path) -> None:
    ours = copied(plan, tmp_path)
    assert write_replaygain(ours) == []
    for slot in (*ours.slots, *ours.tail):
        (text,) = mutagen.File(slot.track.path).tags["R128_TRACK_GAIN"]
        assert int(text) / 256 + 5 == pytest.approx(slot.gain, abs=0.01)


def test_files_whose_tags_alone_were_written_are_not_listened_to_again(
    plan: Plan, library: Library, tmp_path: Path
) -> None:
    ours = copied(plan, tmp_path)
    assert scan(library, tmp_path).moved > 0
    assert write_replaygain(ours, library) == []
    again = scan(library, tmp_path)
    assert (again.analysed, again.moved, again.unchanged) == (0, 0, again.found)


def test_a_file_that_refuses_tags_is_told_and_the_rest_written(plan: Plan, tmp_path: Path) -> None:
    ours = copied(plan, tmp_path)
    first, last = Path(ours.slots[0].track.path or ""), Path(ours.slots[-1].track.path or "")
    first.write_text("no music")
    (fault,) = write_replaygain(ours)
    assert first.name in fault
    assert "R128_TRACK_GAIN" in mutagen.File(last).tags


def test_a_plan_without_gains_writes_no_tags(plan: Plan, tmp_path: Path) -> None:
    files = dataclasses.replace(plan, session=dataclasses.replace(plan.session, player="files"))
    with pytest.raises(InputError, match=r'made for the player "files".*plan it again for "render"'):
        write_replaygain(copied(files, tmp_path))


# --- what goes wrong


def test_a_file_that_is_gone_is_told_before_any_work(plan: Plan, tmp_path: Path) -> None:
    last = plan.slots[-1]
    gone = dataclasses.replace(last, track=dataclasses.replace(last.track, path=str(tmp_path / "gone.flac")))
    broken = dataclasses.replace(plan, slots=(*plan.slots[:-1], gone))
    steps: list[int] = []
    with pytest.raises(ExportError, match=r"gone\.flac: the file is gone; plug in the disk, or scan"):
        render(broken, tmp_path / "session.wav", progress=lambda done, total, name: steps.append(done))
    assert not steps
    assert not list(tmp_path.iterdir())


def test_a_track_without_a_file_is_told(plan: Plan, tmp_path: Path) -> None:
    only = dataclasses.replace(plan.slots[0], track=dataclasses.replace(plan.slots[0].track, path=None))
    with pytest.raises(ExportError, match="has no file on this machine"):
        render(dataclasses.replace(plan, slots=(only, *plan.slots[1:])), tmp_path / "session.wav")


def test_stopped_in_the_middle_nothing_is_left(plan: Plan, tmp_path: Path) -> None:
    def stop(done: int, total: int, name: str) -> None:
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(plan, tmp_path / "session.opus", progress=stop)
    assert not list(tmp_path.iterdir())


def test_progress_ends_at_the_whole(plan: Plan, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    short = dataclasses.replace(plan, slots=plan.slots[:2], tail=())
    render(short, tmp_path / "a.wav", progress=lambda done, total, name: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == pytest.approx(steps[-1][1], abs=1)


# --- on the command line


def test_the_commands_write_what_is_asked_for_and_nothing_else(plan: Plan, tmp_path: Path) -> None:
    short = copied(dataclasses.replace(plan, slots=plan.slots[:2], tail=()), tmp_path)
    export(short, tmp_path / "plan.json")
    saved, run = str(tmp_path / "plan.json"), CliRunner().invoke
    nothing = run(main, ["render", saved])
    assert (nothing.exit_code, "give -o FILE" in nothing.output) == (2, True)
    tagged = run(main, ["render", saved, "--write-replaygain"])
    assert (tagged.exit_code, tagged.stdout) == (0, "")
    assert "wrote gains into 2 of 2 files" in tagged.stderr
    heard = run(main, ["preview", saved, "-o", str(tmp_path / "joins.opus")])
    assert (heard.exit_code, "wrote" in heard.stderr) == (0, True)
    assert (tmp_path / "joins.opus").stat().st_size > 100_000
    wrong = run(main, ["render", saved, "-o", str(tmp_path / "session.ogx")])
    assert (wrong.exit_code, "take one of .flac" in wrong.stderr) == (2, True)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".opus", ".opus", ".opus"]


def test_no_flagged_join_is_no_fault(plan: Plan, tmp_path: Path) -> None:
    mild = dataclasses.replace(
        plan.template.rules.join,
        loudness_up=40,
        loudness_up_limit=40,
        loudness_down=40,
        loudness_down_limit=40,
        energy_step=1,
        energy_step_limit=1,
    )
    template = dataclasses.replace(plan.template, rules=dataclasses.replace(plan.template.rules, join=mild))
    session = dataclasses.replace(plan.session, template=template)
    export(dataclasses.replace(plan, session=session), tmp_path / "plan.json")
    out = str(tmp_path / "joins.opus")
    result = CliRunner().invoke(main, ["preview", str(tmp_path / "plan.json"), "-o", out, "--flagged"])
    assert (result.exit_code, result.stderr) == (0, "no join needs checking by ear; nothing was written\n")
    assert not Path(out).exists()
