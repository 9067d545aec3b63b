"""Words for people about a plan and its tracks; what was found in them, `facts` says.

The sheet and the terminal take them from here; the command line and the page through `playlistkit.workflow.words`.
"""

from __future__ import annotations

import math

from playlistkit import objective, planner
from playlistkit.facts.playlists import JoinStep
from playlistkit.figures import beside, clock, counted, length, number
from playlistkit.model import (
    Certificate,
    Features,
    Finding,
    Plan,
    Player,
    Source,
    Track,
    felt,
    vocals_of,
)
from playlistkit.objective.scoring import Join

__all__ = [
    "artist_of",
    "certified",
    "clock",
    "finding_line",
    "flagged_joins",
    "join_line",
    "length",
    "levels",
    "named",
    "pinned",
    "plain",
    "players",
    "remarks",
    "source",
    "swap_lines",
    "tempo",
    "time_of_day",
    "title_of",
    "verdict",
    "voice",
]  # fmt: skip

VOICES = {"none": "none", "wordless": "wordless", "words": "words", "unknown": "not known"}
SOURCES: dict[Source, str] = {
    "measured": "measured by playlistkit",
    "imported": "from a table",
    "set": "set by you",
}
PLAYERS: dict[Player, str] = {
    "files": "an ordinary file player",
    "spotify": "Spotify",
    "render": "playlistkit itself, or one file",
}

# --- a plan -------------------------------------------------------------------------------------------------


def flagged_joins(plan: Plan) -> dict[int, list[str]]:
    """The joins to check by ear, each with its reasons; join k lies between slots k and k + 1, from 1.

    The reasons don't name the two tracks, as these stand beside them wherever a join is told.

    A gap within the limit is not flagged, since there is nothing to hear; `remarks` reports all gaps in one sentence.
    """
    joins: dict[int, list[str]] = {}
    for finding in objective.findings(plan.session, plan.slots):
        if finding.where.kind == "join" and not _is_gap(finding):
            about = finding.about
            told = about.brief if isinstance(about, JoinStep) else finding.text
            joins.setdefault(finding.where.number, []).append(plain(told))
    return joins


def pinned(plan: Plan) -> frozenset[str]:
    """Ids of the tracks that the session pins."""
    return frozenset(pin.track for pin in plan.session.pins)


def remarks(plan: Plan) -> list[str]:
    """Shortfalls, broken rules, and warnings other than those on flagged joins."""
    told = [plain(shortfall.text) for shortfall in plan.shortfalls]
    told += _warnings(plan)
    told += _gaps(plan)
    for slot in (*plan.slots, *plan.tail):
        title = title_of(slot.track)
        told += [plain(bend) if title in bend else f"{title}: {plain(bend)}" for bend in slot.bends]
    return told


def _is_gap(finding: Finding) -> bool:
    """Whether the finding is a silence between two tracks, within the limit."""
    return finding.where.kind == "join" and finding.kind == "silence" and not finding.breaks


def _gaps(plan: Plan) -> list[str]:
    """One sentence on the silences longer than wished, and what closes them."""
    at = [f.where.number for f in objective.findings(plan.session, plan.slots) if _is_gap(f)]
    if not at:
        return []
    joins = objective.judge(plan.session, plan.slots).joins
    wish = plan.template.rules.join.silence
    longest = beside(max(joins[k - 1].silence for k in at), wish, digits=1)
    into = ", ".join(str(k + 1) for k in at)
    many = (
        f"{len(at)} joins (into tracks {into}), the longest {longest} s"
        if len(at) > 1
        else f"the join into track {into}, {longest} s"
    )
    cure = "" if plan.session.player == "render" else '. The player "render" closes every gap'
    return [f"More than {number(wish)} s of silence at {many}{cure}."]


def _warnings(plan: Plan) -> list[str]:
    """The plan's warnings, without those on joins; equal warnings about several tracks are merged.

    "Track 3, Wool: nobody knows ..." and the like become "Tracks 3, 5 and 9: nobody knows ...".
    """
    findings = {
        str(planner.warning_of(finding, plan.slots)): finding
        for finding in planner.warnings_of(plan.session, plan.slots, plan.phases)
    }
    groups: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for text in plan.warnings:
        finding = findings.get(text)
        if finding is None:
            groups.setdefault(("", text), []).append((0, text))
        elif finding.where.kind == "track":
            groups.setdefault(("track", finding.text), []).append((finding.where.number, text))
        elif finding.where.kind != "join":
            groups.setdefault((finding.where, finding.text), []).append((0, text))
    told = []
    for (kind, said), of in groups.items():
        numbers = [str(number) for number, _ in of]
        if kind == "track" and len(numbers) > 1:
            told.append(plain(f"Tracks {', '.join(numbers[:-1])} and {numbers[-1]}: {said}"))
        else:
            told.append(plain(of[0][1]))
    return told


def verdict(plan: Plan) -> str:
    """The plan's verdict in one sentence: rules, joins, ends of phases."""
    found = objective.findings(plan.session, plan.slots)
    broken = sum(finding.breaks for finding in found)
    bent = sum(bool(slot.bends) for slot in (*plan.slots, *plan.tail))
    joins = len(flagged_joins(plan))
    if bent:
        rules = f"{counted(bent, 'track')} {'breaks' if bent == 1 else 'break'} a rule, each marked"
    elif broken:
        rules = f"{counted(broken, 'rule')} broken"
    else:
        rules = "Every rule is kept"
    ear = f"{counted(joins, 'join')} to check by ear" if joins else "no join needs checking by ear"
    late = math.ceil(max((abs(phase.residual) for phase in plan.phases), default=0.0) - 1e-6)
    ends = "on time" if late <= 1 else f"within {late} s of its minute"
    warned = planner.warnings_of(plan.session, plan.slots, plan.phases)
    unsure = sum(finding.kind == "vocals" and not finding.breaks for finding in warned)
    voice = f"; {counted(unsure, 'track')} may have a voice that nobody has checked" if unsure else ""
    return f"{rules}{voice}; {ear}; every phase ends {ends}."


def certified(certificate: Certificate) -> str:
    """How far a plan is from the best possible one, in a sentence."""
    scope = f" among {certificate.scope}" if certificate.scope else ""
    if certificate.proven:
        return f"Proven the best{scope}."
    if certificate.within is not None:
        return f"Within {100 * certificate.within:.1f} % of the best possible{scope}."
    return "How far it is from the best possible is unknown."


def finding_line(finding: Finding) -> str:
    """A finding on one line, its place first."""
    return plain(f"{finding.where}: {finding.text}")


def swap_lines(done: planner.Swap) -> list[str]:
    """Sentences on what else a swap changed."""
    told = []
    for tracks, words in (
        (done.left, "had to leave"),
        (done.came, "came in"),
        (done.moved, "moved to another place"),
    ):
        if tracks:
            told.append(f"{', '.join(map(named, tracks))} {words}.")
    if not told:
        told.append("Every other track stays where it was.")
    if abs(done.shifted) >= 1:
        side = "later" if done.shifted > 0 else "earlier"
        told.append(f"What follows begins {abs(done.shifted):.0f} s {side}.")
    return told


def join_line(join: Join) -> str:
    """A join's steps in loudness and energy."""
    loudness = "?" if join.loudness_step is None else f"{join.loudness_step:+.1f} LU"
    energy = "?" if join.energy_step is None else f"{join.energy_step:.2f}"
    return f"{loudness}, energy {energy}"


def named(track: Track) -> str:
    """Artist and title."""
    return " - ".join(word for word in (artist_of(track), title_of(track)) if word)


def players(player: Player) -> str:
    """What plays the session, in words."""
    return PLAYERS[player]


def levels(plan: Plan) -> str:
    """How loud the tracks are where playlistkit plays or renders the plan: as planned, so that the planned arc is heard."""
    player = plan.session.player
    if player == "render":
        return "Levels and crossfades are as planned."
    kept = {
        "files": "each track keeps its own level",
        "spotify": "all tracks are brought to one level, as Spotify does",
    }
    return (
        f"The plan was made for {players(player)}, so {kept[player]}. To have levels follow the arc, plan it for "
        f'{players("render")} ("render").'
    )


# --- a track ------------------------------------------------------------------------------------------------


JOINERS = "\u200c\u200d"
"""They don't print, but Persian and Indian words and many emoji are spelled with them."""


def plain(text: str) -> str:
    """The text on one line, without control characters or undecodable bytes."""
    return " ".join("".join(each if each.isprintable() or each in JOINERS else " " for each in text).split())


def title_of(track: Track) -> str:
    """The track's title, or whatever else identifies it."""
    name = (track.path or "").replace("\\", "/").rpartition("/")[2]
    return plain(track.title or "") or plain(name) or track.uri or track.id


def artist_of(track: Track) -> str:
    """The artist; empty if unknown."""
    return plain(track.artist or "")


def tempo(features: Features) -> str:
    """The tempo in BPM, with "~" if its beat is barely felt; empty if unknown."""
    if features.tempo is None:
        return ""
    return f"{'' if felt(features) else '~'}{features.tempo:.0f}"


def voice(features: Features) -> str:
    """The track's voice in words."""
    return VOICES[vocals_of(features)]


def source(word: Source) -> str:
    """Where a value comes from, in words."""
    return SOURCES[word]


def time_of_day(begin: float | None, seconds: float) -> str:
    """``"14:05"``: the time of day so many seconds after the start; empty if the start is unknown."""
    if begin is None:
        return ""
    minutes = int((begin + seconds) // 60) % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"
