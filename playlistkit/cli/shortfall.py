"""What is said at the terminal when a library can't fill a template, and the ways to a plan."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from playlistkit.cli.run import print_json, say, waiting
from playlistkit.errors import ShortfallError
from playlistkit.figures import counted

if TYPE_CHECKING:
    from playlistkit.model import Diagnosis
    from playlistkit.workflow.library import Library
    from playlistkit.workflow.planning.choices import Choices
    from playlistkit.workflow.planning.relaxing import Way

__all__ = ["tell_shortfall", "tell_ways_out"]


def tell_shortfall(error: ShortfallError, *, as_json: bool) -> None:
    """Say why the library can't fill the template, phase by phase, and what giving up rules would bring."""
    from playlistkit.workflow.planning.shortfalls import minutes_in_all, shortfall_lines
    from playlistkit.workflow.planning.today import given_up

    why = error.diagnosis
    if as_json:
        document: dict[str, object] = {"shortfalls": [each.as_dict() for each in error.shortfalls]}
        if why is not None:
            document |= {
                "phases": [dataclasses.asdict(each) for each in why.supply],
                "gains": [{"phase": r.phase, "rule": r.name, "minutes": brought} for r, brought in why.gains],
                "conflict": [{"phase": rule.phase, "rule": rule.name} for rule in why.conflict],
                "relaxation": None
                if why.relaxation is None
                else [{"phase": rule.phase, "rule": rule.name} for rule in why.relaxation],
            }
        print_json(document)
    say("This library can't fill the template:")
    for line in shortfall_lines(error.shortfalls, why):
        say(f"  {line}")
    if why is None or not any(each.minutes for each in error.shortfalls):
        return
    in_all = minutes_in_all(why)
    if why.relaxation is None:
        say(
            f"In all, {in_all} min are missing, and giving up every rule would not fill them: "
            "add music, or take a shorter template (`playlistkit templates` lists them)."
        )
    elif why.relaxation:
        say(f"In all, {in_all} min are missing. It would be enough to give up {given_up(why.relaxation)}.")


def tell_ways_out(library: Library, template: str, choices: Choices, why: Diagnosis | None) -> None:
    """Say what to type to get a plan anyway, and what each way costs."""
    from playlistkit.workflow.planning import relaxing
    from playlistkit.workflow.planning.today import session
    from playlistkit.workflow.templates.finding import load_template

    if why is None or why.relaxation is None:
        return
    if not why.relaxation:
        _tell_what_mends_a_clash(template, why)
        return
    client = choices.get("client")
    with waiting("Looking for ways to a plan"):
        today = session(load_template(template), library, **choices)
        without: Choices = {**choices, "give_up": ()}
        asked = session(load_template(template), library, **without)
        suffices = relaxing.enough(library, asked, why, client, tuple(choices.get("give_up", ())))
    if client is not None and today.used_tracks:
        brought = next((minutes for rule, minutes in why.gains if rule.name == "used"), 0.0)
        say(
            f"Earlier sessions of this client used {counted(len(library.clients.used(client)), 'track')}, not repeated today; "
            f"--allow-repeats would fill {brought:.0f} of the missing minutes with them."
        )
    ways = relaxing.ways_out(today.template, why, suffices, allow_repeats=not today.used_tracks)
    say("To get a plan anyway, add one of these to the command:")
    for way in ways:
        if way.minutes is None:
            say(f"  {_typed(way)}\n      {way.what}. {way.gives_up}")


def _tell_what_mends_a_clash(template: str, why: Diagnosis) -> None:
    """Say what to type where the minutes suffice and rules clash."""
    name = shlex.quote(template)
    if Path(template).suffix in (".yaml", ".yml"):
        say(f"To change a value of the template, edit {name} and build again.")
    else:
        say(
            f"To change a value of the template: playlistkit templates new --from {name} -o mine.yaml, change it there, "
            "then: playlistkit build mine.yaml"
        )
    if not {each.rule for each in why.shortfalls} & {"join", "pin", "supply"}:
        say(
            "Or add --best-effort: it takes the nearest plan that was found, and marks what it bends. A sudden join is "
            "never taken."
        )


def _typed(way: Way) -> str:
    """The options that take a way out."""
    if way.best_effort:
        return "--best-effort"
    typed = [f"--minutes {shlex.quote(f'{name}={minutes:g}')}" for name, minutes in way.shorter.items()]
    typed += [
        "--allow-repeats" if each == "used" else f"--give-up {shlex.quote(each)}" for each in way.give_up
    ]
    return " ".join(typed)
