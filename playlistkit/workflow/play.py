"""A plan played now, through mpv, with keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from playlistkit import objective
from playlistkit import render as sound
from playlistkit.audio import open_audio
from playlistkit.errors import AudioError, InputError
from playlistkit.model import Plan, Slot, Track
from playlistkit.report import words
from playlistkit.workflow.render import check_files

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Key", "Now", "play"]

Key = Literal["pause", "next", "previous", "grounding", "back", "quit"]

STEP = 0.1  # s between two looks at the keys
RESTART = 3.0  # s into a track after which "previous" begins it again
GROUNDING = "grounding now"
GROUNDING_SECONDS = 3 * 3600.0  # for which the set is repeated
GROUNDING_OVERLAP = 4.0


@dataclass(frozen=True, slots=True)
class Now:
    """What plays."""

    phase: str
    number: int
    """From 1, of the session's tracks, the tail included; of the grounding set while that plays."""
    count: int
    title: str
    """Artist and title."""
    at: str
    """Minutes and seconds into the track."""
    length: str
    """Of the track, in minutes and seconds."""
    clock: str
    """The time into the session as planned; empty outside it."""
    paused: bool


def play(
    plan: Plan,
    *,
    key: Callable[[], Key | None],
    show: Callable[[Now], None],
    tell: Callable[[str], None],
    first: int = 1,
    device: str | None = None,
    timed: bool = True,
) -> None:
    """Play a plan with its overlaps and gains, then the tail.

    Parameters
    ----------
    plan : Plan
        Best built with ``player="render"``; any plan whose tracks are files can be played.
    key : callable
        Gives what was pressed since it was last asked, without waiting.
    show : callable
        Takes what plays, ten times a second.
    tell : callable
        Takes a sentence: a file that can't be decoded is told and passed over.
    first : int
        The number of the track to begin with, from 1.
    device : str, optional
        As ``mpv --audio-device=help`` lists them.
    timed : bool
        As for `render.Mpv`.

    Raises
    ------
    PlaylistkitError
        If mpv is not installed or ends.
    InputError
        If there is no such track.
    ExportError
        If a track has no file, or a file is gone.
    """
    slots = (*plan.slots, *plan.tail)
    if not 1 <= first <= len(slots):
        raise InputError(f"the plan has tracks 1 to {len(slots)}, and none with the number {first}")
    parts = sound.session_parts(plan)
    calm = _grounding(plan)
    check_files([*parts, *calm.parts])
    with sound.Mpv(device, timed=timed) as mpv:
        playing = _Playing(parts, calm, first - 1, tell)
        while True:
            pressed = key()
            if pressed == "quit":
                mpv.stop()
                return
            if pressed == "pause":
                mpv.write(playing.deck.pause())
            elif pressed is not None:
                playing.go(pressed)
            block = playing.read()
            if not len(block):
                return
            mpv.write(block)
            show(_now(playing.deck, plan, slots, calm))


class _Playing:
    """A session while it plays: what leads from one place to another."""

    def __init__(
        self, parts: Sequence[sound.Part], calm: _Grounding, first: int, tell: Callable[[str], None]
    ) -> None:
        self.deck = sound.Deck(parts, open_audio, first)
        self._parts, self._calm, self._tell = parts, calm, tell
        self._left = first  # where the session was left for the grounding set
        self._told: set[str] = set()

    def go(self, pressed: Key) -> None:
        """To where a key leads; nowhere if there is nothing there."""
        deck = self.deck
        in_session = deck.parts is self._parts
        if pressed == "next" and deck.index + 1 < len(deck.parts):
            self._jump(deck.parts, deck.index + 1)
        elif pressed == "previous":
            self._jump(deck.parts, max(0, deck.index - (deck.seconds < RESTART)))
        elif pressed == "grounding" and in_session:
            self._left = deck.index
            if self._calm.parts:
                self._jump(self._calm.parts, 0)
            else:
                self._tell("The plan holds no set for grounding; the session goes on in its last phase.")
                self._jump(self._parts, self._calm.slot)
        elif pressed == "back" and not in_session:
            self._jump(self._parts, self._left)

    def read(self) -> npt.NDArray[np.float32]:
        """The next samples [shape=(n, 2)], none at the end; a file that can't be decoded is told and passed over."""
        while True:
            try:
                return self.deck.read(STEP)
            except AudioError as error:  # of this track or, in an overlap, of the next
                self._pass_over(error)
                self._jump(self.deck.parts, self.deck.index + 1)

    def _jump(self, parts: Sequence[sound.Part], index: int) -> None:
        """To the first part from there on that can be decoded; to the end if there is none."""
        while True:
            try:
                self.deck.jump(parts, index)
                return
            except AudioError as error:
                self._pass_over(error)
                index += 1

    def _pass_over(self, error: AudioError) -> None:
        if str(error) not in self._told:
            self._told.add(str(error))
            self._tell(f"{error}; it is passed over")


@dataclass(frozen=True, slots=True)
class _Grounding:
    """Where `grounding` leads."""

    tracks: tuple[Track, ...]
    parts: tuple[sound.Part, ...]
    """The set that stands ready, again and again; empty where the plan holds none."""
    slot: int
    """Without a set: where the session's last phase begins."""


def _grounding(plan: Plan) -> _Grounding:
    last = plan.slots[-1].phase if plan.slots else ""
    slot = next((k for k, each in enumerate(plan.slots) if each.phase == last), 0)
    loudness = next((phase.loudness for phase in plan.template.phases if phase.name == last), None)
    ready = [each for each in plan.reserves.get(GROUNDING, ()) if each.track.path is not None]
    if not ready:
        return _Grounding((), (), slot)
    gains = [0.0] * len(ready)
    if plan.session.player == "render":
        table = objective.Table.of([each.track for each in ready], [each.features for each in ready])
        gains = [float(gain) for gain in objective.planned_gain(table, loudness)]
    slots, start = [], 0.0
    for reserve, gain in zip(ready, gains, strict=True):
        overlap = min(GROUNDING_OVERLAP, reserve.track.duration / 3)
        slots.append(
            Slot(GROUNDING, start, reserve.track.duration, reserve.track, reserve.features, overlap, gain)
        )
        start = slots[-1].end - overlap
    # beside the session's tracks, so that it is turned down as they are
    again = math.ceil(GROUNDING_SECONDS / start)
    every = sound.session_parts(replace(plan, tail=tuple(slots)))[len(plan.slots) :]
    every = [replace(part, overlap=slot.overlap) for part, slot in zip(every, slots, strict=True)]
    return _Grounding(tuple(slot.track for slot in slots) * again, tuple(every) * again, slot)


def _now(deck: sound.Deck, plan: Plan, slots: tuple[Slot, ...], calm: _Grounding) -> Now:
    index, part = deck.index, deck.parts[deck.index]
    if deck.parts is calm.parts:
        track, phase, clock, count = calm.tracks[index], GROUNDING, None, len(plan.reserves[GROUNDING])
    else:
        track, phase, count = slots[index].track, slots[index].phase, len(slots)
        clock = slots[index].start + deck.seconds
    return Now(
        phase=words.plain(phase),
        number=index % count + 1,
        count=count,
        title=" - ".join(word for word in (words.artist_of(track), words.title_of(track)) if word),
        at=words.length(deck.seconds),
        length=words.length(part.duration),
        clock="" if clock is None else words.clock(clock),
        paused=deck.paused,
    )
