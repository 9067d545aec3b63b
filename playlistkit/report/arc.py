"""The arc as a picture: the target and what plays, over time.

Line style and lightness carry the meaning; blue and vermilion, safe for colour-blind readers, only help.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from playlistkit.arguments import checks_arguments
from playlistkit.model import FELT, Plan, clarity_of
from playlistkit.objective import Arc
from playlistkit.report.holds import readings
from playlistkit.report.playback import Played, played
from playlistkit.report.words import flagged_joins, pinned, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["COLORS", "arc_figure", "arc_png", "arc_svg"]

COLORS = {
    "paper": "#fffffe",
    "ink": "#22262b",
    "quiet": "#6b7178",
    "band": "#f1f2ee",
    "target": "#4c5157",
    "tolerance": "#dcdfda",
    "played": "#27608f",
    "played_soft": "#a9c4da",
    "flag": "#b8480f",
    "rule": "#c9ccc7",
}
"""The colours; the session sheet gives each a counterpart for dark screens."""

INCHES = (11.0, 6.4)
DPI = 150


@checks_arguments
def arc_figure(plan: Plan, *, title: bool = True) -> Figure:
    """The arc of a plan.

    Draws the energy within each track over the template's target and its tolerance, the loudness as
    heard, and the tempo as marks sized by pulse clarity; phases as bands, track numbers, pinned tracks,
    joins to check by ear, and the tail.

    Parameters
    ----------
    plan : Plan
    title : bool
        Whether to put the plan's name above it.

    Returns
    -------
    matplotlib.figure.Figure
        Not attached to any window.

    Examples
    --------
    >>> plan = pk.load_plan("session.json")
    >>> pk.arc_figure(plan).savefig("arc.png")
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.05, hspace=0.03)
    figure = Figure(figsize=INCHES, facecolor=COLORS["paper"], layout=layout)
    energy, loudness, tempo = figure.subplots(3, 1, sharex=True, height_ratios=(6, 2, 1.7))
    tracks = played(plan)
    arc = Arc(plan.template)
    end = max((track.slot.end for track in tracks), default=arc.end) / 60
    for axes in (energy, loudness, tempo):
        _frame(axes, plan, end)
    _energy(energy, plan, arc, tracks)
    _loudness(loudness, plan, tracks)
    _tempo(tempo, plan, tracks)
    _clock(tempo, end)
    if title:
        figure.suptitle(
            plain(plan.name), x=0.012, ha="left", fontsize=13, color=COLORS["ink"], parse_math=False
        )
    return figure


def arc_png(plan: Plan) -> bytes:
    """The picture as PNG, 1650 pixels wide."""
    file = io.BytesIO()
    arc_figure(plan).savefig(file, format="png", dpi=DPI, metadata={"Software": "playlistkit"})
    return file.getvalue()


def arc_svg(plan: Plan, *, inline: bool = False) -> str:
    """The picture as SVG.

    Parameters
    ----------
    inline : bool
        For a page that already has a title: letters as text in the page's font, which is small and can be
        searched. By default letters are outlines, which look the same everywhere.
    """
    import matplotlib

    file = io.StringIO()
    # a fixed salt, so that the same plan gives the same bytes
    with matplotlib.rc_context({"svg.fonttype": "none" if inline else "path", "svg.hashsalt": "playlistkit"}):
        arc_figure(plan, title=not inline).savefig(
            file, format="svg", metadata={"Date": None, "Creator": "playlistkit"}
        )
    return file.getvalue()


def _frame(axes: Axes, plan: Plan, end: float) -> None:
    """Draw phases as bands, and the planned end; remove all other frames."""
    axes.set_facecolor(COLORS["paper"])
    axes.set_xlim(0, end)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(COLORS["rule"])
    axes.tick_params(colors=COLORS["quiet"], labelsize=8.5, length=0)
    axes.grid(axis="y", color=COLORS["rule"], linewidth=0.5)
    axes.set_axisbelow(True)
    for number, phase in enumerate(plan.phases):
        if number % 2 == 0:
            axes.axvspan(phase.start / 60, phase.end / 60, color=COLORS["band"], zorder=0, linewidth=0)
    if plan.tail:
        axes.axvspan(
            plan.duration / 60,
            end,
            facecolor="none",
            edgecolor=COLORS["tolerance"],
            hatch="///",
            linewidth=0,
            zorder=0,
        )
        axes.axvline(plan.duration / 60, color=COLORS["ink"], linewidth=1.2, zorder=2)


def _energy(axes: Axes, plan: Plan, arc: Arc, tracks: tuple[Played, ...]) -> None:
    highest = _target(axes, arc) if arc.phases else 0.0
    label: str | None = "as it plays"
    for track in tracks:
        if track.energy:
            x, y = zip(*track.energy, strict=True)
            axes.plot(np.array(x) / 60, y, color=COLORS["played"], linewidth=1.9, zorder=4, label=label)
            label = None
    highest = max([highest, *(y for track in tracks for _, y in track.energy)])
    top = min(1.0, np.ceil(highest * 10 + 0.2) / 10)
    axes.set_ylim(0, top)
    axes.set_yticks(np.arange(0, top + 0.01, 0.1 if top <= 0.6 else 0.2))
    axes.set_ylabel("energy", color=COLORS["quiet"], fontsize=9)
    _phases(axes, plan)
    _tracks(axes, plan, tracks)
    if not axes.get_legend_handles_labels()[0]:
        return
    axes.legend(
        loc="upper right", bbox_to_anchor=(1.0, 1.2), ncols=5, frameon=False, fontsize=8.5,
        labelcolor=COLORS["ink"], handlelength=2.2, columnspacing=1.4, borderaxespad=0,
    )  # fmt: skip


def _target(axes: Axes, arc: Arc) -> float:
    """Draw the template's curve and its tolerance; return the highest energy it allows."""
    t = np.linspace(0, arc.end, 400)
    t = np.unique(np.concatenate([t, arc.bounds[1:-1] - 0.01, arc.bounds[1:-1] + 0.01]))
    target = arc.level(t)
    tolerance = np.array(
        [
            arc.phases[min(int(np.searchsorted(arc.bounds[1:], each)), len(arc.phases) - 1)].energy_tolerance
            for each in t
        ]
    )
    axes.fill_between(
        t / 60, np.maximum(target - tolerance, 0), np.minimum(target + tolerance, 1),
        color=COLORS["tolerance"], linewidth=0, zorder=1, label="tolerance for a track's mean",
    )  # fmt: skip
    axes.plot(
        t / 60, target, color=COLORS["target"], linewidth=1.3, linestyle=(0, (5, 3)), zorder=3, label="target"
    )
    return float((target + tolerance).max())


def _phases(axes: Axes, plan: Plan) -> None:
    """Each phase's name and minutes above its band."""
    for phase in plan.phases:
        minutes = (phase.end - phase.start) / 60
        axes.annotate(
            f"{plain(phase.name)}\n{minutes:.0f} min", ((phase.start + phase.end) / 120, 1),
            xycoords=("data", "axes fraction"), xytext=(0, 4), textcoords="offset points", ha="center", va="bottom",
            fontsize=9, color=COLORS["ink"], linespacing=1.25, parse_math=False,
        )  # fmt: skip
    if plan.tail:
        start, end = plan.duration, plan.tail[-1].end
        axes.annotate(
            f"tail\n{(end - start) / 60:.0f} min", ((start + end) / 120, 1), xycoords=("data", "axes fraction"),
            xytext=(0, 4), textcoords="offset points", ha="center", va="bottom", fontsize=9,
            color=COLORS["quiet"], linespacing=1.25,
        )  # fmt: skip


def _tracks(axes: Axes, plan: Plan, tracks: tuple[Played, ...]) -> None:
    """Draw boundaries and numbers along the bottom; pins and flagged joins as marks of their own shape."""
    flags, pins = flagged_joins(plan), pinned(plan)
    foot = axes.get_xaxis_transform()
    numbered = -np.inf  # x of the last number
    for track in tracks:
        slot = track.slot
        start = slot.start / 60
        axes.plot([start, start], [0, 0.055], color=COLORS["quiet"], linewidth=0.7, transform=foot, zorder=2)
        if slot.overlap > 0:  # sounds together with the next
            axes.plot(
                [(slot.end - slot.overlap) / 60, slot.end / 60], [0.004, 0.004], color=COLORS["quiet"],
                linewidth=3, transform=foot, zorder=2, solid_capstyle="butt",
            )  # fmt: skip
        middle = start + slot.duration / 120
        if middle - numbered < axes.get_xlim()[1] / 50:
            continue  # no room for a number
        numbered = middle
        axes.text(
            middle, 0.022, str(track.number), transform=foot, ha="center", va="bottom",
            fontsize=7, color=COLORS["quiet"],
        )  # fmt: skip
    marked = [track for track in tracks if track.slot.track.id in pins]
    if marked:
        axes.scatter(
            [(track.slot.start + track.slot.duration / 2) / 60 for track in marked], [0.1] * len(marked),
            marker="v", s=34, color=COLORS["ink"], transform=foot, zorder=5, label="pinned", linewidths=0,
        )  # fmt: skip
    due = [each.at / 60 for each in readings(plan)]
    if due:
        axes.vlines(due, 0, 1, transform=foot, color=COLORS["ink"], linewidth=0.9, linestyle=":", zorder=3)
        axes.scatter(
            due, [0.93] * len(due), marker="P", s=42, color=COLORS["ink"], transform=foot, zorder=6, label="reading",
            linewidths=0,
        )  # fmt: skip
    joins = [plan.slots[k].start / 60 for k in flags if k < len(plan.slots)]
    if joins:
        axes.vlines(joins, 0, 1, transform=foot, color=COLORS["flag"], linewidth=0.9, linestyle=":", zorder=3)
        axes.scatter(
            joins, [0.965] * len(joins), marker="D", s=30, facecolor=COLORS["paper"], edgecolor=COLORS["flag"],
            linewidths=1.5, transform=foot, zorder=6, label="join to check by ear",
        )  # fmt: skip


def _loudness(axes: Axes, plan: Plan, tracks: tuple[Played, ...]) -> None:
    values: list[float] = []
    for track in tracks:
        if track.loudness:
            x, y = zip(*track.loudness, strict=True)
            values += y
            axes.plot(np.array(x) / 60, y, color=COLORS["played_soft"], linewidth=1.2, zorder=2)
        if track.level is not None:
            values.append(track.level)
            axes.hlines(
                track.level, track.slot.start / 60, track.slot.end / 60, color=COLORS["played"], linewidth=1.7,
                zorder=3,
            )  # fmt: skip
    wishes = {phase.name: phase.loudness for phase in plan.template.phases}
    for phase in plan.phases:
        wish = wishes.get(phase.name)
        if wish is not None:
            values.append(wish)
            axes.hlines(
                wish, phase.start / 60, phase.end / 60, color=COLORS["target"], linewidth=1.1,
                linestyle=(0, (5, 3)), zorder=3,
            )  # fmt: skip
    if values:
        low, high = max(min(values), -45.0), max(values)
        axes.set_ylim(np.floor(low / 5) * 5, np.ceil(high / 5) * 5 + 0.5)
    axes.set_ylabel("loudness, LUFS", color=COLORS["quiet"], fontsize=9)


def _tempo(axes: Axes, plan: Plan, tracks: tuple[Played, ...]) -> None:
    ranges = {phase.name: phase.tempo for phase in plan.template.phases}
    shown = [track for track in tracks if track.slot.features.tempo is not None]
    values = [track.slot.features.tempo or 0.0 for track in shown]
    for phase in plan.phases:
        wish = ranges.get(phase.name)
        if wish is not None:
            values += wish
            axes.fill_between(
                [phase.start / 60, phase.end / 60], *wish, color=COLORS["tolerance"], linewidth=0, zorder=1
            )
    # a beat that can hardly be felt is a small ring
    clarity = np.array([clarity_of(track.slot.features) for track in shown])
    if shown:
        axes.scatter(
            [(track.slot.start + track.slot.duration / 2) / 60 for track in shown],
            [track.slot.features.tempo or 0.0 for track in shown], s=6 + 60 * clarity,
            facecolor=[COLORS["played"] if each >= FELT else COLORS["paper"] for each in clarity],
            edgecolor=COLORS["played"], linewidths=1.0, zorder=3,
        )  # fmt: skip
        _clarity(axes)
    if values:
        axes.set_ylim(np.floor(min(values) / 20) * 20 - 10, np.ceil(max(values) / 20) * 20 + 10)
    axes.set_ylabel("tempo, BPM", color=COLORS["quiet"], fontsize=9)


def _clarity(axes: Axes) -> None:
    """A legend of the tempo marks, above them."""
    from matplotlib.lines import Line2D

    marks = (("hardly a beat", 0.1, COLORS["paper"]), ("a clear beat", 0.8, COLORS["played"]))
    handles = [
        Line2D([], [], marker="o", linestyle="", markersize=(6 + 60 * clarity) ** 0.5, markerfacecolor=face,
               markeredgecolor=COLORS["played"], label=words)
        for words, clarity, face in marks
    ]  # fmt: skip
    axes.legend(
        handles=handles, loc="lower right", bbox_to_anchor=(1.0, 0.97), ncols=2, frameon=False, fontsize=8,
        labelcolor=COLORS["quiet"], handletextpad=0.2, columnspacing=1.0, borderaxespad=0,
    )  # fmt: skip


def _clock(axes: Axes, end: float) -> None:
    """Hours and minutes along the bottom."""
    step = next(each for each in (1, 5, 10, 15, 30, 60, 120, 10_000) if end / each <= 16)
    ticks = np.arange(0, end + 1e-6, step)
    axes.set_xticks(ticks, [f"{int(minutes) // 60}:{int(minutes) % 60:02}" for minutes in ticks])
    axes.set_xlabel("hours : minutes into the session", color=COLORS["quiet"], fontsize=9)
