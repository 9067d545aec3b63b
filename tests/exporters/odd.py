"""A plan of what is seldom: albums in one file, tracks without a title, a file or a length, names that are no text.

python -m tests.exporters.odd    writes down what each format makes of it, after a change that is meant
"""

from __future__ import annotations

import dataclasses
import json
from itertools import product
from pathlib import Path

from playlistkit import exporters
from playlistkit.exporters.naming import Naming
from playlistkit.model import Features, Plan, PlannedPhase, Session, Slot, Template, Track

WRITTEN = Path(__file__).parent / "golden" / "odd.json"
URI = "spotify:track:0123456789012345678901"
TRACKS = (
    Track(
        "part", "/music/album.flac", title="Middle", artist="A & B", start=61.5, end=122.25, duration=60.75
    ),
    Track("last", "/music/album.flac", title="Last", start=122.25, duration=99.9996),
    Track("first", "/music/lists/album.flac", artist="Alone", end=61.5, duration=61.5),
    Track("far", uri=URI, title="Only\tthere", artist="\x01", duration=181.4),
    Track(
        "both",
        "/music/lists/both.flac",
        uri=URI,
        title=" ",
        album="=sum",
        genre="=1",
        isrc="XX",
        duration=0.4,
    ),
    Track("nowhere", title="No\ud800where", artist="@home", duration=12.0),
    Track("blank", "/music/lists/ blank.flac", title="-1", duration=1.5),
    Track("comment", "/music/lists/#1 %41.flac", duration=1.4996),
    Track("colon", "/music/lists/a:b/c.flac", artist="colon:"),
    Track("deep colon", "/music/lists/a/b:c.flac", duration=7199.5),
    Track("end", "/music/lists/end ", title="\ufffe\x0b<&>"),
    Track("broken", "/music/caf\udce9.flac"),
    Track("split", "/music/lists/line\u2028break.flac", title="+1"),
    Track("formula", "/music/lists/=formula.flac"),
    Track("outside", "/other/a b.flac", title="Übung – ♪"),
)


def odd_plan(player: str = "files") -> Plan:
    names = ("arrival", "arrival", "gone", "peak", "peak")
    slots = tuple(
        Slot(
            names[k % 5], 60.0 * k, 59.99996 if k % 4 else 0.0, each, Features(tempo=60.123456, key="C#", loudness=-20.0),
            overlap=0.00004 * k, gain=-0.00004 if k else -12.5, reason="" if k % 3 else f"because of\n{k}",
        )
        for k, each in enumerate(TRACKS)
    )  # fmt: skip
    phases = (
        PlannedPhase("arrival", 0, 120, 0, 90.4, 29.6),
        PlannedPhase("peak", 180.5, 3_900, 90.4, 3_999.5, -99.5),
    )
    session = Session(Template("t", ()), player=player)  # type: ignore[arg-type]
    return Plan("odd\n<plan>", session, phases, slots[:-2], tail=slots[-2:])


def rendered() -> dict[str, list[str]]:
    """What each format makes of it, line by line, and what is warned of."""
    found = {}
    asked = [*product((".m3u8", ".xspf", ".jspf", ".csv"), (None,), ("files",)), (".m3u8", None, "spotify")]
    for suffix, relative, player in (*asked, *product((".m3u8", ".xspf"), (True, False), ("files",))):
        text = exporters.SUFFIXES[suffix](odd_plan(player), Naming("/music/lists", relative))
        found[f"{suffix} {relative} {player}"] = text.decode("utf-8", "backslashreplace").split("\n")
    few = odd_plan()
    whole = tuple(slot for slot in few.slots if not slot.track.is_part)
    for suffix, (name, slots) in product(
        (".m3u", ".csv", ".json"), (("parts", few.slots[:3]), ("one", few.slots[:1]), ("none", whole))
    ):
        plan = dataclasses.replace(few, slots=slots, tail=())
        found[f"{suffix} warns of {name}"] = [*exporters._warnings(plan), *exporters._parts(plan, suffix)]
    found["table without parts"] = (
        exporters.SUFFIXES[".csv"](dataclasses.replace(few, slots=whole), Naming("/")).decode().split("\n")
    )
    return found


def main() -> None:
    """Write it down."""
    WRITTEN.write_text(json.dumps(rendered(), indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
