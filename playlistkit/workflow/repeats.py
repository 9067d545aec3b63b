"""A series of sessions: tracks heard before, as few as it takes, and those first that were heard longest ago.

Which tracks a client heard stands in no plan. So a repeat is no term of the objective, whose costs are written down:
the planner is asked with the least freed that it can fill the template from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from playlistkit.errors import ShortfallError
from playlistkit.model import Plan, Session

__all__ = ["longest_ago", "with_fewest_repeats"]


def longest_ago(sessions: Sequence[Sequence[str]]) -> list[str]:
    """The tracks of a client's sessions, first to last, by when each was heard last: longest ago first."""
    heard: dict[str, None] = {}
    for tracks in sessions:
        for track in tracks:
            heard.pop(track, None)
            heard[track] = None
    return list(heard)


def with_fewest_repeats(
    session: Session, heard: Sequence[str], plan: Callable[[Session, bool], Plan]
) -> Plan:
    """Plan a session in which tracks that were heard before may come again, if need be.

    Parameters
    ----------
    session : Session
        With no track used up.
    heard : sequence of str
        Ids of what was heard, longest ago first.
    plan : callable
        Plans a session; told whether a quick look is enough. Raises `ShortfallError` where the template can't be
        filled.

    Raises
    ------
    ShortfallError
        If all of them together don't do.
    """

    def freeing(count: int) -> Session:
        return replace(session, used_tracks=frozenset(heard[count:]))

    def fills(count: int) -> bool:
        try:
            plan(freeing(count), True)
        except ShortfallError:
            return False
        return True

    if not heard or fills(0):
        return plan(freeing(0), False)
    least, most = 0, len(heard)  # with the least it can't be filled; with the most perhaps
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if fills(middle) else (middle, most)
    return plan(freeing(most), False)
