"""How fast tables are read and imported: `python benchmarks/tables.py [ROWS]`; prints its table.

The baseline is Python's own `csv.reader` over the same text, in the same run. Medians of three runs each, in seconds of processor time: all of it runs in one thread.
"""

from __future__ import annotations

import csv
import io
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playlistkit.library import Library
from playlistkit.sources import table
from playlistkit.workflow.music.tables import import_tables

HEADER = (
    "Track URI,Track Name,Album Name,Artist Name(s),Release Date,Duration (ms),Popularity,Explicit,Added By,"
    "Added At,Genres,Record Label,Danceability,Energy,Key,Loudness,Mode,Speechiness,Acousticness,"
    "Instrumentalness,Liveness,Valence,Tempo,Time Signature"
)


def export(rows: int) -> str:
    """An export of so many made tracks."""
    chance = random.Random(1)
    lines = [
        f'spotify:track:{number:022d},"Piece {number}, in blue",Album {number % 999},"Artist {number % 777};Guest",'
        f'2001-05-{1 + number % 28:02d},{chance.randrange(90_000, 900_000)},12,false,,2025-01-06T22:15:38Z,"ambient,'
        f'drone",Label,0.2,{chance.random():.3f},{number % 12},{-30 * chance.random():.2f},{number % 2},0.03,0.9,0.88,'
        f"0.1,0.05,{50 + 90 * chance.random():.3f},4"
        for number in range(rows)
    ]
    return "\n".join([HEADER, *lines])


def seconds(work: Callable[[], object]) -> float:
    """The median of three runs."""
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    text = export(rows)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "export.csv"
        file.write_text(text, encoding="utf-8")
        libraries = iter(range(9))

        def into_a_new_library() -> None:
            with Library(Path(folder) / f"{next(libraries)}.db") as library:
                import_tables(library, file)

        def into_the_same_library() -> None:
            with Library(Path(folder) / "0.db") as library:
                import_tables(library, file)

        baseline = seconds(lambda: list(csv.reader(io.StringIO(text))))
        print(f"{rows} rows, {len(text) / 1e6:.0f} MB")
        print("| work | processor seconds | times csv.reader |\n| --- | --- | --- |")
        for name, took in (
            ("csv.reader", baseline),
            ("read the table", seconds(lambda: table.read(file))),
            ("import into a new library", seconds(into_a_new_library)),
            ("import again", seconds(into_the_same_library)),
        ):
            print(f"| {name} | {took:.1f} | {took / baseline:.0f} |")


if __name__ == "__main__":
    main()
