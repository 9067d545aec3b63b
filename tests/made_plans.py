"""A plan of three hours by hand-made values: 30 tracks, tail, reserves, pins, warnings, flagged joins."""

from __future__ import annotations

import math

from playlistkit.model import (
    Certificate,
    Curve,
    Features,
    Hold,
    JoinRules,
    Minutes,
    Phase,
    Pin,
    Plan,
    PlannedPhase,
    Range,
    Reserve,
    Rules,
    Score,
    Session,
    Shortfall,
    Slot,
    Template,
    Track,
)

PHASES = (
    Phase(
        "arrival",
        Minutes(40, 15, 60),
        ((0.0, 0.12), (1.0, 0.15)),
        stands_for="arrival",
        tempo=(50, 80),
        loudness=-25.0,
        vocals="none",
        hold=Hold(20, 5, "first blood pressure reading"),
        note="settle, intention, blood pressure, headset and volume check",
        evidence={"minutes": ("judgement",)},
    ),
    Phase(
        "onset",
        Minutes(25, 15, 35),
        ((0.0, 0.16), (1.0, 0.30)),
        stands_for="onset",
        tempo=(55, 85),
        loudness=-23.0,
        vocals="none",
        note="lozenge under the tongue at its start; eyeshades on",
    ),
    Phase(
        "peak",
        Minutes(55, 40, 70),
        ((0.0, 0.32), (0.5, 0.48), (1.0, 0.42)),
        stands_for="peak",
        tempo=(60, 100),
        loudness=-20.0,
        vocals="wordless",
        note="few words; stay near",
    ),
    Phase(
        "return",
        Minutes(40, 30, 60),
        ((0.0, 0.38), (1.0, 0.20)),
        stands_for="return",
        tempo=(55, 90),
        loudness=-22.0,
        vocals="any",
        note="warmth; the room may speak again",
    ),
    Phase(
        "grounding",
        Minutes(20, 10, 40),
        ((0.0, 0.18), (1.0, 0.14)),
        stands_for="grounding",
        tempo=(50, 90),
        loudness=-24.0,
        vocals="any",
        note="water, light, feet on the floor; second blood pressure reading",
    ),
)

TEMPLATE = Template(
    name="Ketamine, sublingual lozenge, psycholytic dose",
    id="phases",
    zero="the lozenge goes under the tongue",
    phases=PHASES,
    rules=Rules(join=JoinRules(), track_minutes=Range(2.5, 12.0), tail_minutes=15.0),
    sources=("SEED-002",),
)

# phase, seconds, artist, title, energy, tempo, pulse clarity, loudness, voice
TRACKS = (
    ("arrival", 421, "Hana Weiss", "Breath of the First Room", 0.11, 62, 0.12, -27.5, "none"),
    ("arrival", 388, "Low Meadow", "Slow Water, Slow Light", 0.12, 66, 0.31, -26.0, "none"),
    ("arrival", 502, "Orrin & the Long Field", "Wool", 0.13, 70, 0.22, -25.4, "none"),
    ("arrival", 343, "Ama Sefu", "Kora at Four in the Morning", 0.15, 74, 0.55, -24.9, "none"),
    ("arrival", 411, "Hana Weiss", "Second Room", 0.14, 60, 0.15, -26.2, "none"),
    ("arrival", 337, "Tidal Index", "Nothing Asked", 0.15, 71, 0.28, -25.0, "none"),
    ("onset", 366, "Low Meadow", "Leaning In", 0.18, 72, 0.42, -24.0, "none"),
    ("onset", 295, "Verdel Quartet", "Chaconne for Empty Hall", 0.22, 76, 0.38, -22.8, "none"),
    ("onset", 431, "Sora Lindqvist", "Under the Ice the River", 0.25, 80, 0.61, -22.4, "none"),
    ("onset", 410, "Tidal Index", "Edge of the Known Map", 0.29, 83, 0.58, -21.5, "unknown"),
    ("peak", 512, "Monastery of St. Ilia", "Kontakion (field recording)", 0.35, 64, 0.18, -20.9, "wordless"),
    ("peak", 402, "Orrin & the Long Field", "Horses", 0.41, 88, 0.66, -20.2, "none"),
    ("peak", 366, "Sora Lindqvist", "Cathedral Weather", 0.46, 92, 0.72, -19.1, "none"),
    ("peak", 618, "Verdel Quartet", "The Whole of the Sky, in Nine Parts", 0.49, 90, 0.64, -18.6, "none"),
    ("peak", 355, "Ama Sefu", "Mother, Carry Me", 0.47, 95, 0.81, -19.0, "wordless"),
    ("peak", 333, "<script>alert('x')</script>", "</title><b>Bold & Brave</b>", 0.55, 98, 0.86, -15.9, "none"),
    ("peak", 391, "Kestrel Choir", "Agnus (after Barber)", 0.43, 70, 0.20, -19.8, "wordless"),
    ("peak", 322, "Low Meadow", "Wide, Wider", 0.42, 84, 0.49, -20.3, "none"),
    ("return", 385, "Hana Weiss", "Third Room, With Windows", 0.37, 82, 0.52, -21.0, "none"),
    ("return", 311, "Delia Oyelaran", "Tell It Gently", 0.35, 86, 0.74, -21.2, "words"),
    ("return", 404, "Noor & Elm", "Bread on the Table", 0.31, 84, 0.69, -21.9, "words"),
    ("return", 367, "Tidal Index", "A Long Way Round", 0.28, 78, 0.44, -22.3, "none"),
    ("return", 298, "Delia Oyelaran", "Sunday Clothes", 0.26, 80, 0.70, -22.8, "words"),
    ("return", 336, "Sora Lindqvist", "Thaw", 0.23, 74, 0.40, -23.1, "none"),
    ("return", 301, "Verdel Quartet", "Lullaby in an Old Tuning", 0.21, 70, 0.33, -23.4, "none"),
    ("grounding", 287, "Ama Sefu", "Feet on Red Earth", 0.19, 76, 0.62, -23.5, "none"),
    ("grounding", 263, "Noor & Elm", "Kettle", 0.17, 72, 0.51, -24.2, "words"),
    ("grounding", 244, "Low Meadow", "Here", 0.16, 68, 0.29, -24.6, "none"),
    ("grounding", 222, "Kestrel Choir", "Evening, Sanft und Klar – für die Müden", 0.15, 66, 0.17, -25.1, "wordless"),
    ("grounding", 178, "Hana Weiss", "Door Ajar", 0.13, 62, 0.13, -26.0, "none"),
)  # fmt: skip
TAIL = (
    ("tail", 462, "Orrin & the Long Field", "Field, After", 0.12, 60, 0.11, -26.5, "none"),
    ("tail", 498, "Tidal Index", "Nothing More Asked", 0.11, 58, 0.09, -27.0, "none"),
)


def features(
    energy: float, tempo: float, clarity: float, loudness: float, voice: str, seconds: int
) -> Features:
    shape = [math.sin(math.pi * (each + 0.5) / seconds) for each in range(seconds)]
    ripple = [0.02 * math.sin(each / 9) for each in range(seconds)]
    curve = [max(0.0, energy + 0.06 * (s - 0.64) + r) for s, r in zip(shape, ripple, strict=True)]
    loud = [loudness + 5 * (s - 0.7) + 30 * r for s, r in zip(shape, ripple, strict=True)]
    return Features(
        tempo=float(tempo),
        pulse_clarity=clarity,
        energy=energy,
        energy_start=curve[0],
        energy_end=curve[-1],
        loudness=loudness,
        loudness_start=loudness - 1.0,
        loudness_end=loudness - 1.5,
        loudness_range=6.5,
        true_peak=-1.8,
        brightness=0.3,
        percussiveness=clarity / 2,
        key="D",
        mode="minor" if energy > 0.3 else "major",
        timbre=(0.25, -0.5, energy),
        energy_curve=Curve(curve, 0.001),
        loudness_curve=Curve(loud, 0.01),
        fades=clarity < 0.3,
        vocals=voice,  # type: ignore[arg-type]
    )


def track(number: int, seconds: int, artist: str, title: str) -> Track:
    name = f"{number:02} {title}".replace("/", "_").replace("<", "_").replace(">", "_")
    return Track(
        id=f"t{number:02}",
        path=f"/music/{artist.replace('/', '_')}/{name}.flac",
        uri=f"spotify:track:{number:022}",
        title=title,
        artist=artist,
        album="Music for a Quiet Room",
        isrc=f"XXAAA26{number:05}",
        genre="ambient",
        duration=float(seconds),
    )


def _slots(rows: tuple[tuple[object, ...], ...], start: float, first: int) -> tuple[Slot, ...]:
    slots = []
    for number, (phase, seconds, artist, title, *heard) in enumerate(rows, first):
        slots.append(
            Slot(
                phase=str(phase),
                start=start,
                duration=float(seconds),  # type: ignore[arg-type]
                track=track(number, seconds, artist, title),  # type: ignore[arg-type]
                features=features(*heard, seconds),  # type: ignore[arg-type,misc]
                reason=f"energy {heard[0]} fits the target; a soft join from the one before",
                costs={"energy": 0.125, "joins": 0.5},
            )
        )
        start += slots[-1].duration
    return tuple(slots)


def three_hours() -> Plan:
    slots = _slots(TRACKS, 0.0, 1)
    phases = []
    start = target = 0.0
    for phase in PHASES:
        end = max(slot.end for slot in slots if slot.phase == phase.name)
        aim = target + phase.minutes.default * 60
        phases.append(PlannedPhase(phase.name, start, end, target, aim, end - aim))
        start, target = end, aim
    spare = features(0.44, 88, 0.6, -20.5, "none", 300)
    calm = features(0.12, 60, 0.1, -27.0, "none", 600)
    return Plan(
        name="Thursday morning",
        session=Session(
            template=TEMPLATE,
            name="Thursday morning",
            variants=("first session", "sound-sensitive"),
            minutes={"peak": 55.0},
            pins=(Pin("t14", phase="peak"), Pin("t01", phase="arrival", place="first")),
            excluded_tracks=frozenset({"t90", "t91"}),
            excluded_artists=frozenset({"Brass Parade"}),
            used_tracks=frozenset({"heard-last-time"}),
            seed=7,
        ),
        phases=tuple(phases),
        slots=slots,
        reserves={
            "peak": (
                Reserve(track(41, 300, "Kestrel Choir", "Held"), spare, "same energy, no voice"),
                Reserve(track(42, 360, "Noor & Elm", "Salt"), spare, "a little calmer"),
            ),
            "return": (
                Reserve(track(43, 320, "Low Meadow", "Back Along the Shore"), spare, "close in timbre"),
            ),
            "grounding now": (
                Reserve(track(44, 620, "Tidal Index", "Floor"), calm, "nothing sudden, can be repeated"),
                Reserve(track(45, 590, "Hana Weiss", "Low Lamp"), calm, "nothing sudden, can be repeated"),
            ),
        },
        tail=_slots(TAIL, slots[-1].end, 31),
        shortfalls=(
            Shortfall(
                "peak", 2.5, "vocals", "peak lacks 2.5 min without words; import more or allow voice there."
            ),
        ),
        warnings=("Edge of the Known Map: its voice is unknown; listen to it first.",),
        score=Score(11.75, {"energy": 4.5, "joins": 6.25, "boundaries": 1.0}),
        certificate=Certificate(0.02, False, "250 candidates, whole seconds"),
    )
