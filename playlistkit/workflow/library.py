"""Check that what was given is an open library."""

from __future__ import annotations

import os

from playlistkit.errors import InputError
from playlistkit.given import shown
from playlistkit.library import Library

__all__ = ["Library", "opened"]


def opened(library: Library) -> Library:
    """The library, if that is what was given.

    Raises
    ------
    InputError
        If it is a path or anything else; the sentence says how to open one.
    """
    if isinstance(library, Library):
        return library
    if isinstance(library, str | os.PathLike):
        name = shown(os.fspath(library))
        raise InputError(f"library {name} is a path; open it: with Library({name}) as library: ...")
    raise InputError(f"library is {type(library).__name__}; give a Library")
