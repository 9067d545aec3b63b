"""``python -m playlistkit.player FOLDER``: the process that plays; started by `playlistkit.player.start`."""

import sys

from playlistkit.player.process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
