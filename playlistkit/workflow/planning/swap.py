"""Change a saved plan by hand: list alternatives for a slot, swap a track, replan the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from playlistkit import planner
from playlistkit.library import Library
from playlistkit.model import Plan
from playlistkit.planner import Alternative, Swap
from playlistkit.workflow.planning.build import candidates

__all__ = [
    "Alternative",
    "Swap",
    "alternatives",
    "alternatives_as_dicts",
    "around",
    "swap_as_dict",
    "swapped",
]


def alternatives(
    plan: Plan, library: Library, slot: int, *, most: int = 12, client: str | None = None
) -> tuple[Alternative, ...]:
    """Tracks of a library that could go in a slot; see `playlistkit.alternatives`.

    Parameters
    ----------
    slot : int
        Index into `plan.slots`.
    client : str, optional
        The alias whose marks apply; no plan stores it.
    """
    return planner.alternatives(plan, candidates(library, plan.session, client), slot, most=most)


def swapped(
    plan: Plan,
    library: Library,
    slot: int,
    track: str,
    *,
    locked: Collection[int] = (),
    client: str | None = None,
) -> Swap:
    """The plan with another track in a slot; see `playlistkit.swapped`.

    Parameters
    ----------
    track : str
        An id, a path, a URI, or a title that is unique.
    """
    wanted = library.resolve(track).track.id
    return planner.swapped(plan, candidates(library, plan.session, client), slot, wanted, locked=locked)


def around(plan: Plan, library: Library, locked: Collection[int], *, client: str | None = None) -> Plan:
    """The plan, replanned around the locked slots; see `playlistkit.around`."""
    return planner.around(plan, candidates(library, plan.session, client), locked)


def alternatives_as_dicts(found: Iterable[Alternative]) -> list[dict[str, object]]:
    """Alternatives as JSON."""
    return [
        {
            "track": {
                name: getattr(each.track, name)
                for name in ("id", "path", "uri", "title", "artist", "album", "duration")
            },
            "energy": each.energy,
            "vocals": each.features.vocals,
            "stays": each.stays,
            "points": each.points,
            "residual": each.residual,
            "join_before": None if each.join_before is None else asdict(each.join_before),
            "join_after": None if each.join_after is None else asdict(each.join_after),
        }
        for each in found
    ]


def swap_as_dict(swap: Swap) -> dict[str, object]:
    """What a swap changed, as JSON, without the plan itself."""
    return {
        "slot": swap.slot + 1,
        "left": [track.id for track in swap.left],
        "came": [track.id for track in swap.came],
        "moved": [track.id for track in swap.moved],
        "shifted": swap.shifted,
        "score": swap.plan.score.total,
        "certificate": asdict(swap.plan.certificate),
    }
