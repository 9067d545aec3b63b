"""A template written in the script, a variant of it, and minutes of one's own.

Run: python examples/own_template.py
"""

import playlistkit as pk

TEXT = """
name: A quiet hour
phases:
  - name: settle
    stands_for: arrival
    minutes: {default: 15, min: 10, max: 20}
    energy: [0.10, 0.20]
    vocals: none
  - name: listen
    stands_for: peak
    minutes: {default: 30, min: 20, max: 40}
    energy: [[0, 0.20], [0.6, 0.40], [1, 0.30]]
    vocals: none
  - name: land
    stands_for: grounding
    minutes: {default: 15, min: 10, max: 20}
    energy: [0.30, 0.15]
variants:
  anxious: {energy: -0.08, energy_max: 0.30, minutes: {settle: 5}}
"""

if __name__ == "__main__":
    try:
        pk.parse_template(TEXT.replace("vocals", "vocal"), "hour.yaml")
    except pk.TemplateError as error:
        print(*error.faults, sep="\n")  # each with its line and the nearest valid word

    for template in (pk.parse_template(TEXT, "hour.yaml"), pk.vary(pk.parse_template(TEXT), ["anxious"])):
        print(f"{template.name}, {template.minutes:g} min")
        for phase in template.phases:
            print(f"  {phase.name}: {phase.minutes.default:g} min, energy {phase.energy}")
