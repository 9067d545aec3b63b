"""Today's choices for a session: each is declared once, with its default and meaning.

`build` and `session` take them as keyword arguments. Their signature and docstring come from this declaration, and the
command line hands its options on by the same names.
"""

from __future__ import annotations

import difflib
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict, TypeVar, get_type_hints

from playlistkit.arguments import fitting
from playlistkit.model import Pin, Player

__all__ = ["Choices", "checked", "takes_choices"]

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Choice:
    """What one choice is."""

    default: object
    says: str
    form: str
    """Its type, as written in a docstring."""


class Choices(TypedDict, total=False):
    """Today's choices, as `build` and `session` take them; each may be left out."""

    variants: Annotated[
        Iterable[str],
        Choice((), "Names of the template's variants to apply; their order doesn't matter.", "list of str"),
    ]
    minutes: Annotated[
        Mapping[str, float] | None,
        Choice(
            None, "Minutes asked for, by phase, within what the template allows.", "mapping of str to float"
        ),
    ]
    pins: Annotated[
        Iterable[Pin | str],
        Choice(
            (),
            'Tracks that must be in the plan; a str as on the command line: ``"TRACK"``, ``"TRACK@peak"``, '
            '``"TRACK@peak:first"``, ``"TRACK@1:05:00"``.',
            "list of Pin or str",
        ),
    ]
    exclude: Annotated[
        Iterable[str],
        Choice((), "Tracks (id, path, URI, unique title) or artists to leave out.", "list of str"),
    ]
    client: Annotated[
        str | None,
        Choice(
            None,
            "An alias on this machine: tracks of its earlier plans are not repeated, and its marks apply. It is in no plan "
            "and no exported file. A phase with `repeats: last session` uses its last session.",
            "str",
        ),
    ]
    client_session: Annotated[
        int | None,
        Choice(
            None,
            "The number of a remembered session of the client to plan again: its tracks become free.",
            "int",
        ),
    ]
    allow_repeats: Annotated[
        bool,
        Choice(
            False,
            "Where other tracks are not enough, reuse those of the client's earlier plans: as few as possible, "
            "those heard longest ago first.",
            "bool",
        ),
    ]
    player: Annotated[
        Player,
        Choice("files", "What will play it; this decides what is heard.", '{"files", "spotify", "render"}'),
    ]
    overlap: Annotated[
        float | None,
        Choice(None, "The player's crossfade in seconds; by default the template's.", "float"),
    ]
    seed: Annotated[
        int | None,
        Choice(None, "Chooses among plans within 1 % of the best; without it, the best is given.", "int"),
    ]
    strict: Annotated[
        bool, Choice(False, "Where voice is restricted, refuse tracks whose voice is unknown.", "bool")
    ]
    best_effort: Annotated[
        bool,
        Choice(False, "If the library can't fill the template, break the fewest and mildest rules.", "bool"),
    ]
    give_up: Annotated[
        Iterable[str],
        Choice(
            (),
            'Rules of the template to relax, as a shortfall names them: by one step (``"energy@peak"``, ``"artist"``) or to a '
            'value (``"energy@peak=0.4"``).',
            "list of str",
        ),
    ]
    name: Annotated[str, Choice("", "The plan's name; by default the template's.", "str")]


def declared() -> dict[str, Choice]:
    """Each choice by its name."""
    hints = get_type_hints(Choices, include_extras=True)
    return {name: hint.__metadata__[0] for name, hint in hints.items()}


def takes_choices(function: Function) -> Function:
    """Show the choices in the signature and the docstring of a function that takes them as ``**choices``."""
    choices, hints = declared(), get_type_hints(Choices)
    own = [
        each for each in inspect.signature(function).parameters.values() if each.kind is not each.VAR_KEYWORD
    ]
    more = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=choice.default, annotation=hints[name]
        )
        for name, choice in choices.items()
    ]
    signature = inspect.signature(function).replace(parameters=[*own, *more])
    function.__signature__ = signature  # type: ignore[attr-defined]
    told = "".join(
        f"    {name} : {choice.form}, optional\n{textwrap.fill(choice.says, 100, initial_indent=' ' * 8, subsequent_indent=' ' * 8)}\n"
        for name, choice in choices.items()
    )
    function.__doc__ = (function.__doc__ or "").replace("    **choices\n", told)
    return function


def checked(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices, with defaults for those left out.

    Raises
    ------
    TypeError
        If there is no such choice.
    """
    known = declared()
    for name in sorted(choices.keys() - known.keys()):
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise TypeError(f"there is no choice {name!r}{hint}")
    given = fitting(get_type_hints(Choices), choices)
    return {name: given.get(name, choice.default) for name, choice in known.items()}
