"""What is wrong with a playlist that somebody else made.

Run: python examples/check_a_playlist.py PLAYLIST [TEMPLATE]
"""

import sys
import tempfile
from pathlib import Path

import playlistkit as pk


def main(playlist: str, template: str = "phases") -> None:
    """Print what `playlist` does that `template` would not."""
    with tempfile.TemporaryDirectory() as scratch, pk.Library(Path(scratch) / "music.db") as library:
        report = pk.check(playlist, library, template=template)
    for finding in report.findings:
        print(f"{finding.where}: {finding.text}")
    print(f"{len(report.findings)} findings")


if __name__ == "__main__":
    main(*sys.argv[1:3])
