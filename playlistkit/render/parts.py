"""What of a plan is played when: stretches of files, with their gains and overlaps."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playlistkit.errors import ExportError
from playlistkit.model import Plan, Slot
from playlistkit.render.encode import Chapter

__all__ = ["Part", "join_parts", "session_chapters", "session_parts"]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file as it is played."""

    path: str
    offset: float
    """Seconds into the file at which it begins."""
    duration: float
    """Seconds, its overlap with the next part included."""
    gain: float = 0.0
    """dB."""
    overlap: float = 0.0
    """Seconds during which it sounds together with the next part."""
    pause: float = 0.0
    """Seconds of silence after it."""


def session_parts(plan: Plan) -> list[Part]:
    """The whole session and its tail.

    Raises
    ------
    ExportError
        If a slot has no file: a track that is only on Spotify can't be rendered.
    """
    return [_part(slot) for slot in (*plan.slots, *plan.tail)]


def session_chapters(plan: Plan) -> list[Chapter]:
    """A chapter for each track; the first of a phase names the phase too."""
    chapters = []
    phase = None
    for slot in (*plan.slots, *plan.tail):
        name = " - ".join(word for word in (slot.track.artist, slot.track.title) if word) or "track"
        chapters.append(Chapter(slot.start, f"{slot.phase}: {name}" if slot.phase != phase else name))
        phase = slot.phase
    return chapters


def join_parts(
    plan: Plan, joins: Sequence[int], *, before: float = 20.0, after: float = 20.0, pause: float = 1.5
) -> list[Part]:
    """The given joins one after another: the end of one track, the overlap, the beginning of the next.

    Parameters
    ----------
    plan : Plan
    joins : sequence of int
        Join k lies between slot k and slot k + 1.
    before, after, pause : float
        Seconds before and after the overlap, and of silence between two joins.
    """
    return list(itertools.chain.from_iterable(
        _join(plan.slots[k], plan.slots[k + 1], before, after, pause) for k in joins
    ))  # fmt: skip


def _join(one: Slot, two: Slot, before: float, after: float, pause: float) -> Iterator[Part]:
    whole = _part(one)
    length = min(whole.duration, before + whole.overlap)
    yield Part(
        whole.path, whole.offset + whole.duration - length, length, whole.gain, min(whole.overlap, length)
    )
    whole = _part(two)
    yield Part(whole.path, whole.offset, min(whole.duration, one.overlap + after), whole.gain, pause=pause)


def _part(slot: Slot) -> Part:
    if slot.track.path is None:
        name = slot.track.title or slot.track.uri or slot.track.id
        raise ExportError(
            f"{name!r} has no file on this machine and can't be rendered; build with --for render"
        )
    # leading silence is left out, so that a join holds what was planned and no gap
    return Part(slot.track.path, slot.features.silence_start or 0.0, slot.duration, slot.gain, slot.overlap)
