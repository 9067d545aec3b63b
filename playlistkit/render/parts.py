"""What plays when: stretches of files, with their gains and overlaps."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from playlistkit.errors import ExportError
from playlistkit.model import Plan, Slot
from playlistkit.render.encode import Chapter

__all__ = ["CEILING_DBTP", "Part", "join_parts", "session_chapters", "session_parts"]


CEILING_DBTP = -1.0  # dBTP, the highest true peak by EBU R128


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file to play."""

    path: str
    offset: float
    """Seconds into the file at which it begins."""
    duration: float
    """Seconds, including its overlap with the next part."""
    gain: float = 0.0
    """dB."""
    overlap: float = 0.0
    """Seconds during which it sounds together with the next part."""
    pause: float = 0.0
    """Seconds of silence after it."""


def session_parts(plan: Plan) -> list[Part]:
    """The whole session and its tail.

    Silence at either end of a track is left out. To make up for the lost time, overlaps are shortened as far as they
    go: every track begins when planned, or as soon as the one before ends.

    Raises
    ------
    ExportError
        If a slot has no file: a track that is only on Spotify can't be rendered.
    """
    from playlistkit import objective  # the player process, which needs the deck alone, starts 0.1 s sooner

    slots = (*plan.slots, *plan.tail)
    gains = objective.session_gains(plan.session, slots).tolist()
    headroom = _headroom(slots, gains)
    parts = []
    start = slots[0].start if slots else 0.0
    for slot, gain, following in itertools.zip_longest(slots, gains, slots[1:]):
        end = start + _sounding(slot)
        overlap = max(0.0, min(slot.overlap, end - following.start)) if following else 0.0
        parts.append(
            Part(
                path=_path(slot),
                offset=slot.track.start + (slot.features.silence_start or 0.0),
                duration=_sounding(slot),
                gain=gain + headroom,
                overlap=overlap,
            )
        )
        start = end - overlap
    return parts


def session_chapters(plan: Plan) -> list[Chapter]:
    """A chapter for each track; the first one of a phase also names the phase."""
    chapters = []
    phase, start = None, 0.0
    for slot, part in zip((*plan.slots, *plan.tail), session_parts(plan), strict=True):
        name = " - ".join(word for word in (slot.track.artist, slot.track.title) if word) or "track"
        chapters.append(Chapter(start, f"{slot.phase}: {name}" if slot.phase != phase else name))
        phase = slot.phase
        start += part.duration - part.overlap
    return chapters


def join_parts(
    plan: Plan, joins: Sequence[int], *, before: float = 20.0, after: float = 20.0, pause: float = 1.5
) -> list[Part]:
    """The given joins, one after another: the end of one track, the overlap, the beginning of the next.

    Parameters
    ----------
    plan : Plan
    joins : sequence of int
        Join k lies between slot k and slot k + 1.
    before, after, pause : float
        Seconds before and after the overlap, and of silence between two joins.
    """
    parts = session_parts(plan)
    return list(
        itertools.chain.from_iterable(_join(parts[k], parts[k + 1], before, after, pause) for k in joins)
    )


def _join(one: Part, two: Part, before: float, after: float, pause: float) -> tuple[Part, Part]:
    length = min(one.duration, before + one.overlap)
    return (
        replace(one, offset=one.offset + one.duration - length, duration=length),
        replace(two, duration=min(two.duration, one.overlap + after), overlap=0.0, pause=pause),
    )


def _path(slot: Slot) -> str:
    if slot.track.path is None:
        name = slot.track.title or slot.track.uri or slot.track.id
        raise ExportError(
            f'{name!r} has no file on this machine and can\'t be rendered; plan it for the player "render"'
        )
    return slot.track.path


def _sounding(slot: Slot) -> float:
    """Seconds that the slot plays, without the silence at either end of its track."""
    silence = (slot.features.silence_start or 0.0) + (slot.features.silence_end or 0.0)
    sound = slot.track.duration - silence
    return min(slot.duration, sound) if sound > 0 else slot.duration


def _headroom(slots: Sequence[Slot], gains: Sequence[float]) -> float:
    """How far, in dB, to turn the whole session down so that no true peak passes the ceiling; 0 or less.

    0 where gains already ensure it, as in a plan built for `render`. All tracks get the same number, since the steps
    between them are the plan's.
    """
    peaks = [
        slot.features.true_peak + gain
        for slot, gain in zip(slots, gains, strict=True)
        if slot.features.true_peak is not None
    ]
    excess = max(peaks, default=CEILING_DBTP) - CEILING_DBTP
    return -excess if excess > 0.01 else 0.0  # gains are rounded to hundredths
