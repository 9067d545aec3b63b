"""Plan from plain values: no files, no database, only what is known about each track.

Run: python examples/plan_from_values.py
"""

import playlistkit as pk

TEMPLATE = """
name: Twenty minutes
phases:
  - {name: arrival, minutes: 6, energy: [0.15, 0.25]}
  - {name: peak, minutes: 8, energy: [0.30, 0.45], vocals: none}
  - {name: grounding, minutes: 6, energy: [0.35, 0.20]}
rules:
  track_minutes: {min: 1, max: 6}
  tail_minutes: 0
"""


def tracks() -> list[pk.Candidate]:
    """Forty tracks of two to four minutes, as another program might know them."""
    return [
        pk.Candidate(
            pk.Track(
                id=f"{number:02d}",
                title=f"Track {number}",
                artist=f"Artist {number % 13}",
                duration=120.0 + 3 * number,
            ),
            pk.Features(energy=0.10 + 0.01 * number, loudness=-24.0, vocals="none"),
        )
        for number in range(40)
    ]


if __name__ == "__main__":
    session = pk.Session(pk.parse_template(TEMPLATE))
    plan = pk.plan(session, tracks())
    for phase in plan.phases:
        print(f"{phase.name}: ends at {phase.end:.0f} s, {phase.residual:+.0f} s from its target")
    for slot in plan.slots:
        print(f"{slot.start:6.0f} s  {slot.track.title}  energy {slot.features.energy:.2f}")
    print(plan.certificate)
