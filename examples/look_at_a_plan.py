"""Look at a saved plan: slots, joins, residuals, reasons, and a picture of its arc.

Run: python examples/look_at_a_plan.py session.json [arc.png]
"""

import itertools
import sys

import playlistkit as pk


def main(path: str, picture: str | None = None) -> None:
    """Print a plan, and draw it if `picture` is given."""
    plan = pk.load_plan(path)
    print(pk.arc_text(plan, width=100, color=False))
    for one, two in itertools.pairwise(plan.slots):
        end, start = one.features.loudness_end, two.features.loudness_start
        if end is not None and start is not None:
            print(f"{two.start:6.0f} s  {one.track.title} -> {two.track.title}: {start - end:+.1f} LU")
    if picture is not None:
        pk.arc_figure(plan).savefig(picture)


if __name__ == "__main__":
    main(*sys.argv[1:3])
