"""The pages, one module for each subject.

A module has `routes`; `LINK` if it stands in the navigation, `PLAN_LINK` if it stands in that of a plan (``{id}`` in
its address is the plan's, and its template extends `plan_base.html` and gets `kept`). Its handlers are plain functions
from a `playlistkit.web.call.Call` to an answer. What it shows is in `../templates/`, which extend `base.html`.
"""

from playlistkit.web.pages import (
    adding,
    after,
    arcs,
    clients,
    home,
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

__all__ = ["PAGES"]

PAGES = (
    home,
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
"""In the order of the navigation; an address is its first page's that knows it."""
