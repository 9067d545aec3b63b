"""Planning a session from a template, a library and today's choices."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Literal, Unpack

from playlistkit import planner
from playlistkit.errors import InputError, ShortfallError
from playlistkit.figures import counted
from playlistkit.library import Library
from playlistkit.model import Candidate, Plan, Session, Shortfall, Template
from playlistkit.planner.problem.candidates import Candidates
from playlistkit.workflow.planning.choices import Choices, checked, takes_choices
from playlistkit.workflow.planning.repeats import longest_ago, with_fewest_repeats
from playlistkit.workflow.planning.today import session, sessions_of

__all__ = [
    "Choices",
    "Effort",
    "build",
    "candidates",
    "get_ready",
    "plan_for_client",
    "plan_session",
    "remember",
]

Effort = Literal["quick", "normal", "proof"]

ANEW = 5
"""Attempts, while other sessions of the same client keep being stored first."""


@takes_choices
def build(
    template: Template | str | os.PathLike[str],
    library: Library,
    *,
    effort: Effort = "normal",
    **choices: Unpack[Choices],
) -> Plan:
    """Plan a session from the tracks of a library, and remember it for its client, if one is named.

    Parameters
    ----------
    template : Template, str or path
        The arc; a path or a shipped name is loaded.
    library : Library
        Where the tracks are.
    effort : {"quick", "normal", "proof"}
        How long to search. Counted in steps, so that every machine gives the same answer.
    **choices

    Returns
    -------
    Plan

    Raises
    ------
    ShortfallError
        If the library can't fill the template; it carries `.shortfalls` and `.diagnosis`.
    TemplateError, InputError
        If the template or one of the choices is wrong.

    Examples
    --------
    >>> with pk.Library("music.db") as library:
    ...     plan = pk.build("mine.yaml", library, seed=1)
    >>> [phase.name for phase in plan.phases]
    ['arrival', 'onset', 'peak', 'return', 'grounding']
    """
    client = checked(choices)["client"]

    def planned() -> Plan:
        return plan_session(template, library, effort=effort, **choices)

    if client is None:
        return planned()
    plan, _ = plan_for_client(library, client, planned, session=choices.get("client_session"))
    return plan


def plan_for_client(
    library: Library,
    client: str,
    planned: Callable[[], Plan],
    *,
    session: int | None = None,
    write: Callable[[Plan], None] = lambda _: None,
    overtaken: Callable[[], None] = lambda: None,
) -> tuple[Plan, int | None]:
    """Plan a client's session and remember it; plan it anew if another that shares tracks with it was stored meanwhile.

    Parameters
    ----------
    library : Library
    client : str
        An alias.
    planned : callable
        Plans the session; called again when it was overtaken.
    session : int, optional
        The session to replace, if it is planned again.
    write : callable, optional
        Takes the plan before it is remembered; if it raises, nothing is: a plan that was never written was never played.
    overtaken : callable, optional
        Called before the session is planned anew.

    Returns
    -------
    Plan
    int or None
        The session's number, as `remember` gives it.

    Raises
    ------
    InputError
        If it is overtaken time and again.
    """
    for _ in range(ANEW):
        before = library.clients.used(client)
        plan = planned()
        with library.transaction():
            meanwhile = library.clients.used(client) - before
            if not any(slot.track.id in meanwhile for slot in plan.slots + plan.tail):
                write(plan)
                return plan, remember(plan, library, client, session=session)
        overtaken()
    raise InputError(
        "other sessions of this client keep being planned at the same time; wait until they are done, then plan it again"
    )


def plan_session(
    template: Template | str | os.PathLike[str],
    library: Library,
    *,
    effort: Effort = "normal",
    **choices: Unpack[Choices],
) -> Plan:
    """Plan a session without remembering it. As for `build`."""
    today = session(template, library, **choices)
    known = candidates(library, today, choices.get("client"))
    _check_playable(library, today, known)
    if not choices.get("allow_repeats"):
        return planner.plan(today, known, effort=effort)
    earlier = sessions_of(library, choices.get("client"), choices.get("client_session"))
    return with_fewest_repeats(
        today,
        longest_ago([each.tracks for each in earlier]),
        lambda each, quick: planner.plan(each, known, effort="quick" if quick else effort),
    )


def remember(plan: Plan, library: Library, client: str, *, session: int | None = None) -> int | None:
    """Remember a plan's tracks as a client's new session, or in place of session number `session`.

    Returns
    -------
    int or None
        The session's number. `None`: a template that lets the last session be heard again is no session of its own.
    """
    if any(phase.repeats == "last session" for phase in plan.template.phases):
        return None
    tracks = [slot.track.id for slot in plan.slots + plan.tail]
    return library.clients.remember(client, tracks, session=session)


def get_ready() -> None:
    """Load what planning with many tracks needs, so that the first plan of a process is made as quickly as the next."""
    from playlistkit.planner.search.labelling import load

    load()


def candidates(library: Library, session: Session, client: str | None = None) -> Candidates:
    """The library's tracks that the session's player can play, with the client's own marks."""
    playable = "uri" if session.player == "spotify" else "path"
    known = library.candidates(client=client)
    return Candidates.given(each for each in known if getattr(each.track, playable) is not None)


def _check_playable(library: Library, session: Session, known: Sequence[Candidate]) -> None:
    """Refuse a library of which the session's player can play nothing, and say which player could.

    Raises
    ------
    ShortfallError
    """
    count = len(library)
    if known:
        return
    first = next(phase for phase in session.template.phases if phase.minutes.default > 0)
    tracks = counted(count, "track")
    if not count:
        text = "The library is empty; scan a folder of music first: playlistkit scan FOLDER."
    elif session.player == "spotify":
        text = f"None of {tracks} in the library is known on Spotify; `spotify match` finds them there."
    else:
        text = f"None of {tracks} in the library has a file where it was; scan the folder where they are now"
        on_spotify = sum(each.track.uri is not None for each in library.candidates())
        text += f", or plan for Spotify, where {on_spotify} of them can be played." if on_spotify else "."
    raise ShortfallError((Shortfall(first.name, session.template.minutes, "player", text),))
