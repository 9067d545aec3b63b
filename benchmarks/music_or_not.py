"""Which kinds of sound a plan would take for music.

usage: python benchmarks/music_or_not.py FOLDER

FOLDER has a folder for each kind of sound (`crying`, `alarm`, `piano`, ...), with audio files of any length. Of each file
the first minutes are heard, with voice. Prints for each kind how many files there are, how many are below `NOT_MUSIC`, how many
are spoken for longer than a session takes (`SPEECH_SECONDS`), how many of the rest only repeat their first half minute
(`REPEATED`), and how many a plan takes for music; then the names of these last.
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from playlistkit import analysis
from playlistkit.analysis.scale import NOT_MUSIC
from playlistkit.audio import open_audio
from playlistkit.errors import AudioError
from playlistkit.model import Features
from playlistkit.objective.music import REPEATED, SPEECH_SECONDS

SECONDS = 180


def hear(path: Path) -> Features | None:
    """What a file sounds like; `None` if it can't be read or hardly sounds."""
    try:
        with open_audio(path) as stream:
            blocks = islice(stream.blocks(), max(1, SECONDS * stream.rate // 2**15))
            features = analysis.analyze(blocks, stream.rate)
    except AudioError as error:
        print(error, file=sys.stderr)
        return None
    return None if features.music_probability is None else features


def main(folder: str) -> None:
    paths = sorted(path for path in Path(folder).glob("*/*") if path.is_file())
    with ProcessPoolExecutor() as pool:
        heard = dict(zip(paths, pool.map(hear, paths, chunksize=4), strict=True))
    print(f"{'kind':<24} {'files':>5} {'no music':>8} {'spoken':>6} {'loops':>5} {'taken for music':>15}")
    for kind in sorted({path.parent.name for path in paths}):
        known = {path.stem: answer for path, answer in heard.items() if answer and path.parent.name == kind}
        noise = {name for name, each in known.items() if (each.music_probability or 0) < NOT_MUSIC}
        spoken = {name for name, each in known.items() if (each.speech or 0) > SPEECH_SECONDS} - noise
        loops = {name for name, each in known.items() if (each.repetition or 0) >= REPEATED} - noise - spoken
        taken = sorted(known.keys() - noise - spoken - loops)
        print(f"{kind:<24} {len(known):5d} {len(noise):8d} {len(spoken):6d} {len(loops):5d} {len(taken):15d}")
        if 0 < len(taken) <= len(known) // 2:
            print("    taken: " + ", ".join(taken))


if __name__ == "__main__":
    if len(sys.argv) != 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(sys.argv[1])
