"""The library as a table: search, sort, play, correct, undo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from playlistkit.errors import InputError
from playlistkit.model import FEATURE_WORDS, Candidate
from playlistkit.web.call import Call, get, post
from playlistkit.web.sound import file_answer, wav_answer
from playlistkit.workflow.library import Library

__all__ = ["routes"]

A_PAGE = 50  # tracks
RANGES = (("energy", "0", "1", "0.05"), ("tempo", "20", "400", "1"), ("length", "0", "60", "0.5"))
"""Columns narrowed by a lowest and a highest value; lengths in minutes."""
LACKING = ("energy", "tempo", "loudness", "vocals")
SORTS = ("title", "artist", "length", "energy", "tempo", "loudness", "vocals")
BY_HAND = ("energy", "tempo", "loudness", "vocals", "brightness", "percussiveness")
DECIMALS = {"tempo": 1, "loudness": 1}
"""Of numbers in the form of a track; others have two."""
"""Features to correct on a track's page, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the table shows, as encoded in its address."""

    query: str
    fields: dict[str, str]
    sort: str
    number: int

    def address(self, **changed: object) -> str:
        """The table's address, with some values changed."""
        fields = {**self.fields, "sort": self.sort, "page": str(self.number)} | {
            name: str(value) for name, value in changed.items()
        }
        fields = {name: value for name, value in fields.items() if value not in ("", "1")}
        return "/music" + (f"?{urlencode(fields)}" if fields else "")


def table(call: Call) -> Response:
    """One page of the library's tracks."""
    from playlistkit.workflow.music import tracks as workflow

    narrowed = narrowed_by(call)
    try:
        page = call.place.look(
            workflow.page,
            narrowed.query,
            sort=[narrowed.sort] if narrowed.sort else [],
            first=(narrowed.number - 1) * A_PAGE,
            most=A_PAGE,
        )
        fault = ""
    except InputError as error:  # half typed: keep the table, show the sentence beside the field
        page, fault = workflow.Page(0, []), str(error)
    if not narrowed.query:
        call.place.prepare(Library.prepare_selecting)  # one narrows them next
    return call.page(
        "music.html",
        now=narrowed,
        fault=fault,
        count=page.count,
        whole=call.place.look(len),
        tracks=page.tracks,
        last=max(1, -(-page.count // A_PAGE)),
        first=(narrowed.number - 1) * A_PAGE,
        ranges=RANGES,
        lacking=LACKING,
        sorts=SORTS,
        voices=FEATURE_WORDS["vocals"],
    )


def narrowed_by(call: Call) -> Narrowed:
    """What the table's form asks for, as a query in the command line's syntax."""
    names = (
        "q",
        "voice",
        "lacks",
        "mark",
        *(f"{name}_{side}" for name, *_ in RANGES for side in ("from", "to")),
    )
    fields = {name: call.query.get(name, "").strip() for name in names}
    parts = [fields["q"]]
    for name, *_ in RANGES:
        low, high = (fields[f"{name}_{side}"].replace(",", ".") for side in ("from", "to"))
        if name == "length":
            low, high = (_seconds(each) for each in (low, high))
        if low or high:
            parts.append(f"{name}:{low}..{high}")
    if fields["voice"]:
        parts.append(f"vocals:{fields['voice']}")
    if fields["lacks"]:
        parts.append(f"{fields['lacks']}:unknown")
    if fields["mark"]:
        parts.append(f"{fields['mark']}:yes")
    number = call.query.get("page", "1")
    return Narrowed(
        " ".join(part for part in parts if part),
        fields,
        call.query.get("sort", ""),
        max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 8 else 1,
    )


def _seconds(minutes: str) -> str:
    try:
        return f"{float(minutes) * 60:g}" if minutes else ""
    except ValueError:
        return minutes


def track(call: Call) -> Response:
    """One track: everything known about it, and its source."""
    known = call.place.look(Library.get, call.path("id"))
    values = {name: shown(known, name) for name in BY_HAND}
    return call.page("track.html", each=known, values=values, words=FEATURE_WORDS)


def say(call: Call) -> Response:
    """Set values of one track ("ID vocals=none") or of the ticked ones."""
    one = call.field("said", "")
    if one:
        key, _, assignment = one.partition(" ")
        tracks, assignments = [key], [assignment]
    else:
        tracks = call.fields("track")
        assignments = [call.field("all")]
        if not tracks:
            raise InputError("no track is ticked; tick the ones you mean")
    return _said(call, tracks, assignments)


def correct(call: Call) -> Response:
    """The form on a track's page: stores the values that were changed."""
    key = call.path("id")
    known = call.place.look(Library.get, key)
    names = [name for name in (*BY_HAND, "note") if name in call.form]
    before = {name: shown(known, name) for name in names}
    assignments = [f"{name}={call.field(name)}" for name in names if call.field(name).strip() != before[name]]
    if not assignments:
        return call.to(f"/music/{key}")
    return _said(call, [key], assignments)


def shown(candidate: Candidate, name: str) -> str:
    """A value as shown in the form."""
    value = candidate.note if name == "note" else getattr(candidate.features, name)
    if value is None:
        return ""
    return f"{value:.{DECIMALS.get(name, 2)}f}" if isinstance(value, float) else str(value)


def undo(call: Call) -> Response:
    """Undo the last change."""
    call.place.undos.do(call.field("number"))
    return call.to(call.field("back", "/music"), say="Undone.")


def sound(call: Call) -> Response:
    """A track's sound: its file or, if browsers can't play that, an excerpt as WAV."""
    from playlistkit.workflow.output import excerpts as listen

    found = call.place.look(listen.track_sound, call.path("id"))
    if found.media_type is not None and "at" not in call.query:
        return file_answer(call.request, found.path, found.media_type)
    start, seconds = (
        _number(call.query.get(name, ""), otherwise) for name, otherwise in (("at", 0.0), ("for", 180.0))
    )
    seconds = min(seconds, max(1.0, found.duration - start))
    return wav_answer(call.request, listen.excerpt_wav(found.path, found.start + start, seconds))


def _number(text: str, otherwise: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return otherwise
    return value if 0 <= value < 1e6 else otherwise


def _said(call: Call, tracks: Sequence[str], assignments: Sequence[str]) -> Response:
    from playlistkit.workflow.music import overruling as workflow

    def take(library: Library) -> list[tuple[str, list[str]]]:
        back = [(each.track.id, workflow.taking_back(each, assignments)) for each in library.load(tracks)]
        workflow.set_many(library, tracks, assignments)
        return back

    back = call.place.change(take)

    def take_back(library: Library) -> None:
        with library.transaction():
            for key, said in back:
                workflow.set_values(library, key, said)

    number = call.place.undos.add(lambda: call.place.change(take_back))
    what = ", ".join(assignment.replace("=", ": ") for assignment in assignments)
    whose = f"{len(tracks)} tracks" if len(tracks) > 1 else "One track"
    return call.to(
        call.field("back", "/music"), say=f"{whose}: {what}", undo=("/music/undo", {"number": number})
    )


routes = [
    get("/music", table),
    post("/music/say", say),
    post("/music/undo", undo),
    get("/music/{id}", track),
    post("/music/{id}", correct),
    get("/music/{id}/sound", sound),
]
