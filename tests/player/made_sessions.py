"""Sessions of made music, a shelf whose files fail on demand, and a clock that the samples turn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import numpy as np

from playlistkit.errors import AudioError
from playlistkit.player.engine import Engine
from playlistkit.player.reading import Condition
from playlistkit.player.values import Answer, Cue, Event, Name, Order, Setlist, Span
from playlistkit.render import RATE
from playlistkit.render.mix import Block

IDS = itertools.count()  # of orders: each is a gesture of its own
PHASES = ("arrival", "peak", "return", "grounding")


def cue(name: str, phase: str, start: float = 0.0, duration: float = 60.0, **more: Any) -> Cue:
    return Cue(name, f"/music/{name}.flac", phase, start, duration, title=name, **more)


def setlist(
    tracks: int = 3, seconds: float = 60.0, overlap: float = 4.0, reserves: int = 3, tail: int = 1
) -> Setlist:
    """Four phases of so many tracks, reserves for each, a set for grounding and a tail."""
    cues, at = [], 0.0
    spans = []
    for phase in PHASES:
        begin = at
        for k in range(tracks):
            cues.append(cue(f"{phase}{k}", phase, at, seconds, overlap=overlap, energy=0.3))
            at += seconds - overlap
        spans.append(Span(phase, begin, at, phase))
    after = [cue(f"tail{k}", "tail", at + k * seconds, seconds) for k in range(tail)]
    held = {
        phase: tuple(cue(f"{phase}-r{k}", phase, 0.0, seconds, energy=0.1 + 0.1 * k) for k in range(reserves))
        for phase in PHASES
    }
    calm = tuple(cue(f"calm{k}", "grounding", 0.0, seconds, overlap=4.0) for k in range(2))
    return Setlist("made", tuple(cues), tuple(after), held, calm, tuple(spans), "the plan")


@dataclass
class Tone:
    """A source of a held tone; its file may end early, fail, or hang."""

    seconds: float
    hz: float
    decoded: float
    fails_at: float | None = None
    rate: int = RATE
    channels: int = 2

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def blocks(self) -> Iterator[Block]:
        second = np.arange(RATE) / RATE
        wave = (0.1 * np.sin(2 * np.pi * self.hz * second)).astype(np.float32)
        block = np.repeat(wave[:, None], 2, axis=1)
        at = self.decoded
        while at < self.seconds:
            if self.fails_at is not None and at >= self.fails_at:
                raise AudioError("made.flac: can't be decoded")
            yield block[: round(min(1.0, self.seconds - at) * RATE)]
            at += 1.0


@dataclass
class Files:
    """A shelf of tones; `faults` says by name how each file stands."""

    faults: dict[str, Condition] = field(default_factory=dict)
    fails_at: dict[str, float] = field(default_factory=dict)
    wanted: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    waited: float = 0.0
    """Seconds for which those that are not ready were waited for."""
    bugs: set[str] = field(default_factory=set)

    def want(self, cues: Iterable[Cue], soon: Cue | None) -> None:
        self.wanted = [each.id for each in cues]

    def condition(self, cue: Cue, patience: float = 0.0) -> Condition:
        if cue.id in self.faults:
            self.waited += patience
        return self.faults.get(cue.id, "ready")

    def fault(self, cue: Cue) -> str:
        return f"{cue.path}: {self.faults.get(cue.id, 'ready')}"

    def take(self, cue: Cue, patience: Callable[[], float]) -> Tone:
        if cue.id in self.faults:
            raise AudioError(self.fault(cue))
        self.taken.append(cue.id)
        if cue.id in self.bugs:
            raise ZeroDivisionError
        hz = 200.0 + 10 * (sum(map(ord, cue.id)) % 60)
        return Tone(1e6, hz, cue.offset, self.fails_at.get(cue.id))


class Played:
    """An engine driven as a device would, as fast as it goes."""

    def __init__(
        self, plan: Setlist | None = None, files: Files | None = None, *, period: float = 0.1, **options: Any
    ) -> None:
        self.files = files or Files()
        self.events: list[Event] = []
        self.now = 0.0
        self.period = period
        self.blocks: list[Block] = []
        self.keep = True
        options.setdefault("patience", 0.0)
        self.engine = Engine(
            plan or setlist(), self.files, lambda: self.now, log=self.events.append, **options
        )

    def run(self, seconds: float) -> Self:
        """Let so much time go by."""
        end = self.now + seconds
        while self.now < end - 1e-9 and not self.engine.over:
            self.engine.work()
            block = self.engine.pull(round(self.period * RATE))
            self.now += self.period
            if self.keep:
                self.blocks.append(block)
        return self

    def order(self, name: Name, **more: Any) -> Answer:
        return self.engine.order(Order(name, more.pop("id", f"order {next(IDS)}"), **more))

    @property
    def sound(self) -> Block:
        return np.concatenate(self.blocks)

    @property
    def names(self) -> list[str]:
        """What began to sound, in order."""
        return [event.values["id"] for event in self.events if event.what == "track"]


Check = Callable[[Played], None]
