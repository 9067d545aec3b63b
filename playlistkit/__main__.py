"""`playlistkit` and `python -m playlistkit`."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line. Ctrl-C while it is still being loaded ends it as at any other time."""
    try:
        from playlistkit.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What was finished is kept.\n")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
