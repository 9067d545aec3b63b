"""Decide by ear, one track after another: one key plays ten seconds, another answers."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.web.call import Call, get, post
from playlistkit.web.pages.planning import voices_of
from playlistkit.workflow.music.undecided import HEARD_SECONDS, SUBJECTS, Subject

__all__ = ["routes"]

MOST = 100  # tracks in a queue

_later: set[tuple[str, str]] = set()
"""Subject and track of questions left for later, while the server runs."""


def queue(subject: Subject) -> Callable[[Call], Response]:
    """Make the page that shows the next track to decide."""

    def show(call: Call) -> Response:
        from playlistkit.workflow.music.undecided import undecided
        from playlistkit.workflow.templates import finding as templates
        from playlistkit.workflow.templates import own as own_templates

        known = own_templates.choices()
        name = call.query.get("template", "") or known[0][0]
        template = templates.load_template(name)
        later = {track for of, track in _later if of == subject.name}
        shortfall = call.query.get("lacking", "")
        hangs_on = voices_of(shortfall) if subject.name == "voices" else None
        if hangs_on is None:
            found = call.place.look(undecided, template, subject.name, most=MOST + len(later))
        else:
            found = call.place.look(
                undecided, hangs_on.template, subject.name, most=MOST + len(later), among=hangs_on.tracks
            )
        waiting = [each for each in found if each.candidate.track.id not in later]
        return call.page(
            "undecided.html",
            subject=subject,
            subjects=SUBJECTS.values(),
            template=name,
            known=known,
            whole=call.place.look(len),
            waiting=waiting[:MOST],
            more=len(waiting) >= MOST,
            now=waiting[0] if waiting else None,
            seconds=HEARD_SECONDS,
            later=len(later),
            keys=call.query.get("keys", "on"),
            lacking=shortfall if hangs_on is not None else "",
        )

    return show


def answer(subject: Subject) -> Callable[[Call], Response]:
    """Make the handler that stores the answer for a track, or leaves it for later."""

    def take(call: Call) -> Response:
        from playlistkit.workflow.music.overruling import set_values
        from playlistkit.workflow.music.undecided import decide
        from playlistkit.workflow.words import title_of

        track, word = call.field("track"), call.field("answer")
        back = call.field("back", f"/{subject.name}")
        if word == "later":
            _later.add((subject.name, track))
            return call.to(back)
        before, undone = call.place.change(decide, subject.name, track, word)

        def take_back() -> None:
            call.place.change(set_values, track, undone)

        label = next(each.label for each in subject.answers if each.word == word)
        number = call.place.undos.add(take_back)
        return call.to(
            back, say=f"{title_of(before.track)}: {label}", undo=("/music/undo", {"number": number})
        )

    return take


def again(call: Call) -> Response:
    """Ask again the questions left for later."""
    name = call.path("subject")
    if name not in SUBJECTS:
        raise InputError("there is nothing of that name to decide")
    _later.difference_update([each for each in _later if each[0] == name])
    return call.to(call.field("back", f"/{name}"))


routes = [
    *(get(f"/{each.name}", queue(each)) for each in SUBJECTS.values()),
    *(post(f"/{each.name}", answer(each)) for each in SUBJECTS.values()),
    post("/again/{subject}", again),
]
