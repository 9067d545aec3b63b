"""The library as the command line and the page open it."""

from __future__ import annotations

from playlistkit.library import Library

__all__ = ["Library"]
