"""The pages, one module for each subject.

A module has `routes`, and `LINK` if it stands in the navigation; its handlers are plain functions from a
`playlistkit.web.call.Call` to an answer. What it shows is in `../templates/`, which extends `base.html`.
"""

from playlistkit.web.pages import adding, home, music, session

__all__ = ["PAGES"]

PAGES = (home, adding, music, session)
"""In the order of the navigation; an address is its first page's that knows it."""
