"""The pages, one module for each subject.

A module has `routes`. Its handlers are plain functions from a `playlistkit.web.call.Call` to an answer. What it shows
is in `../templates/`, which extend `base.html`; `../navigation.py` says which are in the navigation.
"""

from __future__ import annotations

from starlette.routing import Route

from playlistkit.web.pages import home

__all__ = ["first", "others"]

first = home.routes
"""Of the page that a browser opens."""


def others() -> list[Route]:
    """Of all others; loading them takes longer than showing the first, as the planner comes with them."""
    from playlistkit.web.pages import (
        adding,
        after,
        arcs,
        clients,
        listen,
        music,
        out,
        plan,
        planning,
        session,
        spotify,
        swap,
        undecided,
    )

    pages = (
        adding,
        music,
        undecided,
        planning,
        arcs,
        plan,
        swap,
        listen,
        out,
        spotify,
        clients,
        session,
        after,
    )
    return [route for page in pages for route in page.routes]
