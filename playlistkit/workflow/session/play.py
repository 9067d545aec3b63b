"""Play a plan: prepare it for the player, and start it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from playlistkit import exporters, objective, player
from playlistkit import render as sound
from playlistkit.errors import InputError, PlaylistkitError
from playlistkit.library import Library, default_path
from playlistkit.model import Features, Phase, Plan, Slot, Track
from playlistkit.player import Cue, Setlist, Span
from playlistkit.report import words
from playlistkit.workflow.session.attach import (
    NAMES,
    Answer,
    Name,
    NoPlayerError,
    Remote,
    Snapshot,
    State,
    attach,
    go_on,
    interrupted,
)
from playlistkit.workflow.session.played import collect

__all__ = [
    "NAMES",
    "Answer",
    "Name",
    "NoPlayerError",
    "Remote",
    "Snapshot",
    "State",
    "attach",
    "begin",
    "go_on",
    "interrupted",
    "plan_of",
    "setlist",
]

GROUNDING = "grounding now"
GROUNDING_OVERLAP = 4.0


def begin(
    plan: Plan,
    *,
    device: str = "",
    at: float = 0.0,
    endless: bool = False,
    record: str | os.PathLike[str] | None = None,
    client: str | None = None,
    library: str | os.PathLike[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Remote:
    """Play a plan in a separate process, which plays it to its end even if this one dies.

    Parameters
    ----------
    plan : Plan
        Best built with ``player="render"``; any plan whose tracks are files can be played, at the levels at which
        it was planned: unchanged for ``"files"``, all alike for ``"spotify"``.
    device : str
        A loudspeaker by name, ``"mpv:NAME"``, ``"null:SPEED"`` or ``"wav:FILE"``; ``""`` is the system's default.
    at : float
        Seconds into the session at which to begin.
    endless : bool
        Whether music goes on after the tail until somebody ends it.
    record : path, optional
        Where to keep a record.
    client : str, optional
        An alias under which to store the record in the library.
    library : path, optional
        The library's file, for replanning; by default the user's own.
    folder : path, optional
        Where the session's state is stored; by default the user's own.

    Raises
    ------
    InputError
        If the session is shorter than `at`.
    ExportError
        If a track has no file.
    PlaylistkitError
        If a session is playing already, or the player can't start.
    """
    with contextlib.suppress(PlaylistkitError), Library(library) as known:
        collect(known, folder)  # the last session's record, if nobody has yet
    made = setlist(plan)
    whole = max((cue.start + cue.duration for cue in (*made.cues, *made.tail)), default=0.0)
    if not 0 <= at < whole:
        raise InputError(
            f"the session and its tail last {words.clock(whole)}; give a time before that, not {words.clock(at)}"
        )
    extra: dict[str, Any] = {"client": client, "library": str(default_path() if library is None else library)}
    return player.start(
        made,
        device=device,
        at=at,
        endless=endless,
        record=os.fspath(record) if record is not None else None,
        keep=client is not None,
        extra=extra,
        folder=folder,
    )


def plan_of(snapshot: Snapshot) -> Plan:
    """The plan being played, as last replanned."""
    return exporters.plan_json.loads(snapshot.setlist.document, "the session that plays")


def setlist(plan: Plan) -> Setlist:
    """Convert a plan to what the player needs.

    Raises
    ------
    ExportError
        If a track has no file.
    """
    loudness = {phase.name: phase.loudness for phase in plan.template.phases}
    last = plan.slots[-1].phase if plan.slots else ""
    ready = {
        phase: [each for each in reserves if each.track.path is not None]
        for phase, reserves in plan.reserves.items()
    }
    beside = [
        _beside(plan, phase, each.track, each.features, loudness.get(last if phase == GROUNDING else phase))
        for phase, reserves in ready.items()
        for each in reserves
    ]
    parts = sound.session_parts(plan)
    # levelled together with the session's tracks, so that they are turned down alike
    every = sound.session_parts(replace(plan, tail=(*plan.tail, *beside)))
    gains = [part.gain for part in every]
    slots = (*plan.slots, *plan.tail)
    heard = objective.energies_heard(plan.session, (*slots, *beside)) if slots else ()
    cues: list[Cue] = []
    at = slots[0].start if slots else 0.0
    for slot, part, gain, energy in zip(slots, parts, gains, heard, strict=False):
        cues.append(
            _cue(
                slot,
                replace(part, gain=gain),
                slot.phase if len(cues) < len(plan.slots) else "tail",
                at,
                energy,
            )
        )
        at += part.duration - part.overlap
    spare = [
        _cue(
            slot,
            replace(part, overlap=slot.overlap),
            last if slot.phase == GROUNDING else slot.phase,
            0.0,
            energy,
        )
        for slot, part, energy in zip(beside, every[len(slots) :], heard[len(slots) :], strict=True)
    ]
    reserves = {
        phase: tuple(cue for cue, slot in zip(spare, beside, strict=True) if slot.phase == phase)
        for phase in ready
    }
    count = len(plan.slots)
    return Setlist(
        name=plan.name,
        cues=tuple(cues[:count]),
        tail=tuple(cues[count:]),
        grounding=reserves.pop(GROUNDING, ()),
        reserves=reserves,
        phases=_spans(plan),
        document=exporters.plan_json.dumps(plan),
    )


def _beside(plan: Plan, phase: str, track: Track, features: Features, loudness: float | None) -> Slot:
    """A track in reserve, as a slot."""
    gain = 0.0
    if plan.session.player == "render":
        gain = float(objective.planned_gain(objective.Table.of([track], [features]), loudness)[0])
    overlap = min(GROUNDING_OVERLAP, track.duration / 3)
    return Slot(phase, plan.duration, track.duration, track, features, overlap, gain)


def _cue(slot: Slot, part: sound.Part, phase: str, start: float, energy: float | None) -> Cue:
    features = slot.features
    return Cue(
        id=slot.track.id,
        path=part.path,
        phase=phase,
        start=start,
        duration=part.duration,
        offset=part.offset,
        gain=part.gain,
        overlap=part.overlap,
        title=words.title_of(slot.track),
        artist=words.artist_of(slot.track),
        energy=energy,
        loudness=None if features.loudness is None else features.loudness + part.gain,
    )


def _spans(plan: Plan) -> tuple[Span, ...]:
    known: Mapping[str, Phase] = {phase.name: phase for phase in plan.template.phases}
    spans: Sequence[Span] = [
        Span(each.name, each.start, each.end, known[each.name].stands_for if each.name in known else "")
        for each in plan.phases
    ]
    if not spans:  # a plan made by hand
        for slot in plan.slots:
            if not spans or spans[-1].name != slot.phase:
                stands_for = known[slot.phase].stands_for if slot.phase in known else ""
                spans = [*spans, Span(slot.phase, slot.start, slot.end, stands_for)]
            else:
                spans = [*spans[:-1], replace(spans[-1], end=slot.end)]
    return tuple(spans)
