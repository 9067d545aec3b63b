"""The arc and the plan as terminal text, with blocks and colour or as plain ASCII."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence

from playlistkit.arguments import checks_arguments
from playlistkit.figures import counted
from playlistkit.model import Plan, PlannedPhase
from playlistkit.objective import Arc
from playlistkit.report.playback import Played, played
from playlistkit.report.words import (
    artist_of,
    clock,
    flagged_joins,
    length,
    pinned,
    plain,
    players,
    remarks,
    tempo,
    title_of,
    verdict,
    voice,
)
from playlistkit.report.wrapping import fitted, wide, wrapped

__all__ = ["arc_text"]

ROWS = 8  # of the chart
NARROW = 60  # columns; below this, tables keep only what is needed to follow the session
LEAST = 30  # columns
EIGHTHS = " ▁▂▃▄▅▆▇█"
ASCII = str.maketrans({
    "▶": "*", "◆": "!", "–": "-", "—": "-", "─": "-", "┄": "-", "│": "|", "┊": "|", "…": "~", "·": "-", "±": "+-",
})  # fmt: skip
BOLD, DIM, BLUE, ORANGE, RESET = "\x1b[1m", "\x1b[2m", "\x1b[34m", "\x1b[33m", "\x1b[0m"


@checks_arguments
def arc_text(plan: Plan, *, width: int = 80, color: bool = False, unicode: bool = True) -> str:
    """A plan as text for a terminal.

    Parameters
    ----------
    plan : Plan
    width : int
        Columns; below 60 the tables show less, and below 30 count as 30.
    color : bool
        Whether to use the terminal's colours.
    unicode : bool
        Whether to use blocks and signs; else all is ASCII, titles included.

    Returns
    -------
    str
        Lines without trailing spaces or a final newline.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> print(pk.arc_text(plan, width=60).splitlines()[0])
    Demo, a session in miniature
    """
    width = max(width, LEAST)
    paint = _Paint(color)
    tracks = played(plan)
    lines = [
        *_head(plan, width, paint),
        "",
        *_chart(plan, tracks, width, paint, unicode),
        "",
        *_phases(plan, width, paint),
        "",
        *_tracks(plan, tracks, width, paint),
        *_remarks(plan, width, paint),
    ]
    text = "\n".join(line.rstrip() for line in lines)
    if unicode:
        return text
    return "".join(map(_ascii, text.translate(ASCII)))


class _Paint:
    """Colours text, if colour is on."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, style: str, text: str) -> str:
        return f"{style}{text}{RESET}" if self._color and text.strip() else text


def _head(plan: Plan, width: int, paint: _Paint) -> Iterator[str]:
    for line in wrapped(plain(plan.name), width, indent=0):
        yield paint(BOLD, line)
    variants = (
        f" ({', '.join(plain(each) for each in plan.session.variants)})" if plan.session.variants else ""
    )
    if variants or plan.template.name != plan.name:
        yield from wrapped(f"{plain(plan.template.name)}{variants}", width, indent=0)
    tail = f", then {(plan.tail[-1].end - plan.duration) / 60:.0f} min of tail" if plan.tail else ""
    told = f"{counted(len(plan.slots), 'track')}, {clock(plan.duration)}{tail}; for {players(plan.session.player)}"
    yield from wrapped(told, width, indent=0)
    yield from wrapped(verdict(plan), width, indent=0)


def _chart(plan: Plan, tracks: Sequence[Played], width: int, paint: _Paint, unicode: bool) -> Iterator[str]:
    """The energy as it plays, in columns, with the target as a line of dashes."""
    arc = Arc(plan.template)
    end = max([arc.end, *(track.slot.end for track in tracks)])
    gutter = 4
    columns = width - gutter
    energies = _columns(tracks, end, columns)
    centres = [(k + 0.5) * end / columns for k in range(columns)]
    target = [
        float(level) if t < arc.end else None for t, level in zip(centres, arc.level(centres), strict=True)
    ]
    top = min(1.0, max([0.3, *(each for each in (*energies, *target) if each is not None)]) + 0.05)
    for row in range(ROWS, 0, -1):
        label = f"{row * top / ROWS:.1f}" if row in (ROWS, ROWS // 2) else ""
        cells = []
        for level, wish in zip(energies, target, strict=True):
            filled = 0.0 if level is None else level / top * ROWS - (row - 1)
            aimed = wish is not None and row == min(ROWS, int(wish / top * ROWS) + 1)
            if aimed:
                cells.append(paint(BOLD, "┄" if filled <= 0.5 else "─") if unicode else "-")
            elif unicode:
                eighths = max(0, min(8, round(filled * 8)))
                cells.append(paint(BLUE, EIGHTHS[eighths]))
            else:
                cells.append("#" if filled >= 0.5 else " ")
        yield f"{label:>3} " + "".join(cells)
    yield " " * gutter + paint(DIM, _names(plan, end, columns))
    legend = "energy as it plays; dashes: the target" if unicode else "#: energy as it plays   -: the target"
    if width < NARROW:
        legend = "dashes: the target"
    yield " " * gutter + paint(DIM, legend)


def _columns(tracks: Sequence[Played], end: float, columns: int) -> list[float | None]:
    """The mean energy in each column; `None` if unknown."""
    sums, counts = [0.0] * columns, [0] * columns
    for track in tracks:
        points = track.energy
        for k in range(columns):
            t = (k + 0.5) * end / columns
            if points and points[0][0] <= t <= points[-1][0]:
                value = next(
                    y0 + (y1 - y0) * ((t - x0) / (x1 - x0) if x1 > x0 else 0.0)
                    for (x0, y0), (x1, y1) in itertools.pairwise(points)
                    if x0 <= t <= x1
                )
                sums[k] += value
                counts[k] += 1
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]


def _names(plan: Plan, end: float, columns: int) -> str:
    """The phases' names at their starts, where they fit."""
    line = ""
    starts = [(phase.start, plain(phase.name)) for phase in plan.phases]
    if plan.tail:
        starts.append((plan.duration, "tail"))
    for k, (start, name) in enumerate(starts):
        stop = starts[k + 1][0] if k + 1 < len(starts) else end
        room = round(stop / end * columns) - round(start / end * columns)
        line += fitted(f"│{name}", room)
    return line


def _phases(plan: Plan, width: int, paint: _Paint) -> Iterator[str]:
    narrow = width < NARROW
    room = min(20, max([len("phase"), *(wide(plain(phase.name)) for phase in plan.phases)]))
    if narrow:
        room = min(room, width - 24)
        yield paint(DIM, f"{fitted('phase', room)}  {'minutes':>7}  ends")
    else:
        yield paint(
            DIM, f"{fitted('phase', room)}  {'from':>7}  {'to':>7}  {'minutes':>7}  {'aimed':>5}  ends"
        )
    for phase in plan.phases:
        minutes, aimed = (phase.end - phase.start) / 60, (phase.target_end - phase.target_start) / 60
        times = "" if narrow else f"{clock(phase.start):>7}  {clock(phase.end):>7}  "
        wish = "" if narrow else f"{aimed:>5.0f}  "
        yield f"{fitted(plain(phase.name), room)}  {times}{minutes:>7.1f}  {wish}{_residual(phase)}"


def _residual(phase: PlannedPhase) -> str:
    seconds = round(phase.residual)
    return "on time" if seconds == 0 else f"{abs(seconds)} s {'late' if seconds > 0 else 'early'}"


def _tracks(plan: Plan, tracks: Sequence[Played], width: int, paint: _Paint) -> Iterator[str]:
    flags, pins = flagged_joins(plan), pinned(plan)
    narrow = width < NARROW
    # widths: time, number, sign, length; energy, tempo, voice; spaces between
    room = width - (7 + 1 + 3 + 1 + 1 + 2 + 6) - (0 if narrow else 1 + 6 + 1 + 4 + 2 + 9)
    more = "" if narrow else f" {'energy':>6} {'bpm':>4}  {'voice':<9}"
    yield paint(DIM, f"{'time':>7} {'#':>3}  {fitted('track', room)}  {'length':>6}{more}")
    phase = ""
    for track in tracks:
        slot, features = track.slot, track.slot.features
        if slot.phase != phase:
            phase = slot.phase
            name = "tail, after the planned end" if phase == "tail" else plain(phase)
            yield paint(BOLD, f"── {fitted(name, width - 3).rstrip()}")
        artist = artist_of(slot.track)
        name = f"{artist} – {title_of(slot.track)}" if artist else title_of(slot.track)
        sign = "◆" if track.number - 1 in flags else "▶" if slot.track.id in pins else " "
        line = (
            f"{clock(slot.start):>7} {track.number:>3} {sign}{fitted(name, room)}  {length(slot.duration):>6}"
        )
        if not narrow:
            energy = "" if track.mean is None else f"{track.mean:.2f}"
            line += f" {energy:>6} {tempo(features):>4}  {voice(features):<9}"
        yield paint(ORANGE, line) if sign == "◆" else line
    if not narrow and any(tempo(track.slot.features).startswith("~") for track in tracks):
        yield paint(DIM, "~ the beat of this tempo is barely felt")


def _remarks(plan: Plan, width: int, paint: _Paint) -> Iterator[str]:
    """What to check by ear or decide."""
    flags = flagged_joins(plan)
    if flags:
        yield ""
        yield paint(BOLD, "◆ joins to check by ear")
        for k, reasons in flags.items():
            for reason in reasons:
                yield from wrapped(f"{k}–{k + 1}: {reason}", width)
    if pinned(plan):
        yield ""
        yield "▶ pinned"
    told = remarks(plan)
    if told:
        yield ""
        yield paint(BOLD, "to know")
        for remark in told:
            yield from wrapped(remark, width)


def _ascii(letter: str) -> str:
    """The letter without its accents, or a question mark; never wider than before."""
    if letter.isascii():
        return letter
    base = "".join(each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each))
    return base if base.isascii() and len(base) <= 1 else "?"
