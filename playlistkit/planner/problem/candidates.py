"""Candidates of plain values, and the arrays that are made of them once for every pool over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import cached_property
from typing import Any

import numpy as np

from playlistkit.given import candidates_given
from playlistkit.model import Candidate
from playlistkit.objective import Table

__all__ = ["Candidates"]


class Candidates(tuple[Candidate, ...]):
    """Candidates that never change, so that what is made of them is kept as long as they are.

    A running session plans again among the same thousands of tracks: pass the same `Candidates` each time.
    """

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> Candidates:
        """These candidates, whose values are plain already."""
        return candidates if isinstance(candidates, Candidates) else cls(candidates)

    @classmethod
    def given(cls, candidates: Iterable[Candidate]) -> Candidates:
        """What a caller gave, checked and made plain (`candidates_given`) unless it was before."""
        return candidates if isinstance(candidates, Candidates) else cls(candidates_given(candidates))

    @cached_property
    def table(self) -> Table:
        """Their table, at the tracks' own levels. Every pool reads it, so none can write to it."""
        tracks, features = [each.track for each in self], [each.features for each in self]
        table = Table.of(tracks, features, [each.keep for each in self])
        for each in fields(table):
            array = getattr(table, each.name)
            if isinstance(array, np.ndarray):
                array.setflags(write=False)
        return table

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each track, by its id."""
        return {each.track.id: row for row, each in enumerate(self)}

    def __reduce__(self) -> tuple[Any, ...]:
        return Candidates, (tuple(self),)  # what can be made anew need not travel
