"""The plan: slots in time, reserves, tail, score and certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playlistkit.figures import counted
from playlistkit.model.findings import Shortfall
from playlistkit.model.notebook import plan_html
from playlistkit.model.session import Session
from playlistkit.model.slots import Certificate, PlannedPhase, Reserve, Score, Slot
from playlistkit.model.template import Template
from playlistkit.model.tracks import SINGLE

__all__ = ["Plan"]


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """The answer: slots in time, the residuals, the reserves, the reasons."""

    name: str
    session: Session
    phases: tuple[PlannedPhase, ...]
    slots: tuple[Slot, ...]
    reserves: Mapping[str, tuple[Reserve, ...]] = field(default_factory=dict, hash=False)
    """By phase name, best first; "grounding now": the fallback set."""
    tail: tuple[Slot, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    warnings: tuple[str, ...] = ()
    score: Score = Score(0.0)
    certificate: Certificate = Certificate()

    @property
    def template(self) -> Template:
        """The template that was planned, variants and minutes applied."""
        return self.session.template

    @property
    def duration(self) -> float:
        """Seconds from the first sound to the planned end; the tail comes after."""
        return self.slots[-1].end if self.slots else 0.0

    def __repr__(self) -> str:
        minutes = f"{self.duration / 60:.1f} min"
        return f"<Plan {self.name!r}: {counted(len(self.slots), 'track')}, {minutes}, score {self.score.total:.1f}>"

    def _repr_html_(self) -> str:
        """The plan for a notebook: the arc and a table."""
        return plan_html(
            self.name, self.template, self.phases, self.slots, self.tail, self.score.total, self.warnings
        )

    def to_records(self) -> list[dict[str, Any]]:
        """The slots and the tail as one flat dict each, ready for ``pandas.DataFrame``.

        Curves and timbre vectors are left out; ``None`` means not known.

        Returns
        -------
        list of dict
            With the slot's number, phase, start, duration, overlap, gain and reason, the track's id, path, uri, title,
            artist, album and isrc, and every feature that is one value.

        Examples
        --------
        >>> plan = pk.load_plan("session.json")
        >>> [(each["start"], each["phase"]) for each in plan.to_records()[:2]]
        [(0.0, 'arrival'), ...]
        """
        return [
            {
                "number": number,
                **{
                    name: getattr(slot, name)
                    for name in ("phase", "start", "duration", "overlap", "gain", "reason")
                },
                **{
                    name: getattr(slot.track, name)
                    for name in ("id", "path", "uri", "title", "artist", "album", "isrc")
                },
                **{name: getattr(slot.features, name) for name in SINGLE},
            }
            for number, slot in enumerate((*self.slots, *self.tail), 1)
        ]
