"""What a library lacks, in lines to read: phases that lack music for the same reasons together."""

from __future__ import annotations

from collections.abc import Sequence

from playlistkit.facts.lacking import Lack, lacking_in_all, lacking_of
from playlistkit.model import Diagnosis, Shortfall
from playlistkit.template.relaxing import remedy

__all__ = ["minutes_in_all", "shortfall_lines"]

ALONE = 2
"""Most shortfalls that are listed one by one."""

REMEDIES = 3
"""Most remedies that are named."""


def shortfall_lines(shortfalls: Sequence[Shortfall], why: Diagnosis | None) -> tuple[str, ...]:
    """The shortfalls, those of several phases that lack minutes as one sentence with the remedies after it."""
    supply = {each.phase: each for each in why.supply if each.lacking > 0} if why else {}
    if why is None or len(shortfalls) <= ALONE or any(each.phase not in supply for each in shortfalls):
        return tuple(each.text for each in shortfalls)
    short = [supply[each.phase] for each in shortfalls]
    parts = [
        f"{each.phase} lacks {lacking_of(each.lacking, each.wanted, everything=each.eligible <= 0.05)}"
        for each in short
    ]
    lines = [f"{', '.join(parts[:-1])} and {parts[-1]}."]
    if sum(each.shared for each in short) > sum(each.eligible for each in short) / 2:
        lines.append(
            "Most of what may play in one of these phases may play in others too: they compete for it."
        )
    if why.gains:
        helpful = [
            f"{remedy(rule, '')} {minutes:.1f}" for rule, minutes in why.gains[:REMEDIES] if minutes >= 0.1
        ]
        if helpful:
            lines.append(f"What would help most, each by itself, in minutes: {'; '.join(helpful)}.")
        return tuple(lines)
    remedies = [each.about.remedy for each in shortfalls if isinstance(each.about, Lack)]
    return (*lines, *dict.fromkeys(map(str, remedies)))


def minutes_in_all(why: Diagnosis) -> str:
    """What all phases lack together, of what they want: ``"3.4 of 45"``, the sum of the parts as they are told."""
    return lacking_in_all((each.lacking, each.wanted) for each in why.supply)
