"""Scan a folder, build a session, write a playlist and the session sheet.

Run: python examples/folder_to_playlist.py [MUSIC_FOLDER] [OUTPUT_FOLDER]
"""

import sys
from pathlib import Path

import playlistkit as pk

DEMO = Path(pk.__file__).parent / "demo"


def main(music: Path, output: Path) -> None:
    """Scan `music`, and write what a session needs into `output`."""
    output.mkdir(parents=True, exist_ok=True)
    template = pk.load_template(DEMO / "demo.yaml")  # for real music: pk.load_template(), three hours
    with pk.Library(output / "music.db") as library:
        pk.scan(library, music)
        try:
            plan = pk.build(template, library, seed=1)
        except pk.ShortfallError as error:
            for shortfall in error.shortfalls:
                print(f"{shortfall.phase} lacks {shortfall.minutes:.1f} min: {shortfall.text}")
            raise SystemExit(3) from error
    for warning in pk.export(plan, output / "session.m3u8", output / "session.html"):
        print(f"careful: {warning}")
    for slot in plan.slots:
        print(f"{slot.start:6.0f} s  {slot.phase:10}  {slot.track.title}: {slot.reason}")


if __name__ == "__main__":
    arguments = [Path(argument) for argument in sys.argv[1:]]
    main(*(arguments + [DEMO, Path("example-session")][len(arguments) :]))
