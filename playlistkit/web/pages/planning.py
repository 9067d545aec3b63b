"""A new plan: protocols, today's choices with the arc redrawn at each, building, and ways out of a shortfall."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response

from playlistkit.errors import InputError, ShortfallError
from playlistkit.model import Diagnosis, Template
from playlistkit.web.call import Call, get, post
from playlistkit.web.jobs import Done, Job
from playlistkit.workflow.library import Library
from playlistkit.workflow.planning.choices import Choices

__all__ = ["routes"]

PATIENCE = 4.0  # s to wait for the result; after that, the page follows the job
MOMENT = 0.5  # s after the choices are shown, before planning is loaded behind them
KEPT = 20  # shortfalls remembered
PLAYERS = ("render", "files", "spotify")  # the first unless chosen: the page plays the session itself


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a plan."""

    template: str
    choices: Choices


@dataclass(frozen=True, slots=True)
class Lacking:
    """A plan that could not be made."""

    asked: Asked
    sentences: tuple[str, ...]
    why: Diagnosis | None
    suffices: tuple[str, ...] = ()
    """The least to give up that is enough."""


@dataclass(frozen=True, slots=True)
class Voices:
    """The undecided voices behind a shortfall."""

    template: Template
    """The template as asked for."""
    tracks: tuple[str, ...]


_numbers = itertools.count(1)
_lacking: dict[int, Lacking] = {}
_voices: dict[int, Voices] = {}
"""By the shortfall's number, once shown."""


def voices_of(number: str) -> Voices | None:
    """The undecided voices behind a shortfall, by the number in the address; `None` if no longer known."""
    return _voices.get(int(number)) if number.isdecimal() and len(number) < 10 else None


def protocols(call: Call) -> Response:
    """Show the protocols as cards, and the plans being worked on."""
    from playlistkit.workflow.templates.finding import shipped_templates
    from playlistkit.workflow.templates.own import own_templates

    return call.page(
        "protocols.html",
        owned=own_templates(),
        templates=shipped_templates(),
        plans=call.place.look(lambda library: library.plans.list()),
        whole=call.place.look(len),
    )


def choose(call: Call) -> Response:
    """Show today's choices for a protocol, and the arc they give."""
    from playlistkit.workflow.planning.build import get_ready
    from playlistkit.workflow.planning.today import MOST_OVERLAP
    from playlistkit.workflow.templates import finding as workflow

    name = call.path("template")
    template = workflow.load_template(name)
    chosen = [each.name for each in template.variants if each.name in call.query.getlist("variant")]
    varied, changes = workflow.varied(name, chosen)
    drawn, asked, fault = varied, dict[str, float](), ""
    try:
        asked = minutes_of(call.query, template)
        drawn, _ = workflow.varied(name, chosen, asked)
    except InputError as error:  # half typed: show the sentence beside the field
        fault = str(error)
    soon = threading.Timer(MOMENT, get_ready)  # the therapist reads first
    soon.daemon = True
    soon.start()
    player = call.query.get("player", PLAYERS[0])
    return call.page(
        "choices.html",
        template=template,
        chosen=chosen,
        varied=varied,
        changes=changes if chosen else [],
        drawn=drawn,
        fault=fault,
        asked=asked,
        player=player if player in PLAYERS else PLAYERS[0],
        players_known=PLAYERS,
        overlaps=MOST_OVERLAP,
        clients=call.place.look(lambda library: [each.alias for each in library.clients.list()]),
        whole=call.place.look(len),
    )


def minutes_of(given: QueryParams | FormData, template: Template) -> dict[str, float]:
    """The minutes a form asks for, by phase, where changed."""
    asked = {}
    for phase in template.phases:
        minutes = number_of(
            given, f"minutes-{phase.name}", f"{phase.name}: {{}} should be minutes, such as 20"
        )
        if minutes is not None:
            asked[phase.name] = minutes
    return asked


def number_of(given: QueryParams | FormData, name: str, refusal: str) -> float | None:
    """The number in a field, with a point or a comma; `None` where it is empty.

    Raises
    ------
    InputError
        If it holds anything else; `refusal` says so, with ``{}`` for what was typed.
    """
    text = str(given.get(name) or "").strip()
    try:
        return float(text.replace(",", ".")) if text else None
    except ValueError:
        raise InputError(refusal.format(repr(text))) from None


def build(call: Call) -> Response:
    """Plan, as a job; go to the plan, or to what is lacking."""
    from playlistkit.workflow.templates.finding import load_template

    name = call.field("template")
    template = load_template(name)
    seed = call.field("seed", "").strip()
    if seed and not (seed.isdecimal() and len(seed) < 10):
        raise InputError(f"variation: {seed!r} should be a whole number of at most nine digits, such as 2")
    choices = Choices(
        variants=call.fields("variant"),
        minutes=minutes_of(call.form, template),
        pins=_lines(call.field("pins", "")),
        exclude=_lines(call.field("exclude", "")),
        client=call.field("client", "").strip() or None,
        player=call.field("player", PLAYERS[0]),  # type: ignore[typeddict-item]  # `session` checks it
        overlap=number_of(call.form, "overlap", "crossfade: {} should be seconds, such as 6"),
        seed=int(seed) if seed else None,
        strict=call.field("strict", "") == "yes",
        best_effort=call.field("best_effort", "") == "yes",
        give_up=call.fields("give_up"),
        name=call.field("name", "").strip(),
    )
    asked = Asked(name, choices)
    return _build(call, asked, _again(asked))


def _build(call: Call, asked: Asked, back: str) -> Response:
    from playlistkit.workflow.planning import build as workflow
    from playlistkit.workflow.planning import plans
    from playlistkit.workflow.templates.finding import load_template

    place = call.place

    def work(job: Job) -> Done:  # noqa: ARG001 -- the planner counts steps, and tells none
        with place.open() as library:
            try:
                made = workflow.plan_session(asked.template, library, **asked.choices)
            except ShortfallError as error:
                number = next(_numbers)
                suffices = _suffices(library, asked, error.diagnosis)
                _lacking[number] = Lacking(asked, tuple(str(error).splitlines()), error.diagnosis, suffices)
                for old in list(_lacking)[:-KEPT]:
                    del _lacking[old]
                    _voices.pop(old, None)
                return Done(
                    "Your library can’t fill this yet.",
                    to=f"/plan/lacking/{number}",
                    to_label="See what is lacking",
                    at_once=True,
                )
            key = plans.keep(library, made, client=asked.choices.get("client"))
        return Done(f"{made.name} is planned.", to=f"/plans/{key}", to_label="See the plan", at_once=True)

    place.look(_checked, asked)  # refuse a wrong choice now, on the form
    job = place.jobs.start("build", f"Planning {load_template(asked.template).name}", work)
    if job.wait(PATIENCE) and job.end is not None and job.end.to:
        place.jobs.dismiss(job.id)
        return call.to(job.end.to)
    return call.to(back)


def _suffices(library: Library, asked: Asked, why: Diagnosis | None) -> tuple[str, ...]:
    from playlistkit.workflow.planning import relaxing
    from playlistkit.workflow.planning.today import session
    from playlistkit.workflow.templates.finding import load_template

    if why is None:
        return ()
    given = tuple(asked.choices.get("give_up", ()))
    without: Choices = {**asked.choices, "give_up": ()}
    today = session(load_template(asked.template), library, **without)
    return relaxing.enough(library, today, why, asked.choices.get("client"), given)


def _checked(library: Library, asked: Asked) -> None:
    from playlistkit.workflow.planning.today import session
    from playlistkit.workflow.templates.finding import load_template

    session(load_template(asked.template), library, **asked.choices)


def lacking(call: Call) -> Response:
    """Show a shortfall, and what can be done about it."""
    from playlistkit.workflow.planning import nearly, relaxing
    from playlistkit.workflow.planning.today import session
    from playlistkit.workflow.templates.finding import load_template

    found = _known(call)
    template = load_template(found.asked.template)

    def look(library: Library) -> tuple[Template, relaxing.Undecided | None, list[nearly.Near]]:
        today = session(template, library, **found.asked.choices)
        if found.why is None:
            return today.template, None, []
        client = found.asked.choices.get("client")
        return (
            today.template,
            relaxing.undecided(library, today, found.why, client),
            nearly.nearly_fitting(library, today, found.why, client),
        )

    varied, undecided, near = call.place.look(look)
    if undecided is not None:
        _voices[call.number("number")] = Voices(varied, undecided.tracks)
    ways = []
    if found.why is not None:
        repeats = bool(found.asked.choices.get("allow_repeats"))
        ways = relaxing.ways_out(varied, found.why, found.suffices, allow_repeats=repeats)
    return call.page(
        "lacking.html",
        number=call.number("number"),
        found=found,
        varied=varied,
        ways=ways,
        undecided=undecided,
        near=near,
        again=_again(found.asked),
    )


def build_again(call: Call) -> Response:
    """Plan again as asked for, after a voice was decided or music added."""
    return _build(call, _known(call).asked, f"/plan/lacking/{call.number('number')}")


def take_near(call: Call) -> Response:
    """Plan with nearly fitting tracks that the therapist accepted."""
    found = _known(call)
    ticked = call.fields("near")
    if not ticked:
        raise InputError("no track is ticked; tick those that fit anyway")
    choices: Choices = {**found.asked.choices, "pins": (*found.asked.choices.get("pins", ()), *ticked)}
    return _build(call, Asked(found.asked.template, choices), f"/plan/lacking/{call.number('number')}")


def take_way(call: Call) -> Response:
    """Build with one more way out, besides those taken before."""
    from playlistkit.workflow.planning import relaxing
    from playlistkit.workflow.planning.today import session
    from playlistkit.workflow.templates.finding import load_template

    found = _known(call)
    before = found.asked.choices
    if found.why is None:
        raise InputError("nothing can be given up here; add music")
    varied = call.place.look(
        lambda library: session(load_template(found.asked.template), library, **before).template
    )
    ways = relaxing.ways_out(
        varied, found.why, found.suffices, allow_repeats=bool(before.get("allow_repeats"))
    )
    chosen = call.field("way")
    if not chosen.isdigit() or int(chosen) >= len(ways):
        raise InputError("this way out is no longer there; load the page again")
    way = ways[int(chosen)]
    choices: Choices = {**before}
    choices["give_up"] = (*before.get("give_up", ()), *way.give_up)
    choices["minutes"] = {**(before.get("minutes") or {}), **way.shorter}
    choices["best_effort"] = way.best_effort or before.get("best_effort", False)
    return _build(call, Asked(found.asked.template, choices), f"/plan/lacking/{call.number('number')}")


def _known(call: Call) -> Lacking:
    found = _lacking.get(call.number("number"))
    if found is None:
        raise InputError("this shortfall is no longer stored; plan again")
    return found


def _again(asked: Asked) -> str:
    """The address of the choices as made, without alias and tracks."""
    fields = [("variant", each) for each in asked.choices.get("variants", ())]
    fields += [
        (f"minutes-{name}", f"{each:g}") for name, each in (asked.choices.get("minutes") or {}).items()
    ]
    fields.append(("player", asked.choices.get("player", PLAYERS[0])))
    return f"/plan/new/{quote(asked.template)}?{urlencode(fields)}"


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


routes = [
    get("/plan", protocols),
    get("/plan/new/{template}", choose),
    post("/plan/build", build),
    get("/plan/lacking/{number:number}", lacking),
    post("/plan/lacking/{number:number}", take_way),
    post("/plan/lacking/{number:number}/again", build_again),
    post("/plan/lacking/{number:number}/near", take_near),
]
