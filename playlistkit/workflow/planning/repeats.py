"""A series of sessions: repeat as few tracks as possible, those heard longest ago first.

No plan stores which tracks a client has heard. So a repeat is not a term of the objective, whose costs are stored:
instead, the planner runs with the fewest freed tracks from which it can fill the template.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from playlistkit.errors import ShortfallError
from playlistkit.model import Plan, Session

__all__ = ["longest_ago", "with_fewest_repeats"]


def longest_ago(sessions: Sequence[Sequence[str]]) -> list[str]:
    """The tracks of a client's sessions (given in order), sorted by when each was last heard, longest ago first."""
    heard: dict[str, None] = {}
    for tracks in sessions:
        for track in tracks:
            heard.pop(track, None)
            heard[track] = None
    return list(heard)


def with_fewest_repeats(
    session: Session, heard: Sequence[str], plan: Callable[[Session, bool], Plan]
) -> Plan:
    """Plan a session that may repeat tracks, if it must.

    Parameters
    ----------
    session : Session
        With no track marked as used.
    heard : sequence of str
        Ids of the tracks heard, longest ago first.
    plan : callable
        Plans a session; its second argument says whether a quick plan is enough. Raises `ShortfallError` if the template can't be
        filled.

    Raises
    ------
    ShortfallError
        If even all of them are not enough.
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
    least, most = 0, len(heard)  # `least` can't fill it; `most` perhaps can
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if fills(middle) else (middle, most)
    return plan(freeing(most), False)
