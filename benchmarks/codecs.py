"""How far features move when the same music is encoded, resampled, mixed down, softer, or covered with hiss.

usage: python benchmarks/codecs.py FILE...

Needs the program ffmpeg. Twenty seconds from the tenth on of each file become FLAC, the FLAC every other version, and
each is heard with voice. Prints for each version the change from the FLAC that nine in ten pieces stay within, with the
median change in brackets, and in how many pieces the tempo (where both are clear), what counts as clear or as music, the key
and the voice differ.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

# One thread as in the workers of a scan, before numpy is imported.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np

from playlistkit.audio import listen
from playlistkit.model import FELT, Features

START, SECONDS = 10, 20
HISS = "anoisesrc=r=44100:a=0.0055:seed=1,aformat=channel_layouts=stereo[hiss];[0:a][hiss]amix=duration=first:normalize=0"  # -50 dBFS
VERSIONS = {
    "MP3 128": ("mp3", ("-c:a", "libmp3lame", "-b:a", "128k")),
    "MP3 64": ("mp3", ("-c:a", "libmp3lame", "-b:a", "64k")),
    "AAC 96": ("m4a", ("-c:a", "aac", "-b:a", "96k")),
    "Opus 48": ("opus", ("-c:a", "libopus", "-b:a", "48k")),
    "hiss": ("flac", ("-filter_complex", HISS)),
    "mono": ("flac", ("-ac", "1")),
    "22 kHz": ("flac", ("-ar", "22050")),
    "12 dB softer": ("flac", ("-af", "volume=-12dB")),
}
NUMBERS = (
    "loudness", "loudness_range", "swell", "jolt", "intensity", "activation", "energy", "onset_rate", "brightness",
    "percussiveness", "pulse_clarity", "key_clarity", "music_probability", "vocals_probability",
)  # fmt: skip
NOT_MUSIC = 0.3


def made(source: Path, target: Path, *options: str) -> Path:
    """One file as another, by ffmpeg."""
    command = [
        "ffmpeg",
        "-nostdin",
        "-loglevel",
        "error",
        "-y",
        "-i",
        source,
        "-map_metadata",
        "-1",
        *options,
    ]
    subprocess.run([*command, target], check=True)
    return target


def heard(path: Path) -> dict[str, Features]:
    """The features of every version, the FLAC's under ""."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("-ss", str(START), "-t", str(SECONDS), "-vn", "-ar", "44100", "-ac", "2")
        flac = made(path, Path(folder) / "first.flac", *options)
        others = {
            name: listen(made(flac, Path(folder) / f"version.{suffix}", *options)).features
            for name, (suffix, options) in VERSIONS.items()
        }
        return {"": listen(flac).features, **others}


def differs(first: Features, other: Features) -> dict[str, bool]:
    """What is told differently."""
    clear = [(each.pulse_clarity or 0.0) >= FELT for each in (first, other)]
    tempi = [each.tempo or 0.0 for each in (first, other)]
    music = [(each.music_probability or 0.0) >= NOT_MUSIC for each in (first, other)]
    return {
        "tempo": all(clear) and abs(tempi[1] / tempi[0] - 1) > 0.04,
        "clear or not": clear[0] != clear[1],
        "key": (first.key, first.mode) != (other.key, other.mode),
        "music or not": music[0] != music[1],
        "voice": first.vocals != other.vocals,
    }


def main(*files: str) -> None:
    pieces = [heard(Path(file)) for file in files]
    print(f"{len(pieces)} pieces\n\n| | {' | '.join(VERSIONS)} |\n|{' --- |' * (len(VERSIONS) + 1)}")
    for feature in NUMBERS:
        told = []
        for name in VERSIONS:
            pairs = [(getattr(each[""], feature), getattr(each[name], feature)) for each in pieces]
            change = [abs(other - first) for first, other in pairs if first is not None and other is not None]
            told.append(f"{np.quantile(change, 0.9):.2f} ({np.median(change):.2f})")
        print(f"| {feature} | {' | '.join(told)} |")
    for what in differs(pieces[0][""], pieces[0][""]):
        counts = [sum(differs(each[""], each[name])[what] for each in pieces) for name in VERSIONS]
        print(f"| {what} differs in | {' | '.join(map(str, counts))} |")


if __name__ == "__main__":
    if len(sys.argv) < 2 or "--help" in sys.argv:
        sys.exit(__doc__)
    main(*sys.argv[1:])
