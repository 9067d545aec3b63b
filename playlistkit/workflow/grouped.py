"""Findings of one kind told together, so that a playlist of sixty tracks is not told the same sentence sixty times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from playlistkit.model import Finding, Place, Slot

__all__ = ["grouped"]

ALONE = 2
"""So many findings of a kind in a phase are told one by one."""


def grouped(findings: Iterable[Finding], played: Sequence[Slot]) -> tuple[Finding, ...]:
    """The findings, those of one kind about the tracks or joins of a phase as one where there are more than `ALONE`.

    A track that no player can play is told once for the whole list.
    """
    together: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        together.setdefault(_group(finding, played), []).append(finding)
    return tuple(told for each in together.values() for told in _told(each, played))


def _group(finding: Finding, played: Sequence[Slot]) -> tuple[object, ...]:
    where = finding.where
    if where.kind not in ("track", "join") or not 0 < where.number <= len(played):
        return finding.kind, finding.breaks, where, finding.text
    phase = "" if finding.kind == "player" else _phase_of(where, played)
    return finding.kind, finding.breaks, where.kind, phase


def _phase_of(where: Place, played: Sequence[Slot]) -> str:
    """Where a track plays, or a join leads."""
    return played[min(where.number - (where.kind == "track"), len(played) - 1)].phase


def _told(findings: Sequence[Finding], played: Sequence[Slot]) -> Iterable[Finding]:
    first = findings[0]
    if (
        len(findings) <= ALONE
        or not isinstance(first.where, Place)
        or first.where.kind not in ("track", "join")
    ):
        return findings
    numbers = [finding.where.number for finding in findings]
    listed = f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
    if first.kind == "player" and len(findings) == len(played):
        listed = "all"
    text = f"{len(findings)} {first.where.kind}s ({listed}). The first: {first.text}"
    where = Place("session") if first.kind == "player" else Place("phase", _phase_of(first.where, played))
    return (Finding(first.kind, where, text, first.breaks),)
