"""Voices to decide, one after another: ten seconds of each at one key, and the answer at another."""

from __future__ import annotations

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.web.place import Link
from playlistkit.workflow.library import Library
from playlistkit.workflow.voices import HEARD_SECONDS, ToDecide, undecided_voices

__all__ = ["LINK", "routes"]

LINK = Link("Voices", "/voices")

ANSWERS = (("n", "none", "No voice"), ("o", "wordless", "Wordless"), ("w", "words", "Words"))
"""Key, what is set, and what the button says."""

_later: set[str] = set()
_queues: dict[tuple[int, bool, str], list[ToDecide]] = {}
"""What waits, by the library's size, whose library it is, and the template."""


def queue(call: Call) -> Response:
    """The next voice to decide."""
    from playlistkit.workflow import templates

    known = [each for each in templates.shipped_templates() if each.build]
    name = call.query.get("template", known[0].id)
    template = templates.load_template(name)
    waiting = [
        each for each in call.place.ask(undecided_voices, template) if each.candidate.track.id not in _later
    ]
    return call.page(
        "voices.html",
        template=template,
        known=known,
        waiting=waiting,
        now=waiting[0] if waiting else None,
        answers=ANSWERS,
        seconds=HEARD_SECONDS,
        later=len(_later),
        keys=call.query.get("keys", "on"),
    )


def decide(call: Call) -> Response:
    """Take the therapist's word for a voice, or leave it for later."""
    from playlistkit.workflow import tracks as workflow

    key, answer = call.field("track"), call.field("answer")
    back = call.field("back", "/voices")
    if answer == "later":
        _later.add(key)
        return call.to(back)
    if answer not in {word for _, word, _ in ANSWERS}:
        raise InputError("answer with none, wordless, words or later")

    def take(library: Library) -> tuple[str, list[str]]:
        before = library.get(key)
        back = workflow.taking_back(before, [f"vocals={answer}"])
        workflow.set_values(library, key, [f"vocals={answer}"])
        return before.track.title or key, back

    title, undone = call.place.ask(take)
    for waiting in _queues.values():
        waiting[:] = [each for each in waiting if each.candidate.track.id != key]

    def take_back() -> None:
        call.place.ask(workflow.set_values, key, undone)
        _queues.clear()

    number = call.place.undos.add(take_back)
    return call.to(back, say=f"{title}: {answer}", undo=("/music/undo", {"number": number}))


def again(call: Call) -> Response:
    """Ask anew for what was left for later."""
    _later.clear()
    return call.to(call.field("back", "/voices"))


routes = [get("/voices", queue), post("/voices", decide), post("/voices/again", again)]
