"""`python -m playlistkit`."""

from playlistkit.cli import main

main()
