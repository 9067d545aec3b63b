"""Swap a track in a slot: list alternatives, hear them in place; replan around locked tracks."""

from __future__ import annotations

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.model import Plan
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job
from playlistkit.web.recent import Recent
from playlistkit.web.sound import wav_answer
from playlistkit.workflow.planning import plans as workflow

__all__ = ["routes"]

PATIENCE = 4.0  # s to wait for the result
AROUND = 12.0  # s before and after the overlap, when a track is tried
_trials: Recent[tuple[str, int, int, str], tuple[Plan, int]] = Recent(8)
"""Plans with a tried track: browsers ask for both its joins, each in several ranges."""


def alternatives(call: Call) -> Response:
    """List the tracks that could go in a slot, and what each would change."""
    key, slot = call.path("id"), call.number("slot")
    kept = call.place.look(workflow.kept, key)
    if slot >= len(kept.plan.slots):
        raise InputError(f"this plan has no track {slot + 1}")
    found = call.place.look_where_prepared(workflow.choices_for, key, slot)
    energy = workflow.energies_heard(kept.plan)[slot]
    return call.page(
        "swap.html", kept=kept, number=slot, slot=kept.plan.slots[slot], energy=energy, found=found
    )


def take(call: Call) -> Response:
    """Put it there."""
    from playlistkit.workflow.words import swap_lines

    key, slot, track = call.path("id"), call.number("slot"), call.field("track")
    revision = call.place.look(workflow.kept, key).entry.revision
    tried = call.place.look_where_prepared(workflow.trial, key, slot, track)
    done = call.place.change(workflow.swap_in, key, slot, track, (revision, tried))
    return call.to(
        f"/plans/{key}#slot-{done.slot}", say=" ".join(swap_lines(done)), undo=(f"/plans/{key}/undo", {})
    )


def try_join(call: Call) -> Response:
    """The join into or out of a track that is tried, as it would sound."""
    from playlistkit.workflow.output.excerpts import join_wav

    key, slot = call.path("id"), call.number("slot")
    revision = call.place.look(workflow.kept, key).entry.revision
    track = call.path("track")

    def tried() -> tuple[Plan, int]:
        done = call.place.look_where_prepared(workflow.trial, key, slot, track)
        return done.plan, done.slot

    plan, number = _trials.of((key, revision, slot, track), tried)
    side = call.path("side")
    if side not in ("before", "after"):
        raise InputError("choose the join before it or the one after it")
    at = number - 1 if side == "before" else number
    return wav_answer(call.request, join_wav(plan, at, around=AROUND))


def anew(call: Call) -> Response:
    """Replan the rest around the locked tracks."""
    key, place = call.path("id"), call.place

    def work(job: Job) -> Done:  # noqa: ARG001 -- the planner counts steps, and tells none
        with place.open() as library:
            workflow.plan_anew(library, key)
        place.notices.add("Planned again.", (f"/plans/{key}/undo", {}))
        return Done("Planned again.", to=f"/plans/{key}", to_label="See the plan", at_once=True)

    job = place.jobs.start("build", "Planning the rest again", work)
    if job.wait(PATIENCE) and job.state == "done":
        place.jobs.dismiss(job.id)
    return call.to(f"/plans/{key}")


routes = [
    get("/plans/{id}/swap/{slot:number}", alternatives),
    post("/plans/{id}/swap/{slot:number}", take),
    get("/plans/{id}/swap/{slot:number}/{track}/{side}.wav", try_join),
    post("/plans/{id}/anew", anew),
]
