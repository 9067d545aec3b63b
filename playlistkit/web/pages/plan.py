"""A plan: its arc, its tracks with their reasons, locks, and its history."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from playlistkit.model import Plan, Slot
from playlistkit.web.call import Call, get, post
from playlistkit.workflow.planning import plans as workflow

__all__ = ["routes"]


@dataclass(frozen=True, slots=True)
class Row:
    """A slot as the table shows it."""

    number: int
    """From 0."""
    slot: Slot
    energy: float | None
    """As heard there."""
    is_locked: bool
    join: str
    """A remark on the join before it; empty if none."""
    mark: str
    """The mark of that join: "good", "change" or empty."""


def rows_of(kept: workflow.Kept) -> list[Row]:
    """The slots of a plan and its tail as table rows."""
    from playlistkit.workflow.words import flagged_joins

    flags = flagged_joins(kept.plan)
    slots = (*kept.plan.slots, *kept.plan.tail)
    energies = workflow.energies_heard(kept.plan)
    rows = []
    for number, slot in enumerate(slots):
        before = slots[number - 1].track.id if number else ""
        rows.append(
            Row(
                number,
                slot,
                energies[number],
                slot.track.id in kept.entry.locked,
                " ".join(flags.get(number, ())),
                kept.entry.marks.get((before, slot.track.id), ""),
            )
        )
    return rows


def show(call: Call) -> Response:
    """The plan."""
    kept = call.place.look(workflow.kept, call.path("id"))
    rows = rows_of(kept)
    answer = call.page(
        "plan.html",
        kept=kept,
        plan=kept.plan,
        sections=sections_of(kept.plan, rows),
        flagged=[row for row in rows if row.join or row.mark == "change"],
        slot_link=lambda number: f"#slot-{number}",
    )
    call.place.prepare(lambda library: workflow.prepare_choices(library, kept.id))  # one touches a track next
    return answer


def sections_of(plan: Plan, rows: list[Row]) -> list[tuple[str, str, list[Row]]]:
    """The rows by phase: name, time with the phase's note, rows."""
    from playlistkit.workflow.words import clock

    notes = {phase.name: phase.note for phase in plan.template.phases}
    sections = []
    for phase in plan.phases:
        minutes = f"{(phase.end - phase.start) / 60:.0f} min, {clock(phase.start)} to {clock(phase.end)}"
        late = round(phase.residual)
        if late:
            minutes += f", {abs(late)} s {'late' if late > 0 else 'early'}"
        note = notes.get(phase.name)
        of_phase = [row for row in rows if row.slot.phase == phase.name]
        sections.append((phase.name, minutes + (f" · {note}" if note else ""), of_phase))
    if plan.tail:
        tail = [row for row in rows if row.number >= len(plan.slots)]
        sections.append(("tail", "after the planned end, so that it never falls silent", tail))
    return sections


def lock(call: Call) -> Response:
    """Lock a track in its place, or unlock it."""
    key = call.path("id")
    call.place.change(workflow.lock, key, call.field("track"), call.field("locked") == "yes")
    return call.to(call.field("back", f"/plans/{key}"))


def undo(call: Call) -> Response:
    """Undo the last change."""
    key = call.path("id")
    call.place.change(workflow.undo, key)
    return call.to(call.field("back", f"/plans/{key}"))


def redo(call: Call) -> Response:
    """Redo what was undone."""
    key = call.path("id")
    call.place.change(workflow.redo, key)
    return call.to(call.field("back", f"/plans/{key}"))


def remember(call: Call) -> Response:
    """Remember the plan as a session of its client."""
    key = call.path("id")
    number = call.place.change(workflow.remember, key)
    told = (
        "not remembered, because it replays the last session"
        if number is None
        else f"remembered as session {number}"
    )
    return call.to(f"/plans/{key}", say=f"It is {told}.")


def delete(call: Call) -> Response:
    """Delete a plan with its history; can be undone."""
    key = call.path("id")
    (deleted,) = call.place.change(lambda library: library.plans.delete([key]))
    number = call.place.undos.add(lambda: call.place.change(lambda library: library.plans.put_back(deleted)))
    return call.to(
        "/plan",
        say=f"{deleted.name} is deleted.",
        undo=("/music/undo", {"number": number}),
    )


routes = [
    get("/plans/{id}", show),
    post("/plans/{id}/lock", lock),
    post("/plans/{id}/undo", undo),
    post("/plans/{id}/redo", redo),
    post("/plans/{id}/remember", remember),
    post("/plans/{id}/delete", delete),
]
