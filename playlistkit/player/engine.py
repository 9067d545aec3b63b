"""A session that takes orders: what each one changes in what plays and what follows. It has no thread and no device."""

from __future__ import annotations

import math
from dataclasses import replace

from playlistkit.player.entry import Before
from playlistkit.player.playing import Playing
from playlistkit.player.sounding import CHANGE, FADES
from playlistkit.player.values import (
    Answer,
    Answered,
    Cue,
    Name,
    Order,
    Setlist,
)

__all__ = ["AGAIN", "Engine"]

ANSWERED = 20  # orders whose answers are kept
AGAIN = 1.5  # s within which a repeated order counts as a slip of the finger
QUIETEST = -30.0  # dB; below the planned level
SKIP = 3.0  # s of crossfade to another track
LEFT = 5.0  # least s left of a track to which undo goes back

OLD_MATTERS: frozenset[Name] = frozenset(["skip", "another", "next-phase", "return", "undo"])
"""Orders about what the person sees playing or coming; with an older revision they would hit something else."""

UNDONE: frozenset[Name] = frozenset(
    ["skip", "another", "next-phase", "return", "grounding", "hold", "more", "gentler"]
)


class Engine(Playing):
    """A session that plays and takes orders. Made like `Playing`."""

    def order(self, order: Order) -> Answer:
        """Do what a person wants, once."""
        with self._soon():
            if order.id in self._answered:
                return replace(self._answered[order.id].answer, repeated=True)
            elapsed = self._elapsed
            if order.name not in ("quieter", "louder") and any(
                each.name == order.name and elapsed - each.elapsed < AGAIN and each.answer.done
                for each in self._answered.values()
            ):
                text = "This order was already received; nothing more was done."
                answer = Answer(False, text, self._revision, repeated=True)
            elif self._over:
                answer = Answer(False, "The session has ended.", self._revision)
            elif (
                order.name in OLD_MATTERS and order.revision is not None and order.revision != self._revision
            ):
                text = "The music has just changed, so nothing was done; look, and press again."
                answer = Answer(False, text, self._revision)
            else:
                self._notice()
                done, text = self._do(order)
                answer = Answer(done, text, self._revision)
                self._history.write(
                    "order",
                    {"name": order.name, "done": done, "text": text}
                    | ({"minutes": order.minutes} if order.name == "more" else {}),
                )
            self._answered[order.id] = Answered(order.id, order.name, elapsed, answer)
            while len(self._answered) > ANSWERED:
                del self._answered[next(iter(self._answered))]
            return answer

    def revise(self, setlist: Setlist, order: Name | None = None, *, replaces: int | None = None) -> Answer:
        """Take another plan, made after an order, for what follows the playing track, which must be in it.

        It must also be made from the plan that is the `replaces`th, if that is given: else it would take back what another
        face has just changed.
        """
        with self._lock:
            self._notice()
            if replaces is not None and replaces != self._replaced:
                return Answer(False, "Another plan came first; the new one was not taken.", self._revision)
            anchor = self._fetched[-1] if self._fetched else self._current
            if anchor is None or self._over:
                return Answer(False, "Nothing is playing that a new plan could follow.", self._revision)
            every = [*setlist.cues, *setlist.tail]
            places = [k for k, cue in enumerate(every) if cue.id == anchor.cue.id]
            if not places:
                text = "The music has moved on, so the new plan no longer fits; the old one goes on."
                return Answer(False, text, self._revision)
            if self._before is None and order in ("more", "gentler"):
                self._before = self._snapshot_for_undo(order)
            self._ladder.coming = every[places[-1] + 1 :]
            self._ladder.reserves = {phase: list(cues) for phase, cues in setlist.reserves.items()}
            self._take(setlist)
            self._changed()
            return Answer(True, "The rest was replanned.", self._revision)

    def _take(self, setlist: Setlist) -> None:
        self._ladder.take(setlist)
        self.setlist = setlist
        self._replaced += 1
        self._history.write("plan", {"document": setlist.document})

    def _do(self, order: Order) -> tuple[bool, str]:
        name = order.name
        if name in ("quieter", "louder"):
            return self._louder(1.0 if name == "louder" else -1.0)
        if name == "pause":
            if self._mode in ("paused", "ending"):
                return False, "It is already paused." if self._mode == "paused" else "The session is ending."
            self._turn("paused", 0.0, FADES["pause"])
            return True, "Paused; the clock stands still."
        if name == "quiet":
            if self._mode in ("quiet", "paused", "ending"):
                return False, "It is already silent."
            self._turn("quiet", 0.0, FADES["quiet"])
            return True, "Quiet; the clock runs on."
        if name == "end":
            if self._mode == "ending":
                return False, "The session is already ending."
            if self._stands_still and self._mode == "paused":
                self._finish()
                return True, "The session has ended."
            self._turn("ending", 0.0, FADES["ending"])
            return True, f"The session ends, fading for {FADES['ending']:.0f} s."
        if name == "resume":
            return self._resume()
        before = self._snapshot_for_undo(name)
        done, text = {
            "hold": self._hold,
            "more": lambda: self._more(order.minutes),
            "gentler": self._gentler,
            "skip": self._skip,
            "another": self._another,
            "next-phase": lambda: self._to(None),
            "return": lambda: self._to("return"),
            "grounding": self._ground,
            "undo": self._undo,
        }[name]()
        if done:
            self._before = before if name in UNDONE else None
            self._changed()
        return done, text

    def _louder(self, step: float) -> tuple[bool, str]:
        level = min(0.0, max(QUIETEST, self._level_db + step))
        if level == self._level_db:
            end = "the planned level and can't go above it" if step > 0 else "as quiet as it goes"
            return False, f"It is at {end}."
        self._level_db = level
        self._level.to(10 ** (level / 20), FADES["level"])
        return True, "At the planned level." if level == 0 else f"{-level:.0f} dB below the planned level."

    def _resume(self) -> tuple[bool, str]:
        if self._mode != "running":
            was = self._mode
            self._sound_on()
            return True, {"paused": "It goes on.", "quiet": "The music comes back."}.get(
                was, "It goes on after all."
            )
        if self._grounding:
            if not self._ladder.coming and not self._ladder.endless:
                text = "There is nothing left of the session to go back to; the set for grounding goes on until you end it."
                return False, text
            self._grounding = False
            self._before = None
            self._jump(None, CHANGE)
            self._changed()
            return True, "Back to the session."
        if self._held:
            self._held = False
            self._before = None
            self._changed()
            return True, "The session goes on after this track."
        return False, "It is already playing."

    def _hold(self) -> tuple[bool, str]:
        if self._held:
            return False, "It is already held."
        self._held = True
        late = ", after the track that is about to begin" if self._fetched else ""
        return True, f"Held: {self._phase} goes on until you release it{late}."

    def _more(self, minutes: float) -> tuple[bool, str]:
        if not (math.isfinite(minutes) and 0 < minutes <= 120):
            return False, "Give between 1 and 120 minutes to add."
        coming, phase = self._ladder.coming, self._phase
        place = next((k for k, cue in enumerate(coming) if cue.phase != phase), len(coming))
        found = self._ladder.fill(phase, minutes * 60.0)
        if not found:
            return False, f"There are no reserves of {phase} left to add."
        coming[place:place] = found
        added = sum(cue.duration - cue.overlap for cue in found) / 60.0
        return True, f"About {added:.0f} min of reserves were added to {phase}."

    def _gentler(self) -> tuple[bool, str]:
        coming, phase = self._ladder.coming, self._phase
        changed = 0
        for k, cue in enumerate(coming):
            if cue.phase != phase or cue.energy is None:
                continue
            calmer = [
                each
                for each in self._ladder.reserves.get(phase, ())
                if each.energy is not None
                and each.energy < cue.energy - 0.03
                and each.id not in self._ladder.heard
                and each.id not in {one.id for one in coming}
            ]
            if calmer:
                best = min(calmer, key=lambda each: each.energy or 0.0)
                self._ladder.reserves[phase].remove(best)
                coming[k] = replace(best, start=cue.start, duration=min(best.duration, cue.duration))
                changed += 1
        if not changed:
            return False, f"Nothing gentler is held ready for {phase}; it goes on as planned."
        return (
            True,
            f"{changed} of the coming tracks of {phase} {'is' if changed == 1 else 'are'} now gentler.",
        )

    def _skip(self) -> tuple[bool, str]:
        if self._after_end():
            return False, "Nothing comes after this; the session ends with it."
        self._grounding = False
        self._jump(None, SKIP)
        self._sound_on()
        return True, f"On to {_name(self._latest)}."

    def _another(self) -> tuple[bool, str]:
        if not self._ladder.coming or self._grounding:
            return False, "There is no coming track to replace."
        if self._fetched:
            return False, f"{_name(self._latest)} is about to begin; skip leads past it."
        planned = self._ladder.coming[0]
        other = self._ladder.usable_reserve(planned.phase)
        if other is None:
            return False, f"No other track is ready for {planned.phase}."
        reserves = self._ladder.reserves[planned.phase]
        reserves.remove(other)
        reserves.append(planned)
        self._ladder.coming[0] = replace(
            other, start=planned.start, overlap=max(other.overlap, planned.overlap)
        )
        return True, f"Next comes {_name(other)} instead of {_name(planned)}."

    def _to(self, stands_for: str | None) -> tuple[bool, str]:
        late = self._back_to_front()
        index = self._ladder.first_of(self._phase, stands_for)
        if index is None:
            self._take_again(late)
            if stands_for is None:
                return False, f"{self._phase or 'This'} is the last phase."
            return False, "The return has already begun, or the plan has none."
        del self._ladder.coming[:index]
        self._grounding = self._held = False
        self._jump(None, CHANGE)
        self._sound_on()
        phase = self._latest.phase if self._latest else ""
        return True, f"Now {phase}, with {_name(self._latest)}."

    def _ground(self) -> tuple[bool, str]:
        if self._grounding:
            return False, "The set for grounding is already playing."
        if not self._ladder.grounding:
            spans = [span.name for span in self._ladder.phases]
            if not spans or self._phase == spans[-1]:
                self._sound_on()
                return False, "The plan has no set for grounding, and its last phase is already playing."
            index = next((k for k, cue in enumerate(self._ladder.coming) if cue.phase == spans[-1]), None)
            if index is None:
                return False, "The plan has no set for grounding."
            self._back_to_front()
            index = next(k for k, cue in enumerate(self._ladder.coming) if cue.phase == spans[-1])
            del self._ladder.coming[:index]
            self._held = False  # else what is held would follow, not the last phase
            self._jump(None, CHANGE)
            self._sound_on()
            return True, f"The plan has no set for grounding; {spans[-1]} begins now."
        self._back_to_front()
        left = self._current
        calm = {cue.id for cue in self._ladder.grounding}  # which a hold may have repeated
        if (
            left is not None
            and left.rung in ("session", "reserve", "tail", "again")
            and left.cue.id not in calm
        ):
            self._ladder.coming.insert(0, left.cue)
        self._grounding, self._held = True, False
        self._jump(None, CHANGE)
        self._sound_on()
        return True, f"Grounding now, with {_name(self._latest)}."

    def _undo(self) -> tuple[bool, str]:
        before = self._before
        if before is None:
            return False, "There is nothing left to undo."
        if before.name == "another" and self._fetched:
            return False, f"{_name(self._latest)} is about to begin; skip leads past it."
        if before.left is not None:
            self._back_to_front()
        self._ladder.coming = list(before.coming)
        self._ladder.reserves = {phase: list(cues) for phase, cues in before.reserves.items()}
        self._held, self._grounding = before.held, before.grounding
        if self.setlist is not before.setlist:
            self._take(before.setlist)
        if before.left is not None:
            self._jump(
                replace(before.left, begin=None, part=None, fade_in=None, fade_out=None, used=[]), SKIP
            )
            return True, f"Undone: back to {_name(before.left.cue)}."
        fetched = {cue.id for entry in self._fetched for cue in entry.used}
        self._ladder.coming = [cue for cue in self._ladder.coming if cue.id not in fetched]
        return True, f"Undone: {before.name}."

    def _snapshot_for_undo(self, name: Name) -> Before:
        back = [cue for entry in self._fetched for cue in entry.used]
        now = self._current
        left = None
        if now is not None:
            left = replace(now, skip=min(self._into, max(0.0, now.cue.duration - LEFT)))
        if name in ("another", "hold", "more", "gentler"):
            left = None
        return Before(
            name,
            (*back, *self._ladder.coming),
            {phase: tuple(cues) for phase, cues in self._ladder.reserves.items()},
            self._held,
            self._grounding,
            left,
            self.setlist,
        )

    def _after_end(self) -> bool:
        return (
            not self._fetched
            and not self._ladder.coming
            and not self._ladder.endless
            and not self._grounding
            and not self._early
        )


def _name(cue: Cue | None) -> str:
    if cue is None:
        return "what comes next"
    return " - ".join(word for word in (cue.artist, cue.title) if word) or cue.id
