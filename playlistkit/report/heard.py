"""What is heard in the course of a plan, as the pictures and tables show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from playlistkit import objective
from playlistkit.model import FELT, Curve, Features, Plan, Player, Slot, Source, Track, clarity_of, vocals_of

__all__ = [
    "Heard",
    "artist_of",
    "clock",
    "flagged_joins",
    "heard",
    "length",
    "pinned",
    "plain",
    "players",
    "remarks",
    "source",
    "tempo",
    "title_of",
    "voice",
]  # fmt: skip

BLOCK = 20  # seconds; finer is noise at the width of a page

VOICES = {"none": "none", "wordless": "wordless", "words": "words", "unknown": "not known"}
SOURCES: dict[Source, str] = {
    "measured": "heard by playlistkit",
    "imported": "from a table",
    "set": "your word",
}
PLAYERS: dict[Player, str] = {
    "files": "an ordinary player of files",
    "spotify": "Spotify",
    "render": "playlistkit's own render or play",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One slot as it plays; points are (seconds from the session's start, value)."""

    number: int
    """From 1, the tail included."""
    slot: Slot
    energy: tuple[tuple[float, float], ...]
    """Empty where not known."""
    loudness: tuple[tuple[float, float], ...]
    """Short-term loudness in LUFS as heard; empty where not known."""
    level: float | None
    """The whole track's loudness in LUFS as heard."""


def heard(plan: Plan) -> tuple[Heard, ...]:
    """Every slot as it plays, the tail's last."""
    slots = (*plan.slots, *plan.tail)
    gains = [slot.gain for slot in slots]
    if plan.session.player == "spotify" and slots:
        table = objective.Table.of([slot.track for slot in slots], [slot.features for slot in slots])
        gains = [float(gain) for gain in objective.heard_gain("spotify", table, None)]
    found = []
    for number, (slot, gain) in enumerate(zip(slots, gains, strict=True), 1):
        features = slot.features
        known = gain == gain and features.loudness is not None  # NaN: a gain that isn't known
        found.append(
            Heard(
                number,
                slot,
                _points(
                    slot, features.energy_curve, (features.energy_start, features.energy, features.energy_end)
                ),
                tuple(
                    (t, value + gain)
                    for t, value in _points(slot, features.loudness_curve, (features.loudness,))
                )
                if known
                else (),
                features.loudness + gain if known and features.loudness is not None else None,
            )
        )
    return tuple(found)


def _points(
    slot: Slot, curve: Curve | None, marks: Sequence[float | None]
) -> tuple[tuple[float, float], ...]:
    """The curve's means over blocks, or start, body and end where there is no curve."""
    if curve:
        values = curve[: max(1, int(slot.duration))]
        blocks = [values[k : k + BLOCK] for k in range(0, len(values), BLOCK)]
        means = [sum(block) / len(block) for block in blocks]
        inner = [(slot.start + min((k + 0.5) * BLOCK, slot.duration), mean) for k, mean in enumerate(means)]
        return ((slot.start, means[0]), *inner, (slot.end, means[-1]))
    body = marks[len(marks) // 2]
    if body is None:
        return ()
    edge = min(30.0, slot.duration / 3)
    first, last = (body if value is None else value for value in (marks[0], marks[-1]))
    return (
        (slot.start, first),
        (slot.start + edge, body),
        (slot.end - edge, body),
        (slot.end, last),
    )


def flagged_joins(plan: Plan) -> dict[int, list[str]]:
    """The joins that want an ear, each with its reasons; join k lies between slots k and k + 1, from 1."""
    joins: dict[int, list[str]] = {}
    for finding in objective.findings(plan.session, plan.slots):
        if finding.where.startswith("join "):
            joins.setdefault(int(finding.where.removeprefix("join ")), []).append(plain(finding.text))
    return joins


def pinned(plan: Plan) -> frozenset[str]:
    """Ids of the tracks that the session pins."""
    return frozenset(pin.track for pin in plan.session.pins)


def remarks(plan: Plan) -> list[str]:
    """What else is to be known: shortfalls, warnings (those on flagged joins stand there), bent rules."""
    joins = tuple(reason for reasons in flagged_joins(plan).values() for reason in reasons)
    told = [plain(shortfall.text) for shortfall in plan.shortfalls]
    warnings = [text for text in map(plain, plan.warnings) if not (joins and text.endswith(joins))]
    told += _together(plan, warnings)
    for slot in (*plan.slots, *plan.tail):
        title = title_of(slot.track)
        told += [plain(bend) if title in bend else f"{title}: {plain(bend)}" for bend in slot.bends]
    return told


def _together(plan: Plan, warnings: Sequence[str]) -> list[str]:
    """The warnings, those that say the same of several tracks as one.

    "Track 3, Wool: nobody knows ..." and the like become "Tracks 3, 5 and 9: nobody knows ...".
    """
    beginnings = [
        f"Track {number}, {plain(slot.track.title or slot.track.id)}: "
        for number, slot in enumerate(plan.slots, 1)
    ]
    groups: dict[str, list[tuple[int | None, str]]] = {}
    for text in warnings:
        number = next((k for k, each in enumerate(beginnings, 1) if text.startswith(each)), None)
        said = text.removeprefix(beginnings[number - 1]) if number else text
        groups.setdefault(said, []).append((number, text))
    told = []
    for said, of in groups.items():
        numbers = [str(number) for number, _ in of if number]
        if len(numbers) > 1:
            told.append(f"Tracks {', '.join(numbers[:-1])} and {numbers[-1]}: {said}")
        else:
            told.append(of[0][1])
    return told


def plain(text: str) -> str:
    """The text on one line, without control characters and bytes that are no text."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def title_of(track: Track) -> str:
    """The track's title, or what else tells it from others."""
    name = (track.path or "").replace("\\", "/").rpartition("/")[2]
    return plain(track.title or "") or plain(name) or track.uri or track.id


def artist_of(track: Track) -> str:
    """The artist; empty where not known."""
    return plain(track.artist or "")


def tempo(features: Features) -> str:
    """The track's tempo in BPM, after "~" where its beat is hardly felt; empty where not known."""
    if features.tempo is None:
        return ""
    return f"{'' if clarity_of(features) >= FELT else '~'}{features.tempo:.0f}"


def voice(features: Features) -> str:
    """The track's voice in words."""
    return VOICES[vocals_of(features)]


def source(word: Source) -> str:
    """Where a value comes from, in words."""
    return SOURCES[word]


def players(player: Player) -> str:
    """What plays the session, in words."""
    return PLAYERS[player]


def clock(seconds: float) -> str:
    """``"1:05:00"``: hours, minutes, seconds into the session."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def length(seconds: float) -> str:
    """``"5:07"``: minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02}"
