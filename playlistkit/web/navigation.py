"""Where one can go from every page, and from every page of a plan."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LINKS", "PLAN_LINKS", "Link"]


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation."""

    label: str
    address: str
    also: tuple[str, ...] = ()
    """Beginnings of other addresses that belong to it."""


LINKS = (
    Link("Music", "/music"),
    Link("By ear", "/voices", also=("/tempi",)),
    Link("Plan", "/plan", also=("/plans/", "/arcs")),
    Link("Spotify", "/spotify"),
    Link("Clients", "/clients"),
    Link("Session", "/session"),
)

PLAN_LINKS = (
    Link("The plan", "/plans/{id}"),
    Link("Listen", "/plans/{id}/listen"),
    Link("Print and export", "/plans/{id}/out"),
    Link("Spotify", "/plans/{id}/spotify"),
    Link("Play it", "/plans/{id}/session"),
)
"""``{id}`` stands for the plan; these pages' templates extend `plan_base.html` and get `kept`."""
