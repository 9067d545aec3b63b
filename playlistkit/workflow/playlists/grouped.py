"""Group findings of one kind, so that a playlist of sixty tracks doesn't get sixty equal sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playlistkit.facts.playlists import PhaseEmpty, PhaseEnd
from playlistkit.model import Finding, Place, Slot

__all__ = ["grouped"]

ALONE = 2
"""Most findings of a kind in a phase that are listed one by one."""


OF_THE_WHOLE = frozenset(
    {"player", "track_minutes", "artist", "repeat", "work", "music", "seconds", "silence", "jolt", "swell"}
)
"""Kinds of finding about tracks whose rule is the whole session's, as those about joins are."""


def grouped(findings: Iterable[Finding], played: Sequence[Slot]) -> tuple[Finding, ...]:
    """Merge findings of one kind, if there are more than `ALONE`.

    Tracks that break a phase's rule are merged by phase. Joins, tracks that break a rule of the whole session, and
    phases that miss their minutes are each reported once for the whole list.
    """
    together: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        together.setdefault(_group(finding, played), []).append(finding)
    return tuple(told for each in together.values() for told in _told(each, played))


def _group(finding: Finding, played: Sequence[Slot]) -> tuple[object, ...]:
    where = finding.where
    if where.kind == "phase" and finding.kind == "minutes":
        return finding.kind, finding.breaks, where.kind
    if where.kind not in ("track", "join") or not 0 < where.number <= len(played):
        return finding.kind, finding.breaks, where, finding.text
    phase = "" if _is_of_the_whole(finding) else _phase_of(where, played)
    return finding.kind, finding.breaks, where.kind, phase


def _is_of_the_whole(finding: Finding) -> bool:
    return finding.where.kind == "join" or finding.kind in OF_THE_WHOLE


def _phase_of(where: Place, played: Sequence[Slot]) -> str:
    """The phase in which a track plays, or to which a join leads."""
    return played[min(where.number - (where.kind == "track"), len(played) - 1)].phase


def _told(findings: Sequence[Finding], played: Sequence[Slot]) -> Iterable[Finding]:
    first = findings[0]
    if len(findings) <= ALONE or not isinstance(first.where, Place):
        return findings
    if first.where.kind == "phase" and first.kind == "minutes":
        missed = _listed([_brief(each) for each in findings])
        return (
            Finding(
                first.kind,
                Place("session"),
                f"{len(findings)} phases miss their minutes: {missed}.",
                first.breaks,
            ),
        )
    if first.where.kind not in ("track", "join"):
        return findings
    numbers = [finding.where.number for finding in findings]
    listed = _listed(numbers)
    if first.kind == "player" and len(findings) == len(played):
        listed = "all"
    text = f"{len(findings)} {first.where.kind}s ({listed}). The first: {first.text}"
    where = Place("session") if _is_of_the_whole(first) else Place("phase", _phase_of(first.where, played))
    return (Finding(first.kind, where, text, first.breaks),)


def _brief(finding: Finding) -> str:
    return (
        finding.about.brief
        if isinstance(finding.about, PhaseEmpty | PhaseEnd)
        else finding.text.removesuffix(".")
    )


def _listed(parts: Sequence[object]) -> str:
    return f"{', '.join(map(str, parts[:-1]))} and {parts[-1]}"
