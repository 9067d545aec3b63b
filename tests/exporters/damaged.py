"""A small plan with one member damaged at a time, and what is said of each.

PYTHONPATH=tests python -m tests.exporters.damaged    writes it down, after a change that is meant
"""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from made_plans import three_hours

from playlistkit.errors import InputError
from playlistkit.exporters import plan_json
from playlistkit.model import Curve, Features, Pin, Plan

WRITTEN = Path(__file__).parent / "golden" / "damaged.json"
MISSING = "missing"
WRONG: tuple[object, ...] = (MISSING, True, -1, 1e13, 1_000_000, "x", [], {"y": "x"})


def small_plan() -> Plan:
    """A plan with one of each."""
    plan = three_hours()
    template = dataclasses.replace(plan.template, phases=plan.template.phases[:1], variants=())
    session = dataclasses.replace(
        plan.session, template=template, used_tracks=frozenset(), pins=(Pin("t1", "peak", "last", 3.0),)
    )
    features = Features(
        tempo=60.0, fades=True, vocals="none", key="C", timbre=(1.0,), energy_curve=Curve((0.1, 0.2), 0.001)
    )
    track = dataclasses.replace(
        plan.slots[0].track, album_artist="A", people=("B",), work="W", movement=2, start=1.0, end=500.0
    )
    slot = dataclasses.replace(plan.slots[0], track=track, features=features, bends=("b",))
    reserve = dataclasses.replace(plan.reserves["peak"][0], features=Features())
    return dataclasses.replace(
        plan, session=session, phases=plan.phases[:1], slots=(slot,), reserves={"peak": (reserve,)}, tail=()
    )


def members(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of each member, those of the template apart."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        if key != "template":
            yield (*path, key)
            yield from members(each, (*path, key))


def told() -> dict[str, list[str]]:
    """What is said of each member, if it were each of `WRONG`; an empty text if that may stand there."""
    document = json.loads(plan_json.dumps(small_plan()))
    return {
        ".".join(map(str, path)): [said(document, path, wrong) for wrong in WRONG]
        for path in members(document)
    }


def said(document: dict[str, Any], path: tuple[str | int, ...], wrong: object) -> str:
    changed = copy.deepcopy(document)
    holder: Any = changed
    for key in path[:-1]:
        holder = holder[key]
    if wrong is MISSING:
        del holder[path[-1]]
    else:
        holder[path[-1]] = wrong
    try:
        plan_json.loads(json.dumps(changed), "p")
    except InputError as error:
        return str(error).removeprefix("p: damaged plan: ")
    return ""


def main() -> None:
    """Write it down."""
    lines = [f"{json.dumps(path)}: {json.dumps(sentences)}" for path, sentences in told().items()]
    WRITTEN.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
